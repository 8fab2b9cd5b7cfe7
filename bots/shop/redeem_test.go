package shop_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/giftcards"
	"github.com/soukchat/souk/commerce/rewards"
)

// TestTriesOfAGiftCard: who guesses at codes is soon made to wait, even with
// the right one in hand, and nobody else is.
func TestTriesOfAGiftCard(t *testing.T) {
	each(t, func(w *world) {
		code, ten := giftcards.NewCode(commerce.RandomIDs{}), commerce.Money{Amount: 1000, Currency: "EUR"}
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			if err := giftcards.Issue(tx, giftcards.Card{ID: "c", Order: "o", Buyer: "sam", Amount: ten, IssuedAt: w.clock.Now()}); err != nil {
				return err
			}
			if _, err := rewards.Post(tx, w.clock.Now(), rewards.Posting{ID: "sale", Order: "o", Entries: []rewards.Entry{
				{Account: rewards.Cash, Amount: ten}, {Account: rewards.GiftCard("c"), Amount: commerce.Money{Amount: -1000, Currency: "EUR"}}}}); err != nil {
				return err
			}
			return giftcards.Wrap(tx, "c", "sam", code, "Sam", "For you")
		}))
		try := func(p *person, code commerce.Secret) string {
			p.do("redeem")
			return plain(p.fill(map[string]string{"code": code.Reveal()}))
		}
		mallory, ann := w.person("mallory"), w.person("ann")
		for i := range 12 {
			got := try(mallory, giftcards.NewCode(commerce.RandomIDs{}))
			want := "We know no gift card with this code."
			if i >= 10 {
				want = "Too many tries. Please wait 10 minutes"
			}
			if !strings.Contains(got, want) {
				w.Fatalf("try %d shows\n%s", i+1, got)
			}
		}
		if got := try(mallory, code); !strings.Contains(got, "Too many tries.") {
			w.Errorf("the right code without a try left shows\n%s", got)
		}
		w.clock.Wait(10 * time.Minute)
		if got := try(ann, code); !strings.Contains(got, "€10.00 is in your wallet now.") {
			w.Errorf("somebody else's first try shows\n%s", got)
		}
		if got := try(mallory, code); !strings.Contains(got, "This gift card has been redeemed already.") {
			w.Errorf("the next try shows\n%s", got)
		}
	})
}

// TestGiftShelfOfWhoIsThere: the link to the page of gift cards follows a member
// who became another, and leads nowhere for one who is forgotten: what is paid
// there is somebody's.
func TestGiftShelfOfWhoIsThere(t *testing.T) {
	each(t, func(w *world) {
		w.must(w.db.Write(w.ctx, func(tx *database.Tx) error {
			for _, q := range []string{
				`INSERT INTO members (id, name, locale, created_at) VALUES ('keep', 'Ann', 'en', 1)`,
				`INSERT INTO members (id, name, locale, created_at, merged_into) VALUES ('gone', '', '', 1, 'keep')`,
				`INSERT INTO members (id, name, locale, created_at, erased_at) VALUES ('erased', '', '', 1, 2)`,
			} {
				if _, err := tx.Exec(q); err != nil {
					return err
				}
			}
			return nil
		}))
		for id, want := range map[commerce.MemberID]commerce.MemberID{"keep": "keep", "gone": "keep", "erased": "", "nobody": ""} {
			code, err := w.shop.Live.Keep(w.ctx, "gifts", `{"Member":"`+string(id)+`","Bot":"tg"}`, time.Hour)
			w.must(err)
			b, err := w.shop.GiftShelf(w.ctx, code)
			if b.Member != want || errors.Is(err, giftcards.ErrNone) != (want == "") {
				t.Errorf("of %s: %q, %v", id, b.Member, err)
			}
		}
	})
}
