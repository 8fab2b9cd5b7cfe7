package creators

// The rules of what is written here, by creators and by those who want to be:
//   - they are checked at once, each says what to do, and all that is wrong is
//     said together.
//   - photos: as many as asked for, and large enough to be looked at.
//   - words: long enough to help, short enough to be read; no way to reach
//     somebody past the shop; nothing promised that the listing does not say.
//   - a product, so that what is praised can be bought.
//
// They are plain: whoever means harm finds a way around them. They are for
// those who did not know. A person looks at the rest.

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/soukchat/souk/commerce"
)

// Photo is a photo of a post: its hash, as media.Take has it, and its size in pixels.
type Photo struct {
	Hash          string
	Width, Height int
}

// Draft is what somebody has written.
type Draft struct {
	Words    string
	Photos   []Photo
	Products []commerce.ProductID
	Listing  string // what the products' own pages say: what may be promised
}

// House is what a community asks of posts. The zero value asks for the least.
type House struct {
	Photos      int      // at least
	Side        int      // pixels of a photo's shorter side, at least
	Short, Long int      // characters of the words, at least and at most
	Promises    []string // words that promise, in small letters: only where the listing has them
}

// Fault is a rule that is not kept: the id of what to say about it, "house."
// and What, with its arguments.
type Fault struct {
	What string
	N    int64  // how many there have to be, at least or at most
	Word string // which is meant
}

// The rules, as faults name them.
const (
	FewPhotos  = "photos"
	SmallPhoto = "small"
	Short      = "short"
	Long       = "long"
	NoProduct  = "product"
	Contact    = "contact"
	Promise    = "promise"
)

// Check returns all that is wrong with a draft.
func (h House) Check(d Draft) (list []Fault) {
	if len(d.Photos) < h.Photos {
		list = append(list, Fault{What: FewPhotos, N: int64(h.Photos)})
	}
	if slices.ContainsFunc(d.Photos, func(p Photo) bool { return min(p.Width, p.Height) < h.Side }) {
		list = append(list, Fault{What: SmallPhoto, N: int64(h.Side)})
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(d.Words)); {
	case n < h.Short:
		list = append(list, Fault{What: Short, N: int64(h.Short)})
	case h.Long > 0 && n > h.Long:
		list = append(list, Fault{What: Long, N: int64(h.Long)})
	}
	if len(d.Products) == 0 {
		list = append(list, Fault{What: NoProduct})
	}
	if word := contact(d.Words); word != "" {
		list = append(list, Fault{What: Contact, Word: word})
	}
	said, listing := words(d.Words), words(d.Listing)
	for _, p := range h.Promises {
		if p := words(p); strings.Contains(said, p) && !strings.Contains(listing, p) {
			list = append(list, Fault{What: Promise, Word: strings.TrimSpace(p)})
		}
	}
	return list
}

// contacts are ways to reach somebody past the shop: addresses of mail and of
// pages, names on a platform, numbers to call.
var contacts = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b[\p{L}\d._%+-]+\s?(@|\(at\)|\[at\])\s?[\p{L}\d-]+(\.[\p{L}\d-]+)+`),
	regexp.MustCompile(`(?i)\b(https?://|www\.)\S+`),
	regexp.MustCompile(`\b[A-Za-z0-9-]+\.(com|net|org|io|me|gg|de|at|ch|fr|it|es|uk|eu|shop|store|link|ly|app|info|biz)(/\S*)?\b`),
	regexp.MustCompile(`(?:^|[^\p{L}\d])@[A-Za-z][A-Za-z0-9_.]{3,}`),
	regexp.MustCompile(`(?:\+|\b00)[1-9](?:[\s().-]?\d){7,14}\b`),
	regexp.MustCompile(`\b0\d{1,4}[\s/-]?\d(?:[\s.-]?\d){5,10}\b`),
	regexp.MustCompile(`(?i)\b(whats\s?app|telegram|signal|viber|wechat|insta(?:gram)?|snapchat)\b\s*(me|:|at|@)`),
}

// contact returns the first way to reach somebody in a text, "" for none.
func contact(text string) string {
	at, found := len(text)+1, ""
	for _, c := range contacts {
		if m := c.FindStringIndex(text); m != nil && m[0] < at {
			at, found = m[0], strings.TrimFunc(text[m[0]:m[1]], func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("(,;", r) })
		}
	}
	return found
}

// words writes a text in small letters, its words separated by single spaces
// and with one at either end: so that a word is found as a whole.
func words(text string) string {
	fields := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '%' })
	return " " + strings.Join(fields, " ") + " "
}
