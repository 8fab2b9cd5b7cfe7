package main

// This file makes what the platforms would send: whole requests, ready to be
// written, so that making and signing them is not measured.

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/bots/telegram"
)

// From where on the platforms number the members.
const (
	telegramMembers = 5_000_000
	discordMembers  = 600_000_000_000_000_000
)

// request is one update on the wire, and what the shop's answer must hold.
type request struct {
	wire []byte
	step int
}

// steps is how many things a member does, again and again: they open the shop,
// open a pick, put it into the cart, look at the cart.
const steps = 4

// platform makes the requests of one platform.
type platform struct {
	name string
	make func(id int64, member, step, pick int) []byte
	want [steps]string // of the shop's answers
}

// journeys makes about n requests in as many queues as there are connections.
// A member's updates are in one queue, as the platforms send them in order. ids
// grow, so that no update was seen before.
func (p platform) journeys(n, members, queues int, ids *int64) [][]request {
	out := make([][]request, queues)
	for i := range n / steps {
		member := i % members
		q := member % queues
		for step := range steps {
			*ids++
			out[q] = append(out[q], request{p.make(*ids, member, step, (member+i/members)%picks), step})
		}
	}
	return out
}

// emptied makes one request for each member that empties their cart.
func (p platform) emptied(members, queues int, ids *int64) [][]request {
	out := make([][]request, queues)
	for member := range members {
		*ids++
		out[member%queues] = append(out[member%queues], request{p.make(*ids, member, -1, 0), -1})
	}
	return out
}

// action is what is pressed in a step.
func action(step, pick int) string {
	switch step {
	case 1:
		return "pick " + pickID(pick)
	case 2:
		return "cart pick " + pickID(pick)
	case 3:
		return "cart"
	}
	return "cart empty"
}

func post(path, head string, body []byte) []byte {
	return append([]byte("POST "+path+" HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"+head+
		"Content-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"), body...)
}

// typedOnTelegram is what members type: looking only, the pick opened by its
// deep link. The answers are whole in the webhook's answer, where a press needs
// a call to Telegram besides.
func typedOnTelegram() platform {
	p := onTelegram()
	press := p.make
	p.name, p.want = "Telegram, typed", [...]string{`Bench Bazaar`, `Mira`, `Your cart`, `Mira`}
	p.make = func(id int64, member, step, pick int) []byte {
		switch step {
		case 0:
			return message(id, member, "/start")
		case 1:
			return message(id, member, "/start "+bots.Path("pick", pickID(pick)).Start())
		case 2:
			return message(id, member, "/cart")
		case 3:
			return message(id, member, "/creators")
		}
		return press(id, member, step, pick)
	}
	return p
}

func message(id int64, member int, text string) []byte {
	word, _, _ := strings.Cut(text, " ")
	return post("/telegram/tg", secretHead, fmt.Appendf(nil,
		`{"update_id":%d,"message":{"message_id":%d,"from":%s,"chat":%s,"date":1760000000,"text":"%s","entities":[{"offset":0,"length":%d,"type":"bot_command"}]}}`,
		id, id, sender(member), private(member), text, len(word)))
}

var secretHead = "X-Telegram-Bot-Api-Secret-Token: " + telegram.WebhookSecret(telegramToken) + "\r\n"

func sender(member int) string {
	return fmt.Sprintf(`{"id":%d,"is_bot":false,"first_name":"Member","last_name":"N%d","username":"member_%d","language_code":"en"}`, telegramMembers+member, member, member)
}

func private(member int) string {
	return fmt.Sprintf(`{"id":%d,"first_name":"Member","last_name":"N%d","username":"member_%d","type":"private"}`, telegramMembers+member, member, member)
}

