package chatscript

import (
	"fmt"

	"github.com/soukchat/souk/commerce/database"
)

func init() {
	topics = append(topics, func(s *story, act acting) map[string]command {
		return map[string]command{
			"held": act(2, "held VALUE N: so many of the variant with that first value are held", s.heldUnits),
		}
	})
}

func (s *story) heldUnits(args []string) error {
	return s.world.App.DB.Read(s.ctx, func(tx *database.Tx) error {
		var held int64
		if err := tx.Row(`SELECT s.held FROM stock s JOIN variants v ON v.id = s.variant_id WHERE v.value1 = $1`, args[0]).Scan(&held); err != nil {
			return err
		}
		if fmt.Sprint(held) != args[1] {
			return fmt.Errorf("%d are held", held)
		}
		return nil
	})
}
