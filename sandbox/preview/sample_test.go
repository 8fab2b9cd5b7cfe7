package preview_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/sandbox/discord"
	"github.com/soukchat/souk/sandbox/preview"
	"github.com/soukchat/souk/sandbox/telegram"
)

const (
	token   = "1:sample"
	group   = -1001000000001
	channel = "300000000000000001"
)

// sample is a page over stand-ins in which a little has happened, and a bot
// that answers as simply as can be.
type sample struct {
	t        *testing.T
	url      string
	telegram *telegram.Server
	discord  *discord.Server
	page     *preview.Page
}

func newSample(t *testing.T) *sample {
	t.Helper()
	s := &sample{
		t:        t,
		telegram: telegram.New(telegram.Config{Token: token, Username: "corner_bot", Name: "Souk Corner", BotID: 1}),
		discord:  discord.New(discord.Config{Token: token, Name: "Souk Corner"}),
	}
	t.Cleanup(s.telegram.Close)
	people := []preview.Person{
		{ID: "ann", Name: "Ann", Telegram: 101, Discord: "101"},
		{ID: "ben", Name: "Ben", Telegram: 102, Discord: "102"},
		{ID: "sam", Name: "Sam", Staff: true, Telegram: 103, Discord: "103"},
	}
	var ids []int64
	var members []string
	for _, p := range people {
		s.telegram.AddUser(telegram.User{ID: p.Telegram, First: p.Name, Username: p.ID, Lang: "en"})
		s.discord.AddUser(discord.User{ID: p.Discord, Username: p.ID, GlobalName: p.Name})
		ids, members = append(ids, p.Telegram), append(members, p.Discord)
	}
	s.telegram.AddGroup(telegram.Group{ID: group, Title: "Corner Friends", Members: ids})
	s.discord.AddGuild(discord.Guild{ID: "200000000000000001", Name: "Corner Friends", Members: members})
	s.discord.AddChannel(discord.Channel{ID: channel, Guild: "200000000000000001", Name: "picks"})
	s.page = preview.New(preview.Config{Shop: "Souk Corner", People: people, Telegram: s.telegram, Discord: s.discord})
	t.Cleanup(s.page.Close)

	mux := http.NewServeMux()
	mux.Handle("/", s.page)
	mux.Handle("/bot"+token+"/", s.telegram.Handler())
	mux.Handle("/api/", s.discord.Handler())
	mux.HandleFunc("POST /hook/telegram", s.telegramHook)
	mux.HandleFunc("POST /hook/discord", s.discordHook)
	mux.HandleFunc("GET /m/{picture}", picture)
	mux.HandleFunc("GET /p/{token}", payPage)
	mux.HandleFunc("GET /p/{token}/done", donePage)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	t.Cleanup(s.page.Close)
	s.url = server.URL
	s.register()
	return s
}

func (s *sample) register() {
	s.call("setWebhook", map[string]any{"url": s.url + "/hook/telegram"})
	s.call("setMyCommands", map[string]any{"commands": []map[string]string{
		{"command": "shop", "description": "Look around the shop"}, {"command": "cart", "description": "Your cart"}, {"command": "orders", "description": "Your orders"}}})
	text := func(name, description string, options ...any) map[string]any {
		return map[string]any{"name": name, "type": 1, "description": description, "options": options, "contexts": []int{0, 1}}
	}
	s.rest(http.MethodPut, "/applications/100000000000000001/commands", []any{
		text("shop", "Look around the shop"), text("cart", "Your cart"),
		text("search", "Find something", map[string]any{"type": 3, "name": "words", "description": "What are you looking for?", "required": true, "autocomplete": true}),
	})
	if err := s.discord.SetInteractionsURL(s.url + "/hook/discord"); err != nil {
		s.t.Log("interactions:", err)
	}
}

