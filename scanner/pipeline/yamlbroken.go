package pipeline

import (
	"bytes"
	"errors"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// Reading YAML that does not parse: templates are masked, the rest is split at
// documents and blocks until the parts parse, and what remains goes line by line.

// errAction is why a template does not parse as YAML, where that was seen at once.
var errAction = errors.New("a template action where a node should start")

const (
	maxSplit  = 16   // levels of blocks that are taken apart
	maxAction = 4096 // bytes of a template action
)

// bareAction tells whether a template action stands unquoted as a value: on a
// line behind a colon or dash and spaces, with no # before it.
func bareAction(s string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], " {{")
		if i < 0 {
			return false
		}
		i += from
		from = i + len(" {{")
		lead := strings.TrimRight(s[strings.LastIndexByte(s[:i], '\n')+1:i], " ")
		if lead != "" && (lead[len(lead)-1] == ':' || lead[len(lead)-1] == '-') && !strings.Contains(lead, "#") {
			return true
		}
	}
}

func (d *Document) readYAML() []*Node {
	var roots []*Node
	err := errAction
	if !d.refused {
		roots, err = d.wholeYAML(0, len(d.Data))
	}
	if err == nil {
		if d.dialect.ID != "concourse" && bareAction(d.string()) { // key: {{ x }} parses as a map, which it is not
			if masked, ok := d.mask(); ok {
				d.masked = masked
				if again, err := d.parseMasked(0, len(d.Data)); err == nil {
					d.Templated = true
					return again
				}
				d.masked = nil
			}
		}
		return roots
	}
	if errors.Is(err, errTooDeep) || errors.Is(err, errTooMany) {
		d.Gap(d.yamlGap(err, 0))
		return roots
	}
	if masked, ok := d.mask(); ok {
		d.masked = masked
		d.Templated = bytes.Contains(d.Data, []byte("{{")) || bytes.Contains(d.Data, []byte("{%")) || bytes.Contains(d.Data, []byte("<%"))
		if again, err := d.parseMasked(0, len(d.Data)); err == nil {
			return again
		}
	}
	return d.splitYAML()
}

// mask is maskTemplates of the document, made once.
func (d *Document) mask() ([]byte, bool) {
	if !d.maskMade {
		d.maskMade = true
		d.maskKept, _ = maskTemplates(d.Data)
	}
	return d.maskKept, d.maskKept != nil
}

// splitYAML parses each YAML document for itself, and those that fail block by block.
func (d *Document) splitYAML() []*Node {
	var roots []*Node
	for _, p := range splitDocuments(d.Data) {
		got, err := d.parsePart(p[0], p[1])
		if err == nil {
			roots = append(roots, got...)
			continue
		}
		s := splitter{d: d, err: err}
		if errors.Is(err, errAction) { // which does not tell where
			_, s.err = d.parseLibrary(p[0], p[1])
		}
		if n := s.block(p[0], p[1], 0); n != nil {
			roots = append(roots, n)
		}
		s.rest()
	}
	return roots
}

func (d *Document) parsePart(start, end int) ([]*Node, error) {
	if d.masked != nil && !bytes.Equal(d.masked[start:end], d.Data[start:end]) { // {{ x }} parses as a map, which it is not
		if roots, err := d.parseMasked(start, end); err == nil {
			return roots, nil
		}
	}
	return d.wholeYAML(start, end)
}

// parseMasked parses with template actions replaced, and gives nodes that say
// what was written.
func (d *Document) parseMasked(start, end int) ([]*Node, error) {
	written := d.string()
	d.Data, d.unmasked, d.str = d.masked, d.Data, ""
	defer func() { d.Data, d.unmasked, d.str = d.unmasked, nil, written }()
	return d.wholeYAML(start, end)
}

// splitter takes a block that does not parse apart into its entries.
type splitter struct {
	d      *Document
	err    error
	failed [][2]int // parts that did not parse
}

