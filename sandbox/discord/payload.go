package discord

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// payload is the body of a request that makes or changes a message.
type payload struct {
	Content         *string         `json:"content"`
	Embeds          []Embed         `json:"embeds"`
	Components      []Component     `json:"components"`
	AllowedMentions json.RawMessage `json:"allowed_mentions"`
	Flags           int             `json:"flags"`
	TTS             bool            `json:"tts"`
	Nonce           any             `json:"nonce"`
	EnforceNonce    bool            `json:"enforce_nonce"`
	Attachments     []struct {
		ID          any    `json:"id"` // of a new file its number, else the attachment's id
		Filename    string `json:"filename"`
		Description string `json:"description"`
	} `json:"attachments"`

	has   map[string]json.RawMessage // the fields that were sent, null among them
	files []Attachment
}

// readBody takes a request apart: its JSON, and its files where it is a form.
func readBody(r *http.Request) (raw []byte, files []Attachment, err error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, nil, errNoJSON
	}
	switch kind {
	case "application/json":
		raw, err = io.ReadAll(r.Body)
		return raw, nil, err
	case "multipart/form-data":
		return readForm(multipart.NewReader(r.Body, params["boundary"]))
	}
	return nil, nil, refuse(http.StatusBadRequest, 50035, "Expected \"Content-Type\" header to be one of {'application/json'}.")
}

func readForm(form *multipart.Reader) (raw []byte, files []Attachment, err error) {
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, refuse(http.StatusBadRequest, 50035, "Invalid Form Body")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, err
		}
		switch name := part.FormName(); {
		case name == "payload_json":
			raw = data
		case strings.HasPrefix(name, "files["):
			if name != fmt.Sprintf("files[%d]", len(files)) {
				return nil, nil, formError("files", "FILE_ORDER", "files are numbered from 0")
			}
			if len(data) > 10<<20 {
				return nil, nil, refuse(http.StatusRequestEntityTooLarge, 40005, "Request entity too large")
			}
			files = append(files, Attachment{Filename: part.FileName(), ContentType: part.Header.Get("Content-Type"), Size: len(data), data: data})
		default:
			return nil, nil, formError(name, "UNKNOWN_FIELD", "this part is not known")
		}
	}
	if raw == nil {
		raw = []byte("{}")
	}
	if len(files) > 10 {
		return nil, nil, formError("files", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
	}
	return raw, files, nil
}

// readPayload reads and checks the JSON of a message against the shape that
// the call takes.
func readPayload(shape string, raw []byte, files []Attachment) (*payload, error) {
	if err := check(shape, raw); err != nil {
		return nil, err
	}
	p := &payload{files: files}
	if err := json.Unmarshal(raw, p); err != nil {
		return nil, errNoJSON
	}
	if err := json.Unmarshal(raw, &p.has); err != nil {
		return nil, errNoJSON
	}
	return p, p.check()
}

func (s *Server) readMessage(r *http.Request, shape string) (*payload, error) {
	raw, files, err := readBody(r)
	if err != nil {
		return nil, err
	}
	p, err := readPayload(shape, raw, files)
	if err != nil {
		return nil, err
	}
	for i, a := range p.Attachments {
		if id := fmt.Sprint(a.ID); len(id) < 3 && id >= fmt.Sprint(len(files)) {
			return nil, formError(fmt.Sprintf("attachments.%d.id", i), "ATTACHMENT_NOT_FOUND", "there is no file "+id)
		}
	}
	return p, nil
}

// empty reports whether nothing would be shown.
func (p *payload) empty() bool {
	return (p.Content == nil || strings.TrimSpace(*p.Content) == "") && len(p.Embeds) == 0 && len(p.Components) == 0 && len(p.files) == 0
}

var errEmpty = refuse(http.StatusBadRequest, 50006, "Cannot send an empty message")

// fill puts a payload into a message: into a new one what it has, into an
// older one only what it names. The caller holds the lock.
func (s *Server) fill(m *Message, p *payload) {
	if _, ok := p.has["content"]; ok {
		m.Content = ""
		if p.Content != nil {
			m.Content = strings.TrimSpace(*p.Content)
		}
	}
	if _, ok := p.has["embeds"]; ok {
		m.Embeds = p.Embeds
		for i := range m.Embeds {
			m.Embeds[i].Type = "rich"
		}
	}
	if _, ok := p.has["components"]; ok {
		n := 0
		m.Components = numbered(p.Components, &n)
	}
	if raw, ok := p.has["allowed_mentions"]; ok {
		m.allowed = bytes.Clone(raw)
	}
	if _, ok := p.has["attachments"]; ok {
		var kept []Attachment
		for _, old := range m.Attachments {
			for _, a := range p.Attachments {
				if fmt.Sprint(a.ID) == old.ID {
					kept = append(kept, old)
				}
			}
		}
		m.Attachments = kept
	}
	for i, f := range p.files {
		f.ID = s.snowflake()
		for _, a := range p.Attachments {
			if fmt.Sprint(a.ID) == fmt.Sprint(i) {
				f.Description = a.Description
				if a.Filename != "" {
					f.Filename = a.Filename
				}
			}
		}
		f.URL = "/attachments/" + m.ChannelID + "/" + f.ID + "/" + f.Filename
		f.ProxyURL = f.URL
		m.Attachments = append(m.Attachments[:len(m.Attachments):len(m.Attachments)], f)
	}
}

func numbered(list []Component, n *int) []Component {
	for i := range list {
		*n++
		list[i].ID = *n
		list[i].Components = numbered(list[i].Components, n)
	}
	return list
}

func (s *Server) serveAttachment(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	lists := [][]Attachment{s.uploads}
	for _, m := range s.messages[r.PathValue("channel")] {
		lists = append(lists, m.Attachments)
	}
	for _, list := range lists {
		for _, a := range list {
			if a.ID == r.PathValue("attachment") {
				w.Header().Set("Content-Type", "application/octet-stream")
				w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.Filename}))
				_, _ = w.Write(a.data)
				return
			}
		}
	}
	http.NotFound(w, r)
}
