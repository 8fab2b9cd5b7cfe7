package telegram

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Photo sends a photo, with a caption or none, into a chat with the bot alone.
func (p *Person) Photo(chat int64, data []byte, caption string) error {
	return p.act(func(u *user) error {
		ch := p.s.chats[chat]
		if ch == nil || ch.Type != "private" || !ch.members[u.ID] || u.blocked {
			return fmt.Errorf("%s cannot send a photo into the chat %d", u.First, chat)
		}
		u.started = true
		up := file{name: "photo.jpg", mime: http.DetectContentType(data), data: data}
		id := p.s.keep("photo", up)
		from := u.User
		// Small, then large, as Telegram lists them; the small one is no more than a name here.
		m := &Message{From: &from, Caption: caption, PhotoURL: "data:" + up.mime + ";base64," + encode(data), Photo: []PhotoSize{
			{FileID: p.s.keep("thumb", file{}), UniqueID: "s" + id, Width: 90, Height: 90}, {FileID: id, UniqueID: "u" + id, Width: 800, Height: 800}}}
		p.s.append(ch, m)
		p.s.send("message", "chat/"+strconv.FormatInt(chat, 10), keepUpdate, m.wire())
		return nil
	})
}

// Video sends a video into a chat with the bot alone, as one that plays or as a file.
func (p *Person) Video(chat int64, data []byte, asFile bool) error {
	return p.act(func(u *user) error {
		ch := p.s.chats[chat]
		if ch == nil || ch.Type != "private" || !ch.members[u.ID] || u.blocked {
			return fmt.Errorf("%s cannot send a video into the chat %d", u.First, chat)
		}
		u.started = true
		id := p.s.keep("video", file{name: "video.mp4", mime: "video/mp4", data: data})
		from := u.User
		d := Document{FileID: id, UniqueID: "u" + id, Name: "video.mp4", Mime: "video/mp4", Size: len(data)}
		m := &Message{From: &from, Document: &d}
		if !asFile {
			m.Document, m.Video = nil, &Video{Document: d, Width: 640, Height: 360, Duration: 1}
		}
		p.s.append(ch, m)
		p.s.send("message", "chat/"+strconv.FormatInt(chat, 10), keepUpdate, m.wire())
		return nil
	})
}

// maxDownload is how large a file getFile hands out.
const maxDownload = 20 << 20

func (s *Server) getFile(c *call) (any, error) {
	id := c.args["file_id"]
	f, ok := s.files[id]
	switch {
	case !ok || f.data == nil:
		return nil, badRequest("invalid file_id")
	case len(f.data) > maxDownload:
		return nil, badRequest("file is too big")
	}
	return map[string]any{"file_id": id, "file_unique_id": "u" + id, "file_size": len(f.data), "file_path": "photos/" + id + ".jpg"}, nil
}

// serveFile serves what getFile has named, under /file/bot<token>/.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path, ok := strings.CutPrefix(r.URL.Path, "/file/bot"+s.token+"/photos/")
	f, known := s.files[strings.TrimSuffix(path, ".jpg")]
	if !ok || !known || f.data == nil || r.Method != http.MethodGet {
		http.Error(w, `{"ok":false,"error_code":404,"description":"Not Found"}`, http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(f.data)
}
