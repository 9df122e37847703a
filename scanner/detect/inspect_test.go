package detect

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// texts makes content for all rules.
type texts struct {
	r     *rand.Rand
	rules []func(*rand.Rand) string
}

func newTexts(t testing.TB, seed uint64) *texts {
	x := &texts{r: rand.New(rand.NewPCG(seed, 1))}
	for _, d := range All() {
		switch {
		case d.Example != nil:
			x.rules = append(x.rules, func(r *rand.Rand) string { return strings.ReplaceAll(d.Example(r), "\x01", "") })
		case d.Expression != "":
			x.rules = append(x.rules, generator(t, d.Expression))
		}
	}
	return x
}

func (x *texts) piece() string {
	switch x.r.IntN(5) {
	case 0, 1:
		return x.rules[x.r.IntN(len(x.rules))](x.r)
	case 2:
		return "\n"
	default:
		if len(x.rules) == 1 {
			return x.rules[0](x.r)
		}
		return filler(x.r, x.r.IntN(300))
	}
}

func (x *texts) blob(pieces int) []byte {
	var b []byte
	for range pieces {
		b = append(b, x.piece()...)
	}
	return b
}

// edit derives a blob: it takes runs of the parent in mostly the same order,
// leaves some out, moves and doubles some, and puts new text between.
func (x *texts) edit(parent []byte) (scanner.Blob, []byte) {
	var data []byte
	var copies []scanner.Copy
	take := func(from, to int) {
		for from < to { // split at random, as packs do
			n := min(to-from, 1+x.r.IntN(4000))
			copies = append(copies, scanner.Copy{Dst: len(data), Src: from, Len: n})
			data = append(data, parent[from:from+n]...)
			from += n
		}
	}
	at := 0
	for range 1 + x.r.IntN(4) {
		next := at + x.r.IntN(len(parent)-at+1)
		take(at, next)
		switch x.r.IntN(6) {
		case 0:
			data = append(data, x.piece()...)
		case 1:
			data = append(data, "aZ9 =\"\n"[x.r.IntN(7)])
		case 2:
			next = min(len(parent), next+x.r.IntN(40)) // delete
		case 3:
			next = min(len(parent), next+1)
			if x.r.IntN(4) == 0 {
				next += x.r.IntN(len(parent) - next + 1)
			}
		case 4:
			from := x.r.IntN(len(parent) + 1)
			take(from, from+x.r.IntN(len(parent)-from+1)/4) // double
		}
		at = next
	}
	take(at, len(parent))
	if x.r.IntN(8) == 0 && len(copies) > 2 { // move a run
		slices.Reverse(copies)
		var moved []byte
		for i, c := range copies {
			copies[i].Dst = len(moved)
			moved = append(moved, parent[c.Src:c.Src+c.Len]...)
		}
		data = moved
	}
	return scanner.Blob{Data: data, Copies: copies}, data
}

// tell gives hits in a form that can be compared.
func tell(hits []Hit) []string {
	var list []string
	for _, h := range hits {
		list = append(list, fmt.Sprintf("%s %d-%d %v %v", h.Detector.ID, h.Start, h.End, h.Span, h.Severity))
	}
	return list
}

// TestChangesEqualWhole holds the invariant of the engine: along any history of
// edits, the scan of changes and what copies inherit give what a scan of the
// whole gives, with every test that saves work and without each in turn.
func TestChangesEqualWhole(t *testing.T) {
	detectors := All()
	pieces := newTexts(t, 0).rules
	found := 0
	for _, without := range []Test{0, Near, Shape, Seen, Near | Shape | Seen} {
		set, err := New(detectors, Options{Trusted: true, Without: without})
		if err != nil {
			t.Fatal(err)
		}
		wholeSet, err := New(detectors, Options{Trusted: true})
		if err != nil {
			t.Fatal(err)
		}
		rounds := uint64(8)
		if without&Shape != 0 {
			rounds = 3
		}
		for seed := range rounds {
			x := &texts{rand.New(rand.NewPCG(seed, 1)), pieces}
			in, whole := set.Inspector(), wholeSet.Inspector()
			b := scanner.Blob{Data: x.blob(40)}
			var st State
			for version := range 12 {
				st = in.Inspect(b, st)
				got := tell(in.Hits(b.Data, st))
				want := tell(whole.Hits(b.Data, whole.Inspect(scanner.Blob{Data: b.Data}, State{})))
				found += len(want)
				if !slices.Equal(got, want) {
					t.Fatalf("without %b, seed %d, version %d: changes give\n%q\nthe whole\n%q", without, seed, version, minus(got, want), minus(want, got))
				}
				b, _ = x.edit(b.Data)
				if len(b.Data) == 0 || len(b.Data) > 40_000 {
					b = scanner.Blob{Data: x.blob(40)}
				}
			}
		}
	}
	if found < 2000 {
		t.Errorf("only %d matches: the property was hardly tried", found)
	}
}

