// Package reconcile holds what was found against what was declared: it says
// which entry each finding and connection belongs to, and what was seen of each
// entry. It is a function of its arguments and judges nothing.
//
// A connection belongs to an entry if one of its references is stored where
// the entry says; or, for what has no reference of its own, if provider,
// account, endpoint and consumer agree. References decide: a second key to a
// declared provider is another connection, not the same one.
package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// Input is what is held together. Nothing in it is changed.
type Input struct {
	Entries     []inventory.Entry
	Findings    []scanner.Finding
	Connections []connection.Connection
	Repository  string   // owner/name, "" when not known
	Paths       []string // of the files at head, to tell whether used_by names any; nil when not known
}

// Result is Input with Entry set on what was matched and Seen on each entry.
type Result struct {
	Entries     []inventory.Entry       // in order of ID
	Findings    []scanner.Finding       // in order of the input
	Connections []connection.Connection // in order of the input
	Ambiguous   []Ambiguity             // in order of what is claimed
}

// An Ambiguity is something found that several entries claim equally. Its
// Entry is the first of them.
type Ambiguity struct {
	Connection string   // id, or
	Finding    string   // fingerprint
	Entries    []string // sorted
	Locations  []scanner.Location
}

// Match reconciles.
func Match(in Input) Result {
	m := matcher{repo: in.Repository}
	for _, e := range in.Entries {
		m.entries = append(m.entries, newCandidate(e, in.Repository, in.Paths))
	}
	slices.SortFunc(m.entries, func(a, b *candidate) int { return strings.Compare(a.ID, b.ID) })
	m.index()
	r := Result{Findings: slices.Clone(in.Findings), Connections: slices.Clone(in.Connections)}
	for i := range r.Connections {
		m.connection(&r.Connections[i])
	}
	for i := range r.Findings {
		m.finding(&r.Findings[i])
	}
	for _, c := range m.entries {
		r.Entries = append(r.Entries, c.finish())
	}
	slices.SortFunc(m.ambiguous, func(a, b Ambiguity) int {
		return cmp.Or(strings.Compare(a.Connection, b.Connection), strings.Compare(a.Finding, b.Finding))
	})
	r.Ambiguous = m.ambiguous
	return r
}

// A candidate is an entry prepared for matching.
type candidate struct {
	inventory.Entry
	stores []Store
	uses   []inventory.Use // that may speak of this repository
}

func newCandidate(e inventory.Entry, repo string, paths []string) *candidate {
	c := &candidate{Entry: e}
	c.Seen = inventory.Seen{}
	for _, s := range e.Credential.StoredIn {
		c.stores = append(c.stores, ParseStore(s))
	}
	for _, u := range e.UsedBy {
		use := inventory.ParseUse(u)
		here := use.In(repo)
		c.Seen.InScope = c.Seen.InScope || here
		// Where the repository has no name, a pattern that names one may mean it.
		if here || repo == "" {
			c.uses = append(c.uses, use)
		}
	}
	// Without used_by it is this repository's: that it lacks one is told elsewhere.
	c.Seen.InScope = c.Seen.InScope || len(e.UsedBy) == 0
	c.Seen.Files = paths == nil || slices.ContainsFunc(paths, func(p string) bool { return c.covers(p, "") })
	return c
}

func (c *candidate) covers(path, job string) bool {
	return slices.ContainsFunc(c.uses, func(u inventory.Use) bool { return u.Covers(path, job) })
}

type matcher struct {
	repo       string
	entries    []*candidate
	byStore    map[string][]*candidate // store key → entries
	byProvider map[string][]*candidate
	byPrint    map[string][]*candidate
	ambiguous  []Ambiguity
}

func (m *matcher) index() {
	m.byStore, m.byProvider, m.byPrint = map[string][]*candidate{}, map[string][]*candidate{}, map[string][]*candidate{}
	for _, c := range m.entries {
		for _, s := range c.stores {
			m.byStore[s.Key()] = append(m.byStore[s.Key()], c)
		}
		m.byProvider[c.Provider] = append(m.byProvider[c.Provider], c)
		if f := c.Credential.Fingerprint; f != "" {
			m.byPrint[f] = append(m.byPrint[f], c)
		}
	}
}

// connection finds the entry of a connection, and notes it there.
func (m *matcher) connection(c *connection.Connection) {
	c.Entry = ""
	refs := inventory.Refs(*c)
	if c.Kind == connection.JobToken {
		refs = c.Refs // declared by its name, or not at all
	}
	found := m.byRefs(*c, refs)
	if len(found) == 0 && c.Kind != connection.JobToken {
		found = m.byNature(*c, refs)
	}
	owners := m.best(found, c.Environments)
	if len(owners) == 0 {
		return
	}
	c.Entry = owners[0].ID
	for _, o := range owners {
		o.see(*c, refs)
	}
	if ambiguous(owners) {
		m.ambiguous = append(m.ambiguous, Ambiguity{Connection: c.ID, Entries: ids(owners), Locations: places(*c)})
	}
}

