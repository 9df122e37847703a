package detect

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestLexicon compares with looking for each keyword by itself.
func TestLexicon(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, alphabet := range []string{"ab.", "abcdefghijkl", printable()} {
		for range 60 {
			seen := map[string]bool{}
			var list []string
			for range 1 + r.IntN(40) {
				var b strings.Builder
				for range 1 + r.IntN(6) {
					b.WriteByte(alphabet[r.IntN(len(alphabet))])
				}
				if k := lower(b.String()); !seen[k] {
					seen[k] = true
					list = append(list, k)
				}
			}
			x := newLexicon(list)
			data := make([]byte, r.IntN(200))
			for i := range data {
				data[i] = alphabet[r.IntN(len(alphabet))]
			}
			from := r.IntN(len(data) + 1)
			to := from + r.IntN(len(data)-from+1)
			got := x.find(data, from, to, nil, new(places))
			want := naive(list, data, from, to)
			slices.SortFunc(got, compareWords)
			if !slices.Equal(got, want) {
				t.Fatalf("keywords %q in %q [%d:%d]: got %v, want %v", list, data, from, to, got, want)
			}
			if x.has(data) != (len(naive(list, data, 0, len(data))) > 0) {
				t.Fatalf("keywords %q in %q: has is wrong", list, data)
			}
		}
	}
}

// printable has more bytes than there are classes.
func printable() string {
	var b []byte
	for c := byte(' '); c < 127; c++ {
		b = append(b, c)
	}
	return string(append(b, "\x80\xff\x00"...))
}

func naive(list []string, data []byte, from, to int) []word {
	var all []word
	text := lower(string(data[from:to]))
	for i, k := range list {
		for at := range len(text) {
			if strings.HasPrefix(text[at:], k) {
				all = append(all, word{start: uint32(from + at), id: uint32(i)})
			}
		}
	}
	slices.SortFunc(all, compareWords)
	return all
}
