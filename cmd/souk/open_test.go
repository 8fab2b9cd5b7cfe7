package main

import (
	"strings"
	"testing"
)

// TestOpen: commands that look after a shop say what they miss before they do
// anything.
func TestOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.change("creators:", "promotions:\n  welcome: {label: Welcome, gives: {percent: 10}}\n  spring: {label: Spring, gives: {percent: 10}, code: SPRING}\ncreators:")
	want := func(code int, text string, args ...string) {
		t.Helper()
		got, out, problem := w.souk(args...)
		if got != code || !strings.Contains(out+problem, text) {
			t.Errorf("souk %s: exit code %d, want %d and %q\n%s%s", strings.Join(args, " "), got, code, text, out, problem)
		}
	}
	commands := [][]string{{"orders", w.config}, {"books", w.config}, {"codes", w.config, "list", "welcome"},
		{"payouts", w.config}, {"disputes", w.config}}
	for _, c := range commands {
		want(1, "run `souk migrate "+w.config+"`", c...)
	}
	want(0, "up to date", "migrate", w.config)
	for _, c := range commands {
		want(0, "", c...)
	}
	want(1, `there is no brand "acme" in `+w.config, "orders", w.config, "--brand", "acme")
	want(0, "No orders yet.", "orders", w.config, "--brand", "kiln")
	for _, name := range []string{"payouts", "disputes"} {
		want(1, `there is no brand "acme" in `+w.config, name, w.config, "--brand", "acme")
		want(0, "No "+name+".", name, w.config, "--brand", "kiln")
		want(2, "--state", name, w.config, "--state", "gone")
	}
	want(0, "No payouts.", "payouts", w.config, "--state", "reversed")
	want(0, "order,brand,account,", "payouts", w.config, "--csv")
	want(0, "No disputes.", "disputes", w.config, "--state", "review")
	want(0, "order,dispute,brands,", "disputes", w.config, "--csv")
	want(1, `there is no promotion "summer"`, "codes", w.config, "make", "summer")
	want(1, `has the code SPRING for everybody`, "codes", w.config, "make", "spring")
	want(1, "make 1 to 10000 codes at once, not 10001", "codes", w.config, "make", "welcome", "10001")
	want(0, "-", "codes", w.config, "make", "welcome", "2")
	w.change("{name: Corner Shop,", "{name: Corner Shop, nome: x,")
	for _, c := range commands {
		want(1, "nome", c...)
	}
}
