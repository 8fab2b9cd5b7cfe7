package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/bwmarrin/discordgo"

	"github.com/soukchat/souk/bots"
)

// Problem is what is wrong with a command.
type Problem struct {
	Path    string // as "shop.option.description"
	Message string
}

type command struct {
	Type         discordgo.ApplicationCommandType `json:"type"`
	Name         string                           `json:"name"`
	Description  string                           `json:"description"`
	Localized    map[string]string                `json:"description_localizations,omitempty"`
	Options      []commandOption                  `json:"options"`
	Contexts     []int                            `json:"contexts"`          // where it can be typed: in guilds and with the bot
	Integrations []int                            `json:"integration_types"` // installed in a guild
	Permissions  *int                             `json:"default_member_permissions,omitempty"`
}

type commandOption struct {
	Type         discordgo.ApplicationCommandOptionType `json:"type"`
	Name         string                                 `json:"name"`
	Description  string                                 `json:"description"`
	Localized    map[string]string                      `json:"description_localizations,omitempty"`
	Autocomplete bool                                   `json:"autocomplete"`
	MaxLength    int                                    `json:"max_length"`
}

// Register makes these the application's commands, everywhere, in place of all
// earlier ones; and sets the interactions address where the Config has one, for
// which this program must already answer there. Discord cannot show a command
// to single accounts, so the scope is not used: in guilds only administrators
// see the staff's commands at first, who may open them to roles; in private
// everyone does, and the conversation refuses whoever is no staff.
func (b *Bot) Register(ctx context.Context, commands []bots.Command, _ bots.Scope) error {
	list := make([]command, 0, len(commands))
	for _, c := range commands {
		list = append(list, registered(c))
	}
	if err := b.call(ctx, http.MethodPut, "/applications/"+b.cfg.Application+"/commands", list, nil, nil); err != nil {
		return err
	}
	if b.cfg.Webhook == "" {
		return nil
	}
	app, err := b.application(ctx)
	if err != nil || app.Endpoint == b.cfg.Webhook {
		return err
	}
	return b.call(ctx, http.MethodPatch, "/applications/@me", map[string]string{"interactions_endpoint_url": b.cfg.Webhook}, nil, nil)
}

type application struct {
	ID       string `json:"id"`
	Key      string `json:"verify_key"`
	Endpoint string `json:"interactions_endpoint_url"`
}

func (b *Bot) application(ctx context.Context) (application, error) {
	var app application
	err := b.call(ctx, http.MethodGet, "/applications/@me", nil, nil, &app)
	return app, err
}

// Probe checks with Discord that the token, the application id and the public
// key belong together, and that interactions come here.
func (b *Bot) Probe(ctx context.Context) error {
	app, err := b.application(ctx)
	switch {
	case err != nil:
		return err
	case app.ID != b.cfg.Application:
		return fmt.Errorf("discord: the token belongs to application %s, not %s", app.ID, b.cfg.Application)
	case !strings.EqualFold(app.Key, b.cfg.PublicKey):
		return errors.New("discord: the public key is not the application's")
	case b.cfg.Webhook != "" && app.Endpoint != b.cfg.Webhook:
		return fmt.Errorf("discord: the application's interactions endpoint URL is %q, not %q", app.Endpoint, b.cfg.Webhook)
	}
	return nil
}

func registered(c bots.Command) command {
	r := command{
		Type: discordgo.ChatApplicationCommand, Name: c.Name, Options: []commandOption{},
		Contexts:     []int{int(discordgo.InteractionContextGuild), int(discordgo.InteractionContextBotDM)},
		Integrations: []int{int(discordgo.ApplicationIntegrationGuildInstall)},
	}
	r.Description, r.Localized = described(c.Description)
	if c.Option != nil {
		o := commandOption{Type: discordgo.ApplicationCommandOptionString, Name: c.Option.Name, Autocomplete: c.Option.Suggests, MaxLength: bots.MaxSuggestion}
		o.Description, o.Localized = described(c.Option.Description)
		r.Options = append(r.Options, o)
	}
	if c.Staff {
		r.Permissions = new(int)
	}
	return r
}

// described splits texts by language into the default and those of the
// languages that Discord has clients in.
func described(texts map[string]string) (text string, localized map[string]string) {
	for language, text := range texts {
		for _, l := range locales(language) {
			if localized == nil {
				localized = map[string]string{}
			}
			localized[l] = text
		}
	}
	return texts[""], localized
}

// locales returns Discord's names for a language.
func locales(language string) []string {
	var list []string
	for l := range discordgo.Locales {
		name := string(l)
		base, _, _ := strings.Cut(name, "-")
		if name != "" && (strings.EqualFold(name, language) || base == strings.ToLower(language)) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

const maxCommandSize = 8000 // Discord: characters of names, descriptions and values of one command

// CheckCommands reports every reason for which Discord would refuse the
// commands.
func CheckCommands(commands []bots.Command) []Problem {
	var list []Problem
	add := func(path, format string, args ...any) {
		list = append(list, Problem{path, fmt.Sprintf(format, args...)})
	}
	if len(commands) > bots.MaxCommands {
		add("", "%d commands, Discord takes %d", len(commands), bots.MaxCommands)
	}
	seen := map[string]bool{}
	for _, c := range commands {
		if seen[c.Name] {
			add(c.Name, "there are two commands of this name")
		}
		seen[c.Name] = true
		if !isCommandName(c.Name) {
			add(c.Name, "Discord takes 1 to %d lower-case letters, digits, - and _", bots.MaxCommandName)
		}
		checkTexts(c.Name+".description", c.Description, add)
		if c.Option != nil {
			if !isCommandName(c.Option.Name) {
				add(c.Name+".option", "Discord takes 1 to %d lower-case letters, digits, - and _, not %q", bots.MaxCommandName, c.Option.Name)
			}
			checkTexts(c.Name+".option.description", c.Option.Description, add)
		}
		if raw, err := json.Marshal(registered(c)); err != nil || len(raw) > maxCommandSize {
			add(c.Name, "all its texts together have more than %d characters", maxCommandSize)
		}
	}
	return list
}

func checkTexts(path string, texts map[string]string, add func(path, format string, args ...any)) {
	languages := make([]string, 0, len(texts)+1)
	for l := range texts {
		languages = append(languages, l)
	}
	if _, ok := texts[""]; !ok {
		languages = append(languages, "")
	}
	slices.SortFunc(languages, cmp.Compare)
	for _, l := range languages {
		if n := bots.Width(texts[l]); n == 0 || n > bots.MaxCommandText {
			at := path
			if l != "" {
				at += "." + l
			}
			add(at, "%d characters, Discord takes 1 to %d", n, bots.MaxCommandText)
		}
	}
}

// isCommandName follows Discord's ^[-_'\p{L}\p{N}]{1,32}$ in lower case.
func isCommandName(s string) bool {
	n := 0
	for _, r := range s {
		if r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) || unicode.ToLower(r) != r {
			return false
		}
		n++
	}
	return n >= 1 && n <= bots.MaxCommandName
}
