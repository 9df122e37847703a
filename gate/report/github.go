package report

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
)

// annotationsShown is how many annotations of one level GitHub shows of a step.
const annotationsShown = 10

// An annotation is a workflow command to be.
type annotation struct {
	level    string // error, warning, notice
	rank     int    // the lower, the worse
	place    Location
	title    string
	message  string
	hasPlace bool
}

// writeGitHub writes workflow commands: the ten worst errors and the ten worst
// warnings, since GitHub drops further ones in silence, and then a notice that
// tells the verdict and how many more there are.
func writeGitHub(w *bytes.Buffer, d Document, _ Options) error {
	var errors, warnings []annotation
	for _, a := range annotations(d) {
		if a.level == "error" {
			errors = append(errors, a)
		} else {
			warnings = append(warnings, a)
		}
	}
	left := 0
	for _, as := range [][]annotation{errors, warnings} {
		slices.SortStableFunc(as, func(a, b annotation) int { return cmp.Compare(a.rank, b.rank) })
		left += max(0, len(as)-annotationsShown)
		for _, a := range as[:min(len(as), annotationsShown)] {
			w.WriteString(a.command())
		}
	}
	title, text := "credgate found", found(d)
	if d.Verdict != nil {
		title, text = "credgate: "+d.Verdict.Decision, summary(d)
	}
	if left > 0 {
		text += fmt.Sprintf("; and %d more, in the job summary and the SARIF file", left)
	}
	w.WriteString(annotation{level: "notice", title: title, message: text}.command())
	return nil
}

// annotations of what stands, in the order of the document. What is tolerated
// is not annotated.
func annotations(d Document) []annotation {
	var out []annotation
	for _, v := range d.Violations {
		if !v.Stands() {
			continue
		}
		a := annotation{level: "error", rank: -int(v.Severity), title: v.Rule, message: sentence(v)}
		if v.Action == "warn" {
			a.level = "warning"
		}
		if len(v.Locations) > 0 {
			a.place, a.hasPlace = v.Locations[0], true
		}
		out = append(out, a)
	}
	for _, f := range d.Findings {
		if d.Verdict != nil || f.Allowed != "" {
			continue
		}
		a := annotation{level: "warning", rank: -int(f.Severity), title: f.Detector, message: f.Title}
		if len(f.Locations) > 0 {
			a.place, a.hasPlace = f.Locations[0], true
		}
		out = append(out, a)
	}
	for _, g := range untold(d) {
		if g.Minor {
			continue
		}
		a := annotation{level: "error", rank: 1, title: "not examined: " + string(g.Reason), message: gapPlace(g) + ": not examined" + colon(g.Detail)}
		if g.Path != "" {
			a.place, a.hasPlace = Location{Path: g.Path, Line: g.Line, Column: g.Column}, true
		}
		out = append(out, a)
	}
	return out
}

// command is the line that the runner reads.
func (a annotation) command() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "::%s ", a.level)
	if a.hasPlace {
		fmt.Fprintf(&b, "file=%s,", commandPath(a.place.Path))
		if l := a.place; l.Line > 0 {
			fmt.Fprintf(&b, "line=%d,", l.Line)
			if l.EndLine >= l.Line {
				fmt.Fprintf(&b, "endLine=%d,", l.EndLine)
			}
			// GitHub takes columns only where both lines are one.
			if l.Column > 0 && l.EndLine <= l.Line {
				fmt.Fprintf(&b, "col=%d,", l.Column)
				if l.EndLine == l.Line && l.EndColumn > l.Column {
					fmt.Fprintf(&b, "endColumn=%d,", l.EndColumn)
				}
			}
		}
	}
	fmt.Fprintf(&b, "title=%s::%s\n", commandProperty(plain(a.title)), commandData(plain(a.message)))
	return b.String()
}
