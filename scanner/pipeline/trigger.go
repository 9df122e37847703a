package pipeline

import (
	"cmp"
	"slices"
	"strings"
)

// A reader looks for names that say credential, for URLs that carry one and for
// a few words of its own; most of a tree holds none. What follows finds at the
// speed of bytes where one may stand, so that the rest need not be parsed. It
// may say yes too often, never no: each test of a name or URL that a reader
// makes is true only of text that it is true of.

// A trigger is a word that is looked for, in any letter case.
type trigger struct {
	word  string // lower case, at least two bytes
	whole int    // sides where it must end, as words of a name do
	name  bool   // it is part of a name that must say credential
	of    uint64 // bits that tell whose word it is
}

// Sides of a trigger that must be the end of a word.
const (
	anywhere = 0
	atStart  = 1
	atEnd    = 2
	alone    = atStart | atEnd
)

// A wordSet finds any of several words in one pass. Three letters of each, those
// that are rarest, are looked up in a bitmap at each byte.
type wordSet struct {
	bits  [1 << 15 / 64]uint64
	words []placedTrigger // by the last bits of their three letters
	first [1 << wordBits]uint16
	short []trigger // of two bytes: looked up with the byte before
}

type placedTrigger struct {
	trigger
	at    int    // of the three letters in the word
	three uint32 // the letters
}

// wordBits are those of three letters that words are found by.
const wordBits = 9

// rare orders letters by how seldom they stand in such files.
const rare = "qzjxkvwybghpufmdclonsarite"

func newWordSet(lists ...[]trigger) *wordSet {
	t := &wordSet{}
	for _, list := range lists {
		for _, w := range list {
			if len(w.word) == 2 { // with whatever stands before it
				for c := range uint32(32) {
					t.words = append(t.words, placedTrigger{w, -1, c<<10 | letters(w.word)})
				}
				t.short = append(t.short, w)
				continue
			}
			at := rarest(w.word)
			t.words = append(t.words, placedTrigger{w, at, letters(w.word[at : at+3])})
		}
	}
	slices.SortStableFunc(t.words, func(a, b placedTrigger) int { return cmp.Compare(slot(a.three), slot(b.three)) })
	for i, w := range slices.Backward(t.words) {
		t.bits[w.three>>6] |= 1 << (w.three & 63)
		t.first[slot(w.three)] = uint16(i)
	}
	return t
}

// letters puts together the letters of a text of up to three, case aside.
func letters(s string) (h uint32) {
	for _, c := range []byte(s) {
		h = h<<5 | uint32(c&31)
	}
	return h
}

func slot(three uint32) uint32 { return three & (1<<wordBits - 1) }

// rarest is where the three letters of a word stand that are seldom.
func rarest(word string) (at int) {
	best := 1 << 30
	for i := 0; i+3 <= len(word); i++ {
		score := 0
		for _, c := range []byte(word[i : i+3]) {
			score += 1 + strings.IndexByte(rare, c)
		}
		if score < best {
			best, at = score, i
		}
	}
	return at
}

// in tells whether any of the words stands in a text so that sure says yes of
// its place; nil is always sure.
func (t *wordSet) in(s string, sure func(w trigger, start, end int) bool) bool {
	for _, w := range t.short {
		if t.holds(s, 0, w) && (sure == nil || sure(w, 0, len(w.word))) {
			return true
		}
	}
	if len(s) < 3 {
		return false
	}
	h := uint32(s[0]&31)<<5 | uint32(s[1]&31)
	for i := 2; i < len(s); i++ {
		h = (h<<5 | uint32(s[i]&31)) & (1<<15 - 1)
		if t.bits[h>>6]&(1<<(h&63)) == 0 {
			continue
		}
		for k := int(t.first[slot(h)]); k < len(t.words) && slot(t.words[k].three) == slot(h); k++ {
			w := &t.words[k]
			if w.three != h {
				continue
			}
			if start := i - 2 - w.at; t.holds(s, start, w.trigger) && (sure == nil || sure(w.trigger, start, start+len(w.word))) {
				return true
			}
		}
	}
	return false
}

// holds tells whether a word stands at s[start].
func (t *wordSet) holds(s string, start int, w trigger) bool {
	end := start + len(w.word)
	return start >= 0 && end <= len(s) && strings.EqualFold(s[start:end], w.word) &&
		(w.whole&atStart == 0 || wordStarts(s, start)) && (w.whole&atEnd == 0 || wordEnds(s, end))
}

// wordStarts tells whether a word of a name, as nameWords splits it, may start at s[i].
func wordStarts(s string, i int) bool {
	return i == 0 || upper(s[i]) || !lower(s[i-1]) && !upper(s[i-1]) && !digit(s[i-1])
}

// wordEnds tells whether one may end before s[i].
func wordEnds(s string, i int) bool {
	switch {
	case i == len(s):
		return true
	case upper(s[i]):
		return lower(s[i-1]) || i+1 < len(s) && lower(s[i+1])
	}
	return !lower(s[i]) && !digit(s[i])
}

// nameTriggers are true of any text that holds a name of which SecretName is true.
var nameTriggers = func() []trigger {
	var out []trigger
	for _, w := range secretWords {
		out = append(out, trigger{word: w, whole: alone, name: true})
	}
	for _, w := range secretEndings {
		out = append(out, trigger{word: w, whole: atEnd, name: true})
	}
	// The last two become k and i in lower case.
	return append(out, trigger{word: "key", whole: alone, name: true}, trigger{word: "keys", whole: alone, name: true}, trigger{word: "\u212a", name: true}, trigger{word: "\u0130", name: true})
}()

// hasLink tells whether a text may hold a URL of which link.sort is more than
// linkNone: with a login, a query or an interpolation in it, or of a host that
// takes messages.
func hasLink(s string) bool {
	for {
		i := strings.Index(s, "://")
		if i < 0 {
			return false
		}
		s = s[i+3:]
		end := 0
		for ; end < len(s) && strings.IndexByte(" \t\r\n\"'>`|\\^", s[end]) < 0; end++ {
			if c := s[end]; c >= 0x80 || strings.IndexByte("@?${%<\x01", c) >= 0 {
				return true
			}
		}
		for _, h := range hooks {
			if containsFold(s[:end], strings.TrimPrefix(h[0], ".")) {
				return true
			}
		}
	}
}

// containsFold tells whether a text holds a part, whose first byte is a small
// letter of ASCII, in any letter case.
func containsFold(s, part string) bool {
	for i := 0; i+len(part) <= len(s); i++ {
		if s[i]|0x20 == part[0] && strings.EqualFold(s[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// nameRun is the letters, digits, -, _ and dots round s[start:end].
func nameRun(s string, start, end int) (int, int) {
	inName := func(c byte) bool { return word(c) || c == '-' || c == '.' }
	for start > 0 && inName(s[start-1]) {
		start--
	}
	for end < len(s) && inName(s[end]) {
		end++
	}
	return start, end
}
