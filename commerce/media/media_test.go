package media

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

type fixture struct {
	*Media
	t     *testing.T
	db    *database.DB
	clock *clocktest.Clock
}

func each(t *testing.T, run func(t *testing.T, f fixture)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		c := clocktest.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		m, err := New(filepath.Join(t.TempDir(), "media"), db, c)
		must(t, err)
		m.public = func(netip.AddrPort) bool { return true } // the tests' server is on this machine
		run(t, fixture{m, t, db, c})
	})
}

func (f fixture) want(sources ...string) {
	f.t.Helper()
	must(f.t, f.db.Write(f.t.Context(), func(tx *database.Tx) error { return Want(tx, sources) }))
}

func (f fixture) problem(source string) (tries int64, problem string) {
	f.t.Helper()
	must(f.t, f.db.Read(f.t.Context(), func(tx *database.Tx) error {
		return tx.Row("SELECT tries, problem FROM pictures WHERE source = $1", source).Scan(&tries, &problem)
	}))
	return tries, problem
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// photo makes a JPEG whose left half is red and whose right half is blue.
func photo(w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{0xff, 0, 0, 0xff}
			if x >= w/2 {
				c = color.RGBA{0, 0, 0xff, 0xff}
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestFetch(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		asked := map[string]int{}
		var mu sync.Mutex
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			asked[r.URL.Path]++
			n := asked[r.URL.Path]
			mu.Unlock()
			switch r.URL.Path {
			case "/pot.jpg":
				w.Write(photo(2000, 1000))
			case "/moved.jpg":
				http.Redirect(w, r, "/pot.jpg", http.StatusFound)
			case "/later.jpg":
				if n < 3 {
					http.Error(w, "busy", http.StatusServiceUnavailable)
					return
				}
				w.Write(photo(10, 10))
			case "/page":
				fmt.Fprint(w, "<html>no picture</html>")
			case "/huge":
				w.Write(make([]byte, maxBytes+1))
			case "/loop":
				http.Redirect(w, r, "/loop", http.StatusFound)
			default:
				http.NotFound(w, r)
			}
		}))
		defer web.Close()
		at := func(p string) string { return web.URL + p }
		f.want(at("/pot.jpg"), at("/moved.jpg"), at("/later.jpg"), at("/page"), at("/huge"), at("/loop"), at("/none"), "")
		f.want(at("/pot.jpg"))

		if got, want := f.URL("https://shop.example", at("/pot.jpg"), "abc"), "https://shop.example/m/t/abc"; got != want {
			t.Errorf("before: %s, want %s", got, want)
		}
		if got := f.URL("https://shop.example", at("/pot.jpg"), ""); got != "" {
			t.Errorf("without a product: %s", got)
		}
		n, err := f.Fetch(t.Context(), 100)
		must(t, err)
		if n != 2 {
			t.Errorf("got %d pictures, want 2", n)
		}
		address := f.URL("https://shop.example", at("/pot.jpg"), "abc")
		hash := strings.TrimPrefix(address, "https://shop.example/m/")
		if other := f.URL("https://shop.example", at("/moved.jpg"), "abc"); other != address {
			t.Errorf("the same picture has two names: %s, %s", other, address)
		}
		data, kind, err := f.Open(t.Context(), hash)
		must(t, err)
		img, err := jpeg.Decode(bytes.NewReader(data))
		must(t, err)
		if got := img.Bounds(); kind != "image/jpeg" || got.Dx() != 1280 || got.Dy() != 640 {
			t.Errorf("stored %s of %v", kind, got)
		}
		for path, want := range map[string]string{
			"/page": "not a JPEG", "/huge": "larger than 10 MB", "/none": "answered 404", "/loop": "too many redirects", "/later.jpg": "answered 503",
		} {
			if tries, problem := f.problem(at(path)); tries != 1 || !strings.Contains(problem, want) {
				t.Errorf("%s: %d tries, %q; want %q", path, tries, problem, want)
			}
		}

		// Nothing is asked for again before its time.
		before := fmt.Sprint(asked)
		f.clock.Wait(59 * time.Second)
		if n, err := f.Fetch(t.Context(), 100); n != 0 || err != nil || fmt.Sprint(asked) != before {
			t.Errorf("too early: %d, %v, asked %v", n, err, asked)
		}
		f.clock.Wait(time.Second)
		if _, err := f.Fetch(t.Context(), 100); err != nil || asked["/later.jpg"] != 2 {
			t.Errorf("after a minute: %v, asked %v", err, asked)
		}
		f.clock.Wait(5 * time.Minute)
		if n, err := f.Fetch(t.Context(), 100); n != 1 || err != nil {
			t.Errorf("after five more: %d, %v", n, err)
		}
		if _, problem := f.problem(at("/later.jpg")); problem != "" {
			t.Errorf("problem %q is left", problem)
		}

		// Another process sees what is stored; with a directory of its own it fetches it.
		same, err := New(f.dir, f.db, f.clock)
		must(t, err)
		if got := same.URL("https://shop.example", at("/pot.jpg"), "abc"); got != address {
			t.Errorf("another process: %s", got)
		}
		apart, err := New(t.TempDir(), f.db, f.clock)
		must(t, err)
		apart.public = f.public
		if got := apart.URL("", at("/pot.jpg"), "abc"); got != "/m/t/abc" {
			t.Errorf("not here yet: %s", got)
		}
		if n, err := apart.Fetch(t.Context(), 100); n != 3 || err != nil {
			t.Errorf("fetched %d, %v; want 3", n, err)
		}
		if got := apart.URL("https://shop.example", at("/pot.jpg"), "abc"); got != address {
			t.Errorf("fetched again: %s", got)
		}
	})
}

