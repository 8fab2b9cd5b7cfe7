package staff

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/shop"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/stock"
)

type clock struct{}

func (clock) Now() time.Time { return time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC) }

// desk is a shop with paid orders and staff: eve is admin, bea is of brand b,
// mod a moderator, ann a buyer.
type desk struct {
	t  *testing.T
	db *database.DB
	*Staff
	words    *shop.Words
	checkout *checkout.Checkout
	numbers  int64
}

func openDesk(t *testing.T, db *database.DB) *desk {
	t.Helper()
	shop, err := shop.New(shop.Config{Settings: shop.Settings{Name: "Souk", Language: "en"}, Clock: clock{}})
	must(t, err)
	c := checkout.New(checkout.Config{
		DB: db, Clock: clock{}, IDs: commerce.RandomIDs{}, Catalog: catalog.New(db, clock{}), Members: members.New(db, clock{}, commerce.RandomIDs{}),
		Stock: stock.New(db, clock{}),
	})
	must(t, db.Write(t.Context(), func(tx *database.Tx) error {
		for _, s := range []string{
			`INSERT INTO members (id, name, locale, created_at) VALUES ('ann', 'Ann', '', 1), ('eve', 'Eve', '', 1)`,
			`INSERT INTO brands (id, name) VALUES ('b', 'B'), ('c', 'C')`,
			`INSERT INTO products (id, brand_id, handle, title, body, vendor, category, tags, option1, option2, option3, position, created_at, updated_at)
			 VALUES ('pb', 'b', '1', 'Mug', '', '', '', '', '', '', '', 1, 1, 1), ('pc', 'c', '2', 'Tea', '', '', '', '', '', '', '', 2, 1, 1)`,
			`INSERT INTO variants (id, product_id, sku, value1, value2, value3, price, currency, position)
			 VALUES ('vb', 'pb', 'MUG-1', '', '', '', 1000, 'EUR', 1), ('vc', 'pc', 'TEA-1', '', '', '', 500, 'EUR', 1)`,
			`INSERT INTO stock (variant_id, on_hand, free) VALUES ('vb', 100, 100)`,
		} {
			if _, err := tx.Exec(s); err != nil {
				return err
			}
		}
		return nil
	}))
	return &desk{t: t, db: db, words: shop.Words("en"), checkout: c, numbers: 10_000_000, Staff: New(Config{
		Orders: c.Orders(), Checkout: c,
		Role: func(m commerce.MemberID) Role {
			switch m {
			case "eve":
				return Role{All: true}
			case "bea":
				return Role{Brands: []commerce.BrandID{"b"}}
			}
			return Role{}
		},
	})}
}

// order makes an order of goods, paid unless state says pending.
func (d *desk) order(id string, paid bool, goods ...string) {
	d.t.Helper()
	d.numbers++
	o := orders.Order{
		ID: commerce.OrderID(id), Number: d.numbers, Member: "ann", State: orders.Pending, Hold: commerce.HoldID("h" + id), Token: "t" + id,
		Address: orders.Address{Name: "Ann Lee", Street: "1 Main St", City: "Berlin", Postcode: "10115", Country: "DE"}, Locale: "en",
		CreatedAt: clock{}.Now().Add(time.Duration(d.numbers) * time.Second), ExpiresAt: clock{}.Now().Add(time.Hour), Total: commerce.Money{Currency: "EUR"},
	}
	hold := stock.Hold{ID: o.Hold, Member: "ann", Expires: o.ExpiresAt}
	for _, g := range goods {
		l := orders.Line{Kind: pricing.KindItem, Label: map[string]string{"b": "Mug", "c": "Tea"}[g], SKU: map[string]string{"b": "MUG-1", "c": "TEA-1"}[g],
			Brand: commerce.BrandID(g), Variant: commerce.VariantID("v" + g), Quantity: 2, Amount: commerce.Money{Amount: 2000, Currency: "EUR"}}
		o.Lines = append(o.Lines, l)
		o.Total.Amount += l.Amount.Amount
		hold.Lines = append(hold.Lines, stock.Line{Variant: l.Variant, Quantity: 2})
	}
	must(d.t, d.db.Write(d.t.Context(), func(tx *database.Tx) error {
		if err := stock.Take(tx, clock{}.Now(), hold); err != nil {
			return err
		}
		if err := orders.Create(tx, o, "member"); err != nil || !paid {
			return err
		}
		p, err := payments.Start(tx, payments.Payment{ID: commerce.PaymentID("p" + id), Order: o.ID, Amount: o.Total, CreatedAt: clock{}.Now()})
		if err != nil {
			return err
		}
		if _, err := payments.MarkPaid(tx, p.ID, "pi_"+id, clock{}.Now()); err != nil {
			return err
		}
		if err := stock.Sell(tx, o.Hold); err != nil {
			return err
		}
		_, err = orders.Move(tx, o.ID, orders.Pending, orders.Paid, clock{}.Now(), "stripe")
		return err
	}))
}

