// Package browsertest lets a test use a web page as a person does: by what
// stands on a button and beside a field. Only tests may import it. Start at
// Open.
package browsertest

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Variable names the environment variable with the path of the browser, a
// Chromium. Without it the tests that need a browser are skipped.
const Variable = "SOUK_TEST_BROWSER"

// Pictures names the environment variable with the folder for Keep.
const Pictures = "SOUK_TEST_PICTURES"

// patience is how long a step may take before it counts as failed: long, for
// machines that do much else; nothing waits for it that goes well.
const patience = 40 * time.Second

// Screen is a kind of screen.
type Screen struct {
	Width, Height int64
	Dark          bool
}

// Screens the pages are drawn for.
var (
	Wide  = Screen{Width: 1440, Height: 900}
	Phone = Screen{Width: 390, Height: 844}
)

// InDark returns the screen with a wish for dark colours.
func (s Screen) InDark() Screen { s.Dark = true; return s }

// Browser is an open browser with one page.
type Browser struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string
	requests []string
}

//go:embed find.js
var find string

// Open starts a browser with an address, or skips the test where there is no
// browser. What goes wrong in the page fails the test at its end.
func Open(t testing.TB, address string, screen Screen) *Browser {
	t.Helper()
	path := os.Getenv(Variable)
	if path == "" {
		t.Skipf("NOT RUN: no browser. Set %s to the path of a Chromium.", Variable)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", false),
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(int(screen.Width), int(screen.Height)))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &Browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.heard); err != nil {
		t.Fatal(err)
	}
	b.Resize(screen)
	b.do(chromedp.Navigate(address))
	t.Cleanup(func() {
		for _, p := range b.Problems() {
			t.Errorf("in the page: %s", p)
		}
	})
	return b
}

// Resize turns the screen into another kind.
func (b *Browser) Resize(s Screen) {
	b.t.Helper()
	colours := "light"
	if s.Dark {
		colours = "dark"
	}
	b.do(chromedp.EmulateViewport(s.Width, s.Height))
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	}); err != nil {
		b.t.Fatal(err)
	}
}

// Press presses the last button, link, option or tab that is to be seen and
// whose name contains the text. It waits until there is one.
func (b *Browser) Press(in, name string) { b.t.Helper(); b.press(in, "press", name) }

// PressOn is Press in the last article (a message) that contains a text.
func (b *Browser) PressOn(in, article, name string) {
	b.t.Helper()
	b.press(in, "press", name, article)
}

// Type replaces what stands in the field with this label, placeholder or name.
func (b *Browser) Type(in, label, text string) {
	b.t.Helper()
	b.press(in, "field", label)
	b.eval(`document.activeElement?.tagName === 'IFRAME' ? document.activeElement.contentDocument.activeElement.select() : document.activeElement.select()`)
	b.do(chromedp.KeyEvent(text))
}

// Attach chooses a file of this machine in the field for one that is named so.
// The field may be out of sight: what stands there opens the system's own window.
func (b *Browser) Attach(name, path string) {
	b.t.Helper()
	field := fmt.Sprintf("input[type=file][aria-label=%q]", name)
	b.Until(fmt.Sprintf("document.querySelector(%q)", field))
	b.do(chromedp.SetUploadFiles(field, []string{path}, chromedp.NodeReady))
}

// Key presses Enter, Tab, Escape, ArrowDown or ArrowUp. As with a real
// keyboard the page can keep it from having an effect.
func (b *Browser) Key(name string) {
	b.t.Helper()
	code, ok := map[string]int64{"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38}[name]
	if !ok {
		b.t.Fatalf("no key %q", name)
	}
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		event := input.DispatchKeyEventParams{Type: kind, Key: name, Code: name, WindowsVirtualKeyCode: code}
		if name == "Enter" && kind == input.DispatchKeyEventTypeKeyDown {
			event.Text = "\r"
		}
		if _, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, event); err != nil {
			b.t.Fatal(err)
		}
	}
}

// See waits until a text is to be seen.
func (b *Browser) See(in, text string) {
	b.t.Helper()
	b.wait(fmt.Sprintf("see %q in %q", text, in), script("sees", in, text))
}

