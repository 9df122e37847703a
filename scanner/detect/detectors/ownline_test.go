package detectors

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// TestOwnLine states that where a detector's OwnLine holds, its Near answers the
// same whatever lines stand beside that of the keyword. Lines are those of all
// detectors' examples, and some that go on in the next.
func TestOwnLine(t *testing.T) {
	list := All()
	lines := exampleLines(list)
	r := rand.New(rand.NewPCG(1, 1))
	asked, own := 0, 0
	for i := range list {
		d := &list[i]
		if d.Near == nil || d.OwnLine == nil {
			continue
		}
		for _, line := range lines {
			low := bytes.ToLower(line)
			for _, k := range d.Keywords {
				if at := bytes.Index(low, []byte(k)); at >= 0 && len(low) == len(line) {
					asked++
					if ownLine(t, d, r, lines, line, at, at+len(k)) {
						own++
					}
				}
			}
		}
	}
	if own < asked/2 || asked < 10_000 {
		t.Errorf("of %d keywords only %d are judged by their own line", asked, own)
	}
}

// ownLine puts a line among others several times, and tells whether OwnLine held.
func ownLine(t *testing.T, d *scanner.Detector, r *rand.Rand, lines [][]byte, line []byte, start, end int) bool {
	t.Helper()
	pad := bytes.Repeat([]byte("lorem ipsum\n"), scanner.NearAfter/12+1)
	var first, other []byte
	answer, known := false, false
	for range 4 {
		before := append(bytes.Clone(pad), lines[r.IntN(len(lines))]...)
		text := bytes.Join([][]byte{before, line, lines[r.IntN(len(lines))], lines[r.IntN(len(lines))], pad}, []byte("\n"))
		s, e := len(before)+1+start, len(before)+1+end
		from := max(0, s-scanner.NearBefore)
		b := text[from:min(len(text), e+scanner.NearAfter)]
		near := d.Near(b, s-from, e-from)
		switch {
		case known && near != answer:
			t.Errorf("%s: %t and %t for %q in\n%q\n%q", d.ID, answer, near, line[start:end], first, b)
			return true
		case !known && d.OwnLine(b, s-from, e-from):
			known, answer, first = true, near, b
			if other != nil && d.Near(other, s-from, e-from) != near {
				t.Errorf("%s: %t, and otherwise in\n%q\n%q", d.ID, near, first, other)
			}
		default:
			other = b
		}
	}
	return known
}

// exampleLines gives the lines of all examples.
func exampleLines(list []scanner.Detector) [][]byte {
	lines := [][]byte{nil, []byte("password:"), []byte("  secret ="), []byte(`api_key = \`), []byte(`put("token",`), []byte("}"), []byte("  'x',"), []byte(`  "Zk4QpXv7Lr2WmT9cYb6N"`)}
	for i := range list {
		for _, make := range []func(*rand.Rand) string{list[i].Example, list[i].Silent} {
			if make == nil {
				continue
			}
			text := strings.ReplaceAll(make(rand.New(rand.NewPCG(uint64(i), 3))), "\x01", "")
			for line := range strings.Lines(text) {
				lines = append(lines, []byte(strings.TrimSuffix(line, "\n")))
			}
		}
	}
	return lines
}
