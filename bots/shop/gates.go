package shop

// This file is how what is not for everybody is kept from whom it is not for. The
// rules are in commerce/gates; here:
//   - who opens what has an age is asked once for the year they were born in, in
//     private, and then goes on where they were. Lists, the feed and search leave out
//     what they are not known to be old enough for, and say where it is.
//   - a pick is as old as the oldest of what it recommends.
//   - a group is shown such things only where it is marked for their age.
//   - who says a year keeps it; who slipped asks the moderators.

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/gates"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
	"github.com/soukchat/souk/commerce/notices"
)

// gatedError says that something has an age, and the member is not known to be of it.
// Where nobody can be asked it is as if it were not there.
type gatedError struct{ age int }

func (e gatedError) Error() string { return "not shown to any age" }
func (e gatedError) Unwrap() error { return errElsewhere }

// age is from which age a product is shown here.
func (s *scope) age(p *catalog.Product) int { return max(s.gates.Age(p), s.gates.Of(s.community)) }

// ageOf is from which age a pick is shown here.
func (s *scope) ageOf(goods *catalog.Snapshot, p *creators.Pick) int {
	age := s.gates.Of(s.community)
	for _, i := range p.Items {
		if product, ok := goods.Product(i.Product); ok && len(s.gates) > 0 {
			age = max(age, s.gates.Age(product))
		}
	}
	return age
}

// old reports whether what has an age is shown here.
func (s *scope) old(age int) bool { return s.free || s.known(age) }

// known reports whether who sees this is known to be of an age.
func (s *scope) known(age int) bool {
	return age == 0 || s.born == 0 && s.year == 0 && s.marked >= age || gates.Old(s.born, age, s.year)
}

// aged returns a gatedError where they are not.
func (s *scope) aged(age int) error {
	if s.old(age) {
		return nil
	}
	return gatedError{age}
}

// offer returns why a product is not offered here, nil where it is.
func (s *scope) offer(p *catalog.Product) error {
	switch {
	case s.offers(p):
		return nil
	case !s.lawful(p) || len(s.brands) > 0 && !slices.Contains(s.brands, p.Brand):
		return errElsewhere
	}
	return s.aged(s.age(p))
}

// aged reads what is known of the member, where anything has an age.
func (s *Shop) aged(v *visit) error {
	if s.Ages == nil || !v.scope.gates.Aged() {
		return nil
	}
	born, err := s.Ages.Born(v.ctx, v.member.ID)
	if err != nil {
		return err
	}
	own := *v.scope
	own.born, own.year = born, s.Ages.Year()
	v.scope = &own
	return nil
}

// gate asks how old somebody is, or says that they are not old enough.
func (s *Shop) gate(v *visit, e gatedError) (bots.Screen, error) {
	wanted := v.ev.Action.Words()
	path := bots.Path(append([]string{"aged", strconv.Itoa(e.age)}, wanted...)...)
	if len(wanted) > mostWanted || path.Check() != nil {
		wanted, path = nil, bots.Path("aged", strconv.Itoa(e.age))
	}
	if v.scope.born == 0 && s.Ages != nil {
		return v.whyAge(e.age, wanted), nil
	}
	return bots.Screen{Path: path, Text: bots.Text{bold(v.Say("gate.from", "Age", e.age))}.Line(v.tooYoung(e.age)),
		Rows: rows(row(v.button("button.yearwrong", "year"), v.button("button.home", "start")))}, nil
}

// tooYoung says from when on who has said their year can have what has an age.
func (v *visit) tooYoung(age int) bots.Span {
	return regular(v.Say("gate.youngnext", "Year", strconv.Itoa(gates.From(v.scope.born, age)), "Born", strconv.Itoa(v.scope.born)))
}

// mostWanted is how many words of what they wanted to see are kept in an action.
const mostWanted = 4

