package orderlist

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
)

// dropColumns are those of what drops brought: a row for each drop, then for each
// platform, chat and creator, for what a community had of a variant, for each of its variants who waits for it, and for
// each currency the money.
var dropColumns = []string{"drop", "of", "name", "groups_told", "members_told", "looked", "claimed", "paid", "kept", "no_shows",
	"waitlist_asked", "waitlist_waiting", "revenue", "returns", "fees", "commission", "left", "currency"}

// DropsCSV writes what drops brought for a spreadsheet. named names a part of a
// report, variant a variant. It names nobody.
func DropsCSV(w io.Writer, list []drops.Report, named func(drops.Part) string, variant func(commerce.VariantID) string) error {
	c := csv.NewWriter(w)
	if err := c.Write(dropColumns); err != nil {
		return err
	}
	n := func(list ...int64) (out []string) {
		for _, n := range list {
			out = append(out, strconv.FormatInt(n, 10))
		}
		return out
	}
	for _, r := range list {
		write := func(of, name string, at int, cells ...string) error {
			row := make([]string, len(dropColumns))
			row[0], row[1], row[2] = Safe(Plain(r.Drop.Title)), of, Safe(Plain(name))
			copy(row[at:], cells)
			return c.Write(row)
		}
		steps := func(f drops.Funnel) []string { return n(f.Groups, f.Members, f.Tap, f.Claim, f.Pay, f.Keep) }
		if err := write("all", "", 3, append(steps(r.Funnel), n(r.NoShows)...)...); err != nil {
			return err
		}
		for _, p := range r.Parts {
			of := p.Kind
			if of == "chat" && p.Chat == "" {
				of = "private"
			}
			if err := write(of, named(p), 3, steps(p.Funnel)...); err != nil {
				return err
			}
		}
		for _, a := range r.Drop.Allotments() {
			of := named(drops.Part{Kind: "community", Name: string(a.Community)})
			if err := write("community", fmt.Sprintf("%s: %d × %s", of, a.Units, variant(a.Variant)), 7, n(a.Sold)...); err != nil {
				return err
			}
		}
		for _, d := range r.Demand {
			if err := write("variant", variant(d.Variant), 10, n(d.Asked, d.Waiting)...); err != nil {
				return err
			}
		}
		for _, e := range r.Earned {
			if err := write("money", "", 12, e.Money(e.Revenue).Decimal(), e.Money(e.Returns).Decimal(), e.Money(e.Fees).Decimal(),
				e.Money(e.Commission).Decimal(), e.Left().Decimal(), e.Currency); err != nil {
				return err
			}
		}
	}
	c.Flush()
	return c.Error()
}
