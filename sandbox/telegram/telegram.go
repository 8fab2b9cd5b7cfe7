// Package telegram is a stand-in for Telegram: the Bot API as a bot sees it,
// and the people who use the bot, who say, tap, start and block. It keeps
// everything in memory, delivers updates by webhook as Telegram does, and
// refuses what Telegram would refuse, in Telegram's words where they are
// known. Every request is checked against the published fields, types and
// limits (spec.json, facts of the Bot API 10.1). Start at New, then AddUser
// and As.
//
// It must not know the shop: it imports nothing but the standard library.
//
// What it does not imitate: getUpdates; channels, business accounts, games,
// stickers, polls, albums, paid media, payments in Stars; Markdown; links,
// mentions and hashtags that clients find in plain text by themselves;
// fetching pictures (it keeps their address, and takes it on trust that there
// is a picture); members' rights in a group; the size of a keyboard in bytes;
// the 48 hours after which a message cannot be deleted; Telegram's taste in
// webhook ports and its demand for https, so that a bot on this machine can be
// reached.
//
// Where it is stricter than Telegram: an unknown field and a method it does
// not imitate are refused, not passed over; calls in the response to a webhook
// that fail are kept in Refusals, where Telegram forgets them.
//
// Magic inputs make it fail on purpose. In the text or caption of a message:
//
//	sandbox:429:7   too many requests, with retry_after 7
//	sandbox:500     an internal error as JSON
//	sandbox:502     an error page as HTML, as from a proxy
//	sandbox:drop    the message is taken, and the connection closed without an answer
//
// A picture whose address contains "unfetchable" cannot be had. Fail makes any
// method fail, Limit switches the published rates on, Duplicate delivers an
// update once more.
package telegram

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

// Config is what a stand-in is made of.
type Config struct {
	Token    string
	Username string // of the bot, without @
	Name     string // of the bot, "" for its username
	BotID    int64
	Clock    func() time.Time // nil for the system's
	HTTP     *http.Client     // delivers updates; nil for one with a timeout

	// Provider is the token of a payment provider; empty means that any is taken.
	Provider string
	// Charge takes the money of an invoice at the provider and returns its id
	// there; nil makes one up.
	Charge func(currency string, amount int64) (string, error)
	Log    *slog.Logger // nil for none
}

// Server is one Telegram with one bot. Its methods may be called from many
// goroutines.
type Server struct {
	token string
	bot   User
	now   func() time.Time
	http  *http.Client
	log   *slog.Logger

	provider string
	charge   func(currency string, amount int64) (string, error)

	mu       sync.Mutex
	users    map[int64]*user
	chats    map[int64]*chat // groups by id; a private chat has its person's id
	order    []int64         // chats as they were added
	inline   map[string]*Message
	queries  map[string]*query // callback, inline, shipping and pre-checkout queries that can still be answered
	files    map[string]file   // by file_id
	commands map[string][]Command
	hook     webhook
	rates    rates
	faults   []Fault
	refused  []Refusal
	watchers map[int]func(Change)
	notes    []Change // not told to the watchers yet
	settle   []func(context.Context)
	serial   int64 // numbers queries, files and changes
	serving  int   // Bot API requests under way
	news     chan struct{}
}

type user struct {
	User
	started bool // has written to the bot
	blocked bool
	answer  *Answer
}

type chat struct {
	Chat
	members  map[int64]bool
	absent   string // why the bot cannot post: "", "left" or "kicked"
	movedTo  int64
	lastID   int64
	messages []*Message
	topics   map[int64]string
}

