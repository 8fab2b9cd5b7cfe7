package shop

import (
	"strings"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/members"
)

// linkTime is how long a code that links two accounts is good for.
const linkTime = 15 * time.Minute

// link shows a one-time code, or takes the one that was shown on another
// platform: whoever has both is one person.
func (s *Shop) link(v *visit, _ []string) (bots.Screen, error) {
	if typed := strings.TrimSpace(v.ev.Text); typed != "" {
		return s.linkWith(v, typed)
	}
	made, err := s.Live.Keep(v.ctx, "link", string(v.member.ID), linkTime)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("link.title"))}.Line(regular(v.Say("link.what"))).Line().
		Line(regular(v.Say("link.send")+" "), code("/link "+made)).
		Line(regular(v.Say("link.time", "Time", linkTime)))
	return bots.Screen{
		Path: "link", Text: text,
		Rows: rows(row(v.primary("button.entercode", "link", "code")), row(v.button("button.home", "start"))),
	}, nil
}

// linkCode asks for a code, or takes the one that was filled in.
func (s *Shop) linkCode(v *visit, _ []string) (bots.Screen, error) {
	if !v.filled() {
		return s.askCode(v), nil
	}
	return s.linkWith(v, v.value("code"))
}

func (s *Shop) askCode(v *visit) bots.Screen {
	return bots.Screen{Path: "link code", Form: &bots.Form{
		Action: "link code", Title: v.Say("link.title"), Cancel: v.button("button.cancel", "start"),
		Fields: []bots.Field{{Key: "code", Label: v.Say("link.code"), Hint: "ABCD2345", Max: 40}},
	}}
}

func (s *Shop) linkWith(v *visit, typed string) (bots.Screen, error) {
	// Somebody may paste the whole command.
	typed = strings.TrimSpace(strings.TrimPrefix(typed, "/link"))
	value, ok, err := s.Live.Take(v.ctx, "link", typed)
	if err != nil {
		return bots.Screen{}, err
	}
	if !ok {
		if v.filled() {
			return v.again(*s.askCode(v).Form, "code", v.Say("link.unknown")), nil
		}
		return bots.Screen{
			Path: "link", Text: bots.T(v.Say("link.unknown")),
			Rows: rows(row(v.primary("button.newcode", "link"), v.button("button.entercode", "link", "code")), row(v.button("button.home", "start"))),
		}, nil
	}
	other, err := s.Members.Get(v.ctx, commerce.MemberID(value))
	if err != nil {
		return bots.Screen{}, err
	}
	if other.ID == v.member.ID {
		screen, err := s.home(v)
		screen.Notice = v.Say("link.same")
		return screen, err
	}
	keep, gone := other, v.member
	if gone.CreatedAt.Before(keep.CreatedAt) {
		keep, gone = gone, keep
	}
	if err := s.Members.Link(v.ctx, keep.ID, gone.ID); err != nil {
		return bots.Screen{}, err
	}
	if err := s.Live.MergeCarts(v.ctx, keep.ID, gone.ID); err != nil {
		s.Log.WarnContext(v.ctx, "the carts of two linked accounts were not merged", "error", err)
	}
	return s.linked(v, keep)
}

func (s *Shop) linked(v *visit, now members.Member) (bots.Screen, error) {
	v.member = now
	if cart, err := s.Live.Cart(v.ctx, now.ID); err == nil {
		v.cart = cart
	}
	return bots.Screen{
		Path: "start", Text: bots.Text{bold(v.Say("link.done"))}.Line(regular(v.Say("link.now"))),
		Rows: rows(row(v.cartButton(), v.button("button.orders", "orders")), row(v.button("button.home", "start"))),
	}, nil
}