// fill puts a conversation into both groups and into Ann's private chats.
func (s *sample) fill() {
	say := func(err error) {
		if err != nil {
			s.t.Fatal(err)
		}
	}
	say(s.telegram.As(102).Say(group, "Morning! Anything new this week?"))
	say(s.telegram.As(101).Say(group, "The mugs from last time are lovely"))
	s.call("sendPhoto", map[string]any{"chat_id": group, "photo": s.url + "/m/lamp", "parse_mode": "HTML",
		"caption":      "<b>Evening light</b>\n<i>Mira’s pick</i>\n\nA lamp for the corner where you read. Paper, oak and a warm bulb: it makes a room <u>quiet</u>.\n\n<b>Paper lamp</b> · €64.00",
		"reply_markup": keyboard(row(button("Add to cart · €64.00", "cart add lamp")), row(button("Look closer", "pick lamp"), link("Open the shop", "https://t.me/corner_bot?start=home")))})
	private := s.telegram.As(101)
	say(private.Start(""))
	s.call("sendMessage", map[string]any{"chat_id": 101, "parse_mode": "HTML", "text": "<b>Your cart</b>\n\n1 × Paper lamp   €64.00\n2 × Mug, sea green   €36.00\n\n<b>Total €100.00</b>\n<blockquote>Recommended by Mira</blockquote>See <a href=\"" + s.url + "/\">how it works</a> or <code>/help</code>.",
		"reply_markup": keyboard(row(button("Check out", "checkout")), row(button("Change", "cart"), button("Clear", "clear")), row(link("Pay €100.00", s.url+"/p/tok123")))})
	say(s.discord.As("102").Write(channel, "Morning! Anything new this week?"))
	s.rest(http.MethodPost, "/channels/"+channel+"/messages", map[string]any{
		"embeds": []any{map[string]any{"title": "Evening light", "description": "*Mira’s pick*\n\nA lamp for the corner where you read. Paper, oak and a warm bulb: it makes a room __quiet__.\n\n**Paper lamp** · €64.00", "color": 0xc2542d, "image": map[string]any{"url": s.url + "/m/lamp"}}},
		"components": []any{actions(
			map[string]any{"type": 2, "style": 1, "label": "Add to cart · €64.00", "custom_id": "cart add lamp"},
			map[string]any{"type": 2, "style": 2, "label": "Look closer", "custom_id": "pick lamp"})},
	})
	direct := s.discord.DM("101").ID
	s.rest(http.MethodPost, "/channels/"+direct+"/messages", map[string]any{
		"content": "**Your cart**\n1 × Paper lamp   €64.00\n2 × Mug, sea green   €36.00\n\n**Total €100.00**\n-# A name with \\*stars\\* stays as it is",
		"components": []any{
			actions(map[string]any{"type": 3, "custom_id": "menu:1", "placeholder": "Choose shipping", "options": []any{
				map[string]any{"label": "Standard", "value": "std", "description": "3 to 5 days, €4.90"}, map[string]any{"label": "Express", "value": "exp", "description": "Tomorrow, €12.00"}}}),
			actions(map[string]any{"type": 2, "style": 3, "label": "Check out", "custom_id": "address"}, map[string]any{"type": 2, "style": 2, "label": "Change", "custom_id": "change"},
				map[string]any{"type": 2, "style": 4, "label": "Clear", "custom_id": "clear"}, map[string]any{"type": 2, "style": 5, "label": "Pay €100.00", "url": s.url + "/p/tok123"}),
		},
	})
	s.rested()
}

