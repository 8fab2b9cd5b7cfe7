package fulfilment

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Units are units of an order's lines that somebody chooses, by position. As a
// word of an action they are written 0n1x2n3: one of the first line, three of
// the third.
type Units map[int64]int64

// ReadUnits reads such a word; what it does not understand it leaves out.
func ReadUnits(word string) Units {
	u := Units{}
	for _, one := range strings.Split(word, "x") {
		at, n, ok := strings.Cut(one, "n")
		position, err := strconv.ParseInt(at, 10, 32)
		quantity, err2 := strconv.ParseInt(n, 10, 32)
		if ok && err == nil && err2 == nil && quantity > 0 && position >= 0 {
			u[position] = quantity
		}
	}
	return u
}

// String writes the word, "none" for no units.
func (u Units) String() string {
	words := []string{}
	for _, it := range u.Items() {
		words = append(words, strconv.FormatInt(it.Position, 10)+"n"+strconv.FormatInt(it.Quantity, 10))
	}
	return cmp.Or(strings.Join(words, "x"), "none")
}

// Items lists them by position.
func (u Units) Items() (list []Item) {
	for _, position := range slices.Sorted(maps.Keys(u)) {
		list = append(list, Item{Position: position, Quantity: u[position]})
	}
	return list
}

// More is what is chosen after a tap on a line: one more of it, or none again
// after the last.
func (u Units) More(position, most int64) Units {
	next := maps.Clone(u)
	if next[position]++; next[position] > most {
		delete(next, position)
	}
	return next
}
