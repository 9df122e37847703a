package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
)

// IncompleteEntry reports entries that lack what their tier asks for, with a
// use that the policy does not know, or with a used_by that names everything.
// A missing owner is unowned-connection's. Source: CIS 5.5.
var IncompleteEntry = gate.Rule{
	ID:       "incomplete-entry",
	Severity: scanner.Medium,
	Title:    "An entry lacks what its tier asks for",
	Controls: []string{"CIS 5.5", "CIS 15.1", "CSF ID.AM-04", "A.5.9", "PCI DSS 12.8.1", "ASVS 13.1.4"},
	Actions:  [3]gate.Action{warn, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			if lacks := missing(e); len(lacks) > 0 {
				v := about(e, "")
				v.Message = fmt.Sprintf("%s: %s needs %s (%s)", say(e.ID), e.Assessment.Tier, strings.Join(lacks, ", "), e.Assessment.Why)
				v.Remedy = "add them to the entry; credgate show " + arg(e.ID) + " tells what is known"
				out = append(out, v)
			}
			if uses := f.Policy.Uses; e.Use != "" && len(uses) > 0 && !slices.Contains(uses, e.Use) {
				v := about(e, "use")
				v.Fingerprint = "use"
				v.Message = fmt.Sprintf("%s: use %s is none of the policy's: %s", say(e.ID), say(e.Use), list(uses))
				v.Remedy = "name one of them, or add it to uses in .credgate/policy.yaml"
				out = append(out, v)
			}
			if i := slices.IndexFunc(e.UsedBy, everything); i >= 0 && e.Assessment.Tier == inventory.Formal {
				v := about(e, fmt.Sprintf("used_by[%d]", i))
				v.Fingerprint = "used_by"
				v.Message = fmt.Sprintf("%s: used_by %s names everything, so that no new consumer would be noticed", say(e.ID), say(e.UsedBy[i]))
				v.Remedy = "name the files and jobs that use it"
				out = append(out, v)
			}
		}
		return out
	},
}

func everything(pattern string) bool {
	g := inventory.ParseUse(pattern).Glob
	return strings.Trim(g, "*/") == ""
}

// A need is a field with the laxest tier that asks for it.
type need struct {
	name  string
	from  inventory.Tier
	given func(gate.Entry) bool
}

// needs are the required fields of governance by tier, in order of the entry.
// Fields of a stored secret are not asked of an entry that has none.
var needs = []need{
	{"provider", inventory.Light, func(e gate.Entry) bool { return e.Provider != "" }},
	{"a revision of the provider", inventory.Light, func(e gate.Entry) bool { return !e.ProviderFacts.Revision.IsZero() }},
	{"auth methods of the provider", inventory.Standard, func(e gate.Entry) bool { return len(e.ProviderFacts.Auth) > 0 }},
	{"terms of the provider", inventory.Formal, func(e gate.Entry) bool {
		return e.ProviderFacts.Kind == inventory.Internal || e.ProviderFacts.Terms.Ref != ""
	}},
	{"account", inventory.Standard, func(e gate.Entry) bool { return e.Account != "" }},
	{"endpoints", inventory.Standard, func(e gate.Entry) bool { return len(e.Endpoints) > 0 }},
	{"business_owner", inventory.Formal, func(e gate.Entry) bool { return e.BusinessOwner != "" }},
	{"use", inventory.Light, func(e gate.Entry) bool { return e.Use != "" }},
	{"purpose", inventory.Light, func(e gate.Entry) bool { return e.Purpose != "" }},
	{"data", inventory.Standard, func(e gate.Entry) bool { return len(e.Data) > 0 }},
	{"scopes", inventory.Standard, func(e gate.Entry) bool { return len(e.Scopes) > 0 }},
	{"environments", inventory.Standard, func(e gate.Entry) bool { return len(e.Environments) > 0 }},
	{"used_by", inventory.Light, func(e gate.Entry) bool { return len(e.UsedBy) > 0 }},
	{"credential.kind", inventory.Light, func(e gate.Entry) bool { return e.Credential.Kind != "" }},
	{"credential.auth", inventory.Light, func(e gate.Entry) bool { return e.Credential.Auth != "" }},
	{"credential.id", inventory.Formal, func(e gate.Entry) bool { return e.Credential.ID != "" }},
	{"credential.stored_in", inventory.Standard, func(e gate.Entry) bool { return len(e.Credential.StoredIn) > 0 || !e.Static() }},
	{"credential.issued_by", inventory.Formal, func(e gate.Entry) bool { return e.Credential.IssuedBy != "" || !e.Static() }},
	{"credential.last_rotated", inventory.Standard, func(e gate.Entry) bool { return !e.Credential.LastRotated.IsZero() || !e.Static() }},
	{"credential.rotate_every", inventory.Standard, func(e gate.Entry) bool { return e.Credential.RotateEvery != 0 || !e.Static() }},
	{"credential.expires", inventory.Standard, func(e gate.Entry) bool { return !e.Credential.Expires.IsZero() || !e.Static() }},
	{"credential.revocation", inventory.Formal, func(e gate.Entry) bool { return e.Credential.Revocation.Mode != "" }},
	{"risk", inventory.Standard, func(e gate.Entry) bool {
		return e.Risk.Sensitivity != 0 && e.Risk.BlastRadius != 0 && e.Risk.AbuseSpeed != 0
	}},
}

func missing(e gate.Entry) []string {
	var out []string
	for _, n := range needs {
		if e.Assessment.Tier >= n.from && !n.given(e) {
			out = append(out, n.name)
		}
	}
	return out
}
