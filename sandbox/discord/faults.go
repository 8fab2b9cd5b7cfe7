package discord

import (
	"net/http"
	"strings"
)

// Fault makes calls fail. The zero Method and Path match any call.
type Fault struct {
	Method string
	Path   string // part of the path
	Status int    // what to answer; 0 means: answer nothing, cut the connection
	Times  int    // how often, 0 means once
}

// Fail makes the next matching calls fail before they do anything.
func (s *Server) Fail(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Recover makes nothing fail any more.
func (s *Server) Recover() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault answers a call that is to fail and reports that it has.
func (s *Server) fault(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Times > 0 && (f.Method == "" || f.Method == r.Method) && strings.Contains(r.URL.Path, f.Path) {
			f.Times--
			switch {
			case f.Status == 0:
				cut(w)
			case f.Status == http.StatusTooManyRequests:
				writeError(w, tooMany(w.Header(), 2, false))
			default:
				writeError(w, refuse(f.Status, 0, http.StatusText(f.Status)))
			}
			return true
		}
	}
	return false
}

// errDropped says that a call was carried out and its answer is to be lost.
type errDropped struct{}

func (errDropped) Error() string { return "the connection is cut" }

// cut closes the connection without an answer.
func cut(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
		return
	}
	panic(http.ErrAbortHandler)
}

// magic returns the failure that a message's content asks for.
func magic(content *string) error {
	if content == nil || !strings.Contains(*content, "souk-fail-") {
		return nil
	}
	for word, err := range map[string]error{
		"souk-fail-500":  refuse(http.StatusInternalServerError, 0, "500: Internal Server Error"),
		"souk-fail-502":  refuse(http.StatusBadGateway, 0, "502: Bad Gateway"),
		"souk-fail-403":  refuse(http.StatusForbidden, 50013, "Missing Permissions"),
		"souk-fail-html": &apiError{Status: http.StatusTooManyRequests, HTML: true},
	} {
		if strings.Contains(*content, word) {
			return err
		}
	}
	if strings.Contains(*content, "souk-fail-429") {
		global := false
		return &apiError{Status: http.StatusTooManyRequests, Message: "You are being rate limited.", RetryAfter: 2, Global: &global}
	}
	return nil
}

func dropMagic(content *string) error {
	if content != nil && strings.Contains(*content, "souk-fail-drop") {
		return errDropped{}
	}
	return nil
}
