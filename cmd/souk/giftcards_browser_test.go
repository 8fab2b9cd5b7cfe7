package main

import (
	"testing"

	"github.com/soukchat/souk/sandbox/preview/browsertest"
)

// TestGiftCardInTheBrowser buys a gift card on the shop's own page, where the
// chat may not sell it, and finds it in the chat.
func TestGiftCardInTheBrowser(t *testing.T) {
	for name, screen := range map[string]browsertest.Screen{"wide": browsertest.Wide, "phone": browsertest.Phone.InDark()} {
		t.Run(name, func(t *testing.T) {
			b := browsertest.Open(t, startPreview(t), screen)
			const platform = "Telegram"
			b.Press(platform, "private chat")
			b.Press(platform, "Start")
			b.Type(platform, "Message", "/giftcard")
			b.Key("Enter")
			b.See(platform, "Gift cards are sold on our page")
			b.Keep("gift-chat-" + name)
			b.Press(platform, "Choose one on our page")
			b.See(platform, "Choose an amount")
			b.Keep("gift-shelf-" + name)
			b.Press(platform, "€25.00")
			b.See(platform, "Your gift card")
			b.Keep("gift-order-" + name)
			b.Press(platform, "Pay €25.00")
			b.See(platform, "Test payment")
			b.Press(platform, "Pay €")
			b.See(platform, "Your payment has arrived")
			b.Keep("gift-paid-" + name)
			b.Press(platform, "Back to chat")
			b.See(platform, "is paid")
			b.Keep("gift-told-" + name)
		})
	}
}
