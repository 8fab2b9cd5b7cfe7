package chatscript

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"bank": act(2, "bank LAST4 REASON: the bank declines that kept card from now on, for Stripe's reason; pays lets it pay again", func(args []string) error {
				s.world.Stripe.Block(args[0], strings.TrimPrefix(args[1], "pays"))
				return nil
			}),
			"confirm":    s.confirm,
			"cards-kept": act(1, "cards-kept N: so many cards Stripe keeps for anybody", s.cardsKept),
		}
	})
}

// confirm LABEL yes|no: the button leads to the bank's page, where the
// cardholder confirms the payment or does not, and comes back.
func (s *story) confirm(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: confirm LABEL yes|no")
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	link := s.me().Link(args[0])
	if link == "" {
		ts.Fatalf("there is no button %q:\n%s", args[0], s.me().Screen())
	}
	resp, err := client.Get(link)
	if err != nil {
		ts.Fatalf("open: %v", err)
	}
	resp.Body.Close()
	at := resp.Header.Get("Location")
	if !strings.Contains(at, "/a/pi_") {
		ts.Fatalf("the link leads to %q, not to the bank", at)
	}
	if !s.world.Stripe.AuthenticateIntent(at[strings.LastIndex(at, "/")+1:], args[1] == "yes") {
		ts.Fatalf("the bank does not ask any more")
	}
	s.rest()
	if err := s.open(link + "/done"); err != nil {
		ts.Fatalf("come back: %v", err)
	}
	s.rest()
}

func (s *story) cardsKept(args []string) error {
	if n := s.world.Stripe.Attached(); fmt.Sprint(n) != args[0] {
		return fmt.Errorf("Stripe keeps %d cards", n)
	}
	return nil
}
