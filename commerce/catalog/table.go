package catalog

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// table is a file of rows below a line of column names.
type table struct {
	names   []string // as they stand in the file
	columns map[string]int
	rows    []row
}

type row struct {
	line   int // in the file, from 1
	fields []string
}

// ending stands behind the last line while a table is read: where it does not
// come back as a row of its own, an open quote has swallowed the rest.
const ending = "\x00end of file\x00"

// readTable reads delimited text. The delimiter is the one of comma, semicolon
// and tab that the first line has most of.
func readTable(text string) (*table, error) {
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n") // as old Macs ended lines
	}
	comma := delimiter(text)
	rows, err := split(text, comma)
	if err != nil && comma == '\t' {
		// Tab-separated text often knows no quotes: a title may begin with one.
		rows, err = splitPlain(text), nil
	}
	if err != nil {
		return nil, err
	}
	t := &table{columns: map[string]int{}, rows: rows}
	if len(rows) == 0 {
		return t, nil
	}
	t.names, t.rows = rows[0].fields, rows[1:]
	for i, name := range t.names {
		name = columnName(name)
		if _, ok := t.columns[name]; !ok && name != "" {
			t.columns[name] = i
		}
	}
	return t, nil
}

// columnName makes names comparable: "Body (HTML)" is "body (html)",
// "g:image_link" and "Image link" are "image link".
func columnName(s string) string {
	s = strings.ToLower(oneLine(s))
	s = strings.TrimPrefix(s, "g:")
	return strings.ReplaceAll(s, "_", " ")
}

func delimiter(text string) rune {
	line, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	best, most := ',', 0
	for _, c := range ",;\t" {
		if n := strings.Count(line, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

func split(text string, comma rune) ([]row, error) {
	r := csv.NewReader(io.MultiReader(strings.NewReader(text), strings.NewReader("\n"+ending+"\n")))
	r.Comma = comma
	r.FieldsPerRecord = -1
	r.LazyQuotes = true // 27" is a common size
	var rows []row
	for {
		fields, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		rows = append(rows, row{line, fields})
	}
	last := rows[len(rows)-1]
	if len(last.fields) != 1 || last.fields[0] != ending {
		return nil, fmt.Errorf("line %d: a quotation mark is opened and never closed: the file is cut off or damaged", last.line)
	}
	return rows[:len(rows)-1], nil
}

func splitPlain(text string) []row {
	var rows []row
	n := 0
	for line := range strings.Lines(text) {
		n++
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
			rows = append(rows, row{n, strings.Split(line, "\t")})
		}
	}
	return rows
}

// has reports whether the table has one of the columns.
func (t *table) has(names ...string) bool {
	for _, n := range names {
		if _, ok := t.columns[n]; ok {
			return true
		}
	}
	return false
}

// raw returns the first of the named columns that the row has something in.
func (t *table) raw(r row, names ...string) string {
	for _, n := range names {
		if i, ok := t.columns[n]; ok && i < len(r.fields) {
			if s := r.fields[i]; strings.TrimSpace(s) != "" {
				return s
			}
		}
	}
	return ""
}

// get is raw as one clean line.
func (t *table) get(r row, names ...string) string { return oneLine(t.raw(r, names...)) }

var errNoRows = errors.New("it has no rows below its first line")
