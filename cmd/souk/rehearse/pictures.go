package rehearse

import (
	"fmt"
	"html/template"
	"strings"
	"time"
)

// This file draws the pictures of the page.

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
		values, marks = append(values, float64(s.Units)), append(marks, s.Even)
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

// Steps draw a number over time as it grows and falls, with heights to compare
// it with.
func steps(name, what string, from, to time.Time, list []Joined, marks []PriceStep, moment func(time.Time) string) template.HTML {
	top := int64(1)
	for _, one := range list {
		top = max(top, one.Joined)
	}
	for _, m := range marks {
		top = max(top, m.Joined)
	}
	room := high - foot - 22
	x := func(t time.Time) float64 {
		return wide * min(1, max(0, float64(t.Sub(from))/float64(max(1, to.Sub(from)))))
	}
	y := func(v int64) float64 { return high - foot - float64(v)/float64(top)*room }
	var b, line strings.Builder
	last := int64(0)
	fmt.Fprintf(&line, "0,%.1f", y(0))
	for _, one := range list {
		fmt.Fprintf(&line, " %.1f,%.1f %.1f,%.1f", x(one.At), y(last), x(one.At), y(one.Joined))
		last = one.Joined
	}
	fmt.Fprintf(&line, " %.0f,%.1f", wide, y(last))
	fmt.Fprintf(&b, `<polygon class="area" points="%s %.0f,%.1f"/><polyline class="main line" points="%s"/>`, line.String(), wide, y(0), line.String())
	var words strings.Builder // over all lines
	above := high
	for _, m := range marks {
		above = min(y(m.Joined)-5, above-14) // of lines that are close each has its words above the last one's
		fmt.Fprintf(&b, `<line class="mark" x1="0" x2="%.0f" y1="%.1f" y2="%.1f"/>`, wide, y(m.Joined), y(m.Joined))
		fmt.Fprintf(&words, `<text class="value over" x="0" y="%.1f">%s</text>`, above, template.HTMLEscapeString(m.Price))
	}
	b.WriteString(words.String())
	fmt.Fprintf(&b, `<line class="axis" x1="0" x2="%.0f" y1="%.1f" y2="%.1f"/>`, wide, high-foot, high-foot)
	fmt.Fprintf(&b, `<text x="0" y="%.1f">%s</text><text x="%.0f" y="%.1f" text-anchor="end">%s</text><text class="value" x="%.0f" y="%.1f" text-anchor="end">%s</text>`,
		high-6, moment(from), wide, high-6, moment(to), wide, max(12, y(last)-6), template.HTMLEscapeString(fmt.Sprintf(what, last)))
	return svg(name, b.String())
}

// JoinsPicture shows how many had joined, up to the first price that was not
// reached.
func (n *Report) JoinsPicture() template.HTML {
	var marks []PriceStep
	most := int64(0)
	for _, one := range n.Joins {
		most = max(most, one.Joined)
	}
	for _, s := range n.Steps {
		marks = append(marks, PriceStep{s.Joined, fmt.Sprintf("from %d: %s", s.Joined, s.Price)})
		if s.Joined > most {
			break
		}
	}
	return steps("members who joined, over time", "%d joined", n.Opened, n.Closed, n.Joins, marks, n.clock)
}

// InvitesPicture shows how many were invited.
func (n *Report) InvitesPicture() template.HTML {
	return steps("members who were invited, over time", "%d invited", n.Opened, n.Over, n.Invites, []PriceStep{{n.Units, count(int(n.Units), "unit", "units")}}, n.clock)
}
