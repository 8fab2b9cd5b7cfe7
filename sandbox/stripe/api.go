package stripe

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// apiError is an error as the API answers it.
type apiError struct {
	Status      int     `json:"-"`
	Type        string  `json:"type"`
	Code        string  `json:"code,omitempty"`
	DeclineCode string  `json:"decline_code,omitempty"`
	Message     string  `json:"message"`
	Param       string  `json:"param,omitempty"`
	Intent      *intent `json:"payment_intent,omitempty"`
	unkept      bool    // of what was asked, not of what is: not kept under the idempotency key
}

func (e *apiError) Error() string { return e.Message }

func invalid(param, format string, args ...any) *apiError {
	return &apiError{Status: 400, Param: param, Message: fmt.Sprintf(format, args...), unkept: true}
}

func missing(what, param, id string) *apiError {
	return &apiError{Status: 404, Code: "resource_missing", Param: param, Message: fmt.Sprintf("No such %s: '%s'", what, id)}
}

// call is one request whose parameters are checked already. The lock is held.
type call struct {
	form
	path func(string) string // parts of the path, as {session}
	base string              // URL of our pages
	key  string              // idempotency key
}

type route func(*call) (any, *apiError)

func (s *Server) routes() map[string]route {
	return map[string]route{
		"POST /v1/checkout/sessions":                       s.createSession,
		"GET /v1/checkout/sessions":                        s.listSessions,
		"GET /v1/checkout/sessions/{session}":              s.getSession,
		"POST /v1/checkout/sessions/{session}/expire":      s.expireSession,
		"POST /v1/payment_intents":                         s.createIntent,
		"GET /v1/payment_intents/{intent}":                 s.getIntent,
		"POST /v1/payment_intents/{intent}/confirm":        s.confirmIntent,
		"POST /v1/payment_intents/{intent}/cancel":         s.cancelIntent,
		"POST /v1/payment_intents/{intent}/capture":        s.captureIntent,
		"POST /v1/customers":                               s.createCustomer,
		"GET /v1/customers/{customer}":                     s.getCustomer,
		"POST /v1/customers/{customer}":                    s.updateCustomer,
		"DELETE /v1/customers/{customer}":                  s.deleteCustomer,
		"GET /v1/customers/{customer}/payment_methods":     s.listMethods,
		"GET /v1/payment_methods/{payment_method}":         s.getMethod,
		"POST /v1/payment_methods/{payment_method}/detach": s.detachMethod,
		"POST /v1/refunds":                                 s.createRefund,
		"GET /v1/refunds":                                  s.listRefunds,
		"GET /v1/refunds/{refund}":                         s.getRefund,
		"GET /v1/charges/{charge}":                         s.getCharge,
		"GET /v1/disputes/{dispute}":                       s.getDispute,
		"POST /v1/disputes/{dispute}":                      s.updateDispute,
		"GET /v1/events":                                   s.listEvents,
		"GET /v1/events/{id}":                              s.getEvent,
		"POST /v1/webhook_endpoints":                       s.createEndpoint,
		"GET /v1/webhook_endpoints":                        s.listEndpoints,
		"GET /v1/webhook_endpoints/{webhook_endpoint}":     s.getEndpoint,
		"POST /v1/webhook_endpoints/{webhook_endpoint}":    s.updateEndpoint,
		"DELETE /v1/webhook_endpoints/{webhook_endpoint}":  s.deleteEndpoint,
		"GET /v1/account":                                  s.getAccount,
		"POST /v1/accounts":                                s.createConnected,
		"GET /v1/accounts/{account}":                       s.getConnected,
		"POST /v1/account_links":                           s.createAccountLink,
		"POST /v1/transfers":                               s.createTransfer,
		"GET /v1/transfers":                                s.listTransfers,
		"GET /v1/transfers/{transfer}":                     s.getTransfer,
		"POST /v1/transfers/{id}/reversals":                s.createReversal,
		"GET /v1/transfers/{id}/reversals":                 s.listReversals,
		"POST /v1/tax/calculations":                        s.calculateTax,
		"GET /v1/balance":                                  s.getBalance,
		"GET /v1/balance_transactions":                     s.listTxns,
		"GET /v1/balance_transactions/{id}":                s.getTxn,
	}
}

func (s *Server) addAPI() {
	for pattern, run := range s.routes() {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, pattern, run) })
	}
	s.mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, nil, &apiError{Status: 404, Message: fmt.Sprintf("Unrecognized request URL (%s: %s).", r.Method, r.URL.Path)})
	})
}

