package shop_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
)

var home = map[string]string{"name": "Ann Miller", "street": "Rose Street 1", "postcode": "10115", "city": "Berlin", "country": "Germany"}

// order brings somebody from a pick to an order that waits for its payment.
func (p *person) order() orders.Order {
	p.w.Helper()
	p.do("pick cuppick")
	p.tap("Add to cart")
	p.tap("Cart (1)")
	if p.tap("Checkout").Form != nil {
		p.fill(home)
	}
	if p.last.Menu != nil {
	}
	p.tap("Order and pay")
	return p.placed()
}

// placed is the order the last screen shows.
func (p *person) placed() orders.Order {
	p.w.Helper()
	words := p.last.Path.Words()
	if len(words) != 2 || words[0] != "order" {
		p.w.Fatalf("no order is shown:\n%s", plain(p.last))
	}
	o, err := p.w.checkout.Orders().Get(p.w.ctx, commerce.OrderID(words[1]))
	p.w.must(err)
	return o
}

// pay pays behind the pay link, and lets the shop hear of it.
func (w *world) pay(o orders.Order, card string) {
	w.Helper()
	e, err := w.checkout.Enter(w.ctx, o.Token)
	w.must(err)
	_, err = w.stripe.Pay(e.Redirect, card)
	w.must(err)
	w.rest(2 * time.Minute)
}

func (w *world) rest(d time.Duration) {
	w.Helper()
	for ; d >= 0; d -= 20 * time.Second {
		for {
			n, err := w.checkout.Step(w.ctx)
			w.must(err)
			if n == 0 {
				break
			}
		}
		w.clock.Wait(20 * time.Second)
	}
}

func TestPurchase(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.do("start")
		ann.sees("The Test Shop", "Hello ann", "[✨ Picks for you]")
		ann.tap("Picks for you")
		ann.sees("My morning cup — Mira", "Summer shirt")
		ann.misses("Cards") // noor is neither featured nor followed
		ann.tap("My morning cup")
		ann.sees("by Mira", "I drink from it every day.", "€11.90", "€15.00", "3 left")
		ann.notice(ann.tap("Add to cart"), "In your cart: Cup, €11.90")
		ann.sees("My morning cup", "Cart (1)")
		ann.tap("Cart (1)")
		ann.sees("1 × Cup — €11.90", "Goods: €11.90")
		ann.tap("Checkout")
		if ann.last.Form == nil {
			t.Fatalf("no address is asked for:\n%s", plain(ann.last))
		}
		ann.fill(home)
		ann.sees("(Address kept.)", "Post (2–4 days) — €4.90") // the brand's first is proposed
		ann.tap("Change shipping")
		ann.sees("How should it be sent?", "Express — €9.90", "2–4 days")
		ann.tap("Post")
		ann.sees("1 × Cup — €11.90", "Shipping: Post (2–4 days) — €4.90", "includes VAT 19 %: €2.68", "Total: €16.80",
			"Rose Street 1", "10115 Berlin", "Germany", "[Order and pay €16.80]")
		ann.tap("Order and pay")
		o := ann.placed()
		ann.sees("Kept for you for 15 minutes", "[Pay €16.80] https://shop.example.com/p/"+o.Token, "[Cancel order]")
		if l := o.Lines[0]; l.Pick != "cuppick" || l.Creator != "mira" || o.Community != "club" || o.Locale != "en-GB" {
			t.Errorf("the order does not know where it came from: %+v", o)
		}
		w.pay(o, visa)
		ann.do("order " + string(o.ID))
		ann.sees("paid, it will be sent soon", "[Order again]")
		ann.misses("[Pay")
		ann.do("cart")
		ann.sees("Your cart is empty")

		// The next time nothing is asked.
		ann.do("again " + string(o.ID))
		ann.sees("(All of it is in your cart again.)", "1 × Cup")
		ann.tap("Checkout")
		ann.sees("Total: €16.80", "Rose Street 1")
	})
}

// The same purchase where a form's questions come one after another.
func TestFormStepByStep(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.do("cart add " + string(w.product("cup").Variants[0].ID))
		ann.do("checkout")
		ann.sees("Where should the parcel go?", "? Name", "Keep “ann”")
		old := ann.last
		ann.tap("Keep “ann”") // the name the platform tells
		ann.sees("? Street and number")
		ann.tapOn(old, "Keep “ann”", &bots.Message{ID: "1"}) // an older question's: it answers no other one
		ann.sees("Please write an answer.", "? Street and number")
		ann.say("Rose Street 1")
		ann.say("1011")
		ann.say("Berlin")
		ann.sees("? Country")
		ann.say("Germany")
		ann.sees("That is no postcode of Germany. One looks like 10115.", "? Postcode")
		ann.misses("Keep “")
		ann.say("10115")
		ann.sees("Post (2–4 days) — €4.90")
		ann.tap("Change address")
		ann.sees("? Name")
		ann.say("Ann M.")
		ann.say(".") // as the button does
		ann.tap("Keep “10115”")
		ann.say(".")
		ann.say("Atlantis")
		ann.sees("We do not know the country “Atlantis”", "? Country")
		ann.say("Austria")
		ann.sees("That is no postcode of Austria", "? Postcode")
		ann.say("1010")
		ann.sees("Ann M.", "Rose Street 1", "1010 Berlin", "Austria") // one way to ship there: no question
		ann.tap("Change address")
		ann.tap("Cancel")
		ann.sees("Your cart")
		ann.say("shirt") // no form is open any more: a search
		ann.sees("Linen shirt")
		ann.do("checkout address")
		ann.say(strings.Repeat("x", 101))
		ann.sees("too long: 100 characters fit", "? Name")
		ann.do("help")
		ann.say("tea")
		ann.sees("results for “tea”")
	})
}

