package catalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Remote reports whether a feed or a picture is named by an address, not by a
// file.
func Remote(address string) bool {
	scheme, _, ok := strings.Cut(address, "://")
	return ok && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http"))
}

// feedClient fetches feeds. The address is the admin's own, and may be inside
// their network; it is always encrypted, as its prices become ours.
var feedClient = &http.Client{
	Timeout: 5 * time.Minute,
	CheckRedirect: func(req *http.Request, via []*http.Request) error {
		if len(via) >= 5 {
			return errors.New("too many redirects")
		}
		return mustEncrypt(req.URL)
	},
}

func mustEncrypt(u *url.URL) error {
	if u.Scheme != "https" {
		return errors.New("a feed is fetched by https only")
	}
	return nil
}

// OpenFeed opens the feed of a brand: a file, or an https address. What is read
// ends with an error where it is longer than MaxFeed. No error names more of
// an address than its host and path: the rest may be a key.
func OpenFeed(ctx context.Context, address string) (io.ReadCloser, error) {
	if !Remote(address) {
		return os.Open(address)
	}
	return openRemote(ctx, feedClient, address)
}

func openRemote(ctx context.Context, client *http.Client, address string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("the feed's address cannot be read")
	}
	if err := mustEncrypt(req.URL); err != nil {
		return nil, err
	}
	name := req.URL.Host + req.URL.Path
	req.Header.Set("User-Agent", "souk (+https://github.com/soukchat/souk)")
	resp, err := client.Do(req)
	if err != nil {
		var e *url.Error
		if errors.As(err, &e) {
			err = e.Err
		}
		return nil, fmt.Errorf("fetch %s: %w", name, err)
	}
	if resp.StatusCode != http.StatusOK {
		resp.Body.Close()
		return nil, fmt.Errorf("fetch %s: answered %s", name, resp.Status)
	}
	return &bounded{ReadCloser: resp.Body, name: name, left: MaxFeed}, nil
}

// bounded reads a body up to its limit. One that is cut off ends with an error
// of net/http's.
type bounded struct {
	io.ReadCloser
	name string
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("fetch %s: larger than %d MB", b.name, MaxFeed>>20)
	}
	if err != nil && err != io.EOF {
		err = fmt.Errorf("fetch %s: %w", b.name, err)
	}
	return n, err
}

// locate makes the sources of a feed's pictures whole: an address relative to
// the feed's own, or a file in the folder of the feed. One outside of that
// folder is no picture of this feed's.
func (f *Feed) locate(feed string) {
	for i := range f.Products {
		p := &f.Products[i]
		kept := p.Pictures[:0]
		for _, k := range p.Pictures {
			if k.Source = f.source(k.Source, feed, p.Line); k.Source != "" {
				kept = append(kept, k)
			}
		}
		p.Pictures = kept
		for j := range p.Variants {
			v := &p.Variants[j]
			v.Picture = f.source(v.Picture, feed, v.Line)
		}
	}
}

func (f *Feed) source(source, feed string, line int) string {
	scheme, rest, absolute := strings.Cut(source, "://")
	switch {
	case source == "":
		return ""
	case strings.HasPrefix(source, "//"):
		return "https:" + source
	case Remote(source):
		return strings.ToLower(scheme) + "://" + rest
	case absolute, len(source) > 2000, strings.HasPrefix(source, "data:"):
	case Remote(feed):
		base, err := url.Parse(feed)
		if err != nil {
			break
		}
		if u, err := base.Parse(source); err == nil {
			return u.String()
		}
	case filepath.IsLocal(filepath.FromSlash(path.Clean(source))):
		return filepath.Join(filepath.Dir(feed), filepath.FromSlash(source))
	}
	f.problem(line, "picture %q is neither an https address nor a file beside the feed; left out", clip(source, 80))
	return ""
}
