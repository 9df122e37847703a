package inventory

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Law: what parses is written so that it parses to the same again.
func FuzzInventory(f *testing.F) {
	example, err := os.ReadFile("testdata/example.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(example)
	f.Add([]byte("version: 1\nproviders: {p1: {kind: internal, auth: {\"a b\": removed}}}\nconnections: {ab: {provider: p1, notes: \"\\u0085x\"}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		want, err := Parse(File{"a.yaml", data})
		if err != nil {
			return
		}
		text := want.Marshal()
		got, err := Parse(File{"a.yaml", text})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if d := cmp.Diff(want, got, declared); d != "" {
			t.Fatalf("%s\n%s", d, text)
		}
	})
}
