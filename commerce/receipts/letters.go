package receipts

// This file measures and draws letters. The rules:
//   - Latin, Greek and Cyrillic are set in the Go fonts, embedded in the PDF.
//   - What they lack (Chinese, Japanese, Korean, Arabic, Hebrew) is drawn dot
//     by dot from a bitmap font: rough, and readable.
//   - What neither has, as emoji, is written by its number, [U+1F600]: a name is
//     never shortened in silence. docs/decisions/invoices.md

import (
	"fmt"
	"image/color"
	"strings"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"github.com/hajimehoshi/bitmapfont/v3"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// typeface is a font with what is needed to measure it.
type typeface struct {
	style string // as fpdf names it
	data  []byte
	font  *sfnt.Font
	ppem  fixed.Int26_6
}

func newTypeface(style string, data []byte) *typeface {
	f, err := sfnt.Parse(data)
	if err != nil {
		panic("receipts: the built-in font: " + err.Error())
	}
	return &typeface{style: style, data: data, font: f, ppem: fixed.I(int(f.UnitsPerEm()))}
}

var regular, bold = newTypeface("", goregular.TTF), newTypeface("B", gobold.TTF)

// advance returns the width of a letter in ems, false where the font lacks it.
func (t *typeface) advance(buf *sfnt.Buffer, r rune) (float64, bool) {
	i, err := t.font.GlyphIndex(buf, r)
	if err != nil || i == 0 {
		return 0, false
	}
	a, err := t.font.GlyphAdvance(buf, i, t.ppem, 0)
	return float64(a) / float64(t.ppem), err == nil
}

// dots is how many dots of the bitmap font an em has.
const dots = 12.0

// piece is a part of a text that is set in one way.
type piece struct {
	text  string
	drawn bool // dot by dot
	wide  float64
}

// pieces takes a text apart; widths are in ems.
func (t *typeface) pieces(s string) (list []piece) {
	var buf sfnt.Buffer
	add := func(text string, drawn bool, wide float64) {
		if n := len(list); n > 0 && list[n-1].drawn == drawn {
			list[n-1].text += text
			list[n-1].wide += wide
			return
		}
		list = append(list, piece{text, drawn, wide})
	}
	for _, r := range visual(s) {
		if wide, ok := t.advance(&buf, r); ok {
			add(string(r), false, wide)
			continue
		}
		if unicode.In(r, unicode.Cf, unicode.Variation_Selector) {
			continue // joins what stands beside it, and is not seen itself
		}
		if a, ok := bitmapfont.Face.GlyphAdvance(r); ok && a > 0 {
			add(string(r), true, float64(a)/64/dots)
			continue
		}
		for _, sign := range fmt.Sprintf("[U+%04X]", r) {
			wide, _ := t.advance(&buf, sign)
			add(string(sign), false, wide)
		}
	}
	return list
}

// measure returns the width of a text in ems.
func (t *typeface) measure(s string) (wide float64) {
	for _, p := range t.pieces(s) {
		wide += p.wide
	}
	return wide
}

// visual puts letters in the order in which they are seen, and gives those of
// Arabic the form their place asks for.
func visual(s string) string {
	s = norm.NFC.String(s)
	if strings.IndexFunc(s, func(r rune) bool { return unicode.In(r, unicode.Arabic, unicode.Hebrew) }) < 0 {
		return s
	}
	parts := strings.Split(s, " · ") // each by itself: what stands beside it is in letters of ours
	for i, part := range parts {
		parts[i] = bitmapfont.PresentationForms(part, bitmapfont.DirectionLeftToRight, language.Arabic)
	}
	return strings.Join(parts, " · ")
}

// draw sets a text with its baseline at y, and returns where it ends.
func draw(pdf *fpdf.Fpdf, t *typeface, size, x, y float64, s string) float64 {
	for _, p := range t.pieces(s) {
		if p.drawn {
			drawDots(pdf, t, size/dots, x, y, p.text)
		} else {
			pdf.SetFont(family, t.style, size)
			pdf.Text(x, y, p.text)
		}
		x += p.wide * size
	}
	return x
}

// drawDots draws letters of the bitmap font, a dot being unit wide: each run of
// dots in a row is one rectangle.
func drawDots(pdf *fpdf.Fpdf, t *typeface, unit, x, y float64, s string) {
	high := unit * 1.02 // no hair line between the rows
	if t == bold {
		high = unit * 1.25
	}
	for _, r := range s {
		place, mask, at, a, ok := bitmapfont.Face.Glyph(fixed.Point26_6{}, r)
		if !ok {
			continue
		}
		for row := range place.Dy() {
			for from := 0; from < place.Dx(); from++ {
				to := from
				for to < place.Dx() && isSet(mask.At(at.X+to, at.Y+row)) {
					to++
				}
				if to > from {
					pdf.Rect(x+float64(place.Min.X+from)*unit, y+float64(place.Min.Y+row)*unit, float64(to-from)*unit, high, "F")
					from = to
				}
			}
		}
		x += float64(a) / 64 * unit
	}
}

func isSet(c color.Color) bool {
	_, _, _, a := c.RGBA()
	return a > 0x7fff
}
