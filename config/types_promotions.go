package config

// Promotion takes something off for who has its code.
type Promotion struct {
	// What members read beside the amount.
	Label string `yaml:"label" rule:"required,max=48"`
	// The code, whose case does not matter; none: codes that each serve once, made by `souk codes`.
	Code string `yaml:"code" rule:"is=code"`
	// What it takes off.
	Gives Gives `yaml:"gives" rule:"required"`
	// Which goods it is for; none means all.
	For Goods `yaml:"for"`
	// Value of those goods, before discounts, from which it applies.
	Minimum Amount `yaml:"minimum" rule:"is=amount"`
	// How many orders may use it, all together; none means no end.
	Limit Count `yaml:"limit" rule:"is=count"`
	// How many orders of one member may use it; none means no end.
	PerMember Count `yaml:"per_member" rule:"is=count"`
	// From when it applies, as 2026-03-01 or 2026-03-01 18:00, in policies.timezone.
	From Moment `yaml:"from" rule:"is=moment"`
	// Until when it applies; a day alone is meant to its end.
	Until Moment `yaml:"until" rule:"is=moment"`
	// Whether others that stack may apply beside it. Else it stands alone, and the best for the member is taken.
	Stacks bool `yaml:"stacks"`
}

// Offer is posted to communities, claimed there by a tap, and applies itself at
// the claimer's next purchase it fits.
type Offer struct {
	// What members read.
	Label string `yaml:"label" rule:"required,max=48"`
	// A few words for the post.
	Text string `yaml:"text" rule:"max=400"`
	// Whose offer it is, and whose goods it is for.
	Brand string `yaml:"brand" rule:"required,is=name"`
	// Communities it is posted to; none means all that show the brand.
	Communities []string `yaml:"communities" rule:"each=name,most=25"`
	// What it takes off.
	Gives Gives `yaml:"gives" rule:"required"`
	// Which of the brand's goods it is for; none means all.
	For Goods `yaml:"for"`
	// Value of those goods, before discounts, from which it applies.
	Minimum Amount `yaml:"minimum" rule:"is=amount"`
	// How many members may claim it; none means no end.
	Limit Count `yaml:"limit" rule:"is=count"`
	// From when it is posted and can be claimed, as 2026-03-01 or 2026-03-01 18:00, in policies.timezone.
	From Moment `yaml:"from" rule:"is=moment"`
	// Until when it can be claimed and used; a day alone is meant to its end.
	Until Moment `yaml:"until" rule:"is=moment"`
	// Whether others that stack may apply beside it. Else it stands alone, and the best for the member is taken.
	Stacks bool `yaml:"stacks"`
}

// Gives is what a promotion or an offer takes off: one of percent, fixed,
// free_shipping and get.
type Gives struct {
	// Per cent off the goods, as 10 or 12.5.
	Percent Amount `yaml:"percent" rule:"is=percent"`
	// An amount off the goods together, in the shop's currency.
	Fixed Amount `yaml:"fixed" rule:"is=amount"`
	// Whether the parcel costs nothing.
	FreeShipping bool `yaml:"free_shipping"`
	// Of each buy + get units, get cost nothing: the cheapest.
	Get Count `yaml:"get" rule:"is=count"`
	// With get: how many have to be bought for that.
	Buy Count `yaml:"buy" rule:"is=count"`
	// The most it takes off an order.
	AtMost Amount `yaml:"at_most" rule:"is=amount"`
}

// Goods names goods: all that any of its lists names.
type Goods struct {
	// Names of brands.
	Brands []string `yaml:"brands" rule:"each=name,most=25"`
	// Handles of the feeds, or maps with a product and its variant.
	Products []PickItem `yaml:"products" rule:"most=100"`
	// Categories as the feeds name them.
	Categories []string `yaml:"categories" rule:"most=25"`
}

// Price is what a product costs instead of what its feed says.
type Price struct {
	// The feed's handle.
	Product string `yaml:"product" rule:"required,max=255"`
	// As Small, or Small / Red; none means all its variants.
	Variant string `yaml:"variant" rule:"max=255"`
	// What it costs.
	Price Amount `yaml:"price" rule:"required,is=amount"`
	// An earlier price, shown crossed out; none shows the feed's where that is higher.
	CompareAt Amount `yaml:"compare_at" rule:"is=amount"`
	// Another currency than the shop's, for the communities named. Ways to ship need a price in it: `prices`.
	Currency string `yaml:"currency" rule:"is=currency"`
	// Communities in which it holds; none means everywhere.
	Communities []string `yaml:"communities" rule:"each=name,most=25"`
	// From when it holds, as 2026-03-01 or 2026-03-01 18:00, in policies.timezone.
	From Moment `yaml:"from" rule:"is=moment"`
	// Until when it holds; a day alone is meant to its end.
	Until Moment `yaml:"until" rule:"is=moment"`
}

// CreatorCode is a code a creator gives to their followers.
type CreatorCode struct {
	// The code, whose case does not matter.
	Text string `yaml:"text" rule:"required,is=code"`
	// Per cent off the goods, as 10 or 12.5.
	Percent Amount `yaml:"percent" rule:"required,is=percent"`
}
