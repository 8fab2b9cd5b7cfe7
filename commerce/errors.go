package commerce

import (
	"errors"
	"fmt"
)

// Kind says what an error means to whoever asked. The zero Kind is an internal
// fault: the member is told that it is ours.
type Kind int

const (
	Internal    Kind = iota // our fault; sending it again may help
	Invalid                 // the input is wrong and says how to mend it
	NotFound                // what was asked for is not there (any more)
	Conflict                // the world has changed: sold out, another price
	Declined                // refused by somebody else, as a bank
	Unavailable             // somebody we need does not answer; later it will
)

// Error is the one error type that reaches a renderer. Message is the id of a
// text in the message files and Args are its arguments: both safe for a member
// to read. Err is the cause, for the log only.
type Error struct {
	Kind    Kind
	Message string
	Args    map[string]any
	Err     error
}

// Errorf makes an Error whose cause is formatted as by fmt.Errorf.
func Errorf(kind Kind, message, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: message, Err: fmt.Errorf(format, args...)}
}

// With returns a copy of the error with one more argument for its text, so
// that an exported sentinel can be given arguments and still be matched.
func (e *Error) With(name string, value any) *Error {
	c := *e
	c.Args = map[string]any{name: value}
	for k, v := range e.Args {
		if k != name {
			c.Args[k] = v
		}
	}
	return &c
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message + ": " + e.Err.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Err }

// Is reports that two errors with the same kind and message are the same
// condition, whatever their arguments and causes.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Kind == e.Kind && t.Message == e.Message
}

// KindOf returns the kind of the first Error in the chain, Internal if none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
