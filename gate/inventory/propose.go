package inventory

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
	"github.com/credgate/credgate/scanner/provider"
)

// How far the consumers of a proposed entry are told apart. A person keeps an
// inventory that is short.
const (
	maxJobs  = 6  // file#job, else files
	maxFiles = 12 // files, else their directories
)

// A Proposal is what a first inventory is made of.
type Proposal struct {
	Connections []connection.Connection
	Owners      func(path string) []string // who CODEOWNERS names for a path, nil without it
	Today       Date
	Taken       []string // ids that may not be used again
	Vendored    bool     // draft entries for what stands only in vendored code too
}

// Propose drafts an inventory: an entry for each connection that needs one,
// those that share a reference together in one, and the providers they name.
// What cannot be known from the tree is left empty for a person.
func Propose(p Proposal) Inventory {
	inv := Inventory{Providers: map[string]Provider{}}
	taken := slices.Clone(p.Taken)
	for _, c := range together(p.Connections, p.Vendored) {
		e := Stub(c)
		e.ID = unique(e.ID, taken)
		taken = append(taken, e.ID)
		e.Owner = owner(c, p.Owners)
		if e.Provider != "" {
			inv.Providers[e.Provider] = known(e.Provider, p.Today)
			e.ProviderFacts = inv.Providers[e.Provider]
		}
		inv.Entries = append(inv.Entries, e)
	}
	slices.SortFunc(inv.Entries, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
	return inv
}

// together joins connections that read the same references.
func together(cs []connection.Connection, vendored bool) []connection.Connection {
	var out []connection.Connection
	at := map[string]int{}
	for _, c := range cs {
		if !Needed(c) || c.Vendored && !vendored {
			continue
		}
		i := -1
		for _, r := range Refs(c) {
			if j, ok := at[secretOf(r)]; ok && !Wild(r) && !variable(r) {
				i = j
				break
			}
		}
		if i < 0 {
			i = len(out)
			out = append(out, connection.Connection{})
		}
		out[i] = join(out[i], c)
		for _, r := range Refs(c) {
			at[secretOf(r)] = i
		}
	}
	return out
}

// secretOf is a reference without the field within the secret: what lies in one
// secret is one connection.
func secretOf(ref string) string {
	ref, _, _ = strings.Cut(ref, "#")
	return ref
}

func join(a, b connection.Connection) connection.Connection {
	if a.ID == "" {
		return b
	}
	if a.Provider == "" || a.ProviderFrom == connection.FromName && b.Provider != "" && b.ProviderFrom != connection.FromName {
		a.Provider, a.ProviderFrom, a.Account = b.Provider, b.ProviderFrom, b.Account
	}
	a.ID = common(a.ID, b.ID)
	a.Account = cmp.Or(a.Account, b.Account)
	a.Endpoint = cmp.Or(a.Endpoint, b.Endpoint)
	a.Endpoints = union(append(hosts(a), hosts(b)...))
	a.Refs = union(append(slices.Clone(a.Refs), b.Refs...))
	a.Scopes = union(append(slices.Clone(a.Scopes), b.Scopes...))
	a.Environments = union(append(slices.Clone(a.Environments), b.Environments...))
	a.Consumers = append(slices.Clone(a.Consumers), b.Consumers...)
	a.Locations = append(slices.Clone(a.Locations), b.Locations...)
	return a
}

// common is the words that two ids begin with, the first id where that is less
// than two words: it would say too little.
func common(a, b string) string {
	x, y := strings.Split(a, "-"), strings.Split(b, "-")
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	if n < 2 {
		return a
	}
	return strings.Join(x[:n], "-")
}

func hosts(c connection.Connection) []string {
	if len(c.Endpoints) == 0 && c.Endpoint != "" {
		return []string{c.Endpoint}
	}
	return slices.Clone(c.Endpoints)
}

func union(s []string) []string {
	slices.Sort(s)
	return slices.Compact(s)
}

// Stub is the entry of one connection, as far as the tree tells.
func Stub(c connection.Connection) Entry {
	e := Entry{
		Provider:  providerOf(c),
		Account:   static(c.Account),
		Direction: "outbound",
		Status:    Active,
		UsedBy:    uses(c),
	}
	e.Credential.StoredIn = stores(c)
	e.Credential.Kind = kindOf(c)
	if c.Kind == connection.FederatedTrust || c.Kind == connection.DelegatedCall {
		e.Credential.ID = static(c.Principal)
	}
	e.Endpoints = keep(hosts(c), func(s string) bool { return checkEndpoint(s) == nil })
	e.Environments = keep(c.Environments, func(s string) bool { return static(s) != "" })
	e.Scopes = keep(c.Scopes, func(s string) bool { return static(s) != "" })
	e.ID = idOf(c)
	return e
}

// stores are the references of a connection as stored_in has them: the secret
// as a whole where several fields of it are read, and no unknown address.
func stores(c connection.Connection) []string {
	fields := map[string]int{}
	for _, r := range Refs(c) {
		fields[secretOf(r)]++
	}
	var out []string
	for _, r := range Refs(c) {
		if fields[secretOf(r)] > 1 {
			r = secretOf(r)
		}
		if r = strings.ReplaceAll(r, ":?:", ":"); checkStore(r) == nil && !Wild(r) {
			out = append(out, r)
		}
	}
	return union(out)
}

// providerOf is the catalogue's id where it may be the key of a provider.
func providerOf(c connection.Connection) string {
	if checkProvider(c.Provider) == nil {
		return c.Provider
	}
	return slug(c.Provider)
}

// static is s, "" when its value is only known at run time.
func static(s string) string {
	if strings.ContainsAny(s, "${}") || strings.TrimSpace(s) == "" {
		return ""
	}
	return s
}

func keep(list []string, ok func(string) bool) []string {
	return union(slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !ok(s) }))
}

