// Package preview draws the stand-ins' chats in a browser: Telegram and
// Discord side by side, as the person who looks would see them there, with
// everything a person can do. It shows what the stand-ins received and never
// what the shop meant to send, so that an adapter's mistake is seen.
//
// It must not know the shop or the real platforms: it imports the stand-ins
// and the standard library only, and the page under static loads nothing from
// anywhere else. Start at New; the page starts in static/app.js.
package preview

import (
	"embed"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"strings"

	"github.com/soukchat/souk/sandbox/discord"
	"github.com/soukchat/souk/sandbox/telegram"
)

// Config is what the page shows.
type Config struct {
	Shop     string           // the shop's name
	People   []Person         // whom the browser can be; the first is it at first
	Telegram *telegram.Server // nil leaves Telegram out
	Discord  *discord.Server  // nil leaves Discord out
}

// Person is somebody the browser can be, with their account on each platform.
type Person struct {
	ID       string `json:"id"` // stands in addresses: "ann"
	Name     string `json:"name"`
	Staff    bool   `json:"staff,omitempty"`
	Telegram int64  `json:"-"`
	Discord  string `json:"-"`
}

// A platform is one side of the page.
type platform interface {
	// look returns what a person sees now.
	look(p Person) any
	// act does what a person asks and returns what they are told besides the
	// chat itself. An error is told to them in its own words.
	act(p Person, verb string, a action) (any, error)
	// file serves a file of a message that the person sees.
	file(w http.ResponseWriter, r *http.Request, p Person, id string)
}

// action holds the fields of every verb; each uses some.
type action struct {
	As      string            `json:"as"`
	Place   string            `json:"place"`
	Text    string            `json:"text"`
	Message string            `json:"message"`
	Row     int               `json:"row"`
	Col     int               `json:"col"`
	Query   string            `json:"query"`
	Result  string            `json:"result"`
	Name    string            `json:"name"`
	Option  string            `json:"option"`
	Custom  string            `json:"custom_id"`
	Value   string            `json:"value"`
	Values  map[string]string `json:"values"`
	Files   map[string][]byte `json:"files"` // by the name of their field; base64 in JSON
}

// maxAction is how large an action may be: a file of 10 MB, as base64, and words.
const maxAction = 15 << 20

var errVerb = errors.New("nobody can do that here")

// Page is the preview's handler. It serves the page at /, what the page asks
// at /preview/api/ and its news at /preview/events, which must be able to
// flush: serve it with net/http.
type Page struct {
	config    Config
	platforms map[string]platform
	news      *news
	handler   http.Handler
}

//go:embed static
var static embed.FS

// New makes the page. Close it when done.
func New(c Config) *Page {
	p := &Page{config: c, platforms: map[string]platform{}, news: newNews()}
	if c.Telegram != nil {
		p.platforms["telegram"] = &telegramSide{server: c.Telegram}
		p.news.onClose(c.Telegram.Changes(func(change telegram.Change) { p.news.tell(telegramNews(change)) }))
	}
	if c.Discord != nil {
		p.platforms["discord"] = &discordSide{server: c.Discord}
		p.news.onClose(c.Discord.Changes(func(change discord.Change) {
			if change.Kind != "" {
				p.news.tell(changed{Platform: "discord", Chat: change.Channel})
			}
		}))
	}
	files, err := fs.Sub(static, "static")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", pageFiles(files))
	mux.HandleFunc("GET /preview/api/page", p.page)
	mux.HandleFunc("GET /preview/api/{platform}", p.look)
	mux.HandleFunc("GET /preview/api/{platform}/file", p.file)
	mux.HandleFunc("POST /preview/api/{platform}/{verb}", p.act)
	mux.Handle("GET /preview/events", p.news)
	// Another web page open in the same browser must not press buttons here.
	p.handler = http.NewCrossOriginProtection().Handler(mux)
	return p
}

func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// Close ends the streams of news, which otherwise hold up a server's shutdown.
func (p *Page) Close() { p.news.close() }

// pageFiles serves the page's own files, which are never older than the
// program, and forbids the page to load anything from elsewhere. Pictures may
// come from this machine under another name than the page.
func pageFiles(files fs.FS) http.Handler {
	serve := http.FileServerFS(files)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-cache")
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: http://127.0.0.1:* http://localhost:*; frame-src 'self' http://127.0.0.1:* http://localhost:*; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		serve.ServeHTTP(w, r)
	})
}

func (p *Page) page(w http.ResponseWriter, _ *http.Request) {
	platforms := []string{}
	for _, name := range []string{"telegram", "discord"} {
		if p.platforms[name] != nil {
			platforms = append(platforms, name)
		}
	}
	write(w, http.StatusOK, map[string]any{
		"shop": map[string]string{"name": p.config.Shop}, "people": p.config.People, "platforms": platforms,
	})
}

func (p *Page) look(w http.ResponseWriter, r *http.Request) {
	if side, person, ok := p.who(w, r, r.URL.Query().Get("as")); ok {
		write(w, http.StatusOK, side.look(person))
	}
}

func (p *Page) file(w http.ResponseWriter, r *http.Request) {
	if side, person, ok := p.who(w, r, r.URL.Query().Get("as")); ok {
		side.file(w, r, person, r.URL.Query().Get("id"))
	}
}

func (p *Page) act(w http.ResponseWriter, r *http.Request) {
	if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		fail(w, http.StatusUnsupportedMediaType, errors.New("an action is JSON"))
		return
	}
	var a action
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAction)).Decode(&a); err != nil {
		fail(w, http.StatusBadRequest, err)
		return
	}
	side, person, ok := p.who(w, r, a.As)
	if !ok {
		return
	}
	answer, err := side.act(person, r.PathValue("verb"), a)
	switch {
	case errors.Is(err, errVerb):
		fail(w, http.StatusNotFound, err)
	case err != nil:
		fail(w, http.StatusUnprocessableEntity, err)
	default:
		write(w, http.StatusOK, answer)
	}
}

// who finds the platform of a request and the person it speaks for.
func (p *Page) who(w http.ResponseWriter, r *http.Request, as string) (platform, Person, bool) {
	side := p.platforms[r.PathValue("platform")]
	for _, person := range p.config.People {
		if person.ID == as && side != nil {
			return side, person, true
		}
	}
	fail(w, http.StatusNotFound, errors.New("there is no such platform or person"))
	return nil, Person{}, false
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the browser has gone; nobody is left to tell
}

func fail(w http.ResponseWriter, status int, err error) {
	write(w, status, map[string]string{"error": err.Error()})
}
