package chatscript

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/sandbox/stripe"
)

// This file holds what happens around the people: the brand, Stripe, and what
// is counted.

// price changes what the first variant of a product costs.
func (s *story) price(args []string) error {
	amount, err := commerce.ParseMoney(args[1], "EUR")
	if err != nil {
		return err
	}
	return s.change(args[0], `UPDATE variants SET price = $2 WHERE id = $1`, amount.Amount)
}

// stock sets how many of the first variant are free.
func (s *story) stock(args []string) error {
	n, err := strconv.ParseInt(args[1], 10, 64)
	if err != nil {
		return err
	}
	return s.change(args[0], `UPDATE stock SET on_hand = on_hand - free + $2, free = $2 WHERE variant_id = $1`, n)
}

func (s *story) change(handle, query string, value int64) error {
	err := s.world.App.DB.Write(s.ctx, func(tx *database.Tx) error {
		var v string
		if err := tx.Row(`SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.handle = $1 AND v.hidden = 0
			ORDER BY v.position LIMIT 1`, handle).Scan(&v); err != nil {
			return fmt.Errorf("product %s: %w", handle, err)
		}
		if n, err := tx.Exec(query, v, value); err != nil || n != 1 {
			return fmt.Errorf("%d rows changed: %w", n, err)
		}
		_, err := tx.Exec(`UPDATE versions SET n = n + 1 WHERE name = 'catalog'`)
		return err
	})
	s.world.App.Catalog.Refresh()
	s.world.App.Stock.Forget()
	return err
}

// recommends adds a pick to the configuration, which the program reloads.
func (s *story) recommends(args []string) error {
	cfg := *s.config
	cfg.Creators = maps.Clone(cfg.Creators)
	c := cfg.Creators[args[0]]
	c.Picks = append(slices.Clone(c.Picks), config.Pick{ID: "new", Title: args[2], Products: []config.PickItem{{Product: args[1]}}})
	cfg.Creators[args[0]] = c
	return s.reload(&cfg)
}

// silence loses every webhook of Stripe from now on.
func (s *story) silence([]string) error {
	s.world.Stripe.Deliver(func(string, string) stripe.Delivery { return stripe.Delivery{} })
	return nil
}

// again sends every event of Stripe again, the newest first.
func (s *story) again(args []string) error {
	n, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	events := s.world.Stripe.Events()
	slices.Reverse(events)
	for range n {
		for _, e := range events {
			s.world.Stripe.Resend(e.ID)
		}
		if err := s.world.Stripe.Rest(context.Background()); err != nil {
			return err
		}
	}
	return nil
}

// units checks how many of a product's first variant are free, held and sold.
func (s *story) units(args []string) error {
	return s.world.App.DB.Read(s.ctx, func(tx *database.Tx) error {
		var free, held, sold int64
		if err := tx.Row(`SELECT s.free, s.held, s.sold FROM stock s JOIN variants v ON v.id = s.variant_id
			JOIN products p ON p.id = v.product_id WHERE p.handle = $1 ORDER BY v.position LIMIT 1`, args[0]).Scan(&free, &held, &sold); err != nil {
			return fmt.Errorf("product %s: %w", args[0], err)
		}
		return expect(args[1:], map[string]string{"free": fmt.Sprint(free), "held": fmt.Sprint(held), "sold": fmt.Sprint(sold)})
	})
}

// money checks what Stripe has taken and given back in all of the story, in
// the shop's currency or the one that is named first.
func (s *story) money(args []string) error {
	currency := "EUR"
	if !strings.Contains(args[0], "=") {
		currency, args = args[0], args[1:]
	}
	captured, refunded := s.world.Stripe.Taken(currency)
	amount := func(minor int64) string { return fmt.Sprintf("%d.%02d", minor/100, minor%100) }
	return expect(args, map[string]string{"captured": amount(captured), "refunded": amount(refunded)})
}

// expect compares what is with what a script says, as name=value.
func expect(said []string, is map[string]string) error {
	for _, one := range said {
		name, want, _ := strings.Cut(one, "=")
		if got, ok := is[name]; !ok || got != want {
			return fmt.Errorf("%s is %s, not %s", name, got, want)
		}
	}
	return nil
}
