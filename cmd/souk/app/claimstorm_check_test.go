package app

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/checkout"
	"github.com/soukchat/souk/commerce/database"
)

// check holds what is against what was told.
func (s *claimStorm) check() {
	s.Helper()
	broken, cash, err := checkout.Audit(s.ctx, s.db)
	if taken := s.stripe.Captured("") - s.stripe.Refunded(""); err != nil || len(broken) > 0 || cash["EUR"] != taken {
		s.Errorf("audit: %v, %v, cash %d, at Stripe %d", broken, err, cash["EUR"], taken)
	}
	if s.wins.Load() == 0 || s.kills == 0 || s.wipes == 0 {
		s.Error("too little happened")
	}
	count := func(what string, want int64, query string) {
		s.Helper()
		var n int64
		if err := s.db.Read(s.ctx, func(tx *database.Tx) error { return tx.Row(query).Scan(&n) }); err != nil {
			s.Fatal(what, err)
		}
		if n != want {
			s.Errorf("%s: %d, want %d", what, n, want)
		}
	}
	count("units sold", int64(s.units), `SELECT SUM(sold) FROM drop_units`)
	count("units claimed", 0, `SELECT SUM(claimed) FROM drop_units`)
	count("entries sold", int64(s.units), `SELECT COUNT(*) FROM drop_entries WHERE state = 'sold'`)
	count("orders paid", int64(s.units), `SELECT COUNT(*) FROM orders WHERE state = 'paid'`)
	count("units held", 0, `SELECT SUM(held) FROM stock`)
	count("units sold in stock", int64(s.units), `SELECT SUM(sold) FROM stock`)
	count("who has no end", 0, `SELECT COUNT(*) FROM drop_entries WHERE state IN ('waits', 'won')`)
	count("who is two", 0, `SELECT COUNT(*) FROM (SELECT member_id FROM drop_entries GROUP BY member_id HAVING COUNT(*) > 1) m`)
	count("sold and not told", 0, `SELECT COUNT(*) FROM drop_entries e WHERE e.state = 'sold' AND NOT EXISTS (SELECT 1 FROM notices n
		WHERE n.kind = 'order.paid' AND n.once LIKE 'order.paid:' || e.order_id || ':%' AND n.state IN ('sent', 'unread', 'read'))`)
	count("lapsed or lost and not told", 0, `SELECT COUNT(*) FROM drop_entries e WHERE e.state IN ('lapsed', 'lost') AND NOT EXISTS (SELECT 1 FROM notices n
		WHERE n.once = 'drop.' || e.state || ':' || e.id || ':' || e.place AND n.state IN ('sent', 'unread', 'read'))`)
	for _, twice := range s.stripe.Twice() {
		s.Error(twice)
	}

	type fact struct {
		state string
		since time.Time
	}
	entries, ends := map[int64]fact{}, map[int64][]time.Time{} // by account; when they were told that it is not theirs
	if err := s.db.Read(s.ctx, func(tx *database.Tx) error {
		if err := tx.Rows(`SELECT a.account, e.state, e.created_at FROM drop_entries e JOIN accounts a ON a.member_id = e.member_id`, nil, func(scan func(...any) error) error {
			var account, state string
			var at, id int64
			err := scan(&account, &state, &at)
			fmt.Sscan(account, &id)
			entries[id] = fact{state, commerce.FromMicros(at)}
			return err
		}); err != nil {
			return err
		}
		return tx.Rows(`SELECT a.account, n.created_at FROM notices n JOIN accounts a ON a.member_id = n.member_id WHERE n.kind IN ('drop.lapsed', 'drop.lost', 'drop.off')`, nil, func(scan func(...any) error) error {
			var account string
			var at, id int64
			err := scan(&account, &at)
			fmt.Sscan(account, &id)
			ends[id] = append(ends[id], commerce.FromMicros(at))
			return err
		})
	}); err != nil {
		s.Fatal(err)
	}
	for _, p := range s.promises {
		e, ok := entries[p.member]
		if !ok {
			s.Errorf("member %d was told that a unit is theirs, and takes no part", p.member)
			continue
		}
		if (p.paid || p.refused) && e.state != "sold" {
			s.Errorf("member %d paid in time for what was theirs until %s (refused: %t), and is %s", p.member, p.until, p.refused, e.state)
		}
		for _, at := range ends[p.member] {
			if !p.left && at.After(p.at) && at.Before(p.until) {
				s.Errorf("member %d was told at %s that a unit is theirs until %s, and lost it at %s", p.member, p.at, p.until, at)
			}
		}
	}
	for id, at := range s.homes {
		// Who was sent home has no unit that they had before.
		if e, ok := entries[id]; ok && e.since.Before(at.Add(-time.Second)) && e.state == "sold" {
			s.Errorf("member %d was sent home at %s, and has a unit since %s", id, at, e.since)
		}
	}
	states := map[string]int{}
	for _, e := range entries {
		states[e.state]++
	}
	s.Logf("entries: %v, sent home: %d, promises: %d", states, len(s.homes), len(s.promises))
}

