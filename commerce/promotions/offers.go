package promotions

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/notices"
)

// Chat is a group in which offers are posted.
type Chat struct {
	Bot, ID, Thread string
	Community       commerce.CommunityID
	Sells           func(commerce.BrandID) bool // whether the brand's goods are shown there
}

// OpenOffers lists the offers of the brands a community shows that can be
// claimed now, as far as the clock says.
func (p *Promotions) OpenOffers(community commerce.CommunityID, sells func(commerce.BrandID) bool) (list []Rule) {
	now := p.clock.Now()
	for _, r := range p.Offers() {
		if r.lapsed(now) == nil && sells(r.Brand) && (community == "" || len(r.Communities) == 0 || slices.Contains(r.Communities, community)) {
			list = append(list, r)
		}
	}
	return list
}

// AllClaimed returns which offers nobody can claim any more, by id: their limit
// is reached.
func (p *Promotions) AllClaimed(ctx context.Context) (gone map[string]bool, err error) {
	gone = map[string]bool{}
	err = p.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Rows(`SELECT id, claimed FROM promotions WHERE kind = 'offer'`, nil, func(scan func(...any) error) error {
			var id string
			var claimed int64
			err := scan(&id, &claimed)
			if r, ok := p.Rule(id); ok && claimed >= most(r.Limit) {
				gone[id] = true
			}
			return err
		})
	})
	return gone, err
}

// PlanPosts posts to each chat at most one offer that was not posted there yet,
// and none sooner after another post than the policy says. It returns how many
// it wrote as notices. Several processes may call it.
func (p *Promotions) PlanPosts(ctx context.Context, chats []Chat, policy creators.Policy) (posts int, err error) {
	now := p.clock.Now()
	if len(p.Offers()) == 0 || policy.Quiet.Holds(now) {
		return 0, nil
	}
	for _, chat := range chats {
		open := p.OpenOffers(chat.Community, chat.Sells)
		if len(open) == 0 {
			continue
		}
		// A look first: most of the time there is nothing to write.
		var next Rule
		look := func(tx *database.Tx) (err error) {
			next, err = nextOffer(tx, open, chat, policy, now)
			return err
		}
		if err := p.db.Read(ctx, look); err != nil {
			return posts, err
		}
		if next.ID == "" {
			continue
		}
		if err := p.db.Write(ctx, func(tx *database.Tx) error {
			if err := look(tx); err != nil || next.ID == "" {
				return err
			}
			return p.post(tx, next, chat, now)
		}); err != nil {
			return posts, err
		}
		if next.ID != "" {
			posts++
		}
	}
	return posts, nil
}

func (p *Promotions) post(tx *database.Tx, r Rule, chat Chat, now time.Time) error {
	if _, err := tx.Exec(`INSERT INTO offer_posts (promotion_id, bot, chat, thread, created_at) VALUES ($1, $2, $3, $4, $5)`,
		r.ID, chat.Bot, chat.ID, chat.Thread, commerce.Micros(now)); err != nil {
		return err
	}
	_, err := notices.Add(tx, p.ids, now, notices.Notice{
		Kind: notices.OfferPost, Bot: chat.Bot, Chat: chat.ID, Thread: chat.Thread, Args: map[string]string{"offer": r.ID},
		Once: strings.Join([]string{notices.OfferPost, r.ID, chat.Bot, chat.ID, chat.Thread}, ":"),
	})
	return err
}

// nextOffer returns what may be posted in a chat now, the zero Rule for nothing.
func nextOffer(tx *database.Tx, open []Rule, chat Chat, policy creators.Policy, now time.Time) (Rule, error) {
	posted, last := map[string]bool{}, int64(0)
	err := tx.Rows(`SELECT promotion_id, created_at FROM offer_posts WHERE bot = $1 AND chat = $2 AND thread = $3
		UNION ALL SELECT '', MAX(created_at) FROM posts WHERE bot = $1 AND chat = $2 AND thread = $3 HAVING COUNT(*) > 0`,
		[]any{chat.Bot, chat.ID, chat.Thread}, func(scan func(...any) error) error {
			var id string
			var at int64
			err := scan(&id, &at)
			posted[id] = true
			last = max(last, at)
			return err
		})
	if err != nil || last != 0 && now.Before(commerce.FromMicros(last).Add(policy.Every)) {
		return Rule{}, err
	}
	for _, r := range open {
		if !posted[r.ID] {
			return r, nil
		}
	}
	return Rule{}, nil
}

// Figures are how an offer does.
type Figures struct {
	Offer   Rule
	Claimed int64
	Used    int64            // orders that are paid
	Revenue []commerce.Money // of its brand's goods in them, less discounts, by currency
}

// Figures returns how the offers of some brands do, nil for all.
func (p *Promotions) Figures(ctx context.Context, brands []commerce.BrandID) (list []Figures, err error) {
	err = p.db.Read(ctx, func(tx *database.Tx) error {
		list = nil
		for _, r := range p.Offers() {
			if brands != nil && !slices.Contains(brands, r.Brand) {
				continue
			}
			f := Figures{Offer: r}
			if err := tx.Row(`SELECT claimed FROM promotions WHERE id = $1`, r.ID).Scan(&f.Claimed); err != nil {
				return err
			}
			if err := tx.Rows(`SELECT o.currency, COUNT(DISTINCT o.id), COALESCE(SUM(l.amount - l.discount), 0)
				FROM promotion_uses u JOIN orders o ON o.id = u.order_id
				JOIN order_lines l ON l.order_id = o.id AND l.kind = 'item' AND l.brand_id = $2
				WHERE u.promotion_id = $1 AND u.state = 'used' AND o.state IN ('paid', 'shipped') GROUP BY o.currency ORDER BY o.currency`,
				[]any{r.ID, r.Brand}, func(scan func(...any) error) error {
					var m commerce.Money
					var n int64
					err := scan(&m.Currency, &n, &m.Amount)
					f.Used += n
					f.Revenue = append(f.Revenue, m)
					return err
				}); err != nil {
				return err
			}
			list = append(list, f)
		}
		return nil
	})
	return list, err
}
