package chatscript

import (
	"maps"

	"github.com/soukchat/souk/commerce/database"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"takes-posts": act(1, "takes-posts HOURS [DAY...]: when the community does", func(args []string) error {
				cfg := *s.config
				cfg.Communities = maps.Clone(cfg.Communities)
				for name, c := range cfg.Communities {
					c.PostHours, c.PostDays = args[0], args[1:]
					cfg.Communities[name] = c
				}
				return s.reload(&cfg)
			}),
			"week-picture": act(0, "week-picture: the chart of the newest digest is served", func([]string) error {
				id := ""
				if err := s.world.App.DB.Read(s.ctx, func(tx *database.Tx) error {
					return tx.Row(`SELECT id FROM digests WHERE creator_id IN (SELECT id FROM creators WHERE made_at > 0) ORDER BY week DESC LIMIT 1`).Scan(&id)
				}); err != nil {
					return err
				}
				return s.isPicture("/m/w/" + id)
			}),
		}
	})
}
