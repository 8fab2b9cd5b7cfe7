package discord

import (
	"fmt"
	"strings"
	"testing"
)

func buttons(n int, custom string) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"type":2,"style":1,"label":"x","custom_id":%q}`, fmt.Sprintf(custom, i)))
	}
	return strings.Join(list, ",")
}

func rows(list ...string) string {
	for i := range list {
		list[i] = `{"type":1,"components":[` + list[i] + `]}`
	}
	return `{"components":[` + strings.Join(list, ",") + `]}`
}

func options(n int) string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"label":"x","value":"%d"}`, i))
	}
	return strings.Join(list, ",")
}

// TestCheck holds the table and the rules to the limits as Discord documents
// them: at each the last that fits and the first that does not.
func TestCheck(t *testing.T) {
	x := func(n int) string { return strings.Repeat("x", n) }
	text := func(fields string) string {
		return `{"custom_id":"f","title":"t","components":[{"type":1,"components":[{"type":4,"style":1,"custom_id":"a","label":"l"` + fields + `}]}]}`
	}
	choice := func(name, value string) string {
		return `{"choices":[{"name":"` + name + `","value":"` + value + `"}]}`
	}
	const create, modal, auto = "MessageCreateRequest", "ModalInteractionCallbackRequestData", "AutocompleteData"
	for _, c := range []struct{ shape, name, fits, not, code string }{
		{create, "content", `{"content":"` + x(2000) + `"}`, `{"content":"` + x(2001) + `"}`, "BASE_TYPE_MAX_LENGTH"},
		{create, "content in UTF-16", `{"content":"` + strings.Repeat("🏺", 1000) + `"}`, `{"content":"` + strings.Repeat("🏺", 1001) + `"}`, "BASE_TYPE_MAX_LENGTH"},
		{create, "type of content", `{"content":null}`, `{"content":7}`, "STRING_TYPE_CONVERT"},
		{create, "unknown field", `{}`, `{"contents":"x"}`, "UNKNOWN_FIELD"},
		{create, "not imitated", `{"poll":null}`, `{"poll":{}}`, "NOT_IMITATED"},
		{create, "nonce", `{"nonce":"` + x(25) + `"}`, `{"nonce":"` + x(26) + `"}`, "BASE_TYPE_MAX_LENGTH"},
		{create, "enforce_nonce", `{"nonce":1,"enforce_nonce":true}`, `{"enforce_nonce":true}`, "BASE_TYPE_REQUIRED"},
		{create, "mentions", `{"allowed_mentions":{"parse":["users"]}}`, `{"allowed_mentions":{"parse":["all"]}}`, "BASE_TYPE_CHOICES"},
		{create, "embed title", `{"embeds":[{"title":"` + x(256) + `"}]}`, `{"embeds":[{"title":"` + x(257) + `"}]}`, "BASE_TYPE_MAX_LENGTH"},
		{create, "embed description", `{"embeds":[{"description":"` + x(4096) + `"}]}`, `{"embeds":[{"description":"` + x(4097) + `"}]}`, "BASE_TYPE_MAX_LENGTH"},
		{create, "embeds together", `{"embeds":[{"description":"` + x(3000) + `"},{"description":"` + x(3000) + `"}]}`, `{"embeds":[{"description":"` + x(3000) + `"},{"description":"` + x(3001) + `"}]}`, "MAX_EMBED_SIZE_EXCEEDED"},
		{create, "empty embed", `{"embeds":[{"image":{"url":"http://x/"}}]}`, `{"embeds":[{}]}`, "EMBED_EMPTY"},
		{create, "picture", `{"embeds":[{"image":{"url":"https://x.example/"}}]}`, `{"embeds":[{"image":{"url":"/m/1"}}]}`, "URL_TYPE_INVALID_URL"},
		{create, "ten embeds", `{"embeds":[` + strings.TrimSuffix(strings.Repeat(`{"title":"x"},`, 10), ",") + `]}`, `{"embeds":[` + strings.TrimSuffix(strings.Repeat(`{"title":"x"},`, 11), ",") + `]}`, "BASE_TYPE_MAX_LENGTH"},
		{create, "five rows", rows(buttons(1, "a%d"), buttons(1, "b%d"), buttons(1, "c%d"), buttons(1, "d%d"), buttons(1, "e%d")), rows(buttons(1, "a%d"), buttons(1, "b%d"), buttons(1, "c%d"), buttons(1, "d%d"), buttons(1, "e%d"), buttons(1, "f%d")), "BASE_TYPE_BAD_LENGTH"},
		{create, "five buttons", rows(buttons(5, "a%d")), rows(buttons(6, "a%d")), "BASE_TYPE_BAD_LENGTH"},
		{create, "empty row", rows(buttons(1, "a%d")), rows(""), "BASE_TYPE_BAD_LENGTH"},
		{create, "custom_id", rows(buttons(1, x(99)+"%d")), rows(buttons(1, x(100)+"%d")), "BASE_TYPE_BAD_LENGTH"},
		{create, "custom_id twice", rows(buttons(1, "a%d"), buttons(1, "b%d")), rows(buttons(1, "a%d"), buttons(1, "a%d")), "COMPONENT_CUSTOM_ID_DUPLICATED"},
		{create, "button label", rows(`{"type":2,"style":1,"custom_id":"a","label":"` + x(80) + `"}`), rows(`{"type":2,"style":1,"custom_id":"a","label":"` + x(81) + `"}`), "BASE_TYPE_MAX_LENGTH"},
		{create, "button without label", rows(`{"type":2,"style":1,"custom_id":"a","emoji":{"name":"x"}}`), rows(`{"type":2,"style":1,"custom_id":"a"}`), "BUTTON_COMPONENT_INVALID_EMOJI_OR_LABEL"},
		{create, "button style", rows(`{"type":2,"style":4,"custom_id":"a","label":"x"}`), rows(`{"type":2,"style":7,"custom_id":"a","label":"x"}`), "BASE_TYPE_CHOICES"},
		{create, "link", rows(`{"type":2,"style":5,"url":"https://x.example/","label":"x"}`), rows(`{"type":2,"style":5,"custom_id":"a","label":"x"}`), "BASE_TYPE_REQUIRED"},
		{create, "link and action", rows(`{"type":2,"style":1,"custom_id":"a","label":"x"}`), rows(`{"type":2,"style":1,"custom_id":"a","url":"https://x.example/","label":"x"}`), "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED"},
		{create, "length of a link", rows(`{"type":2,"style":5,"url":"https://x.example/` + x(494) + `","label":"x"}`), rows(`{"type":2,"style":5,"url":"https://x.example/` + x(495) + `","label":"x"}`), "BASE_TYPE_MAX_LENGTH"},
		{create, "unknown component", rows(buttons(1, "a%d")), rows(`{"type":4,"style":1,"custom_id":"a","label":"x"}`), "UNION_TYPE_CHOICES"},
		{create, "options", rows(`{"type":3,"custom_id":"a","options":[` + options(25) + `]}`), rows(`{"type":3,"custom_id":"a","options":[` + options(26) + `]}`), "BASE_TYPE_BAD_LENGTH"},
		{create, "option twice", rows(`{"type":3,"custom_id":"a","options":[` + options(1) + `]}`), rows(`{"type":3,"custom_id":"a","options":[` + options(1) + `,` + options(1) + `]}`), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED"},
		{create, "placeholder", rows(`{"type":3,"custom_id":"a","placeholder":"` + x(150) + `","options":[` + options(1) + `]}`), rows(`{"type":3,"custom_id":"a","placeholder":"` + x(151) + `","options":[` + options(1) + `]}`), "BASE_TYPE_MAX_LENGTH"},
		{create, "option's value", rows(`{"type":3,"custom_id":"a","options":[{"label":"x","value":"` + x(100) + `"}]}`), rows(`{"type":3,"custom_id":"a","options":[{"label":"x","value":"` + x(101) + `"}]}`), "BASE_TYPE_BAD_LENGTH"},
		{create, "select beside a button", rows(`{"type":3,"custom_id":"a","options":[` + options(1) + `]}`), rows(`{"type":3,"custom_id":"a","options":[` + options(1) + `]},` + buttons(1, "b%d")), "COMPONENT_LAYOUT_WIDTH_EXCEEDED"},
		{create, "two defaults", rows(`{"type":3,"custom_id":"a","options":[{"label":"x","value":"1","default":true}]}`), rows(`{"type":3,"custom_id":"a","options":[{"label":"x","value":"1","default":true},{"label":"x","value":"2","default":true}]}`), "SELECT_COMPONENT_VALUES_RANGE"},
		{create, "components V2", `{"flags":4}`, `{"flags":32768}`, "NOT_IMITATED"},
		{modal, "title", `{"custom_id":"f","title":"` + x(45) + `"` + strings.TrimPrefix(text(""), `{"custom_id":"f","title":"t"`), `{"custom_id":"f","title":"` + x(46) + `"` + strings.TrimPrefix(text(""), `{"custom_id":"f","title":"t"`), "BASE_TYPE_BAD_LENGTH"},
		{modal, "value", text(`,"value":"` + x(4000) + `"`), text(`,"value":"` + x(4001) + `"`), "BASE_TYPE_MAX_LENGTH"},
		{modal, "value and max_length", text(`,"max_length":3,"value":"xxx"`), text(`,"max_length":3,"value":"xxxx"`), "BASE_TYPE_MAX_LENGTH"},
		{modal, "placeholder", text(`,"placeholder":"` + x(100) + `"`), text(`,"placeholder":"` + x(101) + `"`), "BASE_TYPE_MAX_LENGTH"},
		{modal, "max_length", text(`,"max_length":4000`), text(`,"max_length":4001`), "NUMBER_TYPE_RANGE"},
		{modal, "unknown field", text(``), strings.Replace(text(``), `"title"`, `"content":"","title"`, 1), "UNKNOWN_FIELD"},
		{modal, "missing", text(``), `{"title":"x"}`, "BASE_TYPE_REQUIRED"},
		{auto, "name", choice(x(100), "v"), choice(x(101), "v"), "BASE_TYPE_BAD_LENGTH"},
		{auto, "value", choice("n", x(100)), choice("n", x(101)), "BASE_TYPE_BAD_LENGTH"},
		{auto, "choices", `{"choices":[]}`, `{}`, "BASE_TYPE_REQUIRED"},
		{"InteractionCallback", "whole answer", `{"type":4,"data":{"content":"x"}}`, `{"type":4,"data":{"content":7}}`, "STRING_TYPE_CONVERT"},
		{"InteractionCallback", "whole modal", `{"type":9,"data":` + text("") + `}`, `{"type":9,"data":` + text(`,"style":3`) + `}`, "BASE_TYPE_CHOICES"},
	} {
		if err := Check(c.shape, []byte(c.fits)); err != nil {
			t.Errorf("%s: refused what fits: %v", c.name, err)
		}
		if err := Check(c.shape, []byte(c.not)); err == nil || !strings.Contains(err.Error(), c.code) || !strings.Contains(err.Error(), "50035") {
			t.Errorf("%s: got %v, want %s", c.name, err, c.code)
		}
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"**bold** *it* ~~st~~ __un__ ||sp|| `co*de`": "bold it st un sp co*de",
		`\*\_ \\ a_b`: `*_ \ a_b`,
		"[the \\[maker\\]](<https://x.example/>) [a](b": "the [maker] [a](b",
		"<https://x.example/> <@1>":                     "https://x.example/ <@1>",
		"``a`b`` `open":                                 "a`b `open",
		"1\\. x\n\\# y":                                 "1. x\n# y",
	} {
		if got := Plain(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestChatter(t *testing.T) {
	d := newDesk(t)
	c := d.Chatter("Ann", "group")
	d.reply = `{"type":4,"data":{"content":"**Shop** v1\\.2","flags":64,"components":[{"type":1,"components":[{"type":3,"custom_id":"s","options":[{"label":"Small","value":"s1"},{"label":"Large","value":"s2"}]}]},
		{"type":1,"components":[{"type":2,"style":1,"label":"Add to cart","custom_id":"add"},{"type":2,"style":5,"label":"Pay","url":"https://x.example/p"}]}]}}`
	d.must(c.Say("/shop"))
	if got, want := c.Screen(), "Shop v1.2\n[Small] [Large]\n[Add to cart] [Pay]"; got != want {
		t.Errorf("screen %q, want %q", got, want)
	}
	if got := c.Link("Pay"); got != "https://x.example/p" {
		t.Errorf("link %q", got)
	}
	d.fails(c.Tap("Pay"), "is a link")
	d.fails(c.Tap("Nothing"), "nothing to tap")
	d.reply = `{"type":4,"data":{"content":"Added","flags":64}}`
	d.must(c.Tap("Add"))
	if got, want := c.Screen(), "Shop v1.2\n[Small] [Large]\n[Add to cart] [Pay]\n(Added)"; got != want {
		t.Errorf("screen %q, want %q", got, want)
	}
	d.reply = `{"type":7,"data":{"content":"Large it is"}}`
	d.must(c.TapOn("Shop", "Large"))
	if got := c.Screen(); !strings.HasPrefix(got, "Large it is\n") {
		t.Errorf("the message edited last is not the screen: %q", got)
	}
	d.reply = `{"type":9,"data":{"custom_id":"f","title":"Where?","components":[{"type":1,"components":[{"type":4,"custom_id":"a","label":"Street","style":1}]}]}}`
	d.must(c.Say("/shop"))
	if got := c.Screen(); got != "Where?\nStreet:\n[Submit]" {
		t.Errorf("modal %q", got)
	}
	d.must(c.Tap("Cancel"))
	d.fails(c.Fill([]string{"x"}), "no modal")
	d.must(c.Say("/shop"))
	d.reply = `{"type":4,"data":{"content":"Thanks"}}`
	d.must(c.Fill([]string{"Main St"}))
	if !strings.Contains(string(d.last().Data), `"Main St"`) || !strings.Contains(c.All(), "Thanks") {
		t.Errorf("filled %s; all %s", d.last().Data, c.All())
	}
	d.must(c.Say("hello everybody"))
	if !strings.Contains(d.Chatter("bob", "lounge").All(), "hello everybody") {
		t.Error("bob does not see what ann wrote")
	}
	c.Go("private")
	if got := c.Screen(); got != "" {
		t.Errorf("in private: %q", got)
	}
}
