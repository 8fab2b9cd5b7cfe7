package shop

// This file takes an event to the function that answers it. The rules:
//   - one parser for commands, buttons, menus, forms and deep links: all of
//     them are paths of words.
//   - an event delivered again gets the answer it got before, if it had an
//     effect; a pure look is simply looked at again, and so is a cart, whose
//     changes carry the event's id: one trip less for the commonest tap.
//   - an action nobody knows (any more) is a normal case: home, and a notice.
//   - the conversation's state is only the open form; whatever else somebody
//     does leaves it.

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/live"
	"github.com/soukchat/souk/commerce/members"
)

// answer is how a route is answered: args are the words its path left open.
type answer func(s *Shop, v *visit, args []string) (bots.Screen, error)

// route is one thing members can do.
type route struct {
	path string // words, those left open in angle brackets
	do   answer
	acts bool // it changes something: the answer is kept for a repeated event
	asks bool // it acts on what is typed alone: a link to it asks
	once bool // it finds by itself that it has been done: its answer need not be kept
}

// router finds routes by the first word of their path.
type router map[string][]parsed

type parsed struct {
	route
	words []string
}

func newRouter(list []route) router {
	r := router{}
	for _, one := range list {
		words := strings.Fields(one.path)
		r[words[0]] = append(r[words[0]], parsed{one, words})
	}
	return r
}

// find returns the route of an action and its open words.
func (r router) find(a bots.Action) (route, []string, bool) {
	words := a.Words()
	if a.Check() != nil || len(words) == 0 {
		return route{}, nil, false
	}
	for _, p := range r[words[0]] {
		if args, ok := p.match(words); ok {
			return p.route, args, true
		}
	}
	return route{}, nil, false
}

func (p parsed) match(words []string) ([]string, bool) {
	if len(words) != len(p.words) {
		return nil, false
	}
	var args []string
	for i, w := range p.words {
		switch {
		case strings.HasPrefix(w, "<"):
			args = append(args, words[i])
		case w != words[i]:
			return nil, false
		}
	}
	return args, true
}

// Handle answers an event.
func (s *Shop) Handle(ctx context.Context, ev bots.Event) (screen bots.Screen) {
	set := s.now.Load()
	v := &visit{
		Words: set.texts.words(ev.From.Locale), ctx: ctx, ev: ev, heard: s.Clock.Now(), set: set,
		scope: set.scope(ev.Bot, ev.Chat.ID),
	}
	defer func() {
		if r := recover(); r != nil {
			err := fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			screen = s.finish(v, s.failed(v, err), nil)
		}
	}()
	if ev.Bill != nil {
		return s.billed(v)
	}
	screen, k, err := s.handle(v)
	if err != nil {
		screen = s.failed(v, err)
		if kind := commerce.KindOf(err); kind == commerce.Internal || kind == commerce.Unavailable {
			k = nil // the form stays open: what was typed is not lost
		}
	}
	return s.finish(v, screen, k)
}

// keep is what the router remembers of a visit when it ends; nil for nothing.
type keep struct {
	tap    live.Tap
	acted  bool
	before talk
	had    bool // there was conversation state
	done   bool // the screen is the one of an earlier delivery
}

func (s *Shop) handle(v *visit) (bots.Screen, *keep, error) {
	if v.ev.Kind == bots.Say && !v.ev.Chat.Private {
		return bots.Screen{}, nil, nil // people talk with one another there
	}
	if v.ev.From.ID == "" || v.ev.Kind == bots.Enter && !v.ev.Chat.Private {
		return s.arrived(v), nil, nil
	}
	var err error
	if v.ev.Kind == bots.Leave { // nobody is written down for that: they may just have been erased
		if v.ev.Chat.Private {
			err = s.Members.Closed(v.ctx, string(v.ev.From.Platform), v.ev.From.ID)
		}
		return bots.Screen{}, nil, err
	}
	v.member, err = s.Members.Meet(v.ctx, members.Seen{
		Platform: string(v.ev.From.Platform), Account: v.ev.From.ID, Name: v.ev.From.Name, Username: v.ev.From.Username,
		Locale: v.ev.From.Locale, Bot: v.ev.Bot, Private: v.ev.Chat.Private,
		Community: v.group(), Joined: v.ev.From.Joined,
	})
	if err != nil {
		return bots.Screen{}, nil, err
	}
	if v.ev.From.Locale == "" {
		v.Words = v.set.texts.words(v.member.Locale)
	}
	if v.ev.Kind == bots.Enter {
		return bots.Screen{}, nil, nil
	}
	if err := s.aged(v); err != nil {
		return bots.Screen{}, nil, err
	}
	k := &keep{tap: live.Tap{Member: v.member.ID, Bot: v.ev.Bot, Event: v.ev.ID, Place: v.ev.Chat.ID, Pick: tapped(v.ev.Action)}}
	v.request = k.tap.Request()
	session, err := s.Live.Open(v.ctx, k.tap)
	if err != nil {
		return bots.Screen{}, nil, err
	}
	if session.Done != nil {
		var screen bots.Screen
		if json.Unmarshal(session.Done, &screen) == nil {
			k.done = true
			return screen, k, nil
		}
	}
	v.cart, v.made = session.Cart, session.Made
	k.had = len(session.Talk) > 0
	if k.had && json.Unmarshal(session.Talk, &k.before) != nil {
		k.before = talk{} // of an older program: the form is asked again
	}
	screen, acted, err := s.route(v, k.before)
	k.acted = acted && err == nil
	return screen, k, err
}