// block gives what can be read of the block of lines in [start, end): a map or
// list of the entries that parse. It is nil when there are none.
func (s *splitter) block(start, end, level int) *Node {
	if level > maxSplit {
		s.failed = append(s.failed, [2]int{start, end})
		return nil
	}
	entries := splitEntries(s.d.Data[:end], start)
	out := &Node{doc: s.d, Kind: MapNode, start: start}
	for _, e := range entries {
		if len(bytes.TrimSpace(s.d.Data[e[0]:e[1]])) == 0 {
			continue
		}
		if got, err := s.d.parsePart(e[0], e[1]); err == nil {
			for _, n := range got {
				out.join(n)
			}
			continue
		}
		s.deeper(out, e, level)
	}
	if len(out.pairs) == 0 && len(out.items) == 0 {
		return nil
	}
	return out
}

// deeper reads an entry that does not parse as its first line and the block below it.
func (s *splitter) deeper(out *Node, e [2]int, level int) {
	nl := bytes.IndexByte(s.d.Data[e[0]:e[1]], '\n')
	if nl < 0 {
		s.failed = append(s.failed, e)
		return
	}
	head, err := s.d.parsePart(e[0], e[0]+nl)
	below := s.block(e[0]+nl+1, e[1], level+1)
	if err != nil || len(head) != 1 {
		s.failed = append(s.failed, [2]int{e[0], e[0] + nl})
		switch {
		case below == nil:
		case bytes.HasPrefix(bytes.TrimLeft(s.d.Data[e[0]:e[1]], " \t"), []byte("- ")): // the other keys of an item
			out.join(&Node{doc: s.d, Kind: SeqNode, start: e[0], items: []*Node{below}})
		default:
			out.join(below)
		}
		return
	}
	h := head[0]
	switch {
	case below == nil:
	case h.Kind == MapNode && len(h.pairs) == 1 && h.pairs[0].Value.String() == "":
		h.pairs[0].Value = below
	case h.Kind == SeqNode && len(h.items) == 1: // - key: first, with further keys below
		h.items[0].join(below)
	}
	out.join(h)
}

// join adds what another node of a broken block holds.
func (n *Node) join(o *Node) {
	if n == nil || o == nil {
		return
	}
	if o.Kind == SeqNode {
		if n.Kind == MapNode && len(n.pairs) == 0 {
			n.Kind = SeqNode
		}
		n.items = append(n.items, o.items...)
		return
	}
	if n.Kind == MapNode {
		n.pairs, n.merges = append(n.pairs, o.pairs...), n.merges || o.merges
	}
}

// rest reports what did not parse and hands its lines to the dialect.
func (s *splitter) rest() {
	for _, f := range s.failed {
		g := s.d.yamlGap(errors.New("malformed"), f[0])
		if s.d.Templated {
			g.Reason, g.Minor = scanner.Malformed, true
		}
		s.d.Gap(g)
		s.d.readLines(s.d.Text(f[0], f[1]))
	}
	if len(s.failed) == 0 { // the parts parse, the whole does not: an anchor, a tab, a stray line between
		s.d.Gap(s.d.yamlGap(s.err, 0))
	}
}

// splitDocuments gives the ranges between lines that start with "---".
func splitDocuments(data []byte) [][2]int {
	var out [][2]int
	start := 0
	for i := 0; i < len(data); {
		j := bytes.IndexByte(data[i:], '\n')
		next := i + j + 1
		if j < 0 {
			next = len(data)
		}
		if bytes.HasPrefix(data[i:], []byte("---")) && (i+3 >= len(data) || blank(data[i+3])) && i > start {
			out = append(out, [2]int{start, i})
			start = i
		}
		i = next
	}
	return append(out, [2]int{start, len(data)})
}