// rested waits until the bot has answered.
func (s *sample) rested() {
	s.telegram.Rest(s.t.Context())
	if err := s.discord.Rest(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *sample) telegramHook(w http.ResponseWriter, r *http.Request) {
	var update struct {
		Message *struct {
			Chat struct{ ID int64 }
			Text string
		}
		Callback *struct{ ID, Data string } `json:"callback_query"`
		Inline   *struct{ ID string }       `json:"inline_query"`
	}
	_ = json.NewDecoder(r.Body).Decode(&update)
	w.Header().Set("Content-Type", "application/json")
	answer := func(v map[string]any) { _ = json.NewEncoder(w).Encode(v) }
	switch {
	case update.Callback != nil && update.Callback.Data == "pick lamp":
		answer(map[string]any{"method": "answerCallbackQuery", "callback_query_id": update.Callback.ID, "url": "https://t.me/corner_bot?start=pick_lamp"})
	case update.Callback != nil && update.Callback.Data == "clear": // later, on a connection of its own
		time.AfterFunc(200*time.Millisecond, func() {
			s.call("answerCallbackQuery", map[string]any{"callback_query_id": update.Callback.ID, "text": "Emptied"})
		})
	case update.Callback != nil:
		answer(map[string]any{"method": "answerCallbackQuery", "callback_query_id": update.Callback.ID, "text": "Added to your cart"})
	case update.Inline != nil:
		answer(map[string]any{"method": "answerInlineQuery", "inline_query_id": update.Inline.ID, "results": []any{
			map[string]any{"type": "article", "id": "lamp", "title": "Paper lamp", "description": "€64.00", "input_message_content": map[string]any{"message_text": "Paper lamp, €64.00"}}}})
	case update.Message != nil && update.Message.Chat.ID > 0 && strings.HasPrefix(update.Message.Text, "/"):
		answer(map[string]any{"method": "sendMessage", "chat_id": update.Message.Chat.ID, "text": "You said " + update.Message.Text})
	}
}

func (s *sample) discordHook(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if !signed(s.discord.PublicKey(), r.Header, body) {
		http.Error(w, "invalid request signature", http.StatusUnauthorized)
		return
	}
	var in struct {
		Type int
		Data struct {
			Name     string
			CustomID string `json:"custom_id"`
		}
	}
	_ = json.Unmarshal(body, &in)
	w.Header().Set("Content-Type", "application/json")
	answer := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	switch {
	case in.Type == 1:
		answer(map[string]any{"type": 1})
	case in.Type == 4:
		answer(map[string]any{"type": 8, "data": map[string]any{"choices": []any{map[string]any{"name": "Paper lamp", "value": "lamp"}, map[string]any{"name": "Mug, sea green", "value": "mug"}}}})
	case in.Type == 3 && in.Data.CustomID == "address":
		field := func(id, label string) any {
			return actions(map[string]any{"type": 4, "custom_id": id, "label": label, "style": 1, "required": true})
		}
		answer(map[string]any{"type": 9, "data": map[string]any{"custom_id": "address", "title": "Where should it go?", "components": []any{field("name", "Name"), field("street", "Street and number"), field("city", "City")}}})
	case in.Type == 3 && in.Data.CustomID == "clear":
		http.Error(w, "not now", http.StatusInternalServerError)
	default:
		answer(map[string]any{"type": 4, "data": map[string]any{"content": "**In your cart** now: 1 × Paper lamp. " + in.Data.Name, "flags": 64, "components": []any{actions(map[string]any{"type": 2, "style": 5, "label": "Pay €64.00", "url": s.url + "/p/tok123"})}}})
	}
}

func (s *sample) call(method string, args map[string]any) {
	s.t.Helper()
	s.send(http.MethodPost, "/bot"+token+"/"+method, args)
}

func (s *sample) rest(method, path string, body any) {
	s.t.Helper()
	s.send(method, "/api/v10"+path, body)
}

func (s *sample) send(method, path string, body any) {
	s.t.Helper()
	data, _ := json.Marshal(body)
	req, _ := http.NewRequest(method, s.url+path, bytes.NewReader(data))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bot "+token)
	req.Header.Set("User-Agent", "DiscordBot (https://example.com, 1)")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %d %s", path, resp.StatusCode, answer)
	}
}

func button(text, data string) any  { return map[string]any{"text": text, "callback_data": data} }
func link(text, url string) any     { return map[string]any{"text": text, "url": url} }
func row(buttons ...any) []any      { return buttons }
func keyboard(rows ...[]any) any    { return map[string]any{"inline_keyboard": rows} }
func actions(components ...any) any { return map[string]any{"type": 1, "components": components} }

func picture(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/svg+xml")
	fmt.Fprint(w, `<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"><rect width="800" height="600" fill="#e9dccb"/><rect y="430" width="800" height="170" fill="#b98d63"/><path d="M330 150h140l60 150H270z" fill="#fff4dc"/><rect x="392" y="300" width="16" height="140" fill="#6d4a2c"/><ellipse cx="400" cy="445" rx="70" ry="14" fill="#6d4a2c"/></svg>`)
}

func payPage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, `<!doctype html><title>Pay</title><body style="font:16px sans-serif;padding:24px"><h1>Pay €100.00</h1><p><label>Card <input value="4242 4242 4242 4242"></label><p><a href="/p/%s/done">Pay now</a>`, r.PathValue("token"))
}

func donePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprint(w, `<!doctype html><title>Thank you</title><body style="font:16px sans-serif;padding:24px"><h1>Paid</h1><a href="https://t.me/corner_bot?start=orders">Back to the chat</a>`)
}
