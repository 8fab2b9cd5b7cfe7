package discord

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/soukchat/souk/bots"
)

// files is where Discord keeps what people upload. Where the API is elsewhere,
// the files are there too.
const (
	official = "https://discord.com"
	files    = "cdn.discordapp.com"
)

// Photo implements bots.Photos: the name is the address of an attachment. No
// other host is asked, whatever it says.
func (b *Bot) Photo(ctx context.Context, name string) ([]byte, error) {
	return b.file(ctx, name, bots.MaxPhoto)
}

// Video implements bots.Photos, in the same way.
func (b *Bot) Video(ctx context.Context, name string) ([]byte, error) {
	return b.file(ctx, name, bots.MaxVideo)
}

func (b *Bot) file(ctx context.Context, name string, most int64) ([]byte, error) {
	at, err := url.Parse(name)
	if err != nil || at.Scheme != "https" || at.Host != files {
		return nil, errors.New("discord: an attachment that does not lie at Discord")
	}
	address := at.String()
	if b.cfg.Endpoint != official {
		address = b.cfg.Endpoint + at.RequestURI()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("discord: an attachment without address")
	}
	resp, err := b.session.Client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("discord: attachment: %s", unaddressed(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("discord: the attachment was answered with %s", resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return nil, errors.New("discord: the attachment broke off")
	}
	return data, nil
}
