package main

import (
	"context"
	"crypto/ed25519"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/redis/go-redis/v9"

	"github.com/soukchat/souk/bots/telegram"
)

// serveBare runs the bare handler: the least a bot with a memory can do. It
// proves the caller, decodes the body with the standard library, makes one
// round trip to Redis (was this seen before?) and replies in the answer.
func serveBare(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	flags := flag.NewFlagSet("baseline", flag.ContinueOnError)
	address := flags.String("redis", "", "address of Redis")
	if err := flags.Parse(args); err != nil {
		return err
	}
	opts, err := redis.ParseURL(*address)
	if err != nil {
		return err
	}
	client := redis.NewClient(opts)
	defer client.Close()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := bare(client)
	go server.Listener(socket)
	defer server.Shutdown()
	return wait(ctx, socket.Addr().String(), stdin, stdout)
}

func bare(client *redis.Client) *fiber.App {
	secret := []byte(telegram.WebhookSecret(telegramToken))
	key := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	server := fiber.New(fiber.Config{DisableStartupMessage: true, ReadTimeout: 10 * time.Second, IdleTimeout: 75 * time.Second})
	first := func(id string) (bool, error) {
		return client.SetNX(context.Background(), "soukbench:"+id, "1", time.Minute).Result()
	}
	server.Post("/telegram/:bot", func(c *fiber.Ctx) error {
		if subtle.ConstantTimeCompare(c.Request().Header.Peek("X-Telegram-Bot-Api-Secret-Token"), secret) != 1 {
			return fiber.ErrUnauthorized
		}
		var u bareUpdate
		if err := json.Unmarshal(c.BodyRaw(), &u); err != nil {
			return fiber.ErrBadRequest
		}
		if _, err := first(strconv.FormatInt(u.ID, 10)); err != nil {
			return err
		}
		if u.Callback.ID != "" {
			return c.JSON(fiber.Map{"method": "editMessageText", "chat_id": u.Callback.From.ID, "message_id": u.Callback.Message.ID,
				"text": bareText, "reply_markup": bareKeyboard})
		}
		return c.JSON(fiber.Map{"method": "sendMessage", "chat_id": u.Message.Chat.ID, "text": bareText, "reply_markup": bareKeyboard})
	})
	server.Post("/discord/:bot", func(c *fiber.Ctx) error {
		stamp, body := c.Request().Header.Peek("X-Signature-Timestamp"), c.BodyRaw()
		sig, err := hex.DecodeString(c.Get("X-Signature-Ed25519"))
		if err != nil || !ed25519.Verify(key, append(append([]byte{}, stamp...), body...), sig) {
			return fiber.ErrUnauthorized
		}
		var in bareInteraction
		if err := json.Unmarshal(body, &in); err != nil {
			return fiber.ErrBadRequest
		}
		if _, err := first(in.ID); err != nil {
			return err
		}
		kind := 7 // the message that was pressed becomes this one
		if in.Type == 2 {
			kind = 4
		}
		return c.JSON(fiber.Map{"type": kind, "data": fiber.Map{"content": bareText, "components": bareComponents}})
	})
	return server
}

type bareUpdate struct {
	ID      int64 `json:"update_id"`
	Message struct {
		Text string `json:"text"`
		Chat struct {
			ID int64 `json:"id"`
		} `json:"chat"`
	} `json:"message"`
	Callback struct {
		ID   string `json:"id"`
		Data string `json:"data"`
		From struct {
			ID int64 `json:"id"`
		} `json:"from"`
		Message struct {
			ID int64 `json:"message_id"`
		} `json:"message"`
	} `json:"callback_query"`
}

type bareInteraction struct {
	ID   string `json:"id"`
	Type int    `json:"type"`
	Data struct {
		Name     string `json:"name"`
		CustomID string `json:"custom_id"`
	} `json:"data"`
}

const bareText = "Welcome to the shop. What would you like to see?"

var (
	bareKeyboard = fiber.Map{"inline_keyboard": [][]fiber.Map{{{"text": "Picks", "callback_data": "feed"}, {"text": "Cart", "callback_data": "cart"}}}}

	bareComponents = []fiber.Map{{"type": 1, "components": []fiber.Map{
		{"type": 2, "style": 1, "label": "Picks", "custom_id": "feed"}, {"type": 2, "style": 2, "label": "Cart", "custom_id": "cart"}}}}
)
