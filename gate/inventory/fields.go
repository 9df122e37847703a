package inventory

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/credgate/credgate/gate/field"
	"github.com/credgate/credgate/scanner"
)

// Kinds of credential, in the order in which messages list them.
var Kinds = []string{
	"api-key", "access-key", "pat", "deploy-key", "ssh-key", "service-account-key", "oauth-client", "oauth-grant",
	"app-installation", "password", "connection-string", "certificate", "webhook-secret", "signing-key", "workload-identity",
}

// entry reads the fields of an entry over the defaults of its file.
func (p *parser) entry(e *Entry, v, defaults field.Value) {
	prefix := v.Path()
	e.Fields = map[string]scanner.Location{}
	at := func(v field.Value) { e.Fields[strings.TrimPrefix(v.Path(), prefix+".")] = v.Location() }
	text := func(to *string) func(field.Value) {
		return func(v field.Value) { at(v); *to = v.Line() }
	}
	set := func(to *[]string, check func(string) error) func(field.Value) {
		return func(v field.Value) { at(v); *to = v.Set(check) }
	}
	checked := func(to *string, check func(string) error) func(field.Value) {
		return func(v field.Value) { at(v); *to = field.Decode(v, pass(check)) }
	}
	word := func(to *string, words ...string) func(field.Value) {
		return func(v field.Value) { at(v); *to = v.OneOf(words...) }
	}
	v.Under(defaults).Fields(field.Set{
		"provider":       func(v field.Value) { at(v); e.Provider = p.provider(v) },
		"account":        text(&e.Account),
		"direction":      word(&e.Direction, "outbound", "inbound", "both"),
		"endpoints":      set(&e.Endpoints, checkEndpoint),
		"owner":          checked(&e.Owner, checkOwner),
		"business_owner": checked(&e.BusinessOwner, checkUser),
		"use":            checked(&e.Use, checkCode),
		"purpose":        checked(&e.Purpose, checkPurpose),
		"data":           func(v field.Value) { at(v); e.Data = alone(v, "none") },
		"scopes":         func(v field.Value) { at(v); e.Scopes = scopes(v) },
		"environments":   set(&e.Environments, nil),
		"used_by":        set(&e.UsedBy, checkUsedBy),
		"credential":     func(v field.Value) { at(v); p.credential(e, v, at) },
		"risk":           func(v field.Value) { at(v); risk(&e.Risk, v, at) },
		"tier":           func(v field.Value) { at(v); e.Tier, _ = ParseTier(v.OneOf(tiers[1:]...)) },
		"critical":       func(v field.Value) { at(v); e.Critical = v.Bool() },
		"status": func(v field.Value) {
			at(v)
			e.Status = Status(v.OneOf(string(Active), string(Suspended), string(Retiring), string(Retired)))
		},
		"replaced_by": func(v field.Value) { at(v); e.ReplacedBy = p.reference(e.ID, v) },
		"approval":    func(v field.Value) { at(v); e.Approval = approval(v) },
		"notes":       func(v field.Value) { at(v); e.Notes = v.Text() },
		"x":           func(v field.Value) { v.Each(func(_, _ field.Value) {}) },
	})
}

func (p *parser) credential(e *Entry, v field.Value, at func(field.Value)) {
	c := &e.Credential
	v.Fields(field.Set{
		"kind":         func(v field.Value) { at(v); c.Kind = v.OneOf(Kinds...) },
		"auth":         func(v field.Value) { at(v); c.Auth = v.Line(); p.method(e, v) },
		"id":           func(v field.Value) { at(v); c.ID = v.Line() },
		"fingerprint":  func(v field.Value) { at(v); c.Fingerprint = field.Decode(v, parseFingerprint) },
		"stored_in":    func(v field.Value) { at(v); c.StoredIn = v.Set(checkStore) },
		"issued_by":    func(v field.Value) { at(v); c.IssuedBy = field.Decode(v, pass(checkIssuer)) },
		"last_rotated": func(v field.Value) { at(v); c.LastRotated = field.Decode(v, ParseDate) },
		"rotate_every": func(v field.Value) { at(v); c.RotateEvery = field.Decode(v, parsePeriod) },
		"expires":      func(v field.Value) { at(v); c.Expires = field.Decode(v, parseExpiry) },
		"ttl":          func(v field.Value) { at(v); c.TTL = field.Decode(v, ParseDuration) },
		"revocation": func(v field.Value) {
			at(v)
			v.Fields(field.Set{
				"mode": func(v field.Value) { at(v); c.Revocation.Mode = v.OneOf("automatic", "manual") },
				"how":  func(v field.Value) { at(v); c.Revocation.How = v.Line() },
			})
		},
	})
}

func risk(r *Risk, v field.Value, at func(field.Value)) {
	level := func(to *Level) func(field.Value) {
		return func(v field.Value) { at(v); *to, _ = ParseLevel(v.OneOf(levels[1:]...)) }
	}
	v.Fields(field.Set{
		"sensitivity":  level(&r.Sensitivity),
		"blast_radius": level(&r.BlastRadius),
		"abuse_speed":  level(&r.AbuseSpeed),
	})
}

