package discord

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/gallery"
	sandbox "github.com/soukchat/souk/sandbox/discord"
)

func TestMarkdown(t *testing.T) {
	for _, c := range []struct {
		text bots.Text
		want string
	}{
		{bots.T("plain"), "plain"},
		{bots.T("*_~`|[](x)<@1>"), "\\*\\_\\~\\`\\|\\[\\](x)\\<\\@1>"},
		{bots.T("a - b # c > d + e"), "a - b # c > d + e"},
		{bots.T("- a\n # b\n> c\n+ d\n1. e\n12. f\n-# g"), "\\- a\n \\# b\n\\> c\n\\+ d\n1\\. e\n12\\. f\n\\-# g"},
		{bots.T("v1.2 at 12:30, :smile: https://x.example/a_b : ok"), "v1.2 at 12\\:30, \\:smile: https\\://x.example/a\\_b : ok"},
		{bots.Text{}.Add(bots.Bold, " a ").Add(bots.Italic, "b"), " **a** *b*"},
		{bots.Text{}.Add(bots.Bold, "a").Add(bots.Italic, "b").Add(bots.Struck, "c"), "**a**\u200b*b*~~c~~"},
		{bots.Text{}.Add(bots.Bold, "a").Add(bots.Bold, "b"), "**ab**"},
		{bots.Text{}.Add(bots.Bold, "  "), "  "},
		{bots.Text{}.Add(bots.Code, "A*1").Add(bots.Code, ""), "`A*1`"},
		{bots.Text{}.Add(bots.Code, "a`b"), "a\\`b"},
		{bots.Text{{Text: "the maker", Link: "https://x.example/a b(c)"}}, "[the maker](<https://x.example/a%20b%28c%29>)"},
		{bots.Text{{Text: "x]y", Look: bots.Bold, Link: "https://x.example/"}}, "[**x\\]y**](<https://x.example/>)"},
		{bots.Text{{Text: "https://x.example/", Link: "https://x.example/"}}, "<https://x.example/>"},
		{bots.Text{{Text: "see https://x.example", Link: "https://evil.example/"}}, "see https\\://x.example (<https://evil.example/>)"},
		{bots.Text{{Text: "no", Link: "javascript:alert(1)"}}, "no"},
		{bots.T("a\r\nb\x00c\tx"), "a\nbc\tx"},
	} {
		if got := markdown(c.text); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

// Whatever a product is called, a client shows it as it is called.
func TestTextArrives(t *testing.T) {
	piece := rapid.OneOf(rapid.StringOf(rapid.RuneFrom([]rune("*_~`|[]()<>#@-+.:\\/1a \né🏺!{}$%&=^\"'"))), rapid.String(), rapid.Just(gallery.Nasty))
	rapid.Check(t, func(r *rapid.T) {
		var text bots.Text
		for range rapid.IntRange(1, 4).Draw(r, "spans") {
			text = text.Add(rapid.SampledFrom([]bots.Look{bots.Regular, bots.Bold, bots.Italic, bots.Struck}).Draw(r, "look"), piece.Draw(r, "text"))
		}
		want := strings.ReplaceAll(clean(text.String()), "\u200b", "")
		if got := sandbox.Plain(markdown(text)); got != want {
			r.Fatalf("%q arrives as %q by %q", want, got, markdown(text))
		}
	})
}

// A screen within the limits always fits, however much of it needs escaping.
func TestLongestTexts(t *testing.T) {
	all := bots.T(strings.Repeat("*", bots.MaxText))
	var looks bots.Text
	for i := range bots.MaxText {
		looks = looks.Add([]bots.Look{bots.Bold, bots.Struck}[i%2], "*")
	}
	linked := bots.Text{}
	for range 40 {
		linked = append(linked, bots.Span{Text: "a", Link: "https://x.example/" + strings.Repeat("b", 400)}, bots.Span{Text: " "})
	}
	for _, text := range []bots.Text{all, looks, linked} {
		for _, notice := range []string{"", strings.Repeat("_", bots.MaxNotice)} {
			s := bots.Screen{Text: text, Notice: notice, Picture: &bots.Picture{URL: "https://x.example/", Alt: "x"}}
			body, err := encode(draw(s))
			if err != nil {
				t.Fatal(err)
			}
			if err := sandbox.Check("MessageCreateRequest", body); err != nil {
				t.Error(err)
			}
		}
	}
}
