package exchange

// How creators apply, and what becomes of it until the sample is on its way.

import (
	"context"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/stock"
)

// Apply writes the application of a member for a brief; the brand is told of the
// first. It returns ErrNoBrief, and what Standing.Err says.
func (e *Exchange) Apply(ctx context.Context, m commerce.MemberID, of commerce.BriefID, words string) (made Bid, err error) {
	by, followers, err := e.creator(ctx, m)
	if err != nil {
		return made, err
	}
	err = e.DB.Write(ctx, func(tx *database.Tx) error {
		b, err := brief(tx, `id = $1 AND state <> 'draft'`, of)
		if err != nil {
			return err
		}
		s, err := e.standing(tx, b, by, followers)
		if err == nil {
			err = s.Err()
		}
		if err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE briefs SET waits = waits + 1 WHERE id = $1 AND state = 'open'`, of)
		if err == nil && n == 0 {
			err = ErrOver
		}
		if err != nil {
			return err
		}
		now := e.Clock.Now()
		made = Bid{ID: commerce.BidID(e.IDs.ID()), Brief: of, Brand: b.Brand, Product: b.Product, Creator: by.ID, Member: m, Words: words, Followers: followers, State: Waits, At: commerce.FromMicros(commerce.Micros(now))}
		n, err = tx.Exec(`INSERT INTO bids (id, brief_id, brand_id, product_id, creator_id, member_id, words, followers, state, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waits', $9)
			ON CONFLICT (brief_id, creator_id) DO UPDATE SET words = excluded.words, followers = excluded.followers, member_id = excluded.member_id, state = 'waits', at = excluded.at WHERE bids.state = 'withdrawn'`,
			made.ID, of, b.Brand, b.Product, by.ID, m, words, followers, commerce.Micros(now))
		if err == nil && n == 0 {
			err = ErrApplied
		}
		if err != nil {
			return err
		}
		if made, err = bid(tx, `brief_id = $1 AND creator_id = $2`, of, by.ID); err != nil {
			return err
		}
		return e.tellBrand(tx, notices.StaffBids, made, string(of))
	})
	return made, err
}

// Withdraw takes an application back while it waits. Again it does nothing. It
// returns ErrNoBid, and ErrDecided where it does not wait any more.
func (e *Exchange) Withdraw(ctx context.Context, m commerce.MemberID, id commerce.BidID) error {
	return e.own(ctx, m, id, func(tx *database.Tx, b Bid) error {
		if b.State == Withdrawn {
			return nil
		}
		return e.stopWaiting(tx, b, Withdrawn)
	})
}

// own reads an application of a member's and does something with it.
func (e *Exchange) own(ctx context.Context, m commerce.MemberID, id commerce.BidID, do func(*database.Tx, Bid) error) error {
	return e.DB.Write(ctx, func(tx *database.Tx) error {
		b, err := bid(tx, `id = $1 AND member_id = $2 AND member_id <> ''`, id, m)
		if err != nil {
			return err
		}
		return do(tx, b)
	})
}

// stopWaiting ends the wait of an application.
func (e *Exchange) stopWaiting(tx *database.Tx, b Bid, to BidState) error {
	n, err := tx.Exec(`UPDATE bids SET state = $2 WHERE id = $1 AND state = 'waits'`, b.ID, to)
	if err == nil && n == 0 {
		err = ErrDecided
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE briefs SET waits = waits - 1 WHERE id = $1`, b.Brief)
	return err
}

// Choose promises a sample to whoever wrote an application for a brief of one of
// the brands; they are told. Again it does nothing. It returns ErrNoBid,
// ErrDecided, ErrOver, ErrNone where all are promised, and ErrMonth where the
// creator has had as many as they get.
func (e *Exchange) Choose(ctx context.Context, of []commerce.BrandID, id commerce.BidID) error {
	return e.DB.Write(ctx, func(tx *database.Tx) error {
		b, err := bid(tx, `id = $1`, id)
		if err == nil && !speaksFor(of, b.Brand) {
			err = ErrNoBid
		}
		if err != nil || b.State == Chosen {
			return err
		}
		n, err := tx.Exec(`UPDATE briefs SET taken = taken + 1 WHERE id = $1 AND state = 'open' AND taken < units`, b.Brief)
		if err == nil && n == 0 {
			of, err := brief(tx, `id = $1`, b.Brief)
			if err == nil && of.State == Open {
				err = ErrNone
			} else if err == nil {
				err = ErrOver
			}
			return err
		}
		if err != nil {
			return err
		}
		if _, again, err := e.month(tx, b.Member); err != nil {
			return err
		} else if !again.IsZero() {
			return ErrMonth.With("most", e.House().Month).With("at", again)
		}
		if err := e.stopWaiting(tx, b, Chosen); err != nil {
			return err
		}
		now := e.Clock.Now()
		if _, err := tx.Exec(`UPDATE bids SET given = 1, chosen_at = $2, due_at = $3 WHERE id = $1`, id, commerce.Micros(now), commerce.Micros(now.Add(AcceptWithin))); err != nil {
			return err
		}
		return e.tell(tx, notices.ExchangeChosen, b)
	})
}

// Decline gives a promised sample up, before it is ordered; it is the next one's.
// Again it does nothing. It returns ErrNoBid and ErrDecided.
func (e *Exchange) Decline(ctx context.Context, m commerce.MemberID, id commerce.BidID) error {
	return e.own(ctx, m, id, func(tx *database.Tx, b Bid) error {
		if b.State == Declined {
			return nil
		}
		return e.free(tx, b, Declined)
	})
}

// free takes a promise back from who did not take it up: the brand can give it to
// the next, or it is back on the shelf where the brief is over.
func (e *Exchange) free(tx *database.Tx, b Bid, to BidState) error {
	n, err := tx.Exec(`UPDATE bids SET state = $2, given = 0, due_at = 0 WHERE id = $1 AND state = 'chosen'`, b.ID, to)
	if err == nil && n == 0 {
		err = ErrDecided
	}
	if err != nil {
		return err
	}
	of, err := brief(tx, `id = $1`, b.Brief)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE briefs SET taken = taken - 1 WHERE id = $1`, of.ID); err != nil {
		return err
	}
	if of.State != Open && of.counted {
		if err := stock.AllotLess(tx, allotment(of.ID), stock.Line{Variant: of.Variant, Quantity: 1}); err != nil {
			return err
		}
		tx.After(e.Checkout.Stock.Forget)
	}
	return e.tellBrand(tx, notices.StaffBidOver, b, string(b.ID)+":"+string(to))
}

// Accept has a promised sample sent to the buyer's address. Again it returns the
// same order. It returns ErrNoBid, ErrDecided, ErrNoAddress, stock.ErrSoldOut
// where nothing was set aside and nothing is free, and pricing.ErrNoShipping.
func (e *Exchange) Accept(ctx context.Context, by checkout.Buyer, id commerce.BidID) (o orders.Order, err error) {
	to, err := e.Checkout.Members.Address(ctx, by.Member)
	if err != nil {
		return o, err
	}
	b, err := e.Bid(ctx, id)
	if err != nil {
		return o, err
	}
	of, err := e.Brief(ctx, b.Brief)
	switch {
	case err != nil:
		return o, err
	case b.Member != by.Member:
		return o, ErrNoBid
	case b.Order != "":
		return e.Checkout.Orders().Get(ctx, b.Order)
	case to == nil:
		return o, ErrNoAddress
	}
	line, err := e.Checkout.Samples(ctx, of.Variant, to.Country)
	if err != nil {
		return o, err
	}
	for try := 0; ; try++ {
		o, err = e.accept(ctx, by, id, orders.Address(*to), line)
		if !database.IsDuplicate(err) || try == 5 { // another order is called by that number: take another id
			return o, err
		}
	}
}

func (e *Exchange) accept(ctx context.Context, by checkout.Buyer, id commerce.BidID, to orders.Address, l orders.Line) (o orders.Order, err error) {
	err = e.own(ctx, by.Member, id, func(tx *database.Tx, b Bid) error {
		if b.Order != "" {
			o, err = orders.Load(tx, `id = $1`, b.Order)
			return err
		}
		if !e.Clock.Now().Before(b.AnswerBy()) {
			return ErrDecided
		}
		n, err := tx.Exec(`UPDATE bids SET state = 'sent', due_at = 0 WHERE id = $1 AND state = 'chosen'`, id)
		if err == nil && n == 0 {
			err = ErrDecided
		}
		if err != nil {
			return err
		}
		of, err := brief(tx, `id = $1`, b.Brief)
		if err != nil {
			return err
		}
		sample := checkout.Sample{ID: string(id), Address: to, Variant: of.Variant}
		if of.counted {
			sample.Allotment = allotment(of.ID)
		}
		if o, err = e.Checkout.PlaceSample(tx, by, sample, l); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE bids SET order_id = $2 WHERE id = $1`, id, o.ID); err != nil {
			return err
		}
		return e.filled(tx, of)
	})
	return o, err
}

