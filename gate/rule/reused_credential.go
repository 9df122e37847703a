package rule

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/reconcile"
	"github.com/credgate/credgate/scanner"
)

// ReusedCredential reports a credential that two entries share: the same store,
// provider-side id or fingerprint; and something found that two entries claim
// alike. Source: OWASP NHI9:2025.
var ReusedCredential = gate.Rule{
	ID:       "reused-credential",
	Severity: scanner.Medium,
	Title:    "Two connections share one credential",
	Controls: []string{"NHI9:2025", "CSF PR.AA-02", "A.5.16", "CC6.1"},
	Actions:  [3]gate.Action{warn, warn, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		holder := map[string]gate.Entry{}
		told := map[string]bool{}
		for _, e := range live(f) {
			for _, k := range credentials(e) {
				other, shared := holder[k.key]
				pair := other.ID + "\x00" + e.ID
				switch {
				case !shared:
					holder[k.key] = e
				case other.ID != e.ID && !told[pair]:
					told[pair] = true
					v := about(e, k.field, other.At(k.field))
					v.Fingerprint = other.ID
					v.Message = fmt.Sprintf("%s and %s share one credential: %s", say(other.ID), say(e.ID), say(k.name))
					v.Remedy = "issue one for each, so that either can be revoked alone"
					out = append(out, v)
				}
			}
		}
		for _, a := range f.Ambiguous {
			if told[a.Entries[0]+"\x00"+a.Entries[1]] {
				continue
			}
			out = append(out, gate.Violation{
				Connection: a.Connection, Finding: a.Finding, Fingerprint: "ambiguous", Locations: ordered(a.Locations),
				Entry:   a.Entries[0],
				Message: fmt.Sprintf("%s claim %s alike", list(a.Entries), say(cmp.Or(a.Connection, a.Finding))),
				Remedy:  "tell them apart by stored_in, environments or used_by",
			})
		}
		return out
	},
}

// A key is one way in which an entry names its credential.
type key struct{ key, field, name string }

func credentials(e gate.Entry) []key {
	var out []key
	c := e.Credential
	if c.Fingerprint != "" {
		out = append(out, key{"fingerprint\x00" + c.Fingerprint, "credential.fingerprint", c.Fingerprint})
	}
	if c.ID != "" {
		out = append(out, key{"id\x00" + e.Provider + "\x00" + e.Account + "\x00" + c.ID, "credential.id", c.ID})
	}
	for _, s := range c.StoredIn {
		st := reconcile.ParseStore(s)
		if st.Class == "var" && st.Scheme == "github" {
			continue
		}
		out = append(out, key{"store\x00" + st.Key() + "\x00" + st.Address + "\x00" + st.Environment + "\x00" + st.Field, "credential.stored_in", s})
	}
	slices.SortStableFunc(out, func(a, b key) int { return cmp.Compare(a.field, b.field) })
	return out
}