func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// TestSmallChanges is the same with few detectors of which the engine's margins
// are just the reach, over text that is dense with them.
func TestSmallChanges(t *testing.T) {
	expressions := map[string][]string{
		`[a-z]{0,5}key=([0-9]{4})\b`:          {"key="},
		`\bkey\b[ =]{1,3}([0-9]{2,6})(?:;|$)`: {"key"},
		`^start:([0-9]+)`:                     {"start"},
		`end([0-9]{3})\z`:                     {"end"},
		`open((?s:.){0,400}?)close`:           {"open"},
		`(?:b[0-9]){1,60}mid([0-9b]{1,200})x`: {"mid"},
		`((?s:[^k]{300})tail[0-9])`:           {"tail"},
	}
	var list []scanner.Detector
	for e, k := range expressions {
		list = append(list, scanner.Detector{ID: fmt.Sprintf("d%d", len(list)), Keywords: k, Expression: e, Reach: 500})
	}
	list = append(list, scanner.Detector{ID: "gated", Gate: []string{"gate"}, Keywords: []string{"end"}, Expression: `end[0-9]`, Reach: 10})
	list = append(list, scanner.Detector{ID: "found", Keywords: []string{"mid"}, Reach: 9, FindAt: func(w []byte, start, end int) []scanner.Match {
		if end+6 > len(w) || start < 3 {
			return nil
		}
		return []scanner.Match{{Start: start - 3, End: end + 6, SecretStart: start - 3, SecretEnd: end + 6, Severity: scanner.Severity(w[end+5] % 5)}}
	}})
	words := []string{"key", "key=", "=", "start:", "end", "open", "close", "mid", "b1", "b2b3", "x", ";", " ", "\n", "tail", "1", "22", "333", "4444", "zzzzz", "gate"}
	for _, without := range []Test{0, Near, Shape, Seen} {
		set, err := New(list, Options{Without: without})
		if err != nil {
			t.Fatal(err)
		}
		in, whole := set.Inspector(), set.Inspector()
		found := 0
		for seed := range uint64(14) {
			x := &texts{r: rand.New(rand.NewPCG(seed, 2))}
			word := func(r *rand.Rand) string {
				if r.IntN(60) == 0 {
					return strings.Repeat("z1 ", 150)
				}
				switch r.IntN(40) {
				case 0, 3:
					return "gate"
				case 1, 2: // as long as the margins
					return strings.Repeat("b1", 50+r.IntN(11)) + "mid" + strings.Repeat("0b", 80+r.IntN(21)) + "x"
				}
				return words[r.IntN(len(words)-1)]
			}
			x.rules = []func(*rand.Rand) string{word}
			text := ""
			for range 500 {
				text += word(x.r)
			}
			b := scanner.Blob{Data: []byte(text)}
			var st State
			for version := range 12 {
				st = in.Inspect(b, st)
				got := tell(in.Hits(b.Data, st))
				want := tell(whole.Hits(b.Data, whole.Inspect(scanner.Blob{Data: b.Data}, State{})))
				found += len(want)
				if !slices.Equal(got, want) {
					t.Fatalf("without %b, seed %d, version %d: changes give\n%q\nthe whole\n%q", without, seed, version, minus(got, want), minus(want, got))
				}
				b, _ = x.edit(b.Data)
			}
		}
		if found < 5_000 {
			t.Errorf("only %d matches: the property was hardly tried", found)
		}
	}
}
