package chatscript

import (
	"errors"
	"fmt"
	"image/png"
	"net/http"
	"regexp"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/config"
	"github.com/soukchat/souk/sandbox/discord"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"drops": act(2, "drops MODE N: the brand declares a drop of N jugs that opens in an hour, for two hours", func(args []string) error { return s.drops(args[0], args[1]) }),
			"down": act(0, "down: Discord takes no posts", func([]string) error {
				s.world.Discord.Fail(discord.Fault{Method: "POST", Path: "/messages", Status: 503, Times: 1000})
				return nil
			}),
			"up":            act(0, "up: Discord takes them again", func([]string) error { s.world.Discord.Recover(); return nil }),
			"recap-picture": act(0, "recap-picture: the group is shown a picture of how the drop went", func([]string) error { return s.recapPicture() }),
			"verified":      act(0, "verified: the proof and the list that they take from the drop they look at hold", func([]string) error { return s.verified() }),
			"as-drawn":      act(1, "as-drawn N: whom the draw gave place N, in private", s.asDrawn),
		}
	})
}

// drops adds to the configuration, which the program reloads.
func (s *story) drops(mode, units string) error {
	cfg := *s.config
	name := "jug"
	at := func(d time.Duration) config.Moment {
		return config.Moment(s.clock.Now().UTC().Add(d).Format("2006-01-02 15:04"))
	}
	d := config.Drop{Title: "The ash glaze jug", Text: "Fired once.", Brand: "kiln", Product: "milk-jug", Units: config.Count(units), Price: "30",
		Mode: mode, Opens: at(time.Hour), Closes: at(3 * time.Hour), PayWithin: config.Duration(10 * time.Minute)}
	if mode == "queue" {
		d.Line = "2"
	}
	switch mode {
	case "allotted": // one for the members of each platform's community, half an hour long
		d.Mode, d.Line, d.Spills = "queue", "4", config.Duration(30*time.Minute)
		d.Allotments = map[string]config.Allotment{"corner": "1", "studio": "1"}
		cfg.Communities = s.apart()
	case "sizes": // so many of each of two glazes, of which each community has one
		name, d.Title, d.Product, d.Units, d.Mode, d.Line, d.Spills = "bowl", "The tea bowls", "tea-bowl", "", "queue", "4", config.Duration(30*time.Minute)
		d.Variants = map[string]config.Count{"Ash": config.Count(units), "Moss": config.Count(units)}
		d.Allotments = map[string]config.Allotment{"corner": "Ash 1, Moss 1", "studio": "Ash 1, Moss 1"}
		cfg.Communities = s.apart()
	case "followers": // of Noor, first; two each
		d.Mode, d.Line, d.PerPerson = "queue", "4", "2"
		d.Who = []config.DropRule{{Follows: "noor", Early: config.Duration(30 * time.Minute)}, {Anybody: true}}
	case "lost": // a draw in which those come first who got none before
		name, d.Title, d.Mode = "last-jug", "The last jug", "draw"
		d.Who = []config.DropRule{{Lost: true, First: true}, {Anybody: true}}
	case "news": // a group price for who has the brand's drop news already
		name, d.Title, d.Mode, d.Price = "news-jug", "The jug of the news", "group", ""
		d.Steps = []config.DropStep{{Joined: "2", Price: "30"}}
		d.Who = []config.DropRule{{Brand: "kiln", Since: at(0)}, {Follows: "noor"}}
	case "invite-sizes": // so many of each of two glazes
		name, d.Title, d.Product, d.Units, d.Mode = "bowl", "The tea bowls", "tea-bowl", "", "invite"
		d.Variants = map[string]config.Count{"Ash": config.Count(units), "Moss": config.Count(units)}
		d.PayWithin, d.Closes, d.Who = config.Duration(12*time.Hour), at(30*time.Hour), []config.DropRule{{Follows: "noor"}}
	case "invite":
		d.PayWithin, d.Closes = config.Duration(12*time.Hour), at(30*time.Hour)
		d.Who = []config.DropRule{{Follows: "noor"}}
	}
	if mode == "group" {
		d.Price, d.Steps = "", []config.DropStep{{Joined: "2", Price: "30"}, {Joined: "3", Price: "25"}}
	}
	cfg.Drops = map[string]config.Drop{name: d}
	return s.reload(&cfg)
}

// apart makes the groups of each platform a community of their own: the corner on
// Telegram, the studio on Discord.
func (s *story) apart() map[string]config.Community {
	corner := s.config.Communities["corner"]
	studio := corner
	studio.Name, studio.Chats, corner.Chats = "The studio", nil, nil
	for _, c := range s.config.Communities["corner"].Chats {
		if s.config.Bots[c.Bot].Discord != nil {
			studio.Chats = append(studio.Chats, c)
		} else {
			corner.Chats = append(corner.Chats, c)
		}
	}
	return map[string]config.Community{"corner": corner, "studio": studio}
}

var recapPath = regexp.MustCompile(`/m/d/[a-z0-9]+`)

// recapPicture looks for the picture in the group of whoever acts, and at it.
func (s *story) recapPicture() error {
	posted := ""
	for _, m := range s.world.Telegram.Messages(s.world.People[0].Telegram, s.world.TelegramGroup) {
		if s.platform == "telegram" {
			posted += s.written(m) + m.PhotoURL
		}
	}
	for _, m := range s.world.Discord.Messages(s.world.People[0].Discord, s.world.DiscordChannel) {
		if s.platform == "discord" {
			posted += s.written(m)
		}
	}
	path := recapPath.FindString(posted)
	if path == "" {
		return errors.New("no picture is posted")
	}
	return s.isPicture(path)
}

// isPicture checks that the program serves a picture.
func (s *story) isPicture(path string) error {
	resp, err := http.Get("http://" + s.world.App.Addr() + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = png.Decode(resp.Body)
	return err
}

// asDrawn makes the one act, where they are, whom the draw gave a place.
func (s *story) asDrawn(args []string) error {
	var platform, account string
	err := s.world.App.DB.Read(s.ctx, func(tx *database.Tx) error {
		return tx.Row(`SELECT a.platform, a.account FROM drop_entries e JOIN accounts a ON a.member_id = e.member_id
			WHERE e.place = $1 AND e.ticket <> '' AND e.state <> 'left'`, args[0]).Scan(&platform, &account)
	})
	if err != nil {
		return err
	}
	for _, p := range s.world.People {
		if account == fmt.Sprint(p.Telegram) || account == p.Discord {
			s.who, s.platform = p.ID, platform
		}
	}
	s.me().Go("private")
	return nil
}

// verified checks what anybody can check, by the files they are given.
func (s *story) verified() error {
	files := map[string]string{}
	for _, label := range []string{"My proof", "The list"} {
		if err := s.me().Tap(label); err != nil {
			return err
		}
		s.rest()
		_, data := s.me().File()
		files[label] = string(data)
	}
	proof, err := drops.ReadProof(files["My proof"])
	if err != nil {
		return err
	}
	list, err := drops.ReadList(files["The list"])
	if err != nil {
		return err
	}
	if proof.Place == 0 {
		return errors.New("the proof knows no place")
	}
	for _, f := range proof.Check(&list) {
		if f.Verdict != drops.Right && f.What != "beacon" && f.What != "first" { // none is named, and how many are first stands in the group
			return fmt.Errorf("%+v", f)
		}
	}
	return nil
}
