package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/credgate/credgate/gate"
)

// A Date is something due on a day, for the list of all.
type Date struct {
	On      string   `json:"on"`
	Days    int      `json:"days"`    // from the day of the verdict; negative when overdue
	What    string   `json:"what"`    // approval, rotation, expiry, exception, baseline
	Subject string   `json:"subject"` // entry, else connection or finding; of the baseline, "baseline"
	Rule    string   `json:"rule,omitempty"`
	Owner   string   `json:"owner,omitempty"`
	People  []string `json:"people"` // active humans that the owner comes down to
	Why     string   `json:"why"`
}

// Agenda is all that is due, in order of day, subject and kind. Its dates are
// those of the entries, and the ends of exceptions and, by day, of the baseline.
type Agenda struct {
	SchemaVersion int    `json:"schema_version"`
	Target        string `json:"target"`
	Evaluated     string `json:"evaluated"`
	Dates         []Date `json:"dates"`
}

// Dates makes the agenda of a judged document.
func Dates(d Document) Agenda {
	a := Agenda{SchemaVersion: SchemaVersion, Target: d.Target.Name, Dates: []Date{}}
	if d.Verdict != nil {
		a.Evaluated = d.Verdict.Evaluated
	}
	owners := make(map[string]Entry)
	for _, e := range d.Entries {
		owners[e.ID] = e
		for _, x := range e.Dues {
			a.Dates = append(a.Dates, Date{On: x.On, What: x.What, Subject: e.ID, Why: x.Why})
		}
	}
	baseline := make(map[string][]Violation)
	for _, v := range d.Violations {
		switch {
		case v.Stands() || v.Due.IsZero():
		case v.Exception == gate.ByBaseline:
			baseline[day(v.Due)] = append(baseline[day(v.Due)], v)
		default:
			a.Dates = append(a.Dates, Date{On: day(v.Due), What: "exception", Subject: cmp.Or(v.Entry, v.Connection, v.Finding),
				Rule: v.Rule, Why: join(": ", v.Rule, v.Message)})
		}
	}
	for _, on := range sorted(baseline) {
		a.Dates = append(a.Dates, Date{On: on, What: "baseline", Subject: "baseline", Why: together(baseline[on])})
	}
	for i := range a.Dates {
		x := &a.Dates[i]
		e := owners[x.Subject]
		x.Owner, x.People = e.Owner, list(e.People)
		x.Days = daysBetween(a.Evaluated, x.On)
	}
	slices.SortStableFunc(a.Dates, func(x, y Date) int {
		return cmp.Or(strings.Compare(x.On, y.On), strings.Compare(x.Subject, y.Subject), strings.Compare(x.What, y.What),
			strings.Compare(x.Rule, y.Rule), strings.Compare(x.Why, y.Why))
	})
	return a
}

// daysBetween counts days from one date to another; 0 when one is not known.
func daysBetween(from, to string) int {
	f, err1 := time.Parse(time.DateOnly, from)
	t, err2 := time.Parse(time.DateOnly, to)
	if err1 != nil || err2 != nil {
		return 0
	}
	return int(t.Sub(f) / (24 * time.Hour))
}

// distance is ", in 9 days", ", 12 days ago", ", today", or "".
func distance(on, now string) string {
	if on == "" || now == "" {
		return ""
	}
	switch n := daysBetween(now, on); {
	case n > 0:
		return ", in " + count(n, "day")
	case n < 0:
		return ", " + count(-n, "day") + " ago"
	}
	return ", today"
}

// DueFormats are the names that WriteDue knows, sorted.
func DueFormats() []string { return []string{"ics", "json", "text"} }

