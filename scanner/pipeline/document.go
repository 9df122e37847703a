package pipeline

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// A Document is a file that a dialect reads. It is used by one goroutine.
type Document struct {
	Path string // slash-separated, relative to the tree's root
	Data []byte // UTF-8 without byte order mark, whatever the file was written in; not to be changed

	// Templated tells that YAML parsed only after template actions ({{ }},
	// {% %}) were replaced by filler: "xxx" in a value may have been one.
	Templated bool

	dialect    *Dialect
	read       *reading         // the run that this document belongs to
	str        string           // Data, once asked for
	lines      []int            // offset of each line
	milestones map[int][][2]int // of long lines: offset and column
	parsed     bool
	roots      []*Node
	masked     []byte // Data with template actions replaced, where it is read so
	maskKept   []byte // the same, once asked for; nil where there are none
	maskMade   bool
	refused    bool   // as it stands, no YAML
	unmasked   []byte // Data, while masked is parsed
	aliases    int    // visits of aliases
	steps      int    // of readers down its paths
	opened     int
	hclMelds   int // spent on templates, see maxHCLMelds

	occs         []Occurrence
	keep         map[string]bool
	claimed      map[int]bool      // offsets of references that were emitted with what takes them
	beside       map[string]string // providers by the variables that their hosts stand beside; nil before it is asked
	gaps         []scanner.Gap
	guess        bool              // in a line scanner
	scripts      int               // numbers scripts for their groups
	via          []string          // of what is emitted now
	ctx          any               // of the dialect: what it keeps between files it follows
	templateVars map[string]string // variables of a template, by the value of the chart that they hold
	dbms         string            // the only database that the document names, once asked for; "?" is none
}

func newDocument(r *reading, dl *Dialect, path string, data []byte) *Document {
	return &Document{Path: path, Data: plainText(data), dialect: dl, read: r}
}

// string is Data as a string, copied once.
func (d *Document) string() string {
	if len(d.str) != len(d.Data) {
		d.str = string(d.Data)
	}
	return d.str
}

// whole tells that nothing may be left out.
func (d *Document) whole() bool { return d.read != nil && d.read.whole }

// plainText strips the byte order mark and makes UTF-8 of UTF-16. Line and
// column, being counted in UTF-16 units, stay what they are in the file.
func plainText(data []byte) []byte {
	switch {
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		return data[3:]
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		return fromUTF16(data[2:], 0, 1)
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return fromUTF16(data[2:], 1, 0)
	}
	return data
}

func fromUTF16(data []byte, lo, hi int) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = uint16(data[2*i+lo]) | uint16(data[2*i+hi])<<8
	}
	return []byte(string(utf16.Decode(units)))
}

// Location places a text: its first to its last byte. A text that stands
// nowhere is at the start of the document.
func (d *Document) Location(t Text) scanner.Location {
	start, end := t.Pos(0), t.Pos(0)
	if n := len(t.S); n > 0 {
		start = t.Pos(0)
		end = t.Pos(n)
		if last := t.Pos(n - 1); end < last || t.at != nil { // the end of a folded text may lie lines below its last byte
			_, size := utf8.DecodeRune(d.Data[min(last, len(d.Data)):])
			end = min(max(last+size, start), len(d.Data))
		}
	}
	l := scanner.Location{Path: d.Path, AtHead: true}
	l.Line, l.Column = d.position(start)
	l.EndLine, l.EndColumn = d.position(end)
	return l
}

// position is the 1-based line, and column in UTF-16 units, of an offset.
func (d *Document) position(off int) (line, column int) {
	if d.lines == nil {
		d.lines = append(make([]int, 0, 1+bytes.Count(d.Data, []byte("\n"))), 0)
		for i := 0; ; {
			j := bytes.IndexByte(d.Data[i:], '\n')
			if j < 0 {
				break
			}
			i += j + 1
			d.lines = append(d.lines, i)
		}
	}
	off = max(0, min(off, len(d.Data)))
	i, found := slices.BinarySearch(d.lines, off)
	if !found {
		i--
	}
	start, column := d.milestone(i, off)
	for s := d.Data[start:off]; len(s) > 0; {
		r, size := utf8.DecodeRune(s)
		column += max(1, utf16.RuneLen(r))
		s = s[size:]
	}
	return i + 1, column
}

const milestoneEvery = 512 // bytes of a line

