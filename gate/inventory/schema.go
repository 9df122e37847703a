package inventory

import _ "embed"

// Schema is the JSON Schema (draft 2020-12) of an inventory file, for editors.
// It knows shape: types, words, unknown keys. What a risk tier asks for, and
// what points from one place to another, only Parse and the rules know.
//
//go:embed inventory.schema.json
var Schema []byte
