package report

import (
	"encoding/base64"
	"time"
	"unicode/utf8"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// SchemaVersion is the version of the JSON document. It rises when a field
// changes its meaning or goes; a new field does not raise it.
const SchemaVersion = 1

// Document is the outcome of a run: what --format json writes, and what all
// other writers render. Its lists are never nil, are sorted, and are the same
// from run to run. It has types of its own, and not those of the scanner and
// the gate, so that a change there does not change what users read by chance.
// Times are UTC, dates are days "2026-06-01", paths are slash-separated.
type Document struct {
	SchemaVersion int              `json:"schema_version"`
	Tool          Tool             `json:"tool"`
	Target        Target           `json:"target"`
	Coverage      scanner.Coverage `json:"coverage"`
	Gaps          []Gap            `json:"gaps"`
	Findings      []Finding        `json:"findings"`
	Connections   []Connection     `json:"connections"`
	Entries       []Entry          `json:"entries"`
	Violations    []Violation      `json:"violations,omitzero"` // nil when nothing was judged
	Verdict       *Verdict         `json:"verdict,omitempty"`   // nil when nothing was judged
}

// Tool is the program that wrote the document.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Target is what was scanned.
type Target struct {
	Name       string           `json:"name"`                  // as a person would call it: the directory's name, "-" for standard input
	Mode       string           `json:"mode,omitempty"`        // history, range, staged, directory, file, stdin
	Since      string           `json:"since,omitempty"`       // the revision a range begins after
	Head       scanner.ObjectID `json:"head,omitempty"`        // the commit at HEAD
	TrustedRef string           `json:"trusted_ref,omitempty"` // the ref that the rules were taken from
	Repository string           `json:"repository,omitempty"`  // URL of the repository, without credentials
}

// A Gap is something that should have been examined and was not.
type Gap struct {
	Path       string           `json:"path,omitempty"`
	PathBase64 string           `json:"path_base64,omitempty"` // the bytes of a path that is not UTF-8
	Line       int              `json:"line,omitempty"`
	Column     int              `json:"column,omitempty"`
	Object     scanner.ObjectID `json:"object,omitempty"`
	Reason     scanner.Reason   `json:"reason"`
	Detail     string           `json:"detail,omitempty"`
	Minor      bool             `json:"minor,omitempty"` // told, and no reason for an incomplete verdict
}

// A Location is a region of a file, as in scanner.Location.
type Location struct {
	Path       string           `json:"path"`
	PathBase64 string           `json:"path_base64,omitempty"` // the bytes of a path that is not UTF-8
	Line       int              `json:"line"`
	Column     int              `json:"column"`
	EndLine    int              `json:"end_line"`
	EndColumn  int              `json:"end_column"`
	Commit     scanner.ObjectID `json:"commit,omitempty"` // first commit that holds it
	Author     string           `json:"author,omitempty"`
	Date       time.Time        `json:"date,omitzero"`
	LastCommit scanner.ObjectID `json:"last_commit,omitempty"`
	AtHead     bool             `json:"at_head"`
	Ref        string           `json:"ref,omitempty"`       // at whose tip it stands, where HEAD does not hold it
	Document   string           `json:"document,omitempty"`  // dialect, where a document was read
	Construct  string           `json:"construct,omitempty"` // what was read of it
	Kind       connection.Kind  `json:"kind,omitempty"`      // of this place, where it is another than the connection's
	Provider   string           `json:"provider,omitempty"`  // likewise
}

func (l Location) distance() int { return scanner.Location{AtHead: l.AtHead, Ref: l.Ref}.Distance() }

// A Finding is a secret at its places. Nothing in it is the secret.
type Finding struct {
	Detector    string           `json:"detector"`
	Title       string           `json:"title"`
	Provider    string           `json:"provider,omitempty"`
	Kind        string           `json:"kind,omitempty"`
	Severity    scanner.Severity `json:"severity"`
	Fingerprint string           `json:"fingerprint"`
	Facts       []scanner.Fact   `json:"facts"`
	Locations   []Location       `json:"locations"`
	Entry       string           `json:"entry,omitempty"`
	Allowed     string           `json:"allowed,omitempty"` // reason of a credgate:allow
}

// A Connection is what references, trusts and logins reach.
type Connection struct {
	ID           string                `json:"id"`
	Kind         connection.Kind       `json:"kind"`
	Provider     string                `json:"provider,omitempty"`
	ProviderFrom connection.From       `json:"provider_from,omitempty"`
	Account      string                `json:"account,omitempty"`
	Endpoint     string                `json:"endpoint,omitempty"`
	Endpoints    []string              `json:"endpoints"` // all, when more than one
	Principal    string                `json:"principal,omitempty"`
	Auth         connection.Auth       `json:"auth,omitempty"`
	Refs         []string              `json:"refs"`
	Scopes       []string              `json:"scopes"`
	Environments []string              `json:"environments"`
	Triggers     []string              `json:"triggers"`
	Consumers    []connection.Consumer `json:"consumers"`
	Locations    []Location            `json:"locations"`
	Complete     bool                  `json:"complete"`
	Vendored     bool                  `json:"vendored,omitempty"`
	Entry        string                `json:"entry,omitempty"`
}

// A Violation is a rule that does not hold.
type Violation struct {
	Rule        string           `json:"rule"`
	Severity    scanner.Severity `json:"severity"`
	Action      string           `json:"action"` // fail, warn, incomplete
	Entry       string           `json:"entry,omitempty"`
	Connection  string           `json:"connection,omitempty"`
	Finding     string           `json:"finding,omitempty"` // fingerprint
	Message     string           `json:"message"`
	Remedy      string           `json:"remedy"`
	Locations   []Location       `json:"locations"`
	FirstSeen   time.Time        `json:"first_seen,omitzero"`
	Due         time.Time        `json:"due,omitzero"`
	Exception   string           `json:"exception,omitempty"` // record that tolerates it, or "baseline"
	Reason      string           `json:"reason,omitempty"`    // of the exception
	Fingerprint string           `json:"fingerprint"`
}

// Stands tells whether nothing tolerates the violation.
func (v Violation) Stands() bool { return v.Exception == "" }

// Fails tells whether the violation fails the build.
func (v Violation) Fails() bool { return v.Stands() && v.Action == "fail" }

// Verdict is the outcome of the gate. Evaluated is a day, not an instant, so
// that two runs on one day write the same bytes.
type Verdict struct {
	Decision  string     `json:"decision"` // pass, fail, incomplete
	Evaluated string     `json:"evaluated"`
	Policy    string     `json:"policy"`
	Evidence  []Evidence `json:"evidence"`
	Counts    Counts     `json:"counts"`
}

// Evidence is a file that the verdict relies on beside the repository.
type Evidence struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256,omitempty"`
	Rows   int    `json:"rows"`
	Date   string `json:"date,omitempty"` // when it was exported
	Days   int    `json:"days"`           // its age
}

