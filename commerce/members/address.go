package members

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/soukchat/souk/commerce"
)

// The rules of an address:
//   - it is kept as the member typed it, with spaces set right and the country
//     as its ISO code, because a label on a parcel is read by people there;
//   - the postcode must have the country's shape where we know it, since a
//     wrong digit there is the slip that costs a parcel;
//   - a country without postcodes takes none, and "-" stands for nothing.

// Address is where a parcel goes. Country is an ISO 3166-1 alpha-2 code.
type Address struct {
	Name     string `json:"name"`
	Street   string `json:"street"`
	City     string `json:"city"`
	Postcode string `json:"postcode"`
	Country  string `json:"country"`
}

// The conditions a member can mend. Each says which field and what is wrong;
// ErrPostcode comes with the arguments Country, a name, and Example, and
// ErrCountry with Country, what was typed.
var (
	ErrName     = &commerce.Error{Kind: commerce.Invalid, Message: "address.name"}
	ErrStreet   = &commerce.Error{Kind: commerce.Invalid, Message: "address.street"}
	ErrCity     = &commerce.Error{Kind: commerce.Invalid, Message: "address.city"}
	ErrPostcode = &commerce.Error{Kind: commerce.Invalid, Message: "address.postcode"}
	ErrCountry  = &commerce.Error{Kind: commerce.Invalid, Message: "address.country"}
)

// Lengths that fit a parcel's label and Stripe's form, in characters.
const (
	maxName   = 100
	maxStreet = 200
	maxCity   = 100
)

// ParseAddress reads what a member typed: the country by its code or its name
// in English, German, French or Spanish, the postcode with or without its
// spaces. It returns the address as it is kept, or the first of the errors
// above, in the order of a form: name, street, postcode, city, country. The
// locale is the language the country is named in, in an error.
func ParseAddress(typed Address, locale string) (Address, error) {
	a := Address{Name: tidy(typed.Name), Street: tidy(typed.Street), City: tidy(typed.City)}
	if !written(a.Name, maxName) || !hasLetter(a.Name) {
		return Address{}, ErrName
	}
	if !written(a.Street, maxStreet) {
		return Address{}, ErrStreet
	}
	country, known := FindCountry(typed.Country)
	a.Country = country
	if known {
		code, ok := postcode(country, typed.Postcode)
		if !ok {
			return Address{}, ErrPostcode.With("Country", CountryName(country, locale)).With("Example", Example(country))
		}
		a.Postcode = code
	}
	if !written(a.City, maxCity) || !hasLetter(a.City) {
		return Address{}, ErrCity
	}
	if !known {
		return Address{}, ErrCountry.With("Country", clip(tidy(typed.Country), 60))
	}
	return a, nil
}

// Zero reports whether there is no address.
func (a Address) Zero() bool { return a == Address{} }

// Lines writes the address as on a parcel, the country's name in the locale.
func (a Address) Lines(locale string) []string {
	if a.Zero() {
		return nil
	}
	return []string{a.Name, a.Street, strings.TrimSpace(a.Postcode + " " + a.City), CountryName(a.Country, locale)}
}

