package app

import (
	"context"
	"errors"
	"time"

	"github.com/soukchat/souk/bots/discord"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/payments"
)

// flags looks at who takes part in drops.
func (a *App) flags(ctx context.Context) error {
	_, err := a.Drops.Flag(ctx)
	return err
}

// born tells when an account was made, on the platforms that say it.
func born(platform, account string) (time.Time, bool) {
	if platform != string(discord.Platform) {
		return time.Time{}, false
	}
	return discord.Born(account)
}

// cardOf returns what the card that paid an order is known again by, "" where no
// card did.
func (a *App) cardOf(ctx context.Context, id commerce.OrderID) (string, error) {
	var intent string
	err := a.DB.Read(ctx, func(tx *database.Tx) error {
		err := tx.Row(`SELECT intent FROM payments WHERE order_id = $1 AND state = 'paid' AND intent <> '' ORDER BY attempt DESC LIMIT 1`, id).Scan(&intent)
		if errors.Is(err, database.ErrNone) {
			return nil
		}
		return err
	})
	if err != nil || intent == "" {
		return "", err
	}
	card, err := a.Pay.PaidWith(ctx, intent)
	if errors.Is(err, payments.ErrUnknown) {
		return "", nil
	}
	return card.Fingerprint, err
}
