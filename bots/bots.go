// Package bots holds the words of a chat: what somebody did (Event), what is
// shown to them (Screen, made of Text, Buttons, a Menu, a Form), what a
// delivery can answer (SendError), and the limits that every platform keeps.
//
// It knows no platform and no shop. The conversations in bots/shop and
// bots/staff take an Event and return a Screen; an adapter such as
// bots/telegram turns its platform's updates into Events and Screens into its
// platform's calls. Start at Event and Screen.
package bots

import (
	"context"
	"time"
)

// Handler is a conversation, as an adapter sees it.
type Handler interface {
	// Handle answers an event. It never fails: an error has become a Screen.
	// The same event handled twice has one effect and shows the same.
	Handle(ctx context.Context, ev Event) Screen
	// Suggest answers a search that is being typed: a Telegram inline query,
	// a Discord autocomplete. At most limit results, the best first.
	Suggest(ctx context.Context, ev Event, limit int) []Suggestion
}

// Suggestion is one result of a search while it is typed.
type Suggestion struct {
	Value       string // what the option takes when it is chosen
	Title       string // at most MaxSuggestion characters
	Description string
	Screen      Screen // the message to post where the suggestion is shared as a message
}

// Answer is what goes back to the platform in the webhook's own response.
type Answer struct {
	Status      int // HTTP status; 0 means 200
	ContentType string
	Body        []byte
}

// Command is a command members can type, as adapters register it.
type Command struct {
	Name        string            // 1 to 32 of a-z 0-9 _
	Description map[string]string // by language, "" the default; 1 to 100 characters
	Option      *Option           // a free text after the command, nil for none
	Staff       bool              // shown only to the accounts named in Scope.Staff
}

// Option is the one argument of a Command.
type Option struct {
	Name        string
	Description map[string]string
	Suggests    bool // whether Handler.Suggest completes it
}

// To is where an outgoing message goes: a chat the bot is in, or, with Chat
// empty, the private chat with an account.
type To struct {
	Chat    string `json:"chat,omitempty"`
	Thread  string `json:"thread,omitempty"`
	Account string `json:"account,omitempty"`
}

// Sender is what an adapter offers to those who send without being asked.
// Errors are of type *SendError.
type Sender interface {
	// Send sends a new message and returns its id. The nonce is the same on
	// every try at the same message; a platform that can, drops the second.
	Send(ctx context.Context, to To, s Screen, nonce string) (message string, err error)
	// Edit replaces what an earlier message shows.
	Edit(ctx context.Context, to To, message string, s Screen) error
}

// Photos is what an adapter offers to those who need a photo that somebody sent.
type Photos interface {
	// Photo returns the bytes of a photo by the name that came with an Event, at
	// most MaxPhoto of them. The error holds no token.
	Photo(ctx context.Context, name string) ([]byte, error)
	// Video does the same with a video, of at most MaxVideo bytes. Where the
	// platform does not hand out a file as large as that, it is ErrLarge.
	Video(ctx context.Context, name string) ([]byte, error)
}

// Rates is how fast a platform lets one bot send: the time between two
// messages, a little more than the published limit asks for.
type Rates struct {
	All     time.Duration // to anybody
	Private time.Duration // to one person
	Group   time.Duration // to one group
	Mass    time.Duration // to one after another of many who may never have been written to; zero: a little slower than All
}

// Scope says for whom commands are registered.
type Scope struct {
	Staff []string // accounts that are shown the commands of the staff
}
