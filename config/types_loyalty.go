package config

// Loyalty is the tiers of members who buy often, or earn many points. Changed rules
// count for everybody at once; nobody is told of that but where they see their tier.
type Loyalty struct {
	// Days that count, up to now: what was bought or earned before them does not. At most 3650.
	Days Count `yaml:"days" rule:"is=count" default:"365"`
	// The tiers, by a name of your choice, at most 10. Who reaches several has the highest.
	Tiers map[string]LoyaltyTier `yaml:"tiers" rule:"key=name"`
}

// LoyaltyTier is what a member must have spent, or earned: the same for all tiers.
type LoyaltyTier struct {
	// What members read.
	Name string `yaml:"name" rule:"required,max=24"`
	// What they read in other languages, by language.
	Names map[string]string `yaml:"names" rule:"key=language,each=text"`
	// What they paid for goods, in the shop's currency: less discounts and what went back, with tax, without parcels and gift cards.
	Spent Amount `yaml:"spent" rule:"is=amount"`
	// Points that came into their wallet, less what was taken back; spent or not.
	Points Amount `yaml:"points" rule:"is=points"`
}
