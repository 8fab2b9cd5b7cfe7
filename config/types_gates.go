package config

// Gate keeps some goods from whom, or where, they may not be sold. Who is not known
// to be old enough finds them in no list, and is asked once for the year they were
// born in where they open one.
type Gate struct {
	// Names of brands.
	Brands []string `yaml:"brands" rule:"each=name,most=25"`
	// Handles of the feeds, or maps with a product and its brand.
	Products []PickItem `yaml:"products" rule:"most=100"`
	// Categories as the feeds name them.
	Categories []string `yaml:"categories" rule:"most=25"`
	// Communities whose members are asked before they are shown anything; their groups show pictures of goods up to the age.
	Communities []string `yaml:"communities" rule:"each=name,most=25"`
	// From which age they are shown and sold: 1 to 99.
	Age Count `yaml:"age" rule:"is=count"`
	// Countries they are sent to, or EU for all of the European Union; none means everywhere.
	SoldTo []string `yaml:"sold_to" rule:"each=country,most=250"`
	// Countries they are not sent to.
	NotSoldTo []string `yaml:"not_sold_to" rule:"each=country,most=250"`
}

// CountriesOf expands EU in a list of countries.
func CountriesOf(list []string) (codes []string) {
	for _, c := range list {
		codes = append(codes, countries(c)...)
	}
	return codes
}
