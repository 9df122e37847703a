package pipeline

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// An iniEntry is a line key = value, with the header of the section it stands in.
type iniEntry struct {
	Section Text // without brackets; the zero Text before the first
	Key     Text
	Value   Text // trimmed, without quotes round it; continued lines are entries of their own with no key
}

// iniLines reads files of the INI family: [section], key = value, # and ;
// comments at the start of a line, continuation by indentation. With colons,
// "key: value" is one too.
func (d *Document) iniLines(colons bool) []iniEntry {
	var out []iniEntry
	var section Text
	for _, l := range d.Text(0, len(d.Data)).Lines() {
		t := l.Trim()
		switch {
		case len(out) >= maxNodes:
			return out
		case t.S == "" || t.S[0] == '#' || t.S[0] == ';':
			continue
		case t.S[0] == '[' && strings.Contains(t.S, "]"):
			section = t.Sub(1, strings.LastIndexByte(t.S, ']')).Trim()
			continue
		}
		seps := "="
		if colons {
			seps = "=:"
		}
		i := strings.IndexAny(t.S, seps)
		if i < 0 || len(l.S) > 0 && blank(l.S[0]) && len(out) > 0 && i > 0 && strings.Contains(t.S[:i], "://") {
			out = append(out, iniEntry{Section: section, Value: t})
			continue
		}
		out = append(out, iniEntry{Section: section, Key: t.Sub(0, i).Trim(), Value: unquote(t.Sub(i+1, len(t.S)).Trim())})
	}
	return out
}

// unquote is a text without the quotes round it; what follows a closing quote is a comment.
func unquote(t Text) Text {
	if len(t.S) < 2 || t.S[0] != '"' && t.S[0] != '\'' {
		return t
	}
	if j := strings.IndexByte(t.S[1:], t.S[0]); j >= 0 {
		return t.Sub(1, 1+j)
	}
	return t
}

// An xmlNode is an element of an XML document, in its place.
type xmlNode struct {
	Name  string // without its namespace
	Attr  map[string]Text
	Text  Text // trimmed
	Items []*xmlNode
	At    Text // the name in the start tag
}

// get gives the first element below by names, nil for none.
func (n *xmlNode) get(names ...string) *xmlNode {
	for _, name := range names {
		if n == nil {
			return nil
		}
		var found *xmlNode
		for _, c := range n.Items {
			if c.Name == name {
				found = c
				break
			}
		}
		n = found
	}
	return n
}

// text is the text of an element below.
func (n *xmlNode) text(names ...string) Text {
	if c := n.get(names...); c != nil {
		return c.Text
	}
	return Text{}
}

// walk calls f for n and all below it.
func (n *xmlNode) walk(f func(*xmlNode)) {
	if n == nil {
		return
	}
	f(n)
	for _, c := range n.Items {
		c.walk(f)
	}
}

// XML reads a document in XML, as far as it goes: its root holds the elements
// at the top. Entities are not expanded beyond those of XML itself.
func (d *Document) XML() *xmlNode {
	root := &xmlNode{}
	stack := []*xmlNode{root}
	dec := xml.NewDecoder(bytes.NewReader(d.Data))
	dec.Strict, dec.CharsetReader = false, func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	for count := 0; ; {
		start := int(dec.InputOffset())
		tok, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			return root
		}
		if err != nil {
			d.GapAt(d.Text(start, start), scanner.Malformed, "does not parse as XML; it was read up to here")
			return root
		}
		end := int(dec.InputOffset())
		top := stack[len(stack)-1]
		switch x := tok.(type) {
		case xml.StartElement:
			if count++; count > maxNodes || len(stack) > maxDepth {
				d.GapAt(d.Text(start, start), scanner.TooDeep, errTooMany.Error())
				return root
			}
			n := d.xmlStart(x, start, end)
			top.Items = append(top.Items, n)
			stack = append(stack, n)
		case xml.EndElement:
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
		case xml.CharData:
			if t := d.Text(start, end).Trim(); t.S != "" {
				if u := strings.TrimSpace(string(x)); u != t.S && len(u) < len(t.S) && !strings.HasPrefix(t.S, "<![CDATA[") {
					t = align(d.Data, t.Pos(0), u, xmlStyle)
				} else if rest, ok := strings.CutPrefix(t.S, "<![CDATA["); ok {
					t = t.Sub(9, 9+len(strings.TrimSuffix(rest, "]]>"))).Trim()
				}
				top.Text = t
			}
		}
	}
}

func (d *Document) xmlStart(x xml.StartElement, start, end int) *xmlNode {
	raw := d.Text(start, end)
	n := &xmlNode{Name: x.Name.Local, Attr: map[string]Text{}, At: raw.Find(x.Name.Local)}
	at := 0
	for _, a := range x.Attr {
		i := strings.Index(raw.S[at:], a.Name.Local)
		if i < 0 {
			break
		}
		at += i + len(a.Name.Local)
		q := strings.IndexAny(raw.S[at:], `"'`)
		if q < 0 {
			break
		}
		at += q
		j := strings.IndexByte(raw.S[at+1:], raw.S[at])
		if j < 0 {
			break
		}
		value := raw.Sub(at+1, at+1+j)
		if strings.Contains(value.S, "&") {
			value = align(d.Data, value.Pos(0), a.Value, xmlStyle)
		}
		n.Attr[a.Name.Local] = value
		at += j + 2
	}
	return n
}
