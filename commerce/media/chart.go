package media

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// Chart is something that happened over time, as bars of equal time. It holds
// no words but the title, so that it is read in every language.
type Chart struct {
	Title    string
	Seed     string // the colours follow from it, as a tile's do
	Bars     []int64
	From, To string   // what is written below the first bar and the last
	Each     []string // instead of them, what is written below each: few bars, each with its number above
	Note     string   // in the corner, as "2 / 2"
}

const (
	chartLeft, chartRight = 60, 740
	chartTop, chartFloor  = 250, shelfTop
	chartAwning           = 64
	fewAre                = 4 // where each has its number: one is not drawn as if it were many
)

// Chart draws it as PNG, 800 × 600: the same chart makes the same bytes.
func (m *Media) Chart(c Chart) []byte {
	sum := sha256.Sum256([]byte(c.Seed))
	p := palettes[int(sum[0])%len(palettes)]
	on := canvas{image.NewRGBA(image.Rect(0, 0, tileWidth, tileHeight))}
	on.box(0, 0, tileWidth, tileHeight, p.wall)
	on.circle(170+int(sum[1])*9/5, 330, 240, p.glow)
	on.box(0, chartFloor, tileWidth, tileHeight-chartFloor, p.shelf)
	on.box(0, chartFloor, tileWidth, 10, mix(p.shelf, p.cloth, 0.25))
	stripes := 11 + 2*int(sum[3]%3)
	for i := range stripes {
		left, right := i*tileWidth/stripes, (i+1)*tileWidth/stripes
		cloth := p.stripe
		if i%2 == 1 {
			cloth = p.cloth
		}
		on.scallop(left, right, chartAwning+8, mix(p.wall, p.ink, 0.13))
		on.scallop(left, right, chartAwning, cloth)
	}
	on.box(0, 0, tileWidth, 14, mix(p.stripe, p.ink, 0.35))

	note := on.width(c.Note, 44)
	on.label(fitted(c.Title, 44, chartRight-chartLeft-note-40), 44, chartLeft, 176, p.ink)
	on.label(c.Note, 44, chartRight-note, 176, mix(p.stripe, p.ink, 0.2))
	on.bars(c.Bars, p, len(c.Each) == 0)
	if len(c.Each) > 0 {
		on.each(c, p)
	} else {
		on.label(c.From, 28, chartLeft, 580, p.cloth)
		on.label(c.To, 28, chartRight-on.width(c.To, 28), 580, p.cloth)
	}

	var out bytes.Buffer
	if err := png.Encode(&out, on.RGBA); err != nil {
		panic("media: encoding a chart into memory: " + err.Error()) // cannot fail
	}
	return out.Bytes()
}

// each writes below each bar what it is, and above it how much.
func (c canvas) each(of Chart, p palette) {
	top := max(fewAre, slices.Max(of.Bars))
	for i, n := range of.Bars {
		middle := chartLeft + (2*i+1)*(chartRight-chartLeft)/(2*len(of.Bars)) - (chartRight-chartLeft)/(12*len(of.Bars))
		if i < len(of.Each) {
			c.label(of.Each[i], 28, middle-c.width(of.Each[i], 28)/2, 580, p.cloth)
		}
		if n > 0 {
			text := strconv.FormatInt(n, 10)
			c.label(text, 28, middle-c.width(text, 28)/2, chartFloor-max(int(n*int64(chartFloor-chartTop)/top), 6)-14, p.ink)
		}
	}
}

// bars stand on the shelf; above the highest stands how much it is, where that is
// wanted.
func (c canvas) bars(list []int64, p palette, told bool) {
	if len(list) == 0 {
		return
	}
	top := slices.Max(list)
	if !told {
		top = max(fewAre, top)
	}
	for i, n := range list {
		left := chartLeft + i*(chartRight-chartLeft)/len(list)
		right := chartLeft + (i+1)*(chartRight-chartLeft)/len(list)
		if gap := right - left; gap > 4 {
			right -= max(2, gap/6)
		}
		if n <= 0 {
			c.box(left, chartFloor-3, right-left, 3, mix(p.wall, p.ink, 0.2)) // nobody then
			continue
		}
		height := max(int(n*int64(chartFloor-chartTop)/top), 6)
		with := p.stripe
		if n == top {
			with = mix(p.stripe, p.ink, 0.25)
		}
		c.box(left, chartFloor-height, right-left, height, with)
	}
	at := slices.Index(list, top)
	if top <= 0 || !told {
		return
	}
	label := strconv.FormatInt(top, 10)
	middle := chartLeft + (2*at+1)*(chartRight-chartLeft)/(2*len(list))
	half := c.width(label, 32) / 2
	c.label(label, 32, min(max(middle-half, chartLeft), chartRight-2*half), chartTop-14, p.ink)
}

func faceOf(size float64) font.Face {
	face, err := opentype.NewFace(bold, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		panic("media: the built-in font: " + err.Error())
	}
	return face
}

// label writes one line, its foot at y.
func (c canvas) label(text string, size float64, x, y int, with color.RGBA) {
	d := font.Drawer{Dst: c.RGBA, Src: image.NewUniform(with), Face: faceOf(size), Dot: fixed.P(x, y)}
	d.DrawString(drawable(text))
}

func (c canvas) width(text string, size float64) int {
	return font.MeasureString(faceOf(size), drawable(text)).Ceil()
}

// fitted cuts a text to a width.
func fitted(text string, size float64, width int) string {
	face := faceOf(size)
	runes := []rune(drawable(text))
	for n := len(runes); n > 0; n-- {
		cut := string(runes[:n])
		if n < len(runes) {
			cut += "…"
		}
		if font.MeasureString(face, cut) <= fixed.I(width) {
			return cut
		}
	}
	return ""
}
