package shop

// This file is the conversation of a group drop. The rules are:
//   - The card in a group says how the drop stands and nothing of anybody; its
//     button acts for whoever presses it, and answers them alone.
//   - What is left, as everybody reads it, only falls: units that are not sold.
//   - Whoever takes part sees their own place, until when a unit is kept for
//     them, and what became of it, with the reason.

import (
	"errors"
	"slices"
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/catalog"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/live"
)

// claimWord stands before an entry in the actions that buy: "buy claim <entry>".
// No pick has it as its id: those are digests.
const claimWord = "claim"

// allDrops lists what is announced or open: "drops".
func (s *Shop) allDrops(v *visit, _ []string) (bots.Screen, error) {
	list, err := s.Drops.Current(v.ctx)
	if err != nil {
		return bots.Screen{}, err
	}
	text, menu := bots.Text{bold(v.Say("drops.title"))}, &bots.Menu{Hint: v.Say("drops.choose")}
	for _, d := range list {
		if !v.scope.shows(d.Brand) || len(menu.Choices) == bots.MaxChoices {
			continue
		}
		text = text.Line(regular("• "), bold(bots.Clip(d.Title, 64)), regular(" — "+v.dropState(d)))
		menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(d.Title, bots.MaxChoice), Description: bots.Clip(v.dropState(d), bots.MaxChoice),
			Action: bots.Path("drop", string(d.ID))})
	}
	if len(menu.Choices) == 0 {
		menu, text = nil, text.Line(regular(v.Say("drops.none")))
	}
	return bots.Screen{Path: "drops", Text: text, Menu: menu,
		Rows: rows(row(v.primary("button.feed", "feed"), v.cartButton()), row(v.button("button.home", "start")))}, nil
}

// drop shows a drop and the member's place in it: "drop <drop>".
func (s *Shop) drop(v *visit, args []string) (bots.Screen, error) {
	s.tapped(v, args[0])
	return s.showDrop(v, args[0], "")
}

// tapped takes note that the member looks at a drop, or presses a button of it.
func (s *Shop) tapped(v *visit, id string) {
	t := drops.Tap{Drop: commerce.DropID(id), Member: v.member.ID, Platform: string(v.ev.From.Platform), Bot: v.ev.Bot}
	if !v.ev.Chat.Private {
		t.Chat = v.ev.Chat.ID
	}
	s.Drops.Tapped(t)
}

// dropClaim takes part: "drop claim <drop> [<variant> [<seat>]]".
func (s *Shop) dropClaim(v *visit, args []string) (bots.Screen, error) {
	s.tapped(v, args[0])
	d, err := s.Drops.Look(v.ctx, commerce.DropID(args[0])) // a crowd comes here: no SQL for those who are too late
	if err == nil && !v.scope.shows(d.Brand) {
		err = drops.ErrNone
	}
	if err != nil {
		return bots.Screen{}, err
	}
	if err := s.dropAge(v, d); err != nil {
		return bots.Screen{}, err
	}
	variant := d.Units[0].Variant
	seat := int64(0)
	if len(args) == 3 {
		seat, _ = strconv.ParseInt(args[2], 10, 64)
	}
	if len(args) > 1 {
		variant = commerce.VariantID(args[1])
	} else if len(d.Units) > 1 && d.Mode != drops.Invite {
		return s.showDrop(v, args[0], "")
	}
	mine, err := s.Drops.Claim(v.ctx, d.ID, v.member.ID, variant, drops.Where{Bot: v.ev.Bot, Chat: v.ev.Chat.ID, Who: string(v.ev.From.Platform) + " " + v.ev.From.ID,
		Community: v.cameFrom(d), Roles: v.ev.From.Roles, Seat: seat, Tapped: v.heard, New: v.member.New, May: func() error {
			v.wrote = true // the crowd that is too late takes nothing, and nothing of it is kept
			return s.budget(v)
		}})
	problem := ""
	switch {
	case commerce.KindOf(err) == commerce.Conflict && err != nil:
		if problem = s.refusedDrop(v, d, err); v.aside() && mine.ID == "" {
			return bots.Screen{Notice: problem}, nil // there is nothing to go on with elsewhere
		}
	case err != nil:
		return bots.Screen{}, err
	}
	if errors.Is(err, drops.ErrTooLate) && mine.ID == "" {
		return s.tooLate(v, d, problem)
	}
	return s.showDrop(v, args[0], problem)
}

