package commerce

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a text that is never printed: every formatter, encoder and logger
// shows "[redacted]". Reveal returns it, at the one place that needs it.
type Secret string

const redacted = "[redacted]"

// Format serves every verb: fmt shows a value under a wrong verb as it is.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

func (s Secret) String() string               { return redacted }
func (s Secret) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Reveal returns the secret itself. Do not log what it returns.
func (s Secret) Reveal() string { return string(s) }
