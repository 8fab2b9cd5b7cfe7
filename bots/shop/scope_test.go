package shop_test

import (
	"strings"
	"testing"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/shop"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/notices"
)

// other adds a brand that sells a map as a file and a real one, both picked by
// Mira and marked as featured.
func (w *world) other() (file, paper *catalog.Product) {
	w.Helper()
	w.must(w.catalog.DeclareBrands(w.ctx, []catalog.Brand{{ID: "acme", Name: "Acme"}, {ID: "maps", Name: "Maps"}}))
	feed := header + "file,Map file,,Maps,Title,Default Title,,,F,,0,deny,3.00,,false,true,true\n" +
		"paper,Paper map,,Maps,Title,Default Title,,,P,,0,deny,9.00,,true,true,true\n"
	f, err := catalog.ReadFeed(strings.NewReader(feed), "maps.csv", "EUR")
	w.must(err)
	_, err = w.catalog.Import(w.ctx, catalog.Import{Brand: "maps", File: "maps.csv", Feed: f}, w.stock)
	w.must(err)
	goods, err := w.catalog.Snapshot(w.ctx)
	w.must(err)
	file, _ = goods.ByHandle("maps", "file")
	paper, _ = goods.ByHandle("maps", "paper")
	_, err = w.creators.Declare(w.ctx, []creators.Creator{
		{ID: "mira", Name: "Mira", Picks: []creators.Pick{
			{ID: "cuppick", Title: "My morning cup", Items: []creators.Item{{Product: w.product("cup").ID}}},
			{ID: "filepick", Title: "A map to print", Featured: true, Items: []creators.Item{{Product: file.ID}}},
			{ID: "paperpick", Title: "A map to fold", Featured: true, Items: []creators.Item{{Product: paper.ID}}},
		}},
		{ID: "cora", Name: "Cora", Picks: []creators.Pick{{ID: "corapick", Title: "Maps!", Items: []creators.Item{{Product: paper.ID}}}}},
	})
	w.must(err)
	return file, paper
}

func (w *world) configure(s shop.Settings) {
	w.Helper()
	s.Name, s.Language = "The Test Shop", "en"
	w.must(w.shop.Configure(s))
}

// TestBrandsOfACommunity: a bot of a community shows its brands only, whatever
// way somebody takes.
func TestBrandsOfACommunity(t *testing.T) {
	each(t, func(w *world) {
		_, paper := w.other()
		w.configure(shop.Settings{Communities: []shop.Community{
			{ID: "club", Chats: []shop.Chat{{Bot: "bot", ID: "group"}}, Featured: []commerce.CreatorID{"mira"}, Brands: []commerce.BrandID{"acme"}},
			{ID: "walkers", Chats: []shop.Chat{{Bot: "other", ID: "hut"}}, Brands: []commerce.BrandID{"maps"}},
		}})
		ann := w.person("ann")
		ann.do("feed")
		ann.sees("My morning cup")
		ann.misses("map")
		ann.do("creators")
		ann.sees("Mira")
		ann.misses("Cora")
		ann.do("creator mira")
		ann.misses("map")
		ann.do("search", "map")
		ann.sees("Nothing found")
		ann.do("categories")
		ann.misses("Maps")
		for _, action := range []string{"p " + string(paper.ID), "p " + string(paper.ID) + " " + string(paper.Variants[0].ID),
			"cart add " + string(paper.Variants[0].ID), "cart pick paperpick", "pick paperpick", "pp paperpick " + string(paper.ID)} {
			if s := ann.do(action); s.Notice != "That is not sold here." && s.Notice != "That pick is no longer shown." {
				t.Errorf("%s shows\n%s", action, plain(s))
			}
		}
		if cart, err := w.live.Cart(w.ctx, w.member("ann")); err != nil || len(cart) != 0 {
			t.Errorf("cart: %v, %v", cart, err)
		}
		// A post that was planned before is not sent any more.
		if s, err := w.shop.RenderNotice(w.ctx, notices.Notice{Kind: notices.PickPost, Bot: "bot", Chat: "group", Args: map[string]string{"pick": "paperpick"}}); err != nil || !s.Empty() {
			t.Errorf("the post shows %v\n%s", err, plain(s))
		}
		for _, c := range []struct {
			bot, chat, pick string
			want            bool
		}{{"bot", "group", "paperpick", false}, {"other", "hut", "paperpick", true}, {"bot", "group", "cuppick", true}, {"other", "hut", "cuppick", false}} {
			sells, err := w.shop.Sells(w.ctx, c.bot, c.chat)
			w.must(err)
			p, err := w.creators.Pick(w.ctx, commerce.PickID(c.pick))
			w.must(err)
			if sells(&p) != c.want {
				t.Errorf("%s is sold in %s: %v", c.pick, c.chat, !c.want)
			}
		}
	})
}

// TestNothingSoldOutIsPosted: a group is not shown what nobody can buy.
func TestNothingSoldOutIsPosted(t *testing.T) {
	each(t, func(w *world) {
		p, err := w.creators.Pick(w.ctx, "lamppick")
		w.must(err)
		for _, n := range []string{"1", "0"} {
			w.feed(strings.Replace(acme(), "LAST,shopify,1", "LAST,shopify,"+n, 1))
			sells, err := w.shop.Sells(w.ctx, "bot", "group")
			w.must(err)
			if sells(&p) != (n == "1") {
				t.Errorf("with %s lamps the pick sells: %v", n, sells(&p))
			}
		}
	})
}

