package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/soukchat/souk/commerce"
)

// MaxFeed is the size in bytes up to which a feed is read.
const MaxFeed = 128 << 20

// Feed is what a product feed holds, whatever its format: the products that
// can be sold, and what was wrong with the rest.
type Feed struct {
	Format   string // "shopify", "google-table" or "google-xml"
	Currency string // of every price in it
	Products []FeedProduct
	Problems []Problem // by line
}

// Problem is a line of a feed that was not taken, or not as it stands.
type Problem struct {
	Line    int    `json:"line"` // in the file, from 1
	Message string `json:"message"`
}

// FeedProduct is a product as a feed tells it. It has at least one variant.
type FeedProduct struct {
	Line     int
	Handle   string // unique in the feed
	Title    string
	Body     string
	Vendor   string
	Category string
	Tags     []string
	Options  []string // at most 3
	Hidden   bool     // a draft, or not published
	Variants []FeedVariant
	Pictures []Picture
}

// FeedVariant is a variant as a feed tells it.
type FeedVariant struct {
	Line      int
	SKU       string
	Values    []string // one for each of the product's Options, all different together
	Price     commerce.Money
	CompareAt commerce.Money // zero for none
	Sale      *Sale
	Shipped   bool
	Taxable   bool
	Picture   string
	Stock     FeedStock
}

// FeedStock is how many units a feed tells of. The zero value is not counted:
// there is always one more.
type FeedStock struct {
	Counted   bool
	Unknown   bool // counted, but the feed does not say how many: what is known stays
	Quantity  int64
	Backorder bool // may be sold when none is left
}

// Sale is a lower price for some days.
type Sale struct {
	Price       commerce.Money
	From, Until time.Time
}

// variants counts the variants of all products.
func (f *Feed) variants() (n int) {
	for _, p := range f.Products {
		n += len(p.Variants)
	}
	return n
}

func (f *Feed) problem(line int, format string, args ...any) {
	f.Problems = append(f.Problems, Problem{line, fmt.Sprintf(format, args...)})
}

// ReadFeed reads a product feed of any format: Shopify's product CSV in both
// generations of its headers, Google Merchant's tab-separated text and its
// XML. The content tells which; name, a file or an address, is where its pictures
// are looked for if they name no address of their own. Prices must be in
// the currency given, or name none. What is wrong with a line is a Problem of
// the feed; an error of kind Invalid says that the file as a whole cannot be
// trusted: not a feed, or cut off.
func ReadFeed(r io.Reader, name, currency string) (*Feed, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFeed+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(data) > MaxFeed {
		return nil, invalid(name, fmt.Errorf("larger than %d MB", MaxFeed>>20))
	}
	f, err := readFeed(data, currency)
	if err != nil {
		return nil, invalid(name, err)
	}
	f.locate(name)
	slices.SortStableFunc(f.Problems, func(a, b Problem) int { return a.Line - b.Line })
	return f, nil
}

func invalid(name string, err error) error {
	return commerce.Errorf(commerce.Invalid, "catalog.feed", "%s: %w", name, err).With("file", name)
}

func readFeed(data []byte, currency string) (*Feed, error) {
	if commerce.Digits(currency) < 0 {
		return nil, fmt.Errorf("%q is not an ISO 4217 currency", currency)
	}
	data, err := utf8Of(data)
	if err != nil {
		return nil, err
	}
	start := bytes.TrimLeft(data, " \t\r\n")
	if len(start) == 0 {
		return nil, errors.New("the file is empty")
	}
	if start[0] == '<' {
		return readGoogleXML(data, currency)
	}
	t, err := readTable(string(data))
	if err != nil {
		return nil, err
	}
	switch {
	case t.has("handle", "url handle"), t.has("variant price"), t.has("title") && t.has("option1 name", "inventory tracker"):
		return readShopify(t, currency)
	case t.has("id") && t.has("title"):
		return readGoogleTable(t, currency)
	}
	return nil, fmt.Errorf("neither a Shopify product CSV nor a Google Merchant feed: its first line has no column Handle, URL handle or id (it has: %s)", clip(strings.Join(t.names, ", "), 120))
}

// utf8Of removes a byte-order mark and turns UTF-16, and the Windows-1252 that
// spreadsheets write, into UTF-8.
func utf8Of(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:], nil
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data)
	case utf8.Valid(data), bytes.HasPrefix(bytes.TrimLeft(data, " \r\n\t"), []byte("<?xml")):
		return data, nil // XML names its own encoding
	}
	return charmap.Windows1252.NewDecoder().Bytes(data)
}

// finish drops what no shop can sell and tells of variants that cannot be told
// apart.
func (f *Feed) finish(p FeedProduct) {
	first := map[string]int{}
	kept := p.Variants[:0]
	for _, v := range p.Variants {
		key := fold(strings.Join(v.Values, "\x00"))
		if line, ok := first[key]; ok {
			what := label(v.Values)
			if what == "" {
				what = "no options"
			}
			f.problem(v.Line, "%s: the same options as line %d (%s); skipped", p.Handle, line, what)
			continue
		}
		first[key] = v.Line
		kept = append(kept, v)
	}
	p.Variants = kept
	if len(p.Variants) > 0 {
		f.Products = append(f.Products, p)
	}
}
