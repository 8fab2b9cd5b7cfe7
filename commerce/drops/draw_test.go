package drops

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/soukchat/souk/commerce"
)

// counted is an IDSource that repeats.
type counted struct{ n int }

func (c *counted) ID() string    { return c.Token()[:10] }
func (c *counted) Token() string { c.n++; return hexSum(fmt.Append(nil, "token ", c.n))[:26] }

// crowd closes a draw of so many entrants; tier gives each theirs.
func crowd(t testing.TB, ids commerce.IDSource, n, units int, beacon string, tier func(int) int) (commerce.Secret, List, []Holder) {
	t.Helper()
	seed := NewSeed(ids)
	var holders []Holder
	var tickets []Ticket
	for i := range n {
		h := Holder{Who: fmt.Sprintf("Ånn %d, telegram %d", i, 1000+i), Salt: ids.Token(), Tier: tier(i)}
		holders, tickets = append(holders, h), append(tickets, h.Ticket("spring"))
	}
	list, err := ListOf(DrawTerms{Drop: "spring", Title: "Spring <clocks> & more", Units: units, Commitment: Commit(seed), Beacon: beacon}, tickets)
	if err != nil {
		t.Fatal(err)
	}
	return seed, list, holders
}

func alike(int) int      { return 0 }
func byThirds(i int) int { return i % 3 }
func beaconOf(b bool) string {
	if b {
		return "drand quicknet round 31337"
	}
	return ""
}
func saidBy(beacon string) string {
	if beacon == "" {
		return ""
	}
	return hexSum([]byte(beacon))
}

