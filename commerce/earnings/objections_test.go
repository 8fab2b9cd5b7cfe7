package earnings_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/rewards"
)

// disputed is an order for n cups from mira's pick, after omar's was opened too;
// its buyer says that it was omar's.
func disputed(w *world, n int64) (buyer checkout.Buyer, o orders.Order, id string) {
	w.Helper()
	buyer = w.buyer("ann")
	w.taps = []live.Tapped{{Pick: "p3", First: w.clock.Now(), Last: w.clock.Now()}}
	o = w.buy(buyer, w.line("cup", n, "p1", "mira"))
	list, err := w.earnings.OfOrder(w.ctx, o.ID)
	w.must(err)
	w.must(w.earnings.Object(w.ctx, buyer.Member, list[0].ID, "p3", "It was Omar."))
	return buyer, o, w.waiting()
}

// kept lets the time go by in which what was sent can be sent back.
func (w *world) kept() {
	w.Helper()
	w.clock.Wait(20 * 24 * time.Hour)
	w.rest() // taken for delivered
	w.clock.Wait(40 * 24 * time.Hour)
	w.rest()
}

// waiting is the objection that waits.
func (w *world) waiting() string {
	w.Helper()
	list, n, err := w.earnings.Objections(w.ctx, 10)
	w.must(err)
	if len(list) != 1 || n != 1 {
		w.Fatalf("%d objections wait, %+v", n, list)
	}
	return list[0].ID
}

func (w *world) decide(id string, ruling earnings.Ruling, to commerce.CreatorID, want error) {
	w.Helper()
	if err := w.earnings.Decide(w.ctx, earnings.Decision{By: "boss", ID: id, Ruling: ruling, To: to, Reason: "Looked at it."}); !errors.Is(err, want) {
		w.Fatalf("decided: %v, want %v", err, want)
	}
}

// TestObjectionMoves: what waits is somebody else's, once, and a later part refund
// takes back its part of it.
func TestObjectionMoves(t *testing.T) {
	each(t, func(w *world) {
		_, o, id := disputed(w, 2)
		w.decide(id, earnings.Moved, "noor", earnings.ErrNotTo) // no member, and nobody named them
		w.decide(id, earnings.Moved, "omar", nil)
		w.decide(id, earnings.Moved, "omar", earnings.ErrDecided)
		w.decide(id, earnings.Taken, "", earnings.ErrDecided)
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 200, earnings.Back}, receipt{"Cup", earnings.Decided, 2000, 200, 0, earnings.Pending})
		w.sum(w.mira, earnings.Sum{})
		w.sum(w.omar, earnings.Sum{Pending: 200})
		w.back(o, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}})
		w.sum(w.omar, earnings.Sum{Pending: 100})
		c, err := w.earnings.Told(w.ctx, w.mira, id)
		w.must(err)
		if c.State != earnings.Moved || c.Amount != 200 || c.Reason != "Looked at it." {
			w.Errorf("mira is told %+v", c.Objection)
		}
		if _, err := w.earnings.Told(w.ctx, w.omar, id); !errors.Is(err, earnings.ErrUnknown) {
			w.Errorf("omar is told of it: %v", err)
		}
		n, _, err := moderation.Verify(w.ctx, w.db, nil)
		w.must(err)
		if n != 2 {
			w.Errorf("%d lines in the log, want the objection and the decision", n)
		}
	})
}

// TestObjectionAfterPart: what went back before is not moved, and all that goes
// back afterwards is of the new one.
func TestObjectionAfterPart(t *testing.T) {
	each(t, func(w *world) {
		_, o, id := disputed(w, 4)
		w.back(o, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}})
		w.decide(id, earnings.Moved, "omar", nil)
		w.sum(w.omar, earnings.Sum{Pending: 300})
		w.back(o, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}})
		w.sum(w.omar, earnings.Sum{Pending: 200})
		w.back(o, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 2}}})
		w.sum(w.omar, earnings.Sum{})
		w.sum(w.mira, earnings.Sum{})
	})
}

// TestObjectionSpent: never more is taken than is free, and a part that goes back
// later takes its part of what was left.
func TestObjectionSpent(t *testing.T) {
	each(t, func(w *world) {
		_, o, id := disputed(w, 2)
		w.send(o)
		w.kept()
		w.sum(w.mira, earnings.Sum{Points: 200})
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error { // she spends 80
			_, err := rewards.Post(tx, w.clock.Now(), rewards.Posting{ID: "spent", Memo: "spent", Entries: []rewards.Entry{
				{Account: rewards.Points(w.mira), Amount: commerce.Money{Amount: 80, Currency: rewards.PointsCurrency}},
				{Account: rewards.PointsIssued, Amount: commerce.Money{Amount: -80, Currency: rewards.PointsCurrency}}}})
			return err
		}))
		w.decide(id, earnings.Moved, "omar", nil)
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 120, earnings.Available}, receipt{"Cup", earnings.Decided, 2000, 120, 0, earnings.Pending})
		w.rest()
		w.sum(w.mira, earnings.Sum{})
		w.sum(w.omar, earnings.Sum{Points: 120})
		w.back(o, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}})
		w.sum(w.mira, earnings.Sum{})
		w.sum(w.omar, earnings.Sum{Points: 60})
	})
}

