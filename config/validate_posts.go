package config

import (
	"fmt"
	"strings"
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
