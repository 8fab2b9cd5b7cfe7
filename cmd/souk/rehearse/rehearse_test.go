package rehearse

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
	"github.com/soukchat/souk/commerce/drops"
	"github.com/soukchat/souk/config"
)

const shopYAML = `shop: {name: Corner Shop, url: "https://shop.example.com", currency: EUR}
stripe: {secret_key: "${STRIPE_SECRET_KEY}", webhook_secret: "${STRIPE_WEBHOOK_SECRET}"}
bots:
  tg: {telegram: {token: "${TELEGRAM_TOKEN}", username: corner_bot}}
  dc: {discord: {application: "300000000000000001", public_key: "0000000000000000000000000000000000000000000000000000000000000000", token: "${DISCORD_TOKEN}"}}
communities:
  corner:
    name: The Corner
    chats: [{bot: tg, id: "-1001000000001"}, {bot: dc, id: "200000000000000001"}]
  attic: {name: The Attic, chats: [{bot: tg, id: "-1001000000002"}]}
%s
creators:
  noor: {name: Noor}
brands:
  kiln: {name: Kiln & Co, feed: kiln.csv, shipping: [{name: Parcel, price: 4.90, to: [AT, DE]}]}
staff: [{name: Sam, role: admin, telegram: "1003", discord: "100000000000000003"}]
drops:
  jug: {title: The ash glaze jug, brand: kiln, product: milk-jug, units: "12", mode: queue, announce: 2031-05-01 12:00, opens: 2031-05-02 18:00, closes: 2031-05-02 20:00}
  drawn: {title: The drawn jug, brand: kiln, product: milk-jug, units: "12", mode: draw, opens: 2019-05-02 18:00, closes: 2019-05-02 19:00, expects: "80", followers: "100"}
  soon: {title: The jug of the hour, brand: kiln, product: milk-jug, units: "12", opens: 2031-05-02 18:00, closes: 2031-05-02 20:00}
  many: {title: A hundred jugs, brand: kiln, product: milk-jug, units: "100", opens: 2031-05-02 18:00, closes: 2031-05-02 20:00}
  bowls: {title: Two bowls, brand: kiln, product: bowl, variants: {Ash: "3", Moss: "4"}, opens: 2031-05-02 18:00, closes: 2031-05-02 20:00}
  some: {title: For some, brand: kiln, product: milk-jug, units: "32", line: "6", opens: 2031-05-02 18:00, closes: 2031-05-02 20:00,
    who: [{follows: noor, since: 2031-04-01, early: 1h}, {role: "400000000000000001", called: Potters}, {community: attic, since: 2031-04-01}, {lost: true}]}
  pairs: {title: Two or three each, brand: kiln, product: milk-jug, units: "24", line: "12", per_person: "3", opens: 2031-05-02 18:00, closes: 2031-05-02 20:00}
  group: {title: The jug together, brand: kiln, product: milk-jug, units: "40", mode: group, opens: 2031-05-02 18:00, closes: 2031-05-04 18:00,
    steps: [{joined: "5", price: 26.00}, {joined: "15", price: 22.00}, {joined: "35", price: 20.00}]}
  few: {title: Too few, brand: kiln, product: milk-jug, units: "40", mode: group, opens: 2031-05-02 18:00, closes: 2031-05-02 22:00, steps: [{joined: "30", price: 20.00}]}
  two: {title: For two, brand: kiln, product: milk-jug, units: "9", mode: group, opens: 2031-05-02 18:00, closes: 2031-05-02 20:00, steps: [{joined: "2", price: 20.00}]}
  invite: {title: By invitation, brand: kiln, product: milk-jug, units: "10", mode: invite, pay_within: 6h, opens: 2031-05-02 09:00, closes: 2031-05-04 20:00,
    who: [{lost: true}, {follows: noor}, {community: corner, since: 2031-04-01}]}
  glazes: {title: One of two glazes, brand: kiln, product: bowl, variants: {Ash: 6, Moss: 4}, mode: invite, pay_within: 6h, opens: 2031-05-02 09:00, closes: 2031-05-04 20:00,
    who: [{lost: true}, {follows: noor}, {community: corner, since: 2031-04-01}]}
`

