package shop

import (
	"github.com/soukchat/souk/bots"
)

// home is the shop's front door.
func (s *Shop) home(v *visit) (bots.Screen, error) {
	text := bots.Text{bold(v.set.Name)}
	if v.member.Name != "" {
		text = text.Line(regular(v.Say("home.hello", "Name", bots.Clip(v.member.Name, 40))))
	} else {
		text = text.Line(regular(v.Say("home.welcome")))
	}
	return bots.Screen{
		Path: "start", Text: text.Line().Line(regular(v.Say("home.what"))),
		Rows: rows(
			row(v.primary("button.feed", "feed"), v.button("button.categories", "categories")),
			row(v.button("button.search", "search"), v.button("button.creators", "creators")),
			row(v.cartButton(), v.button("button.orders", "orders")),
			s.offersRow(v),
			row(v.button("button.wallet", "wallet"), v.button("button.help", "help"), v.button("button.privacy", "privacy")),
		),
	}, nil
}

func (s *Shop) start(v *visit, _ []string) (bots.Screen, error) { return s.home(v) }

// help says what can be done, and how.
func (s *Shop) help(v *visit, _ []string) (bots.Screen, error) {
	text := bots.Text{bold(v.Say("help.title"))}
	for _, c := range commandList {
		if c.name == "start" { // the same as /shop
			continue
		}
		text = text.Line(code("/"+c.name), regular(" — "+v.Say("command."+c.name)))
	}
	return bots.Screen{
		Path: "help", Text: text.Line().Line(regular(v.Say("help.more"))),
		Rows: rows(row(v.button("button.home", "start"), v.cartButton())),
	}, nil
}

// arrived greets a group the bot was added to. In a private chat the platform
// lets the person speak first.
func (s *Shop) arrived(v *visit) bots.Screen {
	if v.ev.Kind != bots.Enter || v.ev.Chat.Private {
		return bots.Screen{}
	}
	// How an admin learns the id that communities.*.chats asks for.
	s.Log.InfoContext(v.ctx, "the bot was added to a chat", "bot", v.ev.Bot, "chat", v.ev.Chat.ID, "thread", v.ev.Chat.Thread)
	return bots.Screen{
		Path: "start", Public: true,
		Text: bots.Text{bold(v.set.Name)}.Line(regular(v.Say("group.hello"))),
		Rows: rows(row(v.primary("button.shop", "start"), v.button("button.feed", "feed"))),
	}
}

// cartButton leads to the cart and tells how much is in it.
func (v *visit) cartButton() bots.Button {
	b := v.button("button.cart", "cart")
	var n int64
	for _, l := range v.cart {
		n += l.Quantity
	}
	if n > 0 {
		b.Label = v.Count("button.cartn", n)
	}
	return b
}
