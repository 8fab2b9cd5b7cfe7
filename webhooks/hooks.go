package webhooks

// The rules of a webhook, in this order:
//   - the body is JSON as it was sent: a Content-Encoding is refused, because
//     what is signed is what we read, and nobody unpacks what is not proven;
//   - the proof, in constant time, over the bytes themselves;
//   - only then does anybody look into the body, in a copy: fasthttp uses the
//     memory of a request again for the next one;
//   - 200 is answered when the work is done or safely stored, never before.

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"mime"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/utils"

	"github.com/soukchat/souk/bots"
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/payments"
)

// telegram takes an update. Telegram proves itself with the secret given to
// setWebhook (core.telegram.org/bots/api#setwebhook).
func (s *Server) telegram(c *fiber.Ctx) error {
	bot, ok := s.Telegram(utils.CopyString(c.Params("bot")))
	if !ok {
		return refuse(fiber.StatusNotFound, "no such bot")
	}
	body, err := rawBody(c)
	if err != nil {
		return err
	}
	given, want := c.Request().Header.Peek("X-Telegram-Bot-Api-Secret-Token"), bot.Secret.Reveal()
	if want == "" || subtle.ConstantTimeCompare(given, []byte(want)) != 1 {
		return refuse(fiber.StatusUnauthorized, "telegram: the secret is missing or wrong")
	}
	return answer(c, bot.Receive, body)
}

// discord takes an interaction. Discord signs the time and the body with
// Ed25519, and takes the address away from a program that accepts a wrong
// signature (discord.com/developers/docs/interactions/overview).
func (s *Server) discord(c *fiber.Ctx) error {
	bot, ok := s.Discord(utils.CopyString(c.Params("bot")))
	if !ok {
		return refuse(fiber.StatusNotFound, "no such application")
	}
	body, err := rawBody(c)
	if err != nil {
		return err
	}
	head := &c.Request().Header
	if err := signedByDiscord(bot.Key, head.Peek("X-Signature-Ed25519"), head.Peek("X-Signature-Timestamp"), body, s.Clock.Now()); err != nil {
		return refuse(fiber.StatusUnauthorized, "discord: "+err.Error())
	}
	return answer(c, bot.Receive, body)
}

func signedByDiscord(key ed25519.PublicKey, signature, stamp, body []byte, now time.Time) error {
	if len(key) != ed25519.PublicKeySize {
		return errors.New("there is no public key to check with")
	}
	sig := make([]byte, ed25519.SignatureSize)
	if n, err := hex.Decode(sig, signature[:min(len(signature), 2*len(sig))]); err != nil || n != len(sig) || hex.EncodeToString(sig) != string(signature) {
		return errors.New("the signature is missing or not 128 hexadecimal digits")
	}
	seconds, err := strconv.ParseUint(string(stamp), 10, 40)
	if err != nil {
		return errors.New("the time is missing or not a number")
	}
	if off := now.Sub(time.Unix(int64(seconds), 0)); off > tolerance || off < -tolerance {
		return errors.New("the signature is of another time")
	}
	message := make([]byte, 0, len(stamp)+len(body))
	if !ed25519.Verify(key, append(append(message, stamp...), body...), sig) {
		return errors.New("the signature does not fit")
	}
	return nil
}

// stripe takes an event: verified, committed to the inbox, then answered.
func (s *Server) stripe(c *fiber.Ctx) error {
	body, err := rawBody(c)
	if err != nil {
		return err
	}
	header := string(c.Request().Header.Peek("Stripe-Signature"))
	e, err := payments.Verify(body, header, s.Stripe.Secrets(), s.Clock.Now(), s.Stripe.Livemode())
	switch {
	case errors.Is(err, payments.ErrSignature):
		return refuse(fiber.StatusUnauthorized, "stripe: "+err.Error())
	case errors.Is(err, payments.ErrLivemode):
		return refuse(fiber.StatusForbidden, "stripe: an event of the other mode, test or live, than our key")
	case err != nil:
		return err
	}
	return answer(c, func(ctx context.Context, _ []byte) (bots.Answer, error) {
		isNew, err := s.Stripe.Inbox(ctx, e)
		if err != nil {
			return bots.Answer{}, &commerce.Error{Kind: commerce.Unavailable, Message: "webhook.inbox", Err: err}
		}
		s.counters.stripe(isNew)
		return bots.Answer{}, nil
	}, body)
}

// rawBody returns a copy of the body as it was sent.
func rawBody(c *fiber.Ctx) ([]byte, error) {
	head := &c.Request().Header
	if len(head.Peek(fiber.HeaderContentEncoding)) > 0 {
		return nil, refuse(fiber.StatusUnsupportedMediaType, "a body with a content encoding")
	}
	if kind, _, err := mime.ParseMediaType(string(head.ContentType())); err != nil || kind != fiber.MIMEApplicationJSON {
		return nil, refuse(fiber.StatusUnsupportedMediaType, "a body that is not application/json")
	}
	body := c.Request().Body()
	if len(body) > MaxBody {
		return nil, refuse(fiber.StatusRequestEntityTooLarge, "a body over the limit")
	}
	if len(body) == 0 {
		return nil, refuse(fiber.StatusBadRequest, "no body")
	}
	return bytes.Clone(body), nil
}

// answer runs a receiver and writes what it returns. The context does not end
// when the caller hangs up: what was accepted is finished.
func answer(c *fiber.Ctx, receive Receive, body []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	a, err := receive(ctx, body)
	if err != nil {
		return err
	}
	if a.Status == 0 {
		a.Status = fiber.StatusOK
	}
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	if a.ContentType != "" {
		c.Set(fiber.HeaderContentType, a.ContentType)
	}
	c.Status(a.Status).Response().SetBodyRaw(a.Body)
	return nil
}
