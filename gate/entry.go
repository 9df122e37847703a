package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/owner"
)

// What a Due is about.
const (
	DueApproval = "approval" // the governing approval ends
	DueRotation = "rotation" // the credential has to be replaced
	DueExpiry   = "expiry"   // the credential stops working
)

// Entry gives the declared connection of an id.
func (f Facts) Entry(id string) (Entry, bool) {
	if id == "" {
		return Entry{}, false
	}
	i, ok := slices.BinarySearchFunc(f.Entries, id, func(e Entry, id string) int { return strings.Compare(e.ID, id) })
	if !ok {
		return Entry{}, false
	}
	return f.Entries[i], true
}

// judge derives for each declared entry its tier, people, approval and dates.
func (f Facts) judge() []Entry {
	out := make([]Entry, 0, len(f.Declared))
	for _, d := range f.Declared {
		e := Entry{Entry: d, Assessment: f.Policy.Assess(d)}
		e.Answer = f.People.Resolve(d.Owner, f.Now, f.Policy.Directory.Complete)
		if e.Assessment.Tier == inventory.Formal {
			d.Approval = nil // formal needs the ledger
		}
		e.Governing = f.Approvals.Governing(d, f.Now, f.human)
		e.Dues = e.dues()
		out = append(out, e)
	}
	slices.SortStableFunc(out, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// human tells whether a name can approve: no bot can.
func (f Facts) human(name string) bool {
	p, ok := f.People.Find(name)
	return !owner.Bot(strings.TrimPrefix(name, "user:")) && !(ok && p.Bot)
}

// Ended tells whether the entry has no duties any more.
func (e Entry) Ended() bool { return e.Status == inventory.Retired }

// Unseen tells whether the entry ought to be found in what was scanned and was
// not. What comes from outside, such as a deploy key, leaves no trace here.
func (e Entry) Unseen() bool {
	return !e.Ended() && e.Direction != "inbound" && e.Seen.InScope && !e.Seen.Any()
}

// Static tells whether the connection has a stored secret that can be rotated.
func (e Entry) Static() bool {
	c := e.Credential
	return c.Kind != "workload-identity" && (c.TTL == 0 || c.TTL > inventory.Day)
}

// Due gives one of the entry's dates.
func (e Entry) Due(what string) (Due, bool) {
	i := slices.IndexFunc(e.Dues, func(d Due) bool { return d.What == what })
	if i < 0 {
		return Due{}, false
	}
	return e.Dues[i], true
}

func (e Entry) dues() []Due {
	var out []Due
	if e.Ended() {
		return nil
	}
	if d, ok := e.approvalEnds(); ok {
		out = append(out, d)
	}
	if d, ok := e.rotationDue(); ok {
		out = append(out, d)
	}
	if on := e.Credential.Expires.On; !on.IsZero() {
		out = append(out, Due{DueExpiry, on, "the credential expires"})
	}
	slices.SortStableFunc(out, func(a, b Due) int { return a.On.Compare(b.On) })
	return out
}

// approvalEnds is the record's own date, or the most its tier allows since the
// approval was given: a date far away does not buy more.
func (e Entry) approvalEnds() (Due, bool) {
	r := e.Governing
	if r == nil || r.Decision == approval.Revoke || e.Assessment.Tier == inventory.Light {
		return Due{}, false
	}
	given := inventory.DateOf(r.On())
	most := given.Add(e.Assessment.Validity.Duration())
	if most.Compare(r.Expires) < 0 {
		return Due{DueApproval, most, fmt.Sprintf("%s is the most it may last from %s", e.Assessment.Validity.Why, given)}, true
	}
	return Due{DueApproval, r.Expires, fmt.Sprintf("given on %s by %s", given, strings.Join(r.By(), ", "))}, true
}

// rotationDue is the declared period, or the most its tier allows, after the
// last rotation.
func (e Entry) rotationDue() (Due, bool) {
	c := e.Credential
	if !e.Static() || c.LastRotated.IsZero() {
		return Due{}, false
	}
	most := e.Assessment.Age
	if c.RotateEvery != 0 && c.RotateEvery.Days() <= most.Days {
		return Due{DueRotation, c.LastRotated.Add(c.RotateEvery), fmt.Sprintf("%s after %s", c.RotateEvery, c.LastRotated)}, true
	}
	return Due{DueRotation, c.LastRotated.Add(most.Duration()), fmt.Sprintf("%s is the most after %s", most.Why, c.LastRotated)}, true
}

// Ago tells how long a date is past, as a reader says it: "12 days ago".
func Ago(d inventory.Date, now time.Time) string {
	switch n := -d.Days(now); n {
	case 0:
		return "today"
	case 1:
		return "1 day ago"
	default:
		return fmt.Sprintf("%d days ago", n)
	}
}

// In tells how far a date is ahead: "in 9 days".
func In(d inventory.Date, now time.Time) string {
	switch n := d.Days(now); n {
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	default:
		return fmt.Sprintf("in %d days", n)
	}
}
