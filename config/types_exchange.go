package config

// Exchange is where brands offer samples to creators who are members, to be
// reviewed. A sample is an order that costs nothing; what is written about it
// says that it was got for free.
type Exchange struct {
	// Followers that a creator needs to apply, at least. A brand can ask for more, and not for fewer.
	Followers Count `yaml:"followers" rule:"is=count" default:"5000"`
	// Samples that a creator gets in thirty days, at most: 1 to 1000.
	Month Count `yaml:"month" rule:"is=count" default:"100"`
}
