package gallery_test

import (
	"testing"

	"github.com/soukchat/souk/bots/gallery"
)

func TestEveryScreenIsWithinTheLimits(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range gallery.Screens() {
		if err := e.Screen.Check(); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		if seen[e.Name] {
			t.Errorf("%s is there twice", e.Name)
		}
		seen[e.Name] = true
	}
}
