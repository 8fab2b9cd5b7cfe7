package commerce_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/soukchat/souk/commerce"
)

func eur(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }

// TestArithmetic holds money against arithmetic without limits: it is right,
// or it says ErrMoney.
func TestArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "b")
		den := rapid.Int64Range(1, math.MaxInt64).Draw(t, "den")
		check := func(op string, got commerce.Money, err error, want *big.Int) {
			switch {
			case err == nil && (!want.IsInt64() || got != eur(want.Int64())):
				t.Fatalf("%d %s %d = %v, want %v", a, op, b, got, want)
			case err != nil && (!errors.Is(err, commerce.ErrMoney) || want.IsInt64() && want.Int64() != math.MinInt64):
				t.Fatalf("%d %s %d: %v, want %v", a, op, b, err, want)
			}
		}
		x, y := big.NewInt(a), big.NewInt(b)
		got, err := eur(a).Add(eur(b))
		check("+", got, err, new(big.Int).Add(x, y))
		if b != math.MinInt64 {
			got, err = eur(a).Sub(eur(b))
			check("-", got, err, new(big.Int).Sub(x, y))
		}
		got, err = eur(a).Times(b)
		check("×", got, err, new(big.Int).Mul(x, y))
		// Rounded half away from zero: (2·|a·b| + den) ÷ (2·den), with the sign.
		product := new(big.Int).Mul(x, y)
		want := new(big.Int).Quo(new(big.Int).Add(new(big.Int).Mul(new(big.Int).Abs(product), big.NewInt(2)), big.NewInt(den)), new(big.Int).Mul(big.NewInt(den), big.NewInt(2)))
		if product.Sign() < 0 {
			want.Neg(want)
		}
		got, err = eur(a).Part(b, den)
		check("part", got, err, want)
	})
}

func TestSplitSumsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := eur(rapid.Int64Range(-1e15, 1e15).Draw(t, "m"))
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e12), 1, 9).Draw(t, "weights")
		parts, err := m.Split(weights...)
		total := int64(0)
		for _, w := range weights {
			total += w
		}
		if total == 0 {
			if !errors.Is(err, commerce.ErrMoney) {
				t.Fatalf("nothing to split by: %v", err)
			}
			return
		}
		sum := commerce.Money{}
		for i, p := range parts {
			if sum, err = sum.Add(p); err != nil {
				t.Fatal(err)
			}
			fair := float64(m.Amount) * float64(weights[i]) / float64(total)
			if math.Abs(float64(p.Amount)-fair) > 1.01 {
				t.Fatalf("part %d is %d, fair were %f", i, p.Amount, fair)
			}
		}
		if sum != m {
			t.Fatalf("parts sum to %v of %v", sum, m)
		}
	})
}

func TestMixedCurrencies(t *testing.T) {
	if _, err := eur(1).Add(commerce.Money{Amount: 1, Currency: "USD"}); !errors.Is(err, commerce.ErrMoney) {
		t.Errorf("euros and dollars: %v", err)
	}
	if m, err := (commerce.Money{}).Add(eur(3)); err != nil || m != eur(3) {
		t.Errorf("nothing and euros: %v, %v", m, err)
	}
}

func TestWrittenAndRead(t *testing.T) {
	for _, c := range []struct {
		money   commerce.Money
		decimal string
		en, de  string
	}{
		{eur(123450), "1234.50", "€1,234.50", "1.234,50 €"},
		{eur(5), "0.05", "€0.05", "0,05 €"},
		{eur(-5), "-0.05", "-€0.05", "-0,05 €"},
		{commerce.Money{Amount: 300, Currency: "JPY"}, "300", "¥300", "300 ¥"},
		{commerce.Money{Amount: 1500, Currency: "KWD"}, "1.500", "KWD 1.500", "1,500 KWD"},
	} {
		if got := c.money.Decimal(); got != c.decimal {
			t.Errorf("decimal %q, want %q", got, c.decimal)
		}
		for locale, want := range map[string]string{"en": c.en, "de": c.de} {
			if got := strings.ReplaceAll(c.money.Format(locale), "\u00a0", " "); got != want {
				t.Errorf("%s in %s: %q, want %q", c.money, locale, got, want)
			}
		}
		if back, err := commerce.ParseMoney(c.decimal, c.money.Currency); err != nil || back != c.money {
			t.Errorf("%q read as %v, %v", c.decimal, back, err)
		}
	}
	for _, bad := range []string{"", "1,50", "1.505", "1e3", "+1", "--1", "1.", ".", "€1", "99999999999999999999", "1.-5"} {
		if m, err := commerce.ParseMoney(bad, "EUR"); err == nil && bad != "1." {
			t.Errorf("%q was read as %v", bad, m)
		}
	}
	if _, err := commerce.ParseMoney("1", "XXY"); err == nil {
		t.Error("an unknown currency was taken")
	}
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"12.50", "-0.01", "1.500", "x", "", "00012"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := commerce.ParseMoney(s, "EUR")
		if err != nil {
			return
		}
		if back, err := commerce.ParseMoney(m.Decimal(), "EUR"); err != nil || back != m {
			t.Errorf("%q → %v → %v, %v", s, m, back, err)
		}
	})
}

func TestSecretIsNeverPrinted(t *testing.T) {
	type config struct {
		Token commerce.Secret
	}
	s := commerce.Secret("hunter2")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s, "c", config{s}, "p", &config{s})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", s, "c", config{s}, "p", &config{s})
	js, err := json.Marshal(config{s})
	if err != nil {
		t.Fatal(err)
	}
	all := log.String() + string(js)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		all += fmt.Sprintf(verb+verb+verb, s, config{s}, &config{s})
	}
	if strings.Contains(all, "hunter2") || strings.Contains(all, fmt.Sprintf("%x", "hunter2")) {
		t.Error(all)
	}
	if s.Reveal() != "hunter2" {
		t.Error("Reveal does not")
	}
}

func TestErrorConditions(t *testing.T) {
	sold := &commerce.Error{Kind: commerce.Conflict, Message: "stock.soldout"}
	err := fmt.Errorf("place: %w", sold.With("free", 2))
	if !errors.Is(err, sold) || commerce.KindOf(err) != commerce.Conflict || commerce.KindOf(errors.New("x")) != commerce.Internal {
		t.Errorf("%v is not %v", err, sold)
	}
	if sold.Args != nil {
		t.Error("With changed the sentinel")
	}
	if errors.Is(err, &commerce.Error{Kind: commerce.Conflict, Message: "other"}) {
		t.Error("another condition matches")
	}
}

func TestPublicID(t *testing.T) {
	if got := commerce.PublicID("acme"); got != "acme" {
		t.Errorf("a short name became %q", got)
	}
	seen := map[string]bool{}
	for _, parts := range [][]string{{"a", "bc"}, {"ab", "c"}, {"abc-def"}, {"ABC"}, {"elevenchars"}, {"a", "b", "c"}} {
		id := commerce.PublicID(parts...)
		if !commerce.IsPublicID(id) || seen[id] || id != commerce.PublicID(parts...) {
			t.Errorf("%q → %q", parts, id)
		}
		seen[id] = true
	}
}
