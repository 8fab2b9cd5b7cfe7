package telegram

import (
	"strings"

	"github.com/soukchat/souk/bots"
)

// Telegram's own limits, where they are wider than those every platform keeps
// (core.telegram.org/bots/api: sendMessage, sendPhoto). They count after the
// markup is parsed, in UTF-16 units.
const (
	maxText    = 4096
	maxCaption = 1024
)

// html writes a text as Telegram's HTML (core.telegram.org/bots/api#html-style),
// escaped once. What exceeds max is cut.
func html(t bots.Text, max int) string {
	var b strings.Builder
	for _, span := range t {
		text := span.Text
		if w := bots.Width(text); w > max {
			text, max = bots.Clip(text, max), 0
		} else {
			max -= w
		}
		if text != "" {
			writeSpan(&b, span, text)
		}
		if max == 0 {
			break
		}
	}
	return b.String()
}

var looks = map[bots.Look]string{bots.Bold: "b", bots.Italic: "i", bots.Struck: "s", bots.Code: "code"}

func writeSpan(b *strings.Builder, span bots.Span, text string) {
	if span.Link != "" {
		b.WriteString(`<a href="` + escape(span.Link) + `">`)
	}
	tag := looks[span.Look]
	if tag != "" {
		b.WriteString("<" + tag + ">")
	}
	b.WriteString(escape(text))
	if tag != "" {
		b.WriteString("</" + tag + ">")
	}
	if span.Link != "" {
		b.WriteString("</a>")
	}
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// escape makes a text safe inside HTML. Telegram refuses what is not UTF-8.
func escape(s string) string { return escaper.Replace(strings.ToValidUTF8(s, "\uFFFD")) }

// oneLine is a text for a button: without line breaks.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
}
