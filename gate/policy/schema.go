package policy

import _ "embed"

// Schema is the JSON Schema (draft 2020-12) of a policy file, for editors.
//
//go:embed policy.schema.json
var Schema []byte
