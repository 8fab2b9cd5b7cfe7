package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/sandbox/torture"
)

// guard is something that keeps money or goods right. It is taken out once, by
// writing instead in its place, and a test must fail then.
type guard struct {
	file, text, instead string
	test                string // package and test, as commerce/stock TestHoldEndsOnce
}

const (
	migrations = "commerce/database/migrations/"
	theTables  = "commerce/database TestRefused/"
)

// guards are all of them. A new part adds its own.
var guards = slices.Concat(ofShop, ofCreators)

var ofShop = []guard{
	// Stock.
	{"commerce/stock/stock.go", "AND (free - (`+awaited+`) >= $2 OR backorder = 1)", "AND (0 = 0 OR '`+awaited+`' = '')", "commerce/stock TestTwentyBuyersThreeUnits"},
	{"commerce/stock/stock.go", "UPDATE holds SET state = $3 WHERE id = $1 AND state = $2", "UPDATE holds SET state = $3 WHERE id = $1 AND $2 <> ''", "commerce/stock TestHoldEndsOnce"},
	{"commerce/stock/stock.go", "SET state = 'held' WHERE id = $1 AND state = 'released'", "SET state = 'held' WHERE id = $1", "commerce/stock TestHoldEndsOnce"},
	{migrations + "0003_stock.sql", "CHECK (free >= 0 OR backorder = 1),", "", theTables + "oversell"},
	{migrations + "0003_stock.sql", "CHECK (on_hand = free + held + sold)", "CHECK (on_hand = on_hand)", theTables + "units_that_do_not_add_up"},
	{migrations + "0003_stock.sql", "CHECK (held >= 0)", "", theTables + "less_than_nothing_held"},
	{migrations + "0003_stock.sql", "CHECK (sold >= 0)", "", theTables + "less_than_nothing_sold"},
	{migrations + "0003_stock.sql", "CHECK (quantity > 0)", "", theTables + "a_hold_of_nothing"},
	{migrations + "0003_stock.sql", "PRIMARY KEY (hold_id, variant_id)", "CHECK (counted IN (0, 1))", theTables + "one_variant_twice_in_a_hold"},
	// Drops, and the units that are set aside for them.
	{"commerce/drops/orders.go", "if !oneOf(o, e.Variant) {\n\t\treturn \"\", nil", "if false {\n\t\treturn \"\", nil", "commerce/drops TestLateForAnotherSize"},
	{"commerce/stock/allotment.go", "WHERE variant_id = $1 AND free >= $2`, l.Variant", "WHERE variant_id = $1`, l.Variant", "commerce/stock TestAllotmentOfWhatIsNotThere"},
	{"commerce/stock/allotment.go", "AND quantity >= $3`", "`", "commerce/stock TestAllotment"},
	{"commerce/stock/allotment.go", "WHERE closed = 0 AND (id", "WHERE (id", "commerce/stock TestAllotment"},
	{"commerce/stock/allotment.go", "ON CONFLICT (id, variant_id) DO NOTHING`, id, l.Variant, l.Quantity)\n\tif err != nil || n == 0 {", "ON CONFLICT (id, variant_id) DO NOTHING`, id, l.Variant, l.Quantity)\n\tif err != nil || n < 0 {", "commerce/stock TestAllotment"},
	{"commerce/drops/store.go", " AND claimed + sold < units", "", "commerce/drops TestLateMoney"},
	{"commerce/drops/orders.go", "late := !d.Clock.Now().Before(e.Until)", "late := false", "commerce/drops TestOrderWithinItsTime"},
	{"commerce/drops/orders.go", "if err == nil && late && e.State == Won {", "if false {", "commerce/drops TestPause"},
	{"commerce/drops/orders.go", "WHERE id = $1 AND state = 'won' AND order_id = ''`", "WHERE id = $1`", "commerce/drops TestOrderWithinItsTime"},
	{"commerce/drops/step.go", "AND n.state IN ('due', 'sending'))`, func(tx", "AND n.state = '')`, func(tx", "commerce/drops TestOpensOnceEverybodyIsTold"},
	{"commerce/drops/step.go", "OR mode = 'invite' AND", "OR mode = '' AND", "commerce/drops TestInviteInQuietHours"},
	{migrations + "0041_dropmode.sql", "UPDATE drops SET mode = 'invite' WHERE terms LIKE '%\"Mode\":\"invite\"%';", "", "commerce/drops TestModeOfOldDrops"},
	{migrations + "0041_dropmode.sql", "'%\"Mode\":\"draw\"%'", "'%Mode%draw%'", "commerce/drops TestModeOfOldDrops"},
	{"commerce/drops/tell.go", "WHERE t.drop_id = drops.id AND n.state IN ('due', 'sending') AND", "WHERE t.drop_id = drops.id AND n.state = '' AND", "commerce/drops TestFollowersAreTold"},
	{"commerce/drops/drawing.go", "AND n.state IN ('due', 'sending'))", "AND n.state = '')", "commerce/drops TestDrawing"},
	{"commerce/drops/claim.go", "if err != nil || line && e.State != Waits {", "if err != nil {", "bots/shop TestLeavesOnce"},
	{"commerce/drops/claim.go", "return here >= said.Ahead, err", "return here >= 0, err", "commerce/drops TestFirstAtTheGate"},
	{"commerce/drops/claim.go", "|| has > 0 && has >= drop.PerPerson {", "{", "commerce/drops TestPerPerson"},
	{"commerce/drops/claim.go", "if drop.Mode == Invite && have == nil {", "if false {", "commerce/drops TestInvite"},
	{"commerce/drops/claim.go", "if errors.Is(err, ErrTooLate) && !at.New { // not those", "if errors.Is(err, ErrNone) { // not those", "commerce/drops TestAnswerLost"},
	{"commerce/drops/claim.go", "\tif errors.Is(err, ErrTooLate) {\n", "\tif false {\n", "commerce/drops TestTooLateForAnother"},
	{"commerce/drops/claim.go", "if int64(len(mine)) >= max(drop.PerPerson, 1) {", "if len(mine) > 0 {", "commerce/drops TestTooLateForAnother"},
	{"commerce/drops/claim.go", "if int64(len(mine)) >= max(drop.PerPerson, 1) {", "if false {", "commerce/drops TestTooLateForAnother"},
	{"bots/shop/drops.go", "v.aside() && mine.ID == \"\" {", "v.aside() {", "bots/shop TestTooLateForAnother"},
	{"bots/shop/drops.go", "if errors.Is(err, drops.ErrTooLate) && mine.ID == \"\" {", "if errors.Is(err, drops.ErrTooLate) {", "bots/shop TestTooLateForAnother"},
	{"commerce/drops/claim.go", "err == nil && (said.Verdict != live.In || e.Place != said.Seq) && drop", "false && drop", "commerce/drops TestGateBehind"},
	{"commerce/drops/gate.go", "\t\tsaid, err = gate.ClaimAt(ctx, at.Tapped, who, line)\n\t}\n\tswitch {", "\t\treturn live.Answer{}, nil\n\t}\n\tswitch {", "commerce/drops TestGateDoubted"},
	{"commerce/live/gate.go", "then next = was[4] end", "then next = next end", "commerce/drops TestGateDoubted"},
	{"commerce/drops/claim.go", "waiting += line", "", "commerce/drops TestAllotments"},
	{"config/drops.go", "labelOf(said, label); known != label {", "labelOf(said, label); known == \"?\" {", "config TestVariantTwice"},
	{"config/drops.go", "kept[label] > all.N() && all != \"\"", "false", "config TestDropProblems"},
	{"commerce/drops/invite.go", "if drop.Waiting() == 0 && drop.Free() > 0 {", "if drop.Free() > 0 {", "commerce/drops TestInviteInQuietHours"},
	{"commerce/drops/invite.go", "|| e.Order != \"\" || !d", "|| !d", "commerce/drops TestInviteOfSizes"},
	{"commerce/drops/invite.go", "if e.Member != m || !drop.anyOf() {", "if !drop.anyOf() {", "commerce/drops TestInviteOfSizes"},
	{"commerce/drops/orders.go", "&& (!drop.anyOf() || drop.Left() == 0) {", "{", "commerce/drops TestInviteOfSizes"},
	{"commerce/drops/rules.go", "if by < 0 {", "if false {", "commerce/drops TestWhoMayTakePart"},
	{"commerce/drops/rules.go", "AND of_id = $2 AND created_at <= $3`, m, r.Brand", "AND of_id = $2 AND $3 = $3`, m, r.Brand", "commerce/drops TestWhoMayTakePart"},
	{"commerce/drops/rules.go", "if !p.First() || by >= 0 && p.Who[by].First {", "if true {", "commerce/drops TestDrawFirst"},
	{"commerce/drops/people.go", "e.Tier < m.Tier || ", "", "commerce/drops TestDrawFirst"},
	{"commerce/drops/tell.go", "AND s.created_at < drop_subscribers.created_at)", "AND s.created_at < 0)", "commerce/drops TestLinkedAsk"},
	{"commerce/drops/rules.go", "AND creator_id = $2 AND created_at <= $3`", "AND creator_id = $2 AND $3 = $3`", "commerce/drops TestWhoMayTakePart"},
	{"commerce/drops/store.go", "AND d.spilled = 1)`", ")`", "commerce/drops TestAllotments"},
	{"commerce/drops/orders.go", "until = last //", "_ = last //", "commerce/drops TestInvite"},
	{"commerce/drops/plans.go", "WHERE id = $1 AND version = $2 AND state = 'draft'`", "WHERE id = $1 AND $2 > 0`", "commerce/drops TestPlanInChat"},
	{"commerce/drops/plans.go", "|| !same(have.Plan, p)) {", ") {", "commerce/drops TestPlanChangedWhileAnnounced"},
	{"commerce/drops/plans.go", "changed_at = $4\n\t\t\tWHERE id = $1 AND state IN ('draft', 'planned')`", "changed_at = $4\n\t\t\tWHERE id = $1`", "commerce/drops TestPlanInChat"},
	{"commerce/drops/amend.go", "if by < 0 {", "if false {", "commerce/drops TestAmendRefused"},
	{"commerce/drops/amend.go", "if drop.State == Closed {", "if false {", "commerce/drops TestAmendDraw"},
	{"commerce/drops/amend.go", "if drop.State != Announced || a.Opens.Before(drop.Opens) {", "if a.Opens.Before(drop.Opens) {", "commerce/drops TestAmendRefused"},
	{"commerce/drops/amend.go", "if a.PayWithin < drop.PayWithin {", "if false {", "commerce/drops TestAmendRefused"},
	// A group price.
	{"commerce/drops/claim.go", "said.Verdict == live.In && said.Seq <= have.Place {", "said.Verdict == live.In && false {", "commerce/drops TestPlaceThatIsOver"},
	{"commerce/drops/claim.go", "if err = at.May(); err != nil {", "if err = at.May(); false {", "commerce/drops TestFasterThanPeople"},
	{"commerce/drops/claim.go", "if err == nil && at.tapped(d.Clock.Now()).Before(opens) {", "if err == nil && d.Clock.Now().Before(opens) {", "commerce/drops TestTappedBeforeTheOpening"},
	{"commerce/drops/rules.go", "AND e.bot <> '' AND e.drop_id <> $1", "AND e.drop_id <> $1", "commerce/drops TestWhoMayTakePart"},
	{"commerce/drops/claim.go", "return e.live() && e.Place == said.Seq", "return e.live()", "commerce/drops TestTooFastForAnother"},
	{"commerce/drops/gate.go", "drop.Spilled && was[drop.ID] != state+behind", "drop.Spilled", "commerce/drops TestGateBehindAfterTheSpill"},
	{"commerce/drops/orders.go", "if !d.handsOut(drop) && drop.Waiting() > 0 {", "if false {", "commerce/drops TestLateMoneyInAPause"},
	{"commerce/drops/orders.go", "if !d.handsOut(drop) && drop.Waiting() > 0 {", "if drop.Paused && drop.Waiting() > 0 {", "commerce/drops TestLateMoneyInQuietHours"},
	{"commerce/drops/orders.go", "if !d.handsOut(drop) && drop.Waiting() > 0 {", "if !d.handsOut(drop) {", "commerce/drops TestLateMoneyInAPause"},
	{"bots/shop/drops_odds.go", "errors.Is(err, drops.ErrNotFor) && v.unseenRoles(d):", "errors.Is(err, drops.ErrNotFor) && false:", "bots/shop TestWhyOfRoles"},
	{"bots/shop/drops_odds.go", "|| v.unseenRoles(d) || d.ID == last", "|| d.ID == last", "bots/shop TestWhyOfRoles"},
	{"bots/shop/drops_odds.go", "return len(v.ev.From.Roles) == 0 && ", "return ", "bots/shop TestWhyOfRoles"},
	{"commerce/live/gate_claims.go", "return a.at.Compare(b.at)", "return 0", "commerce/live TestGateTaps"},
	{"commerce/drops/group.go", "WHERE id = $1 AND state = 'open'`, e.Drop)", "WHERE id = $1`, e.Drop)", "commerce/checkout TestGroupPriceLetsGo"},
	{"commerce/drops/group.go", "if held && reached {", "if held {", "commerce/checkout TestGroupPriceMissed"},
	{"commerce/drops/group.go", "drop.Mode != Group || drop.State != Open {\n\t\treturn err\n\t}\n\treturn orders.LetGo", "drop.Mode == Group || drop.State != Open {\n\t\treturn err\n\t}\n\treturn orders.LetGo", "commerce/checkout TestGroupPriceForgotten"},
	{"commerce/drops/group.go", "AND o.held_at > 0 AND o.expires_at >= $2)`", "AND o.held_at > 0 AND $2 > 0)`", "commerce/checkout TestGroupPriceForgotten"},
	{"commerce/drops/group.go", "o.held > 0 && o.ends >= ", "o.held > 0 && o.ends > 0*", "commerce/checkout TestGroupPriceForgotten"},
	{"commerce/drops/group.go", "errors.Is(err, members.ErrUnknown) {", "errors.Is(err, members.ErrUnknown) && false {", "commerce/checkout TestGroupPriceForgotten"},
	{"commerce/drops/control.go", "if drop.Mode == Group { // whatever", "if false { // whatever", "commerce/checkout TestGroupPriceCancelled"},
	{"commerce/checkout/place.go", "AND held_at = 0`, []any{m}", "`, []any{m}", "commerce/checkout TestGroupPriceReached"},
	{"commerce/checkout/later.go", "if p.Capture && p.State == payments.StateOpen {\n\t\t\treturn ErrClosing", "if p.Capture && p.State == payments.StateVoid {\n\t\t\treturn ErrClosing", "commerce/checkout TestGroupPriceUnderFault"},
	{"commerce/checkout/settle.go", "if o.Later() && !p.Capture {", "if false {", "commerce/checkout TestGroupPriceByHand"},
	{"commerce/stock/allotment.go", "UPDATE stock SET held = held + `+uncounted+`, free", "UPDATE stock SET held = held + 0*`+uncounted+`, free", "commerce/stock TestAllotmentCountedAgain"},
	{"commerce/drops/waitlist.go", "told.Add(w.Window())", "w.Clock.Now().Add(w.Window())", "commerce/drops TestWaitlistQuiet"},
	{"commerce/drops/waitlist.go", "if told.After(w.Clock.Now().Add(longestNight)) {", "if false {", "commerce/drops TestWaitlistLongNight"},
	{"commerce/drops/waitlist.go", "longestNight = 12 * time.Hour", "longestNight = 11 * time.Hour", "commerce/drops TestWaitlistLongNight"},
	{"commerce/checkout/refunds.go", `if r.Reason == "late" ||`, `if r.Reason == "" ||`, "commerce/checkout TestSecondPaymentGoesBack"},
	{"commerce/checkout/worker.go", "(steps = '' OR held_at > 0 OR checked_at <= $2)", "(steps = '' OR held_at >= 0 OR checked_at <= $2)", "commerce/checkout TestGroupPriceWaitsForStripe"},
	{"commerce/payments/intents.go", "AmountToCapture: stripe.Int64(cents)", "AmountToCapture: stripe.Int64(cents - 1)", "commerce/checkout TestGroupPriceReached"},
	{"commerce/checkout/onetap.go", "WHERE id = $1 AND state = 'pending' AND held_at > 0 AND expires_at > $2`", "WHERE id = $1 AND state = '' AND expires_at > $2`", "commerce/checkout TestGroupPriceLetsGo"},
	{"commerce/drops/gate.go", "drop.Spilled, drop.Total())", "drop.Spilled)", "commerce/drops TestAmend"},
	{"commerce/stock/allotment.go", "AND variant_id = $2 AND closed = 0`, id, l.Variant, l.Quantity)", "AND variant_id = $2`, id, l.Variant, l.Quantity)", "commerce/stock TestAllotment"},
	{"commerce/drops/objections.go", "|| e.State != Waits && e.State != Won || e.Order != \"\" {", "{", "commerce/drops TestObjection"},
	{"commerce/drops/amend.go", "if drop.Mode.authorises() && drop.State != Announced {", "if false {", "commerce/drops TestAmendAgreed"},
	{"commerce/drops/amend.go", "drop.Closes.Sub(drop.Opens) > lasts {", "drop.Closes.Sub(drop.Opens) > 2*lasts {", "commerce/drops TestAmendAgreed"},
	{"commerce/drops/objections.go", "if err == nil && e.Member != m {", "if false {", "commerce/drops TestObjection"},
	{"commerce/drops/claim.go", "if err == nil && back {", "if err == nil && back && false {", "commerce/drops TestObjection"},
	{migrations + "0027_drops.sql", "CHECK (quantity >= 0)", "", theTables + "more_set_aside_than_there_is"},
	{migrations + "0037_pools.sql", "CHECK (claimed + sold <= units),\n  PRIMARY KEY (drop_id, variant_id, community_id)", "PRIMARY KEY (drop_id, variant_id, community_id)", theTables + "more_claimed_than_there_is"},
	{migrations + "0027_drops.sql", "CREATE UNIQUE INDEX drop_entries_member", "CREATE INDEX drop_entries_member", theTables + "two_places_of_one_member"},
	// Waitlists.
	{"commerce/stock/stock.go", "free - (`+awaited+`) >= $2", "free >= $2 + 0 * (`+awaited+`)", "commerce/drops TestWaitlistEveryWayBack"},
	{"commerce/stock/levels.go", "Free: free - waiting, Awaited: waiting,", "Free: free, Awaited: 0 * waiting,", "commerce/drops TestWaitlistLevels"},
	{"commerce/drops/waitlist.go", "if err := stock.CloseAllotment(tx, p.Claim()); err != nil {", "if err := error(nil); err != nil {", "commerce/drops TestWaitlist"},
	{"commerce/drops/waitlist.go", "AND kept_until <= $1 AND order_id = ''", "AND kept_until <= $1", "commerce/drops TestWaitlistOrders"},
	{"commerce/drops/waitlist.go", "AND v.hidden = 0 AND p.hidden = 0 ", "", "commerce/drops TestWaitlistOfHiddenGoods"},
	{"commerce/drops/waitlist_orders.go", "|| !w.Clock.Now().Before(p.Until) ", "", "commerce/drops TestWaitlistOverdue"},
	{"commerce/drops/waitlist_orders.go", "if p.Member != o.Member ||", "if", "commerce/drops TestWaitlistOrders"},
	{"commerce/drops/waitlist_orders.go", "SET order_id = $2 WHERE id = $1 AND state = 'kept' AND order_id = ''`, p.ID", "SET order_id = $2 WHERE id = $1`, p.ID", "commerce/drops TestWaitlistOrders"},
	{"commerce/drops/waitlist_orders.go", "if w.Clock.Now().Before(p.Until) {", "if false {", "commerce/drops TestWaitlistOrders"},
	{migrations + "0032_waitlist.sql", "CREATE UNIQUE INDEX waitlist_waits", "CREATE INDEX waitlist_waits", theTables + "two_places_of_one_member_on_a_waitlist"},
	{migrations + "0032_waitlist.sql", "CREATE UNIQUE INDEX waitlist_place", "CREATE INDEX waitlist_place", theTables + "one_place_of_two_on_a_waitlist"},
	// Orders.
	{"commerce/orders/orders.go", "` WHERE id = $1 AND state = $2`, args...)", "` WHERE id = $1 AND $2 <> ''`, args...)", "commerce/orders TestOneWins"},
	{"commerce/orders/orders.go", "if !may(from, to) {", "if false {", "commerce/orders TestStates"},
	{"commerce/checkout/place.go", "if r.Quote.Digest() != digest {", "if false {", "commerce/checkout TestAttackCartGrows"},
	{"commerce/checkout/place.go", "if len(earlier) > 0 {", "if false {", "commerce/checkout TestSameQuoteSameOrder"},
	{migrations + "0005_orders.sql", "number      BIGINT NOT NULL UNIQUE", "number      BIGINT NOT NULL", theTables + "two_orders_of_one_number"},
	{migrations + "0005_orders.sql", "token       TEXT NOT NULL UNIQUE", "token       TEXT NOT NULL", theTables + "two_orders_behind_one_pay_link"},
	{migrations + "0005_orders.sql", "CHECK (total >= 0)", "", theTables + "a_total_below_zero"},
	{migrations + "0005_orders.sql", "('pending', 'closing', 'lapsed', 'paid',", "('nearly paid', 'pending', 'closing', 'lapsed', 'paid',", theTables + "an_order_in_a_state_that_is_none"},
	// Payments.
	{"commerce/payments/payment.go", "case e.Live():\n\t\t\treturn e, nil\n", "", "commerce/checkout TestFaults"},
	{"commerce/payments/payment.go", "case e.State == StatePaid:\n\t\t\treturn Payment{}, ErrPaid\n", "", "commerce/payments TestPaymentFromStartToPaid"},
	{"commerce/payments/payment.go", "WHERE id = $1 AND paid_at = 0\"", "WHERE id = $1\"", "commerce/payments TestPaymentFromStartToPaid"},
	{"commerce/payments/payment.go", `fmt.Sprintf("order:%s:pay:%d", p.Order, p.Attempt)`, `fmt.Sprintf("order:%s:pay:%d:%s", p.Order, p.Attempt, time.Now())`, "commerce/payments TestPaymentFromStartToPaid"},
	{"commerce/payments/sessions.go", "if open, ok, err := s.opened(ctx, c); ok || err != nil {", "if open, ok, err := s.opened(ctx, c); ok && false {", "commerce/payments TestFaults"},
	{"commerce/payments/refunding.go", "if try > 0 || r.Tries > 0 {", "if false {", "commerce/payments TestPartRefundTwice"},
	{"commerce/payments/payment.go", "AND NOT EXISTS (SELECT 1 FROM payments other\n\t\t\tWHERE other.order_id = payments.order_id AND other.state = 'paid')", "", "commerce/payments TestTwoCapturesPayOnce"},
	{"commerce/payments/payment.go", "SET state = 'void' WHERE id = $1 AND state IN ('creating', 'open')", "SET state = 'void' WHERE id = $1", "commerce/payments TestPaymentFromStartToPaid"},
	{"commerce/checkout/settle.go", "|| p.Captured() {", "{", "commerce/checkout TestFaults"},
	{migrations + "0006_payments.sql", "CREATE UNIQUE INDEX payments_capture", "CREATE INDEX payments_capture", theTables + "two_captures_of_one_order"},
	{migrations + "0006_payments.sql", "key        TEXT NOT NULL UNIQUE,      -- idempotency", "key        TEXT NOT NULL,      -- idempotency", theTables + "one_idempotency_key_for_two_payments"},
	{migrations + "0006_payments.sql", "CREATE UNIQUE INDEX payments_session", "CREATE INDEX payments_session", theTables + "one_session_for_two_payments"},
	{migrations + "0006_payments.sql", "UNIQUE (order_id, attempt)", "CHECK (attempt > 0)", theTables + "one_attempt_twice"},
	// A hold lives as long as somebody can pay.
	{"commerce/checkout/close.go", "if actor == \"clock\" { // who", "if false { // who", "commerce/checkout TestGroupPriceInTime"},
	{"commerce/checkout/close.go", "if p.Live() || p.State == payments.StatePaid {", "if false {", "commerce/checkout TestUndecidedKeepsUnits"},
	{"commerce/checkout/close.go", "if payments.Ambiguous(err) {", "if false {", "commerce/checkout TestStripeIsDown"},
	{"commerce/checkout/enter.go", "if o.State != orders.Pending || o.Held() || !c.Clock.Now().Before(o.ExpiresAt) {", "if o.State != orders.Pending || o.Held() {", "commerce/checkout TestLinkAfterHold"},
	// Refunds.
	{"commerce/payments/refund.go", "due_at = $4\n\t\tWHERE id = $1 AND state = 'due'`", "due_at = $4\n\t\tWHERE id = $1`", "commerce/checkout TestFailureOvertakesAnswer"},
	{migrations + "0006_payments.sql", "key        TEXT NOT NULL UNIQUE,\n", "key        TEXT NOT NULL,\n", theTables + "one_idempotency_key_for_two_refunds"},
	{migrations + "0006_payments.sql", "CHECK (amount > 0)", "", theTables + "a_refund_of_nothing"},
	// The inbox, and who is told.
	{"commerce/payments/inbox.go", "commerce.Micros(now.Add(lease))", "commerce.Micros(now)", "commerce/payments TestInbox"},
	{"commerce/payments/verify.go", "if hmac.Equal(mac, want) {", "if hmac.Equal(mac, want) || true {", "commerce/payments TestVerify"},
	{"commerce/payments/verify.go", "off > Tolerance || off < -Tolerance", "off == 1", "commerce/payments TestVerify"},
	{migrations + "0006_payments.sql", "event_id    TEXT PRIMARY KEY", "event_id    TEXT NOT NULL", theTables + "one_event_twice"},
	{migrations + "0007_notices.sql", "once       TEXT NOT NULL UNIQUE,", "once       TEXT NOT NULL,", theTables + "the_same_told_twice"},
	// The books and what can be spent.
	{"commerce/rewards/rewards.go", "if sum.Amount != 0 {", "if false {", "commerce/rewards TestPost"},
	{"commerce/rewards/balance.go", "WHERE account = $1 AND currency = $2 AND free >= $3`, a, amount.Currency", "WHERE account = $1 AND currency = $2`, a, amount.Currency", "commerce/rewards TestTwoDevicesOneBalance"},
	{"commerce/rewards/balance.go", "WHERE account = $1 AND currency = $2 AND free >= $3`,\n\t\te.Account", "WHERE account = $1 AND currency = $2`,\n\t\te.Account", "commerce/rewards TestBalance"},
	{migrations + "0008_rewards.sql", "id       TEXT PRIMARY KEY", "id       TEXT NOT NULL", theTables + "one_cause_booked_twice"},
	{migrations + "0008_rewards.sql", "PRIMARY KEY (posting_id, line)", "CHECK (line >= 0)", theTables + "one_line_of_the_books_twice"},
	{migrations + "0009_tender.sql", "CHECK (free >= 0)", "", theTables + "a_balance_below_zero"},
	{migrations + "0009_tender.sql", "CHECK (held >= 0)", "", theTables + "less_than_nothing_held_of_a_balance"},
	{migrations + "0009_tender.sql", "CHECK (amount > 0)", "", theTables + "a_balance_held_for_nothing"},
	{migrations + "0009_tender.sql", "PRIMARY KEY (order_id, account, currency)", "CHECK (account <> '')", theTables + "a_balance_held_twice_for_one_order"},
	// What later parts brought: cards, invoices, codes, gift cards, parts given back, returns.
	{"commerce/payments/telegram.go", "\n\t\tAND NOT EXISTS (SELECT 1 FROM invoices i WHERE i.payment_id = payments.id AND i.pinned_until > $2)", "\n\t\tAND $2 > 0", "commerce/checkout TestPinned"},
	{"commerce/payments/telegram.go", `WHERE payment_id = $1 AND receipt = ''"`, `WHERE payment_id = $1"`, "commerce/checkout TestInvoicePaidTwice"},
	{"commerce/checkout/invoice.go", "case o.Member != m:", "case false:", "commerce/checkout TestInvoiceRefusals"},
	{"commerce/checkout/invoice.go", "case i.Pinned(now):", "case false:", "commerce/checkout TestPinned"},
	{"commerce/payments/payment.go", `SET intent = $2 WHERE id = $1 AND intent = ''"`, `SET intent = $2 WHERE id = $1"`, "commerce/payments TestOneIntent"},
	{"commerce/checkout/onetap.go", "case o.Member != m || !ok:", "case !ok:", "commerce/checkout TestChargeOthersOrder"},
	{"commerce/payments/giveback.go", "WHERE order_id = $1 AND back + $2 <= value AND back_card + $3 <= card`", "WHERE order_id = $1`", "commerce/payments TestGivebacksEnd"},
	{"commerce/payments/giveback.go", "errors.Is(err, ErrUnknown) || err == nil && g.State == to {", "errors.Is(err, ErrUnknown) {", "commerce/payments TestGivebacksEnd"},
	{"commerce/payments/refund.go", " AND refunded + $2 <= amount`", "`", "commerce/payments TestRefundsEnd"},
	{"commerce/rewards/part.go", "if known, err := Posted(tx, p.ID); err != nil || known {", "if err := error(nil); err != nil {", "commerce/checkout TestRefundFailsLater"},
	{"commerce/promotions/uses.go", "WHERE code = $1 AND order_id = ''`, code, order)", "WHERE code = $1`, code, order)", "commerce/checkout TestVoucherOnce"},
	{"commerce/promotions/waiting.go", "WHERE id = $1 AND claimed < $2`", "WHERE id = $1 AND $2 > 0`", "commerce/checkout TestOfferAppliesItself"},
	{"commerce/giftcards/giftcards.go", "WHERE code_hash = $1 AND state = 'issued'`, hash(code), m", "WHERE code_hash = $1`, hash(code), m", "commerce/giftcards TestRedeemOnce"},
	{"commerce/giftcards/giftcards.go", "WHERE id = $1 AND buyer = $2 AND state = 'issued'`, id, m, commerce", "WHERE id = $1 AND buyer = $2`, id, m, commerce", "commerce/giftcards TestTakeBack"},
	{"commerce/giftcards/giftcards.go", "AND redeemed_by IN ('', buyer) AND state", "AND state", "commerce/giftcards TestTakeBack"},
	{"commerce/giftcards/giftcards.go", "AND state <> 'void' AND amount = COALESCE((", "AND state <> 'void' AND amount >= COALESCE((", "commerce/giftcards TestCancel"},
	{"commerce/fulfilment/returns.go", "decided_at = $3 WHERE id = $1 AND state = 'asked'`", "decided_at = $3 WHERE id = $1`", "commerce/checkout TestReturn"},
	{"commerce/fulfilment/returns.go", "arrived_at = $2 WHERE id = $1 AND state = 'approved'`", "arrived_at = $2 WHERE id = $1`", "commerce/checkout TestReturn"},
	{"commerce/fulfilment/returns.go", "done_at = $4 WHERE id = $1 AND state = 'arrived'`", "done_at = $4 WHERE id = $1`", "commerce/checkout TestReturn"},
	{"commerce/fulfilment/parcels.go", "\n\t\t\tAND packed + dropped + $3 <= bought", "", "commerce/fulfilment TestParcel"},
	{"commerce/fulfilment/parcels.go", " WHERE id = $1 AND state = 'packed'", " WHERE id = $1", "commerce/fulfilment TestParcel"},
	{"commerce/fulfilment/parcels.go", "\n\t\t\tAND shipped + $3 <= packed", "", "commerce/fulfilment TestParcel"},
	{"commerce/fulfilment/parcels.go", " WHERE id = $1 AND state = 'shipped'", " WHERE id = $1", "commerce/fulfilment TestParcel"},
	{"commerce/fulfilment/parcels.go", "|| p.State != Packed {", "{", "commerce/fulfilment TestParcel"},
	{"commerce/fulfilment/fulfilment.go", "\n\t\tAND packed + dropped + $3 <= bought", "", "commerce/fulfilment TestParcel"},
	{"commerce/fulfilment/fulfilment.go", "refunded + $3 <= bought AND ", "", "commerce/fulfilment TestRefundUnits"},
	{"commerce/fulfilment/fulfilment.go", " AND refunded + $3 >= 0", "", "commerce/fulfilment TestRefundUnits"},
	{"commerce/fulfilment/returns.go", "claimed + $3 <= shipped AND ", "", "commerce/fulfilment TestReturnSteps"},
	{"commerce/fulfilment/returns.go", " AND dropped + refunded + $3 <= bought", "", "commerce/fulfilment TestReturnOfRefunded"},
	{"commerce/fulfilment/returns.go", " AND state IN ('asked', 'approved')", "", "commerce/fulfilment TestReturnSteps"},
	// Invoices in a chat.
	{"commerce/payments/telegram.go", "pinned_until <= $3 AND receipt = ''", "receipt = '' AND $3 > 0", "commerce/payments TestPin"},
	{"commerce/payments/telegram.go", "pinned_until <= $3 AND receipt = ''", "pinned_until <= $3", "commerce/payments TestPin"},
	{"commerce/payments/telegram.go", " AND p.state = 'open' AND p.kind", " AND p.kind", "commerce/payments TestPinNot"},
	{"commerce/payments/telegram.go", " AND p.kind = 'invoice'", "", "commerce/payments TestPinNot"},
	{"commerce/payments/telegram.go", " AND p.currency = $4)", " AND $4 <> '')", "commerce/payments TestPin"},
	{"commerce/payments/telegram.go", "AND state = 'creating' AND kind = 'invoice'", "AND kind = 'invoice'", "commerce/payments TestPinNot"},
	{"commerce/payments/telegram.go", "AND state = 'creating' AND kind = 'invoice'", "AND state = 'creating'", "commerce/payments TestPinNot"},
	{"commerce/payments/telegram.go", "(receipt = $1 AND receipt <> '')", "(receipt = $1 AND 1 = 0)", "commerce/payments TestCredit"},
	{"commerce/payments/telegram.go", "(charge = $2 AND charge <> '')", "($2 = '' AND charge <> '')", "commerce/payments TestCredit"},
	{"commerce/payments/telegram.go", " AND charge <> '')", ")", "commerce/payments TestCredit"},
	{"commerce/payments/telegram.go", "State: StateVoid, ", "State: StateOpen, ", "commerce/payments TestCredit"},
	// Payouts to brands.
	{"commerce/payments/transfers.go", "if try > 0 || tries > 0 {", "if false {", "commerce/payments TestTransferFaults"},
	{"commerce/payouts/payouts.go", "if p.Asked.Amount == 0 {", "if true {", "commerce/payouts TestPayout"},
	{"commerce/payouts/payouts.go", "WHERE id = $1 AND state = 'held' AND asked > 0`", "WHERE id = $1`", "commerce/payouts TestPayout"},
	{"commerce/payouts/payouts.go", "asked = $2, due_at = $3,", "asked = $2, due_at = CASE WHEN $3 > 0 THEN due_at END,", "commerce/payouts TestPayout"},
	{"commerce/payouts/payouts.go", "WHERE id = $1 AND key = $2 AND state = 'held'`", "WHERE id = $1 AND $2 <> ''`", "commerce/payouts TestRefused"},
	{"commerce/checkout/reserve.go", "if err := c.takeUses(tx, o, true); err != nil {\n\t\treturn err\n\t}\n", "", "commerce/checkout TestLateMoneyTakesItsCode"},
	{"commerce/payouts/payouts.go", " AND (disputed = 0 OR asked > 0)", "", "commerce/checkout TestDisputeTakesOfBrands"},
	{"commerce/checkout/disputes.go", "return !d.Over() && !d.Inquiry() })\n\treturn payouts", "return !d.Inquiry() })\n\treturn payouts", "commerce/checkout TestDisputeTakesOfBrands"},
	{"commerce/payments/disputes.go", "WHEN state LIKE 'warning%' AND $2 = 'needs_response' THEN 0", "WHEN $2 = '' THEN 0", "commerce/checkout TestInquiry"},
	{"commerce/payouts/payouts.go", "WHERE id = $1 AND state = 'failed'`", "WHERE id = $1`", "commerce/payouts TestRefused"},
	{"commerce/payouts/payouts.go", "state = 'held' AND due_at <= $1", "state = 'held' AND $1 > 0", "commerce/payouts TestPayout"},
	{"commerce/payouts/payouts.go", "\"state = 'held' AND due_at", "\"due_at", "commerce/payouts TestPayout"},
	{"commerce/payouts/payouts.go", "key(p, attempt+1))", "key(p, attempt))", "commerce/payouts TestRefused"},
	{"commerce/payouts/payouts.go", "WHERE payout_id = $1 AND state = 'due'`", "WHERE payout_id = $1 AND state = 'done'`", "commerce/payouts TestRefused"},
	{"commerce/payouts/reversals.go", "FROM payouts WHERE id = $2 AND asked > 0", "FROM payouts WHERE id = $2", "commerce/payouts TestPayout"},
	{"commerce/payouts/reversals.go", "AND r.due_at <= $1", "AND $1 > 0", "commerce/payouts TestPayout"},
	{"commerce/payouts/payouts.go", "due_at = $3 WHERE id = $1 AND state = 'held'", "due_at = $3 WHERE id = $1", "commerce/payouts TestRefundedMeanwhile"},
	{"commerce/payouts/payouts.go", "CASE WHEN less = amount THEN 'void' ELSE 'failed' END", "'failed'", "commerce/payouts TestRefundedMeanwhile"},
	{"commerce/payouts/reversals.go", "CASE WHEN asked = 0 AND less", "CASE WHEN less", "commerce/payouts TestRefundedMeanwhile"},
	{"commerce/payouts/reversals.go", "amount.Currency != p.Amount.Currency || ", "", "commerce/payouts TestReductions"},
	{"commerce/checkout/payouts.go", "take := min(part.Amount, left)", "take := part.Amount", "commerce/checkout TestPartsOfCents"},
	{"commerce/checkout/payouts.go", "\t\t\ttake = left\n", "\t\t\t_ = left\n", "commerce/checkout TestPartsOfCents"},
	{"commerce/payouts/reversals.go", "err != nil || known > 0 {", "err != nil {", "commerce/payouts TestPayout"},
	{"commerce/payouts/reversals.go", "WHERE id = $1 AND less + $2 <= amount`", "WHERE id = $1`", "commerce/payouts TestRefundsTakeNoMore"},
	{"commerce/payouts/reversals.go", " AND p.state = 'sent' ORDER", " ORDER", "commerce/payouts TestPayout"},
	{"commerce/payouts/reversals.go", "problem = '' WHERE id = $1 AND state = 'due'`", "problem = '' WHERE id = $1`", "commerce/payouts TestPayout"},
	{migrations + "0023_payouts.sql", "UNIQUE (order_id, brand_id)", "CHECK (order_id <> '')", theTables + "a_second_payout_of_a_brand_for_one_order"},
	{migrations + "0023_payouts.sql", "key        TEXT NOT NULL UNIQUE,       -- idempotency key of the transfer", "key        TEXT NOT NULL,", theTables + "one_idempotency_key_for_two_transfers"},
	{migrations + "0023_payouts.sql", "CHECK (less >= 0 AND less <= amount)", "CHECK (less >= 0)", theTables + "refunds_of_more_than_a_payout"},
	{migrations + "0023_payouts.sql", "CHECK (asked >= 0 AND asked <= amount)", "CHECK (asked >= 0)", theTables + "a_transfer_of_more_than_a_payout"},
	{migrations + "0023_payouts.sql", "CHECK ((state = 'sent') = (transfer <> ''))", "CHECK (amount > 0)", theTables + "a_payout_sent_without_a_transfer"},
	{migrations + "0023_payouts.sql", "id        TEXT PRIMARY KEY,            -- of the refund", "id        TEXT NOT NULL,            -- of the refund", theTables + "one_refund_taken_twice_of_a_payout"},
	{migrations + "0023_payouts.sql", "key        TEXT NOT NULL UNIQUE,       -- idempotency key\n", "key        TEXT NOT NULL,\n", theTables + "one_idempotency_key_for_two_reversals"},
	{"commerce/payments/refund.go", " AND tries = $3`", " AND $3 >= 0`", "commerce/payments TestOldNews"},
	{"commerce/checkout/settle.go", "if m.amount != p.Amount {", "if false {", "commerce/checkout TestInvoiceOtherAmount"},
	{"commerce/promotions/uses.go", "WHERE id = $1 AND used < $2`", "WHERE id = $1 AND $2 > 0`", "commerce/promotions TestLimits"},
	{"commerce/promotions/uses.go", " WHERE promotion_members.used < $3`", " WHERE $3 > 0`", "commerce/promotions TestLimits"},
	// Disputes.
	{"commerce/checkout/giveback.go", "if err := undisputed(tx, o.ID); err != nil {", "if err := undisputed(tx, o.ID); err != nil && false {", "commerce/checkout TestDisputeEnds"},
	{"commerce/checkout/disputes.go", "if d.State != payments.DisputeWon && !d.Inquiry() {", "if d.State != payments.DisputeWon {", "commerce/checkout TestInquiry"},
	{"commerce/checkout/disputes.go", "if d.State != payments.DisputeWon && !d.Inquiry() {", "if !d.Inquiry() {", "commerce/checkout TestDisputeEnds"},
	{"commerce/checkout/disputes.go", "\tif !d.Inquiry() {\n", "\tif true {\n", "commerce/checkout TestInquiry"},
	{"commerce/checkout/disputes.go", "before.ID == \"\" || before.Inquiry() && !d.Inquiry() {", "before.ID == \"\" {", "commerce/checkout TestInquiry"},
	{"commerce/checkout/payouts.go", "case payments.Ambiguous(e) || commerce.KindOf(e) == commerce.Unavailable:", "case false:", "commerce/checkout TestPayoutsThroughFaults"},
	{"commerce/checkout/payouts.go", "if !payments.Ambiguous(e) && commerce.KindOf(e) != commerce.Unavailable {", "if true {", "commerce/checkout TestPayoutsThroughFaults"},
	{"commerce/payments/disputes.go", "&& now.Before(d.DueAt)", "", "commerce/payments TestDisputeStands"},
	{"commerce/payments/disputes.go", "closed_at = $4 WHERE id = $1 AND closed_at = 0", "closed_at = $4 WHERE id = $1", "commerce/payments TestKeepDispute"},
	{"commerce/payments/disputes.go", "\n\t\tAND NOT (state = 'under_review' AND $2 = 'needs_response')", "", "commerce/payments TestKeepDispute"},
	{"commerce/payments/disputes.go", "AND answered_at = 0 AND closed_at = 0`", "AND closed_at = 0`", "commerce/payments TestKeepDispute"},
	{"commerce/payments/disputes.go", "AND answered_at = 0 AND closed_at = 0`", "AND answered_at = 0`", "commerce/payments TestKeepDispute"},
	{"commerce/payments/disputes.go", "AND answered_at = 0 AND due_at < $1", "AND due_at < $1", "commerce/payments TestUnanswered"},
	{"commerce/checkout/disputes.go", "if d.DueAt.Sub(now) > answerBefore {", "if false {", "commerce/checkout TestDisputeAnswersItself"},
	{"commerce/orders/people.go", "d.order_id = orders.id AND d.closed_at = 0", "d.order_id = ''", "commerce/checkout TestForgetDisputed"},
	{"commerce/orders/people.go", "b.order_id = orders.id AND b.state IN ('held', 'failed')", "b.order_id = ''", "commerce/checkout TestForgetDisputed"},
	// The same in their tables.
	{migrations + "0010_cards.sql", "CREATE UNIQUE INDEX orders_once", "CREATE INDEX orders_once", theTables + "two_orders_of_one_press"},
	{migrations + "0010_cards.sql", "method    TEXT NOT NULL UNIQUE,", "method    TEXT NOT NULL,", theTables + "one_card_kept_twice"},
	{migrations + "0010_cards.sql", "CREATE UNIQUE INDEX cards_preferred", "CREATE INDEX cards_preferred", theTables + "two_cards_proposed_first"},
	{migrations + "0011_invoices.sql", "CREATE UNIQUE INDEX payments_live", "CREATE INDEX payments_live", theTables + "two_ways_to_pay_at_once"},
	{migrations + "0011_invoices.sql", "CHECK (charge = '' OR receipt <> '')", "CHECK (asks >= 0)", theTables + "a_charge_without_a_receipt"},
	{migrations + "0011_invoices.sql", "CREATE UNIQUE INDEX invoices_receipt", "CREATE INDEX invoices_receipt", theTables + "one_receipt_for_two_invoices"},
	{migrations + "0011_invoices.sql", "CREATE UNIQUE INDEX invoices_charge", "CREATE INDEX invoices_charge", theTables + "one_charge_for_two_invoices"},
	{migrations + "0012_promotions.sql", "used    BIGINT NOT NULL DEFAULT 0 CHECK (used >= 0),", "used    BIGINT NOT NULL DEFAULT 0,", theTables + "a_promotion_used_less_than_never"},
	{migrations + "0012_promotions.sql", "PRIMARY KEY (order_id, promotion_id)", "CHECK (order_id <> '')", theTables + "one_promotion_twice_in_an_order"},
	{migrations + "0012_promotions.sql", "CREATE UNIQUE INDEX promotion_uses_once", "CREATE INDEX promotion_uses_once", theTables + "a_code_that_serves_once_in_two_orders"},
	{migrations + "0013_giftcards.sql", "order_id    TEXT NOT NULL UNIQUE,", "order_id    TEXT NOT NULL,", theTables + "two_gift_cards_of_one_order"},
	{migrations + "0013_giftcards.sql", "code_hash   TEXT UNIQUE,", "code_hash   TEXT,", theTables + "one_code_for_two_gift_cards"},
	{migrations + "0013_giftcards.sql", "CHECK ((state = 'issued') = (redeemed_by = '') OR state = 'void')", "CHECK (amount > 0)", theTables + "a_gift_card_redeemed_by_nobody"},
	{migrations + "0013_giftcards.sql", "amount      BIGINT NOT NULL CHECK (amount > 0),", "amount      BIGINT NOT NULL,", theTables + "a_gift_card_of_nothing"},
	{migrations + "0014_aftersale.sql", " CHECK (refunded >= 0 AND refunded <= amount)", "", theTables + "more_refunded_than_captured"},
	{migrations + "0014_aftersale.sql", " CHECK (back >= 0 AND back <= value)", "", theTables + "more_given_back_than_was_taken"},
	{migrations + "0014_aftersale.sql", " CHECK (back_card >= 0 AND back_card <= card)", "", theTables + "more_given_back_to_the_card_than_it_paid"},
	{migrations + "0014_aftersale.sql", " CHECK (value > 0)", "", theTables + "a_giveback_of_nothing"},
	{migrations + "0014_aftersale.sql", " CHECK (card >= 0 AND card <= value)", "", theTables + "a_giveback_of_which_the_card_has_more_than_all"},
	{migrations + "0014_aftersale.sql", "CHECK (packed + dropped <= bought)", "CHECK (bought >= 0)", theTables + "more_packed_than_bought"},
	{migrations + "0014_aftersale.sql", "CHECK (shipped <= packed)", "CHECK (bought >= 0)", theTables + "more_sent_than_packed"},
	{migrations + "0014_aftersale.sql", "CHECK (claimed <= shipped)", "CHECK (bought >= 0)", theTables + "more_claimed_than_sent"},
	{migrations + "0014_aftersale.sql", " CHECK (refunded >= 0 AND refunded <= bought)", "", theTables + "more_units_refunded_than_bought"},
	{migrations + "0014_aftersale.sql", " CHECK (returned >= 0 AND returned <= quantity)", "", theTables + "more_units_back_than_sold"},
	{migrations + "0015_papers.sql", "UNIQUE (brand_id, year, seq)", "CHECK (year > 0)", theTables + "one_number_for_two_invoices"},
	{migrations + "0015_papers.sql", "UNIQUE (posting_id, brand_id)", "CHECK (year > 0)", theTables + "two_invoices_of_one_sale"},
	{migrations + "0022_statement.sql", "id              TEXT PRIMARY KEY,", "id              TEXT NOT NULL,", theTables + "one_movement_of_the_balance_twice"},
	// Redis: what is sent twice happens once.
	{"commerce/live/cart.go", "if redis.call('SET', KEYS[1], '1', 'EX', ARGV[1], 'NX') then", "if redis.call('SET', KEYS[1], '1', 'EX', ARGV[1]) then", "commerce/live TestCart"},
	{"commerce/live/tap.go", "'EX', ARGV[2], 'NX') then return 0 end", "'EX', ARGV[2]) then return 0 end", "commerce/live TestTap"},
}

