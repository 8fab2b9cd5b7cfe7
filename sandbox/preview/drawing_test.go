package preview_test

import (
	"testing"

	"github.com/soukchat/souk/sandbox/preview/browsertest"
)

// noOverflow fails where something stands out of the page or of its button.
func noOverflow(t *testing.T, b *browsertest.Browser) {
	t.Helper()
	if got := b.Eval(`[...document.querySelectorAll('.top, .guide, .panel, .tg-body, .dc-body, .tg-head, .dc-head')].filter((n) => n.checkVisibility() && n.getBoundingClientRect().right > innerWidth + 1).map((n) => n.className).join(', ')`); got != "" {
		t.Errorf("wider than the screen: %s", got)
	}
}

// faint lists the words whose contrast with what lies behind them is below
// WCAG's 4.5 (3 where they are large). Words over a picture or a gradient, and
// those of things that are switched off, are passed over.
const faint = `(() => {
  const rgb = (text) => { const n = (text.match(/[\d.]+/g) || []).map(Number); return text.startsWith('color(') ? [n[0] * 255, n[1] * 255, n[2] * 255, n[3] ?? 1] : [n[0], n[1], n[2], n[3] ?? 1]; };
  const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
  const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const behind = (node) => {
    const layers = [];
    for (let n = node; n; n = n.parentElement) {
      const style = getComputedStyle(n);
      if (style.backgroundImage !== 'none' || style.opacity !== '1') return null;
      const c = rgb(style.backgroundColor);
      if (c[3] > 0) layers.push(c);
      if (c[3] === 1) return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255]);
    }
    return null;
  };
  const bad = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !node.checkVisibility({ visibilityProperty: true }) || node.closest('noscript')) continue;
    const ground = behind(node);
    if (!ground) continue;
    const style = getComputedStyle(node);
    const a = light(over(rgb(style.color), ground)), b = light(ground);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    if (ratio < (size >= 24 || size >= 18.66 && style.fontWeight >= 700 ? 3 : 4.5)) bad.add(ratio.toFixed(2) + ' ' + node.className + ' ' + walk.currentNode.data.trim().slice(0, 30));
  }
  return [...bad].join('\n');
})()`

// nothingFaint fails where words can hardly be read.
func nothingFaint(t *testing.T, b *browsertest.Browser, where string) {
	t.Helper()
	if got := b.Eval(faint); got != "" {
		t.Errorf("%s: hard to read:\n%s", where, got)
	}
}

func TestDrawing(t *testing.T) {
	screens := map[string]browsertest.Screen{
		"wide-light": browsertest.Wide, "wide-dark": browsertest.Wide.InDark(),
		"phone-light": browsertest.Phone, "phone-dark": browsertest.Phone.InDark(),
		"tablet-light": {Width: 1024, Height: 768},
	}
	s := newSample(t)
	s.fill()
	b := browsertest.Open(t, s.url, browsertest.Wide)
	b.Until("document.body.dataset.ready")
	for name, screen := range screens {
		b.Resize(screen)
		for _, platform := range []string{"Telegram", "Discord"} {
			if screen.Width < 760 {
				b.Press("Platform", platform)
			} else if platform == "Discord" {
				continue
			}
			b.See("", "Evening light")
			noOverflow(t, b)
			nothingFaint(t, b, name)
			b.Keep(name + "-group-" + platform)
			b.Press(platform, "Souk Corner, ")
			b.See(platform, "Total €100.00")
			if platform == "Telegram" && screen.Width >= 760 {
				b.Press("Discord", "Souk Corner, direct")
			}
			noOverflow(t, b)
			nothingFaint(t, b, name)
			b.Keep(name + "-private-" + platform)
			b.Press(platform, map[string]string{"Telegram": "Corner Friends, group", "Discord": "#picks"}[platform])
			if platform == "Telegram" && screen.Width >= 760 {
				b.Press("Discord", "#picks")
			}
		}
	}
}

func TestUsingThePage(t *testing.T) {
	s := newSample(t)
	s.fill()
	b := browsertest.Open(t, s.url, browsertest.Wide)
	b.Until("document.body.dataset.ready")

	t.Log("Telegram: a toast, a deep link, typing")
	b.Press("Telegram", "Add to cart")
	b.See("Telegram", "Added to your cart")
	b.Keep("use-toast")
	b.Press("Telegram", "Open the shop")
	b.See("Telegram", "You said /start home")
	b.Type("Telegram", "Message", "/ca")
	b.See("Telegram", "Your cart")
	b.Keep("use-commands")
	b.Key("Enter")
	b.See("Telegram", "You said /cart")

	t.Log("the pay page, and back into the chat")
	b.PressOn("Telegram", "Total €100.00", "Pay €100.00")
	b.See("Telegram", "Pay now") // in the frame
	b.Keep("use-sheet")
	b.Press("Telegram", "Pay now")
	b.See("", "The confirmation is in the chat")
	b.Press("Telegram", "Back to the chat")
	b.See("Telegram", "You said /start orders")

	t.Log("Discord: an answer for me alone, a modal, a select, a slash command")
	b.Press("Discord", "Add to cart")
	b.See("Discord", "Only you can see this")
	b.Keep("use-ephemeral")
	b.Press("Discord", "Dismiss message")
	b.Until("!document.querySelector('.dc-item.alone')")
	b.Type("Discord", "Message", "/se")
	b.Key("Enter")
	b.Type("Discord", "words", "la")
	b.See("Discord", "Mug, sea green")
	nothingFaint(t, b, "autocomplete")
	b.Keep("use-autocomplete")
	b.Key("Enter")
	b.See("Discord", "used /search")
	b.Press("Discord", "direct message")
	b.Press("Discord", "Clear")
	b.See("Discord", "This interaction failed")
	b.Press("Discord", "Choose shipping")
	nothingFaint(t, b, "select")
	b.Keep("use-select")
	b.Press("Discord", "Express")
	b.See("Discord", "In your cart")
	b.Press("Discord", "Check out")
	b.Type("Discord", "Name", "Ann Archer")
	b.Type("Discord", "Street", "1 Orchard Row")
	b.Type("Discord", "City", "Bristol")
	nothingFaint(t, b, "modal")
	b.Keep("use-modal")
	b.Press("Discord", "Submit")
	b.Until("!document.querySelector('dialog[open]')")

	t.Log("somebody else sees their own chats, live")
	b.Press("You are", "Ben")
	b.Press("Telegram", "Souk Corner, private")
	b.See("Telegram", "No messages here yet")
	if err := s.telegram.As(103).Say(group, "Hello from Sam"); err != nil {
		t.Fatal(err)
	}
	b.See("Telegram", "Hello from Sam")
	b.Press("Telegram", "Start")
	b.See("Telegram", "You said /start")
	b.Keep("use-ben")
}
