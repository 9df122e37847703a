package report

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/scanner"
)

// Limits of what GitHub takes in one upload.
// Source: docs.github.com, "SARIF support for code scanning".
const (
	sarifResults   = 25_000
	sarifShown     = 5_000 // results that GitHub keeps, by severity
	sarifLocations = 1_000 // of one result
	sarifRules     = 25_000
	sarifTags      = 20
	sarifBytes     = 10_000_000 // compressed by gzip
	sarifGaps      = 1_000      // ours: notifications are not for lists
)

const (
	projectURI = "https://github.com/credgate/credgate"
	sourceRoot = "SRCROOT"
	// where a result stands that has no place: every result needs one on GitHub.
	nowhere = ".credgate/inventory.yaml"
	// the rule by which an allowed finding would have been a violation
	embedded = "embedded-credential"
)

// sarifLimits are lowered step by step until a file is small enough.
type sarifLimits struct{ results, locations, bytes int }

func writeSARIF(w *bytes.Buffer, d Document, o Options) error {
	return sarifWithin(w, d, o, sarifLimits{sarifResults, sarifLocations, sarifBytes})
}

func sarifWithin(w *bytes.Buffer, d Document, o Options, l sarifLimits) error {
	for {
		var b bytes.Buffer
		if err := encode(&b, sarifOf(d, o, l)); err != nil {
			return err
		}
		if compressed(b.Bytes()) <= l.bytes || l.results == 0 {
			_, err := w.Write(b.Bytes())
			return err
		}
		// Places are cut before results: an alert with a tenth of its places is
		// still an alert.
		if l.locations > 1 {
			l.locations /= 10
		} else {
			l.results = min(l.results, len(d.Violations)+len(d.Findings)) / 2
		}
	}
}

