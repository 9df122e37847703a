package detect

import (
	"math"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unbounded is the length of what can match any number of bytes.
const unbounded = math.MaxInt32

// parse gives the tree of an expression in which letters fold within ASCII
// only. RE2's (?i) also takes ſ for s and K (the Kelvin sign) for k; no token has
// them, and with them a match could lack the keyword and be three times as long.
func parse(expression string) (*syntax.Regexp, error) {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, err
	}
	asciiFold(tree)
	return tree, nil
}

const (
	longS  = 0x17f
	kelvin = 0x212a
)

func asciiFold(re *syntax.Regexp) {
	for _, s := range re.Sub {
		asciiFold(s)
	}
	switch {
	case re.Op == syntax.OpCharClass:
		onlyFolds := true
		for i := 0; i < len(re.Rune); i += 2 {
			lo, hi := re.Rune[i], re.Rune[i+1]
			if hi >= utf8.RuneSelf && !(lo == hi && (lo == longS || lo == kelvin)) {
				onlyFolds = false
			}
		}
		if onlyFolds {
			var kept []rune
			for i := 0; i < len(re.Rune); i += 2 {
				if re.Rune[i] < utf8.RuneSelf {
					kept = append(kept, re.Rune[i], re.Rune[i+1])
				}
			}
			re.Rune = kept
		}
	case re.Op == syntax.OpLiteral && re.Flags&syntax.FoldCase != 0:
		var sub []*syntax.Regexp
		for _, r := range re.Rune {
			sub = append(sub, letter(r))
		}
		flags := re.Flags &^ syntax.FoldCase
		*re = syntax.Regexp{Op: syntax.OpConcat, Flags: flags, Sub: sub}
		if len(sub) == 1 {
			*re = *sub[0]
		}
	}
}

// letter is one rune without regard to ASCII case.
func letter(r rune) *syntax.Regexp {
	lo, up := unicode.ToLower(r), unicode.ToUpper(r)
	if r >= utf8.RuneSelf || lo == up {
		return &syntax.Regexp{Op: syntax.OpLiteral, Rune: []rune{r}}
	}
	return &syntax.Regexp{Op: syntax.OpCharClass, Rune: []rune{up, up, lo, lo}}
}

// span gives the least and greatest length in bytes of what a tree matches.
// A rune outside ASCII takes up to four bytes, and one in bytes that are no
// UTF-8 takes one.
func span(re *syntax.Regexp) (least, most int) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			least += utf8.RuneLen(r)
			if re.Flags&syntax.FoldCase != 0 {
				most += 3
			} else {
				most += utf8.RuneLen(r)
			}
		}
		return least, most
	case syntax.OpCharClass:
		if n := len(re.Rune); n > 0 {
			return 1, utf8.RuneLen(re.Rune[n-1])
		}
		return 0, 0
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return 1, utf8.UTFMax
	case syntax.OpCapture:
		return span(re.Sub[0])
	case syntax.OpConcat:
		return spanOf(re.Sub)
	case syntax.OpAlternate:
		least = unbounded
		for _, s := range re.Sub {
			lo, hi := span(s)
			least, most = min(least, lo), max(most, hi)
		}
		return least, most
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		lo, hi := span(re.Sub[0])
		from, to := bounds(re)
		return times(lo, from), times(hi, to)
	}
	return 0, 0
}

func spanOf(list []*syntax.Regexp) (least, most int) {
	for _, s := range list {
		lo, hi := span(s)
		least, most = min(unbounded, least+lo), min(unbounded, most+hi)
	}
	return least, most
}

// bounds gives how often a repetition takes its part; to may be unbounded.
func bounds(re *syntax.Regexp) (from, to int) {
	switch re.Op {
	case syntax.OpStar:
		return 0, unbounded
	case syntax.OpPlus:
		return 1, unbounded
	case syntax.OpQuest:
		return 0, 1
	}
	if re.Max < 0 {
		return re.Min, unbounded
	}
	return re.Min, re.Max
}

func times(n, by int) int {
	if n == 0 || by == 0 {
		return 0
	}
	if n >= unbounded/by {
		return unbounded
	}
	return n * by
}

// A prefix is a lower-case ASCII literal that some matches of a tree begin with,
// letters folded. It is exact if that is all that they consist of.
type prefix struct {
	text  string
	exact bool
}

const (
	maxPrefixes  = 64
	maxPrefixLen = 40 // bytes
)

// prefixes gives literals of which every match of the list, in a row, begins
// with one. There is always an answer, if only the empty prefix.
func prefixes(list []*syntax.Regexp) []prefix {
	all := []prefix{{"", true}}
	for _, re := range list {
		more := prefixesOf(re)
		var next []prefix
		open := false
		for _, p := range all {
			if !p.exact {
				next = append(next, p)
				continue
			}
			for _, m := range more {
				next = append(next, prefix{p.text + m.text, m.exact})
				open = open || m.exact
			}
		}
		if len(next) > maxPrefixes {
			return closed(all)
		}
		all = next
		if !open {
			break
		}
	}
	return all
}