// approval reads an inline approval. Without a name, a date and an end it is none.
func approval(v field.Value) *Approval {
	var a Approval
	v.Fields(field.Set{
		"by": func(v field.Value) {
			if v.IsList() {
				a.By = v.Set(checkUser)
			} else if s := field.Decode(v, pass(checkUser)); s != "" {
				a.By = []string{s}
			}
		},
		"on":      func(v field.Value) { a.On = field.Decode(v, ParseDate) },
		"expires": func(v field.Value) { a.Expires = field.Decode(v, ParseDate) },
		"digest":  func(v field.Value) { a.Digest = field.Decode(v, pass(checkDigest)) },
	})
	v.Requires("by", "on", "expires")
	if !a.On.IsZero() && !a.Expires.IsZero() && a.Expires.Compare(a.On) <= 0 {
		v.Errorf("expires %s, no later than it was given, %s", a.Expires, a.On)
	}
	return &a
}

// provider reads a slug that has to be declared in one of the files.
func (p *parser) provider(v field.Value) string {
	slug := v.Line()
	p.later = append(p.later, func() {
		if _, ok := p.inv.Providers[slug]; !ok && slug != "" {
			v.Errorf("%w", undeclared("provider", slug, names(p.inv.Providers), "declare it under providers"))
		}
	})
	return slug
}

// reference reads the id of another entry.
func (p *parser) reference(self string, v field.Value) string {
	id := v.Line()
	p.later = append(p.later, func() {
		if _, ok := p.ids[id]; !ok {
			v.Errorf("%w", undeclared("connection", id, names(p.ids), "an id of this inventory"))
		} else if id == self {
			v.Errorf("a connection cannot replace itself")
		}
	})
	return id
}

// method checks that the provider knows the way in, where it lists any.
func (p *parser) method(e *Entry, v field.Value) {
	p.later = append(p.later, func() {
		auth := p.inv.Providers[e.Provider].Auth
		if _, ok := auth[v.Line()]; !ok && len(auth) > 0 {
			v.Errorf("%w", field.Unknown("auth method", v.Line(), names(auth)))
		}
	})
}

func undeclared(what, name string, known []string, hint string) error {
	if near := field.Nearest(name, known); near != "" {
		return fmt.Errorf("%s %s is not declared (did you mean %s?)", what, field.Quote(name), near)
	}
	return fmt.Errorf("%s %s is not declared (hint: %s)", what, field.Quote(name), hint)
}

