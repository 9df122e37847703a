package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
)

// Schema is the JSON Schema (draft 2020-12) of the document.
//
//go:embed schema.json
var Schema []byte

func writeJSON(w *bytes.Buffer, d Document, _ Options) error { return encode(w, d) }

// encode writes v as indented JSON in which only what prints stands as itself.
func encode(w *bytes.Buffer, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	w.Write(printable(b))
	return w.WriteByte('\n')
}
