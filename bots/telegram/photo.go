package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/soukchat/souk/bots"
)

// Photo implements bots.Photos: the name is a file_id, and the file is fetched
// from where getFile says that it lies (core.telegram.org/bots/api#getfile).
func (b *Bot) Photo(ctx context.Context, name string) ([]byte, error) {
	return b.file(ctx, name, bots.MaxPhoto)
}

// Video implements bots.Photos, in the same way.
func (b *Bot) Video(ctx context.Context, name string) ([]byte, error) {
	return b.file(ctx, name, bots.MaxVideo)
}

func (b *Bot) file(ctx context.Context, name string, most int64) ([]byte, error) {
	raw, err := b.do(ctx, call{Method: "getFile", File: name})
	if err != nil && strings.Contains(err.Error(), "file is too big") {
		return nil, bots.ErrLarge
	}
	if err != nil {
		return nil, err
	}
	var at struct {
		Path string `json:"file_path"`
	}
	if err := json.Unmarshal(raw, &at); err != nil || at.Path == "" {
		return nil, errors.New("telegram: getFile names no file")
	}
	ctx, cancel := context.WithTimeout(ctx, b.callTime())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.endpoint+"/file/bot"+b.token.Reveal()+"/"+at.Path, nil)
	if err != nil {
		return nil, errors.New("telegram: getFile names no path")
	}
	resp, err := b.carrier().RoundTrip(req)
	if err != nil {
		return nil, b.outcome("getFile", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("telegram: the file was answered with %s", resp.Status)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err != nil {
		return nil, errors.New("telegram: the file broke off")
	}
	return data, nil
}
