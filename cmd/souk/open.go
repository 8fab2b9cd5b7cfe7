package main

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/soukchat/souk/cmd/souk/app"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/stock"
	"github.com/soukchat/souk/config"
)

// opened is a shop for commands that look after one.
type opened struct {
	*config.Config
	name string // of its configuration, as it was given
	zone *time.Location
	db   *database.DB // whoever opened it closes it
}

// open reads a configuration and opens its database, whose tables have to be up
// to date.
func (e *environment) open(name string) (s opened, err error) {
	s.name = name
	if s.Config, err = config.Load(name, e.getenv); err != nil {
		return s, err
	}
	s.zone = s.Policies.Zone()
	if s.db, err = database.Open(e.ctx, s.Database.URL.Reveal()); err != nil {
		return s, err
	}
	pending, err := s.db.Pending(e.ctx)
	if err == nil && pending {
		err = fmt.Errorf("the tables of the database are not up to date: run `souk migrate %s`", name)
	}
	if err != nil {
		s.db.Close()
	}
	return s, err
}

// only is the brand that is asked for by its name in the configuration, nil for
// all of them.
func (s opened) only(brand string) ([]commerce.BrandID, error) {
	if brand == "" {
		return nil, nil
	}
	if _, ok := s.Brands[brand]; !ok {
		return nil, fmt.Errorf("there is no brand %q in %s", brand, s.name)
	}
	return []commerce.BrandID{app.BrandID(brand)}, nil
}

// list opens a shop for a command that lists what is of one brand, or of all.
func (e *environment) list(name, brand string) (s opened, brands []commerce.BrandID, err error) {
	if s, err = e.open(name); err != nil {
		return s, nil, err
	}
	if brands, err = s.only(brand); err != nil {
		s.db.Close()
	}
	return s, brands, err
}

// deskOf is what the staff works at, without what asks Stripe.
func deskOf(db *database.DB) *checkout.Checkout {
	var clock commerce.SystemClock
	return checkout.New(checkout.Config{
		DB: db, Clock: clock, IDs: commerce.RandomIDs{}, Stock: stock.New(db, clock), Log: slog.New(slog.DiscardHandler),
	})
}
