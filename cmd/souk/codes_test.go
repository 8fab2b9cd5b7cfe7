package main

import (
	"strings"
	"testing"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func TestCodes(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		say := func(do string, n int) []string {
			t.Helper()
			var out strings.Builder
			if err := (&codesCmd{Do: do, Promotion: "welcome", N: n}).run(t.Context(), db, &out); err != nil {
				t.Fatal(err)
			}
			return strings.Split(strings.TrimSpace(out.String()), "\n")
		}
		made := append(say("make", 3), say("make", 2)...)
		listed := strings.Join(say("list", 0), "\n")
		seen := map[string]bool{}
		for _, code := range made {
			if len(code) != 11 || seen[code] || !strings.Contains(listed, "\n"+code+",") || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567-") != "" {
				t.Errorf("code %q, of %q, is not in:\n%s", code, made, listed)
			}
			seen[code] = true
		}
		if n := strings.Count(listed, ",no"); n != 5 {
			t.Errorf("%d unused codes are listed, want 5:\n%s", n, listed)
		}
	})
}
