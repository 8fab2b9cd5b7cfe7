package pricing

// This file is what is paid with beside the card. The rules are:
//   - It comes after all that is owed: tax and revenue are those of the whole
//     price.
//   - Points go first, because a share of each order only takes them; then gift
//     cards, in the order in which they are handed in (the one that ends first
//     before the others); store credit, which never ends, comes last.
//   - Points are worth something in one currency and pay in no other.
//   - Never more than is due. Where the card would be left with less than it can
//     be charged, so much is kept back, from the last to the first, that it can.

import (
	"math"
	"math/bits"

	"github.com/soukchat/souk/commerce"
)

// Tender is what a member can and wants to pay with, in the quote's currency.
type Tender struct {
	Points    int64 // how many they have and want to spend
	Value     PointValue
	GiftCards []GiftCard
	Credit    int64

	Least int64 // the least a card is charged
	Step  int64 // what a card is charged in whole steps of; 0 is 1
}

// PointValue is what points are worth: Worth minor units for each Per points.
type PointValue struct {
	Per, Worth int64
	Currency   string // of Worth
	MostPPM    int64  // the largest share of an order they pay, in parts per million
	Step       int64  // points are spent in multiples of it; 0 is 1
}

// Of returns what a number of points is worth, rounded down.
func (v PointValue) Of(points int64) int64 {
	if v.Per <= 0 {
		return 0
	}
	return share(points, v.Worth, v.Per)
}

// most is how many of the points pay at most an amount.
func (v PointValue) most(points, amount int64) int64 {
	if v.Per <= 0 || v.Worth <= 0 {
		return 0
	}
	n := min(points, share(share(amount, v.MostPPM, 1_000_000), v.Per, v.Worth))
	return n - n%max(v.Step, 1)
}

// GiftCard is a card of the member with what is left on it.
type GiftCard struct {
	ID      string
	Label   string // the last four of its code
	Balance int64
}

// spend takes the tender off a quote.
func (t Tender) spend(q *Quote) {
	left, cur := q.Total.Amount, q.Total.Currency
	var list []Line
	take := func(l Line, amount int64) {
		if amount = min(amount, left); amount > 0 {
			l.Amount = commerce.Money{Amount: -amount, Currency: cur}
			list, left = append(list, l), left-amount
		}
	}
	if n := t.Value.most(t.Points, left); n > 0 && t.Value.Currency == cur {
		take(Line{Kind: KindPoints, Quantity: n}, t.Value.Of(n))
	}
	for _, c := range t.GiftCards {
		take(Line{Kind: KindGiftCard, Label: c.Label, Ref: c.ID}, c.Balance)
	}
	take(Line{Kind: KindCredit}, t.Credit)

	step := max(t.Step, 1)
	for i := len(list) - 1; i >= 0 && left > 0; i-- {
		want := max(left, t.Least)
		if rest := want % step; rest > 0 {
			want += step - rest
		}
		if want == left {
			break
		}
		left += list[i].keep(want-left, t.Value)
	}
	if left > 0 && (left < t.Least || left%step != 0) {
		return // no part of it helps: the price itself is less than a card can pay
	}
	for _, l := range list {
		if l.Amount.Amount != 0 {
			q.Lines = append(q.Lines, l)
		}
	}
	q.Total.Amount = left
}

// keep takes back so much of what a line pays, or all of it, and returns it.
func (l *Line) keep(amount int64, v PointValue) int64 {
	before := -l.Amount.Amount
	if l.Kind != KindPoints {
		l.Amount.Amount += min(amount, before)
		return before + l.Amount.Amount
	}
	n := min(l.Quantity, share(max(before-amount, 0), v.Per, v.Worth))
	l.Quantity = n - n%max(v.Step, 1)
	l.Amount.Amount = -v.Of(l.Quantity)
	return before + l.Amount.Amount
}

// share is n × num / den rounded down, for numbers that are not negative.
func share(n, num, den int64) int64 {
	if n <= 0 || num <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(n), uint64(num))
	if hi >= uint64(den) {
		return math.MaxInt64
	}
	got, _ := bits.Div64(hi, lo, uint64(den))
	return int64(min(got, math.MaxInt64))
}

// Gift is the quote of a gift card that is bought.
func Gift(id string, amount commerce.Money) Quote {
	return Quote{Total: amount, Lines: []Line{{Kind: KindGift, Label: "Gift card", Ref: id, Quantity: 1, Unit: amount, Amount: amount}}}
}