// privatePostgres is a server of this test's own, which may be stopped at any
// moment.
type privatePostgres struct {
	url, dir, bin, port string
	as                  []string
	cmd                 *exec.Cmd
}

// startPostgres makes a server from what is installed where SOUK_TEST_POSTGRES
// comes from.
func startPostgres(t *testing.T) *privatePostgres {
	t.Helper()
	bins, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	p := &privatePostgres{}
	for _, dir := range bins {
		p.bin = dir
	}
	if path, err := exec.LookPath("initdb"); p.bin == "" && err == nil {
		p.bin = filepath.Dir(path)
	}
	if p.bin == "" {
		t.Fatal("PostgreSQL is to be stopped and is not installed here")
	}
	var err error
	if p.dir, err = os.MkdirTemp("", "souk-postgres"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(p.dir) })
	if os.Getuid() == 0 { // it refuses to run as root
		user := "nobody"
		if exec.Command("id", "postgres").Run() == nil {
			user = "postgres"
		}
		if out, err := exec.Command("chown", user, p.dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		p.as = []string{"setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"}
		if user == "nobody" {
			p.as[2] = "--regid=nogroup"
		}
	}
	if out, err := p.command("initdb", "-D", p.dir+"/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v: %s", err, out)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, p.port, _ = net.SplitHostPort(free.Addr().String())
	free.Close()
	p.url = "postgres://postgres@127.0.0.1:" + p.port + "/postgres"
	t.Cleanup(func() { p.stop(t) })
	p.start(t)
	return p
}

func (p *privatePostgres) command(name string, args ...string) *exec.Cmd {
	args = append(append([]string{}, p.as...), append([]string{filepath.Join(p.bin, name)}, args...)...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = p.dir
	cmd.Env = append(os.Environ(), "HOME="+p.dir)
	return cmd
}

// start starts the server and waits until it serves.
func (p *privatePostgres) start(t *testing.T) {
	t.Helper()
	p.cmd = p.command("postgres", "-D", p.dir+"/data", "-p", p.port, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=300")
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 600 {
		if conn, err := pgx.Connect(context.Background(), p.url); err == nil {
			conn.Close(context.Background())
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("PostgreSQL does not serve")
}

// stop is pg_ctl stop -m immediate: nothing is finished, nothing written.
func (p *privatePostgres) stop(t *testing.T) {
	t.Helper()
	if p.cmd != nil {
		p.cmd.Process.Signal(syscall.SIGQUIT)
		p.cmd.Wait()
		p.cmd = nil
	}
}

// cut ends some of the programs' connections, in the middle of what they do.
func (p *privatePostgres) cut(t *testing.T) (n int) {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), p.url)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(context.Background(), `SELECT COUNT(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
		WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY state = 'active' DESC, random() LIMIT 3) a`).Scan(&n); err != nil {
		t.Error(err)
	}
	return n
}
