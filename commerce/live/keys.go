package live

import (
	"time"

	"github.com/soukchat/souk/commerce"
)

// This file builds every key. The rules:
//   - keys used together carry the same hash tag, so that a Redis Cluster
//     serves them from one slot: all of a member's do.
//   - every key has a TTL, so that nothing grows with people who left.

const (
	cartTTL   = 30 * 24 * time.Hour
	talkTTL   = 24 * time.Hour
	answerTTL = 24 * time.Hour // Telegram repeats a message's update for a day
	doneTTL   = 24 * time.Hour // as long: it stands for the answer of a tap that fills the cart
)

// cartKey is a hash: variant → line as packed by CartLine.pack.
func cartKey(m commerce.MemberID) string { return "souk:{" + string(m) + "}:cart" }

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
