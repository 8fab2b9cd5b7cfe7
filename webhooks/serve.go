package webhooks

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/soukchat/souk/commerce"
)

// refusal is a request we do not take, and why: the reason is for the log, and
// holds nothing of what was sent.
type refusal struct {
	status int
	reason string
}

func (r *refusal) Error() string { return r.reason }

func refuse(status int, reason string) error { return &refusal{status, reason} }

// serve is what stands around every handler: it names the request, keeps a
// panic from ending the process, counts, and turns an error into a reply.
func (s *Server) serve(method, pattern string, h fiber.Handler) fiber.Handler {
	seen := s.counters.of(pattern)
	return func(c *fiber.Ctx) (err error) {
		begun, id := time.Now(), s.requestID()
		defer func() {
			if v := recover(); v != nil {
				s.Log.Error("a handler panicked", "route", pattern, "request", id, "panic", panicText(v), "stack", string(debug.Stack()))
				err = s.fail(c, pattern, id, &refusal{fiber.StatusInternalServerError, ""})
			}
			seen(c.Method(), c.Response().StatusCode(), time.Since(begun))
		}()
		c.Set(fiber.HeaderXRequestID, id)
		if m := c.Method(); method != "" && m != method && !(m == fiber.MethodHead && method == fiber.MethodGet) {
			c.Set(fiber.HeaderAllow, method)
			err = refuse(fiber.StatusMethodNotAllowed, "method not allowed")
		} else {
			err = h(c)
		}
		if err != nil {
			return s.fail(c, pattern, id, err)
		}
		return nil
	}
}

// fail is the one place where an error becomes an HTTP reply. The rules:
//   - 5xx says that sending it again can help, and Retry-After says when; a
//     sender that is wrong gets a 4xx, which it can repeat for ever in vain.
//   - the reply is the status in words: no detail, nothing of what was sent.
//   - it is logged once: what is ours as an error, what somebody else did as a
//     warning, those not faster than one a second.
func (s *Server) fail(c *fiber.Ctx, pattern, id string, err error) error {
	status, again := statusOf(err)
	level := slog.LevelWarn
	if status == fiber.StatusInternalServerError {
		level = slog.LevelError
	}
	if reason := reasonOf(err); reason != "" && (status >= 500 || s.logs.Allow()) {
		s.Log.Log(context.Background(), level, "a request was refused", "route", pattern, "request", id, "status", status, "reason", reason)
	}
	c.Response().ResetBody()
	c.Set(fiber.HeaderXRequestID, id)
	if again > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(again/time.Second)))
	}
	guard(c)
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, "text/plain; charset=utf-8")
	return c.Status(status).SendString(fiber.NewError(status).Message + "\n")
}

// statusOf maps an error to a status and, where sending it again can help, to
// the time after which.
func statusOf(err error) (status int, again time.Duration) {
	var r *refusal
	if errors.As(err, &r) {
		return r.status, 0
	}
	var f *fiber.Error
	if errors.As(err, &f) {
		return f.Code, 0
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fiber.StatusServiceUnavailable, 5 * time.Second
	}
	switch commerce.KindOf(err) {
	case commerce.Invalid:
		return fiber.StatusBadRequest, 0
	case commerce.NotFound:
		return fiber.StatusNotFound, 0
	case commerce.Conflict:
		return fiber.StatusConflict, 0
	case commerce.Declined:
		return fiber.StatusUnprocessableEntity, 0
	case commerce.Unavailable:
		return fiber.StatusServiceUnavailable, 5 * time.Second
	}
	return fiber.StatusInternalServerError, 10 * time.Second
}

// reasonOf is what the log says. fasthttp's errors repeat parts of the request,
// and a request's head holds secrets: of those only the status is told.
func reasonOf(err error) string {
	var f *fiber.Error
	if errors.As(err, &f) {
		return fiber.NewError(f.Code).Message
	}
	return err.Error()
}

// panicText tells what went wrong where it is the runtime that says so. What a
// program panics with may hold anything.
func panicText(v any) string {
	if e, ok := v.(runtime.Error); ok {
		return e.Error()
	}
	return "of another kind; see the stack"
}

// guard sets the headers that keep a browser from doing more with a reply than
// to show it.
func guard(c *fiber.Ctx) {
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	c.Set(fiber.HeaderReferrerPolicy, "no-referrer")
	c.Set("X-Robots-Tag", "noindex")
}
