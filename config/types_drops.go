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
	// How they find their buyers: queue, first come, first served; draw, among all who enter while it is open, by a method that anybody can check.
	Mode string `yaml:"mode" rule:"is=drop-mode" default:"queue"`
	// When the groups are told, as 2026-03-01 12:00, in policies.timezone; none means at once.
	Announce Moment `yaml:"announce" rule:"is=moment"`
	// From when it can be claimed. Never before everybody has been told.
	Opens Moment `yaml:"opens" rule:"required,is=moment"`
	// Until when it can be claimed; a day alone is meant to its end.
	Closes Moment `yaml:"closes" rule:"required,is=moment"`
	// How long a unit is kept for who has won it, from 5m to 29m.
	PayWithin Duration `yaml:"pay_within" default:"10m"`
	// Of a queue: how many may wait in line behind the units of a variant; none means as many as there are units.
	Line Count `yaml:"line" rule:"is=count"`
	// Communities that are told; none means all that show the brand.
	Communities []string `yaml:"communities" rule:"each=name,most=25"`
}