type scored struct {
	*candidate
	score int
}

// byRefs are the entries that say they are stored where a reference points.
func (m *matcher) byRefs(c connection.Connection, refs []string) []scored {
	scores := map[*candidate]int{}
	for _, r := range refs {
		if inventory.Wild(r) {
			continue
		}
		ref := ParseRef(r)
		for _, e := range m.byStore[ref.Key()] {
			best := 0
			for _, s := range e.stores {
				if s.Holds(ref) {
					best = max(best, 100+s.closeness(ref, c.Environments))
				}
			}
			scores[e] += best
		}
	}
	var out []scored
	for e, s := range scores {
		if s > 0 {
			out = append(out, scored{e, s + e.likeness(c)})
		}
	}
	return out
}

// byNature are the entries that agree in provider or endpoint, in account and
// principal, and cover a consumer: for trusts, ambient logins and entries that
// name no store of the kind that the connection reads from. A provider guessed
// from a name is not enough.
func (m *matcher) byNature(c connection.Connection, refs []string) []scored {
	candidates := m.byProvider[c.Provider]
	if c.Provider == "" || c.ProviderFrom == connection.FromName {
		candidates = m.byEndpoint(c)
	}
	var out []scored
	for _, e := range candidates {
		if e.elsewhere(refs) || !e.same(c) || !e.reaches(c) || !e.consumes(c) {
			continue
		}
		if !inventory.Needed(c) && e.secret() {
			continue // a host that is also reached without the credential
		}
		out = append(out, scored{e, e.likeness(c)})
	}
	return out
}

// byEndpoint are the entries that name an endpoint of the connection.
func (m *matcher) byEndpoint(c connection.Connection) []*candidate {
	return slices.DeleteFunc(slices.Clone(m.entries), func(e *candidate) bool {
		return !slices.ContainsFunc(Endpoints(c), func(h string) bool { return Declares(e.Endpoints, h) })
	})
}

// same tells whether account and principal can be the entry's.
func (e *candidate) same(c connection.Connection) bool {
	if c.Kind != connection.FederatedTrust && c.Kind != connection.DelegatedCall {
		return agree(e.Account, c.Account)
	}
	return agree(e.Account, c.Account) && agree(e.Credential.ID, c.Principal)
}

// secret tells whether an entry says that it has a credential.
func (e *candidate) secret() bool { return e.Credential.Kind != "" || len(e.stores) > 0 }

// elsewhere tells whether an entry names its store so that references which are
// not it cannot be the entry's.
func (e *candidate) elsewhere(refs []string) bool {
	for _, r := range refs {
		ref := ParseRef(r)
		if slices.ContainsFunc(e.stores, func(s Store) bool { return s.Scheme == ref.Scheme }) {
			return true
		}
	}
	return len(refs) > 0 && len(e.stores) > 0 && slices.ContainsFunc(refs, func(r string) bool { return !strings.HasPrefix(r, "github:var:") })
}

// agree is whether two names can be the same: they are, or one is not known.
func agree(a, b string) bool {
	return a == "" || b == "" || strings.EqualFold(a, b) || strings.ContainsAny(b, "${}")
}

func (e *candidate) reaches(c connection.Connection) bool {
	hosts := Endpoints(c)
	if len(hosts) == 0 || len(e.Endpoints) == 0 {
		return true
	}
	return slices.ContainsFunc(hosts, func(h string) bool { return Declares(e.Endpoints, h) })
}

func (e *candidate) consumes(c connection.Connection) bool {
	return slices.ContainsFunc(c.Consumers, func(u connection.Consumer) bool { return e.covers(u.Path, u.Job) }) ||
		slices.ContainsFunc(c.Locations, func(l connection.Place) bool { return e.covers(l.Path, "") })
}

// likeness ranks entries that match alike.
func (e *candidate) likeness(c connection.Connection) int {
	n := 0
	if e.Provider == c.Provider && c.Provider != "" {
		n += 8
	}
	if e.Account != "" && strings.EqualFold(e.Account, c.Account) {
		n += 8
	}
	if e.Credential.ID != "" && e.Credential.ID == c.Principal {
		n += 16
	}
	if slices.ContainsFunc(Endpoints(c), func(h string) bool { return Declares(e.Endpoints, h) }) {
		n += 4
	}
	if slices.ContainsFunc(c.Environments, func(v string) bool { return slices.Contains(e.Environments, v) }) {
		n += 4
	}
	if e.consumes(c) {
		n += 2
	}
	if e.Status != inventory.Retired {
		n++
	}
	return n
}

