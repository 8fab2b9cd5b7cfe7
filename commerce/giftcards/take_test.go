package giftcards_test

import (
	"errors"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/giftcards"
)

// TestTakeBack: a friend has redeemed the card; its buyer cannot take it back,
// nor somebody else whose it never was.
func TestTakeBack(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		code := sold(t, db)
		take := func(m commerce.MemberID) error {
			return db.Write(t.Context(), func(tx *database.Tx) error {
				_, err := giftcards.Take(tx, m, "c", at)
				return err
			})
		}
		if err := take("eve"); !errors.Is(err, giftcards.ErrNone) {
			t.Errorf("somebody else takes it: %v", err)
		}
		if err := db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := giftcards.Redeem(tx, "ben", code, at)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := take("ann"); !errors.Is(err, giftcards.ErrTaken) {
			t.Errorf("its buyer takes it back: %v", err)
		}
		if err := db.Write(t.Context(), func(tx *database.Tx) error { return giftcards.Cancel(tx, "o") }); !errors.Is(err, giftcards.ErrTaken) {
			t.Errorf("it is given back from under who has it: %v", err)
		}
		if err := db.Write(t.Context(), func(tx *database.Tx) error { return giftcards.Keep(tx, "ben", "c") }); err != nil {
			t.Errorf("it is not ben's any more: %v", err)
		}
	})
}