const feedCSV = `Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Taxable
milk-jug,Milk jug,<p>Pours.</p>,Kiln & Co,Jugs,,true,Title,Default Title,,,JUG,shopify,60,deny,28.00,,true,true
bowl,Bowl,<p>Deep.</p>,Kiln & Co,Bowls,,true,Glaze,Ash,,,B-A,shopify,9,deny,20.00,,true,true
bowl,,,,,,,,Moss,,,B-M,shopify,9,deny,20.00,,true,true
`

// plans loads the test's shop, with more chats where a text of them is given.
func plans(t *testing.T, more string) Options {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"shop.yaml": fmt.Sprintf(shopYAML, more), "kiln.csv": feedCSV} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, err := config.LoadPreview(filepath.Join(dir, "shop.yaml"), os.LookupEnv)
	if err != nil {
		t.Fatal(err)
	}
	return Options{Config: cfg, Dir: t.TempDir(), Seed: 4, over: time.Second, grace: 5 * time.Second}
}

func rehearse(t *testing.T, opts Options) *Report {
	t.Helper()
	n, err := Run(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	var text, page bytes.Buffer
	n.Text(&text)
	t.Log("\n" + text.String())
	if err := n.Page(&page); err != nil {
		t.Fatal(err)
	}
	if out := regexp.MustCompile(`(?i)(src|href)=|https?://|<script|url\(|@import|souk\.db|sqlite|redis`).FindString(page.String()); out != "" {
		t.Errorf("the page has %q: it stands alone and names nothing of the inside", out)
	}
	return n
}

// fails checks that the plan fails, for a reason.
func (n *Report) fails(t *testing.T, why string) {
	t.Helper()
	for _, c := range n.Causes {
		if strings.Contains(c.What, why) && c.Change != "" {
			return
		}
	}
	t.Errorf("the plan does not fail because of %q but of %+v", why, n.Causes)
}

func TestQueue(t *testing.T) {
	opts := plans(t, "")
	opts.Drop, opts.Members = "jug", 120
	n := rehearse(t, opts)
	if n.Fails() || n.Sold != 12 || n.Members != 120 || n.FollowersTold != 60 || n.Bots != 2 || n.Killed != 1 || n.Hurt == 0 || n.Quarters[0].Members != 30 || len(n.Screens) < 5 {
		t.Errorf("%+v", n)
	}
	if _, err := os.Stat(filepath.Join(opts.Dir, "souk.db")); err != nil {
		t.Error("the data is not in the folder it was given:", err)
	}
}

// A draw whose time is long past.
func TestDraw(t *testing.T) {
	databasetest.Embedded(t)
	opts := plans(t, "")
	opts.Drop = "drawn"
	n := rehearse(t, opts)
	if n.Fails() || n.Sold != 12 || n.Members != 80 || n.Entries != 80 || n.FollowersTold != 100 || n.Proofs != 3 {
		t.Errorf("%+v", n)
	}
}

// Who comes to several variants chooses one first.
func TestVariants(t *testing.T) {
	databasetest.Embedded(t)
	opts := plans(t, "")
	opts.Drop, opts.Members = "bowls", 40
	if n := rehearse(t, opts); n.Fails() || n.Sold != 7 || n.Units != 7 || n.Entries < 14 {
		t.Errorf("%+v", n)
	}
}

// Some of those who may have several press for more than one, and nobody has more
// than they may.
func TestPerPerson(t *testing.T) {
	databasetest.Embedded(t)
	t.Parallel()
	opts := plans(t, "")
	opts.Drop, opts.Members = "pairs", 24 // so few that who presses for more finds some
	n := rehearse(t, opts)
	if n.Fails() || n.Sold < 15 || n.Each != 3 || n.Further < 5 || n.Several < 2 || n.TooMany > 0 {
		t.Errorf("%+v", n)
	}
}

// Seventy-five groups cannot be told in a second.
func TestToldTooLate(t *testing.T) {
	databasetest.Embedded(t)
	var more strings.Builder
	for i := range 3 {
		fmt.Fprintf(&more, "  c%d:\n    name: Club %d\n    chats: [", i, i)
		for j := range 25 {
			fmt.Fprintf(&more, "{bot: tg, id: \"-10020000%02d%02d\"}, ", i, j)
		}
		more.WriteString("]\n")
	}
	opts := plans(t, more.String())
	opts.Drop, opts.Members, opts.ahead, opts.grace = "soon", 30, time.Second, 100*time.Millisecond
	n := rehearse(t, opts)
	n.fails(t, "late: telling everybody took")
	if len(n.Chats) < 10 || n.TooEarly > 0 {
		t.Errorf("%d chats, %d claims before everybody was told", len(n.Chats), n.TooEarly)
	}
}

// Who may take part is let in, some of them earlier, and the others read for
// whom it is.
func TestWho(t *testing.T) {
	databasetest.Embedded(t)
	opts := plans(t, "")
	opts.Drop, opts.Members = "some", 60
	n := rehearse(t, opts)
	if n.Fails() || n.Sold != 32 || n.Refused < 10 || n.Soon == 0 || n.NeverCame > 0 || len(n.Rules) != 4 || n.Rules[0].Units == 32 {
		t.Errorf("%+v", n)
	}
	for _, r := range n.Rules {
		if r.Meet == 0 || r.Meet == 60 {
			t.Errorf("%d of 60 meet a rule: %+v", r.Meet, r)
		}
	}
}

// All who have joined pay the same.
func TestGroup(t *testing.T) {
	databasetest.Embedded(t)
	t.Parallel()
	opts := plans(t, "")
	opts.Drop, opts.Members = "group", 40
	n := rehearse(t, opts)
	if n.Fails() || n.Joined < 15 || n.Sold != int64(n.Joined) || n.Charged[2690] != n.Joined || n.Lost != 1 || n.Left == 0 || n.Declined == 0 || n.Reached != "€22.00" || n.Killed != 2 || len(n.Joins) < 10 {
		t.Errorf("%+v", n)
	}
}

// Too few join, and nobody pays.
func TestGroupMissed(t *testing.T) {
	databasetest.Embedded(t)
	t.Parallel()
	opts := plans(t, "")
	opts.Drop, opts.Members = "few", 20
	n := rehearse(t, opts)
	if n.Fails() || !n.Missed || n.Joined == 0 || n.Sold != 0 || len(n.Charged) != 0 || n.Released < int64(n.Joined) || n.Killed != 2 {
		t.Errorf("%+v", n)
	}
}

func TestInvite(t *testing.T) {
	databasetest.Embedded(t)
	t.Parallel()
	for _, drop := range []string{"invite", "glazes"} {
		opts := plans(t, "")
		opts.Drop, opts.Members, opts.Seed = drop, 40, 7
		n := rehearse(t, opts)
		if n.Fails() || n.Sold != 10 || n.Invited <= 10 || n.Chosen <= n.Invited || n.Refused == 0 || len(n.Invites) < 2 {
			t.Errorf("%s: %+v", drop, n)
		}
	}
}

func TestTooFewUnits(t *testing.T) {
	databasetest.Embedded(t)
	opts := plans(t, "")
	opts.Drop, opts.Members = "many", 20
	rehearse(t, opts).fails(t, "offers 100 units, and the shop has 60")
}

// The shop is made to lie to one, and its books to be wrong.
func TestLies(t *testing.T) {
	t.Parallel()
	databasetest.Embedded(t)
	opts := plans(t, "")
	opts.Drop, opts.Members = "soon", 40
	opts.spoil = func(w *world, at string) {
		query := map[string]string{"rushed": `UPDATE drop_entries SET state = 'left' WHERE id = (SELECT id FROM drop_entries WHERE state = 'won' LIMIT 1)`,
			"ended": `UPDATE entries SET amount = amount + 1 WHERE posting_id = (SELECT MIN(id) FROM postings)`}[at]
		if query == "" {
			return
		}
		if err := w.program().DB.Write(t.Context(), func(tx *database.Tx) error {
			n, err := tx.Exec(query)
			if err == nil && n == 0 {
				err = database.ErrNone
			}
			return err
		}); err != nil {
			t.Error(at, err)
		}
	}
	n := rehearse(t, opts)
	n.fails(t, "read something that is not so")
	n.fails(t, "The books do not add up")
}

// One who may not take part is given a place, one has more units than a person may,
// and one is invited before others.
func TestLiesOfRules(t *testing.T) {
	databasetest.Embedded(t)
	t.Parallel()
	for drop, query := range map[string]string{
		"some":   `UPDATE drop_entries SET member_id = (SELECT a.member_id FROM accounts a WHERE a.account = $1) WHERE id = (SELECT MIN(id) FROM drop_entries WHERE state IN ('lapsed', 'lost') AND drop_id <> 'before')`,
		"pairs":  `UPDATE drop_entries SET member_id = (SELECT MIN(member_id) FROM drop_entries WHERE drop_id <> 'before' AND $1 = ''), seat = 10 + place WHERE drop_id <> 'before' AND seat = 0`,
		"invite": `DELETE FROM notices WHERE id = (SELECT n.id FROM notices n WHERE n.kind = 'drop.yours' AND $1 <> '' ORDER BY n.created_at LIMIT 1)`,
	} {
		opts := plans(t, "")
		opts.Drop, opts.Members, opts.Seed = drop, 30, 7
		opts.spoil = func(w *world, at string) {
			if at != "ended" {
				return
			}
			stranger := ""
			for _, c := range w.chats {
				for _, p := range c.members {
					if !p.may() {
						stranger = p.account
					}
				}
			}
			if err := w.program().DB.Write(t.Context(), func(tx *database.Tx) error {
				n, err := tx.Exec(query, stranger)
				if err == nil && n != 1 && drop != "pairs" {
					err = database.ErrNone
				}
				return err
			}); err != nil {
				t.Error(err)
			}
		}
		rehearse(t, opts).fails(t, map[string]string{"some": "got a place and may not take part", "pairs": "more units than one person may have", "invite": "not invited in the order"}[drop])
	}
}

// The shop says that another price was reached than the one it charged.
func TestLiesOfPrices(t *testing.T) {
	databasetest.Embedded(t)
	t.Parallel()
	opts := plans(t, "")
	opts.Drop, opts.Members = "two", 10
	opts.spoil = func(w *world, at string) {
		if at != "ended" {
			return
		}
		if err := w.program().DB.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE drops SET reached = reached + 1 WHERE reached > 0`)
			return err
		}); err != nil {
			t.Error(err)
		}
	}
	rehearse(t, opts).fails(t, "another price than so many members reach")
}

// Each way to fail has its reason.
func TestJudge(t *testing.T) {
	at := time.Date(2031, 5, 2, 18, 0, 0, 0, time.UTC)
	for why, spoil := range map[string]func(n *Report){
		"units were sold, and there are":       func(n *Report) { n.Sold = 11 },
		"more units than one person":           func(n *Report) { n.TooMany = 1 },
		"got no answer":                        func(n *Report) { n.Unanswered = 1 },
		"read something that is not so":        func(n *Report) { n.Wrong = 2 },
		"could not order or pay":               func(n *Report) { n.Stuck = 1 },
		"other than what they were told":       func(n *Report) { n.Broken = 1 },
		"not decided":                          func(n *Report) { n.Open = 1 },
		"never sent":                           func(n *Report) { n.Untold = 1 },
		"books do not add up":                  func(n *Report) { n.Audit = []string{"off by one"} },
		"cannot be verified":                   func(n *Report) { n.BadProofs = 1 },
		"It opened 2 min late":                 func(n *Report) { n.Opened = at.Add(2 * time.Minute) },
		"The group Club on Telegram":           func(n *Report) { n.Chats[0].Problem = "dead" },
		"before everybody had been told":       func(n *Report) { n.TooEarly = 1 },
		"answered before they came":            func(n *Report) { n.Overtaken = 1 },
		"First quarter of the members got 10":  func(n *Report) { n.Quarters[0].Units, n.Quarters[1].Units = 10, 0 },
		"got a place and may not take part":    func(n *Report) { n.Intruders = 1 },
		"before it had opened for them":        func(n *Report) { n.TooSoon = 1 },
		"not invited in the order":             func(n *Report) { n.Misplaced = 1 },
		"and 4 were counted":                   func(n *Report) { n.Mode, n.Joined, n.Counted = "group", 5, 4 },
		"another price":                        func(n *Report) { n.WrongStep = true },
		"2 different prices":                   func(n *Report) { n.Charged = map[int64]int{2000: 4, 2100: 1} },
		"charged though too few":               func(n *Report) { n.Missed, n.Charged = true, map[int64]int{2000: 1} },
		"had joined and not charged":           func(n *Report) { n.NotCharged = 1 },
		"charged and had not joined":           func(n *Report) { n.Unasked = 1 },
		"still authorised":                     func(n *Report) { n.Held = 100 },
		"It never opened":                      func(n *Report) { n.Short, n.Opened = true, time.Time{} },
		"could not be announced: it offers 10": func(n *Report) { n.Short, n.Chats, n.Opened, n.Free = true, nil, time.Time{}, 3 },
		"Discord of the members got 0 of 40": func(n *Report) {
			n.Units, n.Sold, n.Quarters = 40, 40, nil
			n.Platforms = []Share{{"Telegram", 50, 40, 20, 10}, {"Discord", 50, 0, 20, 10}}
		},
	} {
		n := &Report{Mode: "queue", Zone: time.UTC, Members: 100, Units: 10, Sold: 10, Tau: 1, Planned: at, Opened: at, Announced: at.Add(-time.Hour), LastTold: at.Add(-time.Hour),
			Chats: []ChatTold{{Name: "Club", Platform: "Telegram"}}, Quarters: []Share{{"First quarter", 25, 3, 2.5, 1.9}, {"Second quarter", 25, 2, 2.5, 1.9}, {"Third quarter", 25, 3, 2.5, 1.9}, {"Last quarter", 25, 2, 2.5, 1.9}},
			Platforms: []Share{{"Telegram", 50, 5, 5, 2.5}, {"Discord", 50, 5, 5, 2.5}}}
		if n.judge(Grace); n.Fails() {
			t.Fatalf("a good plan fails: %+v", n.Causes)
		}
		spoil(n)
		n.judge(Grace)
		n.fails(t, why)
	}
}

// What is even depends on when it opened for somebody, and on the units that are
// kept for their community.
func TestShares(t *testing.T) {
	corner, attic := &chat{community: "corner"}, &chat{community: "attic"}
	r := &rehearsal{report: &Report{}}
	for i := range 40 {
		p := &person{platform: "telegram", chat: corner, rank: i}
		if i%4 == 0 {
			p.platform, p.chat = "discord", attic
		}
		if p.early = time.Hour; i >= 10 {
			p.early = 0
		}
		if p.by = 0; i >= 30 {
			p.by = -1
		}
		r.people = append(r.people, p)
	}
	sold := func(pool commerce.CommunityID, who ...int) (list []place) {
		for _, i := range who {
			list = append(list, place{drops.Entry{State: drops.Sold, Pool: pool}, r.people[i]})
		}
		return list
	}
	// Six units early, for ten of whom three are of the attic; two for its five later ones.
	r.shares(append(sold("", 0, 1, 2, 3, 4, 5), sold("attic", 12, 16)...))
	want := []Share{{"Telegram", 22, 4, 4.2, 1.26}, {"Discord", 8, 4, 3.8, 1.26}}
	if diff := cmp.Diff(r.report.Platforms, want, cmpopts.EquateApprox(0, 0.001)); diff != "" {
		t.Error(diff)
	}
	if q := r.report.Quarters; q[0].Members != 10 || q[0].Even != 6 || q[3].Members != 0 || q[3].Even != 0 {
		t.Errorf("%+v", q)
	}
}

// Where answers take long, the machine is to blame.
func TestOverloaded(t *testing.T) {
	n := &Report{Mode: "queue", Zone: time.UTC, Overtaken: 1, Opened: time.Unix(1, 0), Planned: time.Unix(1, 0), Answers: []time.Duration{4 * time.Second}}
	if n.judge(Grace); len(n.Causes) != 1 || !strings.Contains(n.Causes[0].Change, "This machine is too slow") {
		t.Errorf("%+v", n.Causes)
	}
}

func TestCan(t *testing.T) {
	cfg := plans(t, "").Config
	for drop, why := range map[string]string{"jug": "", "drawn": "", "some": "", "group": "", "invite": "", "jig": "there is no drop \"jig\""} {
		if err := Can(cfg, drop); (err == nil) != (why == "") || err != nil && !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", drop, err)
		}
	}
}

func TestTau(t *testing.T) {
	at := func(ms ...int) (list []time.Time) {
		for _, n := range ms {
			list = append(list, time.UnixMilli(int64(n)))
		}
		return list
	}
	for _, c := range []struct {
		arrived []time.Time
		want    float64
	}{{at(0, 20, 40, 60), 1}, {at(60, 40, 20, 0), -1}, {at(0, 3, 1, 5), 1}, {at(0, 40, 20), 1.0 / 3}, {nil, 1}} {
		if got := tau(pairs(c.arrived)); got != c.want {
			t.Errorf("%v: %v, not %v", c.arrived, got, c.want)
		}
	}
	if n := overtaken(at(0, 5, 30, 60), at(50, 20, 40, 90)); n != 0 {
		t.Errorf("%d overtook somebody", n)
	}
	if n := overtaken(at(0, 50, 10), at(40, 70, 30)); n != 1 {
		t.Errorf("%d overtook somebody", n)
	}
}
