package bots

import (
	"errors"
	"fmt"
	"time"
)

// Outcome says why a platform did not take a message.
type Outcome int

const (
	Unreachable Outcome = iota // no answer or a 5xx: try again
	Refused                    // closed messages, blocked, never started: not by this way
	Gone                       // the chat or the message is no longer there
	TooFast                    // try again after RetryAfter
	Malformed                  // the platform says the message is wrong: our fault
)

// SendError is the one error a Sender returns. Err never holds a token.
type SendError struct {
	Outcome    Outcome
	RetryAfter time.Duration // with TooFast
	MovedTo    string        // with Gone: the chat's new id, where the platform tells
	Err        error
}

func (e *SendError) Error() string {
	return fmt.Sprintf("%s: %v", [...]string{"unreachable", "refused", "gone", "too fast", "malformed"}[e.Outcome], e.Err)
}

func (e *SendError) Unwrap() error { return e.Err }

// ErrLarge says that a platform does not hand out a file that large.
var ErrLarge = errors.New("the file is too large to be handed out")
