package discord

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// User is a person, or the bot.
type User struct {
	ID         string `json:"id"`
	Username   string `json:"username"`
	GlobalName string `json:"global_name,omitempty"`
	Locale     string `json:"-"` // the language of their client, "en-US" where empty
	Bot        bool   `json:"bot,omitempty"`
	// In every guild they are a member of: the roles they have, and since when.
	// Zero is the beginning of 2024.
	Roles  []string  `json:"-"`
	Joined time.Time `json:"-"`
}

// Guild is a server, as Discord's users call it.
type Guild struct {
	ID      string
	Name    string
	Locale  string
	Members []string // user ids
	Admins  []string // those of them who may do everything
}

// Channel types that are imitated.
const (
	GuildText = 0
	DM        = 1
	Thread    = 11 // a public thread of a guild's channel
)

// Channel is a text channel of a guild, a thread in one, or a direct message
// channel between the bot and one person.
type Channel struct {
	ID     string `json:"id"`
	Type   int    `json:"type"`
	Guild  string `json:"guild_id,omitempty"`
	Parent string `json:"parent_id,omitempty"` // of a Thread
	Name   string `json:"name,omitempty"`
	With   string `json:"-"` // of a DM: the person
}

// AddUser adds a person, or replaces the one with this id.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = &u
}

// AddGuild adds a guild with its members.
func (s *Server) AddGuild(g Guild) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guilds = append(s.guilds, &g)
}

// AddChannel adds a channel or a thread of a guild.
func (s *Server) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels = append(s.channels, &c)
}

// DM returns the channel of a person's direct messages with the bot, which is
// opened if it was not.
func (s *Server) DM(user string) Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.dm(user)
}

// CloseDMs makes a person refuse direct messages, or take them again. What the
// bot answers to their own interactions still arrives.
func (s *Server) CloseDMs(user string, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed[user] = closed
}

// Channels returns the channels a person sees: those of their guilds, then
// their direct messages with the bot, where there are any.
func (s *Server) Channels(user string) []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Channel
	for _, c := range s.channels {
		if s.sees(user, c) {
			list = append(list, *c)
		}
	}
	slices.SortStableFunc(list, func(a, b Channel) int { return cmp.Compare(a.Type, b.Type) })
	return list
}

// Users returns the people, the bot not among them, ordered by id.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []User
	for _, u := range s.users {
		if !u.Bot {
			list = append(list, *u)
		}
	}
	slices.SortFunc(list, func(a, b User) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

func (s *Server) dm(user string) *Channel {
	for _, c := range s.channels {
		if c.Type == DM && c.With == user {
			return c
		}
	}
	c := &Channel{ID: s.snowflake(), Type: DM, With: user}
	s.channels = append(s.channels, c)
	return c
}

func (s *Server) channel(id string) *Channel {
	for _, c := range s.channels {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func (s *Server) guild(id string) *Guild {
	for _, g := range s.guilds {
		if g.ID == id {
			return g
		}
	}
	return nil
}

func (s *Server) sees(user string, c *Channel) bool {
	if c.Type == DM {
		return c.With == user
	}
	g := s.guild(c.Guild)
	return g != nil && slices.Contains(g.Members, user)
}

// shares reports whether the bot and a person have a guild in common, without
// which no direct message goes through.
func (s *Server) shares(user string) bool {
	return slices.ContainsFunc(s.guilds, func(g *Guild) bool { return slices.Contains(g.Members, user) })
}

// person finds a user by id or by name.
func (s *Server) person(who string) *User {
	if u := s.users[who]; u != nil {
		return u
	}
	for _, u := range s.users {
		if strings.EqualFold(u.Username, who) || strings.EqualFold(u.GlobalName, who) {
			return u
		}
	}
	return nil
}
