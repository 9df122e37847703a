package judge

import (
	_ "embed"
	"math"
	"strings"
	"sync"
)

// words.txt holds the words that stand in at least half of a dozen large public
// repositories of different languages, three letters or more, sorted: English
// as programs and their manuals write it.
//
//go:embed words.txt
var wordList string

// A lexicon knows words and, learnt from them, how letters follow each other.
type lexicon struct {
	words map[string]struct{}
	// cost[a][b][c] is the surprise in sixteenths of a bit of letter c after a
	// and b; index 0 is the start or end of a word.
	cost [27][27][27]uint8
}

// dictionary is built on first use: a scan that meets no candidate does not pay.
var dictionary = sync.OnceValue(func() *lexicon {
	d := &lexicon{words: make(map[string]struct{}, 8192)}
	var three [27][27][27]float64
	var two [27][27]float64
	for w := range strings.FieldsSeq(wordList) {
		d.words[w] = struct{}{}
		a, b := 0, 0
		for i := 0; i <= len(w); i++ {
			c := 0
			if i < len(w) {
				c = int(w[i]-'a') + 1
			}
			three[a][b][c]++
			two[b][c]++
			a, b = b, c
		}
	}
	for a := range three {
		for b := range three[a] {
			d.learn(&three[a][b], &two[b], &d.cost[a][b])
		}
	}
	return d
})

// learn turns counts of what follows into costs. Where three letters are rare
// the two last ones speak (Witten-Bell: the more different successors a context
// has, the less its own counts weigh).
func (d *lexicon) learn(three, two *[27]float64, cost *[27]uint8) {
	n3, kinds3 := sum(three)
	n2, kinds2 := sum(two)
	for c := range cost {
		p2 := (two[c] + kinds2/27) / (n2 + kinds2 + 1e-9)
		if n2 == 0 {
			p2 = 1.0 / 27
		}
		p := p2
		if n3 > 0 {
			p = (three[c] + kinds3*p2) / (n3 + kinds3)
		}
		cost[c] = uint8(min(-math.Log2(max(p, 1e-6))*16, 255))
	}
}

func sum(row *[27]float64) (n, kinds float64) {
	for _, x := range row {
		n += x
		if x > 0 {
			kinds++
		}
	}
	return n, kinds
}

// has tells whether lower-case w is a word.
func (d *lexicon) has(w []byte) bool {
	_, ok := d.words[string(w)]
	return ok
}

// known tells whether lower-case w is a word, or two or three joined
// ("username", "setpassword"), or a word with a common ending.
func (d *lexicon) known(w []byte) bool {
	return d.joined(w, 3)
}

func (d *lexicon) joined(w []byte, parts int) bool {
	if d.has(w) || inflected(d, w) {
		return true
	}
	if parts == 1 {
		return false
	}
	for i := len(w) - 3; i >= 3; i-- {
		if d.has(w[:i]) && d.joined(w[i:], parts-1) {
			return true
		}
	}
	return false
}

func inflected(d *lexicon, w []byte) bool {
	for _, end := range [...]string{"s", "ed", "ing", "er", "ly", "d", "es", "able", "ion", "ness", "ize", "ized", "izes", "ise", "al", "ally", "ity", "ment", "ments", "ance", "ful", "less", "ish", "ism", "ist", "ive", "y", "ation", "ations", "ers", "ings", "or", "ors", "ic", "ical", "ous"} {
		if n := len(w) - len(end); n >= 4 && string(w[n:]) == end && d.has(w[:n]) {
			return true
		}
	}
	return false
}

// surprise is the mean cost of a letter of lower-case w, in sixteenths of a
// bit: about 50 for words, about 90 for random letters.
func (d *lexicon) surprise(w []byte) int {
	a, b, total := 0, 0, 0
	for _, ch := range w {
		c := int(ch-'a') + 1
		total += int(d.cost[a][b][c])
		a, b = b, c
	}
	total += int(d.cost[a][b][0])
	return total / (len(w) + 1)
}
