package shop

import (
	"context"
	"strings"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/stock"
)

// visit is one event being answered: who did what, and all that was read for
// it. The functions that routes.go names take one and return a Screen.
type visit struct {
	*Words
	ctx     context.Context
	ev      bots.Event
	heard   time.Time
	set     *setting
	scope   *scope
	member  members.Member
	cart    []live.CartLine
	request string // the event's id across all bots: makes a repeated change harmless
	wrote   bool   // the handler itself says that its answer must be kept
	made    bool   // the event was delivered before, and its change to the cart is made

	said  bool              // the answers of a form came one after another
	given map[string]string // the answers so far
	wrong bool              // a field is asked again

	goods  *catalog.Snapshot
	levels map[commerce.VariantID]stock.Level
}

// snapshot returns the catalogue as it is for the whole of this visit.
func (s *Shop) snapshot(v *visit) (*catalog.Snapshot, error) {
	if v.goods == nil {
		goods, err := s.Catalog.In(v.ctx, v.scope.community)
		if err != nil {
			return nil, err
		}
		v.goods = goods
	}
	return v.goods, nil
}

// level returns how much of a variant there is.
func (s *Shop) level(v *visit, id commerce.VariantID) (stock.Level, error) {
	if v.levels == nil {
		levels, err := s.Stock.Levels(v.ctx)
		if err != nil {
			return stock.Level{}, err
		}
		v.levels = levels
	}
	return v.levels[id], nil
}

// filled reports whether the event brings a filled form.
func (v *visit) filled() bool { return v.ev.Kind == bots.Fill }

// value returns what was typed into a field of the form.
func (v *visit) value(key string) string { return strings.TrimSpace(v.ev.Values[key]) }

// alone reports whether what answers the person is seen by nobody else.
func (v *visit) alone() bool { return v.ev.Chat.Private || v.ev.Chat.Alone }

// aside reports whether the person acts on something everybody sees: a post in
// a group, a shared message. What answers it must not take its place.
func (v *visit) aside() bool {
	return !v.ev.Chat.Private && (v.ev.On == nil || !v.ev.On.Ephemeral)
}

// button makes a button with a text of the message files.
func (v *visit) button(id string, words ...string) bots.Button {
	return bots.Button{Label: bots.Clip(v.Say(id), bots.MaxLabel), Action: bots.Path(words...)}
}

// primary makes the button for the one thing most people want here.
func (v *visit) primary(id string, words ...string) bots.Button {
	b := v.button(id, words...)
	b.Style = bots.Primary
	return b
}

// rows leaves out the rows in which there is nothing.
func rows(list ...[]bots.Button) [][]bots.Button {
	var out [][]bots.Button
	for _, r := range list {
		if len(r) > 0 {
			out = append(out, r)
		}
	}
	return out
}

func row(list ...bots.Button) []bots.Button {
	var out []bots.Button
	for _, b := range list {
		if b.Label != "" {
			out = append(out, b)
		}
	}
	return out
}

// bold and the others make spans.
func bold(s string) bots.Span    { return bots.Span{Text: s, Look: bots.Bold} }
func italic(s string) bots.Span  { return bots.Span{Text: s, Look: bots.Italic} }
func struck(s string) bots.Span  { return bots.Span{Text: s, Look: bots.Struck} }
func code(s string) bots.Span    { return bots.Span{Text: s, Look: bots.Code} }
func regular(s string) bots.Span { return bots.Span{Text: s} }
