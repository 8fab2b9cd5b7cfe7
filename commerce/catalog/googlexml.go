package catalog

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
)

// readGoogleXML reads RSS 2.0 (item) and Atom (entry) with Google's g: names.
func readGoogleXML(data []byte, currency string) (*Feed, error) {
	dec := xml.NewDecoder(bytes.NewReader(data))
	dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return in, nil // utf8Of has seen to it
		}
		return charset.NewReaderLabel(label, in)
	}
	dec.Entity = xml.HTMLEntity
	var items []item
	known := false
	for {
		line, _ := dec.InputPos()
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		switch start.Name.Local {
		case "rss", "feed", "channel":
			known = true
		case "item", "entry":
			i, err := readItem(dec)
			if err != nil {
				line, _ := dec.InputPos()
				return nil, fmt.Errorf("line %d: the file is cut off or damaged: %w", line, err)
			}
			items = append(items, i)
		}
	}
	switch {
	case len(items) == 0 && !known:
		return nil, errors.New("not a product feed: XML without rss, feed, item or entry")
	case len(items) == 0:
		return nil, errNoRows
	}
	return google(items, "google-xml", currency), nil
}

// readItem reads what stands inside an item: its elements' texts, whatever
// deeper elements (as shipping has) they hold.
func readItem(dec *xml.Decoder) (item, error) {
	line, _ := dec.InputPos()
	i := item{line, map[string][]string{}}
	var name string
	var text strings.Builder
	for depth := 0; ; {
		tok, err := dec.Token()
		if err != nil {
			return i, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if depth++; depth == 1 {
				name = columnName(tok.Name.Local)
				text.Reset()
				for _, a := range tok.Attr {
					if name == "link" && a.Name.Local == "href" {
						text.WriteString(a.Value)
					}
				}
			}
		case xml.CharData:
			if depth == 1 {
				text.Write(tok)
			}
		case xml.EndElement:
			if depth == 0 {
				return i, nil
			}
			if depth--; depth == 0 {
				i.values[name] = append(i.values[name], text.String())
			}
		}
	}
}
