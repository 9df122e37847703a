package gitrepo

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	fast "github.com/klauspost/compress/zlib"
)

// inflateBytes inflates the stream at the start of data, which is of n bytes.
func inflateBytes(data []byte, n int) ([]byte, bool) {
	dst := make([]byte, n+inflateSlack)
	src := append(bytes.Clone(data), make([]byte, sourceSlack)...)
	var f inflater
	used, err := f.inflate(dst, n, src, true)
	return dst[:n], err == nil && used <= len(data)
}

// samples are texts that deflate treats differently.
func samples(r *rand.Rand) [][]byte {
	noise := make([]byte, 70_000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	few := make([]byte, 5000)
	for i := range few {
		few[i] = "ab"[r.IntN(2)]
	}
	var skewed []byte // codes of every length
	for i := range 16 {
		skewed = append(skewed, bytes.Repeat([]byte{byte(i * 11)}, 1<<i)...)
	}
	r.Shuffle(len(skewed), func(i, j int) { skewed[i], skewed[j] = skewed[j], skewed[i] })
	source, _ := os.ReadFile("inflate.go")
	return [][]byte{nil, {0}, []byte("a"), noise, noise[:100], few, skewed, source, bytes.Repeat([]byte{7}, 100_000),
		[]byte(strings.Repeat("abc", 3000)), []byte(strings.Repeat("abcdefg", 3000)), []byte(strings.Repeat("0123456789", 9000))}
}

func TestInflate(t *testing.T) {
	for i, want := range samples(rand.New(rand.NewPCG(1, 2))) {
		for level := zlib.HuffmanOnly; level <= zlib.BestCompression; level++ {
			var b bytes.Buffer
			z, err := zlib.NewWriterLevel(&b, level)
			if err != nil {
				t.Fatal(err)
			}
			for part := want; len(part) > 0; part = part[min(len(part), 30_000):] {
				z.Write(part[:min(len(part), 30_000)])
				z.Flush()
			}
			z.Close()
			if got, ok := inflateBytes(b.Bytes(), len(want)); !ok || !bytes.Equal(got, want) {
				t.Errorf("sample %d at level %d: ok %v, first difference at %d", i, level, ok, differs(got, want))
			}
			if _, ok := inflateBytes(b.Bytes(), len(want)+1); ok {
				t.Errorf("sample %d at level %d: fills one byte more", i, level)
			}
			if len(want) > 0 {
				if _, ok := inflateBytes(b.Bytes(), len(want)-1); ok {
					t.Errorf("sample %d at level %d: fits one byte less", i, level)
				}
			}
			if _, ok := inflateBytes(b.Bytes()[:b.Len()-1], len(want)); ok {
				t.Errorf("sample %d at level %d: cut short and still right", i, level)
			}
		}
	}
}

func differs(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// FuzzInflate: what the standard library inflates we inflate to the same bytes,
// and what it refuses we refuse.
func FuzzInflate(f *testing.F) {
	for _, s := range samples(rand.New(rand.NewPCG(3, 4))) {
		for _, level := range []int{zlib.HuffmanOnly, zlib.NoCompression, zlib.BestSpeed, zlib.BestCompression} {
			var b bytes.Buffer
			z, _ := zlib.NewWriterLevel(&b, level)
			z.Write(s[:min(len(s), 3000)])
			z.Close()
			f.Add(b.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var want []byte
		z, err := zlib.NewReader(bytes.NewReader(data))
		if err == nil {
			want, err = io.ReadAll(io.LimitReader(z, 1<<20))
		}
		if len(want) == 1<<20 {
			return
		}
		got, ok := inflateBytes(data, len(want))
		if ok != (err == nil) || ok && !bytes.Equal(got, want) {
			t.Errorf("ok %v, the standard library's error %v, %d bytes, first difference at %d", ok, err, len(want), differs(got, want))
		}
	})
}

// BenchmarkInflate compares with the reader that would be used otherwise.
func BenchmarkInflate(b *testing.B) {
	var packed bytes.Buffer
	want := samples(rand.New(rand.NewPCG(1, 2)))[7]
	z := zlib.NewWriter(&packed)
	z.Write(want)
	z.Close()
	src := append(packed.Bytes(), make([]byte, sourceSlack)...)
	dst := make([]byte, len(want)+inflateSlack)
	b.Run("ours", func(b *testing.B) {
		var f inflater
		b.SetBytes(int64(len(want)))
		for b.Loop() {
			if _, err := f.inflate(dst, len(want), src, true); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("klauspost", func(b *testing.B) {
		r, err := fast.NewReader(bytes.NewReader(src))
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(want)))
		for b.Loop() {
			r.(fast.Resetter).Reset(bytes.NewReader(src), nil)
			if _, err := io.ReadFull(r, dst[:len(want)]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkInflateSmall is many short streams, each with codes of its own, as most
// of a pack's are.
func BenchmarkInflateSmall(b *testing.B) {
	source := samples(rand.New(rand.NewPCG(1, 2)))[7]
	for _, n := range []int{100, 250, 700, 2000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchSmall(b, source, n) })
	}
}

func benchSmall(b *testing.B, source []byte, n int) {
	var streams [][]byte
	for at := 0; at+n <= len(source); at += n {
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		z.Write(source[at : at+n])
		z.Close()
		streams = append(streams, append(packed.Bytes(), make([]byte, sourceSlack)...))
	}
	dst := make([]byte, n+inflateSlack)
	var f inflater
	b.SetBytes(int64(n * len(streams)))
	for b.Loop() {
		for _, src := range streams {
			if _, err := f.inflate(dst, n, src, false); err != nil {
				b.Fatal(err)
			}
		}
	}
}
