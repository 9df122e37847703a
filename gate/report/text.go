package report

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/scanner"
)

// indent is what continues a line of text.
const indent = "    "

// gapsShown is how many gaps of one reason are lines of their own in text.
const gapsShown = 20

// A page is text being written for people.
type page struct {
	*bytes.Buffer
	o Options
}

// A style is an ANSI attribute; it is used only when Options ask for colour.
type style string

const (
	bold    style = "1"
	dim     style = "2"
	red     style = "1;31"
	green   style = "1;32"
	yellow  style = "33"
	magenta style = "35"
	cyan    style = "36"
)

func (p page) paint(s style, text string) string {
	if !p.o.Color || text == "" {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

// line writes "place: message [tag]", wrapped. Place is already escaped, since
// a path is quoted where a message is not.
func (p page) line(s style, place, message, tag string) {
	head := ""
	if place != "" {
		head = place + ": "
	}
	end := ""
	if tag != "" {
		end = "[" + strings.ReplaceAll(plain(tag), " ", "_") + "]"
	}
	lines := wrap(plain(message)+" "+end, p.o.Width-len(indent), columns(head)-len(indent))
	if last := len(lines) - 1; end != "" {
		lines[last] = strings.TrimSuffix(lines[last], end) + p.paint(dim, end)
	}
	fmt.Fprintln(p, p.paint(s, head)+lines[0])
	for _, l := range lines[1:] {
		fmt.Fprintln(p, indent+l)
	}
}

// note writes an indented line under another one.
func (p page) note(s style, label, text string) {
	lines := wrap(plain(text), p.o.Width-2*len(indent), len(label)-len(indent))
	fmt.Fprintln(p, indent+p.paint(s, label)+lines[0])
	for _, l := range lines[1:] {
		fmt.Fprintln(p, indent+indent+l)
	}
}

func writeText(w *bytes.Buffer, d Document, o Options) error {
	p := page{w, o}
	if d.Verdict == nil {
		p.discovered(d)
		return nil
	}
	if !o.Quiet {
		p.violations(d)
		p.gaps(untold(d))
		p.next(d)
		p.coverage(d)
	}
	p.line(p.outcome(d), d.Verdict.Decision, summary(d), "")
	return nil
}

func (p page) outcome(d Document) style {
	switch d.Verdict.Decision {
	case "pass":
		return green
	case "fail":
		return red
	}
	return yellow
}

// violations writes what is tolerated, then warnings, then what fails: the
// worst stands nearest to the summary, where a reader looks first.
func (p page) violations(d Document) {
	var tolerated, warned, failing []Violation
	for _, v := range d.Violations {
		switch {
		case !v.Stands():
			tolerated = append(tolerated, v)
		case v.Fails():
			failing = append(failing, v)
		default:
			warned = append(warned, v)
		}
	}
	p.tolerated(tolerated)
	p.standing(warned)
	p.standing(failing)
}

// standing writes violations, each run of them that has one remedy with that
// remedy below it, once.
func (p page) standing(vs []Violation) {
	for len(vs) > 0 {
		n := 1
		for n < len(vs) && vs[n].Rule == vs[0].Rule && pattern(vs[n]) == pattern(vs[0]) {
			n++
		}
		same := true
		for _, v := range vs[:n] {
			p.violation(v)
			same = same && v.Remedy == vs[0].Remedy
		}
		switch {
		case vs[0].Remedy == "":
		case same:
			p.note(cyan, "fix: ", vs[0].Remedy)
		default:
			p.note(cyan, "fix: ", pattern(vs[0])+" (each of the "+fmt.Sprint(n)+" above)")
		}
		vs = vs[n:]
	}
}

// pattern is a remedy without the names of the one violation it is for.
func pattern(v Violation) string {
	s := v.Remedy
	if len(v.Locations) > 0 && v.Locations[0].Path != "" {
		l := v.Locations[0]
		s = strings.ReplaceAll(s, fmt.Sprintf("%s:%d", l.Path, l.Line), "PATH:LINE")
	}
	for _, id := range []string{v.Entry, v.Connection, v.Finding} {
		if len(id) > 3 {
			s = strings.ReplaceAll(s, " "+id, " ID")
		}
	}
	return s
}

func (p page) violation(v Violation) {
	s, word := red, ""
	switch v.Action {
	case "warn":
		s, word = yellow, "warning: "
	case "incomplete":
		s, word = magenta, "incomplete: "
	}
	p.line(s, subject(v), word+v.told(), v.Rule)
	if t := places(v.Locations); t != "" {
		p.note(dim, "", t)
	}
}

// tolerated writes a line for each exception, one for the baseline and one for
// what comments allow: of these there may be hundreds, and the JSON has each.
func (p page) tolerated(vs []Violation) {
	var many [2][]Violation
	for _, v := range vs {
		switch v.Exception {
		case gate.ByBaseline:
			many[0] = append(many[0], v)
		case gate.ByAllow:
			many[1] = append(many[1], v)
		default:
			text := "tolerated by " + v.Exception
			if until := day(v.Due); until != "" {
				text += " until " + until
			}
			p.line(dim, subject(v), text+parens(v.Reason)+": "+v.Message, v.Rule)
		}
	}
	for i, by := range []string{gate.ByBaseline, gate.ByAllow} {
		if len(many[i]) > 0 {
			until := prefixed("the first is due on ", soonest(many[i]))
			p.line(dim, by, join("; ", together(many[i]), until), "")
		}
	}
}

// together counts tolerated violations by rule.
func together(vs []Violation) string {
	rules := make(map[string]int)
	for _, v := range vs {
		rules[v.Rule]++
	}
	return count(len(vs), "violation") + " tolerated" + parens(tally(rules))
}

// soonest is the first day on which one of vs is due, "" for none.
func soonest(vs []Violation) string {
	until := ""
	for _, v := range vs {
		if on := day(v.Due); on != "" && (until == "" || on < until) {
			until = on
		}
	}
	return until
}

// told is the message, with why the violation stands where that needs saying.
func (v Violation) told() string {
	if v.Stands() {
		return v.Message + parens(v.Reason)
	}
	return v.Message
}

func (p page) gaps(gaps []Gap) {
	shown, minor := make(map[string]int), make(map[string]int)
	for _, g := range gaps {
		if g.Minor {
			minor[string(g.Reason)]++
			continue
		}
		if shown[string(g.Reason)]++; shown[string(g.Reason)] <= gapsShown {
			p.line(magenta, gapPlace(g), "not examined"+colon(g.Detail), string(g.Reason))
		}
	}
	for _, reason := range sorted(shown) {
		if more := shown[reason] - gapsShown; more > 0 {
			p.line(magenta, "credgate", fmt.Sprintf("%s not examined; --format json lists each", count(more, "more place")), reason)
		}
	}
	if len(minor) > 0 {
		p.line(dim, "left aside", tally(minor)+"; --format json lists each", "")
	}
}

// untold are the gaps that no violation tells as well as a line of their own
// would: one for a reason is told by its place and remedy.
func untold(d Document) []Gap {
	reasons, alone := make(map[string]int), make(map[Location]bool)
	for _, g := range d.Gaps {
		if !g.Minor {
			reasons[string(g.Reason)]++
		}
	}
	for _, v := range d.Violations {
		if v.Action == "incomplete" && v.Stands() && len(v.Locations) == 1 {
			l := v.Locations[0]
			alone[Location{Path: l.Path, Line: l.Line, Column: l.Column}] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(d.Gaps), func(g Gap) bool {
		return !g.Minor && reasons[string(g.Reason)] == 1 && g.Path != "" && alone[Location{Path: g.Path, Line: g.Line, Column: g.Column}]
	})
}

func colon(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}

func (p page) next(d Document) {
	if step := nextStep(d); step != "" {
		p.line(cyan, "next", step, "")
	}
}

// nextStep is the one thing to do now, "" when there is none.
func nextStep(d Document) string {
	var worst Violation
	for _, v := range d.Violations {
		if v.Fails() && v.Severity > worst.Severity {
			worst = v
		}
	}
	switch {
	case d.Verdict.Decision == "pass":
		return ""
	case len(d.Entries) == 0 && d.Verdict.Counts.Undeclared > 0:
		return "credgate init writes an inventory of what was found, and a baseline with due dates"
	case worst.Entry != "":
		return "credgate show " + worst.Entry + ", credgate explain " + worst.Rule
	case worst.Rule != "":
		return "credgate explain " + worst.Rule
	}
	return "make readable what was not examined, then run again"
}

func (p page) coverage(d Document) { p.line(dim, "scanned", coverage(d), "") }

func coverage(d Document) string {
	c := d.Coverage
	var parts []string
	if mode := join(" since ", d.Target.Mode, d.Target.Since); mode != "" {
		parts = append(parts, mode)
	}
	for _, x := range []struct {
		n    int
		what string
	}{{c.Refs, "ref"}, {c.Commits, "commit"}, {c.Blobs, "blob"}, {c.Files, "file"}, {c.Documents, "document"}} {
		if x.n > 0 {
			parts = append(parts, count(x.n, x.what))
		}
	}
	return join("; ", strings.Join(append(parts, size(c.Bytes)), ", "), prefixed("rules from ", d.Target.TrustedRef))
}

// summary is what stands behind the decision, in one line.
func summary(d Document) string {
	v, c := d.Verdict, d.Verdict.Counts
	var parts []string
	switch v.Decision {
	case "fail":
		parts = append(parts, fmt.Sprintf("%s in %s", count(c.Failing, "violation"), count(c.Connections, "connection")))
	case "pass":
		parts = append(parts, "no violation")
	default:
		parts = append(parts, "not all was examined")
	}
	state := []string{fmt.Sprintf("%d governed", c.Governed)}
	for _, x := range []struct {
		n    int
		what string
	}{{c.Undeclared, "undeclared"}, {c.Unseen, "unseen"}} {
		if x.n > 0 {
			state = append(state, fmt.Sprintf("%d %s", x.n, x.what))
		}
	}
	parts = append(parts, strings.Join(state, ", "))
	for _, x := range []struct {
		n    int
		what string
	}{{c.Warning, "warning"}, {c.Uncertain, "open question"}, {c.Gaps, "gap"}} {
		if x.n > 0 {
			parts = append(parts, count(x.n, x.what))
		}
	}
	if n := c.Tolerated + c.Baselined; n > 0 {
		parts = append(parts, fmt.Sprintf("%d tolerated (%d by baseline)", n, c.Baselined))
	}
	var evidence []string
	for _, e := range v.Evidence {
		evidence = append(evidence, fmt.Sprintf("%s %dd", e.Name, e.Days))
	}
	if len(evidence) > 0 {
		parts = append(parts, "evidence: "+strings.Join(evidence, ", "))
	}
	return strings.Join(parts, "; ")
}

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
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

func files(ls []Location) int {
	seen := make(map[string]bool)
	for _, l := range ls {
		seen[l.Path] = true
	}
	return len(seen)
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