func closed(list []prefix) []prefix {
	for i := range list {
		list[i].exact = false
	}
	return list
}

func prefixesOf(re *syntax.Regexp) []prefix {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText,
		syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return []prefix{{"", true}}
	case syntax.OpLiteral:
		text := string(re.Rune)
		for i := range len(text) {
			if text[i] >= utf8.RuneSelf || i == maxPrefixLen {
				return []prefix{{lower(text[:i]), false}}
			}
		}
		return []prefix{{lower(text), true}}
	case syntax.OpCharClass:
		return classPrefixes(re.Rune)
	case syntax.OpCapture:
		return prefixesOf(re.Sub[0])
	case syntax.OpConcat:
		return prefixes(re.Sub)
	case syntax.OpAlternate:
		var all []prefix
		for _, s := range re.Sub {
			all = append(all, prefixesOf(s)...)
		}
		if len(all) > maxPrefixes {
			return []prefix{{"", false}}
		}
		return all
	case syntax.OpQuest, syntax.OpPlus, syntax.OpRepeat:
		from, to := bounds(re)
		once := prefixesOf(re.Sub[0])
		switch {
		case from == 1 && to == 1:
			return once
		case from == 0 && to == 1:
			return append(once, prefix{"", true})
		case from > 1 && from == to && len(once) == 1 && once[0].exact && len(once[0].text)*from <= maxPrefixLen:
			return []prefix{{strings.Repeat(once[0].text, from), true}}
		case from >= 1:
			return closed(once)
		}
	}
	return []prefix{{"", false}}
}

// maxClass is the size of a class, letters folded, up to which it is worth
// trying each of its bytes.
const maxClass = 10

func classPrefixes(ranges []rune) []prefix {
	seen := map[byte]bool{}
	var list []prefix
	for i := 0; i < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if r >= utf8.RuneSelf || len(list) > maxClass {
				return []prefix{{"", false}}
			}
			if c := fold(byte(r)); !seen[c] {
				seen[c] = true
				list = append(list, prefix{string(c), true})
			}
		}
	}
	if len(list) > maxClass {
		return []prefix{{"", false}}
	}
	return list
}

// lower folds ASCII letters.
func lower(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = fold(b[i])
	}
	return string(b)
}

// A cut parts one branch of an expression at a place where every match holds
// one of a few literals: a match is something that lead matches, then something
// that begins with one of the literals and that tail matches.
type cut struct {
	lead, tail []*syntax.Regexp
	literals   []string
}

// branches gives the alternatives of a tree as flat lists of what stands in a row.
func branches(re *syntax.Regexp) [][]*syntax.Regexp {
	switch re.Op {
	case syntax.OpCapture:
		return branches(re.Sub[0])
	case syntax.OpAlternate:
		var all [][]*syntax.Regexp
		for _, s := range re.Sub {
			all = append(all, branches(s)...)
		}
		return all
	case syntax.OpConcat:
		return spread(re.Sub)
	}
	return [][]*syntax.Regexp{{re}}
}

// spread flattens a row. The first part of it that is an alternation of large
// parts is multiplied out, so that each of its branches can be cut by itself.
func spread(row []*syntax.Regexp) [][]*syntax.Regexp {
	var flat []*syntax.Regexp
	for i, s := range row {
		for s.Op == syntax.OpCapture {
			s = s.Sub[0]
		}
		switch s.Op {
		case syntax.OpConcat:
			return spread(append(append(flat[:len(flat):len(flat)], s.Sub...), row[i+1:]...))
		case syntax.OpAlternate:
			if least, _ := span(s); least >= 8 {
				var all [][]*syntax.Regexp
				for _, alt := range s.Sub {
					all = append(all, spread(append(append(flat[:len(flat):len(flat)], alt), row[i+1:]...))...)
				}
				return all
			}
		}
		flat = append(flat, s)
	}
	return [][]*syntax.Regexp{flat}
}

func assertion(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	return false
}

// cuts gives the places where a branch can be cut.
func cuts(row []*syntax.Regexp) []cut {
	var list []cut
	for i := range row {
		if assertion(row[i]) {
			continue
		}
		var c cut
		for _, p := range prefixes(row[i:]) {
			c.literals = append(c.literals, p.text)
		}
		from := i
		for from > 0 && assertion(row[from-1]) {
			from--
		}
		c.lead, c.tail = row[:from], row[from:]
		list = append(list, c)
	}
	return list
}

// at gives where the longest of keywords that stands in literal stands there.
func at(literal string, keywords []string) (keyword string, offset int) {
	offset = -1
	for _, k := range keywords {
		if i := strings.Index(literal, k); i >= 0 && len(k) > len(keyword) {
			keyword, offset = k, i
		}
	}
	return keyword, offset
}
