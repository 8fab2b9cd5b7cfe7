// Package config reads the YAML in which an admin describes a shop: its bots,
// communities, brands, creators, staff and policies.
//
// Load reads a file, or a folder of files merged into one, and reports every
// problem at once, each with its file, line and column. A Config remembers
// where its values stood (Position), so that a part that finds fault with what
// only it understands can be joined to a line. Watch reloads: what is not
// valid is never taken.
//
// The package knows the vocabulary of commerce and of bots (their limits) and
// nothing of the parts. It opens no connection and reads no product feed.
//
// Start at Config in types.go. A field's comment is its text in
// docs/configuration.md and in the JSON Schema, its tags are its rules:
//
//	rule:"required,is=currency,max=48"   see rules.go
//	default:"15m"                        taken where the key is absent
//
// After a change of the types run go generate ./config.
package config

//go:generate go test . -count=1 -run ^TestGenerated$ -update
