package shop_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/live"
)

// BenchmarkHandle measures the taps that cost one round trip and no SQL. With
// SOUK_TEST_REDIS it runs on that Redis, else on the embedded one, whose Lua
// alone takes most of the time.
func BenchmarkHandle(b *testing.B) {
	w := newWorld(b, databasetest.Open(b, "sqlite"))
	if url := os.Getenv("SOUK_TEST_REDIS"); url != "" {
		client, err := live.Dial(commerce.Secret(url))
		w.must(err)
		defer client.Close()
		w.shop.Config.Live = live.New(client, w.clock)
	}
	ann := w.person("ann" + commerce.RandomIDs{}.ID())
	ann.do("cart pick cuppick")
	for _, action := range []bots.Action{"start", "category " + bots.Action(ann.category("Food")) + " 0", "pick cuppick", "cart"} {
		b.Run(string(action), func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				ev := ann.event(bots.Event{ID: "b" + strconv.Itoa(i), Kind: bots.Do, Action: action})
				if s := w.shop.Handle(w.ctx, ev); s.Empty() {
					b.Fatal("nothing is shown")
				}
			}
		})
	}
}

// category returns the id of a category.
func (p *person) category(name string) string {
	goods, err := p.w.catalog.Snapshot(p.w.ctx)
	p.w.must(err)
	for _, c := range goods.Categories(nil) {
		if c.Name == name {
			return c.ID
		}
	}
	p.w.Fatalf("no category %s", name)
	return ""
}
