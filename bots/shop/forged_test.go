package shop_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
)

// TestForgedShare: a changed program can press what no button says. It must not
// turn a group's post into another, nor fill the group with posts.
func TestForgedShare(t *testing.T) {
	each(t, func(w *world) {
		mallory := w.person("mallory")
		mallory.group = true
		share := bots.Path("share", string(w.product("shirt").ID))
		for _, on := range []*bots.Message{{ID: "post"}, {ID: "mine", Ephemeral: true}} {
			if s := mallory.send(bots.Event{Kind: bots.Do, Action: share, On: on}); s.Public {
				t.Errorf("a press takes the place of %+v", on)
			}
		}
		ev := mallory.event(bots.Event{Kind: bots.Do, Action: share, On: &bots.Message{Shared: "abc"}, Keep: true})
		ev.Chat = bots.Chat{}
		if s := w.shop.Handle(w.ctx, ev); s.Public {
			t.Error("a press takes the place of a shared message")
		}
		posts := 0
		for range 20 {
			if mallory.send(bots.Event{Kind: bots.Do, Action: share, On: &bots.Message{ID: "mine", Ephemeral: true}, Keep: true}).Public {
				posts++
			}
		}
		if posts != 3 {
			t.Errorf("%d posts at once, want 3", posts)
		}
		w.clock.Wait(20 * time.Second)
		if !mallory.send(bots.Event{Kind: bots.Do, Action: share, Keep: true}).Public {
			t.Error("nothing can be shared later")
		}
	})
}

// TestForgedShipping: what is kept of a member does not grow with what their
// program makes up.
func TestForgedShipping(t *testing.T) {
	each(t, func(w *world) {
		mallory := w.person("mallory")
		mallory.do("cart pick cuppick")
		mallory.do("checkout")
		mallory.fill(home)
		for i := range 10 {
			mallory.do(fmt.Sprintf("ship brand%d option%d", i, i))
			mallory.do(fmt.Sprintf("ship acme option%d", i))
		}
		mallory.sees("Post")
		mallory.do("ship acme fast")
		mallory.sees("Express")
		m, err := w.members.Find(w.ctx, "stepwise", "mallory")
		w.must(err)
		if len(m.Shipping) != 1 || m.Shipping["acme"] != "fast" {
			t.Errorf("kept: %v", m.Shipping)
		}
	})
}

// TestFasterThanPeople: a program that acts for a member is slowed down, and
// everybody else is not.
func TestFasterThanPeople(t *testing.T) {
	each(t, func(w *world) {
		mallory, ann := w.person("mallory"), w.person("ann")
		refused := 0
		for i := range 500 {
			s := mallory.do([]string{"follow mira", "unfollow mira"}[i%2])
			if strings.Contains(plain(s), "That was very fast") {
				refused++
			}
		}
		if refused < 400 {
			t.Errorf("%d of 500 refused", refused)
		}
		for range 100 { // not even as somebody new each time
			mallory.do("privacy erased")
		}
		mallory.sees("That was very fast")
		mallory.do("cart")
		mallory.sees("Your cart is empty")
		ann.do("follow mira")
		ann.sees("You follow Mira now")
		w.clock.Wait(time.Minute)
		mallory.do("follow mira")
		mallory.sees("You follow Mira now")
	})
}
