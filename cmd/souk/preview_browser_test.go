package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/soukchat/souk/sandbox/preview/browsertest"
)

var update = flag.Bool("update", false, "take the README's picture, docs/preview.png, anew")

// built is the program as it is shipped, built once for all tests in a browser.
var built struct {
	once sync.Once
	dir  string
	err  error
}

func theProgram(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "souk-program"); built.err != nil {
			return
		}
		if out, err := exec.Command("go", "build", "-o", built.dir, ".").CombinedOutput(); err != nil {
			built.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if built.err != nil {
		t.Fatalf("build: %v", built.err)
	}
	return filepath.Join(built.dir, "souk")
}

// startPreview builds the program, starts `souk preview` and returns the
// address it prints.
func startPreview(t *testing.T, args ...string) string {
	t.Helper()
	if os.Getenv(browsertest.Variable) == "" {
		t.Skipf("NOT RUN: no browser. Set %s to the path of a Chromium.", browsertest.Variable)
	}
	program := theProgram(t)
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	cmd := exec.CommandContext(ctx, program, append([]string{"preview", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); _ = cmd.Wait() }) // stopping is what ends it
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, address, ok := strings.Cut(lines.Text(), "http://"); ok {
			go func() { // nobody must wait for us to read
				for lines.Scan() {
				}
			}()
			return "http://" + strings.Fields(address)[0]
		}
	}
	t.Fatal("souk preview ended without an address")
	return ""
}

// buy goes from a pick in the group to the confirmation in the chat, with the
// examples that the page offers for the address.
func buy(t *testing.T, b *browsertest.Browser, platform, pick string) {
	t.Helper()
	b.See(platform, pick)
	b.PressOn(platform, pick, "Add to cart")
	b.Press(platform, "Checkout")
	if platform == "Telegram" {
		b.Press(platform, "Keep “Ann”")
		for _, field := range []string{"12 Rose Street", "10115", "Berlin", "Germany"} {
			b.Press(platform, "Send “"+field)
		}
	} else {
		b.Press(platform, "Fill in the examples")
		b.Press(platform, "Submit")
	}
	b.See(platform, "12 Rose Street")
	b.Press(platform, "Order and pay")
	b.Press(platform, "Pay €")
	b.See(platform, "Test payment")
	b.Keep("journey-pay-" + platform)
	b.Press(platform, "Pay €")
	b.See("", "The confirmation is in the chat")
	b.See(platform, "Your payment has arrived")
	b.Press(platform, "Back to chat")
	b.See(platform, "is paid")
	b.Keep("journey-paid-" + platform)
}