// splitEntries gives the ranges of the entries of the block that starts at
// start and ends with data: each from a line of the block's indentation to the next.
func splitEntries(data []byte, start int) [][2]int {
	indent := -1
	var out [][2]int
	for i := start; i < len(data); {
		j := bytes.IndexByte(data[i:], '\n')
		next := i + j + 1
		if j < 0 {
			next = len(data)
		}
		line := data[i:next]
		n := len(line) - len(bytes.TrimLeft(line, " \t"))
		empty := len(bytes.TrimSpace(line)) == 0 || line[n] == '#' || bytes.HasPrefix(line, []byte("---"))
		if !empty && (indent < 0 || n <= indent) {
			dash := bytes.HasPrefix(line[n:], []byte("- "))
			if indent < 0 {
				indent = n
			}
			// A list may stand at the indentation of its key.
			list := dash && n == indent && len(out) > 0 && !bytes.HasPrefix(data[out[len(out)-1][0]+indent:], []byte("- "))
			if !list {
				if len(out) > 0 {
					out[len(out)-1][1] = i
				}
				out = append(out, [2]int{i, len(data)})
			}
		}
		i = next
	}
	return out
}

// maskTemplates replaces the actions of templates ({{ }}, {% %}, <% %>) by
// filler of the same length: blanks where they stand alone on their lines, a
// word otherwise. Tabs at the start of a line become blanks. It is false when
// there are none of either. GitHub's ${{ }} stays.
func maskTemplates(data []byte) ([]byte, bool) {
	var out []byte
	lead := true // only blanks since the line's start
	for i := 0; i+1 < len(data); i++ {
		end := -1
		switch data[i] {
		case '\n', ' ':
			lead = lead || data[i] == '\n'
			continue
		case '\t':
			if lead {
				if out == nil {
					out = bytes.Clone(data)
				}
				out[i] = ' '
			}
			continue
		case '{', '<':
			end = templateEnd(data, i)
		}
		lead = false
		if end < 0 {
			continue
		}
		if out == nil {
			out = bytes.Clone(data)
		}
		fill := byte('x')
		if aloneOnLine(data, i, end) || aboveEntries(data, i, end) {
			fill = ' '
		}
		for k := i; k < end; k++ {
			if out[k] != '\n' && out[k] != '\r' {
				out[k] = fill
			}
		}
		i = end - 1
	}
	return out, out != nil
}

var templatePairs = [...][2]string{{"{{", "}}"}, {"{%", "%}"}, {"{#", "#}"}, {"<%", "%>"}}

// templateEnd is the end of the action that starts at i, -1 when none does.
func templateEnd(data []byte, i int) int {
	for _, p := range templatePairs {
		if !bytes.HasPrefix(data[i:], []byte(p[0])) || i > 0 && data[i-1] == '$' {
			continue
		}
		if j := bytes.Index(data[i:min(len(data), i+maxAction)], []byte(p[1])); j >= 0 {
			return i + j + len(p[1])
		}
	}
	return -1
}

// aboveEntries tells an action that brings in entries before those written out
// below it: labels: {{ include "x" . | nindent 4 }}.
func aboveEntries(data []byte, start, end int) bool {
	first := bytes.LastIndexByte(data[:start], '\n') + 1
	key := bytes.TrimLeft(data[first:start], " -")
	line, below, _ := bytes.Cut(data[end:], []byte("\n"))
	below = bytes.TrimLeft(below, "\r\n")
	entry := bytes.TrimLeft(below, " ")
	return bytes.Contains(data[start:end], []byte("indent")) && len(bytes.TrimSpace(line)) == 0 && bytes.HasSuffix(bytes.TrimRight(key, " "), []byte(":")) &&
		len(below)-len(entry) > start-first-len(key) && len(entry) > 0 && entry[0] != '#' && !bytes.HasPrefix(entry, []byte("{{"))
}

// aloneOnLine tells whether only blanks and other actions share the lines of [start, end).
func aloneOnLine(data []byte, start, end int) bool {
	first := bytes.LastIndexByte(data[:start], '\n') + 1
	last := len(data)
	if j := bytes.IndexByte(data[end:], '\n'); j >= 0 {
		last = end + j
	}
	if len(bytes.TrimSpace(data[first:start])) != 0 && !bytes.HasSuffix(bytes.TrimSpace(data[first:start]), []byte("}}")) {
		return false
	}
	after := bytes.TrimSpace(data[end:last])
	return len(after) == 0 || templateEnd(after, 0) >= 0 || after[0] == '#'
}
