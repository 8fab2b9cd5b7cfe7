package shop

import (
	"errors"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/members"
)

// address asks where parcels go. The form's action says what goes on with it.
func (s *Shop) address(v *visit, action bots.Action) (bots.Screen, error) {
	kept := members.Address{Name: v.member.Name}
	if a, err := s.Members.Address(v.ctx, v.member.ID); err != nil {
		return bots.Screen{}, err
	} else if a != nil {
		kept = *a
		kept.Country = members.CountryName(a.Country, v.locale)
	}
	back := v.button("button.cancel", "cart")
	if action == "address" {
		back = v.button("button.cancel", "privacy")
	}
	field := func(key, value string, max int) bots.Field {
		return bots.Field{Key: key, Label: v.Say("address." + key + ".label"), Hint: v.Say("address." + key + ".hint"), Value: bots.Clip(value, max), Max: max}
	}
	return bots.Screen{Path: action, Text: bots.T(v.Say("address.ask")), Form: &bots.Form{
		Action: action, Title: v.Say("address.title"), Cancel: back,
		Fields: []bots.Field{
			field("name", kept.Name, 100), field("street", kept.Street, 200), field("postcode", kept.Postcode, 20),
			field("city", kept.City, 100), field("country", kept.Country, 60),
		},
	}}, nil
}

// fillAddress keeps what was filled in, or asks for what is wrong again; again
// is then the screen that does.
func (s *Shop) fillAddress(v *visit, action bots.Action) (again bots.Screen, ok bool, err error) {
	a, err := members.ParseAddress(members.Address{
		Name: v.value("name"), Street: v.value("street"), Postcode: v.value("postcode"), City: v.value("city"), Country: v.value("country"),
	}, v.locale)
	if err == nil {
		return bots.Screen{}, true, s.Members.SaveAddress(v.ctx, v.member.ID, a)
	}
	var e *commerce.Error
	if !errors.As(err, &e) || e.Kind != commerce.Invalid {
		return bots.Screen{}, false, err
	}
	screen, err2 := s.address(v, action)
	if err2 != nil {
		return bots.Screen{}, false, err2
	}
	// The errors of an address are named after its fields.
	return v.again(*screen.Form, strings.TrimPrefix(e.Message, "address."), v.problem(err)), false, nil
}

// checkoutAddress asks for the address on the way to an order.
func (s *Shop) checkoutAddress(v *visit, _ []string) (bots.Screen, error) {
	if !v.filled() {
		return s.address(v, "checkout address")
	}
	again, ok, err := s.fillAddress(v, "checkout address")
	if err != nil || !ok {
		return again, err
	}
	return s.review(v, v.Say("address.kept"))
}

// changeAddress asks for the address by itself.
func (s *Shop) changeAddress(v *visit, _ []string) (bots.Screen, error) {
	if !v.filled() {
		return s.address(v, "address")
	}
	again, ok, err := s.fillAddress(v, "address")
	if err != nil || !ok {
		return again, err
	}
	screen, err := s.privacy(v, nil)
	screen.Notice = v.Say("address.kept")
	return screen, err
}