// aged says why somebody is asked how old they are: "aged <age> [<what they wanted
// to see>]".
func (s *Shop) agedWhy(v *visit, args []string) (bots.Screen, error) {
	if v.scope.born > 0 || s.Ages == nil {
		return s.born(v, args[1:])
	}
	return v.whyAge(number(args[0]), args[1:]), nil
}

func (v *visit) whyAge(age int, wanted []string) bots.Screen {
	return bots.Screen{Path: bots.Path(append([]string{"aged", strconv.Itoa(age)}, wanted...)...),
		Text: bots.Text{bold(v.Say("gate.from", "Age", age))}.Line(regular(v.Say("gate.why"))),
		Rows: rows(row(v.primary("button.born", append([]string{"born"}, wanted...)...), v.button("button.home", "start")))}
}

// askBorn asks for the year: "born [<what they wanted to see>]".
func (s *Shop) askBorn(v *visit, words []string, reason string) bots.Screen {
	screen := v.ask(v.bornForm(bots.Path(words...)), 0, reason)
	if reason == "" {
		screen.Text = bots.T(v.Say("gate.why"))
	}
	return screen
}

func (v *visit) bornForm(action bots.Action) bots.Form {
	return bots.Form{Action: action, Title: bots.Clip(v.Say("gate.title"), bots.MaxFormTitle), Cancel: v.button("button.cancel", "start"),
		Fields: []bots.Field{{Key: "year", Label: bots.Clip(v.Say("gate.year"), bots.MaxFieldLabel), Hint: bots.Clip(v.Say("gate.hint"), bots.MaxFieldHint), Max: 4}}}
}

// born keeps the year, and goes on where they were.
func (s *Shop) born(v *visit, args []string) (bots.Screen, error) {
	if s.Ages == nil {
		return s.home(v)
	}
	if v.scope.born == 0 {
		words := append([]string{"born"}, args...)
		if !v.filled() {
			return s.askBorn(v, words, ""), nil
		}
		year, err := s.Ages.ReadYear(strings.TrimSpace(v.value("year")))
		if err == nil {
			err = s.Ages.Say(v.ctx, v.member.ID, year)
		}
		if errors.Is(err, gates.ErrYear) {
			return s.askBorn(v, words, v.problem(err)), nil
		}
		if err != nil && !errors.Is(err, gates.ErrSaid) {
			return bots.Screen{}, err
		}
		if err := s.aged(v); err != nil {
			return bots.Screen{}, err
		}
	}
	v.ev.Kind, v.ev.Values = bots.Do, nil
	v.ev.Action = onward(args)
	r, open, ok := s.routes.find(v.ev.Action)
	if !ok || r.acts {
		return s.everything(v, nil)
	}
	screen, err := r.do(s, v, open)
	if gated := (gatedError{}); errors.As(err, &gated) {
		return s.gate(v, gated)
	}
	if screen.Path == "" {
		screen.Path = v.ev.Action
	}
	return screen, err
}

// onward is what somebody sees who wanted to do something with what has an age.
func onward(args []string) bots.Action {
	switch {
	case len(args) == 3 && args[0] == "cart" && args[1] == "pick":
		return bots.Path("pick", args[2])
	case len(args) == 3 && args[0] == "drop" && args[1] == "claim", len(args) == 4 && args[0] == "drop" && args[1] == "claim":
		return bots.Path("drop", args[2])
	}
	return bots.Path(args...)
}

// ageButton leads to what is left out of a list until somebody has said how old they
// are, where there is anything.
func (s *Shop) ageButton(v *visit, goods *catalog.Snapshot) bots.Button {
	if s.Ages == nil || v.scope.born > 0 || !v.scope.gates.Aged() {
		return bots.Button{}
	}
	for _, p := range goods.Products(v.scope.brands) {
		if age := v.scope.age(p); age > 0 && !p.Hidden && v.scope.lawful(p) && !v.scope.old(age) {
			return v.button("button.bornask", "born")
		}
	}
	return bots.Button{}
}

