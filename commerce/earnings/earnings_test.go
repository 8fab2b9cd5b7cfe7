package earnings_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/commerce/stock"
	"github.com/soukchat/souk/sandbox/stripe"
)

// world is a shop in which mira and omar recommend the cup, and are members;
// noor recommends too and is none.
type world struct {
	*testing.T
	ctx      context.Context
	db       *database.DB
	clock    *clocktest.Clock
	stripe   *stripe.Server
	shop     *checkout.Checkout
	earnings *earnings.Earnings
	people   *members.Members
	goods    *catalog.Snapshot
	rules    earnings.Rules
	taps     []live.Tapped
	admins   [][]commerce.MemberID
	mira     commerce.MemberID
	omar     commerce.MemberID
}

const feed = `Handle,Title,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Requires Shipping,Variant Taxable,Published
cup,Cup,CUP,,0,deny,11.90,true,true,true
bowl,Bowl,BOWL,,0,deny,23.80,true,true,true
`

func each(t *testing.T, run func(w *world)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) { run(newWorld(t, db)) })
}

func newWorld(t *testing.T, db *database.DB) *world {
	w := &world{T: t, ctx: t.Context(), db: db, clock: clocktest.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), rules: earnings.Rules{PPM: 100_000, Worth: 100, Currency: "EUR"}}
	w.stripe = stripe.New(stripe.Config{Clock: w.clock.Now, Key: "sk_test_x"})
	t.Cleanup(w.stripe.Close)
	server := httptest.NewServer(w.stripe.Handler())
	t.Cleanup(server.Close)
	ids := commerce.RandomIDs{}
	goods, shelf := catalog.New(db, w.clock), stock.New(db, w.clock)
	w.must(goods.DeclareBrands(w.ctx, []catalog.Brand{{ID: "acme", Name: "Acme"}}))
	f, err := catalog.ReadFeed(strings.NewReader(feed), "feed.csv", "EUR")
	w.must(err)
	_, err = goods.Import(w.ctx, catalog.Import{Brand: "acme", File: "feed.csv", Feed: f}, shelf)
	w.must(err)
	w.goods, err = goods.Snapshot(w.ctx)
	w.must(err)
	w.people = members.New(db, w.clock, ids)
	who := creators.New(db, w.clock, ids)
	w.earnings = earnings.New(earnings.Config{DB: db, Clock: w.clock, IDs: ids, Rules: func() earnings.Rules { return w.rules }, Creators: who,
		Admins: func() [][]commerce.MemberID { return w.admins },
		Taps:   func(context.Context, commerce.MemberID) ([]live.Tapped, error) { return w.taps, nil },
		Kept:   func(tx *database.Tx, o orders.Order) (time.Time, error) { return w.shop.Kept(tx, o) }})
	w.shop = checkout.New(checkout.Config{DB: db, Clock: w.clock, IDs: ids, Catalog: goods, Members: w.people, Stock: shelf, Earnings: w.earnings,
		Stripe: payments.New(payments.Config{Key: "sk_test_x", Endpoint: server.URL}), Log: slog.New(slog.DiscardHandler),
		URL:  func() string { return "https://shop.example.com" },
		Hold: func() time.Duration { return 15 * time.Minute },
		Rules: func() pricing.Rules {
			return pricing.Rules{"acme": {Name: "Acme", Shipping: []pricing.ShippingOption{{ID: "post", Name: "Post", Price: commerce.Money{Amount: 490, Currency: "EUR"}}},
				Tax: pricing.Tax{Name: "VAT", Included: true, Rates: []pricing.Rate{{PPM: 190_000}}}}}
		}})
	w.people.OnLink(who.Link)
	w.people.OnLink(orders.Link)
	w.people.OnLink(payments.Link)
	w.people.OnLink(func(tx *database.Tx, keep, gone commerce.MemberID) error {
		return rewards.Link(tx, w.clock.Now(), keep, gone)
	})
	w.people.OnLink(w.earnings.Link)
	w.people.OnErase(w.earnings.Erase)
	w.mira = w.buyer("mira").Member
	w.omar = w.buyer("omar").Member
	cup, _ := w.goods.ByHandle("acme", "cup")
	pick := func(id commerce.PickID) creators.Pick {
		return creators.Pick{ID: id, Title: string(id), Items: []creators.Item{{Product: cup.ID}}}
	}
	_, err = who.Declare(w.ctx, []creators.Creator{{ID: "mira", Name: "Mira", Member: w.mira, Picks: []creators.Pick{pick("p1")}},
		{ID: "noor", Name: "Noor", Picks: []creators.Pick{pick("p2")}}, {ID: "omar", Name: "Omar", Member: w.omar, Picks: []creators.Pick{pick("p3")}}})
	w.must(err)
	t.Cleanup(func() {
		if broken, _, err := checkout.Audit(context.Background(), db); err != nil || len(broken) > 0 {
			t.Errorf("audit: %v, %v", broken, err)
		}
	})
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) buyer(name string) checkout.Buyer {
	w.Helper()
	m, err := w.people.Meet(w.ctx, members.Seen{Platform: "telegram", Account: name, Name: name, Locale: "en", Bot: "tg", Private: true})
	w.must(err)
	w.must(w.people.SaveAddress(w.ctx, m.ID, members.Address{Name: name, Street: "Weg 1", City: "Berlin", Postcode: "10115", Country: "DE"}))
	return checkout.Buyer{Member: m.ID, Locale: "en", Platform: "telegram", Bot: "tg"}
}

