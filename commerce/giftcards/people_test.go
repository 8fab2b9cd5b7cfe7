package giftcards_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/giftcards"
)

// TestPeople: a card goes along when its buyer and its owner are linked with
// others, both take along their side of it, and erasing the buyer takes what
// they wrote and not what the owner has.
func TestPeople(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		code := sold(t, db)
		write := func(do func(*database.Tx) error) {
			t.Helper()
			if err := db.Write(t.Context(), do); err != nil {
				t.Fatal(err)
			}
		}
		exports := func(m commerce.MemberID, want map[string][]giftcards.Exported) {
			t.Helper()
			got, err := giftcards.Export(t.Context(), db, m)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("export of %s %v (-want +got):\n%s", m, err, diff)
			}
		}
		write(func(tx *database.Tx) error { _, err := giftcards.Redeem(tx, "ben", code, at); return err })
		write(func(tx *database.Tx) error { return giftcards.Link(tx, "ann2", "ann") })
		write(func(tx *database.Tx) error { return giftcards.Link(tx, "ben2", "ben") })

		none := []giftcards.Exported{}
		bought := giftcards.Exported{Amount: "10.00 EUR", State: "redeemed", At: at, Giver: "Ann", Words: "For you"}
		has := giftcards.Exported{Amount: "10.00 EUR", Left: "10.00 EUR", State: "redeemed", At: at}
		exports("ann", map[string][]giftcards.Exported{"bought": none, "redeemed": none})
		exports("ben", map[string][]giftcards.Exported{"bought": none, "redeemed": none})
		exports("ann2", map[string][]giftcards.Exported{"bought": {bought}, "redeemed": none})
		exports("ben2", map[string][]giftcards.Exported{"bought": none, "redeemed": {has}})

		write(func(tx *database.Tx) error { return giftcards.Erase(tx, "ann2") })
		bought.Giver, bought.Words = "", ""
		exports("ann2", map[string][]giftcards.Exported{"bought": {bought}, "redeemed": none})
		exports("ben2", map[string][]giftcards.Exported{"bought": none, "redeemed": {has}})
	})
}
