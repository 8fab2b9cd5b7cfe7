package members

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseAddress(t *testing.T) {
	ok := Address{Name: "Ann Lee", Street: "1 Main St", City: "Town", Postcode: "10115", Country: "DE"}
	for name, c := range map[string]struct {
		change func(*Address)
		want   error
	}{
		"good":               {func(a *Address) {}, nil},
		"no name":            {func(a *Address) { a.Name = " \n " }, ErrName},
		"name of digits":     {func(a *Address) { a.Name = "123" }, ErrName},
		"name too long":      {func(a *Address) { a.Name = strings.Repeat("n", 101) }, ErrName},
		"no street":          {func(a *Address) { a.Street = "-" }, ErrStreet},
		"no city":            {func(a *Address) { a.City = "" }, ErrCity},
		"short postcode":     {func(a *Address) { a.Postcode = "1011" }, ErrPostcode},
		"letters in it":      {func(a *Address) { a.Postcode = "1011O" }, ErrPostcode},
		"unknown country":    {func(a *Address) { a.Country = "Atlantis" }, ErrCountry},
		"no country":         {func(a *Address) { a.Country = "" }, ErrCountry},
		"a withdrawn one":    {func(a *Address) { a.Country = "SU" }, ErrCountry},
		"not a country":      {func(a *Address) { a.Country = "EU" }, ErrCountry},
		"country by name":    {func(a *Address) { a.Country = "deutschland" }, nil},
		"Arabic digits":      {func(a *Address) { a.Postcode = "١٠١١٥" }, ErrPostcode},
		"control characters": {func(a *Address) { a.Name = "Ann\x00 Lee\u202e" }, nil},
	} {
		a := ok
		c.change(&a)
		got, err := ParseAddress(a, "en")
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err == nil && got != ok {
			t.Errorf("%s: %+v", name, got)
		}
	}
	got, err := ParseAddress(Address{Name: "Ann", Street: "Hof 3\n\n 2nd floor ", City: "York", Postcode: "yo17hh", Country: "England"}, "")
	if err != nil || got != (Address{"Ann", "Hof 3, 2nd floor", "York", "YO1 7HH", "GB"}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestPostcode(t *testing.T) {
	for _, c := range []struct{ country, typed, want string }{
		{"DE", "D-10115", "10115"}, {"DE", " 10 115 ", "10115"}, {"LV", "LV-1050", "1050"}, {"LU", "L-1009", "1009"},
		{"GB", "sw1a1aa", "SW1A 1AA"}, {"GB", "M1 1AE", "M1 1AE"}, {"GB", "SW1A", "?"},
		{"US", "94103", "94103"}, {"US", "94103-1234", "94103-1234"}, {"US", "941031234", "94103-1234"}, {"US", "9410", "?"},
		{"CA", "m5v3l9", "M5V 3L9"}, {"NL", "1012ab", "1012 AB"}, {"NL", "0012ab", "?"}, {"PL", "00950", "00-950"},
		{"SE", "11122", "111 22"}, {"SE", "SE-111 22", "111 22"}, {"JP", "1000001", "100-0001"}, {"PT", "1100148", "1100-148"},
		{"IE", "d02af30", "D02 AF30"}, {"IE", "d6wxy00", "D6W XY00"}, {"BR", "01310100", "01310-100"},
		{"AE", "", ""}, {"AE", "-", ""}, {"HK", "none", "NONE"}, {"KE", "00100", "00100"}, {"KE", "-", ""},
		{"DE", "", "?"}, {"DE", "-", "?"},
	} {
		got, ok := postcode(c.country, c.typed)
		if !ok {
			got = "?"
		}
		if got != c.want {
			t.Errorf("%s %q: %q, want %q", c.country, c.typed, got, c.want)
		}
	}
	for country := range shapes {
		if got, ok := postcode(country, Example(country)); !ok || got != Example(country) {
			t.Errorf("%s: its own example %q is %q, %v", country, Example(country), got, ok)
		}
		if !IsCountry(country) || without[country] {
			t.Errorf("%s is no country with postcodes", country)
		}
	}
	for country := range without {
		if !IsCountry(country) {
			t.Errorf("%s is no country", country)
		}
	}
}

func TestFindCountry(t *testing.T) {
	for typed, want := range map[string]string{
		"de": "DE", "DEU": "DE", "Germany": "DE", "Deutschland": "DE", "Allemagne": "DE", "alemania": "DE",
		"Österreich": "AT", "OSTERREICH": "AT", "U.S.A.": "US", "États-Unis": "US", "the United States": "US", "UK": "GB",
		"España": "ES", "espana": "ES", "Großbritannien": "GB", "Côte d'Ivoire": "CI", "Cote d’Ivoire": "CI", "Island": "IS",
		"Bosnia and Herzegovina": "BA", "Holland": "NL", "Georgia": "GE", "Atlantis": "", "": "", "  ": "", "europe": "", "D": "",
	} {
		got, ok := FindCountry(typed)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", typed, got, ok, want)
		}
	}
	if CountryName("DE", "fr") != "Allemagne" || CountryName("DE", "") != "Germany" || CountryName("DE", "xx-YY") != "Germany" || CountryName("?", "de") != "?" {
		t.Error(CountryName("DE", "fr"), CountryName("DE", ""), CountryName("DE", "xx-YY"), CountryName("?", "de"))
	}
	if len(countries()) < 600 {
		t.Errorf("%d names", len(countries()))
	}
}

// What has been read once reads as itself again: an address kept today is
// valid when it is used tomorrow.
func TestParseAddressIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := Address{
			Name: rapid.String().Draw(t, "name"), Street: rapid.String().Draw(t, "street"), City: rapid.String().Draw(t, "city"),
			Postcode: rapid.StringMatching(`[A-Za-z0-9 \-]{0,10}`).Draw(t, "postcode"),
			Country:  rapid.SampledFrom([]string{"DE", "gb", "US", "ae", "KE", "France", "nl"}).Draw(t, "country"),
		}
		once, err := ParseAddress(typed, "en")
		if err != nil {
			return
		}
		twice, err := ParseAddress(once, "en")
		if err != nil || once != twice {
			t.Fatalf("%+v became %+v, %v", once, twice, err)
		}
	})
}
