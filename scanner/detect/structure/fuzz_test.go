package structure

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Whatever the input, no parser panics, every match lies within the window,
// holds its keyword and a secret that is not empty, and is no longer than the
// detector's reach.
func FuzzFindAt(f *testing.F) {
	detectors := All()
	r := rand.New(rand.NewPCG(5, 6))
	for _, d := range detectors {
		f.Add(strings.ReplaceAll(d.Example(r), "\x01", ""))
		f.Add(d.Keywords[0])
		f.Add(d.Keywords[len(d.Keywords)-1] + "=")
	}
	f.Fuzz(func(t *testing.T, text string) {
		w := []byte(text)
		low := make([]byte, len(w))
		for i, c := range w {
			low[i] = lower(c)
		}
		for _, d := range detectors {
			for _, k := range d.Keywords {
				for from := 0; ; {
					i := strings.Index(string(low[from:]), k)
					if i < 0 {
						break
					}
					start := from + i
					from = start + 1
					for _, m := range d.FindAt(w, start, start+len(k)) {
						switch {
						case m.Start < 0 || m.End > len(w) || m.SecretStart < m.Start || m.SecretEnd > m.End || m.SecretStart >= m.SecretEnd:
							t.Fatalf("%s: match %+v in %d bytes", d.ID, m, len(w))
						case m.End-m.Start > d.Reach:
							t.Fatalf("%s: a match of %d bytes, reach %d", d.ID, m.End-m.Start, d.Reach)
						}
					}
				}
			}
		}
	})
}
