package shop

import (
	"context"
	"errors"
	"log/slog"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/members"
)

// failed is where an error becomes a screen, always with a way onward. It logs
// once: what is ours as an error, what passes as a warning, what a member can
// mend not at all.
func (s *Shop) failed(v *visit, err error) bots.Screen {
	kind := commerce.KindOf(err)
	level := slog.LevelDebug
	switch kind {
	case commerce.Internal:
		level = slog.LevelError
	case commerce.Unavailable:
		level = slog.LevelWarn
	}
	if errors.Is(v.ctx.Err(), context.Canceled) {
		level = slog.LevelInfo // nobody waits for the answer any more
	}
	s.Log.Log(v.ctx, level, "an event was answered with an error",
		"bot", v.ev.Bot, "event", v.ev.ID, "action", routeName(s.routes, v.ev.Action), "error", err)

	text := v.problem(err)
	if kind == commerce.NotFound {
		// What was asked for is gone: the shop's door, and a word why.
		if screen, err := s.home(v); err == nil {
			screen.Notice = text
			return screen
		}
	}
	if v.ev.On != nil && v.aside() {
		// Beside a button of the group there is room for a word. A screen is
		// elsewhere on some platforms, and the way there would lose why.
		return bots.Screen{Notice: text}
	}
	again := bots.Button{}
	if kind == commerce.Unavailable || kind == commerce.Internal {
		if v.ev.Action.Check() == nil {
			again = v.primary("button.retry", v.ev.Action.Words()...)
		}
	}
	screen := bots.Screen{
		Path: "start", Text: bots.T(text),
		Rows: rows(row(again), row(v.button("button.cart", "cart"), v.button("button.home", "start"))),
	}
	if again.Action == "cart" || again.Action == "start" {
		screen.Rows = rows(row(again))
	}
	return screen
}

// problem says what an error means to the person.
func (v *visit) problem(err error) string {
	var e *commerce.Error
	if errors.As(err, &e) && e.Message != "" && v.set.texts.known(e.Message) {
		args := make([]any, 0, 2*len(e.Args))
		for name, value := range e.Args {
			if country, ok := value.(string); ok && name == "country" {
				value = members.CountryName(country, v.locale)
			}
			args = append(args, name, value)
		}
		if n, ok := e.Args["N"].(int64); ok {
			return v.Count(e.Message, n, args...)
		}
		return v.Say(e.Message, args...)
	}
	switch commerce.KindOf(err) {
	case commerce.Invalid:
		return v.Say("error.invalid")
	case commerce.NotFound:
		return v.Say("error.notfound")
	case commerce.Conflict:
		return v.Say("error.conflict")
	case commerce.Declined:
		return v.Say("error.declined")
	case commerce.Unavailable:
		return v.Say("error.busy")
	}
	return v.Say("error.internal")
}

// routeName names an action in the log by its route, without what it was done to.
func routeName(r router, a bots.Action) string {
	if route, _, ok := r.find(a); ok {
		return route.path
	}
	return "unknown"
}
