package drops

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/soukchat/souk/commerce"
)

// This file is the draw of a drop, which anybody can check: docs/fair-draws.md.
// It is pure functions: who is in, and in which order they get the units.
// docs/fair-draws.md is its method, from which other programs are written; nothing
// here may change without a new DrawFormat.

// DrawFormat names the method and its two files.
const DrawFormat = "souk-draw/1"

// Bounds of a draw, so that a file of others cannot ask for the impossible.
const (
	maxTier    = 99
	maxEntries = 10_000_000
	maxLine    = 200 // bytes of a name
)

// DrawTerms are what is known of a draw before anybody enters. The group sees them
// with the announcement.
type DrawTerms struct {
	Drop       string // its id
	Title      string
	Units      int    // how many are drawn for
	Commitment string // what Commit made of the seed
	Beacon     string // the public random value that is mixed in, by its name; "" where there is none
}

// Ticket is an entry as the world sees it.
type Ticket struct {
	ID   string // the pseudonym: 64 hex digits that name nobody
	Tier int    // those of a lower tier come first, as those who lost before
}

func (t Ticket) line() string { return t.ID + " " + strconv.Itoa(t.Tier) }

// Holder is an entry as its entrant knows it. Once the shop has forgotten Who and
// Salt, nothing leads from the ticket to the person any more; the ticket stays.
type Holder struct {
	Who  string // what the entrant knows themself by, as "Ann, telegram 1001"
	Salt string // 128 random bits or more, as an IDSource's Token
	Tier int
}

// Ticket returns the holder's ticket in the draw of a drop. It is shown to the
// entrant when they enter, so that it cannot become another later.
func (h Holder) Ticket(drop string) Ticket {
	return Ticket{ID: hexSum([]byte(DrawFormat + " ticket\ndrop: " + drop + "\nwho: " + h.Who + "\nsalt: " + h.Salt + "\n")), Tier: h.Tier}
}

func (h Holder) check() error {
	if err := oneLine("who", h.Who); err != nil {
		return err
	}
	if err := oneLine("salt", h.Salt); err != nil {
		return err
	}
	if len(h.Salt) < 20 {
		return errors.New("the salt is too short to hide a name")
	}
	return nil
}

// NewSeed makes the seed of a draw: 32 random bytes in hex.
func NewSeed(ids commerce.IDSource) commerce.Secret {
	return commerce.Secret(hexSum([]byte(ids.Token() + ids.Token())))
}

// Commit returns what is published of a seed before the window closes: its
// sha256 in hex. It is "" where the seed is none.
func Commit(seed commerce.Secret) string {
	raw := unhex(seed.Reveal())
	if raw == nil {
		return ""
	}
	return hexSum(raw)
}

// List is who is in, as it is published at the close. ListOf makes one.
type List struct {
	DrawTerms
	Tickets []Ticket     // by their IDs
	tree    [][]treeHash // the leaves' hashes first, the root alone last
}

type treeHash = [sha256.Size]byte

// ListOf closes a draw: the tickets, in any order, under its terms.
func ListOf(terms DrawTerms, tickets []Ticket) (List, error) {
	if err := terms.check(); err != nil {
		return List{}, err
	}
	l := List{DrawTerms: terms, Tickets: slices.Clone(tickets)}
	slices.SortFunc(l.Tickets, func(a, b Ticket) int { return cmp.Compare(a.ID, b.ID) })
	if len(tickets) > maxEntries {
		return List{}, fmt.Errorf("%d entries are more than %d", len(tickets), maxEntries)
	}
	for i, t := range l.Tickets {
		if unhex(t.ID) == nil {
			return List{}, fmt.Errorf("the ticket %q is not 64 hex digits in small letters", t.ID)
		}
		if t.Tier < 0 || t.Tier > maxTier {
			return List{}, fmt.Errorf("the ticket %s has the tier %d where 0 to %d are", brief(t.ID), t.Tier, maxTier)
		}
		if i > 0 && t.ID == l.Tickets[i-1].ID {
			return List{}, fmt.Errorf("the ticket %s is there twice", brief(t.ID))
		}
	}
	l.tree = treeOf(l.Tickets)
	return l, nil
}

