package live

import (
	"time"

	"github.com/soukchat/souk/commerce"
)

// This file builds every key. The rules:
//   - keys used together carry the same hash tag, so that a Redis Cluster
//     serves them from one slot: all of a member's do, and all of a drop's.
//   - every key has a TTL, so that nothing grows with people who left.

const (
	cartTTL   = 30 * 24 * time.Hour
	tappedTTL = 90 * 24 * time.Hour // from the last one on
	talkTTL   = 24 * time.Hour
	answerTTL = 24 * time.Hour // Telegram repeats a message's update for a day
	doneTTL   = 24 * time.Hour // as long: it stands for the answer of a tap that fills the cart

	gateTTL  = 30 * 24 * time.Hour // from the last time it was set; then it is loaded anew
	stageTTL = time.Minute         // between the first and the last call that sets a gate
)

// cartKey is a hash: variant → line as packed by CartLine.pack.
func cartKey(m commerce.MemberID) string { return "souk:{" + string(m) + "}:cart" }

// tappedKey is a hash: pick → when it was opened first and last, milliseconds, as
// first|last.
func tappedKey(m commerce.MemberID) string { return "souk:{" + string(m) + "}:tapped" }

// talkKey is a string: the state of a conversation, opaque here.
func talkKey(m commerce.MemberID, bot, place string) string {
	return "souk:{" + string(m) + "}:talk:" + bot + ":" + place
}

// answerKey is a string: what an event was answered with.
func answerKey(m commerce.MemberID, bot, event string) string {
	return "souk:{" + string(m) + "}:answer:" + bot + ":" + event
}

// doneKey is a string "1": a change with this request id has been made.
func doneKey(m commerce.MemberID, request string) string {
	return "souk:{" + string(m) + "}:done:" + request
}

// codeKey is a string: the value behind a one-time code.
func codeKey(kind, code string) string { return "souk:code:" + kind + ":" + code }

// budgetKey is a string: the theoretical arrival time of a GCRA, microseconds.
func budgetKey(budget string) string { return "souk:{budget:" + budget + "}" }

// spentKey is a string: the answer a budget gave to a request.
func spentKey(budget, request string) string { return "souk:{budget:" + budget + "}:" + request }

// gateKey is a hash, the gate of a drop: member → "seq ahead line", and beside
// the members, whose ids never begin with a colon:
// :gen token of this life of the gate · :by token of who set it last ·
// :n changes so far · :v version of what SQL said last · :open 1 or 0 ·
// :next sequence number to be given next · :room:<line> how many may be in ·
// :in:<line> how many are. One key, so that it is there whole or not at all.
func gateKey(drop string) string { return "souk:{drop:" + drop + "}:gate" }

// tapsKey is a HyperLogLog of the members who looked at a drop, in one scope.
func tapsKey(drop, scope string) string { return "souk:{drop:" + drop + "}:taps:" + scope }

// stageKey is a hash: members on their way into a gate, as in gateKey.
func stageKey(drop, token string) string { return "souk:{drop:" + drop + "}:stage:" + token }
