package shop

import (
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/notices"
)

// dropNotice tells of a drop.
func (s *Shop) dropNotice(v *visit, n notices.Notice) (bots.Screen, error) {
	id := n.Args["drop"]
	if n.Kind == notices.StaffDrop {
		return bots.Screen{Path: "staff", Text: bots.Text{bold(v.Say("told.dropshort", "Title", n.Args["name"]))}.Line(regular(v.Say("told.dropshortnext")))}, nil
	}
	if n.Kind == notices.DropPost {
		return s.dropPost(v, id)
	}
	d, err := s.dropOf(v, id)
	if err != nil {
		return bots.Screen{}, err
	}
	if n.Member != "" && (n.Kind == notices.DropTell || n.Kind == notices.DropSoon) {
		return s.dropTold(v, d, n.Kind == notices.DropSoon)
	}
	open, wait := keeping(v.primary("button.drop", "drop", id)), bots.Button{}
	screen := bots.Screen{Path: bots.Path("drop", id), Public: n.Member == ""}
	title := bots.Text{bold(d.Title)}
	switch n.Kind {
	case notices.DropSoon:
		if d.State != drops.Announced {
			return bots.Screen{}, nil
		}
		screen.Text = title.Line(regular(v.Say("drop.opens", "Time", v.Moment(d.Opens))))
		if d.Early() > 0 {
			screen.Text = v.dropWho(screen.Text, d)
		}
		if d.Mode == drops.Queue {
			screen.Text = screen.Text.Line(regular(v.Say("drop.soonnext")))
		}
	case notices.DropList:
		screen.Text = title.Line(regular(v.Count("drop.listtold", entriesOf(d))))
		if d.First() {
			screen.Text = screen.Text.Line(regular(v.Count("drop.listfirst", firstOf(d))))
		}
		screen.Text = v.seals(screen.Text, d)
	case notices.DropSeed:
		screen.Text = v.seals(title.Line(regular(v.Say("drop.seedtold"))), d)
	case notices.DropRecap:
		if d.Mode == drops.Group {
			screen.Text = title.Line(regular(v.groupState(d)))
			return s.dropRecap(v, d, screen, open)
		}
		screen.Text = title.Line(regular(v.Count("drop.over", d.Total()-d.Left(), "Units", strconv.FormatInt(d.Total(), 10))))
		return s.dropRecap(v, d, screen, open)
	case notices.DropOff:
		screen.Text = title.Line(regular(v.Say("drop.cancelled")))
	case notices.DropCleared, notices.DropTaken:
		if screen.Text, err = s.flagNotice(v, n, title); err != nil {
			return bots.Screen{}, err
		}
	case notices.DropAmended:
		screen.Text = v.amended(title, n.Args)
	default:
		e, err := s.Drops.Entry(v.ctx, commerce.EntryID(n.Args["entry"]))
		if err != nil {
			return bots.Screen{}, err
		}
		switch n.Kind {
		case notices.DropYours:
			if e.State != drops.Won {
				return bots.Screen{}, nil // paid, or over: what came of it is told
			}
			open = keeping(v.primary("button.buynow", "buy", claimWord, string(e.ID)))
			screen.Text = title.Line(bold(s.named(v, d, e) + v.yours(d, e, s.Clock.Now())))
			if d.Mode == drops.Invite && len(d.Units) > 1 { // where they can take another
				wait = v.button("button.drop", "drop", id)
			}
		case notices.DropDrawn:
			screen.Text = title.Line(regular(v.myPlace(s, d, e)))
		case notices.DropJoined:
			if _, ok := s.joined(v, e); !ok {
				return bots.Screen{}, nil
			}
			screen.Text = title.Line(bold(v.myPlace(s, d, e)))
		case notices.DropReleased:
			screen.Text = title.Line(regular(v.myPlace(s, d, e)))
			if d.State != drops.Open {
				wait = v.singleButton(d)
			}
		case notices.DropLapsed:
			e.State = drops.Lapsed // they may have come again since
			screen.Text = title.Line(regular(v.myPlace(s, d, e)))
			if d.Mode == drops.Group && d.State != drops.Open {
				wait = v.singleButton(d)
			}
		case notices.DropLost:
			screen.Text = title.Line(regular(v.Say("drop.youlost")))
			if wait, err = s.waitButton(v, e.Variant); err != nil {
				return bots.Screen{}, err
			}
		}
	}
	screen.Rows = rows(row(open, keeping(wait)))
	return screen, nil
}
