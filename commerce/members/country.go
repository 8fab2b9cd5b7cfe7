package members

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"
)

// FindCountry returns the ISO 3166-1 alpha-2 code of a country given by its
// code (two or three letters) or its name in English, German, French or
// Spanish, accents and capitals forgiven.
func FindCountry(typed string) (code string, ok bool) {
	code, ok = countries()[fold(typed)]
	return code, ok
}

// CountryName names a country in the language of the locale, in English where
// the language is not known, and returns the code itself where the country is not.
func CountryName(code, locale string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	for _, tag := range []language.Tag{language.Make(locale), language.English} {
		if namer := display.Regions(tag); namer != nil {
			if name := namer.Name(region); name != "" {
				return name
			}
		}
	}
	return code
}

// extra are the ways people write countries that the CLDR's names lack.
var extra = map[string]string{
	"uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "great britain": "GB", "britain": "GB",
	"grossbritannien": "GB", "grande bretagne": "GB", "gran bretana": "GB", "angleterre": "GB", "inglaterra": "GB", "schottland": "GB",
	"u s a": "US", "u s": "US", "u k": "GB", "usa": "US", "america": "US", "united states of america": "US", "amerika": "US", "etats unis d amerique": "US", "eeuu": "US", "ee uu": "US",
	"holland": "NL", "the netherlands": "NL", "hollande": "NL", "holanda": "NL", "brd": "DE", "bundesrepublik deutschland": "DE",
	"czech republic": "CZ", "tschechische republik": "CZ", "republique tcheque": "CZ", "republica checa": "CZ",
	"republic of ireland": "IE", "eire": "IE", "osterreich": "AT", "oesterreich": "AT", "schweiz": "CH", "svizzera": "CH", "italia": "IT",
	"hong kong": "HK", "hongkong": "HK", "macau": "MO", "macao": "MO", "turkiye": "TR", "tuerkei": "TR", "daenemark": "DK", "korea": "KR",
	"republic of korea": "KR", "russian federation": "RU", "vietnam": "VN", "viet nam": "VN", "uae": "AE", "emirates": "AE",
	"slovak republic": "SK", "north macedonia": "MK", "eswatini": "SZ", "cabo verde": "CV", "vatican": "VA", "ivory coast": "CI",
	"polska": "PL", "sverige": "SE", "norge": "NO", "danmark": "DK", "suomi": "FI", "nederland": "NL", "belgie": "BE", "brasil": "BR",
	"rumaenien": "RO", "suedafrika": "ZA", "suedkorea": "KR", "aegypten": "EG", "hellas": "GR", "magyarorszag": "HU", "hrvatska": "HR",
}

// countries maps folded names and codes to codes, made when first needed.
var countries = sync.OnceValue(func() map[string]string {
	names := make(map[string]string, 1600)
	namers := []display.Namer{
		display.Regions(language.English), display.Regions(language.German),
		display.Regions(language.French), display.Regions(language.Spanish),
	}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			region, err := language.ParseRegion(string([]rune{a, b}))
			if err != nil || !IsCountry(region.String()) {
				continue
			}
			code := region.String()
			names[fold(code)], names[fold(region.ISO3())] = code, code
			for _, n := range namers {
				if name := fold(n.Name(region)); name != "" {
					names[name] = code
				}
			}
		}
	}
	for name, code := range extra {
		names[name] = code
	}
	return names
})

// IsCountry reports whether code is the ISO code, in capitals, of a country a
// parcel can go to: neither withdrawn nor reserved for a group or a part.
func IsCountry(code string) bool {
	switch code {
	case "AC", "CP", "DG", "EA", "EZ", "IC", "TA", "UN", "ZZ":
		return false
	}
	if len(code) != 2 {
		return false
	}
	region, err := language.ParseRegion(code)
	return err == nil && region.IsCountry() && region.Canonicalize() == region && region.String() == code &&
		display.Regions(language.English).Name(region) != ""
}

// fold makes names that people write differently the same: lower case, no
// accents, no article, words of letters parted by single spaces.
func fold(s string) string {
	s = strings.ReplaceAll(strings.ToLower(s), "ß", "ss")
	words := strings.FieldsFunc(norm.NFD.String(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r)
	})
	s = strings.Map(func(r rune) rune {
		if unicode.IsMark(r) {
			return -1
		}
		return r
	}, strings.Join(words, " "))
	s = strings.ReplaceAll(s, " and ", " ")
	return strings.TrimPrefix(s, "the ")
}
