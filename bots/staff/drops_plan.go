package staff

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
)

// This file is how a brand's staff plans a drop in a chat. The rules are:
//   - What is typed is read by the rules of the YAML, and kept whether it is right
//     or not.
//   - The card is shown as the groups will see it before anybody is told, and the
//     button announces what was shown.

// Planning is what a plan is read with.
type Planning struct {
	// Read makes a plan of what was typed, and says what is wrong with it.
	Read func(ctx context.Context, p drops.Draft) (drops.Plan, []Wrong, error)
	// Card is the plan as a group will see it.
	Card func(ctx context.Context, locale string, p drops.Plan) (bots.Screen, error)
	// Terms are those that can be amended, as they are typed, by the keys of the
	// YAML. Amend reads what was typed of them, and says what is wrong with it.
	Terms func(ctx context.Context, d drops.Drop) (map[string]string, error)
	Amend func(ctx context.Context, d drops.Drop, typed map[string]string) (drops.Amendment, []Wrong, error)
	// Groups is how many groups a plan is told in.
	Groups func(p drops.Plan) int
	// Brands names the brands of a role, by their ids.
	Brands func(r Role) map[commerce.BrandID]string
}

// Wrong is what is wrong with a value of a plan: Key is a key of the YAML.
type Wrong struct{ Key, Message string }

// planForm asks for some keys of a plan.
type planForm struct {
	name   string
	fields []planField
}

type planField struct {
	key, label, hint string // of the YAML; texts
	value            string // where nothing was typed yet
	optional, long   bool
	max              int
}

// planForms are asked one after the other; the last one only who wants to.
func planForms() []planForm {
	return []planForm{
		{"goods", []planField{
			{key: "product", label: "staff.plan.product.label", hint: "staff.plan.product.hint", max: 255},
			{key: "units", label: "staff.plan.units.label", hint: "staff.plan.units.hint", max: 400},
			{key: "price", label: "staff.plan.price.label", hint: "staff.plan.price.hint", optional: true, max: 20},
			{key: "title", label: "staff.plan.title.label", hint: "staff.plan.title.hint", max: 64},
			{key: "text", label: "staff.plan.text.label", optional: true, long: true, max: 400},
		}},
		{"times", []planField{
			{key: "mode", label: "staff.plan.mode.label", hint: "staff.plan.mode.hint", value: "queue", max: 20},
			{key: "announce", label: "staff.plan.announce.label", hint: "staff.plan.announce.hint", optional: true, max: 20},
			{key: "opens", label: "staff.plan.opens.label", hint: "staff.plan.opens.hint", max: 20},
			{key: "closes", label: "staff.plan.closes.label", hint: "staff.plan.closes.hint", max: 20},
			{key: "pay_within", label: "staff.plan.pay.label", hint: "staff.plan.pay.hint", value: "10m", max: 20},
		}},
		{"more", []planField{
			{key: "steps", label: "staff.plan.steps.label", hint: "staff.plan.steps.hint", optional: true, max: 200},
			{key: "allotments", label: "staff.plan.allotments.label", hint: "staff.plan.allotments.hint", optional: true, long: true, max: 1000},
			{key: "spills", label: "staff.plan.spills.label", hint: "staff.plan.spills.hint", optional: true, max: 20},
			{key: "more", label: "staff.plan.more.label", hint: "staff.plan.more.hint", optional: true, long: true, max: 1000},
		}},
	}
}

// formKey is a key as a form may have it.
func formKey(key string) string { return strings.ReplaceAll(key, "_", "") }

func (f planForm) asks(key string) bool {
	return slices.ContainsFunc(f.fields, func(one planField) bool { return one.key == key })
}

// formOf is the form that asks for a key.
func formOf(key string) planForm {
	forms := planForms()
	for _, f := range forms {
		if f.asks(key) {
			return f
		}
	}
	return forms[len(forms)-1]
}

