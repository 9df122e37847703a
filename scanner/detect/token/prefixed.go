package token

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

// tok makes a detector of tokens that start with a literal of their own. Its
// keywords are these literals.
func tok(id, title, providerID, kind string, severity scanner.Severity, forms string, opts ...option) scanner.Detector {
	s := newSpec(id, title, providerID, kind, severity, opts)
	parsed := sync.OnceValue(func() []form { return parseForms(forms) })
	s.Keywords = s.keywords
	if s.keywords == nil {
		for alt := range strings.SplitSeq(forms, " | ") {
			s.Keywords = append(s.Keywords, strings.ToLower(literal(alt)))
		}
		s.Keywords = distinct(s.Keywords)
	}
	s.Reach = span(forms) + escapeBytes + 1
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		return s.findPrefixed(parsed(), b, start, end)
	}
	s.Near = func(b []byte, start, end int) bool { return s.nearPrefix(parsed(), b, start, end) }
	s.OwnLine = always
	s.examples(parsed)
	return s.Detector
}

// literal is what stands before the first run of a form.
func literal(form string) string {
	lit, _, _ := strings.Cut(form, "<")
	return lit
}

// distinct leaves out words of which another is the beginning.
func distinct(words []string) []string {
	var kept []string
	for i, w := range words {
		twice := false
		for j, o := range words {
			twice = twice || o == w && j < i || o != w && strings.HasPrefix(w, o)
		}
		if !twice {
			kept = append(kept, w)
		}
	}
	return kept
}

// findPrefixed looks for a token whose own literal is the keyword at [start, end).
func (s *spec) findPrefixed(forms []form, b []byte, start, end int) []scanner.Match {
	for _, f := range forms {
		at := start
		if s.keywords != nil { // the keyword lies within the literal
			i := f.within(b[start:end])
			if at = start - i; i < 0 || at < 0 {
				continue
			}
		}
		stop := f.match(b, at)
		if stop < 0 || stop < end || !s.inWord && !leftEdge(b, at) || !rightEdge(b, stop, f.last()) {
			continue
		}
		m := scanner.Match{Start: at, End: stop, SecretStart: at, SecretEnd: stop}
		if s.accept(b[at:stop], len(f.prefix()), &m) {
			return []scanner.Match{m}
		}
	}
	return nil
}

// shortPrefix is the length of a prefix that stands before words as well: o., md-,
// ser. A body after it must look random.
const shortPrefix = 4

// nearPrefix tells whether the bytes beside a keyword can be those of a token.
func (s *spec) nearPrefix(forms []form, b []byte, start, end int) bool {
	for _, f := range forms {
		at := start
		if s.keywords != nil {
			i := f.within(b[start:end])
			if at = start - i; i < 0 {
				continue
			}
			if at <= 0 && start >= scanner.NearBefore {
				return true // it begins before b
			}
		}
		if at >= 0 && f.begins(b, at) && (s.inWord || leftEdge(b, at)) {
			return true
		}
	}
	return false
}

// always is scanner.Detector.OwnLine of what looks for a token, which holds no line's end.
func always([]byte, int, int) bool { return true }

// within gives where a keyword stands in the literal that the form begins with.
func (f form) within(keyword []byte) int {
	lit := f.prefix()
	for i := range len(lit) - len(keyword) + 1 {
		if strings.EqualFold(lit[i:i+len(keyword)], string(keyword)) {
			return i
		}
	}
	return -1
}

// accept judges a token whose first bytes are the provider's, not random.
func (s *spec) accept(token []byte, fixed int, m *scanner.Match) bool {
	body := token[min(fixed, len(token)):]
	if i := bytes.LastIndexByte(body, '-'); s.last && i >= 0 {
		body = body[i+1:]
	}
	if madeUp(body) || s.check == nil && fixed <= shortPrefix && judge.Judge(body, judge.Context{Kind: judge.Token, UUID: true}) != judge.Secret {
		return false
	}
	return s.check == nil || s.check(token, m)
}

// madeUp tells whether the random part of a token was typed by a person: a
// placeholder, or sequences for the most part.
func madeUp(body []byte) bool {
	if len(body) < 8 {
		return false
	}
	if isPublished(body) || judge.Judge(body, judge.Context{Kind: judge.Token, UUID: true}) == judge.Placeholder {
		return true
	}
	steps, different := 0, class{}
	for i, c := range body {
		if c < 64 {
			different.lo |= 1 << c
		} else {
			different.hi |= 1 << (c & 63)
		}
		if i >= 3 {
			d := int(body[i]) - int(body[i-1])
			if d >= -1 && d <= 1 && int(body[i-1])-int(body[i-2]) == d && int(body[i-2])-int(body[i-3]) == d {
				steps++
			}
		}
	}
	return steps*2 > len(body) || ones(different) < 4 && len(body) >= 12
}

func ones(c class) int {
	n := 0
	for _, w := range [2]uint64{c.lo, c.hi} {
		for ; w != 0; w &= w - 1 {
			n++
		}
	}
	return n
}

// examples sets Example and Silent from the first form.
func (s *spec) examples(forms func() []form) {
	context := s.context
	if context == "" {
		context = "token = \"%s\""
	}
	s.Example = func(r *rand.Rand) string {
		list := forms()
		return fmt.Sprintf(context, s.sample(r, list[r.IntN(len(list))]))
	}
	s.Silent = func(r *rand.Rand) string {
		list := forms()
		return fmt.Sprintf(context, tooShort(list, list[r.IntN(len(list))].example(r, true)))
	}
}

// tooShort takes bytes off a token's end until it has none of the forms.
func tooShort(forms []form, token string) string {
	for {
		fits := false
		for _, f := range forms {
			fits = fits || f.match([]byte(token), 0) >= 0
		}
		if !fits {
			return token
		}
		token = token[:len(token)-1]
	}
}

// sample makes a token that no rule of madeUp refuses.
func (s *spec) sample(r *rand.Rand, f form) string {
	t := ""
	for range 1000 {
		t = f.example(r, false)
		if s.make != nil {
			t = s.make(r, t)
		}
		if n := len(f.prefix()); s.accept([]byte(t), n, &scanner.Match{}) {
			break
		}
	}
	return t
}
