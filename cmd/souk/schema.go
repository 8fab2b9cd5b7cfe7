package main

import "github.com/soukchat/souk/config"

// schemaCmd is `souk schema`.
type schemaCmd struct{}

// Help is the manual.
func (schemaCmd) Help() string {
	return `Prints the JSON Schema of a configuration, for editors that complete and check
YAML:

  souk schema > souk.schema.json

and as the first line of the file, for the YAML language server:

  # yaml-language-server: $schema=souk.schema.json

What a schema cannot say, such as whether a brand that is named exists, is said
by souk check.`
}

// Run prints the schema.
func (schemaCmd) Run(e *environment) error {
	_, err := e.stdout.Write(config.Schema())
	return err
}
