package app

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/soukchat/souk/bots/telegram"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/sandbox/stripe"
	telegrams "github.com/soukchat/souk/sandbox/telegram"
	"github.com/soukchat/souk/sandbox/torture"
)

const (
	stormGroup = -1001000000001
	payWithin  = 5 * time.Minute
)

// claimStorm is a drop that many more want than there are units, while the
// processes that serve it die, one after the other, and what they stand on too.
type claimStorm struct {
	*town
	db     *database.DB
	drop   string
	units  int
	claims int          // to be made in the storm
	made   atomic.Int64 // claims that were answered
	people atomic.Int64
	taps   *http.Client
	late   atomic.Bool // winners take their time, or never pay: as long as it storms

	fleet sync.RWMutex
	slots []*process // nil where it is dead

	mu       sync.Mutex
	promises []promise
	homes    map[int64]time.Time // who was told that they are too late, and when
	seen     map[string]bool     // notices of "it is yours" that their members have read
	wins     atomic.Int64
	buying   sync.WaitGroup
	kills    int
	cuts     int
	stops    int
	wipes    int
}

// promise is what a member was told: that a unit is theirs until then.
type promise struct {
	member     int64
	at, until  time.Time
	left, paid bool // they gave it up; Stripe took their money before it ended
	refused    bool // Stripe did not take it, though it was in time
}

// TestClaimStorm sells a drop to a crowd while its processes are killed, the
// database's connections are cut and its server stopped at once, and Redis is
// wiped: every unit is sold, once, nobody loses what they were told is theirs,
// and everybody knows what became of them.
func TestClaimStorm(t *testing.T) {
	for _, engine := range databasetest.Engines() {
		t.Run(engine, func(t *testing.T) {
			s := &claimStorm{units: torture.N(30, 500), claims: torture.N(500, 20_000)}
			processes, kills := 1, torture.N(5, 100)
			var server *privatePostgres
			if engine == "postgres" {
				s.claims, processes, kills = torture.N(800, 100_000), 4, torture.N(8, 60)
				server = startPostgres(t)
				s.storm(t, server.url, processes, kills, server)
				return
			}
			s.storm(t, databasetest.Migrated(t, engine), processes, kills, nil)
		})
	}
}

