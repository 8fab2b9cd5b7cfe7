package chatscript

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/soukchat/souk/commerce/moderation"
	"github.com/soukchat/souk/config"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"moderators": act(0, "moderators: Cleo moderates too", func([]string) error {
				cfg := *s.config
				cfg.Staff = append(slices.Clone(cfg.Staff), config.Staff{Name: "Cleo", Role: "moderator", Telegram: "1101", Discord: "100000000000000101"})
				return s.reload(&cfg)
			}),
			"held": act(2, "held LANGUAGE WORD: a word of that language holds posts back", func(args []string) error {
				cfg := *s.config
				cfg.Policies.Posts.HeldWords = map[string][]string{args[0]: args[1:]}
				return s.reload(&cfg)
			}),
			"logged": act(1, "logged N: so many lines are in the moderation log, all as they were written", func(args []string) error {
				n, _, err := moderation.Verify(s.ctx, s.world.App.DB, nil)
				if err == nil && strconv.FormatInt(n, 10) != args[0] {
					err = fmt.Errorf("%d lines", n)
				}
				return err
			}),
		}
	})
}
