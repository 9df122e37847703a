package detect

import (
	"math/rand/v2"
	"sync"
	"testing"
)

// TestBlanks states that nothing is known that was not put in, that most of what
// was put in is known although the table grew, and that several may use it at once.
func TestBlanks(t *testing.T) {
	b := newBlanks()
	const workers, each = 4, 20_000
	var wg sync.WaitGroup
	for w := range uint64(workers) {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(w, 1))
			for range each {
				b.grow(1)
				sum := r.Uint64() | 1
				b.put(sum)
				if b.has(sum &^ 1) {
					t.Errorf("%x is known and was not put in", sum&^1)
				}
			}
		})
	}
	wg.Wait()
	known := 0
	for w := range uint64(workers) {
		r := rand.New(rand.NewPCG(w, 1))
		for range each {
			if b.has(r.Uint64() | 1) {
				known++
			}
		}
	}
	if all := workers * each; known < all*8/10 || len(*b.table.Load()) <= leastBlanks {
		t.Errorf("%d of %d are known in %d slots", known, all, len(*b.table.Load()))
	}
}

// TestSplit states that parts lie side by side, and that lines which stand in two
// blobs are known by the same sum.
func TestSplit(t *testing.T) {
	set, err := New(nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := set.Inspector()
	r := rand.New(rand.NewPCG(1, 1))
	for range 300 {
		data := make([]byte, r.IntN(3*maxLine))
		for i := range data {
			data[i] = "ab \n"[min(3, r.IntN(1+r.IntN(300)))]
		}
		moved := append([]byte("other\n"), data...)
		sums := make(map[uint64]bool)
		for _, p := range splitAll(in, moved) {
			sums[p.sum] = true
		}
		at := 0
		for _, p := range splitAll(in, data) {
			if p.from != at || p.to <= p.from || p.to-p.from > maxLine {
				t.Fatalf("part %v after %d of %q", p.stretch, at, data)
			}
			if at = p.to; p.line && (data[p.to-1] != '\n' || !sums[p.sum]) {
				t.Fatalf("part %v of %q is no line, or another when moved", p.stretch, data)
			}
		}
		if at != len(data) {
			t.Fatalf("parts end at %d of %d", at, len(data))
		}
	}
}

func splitAll(in *Inspector, data []byte) (list []part) {
	for at := 0; at < len(data); at = list[len(list)-1].to {
		list = append(list, in.split(data, at, len(data))...)
	}
	return list
}
