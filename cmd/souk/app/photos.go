package app

import (
	"context"
	"errors"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/creators"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/fulfilment"
	"github.com/soukchat/souk/commerce/media"
)

// photos takes what members send from the platform into a place of its own.
type photos struct{ *App }

// Take implements shop.Photos.
func (a photos) Take(ctx context.Context, bot, name string) (string, error) {
	b, ok := a.bots[bot]
	if !ok {
		return "", commerce.Errorf(commerce.Internal, "", "a photo of the bot %q, which is not ours", bot)
	}
	data, err := b.Photo(ctx, name)
	if err != nil {
		return "", commerce.Errorf(commerce.Unavailable, "error.busy", "a photo was not handed out: %w", err)
	}
	return a.Media.Take(ctx, data)
}

// videosAtOnce is how many videos are taken at once, each of which is in memory
// until it is checked: the next ones wait their turn.
const videosAtOnce = 4

// TakeVideo implements shop.Photos.
func (a photos) TakeVideo(ctx context.Context, bot, name string) (string, error) {
	b, ok := a.bots[bot]
	if !ok {
		return "", commerce.Errorf(commerce.Internal, "", "a video of the bot %q, which is not ours", bot)
	}
	select {
	case a.videos <- struct{}{}:
		defer func() { <-a.videos }()
	case <-ctx.Done():
		return "", commerce.Errorf(commerce.Unavailable, "error.busy", "a video waited for others: %w", ctx.Err())
	}
	data, err := b.Video(ctx, name)
	if errors.Is(err, bots.ErrLarge) {
		return "", media.ErrLargeVideo
	}
	if err != nil {
		return "", commerce.Errorf(commerce.Unavailable, "error.busy", "a video was not handed out: %w", err)
	}
	return a.Media.TakeVideo(ctx, data)
}

// IsKept implements shop.Photos.
func (a photos) IsKept(_ context.Context, hash string) (bool, error) { return a.Media.IsKept(hash) }

// videoLink is the address at which a video is served once it is exposed.
func (a *App) videoLink(hash string) string {
	if hash == "" {
		return ""
	}
	return a.url() + "/m/v/" + hash
}

// Size implements shop.Photos.
func (a photos) Size(_ context.Context, hash string) (width, height int, err error) {
	return a.Media.Size(hash)
}

// forgetPhoto deletes a photo that nothing shows any more.
func (a *App) forgetPhoto(hash string) {
	if err := (photos{a}).Drop(context.Background(), hash); err != nil {
		a.Log.Error("a photo of a member was not deleted", "error", err)
	}
}

// Drop implements shop.Photos.
func (a photos) Drop(ctx context.Context, hash string) error {
	shown := true
	err := a.DB.Read(ctx, func(tx *database.Tx) (err error) {
		if shown, err = fulfilment.Shown(tx, hash); err == nil && !shown {
			shown, err = creators.Shown(tx, hash)
		}
		return err
	})
	if err != nil || shown {
		return err
	}
	return a.Media.Drop(hash)
}
