package main

import (
	"fmt"

	"github.com/soukchat/souk/commerce/database"
	"github.com/soukchat/souk/config"
)

// migrateCmd is `souk migrate`.
type migrateCmd struct {
	Config string `arg:"" help:"File or folder of the configuration." type:"path"`
}

// Help is the manual.
func (migrateCmd) Help() string {
	return `Brings the tables of the configured database up to date. serve does the same
when it starts; run it on its own where a deployment wants it done first. Make
a backup before: there is no way back but the backup.`
}

// Run migrates.
func (c *migrateCmd) Run(e *environment) error {
	cfg, err := config.Load(c.Config, e.getenv)
	if err != nil {
		return err
	}
	db, err := database.Open(e.ctx, cfg.Database.URL.Reveal())
	if err != nil {
		return err
	}
	defer db.Close()
	n, err := db.Migrate(e.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%s: %d steps taken, the tables are up to date.\n", db.Engine(), n)
	return nil
}