// route finds who answers and lets them.
func (s *Shop) route(v *visit, before talk) (bots.Screen, bool, error) {
	before.press(v)
	if v.ev.Kind == bots.Say {
		screen, whole := before.hear(v)
		if !whole {
			return screen, false, nil
		}
	}
	if words := v.ev.Action.Words(); len(words) > 0 && words[0] == "staff" && s.Staff != nil && v.ev.Action.Check() == nil && (!v.ev.Linked || shows(words)) {
		screen, err := s.Staff(v.ctx, v.ev, v.member, v.Words)
		v.wrong = v.wrong || v.filled() && screen.Form != nil && len(screen.Text) > 0 // asked again, with the reason
		return screen, true, err
	}
	r, args, ok := s.routes.find(v.ev.Action)
	if !ok || v.ev.Linked && r.acts && !r.asks {
		screen, err := s.home(v)
		screen.Notice = v.Say("notice.unknown")
		return screen, false, err
	}
	if v.ev.Linked {
		v.ev.Text, v.ev.Values = "", nil // nobody typed that
	}
	if r.acts && !r.once {
		if err := s.budget(v); err != nil {
			return bots.Screen{}, false, err
		}
	}
	screen, err := r.do(s, v, args)
	if gated, ok := err.(gatedError); ok {
		screen, err = s.gate(v, gated)
		return screen, false, err
	}
	if screen.Path == "" && !r.acts && v.ev.Kind == bots.Do {
		screen.Path = v.ev.Action
	}
	return screen, r.acts && !r.once || v.wrote, err
}

// What one member may change in SQL: more than people do, less than a program
// would. A look and the cart cost one trip to Redis and are bounded by the
// platforms, which hand a member's taps over one after the other.
const (
	actEvery = time.Second
	actBurst = 60
)

// errFast is returned to whoever acts faster than people do.
var errFast = &commerce.Error{Kind: commerce.Conflict, Message: "error.fast"}

// budget takes one action from what the person may do. It is the account's: who
// is erased comes back as another member.
func (s *Shop) budget(v *visit) error {
	from := v.ev.From.Account
	wait, err := s.Live.Spend(v.ctx, live.Budget{Name: "act:" + string(from.Platform) + ":" + from.ID, Every: actEvery, Burst: actBurst}, v.request)
	if err == nil && wait > 0 {
		err = errFast
	}
	return err
}

// shows reports whether an action of the staff only shows: the list, an order.
// No link may do more, whoever opens it.
func shows(words []string) bool { return len(words) == 1 || len(words) == 3 && words[1] == "order" }

// finish gives a screen what every screen has, and keeps what must be kept.
func (s *Shop) finish(v *visit, screen bots.Screen, k *keep) bots.Screen {
	if k != nil && k.done {
		return screen
	}
	screen = clean(screen)
	if !v.ev.Chat.Private && !screen.Public && !screen.Empty() {
		screen.Door = &bots.Door{Text: v.Say("door.text"), Label: bots.Clip(v.Say("door.open"), bots.MaxLabel)}
	}
	if k == nil {
		return screen
	}
	after, screen := remember(v, k.before, screen)
	told := false
	if screen, told = s.tell(v, screen); told {
		k.acted = true
	}
	if !k.acted && !k.had && after == nil || screen.File != nil {
		return screen
	}
	done, err := json.Marshal(screen)
	if err == nil {
		err = s.Live.Close(v.ctx, k.tap, done, after)
	}
	if err != nil {
		s.Log.WarnContext(v.ctx, "the conversation was not kept", "bot", v.ev.Bot, "error", err)
	}
	return screen
}

// clean makes a screen fit the limits where names of products or people, which
// anybody can type, made it too long.
func clean(s bots.Screen) bots.Screen {
	most := bots.MaxText
	if s.Picture != nil {
		most = bots.MaxCaption
	}
	s.Text = clipText(s.Text, most)
	s.Notice = bots.Clip(s.Notice, bots.MaxNotice)
	for _, row := range s.Rows {
		for i := range row {
			row[i].Label = bots.Clip(row[i].Label, bots.MaxLabel)
		}
	}
	if s.Menu != nil {
		s.Menu.Hint = bots.Clip(s.Menu.Hint, bots.MaxHint)
		for i := range s.Menu.Choices {
			c := &s.Menu.Choices[i]
			c.Label, c.Description = bots.Clip(c.Label, bots.MaxChoice), bots.Clip(c.Description, bots.MaxChoice)
		}
	}
	return s
}

// clipText cuts a text to at most max characters.
func clipText(t bots.Text, max int) bots.Text {
	if t.Len() <= max {
		return t
	}
	t = slices.Clone(t)
	for i, span := range t {
		n := bots.Width(span.Text)
		if n >= max {
			t[i].Text = bots.Clip(span.Text, max)
			if n == max && i+1 < len(t) {
				t[i].Text = bots.Clip(span.Text+" ", max)
			}
			return t[:i+1]
		}
		max -= n
	}
	return t
}
