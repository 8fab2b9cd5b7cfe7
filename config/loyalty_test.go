package config

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestLoyaltyProblems declares tiers that nobody could read or have.
func TestLoyaltyProblems(t *testing.T) {
	for _, c := range []struct{ name, tiers, want string }{
		{"as it should be", "tiers: {silver: {name: Silver, names: {de: Silber}, spent: 100}, gold: {name: Gold, spent: 500}}", ""},
		{"of points", "days: 90, tiers: {silver: {name: Silver, points: 100}}", ""},
		{"too long ago", "days: 3651", "loyalty.days: 3651 is not from 1 to 3650"},
		{"of nothing", "tiers: {silver: {name: Silver}}", "loyalty.tiers.silver: needs spent or points"},
		{"of both", "tiers: {silver: {name: Silver, spent: 10, points: 10}}", "loyalty.tiers.silver"},
		{"mixed", "tiers: {silver: {name: Silver, spent: 10}, gold: {name: Gold, points: 10}}", "loyalty.tiers.silver: counts something else than gold: say spent for all tiers, or points for all"},
		{"for everybody", "tiers: {silver: {name: Silver, spent: 0}}", "loyalty.tiers.silver.spent: must be more than nothing"},
		{"the same", "tiers: {silver: {name: Silver, spent: 10}, gold: {name: Gold, spent: 10.00}}", "loyalty.tiers.silver.spent: is the same as that of gold"},
		{"in fractions", "tiers: {silver: {name: Silver, spent: 10.005}}", "has more decimals than EUR has"},
		{"a long name", "tiers: {silver: {name: Silver, names: {de: " + strings.Repeat("x", 25) + "}, spent: 10}}", "loyalty.tiers.silver.names.de: is longer than 24 characters"},
		{"too many", "tiers: {a: {name: A, spent: 1}, b: {name: B, spent: 2}, c: {name: C, spent: 3}, d: {name: D, spent: 4}, e: {name: E, spent: 5}, f: {name: F, spent: 6}, g: {name: G, spent: 7}, h: {name: H, spent: 8}, i: {name: I, spent: 9}, j: {name: J, spent: 10}, k: {name: K, spent: 11}}", "has 11 tiers"},
		{"early for a tier", "tiers: {silver: {name: Silver, spent: 10}}\ndrops:\n  jug: {title: Jug, brand: acme, product: lamp, units: 5, opens: 2026-03-02 18:00, closes: 2026-03-02 20:00, who: [{tier: silver, since: 2026-02-01, early: 30m}, {anybody: true}]}", ""},
		{"invited by a tier", "tiers: {silver: {name: Silver, spent: 10}}\ndrops:\n  jug: {title: Jug, brand: acme, product: lamp, units: 5, mode: invite, opens: 2026-03-02 18:00, closes: 2026-03-02 20:00, who: [{tier: silver}]}", "chooses nobody who could be invited"},
	} {
		t.Run(c.name, func(t *testing.T) {
			loyalty, drops, _ := strings.Cut(c.tiers, "\n")
			text := strings.Replace(good(t), "policies:", "loyalty: {"+loyalty+"}\n"+drops+"\npolicies:", 1)
			_, err := Load(filepath.Join(write(t, map[string]string{"c.yaml": text}), "c.yaml"), getenv)
			switch {
			case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("have %v\nwant %s", err, c.want)
			}
		})
	}
}

// TestExpireProblems keeps points for too short a time, or for nothing.
func TestExpireProblems(t *testing.T) {
	for points, want := range map[string]string{
		"worth: 1, expire: 60":   "",
		"worth: 1, expire: 59":   "points.expire: 59 is not from 60 to 3650",
		"worth: 1, expire: 3651": "points.expire: 3651 is not from 60 to 3650",
		"expire: 365":            "points.expire: needs worth: nobody could spend them before",
	} {
		text := strings.Replace(good(t), "policies:", "points: {"+points+"}\npolicies:", 1)
		_, err := Load(filepath.Join(write(t, map[string]string{"c.yaml": text}), "c.yaml"), getenv)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: have %v, want %s", points, err, want)
		}
	}
}

// TestEarningTierProblems declares tiers of creators, and rates of them, that cannot be.
func TestEarningTierProblems(t *testing.T) {
	const tiers = "tiers: {star: {name: Star, brought: 100}, sun: {name: Sun, brought: 500}}"
	for earnings, want := range map[string]string{
		tiers + ", rates: [{tier: sun, percent: 20}, {tier: star, percent: 15}]":                 "",
		tiers + ", rates: [{tier: star, brands: [acme], percent: 20}, {tier: sun, percent: 15}]": "",
		tiers + ", rates: [{tier: star, percent: 15}, {tier: sun, percent: 20}]":                 "earnings.rates[1]: never counts: earnings.rates[0] fits before it, so put the higher tier first",
		tiers + ", rates: [{tier: moon, percent: 15}]":                                           `earnings.rates[0].tier: there is no tier "moon"`,
		"rates: [{percent: 15}]": "earnings.rates[0]: needs brands, products or a tier it is for",
		"tiers: {star: {name: Star, brought: 100}, sun: {name: Sun, followers: 500}}": "earnings.tiers.sun: is by something else than star",
		"tiers: {star: {name: Star, followers: 5}, sun: {name: Sun, followers: 5}}":   "earnings.tiers.sun.followers: is the same as that of star",
		"tiers: {star: {name: Star}}": "earnings.tiers.star: needs followers or brought",
		"tier_days: 4000":             "earnings.tier_days: 4000 is not from 1 to 3650",
	} {
		text := strings.Replace(good(t), "policies:", "points: {worth: 1}\nearnings: {"+earnings+"}\npolicies:", 1)
		_, err := Load(filepath.Join(write(t, map[string]string{"c.yaml": text}), "c.yaml"), getenv)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: have %v, want %s", earnings, err, want)
		}
	}
}
