package chatscript

import "github.com/soukchat/souk/commerce/database"

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
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
