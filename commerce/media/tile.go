package media

// The tile that stands for a product without a picture: a market stall's
// awning in two colours above the product's name. Colours and pattern follow
// from the seed, so that a product always looks the same and its neighbour
// different. Drawn with shapes and a font that are built in: no network, no
// files, the same bytes every time.

import (
	"bytes"
	"crypto/sha256"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"sync"

	"golang.org/x/image/draw"
	"golang.org/x/image/vector"
)

const (
	tileWidth  = 800
	tileHeight = 600
	awningDrop = 128 // height of the straight part of the awning
	shelfTop   = 536
	tilesKept  = 200 // in memory: about 3 MB
)

// palette is a set of colours that go together.
type palette struct{ wall, glow, stripe, cloth, ink, shelf color.RGBA }

var palettes = []palette{
	{rgb(0xfdf1e3), rgb(0xfae2c6), rgb(0xd9643a), rgb(0xfff8ef), rgb(0x4a2113), rgb(0xb84e29)}, // terracotta
	{rgb(0xe8f3ee), rgb(0xd0e7dc), rgb(0x2f8466), rgb(0xf7fcf9), rgb(0x12382b), rgb(0x256b52)}, // mint
	{rgb(0xe9f0fb), rgb(0xd3e1f7), rgb(0x3a66b5), rgb(0xf8fbff), rgb(0x152b52), rgb(0x2c5197)}, // sky
	{rgb(0xfdeef0), rgb(0xfadadf), rgb(0xc8466a), rgb(0xfff7f8), rgb(0x4d1326), rgb(0xa83556)}, // rose
	{rgb(0xfdf6df), rgb(0xfaeab8), rgb(0xd79a1e), rgb(0xfffcf0), rgb(0x4a3307), rgb(0xb37d12)}, // saffron
	{rgb(0xf1ecfa), rgb(0xe2d8f5), rgb(0x7452b8), rgb(0xfbf9ff), rgb(0x2c1a52), rgb(0x5f4199)}, // lavender
	{rgb(0xe5f4f6), rgb(0xcae8ec), rgb(0x1f8b99), rgb(0xf5fcfd), rgb(0x0b3a41), rgb(0x18717d)}, // lagoon
	{rgb(0xf3f1ea), rgb(0xe5e0d1), rgb(0x7a7349), rgb(0xfcfbf7), rgb(0x343018), rgb(0x625c38)}, // olive
	{rgb(0xfbede6), rgb(0xf6d8c9), rgb(0xb3452f), rgb(0xfff8f4), rgb(0x45150b), rgb(0x943623)}, // brick
	{rgb(0xeaf0f2), rgb(0xd6e1e6), rgb(0x4c6b7a), rgb(0xf9fbfc), rgb(0x1b2f38), rgb(0x3c5865)}, // slate
}

func rgb(v uint32) color.RGBA { return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 0xff} }

// Tile draws a plain tile with a title and returns it as PNG, 800 × 600. The
// same title and seed make the same bytes. They must not be changed.
func (m *Media) Tile(title, seed string) []byte {
	return m.tiles.get(title+"\x00"+seed, func() []byte { return drawTile(title, seed) })
}

func drawTile(title, seed string) []byte {
	sum := sha256.Sum256([]byte(seed))
	p := palettes[int(sum[0])%len(palettes)]
	c := canvas{image.NewRGBA(image.Rect(0, 0, tileWidth, tileHeight))}
	c.box(0, 0, tileWidth, tileHeight, p.wall)

	// Light on the wall, a little different for each.
	x, y := 170+int(sum[1])*9/5, 300+int(sum[2])/2
	c.circle(x, y, 250, p.glow)
	c.circle(x, y, 165, mix(p.glow, p.wall, 0.45))
	c.circle(800-x*4/5, 600-y/3, 90, mix(p.glow, p.wall, 0.3))

	c.box(0, shelfTop, tileWidth, tileHeight-shelfTop, p.shelf)
	c.box(0, shelfTop, tileWidth, 10, mix(p.shelf, p.cloth, 0.25))
	c.awning(p, 9+2*int(sum[3]%3))
	if !c.text(title, p) {
		c.bag(p)
	}

	var out bytes.Buffer
	if err := png.Encode(&out, c.RGBA); err != nil {
		panic("media: encoding a tile into memory: " + err.Error()) // cannot fail
	}
	return out.Bytes()
}

// canvas is a picture with the few shapes a tile needs.
type canvas struct{ *image.RGBA }

