package approval

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/credgate/credgate/gate/field"
	"github.com/credgate/credgate/gate/inventory"
)

// New drafts the next record of a connection from its facts today: what is left
// for the approvers is whether it is still needed, and each scope and endpoint.
// The previous record's bytes, nil for the first, chain it.
func New(e inventory.Entry, facts Facts, previous *Record, bytes []byte) Record {
	r := Record{
		Connection: e.ID, Decision: Approve, Trigger: []string{"initial"}, Action: "initial", Previous: "none",
		Credential: Credential{Generation: 1, ID: e.Credential.ID, Fingerprint: e.Credential.Fingerprint},
		Facts:      facts, Digest: facts.Digest(),
	}
	if previous != nil {
		r.Trigger, r.Action = []string{"scheduled"}, "reissue"
		r.Credential.Generation = previous.Credential.Generation + 1
		r.Credential.Replaces = previous.Credential.ID
		r.Previous = fmt.Sprintf("sha256:%x", sha256.Sum256(bytes))
	}
	for _, s := range e.Scopes {
		r.Checks.Scopes = append(r.Checks.Scopes, Decision{Name: s, Keep: true})
	}
	for _, s := range e.Endpoints {
		r.Checks.Endpoints = append(r.Checks.Endpoints, Decision{Name: s, Keep: true})
	}
	return r
}

// PathFor is where the next record of a connection belongs on a day: the first
// number that none of the paths taken has.
func PathFor(connection string, on inventory.Date, taken []string) string {
	for n := 1; ; n++ {
		p := path.Join(LedgerDir, connection, fmt.Sprintf("%s-%d.yaml", on, n))
		if !slices.Contains(taken, p) {
			return p
		}
	}
}

// Marshal writes a record as ParseRecord reads it. The same record gives the
// same bytes: they are what gets signed.
func (r Record) Marshal() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	text := func(key, s string) {
		if s != "" {
			line("%s: %s", key, field.Scalar(s))
		}
	}
	line("version: 1")
	text("connection", r.Connection)
	text("decision", r.Decision)
	if len(r.Trigger) > 0 {
		line("trigger: %s", field.Flow(r.Trigger))
	}
	text("requested_by", r.RequestedBy)
	line("approvers:")
	for _, a := range r.Approvers {
		line("  - {%s}", pairs("by", a.By, "role", a.Role, "on", a.On.UTC().Format(time.RFC3339)))
	}
	text("expires", r.Expires.String())
	text("action", r.Action)
	if c := r.Credential; c != (Credential{}) {
		line("credential: {generation: %d%s}", max(c.Generation, 1), prefix(", ", pairs("id", c.ID, "replaces", c.Replaces, "fingerprint", c.Fingerprint)))
	}
	r.Checks.write(line)
	if len(r.Facts) > 0 {
		line("facts:")
		for _, n := range factNames {
			switch v := r.Facts[n]; {
			case slices.Contains(sets, n) && len(v) > 0:
				line("  %s: %s", n, field.Flow(v))
			case len(v) > 0:
				line("  %s: %s", n, field.Scalar(v[0]))
			}
		}
	}
	text("digest", r.Digest)
	text("previous", r.Previous)
	return b.Bytes()
}

func (c Checks) write(line func(string, ...any)) {
	line("checks:")
	line("  use_case: {still_needed: %t%s}", c.StillNeeded, prefix(", ", pairs("because", c.Because)))
	for _, l := range []struct {
		what string
		list []Decision
	}{{"scope", c.Scopes}, {"endpoint", c.Endpoints}} {
		if len(l.list) > 0 {
			line("  %ss:", l.what)
		}
		for _, d := range l.list {
			line("    - {%s: %s, keep: %t%s}", l.what, field.Scalar(d.Name), d.Keep, prefix(", ", pairs("narrow", d.Narrow)))
		}
	}
	if u := c.Idle; u != (Usage{}) {
		line("  idle: {%s}", pairs("last_used", u.LastUsed.String(), "source", u.Source, "observed", u.Observed.String()))
	}
}

// pairs writes "a: x, b: y", without what is empty.
func pairs(kv ...string) string {
	var out []string
	for i := 0; i < len(kv); i += 2 {
		if kv[i+1] != "" {
			out = append(out, kv[i]+": "+field.Scalar(kv[i+1]))
		}
	}
	return strings.Join(out, ", ")
}

func prefix(p, s string) string {
	if s == "" {
		return ""
	}
	return p + s
}

// Marshal writes a baseline as ParseBaseline reads it, sorted.
func (b Baseline) Marshal() []byte {
	items := slices.Clone(b.Items)
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	var out bytes.Buffer
	out.WriteString("# What stood before the gate came. Each is tolerated until its date; remove what is mended.\n")
	fmt.Fprintf(&out, "version: 1\ncreated: %s\nviolations:", b.Created)
	if len(items) == 0 {
		out.WriteString(" []")
	}
	out.WriteString("\n")
	for _, i := range items {
		fmt.Fprintf(&out, "  - {%s}\n", pairs("rule", i.Rule, "subject", i.Subject, "due", i.Due.String(), "fingerprint", i.Fingerprint))
	}
	return out.Bytes()
}
