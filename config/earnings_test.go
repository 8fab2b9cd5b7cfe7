package config

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestEarnings reads what creators earn, and finds what cannot be kept.
func TestEarnings(t *testing.T) {
	base := good(t)
	for _, c := range []struct{ text, want string }{
		{"earnings: {pay: money, minimum: 25, every_days: 30}\n", ""},
		{"earnings: {brought: {percent: 3}}\n", ""},
		{"points: {worth: 1}\nearnings: {worth: {CHF: 0.95}, brought: {points: 300}}\n", ""},
		{"earnings: {pay: gold}\n", "one of points, money"},
		{"earnings: {every_days: 30}\n", "points are not paid out: add pay: money, or take every_days away"},
		{"earnings: {pay: money, every_days: 3}\n", "every 7 days at most, not every 3"},
		{"earnings: {pay: money, minimum: 1.999}\n", "earnings.minimum"},
		{"points: {worth: 1}\nearnings: {pay: money, worth: {CHF: 0.95}}\n", "says nothing where money is earned"},
		{"points: {worth: 1}\nearnings: {worth: {EUR: 0.95}}\n", "EUR is the shop's currency"},
		{"earnings: {worth: {CHF: 0.95}}\n", "add points.worth"},
		{"points: {worth: 1}\nearnings: {worth: {CHF: 0.999}}\n", "earnings.worth.CHF"},
		{"points: {worth: 1}\nearnings: {brought: {percent: 3, points: 5}}\n", "earnings.brought"},
		{"earnings: {brought: {points: 300}}\n", "points are worth nothing, so none are given: add points.worth"},
		{"earnings: {brought: {percent: 101}}\n", "earnings.brought.percent"},
	} {
		_, err := Load(filepath.Join(write(t, map[string]string{"c.yaml": base + c.text}), "c.yaml"), getenv)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: %v", c.text, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}