// known is what the catalogue tells of a provider, on a day.
func known(id string, today Date) Provider {
	p := Provider{Kind: External, Revision: today}
	if c, ok := provider.ByID(id); ok {
		switch ProviderKind(c.Relation) {
		case Internal, ExternalProcessor:
			p.Kind = ProviderKind(c.Relation)
		}
	}
	return p
}

// owner is whom CODEOWNERS names for all consumers, a team before a person, ""
// when there is no such one.
func owner(c connection.Connection, of func(string) []string) string {
	if of == nil {
		return ""
	}
	var common []string
	for i, p := range files(c) {
		names := of(p)
		if i == 0 {
			common = names
		}
		common = slices.DeleteFunc(slices.Clone(common), func(n string) bool { return !slices.Contains(names, n) })
	}
	common = slices.DeleteFunc(common, func(n string) bool { return checkOwner(n) != nil })
	slices.SortStableFunc(common, func(a, b string) int { return strings.Compare(a[:4], b[:4]) })
	if len(common) == 0 {
		return ""
	}
	return common[0]
}

func files(c connection.Connection) []string {
	var out []string
	for _, u := range c.Consumers {
		out = append(out, u.Path)
	}
	if len(out) == 0 {
		for _, l := range c.Locations {
			out = append(out, l.Path)
		}
	}
	return union(out)
}

// uses are the patterns for all consumers: jobs while they are few, then
// files, then directories.
func uses(c connection.Connection) []string {
	var jobs, dirs []string
	for _, u := range c.Consumers {
		p := literal(u.Path)
		if u.Job != "" && jobShape().MatchString(u.Job) && static(u.Job) != "" {
			p += "#" + u.Job
		}
		jobs = append(jobs, p)
	}
	var paths []string
	for _, f := range files(c) {
		paths = append(paths, literal(f))
		dir, _, _ := cutLast(literal(f), "/")
		dirs = append(dirs, strings.TrimPrefix(dir+"/*", "/"))
	}
	jobs, dirs = union(jobs), union(dirs)
	list := paths
	switch {
	case len(jobs) > 0 && len(jobs) <= maxJobs:
		list = jobs
	case len(paths) > maxFiles:
		list = dirs
	}
	return keep(list, func(s string) bool { return checkUsedBy(s) == nil })
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// literal is a path as a pattern that matches it: what has a meaning in
// patterns stands for any character.
func literal(p string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("*?[]{}\\#:!", r) || r < ' ' {
			return '?'
		}
		return r
	}, p)
}

// kindOf guesses the kind of credential: by the connection's kind, by what the
// provider hands out, by the words of the reference.
func kindOf(c connection.Connection) string {
	switch c.Kind {
	case connection.FederatedTrust:
		return "workload-identity"
	case connection.AppToken:
		return "app-installation"
	case connection.SSH:
		return "ssh-key"
	case connection.Webhook:
		return "webhook-secret"
	}
	for _, r := range Refs(c) {
		for _, w := range kindWords {
			if strings.Contains(strings.ToUpper(r), w.word) {
				return w.kind
			}
		}
	}
	if c.Kind == connection.StoreRef {
		return "" // the store is known, not what it keeps
	}
	if p, ok := provider.ByID(c.Provider); ok && len(p.Kinds) == 1 && slices.Contains(Kinds, p.Kinds[0]) {
		return p.Kinds[0]
	}
	return ""
}

// kindWords by which names of secrets tell a kind, the most telling first.
var kindWords = []struct{ word, kind string }{
	{"WEBHOOK", "webhook-secret"}, {"ACCESS_KEY_ID", "access-key"}, {"SECRET_ACCESS_KEY", "access-key"},
	{"PASSWORD", "password"}, {"PASSWD", "password"}, {"PASSPHRASE", "password"}, {"DEPLOY_KEY", "deploy-key"}, {"SSH", "ssh-key"},
	{"SIGNING", "signing-key"}, {"GPG", "signing-key"}, {"COSIGN", "signing-key"}, {"APP_PRIVATE_KEY", "app-installation"},
	{"CLIENT_SECRET", "oauth-client"}, {"SERVICE_ACCOUNT", "service-account-key"}, {"CONNECTION_STRING", "connection-string"},
	{"DATABASE_URL", "connection-string"}, {"CERTIFICATE", "certificate"}, {"_PAT", "pat"}, {"API_KEY", "api-key"}, {"API_TOKEN", "api-key"},
}

// idOf is the connection's own id where it is one for an entry.
func idOf(c connection.Connection) string {
	id := slug(c.ID)
	id = strings.Trim(id[:min(len(id), maxID)], "-")
	if len(id) < 2 {
		return strings.TrimSuffix("connection-"+id, "-")
	}
	return id
}

// slug is s in the letters of an id.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

func unique(id string, taken []string) string {
	base := id
	for n := 2; slices.Contains(taken, id); n++ {
		suffix := "-" + strconv.Itoa(n)
		id = strings.Trim(base[:min(len(base), maxID-len(suffix))], "-") + suffix
	}
	return id
}
