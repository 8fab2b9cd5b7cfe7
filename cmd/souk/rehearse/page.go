package rehearse

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"regexp"
	"strings"
	"time"
)

// This file writes the report as one page that stands alone: no script, and
// nothing it would fetch.

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// Page writes the page.
func (n *Report) Page(out io.Writer) error { return pageTemplate.Execute(out, n) }

// Figures are the numbers at the head of the page.
func (n *Report) Figures() []Screen {
	return []Screen{
		{"units sold", fmt.Sprintf("%d of %d", n.Sold, n.Units)}, {"members came", fmt.Sprint(n.Members)},
		{"until all were told", long(n.LastTold.Sub(n.Announced))}, {"members answered", fmt.Sprintf("%d of %d", n.Members-n.Unanswered, n.Members)},
		{"for half of the answers", long(n.P50())}, {"for 99 of 100 answers", long(n.P99())},
	}
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
	for _, one := range []struct{ state, one, many string }{{"lapsed", "member did not pay in time", "members did not pay in time"},
		{"lost", "was not reached before all was sold", "were not reached before all was sold"}, {"left", "gave their place up", "gave their places up"}} {
		if c := n.Ends[one.state]; c > 0 {
			parts = append(parts, count(c, one.one, one.many))
		}
	}
	if late := n.Members - n.Entries; late > 0 && n.Mode == "queue" {
		parts = append(parts, count(late, "came too late and was told so at once", "came too late and were told so at once"))
	}
	if len(parts) == 0 {
		return ""
	}
	return listed(parts) + "."
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

// The pictures share one size.
const wide, high, foot = 400.0, 190.0, 22.0

func svg(name, inner string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">%s</svg>`, wide, high, template.HTMLEscapeString(name), inner))
}

// bars draws values beside one another, each with a label below and its value above; mark is
// a height for each to compare with, negative for none.
func bars(name string, values []float64, labels, above []string, marks []float64) template.HTML {
	top := 1.0
	for i, v := range values {
		top = max(top, v, marks[i])
	}
	var b strings.Builder
	each := wide / float64(len(values))
	for i, v := range values {
		h := v / top * (high - foot - 22)
		x := each*float64(i) + each*0.12
		fmt.Fprintf(&b, `<rect class="main" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2"/>`, x, high-foot-h, each*0.76, h)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, each*(float64(i)+0.5), high-6, template.HTMLEscapeString(labels[i]))
		y := high - foot - h - 6
		if m := marks[i]; m >= 0 {
			at := high - foot - m/top*(high-foot-22)
			fmt.Fprintf(&b, `<line class="mark" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>`, each*float64(i)+4, each*float64(i+1)-4, at, at)
			if m > v && y > at-16 && y < at+16 {
				y = at - 6
			}
		}
		fmt.Fprintf(&b, `<text class="value" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, each*(float64(i)+0.5), max(y, 12), template.HTMLEscapeString(above[i]))
	}
	fmt.Fprintf(&b, `<line class="axis" x1="0" x2="%.0f" y1="%.1f" y2="%.1f"/>`, wide, high-foot, high-foot)
	return svg(name, b.String())
}

func (n *Report) shares(name string, list []Share, short []string) template.HTML {
	var values, marks []float64
	var labels, above []string
	for i, s := range list {
		values, marks = append(values, float64(s.Units)), append(marks, float64(n.Sold)*float64(s.Members)/float64(max(1, n.Members)))
		labels = append(labels, s.Name)
		if short != nil {
			labels[i] = short[i]
		}
		above = append(above, fmt.Sprint(s.Units))
	}
	if len(list) == 0 {
		return ""
	}
	return bars(name, values, labels, above, marks)
}

// QuartersPicture shows the units by quarter of the list.
func (n *Report) QuartersPicture() template.HTML {
	return n.shares("units by quarter of the list", n.Quarters, []string{"first", "second", "third", "last"})
}

// PlatformsPicture shows the units by platform.
func (n *Report) PlatformsPicture() template.HTML {
	return n.shares("units by platform", n.Platforms, nil)
}

// AnswersPicture shows how many answers took how long.
func (n *Report) AnswersPicture() template.HTML {
	edges := []time.Duration{10 * time.Millisecond, 30 * time.Millisecond, 100 * time.Millisecond, 300 * time.Millisecond, time.Second, 3 * time.Second, time.Hour}
	values, marks, above := make([]float64, len(edges)), make([]float64, len(edges)), make([]string, len(edges))
	for _, d := range n.Answers {
		for i, edge := range edges {
			if d < edge {
				values[i]++
				break
			}
		}
	}
	for i, v := range values {
		if marks[i] = -1; v > 0 {
			above[i] = fmt.Sprint(int(v))
		}
	}
	return bars("answers by how long they took", values, []string{"<10 ms", "30 ms", "0.1 s", "0.3 s", "1 s", "3 s", "more"}, above, marks)
}

// ClaimsPicture shows the places given over time, and when the shop was killed.
func (n *Report) ClaimsPicture() template.HTML {
	last := 0.5
	for _, at := range n.Claims {
		last = max(last, at)
	}
	const steps = 40
	seen := make([]int, steps)
	for _, at := range n.Claims {
		seen[min(steps-1, max(0, int(at/last*steps)))]++
	}
	top, sum := 1, 0
	for _, v := range seen {
		top = max(top, v)
	}
	var b, track strings.Builder
	room := high - foot - 22
	fmt.Fprintf(&track, "0,%.1f", high-foot)
	for i, v := range seen {
		h := float64(v) / float64(top) * room
		fmt.Fprintf(&b, `<rect class="main" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, wide/steps*float64(i)+1, high-foot-h, wide/steps-2, h)
		sum += v
		fmt.Fprintf(&track, " %.1f,%.1f", wide/steps*float64(i+1), high-foot-float64(sum)/float64(max(1, len(n.Claims)))*room)
	}
	if at := n.DiedAt.Seconds() / last * wide; at < wide {
		fmt.Fprintf(&b, `<line class="mark" x1="%.1f" x2="%.1f" y1="14" y2="%.1f"/>`, at, at, high-foot)
	}
	fmt.Fprintf(&b, `<polyline class="track" points="%s"/><line class="axis" x1="0" x2="%.0f" y1="%.1f" y2="%.1f"/>`, track.String(), wide, high-foot, high-foot)
	fmt.Fprintf(&b, `<text x="0" y="%.1f">0 s</text><text x="%.0f" y="%.1f" text-anchor="end">%.1f s</text><text class="value" x="%.0f" y="12" text-anchor="end">%d in all</text>`, high-6, wide, high-6, last, wide, len(n.Claims))
	return svg("places given over time", b.String())
}