func draw(t testing.TB, seed commerce.Secret, list List, said ...string) Drawn {
	t.Helper()
	d, err := Draw(seed, list, append(said, saidBy(list.Beacon))[0])
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestSeed(t *testing.T) {
	seed := NewSeed(&counted{})
	one, other := NewSeed(commerce.RandomIDs{}), NewSeed(commerce.RandomIDs{})
	if seed != NewSeed(&counted{}) || seed == NewSeed(&counted{n: 1}) || one == other {
		t.Error("a seed is what its source says, and no other")
	}
	raw, err := hex.DecodeString(seed.Reveal())
	if sum := sha256.Sum256(raw); err != nil || len(raw) != 32 || Commit(seed) != hex.EncodeToString(sum[:]) {
		t.Errorf("%v, %d bytes, committed to by %s", err, len(raw), Commit(seed))
	}
	if Commit("no seed") != "" {
		t.Error("no seed is committed to")
	}
}

// TestTicketNamesNobody: two entrants have two tickets, and whoever has a name
// without the salt does not find its ticket.
func TestTicketNamesNobody(t *testing.T) {
	ann := Holder{Who: "Ann", Salt: strings.Repeat("a", 26), Tier: 1}
	bob, drop, salt := ann, ann, ann
	bob.Who = "Bob"
	salt.Salt = strings.Repeat("b", 26)
	for _, other := range []Ticket{bob.Ticket("spring"), salt.Ticket("spring"), drop.Ticket("summer")} {
		if other.ID == ann.Ticket("spring").ID {
			t.Error("two entries have one ticket")
		}
	}
}

func TestListOfRefuses(t *testing.T) {
	good := DrawTerms{Drop: "spring", Title: "Clocks", Units: 1, Commitment: Commit(NewSeed(&counted{}))}
	a := Holder{Who: "Ann", Salt: strings.Repeat("a", 26)}.Ticket("spring")
	with := func(f func(*DrawTerms)) DrawTerms { terms := good; f(&terms); return terms }
	for name, c := range map[string]struct {
		terms   DrawTerms
		tickets []Ticket
		want    string
	}{
		"twice":        {good, []Ticket{a, {ID: a.ID, Tier: 1}}, "twice"},
		"no ticket":    {good, []Ticket{{ID: "Ann"}}, "hex"},
		"large hex":    {good, []Ticket{{ID: strings.Repeat("A", 64)}}, "hex"},
		"tier below":   {good, []Ticket{{ID: a.ID, Tier: -1}}, "tier"},
		"tier above":   {good, []Ticket{{ID: a.ID, Tier: 100}}, "tier"},
		"no units":     {with(func(d *DrawTerms) { d.Units = 0 }), nil, "units"},
		"no title":     {with(func(d *DrawTerms) { d.Title = "" }), nil, "title"},
		"two lines":    {with(func(d *DrawTerms) { d.Title = "a\nunits: 9" }), nil, "title"},
		"space":        {with(func(d *DrawTerms) { d.Title = "a " }), nil, "title"},
		"broken UTF-8": {with(func(d *DrawTerms) { d.Title = "a\xff" }), nil, "title"},
		"no drop":      {with(func(d *DrawTerms) { d.Drop = "" }), nil, "drop"},
		"long":         {with(func(d *DrawTerms) { d.Drop = strings.Repeat("d", 201) }), nil, "drop"},
		"commitment":   {with(func(d *DrawTerms) { d.Commitment = "x" }), nil, "commitment"},
		"beacon none":  {with(func(d *DrawTerms) { d.Beacon = "none" }), nil, "beacon"},
		"beacon lines": {with(func(d *DrawTerms) { d.Beacon = "a\rb" }), nil, "beacon"},
	} {
		if _, err := ListOf(c.terms, c.tickets); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if l, err := ListOf(good, nil); err != nil || l.Root() != hexSum(nil) {
		t.Errorf("a list of nobody: %v, %s", err, l.Root())
	}
}

func TestDrawRefuses(t *testing.T) {
	seed, plain, _ := crowd(t, &counted{}, 5, 1, "", alike)
	seedB, beacon, _ := crowd(t, &counted{}, 5, 1, "the sun", alike)
	for name, c := range map[string]struct {
		seed   commerce.Secret
		list   List
		beacon string
	}{
		"another seed":          {NewSeed(&counted{n: 99}), plain, ""},
		"no seed":               {"", plain, ""},
		"the seed in capitals":  {commerce.Secret(strings.ToUpper(seed.Reveal())), plain, ""},
		"a beacon afterwards":   {seed, plain, "sunny"},
		"no beacon":             {seedB, beacon, ""},
		"a beacon of two lines": {seedB, beacon, "a\nb"},
	} {
		if _, err := Draw(c.seed, c.list, c.beacon); err == nil {
			t.Errorf("%s is drawn with", name)
		}
	}
}

// TestDrawIsOfTheList: however the tickets come in, list and order are the same;
// lower tiers come first; and everybody has a place.
func TestDrawIsOfTheList(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(r, "entries")
		seed, list, _ := crowd(t, &counted{n: rapid.IntRange(0, 1<<20).Draw(r, "source")}, n, 3, beaconOf(rapid.Bool().Draw(r, "beacon")), byThirds)
		mixed := rapid.Permutation(list.Tickets).Draw(r, "mixed")
		other, err := ListOf(list.DrawTerms, mixed)
		if err != nil {
			r.Fatal(err)
		}
		a, b := draw(t, seed, list), draw(t, seed, other)
		if list.Root() != other.Root() || list.Hash() != other.Hash() || !slices.Equal(a.Order, b.Order) || list.Text(a.Reveal) != other.Text(b.Reveal) {
			r.Error("the order in which tickets come in counts")
		}
		if !slices.IsSortedFunc(a.Order, func(x, y Ticket) int { return cmp.Compare(x.Tier, y.Tier) }) {
			r.Error("a higher tier stands before a lower one")
		}
		byID := slices.SortedFunc(slices.Values(a.Order), func(x, y Ticket) int { return cmp.Compare(x.ID, y.ID) })
		if !slices.Equal(byID, list.Tickets) {
			r.Error("not everybody has one place")
		}
	})
}

// TestOneEntryMoreChangesTheDraw: who adds one cannot know what it does to the
// others. The same is so for the beacon's value, the units and the title.
func TestOneEntryMoreChangesTheDraw(t *testing.T) {
	seed, list, _ := crowd(t, &counted{}, 30, 3, "the sun", alike)
	order := draw(t, seed, list).Order
	more, _ := ListOf(list.DrawTerms, list.Tickets[:29])
	units, title := list, list
	units.Units, title.Title = 4, "Clocks"
	other, _ := Draw(seed, list, "rain")
	for name, got := range map[string][]Ticket{"entry": draw(t, seed, more).Order, "units": draw(t, seed, units).Order,
		"title": draw(t, seed, title).Order, "beacon": other.Order} {
		if slices.Equal(got[:3], order[:3]) {
			t.Errorf("another %s, and the same win", name)
		}
	}
}

