package drops

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/soukchat/souk/commerce"
)

// Proof is what one entrant has in hand: that they are in, under their own name,
// and after the draw at which place. It is for nobody but them.
type Proof struct {
	Format     string `json:"format"`
	Drop       string `json:"drop"`
	Title      string `json:"title"`
	Units      int    `json:"units"`
	Commitment string `json:"commitment"`
	Beacon     string `json:"beacon,omitempty"` // its name
	Entries    int    `json:"entries"`
	Root       string `json:"root"`
	ListHash   string `json:"list_hash"`

	Who    string   `json:"who"`
	Salt   string   `json:"salt"`
	Tier   int      `json:"tier"`
	Ticket string   `json:"ticket"`
	Index  int      `json:"index"` // in the list, from 0
	Path   []string `json:"path"`

	Seed        string `json:"seed,omitempty"` // these four from the draw on
	BeaconValue string `json:"beacon_value,omitempty"`
	Score       string `json:"score,omitempty"`
	Place       int    `json:"place,omitempty"` // in the order, from 1
}

// ErrNotEntered says that a list has no ticket of this holder.
var ErrNotEntered = errors.New("the ticket is not in the list")

// Prove makes the proof of an entry in a list that is closed and not drawn yet.
func Prove(list List, h Holder) (Proof, error) {
	if err := h.check(); err != nil {
		return Proof{}, err
	}
	ticket := h.Ticket(list.Drop)
	index, ok := list.find(ticket)
	if !ok {
		return Proof{}, ErrNotEntered
	}
	return Proof{Format: DrawFormat, Drop: list.Drop, Title: list.Title, Units: list.Units, Commitment: list.Commitment, Beacon: list.Beacon,
		Entries: len(list.Tickets), Root: list.Root(), ListHash: list.Hash(),
		Who: h.Who, Salt: h.Salt, Tier: h.Tier, Ticket: ticket.ID, Index: index, Path: list.path(index)}, nil
}

// Prove makes the proof of an entry with its place.
func (d Drawn) Prove(h Holder) (Proof, error) {
	p, err := Prove(d.List, h)
	if err != nil {
		return Proof{}, err
	}
	p.Seed, p.BeaconValue, p.Place = d.Reveal.Seed, d.Reveal.Beacon, d.place[p.Ticket]
	p.Score = p.score(d.Reveal)
	return p, nil
}

// Text returns the proof as the file that the entrant gets.
func (p Proof) Text() string {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	_ = out.Encode(p) // strings and numbers
	return b.String()
}

// ReadProof reads the file of a proof.
func ReadProof(text string) (p Proof, err error) {
	in := json.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	in.DisallowUnknownFields()
	if err := in.Decode(&p); err != nil {
		return Proof{}, fmt.Errorf("the proof cannot be read: %w", err)
	}
	if _, err := in.Token(); err != io.EOF {
		return Proof{}, errors.New("the proof cannot be read: something stands behind it")
	}
	if p.Format != DrawFormat {
		return Proof{}, fmt.Errorf("this is no proof of %s", DrawFormat)
	}
	return p, nil
}

func (p Proof) terms() DrawTerms {
	return DrawTerms{Drop: p.Drop, Title: p.Title, Units: p.Units, Commitment: p.Commitment, Beacon: p.Beacon}
}

func (p Proof) holder() Holder { return Holder{Who: p.Who, Salt: p.Salt, Tier: p.Tier} }
func (p Proof) reveal() Reveal { return Reveal{Seed: p.Seed, Beacon: p.BeaconValue} }

func (p Proof) score(r Reveal) string {
	return hex.EncodeToString(hmacOf(drawKey(r, p.ListHash), Ticket{p.Ticket, p.Tier}.line()))
}

// Verdict is how a check went.
type Verdict int

// The verdicts. Unknown is what cannot be known from what is at hand.
const (
	Wrong Verdict = iota
	Right
	Unknown
)

// Finding is one check and how it went, in words for people.
type Finding struct {
	What    string
	Verdict Verdict
	Text    string
}

type findings []Finding

func (f *findings) is(what string, right bool, yes, no string) bool {
	if right {
		*f = append(*f, Finding{what, Right, yes})
	} else {
		*f = append(*f, Finding{what, Wrong, no})
	}
	return right
}

func (f *findings) open(what, text string) { *f = append(*f, Finding{what, Unknown, text}) }

// Check checks all that a proof can show, alone or with the published list.
func (p Proof) Check(list *ListFile) []Finding {
	var f findings
	if err := cmp.Or(p.terms().check(), p.holder().check()); err != nil {
		f.is("proof", false, "", "it is not well formed: "+err.Error())
		return f
	}
	f.is("list hash", hexSum([]byte(listHead(p.terms(), p.Entries, p.Root))) == p.ListHash,
		"drop, units, seed commitment, beacon and entries are those the list was closed with",
		"drop, title, units, commitment, beacon, entries or root are not those that have this list hash: one of them was changed")
	ticket := p.holder().Ticket(p.Drop)
	f.is("ticket", ticket.ID == p.Ticket,
		"the ticket "+brief(p.Ticket)+" was made for: "+p.Who,
		"the ticket was not made for "+p.Who+" with this salt in this drop: it may be somebody else's")
	inside := f.is("entry", climb(Ticket{p.Ticket, p.Tier}, p.Index, p.Entries, p.Path) == p.Root && p.Root != "",
		fmt.Sprintf("the ticket is one of the %d in the list, in tier %d", p.Entries, p.Tier),
		"the ticket with this tier does not lead to the list's root: it is not in the list")
	r := p.reveal()
	drawn := p.checkReveal(&f)
	if list == nil {
		if drawn {
			f.is("place", p.Place > 0 && p.Place <= p.Entries, "", fmt.Sprintf("there is no place %d among %d entries", p.Place, p.Entries))
			if last := &f[len(f)-1]; last.Verdict == Right {
				last.Verdict, last.Text = Unknown, fmt.Sprintf("%d of %d is what you were told: give the published list too to check it", p.Place, p.Entries)
			}
		}
		return f
	}
	f = append(f, list.checkHead()...)
	same := f.is("same draw", list.Hash() == p.ListHash, "the published list is the one this proof belongs to",
		"the published list has another hash than this proof: they belong to different draws, or one was changed")
	if list.Reveal != (Reveal{}) && p.Seed == "" {
		f.open("draw", "the list was drawn and the proof is from before: ask the shop for your new proof to see your place")
	} else if list.Reveal != (Reveal{}) && p.Seed != "" {
		same = f.is("same seed", list.Reveal == r, "proof and list tell the same seed and beacon value",
			"proof and list tell different seeds or beacon values") && same
	}
	if drawn && same && inside {
		p.checkPlace(&f, list.List)
	}
	return f
}

