package bots

import (
	"strings"
	"time"
)

// Platform names a chat platform: "telegram", "discord".
type Platform string

// Account is one person's account on one platform.
type Account struct {
	Platform Platform
	ID       string
}

// Person is an account with what the platform tells of it.
type Person struct {
	Account
	Name     string // display name; may be anything a person can type
	Username string // without @, may be empty
	Locale   string // BCP 47, empty where the platform does not tell
	// Of the community the chat belongs to, where the platform tells it: since
	// when they are in it, and the roles they have there, by the platform's ids.
	Joined time.Time
	Roles  []string
}

// Chat is where an event happened.
type Chat struct {
	ID      string
	Thread  string // forum topic, "" for none
	Title   string
	Private bool // between the bot and one person
	Alone   bool // what answers a person here is seen by nobody else, though others are in the chat
}

// Message is the message a button hung on.
type Message struct {
	ID        string
	Picture   bool   // it shows a picture
	Ephemeral bool   // only the person who presses sees it
	Shared    string // the id of a message shared into a chat the bot may not see
}

// Kind says what somebody did.
type Kind int

const (
	// Do asks for an action: a button, a menu's choice, a command, a deep link.
	// Action is set; Text holds what was typed after a command.
	Do Kind = iota
	// Say is a text in a private chat that is no command.
	Say
	// Fill is a filled form: Action is the form's, Values its fields.
	Fill
	// Suggest is a search being typed; Action names the command it belongs to
	// ("" for a search from any chat), Text what has been typed so far.
	Suggest
	// Enter tells that the bot was added to a chat.
	Enter
	// Leave tells that the bot was removed from a chat, or blocked by the person.
	Leave
	// Ways asks which ways there are to send what an invoice is for to an
	// address. Ways, Approve and Paid carry a Bill and want a Verdict.
	Ways
	// Approve asks whether somebody who is about to pay an invoice may.
	Approve
	// Paid tells that an invoice has been paid: the money is taken.
	Paid
)

// Event is what somebody did in a chat.
type Event struct {
	ID     string // unique for the bot; the same when the platform sends it again
	Bot    string // the bot's id in the configuration
	Kind   Kind
	From   Person
	Chat   Chat
	On     *Message // the message whose button was pressed, nil for none
	Action Action
	Text   string
	Values map[string]string
	Photo  string // with Say: a photo that came with it, by the platform's name; see Photos
	Video  string // with Say: a video that came with it, likewise
	Bill   *Bill
	Keep   bool // answer with a new message even though a button was pressed
	Linked bool // the action came by a link or a forwarded message, which anybody can make: nothing may be done by it, only shown
}

// Action is a path of words separated by single spaces, as "cart add abc xyz":
// what a button does. At most MaxAction bytes, the words of a-z 0-9 only.
type Action string

// Path builds an Action from its words.
func Path(words ...string) Action { return Action(strings.Join(words, " ")) }

// Words splits an Action.
func (a Action) Words() []string { return strings.Fields(string(a)) }

// Start writes the action as a start parameter of a deep link, which takes
// A-Z a-z 0-9 _ and - only. FromStart is its inverse.
func (a Action) Start() string { return strings.ReplaceAll(string(a), " ", "_") }

// FromStart reads the start parameter of a deep link.
func FromStart(s string) Action { return Action(strings.ReplaceAll(s, "_", " ")) }
