package config

// Drop releases so many units of a product into several communities at once,
// from one stock, by rules that everybody can check. What is said here is fixed
// once it is announced.
type Drop struct {
	// What members read.
	Title string `yaml:"title" rule:"required,max=64"`
	// A few words about it.
	Text string `yaml:"text" rule:"max=400"`
	// Whose drop it is.
	Brand string `yaml:"brand" rule:"required,is=name"`
	// The feed's handle.
	Product string `yaml:"product" rule:"required,max=255"`
	// How many there are, of a product with one variant.
	Units Count `yaml:"units" rule:"is=count"`
	// How many there are of each variant, as Small or Small / Red.
	Variants map[string]Count `yaml:"variants" rule:"each=count"`
	// What one costs; none means what it costs anybody.
	Price Amount `yaml:"price" rule:"is=amount"`
	// Of a group price: what one costs all who joined when so many did, falling. The number of the first is the least that must join.
	Steps []DropStep `yaml:"steps" rule:"most=8"`
	// How they find their buyers: queue, first come, first served; draw, among all who enter while it is open, by a method that anybody can check; invite, those whom `who` chooses, in the order of its rules and of how long they meet them; group, the price falls as members join, and the close charges all of them the same.
	Mode string `yaml:"mode" rule:"is=drop-mode" default:"queue"`
	// When the groups are told, as 2026-03-01 12:00, in policies.timezone; none means at once.
	Announce Moment `yaml:"announce" rule:"is=moment"`
	// From when it can be claimed. Never before everybody has been told: where that takes longer it opens, and closes, later.
	Opens Moment `yaml:"opens" rule:"required,is=moment"`
	// Until when it can be claimed; a day alone is meant to its end.
	Closes Moment `yaml:"closes" rule:"required,is=moment"`
	// How long a unit is kept for who has won it: from 5m to 29m in a queue, to 48h in a draw or for who is invited.
	PayWithin Duration `yaml:"pay_within" default:"10m"`
	// Of a queue: how many may wait in line behind the units of a variant; none means as many as there are units.
	Line Count `yaml:"line" rule:"is=count"`
	// Of a queue: how many units one person may have, over all their accounts.
	PerPerson Count `yaml:"per_person" rule:"is=count" default:"1"`
	// Who may take part: who meets one of these. None means anybody.
	Who []DropRule `yaml:"who" rule:"most=10"`
	// Of a queue: units that are kept for the members of a community, as 5, or of variants as Small 3, Large 2. The rest is everybody's.
	Allotments map[string]Allotment `yaml:"allotments" rule:"each=allotment"`
	// How long after the opening the units of the communities are kept for them; then they are everybody's.
	Spills Duration `yaml:"spills"`
	// How many members are expected to be told in private, because they asked for it: souk check says whether the time until it opens is enough for that.
	Followers Count `yaml:"followers" rule:"is=count"`
	// How many members are expected to come, for `souk rehearse`; none means ten for each unit.
	Expects Count `yaml:"expects" rule:"is=count"`
	// Communities that are told; none means all that show the brand.
	Communities []string `yaml:"communities" rule:"each=name,most=25"`
}

// DropStep is a price, and how many must have joined for it.
type DropStep struct {
	// How many must have joined.
	Joined Count `yaml:"joined" rule:"required,is=count"`
	// What one costs all of them then.
	Price Amount `yaml:"price" rule:"required,is=amount"`
}

// DropRule names some who may take part in a drop: one of follows, brand,
// community, role, tier, lost and anybody.
type DropRule struct {
	// Who follows this creator.
	Follows string `yaml:"follows" rule:"is=name"`
	// Who asked to be told of the drops of this brand, under one of them.
	Brand string `yaml:"brand" rule:"is=name"`
	// Members of this community: since they joined, where the platform tells it, or since they were seen there first.
	Community string `yaml:"community" rule:"is=name"`
	// Who has this role in the Discord server they claim from, by its id.
	Role string `yaml:"role" rule:"is=snowflake"`
	// What members read for the role, as Potters.
	Called string `yaml:"called" rule:"max=40"`
	// Who has this tier of loyalty, or a higher one. What it asks for is fixed when the drop is announced.
	Tier string `yaml:"tier" rule:"is=name"`
	// For whom nothing was left in an earlier drop of the brand, and who have bought in none since.
	Lost bool `yaml:"lost"`
	// Everybody.
	Anybody bool `yaml:"anybody"`
	// They must have followed, asked, been in the community, or had the tier, at that time; none means now.
	Since Moment `yaml:"since" rule:"is=moment"`
	// Of a queue: how long before the opening they may claim.
	Early Duration `yaml:"early"`
	// Of a draw: they are drawn before the others. It is fixed when they enter, and in the published list, so that everybody can check it.
	First bool `yaml:"first"`
}
