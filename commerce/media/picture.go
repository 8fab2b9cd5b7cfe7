package media

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // known to image.Decode
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // known to image.Decode
)

const (
	maxSide   = 1280       // pixels kept of the longer side: both chats show less
	maxPixels = 40_000_000 // decoded at all: a small file can hold a huge picture
	maxRatio  = 20         // Telegram refuses photos whose sides differ more, https://core.telegram.org/bots/api#sendphoto
)

// digest decodes a picture, turns and shrinks it as needed, and encodes it
// anew: what is served is never somebody else's bytes, and tells nothing of
// where a photo was taken. The first frame of a GIF is taken.
func digest(data []byte) ([]byte, error) {
	cfg, format, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, errors.New("not a JPEG, PNG, GIF or WebP picture")
	}
	w, h := cfg.Width, cfg.Height
	switch {
	case w < 1 || h < 1:
		return nil, errors.New("an empty picture")
	case w > maxPixels/h:
		return nil, fmt.Errorf("%d × %d pixels are too many", w, h)
	case w > maxRatio*h || h > maxRatio*w:
		return nil, fmt.Errorf("%d × %d pixels are too narrow for a chat", w, h)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("a damaged %s picture: %w", format, err)
	}
	if format == "jpeg" {
		img = upright(shrink(img), orientation(data))
	} else {
		img = shrink(img)
	}
	var out bytes.Buffer
	if opaque(img) {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: 85})
	} else {
		err = png.Encode(&out, img)
	}
	return out.Bytes(), err
}

func shrink(img image.Image) image.Image {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	long := max(w, h)
	if long <= maxSide {
		return img
	}
	small := image.NewNRGBA(image.Rect(0, 0, max(1, w*maxSide/long), max(1, h*maxSide/long)))
	draw.BiLinear.Scale(small, small.Bounds(), img, b, draw.Src, nil)
	return small
}

func opaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}
