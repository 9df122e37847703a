package token

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner"
)

// marked makes a detector of tokens that have a literal of their own in their
// middle: before and after it stand runs of the given forms. Before is a single
// run. The marker is the keyword.
func marked(id, title, providerID, kind string, severity scanner.Severity, before, marker, after string, opts ...option) scanner.Detector {
	s := newSpec(id, title, providerID, kind, severity, opts)
	head := parseForm(before)[0]
	tails := sync.OnceValue(func() []form { return parseForms(after) })
	s.Keywords = []string{strings.ToLower(marker)}
	s.Reach = head.max + len(marker) + span(after) + escapeBytes + 1
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		if string(b[start:end]) != marker {
			return nil
		}
		from := start
		for from > 0 && start-from <= head.max && head.set.has(b[from-1]) {
			from--
		}
		if n := start - from; n < head.min || n > head.max {
			return nil
		}
		return s.findMarked(tails(), b, from, start, end)
	}
	s.Near = func(b []byte, start, end int) bool {
		if string(b[start:end]) != marker {
			return false
		}
		for i := max(0, start-head.min); i < start; i++ {
			if !head.set.has(b[i]) {
				return false
			}
		}
		return slices.ContainsFunc(tails(), func(f form) bool { return f.begins(b, end) })
	}
	s.OwnLine = always
	context := s.context
	if context == "" {
		context = "token = \"%s\""
	}
	s.Example = func(r *rand.Rand) string {
		list := tails()
		whole := append(append(form{head}, piece{lit: marker, min: len(marker), max: len(marker)}), list[r.IntN(len(list))]...)
		return fmt.Sprintf(context, s.sample(r, whole))
	}
	s.Silent = func(r *rand.Rand) string {
		list := tails()
		short := head
		short.min, short.max = head.min-1, head.min-1
		return fmt.Sprintf(context, form{short}.example(r, false)+marker+list[0].example(r, false))
	}
	return s.Detector
}

// findMarked looks at what follows the marker at [start, end) of a token that
// starts at b[from].
func (s *spec) findMarked(tails []form, b []byte, from, start, end int) []scanner.Match {
	if !s.inWord && from > 0 && isWord(b[from-1]) && !leftEdge(b, from) {
		return nil
	}
	for _, f := range tails {
		stop := f.match(b, end)
		if stop < 0 || !rightEdge(b, stop, f.last()) || madeUp(b[from:start]) || madeUp(b[end:stop]) {
			continue
		}
		m := scanner.Match{Start: from, End: stop, SecretStart: from, SecretEnd: stop}
		if s.check == nil || s.check(b[from:stop], &m) {
			return []scanner.Match{m}
		}
	}
	return nil
}
