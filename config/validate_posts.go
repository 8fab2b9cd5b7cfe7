package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
)

func (v *validator) posts() {
	p := v.cfg.Policies.Posts
	if p.Photos.N() > 3 {
		v.say("policies.posts.photos", "%s is not from 1 to 3", p.Photos)
	}
	if p.Side.N() > 1000 {
		v.say("policies.posts.side", "%s is not from 1 to 1000; photos are kept with 1280 pixels at most", p.Side)
	}
	if p.Long.N() > 1000 {
		v.say("policies.posts.long", "%s is not from 1 to 1000; no more can be typed into a form", p.Long)
	}
	if p.Short.N() > p.Long.N() {
		v.say("policies.posts.short", "%s is more than what is allowed at most, %s", p.Short, p.Long)
	}
	for i, word := range p.Promises {
		if strings.TrimSpace(word) == "" {
			v.say(fmt.Sprintf("policies.posts.promises[%d]", i), "an empty word: leave it out")
		}
	}
}

// postTimes holds a community to a time at which a post can appear.
func (v *validator) postTimes(c Community, path string) {
	zone, err := v.cfg.Policies.Zone(), error(nil)
	if c.Timezone != "" {
		if zone, err = time.LoadLocation(c.Timezone); err != nil || c.Timezone == "Local" {
			v.say(path+".timezone", "%s is not a time zone as Europe/Berlin", v.quote(path+".timezone"))
			return
		}
	}
	for i, day := range c.PostDays {
		for _, before := range c.PostDays[:i] {
			if day == before {
				v.say(fmt.Sprintf("%s.post_days[%d]", path, i), "%q is in the list twice", day)
			}
		}
	}
	from, to, limited := strings.Cut(c.PostHours, "-")
	if !limited {
		return
	}
	if from == to {
		v.say(path+".post_hours", "begin and end at the same time: leave them out where posts are taken all day")
		return
	}
	// In winter and in summer, as the two clocks may not go forward together.
	for _, month := range []time.Month{time.January, time.July} {
		some := false
		for at := time.Date(2026, month, 15, 0, 0, 0, 0, zone); at.Day() < 17; at = at.Add(5 * time.Minute) {
			_, within := commerce.Quiet(c.PostHours, zone, at)
			_, quiet := v.cfg.Policies.Quiet(at)
			some = some || within && !quiet
		}
		if !some {
			v.say(path+".post_hours", "all of %s lies in policies.quiet_hours, so nothing would ever be posted: choose hours outside of %s", c.PostHours, v.cfg.Policies.QuietHours)
			return
		}
	}
}
