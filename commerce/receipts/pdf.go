package receipts

import (
	"bytes"
	"fmt"
	"strconv"

	"codeberg.org/go-pdf/fpdf"
)

// A4 and its margins in points, and how the table stands on it.
const (
	family     = "go"
	pageWidth  = 595.28
	pageHeight = 841.89
	left       = 56.0
	right      = pageWidth - 56.0
	top        = 64.0
	bottom     = pageHeight - 84.0 // the foot is below it
	atWhat     = left + 36
	atUnit     = right - 84 // where unit prices end
	normal     = 9.5
	small      = 8.0
	leading    = 13.0
)

// ink is how dark something is, 0 being black.
const (
	black = 0
	grey  = 105
	pale  = 205
)

// PDF writes a document as PDF on A4. The same document gives the same bytes.
func PDF(d Document, w Words) ([]byte, error) {
	s := speak(d, w)
	pages := layOut(d, s)
	pdf := fpdf.New("P", "pt", "A4", "")
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(d.Issued.UTC())
	pdf.SetModificationDate(d.Issued.UTC())
	pdf.SetProducer("Souk", true)
	pdf.SetLang(w.Language())
	pdf.SetTitle(s.title+" "+name(d), true)
	pdf.SetAutoPageBreak(false, 0)
	for _, t := range []*typeface{regular, bold} {
		pdf.AddUTF8FontFromBytes(family, t.style, t.data)
	}
	pdf.SetLineWidth(0.6)
	for i, marks := range pages {
		pdf.AddPage()
		for _, m := range append(marks, foot(s, w, i+1, len(pages))...) {
			m.draw(pdf)
		}
	}
	var out bytes.Buffer
	if err := pdf.Output(&out); err != nil {
		return nil, fmt.Errorf("write a PDF: %w", err)
	}
	return out.Bytes(), nil
}

// Name is what a document's file is called, without its ending.
func Name(d Document) string { return string(d.Kind) + "-" + name(d) }

func name(d Document) string {
	if d.Number != "" {
		return d.Number
	}
	return strconv.FormatInt(d.Order, 10)
}

// mark is one thing on a page: a text, or, without one, a line across to end.
type mark struct {
	x, y, size float64
	face       *typeface
	text       string
	end        float64
	ink        int
}

func (m mark) draw(pdf *fpdf.Fpdf) {
	pdf.SetTextColor(m.ink, m.ink, m.ink)
	pdf.SetFillColor(m.ink, m.ink, m.ink)
	pdf.SetDrawColor(m.ink, m.ink, m.ink)
	if m.text == "" {
		pdf.Line(m.x, m.y, m.end, m.y)
		return
	}
	draw(pdf, m.face, m.size, m.x, m.y, m.text)
}

// sheet is what is being laid out: the pages, and how far down the last one is
// written on.
type sheet struct {
	pages [][]mark
	y     float64
	head  func(*sheet) // what heads the pages after the first
}

func (s *sheet) put(m mark) {
	last := len(s.pages) - 1
	s.pages[last] = append(s.pages[last], m)
}

func (s *sheet) text(x float64, t *typeface, size float64, ink int, text string) {
	if text != "" {
		s.put(mark{x: x, y: s.y, face: t, size: size, ink: ink, text: text})
	}
}

func (s *sheet) flush(x float64, t *typeface, size float64, ink int, text string) {
	s.text(x-t.measure(text)*size, t, size, ink, text)
}

func (s *sheet) rule(from, to float64, ink int) { s.put(mark{x: from, y: s.y, end: to, ink: ink}) }

// room makes sure that so much fits below, else a new page begins.
func (s *sheet) room(high float64) {
	if s.y+high <= bottom {
		return
	}
	s.pages, s.y = append(s.pages, nil), top
	if s.head != nil {
		s.head(s)
	}
}

func rowsOf(t *typeface, size, wide float64, text string) []string {
	return wrapped(plain(text), wide/size, t.measure)
}

func layOut(d Document, w spoken) [][]mark {
	s := &sheet{pages: [][]mark{nil}, y: top}
	w.heading(s, d)
	s.head = func(s *sheet) {
		s.text(left, bold, normal, black, w.title+" "+name(d))
		s.y += 22
		w.columnHeads(s)
	}
	w.columnHeads(s)
	for i, l := range w.lines {
		below := 0.0
		if i == len(w.lines)-1 {
			below = w.totalsHeight() // a total that stands alone on a page says nothing
		}
		w.line(s, l, below)
	}
	s.rule(left, right, pale)
	s.head = func(s *sheet) {
		s.text(left, bold, normal, black, w.title+" "+name(d))
		s.y += 26
	}
	w.totals(s)
	return s.pages
}