// Counts are the figures of the summary, as in gate.Counts.
type Counts struct {
	Failing     int `json:"failing"`
	Warning     int `json:"warning"`
	Uncertain   int `json:"uncertain"`
	Tolerated   int `json:"tolerated"`
	Baselined   int `json:"baselined"`
	Connections int `json:"connections"`
	Governed    int `json:"governed"`
	Undeclared  int `json:"undeclared"`
	Unseen      int `json:"unseen"`
	Listed      int `json:"listed"`
	Vendored    int `json:"vendored"`
	Gaps        int `json:"gaps"`
}

// An Entry is a declared connection with what the gate derived for it.
type Entry struct {
	ID            string     `json:"id"`
	Status        string     `json:"status"`
	ReplacedBy    string     `json:"replaced_by,omitempty"`
	Provider      string     `json:"provider,omitempty"`
	Account       string     `json:"account,omitempty"`
	Direction     string     `json:"direction,omitempty"`
	Endpoints     []string   `json:"endpoints"`
	Owner         string     `json:"owner,omitempty"`
	People        []string   `json:"people"` // active humans that the owner comes down to
	OwnerProblem  string     `json:"owner_problem,omitempty"`
	BusinessOwner string     `json:"business_owner,omitempty"`
	Use           string     `json:"use,omitempty"`
	Purpose       string     `json:"purpose,omitempty"`
	Data          []string   `json:"data"`
	Scopes        []string   `json:"scopes"`
	Environments  []string   `json:"environments"`
	UsedBy        []string   `json:"used_by"`
	Credential    Credential `json:"credential"`
	Risk          Risk       `json:"risk"`
	Critical      bool       `json:"critical"`
	Approval      *Approval  `json:"approval,omitempty"` // that governs today
	Dues          []Due      `json:"dues"`
	Seen          Seen       `json:"seen"`
	Location      Location   `json:"location"`
	Notes         string     `json:"notes,omitempty"`
}

