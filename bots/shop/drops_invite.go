package shop

import (
	"errors"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
)

// This file lets who is invited to a product with several variants take another
// one than they were given.

// swapMenu offers the variants of which there is one that nobody has.
func (s *Shop) swapMenu(v *visit, d drops.Drop, e drops.Entry) *bots.Menu {
	menu := &bots.Menu{Hint: v.Say("drop.swap")}
	goods, err := s.snapshot(v)
	if err != nil {
		return nil
	}
	for _, st := range d.Stands {
		_, variant, ok := goods.Variant(st.Variant)
		free := st.Units - st.Sold - st.Claimed
		if !ok || free == 0 || st.Variant == e.Variant || len(menu.Choices) == bots.MaxChoices {
			continue
		}
		menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(variant.Label(), bots.MaxChoice),
			Description: v.Count("drop.left", free, "Units", strconv.FormatInt(st.Units, 10)), Action: bots.Path("drop", "swap", string(e.ID), string(st.Variant))})
	}
	if len(menu.Choices) == 0 {
		return nil
	}
	return menu
}

// dropSwap takes another variant: "drop swap <entry> <variant>".
func (s *Shop) dropSwap(v *visit, args []string) (bots.Screen, error) {
	e, err := s.Drops.Entry(v.ctx, commerce.EntryID(args[0]))
	if err == nil && e.Member != v.member.ID {
		err = drops.ErrNone
	}
	if err != nil {
		return bots.Screen{}, err
	}
	err = s.Drops.Swap(v.ctx, e.ID, v.member.ID, commerce.VariantID(args[1]))
	if errors.Is(err, drops.ErrGone) || errors.Is(err, drops.ErrLapsed) {
		return s.showDrop(v, string(e.Drop), v.problem(err))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return s.showDrop(v, string(e.Drop), "")
}

// named says which of several variants somebody has, before how it stands.
func (s *Shop) named(v *visit, d drops.Drop, e drops.Entry) string {
	goods, err := s.snapshot(v)
	if err != nil || len(d.Units) == 1 || e.State == drops.Waits && d.Mode == drops.Invite {
		return ""
	}
	if _, variant, ok := goods.Variant(e.Variant); ok {
		return bots.Clip(variant.Label(), 60) + ": "
	}
	return ""
}
