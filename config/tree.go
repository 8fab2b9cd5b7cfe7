package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// The YAML library stops at the first fault and prints the lines around it,
// secrets and all. So its parser is used for the syntax alone; the tree below
// is ours, and what is wrong with its contents is collected, never printed
// from the source.

type kind int

const (
	mapping kind = iota
	sequence
	text
	number
	boolean
	null
)

// what names the kind in a message.
func (k kind) what() string {
	return [...]string{"a map", "a list", "a text", "a number", "true or false", "empty"}[k]
}

// node is a piece of YAML that remembers where it stood.
type node struct {
	kind  kind
	at    Position
	text  string // of a text, a number (as it was written) or a boolean
	keys  []string
	keyAt map[string]Position
	value map[string]*node
	items []*node
}

// Bounds of what a file may hold, so that a slip (or an alias bomb) cannot
// keep the program busy.
const (
	maxBytes = 4 << 20
	maxNodes = 200_000
	maxDepth = 40
)

type reader struct {
	file     string
	nodes    int
	anchors  map[string]ast.Node
	problems Problems
}

// parse reads one file into a tree. It returns nil where there is nothing in
// it or it cannot be read.
func parse(file string, data []byte) (root *node, problems Problems) {
	r := &reader{file: file, anchors: map[string]ast.Node{}}
	defer func() {
		// The parser panics on some malformed input.
		if recover() != nil {
			root, problems = nil, Problems{{File: file, Line: 1, Col: 1, Message: "cannot be read as YAML"}}
		}
	}()
	if len(data) > maxBytes {
		return nil, Problems{{File: file, Line: 1, Col: 1, Message: fmt.Sprintf("larger than %d MiB", maxBytes>>20)}}
	}
	if line := deep(data); line > 0 {
		return nil, Problems{{File: file, Line: line, Col: 1, Message: "nested too deeply"}}
	}
	f, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		r.syntax(err)
		return nil, r.problems
	}
	for _, doc := range f.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType || doc.Body.Type() == ast.DirectiveType {
			continue
		}
		if root != nil {
			r.say(r.pos(doc.Body.GetToken()), "", "a second document; a file holds one")
			break
		}
		root = r.node(doc.Body, "", 0)
	}
	if root != nil && root.kind == null {
		root = nil
	}
	return root, r.problems
}

// deep returns the first line that opens more brackets, or nests more list
// items, than anything that makes sense; the parser's recursion has no bound.
func deep(data []byte) int {
	open, dashes, line := 0, 0, 1
	for _, c := range data {
		switch c {
		case '\n':
			line++
			dashes = 0
		case '[', '{':
			open++
		case ']', '}':
			open = max(0, open-1)
		case '-', '?', ':', '&', '!', '*':
			dashes++
		}
		if open > 10*maxDepth || dashes > 100*maxDepth {
			return line
		}
	}
	return 0
}

func (r *reader) say(at Position, path, format string, args ...any) {
	r.problems = append(r.problems, Problem{at.File, at.Line, at.Col, path, fmt.Sprintf(format, args...), false})
}

func (r *reader) syntax(err error) {
	at := Position{r.file, 1, 1}
	message := "cannot be read as YAML"
	var e yaml.Error
	if errors.As(err, &e) {
		if t := e.GetToken(); t != nil {
			at = r.pos(t)
		}
		// The message alone: FormatError with the source shows what stands
		// around it. A message that quotes the file is not shown either.
		if m := e.GetMessage(); !strings.ContainsAny(m, "\"`\n") {
			message = "not YAML: " + m
		}
	}
	r.say(at, "", "%s", message)
}

func (r *reader) pos(t *token.Token) Position {
	if t == nil || t.Position == nil {
		return Position{r.file, 1, 1}
	}
	return Position{r.file, max(t.Position.Line, 1), max(t.Position.Column, 1)}
}

func (r *reader) node(n ast.Node, path string, depth int) *node {
	if n == nil {
		return &node{kind: null, at: Position{r.file, 1, 1}}
	}
	out := &node{at: r.pos(start(n)), kind: null}
	if r.nodes++; r.nodes > maxNodes || depth > maxDepth {
		if r.nodes <= maxNodes+1 || depth == maxDepth+1 {
			r.say(out.at, path, "holds too much, or is nested too deeply")
		}
		r.nodes = max(r.nodes, maxNodes+1)
		return out
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		r.mapping(out, n.Values, path, depth)
	case *ast.MappingValueNode:
		r.mapping(out, []*ast.MappingValueNode{n}, path, depth)
	case *ast.SequenceNode:
		out.kind = sequence
		for i, v := range n.Values {
			out.items = append(out.items, r.node(v, fmt.Sprintf("%s[%d]", path, i), depth+1))
		}
	case *ast.StringNode:
		out.kind, out.text = text, n.Value
	case *ast.LiteralNode:
		out.kind, out.text = text, n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		out.kind, out.text = number, n.GetToken().Value
	case *ast.BoolNode:
		out.kind, out.text = boolean, fmt.Sprint(n.Value)
	case *ast.NullNode:
	case *ast.AnchorNode:
		inner := r.node(n.Value, path, depth)
		r.anchors[n.Name.GetToken().Value] = n.Value
		return inner
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		target, ok := r.anchors[name]
		if !ok {
			r.say(out.at, path, "the alias names an anchor that is not set above")
			return out
		}
		return r.node(target, path, depth+1)
	default:
		r.say(out.at, path, "tags and the like are not used here")
	}
	return out
}

func (r *reader) mapping(out *node, pairs []*ast.MappingValueNode, path string, depth int) {
	out.kind = mapping
	out.value, out.keyAt = map[string]*node{}, map[string]Position{}
	for _, pair := range pairs {
		at := r.pos(pair.Key.GetToken())
		var key string
		switch k := pair.Key.(type) {
		case *ast.StringNode:
			key = k.Value
		case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:
			key = k.GetToken().Value
		default:
			r.say(at, path, "a key must be a plain text")
			continue
		}
		here := join(path, key)
		if first, ok := out.keyAt[key]; ok {
			r.say(at, join(path, short(key)), "is given twice, first at %s", first)
			continue
		}
		out.keys = append(out.keys, key)
		out.keyAt[key] = at
		out.value[key] = r.node(pair.Value, here, depth+1)
	}
}

// start returns the token where a node begins, as a person would point at it.
func start(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}

// join adds a key to a path.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// merge puts what another file holds into the tree: maps key by key, lists one
// after the other; a value given twice is a problem that names both places.
func merge(into, from *node, path string, problems *Problems) {
	switch {
	case into.kind == mapping && from.kind == mapping:
		for _, key := range from.keys {
			old, ok := into.value[key]
			if !ok {
				into.keys = append(into.keys, key)
				into.keyAt[key] = from.keyAt[key]
				into.value[key] = from.value[key]
				continue
			}
			merge(old, from.value[key], join(path, key), problems)
		}
	case into.kind == sequence && from.kind == sequence:
		into.items = append(into.items, from.items...)
	default:
		*problems = append(*problems, Problem{from.at.File, from.at.Line, from.at.Col, path, fmt.Sprintf("is given twice, first at %s", into.at), false})
	}
}
