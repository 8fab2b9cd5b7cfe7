package config

// Earnings is what creators who are members get, in points or money, from what is
// bought because of them. Points are earned where they have a worth. It is theirs
// once the goods cannot be sent back any more; whoever buys from their own pick
// earns nothing.
type Earnings struct {
	// What they earn: points, or money in the currency of what was bought, which is paid out to an account at Stripe that they connect in the chat.
	Pay string `yaml:"pay" rule:"is=earned" default:"points"`
	// The least that is paid out in money, in the currency that it was earned in.
	Minimum Amount `yaml:"minimum" rule:"is=amount" default:"10"`
	// After how many days money is paid out by itself; 0 for only when the creator asks.
	EveryDays int64 `yaml:"every_days" rule:"is=days" default:"0"`
	// What 100 points are worth in other currencies than the shop's, by currency, as [points.worth](#points) is in the shop's. What is bought in one without brings no points.
	Worth map[string]Amount `yaml:"worth" rule:"key=currency,each=amount"`
	// Per cent of what a line brought, without tax, shipping and what was taken off; 0 for nothing.
	Percent Amount `yaml:"percent" rule:"is=percent" default:"10"`
	// Who is credited where several recommended it: last for the pick it was put into the cart from, else the one opened last; first for the one opened first; split for all whose picks were opened.
	Credit string `yaml:"credit" rule:"is=credit" default:"last"`
	// Days for which it counts that somebody opened a pick: 1 to 90.
	Days Count `yaml:"days" rule:"is=count" default:"30"`
	// What some goods, or creators of some tiers, bring instead: the first that fits counts.
	Rates []EarningRate `yaml:"rates" rule:"most=50"`
	// What members get who bring somebody in, for that member's first order: always points, also where creators earn money.
	Brought BroughtPay `yaml:"brought"`
	// Tiers of creators, by a name of your choice, at most 10: rates name them. Who reaches several has the highest.
	Tiers map[string]EarningTier `yaml:"tiers" rule:"key=name"`
	// Days of which it counts for a tier what a creator brought in: at most 3650.
	TierDays Count `yaml:"tier_days" rule:"is=count" default:"90"`
}

// BroughtPay is what a member gets who brings somebody in: a percentage or points.
type BroughtPay struct {
	// Per cent of what the first order brought, without tax, shipping and what was taken off; 0 for nothing.
	Percent Amount `yaml:"percent" rule:"is=percent" default:"5"`
	// So many points instead, and never more than the order brought.
	Points Amount `yaml:"points" rule:"is=points"`
}

// EarningTier is one that creators have: by their followers, or by what they brought
// in; the same for all tiers.
type EarningTier struct {
	// What creators and buyers read.
	Name string `yaml:"name" rule:"required,max=24"`
	// What they read in other languages, by language.
	Names map[string]string `yaml:"names" rule:"key=language,each=text"`
	// How many members follow them.
	Followers Count `yaml:"followers" rule:"is=count"`
	// What their receipts say they brought in within tier_days, in the shop's currency: without tax, shipping, discounts and what went back.
	Brought Amount `yaml:"brought" rule:"is=amount"`
}

// EarningRate is what some goods bring their creators, or, by their tier, all goods.
type EarningRate struct {
	// For creators of this tier, or a higher one. It is the one they have when the order is placed.
	Tier string `yaml:"tier" rule:"is=name"`
	// Names of brands.
	Brands []string `yaml:"brands" rule:"each=name,most=25"`
	// Handles of the feeds, or maps with a product and its variant.
	Products []PickItem `yaml:"products" rule:"most=100"`
	// Per cent of what a line brought; 0 for nothing.
	Percent Amount `yaml:"percent" rule:"required,is=percent"`
}