func TestFetchIsShared(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		var mu sync.Mutex
		asked := map[string]int{}
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			asked[r.URL.Path]++
			mu.Unlock()
			w.Write(photo(8, 8))
		}))
		defer web.Close()
		for i := range 20 {
			f.want(fmt.Sprintf("%s/%d.jpg", web.URL, i))
		}
		other, err := New(f.dir, f.db, f.clock)
		must(t, err)
		other.public = f.public
		var wg sync.WaitGroup
		for _, m := range []*Media{f.Media, other} {
			wg.Go(func() {
				if _, err := m.Fetch(t.Context(), 20); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for path, n := range asked {
			if n != 1 {
				t.Errorf("%s was asked for %d times", path, n)
			}
		}
		if len(asked) != 20 {
			t.Errorf("%d of 20 were fetched", len(asked))
		}
	})
}

func TestFetchStaysOutside(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		knocked := false
		web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { knocked = true }))
		defer web.Close()
		f.Media.public = isPublic
		f.want(web.URL+"/a.jpg", strings.Replace(web.URL, "127.0.0.1", "localhost", 1)+"/b.jpg", "http://169.254.169.254/latest/meta-data/",
			"http://[::1]/c.jpg", "http://[::ffff:10.0.0.1]/d.jpg")
		n, err := f.Fetch(t.Context(), 10)
		if n != 0 || err != nil || knocked {
			t.Errorf("fetched %d, %v, knocked %v", n, err, knocked)
		}
		if _, problem := f.problem("http://[::1]/c.jpg"); !strings.Contains(problem, errPrivate.Error()) {
			t.Errorf("problem %q", problem)
		}
	})
}

func TestPublicAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.215.14:443": true, "93.184.215.14:80": true, "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:443": true,
		"93.184.215.14:22": false, "93.184.215.14:6379": false, "127.0.0.1:80": false, "10.1.2.3:443": false, "172.31.0.1:80": false,
		"192.168.1.1:80": false, "169.254.169.254:80": false, "100.64.0.1:80": false, "0.0.0.0:80": false, "255.255.255.255:80": false,
		"224.0.0.1:80": false, "198.18.0.1:80": false, "[::1]:80": false, "[::]:80": false, "[fe80::1%eth0]:80": false, "[fd00::1]:443": false,
		"[fc00::1]:80": false, "[ff02::1]:80": false, "[::ffff:127.0.0.1]:80": false, "[::ffff:93.184.215.14]:80": true,
		"[64:ff9b::7f00:1]:80": false, "[2002:7f00:1::]:80": false, "[2001:db8::1]:80": false, "[2001:0:7f00:1::]:80": false,
	} {
		if got := isPublic(netip.MustParseAddrPort(address)); got != want {
			t.Errorf("isPublic(%s) = %v", address, got)
		}
	}
}