func (s *claimStorm) storm(t *testing.T, url string, processes, kills int, server *privatePostgres) {
	began := time.Now()
	dice := rand.New(rand.NewPCG(torture.Seed(t), 17))
	s.town = newTown(t, url, fmt.Sprintf("ticket,Ticket,true,T,shopify,%d,7.00,false,active\n", s.units+100), nil)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Minute)
	defer cancel()
	s.ctx, s.homes, s.seen = ctx, map[int64]time.Time{}, map[string]bool{}
	s.taps = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: 20 * time.Second}
	s.telegram.AddGroup(telegrams.Group{ID: stormGroup, Title: "All"})
	text, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	day := s.Now().UTC()
	s.write("souk.yaml", string(text)+fmt.Sprintf("drops: {jug: {title: Storm, brand: leaf, product: ticket, units: %d, pay_within: 5m, opens: %s 12:00, closes: %s}}\n",
		s.units, day.AddDate(0, 0, -1).Format(time.DateOnly), day.AddDate(0, 0, 9).Format(time.DateOnly)))
	s.drop = commerce.PublicID("drop", "jug")
	var hooks atomic.Int64
	s.stripe.Deliver(func(string, string) stripe.Delivery { // some twice, some late
		n := hooks.Add(1)
		return stripe.Delivery{Copies: 1 + int(n%2), Delay: time.Duration(n%4) * 90 * time.Second}
	})
	log := &lines{}
	for range processes {
		s.slots = append(s.slots, s.start(log, true))
	}
	s.db = s.open()
	s.until(s.db, map[string]string{"not announced yet": `SELECT 1 - COUNT(*) FROM drops`})
	s.until(s.db, map[string]string{"not told yet": `SELECT COUNT(*) FROM notices WHERE kind = 'drop.post' AND state IN ('due', 'sending')`})
	s.hurry(5 * time.Minute) // the opening has moved behind the telling
	s.until(s.db, map[string]string{"not open yet": `SELECT 1 - COUNT(*) FROM drops WHERE state = 'open'`})

	s.late.Store(true)
	todo := make(chan int, s.claims)
	for i := range s.claims {
		todo <- i
	}
	close(todo)
	stormed := make(chan struct{})
	var crowd sync.WaitGroup
	for range 32 {
		dice := rand.New(rand.NewPCG(dice.Uint64(), 1))
		crowd.Go(func() {
			for range todo {
				s.member(dice)
			}
		})
	}
	go func() { crowd.Wait(); close(stormed) }()
	reading, quit := context.WithCancel(ctx)
	var postman sync.WaitGroup
	postman.Go(func() { s.read(reading, rand.New(rand.NewPCG(torture.Seed(t), 5))) })

	s.breaks(dice, log, kills, server, stormed)
	<-stormed
	s.buying.Wait()
	stormTook := time.Since(began)
	s.late.Store(false)
	// Whoever wants one still comes, and pays, until all are sold.
	for range 40 {
		if s.sold() == int64(s.units) || ctx.Err() != nil {
			break
		}
		s.hurry(6 * time.Minute)
		for range 20 {
			s.buying.Go(func() { s.member(rand.New(rand.NewPCG(uint64(s.people.Load()), 2))) })
		}
		time.Sleep(1500 * time.Millisecond)
		s.settle()
	}
	s.buying.Wait()
	s.hurry(10 * time.Minute)
	// While the clock jumps one process is ahead of another, which then takes the
	// jump for how long it must wait to send: by the same again that is over.
	time.Sleep(3 * time.Second)
	s.hurry(10 * time.Minute)
	s.rest(s.db)
	quit()
	postman.Wait()
	for _, p := range s.slots {
		p.stdin.Close()
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("a process did not end well: %v", err)
		}
	}
	s.check()
	torture.Figure(t, "%d claims for %d units by %d members in %d processes, %d times kill -9, %d connections cut, %d immediate stops of PostgreSQL, Redis wiped %d times: %d sold, %d told that it is theirs and none of them lost it in their time, books at zero; %s of storm, %s in all, seed %d",
		s.made.Load(), s.units, s.people.Load(), processes, s.kills, s.cuts, s.stops, s.wipes, s.sold(), len(s.promises), stormTook.Round(time.Second), time.Since(began).Round(time.Second), torture.Seed(t))
	if t.Failed() {
		for line := range strings.SplitSeq(log.String(), "\n") {
			if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, "panic") {
				t.Log(line)
			}
		}
	}
}

// breaks kills, cuts, stops and wipes, spread over the claims.
func (s *claimStorm) breaks(dice *rand.Rand, log *lines, kills int, server *privatePostgres, stormed <-chan struct{}) {
	for k := range kills {
		at := int64(s.claims) * int64(k) / int64(kills)
		for s.made.Load() < at && s.ctx.Err() == nil {
			select {
			case <-stormed:
				s.Errorf("all had claimed after %d of %d kills", k, kills)
				return
			case <-time.After(time.Millisecond):
			}
		}
		time.Sleep(time.Duration(dice.Int64N(int64(20 * time.Millisecond))))
		i := dice.IntN(len(s.slots))
		s.kills++
		s.lose(i).kill()
		p := s.start(log, true)
		s.fleet.Lock()
		s.slots[i] = p
		s.fleet.Unlock()
		if server != nil && k%2 == 1 {
			s.cuts += server.cut(s.T)
		}
		if (k+1)%max(kills/4, 2) == 0 {
			s.redis.FlushAll()
			s.wipes++
			s.hurry(6 * time.Minute) // who has not paid loses it, somebody else gets it
		}
		if server != nil && (k+1)%max(kills/3, 3) == 0 {
			server.stop(s.T)
			s.stops++
			time.Sleep(300 * time.Millisecond)
			server.start(s.T)
		}
	}
}

