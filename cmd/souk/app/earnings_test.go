package app

import (
	"maps"
	"testing"
)

// TestDeclaredCreatorIsAMember: the account that the YAML gives a creator is who
// they are in the chat, and earns; taken out of it, they are nobody there.
func TestDeclaredCreatorIsAMember(t *testing.T) {
	a, _ := tripApp(t)
	with := *a.config.Load()
	with.Creators = maps.Clone(with.Creators)
	mira := with.Creators["mira"]
	mira.Telegram = "1009"
	with.Creators["mira"] = mira
	with.Points.Worth = "1.00"
	without := *a.config.Load()
	if err := a.take(t.Context(), &with); err != nil {
		t.Fatal(err)
	}
	m, err := a.Members.Find(t.Context(), "telegram", "1009")
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Creators.Of(t.Context(), m.ID)
	if err != nil || c.ID != CreatorID("mira") || !a.Earnings.Pay(c) {
		t.Errorf("they are creator %q, %v; earn %v", c.ID, err, a.Earnings.Pay(c))
	}
	if err := a.take(t.Context(), &without); err != nil {
		t.Fatal(err)
	}
	if c, err := a.Creators.Of(t.Context(), m.ID); err == nil {
		t.Errorf("they are creator %s still", c.ID)
	}
}
