package detecttest

import (
	"math/rand/v2"
	"testing"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
)

func digits(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0' + byte(r.IntN(10))
	}
	return string(b)
}

func TestRun(t *testing.T) {
	d := scanner.Detector{
		ID: "made-up", Keywords: []string{"acme_"}, Reach: 40,
		Expression: `\bACME_([0-9]{20})\b`,
		Example:    func(r *rand.Rand) string { return "key: ACME_" + Secret(digits(r, 20)) },
		Silent:     func(r *rand.Rand) string { return "key: ACME_" + digits(r, 21) },
	}
	Run(t, d)
	find := d
	find.Expression = ""
	find.FindAt = func(w []byte, start, end int) []scanner.Match {
		n := 0
		for end+n < len(w) && '0' <= w[end+n] && w[end+n] <= '9' {
			n++
		}
		if n != 20 || start > 0 && w[start-1] != ' ' {
			return nil
		}
		return []scanner.Match{{Start: start, End: end + n, SecretStart: end, SecretEnd: end + n}}
	}
	Run(t, find)
}

// A detector that breaks the contract must be told so.
func TestContractIsChecked(t *testing.T) {
	short := scanner.Detector{
		ID: "made-up", Keywords: []string{"acme_"}, Reach: 12,
		Expression: `ACME_([0-9]{20})`,
	}
	text := "ACME_" + digits(random(1), 20)
	c := contract{t: t, d: short, set: must(t, short)}
	if got := c.scan(text + "\n"); len(got) != 0 {
		t.Errorf("a match beyond the reach was found: %q", got)
	}
}

func must(t *testing.T, d scanner.Detector) *detect.Set {
	t.Helper()
	set, err := detect.New([]scanner.Detector{d}, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return set
}
