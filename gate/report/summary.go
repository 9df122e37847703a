package report

import (
	"fmt"
	"strings"
)

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
	return "credgate explain incomplete-scan"
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
	}{{c.Undeclared, "undeclared"}, {c.Unseen, "unseen"}, {c.Vendored, "vendored"}} {
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

// coverage is what was examined, in one line.
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