// best are the entries with the highest score, in order of id. Entries that
// declare different ones of the connection's environments share it: one name
// in two environments is two secrets.
func (m *matcher) best(found []scored, environments []string) []*candidate {
	slices.SortFunc(found, func(a, b scored) int { return cmp.Or(b.score-a.score, strings.Compare(a.ID, b.ID)) })
	var out []*candidate
	for i, f := range found {
		if i == 0 || f.score == found[0].score || disjoint(f.candidate, out, environments) {
			out = append(out, f.candidate)
		}
	}
	slices.SortFunc(out, func(a, b *candidate) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// disjoint tells whether an entry answers for environments of a connection
// that the others do not.
func disjoint(e *candidate, others []*candidate, environments []string) bool {
	mine := e.at(environments)
	if len(mine) == 0 {
		return false
	}
	for _, o := range others {
		theirs := o.at(environments)
		if len(theirs) == 0 || slices.ContainsFunc(mine, func(v string) bool { return slices.Contains(theirs, v) }) {
			return false
		}
	}
	return true
}

// at are those of the environments for which an entry is declared.
func (e *candidate) at(environments []string) []string {
	declared := slices.Clone(e.Environments)
	for _, s := range e.stores {
		if s.Environment != "" {
			declared = append(declared, s.Environment)
		}
	}
	return slices.DeleteFunc(slices.Clone(environments), func(v string) bool { return !slices.Contains(declared, v) })
}

func ambiguous(owners []*candidate) bool {
	for i, o := range owners {
		var envs []string
		for _, p := range owners[:i] {
			envs = append(envs, slices.Concat(p.Environments, storeEnvironments(p))...)
		}
		mine := slices.Concat(o.Environments, storeEnvironments(o))
		if i > 0 && (len(mine) == 0 || len(envs) == 0 || slices.ContainsFunc(mine, func(v string) bool { return slices.Contains(envs, v) })) {
			return true
		}
	}
	return false
}

func storeEnvironments(c *candidate) []string {
	var out []string
	for _, s := range c.stores {
		if s.Environment != "" {
			out = append(out, s.Environment)
		}
	}
	return out
}

func ids(cs []*candidate) []string {
	var out []string
	for _, c := range cs {
		out = append(out, c.ID)
	}
	return out
}

// finding finds the entry of a secret: by fingerprint; by an account or id that
// the secret tells of itself; else, where one entry alone is of its provider
// and covers its place, that one.
func (m *matcher) finding(f *scanner.Finding) {
	f.Entry = ""
	owners := m.byPrint[f.Fingerprint]
	if len(owners) == 0 {
		owners = m.byFacts(*f)
	}
	if len(owners) == 0 {
		owners = m.byPlace(*f)
	}
	if len(owners) == 0 {
		return
	}
	f.Entry = owners[0].ID
	if len(owners) > 1 {
		m.ambiguous = append(m.ambiguous, Ambiguity{Finding: f.Fingerprint, Entries: ids(owners), Locations: f.Locations})
	}
	for _, o := range owners {
		o.Seen.Findings++
		o.Seen.Locations = append(o.Seen.Locations, atHead(f.Locations)...)
	}
}

func (m *matcher) byFacts(f scanner.Finding) []*candidate {
	var out []*candidate
	for _, e := range m.byProvider[f.Provider] {
		if f.Provider != "" && slices.ContainsFunc(f.Facts, func(k scanner.Fact) bool {
			return k.Value != "" && (k.Value == e.Credential.ID || strings.EqualFold(k.Value, e.Account))
		}) {
			out = append(out, e)
		}
	}
	return out
}

func (m *matcher) byPlace(f scanner.Finding) []*candidate {
	var out []*candidate
	for _, e := range m.byProvider[f.Provider] {
		if f.Provider != "" && slices.ContainsFunc(f.Locations, func(l scanner.Location) bool { return e.covers(l.Path, "") }) {
			out = append(out, e)
		}
	}
	if len(out) > 1 {
		return nil
	}
	return out
}

// see notes a connection on its entry.
func (e *candidate) see(c connection.Connection, refs []string) {
	s := &e.Seen
	s.Connections = append(s.Connections, c.ID)
	s.Refs = append(s.Refs, refs...)
	s.Endpoints = append(s.Endpoints, Endpoints(c)...)
	s.Scopes = append(s.Scopes, c.Scopes...)
	s.Environments = append(s.Environments, c.Environments...)
	s.Consumers += len(c.Consumers)
	s.Federated = s.Federated || c.Auth == connection.OIDC || c.Kind == connection.FederatedTrust
	s.Locations = append(s.Locations, atHead(places(c))...)
}

// finish sorts what was seen.
func (e *candidate) finish() inventory.Entry {
	s := &e.Seen
	for _, list := range []*[]string{&s.Connections, &s.Refs, &s.Endpoints, &s.Scopes, &s.Environments} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	slices.SortFunc(s.Locations, scanner.Location.Compare)
	s.Locations = slices.Compact(s.Locations)
	return e.Entry
}

func places(c connection.Connection) []scanner.Location {
	var out []scanner.Location
	for _, l := range c.Locations {
		out = append(out, l.Location)
	}
	return out
}

func atHead(ls []scanner.Location) []scanner.Location {
	return slices.DeleteFunc(slices.Clone(ls), func(l scanner.Location) bool { return !l.AtHead })
}
