// Package policy holds the limits by which entries are judged: tiers, the
// horizon from which every period is derived, and what each rule does.
//
// The built-in profiles are complete, so that a repository needs no policy.yaml;
// a file says only what differs. It is read from the trusted ref.
package policy

import (
	"slices"

	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner/connection"
	"github.com/credgate/credgate/scanner/detect/custom"
)

// Path is where a policy lies in a repository.
const Path = ".credgate/policy.yaml"

// A Policy is .credgate/policy.yaml over the built-in profile. Use Default, or
// Parse, which starts from it.
type Policy struct {
	Profile      string                            `json:"profile"`        // default, cis, pci
	Horizon      inventory.Duration                `json:"horizon"`        // H = Horizon / √(S·B·V)
	Uses         []string                          `json:"uses,omitempty"` // allowed codes of use; any when empty
	Tiers        map[inventory.Tier]Tier           `json:"tiers"`
	Approvers    map[string][]string               `json:"approvers,omitempty"` // role → team:NAME, user:NAME, entry
	Directory    Directory                         `json:"directory"`
	Actions      map[string]map[inventory.Tier]Act `json:"actions,omitempty"` // rule id → tier → what differs from the rule's own
	Gate         []connection.Kind                 `json:"gate,omitempty"`    // kinds that need an entry beside those that always do
	JobToken     JobToken                          `json:"job_token"`
	Solo         bool                              `json:"solo,omitempty"`          // one-person project: self-approval counts below formal
	RiskAnalysis string                            `json:"risk_analysis,omitempty"` // reference, PCI DSS 12.3.1

	MaxValidity int           `json:"max_validity"`         // days that any approval may last
	MaxIdle     int           `json:"max_idle,omitempty"`   // days without use, over the formula; 0 is none
	Detectors   []custom.Rule `json:"detectors,omitempty"`  // of the project's own
	Ignore      []Ignore      `json:"ignore,omitempty"`     // what is told as tolerated wherever it is found
	NoPragmas   bool          `json:"no_pragmas,omitempty"` // credgate:allow allows nothing
	Vendored    bool          `json:"vendored,omitempty"`   // what stands only in vendored code is gated too

	Path   string `json:"path,omitempty"`   // that it was read from; "" when built in
	Digest string `json:"digest,omitempty"` // sha256:… of the file; "" when built in
}

// An Act is an action as the policy names it: fail, warn, incomplete, off.
type Act string

// Acts are the words of Act, strictest first.
var Acts = []string{"fail", "incomplete", "warn", "off"}

// A Tier is what a tier asks for.
type Tier struct {
	MaxProduct    int                `json:"max_product,omitempty"` // largest S·B·V; 0 is any
	MaxTTL        inventory.Duration `json:"max_ttl,omitzero"`
	Approvals     int                `json:"approvals"`
	Evidence      string             `json:"evidence,omitempty"` // A0 asserted, A1 reviewed, A2 signed, A3 platform
	Roles         []string           `json:"roles,omitempty"`
	UsageMaxAge   inventory.Duration `json:"usage_max_age,omitzero"`
	Warn          inventory.Duration `json:"warn,omitzero"` // how long before a date it is told
	StandingUntil inventory.Date     `json:"standing_until,omitzero"`
	Reissue       string             `json:"reissue,omitempty"` // always, warn, never
}

// Directory is where people are listed and how old the list may be.
type Directory struct {
	File     string             `json:"file"`
	MaxAge   inventory.Duration `json:"max_age"`
	Complete bool               `json:"complete"` // who is not listed has left
}

// JobToken bounds the platform's own token of a job, which needs no entry.
type JobToken struct {
	// Ceiling is the permissions that any job may ask for, "contents:write";
	// empty allows each that is named, and not the unrestricted "*".
	Ceiling []string `json:"ceiling,omitempty"`
}

// Over gives the scopes of a job token that pass the ceiling, in order. A
// permission to write includes that to read.
func (j JobToken) Over(scopes []string) []string {
	var out []string
	for _, s := range scopes {
		if !j.allows(s) {
			out = append(out, s)
		}
	}
	return out
}

func (j JobToken) allows(scope string) bool {
	if len(j.Ceiling) == 0 || slices.Contains(j.Ceiling, "*") {
		return !unrestricted(scope) || slices.Contains(j.Ceiling, "*")
	}
	name, level := cut(scope)
	switch level {
	case "none", "":
		return level == "none" || slices.Contains(j.Ceiling, scope)
	case "read":
		return slices.Contains(j.Ceiling, scope) || slices.Contains(j.Ceiling, name+":write") || slices.Contains(j.Ceiling, "*:read")
	}
	return slices.Contains(j.Ceiling, scope)
}

func unrestricted(scope string) bool {
	return scope == "*" || scope == "*:write" || scope == "write-all"
}

// Default is the built-in policy.
func Default() Policy {
	return Policy{
		Profile: "default",
		Horizon: days(180),
		Tiers: map[inventory.Tier]Tier{
			inventory.Light:    {MaxProduct: 4, MaxTTL: days(1), Evidence: "A0", Warn: days(30)},
			inventory.Standard: {MaxProduct: 16, Approvals: 1, Evidence: "A1", UsageMaxAge: days(30), Warn: days(30), Reissue: "warn"},
			inventory.Formal: {Approvals: 2, Evidence: "A2", Roles: []string{"business-owner", "security"},
				UsageMaxAge: days(7), Warn: days(30), Reissue: "always"},
		},
		Directory:   Directory{File: ".credgate/people.csv", MaxAge: days(14), Complete: true},
		MaxValidity: 365,
	}
}

// Named is a built-in profile. Profile cis reviews every connection each
// quarter (CIS 5.5) and calls an account dormant after 45 days (CIS 5.3); pci
// calls one inactive after 90 (PCI DSS 8.2.6) and takes its periods from the
// entity's own analysis, which the file then has to name.
func Named(profile string) (Policy, bool) {
	p := Default()
	switch profile {
	case "default":
	case "cis":
		p.MaxValidity, p.MaxIdle = 90, 45
	case "pci":
		p.MaxIdle = 90
	default:
		return Policy{}, false
	}
	p.Profile = profile
	return p, true
}

func days(n int) inventory.Duration { return inventory.Duration(n) * inventory.Day }

// Tier is what the policy asks of a tier; an unknown one is formal.
func (p Policy) Tier(t inventory.Tier) Tier {
	if t == inventory.Unknown {
		t = inventory.Formal
	}
	return p.Tiers[t]
}

// Needs tells whether a connection needs an entry, by its nature or because
// the policy gates its kind.
func (p Policy) Needs(c connection.Connection) bool {
	return p.Judges(c) && (inventory.Needed(c) || slices.Contains(p.Gate, c.Kind))
}

// Judges tells whether a connection is judged at all: one that stands only in
// vendored code and data of tests is listed, unless the policy asks for it.
func (p Policy) Judges(c connection.Connection) bool { return !c.Vendored || p.Vendored }
