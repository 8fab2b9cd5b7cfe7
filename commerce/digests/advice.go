package digests

// What is recommended: one thing, that the creator's own figures say. Each rule
// says when it holds and why it is worth doing; they are asked in this order,
// the most useful first, and the first that holds is told.
//
//	silent    nobody was written for: they have not posted for a week, and were
//	          looked at or followed all the same. Nothing else helps who is not there.
//	unsaid    a pick that many looked at, and nobody kept or bought: the words do
//	          not say for whom it is.
//	undecided a pick that several keep and nobody bought: something holds them back
//	          that the words could answer.
//	pin       one pick brought at least half of what came, and does not head the
//	          page, where who comes next would see it first.
//	photos    picks with several photos were looked at half as often again as those
//	          with one.
//	day       on one day of the week there were at least twice as many looks as on
//	          another on average: a post is best planned for the evening before.
//	tags      what was posted this week has no hashtag, by which others find it.
//	again     none of these: what worked is worth going on with.

import (
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
)

// Advice is what is recommended: the text "digest." and Rule, with what it is
// about and a number.
type Advice struct {
	Rule string
	Pick commerce.PickID
	N    int64
}

// The rules, as advice names them.
const (
	Silent    = "silent"
	Unsaid    = "unsaid"
	Undecided = "undecided"
	Pin       = "pin"
	Photos    = "photos"
	Day       = "day"
	Tags      = "tags"
	Again     = "again"
)

const (
	manyLooks = 10 // at a pick, before it means anything that nobody kept it
	manySaved = 3  // before it means anything that nobody bought it
	manyPart  = 5  // of worth, before half of it means anything
	manyDay   = 14 // looks of a week, before a day of it means anything
)

// advise is the first rule that holds for the picks of a week, which was over at
// a time.
func advise(list []creators.PickWeek, d Digest, over time.Time) Advice {
	newest := time.Time{}
	all, best := int64(0), creators.PickWeek{}
	for _, p := range list {
		if p.CreatedAt.After(newest) {
			newest = p.CreatedAt
		}
		all += worth(p)
		if worth(p) > worth(best) {
			best = p
		}
	}
	if !newest.IsZero() && over.Sub(newest) > days*oneDay {
		return Advice{Rule: Silent, N: int64(over.Sub(newest) / oneDay)}
	}
	if p, ok := most(list, manyLooks, func(p creators.PickWeek) int64 {
		if p.Saved+p.Bought > 0 {
			return 0
		}
		return p.Looks()
	}); ok {
		return Advice{Rule: Unsaid, Pick: p.ID, N: p.Looks()}
	}
	if p, ok := most(list, manySaved, func(p creators.PickWeek) int64 {
		if p.Bought > 0 {
			return 0
		}
		return p.Saved
	}); ok {
		return Advice{Rule: Undecided, Pick: p.ID, N: p.Saved}
	}
	if len(list) > 1 && worth(best) >= manyPart && 2*worth(best) >= all && !best.Pinned {
		return Advice{Rule: Pin, Pick: best.ID}
	}
	if photos(list) {
		return Advice{Rule: Photos}
	}
	if looks := d.Looks(); looks >= manyDay {
		top := slices.Max(d.Opened)
		if top*(days-1) >= 2*(looks-top) {
			return Advice{Rule: Day, N: int64(slices.Index(d.Opened, top))}
		}
	}
	posted, tagged := false, false
	for _, p := range list {
		if over.Sub(p.CreatedAt) <= days*oneDay {
			posted, tagged = true, tagged || len(creators.Tags(p.Title+"\n"+p.Body)) > 0
		}
	}
	if posted && !tagged {
		return Advice{Rule: Tags}
	}
	return Advice{Rule: Again, Pick: best.ID}
}

// most is the pick with the most of something, where that is at least so much.
func most(list []creators.PickWeek, least int64, of func(creators.PickWeek) int64) (p creators.PickWeek, ok bool) {
	for _, one := range list {
		if n := of(one); n >= least && (!ok || n > of(p)) {
			p, ok = one, true
		}
	}
	return p, ok
}

// photos reports whether picks with several photos were looked at half as often
// again as those with one or none: at least two of each.
func photos(list []creators.PickWeek) bool {
	var n, looks [2]int64
	for _, p := range list {
		i := 0
		if len(p.Photos) > 1 {
			i = 1
		}
		n[i]++
		looks[i] += p.Looks()
	}
	return n[0] >= 2 && n[1] >= 2 && 2*looks[1]*n[0] >= 3*looks[0]*n[1] && looks[1] > 0
}