func (w *world) line(handle string, n int64, pick commerce.PickID, by commerce.CreatorID) live.CartLine {
	w.Helper()
	p, ok := w.goods.ByHandle("acme", handle)
	if !ok {
		w.Fatalf("no product %s", handle)
	}
	return live.CartLine{Variant: p.Variants[0].ID, Quantity: n, Seen: p.Variants[0].Price, Pick: pick, Creator: by}
}

func (w *world) place(b checkout.Buyer, cart ...live.CartLine) orders.Order {
	w.Helper()
	r, err := w.shop.Review(w.ctx, b, cart)
	w.must(err)
	o, err := w.shop.Place(w.ctx, b, cart, r.Quote.Digest())
	w.must(err)
	return o
}

func (w *world) pay(o orders.Order) orders.Order {
	w.Helper()
	e, err := w.shop.Enter(w.ctx, o.Token)
	w.must(err)
	_, err = w.stripe.Pay(e.Redirect, "4242424242424242")
	w.must(err)
	w.clock.Wait(2 * time.Minute) // the reconciler asks
	w.rest()
	return w.fresh(o)
}

func (w *world) fresh(o orders.Order) orders.Order {
	w.Helper()
	o, err := w.shop.Orders().Get(w.ctx, o.ID)
	w.must(err)
	return o
}

func (w *world) buy(b checkout.Buyer, cart ...live.CartLine) orders.Order {
	w.Helper()
	o := w.pay(w.place(b, cart...))
	if o.State != orders.Paid {
		w.Fatalf("the order is %s", o.State)
	}
	return o
}

func (w *world) rest() {
	w.Helper()
	for range 100 {
		n, err := w.shop.Step(w.ctx)
		w.must(err)
		m, err := w.earnings.Step(w.ctx)
		w.must(err)
		if n+m == 0 {
			return
		}
	}
	w.Fatal("never comes to rest")
}

// send sends all of an order; nobody says that it arrived.
func (w *world) send(o orders.Order) {
	w.Helper()
	w.must(w.shop.Ship(w.ctx, "staff", o.ID, "T1"))
}

func (w *world) back(o orders.Order, g checkout.Giving) {
	w.Helper()
	g.Seen = -1
	_, err := w.shop.RefundPart(w.ctx, "staff", o.ID, g)
	w.must(err)
	w.rest()
}

// receipt is the one of an order, as points, those that went back, and its state.
type receipt struct {
	Of           string
	Why          earnings.Why
	Base, Points int64
	Back         int64
	State        earnings.State
}

func (w *world) want(o orders.Order, want ...receipt) {
	w.Helper()
	list, err := w.earnings.OfOrder(w.ctx, o.ID)
	w.must(err)
	var got []receipt
	for _, e := range list {
		got = append(got, receipt{e.Label, e.Why, e.Base.Amount, e.Points, e.Back, e.State})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("receipts (-want +got):\n%s", diff)
	}
}

func (w *world) sum(m commerce.MemberID, want earnings.Sum) {
	w.Helper()
	got, err := w.earnings.SumOf(w.ctx, m)
	w.must(err)
	if got != want {
		w.Errorf("earned %+v, want %+v", got, want)
	}
}

