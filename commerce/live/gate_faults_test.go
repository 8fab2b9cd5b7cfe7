package live_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/clocktest"
	"github.com/soukchat/souk/commerce/live"
)

// watched stands between a client and Redis.
type watched struct {
	net.Conn
	w      *watch
	script atomic.Bool // what was sent last is a script
}

// watch counts commands, drops replies, and holds calls back.
type watch struct {
	mu    sync.Mutex
	calls []string      // names of commands that were sent
	drop  atomic.Int32  // replies to scripts to be lost, with their connection
	hold  chan struct{} // nil, or what a call waits for
	held  chan struct{} // a call waits
	lost  func()        // nil, or what happens when a reply is lost
}

func (c *watched) Write(b []byte) (int, error) {
	c.script.Store(bytes.Contains(b, []byte("\r\neval")))
	return c.Conn.Write(b)
}

func (c *watched) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err == nil && c.script.Load() && c.w.drop.Load() > 0 && c.w.drop.Add(-1) >= 0 {
		c.Conn.Close()
		if c.w.lost != nil {
			c.w.lost()
		}
		return 0, io.EOF // Redis has done it, nobody is told
	}
	return n, err
}

func (w *watch) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := next(ctx, network, addr)
		return &watched{Conn: c, w: w}, err
	}
}

func (w *watch) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		w.mu.Lock()
		w.calls = append(w.calls, cmd.Name())
		hold := w.hold
		w.mu.Unlock()
		if hold != nil && cmd.Name() == "evalsha" {
			w.held <- struct{}{}
			<-hold
		}
		return next(ctx, cmd)
	}
}

func (w *watch) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (w *watch) sent() (calls []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	calls, w.calls = w.calls, nil
	return calls
}

// oneGate runs the test with a gate whose client is watched, and another
// process's.
func oneGate(t *testing.T, run func(t *testing.T, g, other *live.Gate, w *watch, c *clocktest.Clock)) {
	eachServer(t, func(t *testing.T, url string) {
		c := clocktest.At(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
		w := &watch{held: make(chan struct{}, 1)}
		client := dial(t, url)
		client.AddHook(w)
		drop := commerce.RandomIDs{}.ID()
		g, other := live.New(client, c).Gate(drop), live.New(dial(t, url), c).Gate(drop)
		t.Cleanup(func() { must(t, other.Forget(context.Background())) })
		run(t, g, other, w, c)
	})
}

// TestGateDroppedReply: Redis lets a member in and the answer is lost. The
// client asks again, or the caller does: it is the same place.
func TestGateDroppedReply(t *testing.T) {
	oneGate(t, func(t *testing.T, g, other *live.Gate, w *watch, c *clocktest.Clock) {
		ctx := t.Context()
		must(t, g.Open(ctx, sold(live.GateLine{Name: "red", Room: 9})))
		w.drop.Store(1) // the client asks once more by itself
		if got := claim(t, g, "ann", "red"); got != in("red", 1, 0) {
			t.Errorf("ann is at %v", got)
		}
		w.drop.Store(2)
		if _, err := g.Claim(ctx, "bob", "red"); !errors.Is(err, live.ErrUnavailable) {
			t.Errorf("two lost answers: %v", err)
		}
		w.drop.Store(0)
		if got := claim(t, g, "bob", "red"); got != in("red", 2, 1) {
			t.Errorf("bob is at %v", got)
		}
		w.drop.Store(1)
		must(t, g.Leave(ctx, "ann", 1))
		w.drop.Store(1)
		must(t, g.Room(ctx, 0, live.GateLine{Name: "red", Room: 2}))
		w.drop.Store(1)
		must(t, g.Open(ctx, live.GateState{Open: true, Members: []live.Entrant{{Member: "cem", Line: "red", Seq: 7}}}))
		if x, y := claim(t, g, "cem", "red"), claim(t, g, "dan", "red"); x != in("red", 7, 0) || y != full(2) {
			t.Errorf("cem is at %v, dan at %v", x, y)
		}
		// What came between a change and its repeat stands.
		w.lost = func() {
			for i, m := range []commerce.MemberID{"ann", "bob"} {
				if got := claim(t, other, m, "red"); got != in("red", int64(i+8), int64(i)) {
					t.Errorf("%s is at %v", m, got)
				}
			}
		}
		w.drop.Store(1)
		rebuild := sold(live.GateLine{Name: "red", Room: 5})
		rebuild.Rebuild = true
		must(t, g.Open(ctx, rebuild))
		if got := claim(t, g, "bob", "red"); got != in("red", 9, 1) {
			t.Errorf("bob is at %v", got)
		}
		if w.drop.Load() > 0 {
			t.Error("no reply was lost")
		}
	})
}

// TestGateCancelled: while a call is under way others wait, and some go. Those
// who are gone are not let in and fail nobody; those who came together go
// together, in their order.
func TestGateCancelled(t *testing.T) {
	oneGate(t, func(t *testing.T, g, other *live.Gate, w *watch, c *clocktest.Clock) {
		const crowd = 2500
		must(t, g.Open(t.Context(), sold(live.GateLine{Name: "red", Room: 9999})))
		claim(t, other, "first", "red") // now Redis knows the script
		hold := make(chan struct{})
		w.hold = hold
		var wg sync.WaitGroup
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			if _, err := g.Claim(ctx, "under way", "red"); !errors.Is(err, context.Canceled) {
				t.Errorf("whose call is under way: %v", err)
			}
		})
		<-w.held
		seqs := make([]int64, crowd)
		var gone sync.WaitGroup
		for i := range crowd {
			ready := make(chan struct{})
			go func() { // each is in line before the next comes
				for n := g.Waiting(); n <= i; n = g.Waiting() {
					time.Sleep(10 * time.Microsecond)
				}
				close(ready)
			}()
			mine := t.Context()
			run := wg.Go
			if i%10 == 3 {
				mine, run = ctx, gone.Go
			}
			run(func() {
				got, err := g.Claim(mine, commerce.MemberID(fmt.Sprint("m", i)), "red")
				if mine == ctx {
					if !errors.Is(err, context.Canceled) || !errors.Is(err, live.ErrUnavailable) {
						t.Errorf("who is gone: %v", err)
					}
				} else if err != nil || got.Verdict != live.In {
					t.Error(got, err)
				}
				seqs[i] = got.Seq
			})
			<-ready
		}
		cancel()
		gone.Wait()
		w.sent()
		w.mu.Lock()
		w.hold = nil
		w.mu.Unlock()
		close(hold)
		wg.Wait()
		for i, want := 0, int64(3); i < crowd; i++ { // 2 is the one whose call was under way
			if i%10 == 3 {
				continue
			}
			if seqs[i] != want {
				t.Fatalf("who came as number %d is at %d, want %d", i, seqs[i], want)
			}
			want++
		}
		if n := len(w.sent()); n != 3 { // at most 1,024 each
			t.Errorf("%d calls for %d claims", n, crowd)
		}
		if got := claim(t, g, "m3", "red"); got.Seq != crowd*9/10+3 {
			t.Errorf("who had gone and comes again is at %v", got)
		}
	})
}