// discount adds what an offer took off the lines of an order, and the credit
// that paid for some of it, to what is kept of it.
func (d *desk) discount(id string, off int64, credit int64) {
	d.t.Helper()
	must(d.t, d.db.Write(d.t.Context(), func(tx *database.Tx) error {
		var lines int64
		if err := tx.Row(`SELECT COUNT(*) FROM order_lines WHERE order_id = $1`, id).Scan(&lines); err != nil {
			return err
		}
		for _, s := range []string{
			fmt.Sprintf(`UPDATE order_lines SET discount = %d WHERE order_id = $1`, off),
			fmt.Sprintf(`INSERT INTO order_lines (order_id, position, kind, label, amount)
				VALUES ($1, 90, 'discount', 'Spring', %d)`, -off*lines),
			fmt.Sprintf(`INSERT INTO order_lines (order_id, position, kind, label, amount)
				VALUES ($1, 91, 'credit', 'Credit', %d)`, -credit),
		} {
			if _, err := tx.Exec(s, id); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (d *desk) do(who, action string) (bots.Screen, error) {
	d.t.Helper()
	return d.handle(who, bots.Event{Kind: bots.Do, Action: bots.Action(action), Chat: bots.Chat{Private: true}})
}

func (d *desk) handle(who string, ev bots.Event) (bots.Screen, error) {
	d.t.Helper()
	screen, err := d.Handle(d.t.Context(), ev, members.Member{ID: commerce.MemberID(who)}, d.words)
	if err == nil {
		if err := screen.Check(); err != nil {
			d.t.Errorf("%s: %v", ev.Action, err)
		}
	}
	return screen, err
}

// see is all a screen says, its buttons included.
func see(s bots.Screen) string {
	var b strings.Builder
	fmt.Fprintln(&b, s.Text.String())
	if s.Notice != "" {
		fmt.Fprintf(&b, "(%s)\n", s.Notice)
	}
	if s.Menu != nil {
		for _, c := range s.Menu.Choices {
			fmt.Fprintf(&b, "[%s: %s]\n", c.Label, c.Action)
		}
	}
	for _, row := range s.Rows {
		for _, one := range row {
			fmt.Fprintf(&b, "[%s: %s]", one.Label, one.Action)
		}
	}
	return b.String()
}

func (d *desk) sees(who, action string, want ...string) {
	d.t.Helper()
	screen, err := d.do(who, action)
	must(d.t, err)
	for _, w := range want {
		if is, not := strings.CutPrefix(w, "!"); not == strings.Contains(see(screen), is) {
			d.t.Errorf("%s, %s: want %q in\n%s", who, action, w, see(screen))
		}
	}
}

func TestWhoSeesWhat(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := openDesk(t, db)
		d.order("o1", true, "b")
		d.order("o2", true, "c")
		d.order("o3", true, "b", "c")
		d.order("o4", false, "b")
		d.sees("eve", "staff", "staff order o1", "staff order o2", "staff order o3", "!staff order o4")
		d.sees("bea", "staff", "staff order o1", "!staff order o2", "staff order o3", "!staff order o4")
		for _, who := range []string{"mod", "ann"} {
			for _, action := range []string{"staff", "staff past", "staff order o1", "staff refund o1 yes", "staff ship o1"} {
				if screen, err := d.do(who, action); !errors.Is(err, ErrNotStaff) || !screen.Empty() {
					t.Errorf("%s, %s: %v %v", who, action, screen, err)
				}
			}
		}
		for _, action := range []string{"staff order o2", "staff order o4", "staff refund o2 yes", "staff order", "staff order nope"} {
			if _, err := d.do("bea", action); !errors.Is(err, orders.ErrNotFound) {
				t.Errorf("%s: %v", action, err)
			}
		}
		d.sees("bea", "staff order o1", "Ann Lee", "1 Main St", "10115 Berlin", "Germany", "2 × Mug", "MUG-1", "€20.00", "staff ship o1", "staff cancel o1")
		// Of an order with goods of another brand a brand sees and sends its own; an admin acts on all of it.
		d.sees("bea", "staff order o3", "Ann Lee", "2 × Mug", "!Tea", "!€40.00", "an admin", "staff ship o3", "staff give o3", "!staff cancel")
		// Of a discount over both it sees its own part, and nothing of the credit.
		d.order("o9", true, "b", "c")
		d.discount("o9", 150, 777)
		d.sees("bea", "staff order o9", "Discount — -€1.50", "!€3.00", "!Spring", "!7.77", "!Credit")
		d.sees("eve", "staff order o9", "Spring — -€3.00", "Store credit — -€7.77", "!-€1.50")
		// Nor the sum of all of it, where something goes back or is disputed or owed.
		d.sees("bea", "staff give o3 none", "Tap the items", "Mug", "!€40.00", "!Tea")
		d.sees("eve", "staff give o3 none", "€40.00 is left", "Tea")
		for _, action := range []string{"staff cancel o3 yes", "staff refund o3 yes", "staff amount o3 100 card 0"} {
			d.sees("bea", action, "an admin", "to be sent")
		}
		d.sees("bea", "staff back o3 1n1 card 0", "refunded already") // another brand's line
		d.sees("bea", "staff part o3 1n1 pack", "refunded already")
		if d.count(`SELECT COUNT(*) FROM givebacks`)+d.count(`SELECT COUNT(*) FROM parcels`) != 0 {
			t.Error("a brand's staff acted on another brand's goods")
		}
		if _, err := d.handle("bea", bots.Event{Kind: bots.Fill, Action: "staff ship o3", Chat: bots.Chat{Private: true}}); err != nil || d.state("o3") != orders.Paid {
			t.Errorf("the order is %s though half of it was sent, %v", d.state("o3"), err)
		}
		if n := d.count(`SELECT COALESCE(SUM(shipped), 0) FROM fulfilments WHERE order_id = 'o3'`); n != 2 {
			t.Errorf("%d units were sent", n)
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			if _, err := payments.AddRefund(tx, payments.Refund{ID: "r3", Payment: "po3", Reason: "late", CreatedAt: clock{}.Now()}); err != nil {
				return err
			}
			for _, q := range []string{`UPDATE payments SET refunded = 0`, `UPDATE refunds SET state = 'failed'`,
				`INSERT INTO disputes (id, payment_id, order_id, state, reason, amount, currency, due_at, opened_at)
				 VALUES ('d3', 'po3', 'o3', 'needs_response', 'fraudulent', 4000, 'EUR', 1, 1)`} {
				if _, err := tx.Exec(q); err != nil {
					return err
				}
			}
			return nil
		}))
		for _, action := range []string{"staff disputes", "staff dispute o3", "staff owing"} {
			d.sees("bea", action, " o3", "!€40.00")
			d.sees("eve", action, "€40.00")
		}
		d.sees("eve", "staff order o3", "Mug", "Tea", "€40.00", "staff ship o3")
		d.sees("eve", "staff whatever", "Orders to send")
	})
}

func TestOnlyInPrivate(t *testing.T) {
	d := openDesk(t, databasetest.Open(t, "sqlite"))
	d.order("o1", true, "b")
	for _, action := range []bots.Action{"staff", "staff order o1", "staff refund o1 yes"} {
		screen, err := d.handle("eve", bots.Event{Kind: bots.Do, Action: action, Chat: bots.Chat{ID: "-1"}})
		if err != nil || strings.Contains(see(screen), "Ann") || screen.Path != "staff" || screen.Public {
			t.Errorf("%s in a group: %s, %v", action, see(screen), err)
		}
	}
	if got := d.state("o1"); got != orders.Paid {
		t.Error(got)
	}
}

func TestShip(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := openDesk(t, db)
		d.order("o1", true, "b")
		screen, err := d.do("bea", "staff ship o1")
		must(t, err)
		if screen.Form == nil || screen.Form.Action != "staff ship o1" || !screen.Form.Fields[0].Optional || d.state("o1") != orders.Paid {
			t.Fatalf("%+v", screen)
		}
		fill := bots.Event{Kind: bots.Fill, Action: "staff ship o1", Values: map[string]string{"tracking": " 1Z\n99\u202e "}, Chat: bots.Chat{Private: true}}
		for range 2 { // the second is a double tap
			screen, err = d.handle("bea", fill)
			must(t, err)
			if !strings.Contains(see(screen), "(Marked as sent.)") || !strings.Contains(see(screen), "1Z 99") || d.state("o1") != orders.Shipped {
				t.Errorf("%s, %s", see(screen), d.state("o1"))
			}
		}
		if n := d.count(`SELECT COUNT(*) FROM notices WHERE kind = 'order.shipped'`); n != 1 {
			t.Errorf("the buyer is told %d times", n)
		}
		if n := d.count(`SELECT COUNT(*) FROM order_events WHERE event = 'shipped' AND actor = 'staff:bea'`); n != 1 {
			t.Errorf("%d entries of who did it", n)
		}
		d.sees("bea", "staff", "Everything is sent")
		d.sees("bea", "staff past", "staff order o1", "sent")
		// The buttons of the message from before the parcel left.
		d.sees("bea", "staff cancel o1", "cannot be done", "staff give o1 none")
		d.sees("bea", "staff cancel o1 yes", "cannot be done")
		if d.state("o1") != orders.Shipped {
			t.Error(d.state("o1"))
		}
	})
}

