package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// discovered writes what a scan found, without judgement: findings by place,
// connections by provider.
func (p page) discovered(d Document) {
	if !p.o.Quiet {
		p.findings(d.Findings)
		p.connections(d.Connections)
		p.gaps(d.Gaps)
		p.coverage(d)
	}
	p.line(bold, "found", found(d), "")
}

func (p page) findings(fs []Finding) {
	fs = slices.Clone(fs)
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(compareFirst(a.Locations, b.Locations), strings.Compare(a.Detector, b.Detector),
			strings.Compare(a.Fingerprint, b.Fingerprint))
	})
	for _, f := range fs {
		place, text := "credgate", f.Severity.String()+": "+f.Title
		if len(f.Locations) > 0 {
			place = at(f.Locations[0].Path, f.Locations[0].Line, f.Locations[0].Column)
		}
		p.line(severityStyle(f), place, text, f.Detector)
		if t := places(f.Locations); t != "" {
			p.note(dim, "", t)
		}
		if len(f.Facts) > 0 {
			var facts []string
			for _, x := range f.Facts {
				facts = append(facts, x.Name+" "+x.Value)
			}
			p.note(dim, "", strings.Join(facts, ", "))
		}
		if f.Allowed != "" {
			p.note(dim, "allowed: ", f.Allowed)
		}
	}
}

func severityStyle(f Finding) style {
	switch f.Severity.String() {
	case "critical", "high":
		return red
	case "medium":
		return yellow
	}
	return dim
}

func compareFirst(a, b []Location) int {
	if len(a) == 0 || len(b) == 0 {
		return cmp.Compare(len(a), len(b))
	}
	return cmp.Or(strings.Compare(a[0].Path, b[0].Path), cmp.Compare(a[0].Line, b[0].Line), cmp.Compare(a[0].Column, b[0].Column))
}

func (p page) connections(cs []Connection) {
	by := make(map[string][]Connection)
	for _, c := range cs {
		by[c.Provider] = append(by[c.Provider], c)
	}
	for _, provider := range sorted(by) {
		fmt.Fprintln(p, p.paint(bold, clip(plain(cmp.Or(provider, "unknown provider")), p.o.Width)))
		for _, c := range by[provider] {
			where := "credgate"
			if len(c.Locations) > 0 {
				where = place(c.Locations[0])
			}
			p.line(cyan, "  "+where, reach(c), c.ID)
			if n := len(c.Locations) - 1; n > 0 {
				p.note(dim, "", places(c.Locations))
			}
		}
	}
}

// reach says in one line what a connection is.
func reach(c Connection) string {
	text := string(c.Kind)
	if len(c.Refs) > 0 {
		text += " " + strings.Join(firstFew(c.Refs, 3), ", ")
	}
	if to := cmp.Or(strings.Join(firstFew(c.Endpoints, 3), ", "), c.Endpoint); to != "" {
		text += " to " + to
	}
	if c.Account != "" {
		text += ", account " + c.Account
	}
	if c.Principal != "" {
		text += ", as " + c.Principal
	}
	if len(c.Scopes) > 0 {
		text += ", scopes " + strings.Join(firstFew(c.Scopes, 4), " ")
	}
	if len(c.Environments) > 0 {
		text += ", in " + strings.Join(firstFew(c.Environments, 3), ", ")
	}
	if c.ProviderFrom == connection.FromName {
		text += ", provider guessed by name"
	}
	if c.Vendored {
		text += ", vendored"
	}
	if !c.Complete {
		text += ", not all of it is known"
	}
	return text
}

// firstFew is at most n of list, and how many more there are.
func firstFew(list []string, n int) []string {
	if len(list) <= n {
		return list
	}
	return append(slices.Clone(list[:n]), fmt.Sprintf("and %d more", len(list)-n))
}

// found is the summary of a scan in one line.
func found(d Document) string {
	severities, providers := make(map[string]int), make(map[string]bool)
	for _, f := range d.Findings {
		severities[f.Severity.String()]++
	}
	for _, c := range d.Connections {
		if c.Provider != "" {
			providers[c.Provider] = true
		}
	}
	text := count(len(d.Findings), "finding")
	if len(severities) > 0 {
		var parts []string
		for _, s := range []string{"critical", "high", "medium", "low", "info"} {
			if severities[s] > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", severities[s], s))
			}
		}
		text += " (" + strings.Join(parts, ", ") + ")"
	}
	text += ", " + count(len(d.Connections), "connection")
	if len(providers) > 0 {
		text += " to " + count(len(providers), "provider")
	}
	gaps := 0
	for _, g := range d.Gaps {
		if !g.Minor {
			gaps++
		}
	}
	if gaps > 0 {
		text += "; " + count(gaps, "gap")
	}
	return text
}
