package chatscript

import (
	"fmt"
	"strings"

	"github.com/soukchat/souk/config"
)

func init() {
	const account = "acct_kiln1234"
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"pays-brands": act(0, "pays-brands: the brand has an account, the shop keeps a tenth", func([]string) error {
				s.world.Stripe.Connect(account, true)
				cfg := *s.config
				b := cfg.Brands["kiln"]
				b.Payout = config.BrandPayout{Account: account, Keep: "10", HoldDays: 14}
				cfg.Brands = map[string]config.Brand{"kiln": b}
				return s.reload(&cfg)
			}),
			"brand-has": act(1, "brand-has [CURRENCY] AMOUNT: on its account", func(args []string) error {
				currency := "eur"
				if len(args) == 2 {
					currency, args = strings.ToLower(args[0]), args[1:]
				}
				n := s.world.Stripe.Connected(account, currency)
				return expect([]string{"amount=" + args[0]}, map[string]string{"amount": fmt.Sprintf("%d.%02d", n/100, n%100)})
			}),
		}
	})
}