// compressed is the size of b under gzip.
func compressed(b []byte) int {
	var n counter
	z := gzip.NewWriter(&n)
	_, _ = z.Write(b) // a counter takes everything
	_ = z.Close()
	return int(n)
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

func sarifOf(d Document, o Options, l sarifLimits) sarifLog {
	results := sarifOfDocument(d)
	var notes []sarifNotification
	if n := len(results); n > l.results {
		results = worst(results, l.results)
		notes = append(notes, sarifNote("warning", "cut", fmt.Sprintf("%d of %d results are here, the worst ones: a file may not hold more; --format json has all of them", l.results, n)))
	}
	if len(results) > sarifShown {
		notes = append(notes, sarifNote("note", "cut", fmt.Sprintf("GitHub keeps %d results of %d, by severity", sarifShown, len(results))))
	}
	if n := cutLocations(results, l.locations); n > 0 {
		notes = append(notes, sarifNote("warning", "cut", fmt.Sprintf("%d places were left out: a result has %d at most here; --format json has all of them", n, l.locations)))
	}
	if d.Verdict == nil && len(d.Connections) > 0 {
		notes = append(notes, sarifNote("note", "scope", fmt.Sprintf("%d connections were found; they are no results: --format json has them", len(d.Connections))))
	}
	rules := sarifRulesOf(results, d, o)
	index := make(map[string]int, len(rules))
	for i, r := range rules {
		index[r.ID] = i
	}
	seen := make(map[string]int)
	for i := range results {
		r := &results[i]
		r.RuleIndex = -1 // not described: the rules were cut
		if at, ok := index[r.RuleID]; ok {
			r.RuleIndex = at
		}
		id := hash(r.RuleID, r.Fingerprints["credgate/v1"])
		seen[id]++
		// GitHub tells alerts apart by this one. It is made of the identity
		// and not of the line, so that an alert outlives edits round it, and two
		// on one line stay two.
		r.Fingerprints["primaryLocationLineHash"] = fmt.Sprintf("%s:%d", id, seen[id])
	}
	run := sarifRun{
		Tool:              sarifTool{sarifDriver{Name: "credgate", Version: plain(d.Tool.Version), InformationURI: projectURI, Rules: rules}},
		Invocations:       []sarifInvocation{{Successful: complete(d), Notifications: append(sarifGapsOf(d.Gaps), notes...)}},
		OriginalURIBaseID: map[string]sarifArtifact{sourceRoot: {Description: &sarifMessage{Text: "The root of what was scanned."}}},
		ColumnKind:        "utf16CodeUnits",
		Results:           results,
	}
	if repo := webURI(d.Target.Repository); repo != "" {
		run.VersionControl = []sarifVersionControl{{RepositoryURI: repo, RevisionID: plain(string(d.Target.Head)), MappedTo: sarifArtifact{URIBaseID: sourceRoot}}}
	}
	return sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

// complete tells whether everything asked for was examined.
func complete(d Document) bool {
	return !slices.ContainsFunc(d.Gaps, func(g Gap) bool { return !g.Minor }) &&
		(d.Verdict == nil || d.Verdict.Decision != "incomplete")
}

// sarifOfDocument gives the violations of a document, and what a pragma
// allowed; of a scan, its findings.
func sarifOfDocument(d Document) []sarifResult {
	out := make([]sarifResult, 0, len(d.Violations))
	told := make(map[string]bool)
	for _, v := range d.Violations {
		out = append(out, sarifOfViolation(v))
		told[v.Finding] = true
	}
	for _, f := range d.Findings {
		switch {
		case d.Verdict == nil:
			out = append(out, sarifOfFinding(f, f.Detector))
		case f.Allowed != "" && !told[f.Fingerprint]:
			out = append(out, sarifOfFinding(f, embedded))
		}
	}
	return out
}

func sarifOfViolation(v Violation) sarifResult {
	r := sarifResult{
		RuleID: plain(v.Rule), Level: level(v.Severity), Message: sarifMessage{Text: sarifText(sentence(v))},
		Locations:    sarifPlaces(v.Locations),
		Fingerprints: map[string]string{"credgate/v1": plain(cmp.Or(v.Fingerprint, hash(v.Rule, v.Entry, v.Connection, v.Finding, v.Message)))},
		Suppressions: []sarifSuppression{},
		rank:         100 - 10*int(v.Severity),
	}
	if v.Action != "fail" && r.Level == "error" {
		r.Level = "warning"
	}
	if !v.Stands() {
		s := sarifSuppression{"external", "accepted", plain(v.Exception + colon(v.Reason) + parens(prefixed("until ", day(v.Due))))}
		if v.Exception == gate.ByAllow {
			s.Kind, s.Justification = "inSource", plain(v.Reason)
		}
		r.Suppressions = append(r.Suppressions, s)
		r.rank += 1000
	}
	return r
}

func sarifOfFinding(f Finding, rule string) sarifResult {
	r := sarifResult{
		RuleID: plain(rule), Level: level(f.Severity), Message: sarifMessage{Text: sarifText(f.Title + parens(places(f.Locations)))},
		Locations: sarifPlaces(f.Locations), Fingerprints: map[string]string{"credgate/v1": plain(f.Fingerprint)},
		Suppressions: []sarifSuppression{}, rank: 100 - 10*int(f.Severity),
	}
	if f.Allowed != "" {
		r.Suppressions = append(r.Suppressions, sarifSuppression{"inSource", "accepted", plain(f.Allowed)})
		r.rank += 1000
	}
	return r
}

// sentence tells a violation with its remedy, where there is room for one text.
func sentence(v Violation) string {
	text := v.told() + parens(places(v.Locations))
	if v.Remedy != "" {
		text += ". Fix: " + v.Remedy
	}
	return text
}

func level(s scanner.Severity) string {
	switch {
	case s >= scanner.High:
		return "error"
	case s == scanner.Medium:
		return "warning"
	}
	return "note"
}

func sarifPlaces(ls []Location) []sarifLocation {
	if len(ls) == 0 {
		return []sarifLocation{sarifPlace(Location{Path: nowhere, Line: 1})}
	}
	// GitHub shows an alert at the first place, which should still be there.
	return each(nearest(ls), sarifPlace)
}

func sarifPlace(l Location) sarifLocation {
	out := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{URI: uri(l.Path), URIBaseID: sourceRoot}, Region: &sarifRegion{StartLine: max(l.Line, 1)}}}
	if r := out.Physical.Region; l.Line > 0 && l.Column > 0 {
		r.StartColumn = l.Column
		if l.EndLine > l.Line || l.EndLine == l.Line && l.EndColumn >= l.Column {
			r.EndLine, r.EndColumn = l.EndLine, max(l.EndColumn, 1)
		}
	}
	if l.Commit != "" {
		out.Properties = map[string]string{"commit": plain(string(l.Commit))}
		if l.Ref != "" {
			out.Properties["ref"] = plain(l.Ref)
		}
		if on := day(l.Date); on != "" {
			out.Properties["date"] = on
		}
		if l.LastCommit != "" {
			out.Properties["lastCommit"] = plain(string(l.LastCommit))
		}
	}
	return out
}

// worst keeps the n results of lowest rank, in the order they have.
func worst(results []sarifResult, n int) []sarifResult {
	order := make([]int, len(results))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(results[a].rank, results[b].rank) })
	order = order[:n]
	slices.Sort(order)
	return each(order, func(i int) sarifResult { return results[i] })
}

// cutLocations leaves each result at most limit places and says how many it cut.
func cutLocations(results []sarifResult, limit int) int {
	cut := 0
	for i := range results {
		if n := len(results[i].Locations) - limit; n > 0 {
			results[i].Locations = results[i].Locations[:limit]
			cut += n
		}
	}
	return cut
}