// A form that was filled wrongly all at once asks for what was wrong, and
// knows the rest when it is opened again.
func TestFormFilledWrongly(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.do("cart add " + string(w.product("cup").Variants[0].ID))
		ann.do("checkout")
		wrong := map[string]string{"name": "Ann", "street": "Rose 1", "postcode": "x", "city": "Berlin", "country": "DE"}
		ann.fill(wrong)
		ann.sees("That is no postcode of Germany", "? Postcode")
		ann.do(string(ann.last.Path))
		for _, f := range ann.last.Form.Fields {
			if f.Value != wrong[f.Key] {
				t.Errorf("field %s holds %q, want %q", f.Key, f.Value, wrong[f.Key])
			}
		}
		ann.fill(home)
		ann.sees("Post (2–4 days) — €4.90")
	})
}

func TestPriceChanges(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.do("cart pick cuppick")
		ann.do("cart")
		before := ann.last
		w.feed(strings.ReplaceAll(acme(), "11.90", "12.90"))
		ann.tapOn(before, "Checkout", nil)
		ann.sees("€11.90 → €12.90 each", "A price has changed", "[Accept the new prices]")
		ann.misses("[Checkout]")
		old := ann.last
		w.feed(strings.ReplaceAll(acme(), "11.90", "13.90"))
		ann.tapOn(old, "Accept", nil)
		ann.sees("(The prices have changed once more. Please look again.)", "€11.90 → €13.90")
		ann.tap("Accept the new prices")
		ann.sees("(New prices accepted.)", "[Checkout]")
		ann.misses("→")
		// Adding one more does not swallow a change either.
		w.feed(acme())
		ann.do("cart pick cuppick")
		ann.do("cart")
		ann.sees("2 × Cup", "€13.90 → €11.90")

		// The price changes while the quote is on the screen.
		ann.tap("Accept")
		ann.tap("Checkout")
		ann.fill(home)
		quote := ann.last
		w.feed(strings.ReplaceAll(acme(), "11.90", "12.90"))
		ann.tapOn(quote, "Order and pay", nil)
		ann.sees("€11.90 → €12.90")
		if page, err := w.checkout.Orders().OfMember(w.ctx, w.member("ann"), "", 5); err != nil || len(page.Items) != 0 {
			t.Errorf("an order at a price nobody agreed to: %+v %v", page.Items, err)
		}
	})
}

func (w *world) member(account string) commerce.MemberID {
	w.Helper()
	m, err := w.members.Find(w.ctx, "stepwise", account)
	w.must(err)
	return m.ID
}

func TestLastUnit(t *testing.T) {
	each(t, func(w *world) {
		ann, ben := w.person("ann"), w.person("ben")
		for _, p := range []*person{ann, ben} {
			p.do("cart pick lamppick")
			p.notice(p.do("cart pick lamppick"), "There is only 1, and you have it.")
			p.do("checkout")
			p.fill(home)
		}
		quote := ben.last
		ann.tap("Order and pay")
		o := ann.placed()
		ben.tapOn(quote, "Order and pay", nil)
		ben.sees("Lamp", "sold out", "[Take what there is]")
		ben.tap("Take what there is")
		ben.sees("Your cart is empty")

		// Ann's own hold does not stand in her way.
		ann.do("cart")
		ann.sees("1 × Lamp — €50.00", "[Checkout]")
		ann.tap("Checkout")
		ann.tap("Order and pay")
		if again := ann.placed(); again.ID != o.ID {
			t.Errorf("a second order %s beside %s", again.ID, o.ID)
		}
		ann.tap("Cancel order")
		ann.sees("(Order cancelled. Your cart is as it was.)", "1 × Lamp", "[Checkout]")
		ben.do("pick lamppick")
		ben.sees("only 1 left", "[Add to cart]")
	})
}

func TestSoldOutWhileTheQuoteIsShown(t *testing.T) {
	each(t, func(w *world) {
		ann, ben := w.person("ann"), w.person("ben")
		for _, p := range []*person{ann, ben} {
			for range 2 {
				p.do("cart pick cuppick")
			}
			p.do("checkout")
			p.fill(home)
		}
		ann.tap("Order and pay")
		ann.placed()
		ben.tap("Order and pay")
		ben.sees("2 × Cup — only 1 left", "[Take what there is]")
		ben.tap("Take what there is")
		ben.sees("(Your cart holds only what there is now.)", "1 × Cup — €11.90", "[Checkout]")
	})
}

