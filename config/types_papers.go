package config

import "strings"

// BrandInvoice is how a brand stands on its receipts and invoices.
type BrandInvoice struct {
	// The seller's legal name; none takes the brand's name.
	LegalName string `yaml:"legal_name" rule:"max=120"`
	// The seller's address, one entry a line.
	Address []string `yaml:"address" rule:"each=text,most=6"`
	// Number for taxes, as DE123456789.
	TaxID string `yaml:"tax_id" rule:"max=40"`
	// What stands at the foot of each page: register, bank, how to ask.
	Footer string `yaml:"footer" rule:"max=300"`
	// What the numbers begin with, as KILN in KILN-2026-00001; none takes the brand's name in capitals.
	Prefix string `yaml:"prefix" rule:"is=prefix"`
}

// InvoicePrefix is what the numbers of a brand's invoices begin with; name is
// the brand's in the configuration.
func (b Brand) InvoicePrefix(name string) string {
	if b.Invoice.Prefix != "" {
		return b.Invoice.Prefix
	}
	return strings.ToUpper(name)
}

// papers checks that no two brands write the same numbers.
func (v *validator) papers() {
	taken := map[string]string{}
	for _, name := range sorted(v.cfg.Brands) {
		prefix := v.cfg.Brands[name].InvoicePrefix(name)
		if other, ok := taken[prefix]; ok {
			v.say("brands."+name+".invoice.prefix", "%q begins the numbers of brands.%s too: two invoices would have the same number", prefix, other)
		}
		taken[prefix] = name
	}
}