func TestBuyInTheBrowser(t *testing.T) {
	for _, platform := range []string{"Telegram", "Discord"} {
		t.Run(platform, func(t *testing.T) {
			b := browsertest.Open(t, startPreview(t), browsertest.Wide)
			buy(t, b, platform, "There is one clock left")
			if platform == "Telegram" && *update {
				b.PressOn("Discord", "Three pots from the shed", "Claim one")
				b.See("Discord", "It is yours for 10 minutes")
				if err := os.WriteFile(filepath.Join("..", "..", "docs", "preview.png"), b.Picture(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A drop is open while somebody looks: they claim a unit in the group.
func TestDropInTheBrowser(t *testing.T) {
	for platform, screen := range map[string]browsertest.Screen{"Telegram": browsertest.Wide, "Discord": browsertest.Phone.InDark()} {
		t.Run(platform, func(t *testing.T) {
			b := browsertest.Open(t, startPreview(t), screen)
			if screen.Dark {
				b.Press("Platform", platform)
			}
			b.See(platform, "Three pots from the shed")
			b.See(platform, "3 of 3 left.")
			b.Keep("journey-drop-" + platform)
			b.PressOn(platform, "Three pots from the shed", "Claim one")
			b.See(platform, "It is yours for 10 minutes")
			b.Press(platform, "Buy now")
		})
	}
}

func TestBuyOnAPhone(t *testing.T) {
	b := browsertest.Open(t, startPreview(t), browsertest.Phone.InDark())
	b.Press("Platform", "Discord")
	buy(t, b, "Discord", "There is one clock left")
	b.Press("Platform", "Telegram")
	b.See("Telegram", "There is one clock left")
}

// TestBuyFromAFeedInTheBrowser sells a Shopify export of twenty products: the
// picks are made from its first ones.
func TestBuyFromAFeedInTheBrowser(t *testing.T) {
	feed := filepath.Join(t.TempDir(), "products.csv")
	rows := "Handle,Title,Body (HTML),Vendor,Type,Published,Option1 Name,Option1 Value,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Requires Shipping\n"
	for i := 1; i <= 20; i++ {
		rows += fmt.Sprintf("lamp-%d,Lamp No. %d,<p>It glows.</p>,Glow Works,Lamps,true,Title,Default Title,shopify,%d,deny,%d.50,true\n", i, i, i%4+1, 10+i)
	}
	if err := os.WriteFile(feed, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, platform := range []string{"Telegram", "Discord"} {
		t.Run(platform, func(t *testing.T) {
			b := browsertest.Open(t, startPreview(t, "--products", feed), browsertest.Wide)
			b.See(platform, "Lamp No. ")
			buy(t, b, platform, "Chosen from Glow Works")
		})
	}
}

// TestPayInTheChat pays an invoice within Telegram, as its client has it: an
// address that is refused, another with two ways, the dearer one.
func TestPayInTheChat(t *testing.T) {
	for name, screen := range map[string]browsertest.Screen{"wide": browsertest.Wide, "phone": browsertest.Phone.InDark()} {
		t.Run(name, func(t *testing.T) {
			b := browsertest.Open(t, startPreview(t), screen)
			const platform = "Telegram"
			b.PressOn(platform, "There is one clock left", "Add to cart")
			b.Press(platform, "Checkout")
			b.Press(platform, "Keep “Ann”")
			for _, field := range []string{"12 Rose Street", "10115", "Berlin", "Germany"} {
				b.Press(platform, "Send “"+field)
			}
			b.Press(platform, "Order and pay")
			b.See(platform, "Kept for you")
			b.Keep("invoice-order-" + name)
			b.Press(platform, "Pay here in the chat")
			b.See(platform, "Pay another way")
			b.Keep("invoice-message-" + name)
			b.PressOn(platform, "Pay another way", "Pay €")
			b.See(platform, "Shipping address")
			b.Keep("invoice-sheet-" + name)
			b.Press(platform, "Continue")
			b.See(platform, "Total")
			b.Keep("invoice-ways-" + name)
			b.Press(platform, "Pay €")
			b.See(platform, "in the chat")
			b.See(platform, "is paid")
			b.Keep("invoice-paid-" + name)
		})
	}
}

// TestReturnWithAPhotoInTheBrowser sends something back with a photo of it: one
// of the member's own on a wide screen, the page's sample on a phone. The staff
// is shown it.
func TestReturnWithAPhotoInTheBrowser(t *testing.T) {
	var photo bytes.Buffer
	if err := png.Encode(&photo, image.NewGray(image.Rect(0, 0, 1600, 1200))); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(t.TempDir(), "broken.png")
	if err := os.WriteFile(own, photo.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, platform := range []string{"Telegram", "Discord"} {
		for name, screen := range map[string]browsertest.Screen{"wide": browsertest.Wide, "phone": browsertest.Phone.InDark()} {
			t.Run(platform+"/"+name, func(t *testing.T) {
				b := browsertest.Open(t, startPreview(t), screen)
				if name == "phone" {
					b.Press("Platform", platform)
				}
				buy(t, b, platform, "There is one clock left")
				send(b, platform)
				b.Press("You are", "Ann")
				b.PressOn(platform, "is on its way to you", "Show the order")
				b.Press(platform, "Send something back")
				choose(b, platform, "Tap what", "Clock")
				b.Press(platform, "Next")
				choose(b, platform, "Choose a reason", "It is broken")
				switch {
				case platform == "Telegram":
					b.See(platform, "Anything we should know?")
					b.Type(platform, "Message", "The glass is cracked.")
					b.Key("Enter")
					b.See(platform, "A photo of it?")
					b.Keep("return-photo-" + platform + "-" + name)
					if name == "wide" {
						b.Attach("Photo for Telegram", own)
					} else {
						b.Press(platform, "Send a sample photo")
					}
				default:
					b.Type(platform, "Anything we should know?", "The glass is cracked.")
					if name == "wide" {
						b.Attach("A photo of it?", own)
						b.See(platform, "broken.png")
					} else {
						b.Press(platform, "Fill in the examples")
						b.See(platform, "photo.jpg")
					}
					b.Keep("return-photo-" + platform + "-" + name)
					b.Press(platform, "Submit")
				}
				b.See(platform, "the shop is looking at it")
				b.Keep("return-asked-" + platform + "-" + name)
				b.Press("You are", "Sam")
				b.Press(platform, "Show the return")
				b.See(platform, "The glass is cracked.")
				b.Press(platform, "Show the photo")
				if platform == "Telegram" { // as a file
					b.Until("document.querySelector('.tg-file[download^=return-]')")
				} else {
					b.Until("document.querySelector('.dc-attached')?.naturalWidth > 100")
				}
				b.Keep("return-shown-" + platform + "-" + name)
			})
		}
	}
}

// send makes Sam of the staff send the newest order.
func send(b *browsertest.Browser, platform string) {
	b.Press("You are", "Sam")
	if platform == "Telegram" {
		b.Press(platform, "private chat")
		b.Press(platform, "Start")
		b.See(platform, "just write what you are looking for")
	} else {
		b.Press(platform, "direct message")
	}
	b.Type(platform, "Message", "/staff")
	b.Key("Enter")
	choose(b, platform, "Open an order", "Order ")
	b.Press(platform, "Mark as sent")
	if platform == "Telegram" {
		b.See(platform, "Tracking number or link")
		b.Press(platform, "Leave it out")
	} else {
		b.Press(platform, "Submit")
	}
	b.See(platform, "Marked as sent")
}

// choose takes a choice of a menu, which Discord has to be opened first.
func choose(b *browsertest.Browser, platform, menu, choice string) {
	b.See(platform, menu)
	if platform == "Discord" {
		b.Press(platform, menu)
	}
	b.Press(platform, choice)
}
