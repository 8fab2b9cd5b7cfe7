package config

// Points is what the points of members are worth.
type Points struct {
	// What 100 points take off an order in the shop's currency; none means that they cannot be spent.
	Worth Amount `yaml:"worth" rule:"is=amount"`
	// The largest part of an order that points pay, in percent.
	Most Amount `yaml:"most" rule:"is=percent" default:"100"`
	// Points are spent in multiples of it.
	Step Amount `yaml:"step" rule:"is=points" default:"1"`
	// Days after which points expire that were not spent: at the end of the month in which they are over, and never before the member was told 30 days ahead. From 60 to 3650; none means never.
	Expire Count `yaml:"expire" rule:"is=count"`
}

// GiftCards is which gift cards are sold. They are redeemed everywhere, and bought
// on Discord and on the shop's own page: in a Telegram chat digital goods are sold
// for its Stars only.
type GiftCards struct {
	// What can be bought, as [10, 25, 50]; none means that there are no gift cards.
	Amounts []Amount `yaml:"amounts" rule:"each=amount,most=10"`
}
