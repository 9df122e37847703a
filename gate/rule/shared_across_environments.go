package rule

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/policy"
	"github.com/credgate/credgate/gate/reconcile"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// SharedAcrossEnvironments reports one credential in production and outside it:
// one reference read in both from a store that is not the environment's own, or
// one value committed for both. Source: OWASP NHI8:2025.
var SharedAcrossEnvironments = gate.Rule{
	ID:       "shared-across-environments",
	Severity: scanner.High,
	Title:    "Production and another environment share a credential",
	Controls: []string{"NHI8:2025", "A.8.31", "CSF PR.PS-06"},
	Actions:  [3]gate.Action{warn, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			for _, c := range f.Of(e.ID) {
				real, trial := sides(c.Environments)
				ref := common(e, c)
				if real == "" || trial == "" || ref == "" {
					continue
				}
				out = append(out, gate.Violation{
					Entry: e.ID, Connection: c.ID, Locations: places(c),
					Message: fmt.Sprintf("%s is read in %s and in %s from one store", say(short(ref)), say(real), say(trial)),
					Remedy:  "keep one credential for each environment, each in that environment's own store",
				})
			}
		}
		for _, s := range f.Findings {
			var envs []string
			for _, l := range s.Locations {
				envs = append(envs, strings.Split(path.Dir(l.Path), "/")...)
				envs = append(envs, strings.TrimSuffix(path.Base(l.Path), path.Ext(l.Path)))
			}
			if real, trial := sides(envs); real != "" && trial != "" {
				out = append(out, gate.Violation{
					Finding: s.Fingerprint, Entry: s.Entry, Locations: ordered(s.Locations),
					Message: fmt.Sprintf("the same value stands for %s and for %s", say(real), say(trial)),
					Remedy:  "rotate it, and issue one credential for each environment",
				})
			}
		}
		return out
	},
}

// sides are a production environment and one that is not, "" for none.
func sides(envs []string) (real, trial string) {
	envs = slices.Clone(envs)
	slices.Sort(envs)
	for _, v := range envs {
		switch {
		case real == "" && policy.Production(v):
			real = v
		case trial == "" && policy.Trial(v):
			trial = v
		}
	}
	return real, trial
}

// common is a reference that every environment reads from the same store, ""
// when the entry keeps each in its environment's.
func common(e gate.Entry, c connection.Connection) string {
	for _, r := range inventory.Refs(c) {
		ref := reconcile.ParseRef(r)
		if ref.Class == "var" {
			continue
		}
		for _, s := range e.Credential.StoredIn {
			if store := reconcile.ParseStore(s); store.Holds(ref) && store.Environment == "" {
				return r
			}
		}
	}
	return ""
}
