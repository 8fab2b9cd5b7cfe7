package preview

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/soukchat/souk/sandbox/discord"
)

type discordSide struct{ server *discord.Server }

// discordView is what a person sees on Discord.
type discordView struct {
	Me     string            `json:"me"`
	Name   string            `json:"name"`
	App    discord.User      `json:"app"`
	Guild  string            `json:"guild"`
	Names  map[string]string `json:"names"` // of people and channels, for mentions
	Modal  *discord.Modal    `json:"modal,omitempty"`
	Places []discordPlace    `json:"places"`
}

// discordPlace is a channel, or the direct messages with the app, whose id is
// the same for everybody.
type discordPlace struct {
	ID       string            `json:"id"`
	Kind     string            `json:"kind"` // private or channel
	Title    string            `json:"title"`
	About    string            `json:"about,omitempty"`
	Commands []discord.Command `json:"commands"`
	Messages []discord.Message `json:"messages"`
}

func (d *discordSide) look(p Person) any {
	app := d.server.App()
	v := discordView{Me: p.Discord, Name: p.Name, App: app, Names: map[string]string{app.ID: name(app)}, Modal: d.server.Modal(p.Discord), Places: []discordPlace{}}
	for _, u := range d.server.Users() {
		v.Names[u.ID] = name(u)
	}
	guilds := map[string]string{}
	for _, g := range d.server.Guilds(p.Discord) {
		guilds[g.ID] = g.Name
		v.Guild = cmp.Or(v.Guild, g.Name)
	}
	direct := d.server.DM(p.Discord)
	channels := slices.DeleteFunc(d.server.Channels(p.Discord), func(c discord.Channel) bool { return c.Type == discord.DM })
	for _, c := range append(channels, direct) {
		place := discordPlace{ID: c.ID, Kind: "channel", Title: c.Name, Commands: orEmpty(d.server.Commands(p.Discord, c.ID)), Messages: newest(d.server.Messages(p.Discord, c.ID))}
		v.Names[c.ID] = c.Name
		switch {
		case c.Type == discord.DM:
			place.ID, place.Kind, place.Title = private, private, name(app)
		case len(guilds) > 1:
			place.About = guilds[c.Guild]
		}
		v.Places = append(v.Places, place)
	}
	return v
}

func name(u discord.User) string { return cmp.Or(u.GlobalName, u.Username) }

// happened is what a person is told besides the chat: that the app did not
// answer as it should, and how it failed.
type happened struct {
	Failed  bool   `json:"failed,omitempty"`
	Problem string `json:"problem,omitempty"`
}

func (d *discordSide) act(p Person, verb string, a action) (any, error) {
	person := d.server.As(p.Discord)
	if a.Place == private {
		a.Place = d.server.DM(p.Discord).ID
	}
	var err error
	switch verb {
	case "say":
		return happened{}, person.Write(a.Place, a.Text)
	case "dismiss":
		return happened{}, person.Dismiss(a.Place, a.Message)
	case "cancel":
		person.Cancel()
		return happened{}, nil
	case "autocomplete":
		choices, err := person.Autocomplete(a.Place, a.Name, a.Text)
		return map[string]any{"choices": orEmpty(choices)}, err
	case "command":
		err = person.Command(a.Place, a.Name, a.Option)
	case "press":
		err = person.Press(a.Place, a.Message, a.Custom)
	case "select":
		err = person.Select(a.Place, a.Message, a.Custom, a.Value)
	case "submit":
		err = person.SubmitFiles(a.Values, a.Files)
	default:
		return nil, errVerb
	}
	if err != nil {
		return happened{Failed: true, Problem: err.Error()}, nil
	}
	return happened{}, nil
}

// file serves an attachment; its id is the path under which the stand-in
// serves it.
func (d *discordSide) file(w http.ResponseWriter, r *http.Request, p Person, id string) {
	for _, c := range d.server.Channels(p.Discord) {
		for _, m := range d.server.Messages(p.Discord, c.ID) {
			for _, a := range m.Attachments {
				if a.URL == id && strings.HasPrefix(id, "/attachments/") {
					inner, err := http.NewRequestWithContext(r.Context(), http.MethodGet, id, nil)
					if err == nil {
						d.server.Handler().ServeHTTP(w, inner)
						return
					}
				}
			}
		}
	}
	http.NotFound(w, r)
}