// onTelegram writes messages and callback queries as the Bot API describes
// them, with the pressed message as it stands in the chat.
func onTelegram() platform {
	return platform{
		name: "Telegram",
		want: [...]string{`"method":"sendMessage"`, `"method":"send`, `"method":"edit`, `Your cart`},
		make: func(id int64, member, step, pick int) []byte {
			if step == 0 {
				return message(id, member, "/start")
			}
			shows := `"text":"Bench Bazaar\nHello Member! See what creators recommend, look around.","entities":[{"offset":0,"length":12,"type":"bold"}]`
			if step > 1 {
				shows = `"photo":[` + photo(90) + `,` + photo(320) + `,` + photo(800) + `],"caption":"` + pickTitle(pick) + `\nMira recommends\n\nI use it every day, and so will you.\n\nThing number 3\n€8.90","caption_entities":[{"offset":0,"length":15,"type":"bold"},{"offset":16,"length":15,"type":"italic"}]`
			}
			return post("/telegram/tg", secretHead, fmt.Appendf(nil,
				`{"update_id":%d,"callback_query":{"id":"%d","from":%s,"message":{"message_id":%d,"from":{"id":110201543,"is_bot":true,"first_name":"Bench Bazaar","username":"bench_bot"},"chat":%s,"date":1760000000,%s,"reply_markup":%s},"chat_instance":"-4567890123456789012","data":"%s"}}`,
				id, 4_000_000_000_000_000_000+id, sender(member), id, private(member), shows, keyboard, action(step, pick)))
		},
	}
}

func photo(width int) string {
	return fmt.Sprintf(`{"file_id":"AgACAgIAAxkDAAIBQ2bench%dAAHrOsE5nRLAAHxtwACc9sxG0BcUUmG","file_unique_id":"AQADc9sxG0BcUUl%d","file_size":%d,"width":%d,"height":%d}`, width, width, width*100, width, width)
}

const keyboard = `{"inline_keyboard":[[{"text":"Picks","callback_data":"feed","style":"primary"},{"text":"Categories","callback_data":"categories"}],[{"text":"Search","callback_data":"search"},{"text":"Creators","callback_data":"creators"}],[{"text":"🛒 Cart","callback_data":"cart"},{"text":"Orders","callback_data":"orders"}]]}`

// onDiscord writes commands and presses in a direct message, signed as Discord
// signs them: they are good for five minutes.
func onDiscord() platform {
	key := ed25519.NewKeyFromSeed(seed)
	return platform{
		name: "Discord",
		want: [...]string{`{"type":4,`, `{"type":7,`, `In your cart`, `Your cart`},
		make: func(id int64, member, step, pick int) []byte {
			user := fmt.Sprintf(`{"id":"%d","username":"member_%d","global_name":"Member N%d","avatar":null,"discriminator":"0","public_flags":0}`, discordMembers+member, member, member)
			common := fmt.Sprintf(`"id":"%d","application_id":"%s","token":"aW50ZXJhY3Rpb246bench-%d","version":1,"user":%s,"channel_id":"%d","channel":{"id":"%d","type":1},"locale":"en-US","context":1,"authorizing_integration_owners":{"0":"0"},"entitlements":[],"app_permissions":"2147483647"`,
				1_100_000_000_000_000_000+id, application, id, user, 700_000_000_000_000_000+member, 700_000_000_000_000_000+member)
			body := []byte(`{"type":2,` + common + `,"data":{"id":"800000000000000001","name":"start","type":1}}`)
			if step != 0 {
				body = fmt.Appendf(nil, `{"type":3,%s,"data":{"component_type":2,"custom_id":"%s"},"message":{"id":"%d","type":0,"channel_id":"%d","author":{"id":"%s","username":"Bench Bazaar","bot":true},"content":"**Bench Bazaar**\nHello Member! See what creators recommend, look around.","embeds":[],"attachments":[],"components":%s,"flags":0,"timestamp":"2026-01-01T00:00:00.000000+00:00","mentions":[],"pinned":false,"tts":false}}`,
					common, action(step, pick), 900_000_000_000_000_000+id, 700_000_000_000_000_000+member, application, components)
			}
			stamp := strconv.FormatInt(time.Now().Unix(), 10)
			signature := hex.EncodeToString(ed25519.Sign(key, append([]byte(stamp), body...)))
			return post("/discord/dc", "X-Signature-Ed25519: "+signature+"\r\nX-Signature-Timestamp: "+stamp+"\r\n", body)
		},
	}
}

const components = `[{"type":1,"id":1,"components":[{"type":2,"id":2,"style":1,"label":"Picks","custom_id":"feed"},{"type":2,"id":3,"style":2,"label":"Categories","custom_id":"categories"}]},{"type":1,"id":4,"components":[{"type":2,"id":5,"style":2,"label":"Search","custom_id":"search"},{"type":2,"id":6,"style":2,"label":"Creators","custom_id":"creators"}]},{"type":1,"id":7,"components":[{"type":2,"id":8,"style":2,"label":"🛒 Cart","custom_id":"cart"},{"type":2,"id":9,"style":2,"label":"Orders","custom_id":"orders"}]}]`