// regions says where a product is sent, where that is not everywhere.
func (v *visit) regions(text bots.Text, p *catalog.Product) bots.Text {
	to, not := v.scope.gates.Regions(p)
	for i, list := range [][]string{to, not} {
		if len(list) == 0 {
			continue
		}
		var names []string
		for _, c := range list[:min(len(list), mostRegions)] {
			names = append(names, members.CountryName(c, v.locale))
		}
		if len(list) > mostRegions {
			names = append(names, "…")
		}
		text = text.Line(italic(v.Say([]string{"gate.onlyto", "gate.notto"}[i], "Countries", strings.Join(names, ", "))))
	}
	return text
}

const mostRegions = 8

// unpaidAge is asked where a cart holds what has an age: err is what checkout says.
func (s *Shop) unpaidAge(v *visit, lines []live.CartLine, err error) error {
	goods, failed := s.snapshot(v)
	if failed != nil {
		return failed
	}
	for _, l := range lines {
		if p, _, ok := goods.Variant(l.Variant); ok && !v.scope.known(v.scope.gates.Age(p)) {
			return gatedError{v.scope.gates.Age(p)}
		}
	}
	return err
}

// dropAge returns a gatedError where a drop is of what the member, or a group, is not
// known to be old enough for.
func (s *Shop) dropAge(v *visit, d drops.Drop) error {
	if !v.scope.gates.Aged() {
		return nil
	}
	goods, err := s.snapshot(v)
	if err != nil {
		return err
	}
	for _, u := range d.Units {
		if p, _, ok := goods.Variant(u.Variant); ok && !v.scope.known(v.scope.age(p)) {
			return gatedError{v.scope.age(p)}
		}
	}
	return nil
}

// bornWrong asks for the right year, for the moderators to write: "year".
func (s *Shop) bornWrong(v *visit, _ []string) (bots.Screen, error) {
	if s.Ages == nil {
		return s.home(v)
	}
	born, err := s.Ages.Born(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	if born == 0 {
		return s.askBorn(v, []string{"born"}, ""), nil
	}
	if !v.filled() {
		screen := v.ask(v.bornForm("year"), 0, "")
		screen.Text = bots.T(v.Say("gate.wrong", "Born", strconv.Itoa(born)))
		return screen, nil
	}
	year, err := s.Ages.ReadYear(strings.TrimSpace(v.value("year")))
	if errors.Is(err, gates.ErrYear) {
		return v.ask(v.bornForm("year"), 0, v.problem(err)), nil
	}
	if err == nil {
		err = s.Ages.Wish(v.ctx, v.member.ID, year)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	return bots.Screen{Path: "privacy", Text: bots.Text{bold(v.Say("gate.asked"))}.Line(regular(v.Say("gate.askednext", "Born", strconv.Itoa(born)))), Rows: rows(row(v.button("button.home", "start")))}, nil
}

// ageNotice tells moderators of who asks for another year, and a member what became
// of it.
func (s *Shop) ageNotice(v *visit, n notices.Notice) (bots.Screen, error) {
	if s.Ages == nil {
		return bots.Screen{}, nil
	}
	if n.Kind == notices.StaffAge {
		who := commerce.MemberID(n.Args["member"])
		if _, err := s.Ages.WishOf(v.ctx, who); err != nil {
			return bots.Screen{}, err // it was decided, or they are gone
		}
		return bots.Screen{Path: bots.Path("staff", "age", string(who)), Text: bots.Text{bold(v.Say("told.age"))}, Rows: rows(row(keeping(v.primary("button.showreport", "staff", "age", string(who)))))}, nil
	}
	born, err := s.Ages.Born(v.ctx, n.Member)
	if err != nil || born == 0 {
		return bots.Screen{}, err
	}
	return bots.Screen{Path: "privacy", Text: bots.Text{bold(v.Say("told.agedecided", "Born", strconv.Itoa(born)))}, Rows: rows(row(keeping(v.button("button.home", "start"))))}, nil
}
