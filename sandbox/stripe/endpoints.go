package stripe

import (
	"net/url"
	"slices"
)

// endpoint is a webhook endpoint.
type endpoint struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	APIVersion    *string           `json:"api_version"`
	Application   *string           `json:"application"`
	Created       int64             `json:"created"`
	Description   *string           `json:"description"`
	EnabledEvents []string          `json:"enabled_events"`
	Livemode      bool              `json:"livemode"`
	Metadata      map[string]string `json:"metadata"`
	Secret        string            `json:"secret,omitempty"` // in the answer to its creation only
	Status        string            `json:"status"`
	URL           string            `json:"url"`

	secret string
}

func (e *endpoint) id() string { return e.ID }

func (e *endpoint) wants(typ string) bool {
	return e.Status == "enabled" && (slices.Contains(e.EnabledEvents, "*") || slices.Contains(e.EnabledEvents, typ))
}

func (s *Server) createEndpoint(c *call) (any, *apiError) {
	if err := checkEndpoint(c); err != nil {
		return nil, err
	}
	if len(s.endpoints) >= 16 {
		return nil, invalid("", "You have reached the maximum of 16 webhook endpoints.")
	}
	e := &endpoint{ID: newID("we_"), Object: "webhook_endpoint", APIVersion: c.ptr("api_version"), Created: s.now().Unix(),
		Description: c.ptr("description"), EnabledEvents: c.strings("enabled_events"), Metadata: c.object("metadata"),
		Status: "enabled", URL: c.form["url"], secret: newID("whsec_")}
	s.endpoints = append(s.endpoints, e)
	shown := *e
	shown.Secret = e.secret
	return &shown, nil
}

func checkEndpoint(c *call) *apiError {
	u, err := url.Parse(c.form["url"])
	if c.has("url") && (err != nil || !absolute(c.form["url"])) {
		return invalid("url", "Invalid URL: an explicit scheme (such as https) must be provided.")
	}
	if c.has("url") && u.User != nil {
		return invalid("url", "Invalid URL: user names do not belong there.")
	}
	return nil
}

func (s *Server) endpoint(c *call) (*endpoint, *apiError) {
	i := slices.IndexFunc(s.endpoints, func(e *endpoint) bool { return e.ID == c.path("webhook_endpoint") })
	if i < 0 {
		return nil, missing("webhook endpoint", "webhook_endpoint", c.path("webhook_endpoint"))
	}
	return s.endpoints[i], nil
}

func (s *Server) getEndpoint(c *call) (any, *apiError) { return s.endpoint(c) }

func (s *Server) listEndpoints(c *call) (any, *apiError) {
	return list(c, "/v1/webhook_endpoints", s.endpoints, func(*endpoint) bool { return true })
}

func (s *Server) updateEndpoint(c *call) (any, *apiError) {
	e, err := s.endpoint(c)
	if err != nil {
		return nil, err
	}
	if err := checkEndpoint(c); err != nil {
		return nil, err
	}
	if c.has("url") {
		e.URL = c.form["url"]
	}
	if c.has("description") {
		e.Description = c.ptr("description")
	}
	if on := c.strings("enabled_events"); len(on) > 0 {
		e.EnabledEvents = on
	}
	switch c.form["disabled"] {
	case "true":
		e.Status = "disabled"
	case "false":
		e.Status = "enabled"
	}
	return e, nil
}

func (s *Server) deleteEndpoint(c *call) (any, *apiError) {
	e, err := s.endpoint(c)
	if err != nil {
		return nil, err
	}
	s.endpoints = slices.DeleteFunc(s.endpoints, func(x *endpoint) bool { return x == e })
	s.queue = slices.DeleteFunc(s.queue, func(d *delivery) bool { return d.to == e })
	return map[string]any{"id": e.ID, "object": "webhook_endpoint", "deleted": true}, nil
}

func (s *Server) listEvents(c *call) (any, *apiError) {
	return list(c, "/v1/events", s.events.all, func(e *Event) bool { return c.matches("type", &e.Type) && c.inRange(e.Created) })
}

func (s *Server) getEvent(c *call) (any, *apiError) {
	e, ok := s.events.get(c.path("id"))
	if !ok {
		return nil, missing("event", "id", c.path("id"))
	}
	return e, nil
}

func (s *Server) getAccount(*call) (any, *apiError) {
	return map[string]any{"id": "acct_standin", "object": "account", "country": "DE", "default_currency": "eur",
		"charges_enabled": true, "payouts_enabled": true, "details_submitted": true, "type": "standard"}, nil
}