// Sees reports whether a text is to be seen now.
func (b *Browser) Sees(in, text string) bool {
	b.t.Helper()
	return b.eval(script("sees", in, text)) == "true"
}

// Until waits until a JavaScript expression is true.
func (b *Browser) Until(expression string) {
	b.t.Helper()
	b.wait(expression, "String(!!("+expression+"))")
}

// Eval returns the value of a JavaScript expression, written as a string.
func (b *Browser) Eval(expression string) string {
	b.t.Helper()
	return b.eval("String(" + expression + ")")
}

// Picture returns what is to be seen, as a PNG.
func (b *Browser) Picture() []byte {
	b.t.Helper()
	b.Until("[...document.images].every((i) => i.complete)")
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	return png
}

// Keep writes a picture of the page into the folder that SOUK_TEST_PICTURES
// names, for people to look at.
func (b *Browser) Keep(name string) {
	b.t.Helper()
	if dir := os.Getenv(Pictures); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), b.Picture(), 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
}

// Problems returns what went wrong in the page: exceptions, errors on the
// console, and requests to anything but this machine.
func (b *Browser) Problems() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := append([]string(nil), b.problems...)
	for _, r := range b.requests {
		if !strings.HasPrefix(r, "http://127.0.0.1:") && !strings.HasPrefix(r, "http://localhost:") && !strings.HasPrefix(r, "data:") && !strings.HasPrefix(r, "about:") && !strings.HasPrefix(r, "blob:") {
			list = append(list, "a request left this machine: "+r)
		}
	}
	return list
}

func (b *Browser) heard(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		text := ev.ExceptionDetails.Text
		if e := ev.ExceptionDetails.Exception; e != nil {
			text += " " + e.Description
		}
		b.problems = append(b.problems, text)
	case *runtime.EventConsoleAPICalled:
		if ev.Type == "error" {
			said, _ := json.Marshal(ev.Args)
			b.problems = append(b.problems, string(said))
		}
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, ev.Request.URL)
	}
}

// press waits for a thing, brings it into view and clicks its middle; again
// where something new moved it away under the pointer.
func (b *Browser) press(in, what string, args ...string) {
	b.t.Helper()
	where := script(what, append([]string{in}, args...)...)
	for end := time.Now().Add(patience); ; {
		found := b.wait(fmt.Sprintf("%s %q in %q", what, args, in), where)
		for { // until it stands still
			time.Sleep(60 * time.Millisecond)
			again := b.wait(fmt.Sprintf("%s %q in %q", what, args, in), where)
			if again == found {
				break
			}
			found = again
		}
		var at struct{ X, Y float64 }
		if err := json.Unmarshal([]byte(found), &at); err != nil {
			b.t.Fatalf("%s %q: %v: %s", what, args, err, found)
		}
		b.do(chromedp.MouseClickXY(at.X, at.Y))
		if b.eval(script("missed")) != "true" {
			return
		}
		if time.Now().After(end) {
			b.t.Fatalf("%s %q in %q: the click goes elsewhere", what, args, in)
		}
	}
}

func script(function string, args ...string) string {
	list, _ := json.Marshal(append([]string{}, args...)) // strings
	return fmt.Sprintf("(() => { %s\nreturn String(%s(...%s)); })()", find, function, list)
}

// wait runs a script until it gives something else than "" or "false".
func (b *Browser) wait(what, script string) string {
	b.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(60 * time.Millisecond) {
		if got := b.eval(script); got != "" && got != "false" {
			return got
		}
		if time.Now().After(end) {
			b.Keep("failed-" + strings.ReplaceAll(b.t.Name(), "/", "-"))
			shown := b.eval("document.body.innerText")
			b.t.Fatalf("waited in vain to %s; the page shows:\n%s\n%s", what, shown, strings.Join(b.Problems(), "\n"))
		}
	}
}

func (b *Browser) eval(expression string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[any](expression))
	if err != nil {
		b.t.Fatalf("%.200s: %v", expression, err)
	}
	text, _ := got.(string)
	return text
}

func (b *Browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}
