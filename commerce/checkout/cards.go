package checkout

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/orders"
	"github.com/soukchat/souk/commerce/payments"
)

// How many wallets are kept ready, and for how long: what another process
// changes may be as old when it is shown, never when it pays.
const (
	walletsKept = 20_000
	walletTime  = 30 * time.Second
)

// Wallet returns whether a member agreed to have cards kept, and which are. It
// may be half a minute old.
func (c *Checkout) Wallet(ctx context.Context, m commerce.MemberID) (payments.Wallet, error) {
	return c.purses.Load(m, func() (payments.Wallet, error) { return payments.ExportWallet(ctx, c.DB, m) })
}

func (c *Checkout) freshWallet(ctx context.Context, m commerce.MemberID) (payments.Wallet, error) {
	return payments.ExportWallet(ctx, c.DB, m)
}

// KeepCards writes down whether a member agrees to have cards kept. Where they
// do not (any more), all are forgotten.
func (c *Checkout) KeepCards(ctx context.Context, m commerce.MemberID, yes bool) error {
	return c.cards(ctx, m, func(tx *database.Tx) error {
		if yes {
			return payments.Agree(tx, m, c.Clock.Now())
		}
		return payments.Withdraw(tx, m, c.Clock.Now())
	})
}

// PreferCard proposes a card first. It returns orders.ErrNotFound where the
// member has none with that id.
func (c *Checkout) PreferCard(ctx context.Context, m commerce.MemberID, id string) error {
	return c.cards(ctx, m, func(tx *database.Tx) error {
		ok, err := payments.PreferCard(tx, m, id)
		if err == nil && !ok {
			err = orders.ErrNotFound
		}
		return err
	})
}

// RemoveCard forgets a card; of one that is gone already nothing is left to do.
func (c *Checkout) RemoveCard(ctx context.Context, m commerce.MemberID, id string) error {
	return c.cards(ctx, m, func(tx *database.Tx) error {
		w, err := payments.WalletOf(tx, m)
		if card, ok := w.Get(id); ok && err == nil {
			err = payments.RemoveCard(tx, m, card, c.Clock.Now())
		}
		return err
	})
}

func (c *Checkout) cards(ctx context.Context, m commerce.MemberID, change func(tx *database.Tx) error) error {
	return c.DB.Write(ctx, func(tx *database.Tx) error {
		tx.After(c.nudge)
		tx.After(func() { c.purses.Drop(m) })
		return change(tx)
	})
}

// customer returns for whom Stripe keeps the card of a payment that begins, ""
// for a member who did not agree to that.
func (c *Checkout) customer(ctx context.Context, m commerce.MemberID) (customer string, err error) {
	w, err := c.freshWallet(ctx, m)
	if err != nil || !w.Consent {
		return "", err
	}
	var key string
	err = c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		customer, key, err = payments.CustomerOf(tx, m, c.Clock.Now())
		return err
	})
	if err != nil || customer != "" {
		return customer, err
	}
	made, err := c.Stripe.MakeCustomer(ctx, key)
	if err != nil {
		return "", err
	}
	err = c.DB.Write(ctx, func(tx *database.Tx) error {
		ok, err := payments.SetCustomer(tx, key, made, c.Clock.Now())
		if customer = made; !ok {
			customer = ""
		}
		return err
	})
	return customer, err
}

// dropCustomer forgets a customer that Stripe does not know any more.
func (c *Checkout) dropCustomer(ctx context.Context, m commerce.MemberID, customer string) {
	if err := c.cards(ctx, m, func(tx *database.Tx) error { return payments.DropCustomer(tx, customer) }); err != nil {
		c.Log.Warn("a customer unknown at Stripe is still kept", "err", err)
	}
}

// cardWork asks Stripe what has to be asked about cards: which card paid, so
// that it can be proposed next time, and to forget what shall be forgotten.
func (c *Checkout) cardWork(ctx context.Context) (int, error) {
	var due []payments.CardWork
	err := c.DB.Write(ctx, func(tx *database.Tx) (err error) {
		due, err = payments.DueCards(tx, c.Clock.Now(), batch)
		return err
	})
	for _, w := range due {
		e := c.cardTask(ctx, w)
		if e != nil {
			c.Log.Warn("a card was not dealt with", "what", w.What, "err", e)
		}
		err = errors.Join(err, c.DB.Write(ctx, func(tx *database.Tx) error {
			if e != nil {
				return payments.AgainCard(tx, w, c.Clock.Now().Add(backoff(w.Tries)))
			}
			return payments.CardDone(tx, w)
		}))
	}
	return len(due), err
}

func (c *Checkout) cardTask(ctx context.Context, w payments.CardWork) error {
	if key, unheard := strings.CutPrefix(w.Object, payments.Unheard); unheard {
		// Whether it was made we never heard: the same call tells, or makes it.
		customer, err := c.Stripe.MakeCustomer(ctx, key)
		if err != nil {
			return err
		}
		return c.Stripe.Forget(ctx, customer)
	}
	if w.What == "forget" {
		return c.Stripe.Forget(ctx, w.Object)
	}
	var p payments.Payment
	var o orders.Order
	if err := c.DB.Read(ctx, func(tx *database.Tx) (err error) {
		if p, err = payments.Get(tx, commerce.PaymentID(w.Object)); err != nil {
			return err
		}
		o, err = orders.Load(tx, "id = $1", p.Order)
		return err
	}); err != nil {
		return err
	}
	card, err := c.Stripe.PaidWith(ctx, p.Intent)
	if errors.Is(err, payments.ErrUnknown) || err == nil && card.Customer == "" {
		return nil // Stripe did not keep it
	}
	if err != nil {
		return err
	}
	card.ID = c.IDs.ID()
	return c.cards(ctx, o.Member, func(tx *database.Tx) error { return payments.KeepCard(tx, o.Member, card, c.Clock.Now()) })
}
