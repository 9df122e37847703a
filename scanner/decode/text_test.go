package decode

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// segments collects what Text yields, with a copy of the data.
func segments(t testing.TB, src []byte, from, to int, kinds ...Kinds) []Segment {
	t.Helper()
	var d Decoder
	var out []Segment
	for s, g := range d.Text(src, from, to, append(kinds, AllKinds)[0]) {
		if g != nil {
			t.Fatalf("gap %+v", *g)
		}
		c := *s
		c.Data = bytes.Clone(s.Data)
		c.maps = nil
		for _, m := range s.maps {
			c.maps = append(c.maps, &Map{slices.Clone(m.runs)})
		}
		out = append(out, c)
	}
	return out
}

// holding gives the first segment that holds text.
func holding(t testing.TB, src, text string) Segment {
	t.Helper()
	for _, s := range segments(t, []byte(src), 0, len(src)) {
		if bytes.Contains(s.Data, []byte(text)) {
			return s
		}
	}
	t.Fatalf("no segment of %q holds %q", src, text)
	return Segment{}
}

const plain = "user: alice\npassword: correct horse\nhost: db.example.com:5432/main\nnote: grün\n"

func wrap(s string, width int, eol string) string {
	var b strings.Builder
	for len(s) > width {
		b.WriteString(s[:width] + eol)
		s = s[width:]
	}
	return b.String() + s
}

