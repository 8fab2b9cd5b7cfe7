package main

// This file measures a drop: a crowd that never used the shop comes to it
// through the whole program, at a steady pace, from a group on Telegram and a
// channel on Discord. Every answer is counted, and held against what the
// database says in the end.

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
)

const (
	crowdUnits = 500 // and as many may wait in line
	crowdLines = 256 // connections of the platforms

	costMembers = 5000 // press for what a claim costs
	costFirst   = 50_000_000
	// orderMembers press within orderIn, for a drop with enough for all of them.
	orderMembers = 5000
	orderIn      = 2 * time.Second
	orderFirst   = 70_000_000
)

// verdict is what somebody of the crowd was answered.
type verdict int

const (
	wrongly verdict = iota
	letIn           // theirs, or a place in line
	tooLate
	putOff // Discord was asked for more time, and the answer follows
)

// arrival is a member who presses the drop's button at a moment.
type arrival struct {
	due      time.Duration
	telegram bool
	wire     []byte
	said     verdict
	waited   time.Duration // from when they pressed to the answer's last byte
}

// crowded is what a crowd showed.
type crowded struct {
	members    int
	over, took time.Duration // they came over that, and all were answered after
	in, late   int
	off        int     // answered after two seconds and more
	won, line  int     // as the database says
	order      float64 // Kendall's tau between taps and places
	p50, p99   time.Duration
	shop       time.Duration // processor time an answer
	claim, out time.Duration // a claim that is let in, one that comes too late; both of known members
}

// measureCrowd drives the shop with a crowd.
func measureCrowd(ctx context.Context, o options, address, dir string, stdout, stderr io.Writer) error {
	dir, err := os.MkdirTemp(dir, "crowd-")
	if err != nil {
		return err
	}
	stub, closeStub, err := serveStub()
	if err != nil {
		return err
	}
	defer closeStub()
	shop, err := start(ctx, max(o.procs, 2), stderr, "server", "-redis", address, "-platform", stub, "-dir", dir)
	if err != nil {
		return err
	}
	defer shop.stop()
	if err := opened(ctx, dir); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "crowd: %d members press in %s\n", o.crowd, o.crowdIn)
	ids := time.Now().Unix() % 1_000_000_000 * 1_000_000
	crowd := makeCrowd(o.crowd, o.crowdIn, commerce.PublicID("drop", "jug"), 10_000_000, &ids)
	c := crowded{members: o.crowd, over: o.crowdIn}
	if c.took, c.shop, err = press(ctx, o, shop, crowd, "crowd.cpu"); err != nil {
		return fmt.Errorf("crowd: %w", err)
	}
	telegram := 0
	waits := make([]time.Duration, len(crowd))
	for i, a := range crowd {
		waits[i] = a.waited
		switch a.said {
		case letIn:
			c.in++
			if a.telegram {
				telegram++
			}
		case tooLate:
			c.late++
		case putOff:
			c.off++
		}
	}
	slices.Sort(waits)
	r := result{waits: waits}
	c.p50, c.p99 = r.wait(0.5), r.wait(0.99)
	if _, _, err := press(ctx, o, shop, makeCrowd(min(orderMembers, o.crowd), orderIn, commerce.PublicID("drop", "cup"), orderFirst, &ids), ""); err != nil {
		return fmt.Errorf("crowd: %w", err)
	}
	if err := c.cost(ctx, o, shop, &ids); err != nil {
		return fmt.Errorf("crowd: %w", err)
	}
	if err := c.compare(ctx, dir, telegram); err != nil {
		return fmt.Errorf("crowd: %w", err)
	}
	return c.print(stdout)
}

// cost compares a claim that is let in with one that comes too late: members
// who are known by now press for a drop with enough for all, and again for
// the one that is sold out.
func (c *crowded) cost(ctx context.Context, o options, shop *child, ids *int64) error {
	n := min(costMembers, o.crowd)
	for _, run := range []struct {
		drop string
		cpu  *time.Duration
		want verdict
	}{{"cup", &c.claim, letIn}, {"jug", &c.out, tooLate}} {
		list := makeCrowd(n, 0, commerce.PublicID("drop", run.drop), costFirst, ids)
		if run.drop == "cup" { // they are met first, or the first run would pay for that
			if _, _, err := press(ctx, o, shop, makeCrowd(n, 0, commerce.PublicID("drop", "jug"), costFirst, ids), ""); err != nil {
				return err
			}
		}
		var err error
		if _, *run.cpu, err = press(ctx, o, shop, list, ""); err != nil {
			return err
		}
		for _, a := range list {
			if a.said != run.want && a.said != putOff && o.crowd >= 4*crowdUnits {
				return fmt.Errorf("a claim was answered with %d instead of %d", a.said, run.want)
			}
		}
	}
	return nil
}

