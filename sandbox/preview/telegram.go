package preview

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/sandbox/telegram"
)

// shown is how many messages of a chat the page gets, the newest.
const shown = 80

// private is the id of a person's chat with the bot, on both platforms.
const private = "private"

// patience is how long a button waits for the bot, about as a client does.
const patience = 10 * time.Second

type telegramSide struct{ server *telegram.Server }

// telegramView is what a person sees on Telegram.
type telegramView struct {
	Me     int64           `json:"me"`
	Bot    telegram.User   `json:"bot"`
	Places []telegramPlace `json:"places"`
}

// telegramPlace is a chat, or a topic of a forum. ID is the chat's id, and
// behind a slash the topic's; the chat with the bot has the same for everybody.
type telegramPlace struct {
	ID       string             `json:"id"`
	Kind     string             `json:"kind"` // private or group
	Title    string             `json:"title"`
	About    string             `json:"about"`
	Started  bool               `json:"started"`
	Blocked  bool               `json:"blocked,omitempty"`
	Hint     string             `json:"hint,omitempty"` // of the typing field
	Asks     int64              `json:"asks,omitempty"` // the message that asks for an answer at once
	Commands []telegram.Command `json:"commands"`
	Messages []telegram.Message `json:"messages"`
}

func telegramNews(c telegram.Change) changed {
	if c.Chat == 0 {
		return changed{Platform: "telegram"}
	}
	return changed{Platform: "telegram", Chat: strconv.FormatInt(c.Chat, 10)}
}

func (t *telegramSide) look(p Person) any {
	v := telegramView{Me: p.Telegram, Bot: t.server.Bot(), Places: []telegramPlace{}}
	var direct []telegramPlace
	for _, c := range t.server.Chats(p.Telegram) {
		messages := t.server.Messages(p.Telegram, c.ID)
		place := telegramPlace{
			ID: strconv.FormatInt(c.ID, 10), Kind: "group", Title: c.Title, About: fmt.Sprintf("%d members", c.Members+1),
			Started: true, Blocked: c.Blocked, Commands: orEmpty(t.server.Commands(p.Telegram, c.ID)),
		}
		if ask := t.server.Asking(p.Telegram, c.ID); ask != nil && len(messages) > 0 {
			place.Hint, place.Asks = ask.Placeholder, messages[len(messages)-1].MessageID
		}
		switch {
		case c.Bot:
			place.ID, place.Kind, place.About, place.Started = private, private, "bot", c.Started && !c.Blocked
			place.Messages = newest(messages)
			direct = append(direct, place)
		case len(c.Topics) > 0:
			v.Places = append(v.Places, topics(place, c, messages)...)
		default:
			place.Messages = newest(messages)
			v.Places = append(v.Places, place)
		}
	}
	v.Places = append(v.Places, direct...)
	return v
}

// topics splits a forum into a place for each topic, the general one first.
func topics(forum telegramPlace, c telegram.ChatView, messages []telegram.Message) []telegramPlace {
	var places []telegramPlace
	for _, topic := range append([]telegram.Topic{{Name: "General"}}, c.Topics...) {
		var in []telegram.Message
		for _, m := range messages {
			if m.ThreadID == topic.ID {
				in = append(in, m)
			}
		}
		place := forum
		place.ID += "/" + strconv.FormatInt(topic.ID, 10)
		place.Title, place.About, place.Messages = topic.Name, c.Title+", "+forum.About, newest(in)
		places = append(places, place)
	}
	return places
}

// told is what a person is told besides the chat: a toast or an alert, and an
// address to open.
type told struct {
	Text  string `json:"text,omitempty"`
	Alert bool   `json:"alert,omitempty"`
	URL   string `json:"url,omitempty"`
}

func (t *telegramSide) act(p Person, verb string, a action) (any, error) {
	person := t.server.As(p.Telegram)
	chatID, topicID, _ := strings.Cut(a.Place, "/")
	chat, _ := strconv.ParseInt(chatID, 10, 64)
	topic, _ := strconv.ParseInt(topicID, 10, 64)
	if a.Place == private {
		chat = p.Telegram
	}
	switch verb {
	case "say":
		return told{}, person.SayIn(chat, topic, a.Text)
	case "photo":
		if len(a.Files["photo"]) == 0 {
			return nil, errors.New("there is no photo to send")
		}
		return told{}, person.Photo(chat, a.Files["photo"], a.Text)
	case "start":
		return told{}, person.Start(a.Text)
	case "tap":
		return t.tap(p, chat, a)
	case "inline":
		results, err := person.Inline(a.Query)
		return map[string]any{"results": orEmpty(results)}, err
	case "pick":
		results, err := person.Inline(a.Query)
		if err != nil {
			return nil, err
		}
		for _, r := range results {
			if r.ID == a.Result {
				return told{}, person.PickInline(chat, r)
			}
		}
		return nil, fmt.Errorf("this result is no longer there")
	case "ways", "pay":
		return t.pay(person, verb, chat, a)
	case "block":
		return told{}, person.Block()
	}
	return nil, errVerb
}

// asked is what the bot answered to a client that has an invoice paid.
type asked struct {
	Refused string                    `json:"refused,omitempty"` // in the bot's words
	Options []telegram.ShippingOption `json:"options,omitempty"`
}

// pay asks how the goods of an invoice can be sent, or has it paid.
func (t *telegramSide) pay(p *telegram.Person, verb string, chat int64, a action) (any, error) {
	message, err := strconv.ParseInt(a.Message, 10, 64)
	if err != nil {
		return nil, err
	}
	to := &telegram.OrderInfo{Name: a.Values["Name"], Address: &telegram.Address{Line1: a.Values["Street"], Postcode: a.Values["Postcode"],
		City: a.Values["City"], Country: strings.ToUpper(a.Values["Country"])}}
	var answer asked
	if verb == "ways" {
		answer.Options, err = p.Options(chat, message, to.Address)
	} else {
		err = p.Pay(chat, message, to, a.Option)
	}
	if err != nil {
		answer.Refused = telegram.InTheBotsWords(err)
	}
	return answer, nil
}

// tap presses a button and waits for the bot's answer to it.
func (t *telegramSide) tap(p Person, chat int64, a action) (any, error) {
	message, err := strconv.ParseInt(a.Message, 10, 64)
	if err != nil {
		return nil, err
	}
	tapped, err := t.server.As(p.Telegram).Tap(chat, message, a.Row, a.Col)
	if err != nil {
		return nil, err
	}
	if tapped.Query == "" {
		return told{URL: tapped.URL}, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	t.server.Await(ctx, tapped.Query)
	t.server.Rest(ctx)
	if answer := t.server.LastAnswer(p.Telegram); answer != nil {
		return told{Text: answer.Text, Alert: answer.Alert, URL: answer.URL}, nil
	}
	return told{}, nil
}

func (t *telegramSide) file(w http.ResponseWriter, r *http.Request, p Person, id string) {
	for _, c := range t.server.Chats(p.Telegram) {
		for _, m := range t.server.Messages(p.Telegram, c.ID) {
			if m.Document == nil || m.Document.FileID != id {
				continue
			}
			if name, data, ok := t.server.File(id); ok {
				download(w, name, data)
				return
			}
		}
	}
	http.NotFound(w, r)
}

// download hands a file over; never shows it, whatever it says it is.
func download(w http.ResponseWriter, name string, data []byte) {
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(data)
}

func newest[T any](list []T) []T { return orEmpty(list[max(0, len(list)-shown):]) }

// orEmpty makes JSON say [] where there is nothing.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