// serve is the way of every request: key, version, parameters, idempotency,
// then the call itself, and the fault it was told to have.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, pattern string, run route) {
	w.Header().Set("Request-Id", newID("req_"))
	w.Header().Set("Stripe-Version", apiVersion)
	if !s.authorized(w, r) {
		return
	}
	if v := r.Header.Get("Stripe-Version"); v != "" && v != apiVersion {
		answer(w, nil, invalid("", "This stand-in imitates API version %s, not %s", apiVersion, v))
		return
	}
	values, body, err := values(r)
	if err != nil {
		answer(w, nil, err)
		return
	}
	key := ""
	if r.Method == "POST" {
		if key = r.Header.Get("Idempotency-Key"); len(key) > 255 {
			answer(w, nil, invalid("", "Idempotency keys have at most 255 characters."))
			return
		}
		if key != "" {
			w.Header().Set("Idempotency-Key", key)
		}
	}
	f := s.fault(r.Method, r.URL.Path)
	if f.Drop && !f.Act {
		f.hold(r)
		panic(http.ErrAbortHandler)
	}
	status, out, replayed := s.once(key, pattern+"\n"+r.URL.Path+"\n"+body, f, func() (any, *apiError) {
		form, err := parse(pattern, values)
		if err != nil {
			err.unkept = true
			return nil, err
		}
		return run(&call{form: form, path: r.PathValue, base: s.base(r), key: key})
	})
	f.hold(r)
	if f.Drop {
		panic(http.ErrAbortHandler) // the connection ends without an answer
	}
	if replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	send(w, status, out)
}

func (s *Server) authorized(w http.ResponseWriter, r *http.Request) bool {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		key, _, ok = r.BasicAuth()
	}
	switch {
	case !ok || key == "":
		answer(w, nil, &apiError{Status: 401, Message: "You did not provide an API key."})
	case key != s.cfg.Key:
		end := key[max(0, len(key)-4):]
		answer(w, nil, &apiError{Status: 401, Message: "Invalid API Key provided: sk_test_****" + end})
	default:
		return true
	}
	return false
}

// values returns the parameters of a request and the text they came in.
func values(r *http.Request) (url.Values, string, *apiError) {
	text := r.URL.RawQuery
	if r.Method == "POST" {
		b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return nil, "", invalid("", "The body cannot be read")
		}
		text = string(b)
		if kind := r.Header.Get("Content-Type"); text != "" && !strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
			return nil, "", invalid("", "Bodies are application/x-www-form-urlencoded, not %s", kind)
		}
	}
	v, err := url.ParseQuery(text)
	if err != nil {
		return nil, "", invalid("", "The parameters cannot be read")
	}
	return v, text, nil
}

// base is the URL that our pages are reached at.
func (s *Server) base(r *http.Request) string {
	if s.cfg.Base != "" {
		return strings.TrimSuffix(s.cfg.Base, "/")
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

func answer(w http.ResponseWriter, v any, err *apiError) {
	status, body := encode(v, err)
	send(w, status, body)
}

// encode writes an answer as it travels, indented as Stripe's are.
func encode(v any, err *apiError) (int, []byte) {
	status := 200
	if err != nil {
		if err.Type == "" {
			err.Type = "invalid_request_error"
			if err.Status >= 500 {
				err.Type = "api_error"
			}
		}
		status, v = err.Status, map[string]any{"error": err}
	}
	body, e := json.MarshalIndent(v, "", "  ")
	if e != nil {
		panic(e) // our own types
	}
	return status, body
}

func send(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

// list answers one page of a list, newest first.
func list[T interface{ id() string }](c *call, url string, all []T, keep func(T) bool) (any, *apiError) {
	limit := 10
	if c.form["limit"] != "" {
		if limit = int(c.int("limit")); limit < 1 || limit > 100 {
			return nil, invalid("limit", "limit is 1 to 100")
		}
	}
	if c.has("ending_before") {
		return nil, invalid("ending_before", "This stand-in pages forward only, by starting_after")
	}
	page, more := []T{}, false
	started := c.form["starting_after"] == ""
	for i := len(all) - 1; i >= 0; i-- {
		x := all[i]
		switch {
		case !started:
			started = x.id() == c.form["starting_after"]
		case !keep(x):
		case len(page) == limit:
			more = true
		default:
			page = append(page, x)
		}
	}
	if !started {
		return nil, missing("object", "starting_after", c.form["starting_after"])
	}
	return map[string]any{"object": "list", "url": url, "has_more": more, "data": page}, nil
}

// inRange reports whether a time lies in the range created[…] of a list.
func (c *call) inRange(created int64) bool {
	for op, ok := range map[string]func(a, b int64) bool{
		"gt": func(a, b int64) bool { return a > b }, "gte": func(a, b int64) bool { return a >= b },
		"lt": func(a, b int64) bool { return a < b }, "lte": func(a, b int64) bool { return a <= b },
	} {
		if c.form["created."+op] != "" && !ok(created, c.int("created."+op)) {
			return false
		}
	}
	return true
}