// opened waits until the drops are open.
func opened(ctx context.Context, dir string) error {
	db, err := database.Open(ctx, "sqlite:"+filepath.Join(dir, "souk.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	for {
		open := 0
		if err := db.Read(ctx, func(tx *database.Tx) error {
			return tx.Row(`SELECT COUNT(*) FROM drops WHERE state = 'open'`).Scan(&open)
		}); err != nil || open == 2 {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.New("the drops do not open")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// compare holds what was answered against what is written down.
func (c *crowded) compare(ctx context.Context, dir string, telegram int) error {
	db, err := database.Open(ctx, "sqlite:"+filepath.Join(dir, "souk.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	onTelegram := 0
	if err := db.Read(ctx, func(tx *database.Tx) error {
		drop := commerce.PublicID("drop", "jug")
		if err := tx.Row(`SELECT COUNT(*) FROM drop_entries WHERE drop_id = $1 AND state = 'won'`, drop).Scan(&c.won); err != nil {
			return err
		}
		if err := tx.Row(`SELECT COUNT(*) FROM drop_entries WHERE drop_id = $1 AND state = 'waits'`, drop).Scan(&c.line); err != nil {
			return err
		}
		if err := tx.Row(`SELECT COUNT(*) FROM drop_entries WHERE drop_id = $1 AND bot = 'tg'`, drop).Scan(&onTelegram); err != nil {
			return err
		}
		var taps []int
		err := tx.Rows(`SELECT a.platform, a.account FROM drop_entries e JOIN accounts a ON a.member_id = e.member_id WHERE e.drop_id = $1 ORDER BY e.place`,
			[]any{commerce.PublicID("drop", "cup")}, func(scan func(...any) error) error {
				var platform, account string
				if err := scan(&platform, &account); err != nil {
					return err
				}
				n, err := strconv.Atoi(account)
				first := orderFirst + telegramMembers
				if platform == "discord" {
					first = orderFirst + discordMembers
				}
				if n -= first; n >= 0 && n < orderMembers {
					taps = append(taps, n)
				}
				return err
			})
		if c.order = kendall(taps); len(taps) != min(orderMembers, c.members) {
			return fmt.Errorf("%d stand in line of those who came for the order", len(taps))
		}
		return err
	}); err != nil {
		return err
	}
	// Of those who were put off it is not known here what they were told.
	if want := min(crowdUnits, c.members); c.won != want || onTelegram != telegram || c.won+c.line < c.in || c.won+c.line > c.in+c.off {
		return fmt.Errorf("%d were let in, %d of them on Telegram; written down are %d winners of %d units, %d in line, %d on Telegram",
			c.in, telegram, c.won, want, c.line, onTelegram)
	}
	return nil
}

// kendall is Kendall's tau between the order of a list and that of its values.
func kendall(list []int) float64 {
	turned, pairs := 0, len(list)*(len(list)-1)/2
	for i, a := range list {
		for _, b := range list[i+1:] {
			if b < a {
				turned++
			}
		}
	}
	return 1 - 2*float64(turned)/float64(max(pairs, 1))
}

// makeCrowd makes as many different members press a drop's button, spread
// evenly over a time.
func makeCrowd(members int, over time.Duration, drop string, first int, ids *int64) []arrival {
	list := make([]arrival, members)
	for i := range list {
		*ids++
		a := &list[i]
		a.due, a.telegram = over*time.Duration(i)/time.Duration(members), rand.IntN(2) == 0
		if a.telegram {
			a.wire = claimOnTelegram(*ids, first+i, drop)
		} else {
			a.wire = claimOnDiscord(*ids, first+i, drop)
		}
	}
	return list
}

// press lets everybody press in their time, on the next connection that is
// free, and tells when the last was answered and what an answer cost the shop.
func press(ctx context.Context, o options, shop *child, list []arrival, profile string) (took, cpu time.Duration, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	before, err := shop.numbers(ctx)
	if err != nil {
		return 0, 0, err
	}
	profiled := make(chan error, 1)
	if o.keep != "" && profile != "" {
		go func() {
			profiled <- shop.keep(ctx, "profile?seconds="+strconv.Itoa(max(1, int(o.crowdIn.Seconds()))), filepath.Join(o.keep, profile))
		}()
	} else {
		profiled <- nil
	}
	next := make(chan *arrival)
	var wg sync.WaitGroup
	var failed error
	var once sync.Once
	begun := time.Now()
	for range min(crowdLines, len(list)) {
		l, err := dial(ctx, shop.Addr)
		if err != nil {
			return 0, 0, err
		}
		defer l.Close()
		wg.Go(func() {
			for a := range next {
				if err := l.claim(a, begun); err != nil {
					once.Do(func() { failed = err; stop() })
					return
				}
			}
		})
	}
	begun = time.Now()
feed:
	for i := range list {
		time.Sleep(list[i].due - time.Since(begun))
		select {
		case next <- &list[i]:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	wg.Wait()
	took = time.Since(begun)
	if failed != nil {
		return 0, 0, failed
	}
	after, err := shop.numbers(ctx)
	if err == nil {
		err = <-profiled
	}
	return took, (after.CPU - before.CPU) / time.Duration(len(list)), err
}

func (l *line) claim(a *arrival, begun time.Time) error {
	if _, err := l.Write(a.wire); err != nil {
		return err
	}
	status, body, err := l.answer()
	if err != nil {
		return err
	}
	a.waited = time.Since(begun) - a.due
	late := bytes.Contains(body, []byte("Too late"))
	in := bytes.Contains(body, []byte("It is yours")) || bytes.Contains(body, []byte("in line"))
	if a.telegram { // who is let in is taken to the private chat
		in = bytes.Contains(body, []byte("https://t.me/bench_bot?start="))
	}
	switch {
	case status == 200 && late:
		a.said = tooLate
	case status == 200 && in:
		a.said = letIn
	case status == 200 && bytes.HasPrefix(body, []byte(`{"type":5`)):
		a.said = putOff
	default:
		return fmt.Errorf("a claim was answered with %d and %.300s", status, body)
	}
	return nil
}

func claimOnTelegram(id int64, member int, drop string) []byte {
	return post("/telegram/tg", secretHead, fmt.Appendf(nil,
		`{"update_id":%d,"callback_query":{"id":"%d","from":%s,"message":{"message_id":9,"from":{"id":110201543,"is_bot":true,"first_name":"Bench Bazaar","username":"bench_bot"},"chat":{"id":%s,"title":"Square","type":"supergroup"},"date":1760000000,"text":"The jug"},"chat_instance":"-4567890123456789012","data":"drop claim %s"}}`,
		id, 4_000_000_000_000_000_000+id, sender(member), telegramGroup, drop))
}

func claimOnDiscord(id int64, member int, drop string) []byte {
	body := fmt.Appendf(nil, `{"type":3,"id":"%d","application_id":"%s","token":"aW50ZXJhY3Rpb246bench-%d","version":1,"member":{"user":{"id":"%d","username":"member_%d","global_name":"Member N%d","avatar":null,"discriminator":"0","public_flags":0},"roles":[],"joined_at":"2026-01-01T00:00:00.000000+00:00","permissions":"2147483647","deaf":false,"mute":false},"guild_id":"710000000000000001","channel_id":"%s","channel":{"id":"%s","type":0},"locale":"en-US","guild_locale":"en-US","context":0,"authorizing_integration_owners":{"0":"710000000000000001"},"entitlements":[],"app_permissions":"2147483647","data":{"component_type":2,"custom_id":"drop claim %s"},"message":{"id":"900000000000000001","type":0,"channel_id":"%s","author":{"id":"%s","username":"Bench Bazaar","bot":true},"content":"**The jug**","embeds":[],"attachments":[],"components":%s,"flags":0,"timestamp":"2026-01-01T00:00:00.000000+00:00","mentions":[],"pinned":false,"tts":false}}`,
		1_100_000_000_000_000_000+id, application, id, discordMembers+member, member, member, discordChannel, discordChannel, drop, discordChannel, application, components)
	stamp := strconv.FormatInt(time.Now().Unix(), 10)
	signature := hex.EncodeToString(ed25519.Sign(ed25519.NewKeyFromSeed(seed), append([]byte(stamp), body...)))
	return post("/discord/dc", "X-Signature-Ed25519: "+signature+"\r\nX-Signature-Timestamp: "+stamp+"\r\n", body)
}

func (c crowded) print(w io.Writer) error {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	_, err := fmt.Fprintf(w, `
A crowd at a drop

%d members who are new to the shop press for %d units within %s, half of them on Telegram, half on Discord.

All were answered after %.1f s: %.0f claims a second, p50 %.0f ms, p99 %.0f ms.
%d were let in: %d have a unit, %d wait in line; %d were told that they are too late. None wrongly.
%d of Discord's were asked for more time, and answered later.
An answer takes %.3f ms of the shop's processor time.

Of %d new members who press within %s for a drop with enough for all, places follow taps to %.4f, by Kendall's tau.
Of members who are known, a claim that is let in takes %.3f ms of it, one that comes too late %.3f ms: %.2f of it.
`, c.members, crowdUnits, c.over, c.took.Seconds(), float64(c.members)/c.took.Seconds(), ms(c.p50), ms(c.p99),
		c.in, c.won, c.line, c.late, c.off, ms(c.shop), min(orderMembers, c.members), orderIn, c.order, ms(c.claim), ms(c.out), float64(c.out)/float64(max(c.claim, 1)))
	return err
}