// TestObjectionTaken: it can be taken back whole, or stay; who says so, and about
// what, is theirs to say, once, and nobody decides about their own.
func TestObjectionTaken(t *testing.T) {
	each(t, func(w *world) {
		buyer, o, id := disputed(w, 2)
		list, err := w.earnings.OfOrder(w.ctx, o.ID)
		w.must(err)
		for who, want := range map[commerce.MemberID]error{w.omar: earnings.ErrUnknown, "": earnings.ErrUnknown, buyer.Member: earnings.ErrObjected} {
			if err := w.earnings.Object(w.ctx, who, list[0].ID, "", "me too"); !errors.Is(err, want) {
				w.Errorf("%q objects: %v, want %v", who, err, want)
			}
		}
		if err := w.earnings.Object(w.ctx, w.mira, list[0].ID, "p3", "names a pick"); !errors.Is(err, earnings.ErrUnknown) {
			w.Errorf("the earner names a pick: %v", err)
		}
		for _, by := range []commerce.MemberID{w.mira, buyer.Member, w.omar} {
			if err := w.earnings.Decide(w.ctx, earnings.Decision{By: by, ID: id, Ruling: earnings.Moved, To: "omar", Reason: "mine"}); !errors.Is(err, earnings.ErrMine) {
				w.Errorf("%s decides about their own: %v", by, err)
			}
		}
		w.decide(id, earnings.Stands, "", nil)
		w.sum(w.mira, earnings.Sum{Pending: 200})
		w.must(w.earnings.Object(w.ctx, w.mira, list[0].ID, "", "It is not mine."))
		id = w.waiting()
		w.decide(id, earnings.Taken, "", nil)
		w.want(o, receipt{"Cup", earnings.LastTap, 2000, 200, 200, earnings.Back})
		w.sum(w.mira, earnings.Sum{})
		w.back(o, checkout.Giving{Items: []fulfilment.Item{{Position: 0, Quantity: 1}}})
		w.sum(w.mira, earnings.Sum{})
	})
}

// TestObjectionMoney: money moves as points do.
func TestObjectionMoney(t *testing.T) {
	each(t, func(w *world) {
		w.rules.Money = true
		_, o, id := disputed(w, 2)
		w.send(o)
		w.kept()
		w.decide(id, earnings.Moved, "omar", nil)
		w.rest()
		of, err := w.earnings.Money(w.ctx, w.omar)
		w.must(err)
		if len(of) != 1 || of[0].Free != 200 {
			w.Errorf("omar has %+v", of)
		}
	})
}

// TestObjectionErased: what an erased member said is forgotten, and nothing is
// taken from one who is gone.
func TestObjectionErased(t *testing.T) {
	each(t, func(w *world) {
		_, _, id := disputed(w, 2)
		w.must(w.people.Erase(w.ctx, w.mira))
		w.decide(id, earnings.Moved, "omar", earnings.ErrNothing)
		w.decide(id, earnings.Stands, "", nil)
		buyer := w.buyer("cleo")
		o := w.buy(buyer, w.line("cup", 1, "p3", "omar"))
		list, err := w.earnings.OfOrder(w.ctx, o.ID)
		w.must(err)
		w.must(w.earnings.Object(w.ctx, buyer.Member, list[0].ID, "", "words"))
		w.must(w.people.Erase(w.ctx, buyer.Member))
		if list, n, err := w.earnings.Objections(w.ctx, 10); err != nil || n != 0 || len(list) != 0 {
			w.Errorf("%d wait, %v, %v", n, list, err)
		}
	})
}

// TestObjectionTold: who decides hears of it with all their accounts, and decides
// with any of them; whose receipt it is does neither, with whichever.
func TestObjectionTold(t *testing.T) {
	each(t, func(w *world) {
		w.admins = [][]commerce.MemberID{{"boss", "boss2"}, {w.mira, "mira2"}}
		_, _, id := disputed(w, 1)
		told := databasetest.Told(w.T, w.db)
		if !strings.Contains(told, "staff.objection boss, staff.objection boss2") || strings.Count(told, "staff.objection ") != 2 {
			w.Errorf("told: %s", told)
		}
		if err := w.earnings.Decide(w.ctx, earnings.Decision{By: "mira2", ID: id, Ruling: earnings.Stands, Reason: "mine"}); !errors.Is(err, earnings.ErrMine) {
			w.Errorf("mira decides with her other account: %v", err)
		}
		w.must(w.earnings.Decide(w.ctx, earnings.Decision{By: "boss2", ID: id, Ruling: earnings.Stands, Reason: "Looked at it."}))
	})
}
