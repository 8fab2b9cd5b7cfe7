package config

// Earnings is what creators who are members get, in points, from what is bought
// because of them. They are paid where points have a worth, once the goods cannot
// be sent back any more; whoever buys from their own pick earns nothing.
type Earnings struct {
	// Per cent of what a line brought, without tax, shipping and what was taken off; 0 for nothing.
	Percent Amount `yaml:"percent" rule:"is=percent" default:"10"`
	// What some goods bring instead: the first that fits counts.
	Rates []EarningRate `yaml:"rates" rule:"most=50"`
}

// EarningRate is what some goods bring their creators.
type EarningRate struct {
	// Names of brands.
	Brands []string `yaml:"brands" rule:"each=name,most=25"`
	// Handles of the feeds, or maps with a product and its variant.
	Products []PickItem `yaml:"products" rule:"most=100"`
	// Per cent of what a line brought; 0 for nothing.
	Percent Amount `yaml:"percent" rule:"required,is=percent"`
}
