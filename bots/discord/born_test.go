package discord

import (
	"testing"
	"time"
)

func TestBorn(t *testing.T) {
	for account, want := range map[string]string{
		"175928847299117063": "2016-04-30T11:18:25.796Z", // the example of Discord's reference
		"100000000000000000": "2015-10-03T22:44:17.910Z",
		"":                   "", "ann": "", "-175928847299117063": "",
	} {
		at, ok := Born(account)
		if have := at.Format("2006-01-02T15:04:05.000Z"); ok != (want != "") || ok && have != want {
			t.Errorf("%q: %s, %v; want %q", account, at.Format(time.RFC3339Nano), ok, want)
		}
	}
}
