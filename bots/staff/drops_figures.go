package staff

import (
	"strconv"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/drops"
)

// mostParts of a drop's figures are shown in a chat; the file has all.
const mostParts = 12

// dropFigures shows what a drop brought, or hands it over as a file: "staff drop
// <drop> figures|csv". Whether it is theirs has been checked.
func (s *Staff) dropFigures(v *visit, id commerce.DropID, file bool) (bots.Screen, error) {
	r, err := s.Drops.Report(v.ctx, id, s.Platform)
	if err != nil {
		return bots.Screen{}, err
	}
	back := []bots.Button{v.button("staff.button.dropone", "drop", string(id)), v.button("staff.drops", "drops")}
	if file {
		data, err := s.Sheets.Drop(v.ctx, r)
		if err != nil {
			return bots.Screen{}, err
		}
		return bots.Screen{Path: bots.Path("staff", "drop", string(id)), Text: bots.T(v.Say("staff.dropcsv")),
			File: &bots.File{Name: "drop.csv", Data: data}, Rows: [][]bots.Button{back}}, nil
	}
	text := bots.Text{{Text: bots.Clip(r.Drop.Title, 64), Look: bots.Bold}}.
		Line(bots.Span{Text: v.Say("staff.funnelreach", "Groups", number(r.Groups), "Members", number(r.Members))}).
		Line(bots.Span{Text: v.funnel(r.Funnel), Look: bots.Bold}).
		Line(bots.Span{Text: v.Say("staff.funnelshort"), Look: bots.Italic}).
		Line(bots.Span{Text: v.Say("staff.noshows", "N", number(r.NoShows))})
	for _, d := range r.Demand {
		text = text.Line(bots.Span{Text: v.Say("staff.demand", "Variant", bots.Clip(s.soldAs(v, d.Variant), 60), "Asked", number(d.Asked), "Waiting", number(d.Waiting))})
	}
	for _, a := range r.Drop.Allotments() {
		text = text.Line(bots.Span{Text: v.Say("staff.keptsold", "Community", s.community(v, a.Community), "Sold", number(a.Sold), "N", number(a.Units), "Variant", bots.Clip(s.soldAs(v, a.Variant), 60))})
	}
	for _, e := range r.Earned {
		text = text.Line(bots.Span{Text: v.Say("staff.earned", "Revenue", v.Money(e.Money(e.Revenue)), "Returns", v.Money(e.Money(e.Returns)), "Fees", v.Money(e.Money(e.Fees)),
			"Commission", v.Money(e.Money(e.Commission)))}, bots.Span{Text: " "}, bots.Span{Text: v.Say("staff.earnedleft", "Left", v.Money(e.Left())), Look: bots.Bold})
	}
	for i, p := range r.Parts {
		if i == mostParts {
			text = text.Line(bots.Span{Text: v.Say("staff.funnelmore"), Look: bots.Italic})
			break
		}
		text = text.Line(bots.Span{Text: "• " + bots.Clip(s.nameOf(v, p), 64) + ": "}, bots.Span{Text: v.funnel(p.Funnel)})
	}
	return bots.Screen{Path: bots.Path("staff", "drop", string(id), "figures"), Text: text,
		Rows: [][]bots.Button{{v.button("staff.button.dropcsv", "drop", string(id), "csv")}, back}}, nil
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// funnel writes the steps in one line.
func (v *visit) funnel(f drops.Funnel) string {
	return number(f.Groups+f.Members) + " → " + number(f.Tap) + " → " + number(f.Claim) + " → " + number(f.Pay) + " → " + number(f.Keep)
}

// nameOf names a part of a drop's figures.
func (s *Staff) nameOf(v *visit, p drops.Part) string {
	name := p.Name
	if s.Named != nil {
		name = s.Named(v.ctx, p)
	}
	if p.Kind == "chat" && p.Chat == "" {
		return v.Say("staff.inprivate", "Bot", name)
	}
	return name
}

// community names a community.
func (s *Staff) community(v *visit, c commerce.CommunityID) string {
	return bots.Clip(s.nameOf(v, drops.Part{Kind: "community", Name: string(c)}), 60)
}

// soldAs names a variant of a drop.
func (s *Staff) soldAs(v *visit, id commerce.VariantID) string {
	if s.Variant == nil {
		return string(id)
	}
	return s.Variant(v.ctx, id)
}
