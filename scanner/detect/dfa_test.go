package detect

import (
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"slices"
	"testing"
)

// TestAutomatonAgreesWithRegexp: over ASCII the automaton accepts just what an
// anchored expression matches, reads no less than the match, and reversed the
// same; beyond ASCII it accepts no less.
func TestAutomatonAgreesWithRegexp(t *testing.T) {
	expressions := []string{
		`a+b`, `\ba{2,4}\b`, `(?:a|ab)(?:c|bc)$`, `^a.b`, `(?m)^a$`, `(?s:.)*b`, `[^a]b?\B`, `a(?:b|$)`, `\z`, `(?i)aB[c-e]{1,3}`,
		`[^\n]{2}é`, `a{0,50}?b`, `(a*)*b`, `x*`, `(?:\ba|\Bb)+`,
	}
	for _, d := range Gitleaks()[:40] {
		if d.Expression != "" {
			expressions = append(expressions, d.Expression)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	const alphabet = "aabbc \n_.-\"='0f"
	for _, e := range expressions {
		tree, err := parse(e)
		if err != nil {
			t.Fatal(err)
		}
		d, back := newDFA(newPlan(tree)), newDFA(newPlan(reversed(tree)))
		after := regexp.MustCompile(`\A(?s:.)(?:` + tree.String() + `)`)
		before := regexp.MustCompile(`(?:` + tree.String() + `)(?s:.)\z`)
		for range 300 {
			text := make([]byte, 1+r.IntN(12))
			for i := range text {
				text[i] = alphabet[r.IntN(len(alphabet))]
			}
			ascii := r.IntN(4) > 0
			if !ascii {
				text = append(text, "é世\xff"[r.IntN(6):]...)
			}
			loc := after.FindIndex(text)
			ok, _, end := d.run(text, 1)
			if ok != (loc != nil) && (ascii || !ok) {
				t.Fatalf("%s on %q: the automaton says %v, the expression %v", e, text, ok, loc)
			}
			if loc != nil && end < loc[1] {
				t.Fatalf("%s on %q: the automaton read %d bytes of %v", e, text, end, loc)
			}
			if !ascii || hasText(tree) {
				continue // text edges mean another thing on a part of the text
			}
			turned := slices.Clone(text)
			slices.Reverse(turned)
			if ok, _, _ := back.run(turned, 1); ok != before.Match(text) {
				t.Fatalf("%s reversed on %q: the automaton says %v", e, text, ok)
			}
		}
	}
}

func hasText(re *syntax.Regexp) bool {
	return re.Op == syntax.OpBeginText || re.Op == syntax.OpEndText || slices.ContainsFunc(re.Sub, hasText)
}

func TestSpan(t *testing.T) {
	for e, want := range map[string][2]int{
		`abc`: {3, 3}, `a?b{2,5}`: {2, 6}, `(?i)key`: {3, 3}, `[a-z]+`: {1, unbounded}, `a|bcd`: {1, 3},
		`\bé`: {2, 2}, `.{3}`: {3, 12}, `(?i)[a-z]{4}`: {4, 4}, `[^a]`: {1, 4}, `(?:ab){3}$`: {6, 6},
	} {
		tree, err := parse(e)
		if err != nil {
			t.Fatal(err)
		}
		if lo, hi := span(tree); lo != want[0] || hi != want[1] {
			t.Errorf("%s: %d to %d, want %v", e, lo, hi, want)
		}
	}
}