// milestone is a place on a line not far before an offset, with its column, so
// that a file in one line costs no more than another.
func (d *Document) milestone(line, off int) (at, column int) {
	start := d.lines[line]
	if off-start < milestoneEvery {
		return start, 1
	}
	if d.milestones == nil {
		d.milestones = map[int][][2]int{}
	}
	ms, ok := d.milestones[line]
	if !ok {
		end := len(d.Data)
		if line+1 < len(d.lines) {
			end = d.lines[line+1]
		}
		col, last := 1, start
		for k := start; k < end; {
			if k-last >= milestoneEvery {
				ms, last = append(ms, [2]int{k, col}), k
			}
			r, size := utf8.DecodeRune(d.Data[k:])
			col += max(1, utf16.RuneLen(r))
			k += size
		}
		d.milestones[line] = ms
	}
	at, column = start, 1
	for lo, hi := 0, len(ms); lo < hi; {
		mid := (lo + hi) / 2
		if ms[mid][0] > off {
			hi = mid
			continue
		}
		at, column = ms[mid][0], ms[mid][1]
		lo = mid + 1
	}
	return at, column
}

// Occurrence is a new occurrence at a text, with place, document and construct filled in.
func (d *Document) Occurrence(k connection.Kind, construct string, at Text) Occurrence {
	return Occurrence{Location: d.Location(at), Document: d.dialect.ID, Construct: construct, Kind: k}
}

// Emit takes an occurrence. Where the provider is empty it is inferred from
// endpoint, store and name. The same one twice is kept once.
func (d *Document) Emit(o Occurrence) {
	if len(d.occs) >= maxOccurrences {
		d.Gap(scanner.Gap{Path: d.Path, Reason: scanner.TooDeep, Detail: "too many connections in one document"})
		return
	}
	if o.Document == "" {
		o.Document = d.dialect.ID
	}
	if o.Consumer.Path == "" {
		o.Consumer.Path = d.Path
	}
	o.Guessed = o.Guessed || d.guess
	if len(o.Via) == 0 {
		o.Via = slices.Clone(d.via)
	}
	if secretShaped(o.Kind) && tokenShaped(o.Principal) && !strings.ContainsAny(o.Principal, "@/:") && !isUUID(o.Principal) {
		o.Principal = "" // a token that stands where a user name belongs must not be printed
	}
	if len(o.Refs) == 1 && strings.HasPrefix(o.Refs[0], "aws-ssm:/aws/service/") {
		return // parameters that AWS itself publishes: image ids, regions
	}
	infer(&o)
	if o.Provider == "postgres" && o.ProviderFrom == connection.FromName {
		o.Provider = d.database(&o)
	}
	key := occurrenceKey(&o)
	if d.kept(key) {
		return
	}
	unshare(&o)
	d.occs = append(d.occs, o)
}

// kept tells whether an occurrence with that key was kept before, and notes it.
func (d *Document) kept(key string) bool {
	if d.keep[key] {
		return true
	}
	if d.keep == nil {
		d.keep = map[string]bool{}
	}
	d.keep[key] = true
	return false
}

// claim notes that the reference at an offset was emitted with what takes it.
func (d *Document) claim(at int) {
	if d.claimed == nil {
		d.claimed = map[int]bool{}
	}
	d.claimed[at] = true
}

// unshare copies the strings of an occurrence, most of which are parts of the
// document: it is not to stay in memory for them.
func unshare(o *Occurrence) {
	c := &o.Consumer
	for _, s := range []*string{&o.Construct, &o.Account, &o.Endpoint, &o.Principal, &o.Group, &c.Job, &c.Step, &c.Action, &c.Environment, &c.Runner} {
		*s = strings.Clone(*s)
	}
	for _, list := range []*[]string{&o.Refs, &o.Scopes, &o.Via, &c.Triggers} {
		*list = slices.Clone(*list)
		for i, s := range *list {
			(*list)[i] = strings.Clone(s)
		}
	}
}

// secretShaped marks the kinds whose principal is a user name, and which some
// hosts let log in with a token in its place.
func secretShaped(k connection.Kind) bool {
	return k == connection.URLCredential || k == connection.RegistryLogin || k == connection.SecretRef || k == connection.Webhook
}

func isUUID(s string) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-'
}

// Gap takes a gap; an empty path is the document's own.
func (d *Document) Gap(g scanner.Gap) {
	if g.Path == "" {
		g.Path = d.Path
	}
	if len(d.gaps) < maxGaps && !slices.Contains(d.gaps, g) {
		d.gaps = append(d.gaps, g)
	}
}

