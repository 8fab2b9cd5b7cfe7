package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// healthcheckCmd is `souk healthcheck`.
type healthcheckCmd struct {
	URL string `arg:"" optional:"" default:"http://127.0.0.1:8080/healthz" help:"Address to ask."`
}

// Help is the manual.
func (healthcheckCmd) Help() string {
	return `Asks a running shop whether it lives: exit code 0 where it answers with a 2xx
status within three seconds, 1 where it does not. It is for containers without
a shell. /healthz says that the process lives, /readyz that it can do its work
now.

  souk healthcheck http://127.0.0.1:8080/readyz`
}

// Run asks once.
func (c *healthcheckCmd) Run(e *environment) error {
	ctx, cancel := context.WithTimeout(e.ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s answers %s", c.URL, res.Status)
	}
	return nil
}
