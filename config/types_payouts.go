package config

// BrandPayout is how a brand is paid by Stripe Connect.
type BrandPayout struct {
	// The brand's account that is connected to the shop's, as acct_1A2b3C4d5E6f7G8h; none: the shop pays it in another way.
	Account string `yaml:"account" rule:"is=connected"`
	// What the shop keeps of what the brand's goods, parcels and tax brought by card, in percent.
	Keep Amount `yaml:"keep" rule:"is=percent" default:"0"`
	// How many days the money is held back, so that returns can be paid from it.
	HoldDays int64 `yaml:"hold_days" rule:"is=days" default:"14"`
}

// payout checks what the shop keeps.
func (v *validator) payout(path string, p BrandPayout) {
	if p.Keep != "" && !v.broken(path+".keep") {
		if n, err := p.Keep.PPM(); err == nil && n > 1_000_000 {
			v.say(path+".keep", "the shop can keep 100 percent at most, not %s", p.Keep)
		}
	}
	if p.Account == "" && p.Keep != "" && p.Keep != "0" {
		v.say(path+".account", "what the shop keeps says nothing without an account to pay the rest to: add account: acct_…")
	}
}
