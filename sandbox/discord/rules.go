package discord

import "net/http"

// width counts the UTF-16 units of s.
func width(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// formError is Discord's error for a field that is wrong; path is dotted.
func formError(path, code, message string) *apiError {
	return &apiError{Status: http.StatusBadRequest, Code: 50035, Message: "Invalid Form Body", Errors: nested(path, code, message)}
}

func nested(path, code, message string) map[string]any {
	v := map[string]any{"_errors": []any{map[string]any{"code": code, "message": message}}}
	for at := len(path); at > 0; {
		start := at
		for start > 0 && path[start-1] != '.' {
			start--
		}
		v = map[string]any{path[start:at]: v}
		at = start - 1
	}
	return v
}

func (p *payload) check() error              { return nil }
func (m *Modal) check() error                { return nil }
func checkCommands(commands []Command) error { return nil }
