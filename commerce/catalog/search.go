package catalog

// Search, the rules:
//   - A word of the query matches a word of a product where it is the same,
//     its beginning, a part of it (three letters on: "jacke" finds
//     "regenjacke"), or a typing error away: one from four letters on, two
//     from eight. A word's plural ending may be missing ("kleider", "kleid").
//   - The title weighs more than category, tags, vendor, options and SKU,
//     which weigh more than the text.
//   - Only products that match the most words of the query are shown.

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

const (
	weightTitle = 60
	weightFacts = 24
	weightBody  = 6
)

// Quality of a match in tenths of the weight.
const (
	matchSame   = 10
	matchPrefix = 8
	matchEnding = 7
	matchOne    = 6 // one typing error
	matchInside = 5
	matchTwo    = 3 // two typing errors
)

const maxQueryWords = 8

type index struct {
	products []*Product
	titles   []string // folded, for the bonus of a whole title
	terms    []term   // sorted by word
}

// term is a word and the products that hold it.
type term struct {
	word     string
	runes    []rune
	letters  uint64 // which letters it has, to sort out quickly what cannot be near
	postings []posting
}

type posting struct {
	product int32
	weight  int32
}

func newIndex(products []*Product) *index {
	x := &index{products: products, titles: make([]string, len(products))}
	held := map[string][]posting{}
	add := func(i int, text string, weight int32) {
		for _, w := range words(text) {
			list := held[w]
			if n := len(list); n > 0 && list[n-1].product == int32(i) {
				list[n-1].weight = max(list[n-1].weight, weight)
				continue
			}
			held[w] = append(list, posting{int32(i), weight})
		}
	}
	for i, p := range products {
		x.titles[i] = strings.Join(words(p.Title), " ")
		add(i, p.Title, weightTitle)
		for _, text := range append([]string{p.Category, p.Vendor}, p.Tags...) {
			add(i, text, weightFacts)
		}
		for _, v := range p.Variants {
			add(i, v.SKU, weightFacts)
			for _, value := range v.Values {
				add(i, value, weightFacts)
			}
		}
		add(i, p.Body, weightBody)
	}
	x.terms = make([]term, 0, len(held))
	for w, list := range held {
		runes := []rune(w)
		x.terms = append(x.terms, term{word: w, runes: runes, letters: letters(runes), postings: list})
	}
	slices.SortFunc(x.terms, func(a, b term) int { return strings.Compare(a.word, b.word) })
	return x
}

func letters(runes []rune) (set uint64) {
	for _, r := range runes {
		set |= 1 << (uint(r) % 64)
	}
	return set
}

func (x *index) search(query string, limit int, wanted func(*Product) bool) []*Product {
	asked := slices.DeleteFunc(words(query), func(w string) bool { return fillers[w] })
	if len(asked) == 0 {
		asked = words(query)
	}
	slices.Sort(asked)
	asked = slices.Compact(asked)
	asked = asked[:min(len(asked), maxQueryWords)]
	if len(asked) == 0 || limit <= 0 {
		return nil
	}
	type hit struct{ words, score, last, best int32 }
	hits := make(map[int32]hit)
	for n, w := range asked {
		x.match(w, func(t *term, quality int32) {
			for _, p := range t.postings {
				h := hits[p.product]
				score := p.weight * quality
				switch {
				case h.last != int32(n)+1:
					h.words, h.last, h.best = h.words+1, int32(n)+1, score
					h.score += score
				case score > h.best:
					h.score, h.best = h.score+score-h.best, score
				}
				hits[p.product] = h
			}
		})
	}
	type found struct {
		product int32
		score   int32
	}
	var most int32
	for i, h := range hits {
		if h.words > most && wanted(x.products[i]) {
			most = h.words
		}
	}
	whole := strings.Join(words(query), " ")
	var list []found
	for i, h := range hits {
		if h.words < most || !wanted(x.products[i]) {
			continue
		}
		switch title := x.titles[i]; {
		case title == whole:
			h.score += 10 * weightTitle
		case strings.HasPrefix(title, whole):
			h.score += 2 * weightTitle
		}
		list = append(list, found{i, h.score})
	}
	slices.SortFunc(list, func(a, b found) int {
		return cmp.Or(
			cmp.Compare(b.score, a.score),
			cmp.Compare(len(x.titles[a.product]), len(x.titles[b.product])),
			cmp.Compare(a.product, b.product))
	})
	out := make([]*Product, 0, min(limit, len(list)))
	for _, f := range list[:min(limit, len(list))] {
		out = append(out, x.products[f.product])
	}
	return out
}

// match calls found for every term that a word of the query may mean.
func (x *index) match(word string, found func(t *term, quality int32)) {
	runes := []rune(word)
	set := letters(runes)
	errors := 0
	if n := len(runes); n >= 8 {
		errors = 2
	} else if n >= 4 {
		errors = 1
	}
	if strings.ContainsAny(word, "0123456789") {
		errors = 0 // another number is another thing
	}
	inside := 3
	if !ascii(word) {
		inside = 2
	}
	for i := range x.terms {
		t := &x.terms[i]
		switch {
		case t.word == word:
			found(t, matchSame)
		case strings.HasPrefix(t.word, word):
			found(t, matchPrefix)
		case len(t.runes) >= 4 && len(runes)-len(t.runes) <= 2 && strings.HasPrefix(word, t.word):
			found(t, matchEnding)
		case errors > 0 && len(t.runes) >= 3 && apart(set, t.letters) <= 2*errors && near(runes, t.runes, 1):
			found(t, matchOne)
		case len(runes) >= inside && set&^t.letters == 0 && strings.Contains(t.word, word):
			found(t, matchInside)
		case errors > 1 && apart(set, t.letters) <= 2*errors && near(runes, t.runes, 2):
			found(t, matchTwo)
		}
	}
}

// apart counts the letters that only one of two words has.
func apart(a, b uint64) int { return bits.OnesCount64(a ^ b) }
