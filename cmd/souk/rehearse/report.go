package rehearse

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Report is what a rehearsal found.
type Report struct {
	Drop, Title, Mode string
	Seed              uint64
	Zone              *time.Location
	Members           int
	Units             int64
	PayWithin         time.Duration

	Short bool  // it was not announced, or never opened
	Free  int64 // units there are where they are too few

	Announced, Planned, Opened, LastTold time.Time // Opened for the first
	Closed, Over                         time.Time
	Chats                                []ChatTold
	FollowersTold, FollowersFailed       int
	TooEarly                             int // claims from before everybody was told

	Rushed, Down       time.Duration // the rush in all; after how long another program had taken over
	Killed             int           // how often its process was
	DiedAt             time.Duration // after the opening
	Hurt               int           // whose press the crash cut off
	HurtLongest        time.Duration // their longest wait for an answer
	Presses            int
	Bots, BotsWon      int
	Each               int // how many units one person may have
	Further, Several   int // who has or waits for one and pressed for more; who bought several
	TooMany            int // who has more than one person may
	Answers            []time.Duration
	Unanswered, Wrong  int
	HandedOn           int       // who was in line, and had a unit a moment later
	Claims             []float64 // seconds after the opening
	Tau                float64   // of a queue
	right, wrong       int       // pairs of members
	Overtaken          int       // who had a better place than one who had been answered before they came
	Quarters           []Share
	Platforms          []Share
	Slow, Absent, Late int // winners who paid late, or not; webhooks that were late or lost
	Stuck, Paid        int

	Rules                        []Rule // who may take part
	Refused, Soon                int    // who may not, and were told so; who came before it opened for them
	Intruders, TooSoon           int    // of them, who have a place; places from before it opened for their members
	NeverCame                    int    // for whom it would have opened when all was sold
	Chosen, Invited, Misplaced   int    // of an invitation
	Invites, Joins               []Joined
	Steps                        []PriceStep
	Joined, Declined, Left, Lost int // of a group price: at the close; cards declined; who left again; authorisations that were lost
	Counted                      int64
	Missed, WrongStep            bool
	Reached, ChargedText         string
	Charged                      map[int64]int // how many were charged what
	NotCharged, Unasked          int           // who had joined and was not; who was and had not
	Held, Released               int64         // still authorised at the end; who was told that their card is released

	Entries           int
	Sold              int64
	Ends              map[string]int
	Open, Broken      int // whose end is not decided; who was told one thing and got another
	Untold            int64
	Audit             []string
	Ended             bool
	Proofs, BadProofs int

	Screens  []Screen
	Examples map[string]string
	Causes   []Cause
	Took     time.Duration
	began    time.Time
}

// ChatTold is how a group was told.
type ChatTold struct {
	Name, Platform string
	Members        int
	Told           time.Time
	Problem        string
}

// Share is how many units a part of the members got, how many an even share
// would be, and how far chance takes it from there, squared.
type Share struct {
	Name         string
	Members      int
	Units        int
	Even, Varies float64
}

// Rule is one of those who may take part: how many meet it, and of those whom it
// lets in how many there are and what they got.
type Rule struct {
	Who       string
	Early     time.Duration
	Meet      int
	In, Units int
}

// Joined is how many had joined, or were invited, at a time.
type Joined struct {
	At     time.Time
	Joined int64
}

// PriceStep is a price, and how many must join for it.
type PriceStep struct {
	Joined int64
	Price  string
}

// Screen is what somebody read.
type Screen struct{ Title, Text string }

// Cause is a reason why the plan would fail, and what to change.
type Cause struct{ What, Change string }

func (n *Report) example(of, text string) {
	if _, has := n.Examples[of]; !has {
		n.Examples[of] = text
	}
}

func platformName(p string) string {
	return map[string]string{"telegram": "Telegram", "discord": "Discord"}[p]
}

// Grace is how much later than planned a drop may open.
const Grace = time.Minute

// overloaded is the answer time from which on the shop cannot keep apart who is
// still on the way and who never arrives.
const overloaded = 2 * time.Second