func (t DrawTerms) check() error {
	if err := oneLine("drop", t.Drop); err != nil {
		return err
	}
	if err := oneLine("title", t.Title); err != nil {
		return err
	}
	if t.Units < 1 || t.Units > maxEntries {
		return fmt.Errorf("units: %d is not 1 to %d", t.Units, maxEntries)
	}
	if unhex(t.Commitment) == nil {
		return errors.New("the commitment is not 64 hex digits in small letters")
	}
	if t.Beacon == "" {
		return nil
	}
	if t.Beacon == "none" {
		return errors.New("a beacon cannot be called none")
	}
	return oneLine("beacon", t.Beacon)
}

// Root returns the root of the tree over the tickets, in hex.
func (l List) Root() string {
	if len(l.Tickets) == 0 {
		return hexSum(nil)
	}
	root := l.tree[len(l.tree)-1][0]
	return hex.EncodeToString(root[:])
}

// Hash returns what the group sees at the close: one value for the terms, the
// number of entries and every entry.
func (l List) Hash() string { return hexSum([]byte(listHead(l.DrawTerms, len(l.Tickets), l.Root()))) }

// listHead is the head of a published list. Its sha256 is the list's hash.
func listHead(t DrawTerms, entries int, root string) string {
	return fmt.Sprintf("%s\ndrop: %s\ntitle: %s\nunits: %d\ncommitment: %s\nbeacon: %s\nentries: %d\nroot: %s\n",
		DrawFormat, t.Drop, t.Title, t.Units, t.Commitment, cmp.Or(t.Beacon, "none"), entries, root)
}

// Reveal is what is told after the close. The zero Reveal is a draw that has
// not been made yet.
type Reveal struct {
	Seed   string // hex
	Beacon string // what the beacon of the terms said; "" where they name none
}

// Drawn is a draw that has been made.
type Drawn struct {
	List
	Reveal
	Order []Ticket // the first Units of them are the winners, a re-draw takes the next
	place map[string]int
}

// Draw makes the draw. It refuses a seed that is not the one committed to, and a
// beacon's value where the terms name no beacon, or none where they do: nobody
// chooses afterwards what counts.
func Draw(seed commerce.Secret, list List, beacon string) (Drawn, error) {
	reveal := Reveal{Seed: seed.Reveal(), Beacon: beacon}
	if err := reveal.check(list.DrawTerms); err != nil {
		return Drawn{}, err
	}
	d := Drawn{List: list, Reveal: reveal, Order: orderOf(list.Tickets, drawKey(reveal, list.Hash())), place: map[string]int{}}
	for i, t := range d.Order {
		d.place[t.ID] = i + 1
	}
	return d, nil
}

func (r Reveal) check(t DrawTerms) error {
	switch {
	case unhex(r.Seed) == nil:
		return errors.New("the seed is not 64 hex digits in small letters")
	case Commit(commerce.Secret(r.Seed)) != t.Commitment:
		return errors.New("the seed is not the one that was committed to")
	case t.Beacon == "" && r.Beacon != "":
		return errors.New("there is a beacon's value, and the terms name no beacon")
	case t.Beacon != "" && r.Beacon == "":
		return fmt.Errorf("the value of the beacon is missing: %s", t.Beacon)
	case t.Beacon != "":
		return oneLine("beacon value", r.Beacon)
	}
	return nil
}

// drawKey is the key of all scores. The list's hash is in it, so that one entry
// more changes everybody's place.
func drawKey(r Reveal, listHash string) []byte {
	return hmacOf(unhex(r.Seed), DrawFormat+" key\nlist: "+listHash+"\nbeacon: "+cmp.Or(r.Beacon, "none")+"\n")
}

