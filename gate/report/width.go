package report

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// columns is how many columns of a terminal plain text takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// wrap breaks plain text into lines of at most limit columns, the first one
// with first columns fewer. Words are kept whole: a path that was cut in two
// cannot be copied. A word longer than a line has a line to itself. A limit of
// zero or less gives one line.
func wrap(s string, limit, first int) []string {
	if limit <= 0 {
		return []string{strings.TrimSpace(s)}
	}
	words := strings.Fields(s)
	if len(words) == 0 {
		return []string{""}
	}
	var lines []string
	line, used := words[0], first+columns(words[0])
	for _, w := range words[1:] {
		n := columns(w)
		if used+1+n > limit {
			lines = append(lines, line)
			line, used = w, n
			continue
		}
		line, used = line+" "+w, used+1+n
	}
	return append(lines, line)
}

// clip cuts plain text to at most limit columns, the last one an ellipsis.
// A limit of zero or less leaves it as it is.
func clip(s string, limit int) string {
	if limit <= 0 || columns(s) <= limit {
		return s
	}
	used := 0
	for i, r := range s {
		if n := runeColumns(r); used+n > limit-1 {
			return s[:i] + "…"
		} else {
			used += n
		}
	}
	return s
}