// TestTree holds the tree to RFC 6962 as it is written there, and every path to
// the root.
func TestTree(t *testing.T) {
	var mth func(d []Ticket) []byte
	mth = func(d []Ticket) []byte {
		var sum hash32
		switch n := len(d); n {
		case 0:
			sum = sha256.Sum256(nil)
		case 1:
			sum = sha256.Sum256([]byte("\x00" + d[0].ID + fmt.Sprintf(" %d", d[0].Tier)))
		default:
			k := 1
			for 2*k < n {
				k *= 2
			}
			sum = sha256.Sum256(slices.Concat([]byte{1}, mth(d[:k]), mth(d[k:])))
		}
		return sum[:]
	}
	for n := range 70 {
		_, list, _ := crowd(t, &counted{n: 1000 * n}, n, 1, "", byThirds)
		if list.Root() != hex.EncodeToString(mth(list.Tickets)) {
			t.Fatalf("the root of %d is another", n)
		}
		for i, ticket := range list.Tickets {
			path := list.path(i)
			if got := climb(ticket, i, n, path); got != list.Root() {
				t.Fatalf("%d of %d leads to %s", i, n, got)
			}
			for wrong, got := range map[string]string{
				"another index":  climb(ticket, (i+1)%n, n, path),
				"another tier":   climb(Ticket{ticket.ID, ticket.Tier + 1}, i, n, path),
				"below":          climb(ticket, -1, n, path),
				"beyond":         climb(ticket, n, n, path),
				"a longer path":  climb(ticket, i, n, append(slices.Clone(path), list.Root())),
				"a shorter path": climb(ticket, i, n, path[:max(0, len(path)-1)]),
			} {
				if got == list.Root() && n > 1 {
					t.Fatalf("%s: %d of %d leads to the root", wrong, i, n)
				}
			}
		}
	}
}

type hash32 = [32]byte

// TestDrawIsFair: over 2,000 draws of 20 entrants, everybody is at every place
// about as often. The chance of a sum above the limit is 1 in 10,000 for each
// place; the seeds are fixed, so it comes out the same each time.
func TestDrawIsFair(t *testing.T) {
	const draws, n, limit = 2000, 20, 51.1 // 19 degrees of freedom
	var places [n][n]float64               // place, entrant
	ids := &counted{}
	for range draws {
		seed, list, holders := crowd(t, ids, n, 3, "", alike)
		d := draw(t, seed, list)
		for i, h := range holders {
			places[d.place[h.Ticket("spring").ID]-1][i]++
		}
	}
	if worst := chiSquare(places); worst > limit {
		t.Errorf("a place goes to some more than to others: %.1f", worst)
	} else {
		t.Logf("the worst place has %.1f, below %.1f", worst, limit)
	}
	// The measure bites: who enters first is first a little more often.
	var bent [n][n]float64
	random := rand.New(rand.NewPCG(1, 2))
	for range draws {
		order := random.Perm(n)
		if random.IntN(10) == 0 {
			i := slices.Index(order, 0)
			order[0], order[i] = order[i], order[0]
		}
		for place, i := range order {
			bent[place][i]++
		}
	}
	if chiSquare(bent) < limit {
		t.Error("a bent draw passes for fair")
	}
}

func chiSquare[T [20][20]float64](places T) (worst float64) {
	for _, row := range places {
		sum, of := 0.0, 0.0
		for _, seen := range row {
			of += seen / 20
		}
		for _, seen := range row {
			sum += (seen - of) * (seen - of) / of
		}
		worst = max(worst, sum)
	}
	return worst
}

