package payments_test

import (
	"errors"
	"testing"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/payments"
)

func TestTakes(t *testing.T) {
	for _, c := range []struct {
		amount   int64
		currency string
		want     error
		least    string
	}{
		{0, "EUR", nil, ""}, {50, "EUR", nil, ""}, {49, "EUR", payments.ErrTooLittle, "0.50 EUR"},
		{29, "GBP", payments.ErrTooLittle, "0.30 GBP"}, {49, "JPY", payments.ErrTooLittle, "50 JPY"}, {50, "JPY", nil, ""},
		{17499, "HUF", payments.ErrTooLittle, "175.00 HUF"}, {1230, "KWD", nil, ""}, {1234, "KWD", payments.ErrAmount, ""},
		{100_000_000, "EUR", payments.ErrAmount, ""}, {100, "XXX", payments.ErrAmount, ""},
	} {
		err := payments.Takes(commerce.Money{Amount: c.amount, Currency: c.currency})
		if !errors.Is(err, c.want) {
			t.Errorf("%d %s: %v, want %v", c.amount, c.currency, err, c.want)
		}
		var e *commerce.Error
		if c.least != "" && (!errors.As(err, &e) || e.Args["Least"].(commerce.Money).String() != c.least) {
			t.Errorf("%d %s: %v, want the least %s", c.amount, c.currency, err, c.least)
		}
	}
	if err := payments.Takes(commerce.Money{Amount: 1010, Currency: "KWD"}, commerce.Money{Amount: 1005, Currency: "KWD"}, commerce.Money{Amount: 5, Currency: "KWD"}); !errors.Is(err, payments.ErrAmount) {
		t.Errorf("a line of five fils: %v", err)
	}
}
