package telegram

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// formatted returns an argument that may hold markup, as plain text and its
// entities, within the field's limits. Lengths count after parsing, in UTF-16
// units.
func (c *call) formatted(name string) (string, []Entity, error) {
	text, given := c.args[name]
	if !given {
		return "", nil, nil
	}
	var entities []Entity
	switch mode := c.args["parse_mode"]; mode {
	case "":
	case "HTML":
		var err error
		if text, entities, err = parseHTML(text); err != nil {
			return "", nil, badRequest("can't parse entities: %v", err)
		}
	default:
		return "", nil, badRequest("unsupported parse_mode")
	}
	text, entities = trim(text, entities)
	limit, problem := 4096, "message is too long"
	if name == "caption" {
		limit, problem = 1024, "message caption is too long"
	}
	if width(text) > limit {
		return "", nil, badRequest("%s", problem)
	}
	if text == "" && name != "caption" {
		return "", nil, badRequest("message text is empty")
	}
	return text, entities, nil
}

// tags are those of Telegram's HTML and the entity each makes.
var tags = map[string]string{
	"a": "text_link", "b": "bold", "strong": "bold", "i": "italic", "em": "italic",
	"s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
	"u": "underline", "ins": "underline", "code": "code", "pre": "pre",
	"tg-spoiler": "spoiler", "span": "spoiler", "blockquote": "blockquote",
}

// inTelegramsWords makes an error whose text is Telegram's own, capital and
// all.
func inTelegramsWords(format string, args ...any) error {
	return telegramsWords(fmt.Sprintf(format, args...))
}

type telegramsWords string

func (w telegramsWords) Error() string { return string(w) }

type openTag struct {
	name string
	at   int // byte offset of the tag
	Entity
}

// parseHTML reads Telegram's HTML: the tags above, and the entities lt, gt,
// amp, quot and numbers; anything else after a "&" stands as it is.
func parseHTML(in string) (string, []Entity, error) {
	if !utf8.ValidString(in) {
		return "", nil, inTelegramsWords("Text must be encoded in UTF-8")
	}
	var out strings.Builder
	var open []openTag
	var entities []Entity
	length := 0
	add := func(s string) {
		out.WriteString(s)
		length += width(s)
	}
	for i := 0; i < len(in); {
		switch in[i] {
		case '&':
			r, n := entity(in[i:])
			add(r)
			i += n
		case '<':
			end := strings.IndexByte(in[i:], '>')
			if end < 0 {
				if strings.HasPrefix(in[i:], "</") {
					return "", nil, inTelegramsWords("Unclosed end tag at byte offset %d", i)
				}
				return "", nil, inTelegramsWords("Unclosed start tag at byte offset %d", i)
			}
			inner := in[i+1 : i+end]
			if name, ok := strings.CutPrefix(inner, "/"); ok {
				name = strings.ToLower(strings.TrimSpace(name))
				if len(open) == 0 {
					return "", nil, inTelegramsWords("Unexpected end tag at byte offset %d", i)
				}
				top := open[len(open)-1]
				open = open[:len(open)-1]
				if name != "" && name != top.name {
					return "", nil, inTelegramsWords("Unmatched end tag at byte offset %d, expected \"</%s>\", found \"</%s>\"", i, top.name, name)
				}
				if top.Length = length - top.Offset; top.Length > 0 && (top.Type != "text_link" || top.URL != "") {
					entities = append(entities, top.Entity)
				}
			} else {
				tag, err := startTag(inner, i)
				if err != nil {
					return "", nil, err
				}
				tag.Offset = length
				open = append(open, tag)
			}
			i += end + 1
		default:
			_, n := utf8.DecodeRuneInString(in[i:])
			add(in[i : i+n])
			i += n
		}
	}
	if len(open) > 0 {
		return "", nil, inTelegramsWords("Can't find end tag corresponding to start tag %q", open[len(open)-1].name)
	}
	sort.SliceStable(entities, func(a, b int) bool {
		if entities[a].Offset != entities[b].Offset {
			return entities[a].Offset < entities[b].Offset
		}
		return entities[a].Length > entities[b].Length
	})
	return out.String(), entities, nil
}