// TestListIsReadAsWritten, also as Windows has it.
func TestListIsReadAsWritten(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		seed, list, _ := crowd(t, &counted{}, rapid.IntRange(0, 12).Draw(r, "entries"), 3, beaconOf(rapid.Bool().Draw(r, "beacon")), byThirds)
		var told Reveal
		if rapid.Bool().Draw(r, "drawn") {
			told = draw(t, seed, list).Reveal
		}
		text := list.Text(told)
		if rapid.Bool().Draw(r, "windows") {
			text = "\ufeff" + strings.ReplaceAll(text, "\n", "\r\n")
		}
		read, err := ReadList(text)
		if err != nil || read.Hash() != list.Hash() || read.Reveal != told || read.SaidRoot != list.Root() || read.Entries != len(list.Tickets) {
			r.Errorf("%v: %+v", err, read)
		}
		found, order := read.Check()
		if wrong := wrongs(found); len(wrong) > 0 {
			r.Error(wrong)
		}
		if told.Seed != "" && !slices.Equal(order, draw(t, seed, list).Order) || told.Seed == "" && order != nil {
			r.Error("the order is another")
		}
	})
}

// TestEveryByteOfTheListCounts. Only a beacon's value has to be looked up: nothing
// here knows what the beacon said.
func TestEveryByteOfTheListCounts(t *testing.T) {
	seed, list, _ := crowd(t, &counted{}, 15, 2, "the sun", alike)
	d := draw(t, seed, list)
	text := list.Text(d.Reveal)
	value := strings.LastIndex(text, "beacon value: ") + len("beacon value: ")
	for i := range text {
		for _, b := range []byte{text[i] ^ 1, text[i] ^ 0x20, '0', '9', 'f', ' ', '\n'} {
			if b == text[i] {
				continue
			}
			read, err := ReadList(text[:i] + string([]byte{b}) + text[i+1:])
			if err != nil {
				continue
			}
			found, order := read.Check()
			found = append(found, CheckSeen(read.Commitment, read.Hash(), list.Commitment+" "+list.Hash())...)
			switch {
			case len(wrongs(found)) > 0:
			case i >= value && read.Reveal.Beacon != d.Reveal.Beacon && !slices.Equal(order, d.Order):
			case i == len(text)-1 && b == ' ': // the last line's end
			default:
				t.Errorf("byte %d of the list can be %q: …%s", i, b, text[max(0, i-20):i+1])
			}
		}
	}
}

