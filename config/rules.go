package config

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/soukchat/souk/commerce"
)

// Rules of a value. The loader and the JSON Schema read the same ones, and a
// property test holds them to the same verdict.
//
//	required   the key must be there
//	is=RULE    the text keeps the rule of that name in values; "text" by default
//	max=N      the text has at most N characters
//	key=RULE   of a map's keys
//	each=RULE  of the items of a list or the values of a map
//	min=N      the list or the map has at least N entries
//	most=N     the list has at most N entries
type rules struct {
	required       bool
	is, key, each  string
	max, min, most int
}

// value is a rule for a text. What a pattern cannot say is checked in
// validate.go and its neighbours.
type value struct {
	pattern string // empty: anything but blank
	number  bool   // an unquoted number is taken as it is written
	secret  bool   // its text is never shown
	say     string // what it should be, to end the sentence "… is not"
	example string // stands in for an unset variable in a preview

	key, each string // where the value is itself a map or a list
}

const variable = `\$\{[A-Za-z_][A-Za-z0-9_]*\}`

var values = map[string]value{
	"text":        {say: "a text", example: "preview"},
	"name":        {pattern: `^[a-z0-9][a-z0-9_-]{0,31}$`, say: "a name of a–z, 0–9, - and _, at most 32 long", example: "preview"},
	"url":         {pattern: `^https?://[^\s/?#]+/?$`, say: "an address as https://shop.example.com, without a path", example: "https://shop.example"},
	"file":        {pattern: `^[^\s]([^\n]*[^\s])?$`, say: "a file or an https address", example: "preview.csv"},
	"path":        {pattern: `^[^\s]([^\n]*[^\s])?$`, say: "a path", example: "preview"},
	"secret-file": {pattern: `^[^\s]([^\n]*[^\s])?$`, say: "a file", example: "preview"},
	"listen":      {pattern: `^[^\s]*:[0-9]{1,5}$`, say: "an address and port as 127.0.0.1:8080 or :8080", example: "127.0.0.1:0"},
	"currency":    {pattern: `^[A-Z]{3}$`, say: "an ISO 4217 currency as EUR", example: "EUR"},
	"language":    {pattern: `^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`, say: "a language as en or pt-BR", example: "en"},
	"username":    {pattern: `^[A-Za-z][A-Za-z0-9_]{3,31}$`, say: "a Telegram username without @, of 4 to 32 letters, digits and _", example: "preview_bot"},
	"snowflake":   {pattern: `^[0-9]{17,20}$`, number: true, say: "a Discord id of 17 to 20 digits", example: "100000000000000000"},
	"account":     {pattern: `^[1-9][0-9]{0,15}$`, number: true, say: "a numeric account id", example: "1001"},
	"public-key":  {pattern: `^[0-9a-fA-F]{64}$`, say: "a public key of 64 hexadecimal digits", example: strings.Repeat("0", 64)},
	"chat":        {pattern: `^-?[1-9][0-9]{0,19}$`, number: true, say: "a chat's numeric id", example: "-1001000000001"},
	"thread":      {pattern: `^[1-9][0-9]{0,9}$`, number: true, say: "a topic's numeric id", example: "1"},
	"amount":      {pattern: `^[0-9]{1,12}(\.[0-9]{1,4})?$`, number: true, say: "an amount as 4.90", example: "1"},
	"percent":     {pattern: `^[0-9]{1,3}(\.[0-9]{1,4})?$`, number: true, say: "a percentage as 19 or 5.5", example: "1"},
	"connected":   {pattern: `^acct_[A-Za-z0-9]{6,64}$`, say: "a connected account of Stripe as acct_1A2b3C4d5E6f7G8h", example: "acct_1A2b3C4d5E6f7G8h"},
	"prefix":      {pattern: `^[A-Z0-9][A-Z0-9-]{0,11}$`, say: "a prefix as KILN: capitals, digits and -, at most 12 long", example: "PREVIEW"},
	"allotment":   {pattern: `^([1-9][0-9]{0,6}|.*[^0-9 ].*[1-9][0-9]{0,6})$`, number: true, say: "units as 5, or of variants as Small 3, Large 2", example: "1"},
	"count":       {pattern: `^[1-9][0-9]{0,6}$`, number: true, say: "a whole number from 1", example: "1"},
	"code":        {pattern: `^[A-Za-z0-9][A-Za-z0-9-]{2,31}$`, say: "a code of 3 to 32 letters, digits and -", example: "CODE"},
	"moment":      {pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}( ([01][0-9]|2[0-3]):[0-5][0-9])?$`, say: "a day as 2026-03-01, or with its time as 2026-03-01 18:00", example: "2026-03-01"},
	"days":        {pattern: `^[0-9]{1,3}$`, number: true, say: "a number of days as 14", example: "14"},
	"points":      {pattern: `^[1-9][0-9]{0,8}$`, number: true, say: "a number of points as 100", example: "1"},
	"duration":    {pattern: `^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$`, say: "a time span as 15m or 1h30m", example: "15m"},
	"quiet-hours": {pattern: `^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$`, say: "hours as 22:00-08:00", example: "22:00-08:00"},
	"hours":       {pattern: `^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$`, say: "hours as 09:00-21:00", example: "09:00-21:00"},
	"weekday":     {pattern: `^(mon|tue|wed|thu|fri|sat|sun)$`, say: "one of mon, tue, wed, thu, fri, sat, sun", example: "mon"},
	"timezone":    {pattern: `^[A-Za-z0-9_+/-]{1,64}$`, say: "a time zone as Europe/Berlin", example: "UTC"},
	"earned":      {pattern: `^(points|money)$`, say: "one of points, money", example: "points"},
	"credit":      {pattern: `^(last|first|split)$`, say: "one of last, first, split", example: "last"},
	"drop-mode":   {pattern: `^(queue|draw|invite|group)$`, say: "one of queue, draw, invite, group", example: "queue"},
	"role":        {pattern: `^(admin|brand|moderator)$`, say: "one of admin, brand, moderator", example: "admin"},
	"zone":        {pattern: `^[A-Za-z][A-Za-z0-9 _-]{0,31}$`, say: "a zone's name of letters, digits, spaces, - and _", example: "home"},
	"place":       {pattern: `^[A-Za-z][A-Za-z0-9 _-]{0,31}$`, say: "a zone of this brand or a country code as DE", example: "DE"},
	"country":     {pattern: `^[A-Z]{2}$`, say: "a country code as DE, or EU", example: "DE"},
	"countries":   {each: "country"},
	"held-words":  {each: "held-word"},
	"held-word":   {pattern: `^.*[\p{L}\d].*$`, say: "a word, several, or the beginning of one as scam*", example: "scam*"},
	"text-id":     {pattern: `^[a-z0-9][A-Za-z0-9._-]{0,63}$`, say: "the id of a text", example: "text"},
	"texts":       {key: "text-id", each: "override"},
	"override":    {say: "a text", example: "preview"},

	"database":       {secret: true, pattern: `^(sqlite:|postgres://|postgresql://)[^\s]+$`, say: "sqlite:FILE or postgres://user:${PASSWORD}@host:5432/name", example: "sqlite:souk.db"},
	"redis":          {secret: true, pattern: `^(rediss?|unix)://[^\s]+$`, say: "an address as redis://host:6379/0", example: "redis://127.0.0.1:6379/0"},
	"telegram-token": {secret: true, pattern: `^` + variable + `$`, say: "a bot token as BotFather gives it, 123456:ABC…", example: "1000001:preview-preview-preview"},
	"provider-token": {secret: true, pattern: `^` + variable + `$`, say: "a payment provider's token as BotFather gives it, 284685063:TEST:…", example: "284685063:TEST:preview"},
	"discord-token":  {secret: true, pattern: `^` + variable + `$`, say: "a bot token as the developer portal gives it", example: "preview.preview.preview"},
	"stripe-key":     {secret: true, pattern: `^` + variable + `$`, say: "a Stripe key, sk_… or rk_…", example: "sk_test_preview"},
	"stripe-webhook": {secret: true, pattern: `^` + variable + `$`, say: "a Stripe signing secret, whsec_…", example: "whsec_preview"},
}

// shapes are what the secrets look like once their variable is filled in.
var shapes = map[string]*regexp.Regexp{
	"telegram-token": regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]{10,}$`),
	"provider-token": regexp.MustCompile(`^[0-9]+:(TEST|LIVE):[^\s]+$`),
	"discord-token":  regexp.MustCompile(`^[^\s]+$`),
	"stripe-key":     regexp.MustCompile(`^(sk|rk)_(test|live)_[^\s]+$`),
	"stripe-webhook": regexp.MustCompile(`^whsec_[^\s]+$`),
}

// maxOverride is the longest text an override may be, in characters: bots.MaxText
// less room for what a screen sets around it.
const maxOverride = 1500

// sets are keys that go together: exactly one of them, at least one, or at
// most one.
type set struct {
	least, most int
	keys        []string
}

var sets = map[reflect.Type][]set{
	reflect.TypeFor[Bot]():        {{1, 1, []string{"telegram", "discord"}}},
	reflect.TypeFor[Telegram]():   {{1, 1, []string{"token", "token_file"}}, {0, 1, []string{"provider_token", "provider_token_file"}}},
	reflect.TypeFor[Discord]():    {{1, 1, []string{"token", "token_file"}}},
	reflect.TypeFor[Stripe]():     {{1, 1, []string{"secret_key", "secret_key_file"}}, {1, 2, []string{"webhook_secret", "webhook_secret_file"}}},
	reflect.TypeFor[Database]():   {{0, 1, []string{"url", "url_file"}}},
	reflect.TypeFor[Redis]():      {{0, 1, []string{"url", "url_file"}}},
	reflect.TypeFor[Gives]():      {{1, 1, []string{"percent", "fixed", "free_shipping", "get"}}},
	reflect.TypeFor[Staff]():      {{1, 2, []string{"telegram", "discord"}}},
	reflect.TypeFor[Creator]():    {{0, 1, []string{"telegram", "discord"}}},
	reflect.TypeFor[BroughtPay](): {{0, 1, []string{"percent", "points"}}},

	reflect.TypeFor[LoyaltyTier](): {{1, 1, []string{"spent", "points"}}},
	reflect.TypeFor[EarningTier](): {{1, 1, []string{"followers", "brought"}}},
}

var (
	secretType   = reflect.TypeFor[commerce.Secret]()
	durationType = reflect.TypeFor[Duration]()
	pickItemType = reflect.TypeFor[PickItem]()
)

// field is a key of a map that a struct stands for.
type field struct {
	name     string
	index    int
	fallback string
	rules    rules
}

// fields lists the keys of a struct type in the order they are written down.
func fields(t reflect.Type) []field {
	var fs []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		fs = append(fs, field{f.Tag.Get("yaml"), i, f.Tag.Get("default"), parseRules(f.Tag.Get("rule"))})
	}
	return fs
}

func parseRules(tag string) rules {
	var r rules
	for part := range strings.SplitSeq(tag, ",") {
		name, v, _ := strings.Cut(part, "=")
		n, _ := strconv.Atoi(v)
		switch name {
		case "required":
			r.required = true
		case "is":
			r.is = v
		case "key":
			r.key = v
		case "each":
			r.each = v
		case "max":
			r.max = n
		case "min":
			r.min = n
		case "most":
			r.most = n
		}
	}
	return r
}

// inner returns the rules of what a list or a map holds.
func (r rules) inner() rules {
	in := rules{is: r.each, key: values[r.each].key, each: values[r.each].each}
	if r.each == "override" {
		in.max = maxOverride
	}
	return in
}

func (r rules) value() value {
	if r.is == "" {
		return values["text"]
	}
	return values[r.is]
}

var patterns = func() map[string]*regexp.Regexp {
	m := map[string]*regexp.Regexp{}
	for _, v := range values {
		m[v.regexp()] = regexp.MustCompile(v.regexp())
	}
	return m
}()

// regexp returns the pattern of the value, in the words that Go's and
// ECMAScript's regular expressions share.
func (v value) regexp() string {
	if v.pattern == "" {
		return `[^\s]`
	}
	return v.pattern
}

func (v value) matches(s string) bool { return patterns[v.regexp()].MatchString(s) }
