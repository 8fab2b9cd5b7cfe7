package shop_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/live"
)

func TestBrowse(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.do("categories")
		ann.sees("[Clothes]", "[Food]", "[Kitchen]")
		ann.tap("Food")
		ann.sees("Tea no. 0", "€4.00", "Page 1 of 2")
		ann.tap("More ›")
		ann.sees("Tea no. 11", "Page 2 of 2")
		ann.tap("Back")
		ann.sees("Page 1 of 2")
		ann.do("all 99")
		ann.sees("Page 3 of 3")
		ann.do("category nonsense 0")
		ann.sees("nothing left in that category")

		ann.do("p " + string(w.product("shirt").ID))
		ann.sees("Linen shirt", "from €30.00", "Choose: Size / Color", "[S / Red]", "Recommended by Mira")
		ann.misses("[Add to cart]")
		ann.tap("S / Blue")
		ann.sees("sold out")
		ann.misses("[Add to cart]")
		ann.tap("M / Red")
		ann.sees("€32.00", "in stock", "[Add to cart]")
		ann.notice(ann.tap("Add to cart"), "In your cart: Linen shirt, €32.00")
		ann.do("cart")
		ann.sees("1 × Linen shirt (M / Red)")
	})
}

// Forty variants do not fit a menu: the options are chosen one by one.
func TestManyVariants(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.do("p " + string(w.product("socks").ID))
		ann.sees("Choose: Size", "[0]", "[3]")
		ann.tap("2")
		ann.sees("Choose: Color", "[2 / C2]", "[Other options]")
		ann.tap("2 / C38")
		ann.sees("€5.00", "[Add to cart]", "[2 / C38]")
		ann.tap("Other options")
		ann.sees("Choose: Size")

		// The same from a pick, which the cart remembers.
		ann.do("pick sockpick")
		ann.tap("Choose")
		ann.tap("1")
		ann.tap("1 / C5")
		ann.tap("Other options")
		ann.tap("1")
		ann.tap("1 / C9")
		ann.tap("Add to cart")
		cart, err := w.live.Cart(w.ctx, w.member("ann"))
		w.must(err)
		if len(cart) != 1 || cart[0].Pick != "sockpick" || cart[0].Creator != "mira" {
			t.Errorf("the cart forgot the pick: %+v", cart)
		}
	})
}

func TestPicks(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.do("pick setpick")
		ann.sees("Tea for two", "• Cup — €11.90", "• Linen shirt — from €30.00")
		ann.misses("[Add to cart]")
		ann.tap("Tea no. 1")
		ann.sees("Recommended by Mira", "[Add to cart]")
		ann.tap("Add to cart")
		cart, err := w.live.Cart(w.ctx, w.member("ann"))
		w.must(err)
		if len(cart) != 1 || cart[0].Pick != "setpick" || cart[0].Creator != "mira" {
			t.Errorf("the cart forgot the pick: %+v", cart)
		}
		// The post's button of a pick with a choice asks what of it.
		ann.notice(ann.do("cart pick shirtpick"), "Please choose which one.")
		ann.sees("[S / Red]")
		ann.tap("S / Red")
		ann.tap("Add to cart")
		ann.do("cart")
		ann.sees("1 × Linen shirt (S / Red)")

		ann.do("creators")
		ann.sees("[Noor]", "[Mira]", "Tea and textiles.")
		if got := ann.last.Menu.Choices[0].Description; got != "5 picks" {
			t.Errorf("Mira: %q", got)
		}
		ann.tap("Noor")
		ann.sees("Cards", "[Follow]")
		ann.notice(ann.tap("Follow"), "You follow Noor now.")
		ann.sees("[Unfollow]")
		ann.do("feed")
		ann.sees("Cards — Noor", "My morning cup — Mira")
		ann.do("unfollow noor")
		ann.do("feed")
		ann.misses("Cards")
		ann.do("creator gone")
		ann.sees("(That creator is no longer here.)")
	})
}

