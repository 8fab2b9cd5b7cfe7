package shop

// This file is a member's own link: who is first heard of by opening it was brought
// in by them, and their first order brings points (commerce/earnings/brought.go).

import (
	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/earnings"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/pricing"
)

// brings reports whether bringing members in brings points here.
func (s *Shop) brings() bool { return s.Earnings != nil && s.Earnings.Rules().Brings() }

// invite shows a member their own link, how many came by it, and what that brought.
func (s *Shop) invite(v *visit, _ []string) (bots.Screen, error) {
	text := bots.Text{bold(v.Say("invite.title"))}.Line(regular(v.Say("invite.what")))
	if s.brings() {
		r := s.Earnings.Rules()
		line := v.Say("invite.percent", "Percent", pricing.Percent(r.Bring))
		if r.BringPoints > 0 {
			line = v.Count("invite.points", r.BringPoints)
		}
		text = text.Line(regular(line))
	}
	if s.InviteLink != nil {
		text = text.Line().Line(code(s.InviteLink(v.member.ID)))
	}
	if s.Earnings != nil {
		b, err := s.Earnings.BroughtBy(v.ctx, v.member.ID)
		if err != nil {
			return bots.Screen{}, err
		}
		if b.Members > 0 {
			text = text.Line().Line(regular(v.Count("creator.brought", b.Members)))
		} else {
			text = text.Line().Line(regular(v.Say("invite.nobody")))
		}
		if b.Bought > 0 {
			text = text.Line(regular(v.Count("invite.brought", b.Points)))
		}
	}
	var post bots.Button
	if !v.ev.Chat.Private {
		post = v.button("button.invitepost", "invite", "post")
		post.Keep = true
	}
	screen := bots.Screen{Path: "invite", Text: text, Rows: rows(row(post), row(v.button("button.earnings", "earnings"), v.button("button.home", "start")))}
	if s.InviteLink != nil {
		screen.Rows = append(rows(row(bots.Button{Label: v.Say("button.inviteqr"), Link: s.InviteLink(v.member.ID)})), screen.Rows...)
	}
	return screen, nil
}

// invitePost shows the shop in a group, with a button that says who invites.
func (s *Shop) invitePost(v *visit, _ []string) (bots.Screen, error) {
	if v.ev.Chat.Private {
		return bots.Screen{Notice: v.Say("invite.where")}, nil
	}
	wait, err := s.Live.Spend(v.ctx, live.Budget{Name: "share:" + v.ev.Bot + ":" + v.ev.Chat.ID, Every: shareEvery, Burst: shareBurst}, v.request)
	if err != nil {
		return bots.Screen{}, err
	}
	if wait > 0 {
		return bots.Screen{Notice: v.Say("share.wait")}, nil
	}
	path := bots.Path("i", string(v.member.ID))
	b := v.primary("button.tothisshop", "start")
	b.Action = path
	return clean(bots.Screen{Path: path, Public: true, Text: bots.Text{bold(v.set.Name)}.Line(regular(v.Say("invite.card", "Name", bots.Clip(v.member.Name, 60)))), Rows: rows(row(b))}), nil
}

// invited shows the shop to whom somebody has invited, and notes who brought whom
// in: "i <member>".
func (s *Shop) invited(v *visit, args []string) (bots.Screen, error) {
	if v.member.New {
		if _, err := s.Creators.Bring(v.ctx, v.member.ID, commerce.MemberID(args[0]), ""); err != nil {
			return bots.Screen{}, err
		}
	}
	return s.start(v, nil)
}

// earnedFor is what somebody earned for.
func (v *visit) earnedFor(e earnings.Earning) string {
	if e.Why == earnings.Brought {
		return v.Say("earning.first")
	}
	return e.Label
}

// broughtSum says how the points of a first order come about. It does not say what
// the order was of: who bought may be known.
func (v *visit) broughtSum(e earnings.Earning) string {
	if e.PPM == 0 {
		return v.Count("earning.sumfixed", e.Points)
	}
	return v.Count("earning.sumbrought", e.Points, "Percent", pricing.Percent(e.PPM))
}
