package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"github.com/soukchat/souk/bots"
)

// allowedUpdates are those Receive understands. Telegram keeps an earlier list
// where none is sent.
var allowedUpdates = []string{"message", "callback_query", "inline_query", "my_chat_member", "shipping_query", "pre_checkout_query"}

// Register tells Telegram where to send updates and which commands there are,
// in each language. Doing it again changes nothing.
func (b *Bot) Register(ctx context.Context, commands []bots.Command, who bots.Scope) error {
	if err := b.meet(ctx); err != nil {
		return err
	}
	if b.webhook == "" {
		return errors.New("setWebhook: the bot has no public address")
	}
	_, err := b.do(ctx, call{Method: "setWebhook", URL: b.webhook, Secret: WebhookSecret(b.token), Connections: 100, Allowed: allowedUpdates})
	if err != nil {
		return err
	}
	languages := map[string]bool{"": true}
	var public []bots.Command
	for _, c := range commands {
		for lang := range c.Description {
			languages[lang] = true
		}
		if !c.Staff {
			public = append(public, c)
		}
	}
	for _, lang := range slices.Sorted(maps.Keys(languages)) {
		code, _, _ := strings.Cut(strings.ToLower(lang), "-")
		if lang != "" && len(code) != 2 || lang != code && languages[code] {
			continue // Telegram has two letters; a region's texts go where the language has none
		}
		for _, kind := range []string{"all_private_chats", "all_group_chats"} {
			c := call{Method: "setMyCommands", Commands: menu(public, lang), Scope: &scope{Type: kind}, Language: code}
			if _, err := b.do(ctx, c); err != nil {
				return err
			}
		}
		if len(public) == len(commands) {
			continue
		}
		for _, account := range who.Staff {
			c := call{Method: "setMyCommands", Commands: menu(commands, lang), Scope: &scope{Type: "chat", Chat: account}, Language: code}
			if _, err := b.do(ctx, c); err != nil {
				var e *bots.SendError
				if errors.As(err, &e) && (e.Outcome == bots.Gone || e.Outcome == bots.Refused) {
					continue // they have not written to the bot yet; typing the command works all the same
				}
				return err
			}
		}
	}
	return nil
}

func menu(commands []bots.Command, lang string) []tgbotapi.BotCommand {
	var list []tgbotapi.BotCommand
	for _, c := range commands {
		text := c.Description[lang]
		if text == "" {
			text = c.Description[""]
		}
		list = append(list, tgbotapi.BotCommand{Command: c.Name, Description: text})
	}
	return list
}

// meet asks Telegram who the bot is.
func (b *Bot) meet(ctx context.Context) error {
	raw, err := b.do(ctx, call{Method: "getMe"})
	if err != nil {
		return err
	}
	var me tgbotapi.User
	if err := json.Unmarshal(raw, &me); err != nil {
		return fmt.Errorf("getMe: %w", err)
	}
	if name := b.Username(); name != "" && !strings.EqualFold(name, me.UserName) {
		return fmt.Errorf("the token belongs to @%s, the configuration says @%s", me.UserName, name)
	}
	b.setUsername(me.UserName)
	return nil
}

// Probe checks that the token works and that updates arrive. The error says
// what is wrong.
func (b *Bot) Probe(ctx context.Context) error {
	if err := b.meet(ctx); err != nil {
		return err
	}
	raw, err := b.do(ctx, call{Method: "getWebhookInfo"})
	if err != nil {
		return err
	}
	var info tgbotapi.WebhookInfo
	if err := json.Unmarshal(raw, &info); err != nil {
		return fmt.Errorf("getWebhookInfo: %w", err)
	}
	switch {
	case info.URL == "":
		return fmt.Errorf("no webhook is set: souk serve sets it when it starts")
	case info.URL != b.webhook:
		return fmt.Errorf("the webhook is %s and should be %s: souk serve sets it when it starts", info.URL, b.webhook)
	case info.LastErrorMessage != "" && info.PendingUpdateCount > 0:
		at := time.Unix(int64(info.LastErrorDate), 0).UTC().Format(time.RFC3339)
		return fmt.Errorf("%d updates wait; at %s Telegram said: %s", info.PendingUpdateCount, at, info.LastErrorMessage)
	}
	return nil
}

// Problem is something about the commands that Telegram would refuse. Path
// leads to it, as "2.name".
type Problem struct {
	Path    string
	Message string
}

// CheckCommands reports every way in which Telegram would refuse the commands
// (core.telegram.org/bots/api#botcommand).
func CheckCommands(commands []bots.Command) []Problem {
	var problems []Problem
	add := func(i int, field, format string, args ...any) {
		problems = append(problems, Problem{Path: strconv.Itoa(i) + "." + field, Message: fmt.Sprintf(format, args...)})
	}
	if len(commands) > bots.MaxCommands {
		problems = append(problems, Problem{Message: fmt.Sprintf("%d commands, %d fit", len(commands), bots.MaxCommands)})
	}
	seen := map[string]bool{}
	for i, c := range commands {
		if c.Name == "" || len(c.Name) > bots.MaxCommandName || strings.Trim(c.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			add(i, "name", "Telegram takes 1 to %d of a-z 0-9 _ as a command, not %q", bots.MaxCommandName, c.Name)
		}
		if seen[c.Name] {
			add(i, "name", "the command %q is there twice", c.Name)
		}
		seen[c.Name] = true
		if c.Description[""] == "" {
			add(i, "description", "the command %q needs a description", c.Name)
		}
		for _, lang := range slices.Sorted(maps.Keys(c.Description)) {
			if n := bots.Width(c.Description[lang]); n > 256 {
				add(i, "description", "the description of %q has %d characters, 256 fit", c.Name, n)
			}
		}
	}
	return problems
}
