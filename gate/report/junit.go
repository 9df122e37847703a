package report

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"slices"
	"strings"
)

// The elements are those of JUnit's XML as the schema of Jenkins has it
// (junit-10.xsd); "file" and "line" are GitLab's, and only written when asked.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
	Out      string      `xml:"system-out,omitempty"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Skipped *junitMessage `xml:"skipped"`
	Error   *junitMessage `xml:"error"`
	Failure *junitMessage `xml:"failure"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a test case for each violation, for each gap that none of
// them tells, and for each governed entry: what fails is a failure, what was not
// examined an error, what is tolerated is skipped, and an entry without
// violation passes. A scan judges nothing, so its findings are skipped and not
// passed.
func writeJUnit(w *bytes.Buffer, d Document, o Options) error {
	s := junitSuite{Name: "credgate", Cases: junitCases(d, o)}
	for _, c := range s.Cases {
		s.Tests++
		switch {
		case c.Failure != nil:
			s.Failures++
		case c.Error != nil:
			s.Errors++
		case c.Skipped != nil:
			s.Skipped++
		}
	}
	s.Out = plain("found: " + found(d))
	if d.Verdict != nil {
		s.Out = plain(d.Verdict.Decision + ": " + summary(d))
	}
	w.WriteString(xml.Header)
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	err := e.Encode(junitSuites{Name: plain(cmp.Or(d.Target.Name, "credgate")), Tests: s.Tests, Failures: s.Failures, Errors: s.Errors, Suites: []junitSuite{s}})
	w.WriteByte('\n')
	return err
}

func junitCases(d Document, o Options) []junitCase {
	var out []junitCase
	bad := make(map[string]bool)
	for _, v := range d.Violations {
		bad[v.Entry] = bad[v.Entry] || v.Stands()
		out = append(out, junitOfViolation(v, o))
	}
	for _, g := range untold(d) {
		if !g.Minor {
			text := "not examined" + colon(g.Detail)
			out = append(out, junitCase{Class: "gap", Name: gapPlace(g),
				Error: &junitMessage{plain(text), plain(string(g.Reason)), gapPlace(g) + ": " + plain(text)}})
		}
	}
	for _, e := range d.Entries {
		if !bad[e.ID] {
			out = append(out, junitCase{Class: "connection", Name: plain(e.ID)})
		}
	}
	for _, f := range d.Findings {
		if d.Verdict == nil {
			text := f.Severity.String() + ": " + f.Title
			out = append(out, junitCase{Class: plain(f.Detector), Name: findingPlace(f), Skipped: &junitMessage{Message: plain("not judged: " + text)}})
		}
	}
	if len(out) == 0 && d.Verdict == nil {
		return []junitCase{{Class: "credgate", Name: "scan", Skipped: &junitMessage{Message: "not judged: nothing was found"}}}
	}
	return append(out, junitVerdict(d, out)...)
}

// junitVerdict is the verdict as a case of its own, where no other case says it.
func junitVerdict(d Document, others []junitCase) []junitCase {
	if d.Verdict == nil {
		return nil
	}
	c := junitCase{Class: "credgate", Name: "verdict"}
	m := &junitMessage{Message: plain(summary(d)), Type: d.Verdict.Decision}
	switch d.Verdict.Decision {
	case "pass":
	case "fail":
		if slices.ContainsFunc(others, func(c junitCase) bool { return c.Failure != nil }) {
			return nil
		}
		c.Failure = m
	default:
		if slices.ContainsFunc(others, func(c junitCase) bool { return c.Error != nil }) {
			return nil
		}
		c.Error = m
	}
	return []junitCase{c}
}

func findingPlace(f Finding) string {
	if len(f.Locations) == 0 {
		return plain(f.Fingerprint)
	}
	return place(f.Locations[0])
}

func junitOfViolation(v Violation, o Options) junitCase {
	c := junitCase{Class: plain(v.Rule), Name: plain(cmp.Or(v.Entry, v.Connection, v.Finding, v.Rule)) + " at " + subject(v)}
	if o.File && len(v.Locations) > 0 {
		c.File, c.Line = pathText(v.Locations[0].Path), v.Locations[0].Line
	}
	m := &junitMessage{Message: plain(v.told()), Type: plain(v.Rule), Text: junitText(v)}
	switch {
	case !v.Stands():
		c.Skipped = &junitMessage{Message: plain("tolerated by " + v.Exception + colon(v.Reason))}
	case v.Action == "fail":
		c.Failure = m
	case v.Action == "incomplete":
		c.Error = m
	default:
		c.Out = m.Text
	}
	return c
}

func junitText(v Violation) string {
	lines := []string{subject(v) + ": " + plain(v.told())}
	if p := places(v.Locations); p != "" {
		lines = append(lines, plain(p))
	}
	if v.Remedy != "" {
		lines = append(lines, "fix: "+plain(v.Remedy))
	}
	return strings.Join(lines, "\n")
}
