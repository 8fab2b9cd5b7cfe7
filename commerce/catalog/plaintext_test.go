package catalog

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "",
		"Just text.":                      "Just text.",
		"Fish &amp; chips &lt;3":          "Fish & chips <3",
		"5 < 6 & 7 > 6":                   "5 < 6 & 7 > 6",
		"two\nlines\n\n\n\nand more":      "two\nlines\n\nand more",
		"<p>One\n  line.</p><p>Two.</p>":  "One line.\n\nTwo.",
		"<p>One</p>\n\n<p>&nbsp;</p><p>2": "One\n\n2",
		"a<br>b<BR />c":                   "a\nb\nc",
		"<ul><li>x</li><li> y</li></ul>z": "• x\n• y\n\nz",
		"Sizes:<ul>\n<li></li><li>S</ul>": "Sizes:\n• S",
		"<h2>Care</h2>Wash <b>cold</b>.":  "Care\n\nWash cold.",
		"<table><tr><td>A</td><td>1</td></tr><tr><td>B</td></tr></table>": "A 1\nB",
		"<script>alert(1)</script>ok<style>p{}</style>":                   "ok",
		"<img src=x onerror=alert(1)>ok<!-- secret -->":                   "ok",
		"<a href='javascript:x'>link</a>":                                 "link",
		"&lt;b&gt;as written&lt;/b&gt;":                                   "<b>as written</b>",
		"<p>un<b>closed":                                                  "unclosed",
		"tab\tand\u00a0nbsp  and\u200bzero":                               "tab and nbsp andzero",
		"right\u202eto left":                                              "rightto left",
		"nul\x00byte\xff":                                                 "nulbyte\ufffd",
		"A\x00\u0300 A\u200b\u0300":                                       "\u00c0 \u00c0",
	} {
		if got := plainText(in); got != want {
			t.Errorf("plainText(%q) = %q, want %q", in, got, want)
		}
	}
	long := plainText(strings.Repeat("<p>word</p>", 5000))
	if n := len([]rune(long)); n > maxBody || !strings.HasSuffix(long, "…") {
		t.Errorf("%d runes are left of a long text", n)
	}
}

func TestOneLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := oneLine(s)
		if again := oneLine(once); again != once {
			t.Fatalf("%q, then %q", once, again)
		}
		if strings.ContainsAny(once, "\n\r\t\x00") || strings.Contains(once, "  ") || strings.TrimSpace(once) != once {
			t.Fatalf("oneLine(%q) = %q", s, once)
		}
	})
}

func TestNear(t *testing.T) {
	for _, c := range []struct {
		a, b string
		max  int
		want bool
	}{
		{"shirt", "shirt", 1, true}, {"shirt", "shrit", 1, true}, {"shirt", "shir", 1, true}, {"shirt", "shiirt", 1, true},
		{"shirt", "skirt", 1, true}, {"shirt", "skort", 1, false}, {"shirt", "skort", 2, true}, {"shirt", "irt", 1, false},
		{"", "a", 1, true}, {"ab", "ba", 1, true}, {"abcd", "badc", 1, false}, {"abcd", "badc", 2, true},
		{"häkel", "hakel", 1, true}, {strings.Repeat("x", 40), strings.Repeat("x", 40), 1, false},
	} {
		if got := near([]rune(c.a), []rune(c.b), c.max); got != c.want {
			t.Errorf("near(%q, %q, %d) = %v", c.a, c.b, c.max, got)
		}
	}
}
