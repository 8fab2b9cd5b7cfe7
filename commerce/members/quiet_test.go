package members

import (
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

func TestParseHours(t *testing.T) {
	for text, want := range map[string]string{"22-8": "22:00-08:00", " 22:30 – 7:15 ": "22:30-07:15", "2200-0800": "22:00-08:00", "9.30-17": "09:30-17:00", "20-24": "20:00-00:00",
		"": "", "off": "", "22": "", "25-8": "", "22:60-8": "", "8-8": "", "22-8-9": "", "-1-8": ""} {
		got, err := ParseHours(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestQuietHours(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		m := New(db, start(), commerce.RandomIDs{})
		ann, err := m.Meet(t.Context(), Seen{Platform: "telegram", Account: "1", Name: "Ann"})
		if err != nil {
			t.Fatal(err)
		}
		ben, err := m.Meet(t.Context(), Seen{Platform: "discord", Account: "2", Name: "Ann"})
		if err != nil {
			t.Fatal(err)
		}
		q := Quiet{Hours: "22:00-08:00", Zone: "Europe/Berlin"}
		if err := m.SaveQuiet(t.Context(), ben.ID, q); err != nil {
			t.Fatal(err)
		}
		read := func(id string) Quiet {
			t.Helper()
			got, err := m.Find(t.Context(), "telegram", id)
			if err != nil {
				t.Fatal(err)
			}
			return got.Quiet
		}
		if got := read("1"); got != (Quiet{}) {
			t.Errorf("%+v are ann's", got)
		}
		if err := m.Link(t.Context(), ann.ID, ben.ID); err != nil {
			t.Fatal(err)
		}
		if got := read("1"); got != q { // she had none of her own
			t.Errorf("%+v after the link", got)
		}
		night := time.Date(2026, 3, 2, 23, 0, 0, 0, time.UTC) // midnight in Berlin
		if until, quiet := read("1").Until(night); !quiet || !until.Equal(night.Add(8*time.Hour)) {
			t.Errorf("%v, %v", until, quiet)
		}
		if _, quiet := read("1").Until(night.Add(8 * time.Hour)); quiet {
			t.Error("still quiet")
		}
		if err := m.SaveQuiet(t.Context(), ann.ID, Quiet{}); err != nil {
			t.Fatal(err)
		}
		if _, quiet := read("1").Until(night); quiet {
			t.Error("quiet without hours")
		}
	})
}
