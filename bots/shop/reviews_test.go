package shop_test

import (
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/reviews"
)

// rated gives a product so many reviews of so many stars.
func (w *world) rated(handle string, n, stars int64) {
	if err := w.db.Write(w.ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO scores (kind, id, n, described, quality, service, changed_at) VALUES ('product', $1, $2, $3, $4, $5, $6)`,
			w.product(handle).ID, n, n*stars, n*stars, n*stars, commerce.Micros(w.clock.Now()))
		return err
	}); err != nil {
		w.Fatal(err)
	}
	w.clock.Wait(time.Minute)
}

// TestBrowseByScore: lists are in the order of the feed, and a better product
// moves up by halves of a star.
func TestBrowseByScore(t *testing.T) {
	databasetest.Embedded(t)
	w := newWorld(t, databasetest.Open(t, "sqlite"))
	ann := w.person("ann")
	order := func() (titles string) {
		for _, c := range ann.do("all 0").Menu.Choices[:3] {
			titles += c.Label + ", "
		}
		return titles
	}
	if got := order(); got != "Cup, Lamp, Greeting card, " {
		t.Fatalf("at first: %s", got)
	}
	w.rated("card", 20, 5)
	w.rated("last", 1, 5) // one moves nothing
	w.rated("cup", 20, 1)
	if got := order(); got != "Greeting card, Lamp, Linen shirt, " {
		t.Errorf("rated: %s", got)
	}
	if s := plain(ann.do("p " + string(w.product("card").ID))); !strings.Contains(s, "★ 5.0 · 20 reviews") {
		t.Errorf("the product: %s", s)
	}
}

// TestRateWithoutBuying: whatever is pressed, who has not received a product
// leaves no stars, and an old button changes nothing twice.
func TestRateWithoutBuying(t *testing.T) {
	databasetest.Embedded(t)
	w := newWorld(t, databasetest.Open(t, "sqlite"))
	ann, cup := w.person("ann"), string(w.product("cup").ID)
	count := func() (n int) {
		if err := w.db.Read(w.ctx, func(tx *database.Tx) error { return tx.Row(`SELECT COUNT(*) FROM reviews`).Scan(&n) }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, action := range []string{"rate ", "rate stars ", "rate send ", "rate write "} {
		if action += cup; !strings.HasPrefix(action, "rate "+cup) {
			action += " 555"
		}
		if s := plain(ann.do(action)); !strings.Contains(s, "once it has arrived") {
			t.Errorf("%s: %s", action, s)
		}
	}
	if n := count(); n != 0 {
		t.Fatalf("%d reviews", n)
	}
	if err := w.db.Write(w.ctx, func(tx *database.Tx) error {
		r := reviews.New(reviews.Config{DB: w.db, Clock: w.clock, IDs: commerce.RandomIDs{}})
		return r.Received(tx, reviews.Arrival{Member: w.member("ann"), Order: "o", Parcel: "x", Products: []commerce.ProductID{commerce.ProductID(cup)}})
	}); err != nil {
		t.Fatal(err)
	}
	if s := plain(ann.do("rate send " + cup + " 55")); !strings.Contains(s, "How were service and delivery?") || count() != 0 {
		t.Errorf("with two of three: %s", s)
	}
	ann.do("rate send " + cup + " 555")
	if s := plain(ann.do("rate send " + cup + " 111")); !strings.Contains(s, "★★★★★ Quality") || !strings.Contains(s, "Change it") {
		t.Errorf("sent again: %s", s)
	}
	ann.do("rate send " + cup + " e444")
	if s := plain(ann.do("rate send " + cup + " e111")); !strings.Contains(s, "★★★★☆ Quality") || strings.Contains(s, "Change it") {
		t.Errorf("changed again: %s", s)
	}
	if n := count(); n != 1 {
		t.Errorf("%d reviews", n)
	}
}