func names[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// alone reads a set in which one word means the empty set.
func alone(v field.Value, word string) []string {
	s := v.Set(checkCode)
	if len(s) > 1 && slices.Contains(s, word) {
		v.Errorf("%s stands beside other values", word)
	}
	return s
}

// scopes reads a set of the provider's own names, or the word unscoped.
func scopes(v field.Value) []string {
	if v.IsList() {
		return v.Set(nil)
	}
	if v.Text() != Unscoped {
		v.Errorf("is not a list (hint: [read], or unscoped)")
		return nil
	}
	return []string{Unscoped}
}

// pass makes a reader of a check. An empty text passes: what a field lacks is
// for the rules to say, and init leaves owner: "" for a person.
func pass(check func(string) error) func(string) (string, error) {
	return func(s string) (string, error) {
		if s = strings.Join(strings.Fields(s), " "); s == "" {
			return "", nil
		}
		return s, check(s)
	}
}

var (
	idShape          = field.Shape(`^[a-z0-9]+(?:-[a-z0-9]+)*$`)
	providerShape    = field.Shape(`^[a-z0-9]+(?:[.-][a-z0-9]+)*$`)
	nameShape        = field.Shape(`^[\pL\pN][\pL\pN._@+/-]*(?:\[bot\])?$`)
	codeShape        = field.Shape(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	endpointShape    = field.Shape(`^(?:\*\.)?[\pL\pN](?:[\pL\pN._-]*[\pL\pN])?(?::[0-9]{1,5})?(?:/[^\s?#]*)?$`)
	storeShape       = field.Shape(`^[a-z0-9][a-z0-9-]*:\S(?:.*\S)?$`)
	fingerprintShape = field.Shape(`^(?:hmac-sha256:)?([ks][0-9]{1,9}:[0-9a-f]{16,64})$`)
	digestShape      = field.Shape(`^sha256:[0-9a-f]{64}$`)
	jobShape         = field.Shape(`^[^#\s]+$`)
)

// checkProvider takes the ids of the catalogue too, such as crates.io.
func checkProvider(s string) error {
	if len(s) < 2 || len(s) > maxID || !providerShape().MatchString(s) {
		return fmt.Errorf("%s is no name of a provider (allowed: 2 to %d of a-z, 0-9 and single hyphens or dots)", field.Quote(s), maxID)
	}
	return nil
}

func checkID(s string) error {
	if len(s) < 2 || len(s) > maxID || !idShape().MatchString(s) {
		return fmt.Errorf("%s is no id (allowed: 2 to %d of a-z, 0-9 and single hyphens)", field.Quote(s), maxID)
	}
	return nil
}

// CheckOwner says what is wrong with "team:NAME" or "user:NAME", if anything.
func CheckOwner(s string) error { return checkOwner(s) }

func checkOwner(s string) error {
	kind, name, _ := strings.Cut(s, ":")
	if kind != "team" && kind != "user" || !nameShape().MatchString(name) {
		return fmt.Errorf("%s is no owner (hint: team:NAME or user:NAME)", field.Quote(s))
	}
	return nil
}

func checkUser(s string) error {
	if err := checkOwner(s); err != nil || !strings.HasPrefix(s, "user:") {
		return fmt.Errorf("%s is no person (hint: user:NAME)", field.Quote(s))
	}
	return nil
}

func checkIssuer(s string) error {
	kind, name, _ := strings.Cut(s, ":")
	if !slices.Contains([]string{"user", "team", "system"}, kind) || !nameShape().MatchString(name) {
		return fmt.Errorf("%s is no issuer (hint: user:NAME, team:NAME or system:NAME)", field.Quote(s))
	}
	return nil
}

func checkCode(s string) error {
	if !codeShape().MatchString(s) {
		return fmt.Errorf("%s is no code (hint: one word of letters, digits and hyphens)", field.Quote(s))
	}
	return nil
}

func checkPurpose(s string) error {
	if n := utf8.RuneCountInString(s); n < minPurpose || n > maxPurpose {
		return fmt.Errorf("has %d characters (allowed: %d to %d)", n, minPurpose, maxPurpose)
	}
	return nil
}

func checkEndpoint(s string) error {
	if strings.Contains(s, "://") {
		return errors.New("is a URL (hint: the host alone, or host/path)")
	}
	if !endpointShape().MatchString(s) {
		return fmt.Errorf("%s is no host or host/path", field.Quote(s))
	}
	return nil
}

func checkUsedBy(s string) error {
	u := ParseUse(s)
	switch {
	case u.Glob == "" || !doublestar.ValidatePattern(u.Glob):
		return fmt.Errorf("%s is no pattern (hint: [repo:]glob[#job])", field.Quote(s))
	case strings.HasPrefix(u.Glob, "/") || strings.HasPrefix(u.Glob, "./") || strings.Contains(u.Glob, `\`):
		return fmt.Errorf("%s does not begin at the root of the repository (hint: services/pay/**)", field.Quote(s))
	case strings.Contains(s, "#") && !jobShape().MatchString(u.Job):
		return fmt.Errorf("%s names no job after #", field.Quote(s))
	case u.Repo != "" && !doublestar.ValidatePattern(u.Repo):
		return fmt.Errorf("%s names no repository before the colon", field.Quote(s))
	}
	return nil
}

func checkStore(s string) error {
	if !storeShape().MatchString(s) {
		return errors.New("names no store (hint: github:environment/production/NAME, vault:PATH)")
	}
	scheme, p, _ := strings.Cut(s, ":")
	if scheme != "github" {
		return nil
	}
	parts := strings.Split(p, "/")
	ok := len(parts) == 1 && (strings.HasPrefix(p, "secret:") || strings.HasPrefix(p, "var:") || p == "job-token") ||
		len(parts) == 2 && (parts[0] == "repository" || parts[0] == "organization" || parts[0] == "dependabot" || parts[0] == "codespaces") ||
		len(parts) == 3 && parts[0] == "environment"
	if !ok || slices.Contains(parts, "") || strings.HasSuffix(p, ":") {
		return errors.New("names no GitHub store (allowed: github:repository/NAME, github:organization/NAME, github:environment/ENV/NAME, github:secret:NAME, github:var:NAME)")
	}
	return nil
}

func checkDigest(s string) error {
	if !digestShape().MatchString(s) {
		return errors.New("is no digest (hint: written by credgate approve)")
	}
	return nil
}

// parseFingerprint reads "k1:…" and "s1:…", with or without the name of the
// function in front, and gives it without.
func parseFingerprint(s string) (string, error) {
	m := fingerprintShape().FindStringSubmatch(s)
	if m == nil {
		return "", errors.New("is no fingerprint (hint: credgate scan prints it; never type one)")
	}
	return m[1], nil
}

func parseExpiry(s string) (Expiry, error) {
	if s == "never" {
		return Expiry{Never: true}, nil
	}
	d, err := ParseDate(s)
	if err != nil {
		return Expiry{}, fmt.Errorf("%s is neither a date nor never (hint: 2026-06-01)", field.Quote(s))
	}
	return Expiry{On: d}, nil
}

// parsePeriod reads a duration of at least a day: in a period, m is a slip.
func parsePeriod(s string) (Duration, error) {
	d, err := ParseDuration(s)
	if err == nil && d.Days() < 1 {
		return 0, fmt.Errorf("%s is less than a day (hint: 90d; m is minutes)", field.Quote(s))
	}
	return d, err
}
