package shop_test

import (
	"strings"
	"testing"

	"github.com/soukchat/souk/bots"
)

// TestLinksOnlyShow follows links that somebody else made: what acts is not
// done, what shows is shown.
func TestLinksOnlyShow(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		for _, action := range []bots.Action{"cart pick cuppick", "follow mira", "privacy erased", "cart empty", "link code",
			"staff refund abc yes", "staff cancel abc yes", "staff ship abc"} {
			s := ann.send(bots.Event{Kind: bots.Do, Action: action, Linked: true})
			if !strings.Contains(s.Notice, "That button is from an earlier time") {
				t.Errorf("%q by a link shows\n%s", action, plain(s))
			}
		}
		if cart, err := w.live.Cart(w.ctx, w.member("ann")); err != nil || len(cart) != 0 {
			t.Errorf("cart: %v, %v", cart, err)
		}
		if s := ann.send(bots.Event{Kind: bots.Do, Action: "pick cuppick", Linked: true}); s.Path != "pick cuppick" {
			t.Errorf("a pick by a link shows\n%s", plain(s))
		}
	})
}