// TestGuards holds the list to the code, and takes guards out: a few of them,
// or all in the full form.
func TestGuards(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	began, took := time.Now(), 0
	for i, g := range guards {
		name := fmt.Sprintf("%d %s %s", i, filepath.Base(g.file), g.test)
		source, err := os.ReadFile(filepath.Join(root, g.file))
		if err != nil {
			t.Error(err)
			continue
		}
		if strings.Count(string(source), g.text) != 1 {
			t.Errorf("%s: %q stands in %s %d times, want once: has the guard gone?", name, g.text, g.file, strings.Count(string(source), g.text))
			continue
		}
		if !exists(t, root, g) {
			t.Errorf("%s: there is no such test", name)
			continue
		}
		if !torture.Full() && i%len(guards) != 0 {
			continue
		}
		took++
		t.Run(name, func(t *testing.T) {
			mutated := strings.Replace(string(source), g.text, g.instead, 1)
			out, err := without(t, root, g, mutated)
			switch {
			case err == nil:
				t.Errorf("%s passes without the guard", g.test)
			case !strings.Contains(out, "--- FAIL") && !strings.Contains(out, "panic: test timed out"):
				t.Errorf("%s did not run without the guard:\n%s", g.test, out)
			}
		})
	}
	if torture.Full() {
		torture.Figure(t, "%d guards, each taken out once, and its test failed; %s", took, time.Since(began).Round(time.Second))
	}
}

