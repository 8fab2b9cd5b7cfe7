package config

import (
	"time"
)

// This file checks drops: a plan that cannot be fair or kept is a problem
// before anybody is told of it.

// shortest and longest are how long a winner may have to pay.
const (
	shortestPay = 5 * time.Minute
	longestPay  = 29 * time.Minute // as policies.hold: a session of Stripe must outlive it
)

func (v *validator) drops() {
	zone := v.cfg.Policies.Zone()
	for _, name := range sorted(v.cfg.Drops) {
		d, path := v.cfg.Drops[name], "drops."+name
		v.reference(path+".brand", "brand", d.Brand, "brands", sorted(v.cfg.Brands))
		v.references(path+".communities", "community", d.Communities, "communities", sorted(v.cfg.Communities))
		v.amount(path+".price", d.Price)
		switch {
		case d.Units == "" && len(d.Variants) == 0 && !v.broken(path+".units") && !v.broken(path+".variants"):
			v.say(path, "needs units, or variants with the units of each")
		case d.Units != "" && len(d.Variants) > 0:
			v.say(path+".units", "is for a product with one variant: say it for each in variants alone")
		}
		if d.Mode == "draw" && d.Line != "" {
			v.say(path+".line", "is for a queue: in a draw everybody who enters has a place")
		}
		if within := d.PayWithin.D(); within < shortestPay || within > longestPay {
			v.say(path+".pay_within", "%s is not from 5m to 29m", d.PayWithin)
		}
		real := true
		for key, m := range map[string]Moment{"announce": d.Announce, "opens": d.Opens, "closes": d.Closes} {
			if m != "" && m.Start(zone).IsZero() {
				v.say(path+"."+key, "%s is no day of the calendar", v.quote(path+"."+key))
				real = false
			}
		}
		if !real || d.Opens == "" || d.Closes == "" {
			continue
		}
		opens, closes := d.Opens.Start(zone), d.Closes.End(zone)
		if !closes.After(opens) {
			v.say(path+".closes", "%s is not after opens, %s", d.Closes, d.Opens)
		}
		if d.Announce != "" && !d.Announce.Start(zone).Before(opens) {
			v.say(path+".announce", "%s is not before opens, %s: nobody would know of it in time", d.Announce, d.Opens)
		}
		if until, quiet := v.cfg.Policies.Quiet(opens); quiet {
			v.say(path+".opens", "%s is in the quiet hours, when many are not there: they end at %s", d.Opens, until.In(zone).Format("15:04"))
		}
	}
}
