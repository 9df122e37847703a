package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// subject is where a violation is told: its first place, else what it is about.
func subject(v Violation) string {
	if len(v.Locations) > 0 {
		return place(v.Locations[0])
	}
	return pathText(cmp.Or(v.Entry, v.Connection, v.Finding, "credgate"))
}

// place is path:line:col, of which line and column may not be known.
func place(l Location) string { return at(l.Path, l.Line, l.Column) }

func gapPlace(g Gap) string {
	switch {
	case g.Path != "":
		return at(g.Path, g.Line, g.Column)
	case g.Object != "":
		return "object " + plain(string(g.Object))
	}
	return "credgate"
}

func at(path string, line, column int) string {
	s := pathText(path)
	if line > 0 {
		s += fmt.Sprintf(":%d", line)
		if column > 0 {
			s += fmt.Sprintf(":%d", column)
		}
	}
	return s
}

// places tells of the places after the first one, and of their commits: "and
// 41 more places in 3 files; since 1a2b3c4d (2024-01-02), gone after 5d6e7f80".
func places(ls []Location) string {
	if len(ls) == 0 {
		return ""
	}
	var parts []string
	if n := len(ls) - 1; n > 0 {
		text := "and " + count(n, "more place")
		if f := files(ls); f > 1 {
			text += " in " + count(f, "file")
		}
		parts = append(parts, text)
	}
	if first, ok := oldest(ls); ok {
		text := "since " + short(first.Commit)
		if on := day(first.Date); on != "" {
			text += " (" + on + ")"
		}
		if last := newest(ls); !atHead(ls) {
			text += ", only in history"
			if last != "" {
				text += ", last in " + short(last)
			}
		} else if ref := elsewhere(ls); ref != "" {
			text += ", at " + refText(ref)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// nearest puts the places first at which a reader can act: those of HEAD, then
// those of other refs, then those of the history; each as they were.
func nearest(ls []Location) []Location {
	ls = slices.Clone(ls)
	slices.SortStableFunc(ls, func(a, b Location) int { return cmp.Compare(a.distance(), b.distance()) })
	return ls
}

// refText is a ref as people call it: "tag v1.0", "branch main".
func refText(ref string) string {
	for _, kind := range [][2]string{{"refs/heads/", "branch "}, {"refs/remotes/", "remote branch "}, {"refs/tags/", "tag "}} {
		if name, ok := strings.CutPrefix(ref, kind[0]); ok {
			return kind[1] + name
		}
	}
	return ref
}

func files(ls []Location) int {
	seen := make(map[string]bool)
	for _, l := range ls {
		seen[l.Path] = true
	}
	return len(seen)
}

// elsewhere is the ref of the first place, where no place stands at HEAD.
func elsewhere(ls []Location) string {
	if len(ls) == 0 || slices.ContainsFunc(ls, func(l Location) bool { return l.distance() == 0 }) {
		return ""
	}
	return ls[0].Ref
}

func atHead(ls []Location) bool {
	return slices.ContainsFunc(ls, func(l Location) bool { return l.AtHead })
}

// oldest is the place of the earliest commit, if one is known.
func oldest(ls []Location) (first Location, ok bool) {
	for _, l := range ls {
		if l.Commit != "" && (!ok || l.Date.Before(first.Date)) {
			first, ok = l, true
		}
	}
	return first, ok
}

// newest is the last commit of the place that began last: the one nearest to
// today that the document names.
func newest(ls []Location) scanner.ObjectID {
	var last Location
	for _, l := range ls {
		if l.LastCommit != "" && (last.LastCommit == "" || l.Date.After(last.Date)) {
			last = l
		}
	}
	return last.LastCommit
}

// short is an object's name as people write it. What is no name is escaped.
func short(id scanner.ObjectID) string {
	if len(id) > 10 && !strings.ContainsFunc(string(id), func(r rune) bool { return !strings.ContainsRune("0123456789abcdef", r) }) {
		return string(id[:10])
	}
	return plain(string(id))
}

// count is "1 file", "2 files".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// tally is "3 a, 1 b" in order of name.
func tally(m map[string]int) string {
	var parts []string
	for _, k := range sorted(m) {
		parts = append(parts, fmt.Sprintf("%d %s", m[k], k))
	}
	return strings.Join(parts, ", ")
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// size is a number of bytes as people write it.
func size(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 1e3:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%d bytes", n)
}

// join is strings.Join of what is not empty.
func join(sep string, parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), sep)
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func parens(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}
