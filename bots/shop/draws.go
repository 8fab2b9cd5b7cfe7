package shop

import (
	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce/drops"
)

// seals adds what proves a draw: the commitment from the announcement on, the
// list's hash from the close, the seed once it is drawn.
func (v *visit) seals(text bots.Text, d drops.Drop) bots.Text {
	for _, w := range d.Drawings {
		text = text.Line(regular(v.Say("drop.commitment")), code(w.Commitment))
		if w.ListHash != "" {
			text = text.Line(regular(v.Say("drop.listhash")), code(w.ListHash))
		}
		if w.Drawn {
			text = text.Line(regular(v.Say("drop.seed")), code(w.Seed))
		}
	}
	return text
}

func entriesOf(d drops.Drop) (n int64) {
	for _, w := range d.Drawings {
		n += w.Entries
	}
	return n
}

func firstOf(d drops.Drop) (n int64) {
	for _, w := range d.Drawings {
		n += w.First
	}
	return n
}

// dropProof hands a member's proof over: "drop proof <drop>".
func (s *Shop) dropProof(v *visit, args []string) (bots.Screen, error) {
	d, err := s.dropOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	e, err := s.Drops.Mine(v.ctx, d.ID, v.member.ID)
	if err != nil {
		return bots.Screen{}, err
	}
	proof, err := s.Drops.Prove(v.ctx, e)
	if err != nil {
		return bots.Screen{}, err
	}
	return s.drawFile(v, d, "drop.proof", "proof-"+string(d.ID)+".json", proof.Text()), nil
}

// dropList hands the list of a draw over: "drop list <drop>". Of several
// variants it is that of the member's own.
func (s *Shop) dropList(v *visit, args []string) (bots.Screen, error) {
	d, err := s.dropOf(v, args[0])
	if err != nil {
		return bots.Screen{}, err
	}
	variant := d.Units[0].Variant
	if e, err := s.Drops.Mine(v.ctx, d.ID, v.member.ID); err == nil {
		variant = e.Variant
	}
	text, err := s.Drops.List(v.ctx, d.ID, variant)
	if err != nil {
		return bots.Screen{}, err
	}
	return s.drawFile(v, d, "drop.list", "list-"+string(d.ID)+".txt", text), nil
}

func (s *Shop) drawFile(v *visit, d drops.Drop, say, name, data string) bots.Screen {
	return bots.Screen{Path: bots.Path("drop", string(d.ID)), Text: bots.Text{bold(d.Title)}.Line(regular(v.Say(say))),
		File: &bots.File{Name: name, Data: []byte(data)},
		Rows: rows(row(v.button("button.proof", "drop", "proof", string(d.ID)), v.button("button.drawlist", "drop", "list", string(d.ID)), v.button("button.drop", "drop", string(d.ID))))}
}