// filled ends a brief all of whose samples are on their way.
func (e *Exchange) filled(tx *database.Tx, of Brief) error {
	if of.State != Open || of.Left() > 0 {
		return nil
	}
	var promised int64
	if err := tx.Row(`SELECT COUNT(*) FROM bids WHERE brief_id = $1 AND state = 'chosen'`, of.ID).Scan(&promised); err != nil || promised > 0 {
		return err
	}
	return e.end(tx, of, Filled)
}

// tell writes a notice about an application to its creator, once for each kind.
func (e *Exchange) tell(tx *database.Tx, kind string, b Bid) error {
	if b.Member == "" {
		return nil
	}
	_, err := notices.Add(tx, e.IDs, e.Clock.Now(), notices.Notice{Kind: kind, Member: b.Member, Args: map[string]string{"bid": string(b.ID)}, Once: kind + ":" + string(b.ID)})
	return err
}

// tellBrand writes a notice about an application to those who hear of them, once
// for each cause.
func (e *Exchange) tellBrand(tx *database.Tx, kind string, b Bid, cause string) error {
	for _, m := range e.Told(b.Brand) {
		if _, err := notices.Add(tx, e.IDs, e.Clock.Now(), notices.Notice{Kind: kind, Member: m, Args: map[string]string{"bid": string(b.ID), "brief": string(b.Brief)},
			Once: kind + ":" + cause + ":" + string(m)}); err != nil {
			return err
		}
	}
	return nil
}
