package shop

// This file holds how the shop speaks. The rules:
//   - every text stands in messages/<language>.json, by id; the admin's own
//     texts come over them, and a language of the admin's own is a language.
//   - what a language lacks is said in the shop's default language.
//   - texts are in the best language we have; amounts and dates in the
//     person's own locale.

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/cache"
)

//go:embed messages/*.json
var messageFiles embed.FS

// Words speaks to one person. Its methods may be called from many goroutines.
type Words struct {
	tongue *tongue
	locale string // BCP 47: how amounts are written
	zone   *time.Location
	prices *cache.Memo[price, string]
}

// price is an amount to be written for a locale.
type price struct {
	commerce.Money
	locale string
}

// Say returns the text with this id. The arguments are names and values in
// turn; Money, dates and durations are written the person's way.
func (w *Words) Say(id string, args ...any) string {
	if s, ok := w.quick(id, nil, args); ok {
		return s
	}
	return w.tongue.say(id, nil, w.data(args))
}

// Count is Say for a text with plural forms; n is its argument N.
func (w *Words) Count(id string, n int64, args ...any) string {
	args = append(args, "N", n)
	if s, ok := w.quick(id, &n, args); ok {
		return s
	}
	return w.tongue.say(id, n, w.data(args))
}

// Money writes an amount as the person's locale does.
func (w *Words) Money(m commerce.Money) string {
	return w.prices.Of(price{m, w.locale}, func(p price) string { return p.Format(p.locale) })
}

// Date writes a day, that of the shop's clock.
func (w *Words) Date(t time.Time) string {
	if t = t.UTC(); w.zone != nil {
		t = t.In(w.zone)
	}
	months := strings.Fields(w.tongue.say("date.months", nil, nil))
	month := strconv.Itoa(int(t.Month()))
	if i := int(t.Month()) - 1; i < len(months) {
		month = months[i]
	}
	return w.tongue.say("date.day", nil, map[string]any{"Day": t.Day(), "Month": month, "Year": t.Year()})
}

// Clock writes a time of day, by the shop's clock.
func (w *Words) Clock(t time.Time) string {
	if t = t.UTC(); w.zone != nil {
		t = t.In(w.zone)
	}
	return t.Format("15:04")
}

// Moment writes a day and a time of it.
func (w *Words) Moment(t time.Time) string {
	return w.Say("date.moment", "Date", w.Date(t), "Time", w.Clock(t))
}

// Language returns the language the texts are in.
func (w *Words) Language() string { return w.tongue.tag.String() }

func (w *Words) data(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	data := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		data[fmt.Sprint(args[i])] = w.value(args[i+1])
	}
	return data
}

func (w *Words) value(v any) any {
	switch v := v.(type) {
	case commerce.Money:
		return w.Money(v)
	case time.Time:
		return w.Date(v)
	case time.Duration:
		return w.Count("date.minutes", max(1, int64((v+time.Minute-1)/time.Minute)))
	}
	return v
}

// tongue is one language, ready to be spoken.
type tongue struct {
	tag    language.Tag
	plain  map[string]string   // texts that need no arguments, at once
	filled map[string]patterns // all texts; nil for one that is more than a pattern
	speak  *i18n.Localizer
	likely *tongue // who says what this one cannot, nil in English
}

func (t *tongue) say(id string, n any, data map[string]any) string {
	if s, ok := t.plain[id]; ok {
		return s
	}
	s, err := t.speak.Localize(&i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateData: data})
	if err == nil {
		return s
	}
	if t.likely != nil {
		return t.likely.say(id, n, data)
	}
	return cmp.Or(s, id)
}

// texts is everything the shop can say.
type texts struct {
	matcher language.Matcher
	tongues []*tongue          // as the matcher counts them, the default first
	ours    map[string]message // the texts there are, in English
	zone    *time.Location
	spoken  *cache.Memo[string, *Words]
	prices  *cache.Memo[price, string]
}

// How many locales and amounts are kept ready: anybody may name any locale.
const (
	spokenSize = 1_000
	pricesSize = 20_000
)

// words returns how to speak to somebody with this locale.
func (t *texts) words(locale string) *Words {
	if len(locale) > 64 {
		locale = "" // no locale is that long
	}
	return t.spoken.Of(locale, t.speaker)
}

func (t *texts) speaker(locale string) *Words {
	tag, err := language.Parse(locale)
	if err != nil || tag == language.Und {
		return &Words{tongue: t.tongues[0], locale: t.tongues[0].tag.String(), zone: t.zone, prices: t.prices}
	}
	_, i, confidence := t.matcher.Match(tag)
	if confidence == language.No {
		i = 0
	}
	return &Words{tongue: t.tongues[i], locale: tag.String(), zone: t.zone, prices: t.prices}
}

