package payments_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/payments"
	"github.com/soukchat/souk/sandbox/stripe"
)

const body = `{"id":"evt_1","object":"event","api_version":"2023-10-16","created":1772366400,"livemode":false,
"type":"checkout.session.completed","data":{"object":{"id":"cs_1","object":"checkout.session","amount_total":1}}}`

func TestVerify(t *testing.T) {
	secret, old := commerce.Secret("whsec_new"), commerce.Secret("whsec_old")
	both := []commerce.Secret{"", secret, old}
	sign := func(at time.Time, s commerce.Secret) string { return stripe.Sign([]byte(body), s.Reveal(), at) }
	_, rolled, _ := strings.Cut(sign(noon, old), ",")
	tests := []struct {
		name    string
		body    string
		header  string
		secrets []commerce.Secret
		live    bool
		want    error
	}{
		{"good", body, sign(noon, secret), both, false, nil},
		{"the other secret", body, sign(noon, old), both, false, nil},
		{"two signatures while rolling", body, sign(noon, "gone") + "," + rolled, both, false, nil},
		{"other schemes", body, "v0=00," + sign(noon, secret) + ",v2=x", both, false, nil},
		{"unknown parts", body, sign(noon, secret) + ",x", both, false, payments.ErrSignature},
		{"capitals", body, "t=" + strings.ToUpper(strings.TrimPrefix(sign(noon, secret), "t=")), both, false, payments.ErrSignature},
		{"300 s ago", body, sign(noon.Add(-300*time.Second), secret), both, false, nil},
		{"300 s ahead", body, sign(noon.Add(300*time.Second), secret), both, false, nil},
		{"301 s ago", body, sign(noon.Add(-301*time.Second), secret), both, false, payments.ErrSignature},
		{"301 s ahead", body, sign(noon.Add(301*time.Second), secret), both, false, payments.ErrSignature},
		{"an hour ahead", body, sign(noon.Add(time.Hour), secret), both, false, payments.ErrSignature},
		{"no header", body, "", both, false, payments.ErrSignature},
		{"no time", body, strings.TrimPrefix(sign(noon, secret), "t="), both, false, payments.ErrSignature},
		{"two times", body, fmt.Sprintf("t=%d,%s", noon.Unix()-1, sign(noon, secret)), both, false, payments.ErrSignature},
		{"time changed", body, strings.Replace(sign(noon, secret), fmt.Sprint(noon.Unix()), fmt.Sprint(noon.Unix()+1), 1), both, false, payments.ErrSignature},
		{"no signature", body, fmt.Sprintf("t=%d", noon.Unix()), both, false, payments.ErrSignature},
		{"v0 only", body, strings.Replace(sign(noon, secret), "v1", "v0", 1), both, false, payments.ErrSignature},
		{"short", body, sign(noon, secret)[:40], both, false, payments.ErrSignature},
		{"unknown secret", body, sign(noon, "whsec_x"), both, false, payments.ErrSignature},
		{"empty secret", body, sign(noon, ""), []commerce.Secret{""}, false, payments.ErrSignature},
		{"blank secret", body, sign(noon, " "), []commerce.Secret{" "}, false, payments.ErrSignature},
		{"no secrets", body, sign(noon, ""), nil, false, payments.ErrSignature},
		{"body changed", strings.Replace(body, "cs_1", "cs_2", 1), sign(noon, secret), both, false, payments.ErrSignature},
		{"a byte more", body + "\n", sign(noon, secret), both, false, payments.ErrSignature},
		{"other mode", body, sign(noon, secret), both, true, payments.ErrLivemode},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := payments.Verify([]byte(tt.body), tt.header, tt.secrets, noon, tt.live)
			if !errors.Is(err, tt.want) || (tt.want == nil) != (err == nil) {
				t.Fatalf("err = %v, want %v", err, tt.want)
			}
			want := payments.Event{ID: "evt_1", Type: "checkout.session.completed", Object: "cs_1",
				Created: time.Unix(1772366400, 0).UTC(), APIVersion: "2023-10-16"}
			if err == nil && e != want {
				t.Errorf("event %+v", e)
			}
			if err != nil && (e != payments.Event{} || commerce.KindOf(err) != commerce.Invalid) {
				t.Errorf("refused with %+v, kind %v", e, commerce.KindOf(err))
			}
		})
	}
	for _, b := range []string{"", "null", "{}", "[]", `{"id":"e","type":"t"}`, `{"id":1,"type":"t","livemode":false}`,
		strings.Replace(body, `"livemode":false,`, "", 1), body[:100]} {
		if _, err := payments.Verify([]byte(b), stripe.Sign([]byte(b), "s", noon), []commerce.Secret{"s"}, noon, false); commerce.KindOf(err) != commerce.Invalid {
			t.Errorf("signed %q: %v", b, err)
		}
	}
	// Another API version is the caller's to warn of: the event is a hint only.
	b := strings.Replace(body, "2023-10-16", "2026-01-01", 1)
	e, err := payments.Verify([]byte(b), stripe.Sign([]byte(b), "s", noon), []commerce.Secret{"s"}, noon, false)
	if err != nil || e.APIVersion != "2026-01-01" {
		t.Errorf("another version: %+v, %v", e, err)
	}
}

// No change to the secret, the time, the signature or the signed bytes passes.
func TestVerifyMutations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	secret := []commerce.Secret{"whsec_0123456789"}
	header := stripe.Sign([]byte(body), secret[0].Reveal(), noon)
	if _, err := payments.Verify([]byte(body), header, secret, noon, false); err != nil {
		t.Fatal(err)
	}
	mutate := func(b []byte) []byte {
		b = bytes.Clone(b)
		for range 1 + r.IntN(3) {
			switch i := r.IntN(len(b)); r.IntN(4) {
			case 0:
				b[i] ^= 1 << r.IntN(8)
			case 1:
				b = append(b[:i], b[i+1:]...)
			case 2:
				b = append(b[:i:i], append([]byte{byte(r.IntN(256))}, b[i:]...)...)
			case 3:
				j := r.IntN(len(b))
				b[i], b[j] = b[j], b[i]
			}
		}
		return b
	}
	for n := range 10_000 {
		b, h, s := []byte(body), header, secret[0]
		switch n % 3 {
		case 0:
			b = mutate(b)
		case 1:
			h = string(mutate([]byte(h)))
		case 2:
			s = commerce.Secret(mutate([]byte(s)))
		}
		if string(b) == body && h == header && s == secret[0] {
			continue
		}
		_, err := payments.Verify(b, h, []commerce.Secret{s}, noon, false)
		if err == nil {
			t.Fatalf("accepted: body %q header %q", b, h)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add([]byte(body), stripe.Sign([]byte(body), "s", noon))
	f.Fuzz(func(t *testing.T, b []byte, header string) {
		if _, err := payments.Verify(b, header, []commerce.Secret{"unknown"}, noon, false); err == nil {
			t.Error("accepted without the secret")
		}
		e, err := payments.Verify(b, stripe.Sign(b, "s", noon), []commerce.Secret{"s"}, noon, false)
		if err == nil && (e.ID == "" || e.Type == "") {
			t.Errorf("an event without id or type: %+v", e)
		}
	})
}
