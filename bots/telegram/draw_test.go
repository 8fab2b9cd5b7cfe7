package telegram

import (
	"fmt"
	"testing"
)

// A phone cuts labels off: a row that does not fit becomes several, evenly.
func TestWrap(t *testing.T) {
	for _, c := range []struct {
		labels []string
		want   string
	}{
		{nil, "[]"},
		{[]string{"A label that is longer than any phone is wide"}, "[1]"},
		{[]string{"Yes", "No"}, "[2]"},
		{[]string{"On another device", "Pay €120.00"}, "[2]"},
		{[]string{"Refund", "Give credit", "Give points"}, "[3]"},
		{[]string{"Cart", "My long orders", "Wallet"}, "[2 1]"},
		{[]string{"Pick list", "Returns", "Disputes", "Payouts"}, "[2 2]"},
		{[]string{"Pick list", "Returns", "Disputes", "Payouts", "Money owed"}, "[3 2]"},
	} {
		var row []button
		for _, label := range c.labels {
			row = append(row, button{Text: label})
		}
		got := []int{}
		for _, line := range wrap(row) {
			got = append(got, len(line))
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%v: %v, want %s", c.labels, got, c.want)
		}
	}
}
