package config

import _ "embed"

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (2020-12) of a configuration, for editors. It
// is generated from the types and says what a schema can say; references,
// variables and files are Load's.
func Schema() []byte { return schema }
