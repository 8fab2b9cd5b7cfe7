package checkout

import (
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/payments"
)

// Owed is the account of money that goes back whole.
const Owed = owed

// BookRefund books a refund as the worker does once Stripe has made it.
func (c *Checkout) BookRefund(tx *database.Tx, r payments.Refund) error { return c.bookRefund(tx, r) }
