package gate

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/policy"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// The names under which a violation is tolerated without an exception's file.
const (
	ByBaseline = "baseline"
	ByAllow    = "credgate:allow" // a comment beside the finding, with its reason
)

// Evaluate holds the facts against the rules. It is pure: no clock, disk,
// network, environment or log. The decision is Fail if a failing violation
// stands; else Incomplete if something was not examined or nothing was; else
// Pass.
func Evaluate(f Facts, p policy.Policy, rules []Rule) Verdict {
	f.Policy = p
	f.Entries = f.judge()
	f.index()
	var all []Violation
	for _, last := range []bool{false, true} {
		f.Raised = slices.Clone(all)
		for _, r := range rules {
			if r.Last == last {
				all = append(all, f.report(r)...)
			}
		}
	}
	for i := range all {
		f.tolerate(&all[i])
	}
	slices.SortStableFunc(all, Violation.Compare)
	v := Verdict{Now: f.Now, Policy: strings.TrimSpace(p.Profile + " " + p.Digest), Violations: all, Entries: f.Entries}
	v.Counts = f.count(all)
	v.Decision = f.decide(v.Counts)
	return v
}

// A lookup is what rules and tolerance ask for again and again.
type lookup struct {
	of       map[string][]int         // entry → indices of its connections
	allowed  map[string]string        // fingerprint of a finding → reason of its credgate:allow
	baseline map[string]approval.Item // by fingerprint of the violation
}

func (f *Facts) index() {
	f.look = &lookup{map[string][]int{}, map[string]string{}, map[string]approval.Item{}}
	for i, c := range f.Connections {
		if c.Entry != "" {
			f.look.of[c.Entry] = append(f.look.of[c.Entry], i)
		}
	}
	// One name in two environments belongs to two entries; it names the first.
	at := map[string]int{}
	for i, c := range f.Connections {
		at[c.ID] = i
	}
	for _, e := range f.Entries {
		for _, id := range e.Seen.Connections {
			if i, ok := at[id]; ok && f.Connections[i].Entry != e.ID {
				f.look.of[e.ID] = append(f.look.of[e.ID], i)
			}
		}
	}
	for _, s := range f.Findings {
		if s.Allowed != "" {
			f.look.allowed[s.Fingerprint] = s.Allowed
		}
	}
	for _, i := range f.Baseline.Items {
		f.look.baseline[i.Fingerprint] = i
	}
}

// Of are the connections found that belong to an entry, in their order.
func (f Facts) Of(entry string) []connection.Connection {
	var out []connection.Connection
	if f.look == nil {
		return nil
	}
	at := slices.Sorted(slices.Values(f.look.of[entry]))
	for _, i := range at {
		out = append(out, f.Connections[i])
	}
	return out
}

// Compare orders violations by their first place, rule, subject, message.
func (v Violation) Compare(o Violation) int {
	return cmp.Or(v.first().Compare(o.first()), strings.Compare(v.Rule, o.Rule), strings.Compare(v.Subject(), o.Subject()),
		strings.Compare(v.Message, o.Message), strings.Compare(v.Fingerprint, o.Fingerprint))
}

func (v Violation) first() scanner.Location {
	if len(v.Locations) == 0 {
		return scanner.Location{}
	}
	return v.Locations[0]
}

// Subject is what the violation is about: the id of an entry, else of a
// connection, else a finding's fingerprint, else "".
func (v Violation) Subject() string { return cmp.Or(v.Entry, v.Connection, v.Finding) }

// report runs one rule and completes what it gives.
func (f Facts) report(r Rule) []Violation {
	var out []Violation
	for _, v := range r.Check(f) {
		v.Rule = r.ID
		if v.Severity == 0 {
			v.Severity = r.Severity
		}
		v.Action = milder(f.action(r, v.Entry), v.Action)
		if v.Action == Off {
			continue
		}
		v.Fingerprint = identity(v)
		out = append(out, v)
	}
	return out
}

