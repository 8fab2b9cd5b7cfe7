package exchange_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/exchange"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/pricing"
	"github.com/soukchat/souk/commerce/reviews"
	"github.com/soukchat/souk/commerce/rewards"
	"github.com/soukchat/souk/commerce/stock"
)

func TestFromOfferToReview(t *testing.T) {
	each(t, func(w *world) {
		b := w.brief("cup", 2, exchange.AskAny)
		w.want("set aside", w.shelf(b), "free 1, held 2, sold 0, aside 2")
		mira, o := w.send("mira", b)
		w.want("sent", w.shelf(b), "free 1, held 1, sold 1, aside 1")
		if o.Total.Amount != 0 || o.State != orders.Paid || o.Address.City != "Berlin" || len(o.Lines) != 1 || o.Member != w.who["mira"].Member {
			t.Errorf("the order of a sample: %+v", o)
		}
		if again, err := w.exchange.Accept(w.ctx, w.who["mira"], mira.ID); err != nil || again.ID != o.ID {
			t.Errorf("accepted again: %s, %v; want %s", again.ID, err, o.ID)
		}
		w.is(w.review("mira", "cup"), reviews.ErrNotYours)
		w.arrive(o)
		mira = w.bid(mira.ID)
		if mira.State != exchange.Arrived || !mira.ReviewBy.Equal(w.clock.Now().Add(10*24*time.Hour)) {
			t.Errorf("arrived: %+v", mira)
		}
		w.clock.Wait(8 * 24 * time.Hour)
		w.step()
		if w.told("exchange.soon") != 1 || w.told("exchange.late") != 0 {
			t.Error("she is not reminded once")
		}
		w.must(w.review("mira", "cup"))
		if mira = w.bid(mira.ID); mira.State != exchange.Done || mira.Late {
			t.Errorf("reviewed: %+v", mira)
		}
		list, err := w.reviews.List(w.ctx, b.Product, reviews.Newest, "", 5)
		if err != nil || len(list.Items) != 1 || !list.Items[0].Sample {
			t.Errorf("the review does not say that it was free: %+v, %v", list.Items, err)
		}
		p, err := w.exchange.Creator(w.ctx, "mira", w.who["mira"].Member)
		if err != nil || p.Kept != 1 || p.Late != 0 {
			t.Errorf("her numbers: %+v, %v", p, err)
		}
		balances, err := rewards.Balances(w.ctx, w.db)
		if err != nil || len(balances) != 0 {
			t.Errorf("a sample is in the books: %v, %v", balances, err)
		}
	})
}

