// Package policy holds the limits by which entries are judged: tiers, the
// horizon from which every period is derived, and what each rule does.
package policy

import (
	"github.com/credgate/credgate/gate/inventory"
)

// A Policy is .credgate/policy.yaml over the built-in profile. Use Default, or
// Parse, which starts from it.
type Policy struct {
	Profile    string                            `json:"profile"` // default, cis, pci
	Horizon    inventory.Duration                `json:"horizon"`
	Uses       []string                          `json:"uses,omitempty"` // allowed codes of use; any when empty
	Tiers      map[inventory.Tier]Tier           `json:"tiers"`
	Approvers  map[string][]string               `json:"approvers,omitempty"` // role → team:NAME, user:NAME, entry
	Directory  Directory                         `json:"directory"`
	Actions    map[string]map[inventory.Tier]Act `json:"actions,omitempty"` // rule id → tier → what differs from the rule's own
	JobToken   []string                          `json:"job_token,omitempty"`
	Solo       bool                              `json:"solo,omitempty"` // one-person project
	RiskRef    string                            `json:"risk_analysis,omitempty"`
	Path       string                            `json:"path,omitempty"` // that it was read from; "" when built in
	Gated      []string                          `json:"gated,omitempty"`
	Provenance string                            `json:"digest,omitempty"` // sha256 of the file
}

// An Act is an action as the policy names it: fail, warn, off, incomplete.
type Act string

// A Tier is what a tier asks for.
type Tier struct {
	MaxProduct    int                `json:"max_product,omitempty"`
	MaxTTL        inventory.Duration `json:"max_ttl,omitzero"`
	Approvals     int                `json:"approvals"`
	Evidence      string             `json:"evidence,omitempty"`
	Roles         []string           `json:"roles,omitempty"`
	UsageMaxAge   inventory.Duration `json:"usage_max_age,omitzero"`
	Warn          inventory.Duration `json:"warn,omitzero"`
	StandingUntil inventory.Date     `json:"standing_until,omitzero"`
	Reissue       string             `json:"reissue,omitempty"`
}

// Directory is where people are listed and how old the list may be.
type Directory struct {
	File     string             `json:"file,omitempty"`
	MaxAge   inventory.Duration `json:"max_age,omitzero"`
	Complete bool               `json:"complete,omitempty"` // who is absent has left
}

// An Assessment is the risk and the limits of an entry, with their derivation.
type Assessment struct {
	Tier     inventory.Tier `json:"tier"`     // that counts: the stricter of computed and declared
	Computed inventory.Tier `json:"computed"` // by product, provider and floors
	Product  int            `json:"product"`  // S·B·V
	Risk     inventory.Risk `json:"risk"`     // factors with floors applied
	Floors   []string       `json:"floors,omitempty"`
	// Light eligibility: what is missing, "" when eligible or out of question.
	NotLight string `json:"not_light,omitempty"`

	Idle     Limit `json:"idle"`
	Age      Limit `json:"age"`
	Validity Limit `json:"validity"`
}

// A Limit is a derived number of days; zero is none (a standing approval).
type Limit struct {
	Days int    `json:"days"`
	Why  string `json:"why"` // "25 days = 180/√48"
}
