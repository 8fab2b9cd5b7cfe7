package stripe

import (
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// view is what the page draws.
type view struct {
	State   string // open, authenticate, complete or expired
	Title   string
	Lines   []viewLine
	Total   string
	Problem string
	Back    string // where turning back leads, or going on once it is over
	Action  string
	Number  string
	Expiry  string
	CVC     string
	Cards   []card
	Self    string
}

type viewLine struct{ Name, Detail, Amount string }

func (s *Server) addPages() {
	s.mux.HandleFunc("GET /c/{session}", s.showPage)
	s.mux.HandleFunc("POST /c/{session}", s.payPage)
	s.mux.HandleFunc("POST /c/{session}/authenticate", s.authenticatePage)
	s.mux.HandleFunc("GET /setup/{link}", s.showOnboarding)
	s.mux.HandleFunc("POST /setup/{link}", s.finishOnboarding)
	s.mux.HandleFunc("GET /a/{intent}", s.showIntent)
	s.mux.HandleFunc("POST /a/{intent}", s.authenticateIntent)
}

// showPage draws a session's page. The card of ?card=…, else the one that
// pays, is filled in, so that whoever tries the shop only has to press Pay.
func (s *Server) showPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	number := r.URL.Query().Get("card")
	if number == "" {
		number = cards[0].Number
	}
	if c, ok := cardOf(number); ok {
		number = c.Spaced()
	}
	s.draw(w, r, 200, view{Number: number, Expiry: "12 / 34", CVC: "123"})
}

func (s *Server) payPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	r.Body = http.MaxBytesReader(w, r.Body, 1<<14)
	v := view{Number: r.PostFormValue("number"), Expiry: r.PostFormValue("expiry"), CVC: r.PostFormValue("cvc")}
	month, year, ok := expiry(v.Expiry, s.now())
	cvc := digits(v.CVC)
	switch {
	case !luhn(digits(v.Number)):
		v.Problem = "Your card number is invalid."
	case !ok:
		v.Problem = "Your card's expiration date is incomplete or in the past."
	case len(cvc) < 3 || len(cvc) > 4 || strings.Trim(cvc, "0123456789") != "":
		v.Problem = "Your card's security code is incomplete."
	}
	if v.Problem != "" {
		s.draw(w, r, 422, v)
		return
	}
	out, err := s.pay(r.PathValue("session"), v.Number, month, year)
	s.proceed(w, r, out, err, v)
}

func (s *Server) authenticatePage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	out, err := s.authenticate(r.PathValue("session"), r.PostFormValue("answer") == "complete")
	s.proceed(w, r, out, err, view{})
}

// proceed draws what came of an attempt.
func (s *Server) proceed(w http.ResponseWriter, r *http.Request, out Outcome, err error, v view) {
	switch {
	case err != nil && !errors.Is(err, ErrClosed):
		s.draw(w, r, 409, v) // nothing to authenticate: the page as it is
	case out.Status == "paid":
		http.Redirect(w, r, out.URL, http.StatusSeeOther)
	case out.Status == "declined":
		v.Problem = out.Message
		s.draw(w, r, 402, v)
	default:
		s.draw(w, r, 200, v)
	}
}

// draw fills in what the session is now. The lock is held.
func (s *Server) draw(w http.ResponseWriter, r *http.Request, status int, v view) {
	x, ok := s.sessions.get(r.PathValue("session"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	locale := deref(x.Locale)
	if locale == "" || locale == "auto" {
		locale = "en"
	}
	v.State, v.Title, v.Cards = x.Status, "Pay", cards
	v.Total = format(x.AmountTotal, x.Currency, locale)
	v.Self = s.base(r) + "/c/" + x.ID
	v.Action, v.Back = v.Self, deref(x.CancelURL)
	for _, l := range x.lines {
		name := l.Name
		if l.Quantity > 1 {
			name = fmt.Sprintf("%d × %s", l.Quantity, l.Name)
		}
		v.Lines = append(v.Lines, viewLine{name, l.Description, format(l.Amount(), x.Currency, locale)})
	}
	switch {
	case x.Status == "complete":
		v.Title, v.Back = "Paid", strings.ReplaceAll(x.SuccessURL, "{CHECKOUT_SESSION_ID}", url.PathEscape(x.ID))
	case x.Status == "expired":
		v.Title = "Expired"
	case x.pending != nil && r.Method == "POST":
		v.State, v.Title, v.Action = "authenticate", "Authenticate", v.Self+"/authenticate"
	}
	render(w, status, v)
}

func (s *Server) showIntent(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.intents.get(r.PathValue("intent"))
	switch {
	case !ok:
		http.NotFound(w, r)
	case i.method == nil:
		http.Redirect(w, r, i.returnURL, http.StatusSeeOther)
	default:
		render(w, 200, view{State: "authenticate", Title: "Authenticate", Total: format(i.Amount, i.Currency, "en"),
			Action: s.base(r) + "/a/" + i.ID, Back: i.returnURL})
	}
}

func (s *Server) authenticateIntent(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := s.intents.get(r.PathValue("intent"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.answerIntent(i, r.PostFormValue("answer") == "complete")
	http.Redirect(w, r, i.returnURL, http.StatusSeeOther)
}

// AuthenticateIntent answers the question of an intent that requires action.
// It reports whether the intent asked one.
func (s *Server) AuthenticateIntent(id string, ok bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, found := s.intents.get(id)
	return found && s.answerIntent(i, ok)
}

func (s *Server) answerIntent(i *intent, ok bool) bool {
	m := i.method
	if m == nil {
		return false
	}
	i.method = nil
	if ok {
		s.capture(i, m)
	} else {
		s.refuse(i, m, "payment_intent_authentication_failure", "",
			"We are unable to authenticate your payment method. Please choose a different payment method and try again.")
	}
	return true
}

func render(w http.ResponseWriter, status int, v view) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	pageTemplate.Execute(w, v)
}
