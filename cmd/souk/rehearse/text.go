package rehearse

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Text writes the report for a terminal.
func (n *Report) Text(out io.Writer) {
	line := func(name, format string, args ...any) {
		fmt.Fprintf(out, "%-18s%s\n", name, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(out, "%s: %d units, %d members, seed %d\n\n", n.Title, n.Units, n.Members, n.Seed)
	if !n.Short {
		for _, c := range n.Chats {
			how := "told at " + n.clock(c.Told)
			if c.Problem != "" {
				how = "not told"
			}
			line("group", "%s, %s, %d members: %s", c.Name, c.Platform, c.Members, how)
		}
		line("followers", "%d told, %d not; everybody was told after %s", n.FollowersTold, n.FollowersFailed, long(n.LastTold.Sub(n.Announced)))
		line("opened", "%s, planned %s", n.clock(n.Opened), n.clock(n.Planned))
		line("answers", "%d of %d, p50 %s, p99 %s", n.Members-n.Unanswered, n.Members, long(n.quantile(0.5)), long(n.quantile(0.99)))
		line("wrong answers", "%d", n.Wrong)
		if n.Killed > 0 {
			line("crash", "process killed in the rush, another had taken over after %s; %s cut off, answered within %s", long(n.Down), count(n.Hurt, "member was", "members were"), long(n.HurtLongest))
		}
		if n.Killed > 1 {
			line("crash", "process killed again at the close")
		}
		line("bots", "%d pressed 100 times, %d of them won", n.Bots, n.BotsWon)
		line("sold", "%d of %d", n.Sold, n.Units)
		if n.Each > 1 {
			line("several units", "%s for more than one, %d bought several; nobody may have more than %d, and %d had", count(n.Further, "member pressed", "members pressed"), n.Several, n.Each, n.TooMany)
		}
		if n.Mode == "queue" {
			line("order of arrival", "Kendall's tau %.4f; %d overtook somebody", n.Tau, n.Overtaken)
		}
		for _, r := range n.Rules {
			line("may take part", "%s: %s, %d units", r.Text(), count(r.In, "member", "members"), r.Units)
		}
		if len(n.Rules) > 0 {
			line("refused", "%d, each told for whom it is; %d came before it opened for them", n.Refused, n.Soon)
		}
		switch n.Mode {
		case "group":
			line("joined", "%d at the close; %d left again, %s lost, %s declined", n.Joined, n.Left, count(n.Lost, "authorisation", "authorisations"), count(n.Declined, "card", "cards"))
			line("paid", "%s", n.PaidText())
		case "invite":
			line("invited", "%d of %d, %d of them when it opened", n.Invited, n.Chosen, n.AtOnce())
		default:
			for _, s := range slices.Concat(n.Quarters, n.Platforms) {
				line("units", "%s: %d for %d members", s.Name, s.Units, s.Members)
			}
		}
		if n.Mode != "group" {
			line("units won", "%d paid, %d of them late; %d not paid", n.Paid, n.Slow, n.Absent)
		}
		line("late or lost", "%d messages of Stripe", n.Late)
		if n.Proofs > 0 {
			line("draw", "%d proofs checked, %d wrong", n.Proofs, n.BadProofs)
		}
		fmt.Fprintln(out)
	}
	for _, c := range n.Causes {
		fmt.Fprintf(out, "FAIL  %s\n      %s\n", c.What, c.Change)
	}
	for _, text := range n.Audit {
		fmt.Fprintf(out, "      %s\n", text)
	}
	for what, text := range n.Examples {
		fmt.Fprintf(out, "      for example, who %s: %s\n", what, strings.ReplaceAll(text, "\n", " | "))
	}
	if !n.Fails() {
		fmt.Fprintln(out, "The plan holds.")
	}
}
