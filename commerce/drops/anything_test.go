package drops_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/commerce/orders"
)

// TestAnything does what members, checkout and the clock may do in any order:
// no unit is sold or promised twice, and at the next step nobody waits while a
// unit is free.
func TestAnything(t *testing.T) { anything(t, 0, 1, jug) }

// TestAnythingAllotted is TestAnything with a unit for each of two communities,
// and two units a person.
func TestAnythingAllotted(t *testing.T) { anything(t, 1, 2, jug) }

// TestAnythingOfSizes is TestAnythingAllotted with two variants, of which each
// keeps other units.
func TestAnythingOfSizes(t *testing.T) { anything(t, 1, 2, jug, bowl) }

func anything(t *testing.T, allotted, each int64, of ...commerce.VariantID) {
	databasetest.Embedded(t)
	db := databasetest.Open(t, "sqlite")
	kept := []map[commerce.CommunityID]int64{{"a": allotted, "b": allotted}, {"b": 2 * allotted}}
	w := twoSizes(t, db, 3, 4, kept[0], kept[1], func(p *drops.Plan) {
		p.PerPerson, p.Spills, p.Units = each, 20*time.Minute, p.Units[:len(of)]
	}).opened()
	rapid.Check(t, func(rt *rapid.T) {
		w.fataler = rt
		w.redis.FlushAll()
		w.write(func(tx *database.Tx) error {
			for _, q := range []string{`DELETE FROM drop_entries`, `DELETE FROM hold_lines`, `DELETE FROM holds`, `DELETE FROM notices WHERE member_id <> ''`,
				`UPDATE drop_units SET claimed = 0, sold = 0`, `UPDATE drops SET state = 'open', ended_at = 0, let_in = 0, spilled = 0`, `UPDATE allotments SET quantity = 3, closed = 0`,
				`UPDATE stock SET on_hand = 8, free = 8, held = 0, sold = 0`,
				`UPDATE stock SET free = 5, held = 3 WHERE variant_id IN (SELECT variant_id FROM allotments)`} {
				if _, err := tx.Exec(q); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(`UPDATE drop_units SET units = CASE WHEN community_id = '' THEN 3 - 2 * $1 WHEN variant_id = 'bowl' THEN 2 * $1 ELSE $1 END`, allotted); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE drops SET opens_at = $1, closes_at = $2`, commerce.Micros(w.clock.Now()), commerce.Micros(w.clock.Now().Add(2*time.Hour)))
			return err
		})
		open, lapsed := map[int]orders.Order{}, map[int]orders.Order{}
		one := func(rt *rapid.T, of map[int]orders.Order) (int, orders.Order) {
			i := rapid.IntRange(0, 9).Draw(rt, "member")
			if o, ok := of[i]; ok {
				return i, o
			}
			rt.Skip()
			return 0, orders.Order{}
		}
		ignore := func(err error) {
			if err != nil && commerce.KindOf(err) != commerce.Conflict && commerce.KindOf(err) != commerce.NotFound {
				rt.Fatal(err)
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"claim": func(rt *rapid.T) {
				_, err := w.drops.Claim(w.ctx, drop, member(rapid.IntRange(0, 9).Draw(rt, "member")), rapid.SampledFrom(of).Draw(rt, "variant"), drops.Where{Bot: "tg", Chat: "1",
					Community: rapid.SampledFrom([]commerce.CommunityID{"", "a", "b"}).Draw(rt, "community"), Seat: rapid.Int64Range(0, each-1).Draw(rt, "seat")})
				ignore(err)
			},
			"leave": func(rt *rapid.T) {
				ignore(w.drops.Leave(w.ctx, drop, member(rapid.IntRange(0, 9).Draw(rt, "member"))))
			},
			"order": func(rt *rapid.T) {
				i := rapid.IntRange(0, 9).Draw(rt, "member")
				mine, err := w.drops.Own(w.ctx, drop, member(i))
				if err != nil || len(mine) == 0 {
					rt.Skip()
				}
				e := rapid.SampledFrom(mine).Draw(rt, "entry")
				if _, has := open[i]; has {
					rt.Skip() // what follows keeps one order a member
				}
				if o, err := w.order(e); err == nil {
					open[i] = o
				} else {
					ignore(err)
				}
			},
			"sell":    func(rt *rapid.T) { i, o := one(rt, open); w.sell(o); delete(open, i) },
			"release": func(rt *rapid.T) { i, o := one(rt, open); w.release(o); delete(open, i); lapsed[i] = o },
			"late":    func(rt *rapid.T) { i, o := one(rt, lapsed); ignore(w.late(o)); delete(lapsed, i) },
			"wipe":    func(*rapid.T) { w.redis.FlushAll() },
			"wait": func(rt *rapid.T) {
				w.clock.Wait(time.Duration(rapid.IntRange(1, 12).Draw(rt, "minutes")) * time.Minute)
				w.step()
			},
			"": func(rt *rapid.T) {
				w.audit()
				w.step() // hands on what was kept for somebody who never came
				d, err := w.drops.Get(w.ctx, drop)
				w.must(err)
				for _, s := range d.Stands {
					if all := s.For(""); s.Waiting > 0 && all.Units > all.Claimed+all.Sold {
						rt.Fatalf("%d wait while %d are free of %s", s.Waiting, d.Free(), s.Variant)
					}
					if s.Units != 3 {
						rt.Fatalf("%+v", s)
					}
				}
				for i := range 10 {
					list, err := w.drops.Own(w.ctx, drop, member(i))
					w.must(err)
					for _, e := range list {
						if e.Pool != "" && e.State == drops.Won && e.Pool != e.From {
							rt.Fatalf("a unit of %s went to one of %q: %+v", e.Pool, e.From, e)
						}
					}
					if live := len(slices.DeleteFunc(list, func(e drops.Entry) bool {
						return e.State == drops.Lapsed || e.State == drops.Left || e.State == drops.Lost
					})); live > int(each) {
						rt.Fatalf("member %d has %d units of %d", i, live, each)
					}
				}
			},
		})
	})
}

// TestLateForAnotherSize: an order lapses, its member comes for another size, and
// then its money arrives. It takes nothing of what they have now.
func TestLateForAnotherSize(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		w := twoSizes(t, db, 3, 4, nil, nil, func(*drops.Plan) {}).opened()
		claim := func(v commerce.VariantID) drops.Entry {
			e, err := w.drops.Claim(w.ctx, drop, member(0), v, drops.Where{Bot: "tg", Chat: "1"})
			w.must(err)
			return e
		}
		first, err := w.order(claim(bowl))
		w.must(err)
		w.release(first)
		w.clock.Wait(20 * time.Minute)
		w.step()
		now := claim(jug)
		if now.Variant != jug || now.State != drops.Won {
			t.Fatalf("%+v", now)
		}
		w.must(w.late(first)) // of what the shop has beside the drop
		w.audit()
		second, err := w.order(now)
		w.must(err)
		w.sell(second)
		w.audit()
	})
}
