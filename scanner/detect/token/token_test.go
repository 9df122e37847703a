package token

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner/detect/detecttest"
	"github.com/credgate/credgate/scanner/provider"
)

// Every detector keeps the contract and has what explain shows.
func TestDetectors(t *testing.T) {
	rounds := 1
	if os.Getenv("CREDGATE_LONG") != "" {
		rounds = 20
	}
	ids := map[string]bool{}
	for _, d := range All() {
		if ids[d.ID] {
			t.Errorf("%s stands twice", d.ID)
		}
		ids[d.ID] = true
		if _, ok := provider.ByID(d.Provider); !ok && d.Provider != "" {
			t.Errorf("%s: provider %q is not in the catalogue", d.ID, d.Provider)
		}
		for _, l := range []string{d.Format, d.Rotate} {
			if !strings.HasPrefix(l, "https://") {
				t.Errorf("%s: Format and Rotate are to be https links, not %q", d.ID, l)
			}
		}
		if d.Title == "" || d.Kind == "" || d.Severity == 0 {
			t.Errorf("%s: title, kind or severity is missing", d.ID)
		}
		t.Run(d.ID, func(t *testing.T) {
			t.Parallel()
			detecttest.RunRounds(t, d, rounds)
		})
	}
	t.Logf("%d detectors", len(ids))
}

// The published example of GitHub's format has a right checksum.
func TestCRC62(t *testing.T) {
	if got := crc62("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"); got != "0mLq17" {
		t.Errorf("crc62 = %s", got)
	}
}

// Detector by id, for the tests of single ones.
func find(t *testing.T, id, text string) []string {
	t.Helper()
	for _, d := range All() {
		if d.ID != id {
			continue
		}
		var out []string
		seen := map[string]bool{}
		low := strings.ToLower(text)
		for _, k := range d.Keywords {
			for i := 0; ; {
				j := strings.Index(low[i:], k)
				if j < 0 {
					break
				}
				i += j
				for _, m := range d.FindAt([]byte(text), i, i+len(k)) {
					s := text[m.SecretStart:m.SecretEnd]
					if !seen[s] {
						seen[s] = true
						out = append(out, s)
					}
				}
				i++
			}
		}
		return out
	}
	t.Fatalf("no detector %s", id)
	return nil
}

func random() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