// TestEncodings decodes what the standard library encoded, in the surroundings
// in which it is met.
func TestEncodings(t *testing.T) {
	std, raw, web := base64.StdEncoding, base64.RawStdEncoding, base64.RawURLEncoding
	quoted := func(s string) string { return strings.Trim(strconv.QuoteToASCII(s), `"`) }
	for _, c := range []struct{ name, encoding, src string }{
		{"padded", "base64", "data:\n  key: " + std.EncodeToString([]byte(plain)) + "\n"},
		{"raw", "base64", `x = "` + raw.EncodeToString([]byte(plain)) + `"`},
		{"url", "base64", "GET /?x=" + web.EncodeToString([]byte(plain)) + "&y"},
		{"wrapped", "base64", "key: |\n  " + wrap(std.EncodeToString([]byte(plain)), 60, "\n  ") + "\nnext: 1\n"},
		{"wrapped CRLF", "base64", "\r\n" + wrap(std.EncodeToString([]byte(plain)), 64, "\r\n") + "\r\n--x--"},
		{"wrapped to the end", "base64", wrap(raw.EncodeToString([]byte(plain)), 40, "\n")},
		{"hex", "hex", "x='" + hex.EncodeToString([]byte(plain)) + "'"},
		{"HEX", "hex", strings.ToUpper(hex.EncodeToString([]byte(plain)))},
		{"percent", "percent", "q=" + url.PathEscape(plain) + " HTTP/1.1"},
		{"JSON in a string", "escape", `{"s": "` + quoted(`{"a": "`+plain+`"}`) + `"}`},
		{"in a path", "base64", "GET /files/" + web.EncodeToString([]byte(plain)) + "/x"},
		{"with a prefix", "base64", "key_" + raw.EncodeToString([]byte(plain))},
		{"slashes escaped", "escape", `{"u":"` + strings.ReplaceAll("https://example.com/a "+strings.TrimSpace(quoted(plain)), "/", `\/`) + `"}`},
		{"twice", "base64+base64", std.EncodeToString([]byte(std.EncodeToString([]byte(plain))))},
		{"wrapped in a string", "escape+base64", `"k": "` + quoted(wrap(std.EncodeToString([]byte(plain)), 40, "\n")) + `"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := holding(t, c.src, plain)
			if s.Encoding != c.encoding {
				t.Errorf("encoding %q, want %q", s.Encoding, c.encoding)
			}
			if s.From > s.Start || s.Start > s.End || s.End > s.To || s.From < 0 || s.To > len(c.src) {
				t.Errorf("region %d-%d in neighbourhood %d-%d of %d", s.Start, s.End, s.From, s.To, len(c.src))
			}
		})
	}
}

// TestSource looks up where single words come from, to the byte.
func TestSource(t *testing.T) {
	for _, c := range []struct{ src, word, want string }{
		{"k: " + base64.StdEncoding.EncodeToString([]byte("abcsecretdefabcabcabc")), "secret", base64.StdEncoding.EncodeToString([]byte("secret"))},
		{"k: " + hex.EncodeToString([]byte("abc secret def abc abc abc")), "secret", hex.EncodeToString([]byte("secret"))},
		{"u=a%20s%65cr%65t%20b", "secret", "s%65cr%65t"},
		{`"a\"s\u0065cret\"b"`, "secret", `s\u0065cret`},
		{`"\x41\ud83d\ude00b"`, "😀", `\ud83d\ude00`},
	} {
		s := holding(t, c.src, c.word)
		i := bytes.Index(s.Data, []byte(c.word))
		from, to := s.Source(i, i+len(c.word))
		if got := c.src[from:to]; got != c.want {
			t.Errorf("%s: %q stands at %q, want %q", s.Encoding, c.word, got, c.want)
		}
	}
}

// TestSourceThroughTwo maps through base64 inside base64: decoding the region of
// each byte's outer group must give that byte back.
func TestSourceThroughTwo(t *testing.T) {
	inner := base64.StdEncoding.EncodeToString([]byte(plain))
	src := "x: " + base64.StdEncoding.EncodeToString([]byte(inner))
	s := holding(t, src, plain)
	last := 0
	for i := range plain {
		from, to := s.Source(i, i+1)
		if from < last || from >= to || to-from > 5 {
			t.Fatalf("byte %d stands at %d-%d, the one before at %d", i, from, to, last)
		}
		last = from
	}
	if from, to := s.Source(0, len(plain)); from != s.Start || to > s.End || to < s.End-4 {
		t.Errorf("all stands at %d-%d of %d-%d", from, to, s.Start, s.End)
	}
}

func TestNotDecoded(t *testing.T) {
	for _, src := range []string{
		"", "a", strings.Repeat("A", 19), "func veryLongCamelCaseIdentifierWithoutAnyMeaning() {}",
		"sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"index 1f2e3d4c5b6a79880f1e2d3c4b5a69788796a5b4..0000000",
		"h1:" + base64.StdEncoding.EncodeToString([]byte("\xff\xfe\x9a\x61\x33\x51\xc7\x52\x18\x8d\x9c\x71\xee\x6b\x4f\x9d\x21\x4e\xd0\x5b\x7c\x66\x31\x82")),
		`printf("%20d %s\n", x)`, `re := "\d+\.\w"`, "https://example.com/some/long/path/without/encoding/at/all",
		"-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n",
	} {
		for _, s := range segments(t, []byte(src), 0, len(src)) {
			if s.Encoding != "percent" {
				t.Errorf("%q: decoded as %s: %q", src, s.Encoding, s.Data)
			}
		}
	}
}

// randomText strings together what is met in files, encodings among it, at
// lengths round the limits.
func randomText(r *rand.Rand, n int) []byte {
	var b []byte
	for len(b) < n {
		p := []byte(strings.Repeat(plain, 3))[:1+r.IntN(150)]
		enc := base64.StdEncoding.EncodeToString(p)
		switch r.IntN(14) {
		case 0:
			b = append(b, enc...)
		case 1, 2:
			b = append(b, wrap(enc, 4*(9+r.IntN(4)), "\n")...)
		case 3:
			b = append(b, "\n"+wrap(enc, 44, []string{"\r\n", "\n  "}[r.IntN(2)])...)
		case 4:
			b = append(b, hex.EncodeToString(p)...)
		case 5:
			b = append(b, url.PathEscape(string(p))...)
		case 6:
			b = append(b, strconv.QuoteToASCII(string(p))...)
		case 7:
			b = append(b, strings.Repeat(`\`, r.IntN(4))+"n%4"...)
		case 8:
			b = append(b, strings.Repeat("x", r.IntN(600))...)
		case 9, 10:
			b = append(b, '\n')
		case 11:
			b = append(b, ' ')
		default:
			b = append(b, p...)
		}
	}
	return b
}

func key(s Segment) string {
	return fmt.Sprintf("%s %d-%d (%d-%d) %q", s.Encoding, s.Start, s.End, s.From, s.To, s.Data)
}

// rounds is how many random texts a law is held to: fifty times as many where
// CREDGATE_LONG is set.
func rounds(n int) int {
	if os.Getenv("CREDGATE_LONG") != "" {
		return 50 * n
	}
	return n
}

// TestTextIsLocal states what the history engine relies on: what a range asks
// for are those of all segments that meet it, and a segment whose neighbourhood
// stands unchanged in another source stands there too.
func TestTextIsLocal(t *testing.T) {
	for seed := range rounds(300) {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		src := randomText(r, 1+r.IntN(4000))
		all := segments(t, src, 0, len(src))
		for range 12 {
			from := r.IntN(len(src) + 1)
			to := from + r.IntN(min(200, len(src)-from+1))
			checkRange(t, seed, src, all, from, to)
			checkEdit(t, seed, r, src, all, from, to)
		}
	}
}

func checkRange(t *testing.T, seed int, src []byte, all []Segment, from, to int) {
	t.Helper()
	want, got := []string{}, []string{}
	for _, s := range all {
		if s.meets(from, to) {
			want = append(want, key(s))
		}
	}
	for _, s := range segments(t, src, from, to) {
		got = append(got, key(s))
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("seed %d, range %d-%d: -all +range\n%s\n%q", seed, from, to, d, src)
	}
}

// checkEdit replaces [from, to) and expects of the result: the old segments
// whose neighbourhood the edit left whole, and those that its range asks for.
func checkEdit(t *testing.T, seed int, r *rand.Rand, src []byte, all []Segment, from, to int) {
	t.Helper()
	put := randomText(r, 1)[:]
	if r.IntN(2) == 0 {
		put = put[:r.IntN(2)]
	}
	next := slices.Concat(src[:from], put, src[to:])
	shift := len(put) - (to - from)
	var want, got []string
	for _, s := range all {
		switch {
		case s.To < from:
			want = append(want, key(s))
		case s.From > to:
			s.Start, s.End, s.From, s.To = s.Start+shift, s.End+shift, s.From+shift, s.To+shift
			want = append(want, key(s))
		}
	}
	for _, s := range segments(t, next, from, from+len(put)) {
		want = append(want, key(s))
	}
	for _, s := range segments(t, next, 0, len(next)) {
		got = append(got, key(s))
	}
	slices.Sort(want)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("seed %d, edit %d-%d to %q: -inherited +whole\n%s\n%q", seed, from, to, put, d, next)
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte(plain), 0, 10)
	f.Add(randomText(rand.New(rand.NewPCG(1, 1)), 500), 20, 40)
	f.Fuzz(func(t *testing.T, src []byte, from, to int) {
		var d Decoder
		d.Limits = Limits{Bytes: 1 << 20}
		total := 0
		for s, g := range d.Text(src, from, to, AllKinds) {
			if g != nil {
				continue
			}
			if total += len(s.Data); total > 1<<20 {
				t.Fatal("over the limit")
			}
			if s.From < 0 || s.From > s.Start || s.Start >= s.End || s.End > s.To || s.To > len(src) {
				t.Fatalf("region %d-%d, neighbourhood %d-%d of %d", s.Start, s.End, s.From, s.To, len(src))
			}
			for i := 0; i < len(s.Data); i += 1 + len(s.Data)/50 {
				if a, b := s.Source(i, i+1); a < s.Start || b > s.End || a >= b {
					t.Fatalf("%s byte %d at %d-%d, outside of %d-%d", s.Encoding, i, a, b, s.Start, s.End)
				}
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	src := []byte(strings.Repeat("func (s *Segment) meets(from, to int) bool { return s.From <= to && from <= s.To } // see above\n\tx := map[string]int{\"a\": 1}\n", 8000))
	var d Decoder
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		for range d.Text(src, 0, len(src), AllKinds) {
		}
	}
}
