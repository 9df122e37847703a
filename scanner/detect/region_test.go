package detect

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestRegion(t *testing.T) {
	for _, tt := range []struct {
		name, text, part string
		want             Span
	}{
		{"first", "abc", "abc", Span{1, 1, 1, 4}},
		{"second line", "x\nabc\n", "abc", Span{2, 1, 2, 4}},
		{"CR LF", "x\r\ny abc\r\n", "abc", Span{2, 3, 2, 6}},
		{"tab", "\tabc", "abc", Span{1, 2, 1, 5}},
		{"two bytes", "é abc", "abc", Span{1, 3, 1, 6}},
		{"surrogates", "😀 abc", "abc", Span{1, 4, 1, 7}},
		{"within", "x 😀é", "😀é", Span{1, 3, 1, 6}},
		{"byte order mark", "\ufeffabc", "abc", Span{1, 1, 1, 4}},
		{"mark later", "x\n\ufeffabc", "abc", Span{2, 2, 2, 5}},
		{"no UTF-8", "\xff\xfe abc", "abc", Span{1, 4, 1, 7}},
		{"two lines", "x ab\ncd y", "ab\ncd", Span{1, 3, 2, 3}},
		{"three lines", "x ab\r\n\r\ncd y", "ab\r\n\r\ncd", Span{1, 3, 3, 3}},
		{"ends in a break", "ab\ncd", "ab\n", Span{1, 1, 1, 3}},
		{"ends in CR LF", "ab\r\ncd", "ab\r\n", Span{1, 1, 1, 3}},
		{"lone CR", "a\rabc", "abc", Span{1, 3, 1, 6}},
		{"empty", "x\n", "", Span{1, 1, 1, 1}},
	} {
		start := strings.Index(tt.text, tt.part)
		if got := Region([]byte(tt.text), start, start+len(tt.part)); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestLinesAt(t *testing.T) {
	text := "one\ntwo abc two\r\nthree"
	i := strings.Index(text, "abc")
	if got := string(linesAt([]byte(text), i, i+3)); got != "two abc two" {
		t.Errorf("got %q", got)
	}
	long := strings.Repeat("x", 5000) + "abc" + strings.Repeat("y", 5000)
	if got := linesAt([]byte(long), 5000, 5003); len(got) != 2*lineContext+3 {
		t.Errorf("%d bytes of a long line", len(got))
	}
}

// A region is where counting from the start of its lines puts it, and the same
// after any other one.
func FuzzRegion(f *testing.F) {
	f.Add([]byte("a\r\nb\xff\n"), 1, 4)
	f.Add([]byte("\ufeffé\U0001f600\r\nb"), 4, 8)
	column := func(data []byte, off int) int {
		from := bytes.LastIndexByte(data[:off], '\n') + 1
		line := string(data[from:off])
		if from == 0 {
			line = strings.TrimPrefix(line, "\ufeff")
		}
		return 1 + len(utf16.Encode([]rune(line)))
	}
	f.Fuzz(func(t *testing.T, data []byte, start, end int) {
		if start < 0 || end < start || end > len(data) {
			t.Skip("no region")
		}
		stop := start + len(bytes.TrimSuffix(bytes.TrimSuffix(data[start:end], []byte("\n")), []byte("\r")))
		if end > start && data[end-1] != '\n' {
			stop = end
		}
		want := Span{1 + bytes.Count(data[:start], newline), column(data, start), 1 + bytes.Count(data[:stop], newline), column(data, stop)}
		if s := Region(data, start, end); s != want {
			t.Errorf("%q [%d:%d]: %v, want %v", data, start, end, s, want)
		}
		place := newRuler(data)
		for off := 0; off <= start; off++ {
			place.to(off)
		}
		if s := place.span(start, end); s != want {
			t.Errorf("%q [%d:%d] after all before: %v, want %v", data, start, end, s, want)
		}
		place.to(len(data))
		if s := place.span(start, end); s != want {
			t.Errorf("%q [%d:%d] after the end: %v, want %v", data, start, end, s, want)
		}
	})
}