func TestStrangersButtons(t *testing.T) {
	each(t, func(w *world) {
		ann, eve := w.person("ann"), w.person("eve")
		o := ann.order()
		shown := ann.last
		for _, action := range []string{"order " + string(o.ID), "order cancel " + string(o.ID), "again " + string(o.ID)} {
			s := eve.do(action)
			if !strings.Contains(s.Notice, "There is no such order of yours.") {
				t.Errorf("%s: notice %q", action, s.Notice)
			}
			eve.misses("Rose Street", "Cup", "€16.80", o.Token)
		}
		eve.tapOn(shown, "Cancel order", &bots.Message{ID: "1"})
		if now, err := w.checkout.Orders().Get(w.ctx, o.ID); err != nil || now.State != orders.Pending {
			t.Errorf("eve cancelled ann's order: %v %v", now.State, err)
		}
		eve.do("cart")
		eve.sees("Your cart is empty")
		eve.do("orders")
		eve.sees("You have not ordered anything yet.")
		ann.do("orders")
		ann.sees("waiting for payment", "€16.80")
	})
}

func TestNoticesHeadTheNextScreen(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		o := ann.order()
		w.pay(o, visa)
		due, err := w.notices.Lease(w.ctx, "worker", []notices.Rank{notices.Personal}, 10, time.Minute)
		w.must(err)
		for _, n := range due {
			s, err := w.shop.RenderNotice(w.ctx, n)
			w.must(err)
			w.must(s.Check())
			if n.Kind != notices.OrderPaid || !strings.Contains(plain(s), "is paid.") || !strings.Contains(plain(s), "€16.80") {
				t.Errorf("%s: %s", n.Kind, plain(s))
			}
			w.must(w.notices.Unreachable(w.ctx, "worker", n.ID, "closed"))
			w.shop.Waiting(n.Member)
		}
		if len(due) != 1 {
			t.Fatalf("%d notices", len(due))
		}
		ann.group = true
		ann.do("help")
		ann.misses("is paid.")
		ann.group = false
		first := ann.do("help")
		ann.sees("Thank you! Order", "is paid.", "What you can do here")
		if again := ann.send(bots.Event{ID: ann.lastID, Kind: bots.Do, Action: "help"}); plain(again) != plain(first) {
			t.Errorf("the event delivered again shows something else:\n%s", plain(again))
		}
		ann.do("help")
		ann.misses("is paid.")
	})
}

func TestEveryNotice(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.locale = "de"
		ann.do("cart pick cuppick")
		ann.do("checkout")
		ann.fill(home)
		ann.tap("Zahlungspflichtig")
		o := ann.placed()
		for kind, want := range map[string]string{
			notices.OrderPaid: "ist bezahlt", notices.OrderShipped: "auf dem Weg", notices.OrderCancelled: "storniert",
			notices.OrderRefunded: "erstattet", notices.OrderLate: "nach Ablauf", notices.OrderLapsed: "nicht rechtzeitig",
			notices.StaffOrder: "1 Artikel, bezahlt", notices.StaffRefund: "nicht angekommen", notices.StaffDispute: "angefochten",
		} {
			s, err := w.shop.RenderNotice(w.ctx, notices.Notice{Kind: kind, Member: o.Member, Args: map[string]string{"order": string(o.ID)}})
			w.must(err)
			if err := s.Check(); err != nil || !strings.Contains(plain(s), want) {
				t.Errorf("%s: %v\n%s", kind, err, plain(s))
			}
			if strings.HasPrefix(kind, "staff.") && strings.Contains(plain(s), "Rose") {
				t.Error("an address in a notice")
			}
			gone, err := w.shop.RenderNotice(w.ctx, notices.Notice{Kind: kind, Member: o.Member, Args: map[string]string{"order": "none"}})
			if err != nil || !gone.Empty() {
				t.Errorf("%s of an order that is not there: %v\n%s", kind, err, plain(gone))
			}
		}
		refused, err := w.shop.RenderNotice(w.ctx, notices.Notice{Kind: notices.ConfigRefused, Member: o.Member})
		if err != nil || refused.Check() != nil || !strings.Contains(plain(refused), "hat Fehler") {
			t.Errorf("a refused configuration: %v\n%s", err, plain(refused))
		}
		for pick, want := range map[string][]string{
			"cuppick":   {"My morning cup", "by Mira", "€11.90", "[Add to cart] cart pick cuppick", "[See details] pick cuppick", "[More by Mira]"},
			"shirtpick": {"from €30.00"}, "setpick": {"from €4.00"},
		} {
			s, err := w.shop.RenderNotice(w.ctx, notices.Notice{Kind: notices.PickPost, Bot: "bot", Chat: "group", Args: map[string]string{"pick": pick}})
			w.must(err)
			if err := s.Check(); err != nil || !s.Public || s.Picture == nil {
				t.Errorf("%s: %v %+v", pick, err, s)
			}
			for _, text := range want {
				if !strings.Contains(plain(s), text) {
					t.Errorf("%s: no %q in\n%s", pick, text, plain(s))
				}
			}
		}
	})
}