// planStep goes on with a plan: "staff plan new [<brand>]", "staff plan <plan>
// [goods|times|more|yes <version>|discard [yes]]".
func (s *Staff) planStep(v *visit, id, what, extra string) (bots.Screen, error) {
	if id == "new" {
		return s.newPlan(v, what)
	}
	p, err := s.Drops.Draft(v.ctx, v.role.brands(), commerce.DropID(id))
	if errors.Is(err, drops.ErrNone) {
		return s.drops(v)
	}
	if err != nil {
		return bots.Screen{}, err
	}
	notice := ""
	switch form := slices.IndexFunc(planForms(), func(f planForm) bool { return f.name == what }); {
	case form >= 0 && v.ev.Kind != bots.Fill:
		return v.askPlan(p, bots.Path("staff", "plan", id, what), planForms()[form], nil), nil
	case form >= 0:
		if p, err = s.Drops.Retype(v.ctx, p.ID, v.typed(planForms()[form]), v.actor); err == nil {
			return s.typedPlan(v, p, planForms()[form])
		}
	case what == "yes":
		plan, wrong, reading := s.Planning.Read(v.ctx, p)
		if reading != nil {
			return bots.Screen{}, reading
		}
		if version, _ := strconv.ParseInt(extra, 10, 64); len(wrong) == 0 {
			notice, err = v.Say("staff.plan.scheduled"), s.Drops.Schedule(v.ctx, p.ID, version, plan, v.actor)
		}
	case what == "discard" && extra == "yes":
		if err = s.Drops.Discard(v.ctx, p.ID, v.actor); err == nil {
			screen, err := s.drops(v)
			screen.Notice = v.Say("staff.plan.discarded")
			return screen, err
		}
	case what == "discard":
		return bots.Screen{Path: bots.Path("staff", "plan", id), Text: bots.T(v.Say("staff.plan.discardsure")),
			Rows: [][]bots.Button{{danger(v.button("staff.button.plandiscard", "plan", id, "discard", "yes")), v.button("staff.button.planback", "plan", id)}}}, nil
	}
	if errors.Is(err, drops.ErrChanged) {
		notice, err = v.Say("drop.planchanged"), nil
	}
	if err == nil && what != "" {
		p, err = s.Drops.Draft(v.ctx, v.role.brands(), commerce.DropID(id))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	screen, err := s.showPlan(v, p)
	screen.Notice = notice
	return screen, err
}

// newPlan begins a plan: of which brand, then its goods.
func (s *Staff) newPlan(v *visit, brand string) (bots.Screen, error) {
	brands := s.Planning.Brands(v.role)
	ids := slices.SortedFunc(maps.Keys(brands), func(a, b commerce.BrandID) int { return strings.Compare(brands[a], brands[b]) })
	if len(ids) == 1 {
		brand = string(ids[0])
	}
	if _, theirs := brands[commerce.BrandID(brand)]; !theirs {
		menu := &bots.Menu{Hint: bots.Clip(v.Say("staff.plan.choose"), bots.MaxHint)}
		for _, id := range ids[:min(len(ids), bots.MaxChoices)] {
			menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(brands[id], bots.MaxChoice), Action: bots.Path("staff", "plan", "new", string(id))})
		}
		if len(ids) == 0 {
			return s.drops(v)
		}
		return bots.Screen{Path: "staff plan new", Text: bots.T(v.Say("staff.plan.brand")), Menu: menu, Rows: [][]bots.Button{{v.button("staff.drops", "drops")}}}, nil
	}
	form := planForms()[0]
	if v.ev.Kind != bots.Fill {
		return v.askPlan(drops.Draft{}, bots.Path("staff", "plan", "new", brand), form, nil), nil
	}
	p, err := s.Drops.NewDraft(v.ctx, commerce.BrandID(brand), v.typed(form), v.actor)
	if err != nil {
		return bots.Screen{}, err
	}
	return s.typedPlan(v, p, form)
}