// known reports whether the shop has a text with this id.
func (t *texts) known(id string) bool {
	_, ok := t.ours[id]
	return ok
}

// message is a text as the files hold it: one form, or one for each plural.
type message map[string]string

func (m *message) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*m = message{"other": one}
		return nil
	}
	return json.Unmarshal(data, (*map[string]string)(m))
}

// loadTexts reads the embedded files and lays the admin's texts over them.
func loadTexts(fallback string, zone *time.Location, own map[string]map[string]string) (*texts, error) {
	all, err := readMessages()
	if err != nil {
		return nil, err
	}
	for tongue, list := range own {
		tag, err := language.Parse(tongue)
		if err != nil {
			return nil, fmt.Errorf("texts: %q is not a language", tongue)
		}
		if all[tag] == nil {
			all[tag] = map[string]message{}
		}
		for id, text := range list {
			all[tag][id] = override(all[language.English][id], text)
		}
	}
	first := language.Make(fallback)
	if all[first] == nil {
		first = nearest(all, first)
	}
	tags := []language.Tag{first}
	for tag := range all {
		if tag != first {
			tags = append(tags, tag)
		}
	}
	slices.SortFunc(tags[1:], func(a, b language.Tag) int { return strings.Compare(a.String(), b.String()) })

	t := &texts{matcher: language.NewMatcher(tags), ours: all[language.English], zone: zone,
		spoken: cache.NewMemo[string, *Words](spokenSize), prices: cache.NewMemo[price, string](pricesSize)}
	bundle := i18n.NewBundle(first)
	for _, tag := range tags {
		tongue := &tongue{tag: tag, plain: map[string]string{}, filled: map[string]patterns{}, speak: i18n.NewLocalizer(bundle, tag.String())}
		for id, m := range all[tag] {
			tongue.filled[id] = patternsOf(m)
			if text, ok := m["other"]; ok && len(m) == 1 && !strings.Contains(text, "{{") {
				tongue.plain[id] = text
				continue
			}
			err := bundle.AddMessages(tag, &i18n.Message{ID: id,
				Zero: m["zero"], One: m["one"], Two: m["two"], Few: m["few"], Many: m["many"], Other: m["other"]})
			if err != nil {
				return nil, err
			}
		}
		t.tongues = append(t.tongues, tongue)
	}
	// What a language lacks is said in the default one, what that lacks in
	// English, which has everything.
	for _, tongue := range t.tongues[1:] {
		tongue.likely = t.tongues[0]
	}
	if i := slices.Index(tags, language.English); i > 0 {
		t.tongues[0].likely, t.tongues[i].likely = t.tongues[i], nil
	}
	return t, nil
}

// override makes the admin's text take the place of ours, in every plural form
// any language has where ours has several.
func override(ours message, text string) message {
	m := message{"other": text}
	if len(ours) > 1 {
		for _, form := range []string{"zero", "one", "two", "few", "many"} {
			m[form] = text
		}
	}
	return m
}

func nearest(all map[language.Tag]map[string]message, want language.Tag) language.Tag {
	tags := []language.Tag{language.English}
	for tag := range all {
		if tag != language.English {
			tags = append(tags, tag)
		}
	}
	_, i, confidence := language.NewMatcher(tags).Match(want)
	if confidence == language.No {
		return language.English
	}
	return tags[i]
}

func readMessages() (map[language.Tag]map[string]message, error) {
	entries, err := messageFiles.ReadDir("messages")
	if err != nil {
		return nil, err
	}
	all := map[language.Tag]map[string]message{}
	for _, e := range entries {
		data, err := messageFiles.ReadFile("messages/" + e.Name())
		if err != nil {
			return nil, err
		}
		list := map[string]message{}
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, fmt.Errorf("messages/%s: %w", e.Name(), err)
		}
		// A file is named by its language, and may say before it whose texts it
		// holds: en.json, pay.en.json.
		name := strings.TrimSuffix(e.Name(), ".json")
		tag := language.Make(name[strings.LastIndex(name, ".")+1:])
		if all[tag] == nil {
			all[tag] = map[string]message{}
		}
		for id, m := range list {
			if _, twice := all[tag][id]; twice {
				return nil, fmt.Errorf("messages/%s: %s stands in another file too", e.Name(), id)
			}
			all[tag][id] = m
		}
	}
	return all, nil
}