// exists reports whether the test of a guard is there.
func exists(t *testing.T, root string, g guard) bool {
	pkg, test, _ := strings.Cut(g.test, " ")
	test, sub, _ := strings.Cut(test, "/")
	files, err := filepath.Glob(filepath.Join(root, pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "func "+test+"(t *testing.T)") {
			return sub == "" || strings.Contains(string(text), `"`+strings.ReplaceAll(sub, "_", " ")+`"`)
		}
	}
	return false
}

// without runs a guard's test on a tree in which the file is another.
func without(t *testing.T, root string, g guard, mutated string) (string, error) {
	dir := t.TempDir()
	file := filepath.Join(dir, filepath.Base(g.file))
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, g.file): file}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{file: []byte(mutated), filepath.Join(dir, "overlay.json"): overlay} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pkg, test, _ := strings.Cut(g.test, " ")
	var parts []string
	for _, part := range strings.Split(test, "/") {
		parts = append(parts, "^"+regexp.QuoteMeta(part)+"$")
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-timeout=2m", "-vet=off", "-overlay", filepath.Join(dir, "overlay.json"),
		"-run", strings.Join(parts, "/"), "./"+pkg)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "SOUK_TORTURE=", "SOUK_TORTURE_FIGURES=") // their quick form
	out, err := cmd.CombinedOutput()
	return string(out), err
}