func (c canvas) box(x, y, w, h int, with color.RGBA) {
	draw.Draw(c.RGBA, image.Rect(x, y, x+w, y+h), image.NewUniform(with), image.Point{}, draw.Src)
}

// circle fills a circle around x, y.
func (c canvas) circle(x, y, r int, with color.RGBA) {
	c.fill(image.Rect(x-r, y-r, x+r, y+r), with, func(z *vector.Rasterizer) {
		z.MoveTo(float32(2*r), float32(r))
		curve(z, float32(r), float32(r), float32(r), 0, 2*math.Pi)
	})
}

// scallop hangs a strip of cloth with a round end from the top.
func (c canvas) scallop(left, right, drop int, with color.RGBA) {
	c.box(left, 0, right-left, drop, with)
	w := float32(right - left)
	c.fill(image.Rect(left, drop, right, drop+(right-left)/2+1), with, func(z *vector.Rasterizer) {
		z.MoveTo(w, 0)
		curve(z, w/2, 0, w/2, 0, math.Pi)
	})
}

// awning hangs stripes with rounded ends across the top, over their shadow.
func (c canvas) awning(p palette, stripes int) {
	edge := func(i int) int { return i * tileWidth / stripes }
	for i := range stripes {
		c.scallop(edge(i), edge(i+1), awningDrop+12, mix(p.wall, p.ink, 0.13))
	}
	for i := range stripes {
		cloth := p.stripe
		if i%2 == 1 {
			cloth = p.cloth
		}
		c.scallop(edge(i), edge(i+1), awningDrop, cloth)
		// The fold where the cloth turns down.
		c.box(edge(i), awningDrop-26, edge(i+1)-edge(i), 5, mix(cloth, p.ink, 0.10))
	}
	c.box(0, 0, tileWidth, 14, mix(p.stripe, p.ink, 0.35))
}

// bag stands on the shelf where there is no text.
func (c canvas) bag(p palette) {
	const left, top, width, height = 310, 290, 180, shelfTop - 290
	c.circle(left+width/2, top, 52, mix(p.stripe, p.ink, 0.35))
	c.circle(left+width/2, top, 38, p.wall)
	c.fill(image.Rect(left, top, left+width, top+height), p.stripe, func(z *vector.Rasterizer) {
		z.MoveTo(14, 0)
		z.LineTo(width-14, 0)
		z.LineTo(width, height)
		z.LineTo(0, height)
	})
	c.circle(left+62, top+34, 8, p.cloth)
	c.circle(left+width-62, top+34, 8, p.cloth)
}

// fill paints a shape whose coordinates begin at the corner of its box.
func (c canvas) fill(box image.Rectangle, with color.RGBA, shape func(*vector.Rasterizer)) {
	z := vector.NewRasterizer(box.Dx(), box.Dy())
	shape(z)
	z.ClosePath()
	mask := image.NewAlpha(image.Rect(0, 0, box.Dx(), box.Dy()))
	z.Draw(mask, mask.Rect, image.Opaque, image.Point{})
	draw.DrawMask(c.RGBA, box, image.NewUniform(with), image.Point{}, mask, image.Point{}, draw.Over)
}

// curve goes on along a circle around x, y from one angle to another.
func curve(z *vector.Rasterizer, x, y, r float32, from, to float64) {
	const parts = 16
	for i := 1; i <= parts; i++ {
		a, b := from+(to-from)*float64(i-1)/parts, from+(to-from)*float64(i)/parts
		mid, out := (a+b)/2, float64(r)/math.Cos((b-a)/2)
		z.QuadTo(x+float32(out*math.Cos(mid)), y+float32(out*math.Sin(mid)),
			x+r*float32(math.Cos(b)), y+r*float32(math.Sin(b)))
	}
}

// mix returns a with so much of b in it.
func mix(a, b color.RGBA, much float64) color.RGBA {
	f := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-much) + float64(b)*much)) }
	return color.RGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 0xff}
}

// tileCache keeps the tiles drawn, up to tilesKept of them.
type tileCache struct {
	mu    sync.Mutex
	tiles map[string][]byte
}

func (c *tileCache) get(key string, drawn func() []byte) []byte {
	c.mu.Lock()
	tile, ok := c.tiles[key]
	c.mu.Unlock()
	if ok {
		return tile
	}
	tile = drawn()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.tiles == nil {
		c.tiles = map[string][]byte{}
	}
	for old := range c.tiles {
		if len(c.tiles) < tilesKept {
			break
		}
		delete(c.tiles, old) // any: it is drawn again in milliseconds
	}
	c.tiles[strings.Clone(key)] = tile
	return tile
}
