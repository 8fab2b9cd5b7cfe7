package telegram

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Server) getMe(*call) (any, error) {
	return map[string]any{
		"id": s.bot.ID, "is_bot": true, "first_name": s.bot.First, "username": s.bot.Username,
		"can_join_groups": true, "can_read_all_group_messages": false, "supports_inline_queries": true,
	}, nil
}

func (s *Server) getChat(c *call) (any, error) {
	ch, err := s.place(c)
	if err != nil {
		return nil, err
	}
	return ch.Chat, nil
}

func (s *Server) setWebhook(c *call) (any, error) {
	address := c.args["url"]
	if address != "" {
		if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, badRequest("bad webhook: invalid webhook URL specified")
		}
	}
	secret := c.args["secret_token"]
	if strings.Trim(secret, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != "" {
		return nil, badRequest("secret token contains unallowed characters")
	}
	connections := 40
	if n := c.args["max_connections"]; n != "" {
		if connections, _ = strconv.Atoi(n); connections < 1 || connections > 100 {
			return nil, badRequest("max_connections must be between 1 and 100")
		}
	}
	if list := c.args["allowed_updates"]; list != "" {
		s.hook.allowed = nil
		json.Unmarshal([]byte(list), &s.hook.allowed)
	}
	if c.args["drop_pending_updates"] == "true" {
		s.hook.queues = map[string]*queue{}
	}
	s.hook.url, s.hook.secret, s.hook.connections = address, secret, connections
	s.hook.firstGone, s.hook.lastError = time.Time{}, ""
	s.next()
	go s.pump()
	return true, nil
}

func (s *Server) deleteWebhook(c *call) (any, error) {
	s.hook.url, s.hook.secret = "", ""
	if c.args["drop_pending_updates"] == "true" {
		s.hook.queues = map[string]*queue{}
	}
	return true, nil
}

func (s *Server) getWebhookInfo(*call) (any, error) {
	pending := 0
	for _, q := range s.hook.queues {
		pending += len(q.updates)
	}
	info := map[string]any{"url": s.hook.url, "has_custom_certificate": false, "pending_update_count": pending}
	if s.hook.url != "" {
		info["max_connections"] = s.hook.connections
	}
	if len(s.hook.allowed) > 0 {
		info["allowed_updates"] = s.hook.allowed
	}
	if s.hook.lastError != "" {
		info["last_error_date"], info["last_error_message"] = s.hook.errorAt.Unix(), s.hook.lastError
	}
	return info, nil
}

// Command is an entry of the menu that opens with "/".
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// scope returns the key under which commands are kept.
func (s *Server) scope(c *call) (string, error) {
	scope := struct {
		Type string      `json:"type"`
		Chat json.Number `json:"chat_id"`
		User json.Number `json:"user_id"`
	}{Type: "default"}
	if text := c.args["scope"]; text != "" {
		if err := json.Unmarshal([]byte(text), &scope); err != nil {
			return "", badRequest("can't parse BotCommandScope")
		}
	}
	if id := scope.Chat.String(); id != "" {
		if _, err := s.place(&call{args: map[string]string{"chat_id": id}}); err != nil {
			return "", err
		}
	}
	lang := c.args["language_code"]
	if lang != "" && (len(lang) != 2 || strings.ToLower(lang) != lang) {
		return "", badRequest("invalid language code specified")
	}
	return strings.Join([]string{scope.Type, scope.Chat.String(), scope.User.String(), lang}, "/"), nil
}

func (s *Server) setMyCommands(c *call) (any, error) {
	key, err := s.scope(c)
	if err != nil {
		return nil, err
	}
	var commands []Command
	json.Unmarshal([]byte(c.args["commands"]), &commands)
	if len(commands) > 100 {
		return nil, badRequest("BOT_COMMANDS_TOO_MUCH")
	}
	for _, x := range commands {
		if x.Command == "" || strings.Trim(x.Command, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			return nil, badRequest("BOT_COMMAND_INVALID")
		}
		if strings.TrimSpace(x.Description) == "" {
			return nil, badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	s.commands[key] = commands
	s.note(Change{Kind: "commands"})
	return true, nil
}

func (s *Server) getMyCommands(c *call) (any, error) {
	key, err := s.scope(c)
	if err != nil {
		return nil, err
	}
	return append([]Command{}, s.commands[key]...), nil
}

func (s *Server) deleteMyCommands(c *call) (any, error) {
	key, err := s.scope(c)
	if err != nil {
		return nil, err
	}
	delete(s.commands, key)
	return true, nil
}

// Commands returns the menu that a person's client shows in a chat: of the
// narrowest scope that has one, in the client's language where there is one
// (https://core.telegram.org/bots/api#determining-list-of-commands).
func (s *Server) Commands(viewer, chat int64) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, ch := s.users[viewer], s.chats[chat]
	if u == nil || ch == nil {
		return nil
	}
	id := strconv.FormatInt(chat, 10)
	scopes := []string{"chat_member/" + id + "/" + strconv.FormatInt(viewer, 10), "chat/" + id + "/", "all_group_chats//"}
	if ch.Type == "private" {
		scopes = []string{"chat/" + id + "/", "all_private_chats//"}
	}
	lang, _, _ := strings.Cut(strings.ToLower(u.Lang), "-")
	for _, scope := range append(scopes, "default//") {
		for _, l := range []string{lang, ""} {
			if list, ok := s.commands[scope+"/"+l]; ok {
				return slices.Clone(list)
			}
		}
	}
	return nil
}