func TestTakeFiles(t *testing.T) {
	each(t, func(t *testing.T, f fixture) {
		dir := t.TempDir()
		name, text := filepath.Join(dir, "mug.jpg"), filepath.Join(dir, "souk.yaml")
		must(t, os.WriteFile(name, photo(20, 10), 0o600))
		must(t, os.WriteFile(text, []byte("token: secret"), 0o600))
		f.want(name, text, filepath.Join(dir, "none.png"), dir)
		must(t, f.TakeFiles(t.Context()))
		first := f.URL("", name, "abc")
		if strings.HasPrefix(first, "/m/t/") {
			t.Fatalf("the file was not taken: %s", first)
		}
		must(t, f.TakeFiles(t.Context()))
		if again := f.URL("", name, "abc"); again != first {
			t.Errorf("taken as another: %s, %s", again, first)
		}
		if _, problem := f.problem(text); !strings.Contains(problem, "not a JPEG") || strings.Contains(problem, "secret") {
			t.Errorf("problem %q", problem)
		}
		must(t, os.WriteFile(name, photo(30, 10), 0o600))
		must(t, os.Chtimes(name, time.Now().Add(time.Hour), time.Now().Add(time.Hour)))
		must(t, f.TakeFiles(t.Context()))
		if now := f.URL("", name, "abc"); now == first || strings.HasPrefix(now, "/m/t/") {
			t.Errorf("a changed file is not seen: %s", now)
		}
	})
}

