package chatscript

import (
	"github.com/soukchat/souk/commerce"
	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/config"
)

func init() {
	growing = append(growing, "bids", "bid_ratings", "briefs", "exchange_scores")
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"samples-for": act(2, "samples-for FOLLOWERS MONTH: what the shop asks of creators who want samples", func(args []string) error {
				cfg := *s.config
				cfg.Exchange = config.Exchange{Followers: config.Count(args[0]), Month: config.Count(args[1])}
				return s.reload(&cfg)
			}),
			"becomes-creator": act(0, "becomes-creator: whoever acts was approved some time ago", func([]string) error {
				if err := s.me().Say("/start"); err != nil {
					return err
				}
				s.rest()
				return s.world.App.DB.Write(s.ctx, func(tx *database.Tx) error {
					_, err := tx.Exec(`INSERT INTO creators (id, name, bio, position, member_id, made_at) SELECT $1, m.name, '', 100, m.id, $2
						FROM accounts a JOIN members m ON m.id = a.member_id WHERE a.username = $1`, s.who, commerce.Micros(s.clock.Now()))
					return err
				})
			}),
		}
	})
}