// TestGateTaps: who tapped first is first, also where something that was done
// for them before took longer.
func TestGateTaps(t *testing.T) {
	oneGate(t, func(t *testing.T, g, other *live.Gate, w *watch, c *clocktest.Clock) {
		must(t, g.Open(t.Context(), sold(live.GateLine{Name: "red", Room: 99})))
		claim(t, other, "first", "red")
		hold := make(chan struct{})
		w.hold = hold
		var wg sync.WaitGroup
		wg.Go(func() { g.Claim(t.Context(), "under way", "red") })
		<-w.held
		const late = 20
		seqs := make([]int64, late)
		for i := range late { // the last to tap is here first
			tapped := c.Now().Add(-time.Duration(i) * time.Millisecond)
			wg.Go(func() {
				got, err := g.ClaimAt(t.Context(), tapped, commerce.MemberID(fmt.Sprint("m", i)), "red")
				if err != nil || got.Verdict != live.In {
					t.Error(got, err)
				}
				seqs[i] = got.Seq
			})
			for g.Waiting() <= i {
				time.Sleep(10 * time.Microsecond)
			}
		}
		w.mu.Lock()
		w.hold = nil
		w.mu.Unlock()
		close(hold)
		wg.Wait()
		for i := range late {
			if want := int64(3 + late - 1 - i); seqs[i] != want {
				t.Errorf("who tapped %d ms ago is at %d, want %d", i, seqs[i], want)
			}
		}
	})
}

