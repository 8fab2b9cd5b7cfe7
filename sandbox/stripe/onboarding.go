package stripe

// This file makes connected accounts and keeps the page on which their owners
// set them up (docs.stripe.com/connect/express-accounts). The address of the
// page is good for five minutes and one visit; then it leads to refresh_url.

import (
	"errors"
	"net/http"
	"net/url"
	"path"
	"time"
)

// setup is a page on which an account is set up.
type setup struct {
	account       *connected
	refresh, back string
	until         time.Time
	visited       bool
}

const setupTime = 5 * time.Minute

func (s *Server) createConnected(c *call) (any, *apiError) {
	if c.form["type"] != "express" {
		return nil, invalid("type", "This stand-in makes Express accounts only")
	}
	if c.form["capabilities.transfers.requested"] != "true" {
		return nil, invalid("capabilities", "This stand-in makes accounts that ask for transfers only")
	}
	a := &connected{ID: newID("acct_"), Object: "account", Country: "DE", Currency: "eur", Type: "express",
		Capabilities: map[string]string{"transfers": "inactive"}, balance: map[string]int64{}}
	s.accounts.add(a)
	return a, nil
}

func (s *Server) createAccountLink(c *call) (any, *apiError) {
	a, ok := s.accounts.get(c.form["account"])
	if !ok {
		err := missing("account", "account", c.form["account"])
		err.Status = 400
		return nil, err
	}
	if c.form["type"] != "account_onboarding" {
		return nil, invalid("type", "You cannot create `account_update` type Account Links for this account.")
	}
	for _, name := range []string{"refresh_url", "return_url"} {
		if u, err := url.Parse(c.form[name]); err != nil || u.Host == "" {
			return nil, invalid(name, "Not a valid URL")
		}
	}
	id := newID("")
	x := &setup{account: a, refresh: c.form["refresh_url"], back: c.form["return_url"], until: s.now().Add(setupTime)}
	s.setups[id] = x
	return map[string]any{"object": "account_link", "created": s.now().Unix(), "expires_at": x.until.Unix(), "url": c.base + "/setup/" + id}, nil
}

func (s *Server) showOnboarding(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, ok := s.setups[r.PathValue("link")]
	switch {
	case !ok:
		http.NotFound(w, r)
	case x.visited || !s.now().Before(x.until):
		http.Redirect(w, r, x.refresh, http.StatusSeeOther)
	default:
		x.visited = true
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
		w.Write([]byte(`<!doctype html><title>Set up payouts</title><h1>Set up payouts</h1><p>Stripe asks here who you are and where your bank account is. This stand-in asks nothing.</p><form method="post"><button>Done</button></form>`))
	}
}

func (s *Server) finishOnboarding(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	x, ok := s.setups[r.PathValue("link")]
	ok = ok && x.visited
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	s.Connect(x.account.ID, true)
	http.Redirect(w, r, x.back, http.StatusSeeOther)
}

// SetUp goes to the page of an account link and does what it asks, and returns
// where the page leads then.
func (s *Server) SetUp(page string) (string, error) {
	s.mu.Lock()
	u, err := url.Parse(page)
	if err != nil {
		s.mu.Unlock()
		return "", err
	}
	x, ok := s.setups[path.Base(u.Path)]
	if !ok {
		s.mu.Unlock()
		return "", errors.New("stripe has no such page")
	}
	over := x.visited || !s.now().Before(x.until)
	x.visited = true
	s.mu.Unlock()
	if over {
		return x.refresh, nil
	}
	s.Connect(x.account.ID, true)
	return x.back, nil
}
