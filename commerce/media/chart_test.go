package media

import (
	"bytes"
	"image"
	"image/png"
	"testing"
)

func TestChart(t *testing.T) {
	m := &Media{}
	draw := func(c Chart) image.Image {
		t.Helper()
		data := m.Chart(c)
		if !bytes.Equal(data, m.Chart(c)) {
			t.Error("the same chart has other bytes")
		}
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil || img.Bounds() != image.Rect(0, 0, tileWidth, tileHeight) {
			t.Fatalf("%v, %v", img.Bounds(), err)
		}
		return img
	}
	c := Chart{Title: "The ash glaze jug", Seed: "d", Bars: []int64{8, 4, 0, 2}, From: "13:00", To: "13:20", Note: "2 / 2"}
	img := draw(c)
	// The heights of the bars are those of the numbers.
	var heights []int
	for i := range c.Bars {
		x, n := chartLeft+i*(chartRight-chartLeft)/4+40, 0
		foot := img.At(x, chartFloor-1)
		for y := chartFloor - 1; y > 0 && img.At(x, y) == foot; y-- {
			n++
		}
		heights = append(heights, n)
	}
	full := chartFloor - chartTop
	if heights[0] != full || heights[1] != full/2 || heights[2] > 3 || heights[3] != full/4 {
		t.Errorf("%v of %d", heights, full)
	}
	// What is too long, empty, or of no letter that the font has, is drawn too.
	for _, c := range []Chart{{}, {Bars: []int64{0, 0}}, {Bars: []int64{0, 12345, 3}, Each: []string{"2", "3", "4"}}, {Title: "釉薬のピッチャー", Bars: make([]int64, 900), Note: "1000000 / 1000000"},
		{Title: "A title that is far longer than the picture is wide, and then some", Bars: []int64{1}, From: "12-24 13:00", To: "12-31 13:00"}} {
		draw(c)
	}
}
