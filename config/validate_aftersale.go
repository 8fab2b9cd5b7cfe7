package config

func (v *validator) returns() {
	r := v.cfg.Policies.Returns
	if r.Days < 0 || r.Days > 365 {
		v.say("policies.returns.days", "%d is not from 0 to 365", r.Days)
	}
	if r.DeliveredAfter < 7 || r.DeliveredAfter > 60 {
		v.say("policies.returns.delivered_after", "%d is not from 7 to 60; the days to send something back count from then", r.DeliveredAfter)
	}
}
