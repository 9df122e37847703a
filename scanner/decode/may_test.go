package decode

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// TestMay states that what May tells of no part of a source does not exist: asking each part for
// the kinds that it may hold gives all segments.
func TestMay(t *testing.T) {
	rounds, plains := rounds(1000), 0
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 2))
		src := randomText(r, 1+r.IntN(1500))
		want := make(map[string]bool)
		for _, s := range segments(t, src, 0, len(src)) {
			want[key(s)] = true
		}
		for from := 0; from < len(src); {
			to := min(len(src), from+1+r.IntN(300))
			kinds := May(src, from, to)
			if kinds == 0 {
				plains++
			} else {
				for _, s := range segments(t, src, from, to, kinds) {
					delete(want, key(s))
				}
			}
			from = to
		}
		for k := range want {
			t.Fatalf("seed %d: all parts plain, and yet %s\n%q", seed, k, src)
		}
	}
	if plains < rounds {
		t.Errorf("only %d parts were plain", plains)
	}
}

// TestWithin states that a change in plain surroundings needs no look but at its
// ends, and those only where Within says so.
func TestWithin(t *testing.T) {
	rounds, within := rounds(2000), 0
	for seed := range rounds {
		r := rand.New(rand.NewPCG(uint64(seed), 3))
		src := randomText(r, 1+r.IntN(1500))
		for range 20 {
			from := r.IntN(len(src) + 1)
			to := from + r.IntN(min(50, len(src)-from+1))
			lo, hi := max(0, from-r.IntN(200)), min(len(src), to+r.IntN(200))
			before, after := Within(src, from, to, lo, hi)
			if May(src, lo, hi) != 0 {
				continue
			}
			met := make(map[string]bool)
			if !before {
				for _, s := range segments(t, src, from, from) {
					met[key(s)] = true
				}
			}
			if !after {
				for _, s := range segments(t, src, to, to) {
					met[key(s)] = true
				}
			}
			if before && after {
				within++
			}
			// The engine takes over what is one byte apart from a change.
			for _, s := range segments(t, src, from, to) {
				if s.From-1 < to && s.To+1 > from && !met[key(s)] {
					t.Fatalf("seed %d: %d-%d in plain %d-%d: %s\n%q", seed, from, to, lo, hi, key(s), src)
				}
			}
		}
	}
	if within < rounds/2 {
		t.Errorf("only %d changes were in plain surroundings", within)
	}
}

// TestMayIsLocal states that May looks no farther than it says.
func TestMayIsLocal(t *testing.T) {
	for seed := range 3000 {
		r := rand.New(rand.NewPCG(uint64(seed), 4))
		src := randomText(r, 200+r.IntN(1000))
		from := Beside + r.IntN(len(src)-2*Beside)
		to := from + r.IntN(len(src)-Beside-from)
		before := randomText(r, r.IntN(50))
		other := slices.Concat(before, src[from-Beside:to+Beside], randomText(r, 1+r.IntN(50)))
		at := len(before) + Beside
		if got, want := May(other, at, at+to-from), May(src, from, to); got != want {
			t.Fatalf("seed %d: %b in other surroundings, %b here\n%q\n%q", seed, got, want, src[from:to], other)
		}
	}
}

// TestSeekStopsAtFloor states that a floor changes nothing but how far back is
// read: a change in a wall of digits must not cost the wall.
func TestSeekStopsAtFloor(t *testing.T) {
	for seed := range 3000 {
		r := rand.New(rand.NewPCG(uint64(seed), 5))
		src := randomText(r, 1+r.IntN(1000))
		from := r.IntN(len(src) + 1)
		floor := r.IntN(from + 1)
		if got, free := seek(src, from, floor), seek(src, from, 0); got < floor || got != max(free, floor) && got != floor {
			t.Fatalf("seed %d: from %d back to %d, with floor %d to %d\n%q", seed, from, free, floor, got, src)
		}
	}
}

// BenchmarkWithin asks about changes in a wall of base64 that is so many bytes long.
func BenchmarkWithin(b *testing.B) {
	for _, size := range []int{1 << 20, 1 << 24} {
		line := append(bytes.Repeat([]byte("QUJD"), 16), '\n')
		wall := bytes.Repeat(line, size/len(line))
		b.Run(strconv.Itoa(size), func(b *testing.B) {
			at := len(wall) - 1000
			for b.Loop() {
				Within(wall, at, at+1, at-163, at+66)
			}
		})
	}
}
