package discord_test

import (
	"testing"

	"github.com/soukchat/souk/bots"
	sandbox "github.com/soukchat/souk/sandbox/discord"
)

// TestPhotoInForm: a form that asks for a photo is a modal with an upload, and
// what is uploaded can be fetched by the name it comes with; no other address
// is asked.
func TestPhotoInForm(t *testing.T) {
	w := newWorld(t)
	w.talk.screens["ask"] = bots.Screen{Form: &bots.Form{Action: "ask", Title: "Return", Cancel: bots.Button{Label: "Never mind", Action: "cart"}, Fields: []bots.Field{
		{Key: "words", Label: "Why?", Optional: true, Long: true}, {Key: "photo", Label: "A photo?", Hint: "If that helps", Optional: true, Photo: true}}}}
	_, err := w.bot.Send(t.Context(), bots.To{Account: ann}, bots.Screen{Text: bots.T("Hi"), Rows: [][]bots.Button{{{Label: "Ask", Action: "ask"}}}}, "n")
	w.must(err)
	c := w.server.Chatter("ann", "private")
	for _, photo := range [][]byte{nil, []byte("a photo")} {
		w.must(c.Tap("Ask"))
		in := w.server.Modal(ann).Inputs()
		if len(in) != 2 || in[0].Label != "Why?" || in[1].Type != sandbox.FileUpload || in[1].Label != "A photo?" {
			t.Fatalf("the modal asks for %+v", in)
		}
		w.talk.screens["ask"] = bots.Screen{Text: bots.T("Thanks"), Rows: [][]bots.Button{{{Label: "Ask", Action: "again"}}}}
		w.must(c.FillPhoto([]string{"broken"}, photo))
		ev := w.talk.events[len(w.talk.events)-1]
		if ev.Kind != bots.Fill || ev.Values["words"] != "broken" || (ev.Values["photo"] != "") != (photo != nil) {
			t.Errorf("heard %+v", ev)
		}
		w.talk.screens["again"] = bots.Screen{Form: &bots.Form{Action: "ask", Title: "Return", Cancel: bots.Button{Label: "Never mind", Action: "cart"}, Fields: []bots.Field{
			{Key: "words", Label: "Why?", Optional: true}, {Key: "photo", Label: "A photo?", Photo: true, Optional: true}}}}
		if photo == nil {
			continue
		}
		data, err := w.bot.Photo(t.Context(), ev.Values["photo"])
		if err != nil || string(data) != "a photo" {
			t.Errorf("%q, %v", data, err)
		}
	}
	for _, name := range []string{"", "x", "http://cdn.discordapp.com/attachments/1/2/a.jpg", "https://169.254.169.254/latest", "https://cdn.discordapp.com.example.org/x",
		"https://cdn.discordapp.com:80/x", "https://cdn.discordapp.com/attachments/1/2/none.jpg"} {
		if data, err := w.bot.Photo(t.Context(), name); err == nil {
			t.Errorf("%q was fetched: %q", name, data)
		}
	}
}

// TestVideoInForm: a form that asks for a video is a modal with an upload, fetched
// by the name it comes with.
func TestVideoInForm(t *testing.T) {
	w := newWorld(t)
	w.talk.screens["ask"] = bots.Screen{Form: &bots.Form{Action: "ask", Title: "A video", Cancel: bots.Button{Label: "Never mind", Action: "cart"}, Fields: []bots.Field{
		{Key: "video", Label: "Your video", Hint: "MP4", Video: true}}}}
	_, err := w.bot.Send(t.Context(), bots.To{Account: ann}, bots.Screen{Text: bots.T("Hi"), Rows: [][]bots.Button{{{Label: "Ask", Action: "ask"}}}}, "n")
	w.must(err)
	c := w.server.Chatter("ann", "private")
	w.must(c.Tap("Ask"))
	if in := w.server.Modal(ann).Inputs(); len(in) != 1 || in[0].Type != sandbox.FileUpload || in[0].Label != "Your video" {
		t.Fatalf("the modal asks for %+v", in)
	}
	w.talk.screens["ask"] = bots.Screen{Text: bots.T("Thanks")}
	video := make([]byte, bots.MaxPhoto+1) // more than a photo may be
	w.must(c.FillVideo(video))
	ev := w.talk.events[len(w.talk.events)-1]
	if data, err := w.bot.Video(t.Context(), ev.Values["video"]); ev.Kind != bots.Fill || err != nil || len(data) != len(video) {
		t.Errorf("heard %+v, fetched %d bytes, %v", ev, len(data), err)
	}
}
