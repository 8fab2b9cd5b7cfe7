package shop

// This file is what a creator is told of their week: figures of theirs alone, a
// chart, and one recommendation. The rules are in commerce/digests.

import (
	"errors"
	"strings"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/digests"
)

// digest shows a creator their last week: "digest".
func (s *Shop) digest(v *visit, _ []string) (bots.Screen, error) {
	of, stop, err := s.asCreator(v)
	if err != nil || stop != nil {
		return deref(stop), err
	}
	wants, err := s.Creators.WantsDigest(v.ctx, of.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	want := v.button("button.digestoff", "digest", "off")
	if !wants {
		want = v.button("button.digeston", "digest", "on")
	}
	back := row(want, v.button("button.creatordesk", "creator"), v.button("button.home", "start"))
	d, err := s.Digests.Last(v.ctx, of.ID)
	if errors.Is(err, digests.ErrNone) {
		return bots.Screen{Path: "digest", Text: bots.Text{bold(v.Say("digest.title"))}.Line(regular(v.Say("digest.none"))), Rows: rows(back)}, nil
	}
	if err != nil {
		return bots.Screen{}, err
	}
	screen := s.week(v, d)
	screen.Rows = append(screen.Rows, back)
	return screen, nil
}

// digestWant says whether a creator is told of their weeks: "digest on|off".
func (s *Shop) digestWant(v *visit, args []string) (bots.Screen, error) {
	of, stop, err := s.asCreator(v)
	if err != nil || stop != nil {
		return deref(stop), err
	}
	if err := s.Creators.WantDigest(v.ctx, of.ID, args[0] == "on"); err != nil {
		return bots.Screen{}, err
	}
	screen, err := s.digest(v, nil)
	screen.Notice = v.Say("digest.noton")
	if args[0] == "on" {
		screen.Notice = v.Say("digest.ison")
	}
	return screen, err
}

// toldDigest is the digest as it is sent, to who is the creator today.
func (s *Shop) toldDigest(v *visit, id string) (bots.Screen, error) {
	d, err := s.Digests.One(v.ctx, id)
	if err != nil {
		return bots.Screen{}, err
	}
	of, err := s.Creators.Creator(v.ctx, d.Creator)
	if err != nil || of.Archived || of.Member != v.member.ID {
		return bots.Screen{}, err
	}
	screen := s.week(v, d)
	for _, r := range screen.Rows {
		for i := range r {
			r[i] = keeping(r[i])
		}
	}
	screen.Rows = append(screen.Rows, row(keeping(v.button("button.digestoff", "digest", "off"))))
	return screen, nil
}

// week draws a digest.
func (s *Shop) week(v *visit, d digests.Digest) bots.Screen {
	text := bots.Text{bold(v.Say("digest.title"))}.Line(italic(v.Say("digest.days", "From", v.Date(d.From()), "To", v.Date(d.From().AddDate(0, 0, 6)))))
	line := func(id string, n int64) {
		if n > 0 {
			text = text.Line(regular("• " + v.Count(id, n)))
		}
	}
	line("digest.looks", d.Looks())
	line("digest.followers", d.Followers)
	line("digest.saved", d.Saved)
	line("digest.bought", d.Bought)
	line("digest.points", d.Points)
	open := bots.Button{}
	if best, path := s.ownPick(v, d.Best); best != "" {
		text = text.Line(regular(v.Say("digest.best")+" "), bold(best))
		open = v.button("button.showbest", path...)
	}
	text = text.Line().Line(bold(v.Say("digest.do"))).Line(regular(s.advice(v, d.Advice)))
	screen := bots.Screen{Path: "digest", Text: text}
	do := v.primary("button.newpost", "post", "new")
	if _, path := s.ownPick(v, d.Advice.Pick); len(path) > 2 && d.Advice.Rule != digests.Again {
		do = v.primary("button.doit", path...)
		if d.Advice.Pick == d.Best {
			open = bots.Button{}
		}
	}
	screen.Rows = rows(row(do, open))
	if looks := d.Looks(); looks > 0 && s.Week != nil {
		screen.Picture = &bots.Picture{URL: s.Week(d.ID), Alt: bots.Clip(v.Count("digest.looks", looks), 100)}
	}
	return screen
}

// ownPick is the title of a creator's pick, and what leads to it: to what they can
// do with it, where they have made it in the chat. It is "" for one that is gone.
func (s *Shop) ownPick(v *visit, id commerce.PickID) (title string, path []string) {
	p, err := s.Creators.Pick(v.ctx, id)
	switch {
	case id == "" || err != nil || p.Archived:
		return "", nil
	case p.Made:
		path = []string{"post", "mine", string(id)}
	default:
		path = []string{"pick", string(id)}
	}
	return bots.Clip(p.Title, 80), path
}

// advice says what is recommended, and why.
func (s *Shop) advice(v *visit, a digests.Advice) string {
	title, _ := s.ownPick(v, a.Pick)
	if title == "" && a.Pick != "" { // withdrawn since
		return v.Say("digest.again.plain")
	}
	switch a.Rule {
	case digests.Silent:
		return v.Count("digest.silent", a.N)
	case digests.Unsaid:
		return v.Count("digest.unsaid", a.N, "Pick", title)
	case digests.Undecided:
		return v.Count("digest.undecided", a.N, "Pick", title)
	case digests.Pin:
		return v.Say("digest.pin", "Pick", title)
	case digests.Photos:
		return v.Say("digest.photos")
	case digests.Day:
		days := strings.Fields(v.Say("digest.weekdays"))
		if int(a.N) < len(days) {
			return v.Say("digest.day", "Day", days[a.N], "Before", days[(int(a.N)+len(days)-1)%len(days)])
		}
	case digests.Tags:
		return v.Say("digest.tags")
	case digests.Again:
		if title != "" {
			return v.Say("digest.again", "Pick", title)
		}
	}
	return v.Say("digest.again.plain")
}

// WeekChart is what the chart of a digest says, in the language of its creator:
// its title, and below each bar the day.
func (s *Shop) WeekChart(locale string, d digests.Digest) (title string, each []string) {
	w := s.Words(locale)
	return w.Count("digest.chart", d.Looks()), strings.Fields(w.Say("digest.weekdayletters"))
}