// heading is the first page's: who sells and what this is, then who buys
// beside the numbers and dates.
func (w spoken) heading(s *sheet, d Document) {
	const half = left + 280
	s.y += 6
	s.text(left, bold, 20, black, w.title)
	s.y += 30
	begin := s.y
	if d.Shop != "" {
		s.text(left, bold, normal+1.5, black, plain(d.Shop))
		s.y += leading + 4
	}
	for _, block := range w.seller {
		for i, text := range block {
			face, size, ink := regular, small+0.5, grey
			if i == 0 {
				face, size, ink = bold, normal, black
			}
			for _, row := range rowsOf(face, size, half-left-24, text) {
				s.text(left, face, size, ink, row)
				s.y += leading - 1
			}
		}
		s.y += 5
	}
	under := s.y
	s.y = begin
	for _, f := range w.facts {
		s.text(half, regular, small+0.5, grey, f[0])
		for _, row := range rowsOf(regular, normal, right-half-96, f[1]) {
			s.text(half+96, regular, normal, black, row)
			s.y += leading
		}
	}
	s.y = max(s.y, under) + 10
	for i, text := range w.buyer {
		face, size, ink := regular, normal, black
		if i == 0 {
			size, ink = small+0.5, grey
		}
		for _, row := range rowsOf(face, size, right-left, text) {
			s.text(left, face, size, ink, row)
			s.y += leading
		}
	}
	s.y += 24
}

func (w spoken) columnHeads(s *sheet) {
	s.room(4 * leading)
	s.text(left, bold, small, grey, w.columns[0])
	s.text(atWhat, bold, small, grey, w.columns[1])
	s.flush(atUnit, bold, small, grey, w.columns[2])
	s.flush(right, bold, small, grey, w.columns[3])
	s.y += 6
	s.rule(left, right, grey)
	s.y += leading + 2
}

// line sets a line of the table on a page that has room for so much below it.
func (w spoken) line(s *sheet, l spokenLine, under float64) {
	wide := atUnit - atWhat - 8 - regular.measure(plain(l.unit))*normal
	what, below := rowsOf(regular, normal, wide, l.what), []string(nil)
	if l.below != "" {
		below = rowsOf(regular, small, wide, l.below)
	}
	s.room(float64(len(what)+len(below))*leading + under)
	s.text(left, regular, normal, black, l.quantity)
	s.flush(atUnit, regular, normal, black, plain(l.unit))
	s.flush(right, regular, normal, black, plain(l.amount))
	for _, row := range what {
		s.text(atWhat, regular, normal, black, row)
		s.y += leading
	}
	for _, row := range below {
		s.text(atWhat, regular, small, grey, row)
		s.y += leading - 1
	}
	s.y += 3
}

func (w spoken) totalsHeight() float64 {
	return float64(len(w.sums)+len(w.payments)+3) * (leading + 3)
}

// totals stay together.
func (w spoken) totals(s *sheet) {
	const from = left + 200
	s.room(w.totalsHeight())
	s.y += leading + 4
	both := func(face *typeface, size float64, ink int, pair [2]string) {
		rows := rowsOf(face, size, right-from-90, pair[0])
		s.flush(right, face, size, ink, plain(pair[1]))
		for _, row := range rows {
			s.text(from, face, size, ink, row)
			s.y += leading + 1
		}
	}
	for i, sum := range w.sums {
		if i < len(w.sums)-1 {
			both(regular, normal, black, sum)
			continue
		}
		s.y -= 6
		s.rule(from, right, grey)
		s.y += leading + 4
		both(bold, normal+2, black, sum)
	}
	s.y += 8
	for _, p := range w.payments {
		both(regular, normal, grey, p)
	}
}

// foot is what stands at the bottom of every page.
func foot(w spoken, words Words, page, pages int) []mark {
	s := &sheet{pages: [][]mark{nil}, y: bottom + 18}
	s.rule(left, right, pale)
	s.y += leading
	number := words.Say("paper.page", "Page", page, "Pages", pages)
	s.flush(right, regular, small, grey, number)
	rows := []string{}
	for _, f := range w.footer {
		rows = append(rows, rowsOf(regular, small, right-left-110, f)...)
	}
	for i, row := range rows {
		if i == 4 {
			break // the paper's edge; config keeps the text shorter
		}
		s.text(left, regular, small, grey, row)
		s.y += leading - 2
	}
	return s.pages[0]
}
