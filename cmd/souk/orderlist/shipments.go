package orderlist

// This file reads a list of shipments, as spreadsheets and parcel services
// write it. The rules:
//   - A row names an order and its tracking, and where only a part is sent the
//     SKU, with a quantity or for all of it. Rows of one order with one tracking
//     are one parcel.
//   - The separator is found out; a mark of byte order, a heading in English or
//     German, the apostrophes and ="…" of spreadsheets are taken as they come.
//   - A row without tracking is left alone, so that a list of orders can be
//     filled in bit by bit; a dash says that there is none.
//   - A bad row stops no other.

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	encoding "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Row is one row of a list of shipments. Problem is one of the Problems below
// where it cannot be read.
type Row struct {
	Line     int // in the file, from 1
	Order    string
	Tracking string
	SKU      string
	Quantity int64 // 0: all of it
	Problem  Outcome
}

const (
	maxRows     = 20_000
	maxTracking = 100 // characters, as the chat takes
)

// ErrNoRows is returned for a file in which there is nothing.
var ErrNoRows = errors.New("there are no rows in it")

// ErrColumns is returned where the heading names no order or no tracking.
var ErrColumns = errors.New("the first line names the columns: order and tracking, and if you like sku and quantity")

// headings are what columns may be called, in small letters without spaces.
var headings = map[string]string{
	"order": "order", "ordernumber": "order", "orderno": "order", "number": "order", "bestellung": "order", "bestellnummer": "order", "bestellnr": "order",
	"tracking": "tracking", "trackingnumber": "tracking", "trackingno": "tracking", "trackingcode": "tracking", "trackinglink": "tracking",
	"sendungsnummer": "tracking", "sendungsnr": "tracking", "sendung": "tracking", "trackingnummer": "tracking", "sendungsverfolgung": "tracking",
	"sku": "sku", "artikelnummer": "sku", "artikelnr": "sku", "artikel": "sku",
	"quantity": "quantity", "qty": "quantity", "menge": "quantity", "anzahl": "quantity", "stück": "quantity",
}

// ReadShipments reads a list of shipments. It returns ErrNoRows, ErrColumns, or
// an error of the file itself.
func ReadShipments(file io.Reader) ([]Row, error) {
	data, err := io.ReadAll(transform.NewReader(file, encoding.BOMOverride(encoding.UTF8.NewDecoder())))
	if err != nil {
		return nil, err
	}
	data = bytes.ReplaceAll(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	c := csv.NewReader(bytes.NewReader(data))
	c.FieldsPerRecord, c.LazyQuotes, c.TrimLeadingSpace, c.Comma = -1, true, true, separator(string(data))
	var rows []Row
	place := map[string]int{}
	for {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := c.FieldPos(0)
		for i := range cells {
			cells[i] = cell(cells[i])
		}
		switch {
		case strings.Join(cells, "") == "", len(place) == 0 && strings.HasPrefix(strings.ToLower(cells[0]), "sep="):
			continue
		case len(place) == 0:
			if place = heading(cells); place == nil {
				return nil, ErrColumns
			}
			if _, titled := place[""]; titled {
				continue
			}
		}
		if len(rows) == maxRows {
			return nil, errors.New("there are more than " + strconv.Itoa(maxRows) + " rows in it: split it")
		}
		rows = append(rows, readRow(line, cells, place))
	}
	if len(rows) == 0 {
		return nil, ErrNoRows
	}
	return rows, nil
}

// separator is what the first line that has any is separated by.
func separator(text string) rune {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if sep, ok := strings.CutPrefix(strings.ToLower(line), "sep="); ok && sep != "" {
			r, _ := utf8.DecodeRuneInString(sep)
			return r
		}
		best, most := ',', 0
		for _, r := range ";,\t|" {
			if n := strings.Count(line, string(r)); n > most {
				best, most = r, n
			}
		}
		if line != "" {
			return best
		}
	}
	return ','
}

// heading finds the columns. Where the first line is none, because it begins
// with a number, they are order, tracking, sku, quantity. The place of "" says
// that there is a heading.
func heading(cells []string) map[string]int {
	if _, err := strconv.ParseInt(strings.TrimPrefix(cells[0], "#"), 10, 64); err == nil {
		return map[string]int{"order": 0, "tracking": 1, "sku": 2, "quantity": 3}
	}
	place := map[string]int{"": -1}
	for i, name := range cells {
		name = strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, name)
		if is, ok := headings[name]; ok {
			if _, twice := place[is]; !twice {
				place[is] = i
			}
		}
	}
	_, order := place["order"]
	_, tracking := place["tracking"]
	if !order || !tracking {
		return nil
	}
	return place
}

// rounded is a number that a spreadsheet has shortened: 3.40434E+17.
var rounded = regexp.MustCompile(`^[0-9]([.,][0-9]+)?[eE]\+[0-9]+$`)

func readRow(line int, cells []string, place map[string]int) Row {
	at := func(name string) string {
		if i, ok := place[name]; ok && i < len(cells) {
			return cells[i]
		}
		return ""
	}
	r := Row{Line: line, Order: strings.TrimSpace(strings.TrimPrefix(at("order"), "#")), Tracking: at("tracking"), SKU: at("sku")}
	quantity := at("quantity")
	n, err := strconv.ParseInt(r.Order, 10, 64)
	switch {
	case r.Tracking == "":
		r.Problem = Untracked
	case err != nil || n <= 0:
		r.Problem = NoNumber
	case rounded.MatchString(r.Tracking):
		r.Problem = Rounded
	case utf8.RuneCountInString(r.Tracking) > maxTracking:
		r.Problem = TooLong
	case r.SKU != "" && quantity != "":
		if r.Quantity, err = strconv.ParseInt(quantity, 10, 64); err != nil || r.Quantity <= 0 || r.Quantity > 1_000_000 {
			r.Problem = BadQuantity
		}
	}
	if r.Tracking == "-" || r.Tracking == "–" {
		r.Tracking = ""
	}
	return r
}

// cell takes off what spreadsheets put around a text, and what cannot be
// printed.
func cell(s string) string {
	s = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))), " ")
	if inner, ok := strings.CutPrefix(s, `="`); ok {
		s = strings.TrimSuffix(inner, `"`)
	}
	return strings.TrimSpace(strings.TrimPrefix(s, "'"))
}
