package config

const mostSamples = 1000 // in a month: those that count are read for each application

func (v *validator) exchange() {
	if v.cfg.Exchange.Month.N() > mostSamples {
		v.say("exchange.month", "%s is not from 1 to %d", v.cfg.Exchange.Month, mostSamples)
	}
}
