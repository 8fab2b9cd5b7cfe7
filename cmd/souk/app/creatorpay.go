package app

import (
	"slices"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creatorpay"
)

// payer connects how creators are paid in money.
func (a *App) payer() *creatorpay.Payer {
	return creatorpay.New(creatorpay.Config{DB: a.DB, Clock: a.Clock, IDs: a.IDs, Log: a.Log, Stripe: a.Pay,
		Terms: func() creatorpay.Terms {
			cfg := a.config.Load()
			t := creatorpay.Terms{Money: cfg.Earnings.Pay == "money", Every: time.Duration(cfg.Earnings.EveryDays) * 24 * time.Hour}
			if least, err := cfg.Earnings.Minimum.Money(cfg.Shop.Currency); err == nil {
				t.Least = least.Amount
			}
			return t
		},
		Back:   func() string { return a.url() + "/connected" },
		Admins: func() []commerce.MemberID { return slices.Concat(a.admins()...) }})
}

// payoutsLink leads from the page behind Stripe's into the chat.
func (a *App) payoutsLink() string { return a.deepLink(bots.Path("payouts")) }
