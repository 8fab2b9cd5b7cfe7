package config

// Returns is what the shop says about goods that are sent back.
type Returns struct {
	// How many days after it arrived something can be sent back. In the EU and the EEA it is at least 14, whatever stands here.
	Days int64 `yaml:"days" rule:"is=days" default:"14"`
	// Where to send it and how, told to a member whose return is approved.
	Instructions string `yaml:"instructions" rule:"max=800"`
	// How many days after it was sent a parcel is taken for delivered where nobody has said that it arrived: 7 to 60.
	DeliveredAfter int64 `yaml:"delivered_after" rule:"is=days" default:"14"`
}
