// Package rule is the list of what must hold. Each rule is one file, with its
// page in Markdown beside it and its cases under testdata. A rule looks only at
// its facts.
package rule

import (
	"embed"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate"
)

//go:embed *.md
var pages embed.FS

// What a rule does by tier: light, standard, formal. A table of its own beside
// each rule would hide how they compare.
const (
	fail   = gate.Failing
	warn   = gate.Warning
	unsure = gate.Uncertain
	off    = gate.Off
)

var rules = []*gate.Rule{
	&DueSoon,
	&EmbeddedCredential,
	&EndpointDrift,
	&ExpiredException,
	&IncompleteEntry,
	&IncompleteScan,
	&MisplacedCredential,
	&NoExpiry,
	&OverdueApproval,
	&OverdueRotation,
	&PurposeDrift,
	&RetiredAuth,
	&RetiredInUse,
	&ReusedCredential,
	&ScopeDrift,
	&SharedAcrossEnvironments,
	&StaticWhereFederated,
	&UnapprovedConnection,
	&UndeclaredConnection,
	&UnderstatedTier,
	&UnownedConnection,
	&UnseenConnection,
}

// All are the rules in order of ID, each with its page.
func All() []gate.Rule {
	var out []gate.Rule
	for _, r := range rules {
		rule := *r
		rule.Page = Page(r.ID)
		out = append(out, rule)
	}
	slices.SortFunc(out, func(a, b gate.Rule) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// Page is the Markdown page of a rule, "" when there is none.
func Page(id string) string {
	b, err := pages.ReadFile(id + ".md")
	if err != nil {
		return ""
	}
	return string(b)
}