func sarifGapsOf(gaps []Gap) []sarifNotification {
	out := make([]sarifNotification, 0, min(len(gaps), sarifGaps))
	for i, g := range gaps {
		if i == sarifGaps {
			return append(out, sarifNote("error", "cut", fmt.Sprintf("%d more gaps; --format json has all of them", len(gaps)-i)))
		}
		lvl := "error"
		if g.Minor {
			lvl = "note"
		}
		text := "not examined" + colon(g.Detail)
		if g.Object != "" {
			text = "object " + string(g.Object) + " " + text
		}
		n := sarifNote(lvl, string(g.Reason), text)
		if g.Path != "" {
			n.Locations = []sarifLocation{sarifPlace(Location{Path: g.Path, Line: g.Line, Column: g.Column})}
		}
		out = append(out, n)
	}
	return out
}

func sarifNote(level, id, text string) sarifNotification {
	n := sarifNotification{Level: level, Message: sarifMessage{Text: sarifText(text)}}
	n.Descriptor.ID = plain(id)
	return n
}

// hash is half of a SHA-256, over parts that cannot run into each other.
func hash(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// sarifRulesOf describes the rules of a gate run, and whatever else has a
// result, in order of id.
func sarifRulesOf(results []sarifResult, d Document, o Options) []sarifRule {
	rules := make(map[string]sarifRule)
	for _, r := range results {
		rules[r.RuleID] = sarifRuleOf(r.RuleID, "", sarifMessage{}, "", scanner.Medium, nil)
	}
	used := len(rules)
	for _, r := range o.Rules {
		if _, ok := rules[r.ID]; ok || d.Verdict != nil && used+len(o.Rules) <= sarifRules {
			rules[r.ID] = sarifRuleOf(r.ID, r.Title, sarifMessage{Text: paragraph(r.Page), Markdown: r.Page}, projectURI+"/blob/main/gate/rule/"+uri(r.ID)+".md", r.Severity, r.Controls)
		}
	}
	for _, x := range o.Detectors {
		if _, ok := rules[plain(x.ID)]; ok {
			rules[plain(x.ID)] = sarifRuleOf(plain(x.ID), x.Title, detectorHelp(x), webURI(cmp.Or(x.Rotate, x.Format)), x.Severity, []string{"CWE-798"})
		}
	}
	out := make([]sarifRule, 0, len(rules))
	for _, id := range sorted(rules) {
		out = append(out, rules[id])
	}
	return out[:min(len(out), sarifRules)]
}

func detectorHelp(x scanner.Detector) sarifMessage {
	const todo = " was found in the clear. Revoke or rotate it first, then remove it."
	m := sarifMessage{Text: sarifText(x.Title) + todo, Markdown: "**" + markdown(x.Title) + "**" + todo}
	if u := webURI(x.Rotate); u != "" {
		m.Text += " How to rotate it: " + u
		m.Markdown += "\n\nHow to rotate it: <" + u + ">"
	}
	return m
}

// webURI is u if it is a link that can stand between angle brackets, else "".
func webURI(u string) string {
	p, err := url.Parse(u)
	if err != nil || p.Scheme != "https" || p.Host == "" || p.User != nil || p.String() != u || strings.ContainsAny(u, "<>\"` \\{}|^") || plain(u) != u {
		return ""
	}
	return u
}

func sarifRuleOf(id, title string, page sarifMessage, help string, s scanner.Severity, tags []string) sarifRule {
	title = plain(cmp.Or(title, strings.ReplaceAll(id, "-", " ")))
	if !strings.HasSuffix(title, ".") {
		title += "."
	}
	tags = append([]string{"security"}, each(tags, plain)...)
	page.Text = cmp.Or(page.Text, title)
	return sarifRule{
		ID: id, Name: pascal(id), Short: sarifMessage{Text: clip(title, 200)}, Full: sarifMessage{Text: clip(page.Text, 1000)},
		Help: page, HelpURI: help,
		Default:  sarifConfig{level(s)},
		Property: sarifProperties{Tags: tags[:min(len(tags), sarifTags)], Precision: "high", SecuritySeverity: score(s)},
	}
}

// paragraph is the first one of a page that is no heading, on one line.
func paragraph(page string) string {
	for p := range strings.SplitSeq(page, "\n\n") {
		if p = strings.TrimSpace(p); p != "" && !strings.HasPrefix(p, "#") {
			return plain(strings.Join(strings.Fields(p), " "))
		}
	}
	return ""
}

// score is the middle of the band that GitHub shows as s.
func score(s scanner.Severity) string {
	switch s {
	case scanner.Critical:
		return "9.5"
	case scanner.High:
		return "8.0"
	case scanner.Medium:
		return "5.5"
	case scanner.Low:
		return "3.0"
	}
	return "1.0"
}

// pascal is "OverdueApproval" of "overdue-approval".
func pascal(id string) string {
	var b strings.Builder
	up := true
	for _, r := range id {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		b.WriteRune(r)
		up = false
	}
	return b.String()
}