// TestWithheld: what may not be sold on a platform is not offered there, and
// what a cart holds of it cannot be ordered there.
func TestWithheld(t *testing.T) {
	each(t, func(w *world) {
		file, paper := w.other()
		ann := w.person("ann")
		ann.do("cart add " + string(file.Variants[0].ID)) // in an app where it may
		ann.do("cart pick cuppick")
		for _, communities := range [][]shop.Community{nil, {{ID: "club", Chats: []shop.Chat{{Bot: "bot", ID: "group"}}}},
			{{ID: "far", Chats: []shop.Chat{{Bot: "else", ID: "x"}}, Brands: []commerce.BrandID{"maps", "acme"}}}} {
			w.configure(shop.Settings{Communities: communities, Withheld: map[string][]commerce.BrandID{"bot": {"maps"}}})
			ann.do("search", "map")
			ann.sees("Nothing found")
			ann.do("categories")
			ann.misses("Maps")
			ann.do("all 0")
			ann.misses("Map file")
			ann.do("feed")
			ann.misses("A map to print")
			for _, action := range []string{"p " + string(file.ID), "cart add " + string(paper.Variants[0].ID), "pick filepick"} {
				if s := ann.do(action); s.Notice == "" || strings.Contains(plain(s), "Maps") {
					t.Errorf("%s shows\n%s", action, plain(s))
				}
			}
			for _, s := range w.shop.Suggest(w.ctx, ann.event(bots.Event{Kind: bots.Suggest, Text: "map"}), 10) {
				if strings.Contains(s.Title, "ap ") {
					t.Error("it is suggested")
				}
			}
			ann.do("cart")
			ann.sees("Map file — not sold in this app", "Goods: €11.90")
			ann.do("checkout")
			ann.sees("Not everything can be had as it stands.")
		}
		ann.tap("Take what there is")
		ann.misses("Map file")
		ann.tap("Checkout")
		ann.sees("Where should the parcel go?")
	})
}

// TestTwoCurrencies: a shop whose currency was changed still shows every cart.
func TestTwoCurrencies(t *testing.T) {
	each(t, func(w *world) {
		ann := w.person("ann")
		ann.do("cart pick cuppick")
		w.must(w.catalog.DeclareBrands(w.ctx, []catalog.Brand{{ID: "acme", Name: "Acme"}, {ID: "maps", Name: "Maps"}}))
		f, err := catalog.ReadFeed(strings.NewReader(header+"paper,Paper map,,Maps,Title,Default Title,,,P,,0,deny,9.00,,true,true,true\n"), "maps.csv", "USD")
		w.must(err)
		_, err = w.catalog.Import(w.ctx, catalog.Import{Brand: "maps", File: "maps.csv", Feed: f}, w.stock)
		w.must(err)
		goods, err := w.catalog.Snapshot(w.ctx)
		w.must(err)
		paper, _ := goods.ByHandle("maps", "paper")
		ann.do("cart add " + string(paper.Variants[0].ID))
		ann.do("cart")
		ann.sees("Paper map — in another currency", "Goods: €11.90", "[Take what there is]")
		ann.tap("Take what there is")
		ann.misses("Paper map")
		if strings.Contains(w.log.String(), "level=ERROR") {
			t.Error(w.log.String())
		}
	})
}

// TestStaffAreToldOfTheirs: of an order that brands share, each one's staff is
// told how much of it is theirs, and no sum of all of it.
func TestStaffAreToldOfTheirs(t *testing.T) {
	each(t, func(w *world) {
		_, paper := w.other()
		staff := map[string]*person{}
		for _, name := range []string{"bea", "mo", "eve", "old"} {
			staff[name] = w.person(name)
			staff[name].do("help")
		}
		w.checkout.Staff = func(b commerce.BrandID) []commerce.MemberID {
			return []commerce.MemberID{w.member(map[commerce.BrandID]string{"acme": "bea", "maps": "mo"}[b]), w.member("eve")}
		}
		ann := w.person("ann")
		ann.do("cart pick cuppick")
		ann.do("cart pick cuppick")
		ann.do("cart add " + string(paper.Variants[0].ID))
		ann.do("checkout")
		ann.fill(home)
		ann.tap("Order and pay")
		o := ann.placed()
		for who, want := range map[string]string{"bea": "2 items", "mo": "1 item,", "eve": "3 items", "old": ""} {
			n := notices.Notice{Kind: notices.StaffOrder, Member: w.member(who), Args: map[string]string{"order": string(o.ID)}}
			s, err := w.shop.RenderNotice(w.ctx, n)
			w.must(err)
			if !strings.Contains(plain(s), want) || s.Empty() != (want == "") {
				t.Errorf("%s is told\n%s", who, plain(s))
			}
			for _, n.Kind = range []string{notices.StaffRefund, notices.StaffHand, notices.StaffDispute} {
				if s, err = w.shop.RenderNotice(w.ctx, n); err != nil || strings.Contains(plain(s), "€") {
					t.Errorf("%s is told, %v\n%s", who, err, plain(s))
				}
			}
		}
	})
}
