package shop

import (
	"strconv"

	"github.com/soukchat/souk/bots"
)

// privacy says what is kept of a member, and what they can do about it.
func (s *Shop) privacy(v *visit, _ []string) (bots.Screen, error) {
	a, err := s.Members.Address(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	text := bots.Text{bold(v.Say("privacy.title"))}.Line(regular(v.Say("privacy.kept")))
	if a != nil {
		text = v.addressLines(text.Line(), *a)
	}
	year := bots.Button{}
	if s.Ages != nil {
		born, err := s.Ages.Born(v.ctx, v.member.ID)
		if err != nil {
			return bots.Screen{}, err
		}
		if born > 0 {
			text, year = text.Line().Line(regular(v.Say("privacy.born", "Born", strconv.Itoa(born)))), v.button("button.yearwrong", "year")
		}
	}
	erase := v.button("button.erase", "privacy", "erase")
	erase.Style = bots.Danger
	return bots.Screen{
		Path: "privacy", Text: text,
		Rows: rows(row(v.button("button.export", "privacy", "export"), v.button("button.address", "address")), row(erase, v.button("button.quiet", "quiet"), year, v.button("button.home", "start"))),
	}, nil
}

// export hands over all that is kept, in private only.
func (s *Shop) export(v *visit, _ []string) (bots.Screen, error) {
	if !v.ev.Chat.Private {
		screen, err := s.privacy(v, nil)
		screen.Notice = v.Say("privacy.inprivate")
		return screen, err
	}
	data, err := s.Members.Export(v.ctx, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	return bots.Screen{
		Path: "privacy", Text: bots.T(v.Say("privacy.file")), File: &bots.File{Name: "my-data.json", Data: data},
		Rows: rows(row(v.button("button.privacy", "privacy"), v.button("button.home", "start"))),
	}, nil
}

// erase asks before everything is forgotten.
func (s *Shop) erase(v *visit, _ []string) (bots.Screen, error) {
	yes := v.button("button.eraseyes", "privacy", "erased")
	yes.Style = bots.Danger
	return bots.Screen{
		Path: "privacy", Text: bots.Text{bold(v.Say("privacy.erasetitle"))}.Line(regular(v.Say("privacy.eraseask"))),
		Rows: rows(row(yes), row(v.button("button.keep", "privacy"))),
	}, nil
}

// erased forgets the member. What they do next is done by somebody new.
func (s *Shop) erased(v *visit, _ []string) (bots.Screen, error) {
	if err := s.Live.ClearCart(v.ctx, v.member.ID, v.request); err != nil {
		return bots.Screen{}, err
	}
	if err := s.Live.ForgetTapped(v.ctx, v.member.ID); err != nil {
		return bots.Screen{}, err
	}
	if err := s.Members.Erase(v.ctx, v.member.ID); err != nil {
		return bots.Screen{}, err
	}
	v.cart = nil
	return bots.Screen{
		Path: "start", Text: bots.T(v.Say("privacy.erased")),
		Rows: rows(row(v.button("button.home", "start"))),
	}, nil
}
