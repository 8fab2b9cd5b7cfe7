package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	_ "time/tzdata" // a container without a zone database still knows the zones

	"golang.org/x/text/language"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
)

// validator checks what a single value's rule cannot: references, codes of
// standards, what the platforms take. It reports nothing at a path the
// decoder has reported already.
type validator struct {
	cfg     *Config
	decoder *decoder
}

func (v *validator) say(path, format string, args ...any) {
	if v.broken(path) {
		return
	}
	v.decoder.note(v.cfg.Position(path), path, true, format, args...)
}

// broken reports that the value at the path, or one around it, was not read.
func (v *validator) broken(path string) bool {
	for path != "" {
		if v.decoder.broken[path] {
			return true
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return false
}

// quote returns the value at a path as a message may show it.
func (v *validator) quote(path string) string {
	if s, ok := v.cfg.origin.shown[path]; ok {
		return s
	}
	return "it"
}

func (v *validator) validate() {
	v.shop()
	v.bots()
	for _, name := range sorted(v.cfg.Brands) {
		v.brand(name, v.cfg.Brands[name])
	}
	v.papers()
	for _, name := range sorted(v.cfg.Creators) {
		v.creator(name, v.cfg.Creators[name])
	}
	v.communities()
	v.promotions()
	v.drops()
	v.wallet()
	v.staff()
	v.policies()
	v.returns()
	v.posts()
	v.gates()
	v.earnings()
	v.loyalty()
	v.exchange()
	v.accounts()
	for _, tag := range sorted(v.cfg.Texts) {
		v.language("texts."+tag, tag)
	}
}

func (v *validator) shop() {
	s := v.cfg.Shop
	if s.Currency != "" && commerce.Digits(s.Currency) < 0 {
		v.say("shop.currency", "%s is not an ISO 4217 currency", v.quote("shop.currency"))
	}
	v.language("shop.language", s.Language)
	if u, err := url.Parse(s.URL); s.URL != "" && (err != nil || u.Hostname() == "" || u.User != nil) {
		v.say("shop.url", "%s is not an address as https://shop.example.com", v.quote("shop.url"))
	} else if s.URL != "" && u.Scheme == "http" && !loopback(u.Hostname()) {
		v.say("shop.url", "must start with https://: Telegram, Discord and Stripe call no other (http:// is for this machine alone)")
	}
	if _, port, err := net.SplitHostPort(v.cfg.Listen); v.cfg.Listen != "" {
		if n, _ := strconv.Atoi(port); err != nil || n > 65535 {
			v.say("listen", "%s is not an address and port as 127.0.0.1:8080", v.quote("listen"))
		}
	}
}

func (v *validator) language(path, tag string) {
	if tag == "" {
		return
	}
	if _, err := language.Parse(tag); err != nil {
		v.say(path, "%q is not a language as en or pt-BR", tag)
	}
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && ip.IsLoopback()
}

func (v *validator) bots() {
	seen := map[string]string{}
	for _, name := range sorted(v.cfg.Bots) {
		b, path := v.cfg.Bots[name], "bots."+name
		account := ""
		if b.Telegram != nil {
			path += ".telegram.username"
			account = "@" + strings.ToLower(b.Telegram.Username)
		} else if b.Discord != nil {
			path += ".discord.application"
			account = b.Discord.Application
		}
		if strings.Trim(account, "@") == "" {
			continue
		}
		if other, ok := seen[account]; ok {
			v.say(path, "is the account of the bot %q too", other)
		}
		seen[account] = name
	}
}

func (v *validator) communities() {
	where := map[Chat]string{}
	for _, name := range sorted(v.cfg.Communities) {
		c, path := v.cfg.Communities[name], "communities."+name
		v.postTimes(c, path)
		telegram := false
		for i, chat := range c.Chats {
			here := fmt.Sprintf("%s.chats[%d]", path, i)
			bot, ok := v.cfg.Bots[chat.Bot]
			v.reference(here+".bot", "bot", chat.Bot, "bots", sorted(v.cfg.Bots))
			if other, twice := where[chat]; twice && chat.ID != "" {
				v.say(here, "is a chat of the community %q already", other)
			}
			where[chat] = name
			telegram = telegram || bot.Telegram != nil
			if ok && bot.Discord != nil && chat.ID != "" {
				if !values["snowflake"].matches(chat.ID) {
					v.say(here+".id", "%s is not a Discord channel's id of 17 to 20 digits", v.quote(here+".id"))
				}
				if chat.Thread != "" {
					v.say(here+".thread", "is for Telegram: a Discord thread is a chat with an id of its own")
				}
			}
		}
		shown := c.Brands
		v.references(path+".brands", "brand", c.Brands, "brands", sorted(v.cfg.Brands))
		if len(c.Brands) == 0 {
			if shown = sorted(v.cfg.Brands); len(shown) > bots.MaxChoices {
				v.say(path, "shows all %d brands where %d fit a menu: list its brands", len(shown), bots.MaxChoices)
			}
		}
		for i, brand := range shown {
			if !telegram || !v.cfg.Brands[brand].Digital {
				continue
			}
			here := path
			if len(c.Brands) > 0 {
				here = fmt.Sprintf("%s.brands[%d]", path, i)
			}
			v.say(here, "shows the brand %q in a Telegram chat; it sells digital goods, which Telegram lets be sold for its Stars only", brand)
		}
		v.references(path+".featured", "creator", c.Featured, "creators", sorted(v.cfg.Creators))
	}
}

// references checks a list of names, each known and none twice.
func (v *validator) references(path, what string, names []string, section string, known []string) {
	for i, name := range names {
		here := fmt.Sprintf("%s[%d]", path, i)
		v.reference(here, what, name, section, known)
		if name != "" && slices.Index(names, name) < i {
			v.say(here, "%q is in the list twice", name)
		}
	}
}

func (v *validator) reference(path, what, name, section string, known []string) {
	if name == "" || slices.Contains(known, name) || v.decoder.broken[section] || v.decoder.broken[section+"."+name] {
		return
	}
	v.say(path, "there is no %s %q%s", what, name, DidYouMean(name, known))
}

func (v *validator) creator(name string, c Creator) {
	seen := map[string]bool{}
	for i, p := range c.Picks {
		path := fmt.Sprintf("creators.%s.picks[%d]", name, i)
		if p.ID != "" && seen[p.ID] {
			v.say(path+".id", "%q is another pick of this creator already", p.ID)
		}
		seen[p.ID] = true
		v.file(path+".picture", p.Picture)
		items := map[PickItem]bool{}
		for j, item := range p.Products {
			here := fmt.Sprintf("%s.products[%d]", path, j)
			v.reference(here+".brand", "brand", item.Brand, "brands", sorted(v.cfg.Brands))
			if items[item] && item.Product != "" {
				v.say(here, "is in the pick twice")
			}
			items[item] = true
		}
	}
	v.file("creators."+name+".picture", c.Picture)
}

// file checks that a file beside the YAML is there, or an address is https.
func (v *validator) file(path, name string) {
	if name == "" {
		return
	}
	if isURL(name) {
		u, err := url.Parse(name)
		if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
			v.say(path, "%s is not an https address", v.quote(path))
		}
		return
	}
	if err := v.decoder.files.exists(name); err != nil {
		v.say(path, "%s: %s", v.quote(path), reason(err))
	}
}

func (v *validator) staff() {
	type duty struct{ platform, account, role, brand string }
	seen := map[duty]bool{}
	for i, s := range v.cfg.Staff {
		path := fmt.Sprintf("staff[%d]", i)
		switch {
		case s.Role == "brand" && s.Brand == "" && !v.broken(path+".brand"):
			v.say(path, "role brand needs a brand")
		case s.Role != "brand" && s.Role != "" && s.Brand != "":
			v.say(path+".brand", "is for role brand alone")
		}
		v.reference(path+".brand", "brand", s.Brand, "brands", sorted(v.cfg.Brands))
		for _, d := range []duty{{"telegram", s.Telegram, s.Role, s.Brand}, {"discord", s.Discord, s.Role, s.Brand}} {
			if d.account != "" && seen[d] {
				v.say(path+"."+d.platform, "this account has the role already")
			}
			seen[d] = true
		}
	}
}

func (v *validator) policies() {
	p := v.cfg.Policies
	if p.Hold.D() < 5*time.Minute || p.Hold.D() > 29*time.Minute {
		v.say("policies.hold", "%s is not from 5m to 29m; Stripe's shortest session is 30 minutes and must outlive it", p.Hold)
	}
	if p.PostEvery.D() < time.Minute {
		v.say("policies.post_every", "%s is less than 1m", p.PostEvery)
	}
	if p.KeepOrders.D() < 24*time.Hour {
		v.say("policies.keep_orders", "%s is less than 24h", p.KeepOrders)
	}
	if within := p.WaitlistWindow.D(); within < shortestPay || within > longestPay {
		v.say("policies.waitlist_window", "%s is not from 5m to 29m", p.WaitlistWindow)
	}
	if from, to, _ := strings.Cut(p.QuietHours, "-"); from == to && from != "" {
		v.say("policies.quiet_hours", "begin and end at the same time")
	}
	if _, err := time.LoadLocation(p.Timezone); err != nil || p.Timezone == "Local" {
		v.say("policies.timezone", "%s is not a time zone as Europe/Berlin", v.quote("policies.timezone"))
	}
}

func sorted[T any](m map[string]T) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
