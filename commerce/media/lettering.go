package media

import (
	"image"
	"strings"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

var bold = func() *opentype.Font {
	f, err := opentype.Parse(gobold.TTF)
	if err != nil {
		panic("media: the built-in font: " + err.Error())
	}
	return f
}()

// The titles' sizes in pixels, the largest that fits is taken.
var letterSizes = []float64{104, 84, 72, 62, 54, 46, 38}

const (
	textWidth  = 660
	textTop    = 212 // below the awning and its shadow
	textBottom = 520
	maxLetters = 160 // more could not be read
)

// text writes a title into the middle, in as large letters as fit. It returns
// false where the font has no letter of it.
func (c canvas) text(title string, p palette) bool {
	if runes := []rune(title); len(runes) > maxLetters {
		title = string(runes[:maxLetters]) + "…"
	}
	words := strings.Fields(drawable(title))
	if len(words) == 0 {
		return false
	}
	for i, size := range letterSizes {
		face, err := opentype.NewFace(bold, &opentype.FaceOptions{Size: size, DPI: 72})
		if err != nil {
			panic("media: the built-in font: " + err.Error())
		}
		height := int(size * 1.16)
		lines, whole := wrap(face, words)
		last := i == len(letterSizes)-1
		most := (textBottom - textTop) / height
		if !last && (!whole || len(lines) > min(most, 2+i/2)) {
			continue
		}
		if len(lines) > most {
			lines = lines[:most]
			lines[most-1] += "…"
		}
		metrics := face.Metrics()
		y := textTop + (textBottom-textTop-len(lines)*height)/2 + (height+metrics.CapHeight.Round())/2
		for _, line := range lines {
			d := font.Drawer{Dst: c.RGBA, Src: image.NewUniform(p.ink), Face: face}
			d.Dot = fixed.P((tileWidth-d.MeasureString(line).Round())/2, y)
			d.DrawString(line)
			y += height
		}
		break
	}
	return true
}

// drawable leaves out what the font has no letter for.
func drawable(s string) string {
	var buf sfnt.Buffer
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if i, err := bold.GlyphIndex(&buf, r); err != nil || i == 0 {
			return -1
		}
		return r
	}, s)
}

// wrap breaks words into lines, of even length where it can. A word too long
// for a line is broken, which is told by whole.
func wrap(face font.Face, words []string) (lines []string, whole bool) {
	lines, whole = fillLines(face, words, textWidth)
	for width := textWidth - 30; width > textWidth/3; width -= 30 {
		even, ok := fillLines(face, words, width)
		if len(even) > len(lines) || ok != whole {
			break
		}
		lines = even
	}
	return lines, whole
}

func fillLines(face font.Face, words []string, width int) (lines []string, whole bool) {
	fits := func(s string) bool { return font.MeasureString(face, s) <= fixed.I(width) }
	whole = true
	line := ""
	for _, word := range words {
		if line != "" && fits(line+" "+word) {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for line = word; !fits(line); {
			whole = false
			runes := []rune(line)
			n := len(runes) - 1
			for n > 1 && !fits(string(runes[:n])+"-") {
				n--
			}
			lines = append(lines, string(runes[:n])+"-")
			line = string(runes[n:])
		}
	}
	return append(lines, line), whole
}
