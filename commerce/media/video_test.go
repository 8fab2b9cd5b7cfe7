package media

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"github.com/soukchat/souk/commerce"
)

// mp4 writes boxes: a kind, then what is in it.
func mp4(kind string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), kind...), body...)
}

// head is the header of a film or a track, with when it was made and changed.
func head(seconds uint32) []byte {
	b := append(make([]byte, 4), "MADEMADE"...)
	b = binary.BigEndian.AppendUint32(b, 1000)
	return append(binary.BigEndian.AppendUint32(b, seconds*1000), make([]byte, 4)...)
}

func track(seconds uint32, kind, coding string) []byte {
	return mp4("trak", mp4("tkhd", append(make([]byte, 4), "MADEMADE and more"...)), mp4("udta", []byte("PLACE")),
		mp4("mdia", mp4("mdhd", head(seconds)), mp4("hdlr", make([]byte, 8), []byte(kind), make([]byte, 12)),
			mp4("minf", mp4("stbl", mp4("stsd", []byte{0, 0, 0, 0, 0, 0, 0, 1}, mp4(coding, make([]byte, 70)))))))
}

// film is a video of so many seconds, whose track is of a kind and a coding; more
// stands in the film's head.
func film(brand string, seconds uint32, kind, coding string, more ...[]byte) []byte {
	moov := append([][]byte{mp4("mvhd", head(seconds)), track(seconds, kind, coding), mp4("udta", []byte("PLACE+52.5+13.4/")), mp4("meta", []byte("PLACE"))}, more...)
	return bytes.Join([][]byte{mp4("ftyp", []byte(brand+"\x00\x00\x02\x00isomavc1")), mp4("uuid", []byte("PLACE")), mp4("mdat", []byte("picture")), mp4("moov", moov...)}, nil)
}

// TestTakeVideo: what plays everywhere and is short and small enough is kept
// without place and time, served once it is exposed, and gone when it is dropped.
func TestTakeVideo(t *testing.T) {
	m := &Media{dir: t.TempDir()}
	good := film("isom", 60, "vide", "avc1")
	size := len(good)
	hash, err := m.TakeVideo(t.Context(), bytes.Clone(good))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.TakeVideo(t.Context(), film("isom", 5, "vide", "avc1", track(5, "soun", "mp4a"))); err != nil {
		t.Errorf("with sound: %v", err)
	}
	if again, err := m.TakeVideo(t.Context(), bytes.Clone(good)); err != nil || again != hash {
		t.Errorf("again %s, %v", again, err)
	}
	kept, err := m.Photo(hash)
	if err != nil || len(kept) != size || bytes.Contains(kept, []byte("PLACE")) || bytes.Contains(kept, []byte("MADE")) || !bytes.Contains(kept, []byte("picture")) {
		t.Errorf("%v: %q", err, kept)
	}
	if _, ok := clean(kept); !ok {
		t.Error("what is kept is no video")
	}
	if _, err := m.Video(hash); commerce.KindOf(err) != commerce.NotFound {
		t.Errorf("before it is exposed: %v", err)
	}
	if err := m.Expose(hash); err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.Open(t.Context(), hash); commerce.KindOf(err) != commerce.NotFound {
		t.Errorf("it is shown as a picture: %v", err)
	}
	f, err := m.Video(hash)
	if err != nil {
		t.Fatal(err)
	}
	served, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil || !bytes.Equal(served, kept) {
		t.Errorf("%v: %q", err, served)
	}
	if ok, err := m.IsKept(hash); !ok || err != nil {
		t.Error("it is not kept", err)
	}
	if err := m.Drop(hash); err != nil {
		t.Fatal(err)
	}
	if ok, _ := m.IsKept(hash); ok {
		t.Error("it is kept")
	}
	for _, name := range []string{hash, "../../etc/passwd", "", "x"} {
		if _, err := m.Video(name); commerce.KindOf(err) != commerce.NotFound {
			t.Errorf("%q: %v", name, err)
		}
	}

	cut := film("isom", 5, "vide", "avc1")
	for name, one := range map[string]struct {
		data []byte
		want error
	}{
		"61 seconds":          {film("isom", 61, "vide", "avc1"), ErrLongVideo},
		"no time":             {film("isom", 0, "vide", "avc1"), ErrNoVideo},
		"too large":           {make([]byte, MaxVideo+1), ErrLargeVideo},
		"QuickTime":           {film("qt  ", 5, "vide", "avc1"), ErrNoVideo},
		"H.265":               {film("isom", 5, "vide", "hvc1"), ErrNoVideo},
		"sound alone":         {film("isom", 5, "soun", "mp4a"), ErrNoVideo},
		"a track of places":   {film("isom", 5, "vide", "avc1", track(5, "meta", "gpmd")), ErrNoVideo},
		"a longer track":      {film("isom", 5, "vide", "avc1", track(61, "soun", "mp4a")), ErrLongVideo},
		"in pieces":           {film("isom", 5, "vide", "avc1", mp4("mvex")), ErrNoVideo},
		"broken off":          {cut[:len(cut)-9], ErrNoVideo},
		"a picture":           {[]byte("\x89PNG\r\n\x1a\n and so on"), ErrNoVideo},
		"nothing":             {nil, ErrNoVideo},
		"a box without end":   {append(bytes.Clone(cut), 0, 0, 0, 1, 'm', 'o', 'o', 'v'), ErrNoVideo},
		"a name and no video": {mp4("ftyp", []byte("isom")), ErrNoVideo},
	} {
		if hash, err := m.TakeVideo(t.Context(), one.data); !errors.Is(err, one.want) {
			t.Errorf("%s: %q, %v", name, hash, err)
		}
	}
	if list, _ := filepath.Glob(m.dir + "/private/*/*"); len(list) != 1 { // the one with sound
		t.Errorf("left: %v", list)
	}
}
