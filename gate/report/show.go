package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// shownPlaces is how many places of a connection fit on one screen.
const shownPlaces = 8

// Only narrows a document to one connection: the entry, the connection or the
// finding with that id (a finding's is its fingerprint), with all that belongs
// to it. The error, when there is nothing of that name, proposes like ones.
func Only(d Document, id string) (Document, error) {
	like := near(d, id)
	entries := map[string]bool{id: true}
	for _, c := range d.Connections {
		if c.ID == id && c.Entry != "" {
			entries[c.Entry] = true
		}
	}
	for _, f := range d.Findings {
		if f.Fingerprint == id && f.Entry != "" {
			entries[f.Entry] = true
		}
	}
	connections, findings := map[string]bool{id: true}, map[string]bool{id: true}
	d.Connections = slices.DeleteFunc(slices.Clone(d.Connections), func(c Connection) bool {
		connections[c.ID] = connections[c.ID] || entries[c.Entry]
		return !connections[c.ID]
	})
	d.Findings = slices.DeleteFunc(slices.Clone(d.Findings), func(f Finding) bool {
		findings[f.Fingerprint] = findings[f.Fingerprint] || entries[f.Entry]
		return !findings[f.Fingerprint]
	})
	d.Entries = slices.DeleteFunc(slices.Clone(d.Entries), func(e Entry) bool { return !entries[e.ID] })
	d.Violations = slices.DeleteFunc(slices.Clone(d.Violations), func(v Violation) bool {
		return !(v.Entry != "" && entries[v.Entry] || v.Connection != "" && connections[v.Connection] || v.Finding != "" && findings[v.Finding])
	})
	if len(d.Connections)+len(d.Findings)+len(d.Entries) == 0 {
		return d, fmt.Errorf("no entry, connection or finding %q%s", id, like)
	}
	return d, nil
}

// WriteShow writes one connection on one screen, as text, or as the JSON document
// that Only makes. An id that is not there is an error.
func WriteShow(w io.Writer, format, id string, d Document, o Options) error {
	one, err := Only(d, id)
	if err != nil {
		return err
	}
	switch format {
	case "json":
		return Write(w, format, one, o)
	case "text":
		var b bytes.Buffer
		p := page{&b, o}
		for _, e := range one.Entries {
			p.entry(e, one)
		}
		if len(one.Entries) == 0 {
			p.undeclared(one)
		}
		_, err := w.Write(b.Bytes())
		return err
	}
	return fmt.Errorf("format %q (allowed: json, text)", format)
}

// near proposes what begins or ends alike.
func near(d Document, id string) string {
	var like []string
	add := func(s string) {
		if len(id) > 2 && (strings.Contains(s, id) || strings.Contains(id, s)) && s != "" {
			like = append(like, plain(s))
		}
	}
	for _, e := range d.Entries {
		add(e.ID)
	}
	for _, c := range d.Connections {
		add(c.ID)
	}
	if len(like) == 0 {
		return " (hint: credgate scan lists what was found)"
	}
	slices.Sort(like)
	return " (did you mean " + strings.Join(firstFew(slices.Compact(like), 3), ", ") + "?)"
}

// field writes a label and its text; nothing when the text is empty.
func (p page) field(label, text string) {
	if text == "" {
		return
	}
	const width = 12
	lines := wrap(plain(text), p.o.Width-2, width)
	fmt.Fprintf(p, "  %s%s\n", p.paint(dim, fmt.Sprintf("%-*s", width, label)), lines[0])
	for _, l := range lines[1:] {
		fmt.Fprintln(p, strings.Repeat(" ", width+2)+l)
	}
}

