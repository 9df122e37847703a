package report

import (
	"bytes"
	"fmt"
	"strings"
)

// summaryBytes is where a job summary is cut: GitHub drops all of one over
// 1,024 KiB.
const summaryBytes = 900 << 10

// placesShown is how many places of one violation a table lists.
const placesShown = 3

// writeMarkdown writes a job summary: the verdict, what fails with its remedy,
// warnings, gaps, what is tolerated; of a scan, findings and connections.
func writeMarkdown(w *bytes.Buffer, d Document, _ Options) error {
	m := &summaryPage{limit: summaryBytes}
	if d.Verdict == nil {
		m.add("## credgate scan\n\n" + markdown(found(d)) + "\n")
		m.findingsTable(d.Findings)
		m.connectionsTable(d.Connections)
	} else {
		m.verdict(d)
		m.violationTables(d)
	}
	m.gapsTable(untold(d))
	if d.Verdict != nil {
		m.entriesTable(d)
	}
	m.add("\n<sub>credgate " + markdown(d.Tool.Version) + ": " + markdown(coverage(d)) + "</sub>\n")
	w.Write(m.finish())
	return nil
}

// A summaryPage is Markdown that stops growing at a limit and counts what it
// left out.
type summaryPage struct {
	b     bytes.Buffer
	limit int // bytes
	left  int // rows
}

func (m *summaryPage) add(s string) {
	if m.b.Len()+len(s) <= m.limit {
		m.b.WriteString(s)
	}
}

// row adds a table row, all of whose cells are escaped already.
func (m *summaryPage) row(cells ...string) {
	s := "| " + strings.Join(cells, " | ") + " |\n"
	if m.b.Len()+len(s) > m.limit {
		m.left++
		return
	}
	m.b.WriteString(s)
}

func (m *summaryPage) table(title string, head ...string) {
	m.add("\n### " + title + "\n\n| " + strings.Join(head, " | ") + " |\n|" + strings.Repeat(" --- |", len(head)) + "\n")
}

func (m *summaryPage) finish() []byte {
	if m.left > 0 {
		fmt.Fprintf(&m.b, "\n**%d more rows do not fit into a job summary.** The JSON and SARIF reports have all of them.\n", m.left)
	}
	return m.b.Bytes()
}

var icons = map[string]string{"pass": "✅", "fail": "❌", "incomplete": "⚠"}

func (m *summaryPage) verdict(d Document) {
	v, c := d.Verdict, d.Verdict.Counts
	m.add("## " + icons[v.Decision] + " credgate: " + markdown(v.Decision) + "\n\n" + markdown(summary(d)) + "\n\n")
	m.add("| failing | warnings | tolerated | governed | undeclared | unseen | gaps |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	m.row(fmt.Sprint(c.Failing), fmt.Sprint(c.Warning), fmt.Sprint(c.Tolerated+c.Baselined), fmt.Sprint(c.Governed),
		fmt.Sprint(c.Undeclared), fmt.Sprint(c.Unseen), fmt.Sprint(c.Gaps))
	if step := nextStep(d); step != "" {
		m.add("\n**Next:** " + markdown(step) + "\n")
	}
}

func (m *summaryPage) violationTables(d Document) {
	for _, kind := range []struct{ action, title string }{{"fail", "Violations"}, {"incomplete", "Open questions"}, {"warn", "Warnings"}} {
		head := false
		for _, v := range d.Violations {
			if !v.Stands() || v.Action != kind.action {
				continue
			}
			if !head {
				m.table(kind.title, "severity", "where", "what", "fix", "rule")
				head = true
			}
			m.row(v.Severity.String(), where(v), markdown(v.told()), markdown(v.Remedy), code(v.Rule))
		}
	}
	head := false
	for _, v := range d.Violations {
		if v.Stands() {
			continue
		}
		if !head {
			m.table("Tolerated", "by", "until", "reason", "where", "what", "rule")
			head = true
		}
		m.row(code(v.Exception), day(v.Due), markdown(v.Reason), where(v), markdown(v.Message), code(v.Rule))
	}
}

// where lists the first places of a violation in a cell.
func where(v Violation) string {
	if len(v.Locations) == 0 {
		return code(subject(v))
	}
	return cellPlaces(v.Locations)
}

func cellPlaces(ls []Location) string {
	var lines []string
	for _, l := range ls[:min(len(ls), placesShown)] {
		lines = append(lines, code(place(l)))
	}
	if more := len(ls) - placesShown; more > 0 {
		lines = append(lines, "and "+count(more, "more place"))
	}
	if first, ok := oldest(ls); ok && !atHead(ls) {
		lines = append(lines, "only in history, since "+code(short(first.Commit)))
	} else if ref := elsewhere(ls); ref != "" {
		lines = append(lines, "at "+code(refText(ref)))
	}
	return strings.Join(lines, "<br>")
}

func (m *summaryPage) gapsTable(gaps []Gap) {
	head, minor := false, make(map[string]int)
	for _, g := range gaps {
		if g.Minor {
			minor[string(g.Reason)]++
			continue
		}
		if !head {
			m.table("Not examined", "where", "reason", "detail")
			head = true
		}
		m.row(code(gapPlace(g)), markdown(string(g.Reason)), markdown(g.Detail))
	}
	if len(minor) > 0 {
		m.add("\nLeft aside: " + markdown(tally(minor)) + ".\n")
	}
}

func (m *summaryPage) entriesTable(d Document) {
	if len(d.Entries) == 0 {
		return
	}
	m.add("\n<details><summary>" + count(len(d.Entries), "declared connection") + "</summary>\n")
	m.table("Declared connections", "connection", "provider", "tier", "owner", "next due", "seen")
	for _, e := range d.Entries {
		next, seen := "", "no"
		if len(e.Dues) > 0 {
			next = e.Dues[0].What + " " + e.Dues[0].On
		}
		if e.Seen.any() {
			seen = count(len(e.Seen.Locations), "place")
		}
		m.row(code(e.ID), markdown(e.Provider), markdown(e.Risk.Tier), markdown(e.Owner), markdown(next), seen)
	}
	m.add("\n</details>\n")
}

func (m *summaryPage) findingsTable(fs []Finding) {
	if len(fs) == 0 {
		return
	}
	m.table("Findings", "severity", "where", "what", "detector")
	for _, f := range fs {
		text := markdown(f.Title)
		if f.Allowed != "" {
			text += " (allowed: " + markdown(f.Allowed) + ")"
		}
		m.row(f.Severity.String(), cellPlaces(f.Locations), text, code(f.Detector))
	}
}

func (m *summaryPage) connectionsTable(cs []Connection) {
	if len(cs) == 0 {
		return
	}
	m.table("Connections", "provider", "what", "where", "id")
	for _, c := range cs {
		m.row(markdown(c.Provider), markdown(reach(c)), cellPlaces(c.Locations), code(c.ID))
	}
}
