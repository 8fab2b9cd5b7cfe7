package discord

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
)

// Command is a slash command as it is registered.
type Command struct {
	ID                       string            `json:"id"`
	ApplicationID            string            `json:"application_id"`
	Version                  string            `json:"version"`
	Type                     int               `json:"type"`
	Name                     string            `json:"name"`
	NameLocalizations        map[string]string `json:"name_localizations,omitempty"`
	Description              string            `json:"description"`
	DescriptionLocalizations map[string]string `json:"description_localizations,omitempty"`
	Options                  []CommandOption   `json:"options,omitempty"`
	Contexts                 []int             `json:"contexts"` // 0 in guilds, 1 in direct messages with the bot; none means both
	IntegrationTypes         []int             `json:"integration_types,omitempty"`
	DefaultMemberPermissions any               `json:"default_member_permissions"` // "0": only admins of the guild see it
	NSFW                     bool              `json:"nsfw"`
}

// CommandOption is an argument of a Command.
type CommandOption struct {
	Type                     int               `json:"type"`
	Name                     string            `json:"name"`
	NameLocalizations        map[string]string `json:"name_localizations,omitempty"`
	Description              string            `json:"description"`
	DescriptionLocalizations map[string]string `json:"description_localizations,omitempty"`
	Required                 bool              `json:"required,omitempty"`
	Autocomplete             bool              `json:"autocomplete,omitempty"`
	Choices                  []Choice          `json:"choices,omitempty"`
	MinLength                *int              `json:"min_length,omitempty"`
	MaxLength                *int              `json:"max_length,omitempty"`
}

// Choice is one result of an autocomplete, or one value an option takes.
type Choice struct {
	Name              string            `json:"name"`
	NameLocalizations map[string]string `json:"name_localizations,omitempty"`
	Value             any               `json:"value"`
}

// Commands returns the commands a person can type in a channel, in their
// language, ordered by name.
func (s *Server) Commands(user, channel string) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channel(channel)
	if c == nil || !s.sees(user, c) {
		return nil
	}
	var list []Command
	for _, command := range s.commands {
		if s.offered(command, user, c) {
			list = append(list, command.in(s.locale(user)))
		}
	}
	slices.SortFunc(list, func(a, b Command) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

func (s *Server) offered(c Command, user string, in *Channel) bool {
	place := 0
	if in.Type == DM {
		place = 1
	}
	if len(c.Contexts) > 0 && !slices.Contains(c.Contexts, place) {
		return false
	}
	if in.Type != DM && c.DefaultMemberPermissions != nil {
		return slices.Contains(s.guild(in.Guild).Admins, user)
	}
	return true
}

func (c Command) in(locale string) Command {
	if text := c.DescriptionLocalizations[locale]; text != "" {
		c.Description = text
	}
	c.Options = slices.Clone(c.Options)
	for i, o := range c.Options {
		if text := o.DescriptionLocalizations[locale]; text != "" {
			c.Options[i].Description = text
		}
	}
	return c
}

func (s *Server) locale(user string) string {
	if u := s.users[user]; u != nil && u.Locale != "" {
		return u.Locale
	}
	return "en-US"
}

func (s *Server) getApplication(http.ResponseWriter, *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.applicationJSON(), nil
}

func (s *Server) applicationJSON() map[string]any {
	v := map[string]any{
		"id": s.cfg.Application, "name": s.cfg.Name, "description": "", "icon": nil, "verify_key": s.PublicKey(),
		"flags": 0, "interactions_endpoint_url": nil, "approximate_guild_count": len(s.guilds),
	}
	if s.endpoint != "" {
		v["interactions_endpoint_url"] = s.endpoint
	}
	return v
}

func (s *Server) patchApplication(_ http.ResponseWriter, r *http.Request) (any, error) {
	raw, _, err := readBody(r)
	if err != nil {
		return nil, err
	}
	var body struct {
		Endpoint *string `json:"interactions_endpoint_url"`
	}
	if err := decode("ApplicationFormPartial", raw, &body); err != nil {
		return nil, err
	}
	if body.Endpoint != nil {
		if err := s.SetInteractionsURL(*body.Endpoint); err != nil {
			return nil, formError("interactions_endpoint_url", "APPLICATION_INTERACTIONS_ENDPOINT_URL_INVALID",
				"The specified interactions endpoint url could not be verified.")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.applicationJSON(), nil
}

func (s *Server) getCommands(_ http.ResponseWriter, r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.PathValue("application") != s.cfg.Application {
		return nil, refuse(http.StatusForbidden, 20012, "You are not authorized to perform this action on this application")
	}
	return orEmpty(slices.Clone(s.commands)), nil
}

func (s *Server) putCommands(w http.ResponseWriter, r *http.Request) (any, error) {
	raw, _, err := readBody(r)
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, formError("_", "LIST_REQUIRED", "Only iterables may be used in a List")
	}
	commands := make([]Command, len(list))
	for i, one := range list {
		if err := decode("ApplicationCommandUpdateRequest", one, &commands[i]); err != nil {
			return nil, err
		}
	}
	if err := checkCommands(commands); err != nil {
		return nil, err
	}
	s.mu.Lock()
	for i := range commands {
		c := &commands[i]
		c.ApplicationID, c.Type, c.Version = s.cfg.Application, 1, s.snowflake()
		c.ID = s.snowflake()
		for _, old := range s.commands {
			if old.Name == c.Name {
				c.ID = old.ID
			}
		}
		if c.DefaultMemberPermissions != nil {
			c.DefaultMemberPermissions = "0"
		}
	}
	if r.PathValue("application") == s.cfg.Application {
		s.commands = commands
		s.changed(Change{Kind: "commands"})
	}
	s.mu.Unlock()
	return s.getCommands(w, r)
}