func (p page) entry(e Entry, d Document) {
	head := []string{cmp.Or(e.Status, "active")}
	if e.Risk.Tier != "" {
		head = append(head, e.Risk.Tier)
	}
	if e.Critical {
		head = append(head, "critical")
	}
	if e.ReplacedBy != "" {
		head = append(head, "replaced by "+e.ReplacedBy)
	}
	fmt.Fprintf(p, "%s  %s\n", p.paint(bold, plain(e.ID)), plain(strings.Join(head, ", ")))
	p.field("what", join(", ", e.Provider, prefixed("account ", e.Account), e.Direction, prefixed("to ", strings.Join(e.Endpoints, ", "))))
	p.field("why", join(": ", e.Use, e.Purpose))
	p.field("who", join("; ", "owner "+cmp.Or(e.Owner, "nobody")+parens(strings.Join(e.People, ", ")), e.OwnerProblem, prefixed("business owner ", e.BusinessOwner)))
	p.field("data", strings.Join(e.Data, ", "))
	p.field("scopes", strings.Join(e.Scopes, ", "))
	p.field("environment", strings.Join(e.Environments, ", "))
	c := e.Credential
	p.field("credential", join(", ", c.Kind, c.Auth, prefixed("id ", c.ID), prefixed("issued by ", c.IssuedBy), prefixed("in ", strings.Join(c.StoredIn, ", "))))
	p.field("life", join(", ", prefixed("rotated ", c.LastRotated), prefixed("every ", c.RotateEvery), prefixed("expires ", c.Expires),
		prefixed("ttl ", c.TTL), prefixed("revocation ", join(": ", c.Revocation, c.Runbook))))
	p.field("risk", riskText(e.Risk))
	p.field("approved", approvalText(e.Approval))
	p.field("seen", seenText(e.Seen))
	p.where(e.Seen.Locations)
	p.usedBy(d)
	now := ""
	if d.Verdict != nil {
		now = d.Verdict.Evaluated
	}
	for _, due := range e.Dues {
		p.field("next review", due.On+" "+due.What+distance(due.On, now)+parens(due.Why))
	}
	p.field("declared", place(e.Location))
	p.field("notes", e.Notes)
	p.standingHere(d)
}

// undeclared shows what was found and has no entry.
func (p page) undeclared(d Document) {
	for _, c := range d.Connections {
		fmt.Fprintf(p, "%s  %s\n", p.paint(bold, plain(c.ID)), "not declared")
		p.field("what", join(", ", c.Provider, reach(c)))
		p.field("login", string(c.Auth))
		p.where(c.Locations)
	}
	for _, f := range d.Findings {
		fmt.Fprintf(p, "%s  %s\n", p.paint(bold, plain(f.Fingerprint)), "a secret in the clear")
		p.field("what", join(", ", f.Severity.String(), f.Title, f.Provider, f.Kind))
		p.field("seen", places(f.Locations))
		p.where(f.Locations)
		p.field("allowed", f.Allowed)
	}
	p.usedBy(d)
	p.standingHere(d)
}

func (p page) where(ls []Location) {
	for i, l := range ls[:min(len(ls), shownPlaces)] {
		label := ""
		if i == 0 {
			label = "where"
		}
		text := place(l)
		if l.Document != "" {
			text += parens(plain(l.Document))
		}
		if l.Ref != "" {
			text += parens("at " + plain(refText(l.Ref)))
		}
		if !l.AtHead && l.Commit != "" {
			text += parens("only in history, " + join(", ", short(l.Commit), day(l.Date), plain(l.Author)))
		}
		fmt.Fprintf(p, "  %s%s\n", p.paint(dim, fmt.Sprintf("%-12s", label)), text)
	}
	if more := len(ls) - shownPlaces; more > 0 {
		p.field("", "and "+count(more, "more place"))
	}
}

func (p page) usedBy(d Document) {
	var names []string
	for _, c := range d.Connections {
		for _, u := range c.Consumers {
			names = append(names, join("#", pathText(u.Path), u.Job)+parens(join(", ", strings.Join(u.Triggers, " "), u.Environment)))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	p.field("used by", strings.Join(firstFew(names, shownPlaces), "; "))
}

func (p page) standingHere(d Document) {
	if len(d.Violations) > 0 {
		fmt.Fprintln(p)
		p.violations(d)
	}
}

func riskText(r Risk) string {
	if r.Product == 0 {
		return ""
	}
	limits := func(name string, l Limit) string {
		if l.Why == "" {
			return ""
		}
		return name + " " + l.Why
	}
	return join("; ", fmt.Sprintf("sensitivity %s, blast radius %s, abuse speed %s: %d", cmp.Or(r.Sensitivity, "unknown"),
		cmp.Or(r.BlastRadius, "unknown"), cmp.Or(r.AbuseSpeed, "unknown"), r.Product),
		strings.Join(r.Floors, ", "), limits("idle", r.Idle), limits("age", r.Age), limits("validity", r.Validity))
}

func approvalText(a *Approval) string {
	if a == nil {
		return "no valid approval"
	}
	var by []string
	for _, x := range a.Approvers {
		by = append(by, join(" ", x.By+parens(x.Role), prefixed("on ", day(x.On))))
	}
	return join(", ", a.Action, prefixed("by ", strings.Join(by, " and ")), prefixed("until ", a.Expires))
}

func seenText(s Seen) string {
	if !s.any() {
		return "nothing of it was found; no evidence of use"
	}
	var parts []string
	if s.Findings > 0 {
		parts = append(parts, count(s.Findings, "committed value"))
	}
	parts = append(parts, count(len(s.Connections), "connection"), count(s.Consumers, "consumer"))
	if s.Federated {
		parts = append(parts, "federated")
	}
	return strings.Join(parts, ", ")
}
