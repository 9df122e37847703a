package pipeline

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// A Text is a string of a document that knows where it stands: each byte of S
// has an offset in Document.Data. Its zero value is empty and stands nowhere.
type Text struct {
	S    string
	base int     // offset of S[0], when at is nil: S stands as it is
	at   []int32 // offset of each byte of S and of its end, otherwise
	set  bool
}

// Pos is the offset in Document.Data of S[i]; i may be len(S).
func (t Text) Pos(i int) int {
	if t.at == nil {
		return t.base + i
	}
	return int(t.at[i])
}

// Sub is S[i:j] in its place.
func (t Text) Sub(i, j int) Text {
	if t.at == nil {
		return Text{S: t.S[i:j], base: t.base + i, set: t.set}
	}
	return Text{S: t.S[i:j], at: t.at[i : j+1], set: t.set}
}

// Placed tells whether the text stands in the document.
func (t Text) Placed() bool { return t.set }

// Trim is the text without white space at its ends.
func (t Text) Trim() Text {
	i := len(t.S) - len(strings.TrimLeft(t.S, " \t\r\n"))
	j := len(strings.TrimRight(t.S, " \t\r\n"))
	return t.Sub(i, max(i, j))
}

// Lines gives each line without its line ending.
func (t Text) Lines() []Text {
	var out []Text
	for i := 0; i < len(t.S); {
		j := strings.IndexByte(t.S[i:], '\n')
		next := i + j + 1
		if j < 0 {
			j, next = len(t.S)-i, len(t.S)
		}
		end := i + j
		if end > i && t.S[end-1] == '\r' {
			end--
		}
		out = append(out, t.Sub(i, end))
		i = next
	}
	return out
}

// Fields splits round runs of white space, as strings.Fields.
func (t Text) Fields() []Text {
	var out []Text
	start := -1
	for i := 0; i <= len(t.S); i++ {
		space := i == len(t.S) || t.S[i] == ' ' || t.S[i] == '\t' || t.S[i] == '\n' || t.S[i] == '\r'
		if space && start >= 0 {
			out, start = append(out, t.Sub(start, i)), -1
		} else if !space && start < 0 {
			start = i
		}
	}
	return out
}

// Cut splits round the first sep, as strings.Cut.
func (t Text) Cut(sep string) (before, after Text, found bool) {
	if i := strings.Index(t.S, sep); i >= 0 {
		return t.Sub(0, i), t.Sub(i+len(sep), len(t.S)), true
	}
	return t, Text{}, false
}

// Find is the first place of s in the text, all of the text when it is not there.
func (t Text) Find(s string) Text {
	if i := strings.Index(t.S, s); i >= 0 {
		return t.Sub(i, i+len(s))
	}
	return t
}

// Text is the part of the document from offset start to end, as it stands.
func (d *Document) Text(start, end int) Text {
	start = max(0, min(start, len(d.Data)))
	end = max(start, min(end, len(d.Data)))
	return Text{S: d.string()[start:end], base: start, set: true}
}

// Unquoted is value in its place, where value is what the quoted string at
// offset start (a quote of ' or ") says after its escapes are resolved: JSON, TOML, YAML, HCL.
func (d *Document) Unquoted(start int, value string) Text {
	style := plainStyle
	if start < len(d.Data) {
		switch d.Data[start] {
		case '"':
			style, start = doubleStyle, start+1
		case '\'':
			style, start = singleStyle, start+1
		}
	}
	return align(d.Data, start, value, style)
}

type scalarStyle int

const (
	plainStyle scalarStyle = iota
	singleStyle
	doubleStyle
	blockStyle
	xmlStyle
)

// align finds for each byte of value, which is what the raw text from start says
// after unquoting, unfolding and removal of indentation, where it stands.
// Characters other than white space are the same in both and in the same order,
// but for escapes, so one pass over both is exact for them; white space that
// folding made stands at the line break it came from.
func align(data []byte, start int, value string, style scalarStyle) Text {
	r := min(start, len(data))
	if len(value) == 0 {
		return Text{base: r, set: true}
	}
	if end := r + len(value); style != doubleStyle && end <= len(data) && string(data[r:end]) == value {
		return Text{S: value, base: r, set: true}
	}
	at := make([]int32, len(value)+1)
	for i := 0; i < len(value); {
		if r >= len(data) {
			at[i] = int32(len(data))
			i++
			continue
		}
		c, raw := value[i], data[r]
		switch {
		case style == doubleStyle && raw == '\\':
			n, size := escape(data[r:], value[i:])
			for k := range size {
				at[i+k] = int32(r)
			}
			i, r = i+size, r+n
		case style == xmlStyle && entity(data[r:], c) > 0:
			_, size := utf8.DecodeRuneInString(value[i:])
			for k := range size {
				at[i+k] = int32(r)
			}
			i, r = i+size, r+entity(data[r:], c)
		case style == singleStyle && raw == '\'' && c == '\'':
			at[i] = int32(r)
			i, r = i+1, r+1
			if r < len(data) && data[r] == '\'' {
				r++
			}
		case raw == c:
			at[i] = int32(r)
			i, r = i+1, r+1
		case blank(c) && (raw == '\n' || raw == '\r'): // a line break that was folded
			at[i] = int32(r)
			for i, r = i+1, r+1; r < len(data) && blank(data[r]) && data[r] != '\n'; {
				r++
			}
		case blank(raw): // indentation, CR, a break that folding dropped
			r++
		default: // white space that stands nowhere
			at[i] = int32(r)
			i++
			if !blank(c) {
				r++
			}
		}
	}
	at[len(value)] = int32(min(r, len(data)))
	return Text{S: value, at: at, set: true}
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// entity gives the length of the entity that raw starts with, where it says c, the
// first byte of a character; 0 where it is left as it is written.
func entity(raw []byte, c byte) int {
	if raw[0] != '&' {
		return 0
	}
	end := bytes.IndexByte(raw[:min(len(raw), maxEntity)], ';') + 1
	if name := string(raw[:end]); c == '&' && name != "&amp;" && name != "&#38;" && !strings.EqualFold(name, "&#x26;") {
		return 0
	}
	return end
}

// maxEntity is the longest name or number of an entity, in bytes, that is one.
const maxEntity = 16

// escape gives the length of the escape sequence that raw starts with, and of
// what it stands for at the start of value.
func escape(raw []byte, value string) (n, size int) {
	if len(raw) < 2 {
		return 1, min(1, len(value))
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[raw[1]]
	switch {
	case digits > 0:
		n = min(2+digits, len(raw))
		_, size = utf8.DecodeRuneInString(value)
		if raw[1] == 'u' && size == 4 && n+1 < len(raw) && raw[n] == '\\' { // a surrogate pair in JSON
			n = min(n+6, len(raw))
		}
		return n, size
	case raw[1] == '\n' || raw[1] == '\r': // an escaped line break says nothing
		for n = 1; n < len(raw) && blank(raw[n]); {
			n++
		}
		return n, 0
	}
	_, size = utf8.DecodeRuneInString(value)
	return 2, size
}