// New makes a stand-in without people. Serve its Handler where the bot's
// endpoint points.
func New(c Config) *Server {
	s := &Server{
		token:    c.Token,
		bot:      User{ID: c.BotID, IsBot: true, First: c.Name, Username: c.Username},
		now:      c.Clock,
		http:     c.HTTP,
		log:      c.Log,
		provider: c.Provider,
		charge:   c.Charge,
		users:    map[int64]*user{},
		chats:    map[int64]*chat{},
		inline:   map[string]*Message{},
		queries:  map[string]*query{},
		files:    map[string]file{},
		commands: map[string][]Command{},
		watchers: map[int]func(Change){},
		news:     make(chan struct{}),
	}
	if s.bot.First == "" {
		s.bot.First = c.Username
	}
	if s.bot.ID == 0 {
		s.bot.ID = 1
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.http == nil {
		s.http = &http.Client{Timeout: time.Minute}
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.hook.queues = map[string]*queue{}
	return s
}

// AddUser adds a person. They have not written to the bot yet.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = &user{User: u}
	s.chats[u.ID] = &chat{Chat: Chat{ID: u.ID, Type: "private", First: u.First, Username: u.Username}, members: map[int64]bool{u.ID: true}}
	s.order = append(s.order, u.ID)
}

// Group is a group as it is added: a supergroup where its id begins with -100.
type Group struct {
	ID      int64
	Title   string
	Members []int64
	Forum   bool
	NoBot   bool // the bot is not a member
}

// AddGroup adds a group. The bot is a member and has no update of it.
func (s *Server) AddGroup(g Group) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &chat{Chat: Chat{ID: g.ID, Type: "group", Title: g.Title, Forum: g.Forum}, members: map[int64]bool{}, topics: map[int64]string{}}
	if g.ID < -1_000_000_000_000 {
		c.Type = "supergroup"
	}
	for _, m := range g.Members {
		c.members[m] = true
	}
	if g.NoBot {
		c.absent = "left"
	}
	s.chats[g.ID] = c
	s.order = append(s.order, g.ID)
}

// AddTopic opens a topic in a forum and returns its message_thread_id.
func (s *Server) AddTopic(group int64, name string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[group]
	c.lastID++
	c.topics[c.lastID] = name
	return c.lastID
}

// OnRest adds a function that Rest calls while it waits, so that what the bot
// does on its own after it has answered an update is over too.
func (s *Server) OnRest(f func(context.Context)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle = append(s.settle, f)
}

// Rest waits until every update that is due by the clock has been delivered
// and answered and no request is under way, or until the context ends. An
// update that waits for its next try at a later time does not count: move the
// clock and call Rest again.
func (s *Server) Rest(ctx context.Context) {
	for {
		s.pump()
		s.mu.Lock()
		busy := s.busy()
		news, before, settle := s.news, s.serial, s.settle
		s.mu.Unlock()
		if !busy {
			for _, f := range settle {
				f(ctx)
			}
			s.mu.Lock()
			calm := s.serial == before && !s.busy()
			s.mu.Unlock()
			if calm || ctx.Err() != nil {
				return
			}
			continue
		}
		select {
		case <-news:
		case <-ctx.Done():
			return
		}
	}
}

// busy reports whether anything is under way or due. The lock is held.
func (s *Server) busy() bool {
	if s.hook.flying > 0 || s.serving > 0 {
		return true
	}
	now := s.now()
	for _, q := range s.hook.queues {
		if s.hook.url != "" && !s.hook.closed && len(q.updates) > 0 && !q.updates[0].due.After(now) {
			return true
		}
	}
	return false
}

// unlock gives the lock back and tells the watchers what has changed.
func (s *Server) unlock() {
	notes := s.notes
	s.notes = nil
	watchers := make([]func(Change), 0, len(s.watchers))
	for _, w := range s.watchers {
		watchers = append(watchers, w)
	}
	s.mu.Unlock()
	for _, n := range notes {
		for _, w := range watchers {
			w(n)
		}
	}
}

// stir wakes whoever waits in Rest. The lock is held.
func (s *Server) stir() {
	close(s.news)
	s.news = make(chan struct{})
}

// next returns a number that was not used before. The lock is held.
func (s *Server) next() int64 {
	s.serial++
	return s.serial
}