// tidy joins the lines of s with commas, drops what cannot be printed, and
// leaves single spaces.
func tidy(s string) string {
	var lines []string
	for line := range strings.FieldsFuncSeq(strings.ToValidUTF8(s, ""), func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = strings.Map(func(r rune) rune {
			switch {
			case unicode.IsSpace(r):
				return ' '
			case !unicode.IsPrint(r):
				return -1
			}
			return r
		}, line)
		if line = strings.Trim(strings.Join(strings.Fields(line), " "), ", "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, ", ")
}

func written(s string, max int) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= max && strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

func hasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

func clip(s string, max int) string {
	if r := []rune(s); len(r) > max {
		return string(r[:max]) + "…"
	}
	return s
}

// shape is how a country writes its postcodes: the letters and digits alone,
// and where the separator goes when they are shown. Facts of the Universal
// Postal Union's addressing sheets, https://www.upu.int/en/postal-solutions/programmes-services/addressing-solutions
type shape struct {
	compact string // a pattern for the letters and digits alone, in upper case
	cut     int    // where the separator goes, from the front; negative from the end; 0 nowhere
	sep     string
	example string
}

var shapes = map[string]shape{
	"AR": {`[A-Z]?\d{4}([A-Z]{3})?`, 0, "", "C1425CLA"},
	"AT": {`\d{4}`, 0, "", "1010"},
	"AU": {`\d{4}`, 0, "", "2000"},
	"BE": {`\d{4}`, 0, "", "1000"},
	"BG": {`\d{4}`, 0, "", "1000"},
	"BR": {`\d{8}`, 5, "-", "01310-100"},
	"CA": {`[ABCEGHJ-NPRSTVXY]\d[A-Z]\d[A-Z]\d`, 3, " ", "M5V 3L9"},
	"CH": {`\d{4}`, 0, "", "8001"},
	"CN": {`\d{6}`, 0, "", "100000"},
	"CY": {`\d{4}`, 0, "", "1010"},
	"CZ": {`\d{5}`, 3, " ", "110 00"},
	"DE": {`\d{5}`, 0, "", "10115"},
	"DK": {`\d{4}`, 0, "", "1050"},
	"EE": {`\d{5}`, 0, "", "10111"},
	"ES": {`\d{5}`, 0, "", "28013"},
	"FI": {`\d{5}`, 0, "", "00100"},
	"FR": {`\d{5}`, 0, "", "75001"},
	"GB": {`[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}|GIR0AA`, -3, " ", "SW1A 1AA"},
	"GR": {`\d{5}`, 3, " ", "105 57"},
	"HR": {`\d{5}`, 0, "", "10000"},
	"HU": {`\d{4}`, 0, "", "1051"},
	"ID": {`\d{5}`, 0, "", "10110"},
	"IE": {`[A-Z]\d[\dW][A-Z\d]{4}`, 3, " ", "D02 AF30"},
	"IL": {`\d{5}(\d{2})?`, 0, "", "9614303"},
	"IN": {`[1-9]\d{5}`, 0, "", "110001"},
	"IS": {`\d{3}`, 0, "", "101"},
	"IT": {`\d{5}`, 0, "", "00184"},
	"JP": {`\d{7}`, 3, "-", "100-0001"},
	"KR": {`\d{5}`, 0, "", "03051"},
	"LI": {`94\d{2}`, 0, "", "9490"},
	"LT": {`\d{5}`, 0, "", "01100"},
	"LU": {`\d{4}`, 0, "", "1009"},
	"LV": {`\d{4}`, 0, "", "1050"},
	"MC": {`980\d{2}`, 0, "", "98000"},
	"MT": {`[A-Z]{3}\d{4}`, 3, " ", "VLT 1117"},
	"MX": {`\d{5}`, 0, "", "06000"},
	"MY": {`\d{5}`, 0, "", "50050"},
	"NL": {`[1-9]\d{3}[A-Z]{2}`, 4, " ", "1012 AB"},
	"NO": {`\d{4}`, 0, "", "0150"},
	"NZ": {`\d{4}`, 0, "", "6011"},
	"PH": {`\d{4}`, 0, "", "1000"},
	"PL": {`\d{5}`, 2, "-", "00-950"},
	"PT": {`\d{7}`, 4, "-", "1100-148"},
	"RO": {`\d{6}`, 0, "", "010071"},
	"RU": {`\d{6}`, 0, "", "101000"},
	"SE": {`\d{5}`, 3, " ", "111 22"},
	"SG": {`\d{6}`, 0, "", "018956"},
	"SI": {`\d{4}`, 0, "", "1000"},
	"SK": {`\d{5}`, 3, " ", "811 01"},
	"TH": {`\d{5}`, 0, "", "10200"},
	"TR": {`\d{5}`, 0, "", "34110"},
	"UA": {`\d{5}`, 0, "", "01001"},
	"US": {`\d{5}(\d{4})?`, 5, "-", "94103"},
	"VN": {`\d{5,6}`, 0, "", "100000"},
	"ZA": {`\d{4}`, 0, "", "8001"},
}

// without are countries that use no postcodes.
var without = map[string]bool{
	"AE": true, "AG": true, "AO": true, "AW": true, "BF": true, "BI": true, "BJ": true, "BO": true, "BS": true, "BW": true,
	"BZ": true, "CD": true, "CF": true, "CG": true, "CI": true, "CM": true, "DJ": true, "DM": true, "FJ": true, "GA": true,
	"GD": true, "GH": true, "GM": true, "GQ": true, "GY": true, "HK": true, "KI": true, "KM": true, "KN": true, "KP": true,
	"LY": true, "ML": true, "MO": true, "MR": true, "MW": true, "NR": true, "QA": true, "RW": true, "SB": true, "SC": true,
	"SL": true, "SR": true, "SY": true, "TD": true, "TG": true, "TO": true, "TV": true, "UG": true, "VU": true, "YE": true, "ZW": true,
}

var patterns = compile()

func compile() map[string]*regexp.Regexp {
	m := make(map[string]*regexp.Regexp, len(shapes))
	for country, s := range shapes {
		m[country] = regexp.MustCompile(`^(?:` + s.compact + `)$`)
	}
	return m
}

// Example returns a postcode as the country writes it, "" where we know none.
func Example(country string) string { return shapes[country].example }

// postcode sets a postcode right for its country, or reports that it cannot be one.
func postcode(country, typed string) (string, bool) {
	typed = strings.ToUpper(tidy(typed))
	compact := strings.Map(func(r rune) rune {
		if (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9') {
			return r
		}
		if r == ' ' || r == '-' || r == '.' {
			return -1
		}
		return '?' // a character no postcode has
	}, typed)
	s, known := shapes[country]
	switch {
	case without[country]:
		if compact == "" || len(typed) > 16 {
			return "", compact == ""
		}
		return typed, true
	case !known: // any short code, or none
		return strings.Trim(typed, "- "), len(typed) <= 16
	}
	p := patterns[country]
	if !p.MatchString(compact) {
		// The old habit of writing the country before the code: D-10115, LV-1050.
		rest := strings.TrimPrefix(compact, country)
		if rest == compact {
			rest = strings.TrimPrefix(compact, country[:1])
		}
		if !p.MatchString(rest) {
			return "", false
		}
		compact = rest
	}
	cut := s.cut
	if cut < 0 {
		cut += len(compact)
	}
	if cut <= 0 || cut >= len(compact) {
		return compact, true
	}
	return compact[:cut] + s.sep + compact[cut:], true
}