// TestPrivatePhoto: a photo somebody has sent is drawn anew, kept apart, opened
// as no picture of the shop, and dropped.
func TestPrivatePhoto(t *testing.T) {
	m, err := New(t.TempDir(), databasetest.Open(t, "sqlite"), commerce.SystemClock{})
	must(t, err)
	for _, junk := range [][]byte{nil, []byte("no photo"), make([]byte, maxBytes+1)} {
		if _, err := m.Take(t.Context(), junk); !errors.Is(err, ErrNoPhoto) {
			t.Errorf("%d bytes of junk: %v", len(junk), err)
		}
	}
	hash, err := m.Take(t.Context(), append(photo(20, 10), "where it was taken"...))
	must(t, err)
	data, err := m.Photo(hash)
	if err != nil || len(data) == 0 || strings.Contains(string(data), "where it was") {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if _, _, err := m.Open(t.Context(), hash); !errors.Is(err, ErrNone) {
		t.Errorf("opened as a picture: %v", err)
	}
	if info, err := os.Stat(m.private(hash)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	for range 2 {
		must(t, m.Drop(hash))
	}
	for _, gone := range []string{hash, "", "../../x"} {
		if _, err := m.Photo(gone); !errors.Is(err, ErrNone) {
			t.Errorf("%q: %v", gone, err)
		}
	}
}

func TestOpen(t *testing.T) {
	m, err := New(t.TempDir(), databasetest.Open(t, "sqlite"), commerce.SystemClock{})
	must(t, err)
	for _, name := range []string{"", "..", "../../etc/passwd", strings.Repeat("a", 64), strings.Repeat("z", 64), strings.Repeat("../", 21) + "x"} {
		if _, _, err := m.Open(context.Background(), name); commerce.KindOf(err) != commerce.NotFound {
			t.Errorf("Open(%q): %v", name, err)
		}
	}
	hash, err := m.keep([]byte("\x89PNG something"))
	must(t, err)
	data, kind, err := m.Open(context.Background(), hash)
	if err != nil || kind != "image/png" || string(data) != "\x89PNG something" {
		t.Errorf("Open = %q, %s, %v", data, kind, err)
	}
	left, err := filepath.Glob(filepath.Join(m.dir, "*", "new-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

func TestDigest(t *testing.T) {
	encode := func(fn func(*bytes.Buffer) error) []byte {
		var b bytes.Buffer
		must(t, fn(&b))
		return b.Bytes()
	}
	clear := image.NewNRGBA(image.Rect(0, 0, 10, 20))
	anim := image.NewPaletted(image.Rect(0, 0, 6, 4), color.Palette{color.White, color.Black})
	for name, c := range map[string]struct {
		data    []byte
		kind    string
		size    image.Point
		problem string
	}{
		"jpeg":        {photo(30, 20), "image/jpeg", image.Pt(30, 20), ""},
		"large":       {photo(100, 1500), "image/jpeg", image.Pt(85, 1280), ""},
		"transparent": {encode(func(b *bytes.Buffer) error { return png.Encode(b, clear) }), "image/png", image.Pt(10, 20), ""},
		"gif":         {encode(func(b *bytes.Buffer) error { return gif.Encode(b, anim, nil) }), "image/jpeg", image.Pt(6, 4), ""},
		"turned":      {turned(photo(30, 20), 6), "image/jpeg", image.Pt(20, 30), ""},
		"text":        {[]byte("<svg/>"), "", image.Point{}, "not a JPEG"},
		"empty":       {nil, "", image.Point{}, "not a JPEG"},
		"cut off":     {photo(300, 300)[:900], "", image.Point{}, "damaged"},
		"bomb":        {bomb(60_000, 60_000), "", image.Point{}, "too many"},
		"narrow":      {photo(300, 10), "", image.Point{}, "too narrow"},
	} {
		got, err := digest(c.data)
		if c.problem != "" {
			if err == nil || !strings.Contains(err.Error(), c.problem) {
				t.Errorf("%s: err = %v, want %q", name, err, c.problem)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		cfg, _, err := image.DecodeConfig(bytes.NewReader(got))
		if err != nil || kindOf(got) != c.kind || image.Pt(cfg.Width, cfg.Height) != c.size {
			t.Errorf("%s: %s of %d × %d, %v", name, kindOf(got), cfg.Width, cfg.Height, err)
		}
		if bytes.Contains(got, []byte("Exif")) {
			t.Errorf("%s: tells where it was taken", name)
		}
	}
}

// bomb is the head of a PNG that claims a size.
func bomb(w, h uint32) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		panic(err)
	}
	data := b.Bytes()
	binary.BigEndian.PutUint32(data[16:], w)
	binary.BigEndian.PutUint32(data[20:], h)
	binary.BigEndian.PutUint32(data[29:], crc(data[12:29]))
	return data
}

func crc(data []byte) uint32 {
	c := ^uint32(0)
	for _, b := range data {
		c ^= uint32(b)
		for range 8 {
			c = c>>1 ^ 0xedb88320&-(c&1)
		}
	}
	return ^c
}

// turned adds an EXIF orientation to a JPEG.
func turned(data []byte, orientation byte) []byte {
	exif := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string(orientation) + "\x00\x00\x00\x00\x00\x00\x00")
	head := []byte{0xff, 0xd8, 0xff, 0xe1, 0, byte(len(exif) + 2)}
	return slices.Concat(head, exif, data[2:])
}

func TestUpright(t *testing.T) {
	// A picture of six pixels, a b c over d e f, turned in each way.
	const plain = "abc/def"
	img := image.NewRGBA(image.Rect(0, 0, 3, 2))
	for i := range 6 {
		img.Set(i%3, i/3, color.RGBA{'a' + uint8(i), 0, 0, 0xff})
	}
	for o, want := range map[int]string{
		1: plain, 2: "cba/fed", 3: "fed/cba", 4: "def/abc", 5: "ad/be/cf", 6: "da/eb/fc", 7: "fc/eb/da", 8: "cf/be/ad", 9: plain,
	} {
		got := upright(img, o)
		var rows []string
		for y := range got.Bounds().Dy() {
			row := ""
			for x := range got.Bounds().Dx() {
				r, _, _, _ := got.At(x, y).RGBA()
				row += string(rune(r >> 8))
			}
			rows = append(rows, row)
		}
		if diff := cmp.Diff(want, strings.Join(rows, "/")); diff != "" {
			t.Errorf("orientation %d: %s", o, diff)
		}
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add(turned(photo(4, 4), 6))
	f.Add(photo(4, 4))
	f.Fuzz(func(t *testing.T, data []byte) {
		if n := orientation(data); n < 1 || n > 8 {
			t.Errorf("orientation %d", n)
		}
	})
}

func TestTile(t *testing.T) {
	m := &Media{}
	for _, title := range []string{
		"Clay Plant Pot", "", "日本語", "🎉", strings.Repeat("Überlange Beschreibung ", 20), strings.Repeat("W", 500), "a\nb\tc", "*_<b>@everyone",
	} {
		data := m.Tile(title, "seed")
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil || img.Bounds() != image.Rect(0, 0, tileWidth, tileHeight) {
			t.Errorf("%q: %v", title, err)
		}
		if !bytes.Equal(data, drawTile(title, "seed")) {
			t.Errorf("%q is drawn differently a second time", title)
		}
	}
	if bytes.Equal(m.Tile("Mug", "a"), m.Tile("Mug", "b")) || bytes.Equal(m.Tile("Mug", "a"), m.Tile("Cup", "a")) {
		t.Error("tiles of different products are the same")
	}
	for i := range tilesKept + 50 {
		m.tiles.get(fmt.Sprint(i), func() []byte { return nil })
	}
	if n := len(m.tiles.tiles); n > tilesKept {
		t.Errorf("%d tiles are kept", n)
	}
}

func BenchmarkTile(b *testing.B) {
	for b.Loop() {
		drawTile("Biodegradable cardboard pots", "seed")
	}
}