// orderOf sorts by tier, then score; equal scores never were.
func orderOf(tickets []Ticket, key []byte) []Ticket {
	type scored struct {
		Ticket
		score []byte
	}
	list := make([]scored, len(tickets))
	for i, t := range tickets {
		list[i] = scored{t, hmacOf(key, t.line())}
	}
	slices.SortFunc(list, func(a, b scored) int {
		return cmp.Or(cmp.Compare(a.Tier, b.Tier), bytes.Compare(a.score, b.score), cmp.Compare(a.ID, b.ID))
	})
	order := make([]Ticket, len(list))
	for i, s := range list {
		order[i] = s.Ticket
	}
	return order
}

// find returns where a ticket stands in the list.
func (l List) find(t Ticket) (int, bool) {
	i, ok := slices.BinarySearchFunc(l.Tickets, t.ID, func(a Ticket, id string) int { return cmp.Compare(a.ID, id) })
	return i, ok && l.Tickets[i] == t
}

// Text returns the list as the file that is published, at the close with the
// zero Reveal and after the draw with what was told.
func (l List) Text(r Reveal) string {
	var b strings.Builder
	b.WriteString(listHead(l.DrawTerms, len(l.Tickets), l.Root()) + "\n")
	for _, t := range l.Tickets {
		b.WriteString(t.line() + "\n")
	}
	if r.Seed != "" {
		b.WriteString("\nseed: " + r.Seed + "\n")
	}
	if r.Beacon != "" {
		b.WriteString("beacon value: " + r.Beacon + "\n")
	}
	return b.String()
}

// The tree is that of RFC 6962: 0x00 before a leaf, 0x01 before two nodes. A last
// node without a neighbour moves up as it is.
func treeOf(tickets []Ticket) [][]treeHash {
	row := make([]treeHash, len(tickets))
	for i, t := range tickets {
		row[i] = leafHash(t)
	}
	tree := [][]treeHash{row}
	for len(row) > 1 {
		var up []treeHash
		for pair := range slices.Chunk(row, 2) {
			if len(pair) == 1 {
				up = append(up, pair[0])
			} else {
				up = append(up, nodeHash(pair[0], pair[1]))
			}
		}
		tree, row = append(tree, up), up
	}
	return tree
}

func leafHash(t Ticket) treeHash { return sha256.Sum256([]byte("\x00" + t.line())) }

func nodeHash(left, right treeHash) treeHash {
	return sha256.Sum256(slices.Concat([]byte{1}, left[:], right[:]))
}

// path returns the neighbours from a leaf up to the root, in hex.
func (l List) path(index int) []string {
	path := []string{}
	for _, row := range l.tree {
		if beside := index ^ 1; beside < len(row) {
			path = append(path, hex.EncodeToString(row[beside][:]))
		}
		index /= 2
	}
	return path
}

// climb returns the root that a path leads to from the leaf of an index among so
// many, or "" where the path is none.
func climb(t Ticket, index, entries int, path []string) string {
	if index < 0 || index >= entries {
		return ""
	}
	at := leafHash(t)
	for last := entries - 1; last > 0; index, last = index/2, last/2 {
		if index == last && index%2 == 0 {
			continue // no neighbour
		}
		if len(path) == 0 || unhex(path[0]) == nil {
			return ""
		}
		beside := treeHash(unhex(path[0]))
		path = path[1:]
		if index%2 == 1 {
			at = nodeHash(beside, at)
		} else {
			at = nodeHash(at, beside)
		}
	}
	if len(path) > 0 {
		return ""
	}
	return hex.EncodeToString(at[:])
}

// ListFile is a list's file as it was read: what it says of itself may be wrong.
type ListFile struct {
	List
	Reveal
	Entries  int    // as it says
	SaidRoot string // the root, as it says
}

