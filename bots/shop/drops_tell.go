package shop

import (
	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/drops"
)

// This file is who wants to be told of drops in private: of those of a brand,
// asked for under one of its drops, or of what a creator recommends, asked for
// where one follows them.

// dropTell asks for it: "drop tell <drop>"; dropHush ends it: "drop hush <drop>".
func (s *Shop) dropTell(v *visit, args []string) (bots.Screen, error) {
	return s.dropNews(v, args[0], true)
}
func (s *Shop) dropHush(v *visit, args []string) (bots.Screen, error) {
	return s.dropNews(v, args[0], false)
}

func (s *Shop) dropNews(v *visit, id string, tell bool) (bots.Screen, error) {
	d, err := s.dropOf(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	notice, err := s.news(v, string(d.Brand), s.brandName(v, d), tell)
	if err != nil || v.aside() {
		return bots.Screen{Notice: notice}, err
	}
	screen, err := s.showDrop(v, id, "")
	screen.Notice = notice
	return screen, err
}

// tell asks to be told of drops of what a creator recommends: "tell <creator>";
// hush ends it: "hush <creator>".
func (s *Shop) tellOf(v *visit, args []string) (bots.Screen, error) {
	return s.creatorNews(v, args[0], true)
}
func (s *Shop) hushOf(v *visit, args []string) (bots.Screen, error) {
	return s.creatorNews(v, args[0], false)
}

func (s *Shop) creatorNews(v *visit, id string, tell bool) (bots.Screen, error) {
	c, err := s.Creators.Creator(v.ctx, commerce.CreatorID(id))
	if err == nil && c.Archived && tell {
		err = creators.ErrUnknownCreator
	}
	if err != nil {
		return bots.Screen{}, err
	}
	notice, err := s.news(v, id, c.Name, tell)
	if err != nil || v.aside() {
		return bots.Screen{Notice: notice}, err
	}
	screen, err := s.showCreator(v, c.ID, "")
	screen.Notice = notice
	return screen, err
}

// news begins or ends to tell a member of drops, and says so.
func (s *Shop) news(v *visit, of, name string, tell bool) (string, error) {
	if tell {
		return v.Say("drop.nowtold", "Name", bots.Clip(name, 60)), s.Drops.Subscribe(v.ctx, v.member.ID, of)
	}
	return v.Say("drop.nowhushed", "Name", bots.Clip(name, 60)), s.Drops.Unsubscribe(v.ctx, v.member.ID, of)
}

// tellButton asks to be told of drops, or ends it.
func (s *Shop) tellButton(v *visit, of string, tell, hush []string) (bots.Button, error) {
	is, err := s.Drops.Subscribed(v.ctx, v.member.ID, of)
	if is {
		return v.button("button.hush", hush...), err
	}
	return v.button("button.tell", tell...), err
}

func (s *Shop) brandName(v *visit, d drops.Drop) string {
	goods, err := s.snapshot(v)
	if err == nil {
		for _, b := range goods.Brands() {
			if b.ID == d.Brand {
				return b.Name
			}
		}
	}
	return d.Title
}

// dropTold is the announcement to a member who asked for it, and the reminder.
func (s *Shop) dropTold(v *visit, d drops.Drop, reminds bool) (bots.Screen, error) {
	id := string(d.ID)
	if d.State != drops.Announced && (reminds || d.State != drops.Open) {
		return bots.Screen{}, nil
	}
	screen := bots.Screen{Path: bots.Path("drop", id), Text: bots.Text{bold(d.Title)}.Line(regular(v.dropState(d)))}
	if !reminds {
		var err error
		if screen, err = s.dropCard(v, d); err != nil {
			return screen, err
		}
		screen.Text = append(bots.Text{bold(v.Say("drop.toldlead", "Name", bots.Clip(s.brandName(v, d), 60))), regular("\n")}, screen.Text...)
	} else if d.Mode == drops.Queue {
		screen.Text = screen.Text.Line(regular(v.Say("drop.soonmine")))
	}
	screen.Rows = rows(row(keeping(v.primary("button.drop", "drop", id)), keeping(v.button("button.hush", "drop", "hush", id))))
	return screen, nil
}

// dropRecap adds to a recap how many came, with a picture of when.
func (s *Shop) dropRecap(v *visit, d drops.Drop, screen bots.Screen, open bots.Button) (bots.Screen, error) {
	r, err := s.Drops.Rush(v.ctx, d.ID, 1)
	if err != nil {
		return screen, err
	}
	screen.Rows = rows(row(open))
	if r.Came == 0 || d.State != drops.Over {
		return screen, nil
	}
	came := v.Count("drop.came", r.Came)
	screen.Text = screen.Text.Line(regular(came))
	if s.Recap != nil {
		screen.Text = screen.Text.Line(italic(v.Say("drop.camewhen")))
		screen.Picture = &bots.Picture{URL: s.Recap(d.ID), Alt: bots.Clip(d.Title+": "+came, 100)}
	}
	return screen, nil
}