// identity hashes what a violation is about, never where. The parts are
// length-prefixed, so that no two lists of them run together.
func identity(v Violation) string {
	h := sha256.New()
	for _, s := range []string{"credgate/violation/v1", v.Rule, v.Subject(), v.Fingerprint} {
		fmt.Fprintf(h, "%d:%s", len(s), s)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:16])
}

// action is what a violation at an entry does: the rule's own action for the
// entry's tier, or what the policy puts in its place. What has no entry counts
// as formal.
func (f Facts) action(r Rule, entry string) Action {
	tier := inventory.Formal
	if e, ok := f.Entry(entry); ok {
		tier = e.Assessment.Tier
	}
	if act, ok := f.Policy.Actions[r.ID][tier]; ok {
		var a Action
		if a.UnmarshalText([]byte(act)) == nil {
			return a
		}
	}
	return r.Actions[tier-inventory.Light]
}

func milder(a, b Action) Action {
	rank := map[Action]int{Failing: 0, Uncertain: 1, Warning: 2, Off: 3}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// tolerate notes who tolerates a violation and until when: a comment at the
// finding, an exception, the baseline. A gap is never tolerated.
func (f Facts) tolerate(v *Violation) {
	if v.Rule == "incomplete-scan" {
		return
	}
	for _, x := range f.Exceptions {
		if Tolerates(x, *v) && !x.On.Time().After(f.Now) && !x.Expires.Past(f.Now) {
			v.Exception, v.Reason, v.Due = x.ID, x.Reason, x.Expires.Time()
			return
		}
	}
	if reason := f.look.allowed[v.Finding]; v.Finding != "" && reason != "" {
		v.Exception, v.Reason = ByAllow, reason
		return
	}
	item, ok := f.look.baseline[v.Fingerprint]
	if !ok || item.Rule != v.Rule {
		return
	}
	if item.Due.Past(f.Now) {
		v.Reason = "the baseline tolerated it until " + item.Due.String()
		return
	}
	v.Exception, v.Due, v.Reason = ByBaseline, item.Due.Time(), "stood before the gate came"
}

// Tolerates tells whether an exception speaks of a violation, whatever its dates.
func Tolerates(x approval.Exception, v Violation) bool {
	return x.Rule == v.Rule && x.Connection != "" && (x.Connection == v.Entry || x.Connection == v.Connection || x.Connection == v.Finding)
}

func (f Facts) count(all []Violation) Counts {
	var c Counts
	failing := map[string]bool{}
	for _, v := range all {
		switch {
		case v.Exception == ByBaseline:
			c.Baselined++
		case !v.Stands():
			c.Tolerated++
		case v.Action == Failing:
			c.Failing++
			if s := v.Subject(); s != "" {
				failing[s] = true
			}
		case v.Action == Warning:
			c.Warning++
		case v.Action == Uncertain:
			c.Uncertain++
		}
	}
	c.Connections = len(failing)
	for _, e := range f.Entries {
		switch {
		case e.Unseen():
			c.Unseen++
		case e.Seen.Any() && !failing[e.ID]:
			c.Governed++
		}
	}
	for _, k := range f.Connections {
		switch {
		case k.Entry != "":
		case !f.Policy.Judges(k):
			c.Vendored++
		case f.Policy.Needs(k):
			c.Undeclared++
		default:
			c.Listed++
		}
	}
	for _, g := range f.Gaps {
		if !g.Minor {
			c.Gaps++
		}
	}
	return c
}

func (f Facts) decide(c Counts) Decision {
	switch {
	case c.Failing > 0:
		return Fail
	case c.Uncertain > 0 || c.Gaps > 0 || f.Nothing():
		return Incomplete
	}
	return Pass
}

// Nothing tells whether nothing was examined at all.
func (f Facts) Nothing() bool {
	c := f.Coverage
	return c.Blobs == 0 && c.Files == 0 && c.Bytes == 0 && c.Documents == 0 && c.Commits == 0
}