// TestSold: a line brings its creator a part of what it brought without tax,
// parcel and discounts, where they are a member and not the buyer.
func TestSold(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		o := w.buy(ann, w.line("cup", 2, "p1", "mira"), w.line("bowl", 1, "p2", "noor"))
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 0, earnings.Pending})
		w.sum(w.mira, earnings.Sum{Pending: 200})

		w.want(w.buy(ann, w.line("cup", 1, "", "")))
		w.want(w.buy(w.buyer("mira"), w.line("cup", 1, "p1", "mira"))) // from her own pick
		w.want(w.buy(w.buyer("mira"), w.line("cup", 1, "", "mira")))   // by her own code
		w.want(w.buy(ann, w.line("cup", 1, "", "mira")), receipt{"Cup", earnings.ByCode, 1000, 100, 0, earnings.Pending})
		w.sum(w.mira, earnings.Sum{Pending: 300})

		page, err := w.earnings.Receipts(w.ctx, w.mira, "", 1)
		if err != nil || len(page.Items) != 1 || page.Items[0].Why != earnings.ByCode || page.Next == "" {
			t.Fatalf("receipts %+v, %v", page, err)
		}
		page, err = w.earnings.Receipts(w.ctx, w.mira, page.Next, 1)
		if err != nil || len(page.Items) != 1 || page.Items[0].Pick != "p1" || page.Next != "" {
			t.Errorf("the next page %+v, %v", page, err)
		}
		if _, err := w.earnings.One(w.ctx, w.mira, page.Items[0].ID); err != nil {
			t.Error(err)
		}
		if _, err := w.earnings.One(w.ctx, ann.Member, page.Items[0].ID); !errors.Is(err, earnings.ErrUnknown) {
			t.Errorf("the buyer opened the creator's receipt: %v", err)
		}
	})
}

// TestRates: the first rate that fits counts, and one of nothing brings nothing.
func TestRates(t *testing.T) {
	each(t, func(w *world) {
		cup, _ := w.goods.ByHandle("acme", "cup")
		w.rules.Rates = []earnings.Rate{{Products: []commerce.ProductID{cup.ID}}, {Brands: []commerce.BrandID{"acme"}, PPM: 200_000}}
		o := w.buy(w.buyer("ann"), w.line("cup", 1, "p1", "mira"), w.line("bowl", 1, "p1", "mira"))
		w.want(o, receipt{"Bowl", earnings.LastTap, 2000, 400, 0, earnings.Pending})
	})
}

// TestCredit: by each rule the right ones are credited, and the window counts.
func TestCredit(t *testing.T) {
	last := receipt{"Cup", earnings.LastTap, 2000, 200, 0, earnings.Pending}
	for _, c := range []struct {
		name, credit string
		cart         commerce.PickID
		taps         []string // oldest first, a pick and how many days ago
		want         map[commerce.CreatorID]receipt
	}{
		{"the cart's pick is the last", earnings.CreditLast, "p1", []string{"p1", "p3"}, map[commerce.CreatorID]receipt{"mira": last}},
		{"without one the last tap", "", "", []string{"p1", "p3"}, map[commerce.CreatorID]receipt{"omar": {"Cup", earnings.LastSeen, 2000, 200, 0, earnings.Pending}}},
		{"the last is no member's", earnings.CreditLast, "", []string{"p1", "p2"}, nil},
		{"the first", earnings.CreditFirst, "p3", []string{"p1", "p3"}, map[commerce.CreatorID]receipt{"mira": {"Cup", earnings.FirstTap, 2000, 200, 0, earnings.Pending}}},
		{"the first is the cart's", earnings.CreditFirst, "p3", nil, map[commerce.CreatorID]receipt{"omar": {"Cup", earnings.FirstTap, 2000, 200, 0, earnings.Pending}}},
		{"all share", earnings.CreditSplit, "p3", []string{"p1", "p3"}, map[commerce.CreatorID]receipt{
			"omar": {"Cup", earnings.Shared, 1000, 100, 0, earnings.Pending}, "mira": {"Cup", earnings.Shared, 1000, 100, 0, earnings.Pending}}},
		{"too long ago", earnings.CreditLast, "", []string{"p1", "-"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			each(t, func(w *world) {
				w.rules.Credit, w.rules.Window = c.credit, 30*24*time.Hour
				for i, p := range c.taps {
					at := w.clock.Now().Add(-time.Duration(len(c.taps)-i) * time.Hour)
					if c.taps[len(c.taps)-1] == "-" {
						at = at.Add(-30 * 24 * time.Hour)
					}
					w.taps = append(w.taps, live.Tapped{Pick: commerce.PickID(p), First: at, Last: at})
				}
				by := map[commerce.PickID]commerce.CreatorID{"p1": "mira", "p3": "omar"}
				o := w.buy(w.buyer("ann"), w.line("cup", 2, c.cart, by[c.cart]))
				list, err := w.earnings.OfOrder(w.ctx, o.ID)
				w.must(err)
				got := map[commerce.CreatorID]receipt{}
				for _, e := range list {
					got[e.Creator] = receipt{e.Label, e.Why, e.Base.Amount, e.Points, e.Back, e.State}
				}
				if len(got) != len(c.want) {
					w.Errorf("receipts of %d creators, want %d", len(got), len(c.want))
				}
				for id, want := range c.want {
					if got[id] != want {
						w.Errorf("%s has %+v, want %+v", id, got[id], want)
					}
				}
				w.back(o, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}})
			})
		})
	}
}