// TestGateFull: once a line is full nobody costs a trip to Redis, room that
// opens is seen after a second, and who is turned away leaves no trace.
func TestGateFull(t *testing.T) {
	oneGate(t, func(t *testing.T, g, other *live.Gate, w *watch, c *clocktest.Clock) {
		const room = 200
		ctx := t.Context()
		must(t, g.Open(ctx, sold(live.GateLine{Name: "red", Room: room}, live.GateLine{Name: "blue", Room: 9})))
		for i := range room {
			claim(t, []*live.Gate{g, other}[i%2], commerce.MemberID(fmt.Sprint("m", i)), "red")
		}
		turned := func(verdict live.Verdict, name string) {
			t.Helper()
			for i := range 300 {
				if got := claim(t, g, commerce.MemberID(fmt.Sprint(name, i)), "red"); got.Verdict != verdict {
					t.Fatalf("%v", got)
				}
			}
		}
		turned(live.Full, "late")
		for range 3 {
			w.sent()
			turned(live.Full, "later")
			for i := range room {
				if got := claim(t, g, commerce.MemberID(fmt.Sprint("m", i)), []string{"red", "green"}[i%2]); got != in("red", int64(i+1), int64(i)) {
					t.Fatalf("m%d is at %v", i, got)
				}
			}
			if calls := w.sent(); len(calls) > 1+room/2 { // green is no line that memory knows
				t.Errorf("%d calls", len(calls))
			}
			c.Wait(time.Second)
		}
		w.sent()
		turned(live.Full, "much later")
		if calls := w.sent(); !slices.Equal(calls, []string{"hmget"}) {
			t.Errorf("in a new second, where nothing has changed: %v", calls)
		}
		// Into another line: seen at once here, and from elsewhere in a second.
		claim(t, g, "ann", "blue")
		claim(t, other, "bob", "blue")
		if got := claim(t, g, "ann", "red"); got != in("blue", room+1, 0) {
			t.Errorf("ann is at %v", got)
		}
		must(t, other.Room(ctx, 0, live.GateLine{Name: "red", Room: room + 1}))
		c.Wait(999 * time.Millisecond)
		turned(live.Full, "late")
		c.Wait(time.Millisecond)
		if got := claim(t, g, "bob", "red"); got != in("blue", room+2, 1) {
			t.Errorf("bob is at %v", got)
		}
		if got := claim(t, g, "cem", "red"); got != in("red", room+3, room) {
			t.Errorf("into room that opened: %v", got)
		}
		turned(live.Full, "late")
		must(t, g.Leave(ctx, "cem", room+3)) // one's own change is seen at once
		if got := claim(t, g, "dan", "red"); got.Verdict != live.In {
			t.Errorf("into room made here: %v", got)
		}
		c.Wait(time.Second)
		turned(live.Full, "late")
		w.sent()
		for i := range int64(20) { // however often places change hands here, all is fetched once a second
			m := commerce.MemberID(fmt.Sprint("m", i))
			must(t, g.Leave(ctx, m, i+1))
			if x, y := claim(t, g, "again"+m, "red"), claim(t, g, m, "red"); x.Verdict != live.In || y.Verdict != live.Full {
				t.Fatalf("%v, %v", x, y)
			}
		}
		if calls := strings.Join(w.sent(), " "); strings.Contains(calls, "hgetall") {
			t.Errorf("within a second: %s", calls)
		}
		c.Wait(time.Second)
		turned(live.Full, "late")
		must(t, other.Forget(ctx))
		c.Wait(time.Second)
		turned(live.Unknown, "late")
		must(t, g.Open(ctx, sold(live.GateLine{Name: "red", Room: 1})))
		claim(t, other, "ann", "red")
		c.Wait(time.Second)
		turned(live.Full, "late")
		if n := g.Remembered(); n != 1 {
			t.Errorf("%d members are remembered, 1 is in", n)
		}
	})
}

// TestGateKeys: all that is kept of a drop goes by itself, and nobody who was
// turned away is in it.
func TestGateKeys(t *testing.T) {
	eachServer(t, func(t *testing.T, url string) {
		ctx, client, drop := t.Context(), dial(t, url), commerce.RandomIDs{}.ID()
		g := live.New(client, commerce.SystemClock{}).Gate(drop)
		state := sold(live.GateLine{Name: "red", Room: 5})
		state.Members = []live.Entrant{{Member: "ann", Line: "red", Seq: 1}}
		for range 2 {
			must(t, g.Open(ctx, state))
		}
		for i := range 20 {
			claim(t, g, commerce.MemberID(fmt.Sprint("m", i)), "red")
		}
		keys, err := client.Keys(ctx, "*"+drop+"*").Result()
		must(t, err)
		if len(keys) != 1 || !strings.Contains(keys[0], "{drop:"+drop+"}") {
			t.Errorf("keys: %v", keys)
		}
		fields, err := client.HGetAll(ctx, keys[0]).Result()
		must(t, err)
		if ttl := client.TTL(ctx, keys[0]).Val(); ttl < time.Hour || len(fields) != 5+6+2 {
			t.Errorf("for %v: %v", ttl, fields)
		}
		must(t, g.Forget(ctx))
	})
}

