package drops

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// wrongs lists the checks that came out wrong.
func wrongs(found []Finding) (list []string) {
	for _, f := range found {
		if f.Verdict == Wrong {
			list = append(list, f.What+": "+f.Text)
		}
		if f.Text == "" || f.What == "" {
			list = append(list, "a check says nothing")
		}
	}
	return list
}

func verdictOf(found []Finding, what string) (Finding, bool) {
	i := slices.IndexFunc(found, func(f Finding) bool { return f.What == what })
	if i < 0 {
		return Finding{}, false
	}
	return found[i], true
}

// TestEverybodyCanProve: before the draw that they are in, after it their place,
// alone and with the list.
func TestEverybodyCanProve(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		seed, list, holders := crowd(t, &counted{n: rapid.IntRange(0, 1<<20).Draw(r, "source")},
			rapid.IntRange(1, 20).Draw(r, "entries"), 3, beaconOf(rapid.Bool().Draw(r, "beacon")), byThirds)
		d := draw(t, seed, list)
		before, _ := ReadList(list.Text(Reveal{}))
		after, _ := ReadList(list.Text(d.Reveal))
		for _, h := range holders {
			early, err := Prove(list, h)
			if err != nil {
				r.Fatal(err)
			}
			late, err := d.Prove(h)
			if err != nil {
				r.Fatal(err)
			}
			if late, err = ReadProof(late.Text()); err != nil {
				r.Fatal(err)
			}
			for _, found := range [][]Finding{early.Check(nil), early.Check(&before), early.Check(&after), late.Check(nil), late.Check(&before), late.Check(&after)} {
				if wrong := wrongs(found); len(wrong) > 0 {
					r.Error(wrong)
				}
			}
			if f, _ := verdictOf(early.Check(nil), "draw"); f.Verdict != Unknown || !strings.Contains(f.Text, "not drawn yet") {
				r.Error("a proof from before the draw does not say so")
			}
			if f, _ := verdictOf(late.Check(nil), "place"); f.Verdict != Unknown {
				r.Error("a place is right without the list")
			}
			if f, _ := verdictOf(late.Check(&after), "place"); f.Verdict != Right || d.Order[late.Place-1].ID != late.Ticket {
				r.Error("the place is not shown")
			}
		}
	})
}

func TestProveRefuses(t *testing.T) {
	_, list, holders := crowd(t, &counted{}, 4, 2, "", alike)
	stranger, tier, short, lines := holders[0], holders[0], holders[0], holders[0]
	stranger.Who = "Eve"
	tier.Tier = 1
	short.Salt = "short"
	lines.Who = "Ann\nsalt: x"
	for _, h := range []Holder{stranger, tier} {
		if _, err := Prove(list, h); !errors.Is(err, ErrNotEntered) {
			t.Errorf("%+v: %v", h, err)
		}
	}
	for _, h := range []Holder{short, lines} {
		if _, err := Prove(list, h); err == nil || errors.Is(err, ErrNotEntered) {
			t.Errorf("%+v: %v", h, err)
		}
	}
}

// TestWhatWasChangedIsNamed changes one thing at a time.
func TestWhatWasChangedIsNamed(t *testing.T) {
	seed, list, holders := crowd(t, &counted{}, 9, 2, "the sun", byThirds)
	d := draw(t, seed, list)
	own, _ := d.Prove(holders[4])
	other, _ := d.Prove(holders[1])
	published, _ := ReadList(list.Text(d.Reveal))
	another := NewSeed(&counted{n: 77})
	for name, c := range map[string]struct {
		change func(*Proof, *ListFile)
		want   string
	}{
		"drop":             {func(p *Proof, _ *ListFile) { p.Drop = "summer" }, "list hash"},
		"title":            {func(p *Proof, _ *ListFile) { p.Title = "Cups" }, "list hash"},
		"units":            {func(p *Proof, _ *ListFile) { p.Units++ }, "list hash"},
		"commitment":       {func(p *Proof, _ *ListFile) { p.Commitment = Commit(another) }, "list hash"},
		"beacon":           {func(p *Proof, _ *ListFile) { p.Beacon = "the moon" }, "list hash"},
		"entries":          {func(p *Proof, _ *ListFile) { p.Entries++ }, "list hash"},
		"root":             {func(p *Proof, _ *ListFile) { p.Root = other.Ticket }, "entry"},
		"list hash":        {func(p *Proof, _ *ListFile) { p.ListHash = other.Ticket }, "same draw"},
		"who":              {func(p *Proof, _ *ListFile) { p.Who = "Eve" }, "ticket"},
		"salt":             {func(p *Proof, _ *ListFile) { p.Salt = other.Salt }, "ticket"},
		"tier":             {func(p *Proof, _ *ListFile) { p.Tier++ }, "entry"},
		"ticket":           {func(p *Proof, _ *ListFile) { p.Ticket = other.Ticket }, "ticket"},
		"index":            {func(p *Proof, _ *ListFile) { p.Index++ }, "entry"},
		"path":             {func(p *Proof, _ *ListFile) { p.Path[1] = other.Ticket }, "entry"},
		"no path":          {func(p *Proof, _ *ListFile) { p.Path = nil }, "entry"},
		"seed":             {func(p *Proof, _ *ListFile) { p.Seed = another.Reveal() }, "seed"},
		"no seed":          {func(p *Proof, _ *ListFile) { p.Seed = "" }, "seed"},
		"beacon value":     {func(p *Proof, _ *ListFile) { p.BeaconValue = "rain" }, "score"},
		"no value":         {func(p *Proof, _ *ListFile) { p.BeaconValue = "" }, "beacon"},
		"score":            {func(p *Proof, _ *ListFile) { p.Score = other.Score }, "score"},
		"place":            {func(p *Proof, _ *ListFile) { p.Place = p.Place%9 + 1 }, "place"},
		"the list's seed":  {func(_ *Proof, l *ListFile) { l.Reveal.Seed = another.Reveal() }, "same seed"},
		"the list's value": {func(_ *Proof, l *ListFile) { l.Reveal.Beacon = "rain" }, "same seed"},
		"the list's root":  {func(_ *Proof, l *ListFile) { l.SaidRoot = other.Ticket }, "root"},
		"the list's count": {func(_ *Proof, l *ListFile) { l.Entries++ }, "entries"},
		"an entry": {func(_ *Proof, l *ListFile) {
			l.List, _ = ListOf(l.DrawTerms, append(l.Tickets[:3:3], Holder{Who: "Eve", Salt: own.Salt}.Ticket("spring")))
		}, "root"},
		"another list": {func(_ *Proof, l *ListFile) {
			l.Title = "Cups"
		}, "same draw"},
	} {
		p, l := own, published
		p.Path = slices.Clone(own.Path)
		c.change(&p, &l)
		if f, ok := verdictOf(p.Check(&l), c.want); !ok || f.Verdict != Wrong {
			t.Errorf("%s: %+v", name, p.Check(&l))
		}
	}
	p := own
	p.Title = "a\nb"
	if wrong := wrongs(p.Check(nil)); len(wrong) != 1 || !strings.Contains(wrong[0], "title") {
		t.Error(wrong)
	}
	p = own
	p.Place = 10
	if f, _ := verdictOf(p.Check(nil), "place"); f.Verdict != Wrong {
		t.Error("place 10 of 9 is not wrong")
	}
}

