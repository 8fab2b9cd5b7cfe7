package media

// Videos of members. The rules:
//   - what is taken is an MP4 with H.264 in it, which both chats and every browser
//     play, of at most MaxVideo bytes and MaxLength: by what is in the file,
//     whatever it is called.
//   - nothing of the file but picture and sound stays: no place, no time. Their
//     bytes are blanked where they are, so that all else keeps its place. A file
//     with a track of other data, as cameras have for the place, is not taken.
//   - it lies where photos lie, and is served at its own address once it is exposed.

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"math"
	"os"
	"slices"
	"time"

	"github.com/soukchat/souk/commerce"
)

// What a video may be.
const (
	MaxVideo  = 20 << 20 // bytes; Telegram hands out no larger file to a bot
	MaxLength = time.Minute
)

// Errors of TakeVideo.
var (
	ErrNoVideo    = &commerce.Error{Kind: commerce.Invalid, Message: "video.none"}
	ErrLargeVideo = &commerce.Error{Kind: commerce.Invalid, Message: "video.large"}
	ErrLongVideo  = &commerce.Error{Kind: commerce.Invalid, Message: "video.long"}
)

// TakeVideo stores a video somebody has sent, and returns its hash, or
// ErrNoVideo, ErrLargeVideo or ErrLongVideo. It changes data.
func (m *Media) TakeVideo(ctx context.Context, data []byte) (hash string, err error) {
	if len(data) > MaxVideo {
		return "", ErrLargeVideo
	}
	length, ok := clean(data)
	switch {
	case !ok:
		return "", ErrNoVideo
	case length > MaxLength:
		return "", ErrLongVideo
	case ctx.Err() != nil:
		return "", ctx.Err()
	}
	return store(m.private, data, 0o600)
}

// Video opens a video that Expose serves to everybody, or returns ErrNone.
func (m *Media) Video(hash string) (*os.File, error) {
	if !isHash(hash) {
		return nil, ErrNone
	}
	f, err := os.Open(m.exposedVideo(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	return f, err
}

// IsKept reports whether a photo or a video is stored.
func (m *Media) IsKept(hash string) (bool, error) {
	if !isHash(hash) {
		return false, nil
	}
	_, err := os.Stat(m.private(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

func (m *Media) exposedVideo(hash string) string { return m.exposed(hash) + ".mp4" }

func isVideo(data []byte) bool { return len(data) > 12 && string(data[4:8]) == "ftyp" }

// box is a part of an MP4 file (ISO/IEC 14496-12): four bytes of length, four of
// kind, then what is in it.
type box struct {
	kind string
	name []byte // where the kind stands
	body []byte
}

// boxes lists the boxes that stand one after another; ok is whether they fill the
// data.
func boxes(data []byte) (list []box, ok bool) {
	for len(data) > 0 {
		if len(data) < 8 {
			return nil, false
		}
		size, head := uint64(binary.BigEndian.Uint32(data)), uint64(8)
		switch {
		case size == 0: // to the end
			size = uint64(len(data))
		case size == 1 && len(data) >= 16:
			size, head = binary.BigEndian.Uint64(data[8:]), 16
		}
		if size < head || size > uint64(len(data)) {
			return nil, false
		}
		list = append(list, box{string(data[4:8]), data[4:8], data[head:size]})
		data = data[size:]
	}
	return list, true
}

// inside finds a box by the kinds on the way to it.
func (b box) inside(way ...string) (box, bool) {
	for _, kind := range way {
		list, ok := boxes(b.body)
		at := slices.IndexFunc(list, func(one box) bool { return one.kind == kind })
		if !ok || at < 0 {
			return box{}, false
		}
		b = list[at]
	}
	return b, true
}

// blank leaves free space of a box's size.
func (b box) blank() {
	copy(b.name, "free")
	clear(b.body)
}

// clean blanks all of a video that is neither picture nor sound, and returns how
// long it is; ok is whether it is a video that is played everywhere.
func clean(data []byte) (length time.Duration, ok bool) {
	top, ok := boxes(data)
	if !ok || !isVideo(data) || bytes.HasPrefix(top[0].body, []byte("qt  ")) {
		return 0, false
	}
	pictures, films := 0, 0
	for _, one := range top {
		switch one.kind {
		case "ftyp", "mdat":
		case "moov":
			films++
			var seen int
			if seen, length, ok = cleanFilm(one); !ok {
				return 0, false
			}
			pictures += seen
		default:
			one.blank()
		}
	}
	return length, pictures == 1 && films == 1 && length > 0
}

func cleanFilm(film box) (pictures int, length time.Duration, ok bool) {
	parts, ok := boxes(film.body)
	if !ok {
		return 0, 0, false
	}
	for _, one := range parts {
		switch one.kind {
		case "mvhd":
			long, ok := timed(one)
			if !ok {
				return 0, 0, false
			}
			length = max(length, long)
		case "trak":
			handler, ok := one.inside("mdia", "hdlr")
			if !ok || len(handler.body) < 12 {
				return 0, 0, false
			}
			kind := string(handler.body[8:12])
			if kind != "vide" && kind != "soun" {
				return 0, 0, false
			}
			head, ok := one.inside("mdia", "mdhd")
			entries, listed := one.inside("mdia", "minf", "stbl", "stsd")
			if !ok || !listed || len(entries.body) < 16 {
				return 0, 0, false
			}
			long, ok := timed(head)
			if !ok {
				return 0, 0, false
			}
			length = max(length, long)
			if kind == "vide" {
				if coding := string(entries.body[12:16]); coding != "avc1" && coding != "avc3" {
					return 0, 0, false
				}
				pictures++
			}
			if track, ok := one.inside("tkhd"); ok {
				undate(track)
			}
			rest, _ := boxes(one.body)
			for _, part := range rest {
				if part.kind == "udta" || part.kind == "meta" || part.kind == "uuid" {
					part.blank()
				}
			}
		case "mvex": // it comes in pieces
			return 0, 0, false
		default:
			one.blank()
		}
	}
	return pictures, length, true
}

// timed reads how long the film or the track of a header is, and blanks when it
// was made.
func timed(head box) (time.Duration, bool) {
	var scale, long uint64
	switch b := head.body; {
	case len(b) >= 32 && b[0] == 1:
		scale, long = uint64(binary.BigEndian.Uint32(b[20:])), binary.BigEndian.Uint64(b[24:])
	case len(b) >= 20 && b[0] == 0:
		scale, long = uint64(binary.BigEndian.Uint32(b[12:])), uint64(binary.BigEndian.Uint32(b[16:]))
	}
	if scale == 0 {
		return 0, false
	}
	undate(head)
	return time.Duration(min(float64(long)/float64(scale)*float64(time.Second), math.MaxInt64/2)), true
}

// undate blanks when a film or a track was made and changed.
func undate(head box) {
	switch b := head.body; {
	case len(b) >= 20 && b[0] == 1:
		clear(b[4:20])
	case len(b) >= 12:
		clear(b[4:12])
	}
}