// ReadList reads the file of a list. Lines may end as Windows ends them.
func ReadList(text string) (ListFile, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	lines := strings.Split(strings.TrimRight(strings.ReplaceAll(text, "\r\n", "\n"), "\n"), "\n")
	if lines[0] != DrawFormat {
		return ListFile{}, fmt.Errorf("this is no list of %s", DrawFormat)
	}
	var p ListFile
	head := map[string]string{}
	names := []string{"drop", "title", "units", "commitment", "beacon", "entries", "root"}
	for i, name := range names {
		if i+1 >= len(lines) {
			return ListFile{}, fmt.Errorf("the list ends before its line %q", name)
		}
		value, ok := strings.CutPrefix(lines[i+1], name+": ")
		if !ok {
			return ListFile{}, fmt.Errorf("line %d of the list is not %q", i+2, name)
		}
		head[name] = value
	}
	terms := DrawTerms{Drop: head["drop"], Title: head["title"], Commitment: head["commitment"], Beacon: head["beacon"]}
	if terms.Beacon == "none" {
		terms.Beacon = ""
	} else if terms.Beacon == "" {
		return ListFile{}, errors.New("the list's beacon has no name")
	}
	var err error
	if terms.Units, err = readCount(head["units"]); err != nil {
		return ListFile{}, fmt.Errorf("units: %w", err)
	}
	if p.Entries, err = readCount(head["entries"]); err != nil {
		return ListFile{}, fmt.Errorf("entries: %w", err)
	}
	p.SaidRoot = head["root"]
	rest := lines[1+len(names):]
	if len(rest) > 0 && rest[0] != "" {
		return ListFile{}, errors.New("after the list's head an empty line must stand")
	}
	var tickets []Ticket
	for i := 1; i < len(rest); i++ {
		if rest[i] == "" {
			p.Reveal, err = readReveal(rest[i+1:])
			if err != nil {
				return ListFile{}, err
			}
			break
		}
		id, tier, _ := strings.Cut(rest[i], " ")
		n, err := readCount(tier)
		if err != nil {
			return ListFile{}, fmt.Errorf("line %d of the list is no entry: %w", i+len(names)+2, err)
		}
		if len(tickets) > 0 && tickets[len(tickets)-1].ID >= id {
			return ListFile{}, fmt.Errorf("line %d of the list is not in order, or is there twice", i+len(names)+2)
		}
		tickets = append(tickets, Ticket{ID: id, Tier: n})
	}
	p.List, err = ListOf(terms, tickets)
	return p, err
}

func readReveal(lines []string) (r Reveal, err error) {
	told := map[string]string{}
	for _, line := range lines {
		name, value, ok := strings.Cut(line, ": ")
		if _, twice := told[name]; !ok || twice || name != "seed" && name != "beacon value" || value == "" {
			return r, fmt.Errorf("the list ends with %q, which is neither seed nor beacon value", line)
		}
		told[name] = value
	}
	if told["seed"] == "" && len(told) > 0 {
		return r, errors.New("the list has a beacon's value and no seed")
	}
	return Reveal{Seed: told["seed"], Beacon: told["beacon value"]}, nil
}

// readCount reads a whole number as it is written: no sign, no zero in front.
func readCount(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > maxEntries || strconv.Itoa(n) != s {
		return 0, fmt.Errorf("%q is no number of 0 to %d", s, maxEntries)
	}
	return n, nil
}

// oneLine keeps a text within its line, so that no text can pass for two.
func oneLine(name, s string) error {
	switch {
	case s == "":
		return fmt.Errorf("%s: it is empty", name)
	case len(s) > maxLine:
		return fmt.Errorf("%s: it is longer than %d bytes", name, maxLine)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || strings.TrimSpace(s) != s:
		return fmt.Errorf("%s: %q is not one clean line", name, s)
	}
	return nil
}

func hexSum(b []byte) string { sum := sha256.Sum256(b); return hex.EncodeToString(sum[:]) }

func hmacOf(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

// unhex returns the 32 bytes of 64 hex digits in small letters, else nil.
func unhex(s string) []byte {
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != sha256.Size || strings.ToLower(s) != s {
		return nil
	}
	return raw
}

func brief(id string) string { return id[:min(8, len(id))] + "…" }
