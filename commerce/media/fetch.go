package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

const (
	maxBytes   = 10 << 20 // of a picture as it comes
	fetchers   = 4        // at a time
	fetchLimit = 30 * time.Second
)

// waits is how long after each failed try the next one comes; the last one
// repeats: what a feed names may be mended.
var waits = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 12 * time.Hour, 24 * time.Hour}

type due struct {
	source string
	tries  int64
	again  bool // stored elsewhere, not here
}

// Fetch gets up to n of the pictures that are wanted and due from their
// addresses, and returns how many it got. What went wrong with one is noted
// for its next try; the error is one of the database or the directory. Several
// processes share the work.
func (m *Media) Fetch(ctx context.Context, n int) (int, error) {
	if err := m.sync(ctx); err != nil {
		return 0, err
	}
	list, err := m.due(ctx, n)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		got  int
		errs []error
		next = make(chan due)
	)
	for range min(fetchers, len(list)) {
		wg.Go(func() {
			for d := range next {
				ok, err := m.fetchOne(ctx, d)
				mu.Lock()
				if ok {
					got++
				}
				errs = append(errs, err)
				mu.Unlock()
			}
		})
	}
	for _, d := range list {
		next <- d
	}
	close(next)
	wg.Wait()
	return got, errors.Join(append(errs, m.sync(ctx))...)
}

// due lists what to try now.
func (m *Media) due(ctx context.Context, n int) (list []due, err error) {
	now := m.clock.Now()
	m.mu.Lock()
	for source, at := range m.absent {
		if len(list) < n && Remote(source) && !now.Before(at) {
			m.absent[source] = now.Add(time.Hour)
			list = append(list, due{source: source, again: true})
		}
	}
	m.mu.Unlock()
	wait := "CASE tries WHEN 0 THEN 0"
	for i, w := range waits[:len(waits)-1] {
		wait += fmt.Sprintf(" WHEN %d THEN %d", i+1, w.Microseconds())
	}
	wait += fmt.Sprintf(" ELSE %d END", waits[len(waits)-1].Microseconds())
	err = m.db.Read(ctx, func(tx *database.Tx) error {
		return tx.Rows(`SELECT source, tries FROM pictures
			WHERE hash = '' AND (source LIKE 'http://%' OR source LIKE 'https://%') AND tried_at <= $1 - `+wait+`
			ORDER BY tries, tried_at, source LIMIT $2`, []any{commerce.Micros(now), n - len(list)},
			func(scan func(...any) error) error {
				var d due
				err := scan(&d.source, &d.tries)
				list = append(list, d)
				return err
			})
	})
	return list, err
}

func (m *Media) fetchOne(ctx context.Context, d due) (ok bool, err error) {
	if !d.again {
		mine := false
		err := m.db.Write(ctx, func(tx *database.Tx) error {
			n, err := tx.Exec("UPDATE pictures SET tries = tries + 1, tried_at = $3 WHERE source = $1 AND tries = $2 AND hash = ''",
				d.source, d.tries, commerce.Micros(m.clock.Now()))
			mine = n == 1
			return err
		})
		if err != nil || !mine { // another process has taken it
			return false, err
		}
	}
	data, err := m.get(ctx, d.source)
	if err == nil {
		data, err = m.digest(ctx, data)
	}
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil {
		return false, m.failed(ctx, d.source, err)
	}
	hash, err := m.keep(data)
	if err != nil {
		return false, fmt.Errorf("store picture: %w", err)
	}
	return true, m.had(ctx, d.source, hash)
}

// digest is the function of that name, a few at a time.
func (m *Media) digest(ctx context.Context, data []byte) ([]byte, error) {
	select {
	case m.decoding <- struct{}{}:
		defer func() { <-m.decoding }()
		return digest(data)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m *Media) get(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, errors.New("not an address")
	}
	req.Header.Set("Accept", "image/jpeg, image/png, image/webp, image/gif")
	req.Header.Set("User-Agent", "souk (+https://github.com/soukchat/souk)")
	resp, err := m.client.Do(req)
	if err != nil {
		var e *url.Error
		if errors.As(err, &e) {
			err = e.Err // without the address, which may hold a key
		}
		return nil, err
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("answered %s", resp.Status)
	case resp.ContentLength > maxBytes:
		return nil, errTooLarge
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxBytes+1))
	if len(data) > maxBytes {
		return nil, errTooLarge
	}
	return data, err
}

var (
	errTooLarge = fmt.Errorf("larger than %d MB", maxBytes>>20)
	errPrivate  = errors.New("not an address of the public internet")
)

// newClient makes a client that connects to public addresses only, whatever a
// name resolves to and wherever a redirect leads: each connection is checked
// after the name has been resolved.
func (m *Media) newClient() *http.Client {
	dial := &net.Dialer{
		Timeout: 10 * time.Second,
		Control: func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !m.public(to) {
				return errPrivate
			}
			return nil
		},
	}
	return &http.Client{
		Timeout: fetchLimit,
		Transport: &http.Transport{
			DialContext: dial.DialContext, TLSHandshakeTimeout: 10 * time.Second,
			MaxIdleConnsPerHost: fetchers, IdleConnTimeout: 30 * time.Second,
			MaxResponseHeaderBytes: 64 << 10, DisableCompression: true, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) >= 5 {
				return errors.New("too many redirects")
			}
			if s := req.URL.Scheme; s != "http" && s != "https" {
				return errors.New("redirected to something that is no web address")
			}
			return nil
		},
	}
}
