// Package inventory reads the declared connections of .credgate/inventory.yaml
// and says all that is wrong with them at once.
//
// An inventory is a map of entries by id, with providers and defaults beside
// it, in one file or several. Load and Parse give the entries with the
// defaults merged in and the place of every field; Marshal writes one a person
// would keep. What an entry is worth (tier, limits, approval, owner) is for
// others to say: this package only knows what was written.
package inventory

import (
	"github.com/credgate/credgate/scanner"
)

// An Inventory is all that was declared, over all of its files.
type Inventory struct {
	Providers map[string]Provider `json:"providers"`
	Entries   []Entry             `json:"entries"` // in order of ID
	Files     []string            `json:"files"`   // that were read, in order
}

// A ProviderKind says how far away a provider is.
type ProviderKind string

const (
	Internal          ProviderKind = "internal"           // run by the organisation itself
	External          ProviderKind = "external"           // another organisation's service
	ExternalProcessor ProviderKind = "external-processor" // external, and processes the organisation's data
)

// A Provider is who runs what a connection reaches. Its zero value knows
// nothing, and counts as external.
type Provider struct {
	Kind     ProviderKind          `json:"kind,omitempty"`
	Revision Date                  `json:"revision,omitzero"` // raised when scopes, permission model, auth methods or terms change
	Auth     map[string]AuthMethod `json:"auth,omitempty"`    // by the provider's own name of the method
	Terms    Terms                 `json:"terms,omitzero"`
	Hosts    []string              `json:"hosts,omitempty"`

	Location scanner.Location `json:"location,omitzero"`
}

// An AuthMethod is where a way to log in stands in its life: current,
// discouraged, or removed, on a date where that is known.
type AuthMethod struct {
	State     string `json:"state"` // current, discouraged, removed
	RemovedOn Date   `json:"removed_on,omitzero"`
}

// Terms are the contract with a provider.
type Terms struct {
	Ref   string `json:"ref,omitempty"`
	Until Date   `json:"until,omitzero"`
}

// A Tier is how strictly a connection is governed. Its zero value is not known
// and is treated as Formal.
type Tier int

const (
	Unknown Tier = iota
	Light
	Standard
	Formal
)

// A Level is a risk factor, 1 to 4; zero is not declared.
type Level int

const (
	Low Level = iota + 1
	Medium
	High
	Critical
)

// Risk is the three factors of a connection's risk as declared.
type Risk struct {
	Sensitivity Level `json:"sensitivity,omitempty"`
	BlastRadius Level `json:"blast_radius,omitempty"`
	AbuseSpeed  Level `json:"abuse_speed,omitempty"`
}

// A Status is where an entry stands in its life.
type Status string

const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Retiring  Status = "retiring"
	Retired   Status = "retired"
)

// Unscoped is the one scope of a credential that has no scopes to restrict it.
const Unscoped = "unscoped"

// An Entry is a declared connection, with the defaults of its file merged in.
type Entry struct {
	ID            string     `json:"id"`
	Provider      string     `json:"provider,omitempty"`
	Account       string     `json:"account,omitempty"`
	Direction     string     `json:"direction,omitempty"` // outbound, inbound, both
	Endpoints     []string   `json:"endpoints,omitempty"` // host or host/path
	Owner         string     `json:"owner,omitempty"`     // team:NAME or user:NAME
	BusinessOwner string     `json:"business_owner,omitempty"`
	Use           string     `json:"use,omitempty"`
	Purpose       string     `json:"purpose,omitempty"`
	Data          []string   `json:"data,omitempty"`
	Scopes        []string   `json:"scopes,omitempty"` // or Unscoped alone
	Environments  []string   `json:"environments,omitempty"`
	UsedBy        []string   `json:"used_by,omitempty"` // [repo:]glob[#job]
	Credential    Credential `json:"credential,omitzero"`
	Risk          Risk       `json:"risk,omitzero"`
	Tier          Tier       `json:"tier,omitempty"` // as declared; what counts is policy.Assess
	Critical      bool       `json:"critical,omitempty"`
	Status        Status     `json:"status"`
	ReplacedBy    string     `json:"replaced_by,omitempty"`
	Approval      *Approval  `json:"approval,omitempty"` // inline; the ledger is in package approval
	Notes         string     `json:"notes,omitempty"`

	// ProviderFacts is what the inventory knows of Provider.
	ProviderFacts Provider `json:"-"`
	// Location is where the entry's id stands, Fields where each of its fields
	// does, by path: "owner", "credential.expires", "used_by[0]".
	Location scanner.Location            `json:"location"`
	Fields   map[string]scanner.Location `json:"-"`
	// Seen is what reconcile found of the entry in what was scanned.
	Seen Seen `json:"seen"`
}

// A Credential is what the connection logs in with. It holds no secret.
type Credential struct {
	Kind        string     `json:"kind,omitempty"` // one of Kinds
	Auth        string     `json:"auth,omitempty"` // a key of the provider's auth
	ID          string     `json:"id,omitempty"`   // provider-side, not secret
	Fingerprint string     `json:"fingerprint,omitempty"`
	StoredIn    []string   `json:"stored_in,omitempty"` // scheme:path
	IssuedBy    string     `json:"issued_by,omitempty"`
	LastRotated Date       `json:"last_rotated,omitzero"`
	RotateEvery Duration   `json:"rotate_every,omitzero"`
	Expires     Expiry     `json:"expires,omitzero"`
	TTL         Duration   `json:"ttl,omitzero"`
	Revocation  Revocation `json:"revocation,omitzero"`
}

// Revocation says how the credential is ended.
type Revocation struct {
	Mode string `json:"mode,omitempty"` // automatic, manual
	How  string `json:"how,omitempty"`  // runbook or command
}

// An Approval is an inline approval, for small projects.
type Approval struct {
	By      []string `json:"by"` // user:NAME
	On      Date     `json:"on"`
	Expires Date     `json:"expires"`
	Digest  string   `json:"digest,omitempty"`
}

// Seen is what a run found of an entry. Its zero value is nothing.
type Seen struct {
	Findings     int                `json:"findings"`
	Connections  []string           `json:"connections,omitempty"`  // ids, sorted
	Refs         []string           `json:"refs,omitempty"`         // sorted
	Endpoints    []string           `json:"endpoints,omitempty"`    // sorted
	Scopes       []string           `json:"scopes,omitempty"`       // sorted
	Environments []string           `json:"environments,omitempty"` // sorted
	Consumers    int                `json:"consumers"`
	Federated    bool               `json:"federated,omitempty"` // by OIDC or another trust without a stored secret
	InScope      bool               `json:"in_scope"`            // a used_by pattern may name this repository
	Files        bool               `json:"files"`               // a used_by pattern matches a file of the place
	Locations    []scanner.Location `json:"locations,omitempty"` // at head, in order
}

// Seen reports whether anything of the entry was found.
func (s Seen) Any() bool { return s.Findings > 0 || len(s.Connections) > 0 }

// At is where a field of the entry stands, or the entry itself when it does
// not have the field.
func (e Entry) At(field string) scanner.Location {
	if l, ok := e.Fields[field]; ok {
		return l
	}
	return e.Location
}
