package report

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate"
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
// would: the one gap of a reason is told by the violation at its place, or, where
// it has none, by the one that ends in its words.
func untold(d Document) []Gap {
	reasons := make(map[string]int)
	for _, g := range d.Gaps {
		if !g.Minor {
			reasons[string(g.Reason)]++
		}
	}
	open := slices.DeleteFunc(slices.Clone(d.Violations), func(v Violation) bool { return v.Action != "incomplete" || !v.Stands() })
	return slices.DeleteFunc(slices.Clone(d.Gaps), func(g Gap) bool {
		return !g.Minor && reasons[string(g.Reason)] == 1 && slices.ContainsFunc(open, func(v Violation) bool { return v.tells(g) })
	})
}

func (v Violation) tells(g Gap) bool {
	if g.Path == "" {
		return len(v.Locations) == 0 && strings.HasSuffix(v.Message, join(": ", prefixed("object ", string(g.Object)), g.Detail))
	}
	if len(v.Locations) != 1 {
		return false
	}
	l := v.Locations[0]
	return l.Path == g.Path && l.Line == g.Line && l.Column == g.Column
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

func (p page) coverage(d Document) { p.line(dim, "scanned", coverage(d), "") }
