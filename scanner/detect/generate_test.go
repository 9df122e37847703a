package detect

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"testing"
)

// generate makes text that an expression matches.
func generate(r *rand.Rand, re *syntax.Regexp, b *strings.Builder) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 && r.IntN(2) == 0 {
				c = []rune(strings.ToUpper(string(c)))[0]
			}
			b.WriteRune(c)
		}
	case syntax.OpCharClass:
		b.WriteRune(oneOf(r, re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(' ' + byte(r.IntN(95)))
	case syntax.OpAlternate:
		generate(r, re.Sub[r.IntN(len(re.Sub))], b)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		from, to := bounds(re)
		to = min(to, from+5)
		for range from + r.IntN(to-from+1) {
			generate(r, re.Sub[0], b)
		}
	default:
		for _, s := range re.Sub {
			generate(r, s, b)
		}
	}
}

// oneOf takes a rune of a class, printable ASCII if there is any.
func oneOf(r *rand.Rand, ranges []rune) rune {
	var list []rune
	for i := 0; i < len(ranges); i += 2 {
		for c := max(ranges[i], ' '); c <= min(ranges[i+1], '~'); c++ {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return ranges[0]
	}
	return list[r.IntN(len(list))]
}

// generator makes text for one expression.
func generator(t testing.TB, expression string) func(r *rand.Rand) string {
	t.Helper()
	tree, err := parse(expression)
	if err != nil {
		t.Fatal(err)
	}
	return func(r *rand.Rand) string {
		var b strings.Builder
		generate(r, tree, &b)
		return b.String()
	}
}

// filler is text without credentials, with keywords now and then.
func filler(r *rand.Rand, n int) string {
	words := []string{
		"func", "return", "key", "api_key", "=", ":", "{", "}", "\n", "\n", "\t", "token", "x", "\r\n", "\"secret\"",
		"password", "if err != nil", "curl -H", "// a comment", "ey", "sk", "-----BEGIN", "twitter", "é", "世界", "0123456789",
		"kind: Secret", "data:", "'", "\"", "facebook", "\xff", "monkey", "sourcegraph", "1234567890123456|", "abcdef0123456789",
	}
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(words[r.IntN(len(words))])
		if r.IntN(3) > 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}