// checkReveal checks what was told after the close, and reports whether the draw
// can be followed.
func (p Proof) checkReveal(f *findings) bool {
	r := p.reveal()
	if r == (Reveal{}) && p.Score == "" && p.Place == 0 {
		f.open("draw", "not drawn yet: the seed has not been told. Until then a proof shows only that you are in")
		return false
	}
	if !checkReveal(f, p.terms(), r) {
		return false
	}
	return f.is("score", p.score(r) == p.Score, "your score follows from seed, list and ticket",
		"the score is not the one that seed, list and ticket give")
}

func checkReveal(f *findings, t DrawTerms, r Reveal) bool {
	if unhex(r.Seed) == nil || Commit(commerce.Secret(r.Seed)) != t.Commitment {
		return f.is("seed", false, "", "the seed is not the one that was committed to before the window closed")
	}
	f.is("seed", true, "it is the one that was committed to before the window closed", "")
	if err := r.check(t); err != nil {
		return f.is("beacon", false, "", err.Error())
	}
	if t.Beacon == "" {
		f.open("beacon", "none was named: that the shop did not try out entries of its own before the close is not proven")
	} else {
		f.open("beacon", fmt.Sprintf("look up %q yourself: it must say %s", t.Beacon, r.Beacon))
	}
	return true
}

func (p Proof) checkPlace(f *findings, list List) {
	place := 0
	for i, t := range orderOf(list.Tickets, drawKey(p.reveal(), p.ListHash)) {
		if t.ID == p.Ticket {
			place = i + 1
		}
	}
	f.is("place", place == p.Place, fmt.Sprintf("%d of %d. %s", place, p.Entries, luck(place, p.Units)),
		fmt.Sprintf("it is %d of %d and not %d, as you were told", place, p.Entries, p.Place))
}

func luck(place, units int) string {
	switch {
	case place <= units && units == 1:
		return "The one unit is yours"
	case place <= units:
		return fmt.Sprintf("One of the %d units is yours", units)
	case place == units+1:
		return "Yours is the next if a unit comes back"
	}
	return fmt.Sprintf("Before you, %d others are asked if a unit comes back", place-units-1)
}

// Check checks a published list alone: its head, its seed, and with them the
// order, which the second result is, nil where there is none yet.
func (l ListFile) Check() ([]Finding, []Ticket) {
	f := findings(l.checkHead())
	if l.Reveal == (Reveal{}) {
		f.open("draw", "not drawn yet: the seed has not been told")
		return f, nil
	}
	if !checkReveal(&f, l.DrawTerms, l.Reveal) {
		return f, nil
	}
	return f, orderOf(l.Tickets, drawKey(l.Reveal, l.Hash()))
}

// checkHead holds the head of a list to its lines.
func (l ListFile) checkHead() []Finding {
	var f findings
	f.is("entries", l.Entries == len(l.Tickets), fmt.Sprintf("the list has the %d entries it says", l.Entries),
		fmt.Sprintf("the list has %d entries where it says %d", len(l.Tickets), l.Entries))
	f.is("root", l.SaidRoot == l.Root(), "the entries lead to the root in the list's head",
		"the entries do not lead to the root in the list's head: an entry was added, removed or changed")
	tiers := map[int]int{}
	for _, t := range l.Tickets {
		tiers[t.Tier]++
	}
	if len(tiers) > 1 {
		first := slices.Min(slices.Collect(maps.Keys(tiers)))
		f.open("first", fmt.Sprintf("%d of the %d entries are drawn before the others, in tier %d: the group must have read the same number at the close", tiers[first], len(l.Tickets), first))
	}
	return f
}

var hexDigits = regexp.MustCompile(`(?i)\b[0-9a-f]{64}\b`)

// CheckSeen compares a draw with what the group was shown: any text with the
// commitment and the list's hash in it. Without it a shop could show each entrant
// a draw of their own.
func CheckSeen(commitment, listHash, seen string) []Finding {
	var f findings
	shown := map[string]bool{}
	for _, s := range hexDigits.FindAllString(seen, -1) {
		shown[strings.ToLower(s)] = true
	}
	for _, c := range []struct{ what, value, when string }{
		{"commitment", commitment, "before the window closed"}, {"list hash", listHash, "at the close"},
	} {
		if len(shown) == 0 {
			f.open("in the group", fmt.Sprintf("%s, it must have shown the %s %s", c.when, c.what, c.value))
		} else {
			f.is("in the group", shown[c.value], "the "+c.what+" is the one shown there",
				fmt.Sprintf("the %s %s is not among what was shown there", c.what, c.value))
		}
	}
	return f
}
