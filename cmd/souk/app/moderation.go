package app

import (
	"context"
	"slices"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/exchange"
	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/commerce/reviews"
)

// moderate connects what can be reported with the moderators. A part that shows
// what members write is named here.
func (a *App) moderate() {
	a.Moderation = moderation.New(moderation.Config{DB: a.DB, Clock: a.Clock, IDs: a.IDs, Moderators: a.moderators, Staff: a.brandStaff, Parts: map[moderation.Kind]moderation.Part{
		moderation.Pick:     creators.Moderated{Creators: a.Creators},
		moderation.Review:   reviews.Moderated{Reviews: a.Reviews},
		moderation.Answer:   reviews.Answers{Reviews: a.Reviews},
		moderation.Question: reviews.Questions{Reviews: a.Reviews},
		moderation.Reply:    reviews.Replies{Reviews: a.Reviews},

		moderation.ByBrand:   exchange.Rated{Exchange: a.Exchange, Side: exchange.ByBrand},
		moderation.ByCreator: exchange.Rated{Exchange: a.Exchange, Side: exchange.ByCreator},
	}})
	a.Creators.Moderation, a.Creators.Words = a.Moderation, a.heldWords
	a.Reviews.Moderation, a.Reviews.Words = a.Moderation, a.heldWords
	a.Exchange.Moderation, a.Exchange.Words = a.Moderation, a.heldWords
	a.Members.OnLink(a.Moderation.Link)
	a.Members.OnErase(a.Moderation.Erase)
	a.Members.OnExport(func(ctx context.Context, m commerce.MemberID) (string, any, error) {
		e, err := a.Moderation.Export(ctx, m)
		return "moderation", e, err
	})
}

// heldWords are what holds back what a member writes.
func (a *App) heldWords(ctx context.Context, m commerce.MemberID) (moderation.Words, error) {
	cfg := a.config.Load()
	if len(cfg.Policies.Posts.HeldWords) == 0 {
		return nil, nil
	}
	locale := ""
	if m != "" {
		who, err := a.Members.Get(ctx, m)
		if err != nil {
			return nil, err
		}
		locale = who.Locale
	}
	return moderation.Lists(cfg.Policies.Posts.HeldWords).For(locale, cfg.Shop.Language), nil
}

// moderators are the people who decide about reports, each with their accounts.
func (a *App) moderators() [][]commerce.MemberID { return a.withRole("admin", "moderator") }

// admins are the people who decide about receipts, each with their accounts.
func (a *App) admins() [][]commerce.MemberID { return a.withRole("admin") }

// withRole are the people who have one of these roles, each with their accounts. Who
// stands twice in the list, by a role each, is one.
func (a *App) withRole(roles ...string) [][]commerce.MemberID {
	var list [][]commerce.MemberID
	at := map[int]int{}
	for _, s := range a.derived.Load().staff {
		if !slices.Contains(roles, s.role) {
			continue
		}
		i, ok := at[s.person]
		if !ok {
			i = slices.IndexFunc(list, func(person []commerce.MemberID) bool { return slices.Contains(person, s.member) })
			if i < 0 {
				list, i = append(list, nil), len(list)
			}
			at[s.person] = i
		}
		if !slices.Contains(list[i], s.member) {
			list[i] = append(list[i], s.member)
		}
	}
	return list
}
