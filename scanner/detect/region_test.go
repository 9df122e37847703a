package detect

import (
	"strings"
	"testing"
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

func FuzzRegion(f *testing.F) {
	f.Add([]byte("a\r\nb\xff\n"), 1, 4)
	f.Fuzz(func(t *testing.T, data []byte, start, end int) {
		if start < 0 || end < start || end > len(data) {
			t.Skip("no region")
		}
		s := Region(data, start, end)
		if s.Line < 1 || s.Column < 1 || s.EndLine < s.Line || s.EndLine == s.Line && s.EndColumn < s.Column {
			t.Errorf("%q [%d:%d]: %v", data, start, end, s)
		}
	})
}