func TestReadListRefuses(t *testing.T) {
	seed, list, _ := crowd(t, &counted{}, 3, 2, "the sun", byThirds)
	text := list.Text(draw(t, seed, list).Reveal)
	for name, broken := range map[string]string{
		"nothing": "", "another format": strings.Replace(text, "draw/1", "draw/2", 1), "a head without its end": text[:60],
		"no empty line": strings.Replace(text, "\n\n", "\n", 1), "a line swapped": strings.Replace(text, "drop: ", "title: ", 1),
		"a zero in front": strings.Replace(text, "units: 2", "units: 02", 1), "a sign": strings.Replace(text, "entries: 3", "entries: +3", 1),
		"no beacon's name": strings.Replace(text, "beacon: the sun", "beacon: ", 1), "more at the end": text + "seed: x\n",
		"a value alone": strings.Replace(text, "\nseed: "+seed.Reveal(), "", 1), "an entry twice": strings.Replace(text, list.Tickets[1].line(), list.Tickets[0].line(), 1),
		"out of order": strings.Replace(text, list.Tickets[0].line()+"\n", "", 1) + list.Tickets[0].line(),
	} {
		if _, err := ReadList(broken); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

func FuzzReadList(f *testing.F) {
	seed, list, _ := crowd(f, &counted{}, 3, 2, "the sun", byThirds)
	f.Add(list.Text(Reveal{}))
	f.Add(list.Text(draw(f, seed, list).Reveal))
	f.Fuzz(func(t *testing.T, text string) {
		read, err := ReadList(text)
		if err != nil {
			return
		}
		read.Check()
		if again, err := ReadList(read.Text(read.Reveal)); err != nil || again.Hash() != read.Hash() {
			t.Errorf("what was read cannot be read again: %v", err)
		}
	})
}

// example returns the list and the proof that docs/fair-draws.md shows.
func example(t *testing.T) (doc, list, proof string) {
	t.Helper()
	data, err := os.ReadFile("../../docs/fair-draws.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ = strings.Cut(string(data), "```text\n")
	_, proof, _ = strings.Cut(list, "```json\n")
	list, _, _ = strings.Cut(list, "```")
	proof, _, _ = strings.Cut(proof, "```")
	return string(data), list, proof
}

// TestDocExample holds the example of the document to the code.
func TestDocExample(t *testing.T) {
	doc, text, proof := example(t)
	list, err := ReadList(text)
	if err != nil {
		t.Fatal(err)
	}
	p, err := ReadProof(proof)
	if err != nil {
		t.Fatal(err)
	}
	if wrong := wrongs(p.Check(&list)); len(wrong) > 0 {
		t.Error(wrong)
	}
	var names []string
	for i, name := range []string{"Ann", "Ben", "Cleo", "Dörte", "Eve"} {
		h := Holder{Who: fmt.Sprintf("%s, telegram %d", name, 1001+i), Salt: strings.Repeat(string(rune('a'+i)), 26), Tier: 1}
		if name == "Cleo" {
			h.Tier = 0
		}
		if _, ok := list.find(h.Ticket("spring")); !ok {
			t.Errorf("%s is not in the list", name)
		}
		if name == "Dörte" {
			if mine, err := draw(t, commerce.Secret(list.Seed), list.List, list.Reveal.Beacon).Prove(h); err != nil || mine.Text() != proof {
				t.Errorf("%v: %s", err, mine.Text())
			}
		}
	}
	_, order := list.Check()
	for _, ticket := range order {
		names = append(names, "`"+ticket.ID[:8]+"`")
	}
	for _, said := range []string{strings.Join(names, ", "), list.Hash()} {
		if !strings.Contains(doc, said) {
			t.Errorf("the document does not say %s", said)
		}
	}
	if list.Text(list.Reveal) != text {
		t.Error("the list would be written otherwise")
	}
}

// TestDrawFromTheDocumentAlone is another program, written from the words of
// docs/fair-draws.md with nothing of this package: it finds the same order.
func TestDrawFromTheDocumentAlone(t *testing.T) {
	_, example, _ := example(t)
	seed, list, _ := crowd(t, &counted{}, 37, 5, "", byThirds)
	for _, text := range []string{example, list.Text(draw(t, seed, list, "").Reveal)} {
		sha := func(b string) string { h := sha256.Sum256([]byte(b)); return string(h[:]) }
		keyed := func(key, b string) string {
			m := hmac.New(sha256.New, []byte(key))
			m.Write([]byte(b))
			return string(m.Sum(nil))
		}
		parts := strings.Split(text, "\n\n") // head, entries, what was told
		entries := strings.Split(parts[1], "\n")
		told := strings.Split(strings.TrimSpace(parts[2]), "\n")
		bytes, _ := hex.DecodeString(strings.TrimPrefix(told[0], "seed: "))
		beacon := "none"
		if len(told) > 1 {
			beacon = strings.TrimPrefix(told[1], "beacon value: ")
		}
		row := []string{}
		for _, e := range entries {
			row = append(row, sha("\x00"+e))
		}
		for len(row) > 1 {
			up := []string{}
			for ; len(row) > 1; row = row[2:] {
				up = append(up, sha("\x01"+row[0]+row[1]))
			}
			row = append(up, row...)
		}
		if head := parts[0] + "\n"; !strings.Contains(head, fmt.Sprintf("\ncommitment: %x\n", sha(string(bytes)))) || !strings.HasSuffix(head, fmt.Sprintf("\nroot: %x\n", row[0])) {
			t.Fatalf("commitment or root are others: %x", row[0])
		}
		key := keyed(string(bytes), fmt.Sprintf("souk-draw/1 key\nlist: %x\nbeacon: %s\n", sha(parts[0]+"\n"), beacon))
		slices.SortFunc(entries, func(a, b string) int {
			var tierA, tierB int
			fmt.Sscan(a[65:], &tierA)
			fmt.Sscan(b[65:], &tierB)
			return cmp.Or(cmp.Compare(tierA, tierB), cmp.Compare(keyed(key, a), keyed(key, b)), cmp.Compare(a, b))
		})
		read, err := ReadList(text)
		if err != nil {
			t.Fatal(err)
		}
		_, order := read.Check()
		for i, ticket := range order {
			if ticket.line() != entries[i] {
				t.Fatalf("place %d is another's", i+1)
			}
		}
	}
}