// TestGateOnCluster: all keys of a drop are of one slot.
func TestGateOnCluster(t *testing.T) {
	t.Parallel() // a cluster takes two seconds to be sure of itself
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("NOT RUN: no redis-server is installed")
	}
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	_, port, _ := net.SplitHostPort(socket.Addr().String())
	socket.Close()
	cmd := exec.Command("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--dir", t.TempDir(),
		"--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(10000+len(port)+os.Getpid()%20000))
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan() && !strings.Contains(lines.Text(), "Ready to accept"); {
	}
	go io.Copy(io.Discard, out)
	client := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:" + port}})
	t.Cleanup(func() { client.Close() })
	node := redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port})
	defer node.Close()
	must(t, node.ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	for !strings.Contains(node.ClusterInfo(t.Context()).Val(), "cluster_state:ok") && t.Context().Err() == nil {
		time.Sleep(20 * time.Millisecond)
	}
	g := live.New(client, commerce.SystemClock{}).Gate("d1")
	for seq := range int64(3) {
		state := sold(live.GateLine{Name: "red", Room: 2})
		state.Members = []live.Entrant{{Member: "ann", Line: "red", Seq: seq + 1}}
		must(t, g.Open(t.Context(), state))
	}
	if x, y := claim(t, g, "bob", "red"), claim(t, g, "cem", "red"); x != in("red", 4, 1) || y != full(2) {
		t.Errorf("%v, %v", x, y)
	}
	must(t, g.Room(t.Context(), 0, live.GateLine{Name: "red", Room: 3}))
	must(t, g.Leave(t.Context(), "bob", 4))
	must(t, g.Forget(t.Context()))
}

// TestGateOrder: 5,000 members tap within two seconds, at two processes where
// Redis is a process too. They are let in in the order in which their taps came.
func TestGateOrder(t *testing.T) {
	twoGates(t, func(t *testing.T, a, b *live.Gate, c *clocktest.Clock) {
		if strings.HasSuffix(t.Name(), "embedded") {
			b = a
		}
		const members, within = 5000, 1500 * time.Millisecond
		must(t, a.Open(t.Context(), sold(live.GateLine{Name: "red", Room: members}, live.GateLine{Name: "blue", Room: members})))
		seqs := make([]int64, members)
		begin := time.Now()
		var wg sync.WaitGroup
		for i := range members {
			time.Sleep(time.Until(begin.Add(within * time.Duration(i) / members)))
			wg.Go(func() {
				got, err := []*live.Gate{a, b}[rand.IntN(2)].Claim(t.Context(), commerce.MemberID(fmt.Sprint("m", i)), []string{"red", "blue"}[i%2])
				if err != nil || got.Verdict != live.In {
					t.Error(got, err)
				}
				seqs[i] = got.Seq
			})
		}
		wg.Wait()
		tau := kendall(seqs)
		t.Logf("Kendall's tau %.5f in %v", tau, time.Since(begin))
		if tau < 0.99 {
			t.Errorf("Kendall's tau is %.4f", tau)
		}
	})
}

// kendall is Kendall's tau between the order of the list and that of its
// values, all different: 1 where it ascends, -1 where it descends.
func kendall(list []int64) float64 {
	list = slices.Clone(list)
	n := float64(len(list))
	return 1 - 4*float64(inversions(list, make([]int64, len(list))))/(n*(n-1))
}

// inversions sorts a list and counts the pairs that stood the wrong way round.
func inversions(list, room []int64) int {
	if len(list) < 2 {
		return 0
	}
	half := len(list) / 2
	l, r := list[:half], list[half:]
	n := inversions(l, room) + inversions(r, room)
	merged := room[:0]
	for len(l) > 0 && len(r) > 0 {
		if l[0] <= r[0] {
			merged, l = append(merged, l[0]), l[1:]
		} else {
			merged, r, n = append(merged, r[0]), r[1:], n+len(l)
		}
	}
	merged = append(append(merged, l...), r...)
	copy(list, merged)
	return n
}

func TestKendall(t *testing.T) {
	for _, x := range []struct {
		list []int64
		want float64
	}{{[]int64{1, 2, 3, 9}, 1}, {[]int64{9, 3, 2, 1}, -1}, {[]int64{1, 3, 2}, 1.0 / 3}, {[]int64{2, 1, 4, 3}, 1.0 / 3}} {
		if got := kendall(x.list); got < x.want-1e-9 || got > x.want+1e-9 {
			t.Errorf("%v: %v, want %v", x.list, got, x.want)
		}
	}
}