// startTag reads what stands between the angle brackets of a start tag.
func startTag(inner string, at int) (openTag, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(inner), " ")
	name = strings.ToLower(name)
	kind, ok := tags[name]
	if !ok {
		return openTag{}, inTelegramsWords("Unsupported start tag %q at byte offset %d", name, at)
	}
	tag := openTag{name: name, at: at, Entity: Entity{Type: kind}}
	attributes := map[string]string{}
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		key, value, ok := strings.Cut(rest, "=")
		if !ok {
			attributes[strings.ToLower(rest)] = ""
			break
		}
		if key = strings.ToLower(strings.TrimSpace(key)); key == "" {
			return openTag{}, inTelegramsWords("Empty attribute name in the tag %q at byte offset %d", name, at)
		}
		if value != "" && (value[0] == '"' || value[0] == '\'') {
			end := strings.IndexByte(value[1:], value[0])
			if end < 0 {
				return openTag{}, inTelegramsWords("Unclosed start tag at byte offset %d", at)
			}
			attributes[key], rest = unescape(value[1:1+end]), value[end+2:]
		} else {
			value, rest, _ = strings.Cut(value, " ")
			attributes[key] = unescape(value)
		}
	}
	switch name {
	case "a":
		tag.URL = attributes["href"]
	case "span":
		if attributes["class"] != "tg-spoiler" {
			return openTag{}, inTelegramsWords("Tag \"span\" must have class \"tg-spoiler\" at byte offset %d", at)
		}
	case "blockquote":
		if _, ok := attributes["expandable"]; ok {
			tag.Type = "expandable_blockquote"
		}
	}
	return tag, nil
}

func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] == '&' {
			r, n := entity(s[i:])
			b.WriteString(r)
			i += n
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

// entity reads a character reference at the start of s, and how long it is.
func entity(s string) (string, int) {
	for name, r := range map[string]string{"&lt": "<", "&gt": ">", "&amp": "&", "&quot": "\""} {
		if strings.HasPrefix(s, name) {
			n := len(name)
			if strings.HasPrefix(s[n:], ";") {
				n++
			}
			return r, n
		}
	}
	if digits, ok := strings.CutPrefix(s, "&#"); ok {
		base := 10
		if hex, ok := strings.CutPrefix(digits, "x"); ok {
			digits, base = hex, 16
		}
		end := strings.IndexFunc(digits, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF"[:base+6*(base/16)], r) })
		if end < 0 {
			end = len(digits)
		}
		if code, err := strconv.ParseInt(digits[:end], base, 32); err == nil && code > 0 && utf8.ValidRune(rune(code)) {
			n := len(s) - len(digits) + end
			if strings.HasPrefix(s[n:], ";") {
				n++
			}
			return string(rune(code)), n
		}
	}
	return "&", 1
}

// trim cuts white space at both ends, as Telegram does with every text, and
// moves the entities with it.
func trim(text string, entities []Entity) (string, []Entity) {
	lead := width(text) - width(strings.TrimLeftFunc(text, unicode.IsSpace))
	text = strings.TrimSpace(text)
	length := width(text)
	var kept []Entity
	for _, e := range entities {
		end := min(e.Offset+e.Length-lead, length)
		e.Offset = max(e.Offset-lead, 0)
		if e.Length = end - e.Offset; e.Length > 0 {
			kept = append(kept, e)
		}
	}
	return text, kept
}

// Plain returns the text that HTML shows, "" if Telegram would refuse it.
func Plain(html string) string {
	text, entities, err := parseHTML(html)
	if err != nil {
		return ""
	}
	text, _ = trim(text, entities)
	return text
}