// A Credential is what an entry says of its credential.
type Credential struct {
	Kind        string   `json:"kind,omitempty"`
	Auth        string   `json:"auth,omitempty"`
	ID          string   `json:"id,omitempty"`
	Fingerprint string   `json:"fingerprint,omitempty"`
	StoredIn    []string `json:"stored_in"`
	IssuedBy    string   `json:"issued_by,omitempty"`
	LastRotated string   `json:"last_rotated,omitempty"`
	RotateEvery string   `json:"rotate_every,omitempty"`
	Expires     string   `json:"expires,omitempty"` // date or never
	TTL         string   `json:"ttl,omitempty"`
	Revocation  string   `json:"revocation,omitempty"` // automatic, manual
	Runbook     string   `json:"runbook,omitempty"`
}

// Risk is how risky an entry was judged, with the derivation.
type Risk struct {
	Tier        string   `json:"tier"` // that counts
	Declared    string   `json:"declared,omitempty"`
	Computed    string   `json:"computed,omitempty"`
	Sensitivity string   `json:"sensitivity,omitempty"` // factors with floors applied
	BlastRadius string   `json:"blast_radius,omitempty"`
	AbuseSpeed  string   `json:"abuse_speed,omitempty"`
	Product     int      `json:"product"`
	Floors      []string `json:"floors"`
	Idle        Limit    `json:"idle"`
	Age         Limit    `json:"age"`
	Validity    Limit    `json:"validity"`
}

// A Limit is a derived number of days; zero is none.
type Limit struct {
	Days int    `json:"days"`
	Why  string `json:"why"`
}

// An Approval is the record that governs an entry.
type Approval struct {
	Decision  string     `json:"decision,omitempty"`
	Action    string     `json:"action,omitempty"`
	Trigger   []string   `json:"trigger"`
	Approvers []Approver `json:"approvers"`
	Expires   string     `json:"expires,omitempty"`
	Digest    string     `json:"digest,omitempty"`
	Inline    bool       `json:"inline,omitempty"`
	Location  Location   `json:"location"`
}

// An Approver is a person's part in an approval.
type Approver struct {
	By   string    `json:"by"`
	Role string    `json:"role,omitempty"`
	On   time.Time `json:"on,omitzero"`
}

// A Due is a date by which something has to be done for an entry.
type Due struct {
	What string `json:"what"` // approval, rotation, expiry
	On   string `json:"on"`
	Why  string `json:"why"`
}

// Seen is what the run found of an entry.
type Seen struct {
	Findings     int        `json:"findings"`
	Connections  []string   `json:"connections"`
	Refs         []string   `json:"refs"`
	Endpoints    []string   `json:"endpoints"`
	Scopes       []string   `json:"scopes"`
	Environments []string   `json:"environments"`
	Consumers    int        `json:"consumers"`
	Federated    bool       `json:"federated"`
	InScope      bool       `json:"in_scope"`
	Locations    []Location `json:"locations"`
}

// any tells whether something of the entry was found.
func (s Seen) any() bool { return s.Findings > 0 || len(s.Connections) > 0 }

// rawBytes is the base64 of a path that is not UTF-8, "" of one that is.
func rawBytes(path string) string {
	if utf8.ValidString(path) {
		return ""
	}
	return base64.StdEncoding.EncodeToString([]byte(path))
}
