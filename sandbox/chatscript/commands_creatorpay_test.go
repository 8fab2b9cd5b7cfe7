package chatscript

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/config"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"pays-creators": act(0, "pays-creators: in money, from 3 on; Ann is the creator Mira", func([]string) error {
				cfg := *s.config
				cfg.Earnings.Pay, cfg.Earnings.Minimum = "money", "3"
				mira, ann := cfg.Creators["mira"], s.world.People[0]
				if s.platform == "telegram" {
					mira.Telegram = strconv.FormatInt(ann.Telegram, 10)
				} else {
					mira.Discord = ann.Discord
				}
				all := map[string]config.Creator{}
				for name, c := range cfg.Creators {
					all[name] = c
				}
				all["mira"], cfg.Creators = mira, all
				return s.reload(&cfg)
			}),
			"set-up": act(1, "set-up LABEL: goes to Stripe's page behind a button and sets an account up", func(args []string) error {
				link := s.me().Link(args[0])
				if link == "" {
					return fmt.Errorf("there is no link %q", args[0])
				}
				back, err := s.world.Stripe.SetUp(link)
				if err == nil && !strings.HasSuffix(back, "/connected") {
					err = errors.New("Stripe's page leads to " + back)
				}
				return err
			}),
			"creator-has": act(1, "creator-has AMOUNT: euros on the accounts of all creators", func(args []string) error {
				n := int64(0)
				err := s.world.App.DB.Read(s.ctx, func(tx *database.Tx) error {
					return tx.Rows(`SELECT account FROM creator_accounts`, nil, func(scan func(...any) error) error {
						var account string
						err := scan(&account)
						n += s.world.Stripe.Connected(account, "eur")
						return err
					})
				})
				if err != nil {
					return err
				}
				return expect([]string{"amount=" + args[0]}, map[string]string{"amount": fmt.Sprintf("%d.%02d", n/100, n%100)})
			}),
			"takes-back": act(0, "takes-back: somebody at the shop takes the last transfer to a creator back, on Stripe's pages", func([]string) error {
				var transfer string
				var amount commerce.Money
				if err := s.world.App.DB.Read(s.ctx, func(tx *database.Tx) error {
					return tx.Row(`SELECT transfer, amount, currency FROM creator_payouts WHERE state = 'sent' ORDER BY created_at DESC LIMIT 1`).Scan(&transfer, &amount.Amount, &amount.Currency)
				}); err != nil {
					return err
				}
				_, err := s.world.App.Pay.Reverse(s.ctx, payments.Reversal{Transfer: transfer, Amount: amount, Key: "by hand"})
				return err
			}),
		}
	})
}