// TestEveryByteOfAProofCounts, when it is held against the list.
func TestEveryByteOfAProofCounts(t *testing.T) {
	seed, list, holders := crowd(t, &counted{}, 6, 2, "the sun", byThirds)
	d := draw(t, seed, list)
	published, _ := ReadList(list.Text(d.Reveal))
	own, _ := d.Prove(holders[2])
	text, same := own.Text(), 0
	for i := range text {
		for _, b := range []byte{text[i] ^ 1, text[i] ^ 0x20, '0', '9', 'f', ' ', '\n'} {
			p, err := ReadProof(text[:i] + string([]byte{b}) + text[i+1:])
			if err != nil {
				continue
			}
			if a, _ := json.Marshal(p); string(a) == strings.TrimSpace(compact(t, text)) {
				same++ // white space, or the letters of a name
				continue
			}
			if len(wrongs(p.Check(&published))) == 0 {
				t.Errorf("byte %d of the proof can be %q: …%s", i, b, text[max(0, i-20):i+1])
			}
		}
	}
	if same > len(text) {
		t.Errorf("%d changes change nothing", same)
	}
}

func compact(t *testing.T, text string) string {
	var p Proof
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(p)
	return string(a)
}

func TestReadProofRefuses(t *testing.T) {
	_, list, holders := crowd(t, &counted{}, 3, 2, "", alike)
	p, _ := Prove(list, holders[0])
	for name, text := range map[string]string{
		"nothing": "", "no JSON": "souk-draw/1", "two": p.Text() + p.Text(), "more": strings.Replace(p.Text(), "{", `{"winner": true,`, 1),
		"another format": strings.Replace(p.Text(), "draw/1", "draw/2", 1), "a broken number": strings.Replace(p.Text(), `"units": 2`, `"units": 2.5`, 1),
	} {
		if _, err := ReadProof(text); err == nil {
			t.Errorf("%s is read", name)
		}
	}
	if q, err := ReadProof("\ufeff" + p.Text()); err != nil || q.Ticket != p.Ticket {
		t.Errorf("%v", err)
	}
}

func TestCheckSeen(t *testing.T) {
	seed, list, _ := crowd(t, &counted{}, 3, 2, "", alike)
	a, b := Commit(seed), list.Hash()
	for _, c := range []struct {
		seen string
		want [2]Verdict
	}{
		{"", [2]Verdict{Unknown, Unknown}},
		{"The draw: " + a + ", closed: " + strings.ToUpper(b) + ".", [2]Verdict{Right, Right}},
		{a, [2]Verdict{Right, Wrong}},
		{b, [2]Verdict{Wrong, Right}},
		{seed.Reveal() + " " + seed.Reveal(), [2]Verdict{Wrong, Wrong}},
		{"nothing of hex", [2]Verdict{Unknown, Unknown}},
	} {
		found := CheckSeen(a, b, c.seen)
		if len(found) != 2 || found[0].Verdict != c.want[0] || found[1].Verdict != c.want[1] {
			t.Errorf("%q: %+v", c.seen, found)
		}
	}
}

func TestLuck(t *testing.T) {
	for _, c := range []struct {
		place, units int
		want         string
	}{{1, 1, "The one unit"}, {2, 2, "One of the 2"}, {3, 2, "the next"}, {7, 2, "4 others"}} {
		if got := luck(c.place, c.units); !strings.Contains(got, c.want) {
			t.Errorf("place %d of %d units: %s", c.place, c.units, got)
		}
	}
}