// GapAt is Gap with the place of a text.
func (d *Document) GapAt(at Text, reason scanner.Reason, detail string) {
	l := d.Location(at)
	d.Gap(scanner.Gap{Line: l.Line, Column: l.Column, Reason: reason, Detail: detail})
}

// Open reads another file of the same tree, by its path from the root. It is
// false when there is none, when it is too large, or when this document has
// opened too many. No symlink is followed.
func (d *Document) Open(path string) ([]byte, bool) {
	if d.read == nil || d.read.tree == nil {
		return nil, false
	}
	if d.opened++; d.opened > maxOpen {
		d.Gap(scanner.Gap{Reason: scanner.TooDeep, Detail: "opens too many files"})
		return nil, false
	}
	data, err := d.read.tree.Open(path)
	if err != nil || len(data) > maxFile {
		return nil, false
	}
	return data, true
}

// Sub is another file of the same tree as a document of the same dialect, for a
// dialect that follows a call into it. What it emits is kept with d's. It is nil
// where Open is false.
func (d *Document) Sub(path string) *Document {
	data, ok := d.Open(path)
	if !ok {
		return nil
	}
	s := newDocument(d.read, d.dialect, path, data)
	s.opened, s.ctx = d.opened, d.ctx
	return s
}

// Join takes over what a Sub has emitted.
func (d *Document) Join(s *Document) {
	d.opened = max(d.opened, s.opened)
	for _, o := range s.occs {
		if len(d.occs) < maxOccurrences && !d.kept(occurrenceKey(&o)) {
			d.occs = append(d.occs, o)
		}
	}
	for _, g := range s.gaps {
		d.Gap(g)
	}
}

// readLines hands the lines of a part that did not parse to the dialect.
func (d *Document) readLines(t Text) {
	if d.dialect.Line == nil {
		return
	}
	d.guess = true
	defer func() { d.guess = false }()
	for _, l := range t.Lines() {
		d.dialect.Line(d, l)
	}
}

// spendAlias counts a visit of a merge or alias against the document's budget.
func (d *Document) spendAlias(depth int) bool {
	if depth == 0 {
		return true
	}
	if d.aliases++; d.aliases > maxAliases {
		d.Gap(scanner.Gap{Reason: scanner.TooDeep, Detail: "too many aliases"})
		return false
	}
	return true
}

// descend counts a step into a map or list against the document's budget, for
// readers that go down every path: aliases make more paths than there are nodes.
func (d *Document) descend() bool {
	if d.steps++; d.steps > maxDescents {
		d.Gap(scanner.Gap{Reason: scanner.TooDeep, Detail: "too many paths through aliases"})
		return false
	}
	return true
}

// occurrenceKey is equal for occurrences that say the same.
func occurrenceKey(o *Occurrence) string {
	var b bytes.Buffer
	l := o.Location
	for _, n := range []int{l.Line, l.Column, l.EndLine, l.EndColumn} {
		b.WriteString(strconv.Itoa(n))
		b.WriteByte(':')
	}
	for _, s := range []string{l.Path, string(o.Kind), o.Provider, o.Account, o.Endpoint, o.Principal, o.Group,
		o.Consumer.Path, o.Consumer.Job, o.Consumer.Step, o.Consumer.Action, o.Consumer.Environment} {
		b.WriteByte(0)
		b.WriteString(s)
	}
	for _, r := range o.Refs {
		b.WriteByte(1)
		b.WriteString(r)
	}
	for _, r := range o.Scopes {
		b.WriteByte(2)
		b.WriteString(r)
	}
	return b.String()
}

func compareOccurrences(a, b Occurrence) int {
	return cmp.Or(
		a.Location.Compare(b.Location),
		cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Provider, b.Provider),
		slices.Compare(a.Refs, b.Refs), cmp.Compare(a.Endpoint, b.Endpoint),
		cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.Group, b.Group),
		cmp.Compare(a.Consumer.Path, b.Consumer.Path), cmp.Compare(a.Consumer.Job, b.Consumer.Job),
		cmp.Compare(a.Consumer.Step, b.Consumer.Step), cmp.Compare(a.Consumer.Action, b.Consumer.Action),
		slices.Compare(a.Via, b.Via), slices.Compare(a.Scopes, b.Scopes),
	)
}
