package config

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long the files must lie still before they are read: editors
// write in several steps.
const settle = 200 * time.Millisecond

// Watcher keeps the last good configuration while its files change.
type Watcher struct {
	current atomic.Pointer[Config]
	asked   chan chan error
	done    chan struct{}
}

// Watch follows the files of a configuration until the context ends. When
// their contents have changed, or Reload asks for it, they are loaded as a
// whole; take is given what is valid and may still refuse it. What is refused
// goes to bad (Problems, or what take returned) and the last good one stays.
// Both are called one at a time, from one goroutine. The error says that the
// folder cannot be watched; Reload works all the same.
func Watch(ctx context.Context, first *Config, take func(*Config) error, bad func(error)) (*Watcher, error) {
	w := &Watcher{asked: make(chan chan error), done: make(chan struct{})}
	w.current.Store(first)
	events, err := fsnotify.NewWatcher()
	if err == nil {
		// The folder, not the file: editors replace files, and Kubernetes
		// replaces the folder's links.
		err = events.Add(folder(first.origin.path))
	}
	if events == nil {
		events = &fsnotify.Watcher{}
	}
	go w.run(ctx, events, take, bad)
	if err != nil {
		err = fmt.Errorf("config: changes of %s are not noticed: %w", first.origin.path, err)
	}
	return w, err
}

// Current returns the last good configuration.
func (w *Watcher) Current() *Config { return w.current.Load() }

// Reload loads the files now, as on SIGHUP, even where they have not changed:
// a variable's file may have. It returns once the new configuration is taken,
// or why it is not.
func (w *Watcher) Reload(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case w.asked <- answer:
	case <-w.done:
		return context.Canceled
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Wait returns when the context of Watch has ended and nothing is called any
// more.
func (w *Watcher) Wait() { <-w.done }

func (w *Watcher) run(ctx context.Context, events *fsnotify.Watcher, take func(*Config) error, bad func(error)) {
	defer close(w.done)
	if events.Events != nil {
		defer events.Close()
	}
	path, seen := w.Current().origin.path, w.Current().origin.digest
	timer := time.NewTimer(settle) // they may have changed since they were loaded
	for {
		select {
		case <-ctx.Done():
			return
		case e := <-events.Events:
			if concerns(path, e.Name) {
				timer.Reset(settle)
			}
		case <-events.Errors:
			// Events were lost: look at the files.
			timer.Reset(settle)
		case <-timer.C:
			now := digest(path)
			if bytes.Equal(now, seen) {
				continue
			}
			seen = now
			w.load(take, bad)
		case answer := <-w.asked:
			seen = digest(path)
			answer <- w.load(take, bad)
		}
	}
}

func (w *Watcher) load(take func(*Config) error, bad func(error)) error {
	old := w.Current().origin
	next, err := load(old.path, old.files, old.preview)
	if err == nil {
		err = take(next)
	}
	if err != nil {
		bad(err)
		return err
	}
	w.current.Store(next)
	return nil
}

// concerns reports whether a changed name can matter: databases lie in the
// same folder and change all the time.
func concerns(path, name string) bool {
	base := filepath.Base(name)
	if base == "..data" { // the link that Kubernetes swaps
		return true
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return isYAML(base)
	}
	return base == filepath.Base(path)
}

func folder(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path
	}
	return filepath.Dir(path)
}

// digest sums up the contents of the files; nil where they cannot be read.
func digest(path string) []byte {
	names, _, err := sources(path)
	if err != nil {
		return nil
	}
	files := make([]source, len(names))
	for i, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil
		}
		files[i] = source{name, data}
	}
	return sum(files)
}

func sum(files []source) []byte {
	h := sha256.New()
	for _, f := range files {
		fmt.Fprintf(h, "%s %d\n", f.name, len(f.data))
		h.Write(f.data)
	}
	return h.Sum(nil)
}
