package shop

// Two accounts of a person become one member. The rules:
//   - a code is good for one use, and is neither made nor taken where others
//     read along.
//   - before anything is linked, whoever brings the code is shown whose it is
//     and what it means, and says yes: a code can come from a stranger who
//     promises something for it.
//   - that yes is theirs alone, and good once.
//   - who tries many codes has to wait.

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
)

// linkTime is how long a code that links two accounts is good for.
const linkTime = 15 * time.Minute

// How many codes somebody may try: a few at once, then one now and then. A code
// has 40 random bits.
const (
	linkEvery = 20 * time.Second
	linkBurst = 10
)

// link shows a one-time code, or takes the one that was shown on another
// platform: whoever has both is one person.
func (s *Shop) link(v *visit, _ []string) (bots.Screen, error) {
	typed := strings.TrimSpace(v.ev.Text)
	switch {
	case !v.alone() && typed != "":
		return s.askCode(v), nil
	case !v.alone():
		return bots.Screen{Path: "link", Text: bots.T(v.Say("link.what"))}, nil
	case typed != "":
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
	wait, err := s.Live.Spend(v.ctx, live.Budget{Name: "link:" + string(v.ev.From.Platform) + ":" + v.ev.From.ID, Every: linkEvery, Burst: linkBurst}, v.request)
	if err != nil {
		return bots.Screen{}, err
	}
	if wait > 0 {
		return bots.Screen{Path: "link", Text: bots.T(v.Say("link.wait", "Time", wait)), Rows: rows(row(v.button("button.home", "start")))}, nil
	}
	value, ok, err := s.Live.Take(v.ctx, "link", typed)
	if err != nil {
		return bots.Screen{}, err
	}
	if !ok {
		if v.filled() {
			return v.again(*s.askCode(v).Form, "code", v.Say("link.unknown")), nil
		}
		return v.noCode(), nil
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
	return s.askLink(v, other)
}

// askLink asks whether the one whose code it is is the same person.
func (s *Shop) askLink(v *visit, other members.Member) (bots.Screen, error) {
	answer, err := s.Live.Keep(v.ctx, "linking", string(other.ID)+" "+string(v.member.ID), linkTime)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("link.isyou"))}
	for _, a := range other.Accounts {
		line := a.Name
		if line == "" {
			line = a.ID
		}
		line = bots.Clip(line, 60)
		if a.Username != "" {
			line += " (@" + bots.Clip(a.Username, 40) + ")"
		}
		text = text.Line(regular("• "), bold(line), regular(", "+appName(a.Platform)))
	}
	yes := v.button("button.linkyes", "link", "yes", strings.ToLower(answer))
	yes.Style = bots.Danger
	return bots.Screen{
		Path: "link", Text: text.Line().Line(regular(v.Say("link.means"))),
		Rows: rows(row(yes, v.button("button.linkno", "start"))),
	}, nil
}

// appName is how people call a platform.
func appName(platform string) string {
	_, n := utf8.DecodeRuneInString(platform)
	return strings.ToUpper(platform[:n]) + platform[n:]
}

// linkYes links the two, once the one who brought the code has said so.
func (s *Shop) linkYes(v *visit, args []string) (bots.Screen, error) {
	value, ok, err := s.Live.Take(v.ctx, "linking", args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	from, to, _ := strings.Cut(value, " ")
	if !ok || to != string(v.member.ID) {
		return v.noCode(), nil
	}
	other, err := s.Members.Get(v.ctx, commerce.MemberID(from))
	if err != nil {
		return bots.Screen{}, err
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

// noCode says that a code links nothing.
func (v *visit) noCode() bots.Screen {
	return bots.Screen{
		Path: "link", Text: bots.T(v.Say("link.unknown")),
		Rows: rows(row(v.primary("button.newcode", "link"), v.button("button.entercode", "link", "code")), row(v.button("button.home", "start"))),
	}
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