func TestWhoMayApply(t *testing.T) {
	each(t, func(w *world) {
		b := w.brief("cup", 1, exchange.AskReview)
		_, err := w.exchange.Apply(w.ctx, w.who["ann"].Member, b.ID, "Please.")
		w.is(err, exchange.ErrNoCreator)
		_, err = w.exchange.Apply(w.ctx, w.who["noor"].Member, b.ID, "Please.")
		w.is(err, exchange.ErrFew)
		s, err := w.exchange.Standing(w.ctx, w.who["noor"].Member, b.ID)
		if err != nil || s.Missing() != 2 || s.Needs != 2 {
			t.Errorf("noor: %+v, %v", s, err)
		}
		w.house.Followers = 3 // the house asks for more than the brief does
		_, err = w.exchange.Apply(w.ctx, w.who["mira"].Member, b.ID, "Please.")
		w.is(err, exchange.ErrFew)
		w.house.Followers = 0 // and the brief for more than the house
		_, err = w.exchange.Apply(w.ctx, w.who["noor"].Member, b.ID, "Please.")
		w.is(err, exchange.ErrFew)
		made := w.apply("mira", b)
		_, err = w.exchange.Apply(w.ctx, w.who["mira"].Member, b.ID, "Please.")
		w.is(err, exchange.ErrApplied)
		w.must(w.exchange.Withdraw(w.ctx, w.who["mira"].Member, made.ID))
		w.must(w.exchange.Withdraw(w.ctx, w.who["mira"].Member, made.ID))
		w.is(w.exchange.Choose(w.ctx, nil, made.ID), exchange.ErrDecided)
		if again := w.apply("mira", b); again.ID != made.ID {
			t.Errorf("two applications of one creator: %s and %s", made.ID, again.ID)
		}
		sam := w.who["sam"].Member
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE creators SET member_id = $1 WHERE id = 'omar'`, sam)
			return err
		}))
		_, err = w.exchange.Apply(w.ctx, sam, b.ID, "Me.")
		w.is(err, exchange.ErrOwn)
		w.is(w.exchange.Choose(w.ctx, []commerce.BrandID{"zeta"}, made.ID), exchange.ErrNoBid)
		w.clock.Wait(15 * 24 * time.Hour)
		w.is(func() error {
			s, err := w.exchange.Standing(w.ctx, w.who["noor"].Member, b.ID)
			w.must(err)
			return s.Err()
		}(), exchange.ErrOver)
	})
}

func TestNoMoreSamplesThanUnits(t *testing.T) {
	each(t, func(w *world) {
		p, _ := w.goods.ByHandle("acme", "cup")
		over, err := w.exchange.Begin(w.ctx, "staff:sam", exchange.Brief{Brand: "acme", Product: p.ID, Variant: p.Variants[0].ID, Words: "x", Days: 10, Lasts: 14, Units: 4})
		w.must(err)
		w.is(w.exchange.Open(w.ctx, nil, over.ID), stock.ErrSoldOut)
		b := w.brief("cup", 1, exchange.AskAny)
		mira, omar := w.apply("mira", b), w.apply("omar", b)
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for i, id := range []commerce.BidID{mira.ID, omar.ID} {
			wg.Go(func() { errs[i] = w.exchange.Choose(w.ctx, nil, id) })
		}
		wg.Wait()
		if n := len(slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return err != nil })); n != 1 {
			t.Errorf("%d of two were promised the one sample: %v", n, errs)
		}
		if b, err = w.exchange.Brief(w.ctx, b.ID); err != nil || b.Taken != 1 || b.Waits != 1 {
			t.Errorf("the brief: %+v, %v", b, err)
		}
		card := w.brief("bowl", 1, exchange.AskAny) // nobody counts bowls, and still one was promised
		omar, mira = w.apply("omar", card), w.apply("mira", card)
		w.must(w.exchange.Choose(w.ctx, nil, omar.ID))
		w.is(w.exchange.Choose(w.ctx, nil, mira.ID), exchange.ErrNone)
		w.must(w.exchange.Choose(w.ctx, nil, omar.ID)) // again
	})
}

func TestOneSampleAnApplication(t *testing.T) {
	each(t, func(w *world) {
		b := w.brief("cup", 3, exchange.AskAny)
		made := w.apply("mira", b)
		w.must(w.exchange.Choose(w.ctx, nil, made.ID))
		_, err := w.exchange.Accept(w.ctx, w.who["omar"], made.ID)
		w.is(err, exchange.ErrNoBid)
		var wg sync.WaitGroup
		got := make([]commerce.OrderID, 4)
		for i := range got {
			wg.Go(func() {
				o, err := w.exchange.Accept(w.ctx, w.who["mira"], made.ID)
				if err != nil {
					t.Error(err)
				}
				got[i] = o.ID
			})
		}
		wg.Wait()
		if slices.Sort(got); len(slices.Compact(got)) != 1 {
			t.Errorf("orders of one application: %v", got)
		}
		w.want("one is sold", w.shelf(b), "free 0, held 2, sold 1, aside 2")
	})
}

func TestMonth(t *testing.T) {
	each(t, func(w *world) {
		w.send("mira", w.brief("bowl", 1, exchange.AskAny))
		w.clock.Wait(24 * time.Hour)
		third, fourth := w.brief("bowl", 1, exchange.AskAny), w.brief("bowl", 1, exchange.AskAny)
		waits := w.apply("mira", third) // when she had room for it
		w.send("mira", w.brief("bowl", 1, exchange.AskAny))
		_, err := w.exchange.Apply(w.ctx, w.who["mira"].Member, fourth.ID, "Please.")
		w.is(err, exchange.ErrMonth)
		var e *commerce.Error
		if errors.As(err, &e); !e.Args["at"].(time.Time).Equal(time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)) {
			t.Errorf("again at %v", e.Args["at"])
		}
		w.is(w.exchange.Choose(w.ctx, nil, waits.ID), exchange.ErrMonth)
		if b, err := w.exchange.Brief(w.ctx, third.ID); err != nil || b.Taken != 0 || b.Waits != 1 {
			t.Errorf("a refused choice left something: %+v, %v", b, err)
		}
		w.clock.Wait(29*24*time.Hour + time.Minute)
		w.send("mira", w.brief("bowl", 1, exchange.AskAny))
	})
}

func TestDeclinedAndMissed(t *testing.T) {
	each(t, func(w *world) {
		b := w.brief("cup", 1, exchange.AskAny)
		mira, omar := w.apply("mira", b), w.apply("omar", b)
		w.must(w.exchange.Choose(w.ctx, nil, mira.ID))
		w.must(w.exchange.Decline(w.ctx, w.who["mira"].Member, mira.ID))
		w.must(w.exchange.Decline(w.ctx, w.who["mira"].Member, mira.ID))
		_, err := w.exchange.Accept(w.ctx, w.who["mira"], mira.ID)
		w.is(err, exchange.ErrDecided)
		w.must(w.exchange.Choose(w.ctx, nil, omar.ID))
		w.want("promised again", w.shelf(b), "free 2, held 1, sold 0, aside 1")
		w.clock.Wait(exchange.AcceptWithin)
		_, err = w.exchange.Accept(w.ctx, w.who["omar"], omar.ID) // before the clock came by
		w.is(err, exchange.ErrDecided)
		w.step()
		if omar = w.bid(omar.ID); omar.State != exchange.Missed || w.told("exchange.missed") != 1 {
			t.Errorf("missed: %+v", omar)
		}
		w.must(w.exchange.Close(w.ctx, nil, b.ID))
		w.must(w.exchange.Close(w.ctx, nil, b.ID))
		w.want("closed", w.shelf(b), "free 3, held 0, sold 0, aside 0")
	})
}

func TestPromisedIsKept(t *testing.T) {
	each(t, func(w *world) {
		b := w.brief("cup", 2, exchange.AskAny)
		mira, omar := w.apply("mira", b), w.apply("omar", b)
		w.must(w.exchange.Choose(w.ctx, nil, mira.ID))
		w.must(w.exchange.Close(w.ctx, nil, b.ID))
		w.is(w.exchange.Choose(w.ctx, nil, omar.ID), exchange.ErrOver)
		w.want("what is left is back", w.shelf(b), "free 2, held 1, sold 0, aside 1")
		w.step()
		if omar = w.bid(omar.ID); omar.State != exchange.Passed || w.told("exchange.passed") != 1 {
			t.Errorf("omar was not told: %+v", omar)
		}
		_, err := w.exchange.Accept(w.ctx, w.who["mira"], mira.ID)
		w.must(err)
		w.want("sent all the same", w.shelf(b), "free 2, held 0, sold 1, aside 0")
	})
}

func TestFilled(t *testing.T) {
	each(t, func(w *world) {
		b := w.brief("cup", 1, exchange.AskAny)
		omar := w.apply("omar", b)
		_, o := w.send("mira", b)
		w.step()
		if b, err := w.exchange.Brief(w.ctx, b.ID); err != nil || b.State != exchange.Filled || w.bid(omar.ID).State != exchange.Passed {
			t.Errorf("filled: %+v, %v", b, err)
		}
		w.must(w.shop.CancelMine(w.ctx, o.Member, o.ID))
		w.want("back on the shelf", w.shelf(b), "free 3, held 0, sold 0, aside 0")
	})
}

func TestTakenBack(t *testing.T) {
	each(t, func(w *world) {
		b := w.brief("cup", 2, exchange.AskAny)
		mira, o := w.send("mira", b)
		w.must(w.shop.CancelPaid(w.ctx, "staff:sam", o.ID))
		if mira = w.bid(mira.ID); mira.State != exchange.Off || mira.Given {
			t.Errorf("taken back: %+v", mira)
		}
		w.want("for the next", w.shelf(b), "free 1, held 2, sold 0, aside 2")
		omar, o := w.send("omar", b)
		w.must(w.shop.Ship(w.ctx, "staff:sam", o.ID, ""))
		_, err := w.shop.RefundPart(w.ctx, "staff:sam", o.ID, checkout.Giving{Amount: commerce.Money{Amount: 100, Currency: "EUR"}})
		w.is(err, checkout.ErrState)
		w.is(w.shop.AskReturn(w.ctx, o.Member, o.ID, checkout.Asking{Items: []fulfilment.Item{{Quantity: 1}}, Reason: fulfilment.Reasons[0]}), checkout.ErrWindow)
		w.must(w.shop.Refund(w.ctx, "staff:sam", o.ID))
		if omar = w.bid(omar.ID); omar.State != exchange.Off || !omar.Given {
			t.Errorf("what was sent is given: %+v", omar)
		}
	})
}

func TestLate(t *testing.T) {
	each(t, func(w *world) {
		b := w.brief("cup", 1, exchange.AskReview)
		mira, o := w.send("mira", b)
		w.arrive(o)
		w.clock.Wait(10*24*time.Hour - time.Second)
		w.step()
		if w.bid(mira.ID).Late {
			t.Error("late before it was due")
		}
		w.clock.Wait(time.Second)
		w.step()
		if mira = w.bid(mira.ID); !mira.Late || mira.State != exchange.Arrived || w.told("exchange.late") != 1 || w.told("staff.bidlate") != 1 {
			t.Errorf("late: %+v", mira)
		}
		w.must(w.exchange.RateCreator(w.ctx, "staff:sam", nil, exchange.Rating{Bid: mira.ID, Stars: 1, Words: "Nothing came."}))
		w.must(w.review("mira", "cup"))
		w.clock.Wait(exchange.RateWithin)
		w.step()
		p, err := w.exchange.Creator(w.ctx, "mira", w.who["mira"].Member)
		if err != nil || p.Kept != 0 || p.Late != 1 || p.N != 1 || w.bid(mira.ID).State != exchange.Done {
			t.Errorf("her numbers: %+v, %v", p, err)
		}
	})
}

func TestRatings(t *testing.T) {
	each(t, func(w *world) {
		b := w.brief("cup", 2, exchange.AskReview)
		mira, o := w.send("mira", b)
		rate := func(stars int64) error {
			return w.exchange.RateBrand(w.ctx, w.who["mira"].Member, exchange.Rating{Bid: mira.ID, Stars: stars, Words: "Quick."})
		}
		w.is(rate(5), exchange.ErrNoRating)
		w.arrive(o)
		w.must(w.review("mira", "cup"))
		w.is(rate(6), exchange.ErrStars)
		w.must(rate(4))
		w.is(rate(5), exchange.ErrRated)
		if own, other, err := w.exchange.Ratings(w.ctx, mira.ID, exchange.ByBrand); err != nil || own != nil || other != nil {
			t.Errorf("the brand reads it before it has rated: %v, %v, %v", own, other, err)
		}
		if p, err := w.exchange.Brand(w.ctx, "acme"); err != nil || p.N != 0 || len(p.Said) != 0 {
			t.Errorf("it counts before it is shown: %+v, %v", p, err)
		}
		w.must(w.exchange.RateCreator(w.ctx, "staff:sam", []commerce.BrandID{"acme"}, exchange.Rating{Bid: mira.ID, Stars: 3, Words: "Honest."}))
		if _, other, err := w.exchange.Ratings(w.ctx, mira.ID, exchange.ByBrand); err != nil || other == nil || other.Words != "Quick." {
			t.Errorf("both are there: %v, %v", other, err)
		}
		if p, err := w.exchange.Brand(w.ctx, "acme"); err != nil || p.N != 1 || p.Mean() != 4000 || len(p.Said) != 1 {
			t.Errorf("the brand: %+v, %v", p, err)
		}
		w.is(w.exchange.RateCreator(w.ctx, "staff:sam", nil, exchange.Rating{Bid: mira.ID, Stars: 1}), exchange.ErrNoRating)

		omar, o := w.send("omar", b)
		w.arrive(o)
		w.must(w.review("omar", "cup"))
		w.must(w.exchange.RateCreator(w.ctx, "staff:sam", nil, exchange.Rating{Bid: omar.ID, Stars: 5}))
		w.clock.Wait(exchange.RateWithin)
		if _, other, err := w.exchange.Ratings(w.ctx, omar.ID, exchange.ByCreator); err != nil || other != nil {
			t.Errorf("omar reads it before the clock came by: %v, %v", other, err)
		}
		w.is(w.exchange.RateBrand(w.ctx, w.who["omar"].Member, exchange.Rating{Bid: omar.ID, Stars: 1}), exchange.ErrNoRating)
		w.step()
		if p, err := w.exchange.Creator(w.ctx, "omar", w.who["omar"].Member); err != nil || p.N != 1 || p.Mean() != 5000 {
			t.Errorf("omar: %+v, %v", p, err)
		}
	})
}

func TestPickCounts(t *testing.T) {
	each(t, func(w *world) {
		b := w.brief("cup", 1, exchange.AskPick)
		mira, o := w.send("mira", b)
		w.arrive(o)
		w.must(w.review("mira", "cup"))
		if w.bid(mira.ID).State != exchange.Arrived {
			t.Error("a review counts where a post was asked for")
		}
		d, err := w.creators.Begin(w.ctx, "mira", "")
		w.must(err)
		_, err = w.creators.Write(w.ctx, "mira", d.ID, "The cup", "It leaks, and I say so.", nil)
		w.must(err)
		_, err = w.creators.Tag(w.ctx, "mira", d.ID, creators.Item{Product: b.Product})
		w.must(err)
		p, err := w.creators.Publish(w.ctx, "mira", d.ID, creators.Publishing{})
		if err != nil || !p.Sample {
			t.Errorf("the pick does not say that it was free: %+v, %v", p, err)
		}
		if p, err = w.creators.Pick(w.ctx, p.ID); err != nil || !p.Sample || w.bid(mira.ID).State != exchange.Done {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

func TestSampleCostsNothing(t *testing.T) {
	each(t, func(w *world) {
		p, _ := w.goods.ByHandle("acme", "cup")
		line, err := w.shop.Samples(w.ctx, p.Variants[0].ID, "DE")
		w.must(err)
		if line.Amount.Amount != 0 || line.Unit.Amount != 0 {
			t.Errorf("a sample has a price: %+v", line)
		}
		line.Amount.Amount = 1
		if err := w.db.Write(w.ctx, func(tx *database.Tx) error {
			_, err := w.shop.PlaceSample(tx, w.who["mira"], checkout.Sample{ID: "x", Variant: p.Variants[0].ID}, line)
			return err
		}); err == nil {
			t.Error("a sample was placed that costs something")
		}
		card, _ := w.goods.ByHandle("acme", "card")
		_, err = w.shop.Samples(w.ctx, card.Variants[0].ID, "")
		w.is(err, checkout.ErrNoParcel)
		_, err = w.shop.Samples(w.ctx, p.Variants[0].ID, "FR")
		w.is(err, pricing.ErrNoShipping)
	})
}

func TestPraiseIsNotAskedFor(t *testing.T) {
	house := exchange.House{Followers: 10}
	fine := exchange.Brief{Product: "cup", Words: "Show it with something hot in it, for a week.", Units: 1, Days: 7, Lasts: 7, Followers: 10}
	if faults := house.Faults(fine); len(faults) > 0 {
		t.Errorf("nothing is wrong with it: %v", faults)
	}
	for _, words := range []string{"Give it five stars, please, when you like it.", "Bitte 5 Sterne, wenn es dir gefällt.", "We hope for ★★★★★ from all of you.",
		"Write a positive review of it, with a photo.", "Wir freuen uns über eine gute Bewertung von dir.", "Nur Gutes schreiben, bitte, und ein Foto."} {
		b := fine
		b.Words = words
		if faults := house.Faults(b); len(faults) != 1 || faults[0].What != exchange.Praise {
			t.Errorf("%s: %v", words, faults)
		}
	}
	b := fine
	b.Followers, b.Units, b.Days = 9, 0, 61
	if faults := house.Faults(b); len(faults) != 3 {
		t.Errorf("three things are wrong: %v", faults)
	}
}

// TestRatingHidden: words that hold back wait for a moderator, and what is reported
// is hidden by one who does not work for the brand; the stars count.
func TestRatingHidden(t *testing.T) {
	each(t, func(w *world) {
		w.words = moderation.Words{"scam*"}
		mira, o := w.send("mira", w.brief("cup", 1, exchange.AskReview))
		w.arrive(o)
		w.must(w.review("mira", "cup"))
		her, sam := w.who["mira"].Member, w.who["sam"].Member
		w.must(w.exchange.RateBrand(w.ctx, her, exchange.Rating{Bid: mira.ID, Stars: 4, Words: "A scammer."}))
		w.must(w.exchange.RateCreator(w.ctx, "staff:"+string(sam), nil, exchange.Rating{Bid: mira.ID, Stars: 2, Words: "Never again."}))
		reads := func(side exchange.Side, mine, theirs string) {
			t.Helper()
			own, other, err := w.exchange.Ratings(w.ctx, mira.ID, side)
			if err != nil || own == nil || other == nil || own.Words != mine || other.Words != theirs {
				t.Errorf("%s reads %+v and %+v, %v; want %q and %q", side, own, other, err, mine, theirs)
			}
		}
		reads(exchange.ByCreator, "A scammer.", "Never again.")
		reads(exchange.ByBrand, "Never again.", "")
		if p, err := w.exchange.Brand(w.ctx, "acme"); err != nil || p.N != 1 || len(p.Said) != 1 || p.Said[0].Words != "" {
			t.Errorf("the brand: %+v, %v", p, err)
		}
		said, heard := moderation.Ref{Kind: moderation.ByCreator, ID: string(mira.ID)}, moderation.Ref{Kind: moderation.ByBrand, ID: string(mira.ID)}
		w.is(w.moderation.Fine(w.ctx, sam, said), moderation.ErrBrand)
		w.must(w.moderation.Fine(w.ctx, "mod", said))
		reads(exchange.ByBrand, "Never again.", "A scammer.")

		w.is(w.moderation.Report(w.ctx, sam, heard, moderation.Hate, ""), moderation.ErrOwn)
		w.must(w.moderation.Report(w.ctx, her, heard, moderation.Hate, "It is about me."))
		c, err := w.moderation.Look(w.ctx, heard)
		if err != nil || c.Author != sam || c.By != "Acme" || c.Words != "Never again." {
			t.Errorf("the case: %+v, %v", c, err)
		}
		made, err := w.moderation.Decide(w.ctx, moderation.Decision{By: "mod", About: heard, Kind: moderation.Hide, Reason: moderation.Hate})
		w.must(err)
		reads(exchange.ByCreator, "A scammer.", "")
		reads(exchange.ByBrand, "Never again.", "A scammer.")
		if p, err := w.exchange.Creator(w.ctx, "mira", her); err != nil || p.Mean() != 2000 || len(p.Said) != 1 || p.Said[0].Words != "" {
			t.Errorf("mira: %+v, %v", p, err)
		}
		w.must(w.moderation.Lift(w.ctx, "mod", made.ID))
		reads(exchange.ByCreator, "A scammer.", "Never again.")
		w.is(w.moderation.Report(w.ctx, her, moderation.Ref{Kind: moderation.ByBrand, ID: "nothing"}, moderation.Hate, ""), moderation.ErrUnknown)
	})
}

// TestOnePerson: of two creators who are one the applications and numbers are one's,
// and of two for the same offer one waits.
func TestOnePerson(t *testing.T) {
	each(t, func(w *world) {
		both, one := w.brief("bowl", 2, exchange.AskAny), w.brief("cup", 2, exchange.AskReview)
		mira, omar := w.apply("mira", both), w.apply("omar", both)
		given, o := w.send("omar", one)
		w.arrive(o)
		w.must(w.review("omar", "cup"))
		w.must(w.exchange.RateCreator(w.ctx, "staff:sam", nil, exchange.Rating{Bid: given.ID, Stars: 5}))
		w.clock.Wait(exchange.RateWithin)
		w.step()
		her := w.who["mira"].Member
		w.must(w.people.Link(w.ctx, her, w.who["omar"].Member))
		if b := w.bid(mira.ID); b.State != exchange.Waits || b.Creator != "mira" {
			t.Errorf("hers: %+v", b)
		}
		if b := w.bid(omar.ID); b.State != exchange.Withdrawn {
			t.Errorf("of two that wait both do: %+v", b)
		}
		if b := w.bid(given.ID); b.Member != her || b.Creator != "mira" || b.State != exchange.Done {
			t.Errorf("what was his: %+v", b)
		}
		if p, err := w.exchange.Creator(w.ctx, "mira", her); err != nil || p.Kept != 1 || p.N != 1 || p.Mean() != 5000 {
			t.Errorf("her numbers: %+v, %v", p, err)
		}
		if b, err := w.exchange.Brief(w.ctx, both.ID); err != nil || b.Waits != 1 {
			t.Errorf("%d wait, %v", b.Waits, err)
		}
		w.must(w.exchange.Choose(w.ctx, nil, mira.ID))
		// Two samples in thirty days are all there are, whichever account got them.
		w.is(func() error {
			_, err := w.exchange.Apply(w.ctx, her, w.brief("bowl", 1, exchange.AskAny).ID, "Again.")
			return err
		}(), exchange.ErrMonth)
	})
}