func TestSearch(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.do("search")
		ann.sees("? What are you looking for?")
		ann.say("linnen shrit")
		ann.sees("Linen shirt")
		ann.do("search", "tea")
		ann.sees("results for “tea”", "Page 1 of 2")
		ann.tap("More ›")
		ann.sees("results for “tea”", "Page 2 of 2")
		ann.do("search", "Greeting card")
		ann.sees("€2.50", "[Add to cart]")
		ann.do("search", "zzzzzz")
		ann.sees("Nothing found for “zzzzzz”")
		ann.do("search", strings.Repeat("tea ü ", 100))
		ann.do("find !!!! 0")
		ann.do("find zzzz 0")
		ann.sees("? What are you looking for?")

		ev := ann.event(bots.Event{Kind: bots.Suggest, Action: "search", Text: "lin"})
		list := w.shop.Suggest(w.ctx, ev, 5)
		if len(list) == 0 || list[0].Value != "Linen shirt" || !strings.Contains(unspace(list[0].Description), "€30.00") {
			t.Errorf("suggestions: %+v", list)
		}
		ev.Action, ev.Text = "", ""
		list = w.shop.Suggest(w.ctx, ev, 5)
		if len(list) != 5 {
			t.Errorf("%d suggestions for nothing, want 5", len(list))
		}
		for _, s := range list {
			if err := s.Screen.Check(); err != nil || !s.Screen.Public {
				t.Errorf("%s: %v", s.Title, err)
			}
		}
		ann.do("search", list[1].Value)
	})
}

func TestCart(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		cup := string(w.product("cup").Variants[0].ID)
		ann.do("cart add " + cup)
		ann.do("cart")
		ann.tap("Cup")
		ann.sees("How many?", "1 × Cup")
		ann.misses("−1")
		ann.tap("+1")
		ann.sees("2 × Cup — €23.80", "€11.90 each")
		twice := ann.last
		ann.tap("+1")
		ann.tapOn(twice, "+1", nil) // an old button sets the same number
		ann.sees("3 × Cup")
		ann.notice(ann.tap("+1"), "There are only 3, and you have them.")
		ann.notice(ann.do("cart set "+cup+" 999999"), "There are only 3, and you have them.")
		ann.tap("−1")
		ann.sees("2 × Cup")
		ann.notice(ann.tap("Remove"), "Removed: Cup")
		ann.sees("Your cart is empty")
		ann.notice(ann.do("cart set "+cup+" 2"), "That is not in your cart any more.")

		socks := w.product("socks")
		for i := range live.MaxLines {
			if i < len(socks.Variants) {
				ann.do("cart add " + string(socks.Variants[i].ID))
			} else {
				ann.do("cart add " + string(w.product(fmt.Sprintf("tea%d", i-len(socks.Variants))).Variants[0].ID))
			}
		}
		ann.notice(ann.do("cart add "+cup), "Your cart is full.")
		ann.do("cart")
		ann.sees("Page 1 of 5")
		ann.tap("More ›")
		ann.sees("Page 2 of 5")
		for range 100 {
			ann.do("cart add " + string(socks.Variants[0].ID))
		}
		ann.notice(ann.do("cart add "+string(socks.Variants[0].ID)), "At most 99")
		ann.do("checkout")
		ann.fill(home)
		ann.sees("and 35 more items", "99 × Socks (0 / C0)")
		ann.tap("Order and pay")
		ann.sees("and 35 more items")
		ann.do("cart")
		ann.tap("Empty cart")
		ann.sees("Empty your whole cart?")
		ann.tap("Yes, empty it")
		ann.sees("Your cart is empty")
	})
}

// What the feed no longer holds says so, wherever an old button leads.
func TestGoneProducts(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		cup, shirt := w.product("cup"), w.product("shirt")
		ann.do("cart add " + string(cup.Variants[0].ID))
		ann.do("cart add " + string(shirt.Variants[0].ID))
		var feed []string
		for _, line := range strings.Split(acme(), "\n") {
			if !strings.HasPrefix(line, "cup,") && !strings.Contains(line, "SH1") {
				feed = append(feed, line)
			}
		}
		feed = append(feed[:len(feed)-1], "shirt,Linen shirt,,Clothes,Size,L,Color,Red,SH9,,0,deny,30.00,,true,true,true", "")
		w.feed(strings.Join(feed, "\n"))
		ann.do("p " + string(cup.ID))
		ann.sees("(That product is no longer sold.)", "The Test Shop")
		ann.notice(ann.do("cart add "+string(cup.Variants[0].ID)), "That product is no longer sold.")
		ann.notice(ann.do("pick cuppick"), "That pick is no longer shown.")
		ann.notice(ann.do("p "+string(shirt.ID)+" "+string(shirt.Variants[0].ID)), "That variant is no longer sold.")
		ann.notice(ann.do("cart add "+string(shirt.Variants[0].ID)), "That variant is no longer sold.")
		ann.do("cart")
		ann.sees("Cup — no longer sold", "Linen shirt (S / Red) — no longer sold")
		ann.do("cart line " + string(cup.Variants[0].ID))
		ann.tap("Remove")
		ann.tap("Take what there is")
		ann.sees("Your cart is empty")
	})
}

