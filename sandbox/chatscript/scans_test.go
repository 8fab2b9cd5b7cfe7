package chatscript

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/soukchat/souk/commerce/database"
)

// statements collects what a story asks of the database, so that afterwards
// SQLite can be asked how it finds the rows.
type statements struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (s *story) collect() *statements {
	all := &statements{seen: map[string]bool{}}
	if os.Getenv("SOUK_TEST_POSTGRES") != "" {
		return all // one engine is enough: both have the same indexes
	}
	s.world.App.DB.Queries(func(query string) {
		all.mu.Lock()
		defer all.mu.Unlock()
		if !slices.ContainsFunc(ours, func(part string) bool { return strings.Contains(query, part) }) {
			all.seen[query] = true
		}
	})
	return all
}

// ours are parts of what a story's own commands ask.
var ours = []string{"a.username", "a.platform, a.account FROM drop_entries", "SELECT id FROM picks WHERE title",
	"SELECT account FROM creator_accounts", "SELECT transfer, amount, currency FROM creator_payouts"}

// growing are the tables that grow with the shop's success: looking through one
// from its beginning to its end is no way to find a row.
var growing = strings.Fields(`accounts collection_picks collections addresses application_events applications balance_holds balances board_picks boards brand_follows brought card_consents cards cases creator_accounts creator_payouts creators
	customers digests disputes drafts drop_checked drop_entries drop_flags earning_codes earning_credits earning_debts earning_terms earnings entries follows fulfilments
	giftcards giveback_lines givebacks grants hold_lines holds invoice_questions invoices measures members notices objections order_events order_lines orders papers
	parcel_lines parcels payments payout_refunds payout_reversals payouts pick_brands pick_days pick_items pick_tags picks postings posts promotion_claims
	promotion_codes promotion_members promotion_uses publications question_answers questions received refunds reports return_lines returns review_votes
	reviews scores shown_photos stripe_inbox stripe_txns takings wallets`)

var (
	argument = regexp.MustCompile(`\$(\d+)`)
	scanned  = regexp.MustCompile(`^SCAN (\w+)( USING .*INDEX)?`)
	queue    = regexp.MustCompile(` INDEX (\w+_declared|applications_sent|cases_open|objections_open)\b`) // of what the YAML has, or what waits for a moderator: they stay short
	alias    = regexp.MustCompile(`\b(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)(?:\s+(?:AS\s+)?(\w+))?`)
)

// unscanned checks that every statement of the story finds its rows by an index.
func (all *statements) unscanned(s *story) {
	s.Helper()
	all.mu.Lock()
	list := slices.Sorted(maps.Keys(all.seen))
	all.mu.Unlock()
	if err := s.world.App.DB.Read(s.ctx, func(tx *database.Tx) error {
		for _, query := range list {
			most := 0
			for _, m := range argument.FindAllStringSubmatch(query, -1) {
				n, _ := strconv.Atoi(m[1])
				most = max(most, n)
			}
			names := map[string]string{}
			for _, m := range alias.FindAllStringSubmatch(query, -1) {
				names[m[1]] = m[1]
				names[m[2]] = m[1]
			}
			args := make([]any, most)
			for i := range args {
				args[i] = "x" // whatever it is, it must not decide the plan
			}
			var plan []string
			if err := tx.Rows("EXPLAIN QUERY PLAN "+query, args, func(scan func(...any) error) error {
				var id, parent, unused int64
				var detail string
				err := scan(&id, &parent, &unused, &detail)
				plan = append(plan, detail)
				return err
			}); err != nil {
				return err
			}
			sorts := slices.ContainsFunc(plan, func(step string) bool { return strings.HasPrefix(step, "USE TEMP B-TREE") })
			for _, step := range plan {
				m := scanned.FindStringSubmatch(step)
				if m == nil || !slices.Contains(growing, names[m[1]]) {
					continue
				}
				if m[2] != "" && strings.Contains(query, "LIMIT") && !sorts {
					continue // the first rows of an index, which end
				}
				if queue.MatchString(step) {
					continue
				}
				s.Errorf("%s, all of it, for\n%s", step, strings.Join(strings.Fields(query), " "))
			}
		}
		return nil
	}); err != nil {
		s.Fatal(err)
	}
}
