package bots

import (
	"fmt"
	"unicode/utf8"

	"github.com/soukchat/souk/commerce"
)

// Invoice asks for money in the chat itself, on a platform that can take it.
// Where it cannot, the screen's text is shown with a button to Link.
//
// Whoever pays is asked nothing by the conversation: the platform collects the
// address and the card, and asks with events of the kinds Ways, Approve and
// Paid, which carry the Payload. An invoice that was shown can be neither taken
// back nor asked about.
type Invoice struct {
	Title       string  `json:"title"`
	Description string  `json:"description"`
	Payload     string  `json:"payload"` // names the invoice in the events; people never see it
	Prices      []Price `json:"prices"`  // what they sum to is due, before a Way is chosen

	// Address has the platform ask where to send it, and for the ways to send
	// it there, whose prices come on top.
	Address bool `json:"address,omitempty"`

	// Copy is where a copy of the invoice leads, which others may have: only
	// the person it was shown to can pay it.
	Copy Action `json:"copy"`

	Pay  string `json:"pay"`  // label of the button
	Link string `json:"link"` // where to pay instead
}

// Price is a labelled part of a sum.
type Price struct {
	Label  string         `json:"label"`
	Amount commerce.Money `json:"amount"`
}

// Way is a way to send what an invoice is for, and what it adds to it.
type Way struct {
	ID     string  `json:"id"`
	Title  string  `json:"title"`
	Prices []Price `json:"prices"`
}

// Bill is what an event of the kinds Ways, Approve and Paid tells.
type Bill struct {
	Payload string
	Total   commerce.Money // with Approve and Paid
	Way     string         // with Approve and Paid: the id of the Way chosen, "" where none was offered
	Address *Destination   // with Ways; with Approve and Paid where the invoice asks for one

	Question string // with Approve: the same when it is asked again
	Receipt  string // with Paid: the platform's own id of the payment
	Charge   string // with Paid: the id of whoever took the money for the platform
}

// Destination is where something shall be sent, as the person gave it to the
// platform. With Ways there is no name yet.
type Destination struct {
	Name, Street, City, Region, Postcode string
	Country                              string // ISO 3166-1 alpha-2
}

// Verdict answers a Bill. An event of the kinds Ways, Approve and Paid that is
// answered without one was not dealt with, and has to be delivered again.
type Verdict struct {
	Yes  bool   `json:"yes,omitempty"`
	Why  string `json:"why,omitempty"`  // of a no: what the person reads, and what to do
	Ways []Way  `json:"ways,omitempty"` // of a yes to Ways, the one proposed first
}

// The limits of an invoice. Telegram alone has them
// (core.telegram.org/bots/api#sendinvoice, #answershippingquery).
const (
	MaxInvoiceTitle = 32  // characters
	MaxInvoiceText  = 255 // characters of the description
	MaxPayload      = 128 // bytes
	MaxPrices       = 30  // ours: a sheet that is read on a phone
	MaxWays         = 10  // ours, likewise
	MaxRefusal      = 200 // ours: clients show it as a notice
)

func (v *Invoice) check() error {
	if n := Width(v.Title); n == 0 || n > MaxInvoiceTitle {
		return fmt.Errorf("invoice title of %d characters, 1 to %d fit", n, MaxInvoiceTitle)
	}
	if n := Width(v.Description); n == 0 || n > MaxInvoiceText {
		return fmt.Errorf("invoice description of %d characters, 1 to %d fit", n, MaxInvoiceText)
	}
	if n := len(v.Payload); n == 0 || n > MaxPayload {
		return fmt.Errorf("invoice payload of %d bytes, 1 to %d fit", n, MaxPayload)
	}
	if err := v.Copy.Check(); err != nil {
		return fmt.Errorf("invoice, where a copy leads: %w", err)
	}
	if len(v.Copy.Start()) > MaxStart {
		return fmt.Errorf("invoice: %q does not fit a link", string(v.Copy))
	}
	if err := (Button{Label: v.Pay, Link: v.Link}).check(); err != nil {
		return fmt.Errorf("invoice, button: %w", err)
	}
	sum, err := checkPrices(v.Prices)
	if err != nil {
		return fmt.Errorf("invoice: %w", err)
	}
	if sum.Amount <= 0 {
		return fmt.Errorf("invoice over %s", sum)
	}
	return nil
}

func checkPrices(list []Price) (sum commerce.Money, err error) {
	if len(list) == 0 || len(list) > MaxPrices {
		return sum, fmt.Errorf("%d prices, 1 to %d fit", len(list), MaxPrices)
	}
	for _, p := range list {
		if n := Width(p.Label); n == 0 || n > MaxLabel {
			return sum, fmt.Errorf("price %q: label of %d characters, 1 to %d fit", p.Label, n, MaxLabel)
		}
		if sum, err = sum.Add(p.Amount); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

func (v *Verdict) check() error {
	if n := Width(v.Why); n > MaxRefusal || v.Yes == (n > 0) {
		return fmt.Errorf("a verdict of %t with a refusal of %d characters", v.Yes, n)
	}
	if len(v.Ways) > MaxWays {
		return fmt.Errorf("%d ways, %d fit", len(v.Ways), MaxWays)
	}
	seen := map[string]bool{}
	for _, w := range v.Ways {
		if w.ID == "" || !utf8.ValidString(w.ID) || seen[w.ID] || Width(w.Title) == 0 || Width(w.Title) > MaxLabel {
			return fmt.Errorf("way %q, %q: an id of its own and a title of at most %d characters are needed", w.ID, w.Title, MaxLabel)
		}
		seen[w.ID] = true
		if _, err := checkPrices(w.Prices); err != nil {
			return fmt.Errorf("way %q: %w", w.Title, err)
		}
	}
	return nil
}