func TestCancelAndRefund(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := openDesk(t, db)
		d.order("o1", true, "b")
		d.order("o2", true, "b")
		d.sees("eve", "staff cancel o1", "€20.00", "cannot be undone", "staff cancel o1 yes", "staff order o1")
		if d.state("o1") != orders.Paid {
			t.Error("cancelled before it was confirmed")
		}
		d.sees("eve", "staff cancel o1 yes", "(Cancelled.", "cancelled", "!staff cancel", "!staff refund")
		d.sees("eve", "staff cancel o1 yes", "cannot be done")
		d.sees("eve", "staff refund o1 yes", "cannot be done")
		_, err := d.handle("eve", bots.Event{Kind: bots.Fill, Action: "staff ship o2", Values: map[string]string{}, Chat: bots.Chat{Private: true}})
		must(t, err)
		d.sees("eve", "staff refund o2", "€20.00", "staff refund o2 yes")
		d.sees("eve", "staff refund o2 yes", "(Refunded.")
		d.sees("eve", "staff refund o2 yes", "cannot be done")
		if n := d.count(`SELECT COUNT(*) FROM refunds`); n != 2 {
			t.Errorf("%d refunds of two orders", n)
		}
		if n := d.count(`SELECT free FROM stock WHERE variant_id = 'vb'`); n != 98 {
			t.Errorf("%d free; what was not sent comes back, what was sent does not", n)
		}
	})
}

