package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Load reads a file, or all *.yaml and *.yml files of a folder merged in the
// order of their names: maps key by key, lists one after the other; a value
// given twice is a problem. Variables are looked up with getenv, relative
// paths start at the file's folder. The error is of type Problems and holds
// everything that is wrong, in the order of files and lines; it never holds a
// secret.
func Load(path string, getenv func(string) (string, bool)) (*Config, error) {
	return load(path, files{getenv, os.ReadFile, exists}, false)
}

// LoadPreview is Load for a preview: no secret is read, wherever it comes
// from, each has a stand-in in its place, and so have variables that are not
// set. Everything else is checked as Load does.
func LoadPreview(path string, getenv func(string) (string, bool)) (*Config, error) {
	return load(path, files{getenv, os.ReadFile, exists}, true)
}

// Position returns where the value at a path stood, as
// brands.acme.shipping[0].price, or else the nearest part around it.
func (c *Config) Position(path string) Position {
	for {
		if at, ok := c.origin.at[path]; ok {
			return at
		}
		cut := strings.LastIndexAny(path, ".[")
		if cut < 0 {
			return Position{File: c.origin.path}
		}
		path = path[:cut]
	}
}

// Problem makes a Problem of what a part has found at a path.
func (c *Config) Problem(path, format string, args ...any) Problem {
	at := c.Position(path)
	return Problem{at.File, at.Line, at.Col, path, fmt.Sprintf(format, args...), true}
}

// Path returns the file or folder the configuration was read from.
func (c *Config) Path() string { return c.origin.path }

// origin is what a Config remembers of its files.
type origin struct {
	path    string
	files   files
	preview bool
	digest  []byte // of the files' contents
	at      map[string]Position
	shown   map[string]string // a value as a message may quote it
}

// files is the world outside, so that tests can be without one.
type files struct {
	getenv func(string) (string, bool)
	read   func(string) ([]byte, error)
	exists func(string) error
}

func exists(path string) error {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return errors.New("is a folder")
	}
	return err
}

func load(path string, world files, preview bool) (*Config, error) {
	names, dir, err := sources(path)
	if err != nil {
		return nil, Problems{{File: path, Message: reason(err)}}
	}
	sources := make([]source, len(names))
	for i, name := range names {
		data, err := world.read(name)
		if err != nil {
			return nil, Problems{{File: name, Message: reason(err)}}
		}
		sources[i] = source{name, data}
	}
	return read(path, dir, sources, world, preview)
}

// source is one file's name and contents.
type source struct {
	name string
	data []byte
}

// sources lists the files of a path, and the folder relative paths start at.
func sources(path string) (names []string, dir string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", err
	}
	if !info.IsDir() {
		return []string{path}, filepath.Dir(path), nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, "", err
	}
	for _, e := range entries {
		if isYAML(e.Name()) && !e.IsDir() {
			names = append(names, filepath.Join(path, e.Name()))
		}
	}
	if len(names) == 0 {
		return nil, "", errors.New("there is no .yaml file in the folder")
	}
	slices.Sort(names)
	return names, path, nil
}

func isYAML(name string) bool {
	ext := filepath.Ext(name)
	return (ext == ".yaml" || ext == ".yml") && !strings.HasPrefix(name, ".")
}

// read is Load without a disk.
func read(path, dir string, sources []source, world files, preview bool) (*Config, error) {
	var root *node
	var problems Problems
	for _, s := range sources {
		tree, found := parse(s.name, s.data)
		problems = append(problems, found...)
		switch {
		case tree == nil:
		case root == nil:
			root = tree
		default:
			merge(root, tree, "", &problems)
		}
	}
	unread := len(problems) > 0 && root == nil
	if unread {
		return nil, problems.clean()
	}
	if root == nil {
		root = &node{kind: mapping, at: Position{path, 1, 1}}
	}
	cfg := &Config{origin: origin{path: path, files: world, preview: preview, digest: sum(sources), at: map[string]Position{}, shown: map[string]string{}}}
	d := &decoder{files: world, dir: dir, preview: preview, origin: cfg.origin, problems: problems, broken: map[string]bool{}}
	for _, p := range problems {
		d.broken[p.Path] = true
	}
	d.decode(root, "", reflect.ValueOf(cfg).Elem(), rules{})
	if root.kind == mapping {
		(&validator{cfg: cfg, decoder: d}).validate()
	}
	if len(d.problems) > 0 {
		return nil, d.problems.clean()
	}
	return cfg, nil
}

// clean orders the problems and masks whatever looks like a secret that
// strayed to where none belongs.
func (ps Problems) clean() Problems {
	for i := range ps {
		ps[i].Path = stray.ReplaceAllString(ps[i].Path, "[redacted]")
		ps[i].Message = stray.ReplaceAllString(ps[i].Message, "[redacted]")
	}
	return ps.Sort()
}

var stray = regexp.MustCompile(`[0-9]{5,}:[A-Za-z0-9_-]{16,}` + // Telegram
	`|[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{20,}` + // Discord
	`|(sk|rk|pk)_(live|test)_[A-Za-z0-9]+|whsec_[A-Za-z0-9+/=]+` + // Stripe
	`|//[^\s/@]*@`) // an address with a password

// reason is a file error without the path, which stands before it.
func reason(err error) string {
	var p *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.As(err, &p):
		return "cannot be read: " + p.Err.Error()
	}
	return err.Error()
}
