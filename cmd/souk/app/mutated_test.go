package app

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/commerce/database/databasetest"
)

// TestMutatedUpdates sends some thousand updates under the right secret that
// Telegram never wrote: nothing panics, nobody else is touched, and the answer
// says truthfully whether sending it again could help.
func TestMutatedUpdates(t *testing.T) {
	const n = 4000
	w := newTown(t, databasetest.Migrated(t, databasetest.Engines()[len(databasetest.Engines())-1]),
		"ticket,Ticket,true,T,shopify,500,7.00,false,active\nparcel,Parcel,true,P,shopify,50,7.00,true,active\n", nil)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	w.ctx = ctx
	log := &lines{}
	w.serve(log.logger())
	db := w.open()
	ticket, err := variant(db, "ticket")
	if err != nil {
		t.Fatal(err)
	}
	parcel, err := variant(db, "parcel")
	if err != nil {
		t.Fatal(err)
	}

	// Ann, whom no slip of a few characters can name, has all there is to lose:
	// an address, an order that is paid, one that is not, a cart, a question open.
	ann := w.customer(777_111_222_333)
	ann.say("/start")
	token, _ := ann.order(ticket)
	if !w.pay(w.page(token), "4242424242424242") {
		t.Fatal("not paid")
	}
	w.settle(db)
	ann.press("cart add " + parcel)
	ann.press("checkout")
	for _, value := range []string{"Ann", testAddress, "10115", "Berlin", "Germany"} {
		ann.say(value)
	}
	ann.order(parcel)
	ann.press("cart add " + ticket)
	ann.press("address")
	w.settle(db)
	before := w.belongings(db, 777_111_222_333)
	if len(before) < 20 {
		t.Fatalf("Ann has hardly anything: %v", before)
	}
	orders := w.column(db, `SELECT id FROM orders ORDER BY created_at`)

	mallory := w.customer(31337)
	mallory.say("/start")
	var whole []string
	for _, text := range []string{"/start", "/shop", "/search ticket", "/orders", "/cart", "/staff", "/link ABCDEFGH", "/privacy", "/help", "hello", "/start p_" + ticket, "/feed", "/creators"} {
		whole = append(whole, mallory.saying(text))
	}
	for _, action := range []string{"start", "cart", "cart add " + ticket, "cart set " + ticket + " 3", "checkout", "address", "place abcdefghij", "orders", "privacy export",
		"order " + orders[0], "order cancel " + orders[1], "again " + orders[0], "staff", "staff order " + orders[0], "staff cancel " + orders[0] + " yes",
		"staff refund " + orders[0] + " yes", "staff ship " + orders[0], "link code", "follow mira", "categories 0", "share " + ticket} {
		whole = append(whole, mallory.pressing(action))
	}
	whole = append(whole,
		mallory.update(`"inline_query":{"id":"i1",`+mallory.from()+`,"query":"ticket","offset":""}`),
		mallory.update(`"my_chat_member":{`+mallory.chat()+`,`+mallory.from()+`,"date":1,"old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked"}}`),
		mallory.update(`"message":{"message_id":6,`+mallory.from()+`,"chat":{"id":-1001000000001,"type":"supergroup","title":"All"},"date":1,"text":"/shop"}`))

	const seed = 2026
	dice := rand.New(rand.NewPCG(seed, 3))
	statuses := map[int]int{}
	for i := range n {
		body := whole[dice.IntN(len(whole))]
		if dice.IntN(20) > 0 {
			body = mutated(dice, body)
		}
		status, answer, err := w.post(body)
		if err != nil {
			t.Fatalf("mutation %d: %v\n%q", i, err, body)
		}
		statuses[status]++
		var u struct {
			ID int64 `json:"update_id"`
		}
		readable := json.Unmarshal([]byte(body), &u) == nil && u.ID > 0
		switch {
		case status >= 500:
			t.Errorf("mutation %d: %d, as if sending it again could help\n%q", i, status, body)
		case status == http.StatusOK && !readable, status != http.StatusOK && status != http.StatusBadRequest:
			t.Errorf("mutation %d: %d\n%q", i, status, body)
		}
		for _, private := range []string{testAddress, "777111222333"} {
			if strings.Contains(answer, private) {
				t.Errorf("mutation %d was told what is Ann's: %s", i, answer)
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if strings.Contains(log.String(), "panic") {
		t.Errorf("something panicked: %s", around(log.String(), "panic"))
	}
	if after := w.belongings(db, 777_111_222_333); !slices.Equal(before, after) {
		t.Errorf("Ann was touched:\n%v\n%v", before, after)
	}
	if s := ann.press("orders"); !strings.Contains(s, "€") {
		t.Errorf("Ann sees %s", s)
	}
	if statuses[200] < n/4 || statuses[400] < n/20 {
		t.Errorf("statuses: %v", statuses)
	}
	t.Logf("statuses: %v", statuses)
}

// settle waits until all that Ann's shopping caused has been told.
func (w *town) settle(db *database.DB) {
	w.Helper()
	for w.ctx.Err() == nil {
		if len(w.column(db, `SELECT id FROM notices WHERE state IN ('due', 'sending')`)) == 0 &&
			len(w.column(db, `SELECT event_id FROM stripe_inbox WHERE done_at = 0`)) == 0 && len(w.column(db, `SELECT id FROM orders WHERE state = 'paid'`)) == 1 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.Fatal("it does not come to rest")
}

func (w *town) column(db *database.DB, query string, args ...any) (list []string) {
	w.Helper()
	err := db.Read(w.ctx, func(tx *database.Tx) error {
		list = nil
		return tx.Rows(query, args, func(scan func(...any) error) error {
			var one string
			err := scan(&one)
			list = append(list, one)
			return err
		})
	})
	if err != nil {
		w.Fatal(err)
	}
	return list
}

// belongings are all that is kept of a person, in SQL and in Redis.
func (w *town) belongings(db *database.DB, account int64) (all []string) {
	w.Helper()
	member := w.column(db, `SELECT member_id FROM accounts WHERE account = $1`, fmt.Sprint(account))[0]
	for _, query := range []string{
		`SELECT id || name || locale || erased_at || merged_into FROM members WHERE id = $1`,
		`SELECT platform || account || name || username || bot || reach FROM accounts WHERE member_id = $1`,
		`SELECT name || street || city || postcode || country FROM addresses WHERE member_id = $1`,
		`SELECT id || state || total || name || street || tracking || paid_at FROM orders WHERE member_id = $1 ORDER BY id`,
		`SELECT o.order_id || o.event || o.actor FROM order_events o JOIN orders ON orders.id = o.order_id WHERE member_id = $1 ORDER BY o.order_id, seq`,
		`SELECT p.id || p.state || p.paid_at FROM payments p JOIN orders ON orders.id = p.order_id WHERE member_id = $1 ORDER BY p.id`,
		`SELECT id || state FROM holds WHERE member_id = $1 ORDER BY id`,
		`SELECT id || kind || state FROM notices WHERE member_id = $1 ORDER BY id`,
		`SELECT creator_id FROM follows WHERE member_id = $1`,
		`SELECT id FROM refunds`,
	} {
		if strings.HasSuffix(query, "refunds") {
			all = append(all, w.column(db, query)...)
			continue
		}
		all = append(all, w.column(db, query, member)...)
	}
	for _, key := range w.redis.Keys() {
		if !strings.Contains(key, member) {
			continue
		}
		if value, err := w.redis.Get(key); err == nil {
			all = append(all, key+value)
			continue
		}
		fields, err := w.redis.HKeys(key)
		if err != nil {
			w.Fatal(err)
		}
		for _, f := range fields {
			all = append(all, key+f+w.redis.HGet(key, f))
		}
	}
	return all
}

// wrong are values in places where others belong.
var wrong = []string{`null`, `0`, `-1`, `1e400`, `9223372036854775808`, `-9223372036854775808`, `0.5`, `true`, `""`, `"x"`, `[]`, `{}`, `[[[[[[[[]]]]]]]]`,
	`"\u0000"`, `"\ud800"`, `"\u202eevil"`, `"<b>@everyone</b>"`, `"../../etc/passwd"`, `"' OR 1=1 --"`, `{"id":31337}`, `"cart add"`, `"+cart"`, `"staff"`, `"place "`}

// mutated changes an update by one to three slips, of bytes or of values.
func mutated(dice *rand.Rand, s string) string {
	for range 1 + dice.IntN(3) {
		b := []byte(s)
		at := 0
		if len(b) > 0 {
			at = dice.IntN(len(b))
		}
		switch dice.IntN(8) {
		case 0:
			if len(b) > 0 {
				b[at] ^= 1 << dice.IntN(8)
			}
		case 1:
			b = append(b[:at:at], append([]byte{byte(dice.IntN(256))}, b[at:]...)...)
		case 2:
			b = append(b[:at:at], b[min(len(b), at+1+dice.IntN(9)):]...)
		case 3:
			if dice.IntN(4) == 0 {
				b = b[:at]
			}
		case 4: // a long one
			if i := strings.Index(s, `"text":"`); i >= 0 {
				b = []byte(s[:i+8] + strings.Repeat("ä%<&", dice.IntN(3000)) + s[i+8:])
			}
		case 5, 6, 7: // another value after a colon
			if at = strings.IndexByte(s[at:], ':') + at; at >= 0 && at < len(s) && s[at] == ':' {
				end := at + 1
				for end < len(s) && !strings.ContainsRune(",}]", rune(s[end])) {
					end++
				}
				b = []byte(s[:at+1] + wrong[dice.IntN(len(wrong))] + s[end:])
			}
		}
		s = string(b)
	}
	return s
}