// TestOwing: a refund that failed is a task on the first screen, until its
// money went back.
func TestOwing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := openDesk(t, db)
		d.order("o1", true, "b")
		d.order("o2", true, "c")
		d.sees("eve", "staff", "!staff owing")
		d.sees("eve", "staff owing", "Every refund has arrived")
		for _, id := range []string{"o1", "o2"} {
			d.sees("eve", "staff cancel "+id+" yes", "(Cancelled.")
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			for _, q := range []string{`UPDATE payments SET refunded = 0`, `UPDATE refunds SET state = 'failed'`} {
				if _, err := tx.Exec(q); err != nil {
					return err
				}
			}
			return nil
		}))
		d.sees("eve", "staff", "2 refunds to settle", "staff owing")
		d.sees("eve", "staff owing", "staff order o1", "staff order o2", "€20.00")
		d.sees("bea", "staff", "1 refund to settle")
		d.sees("bea", "staff owing", "staff order o1", "!staff order o2")
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE refunds SET state = 'done'`)
			return err
		}))
		d.sees("eve", "staff", "!staff owing")
	})
}

// TestReturnPhoto: the photo of a return is handed over to the brand's staff,
// and to nobody else's.
func TestReturnPhoto(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		d := openDesk(t, db)
		d.order("o1", true, "b")
		d.order("o2", true, "c")
		kept := map[string][]byte{"p1": []byte("\xff\xd8 jpeg"), "p2": []byte("\x89PNG")}
		d.Photo = func(hash string) ([]byte, error) {
			if data, ok := kept[hash]; ok {
				return data, nil
			}
			return nil, &commerce.Error{Kind: commerce.NotFound, Message: "media.none"}
		}
		must(t, db.Write(t.Context(), func(tx *database.Tx) error {
			for _, q := range []string{
				`INSERT INTO returns (id, order_id, brand_id, member_id, state, reason, words, photo, exchange, asked_at) VALUES
				 ('r1', 'o1', 'b', 'ann', 'asked', 'broken', '', 'p1', '', 1), ('r2', 'o2', 'c', 'ann', 'asked', 'broken', '', 'p2', '', 1)`,
			} {
				if _, err := tx.Exec(q); err != nil {
					return err
				}
			}
			return nil
		}))
		d.sees("bea", "staff return r1", "staff photo r1")
		screen, err := d.do("bea", "staff photo r1")
		if err != nil || screen.File == nil || string(screen.File.Data) != "\xff\xd8 jpeg" || !strings.HasSuffix(screen.File.Name, ".jpg") || screen.Picture != nil {
			t.Errorf("%+v, %v", screen.File, err)
		}
		if screen, err := d.do("bea", "staff photo r2"); err == nil || screen.File != nil {
			t.Errorf("another brand's: %+v, %v", screen.File, err)
		}
		if screen, err = d.do("eve", "staff photo r2"); err != nil || screen.File == nil || !strings.HasSuffix(screen.File.Name, ".png") {
			t.Errorf("%+v, %v", screen.File, err)
		}
		delete(kept, "p2")
		d.sees("eve", "staff photo r2", "not there any more")
	})
}

func TestPages(t *testing.T) {
	d := openDesk(t, databasetest.Open(t, "sqlite"))
	for i := range perPage + 3 {
		d.order(fmt.Sprintf("o%02d", i), true, "b")
	}
	var seen []string
	for action := bots.Action("staff"); action != ""; {
		screen, err := d.do("eve", string(action))
		must(t, err)
		action = ""
		for _, c := range screen.Menu.Choices {
			seen = append(seen, c.Action.Words()[2])
		}
		for _, row := range screen.Rows {
			for _, b := range row {
				if strings.HasPrefix(string(b.Action), "staff open ") {
					action = b.Action
				}
			}
		}
	}
	if len(seen) != perPage+3 || !slices.IsSortedFunc(seen, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Error(seen)
	}
}

func (d *desk) state(id string) orders.State {
	o, err := d.checkout.Orders().Get(d.t.Context(), commerce.OrderID(id))
	must(d.t, err)
	return o.State
}

func (d *desk) count(query string) (n int) {
	must(d.t, d.db.Read(d.t.Context(), func(tx *database.Tx) error { return tx.Row(query).Scan(&n) }))
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