// typedPlan goes on after a form: to what is wrong with it, to the next one, or to
// the card.
func (s *Staff) typedPlan(v *visit, p drops.Draft, form planForm) (bots.Screen, error) {
	_, wrong, err := s.Planning.Read(v.ctx, p)
	if err != nil {
		return bots.Screen{}, err
	}
	here := slices.DeleteFunc(slices.Clone(wrong), func(w Wrong) bool { return formOf(w.Key).name != form.name })
	if len(here) > 0 {
		return v.askPlan(p, bots.Path("staff", "plan", string(p.ID), form.name), form, here), nil
	}
	if next := planForms()[1]; form.name == "goods" && p.Typed["opens"] == "" {
		return v.askPlan(p, bots.Path("staff", "plan", string(p.ID), next.name), next, nil), nil
	}
	last := planForms()[2]
	priced := slices.DeleteFunc(wrong, func(w Wrong) bool { return w.Key != "steps" })
	if form.name == "times" && len(priced) > 0 {
		return v.askPlan(p, bots.Path("staff", "plan", string(p.ID), last.name), last, priced), nil
	}
	return s.showPlan(v, p)
}

// typed are the values of a filled form, by the keys of the YAML.
func (v *visit) typed(form planForm) map[string]string {
	typed := map[string]string{}
	for _, f := range form.fields {
		typed[f.key] = strings.TrimSpace(v.ev.Values[formKey(f.key)])
	}
	return typed
}

// askPlan asks for the values of a form, with what was wrong with them.
func (v *visit) askPlan(p drops.Draft, action bots.Action, form planForm, wrong []Wrong) bots.Screen {
	back := v.button("staff.button.planback", "plan", string(p.ID))
	if p.ID == "" {
		back = v.button("staff.drops", "drops")
	}
	return v.askTyped(p.Typed, bots.Form{Action: action, Title: bots.Clip(v.Say("staff.button.plan"), bots.MaxFormTitle), Cancel: back}, form, wrong)
}

// askTyped is a form with what was typed already, and what is wrong with it.
func (v *visit) askTyped(was map[string]string, out bots.Form, form planForm, wrong []Wrong) bots.Screen {
	for i, f := range form.fields {
		value, typed := was[f.key]
		if !typed {
			value = f.value
		}
		field := bots.Field{Key: formKey(f.key), Label: bots.Clip(v.Say(f.label), bots.MaxFieldLabel), Value: bots.Clip(value, f.max), Optional: f.optional, Long: f.long, Max: f.max}
		if f.hint != "" {
			field.Hint = bots.Clip(v.Say(f.hint), bots.MaxFieldHint)
		}
		out.Fields = append(out.Fields, field)
		if len(wrong) > 0 && f.key == wrong[0].Key {
			out.Step = i
		}
	}
	return bots.Screen{Path: out.Action, Text: v.wrongText(wrong), Form: &out}
}

// wrongText lists what is wrong with a plan.
func (v *visit) wrongText(wrong []Wrong) (text bots.Text) {
	for i, w := range wrong {
		name := w.Key
		for _, f := range formOf(w.Key).fields {
			if f.key == w.Key {
				name = v.Say(f.label)
			}
		}
		if i > 0 {
			text = text.Line()
		}
		text = append(text, bots.Span{Text: name + ": ", Look: bots.Bold}, bots.Span{Text: bots.Clip(w.Message, 300)})
	}
	return text
}