// tooLate answers the crowd that comes when nothing can be had any more, from
// what was just looked up: they have no place that could be shown.
func (s *Shop) tooLate(v *visit, d drops.Drop, problem string) (bots.Screen, error) {
	screen, err := s.dropCard(v, d)
	if err != nil {
		return bots.Screen{}, err
	}
	screen.Text = append(bots.Text{bold(problem), regular("\n\n")}, screen.Text...)
	id := string(d.ID)
	screen.Rows = rows(row(v.button("button.refresh", "drop", id), v.button("button.why", "drop", "why", id)), row(v.button("button.home", "start")))
	return screen, nil
}

// dropLeave gives a place or a won unit up: "drop leave <drop>".
func (s *Shop) dropLeave(v *visit, args []string) (bots.Screen, error) {
	err := s.Drops.Leave(v.ctx, commerce.DropID(args[0]), v.member.ID)
	if errors.Is(err, drops.ErrPaying) {
		return s.showDrop(v, args[0], v.problem(err))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	screen, err := s.showDrop(v, args[0], "")
	screen.Notice = v.Say("drop.leftnow")
	return screen, err
}

// dropGiveUp gives one won unit up: "drop leave <drop> <entry>"; dropLeaveLine one
// place in line, nothing that was won meanwhile: "drop leave <drop> <entry> line".
func (s *Shop) dropGiveUp(v *visit, args []string) (bots.Screen, error) {
	return s.leaveOne(v, args, false)
}
func (s *Shop) dropLeaveLine(v *visit, args []string) (bots.Screen, error) {
	return s.leaveOne(v, args, true)
}

func (s *Shop) leaveOne(v *visit, args []string, line bool) (bots.Screen, error) {
	e, err := s.Drops.LeaveOne(v.ctx, commerce.EntryID(args[1]), v.member.ID, line)
	if errors.Is(err, drops.ErrPaying) {
		return s.showDrop(v, args[0], v.problem(err))
	}
	if err != nil {
		return bots.Screen{}, err
	}
	screen, err := s.showDrop(v, string(e.Drop), "")
	if e.State == drops.Left {
		screen.Notice = v.Say("drop.leftnow")
	}
	return screen, err
}

// dropOrder orders a won unit without a kept card, as a confirmation showed it:
// "drop order <entry> <quote>".
func (s *Shop) dropOrder(v *visit, args []string) (bots.Screen, error) {
	return s.orderClaim(v, []string{claimWord, args[0]}, args[1])
}

// orderClaim orders a unit that is kept for the member.
func (s *Shop) orderClaim(v *visit, words []string, quote string) (bots.Screen, error) {
	g, err := s.wanted(v, words)
	if err != nil {
		return bots.Screen{}, err
	}
	buyer := v.buyer()
	buyer.Direct, buyer.Claim = true, g.claim
	o, err := s.Checkout.Place(v.ctx, buyer, g.lines, quote)
	switch {
	case errors.Is(err, drops.ErrLapsed), errors.Is(err, drops.ErrMissed):
		return s.lapsedClaim(v, g)
	case errors.Is(err, drops.ErrPaused):
		return s.showDrop(v, string(g.drop), v.problem(err))
	case commerce.KindOf(err) == commerce.Conflict && err != nil, commerce.KindOf(err) == commerce.Invalid:
		return s.confirm(v, g.words, v.problem(err))
	case err != nil:
		return bots.Screen{}, err
	}
	s.told.Drop(v.member.ID)
	return s.showOrder(v, o, ""), nil
}

// wantedClaim reads a unit that the member has won. One that they have not, or
// not any more, is drops.ErrLapsed.
func (s *Shop) wantedClaim(v *visit, id string) (goods, error) {
	e, err := s.Drops.Entry(v.ctx, commerce.EntryID(id))
	if err == nil && e.Member != v.member.ID {
		err = drops.ErrNone
	}
	if err != nil {
		return goods{}, err
	}
	line := live.CartLine{Variant: e.Variant, Quantity: 1}
	return goods{words: []string{claimWord, id}, lines: []live.CartLine{line}, claim: id, drop: e.Drop, entry: e}, nil
}

// dropOf finds a drop that is shown here.
func (s *Shop) dropOf(v *visit, id string) (drops.Drop, error) {
	d, err := s.Drops.Get(v.ctx, commerce.DropID(id))
	if err == nil && !v.scope.shows(d.Brand) {
		err = drops.ErrNone
	}
	return d, err
}

// showDrop shows a drop, the member's place in it, and why something they
// wanted could not be done.
func (s *Shop) showDrop(v *visit, id, problem string) (bots.Screen, error) {
	d, err := s.dropOf(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	screen, err := s.dropCard(v, d)
	if err != nil {
		return bots.Screen{}, err
	}
	lead := bots.Text{}
	if problem != "" {
		lead = append(lead, bold(problem), regular("\n\n"))
	}
	mine, free, err := s.mineOf(v, d)
	if err != nil {
		return bots.Screen{}, err
	}
	young := gatedError{}
	if err := s.dropAge(v, d); errors.As(err, &young) && v.scope.born > 0 {
		lead = append(lead.Line(bold(v.Say("gate.from", "Age", young.age))).Line(v.tooYoung(young.age)), regular("\n\n"))
		free = -1 // and no place for them
	} else if err != nil && !errors.As(err, &young) {
		return bots.Screen{}, err
	}
	var acts [][]bots.Button
	for _, e := range mine {
		lead = append(lead, bold(s.named(v, d, e)+v.myPlace(s, d, e)), regular("\n"))
		if d.Mode == drops.Invite && e.State == drops.Won && e.Order == "" && len(d.Units) > 1 {
			screen.Menu = s.swapMenu(v, d, e)
		}
		did := v.dropActs(s, d, e)
		switch {
		case e.State == drops.Lost && d.Mode == drops.Group:
			did = row(v.singleButton(d))
		case e.State == drops.Lost:
			wait, err := s.waitButton(v, e.Variant)
			if err != nil {
				return bots.Screen{}, err
			}
			did = row(wait)
		}
		acts = append(acts, did)
	}
	if len(mine) > 0 {
		lead = append(lead, regular("\n"))
	}
	screen.Text = append(lead, screen.Text...)
	if free >= 0 && d.State == drops.Open && !d.Paused && (d.Mode != drops.Invite || len(mine) > 0) {
		if acts = append(acts, row(v.claimSeat(d, free))); len(d.Units) > 1 {
			acts, screen.Menu = acts[:len(acts)-1], s.dropMenu(v, d, free)
		}
	}
	tell, fault := s.tellButton(v, string(d.Brand), []string{"drop", "tell", id}, []string{"drop", "hush", id})
	if fault != nil {
		return bots.Screen{}, fault
	}
	var proof, list bots.Button
	if d.Mode == drops.Draws && d.Drawings[0].ListHash != "" {
		list = v.button("button.drawlist", "drop", "list", id)
		if len(mine) > 0 {
			proof = v.button("button.proof", "drop", "proof", id)
		}
	}
	if len(acts) > 2 {
		acts = shared(acts)
	}
	screen.Rows = append(rows(acts...), rows(row(proof, list), row(v.button("button.refresh", "drop", id), v.button("button.why", "drop", "why", id)), row(tell, v.button("button.home", "start")))...)
	return s.withFlags(v, d, screen)
}

// shared puts what can be done with several units into two rows, as two more are
// needed. Where that is too much, what is done next comes first.
func shared(acts [][]bots.Button) [][]bots.Button {
	all := slices.Concat(acts...)
	if most := 2 * bots.MaxRowButtons; len(all) > most {
		slices.SortStableFunc(all, func(a, b bots.Button) int { return rank(a) - rank(b) })
		all = all[:most]
	}
	return slices.Collect(slices.Chunk(all, bots.MaxRowButtons))
}

func rank(b bots.Button) int {
	if b.Style == bots.Primary {
		return 0
	}
	return 1
}

// myPlace says how it stands for a member who takes part.
func (v *visit) myPlace(s *Shop, d drops.Drop, e drops.Entry) string {
	if text := v.groupPlace(s, d, e); text != "" {
		return text
	}
	switch e.State {
	case drops.Won:
		if e.Order != "" {
			return v.Say("drop.pay", "Time", v.atTime(e.Until, s.Clock.Now()))
		}
		return v.yours(d, e, s.Clock.Now())
	case drops.Waits:
		if d.Mode == drops.Draws && !d.Drawn() {
			text := v.Say("drop.youarein", "Time", v.Moment(d.Closes))
			if d.First() && e.Tier == 0 {
				text += " " + v.Say("drop.youarefirst")
			}
			return text
		}
		if d.Mode == drops.Draws && e.Ahead == 0 {
			return v.Say("drop.notdrawnnext", "Place", strconv.FormatInt(e.Place, 10))
		}
		if d.Mode == drops.Draws {
			return v.Count("drop.notdrawn", e.Ahead, "Place", strconv.FormatInt(e.Place, 10))
		}
		if d.Mode == drops.Invite && d.State == drops.Announced {
			return v.Say("drop.invitesoon", "Time", v.Moment(d.Opens))
		}
		left := d.For(e).Units - d.For(e).Sold
		if e.Ahead == 0 {
			return v.Count("drop.nextinline", left)
		}
		return v.Count("drop.inline", e.Ahead, "Place", strconv.FormatInt(e.Ahead+1, 10), "Left", strconv.FormatInt(left, 10))
	case drops.Sold:
		return v.Say("drop.bought")
	case drops.Lapsed:
		return v.Say("drop.youlapsed")
	case drops.Lost:
		return v.Say("drop.youlost")
	}
	return v.Say("drop.youleft")
}

// dropMenu offers the variants of a drop.
func (s *Shop) dropMenu(v *visit, d drops.Drop, seat int64) *bots.Menu {
	menu := &bots.Menu{Hint: v.Say("drop.choose")}
	goods, err := s.snapshot(v)
	if err != nil {
		return nil
	}
	for _, st := range d.Stands {
		_, variant, ok := goods.Variant(st.Variant)
		if !ok || len(menu.Choices) == bots.MaxChoices {
			continue
		}
		left := st.Units - st.Sold
		action := bots.Path("drop", "claim", string(d.ID), string(st.Variant))
		if seat > 0 {
			action = bots.Path("drop", "claim", string(d.ID), string(st.Variant), strconv.FormatInt(seat, 10))
		}
		menu.Choices = append(menu.Choices, bots.Choice{Label: bots.Clip(variant.Label(), bots.MaxChoice), Description: v.Count("drop.left", left, "Units", strconv.FormatInt(st.Units, 10)),
			Action: action})
	}
	return menu
}

// dropCard is what everybody reads of a drop, its buttons aside.
func (s *Shop) dropCard(v *visit, d drops.Drop) (bots.Screen, error) {
	goods, err := s.snapshot(v)
	if err != nil {
		return bots.Screen{}, err
	}
	product, variant, ok := goods.Variant(d.Units[0].Variant)
	if !ok {
		return bots.Screen{}, drops.ErrNone
	}
	text := bots.Text{bold(d.Title)}
	if product.BrandName != "" {
		text = text.Line(italic(bots.Clip(product.BrandName, 60)))
	}
	if d.Text != "" {
		text = text.Line().Line(regular(bots.Clip(d.Text, 400)))
	}
	price := v.dropPrice(d, product, variant)
	text = text.Line().Line(regular(bots.Clip(product.Title, 120)+" "), bold(price)).Line(bold(v.dropState(d)))
	if d.State == drops.Announced || d.State == drops.Open {
		text = v.keptFor(v.dropWho(text.Line(italic(v.dropRule(d))), d), d, goods)
	}
	text = v.seals(text, d)
	picture := product.PictureOf(variant)
	if s.dropAge(v, d) != nil { // it is for who is known to be of an age; a tile stands where it stood
		picture = ""
	}
	return bots.Screen{Path: bots.Path("drop", string(d.ID)), Text: text, Picture: s.picture(picture, product.ID, d.Title)}, nil
}

func (v *visit) dropRule(d drops.Drop) string {
	if d.Mode == drops.Group {
		return v.groupRule(d)
	}
	if d.Mode == drops.Draws {
		return v.Count("drop.drawrule", d.Total(), "Minutes", v.span(d.PayWithin))
	}
	if d.Mode == drops.Invite {
		return v.Count("drop.inviterule", d.Total(), "Span", v.span(d.PayWithin))
	}
	if d.PerPerson > 1 {
		return v.Count("drop.rule", d.Total(), "Minutes", d.PayWithin) + " " + v.Count("drop.each", d.PerPerson)
	}
	return v.Count("drop.rule", d.Total(), "Minutes", d.PayWithin)
}

// claimButton takes part in a drop.
func (v *visit) claimButton(d drops.Drop) bots.Button {
	if d.Mode == drops.Draws {
		return v.primary("button.enterdraw", "drop", "claim", string(d.ID))
	}
	if d.Mode == drops.Group {
		return v.primary("button.joingroup", "drop", "claim", string(d.ID))
	}
	if d.Mode == drops.Invite {
		return v.primary("button.invited", "drop", "claim", string(d.ID))
	}
	return v.primary("button.claimdrop", "drop", "claim", string(d.ID))
}

func (v *visit) dropPrice(d drops.Drop, p *catalog.Product, first *catalog.Variant) string {
	switch {
	case d.Price.Currency != "":
		return v.Money(d.Price)
	case len(d.Units) > 1:
		return v.priceRange(p)
	}
	return v.Money(first.Price)
}

// dropState says in a line how a drop stands.
func (v *visit) dropState(d drops.Drop) string {
	total := strconv.FormatInt(d.Total(), 10)
	switch {
	case d.State == drops.Announced:
		return v.Say("drop.opens", "Time", v.Moment(d.Opens))
	case d.State == drops.Cancelled:
		return v.Say("drop.cancelled")
	case d.Mode == drops.Group && d.State != drops.Open:
		return v.groupState(d)
	case d.State == drops.Over:
		return v.Count("drop.over", d.Total()-d.Left(), "Units", total)
	case d.Paused:
		return v.Say("drop.ispaused")
	case d.Mode == drops.Group:
		return v.groupState(d)
	case d.Mode == drops.Draws && d.State == drops.Open:
		return v.Count("drop.entered", d.Waiting(), "Time", v.Moment(d.Closes))
	case !d.Drawn():
		return v.Count("drop.drawing", d.Waiting())
	case d.State == drops.Closed:
		return v.Say("drop.isclosed")
	case d.Free() == 0 && d.Left() > 0:
		text := v.Count("drop.allclaimed", d.Left(), "Units", total)
		if d.Waiting() > 0 {
			text += " " + v.Count("drop.waiting", d.Waiting())
		}
		return text
	}
	return v.Count("drop.left", d.Left(), "Units", total)
}

// dropPost is the card of a drop in a group.
func (s *Shop) dropPost(v *visit, id string) (bots.Screen, error) {
	d, err := s.dropOf(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	screen, err := s.dropCard(v, d)
	if err != nil {
		return screen, err
	}
	var claim bots.Button
	if d.State == drops.Open && !d.Paused {
		claim = v.claimButton(d)
	}
	screen.Public, screen.Rows = true, rows(row(claim, v.button("button.details", "drop", id)))
	return screen, nil
}