// judge finds the causes for which the plan would fail.
func (n *Report) judge(grace time.Duration) {
	say := func(fails bool, what, change string) {
		if fails {
			n.Causes = append(n.Causes, Cause{what, change})
		}
	}
	ours := "That is a fault of the shop, not of the plan: keep this page and tell who runs the shop."
	slow := "This machine is too slow for so many: rehearse on the one the shop runs on, or expect fewer."
	crowded := ours
	if n.P99() > overloaded {
		crowded = slow
	}
	if n.Short {
		if n.Opened.IsZero() && len(n.Chats) > 0 {
			say(true, "It never opened: not everybody could be told.", "Take out the groups that cannot be told, or plan the announcement much earlier.")
			return
		}
		say(true, fmt.Sprintf("It could not be announced: it offers %d units, and the shop has %d.", n.Units, n.Free), fmt.Sprintf("Stock up, or offer %d units at most.", n.Free))
		return
	}
	late := n.Opened.Sub(n.Planned)
	say(late > grace, fmt.Sprintf("It opened %s late: telling everybody took %s, and nothing opens before all are told.", long(late), long(n.LastTold.Sub(n.Announced))),
		fmt.Sprintf("Announce it at %s or earlier.", n.clock(n.Planned.Add(-n.LastTold.Sub(n.Announced)-5*time.Minute))))
	for _, c := range n.Chats {
		say(c.Problem != "", fmt.Sprintf("The group %s on %s could not be told.", c.Name, c.Platform), "See that the bot is in it and may write, or take it out of the plan.")
	}
	say(n.TooEarly > 0, fmt.Sprintf("%s from before everybody had been told.", count(n.TooEarly, "claim was taken", "claims were taken")), ours)
	say(n.Sold > n.Units, fmt.Sprintf("%d units were sold, and there are %d.", n.Sold, n.Units), ours)
	say(n.TooMany > 0, fmt.Sprintf("%s more units than one person may have.", count(n.TooMany, "member had", "members had")), ours)
	say(n.Unanswered > 0, fmt.Sprintf("%s no answer within %s.", count(n.Unanswered, "member got", "members got"), patience), slow)
	say(n.Wrong > 0, fmt.Sprintf("%s something that is not so.", count(n.Wrong, "member read", "members read")), crowded)
	say(n.Stuck > 0, fmt.Sprintf("%s a unit and could not order or pay it.", count(n.Stuck, "member had", "members had")), "Try to buy it yourself in `souk preview`: perhaps the brand does not send to where members live.")
	say(n.Broken > 0, fmt.Sprintf("%s other than what they were told.", count(n.Broken, "member ended", "members ended")), ours)
	say(n.Open > 0, fmt.Sprintf("%s not decided at the end.", count(n.Open, "place was", "places were")), ours)
	say(n.Untold > 0, fmt.Sprintf("%s never sent.", count(int(n.Untold), "message about the result was", "messages about the result were")), ours)
	say(len(n.Audit) > 0, "The books do not add up.", ours)
	say(n.Overtaken > 0, fmt.Sprintf("%s a better place than others who had been answered before they came.", count(n.Overtaken, "member got", "members got")), crowded)
	say(n.Intruders > 0, fmt.Sprintf("%s a place and may not take part.", count(n.Intruders, "member got", "members got")), ours)
	say(n.TooSoon > 0, fmt.Sprintf("%s before it had opened for them.", count(n.TooSoon, "member got a place", "members got places")), ours)
	say(n.Misplaced > 0, fmt.Sprintf("%s not invited in the order that is announced.", count(n.Misplaced, "member was", "members were")), ours)
	say(n.Counted != int64(n.Joined) && n.Mode == "group", fmt.Sprintf("%d had joined at the close, and %d were counted.", n.Joined, n.Counted), ours)
	say(n.WrongStep, "The close reached another price than so many members reach.", ours)
	say(len(n.Charged) > 1, fmt.Sprintf("Members paid %d different prices.", len(n.Charged)), ours)
	say(n.Missed && len(n.Charged) > 0, "Members were charged though too few had joined.", ours)
	say(n.NotCharged > 0, fmt.Sprintf("%s and not charged.", count(n.NotCharged, "member had joined", "members had joined")), ours)
	say(n.Unasked > 0, fmt.Sprintf("%s and had not joined.", count(n.Unasked, "member was charged", "members were charged")), ours)
	say(n.Held > 0, "Cards are still authorised though nothing waits for it.", ours)
	say(n.BadProofs > 0, "The draw cannot be verified.", ours)
	for _, parts := range [][]Share{n.Quarters, n.Platforms} {
		for _, s := range parts {
			say(n.unfair(s), fmt.Sprintf("%s of the members got %d of %d units: that is not chance.", s.Name, s.Units, n.Sold), ours)
		}
	}
}

// unfair reports whether so many units for a part of the members is not chance.
func (n *Report) unfair(s Share) bool {
	if n.Sold == 0 || n.Mode != "queue" && n.Mode != "draw" {
		return false
	}
	return math.Abs(float64(s.Units)-s.Even) > 5*math.Sqrt(s.Varies)+0.05*float64(n.Sold)
}

// Fails reports whether the plan would fail.
func (n *Report) Fails() bool { return len(n.Causes) > 0 }

// quantile is the answer time that so much of all answers took at most.
func (n *Report) quantile(q float64) time.Duration {
	if len(n.Answers) == 0 {
		return 0
	}
	slices.Sort(n.Answers)
	return n.Answers[min(len(n.Answers)-1, int(q*float64(len(n.Answers))))]
}

func (n *Report) clock(t time.Time) string { return t.In(n.Zone).Format("2006-01-02 15:04") }

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// long writes a time span for people.
func long(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	}
	return fmt.Sprintf("%.1f h", d.Hours())
}

func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// near is how far two must come apart for one to count as the earlier.
const near = 10 * time.Millisecond

// pairs counts the pairs of whom the earlier has the better place, given by
// place, and the others.
func pairs(arrived []time.Time) (right, wrong int) {
	for i, at := range arrived {
		for _, next := range arrived[i+1:] {
			switch d := next.Sub(at); {
			case d >= near:
				right++
			case d <= -near:
				wrong++
			}
		}
	}
	return right, wrong
}

// tau is Kendall's: 1 where the places follow the order of arrival, and 0 where
// they have nothing to do with it.
func tau(right, wrong int) float64 {
	if right+wrong == 0 {
		return 1
	}
	return float64(right-wrong) / float64(right+wrong)
}

// overtaken counts those who have a better place than somebody who had been
// answered before they came. Of two who are answered at the same time either
// may be the first.
func overtaken(arrived, answered []time.Time) (n int) {
	for i, at := range arrived {
		if slices.ContainsFunc(answered[i+1:], func(done time.Time) bool { return done.Before(at) }) {
			n++
		}
	}
	return n
}
