package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is written comes in part from outside: file names, job names, authors,
// reasons. Every writer escapes for its medium, and all but JSON, SARIF's URIs
// and the file property of an annotation go through plain first.

// maxMarks is how many combining marks may follow one letter; more would run
// over the lines above and below.
const maxMarks = 3

// plain makes text that a terminal or a log shows as it is: one line, without
// control characters, direction overrides, invisible characters or bytes that
// are not UTF-8, all of which become Go escapes. It breaks what CI systems read
// as a command anywhere in a line ("##[", "##vso[", "##teamcity[") or at its
// start ("::", which a line break may bring about at every word).
func plain(s string) string {
	if isPlain(s) {
		return s
	}
	var b strings.Builder
	marks, prev := 0, rune(' ')
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case hidden(r) || marks > maxMarks || marks > 0 && i == 0:
			b.WriteString(escaped(r))
		case r == '#' && prev == '#':
			b.WriteString(`\x23`)
			r = ' '
		case r == ':' && prev == ' ' && strings.HasPrefix(s[i:], "::"):
			b.WriteString(`\x3a`)
		default:
			b.WriteRune(r)
		}
		prev, i = r, i+n
	}
	return b.String()
}

// isPlain tells whether all of s is printable ASCII that plain leaves alone.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return !strings.Contains(s, "##") && !strings.HasPrefix(s, "::") && !strings.Contains(s, " ::")
}

// hidden tells whether r does not show as a character of its own.
func hidden(r rune) bool {
	return !unicode.IsPrint(r) ||
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) ||
		unicode.Is(unicode.Variation_Selector, r) ||
		r == '\u2800' // blank Braille pattern
}

func escaped(r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < 0x80:
		return fmt.Sprintf(`\x%02x`, r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// pathText makes a path for people. One that could be read as something else
// (a colon, a quote, a backslash, a space at an end, anything plain escapes) is
// quoted, so that different paths never read alike.
func pathText(p string) string {
	if p == "" {
		return ""
	}
	if t := plain(p); t == p && !strings.ContainsAny(p, `:"\`) && strings.TrimSpace(p) == p {
		return p
	}
	var b strings.Builder
	b.WriteByte('"')
	b.WriteString(plain(strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(p)))
	b.WriteByte('"')
	return b.String()
}

// markdown makes text for GitHub's Markdown, in a table cell or a paragraph,
// though not at its start: nothing in it begins a link, an image, HTML, a table,
// emphasis, a mention, an issue number, an emoji or mathematics.
func markdown(s string) string {
	s = plain(s)
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '@' || c == ':' && emoji.MatchString(s[i:]):
			// The comment parts it from what follows: mentions and emoji are
			// looked for after entities were resolved.
			fmt.Fprintf(&b, "&#%d;<!-- -->", c)
		case c == '.' && i >= 3 && strings.EqualFold(s[i-3:i], "www"),
			c == ':' && strings.HasPrefix(s[i:], ":/"),
			strings.IndexByte("&<>\"'`*_{}[]()#!|~\\$^", c) >= 0:
			fmt.Fprintf(&b, "&#%d;", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

var emoji = regexp.MustCompile(`^:[A-Za-z0-9_+-]+:`)

// code is markdown in a code element, where GitHub looks for no mentions.
func code(s string) string {
	return "<code>" + strings.ReplaceAll(markdown(s), "<!-- -->", "") + "</code>"
}

// commandData escapes the message of a workflow command.
// Source: actions/toolkit, packages/core/src/command.ts.
func commandData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// commandProperty escapes a property of a workflow command.
func commandProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// commandPath is a path as the file property. GitHub matches it with the files
// of the change, so it keeps line breaks (escaped) and is not quoted; other
// characters that do not print are escaped as in text, since runners log them.
func commandPath(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); {
		r, n := utf8.DecodeRuneInString(p[i:])
		switch {
		case r == '\r' || r == '\n':
			b.WriteRune(r)
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, p[i])
		case hidden(r):
			b.WriteString(escaped(r))
		case r == '#' && i > 0 && p[i-1] == '#':
			b.WriteString(`\x23`)
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return commandProperty(b.String())
}

// uri makes a relative reference of a path, byte by byte, so that names that
// are not UTF-8 survive (RFC 3986, 4.2: no colon in the first segment).
func uri(p string) string {
	var b strings.Builder
	for i := range len(p) {
		c := p[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~/", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// sarifText is plain, with the syntax of an embedded link broken (SARIF 2.1.0, 3.11.6).
func sarifText(s string) string {
	s = plain(s)
	if !strings.Contains(s, "](") {
		return s
	}
	return strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(s)
}

// dotText is the inside of a quoted string of DOT.
func dotText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, `&`, `&amp;`).Replace(plain(s))
}

// mermaidText is the inside of a quoted label of Mermaid, with every character
// that could mean something as a numeric entity.
func mermaidText(s string) string {
	s = plain(s)
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 0x80 || c == ' ' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_./,", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "#%d;", c)
		}
	}
	return b.String()
}

// calendarText is a TEXT value of iCalendar (RFC 5545, 3.3.11). It holds no
// "::", which folding might put at the start of a line.
func calendarText(s string) string {
	return strings.NewReplacer(`\`, `\\`, `;`, `\;`, `,`, `\,`, "::", `:\\x3a`).Replace(plain(s))
}

// printable replaces, in JSON, every character that does not print by its
// \u escape, and breaks "##", which some CI systems read as a command. JSON
// allows both only inside strings, where they mean the same.
func printable(json []byte) []byte {
	out := make([]byte, 0, len(json)+len(json)/64)
	prev := byte(0)
	for i := 0; i < len(json); {
		c := json[i]
		if c < utf8.RuneSelf && c != 0x7f {
			if c == '#' && prev == '#' {
				out, prev = append(out, `\u0023`...), 0
			} else {
				out, prev = append(out, c), c
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(json[i:])
		switch {
		case !hidden(r):
			out = append(out, json[i:i+n]...)
		case r > 0xffff:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		prev, i = 0, i+n
	}
	return out
}