// showPlan shows a plan as the groups will see it, and what can be done with it.
func (s *Staff) showPlan(v *visit, p drops.Draft) (bots.Screen, error) {
	id := string(p.ID)
	switch p.State {
	case drops.Begun:
		return s.dropStep(v, id, "", "")
	case drops.Discarded:
		return s.drops(v)
	}
	plan, wrong, err := s.Planning.Read(v.ctx, p)
	if err != nil {
		return bots.Screen{}, err
	}
	screen := bots.Screen{}
	change := []bots.Button{v.button("staff.button.plangoods", "plan", id, "goods"), v.button("staff.button.plantimes", "plan", id, "times"), v.button("staff.button.planmore", "plan", id, "more")}
	rows := [][]bots.Button{change, {danger(v.button("staff.button.plandiscard", "plan", id, "discard")), v.button("staff.drops", "drops")}}
	if p.State == drops.Planned {
		plan, wrong = p.Plan, nil // as it was when it was planned
	}
	if len(wrong) > 0 {
		text := bots.Text{{Text: v.Say("staff.plan.wrong"), Look: bots.Bold}}
		return bots.Screen{Path: bots.Path("staff", "plan", id), Text: append(text.Line(), v.wrongText(wrong)...), Rows: rows}, nil
	}
	screen, err = s.Planning.Card(v.ctx, v.Language(), plan)
	if err != nil && commerce.KindOf(err) == commerce.NotFound { // what it sells is gone since
		return bots.Screen{Path: bots.Path("staff", "plan", id), Text: bots.T(v.Say("staff.plan.gone")), Rows: rows}, nil
	}
	if err != nil {
		return bots.Screen{}, err
	}
	when := v.Say("staff.plan.atonce")
	if !plan.Announced.IsZero() {
		when = v.Say("staff.plan.at", "Time", v.Moment(plan.Announced))
	}
	lead := bots.Text{{Text: v.Say("staff.plan.card"), Look: bots.Italic}}
	if p.State == drops.Planned {
		lead = bots.Text{{Text: v.Say("staff.plan.planned"), Look: bots.Bold}}
	} else {
		yes := v.button("staff.button.planyes", "plan", id, "yes", strconv.FormatInt(p.Version, 10))
		yes.Style = bots.Primary
		rows = append([][]bots.Button{{yes}}, rows...)
	}
	lead = lead.Line(bots.Span{Text: when + " " + v.Count("staff.plan.groups", int64(s.Planning.Groups(plan)))})
	lead = s.keptOf(v, lead, plan).Line().Line()
	screen.Path, screen.Rows, screen.Public, screen.Menu = bots.Path("staff", "plan", id), rows, false, nil
	screen.Text = append(lead, screen.Text...)
	return screen, nil
}

// keptOf says which units of a plan are kept for communities, and until when.
func (s *Staff) keptOf(v *visit, text bots.Text, p drops.Plan) bots.Text {
	each := map[commerce.CommunityID][]string{}
	for _, u := range p.Units {
		for c, n := range u.Allotted {
			each[c] = append(each[c], number(n)+" × "+bots.Clip(s.soldAs(v, u.Variant), 40))
		}
	}
	for _, c := range slices.Sorted(maps.Keys(each)) {
		text = text.Line(bots.Span{Text: v.Say("staff.plan.kept", "Community", s.community(v, c), "Units", strings.Join(each[c], ", "))})
	}
	if len(each) > 0 && p.Spills > 0 {
		text = text.Line(bots.Span{Text: v.Say("staff.plan.keptuntil", "Time", v.Moment(p.Opens.Add(p.Spills)))})
	}
	return text
}

// planChoices offers the plans that are not announced yet.
func (s *Staff) planChoices(v *visit) (list []bots.Choice, text bots.Text, err error) {
	plans, err := s.Drops.Drafts(v.ctx, v.role.brands())
	for _, p := range plans[:min(len(plans), mostDrops)] {
		title, word := p.Typed["title"], v.Say("staff.plan.draft")
		if title == "" {
			title = v.Say("staff.plan.untitled")
		}
		if p.State == drops.Planned {
			word = v.Say("staff.plan.planned")
		}
		list = append(list, bots.Choice{Label: bots.Clip(title, bots.MaxChoice), Description: bots.Clip(word, bots.MaxChoice), Action: bots.Path("staff", "plan", string(p.ID))})
		text = text.Line(bots.Span{Text: "• "}, bots.Span{Text: bots.Clip(title, 64), Look: bots.Bold}, bots.Span{Text: " — " + word})
	}
	return list, text, err
}