// lose takes a process from those that serve.
func (s *claimStorm) lose(i int) *process {
	s.fleet.Lock()
	defer s.fleet.Unlock()
	p := s.slots[i]
	s.slots[i] = nil
	s.behind.Store(nil)
	for _, other := range s.slots {
		if other != nil {
			s.behind.Store(&other.address)
		}
	}
	return p
}

// hurry moves everybody's clock.
func (s *claimStorm) hurry(by time.Duration) {
	s.fleet.RLock()
	defer s.fleet.RUnlock()
	ahead := s.ahead.Add(int64(by))
	for _, p := range s.slots {
		if p != nil {
			fmt.Fprintln(p.stdin, ahead)
		}
	}
}

// tap sends a press of a button to one of the processes, until it is answered.
func (s *claimStorm) tap(c *customer, dice *rand.Rand, group bool, action string) string {
	update := c.pressing(action)
	if group {
		update = strings.Replace(update, c.chat(), fmt.Sprintf(`"chat":{"id":%d,"type":"supergroup","title":"All"}`, stormGroup), 1)
	}
	for s.ctx.Err() == nil {
		s.fleet.RLock()
		p := s.slots[dice.IntN(len(s.slots))]
		s.fleet.RUnlock()
		if p != nil {
			if req, err := http.NewRequestWithContext(s.ctx, "POST", "http://"+p.address+"/telegram/tg", strings.NewReader(update)); err == nil {
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("X-Telegram-Bot-Api-Secret-Token", telegram.WebhookSecret(testToken))
				if status, body, err := s.send(req); err == nil && status == http.StatusOK {
					return body
				}
			}
		}
		time.Sleep(30 * time.Millisecond)
	}
	return ""
}

