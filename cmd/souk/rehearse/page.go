package rehearse

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

// This file writes the report as one page that stands alone: no script, and
// nothing it would fetch.

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{"count": count}).Parse(pageText))

// Page writes the page.
func (n *Report) Page(out io.Writer) error { return pageTemplate.Execute(out, n) }

// Figures are the numbers at the head of the page.
func (n *Report) Figures() []Screen {
	first := []Screen{{"units sold", fmt.Sprintf("%d of %d", n.Sold, n.Units)}, {"members came", fmt.Sprint(n.Members)}}
	switch n.Mode {
	case "group":
		first = []Screen{{"joined at the close", fmt.Sprintf("%d of %d", n.Joined, n.Members)}, {"the price that all pay", cmp.Or(n.Reached, "none")}}
	case "invite":
		first[1] = Screen{"members were invited", fmt.Sprintf("%d of %d", n.Invited, n.Chosen)}
	}
	return append(first, []Screen{
		{"until all were told", long(n.LastTold.Sub(n.Announced))}, {"members answered", fmt.Sprintf("%d of %d", n.Members-n.Unanswered, n.Members)},
		{"for half of the answers", long(n.P50())}, {"for 99 of 100 answers", long(n.P99())},
	}...)
}

// Holds says in a few words what came of a plan that holds.
func (n *Report) Holds() string {
	held := "Everybody had been told before it opened, everybody was answered, "
	switch {
	case n.Missed:
		return fmt.Sprintf("%d of the %d members who came joined, and the first price needs %d. ", n.Joined, n.Members, n.Steps[0].Joined) + held + "and all cards were released: nobody paid."
	case n.Mode == "group":
		return fmt.Sprintf("%d members came, and %d had joined at the close. ", n.Members, n.Joined) + held + "and all who had joined paid the same price."
	case n.Mode == "invite":
		return fmt.Sprintf("%d members could be invited to %d units. ", n.Chosen, n.Units) + held + "and all were invited in their order."
	}
	return fmt.Sprintf("%d members came for %d units. ", n.Members, n.Units) + held + "and nothing was sold twice."
}

// PaidText says what those paid who had joined.
func (n *Report) PaidText() string {
	switch {
	case n.Missed:
		return fmt.Sprintf("Nobody paid: %d had joined, and the first price needs %d. %s that their card is released.", n.Joined, n.Steps[0].Joined, count(int(n.Released), "member was told", "members were told"))
	case len(n.Charged) == 1:
		return fmt.Sprintf("All %d who had joined paid %s: %s and the parcel.", n.Joined, n.ChargedText, n.Reached)
	}
	return fmt.Sprintf("The %d who had joined paid %d different prices.", n.Joined, len(n.Charged))
}

// AtOnce is how many were invited when it opened.
func (n *Report) AtOnce() int64 {
	if len(n.Invites) == 0 {
		return 0
	}
	return n.Invites[0].Joined
}

// Early reports whether it opens for some before it does for others.
func (n *Report) Early() bool {
	return slices.ContainsFunc(n.Rules, func(r Rule) bool { return r.Early > 0 })
}

// Text says who meets a rule, and what it gives them.
func (r Rule) Text() string {
	if r.Early > 0 {
		return r.Who + ", " + long(r.Early) + " before the others"
	}
	return r.Who
}

// P50 and P99 are the times in which half, and 99 of 100, had their answer.
func (n *Report) P50() time.Duration { return n.quantile(0.5) }
func (n *Report) P99() time.Duration { return n.quantile(0.99) }

// Long writes a time span, At a time, After how long after the announcement it was.
func (n *Report) Long(d time.Duration) string { return long(d) }
func (n *Report) At(t time.Time) string       { return n.clock(t) }
func (n *Report) After(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	if d := t.Sub(n.Announced); d >= 100*time.Millisecond {
		return long(d) + " after the announcement"
	}
	return "at once"
}

// Followers is how many were to be told in private.
func (n *Report) Followers() int { return n.FollowersTold + n.FollowersFailed }

// TauText and Pairs write the order of arrival.
func (n *Report) TauText() string { return fmt.Sprintf("%.3f", n.Tau) }
func (n *Report) Pairs() string   { return fmt.Sprintf("%.1f %%", 50+50*n.Tau) }

// HurtText says whom the crash cut off.
func (n *Report) HurtText() string {
	if n.Hurt == 0 {
		return "Nobody was cut off."
	}
	return fmt.Sprintf("It cut %s off, and everybody had the answer within %s.", count(n.Hurt, "member", "members"), long(n.HurtLongest))
}

// Luck is how many units a quarter of the members may have by chance.
func (n *Report) Luck() string {
	mean, sd := float64(n.Sold)/4, math.Sqrt(float64(n.Sold)*3/16)
	return fmt.Sprintf("%.0f to %.0f", max(0, math.Floor(mean-2*sd)), math.Ceil(mean+2*sd))
}

// EndText says what became of those who took part.
func (n *Report) EndText() string {
	var parts []string
	for _, one := range []struct{ state, one, many string }{{"lapsed", "unit was not paid in time", "units were not paid in time"},
		{"lost", "place in line was not reached before all was sold", "places in line were not reached before all was sold"}, {"left", "place was given up", "places were given up"}} {
		if c := n.Ends[one.state]; c > 0 {
			parts = append(parts, count(c, one.one, one.many))
		}
	}
	if late := n.Members - n.Entries - n.Refused - n.NeverCame; late > 0 && n.Mode == "queue" {
		parts = append(parts, count(late, "member came too late and was told so at once", "members came too late and were told so at once"))
	}
	if n.NeverCame > 0 {
		parts = append(parts, count(n.NeverCame, "member never had a chance, since all was sold before it opened for them", "members never had a chance, since all was sold before it opened for them"))
	}
	if len(parts) == 0 {
		return ""
	}
	text := listed(parts)
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

var button = regexp.MustCompile(`\[([^\[\]\n]+)\]`)

// Words are a screen's text, Buttons the labels under it.
func (s Screen) Words() string {
	text, _ := s.split()
	return text
}

func (s Screen) Buttons() []string {
	_, labels := s.split()
	return labels
}

func (s Screen) split() (text string, labels []string) {
	var lines []string
	for line := range strings.SplitSeq(s.Text, "\n") {
		if found := button.FindAllStringSubmatch(line, -1); len(found) > 0 && strings.TrimSpace(button.ReplaceAllString(line, "")) == "" {
			for _, m := range found {
				labels = append(labels, m[1])
			}
			continue
		}
		lines = append(lines, line)
	}
	return strings.TrimSpace(strings.Join(lines, "\n")), labels
}
