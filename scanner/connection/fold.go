package connection

import (
	"cmp"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// Fold makes connections of occurrences, sorted by ID. What one step or
// resource names together (Group), and all that takes the same stored secret,
// is one connection; trusts, logins without a stored secret, endpoints and job
// tokens are one by what they reach. A bare reference to a secret folds into the
// login or integration that takes it. Keys and bundles: pipelines.md 1.3 and 1.4.
//
// The same occurrences in any order give the same connections.
func Fold(occs []Occurrence) []Connection {
	f := folder{}
	f.bundle(occs)
	f.joinBySecret()
	f.joinByStem()
	f.attachIdentities()
	f.joinByKey()
	var out []Connection
	for _, set := range f.sets() {
		out = append(out, merge(set))
	}
	name(out)
	slices.SortFunc(out, func(a, b Connection) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// A bundle is what stands alone or as one group in one document.
type bundle struct {
	occs []Occurrence
	kind Kind
	root int // union-find: index of the set's first bundle
}

type folder struct{ all []bundle }

func (f *folder) bundle(occs []Occurrence) {
	occs = slices.Clone(occs)
	slices.SortStableFunc(occs, compare)
	byGroup := map[string]int{}
	for _, o := range occs {
		if o.Group != "" {
			g := o.Document + "\x00" + o.Consumer.Path + "\x00" + o.Group
			if i, ok := byGroup[g]; ok {
				b := &f.all[i]
				b.occs = append(b.occs, o)
				b.kind = stronger(b.kind, o.Kind)
				continue
			}
			byGroup[g] = len(f.all)
		}
		f.all = append(f.all, bundle{[]Occurrence{o}, o.Kind, len(f.all)})
	}
}

func (f *folder) find(i int) int {
	for f.all[i].root != i {
		f.all[i].root = f.all[f.all[i].root].root
		i = f.all[i].root
	}
	return i
}

func (f *folder) join(i, j int) {
	i, j = f.find(i), f.find(j)
	f.all[max(i, j)].root = min(i, j)
}

// joinBySecret joins the bundles that take the same stored secret: one secret
// towards two hosts is one connection with two endpoints. Two services that are
// known for sure to differ stay two connections, although one secret, such as a
// file of logins, opens both.
func (f *folder) joinBySecret() {
	takers := map[string][]int{}
	service := make([]string, len(f.all)) // of a set's first bundle
	for i, b := range f.all {
		service[i] = sureProvider(b.occs)
	}
	for i, b := range f.all {
		for _, o := range b.occs {
			for _, r := range o.Refs {
				if !isSecret(o.Role) || wild(r) || jobToken(r) {
					continue
				}
				if !f.joinTaker(i, takers[r], service) {
					takers[r] = append(takers[r], i)
				}
			}
		}
	}
}

// joinTaker joins a bundle to the first of others that does not reach another
// service for sure.
func (f *folder) joinTaker(i int, others []int, service []string) bool {
	for _, j := range others {
		a, b := service[f.find(i)], service[f.find(j)]
		if a != "" && b != "" && a != b {
			continue
		}
		f.join(i, j)
		service[f.find(i)] = cmp.Or(a, b)
		return true
	}
	return false
}

// sureProvider is the provider that all of a bundle's occurrences with one agree
// on, where it was not guessed from a name.
func sureProvider(occs []Occurrence) string {
	p := ""
	for _, o := range occs {
		if o.Provider == "" || o.ProviderFrom == FromName || o.Kind == DelegatedCall || o.Kind == JobToken {
			continue
		}
		if p != "" && p != o.Provider {
			return ""
		}
		p = o.Provider
	}
	return p
}

// isSecret tells roles that prove something from those that only name.
func isSecret(r Role) bool { return r == RoleSecret || r == RoleWhole || r == "" }

func wild(ref string) bool {
	return strings.HasSuffix(ref, ":*") || strings.HasSuffix(ref, "#*") || strings.HasSuffix(ref, "/*")
}

// jobToken tells references to the platform's own token, which every job has.
func jobToken(ref string) bool { return strings.HasSuffix(ref, ":job-token") }

// stems pairs what goes together by name: S_USERNAME with S_PASSWORD.
// The first pair takes all of its right sides, the others the first that is there.
var stems = [...][2][]string{
	{{"ACCESS_KEY_ID", "ACCESSKEYID", "ACCESS_KEY"}, {"SECRET_ACCESS_KEY", "SECRETACCESSKEY", "ACCESS_SECRET", "SECRET_KEY", "ACCESS_KEY_SECRET", "SESSION_TOKEN"}},
	{{"USER", "USERNAME", "LOGIN", "USER_NAME", "EMAIL"}, {"PASSWORD", "PASS", "TOKEN", "PAT", "PASSWD", "ACCESS_TOKEN", "API_TOKEN", "API_KEY", "KEY"}},
	{{"CLIENT_ID", "TENANT_ID", "SUBSCRIPTION_ID"}, {"CLIENT_SECRET"}},
	{{"APP_ID", "CLIENT_ID"}, {"PRIVATE_KEY", "APP_PRIVATE_KEY", "PEM", "APP_SECRET", "APP_KEY", "APP_PEM", "API_KEY", "ADMIN_KEY", "PUBLIC_KEY"}},
	{{"PASSPHRASE", "PASSWORD", "PRIVATE_KEY_PASSPHRASE", "KEY_PASSPHRASE"}, {"PRIVATE_KEY", "SIGNING_KEY", "SECRET_KEY", "KEY", "P12", "PFX", "CERT", "CERTIFICATE", "KEYSTORE"}},
	{{"KEY_ID", "ISSUER_ID", "API_KEY_ID"}, {"KEY", "API_KEY", "PRIVATE_KEY", "KEY_CONTENT", "KEY_P8"}},
	{{"ACCOUNT_ID", "ORG_ID", "PROJECT_ID", "CHAT_ID", "ID", "ACCESS_ID"}, {"API_TOKEN", "TOKEN", "API_KEY", "AUTH_TOKEN", "SECRET", "ACCESS_SECRET", "ACCESS_TOKEN"}},
}

// ownSuffixes belong to what bears the stem as its whole name: X and X_PASSWORD.
var ownSuffixes = []string{"PASSWORD", "PASSPHRASE", "PASS", "CLIENT_ID", "TENANT_ID", "KEY_ID", "USERNAME", "USER"}

// A half is a reference that stands alone, as one side of a pair of names.
type half struct {
	ref string
	at  int // of its bundle
}

// A pairing is what both sides of a pair have in common. Its rule is an index of
// stems, or ownPair.
type pairing struct {
	store, stem string
	rule        int
}

const ownPair = len(stems)

// joinByStem joins references that stand alone by the pairs of their names.
func (f *folder) joinByStem() {
	var left, right = map[pairing][]half{}, map[pairing][]half{}
	for i, b := range f.all {
		if b.kind != SecretRef {
			continue
		}
		for _, o := range b.occs {
			for _, r := range o.Refs {
				if !wild(r) && !jobToken(r) {
					pair(half{r, i}, left, right)
				}
			}
		}
	}
	for p, ls := range left {
		best := p.best(right[p])
		for _, l := range ls {
			for _, r := range right[p] {
				if p.rule == 0 || p.rule == ownPair || r.ref == best {
					f.join(l.at, r.at)
				}
			}
		}
	}
}

// pair notes a reference on the sides of all pairs that its name may be of.
func pair(h half, left, right map[pairing][]half) {
	store, n := splitRef(h.ref)
	own := pairing{store, n, ownPair}
	left[own] = append(left[own], h)
	if own.stem, _ = cutSuffix(n, ownSuffixes); own.stem != "" {
		right[own] = append(right[own], h)
	}
	for rule, sides := range stems {
		for i, to := range []map[pairing][]half{left, right} {
			if stem, ok := cutSuffix(n, sides[i]); ok {
				p := pairing{store, stem, rule}
				to[p] = append(to[p], h)
			}
		}
	}
}

// best is the right side that a left one goes with: one id does not make one of
// two secrets.
func (p pairing) best(right []half) string {
	best := ""
	for _, r := range right {
		if rank := p.rank(r.ref); best == "" || rank < p.rank(best) || rank == p.rank(best) && r.ref < best {
			best = r.ref
		}
	}
	return best
}

// rank orders the right sides of a pair.
func (p pairing) rank(ref string) int {
	if p.rule == ownPair {
		return 0
	}
	_, n := splitRef(ref)
	i := slices.IndexFunc(stems[p.rule][1], func(s string) bool { return strings.HasSuffix(n, "_"+s) })
	if i < 0 {
		return len(stems)
	}
	return i
}

func splitRef(r string) (store, name string) {
	i := strings.LastIndexAny(r, ":/")
	return r[:max(i, 0)], strings.ToUpper(r[i+1:])
}

func cutSuffix(n string, suffixes []string) (string, bool) {
	for _, s := range suffixes {
		if stem, ok := strings.CutSuffix(n, "_"+s); ok && stem != "" {
			return stem, true
		}
	}
	return "", false
}

// attachIdentities puts a bundle that holds only names (a user name, a role
// kept as a secret) to the connection that uses the same name.
func (f *folder) attachIdentities() {
	users := map[string]int{}
	bare := func(b bundle) bool {
		return b.kind == SecretRef && !slices.ContainsFunc(b.occs, func(o Occurrence) bool { return o.Role == RoleSecret || o.Role == RoleWhole })
	}
	for i, b := range f.all {
		if bare(b) || b.kind == DelegatedCall {
			continue
		}
		for _, o := range b.occs {
			for _, r := range o.Refs {
				if _, ok := users[r]; !ok && !wild(r) && !jobToken(r) {
					users[r] = i
				}
			}
		}
	}
	same := map[string]int{} // by all that a bundle names
	for i, b := range f.all {
		if !bare(b) {
			continue
		}
		var refs []string
		for _, o := range b.occs {
			refs = append(refs, o.Refs...)
			for _, r := range o.Refs {
				if j, ok := users[r]; ok {
					f.join(i, j)
				}
			}
		}
		slices.Sort(refs)
		k := strings.Join(slices.Compact(refs), "\x00")
		if j, ok := same[k]; ok && k != "" {
			f.join(i, j)
		} else {
			same[k] = i
		}
	}
}

// joinByKey joins what reaches the same by the keys of each kind, where no
// stored secret tells it apart.
func (f *folder) joinByKey() {
	first := map[string]int{}
	for i := range f.all {
		c := merge(f.all[i].occs)
		k := key(&c)
		if k == "" {
			continue
		}
		if j, ok := first[k]; ok {
			f.join(i, j)
		} else {
			first[k] = i
		}
	}
}

// key is equal for connections of one kind that reach the same; "" when
// references or nothing tell.
func key(c *Connection) string {
	parts := []string{string(c.Kind)}
	switch c.Kind {
	case JobToken:
		parts = append(parts, c.Provider)
		if c.Vendored { // its scopes are not those of a job that runs
			parts = append(parts, "vendored")
		}
	case Endpoint:
		parts = append(parts, c.Endpoint)
	case DelegatedCall:
		parts = append(parts, c.Provider, c.Principal)
	case FederatedTrust:
		if c.Principal == "" && c.Account == "" && c.Endpoint == "" {
			parts = append(parts, c.Provider, strings.Join(c.Refs, ","))
			break
		}
		parts = append(parts, c.Provider, c.Account, c.Principal, c.Endpoint)
	case RegistryLogin:
		if hasSecret(c) {
			return ""
		}
		parts = append(parts, c.Endpoint, c.Account, c.Principal, string(c.Auth))
	case Webhook:
		if hasSecret(c) || c.Endpoint == "" {
			return ""
		}
		parts = append(parts, c.Endpoint)
	case SecretRef, StoreRef, AppToken, Literal, Encrypted, URLCredential, SSH:
		if len(c.Refs) == 0 && c.Endpoint == "" && c.Principal == "" || hasSecret(c) && !slices.ContainsFunc(c.Refs, wild) {
			return ""
		}
		parts = append(parts, c.Provider, c.Endpoint, c.Principal, strings.Join(c.Refs, ","))
	default:
		parts = append(parts, c.Provider, c.Account, c.Endpoint, c.Principal, strings.Join(c.Refs, ","))
	}
	return strings.Join(parts, "\x00")
}

func hasSecret(c *Connection) bool {
	return slices.ContainsFunc(c.Refs, func(r string) bool { return !jobToken(r) })
}

// sets gives the occurrences of each set of joined bundles, in order.
func (f *folder) sets() [][]Occurrence {
	at := map[int]int{}
	var out [][]Occurrence
	for i, b := range f.all {
		r := f.find(i)
		j, ok := at[r]
		if !ok {
			j = len(out)
			at[r] = j
			out = append(out, nil)
		}
		out[j] = append(out[j], b.occs...)
	}
	return out
}

// strength orders kinds: what names a connection that several kinds meet in.
var strength = map[Kind]int{
	FederatedTrust: 1, AppToken: 2, RegistryLogin: 3, SSH: 4, Webhook: 5, MCPServer: 6, ServiceConnection: 7,
	ProviderBlock: 8, Backend: 9, URLCredential: 10, StoreRef: 11, DelegatedCall: 12, SecretRef: 13, Encrypted: 14,
	Literal: 15, JobToken: 16, Endpoint: 17,
}

func stronger(a, b Kind) Kind {
	if strength[b] < strength[a] {
		return b
	}
	return a
}

// merge is the connection of occurrences that were joined.
func merge(occs []Occurrence) Connection {
	slices.SortStableFunc(occs, compare)
	c := Connection{Kind: occs[0].Kind, Complete: true}
	for _, o := range occs {
		c.Kind = stronger(c.Kind, o.Kind)
	}
	var best *Occurrence
	for i := range occs {
		o := &occs[i]
		if best == nil || surer(o, best, c.Kind) {
			best = o
		}
		c.Complete = c.Complete && !o.Incomplete
		c.Endpoints = add(c.Endpoints, o.Endpoint)
		c.Refs = add(c.Refs, o.Refs...)
		c.Scopes = add(c.Scopes, o.Scopes...)
		c.Environments = add(c.Environments, o.Consumer.Environment)
		c.Triggers = add(c.Triggers, o.Consumer.Triggers...)
		c.Consumers = append(c.Consumers, o.Consumer)
	}
	c.Provider, c.ProviderFrom = best.Provider, best.ProviderFrom
	c.Locations = places(occs, &c)
	for _, same := range []bool{true, false} { // what is of the connection's kind knows best
		for i := range occs {
			o := &occs[i]
			if (o.Kind == c.Kind) != same {
				continue
			}
			c.Auth = cmp.Or(c.Auth, o.Auth)
			c.Endpoint = cmp.Or(c.Endpoint, o.Endpoint)
			if o.Provider == c.Provider || o.Provider == "" {
				c.Account = cmp.Or(c.Account, o.Account)
				c.Principal = cmp.Or(c.Principal, o.Principal)
			}
			if c.Kind == Endpoint && o.Account != c.Account { // a host that holds many
				c.Account = ""
				break
			}
		}
	}
	if c.Auth == "" && hasSecret(&c) {
		c.Auth = Static
	}
	tidy(&c)
	return c
}

// places gives the locations of a connection, each once. Occurrences come in
// order, so that those of one location stand together.
func places(occs []Occurrence, c *Connection) []Place {
	var out []Place
	for i := 0; i < len(occs); {
		best := &occs[i]
		p := Place{Location: best.Location, Document: best.Document, Construct: best.Construct, Kind: best.Kind}
		for ; i < len(occs) && occs[i].Location == p.Location; i++ {
			o := &occs[i]
			if p.Kind = stronger(p.Kind, o.Kind); surer(o, best, c.Kind) {
				best = o
			}
			if o.Document < p.Document || o.Document == p.Document && o.Construct < p.Construct {
				p.Document, p.Construct = o.Document, o.Construct
			}
		}
		if p.Kind == c.Kind {
			p.Kind = ""
		}
		if best.Provider != c.Provider {
			p.Provider = best.Provider
		}
		out = append(out, p)
	}
	return out
}

func tidy(c *Connection) {
	if c.Endpoint == "" && len(c.Endpoints) > 0 {
		c.Endpoint = c.Endpoints[0]
	}
	if len(c.Endpoints) < 2 {
		c.Endpoints = nil
	}
	c.Vendored = vendored(c.Locations)
	slices.SortFunc(c.Consumers, compareConsumers)
	c.Consumers = slices.CompactFunc(c.Consumers, func(a, b Consumer) bool { return compareConsumers(a, b) == 0 })
}

// surer tells whether a knows the provider of a connection of kind k better than
// b, or first.
func surer(a, b *Occurrence, k Kind) bool {
	rank := func(o *Occurrence) int {
		switch {
		case o.Provider == "":
			return 20
		case o.Kind == JobToken && k != JobToken:
			return 19
		case o.Kind == DelegatedCall && k != DelegatedCall:
			return 18 // the provider of who is called
		case o.ProviderFrom == FromIntegration:
			return 1
		case o.ProviderFrom == FromHost:
			return 2
		case o.ProviderFrom == FromStore:
			return 3
		}
		return 4
	}
	return rank(a) < rank(b)
}

// add puts strings into a sorted set.
func add(set []string, more ...string) []string {
	for _, s := range more {
		if s == "" {
			continue
		}
		if i, found := slices.BinarySearch(set, s); !found {
			set = slices.Insert(set, i, s)
		}
	}
	return set
}

func compare(a, b Occurrence) int {
	return cmp.Or(
		a.Location.Compare(b.Location), cmp.Compare(strength[a.Kind], strength[b.Kind]), cmp.Compare(a.Provider, b.Provider),
		cmp.Compare(a.Group, b.Group), slices.Compare(a.Refs, b.Refs), cmp.Compare(a.Endpoint, b.Endpoint), cmp.Compare(a.Principal, b.Principal),
		cmp.Compare(a.Role, b.Role), compareConsumers(a.Consumer, b.Consumer), slices.Compare(a.Scopes, b.Scopes), cmp.Compare(a.Construct, b.Construct),
	)
}

func compareConsumers(a, b Consumer) int {
	return cmp.Or(
		scanner.Location{Path: a.Path}.Compare(scanner.Location{Path: b.Path}), cmp.Compare(a.Job, b.Job), compareSteps(a.Step, b.Step),
		cmp.Compare(a.Action, b.Action), cmp.Compare(a.Environment, b.Environment), slices.Compare(a.Triggers, b.Triggers), cmp.Compare(a.Runner, b.Runner),
	)
}

// compareSteps orders numbers as numbers.
func compareSteps(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
