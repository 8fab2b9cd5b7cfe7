package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/live"
)

// A claim that is answered wrongly ends a measurement.
func TestGateWrongAnswer(t *testing.T) {
	client, err := live.Dial(commerce.Secret("redis://" + miniredis.RunT(t).Addr()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, want := range []live.Verdict{live.In, live.Shut} { // a room of four is full at once, and open
		if r, err := claimTogether(t.Context(), client, 8, 4, 20*time.Millisecond, want); err == nil {
			t.Errorf("%v: %.0f a second", want, r.rate)
		}
	}
	if _, err := claimTogether(t.Context(), client, 8, 4, 20*time.Millisecond, live.Full); err != nil {
		t.Errorf("sold out: %v", err)
	}
}

func TestReadRate(t *testing.T) {
	for csv, want := range map[string]float64{
		"\"test\",\"rps\",\"avg_latency_ms\"\n\"EVALSHA 0a 1 souk:{drop:x}:gate red m__rand_int__\",\"41056.12\",\"0.400\"\n": 41056.12,
		"ERR nothing": 0, "": 0,
	} {
		got, err := readRate([]byte(csv))
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%q: %v, %v", csv, got, err)
		}
	}
}

// Without redis-benchmark the program's own figures stand alone.
func TestGateAlone(t *testing.T) {
	var out bytes.Buffer
	rounds := []gateRound{{together: []claimed{{1000, 3, 4}, {2000, 3, 4}, {3000, 3, 4}}, soldOut: claimed{8000, 0, 1}}}
	if err := printGate(&out, rounds, options{gate: time.Second}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"redis-benchmark is not installed", "2000", "takes 0.250"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing:\n%s", want, out.String())
		}
	}
}
