package payments

// How Stripe signs an event (docs.stripe.com/webhooks/signatures): the header
// "t=<seconds>,v1=<hex>,v1=<hex>" holds the time and, while a secret is being
// rolled, one HMAC-SHA256 for each valid secret over "<t>.<body>". stripe-go's
// own check is not used: it accepts times in the future, an empty secret, and
// nothing but its own API version.

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/soukchat/souk/commerce"
)

// Tolerance is how far the time of a signature may be from ours, either way.
const Tolerance = 300 * time.Second

// ErrSignature is returned by Verify for whatever is not provably Stripe's:
// answer 400 and do nothing.
var ErrSignature = &commerce.Error{Kind: commerce.Invalid, Message: "webhook.signature"}

// ErrLivemode is returned by Verify for an event that is Stripe's but of the
// other mode, test or live, than our key.
var ErrLivemode = &commerce.Error{Kind: commerce.Invalid, Message: "webhook.livemode"}

// Event is all that is read of what Stripe sends. What it speaks of is fetched
// from Stripe by its id.
type Event struct {
	ID, Type   string
	Object     string // id of what it speaks of
	Livemode   bool
	Created    time.Time
	APIVersion string // other than ours where an endpoint was made by hand: worth a warning
}

// Verify checks that a webhook's body was signed by Stripe with one of the
// secrets, at most Tolerance ago or ahead, and is of our mode, and returns the
// event. payload is the body byte for byte. Empty secrets are passed over;
// without any other everything is refused.
func Verify(payload []byte, header string, secrets []commerce.Secret, now time.Time, livemode bool) (Event, error) {
	if err := signed(payload, header, secrets, now); err != nil {
		return Event{}, &commerce.Error{Kind: ErrSignature.Kind, Message: ErrSignature.Message, Err: err}
	}
	var e struct {
		ID         string `json:"id"`
		Object     string `json:"object"`
		Type       string `json:"type"`
		APIVersion string `json:"api_version"`
		Created    int64  `json:"created"`
		Livemode   *bool  `json:"livemode"`
		Data       struct {
			Object struct {
				ID string `json:"id"`
			} `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(payload, &e); err != nil || e.ID == "" || e.Type == "" || e.Livemode == nil {
		return Event{}, &commerce.Error{Kind: commerce.Invalid, Message: "webhook.body",
			Err: errors.New("a signed body that is no event")}
	}
	if *e.Livemode != livemode {
		return Event{}, ErrLivemode
	}
	return Event{ID: e.ID, Type: e.Type, Object: e.Data.Object.ID, Livemode: *e.Livemode,
		Created: time.Unix(e.Created, 0).UTC(), APIVersion: e.APIVersion}, nil
}

func signed(payload []byte, header string, secrets []commerce.Secret, now time.Time) error {
	stamp, macs := "", [][]byte{}
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "t":
			if stamp != "" {
				return errors.New("two times in the signature")
			}
			stamp = value
		case "v1":
			// Stripe writes small letters; what only decodes to the same is not its.
			mac, err := hex.DecodeString(value)
			if err != nil || len(mac) != sha256.Size || len(macs) == 16 || hex.EncodeToString(mac) != value {
				return errors.New("a signature that is not 64 hexadecimal digits")
			}
			macs = append(macs, mac)
		default: // other schemes, as v0 of test events, prove nothing
			if version, ok := strings.CutPrefix(name, "v"); !ok || version == "" || strings.Trim(version, "0123456789") != "" {
				return errors.New("the signature's header cannot be read")
			}
		}
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return errors.New("no time in the signature")
	}
	if off := now.Sub(time.Unix(seconds, 0)); off > Tolerance || off < -Tolerance {
		return errors.New("the signature is of another time")
	}
	known := false
	for _, secret := range secrets {
		if strings.TrimSpace(secret.Reveal()) == "" {
			continue
		}
		known = true
		h := hmac.New(sha256.New, []byte(secret.Reveal()))
		h.Write([]byte(stamp + "."))
		h.Write(payload)
		want := h.Sum(nil)
		for _, mac := range macs {
			if hmac.Equal(mac, want) {
				return nil
			}
		}
	}
	if !known {
		return errors.New("there is no webhook secret to check with")
	}
	return errors.New("no signature fits")
}