// TestOwnPickDoesNotCount: who opens their own pick takes nothing from others.
func TestOwnPickDoesNotCount(t *testing.T) {
	each(t, func(w *world) {
		now := w.clock.Now()
		w.taps = []live.Tapped{{Pick: "p3", First: now, Last: now}, {Pick: "p1", First: now.Add(-time.Hour), Last: now.Add(-time.Hour)}}
		w.want(w.buy(w.buyer("omar"), w.line("cup", 2, "", "")), receipt{"Cup", earnings.LastSeen, 2000, 200, 0, earnings.Pending})
		w.sum(w.mira, earnings.Sum{Pending: 200})
	})
}

// TestTypedCode: a creator's code credits them once, for what no pick brought.
func TestTypedCode(t *testing.T) {
	each(t, func(w *world) {
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE creators SET code = 'OMAR' WHERE id = 'omar'`)
			return err
		}))
		ann := w.buyer("ann")
		if _, err := w.earnings.Use(w.ctx, ann.Member, "nobody"); !errors.Is(err, creators.ErrUnknownCreator) {
			t.Errorf("a code of nobody: %v", err)
		}
		if _, err := w.earnings.Use(w.ctx, w.omar, "omar"); !errors.Is(err, earnings.ErrOwn) {
			t.Errorf("their own code: %v", err)
		}
		c, err := w.earnings.Use(w.ctx, ann.Member, " omar ")
		if err != nil || c.ID != "omar" {
			t.Fatalf("the code is %s's, %v", c.ID, err)
		}
		o := w.buy(ann, w.line("cup", 2, "p1", "mira"), w.line("bowl", 1, "", ""))
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 0, earnings.Pending}, receipt{"Bowl", earnings.ByCode, 2000, 200, 0, earnings.Pending})
		w.sum(w.omar, earnings.Sum{Pending: 200})
		w.want(w.buy(ann, w.line("bowl", 1, "", "")))
		if _, ok, err := w.earnings.Used(w.ctx, ann.Member); ok || err != nil {
			t.Errorf("the code is still on, %v", err)
		}
	})
}

// TestKeepsItsRules: an order is decided by the rules it was placed under.
func TestKeepsItsRules(t *testing.T) {
	each(t, func(w *world) {
		o := w.place(w.buyer("ann"), w.line("cup", 2, "p1", "mira"))
		w.rules.PPM = 500_000
		w.want(w.pay(o), receipt{"Cup", earnings.LastTap, 2000, 200, 0, earnings.Pending})
		o = w.place(w.buyer("ben"), w.line("cup", 2, "p1", "mira"))
		w.rules = earnings.Rules{}
		w.want(w.pay(o), receipt{"Cup", earnings.LastTap, 2000, 1000, 0, earnings.Pending})
		w.want(w.buy(w.buyer("cleo"), w.line("cup", 2, "p1", "mira")))
	})
}

// TestPartsBack: what goes back takes its part of the points and nothing else,
// and all parts together take all of them.
func TestPartsBack(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		o := w.buy(ann, w.line("cup", 2, "p1", "mira"), w.line("bowl", 1, "p1", "mira"))
		w.back(o, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}})
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 100, earnings.Pending}, receipt{"Bowl", earnings.LastTap, 2000, 200, 0, earnings.Pending})
		w.sum(w.mira, earnings.Sum{Pending: 300})
		w.back(o, checkout.Giving{Amount: commerce.Money{Amount: 525, Currency: "EUR"}}) // a tenth of all, the parcel too
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 120, earnings.Pending}, receipt{"Bowl", earnings.LastTap, 2000, 200, 20, earnings.Pending})
		w.must(w.shop.Refund(w.ctx, "staff", o.ID))
		w.rest()
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 200, earnings.Back}, receipt{"Bowl", earnings.LastTap, 2000, 200, 200, earnings.Back})
		w.sum(w.mira, earnings.Sum{})
	})
}

// TestAvailable: points wait until nothing can be sent back any more, and as
// long as a return is open. What goes back later takes what is not spent.
func TestAvailable(t *testing.T) {
	each(t, func(w *world) {
		ann := w.buyer("ann")
		o := w.buy(ann, w.line("cup", 2, "p1", "mira"))
		w.clock.Wait(60 * 24 * time.Hour)
		w.rest()
		w.sum(w.mira, earnings.Sum{Pending: 200}) // it is not sent
		w.send(o)
		w.clock.Wait(14 * 24 * time.Hour)
		w.rest() // taken for delivered
		w.clock.Wait(13 * 24 * time.Hour)
		w.rest()
		w.sum(w.mira, earnings.Sum{Pending: 200}) // it can be sent back
		w.must(w.shop.AskReturn(w.ctx, ann.Member, o.ID, checkout.Asking{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}, Reason: "mind"}))
		w.clock.Wait(10 * 24 * time.Hour)
		w.rest()
		w.sum(w.mira, earnings.Sum{Pending: 200}) // a return is open
		list, err := w.shop.OpenReturns(w.ctx, nil, 5)
		w.must(err)
		w.must(w.shop.DenyReturn(w.ctx, "staff", nil, list[0].ID, "used"))
		w.clock.Wait(24 * time.Hour)
		w.rest()
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 0, earnings.Available})
		w.sum(w.mira, earnings.Sum{Points: 200})

		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			return rewards.Hold(tx, "another", rewards.Points(w.mira), commerce.Money{Amount: 150, Currency: rewards.PointsCurrency})
		}))
		w.back(w.fresh(o), checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}})
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 50, earnings.Available})
		w.sum(w.mira, earnings.Sum{Points: 150})
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error { return rewards.Unhold(tx, "another") }))
	})
}

// TestPartlySent: an order of which a part is on its way waits for the rest.
func TestPartlySent(t *testing.T) {
	each(t, func(w *world) {
		o := w.buy(w.buyer("ann"), w.line("cup", 2, "p1", "mira"))
		w.must(w.shop.Send(w.ctx, "staff", o.ID, checkout.Sending{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}, Tracking: "T1"}))
		for range 3 {
			w.clock.Wait(20 * 24 * time.Hour)
			w.rest()
		}
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 0, earnings.Pending})
	})
}

// TestOnePerson: who links the account they bought with earns nothing from that.
func TestOnePerson(t *testing.T) {
	each(t, func(w *world) {
		other, ann := w.buyer("mira2"), w.buyer("ann")
		own := w.buy(other, w.line("cup", 1, "p1", "mira"))
		o := w.buy(ann, w.line("cup", 2, "p1", "mira"))
		w.sum(w.mira, earnings.Sum{Pending: 300})
		w.must(w.people.Link(w.ctx, other.Member, w.mira))
		w.want(own, receipt{"Cup", earnings.LastTap, 1000, 100, 100, earnings.Back})
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 0, earnings.Pending})
		w.sum(other.Member, earnings.Sum{Pending: 200})
		w.back(o, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}})
		w.sum(other.Member, earnings.Sum{Pending: 100})
	})
}

// TestErased: who is erased loses what waits, and what goes back later finds
// nothing to take.
func TestErased(t *testing.T) {
	each(t, func(w *world) {
		o := w.buy(w.buyer("ann"), w.line("cup", 2, "p1", "mira"))
		if _, data, err := w.earnings.Export(w.ctx, w.mira); err != nil || len(data.([]earnings.Exported)) != 1 {
			t.Errorf("she takes along %v, %v", data, err)
		}
		w.must(w.people.Erase(w.ctx, w.mira))
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 0, earnings.Lost})
		w.sum(w.mira, earnings.Sum{})
		w.back(o, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}})
		w.send(w.fresh(o))
		w.clock.Wait(60 * 24 * time.Hour)
		w.rest()
		w.sum(w.mira, earnings.Sum{})
	})
}