func TestGroup(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.group = true
		if s := ann.say("hello everybody"); !s.Empty() || s.Notice != "" {
			t.Errorf("the shop answers people's talk: %s", plain(s))
		}
		s := ann.send(bots.Event{Kind: bots.Enter})
		if !s.Public || !strings.Contains(plain(s), "I am the shop of this group") {
			t.Errorf("%s", plain(s))
		}
		// A tap on a post leads to one's own cart, for oneself alone.
		s = ann.send(bots.Event{Kind: bots.Do, Action: "cart pick cuppick", On: &bots.Message{ID: "post"}})
		if s.Public || s.Path != "cart" || s.Door == nil || !strings.Contains(s.Notice, "In your cart: Cup") {
			t.Errorf("%+v", s)
		}
		// In a screen of one's own the pick stays, with a word.
		s = ann.send(bots.Event{Kind: bots.Do, Action: "cart pick cuppick", On: &bots.Message{ID: "own", Ephemeral: true}})
		if s.Path != "pick cuppick" {
			t.Errorf("path %q", s.Path)
		}
		s = ann.send(bots.Event{Kind: bots.Do, Action: "follow noor", On: &bots.Message{ID: "post"}})
		if !s.Empty() || !strings.Contains(s.Notice, "You follow Noor") {
			t.Errorf("%+v", s)
		}
		s = ann.send(bots.Event{Kind: bots.Do, Action: bots.Path("share", string(w.product("cup").ID)), On: &bots.Message{ID: "own", Ephemeral: true}, Keep: true})
		if !s.Public || strings.Contains(plain(s), "Cart (") {
			t.Errorf("a shared product shows a cart: %s", plain(s))
		}
		ann.do("privacy export")
		ann.sees("(I hand that over only in our private chat.)")
		if ann.last.File != nil {
			t.Error("a file in a group")
		}
		// Nothing that a person does in a group answers with their things in public.
		for _, action := range []string{"cart", "orders", "checkout", "address", "privacy", "link", "start", "feed", "search"} {
			if s := ann.do(action); s.Public {
				t.Errorf("%s is public", action)
			}
		}
	})
}

func TestLink(t *testing.T) {
	each(t, func(w *world) {
		ann, other := w.person("ann"), w.person("ann-elsewhere")
		other.platform, other.locale = "atonce", "de-DE"
		ann.do("cart pick cuppick")
		other.do("cart add " + string(w.product("shirt").Variants[0].ID))
		ann.do("link")
		code := ""
		for _, span := range ann.last.Text {
			if rest, ok := strings.CutPrefix(span.Text, "/link "); ok {
				code = rest
			}
		}
		if code == "" {
			t.Fatal(plain(ann.last))
		}
		if s := ann.do("link", code); !strings.Contains(s.Notice, "one account already") {
			t.Errorf("%s", plain(s))
		}
		ann.do("link")
		for _, span := range ann.last.Text {
			if rest, ok := strings.CutPrefix(span.Text, "/link "); ok {
				code = rest
			}
		}
		other.do("link code")
		other.fill(map[string]string{"code": "WRONG234"})
		other.sees("Dieser Code ist unbekannt", "? Code")
		other.fill(map[string]string{"code": " /link " + strings.ToLower(code)})
		other.sees("Bist du das in der anderen App?", "ann, Stepwise")
		other.tap("Ja, das bin ich")
		other.sees("Verbunden.")
		for _, p := range []*person{ann, other} {
			p.do("cart")
			p.sees("Cup", "Linen shirt")
		}
		other.do("link", code)
		other.sees("Dieser Code ist unbekannt")
	})
}

func TestPrivacy(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		o := ann.order()
		w.pay(o, visa)
		ann.do("privacy")
		ann.sees("Rose Street 1", "[Erase me]")
		ann.tap("Get my data")
		var all map[string]any
		if ann.last.File == nil || json.Unmarshal(ann.last.File.Data, &all) != nil || all["address"] == nil {
			t.Errorf("export: %+v", ann.last.File)
		}
		ann.do("privacy")
		ann.tap("Change address")
		ann.fill(map[string]string{"name": "Ann", "street": "Other Street 2", "postcode": "10115", "city": "Berlin", "country": "de"})
		ann.sees("(Address kept.)", "Other Street 2")
		old := w.member("ann")
		ann.tap("Erase me")
		ann.sees("Erase everything about you?")
		ann.tap("Yes, erase everything")
		ann.sees("Everything about you is erased.")
		ann.do("orders")
		ann.sees("You have not ordered anything yet.")
		ann.do("cart")
		ann.sees("Your cart is empty")
		if now := w.member("ann"); now == old {
			t.Error("the same member comes back")
		}
		if _, err := w.members.Get(w.ctx, old); commerce.KindOf(err) != commerce.NotFound {
			t.Errorf("the old member is still there: %v", err)
		}
	})
}
