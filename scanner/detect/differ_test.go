package detect

import (
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"testing"
)

// differences from gitleaks, each with its reason. A text in which one of them
// shows is not compared for that rule. Beside these, the peer here has gitleaks'
// global (?i)^true|false|null$ mended, and a match that overlaps an earlier one of
// its rule is found too, where gitleaks goes on after the end of the earlier.
var differences = []struct {
	reason string
	shows  func(rule, text string) bool
}{
	{
		"(?i) folds within ASCII: no token has a long s or a Kelvin sign",
		func(_, text string) bool { return strings.ContainsAny(text, "ſK") },
	},
	{
		"no window reaches farther than MaxReach from its keyword",
		func(_, text string) bool { return len(text) > MaxReach },
	},
	{
		"a keyword must stand where the expression has it, not at a dot that stands for any byte",
		func(rule, text string) bool {
			return rule == "slack-webhook-url" && !strings.Contains(text, "hooks.slack.com") ||
				rule == "sidekiq-sensitive-url" && !strings.Contains(strings.ToLower(text), ".contribsys.com") ||
				rule == "slack-config-access-token" && !strings.Contains(strings.ToLower(text), "xoxe.xox")
		},
	},
}

func sample(r *rand.Rand, re *syntax.Regexp, b *strings.Builder) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		var list []rune
		for i := 0; i < len(re.Rune); i += 2 {
			for c := max(re.Rune[i], ' '); c <= min(re.Rune[i+1], '~'); c++ {
				list = append(list, c)
			}
		}
		if len(list) == 0 {
			list = re.Rune[:1]
		}
		b.WriteRune(list[r.IntN(len(list))])
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(' ' + byte(r.IntN(95)))
	case syntax.OpAlternate:
		sample(r, re.Sub[r.IntN(len(re.Sub))], b)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		from, to := bounds(re)
		for range from + r.IntN(min(to, from+5)-from+1) {
			sample(r, re.Sub[0], b)
		}
	default:
		for _, s := range re.Sub {
			sample(r, s, b)
		}
	}
}

// TestEqualsGitleaksOnMadeUp compares over text made from each rule's own
// expression, alone and between others.
func TestEqualsGitleaksOnMadeUp(t *testing.T) {
	d, in := peer(t), rules(t, Options{Raw: true}).Inspector()
	r := rand.New(rand.NewPCG(5, 6))
	var trees []*syntax.Regexp
	for _, rule := range Gitleaks() {
		if tree, err := parse(rule.Expression); err == nil && rule.Expression != "" {
			trees = append(trees, tree)
		}
	}
	found := map[string]bool{}
	for round := range 2 * len(trees) {
		var b strings.Builder
		for _, i := range []int{round % len(trees), r.IntN(len(trees)), round % len(trees)} {
			fmt.Fprintf(&b, "line %d\n", i)
			sample(r, trees[i], &b)
			b.WriteString([]string{"\n", " \n", "\r\n", "\";\n"}[r.IntN(4)])
		}
		text := b.String()
		want, got := theirs(d, text), ours(in, []byte(text))
		for f := range want {
			found[f.rule] = true
			if !got[f] && !explained(f.rule, text) {
				t.Errorf("gitleaks alone finds %s %q in %q", f.rule, f.secret, text)
			}
		}
		for f := range got {
			if !want[f] && !explained(f.rule, text) {
				t.Errorf("we alone find %s %q in %q", f.rule, f.secret, text)
			}
		}
	}
	if len(found) < 150 {
		t.Errorf("only %d rules fired", len(found))
	}
}

func explained(rule, text string) bool {
	for _, d := range differences {
		if d.shows(rule, text) {
			return true
		}
	}
	return false
}