func (s *claimStorm) send(req *http.Request) (int, string, error) {
	resp, err := s.taps.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

var (
	claimEntry = regexp.MustCompile(`buy claim ([a-z0-9]+)`)
	claimOrder = regexp.MustCompile(`drop order [a-z0-9]+ [a-z0-9]+`)
	claimUntil = regexp.MustCompile(`pay by (\d\d):(\d\d)`)
)

// member comes, claims, and does what people do.
func (s *claimStorm) member(dice *rand.Rand) {
	id := 100_000 + s.people.Add(1)
	c := &customer{town: s.town, id: id, name: fmt.Sprint("Person", id)}
	s.telegram.AddUser(telegrams.User{ID: id, First: c.name, Lang: "en"})
	if err := s.telegram.As(id).Start(""); err != nil {
		s.Error(err)
	}
	s.claim(c, dice)
	if s.late.Load() && dice.IntN(50) == 0 {
		s.claim(c, dice) // again
	}
}

func (s *claimStorm) claim(c *customer, dice *rand.Rand) {
	defer s.made.Add(1)
	body := s.tap(c, dice, true, "drop claim "+s.drop)
	for try := 0; s.ctx.Err() == nil; try++ {
		switch {
		case strings.Contains(body, "Too late"), strings.Contains(body, "drop is closed"), strings.Contains(body, "All are sold"):
			s.mu.Lock()
			s.homes[c.id] = s.Now()
			s.mu.Unlock()
			return
		case strings.Contains(body, "You have bought one"), strings.Contains(body, "in time, so it went"):
			return
		case strings.Contains(body, "in line:"), strings.Contains(body, "next in line."):
			if s.late.Load() && dice.IntN(10) == 0 {
				s.tap(c, dice, false, "drop leave "+s.drop)
			}
			return
		case claimEntry.MatchString(body) && claimUntil.MatchString(body):
			s.won(c, dice, claimEntry.FindStringSubmatch(body)[1], s.told(body))
			return
		case try > 200:
			s.Errorf("a claim is answered: %.300s", body)
			return
		case try > 0:
			time.Sleep(50 * time.Millisecond)
		}
		body = s.tap(c, dice, false, "drop claim "+s.drop)
	}
}

// told is until when a member was just told that a unit is theirs.
func (s *claimStorm) told(body string) time.Time {
	hit := claimUntil.FindStringSubmatch(body)
	h, _ := strconv.Atoi(hit[1])
	m, _ := strconv.Atoi(hit[2])
	now := s.Now().UTC()
	until := time.Date(now.Year(), now.Month(), now.Day(), h, m, 0, 0, time.UTC)
	for until.Before(now.Add(-12 * time.Hour)) {
		until = until.AddDate(0, 0, 1)
	}
	return until
}

// won is a member to whom a unit was promised.
func (s *claimStorm) won(c *customer, dice *rand.Rand, entry string, until time.Time) {
	p := promise{member: c.id, at: s.Now(), until: until}
	defer func() {
		s.mu.Lock()
		s.promises = append(s.promises, p)
		s.mu.Unlock()
	}()
	s.wins.Add(1)
	if s.late.Load() {
		switch dice.IntN(10) {
		case 0, 1, 2: // does not pay
			return
		case 3:
			p.left = true
			s.tap(c, dice, false, "drop leave "+s.drop)
			return
		}
	}
	token, screen := "", ""
	for range 100 {
		screen = s.tap(c, dice, false, "buy claim "+entry)
		if m := payLink.FindStringSubmatch(screen); m != nil {
			token = m[1]
			break
		}
		if order := claimOrder.FindString(screen); order != "" {
			screen = s.tap(c, dice, false, order)
			if m := payLink.FindStringSubmatch(screen); m != nil {
				token = m[1]
				break
			}
		}
		if !s.Now().Before(until) || s.ctx.Err() != nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	if token == "" {
		s.Errorf("a unit that is theirs cannot be ordered: %.300s", screen)
		return
	}
	page := ""
	for range 100 {
		if page = s.page(token); page != "" || !s.Now().Before(until) || s.ctx.Err() != nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if page == "" {
		if s.Now().Before(until) {
			s.Errorf("a unit that is theirs cannot be paid for")
		}
		return
	}
	if s.late.Load() && dice.IntN(8) == 0 {
		time.Sleep(time.Second) // slow: it may be over by then
	}
	if ok := s.pay(page, "4242424242424242"); ok {
		p.paid = s.Now().Before(until)
	} else if s.Now().Before(until) {
		p.refused = true // they have paid it a moment ago, by another of their screens
	}
}

// read is members who read that a unit has become theirs.
func (s *claimStorm) read(ctx context.Context, dice *rand.Rand) {
	type news struct {
		id, entry string
		account   int64
		until     time.Time
	}
	for ctx.Err() == nil {
		var list []news
		err := s.db.Read(ctx, func(tx *database.Tx) error {
			list = nil
			return tx.Rows(`SELECT n.id, e.id, a.account, e.won_until FROM notices n JOIN drop_entries e ON n.once = 'drop.yours:' || e.id || ':' || e.place
				JOIN accounts a ON a.member_id = e.member_id WHERE n.kind = 'drop.yours' AND n.state IN ('sent', 'unread', 'read') AND e.state = 'won'`, nil, func(scan func(...any) error) error {
				var n news
				var account string
				var until int64
				err := scan(&n.id, &n.entry, &account, &until)
				fmt.Sscan(account, &n.account)
				n.until = commerce.FromMicros(until)
				if !s.seen[n.id] {
					list = append(list, n)
				}
				return err
			})
		})
		for _, n := range list {
			if err != nil {
				break
			}
			s.seen[n.id] = true
			c := &customer{town: s.town, id: n.account, name: fmt.Sprint("Person", n.account)}
			dice := rand.New(rand.NewPCG(dice.Uint64(), 3))
			s.buying.Go(func() { s.won(c, dice, n.entry, n.until) })
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (s *claimStorm) sold() (n int64) {
	for s.ctx.Err() == nil {
		err := s.db.Read(s.ctx, func(tx *database.Tx) error { return tx.Row(`SELECT SUM(sold) FROM drop_units`).Scan(&n) })
		if err == nil {
			return n
		}
		time.Sleep(50 * time.Millisecond)
	}
	return n
}

// settle waits until nobody who has won something has not yet read of it.
func (s *claimStorm) settle() {
	s.until(s.db, map[string]string{"untold": `SELECT COUNT(*) FROM notices WHERE kind = 'drop.yours' AND state IN ('due', 'sending')`})
	time.Sleep(time.Second)
}