// WriteDue writes what is due of a judged document: text, json, or ics, a calendar
// (RFC 5545) whose events keep their identity from run to run, so that a
// calendar that imports it again moves them.
func WriteDue(w io.Writer, format string, d Document, o Options) error {
	var b bytes.Buffer
	a := Dates(d)
	switch format {
	case "text":
		page{&b, o}.agenda(a)
	case "json":
		if err := encode(&b, a); err != nil {
			return err
		}
	case "ics":
		calendar(&b, a)
	default:
		return fmt.Errorf("format %q (allowed: %s)", format, strings.Join(DueFormats(), ", "))
	}
	_, err := w.Write(b.Bytes())
	return err
}

func (p page) agenda(a Agenda) {
	overdue := 0
	rows := make([][]string, 0, len(a.Dates))
	for _, x := range a.Dates {
		if x.Days < 0 {
			overdue++
		}
		rows = append(rows, []string{x.On, strings.TrimPrefix(distance(x.On, a.Evaluated), ", "), plain(x.What), plain(x.Subject),
			plain(cmp.Or(x.Owner, "-")) + plain(parens(strings.Join(x.People, ", "))), plain(x.Why)})
	}
	if !p.o.Quiet {
		p.rows(rows, a.Dates)
	}
	p.line(bold, "due", fmt.Sprintf("%s, %d overdue", count(len(a.Dates), "date"), overdue), "")
}

// rows writes a table; the last column takes what room is left.
func (p page) rows(rows [][]string, dates []Date) {
	if len(rows) == 0 {
		return
	}
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			widths[i] = max(widths[i], columns(cell))
		}
	}
	for n, r := range rows {
		var b strings.Builder
		for i, cell := range r {
			b.WriteString(cell)
			if i < len(r)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-columns(cell)+2))
			}
		}
		s := dim
		switch days := dates[n].Days; {
		case days < 0:
			s = red
		case days <= 30:
			s = yellow
		}
		fmt.Fprintln(p, p.paint(s, strings.TrimRight(clip(b.String(), p.o.Width), " ")))
	}
}

// calendar writes one all-day event for each date. Its stamp is the day of the
// verdict, since the same document must give the same bytes.
func calendar(w *bytes.Buffer, a Agenda) {
	line := func(name, value string) { w.WriteString(folded75(name + ":" + value)) }
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//credgate//due//EN")
	line("CALSCALE", "GREGORIAN")
	line("METHOD", "PUBLISH")
	line("X-WR-CALNAME", calendarText(join(" ", "credgate", a.Target)))
	seen := make(map[string]int)
	for _, x := range a.Dates {
		on, err := time.Parse(time.DateOnly, x.On)
		if err != nil {
			continue
		}
		id := hash(a.Target, x.What, x.Subject, x.Rule)
		if seen[id]++; seen[id] > 1 {
			id = fmt.Sprintf("%s-%d", id, seen[id])
		}
		stamp := on
		if t, err := time.Parse(time.DateOnly, a.Evaluated); err == nil {
			stamp = t
		}
		line("BEGIN", "VEVENT")
		line("UID", id+"@credgate")
		line("DTSTAMP", stamp.Format("20060102T150405Z"))
		line("DTSTART;VALUE=DATE", on.Format("20060102"))
		line("DTEND;VALUE=DATE", on.AddDate(0, 0, 1).Format("20060102"))
		line("SUMMARY", calendarText(x.What+verb(x)+": "+x.Subject))
		line("DESCRIPTION", calendarText(join("; ", prefixed("owner ", x.Owner), strings.Join(x.People, ", "), x.Why)))
		line("CATEGORIES", calendarText(x.What))
		line("TRANSP", "TRANSPARENT")
		line("END", "VEVENT")
	}
	line("END", "VCALENDAR")
}

func verb(x Date) string {
	if x.What == "exception" || x.What == "baseline" {
		return " ends"
	}
	return " due"
}

// folded75 breaks a content line after at most 75 octets, never within a
// character (RFC 5545, 3.1).
func folded75(s string) string {
	var b strings.Builder
	for room := 75; len(s) > room; room = 74 {
		n := room
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		b.WriteString(s[:n] + "\r\n ")
		s = s[n:]
	}
	return b.String() + s + "\r\n"
}
