package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"
)

// report collects the rounds and prints their medians.
type report struct {
	options
	order  []string
	rounds map[string][]round
}

func newReport(o options) *report { return &report{options: o, rounds: map[string][]round{}} }

func (r *report) add(platform string, one round) {
	if !slices.Contains(r.order, platform) {
		r.order = append(r.order, platform)
	}
	r.rounds[platform] = append(r.rounds[platform], one)
}

// median is the middle of what is read from all rounds of a platform. Of
// ratios it is the median of the pairs', not the ratio of the medians: the
// machine may have been slower for one pair than for another.
func (r *report) median(platform string, of func(round) float64) float64 {
	var list []float64
	for _, one := range r.rounds[platform] {
		list = append(list, of(one))
	}
	slices.Sort(list)
	return (list[(len(list)-1)/2] + list[len(list)/2]) / 2
}

func (r *report) print(w io.Writer) error {
	fmt.Fprintf(w, "\n%d rounds of %d updates by %d members, %d under way at once (calm: %d); servers with GOMAXPROCS=%d; %s on %s/%s, %d processors.\nMedians of the rounds; ratios pair by pair.\n",
		len(r.rounds[r.order[0]]), r.updates, r.members, r.conns, quiet, r.procs, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, p := range r.order {
		fmt.Fprintf(w, "\n%s\n\n", p)
		t := tabwriter.NewWriter(w, 0, 0, 1, ' ', tabwriter.AlignRight|tabwriter.Debug)
		fmt.Fprintln(t, "\t\tbare handler\tshop\tshop ÷ bare\t")
		fmt.Fprintln(t, "\t---\t---\t---\t---\t")
		line := func(name, format string, scale float64, of func(figures) float64) {
			bare := r.median(p, func(one round) float64 { return of(one.bare) })
			shop := r.median(p, func(one round) float64 { return of(one.shop) })
			ratio := r.median(p, func(one round) float64 { return of(one.shop) / max(of(one.bare), 1e-9) })
			fmt.Fprintf(t, "\t%s\t"+format+"\t"+format+"\t%.2f\t\n", name, bare/scale, shop/scale, ratio)
		}
		line("updates a second", "%.0f", 1, func(f figures) float64 { return f.rate })
		line("processor time an update, µs", "%.0f", 1e3, func(f figures) float64 { return float64(f.cpu) })
		line("p50, ms", "%.2f", 1e6, func(f figures) float64 { return float64(f.p50) })
		line("p99, ms", "%.2f", 1e6, func(f figures) float64 { return float64(f.p99) })
		line("p50 when calm, ms", "%.2f", 1e6, func(f figures) float64 { return float64(f.calm50) })
		line("p99 when calm, ms", "%.2f", 1e6, func(f figures) float64 { return float64(f.calm99) })
		line("allocations an update", "%.0f", 1, func(f figures) float64 { return f.allocs })
		line("allocated an update, kB", "%.1f", 1e3, func(f figures) float64 { return f.bytes })
		line("memory, MB", "%.0f", 1e6, func(f figures) float64 { return float64(f.memory) })
		line("memory at most, MB", "%.0f", 1e6, func(f figures) float64 { return float64(f.peak) })
		if err := t.Flush(); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\nTaken at %s.\n", time.Now().UTC().Format(time.RFC3339))
	return err
}
