package reconcile

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// Which reference is kept where.
func TestHolds(t *testing.T) {
	for _, c := range []struct {
		store, ref string
		want       bool
	}{
		{"github:environment/production/STRIPE_KEY", "github:secret:STRIPE_KEY", true},
		{"github:repository/stripe_key", "github:secret:STRIPE_KEY", true},
		{"github:organization/STRIPE_KEY", "github:secret:STRIPE_KEY", true},
		{"github:secret:STRIPE_KEY", "github:secret:STRIPE_KEY", true},
		{"github:repository/STRIPE_KEY", "github:secret:STRIPE_KEY_2", false},
		{"github:repository/STRIPE_KEY", "github:var:STRIPE_KEY", false},
		{"github:var:REGION", "github:var:REGION", true},
		{"github:job-token", "github:job-token", true},
		{"gitlab:project/acme/shop/DEPLOY_KEY", "gitlab:var:DEPLOY_KEY", true},
		{"gitlab:group/acme/DEPLOY_KEY", "gitlab:var:deploy_key", false},
		{"circleci:context/aws", "circleci:context:aws", true},
		{"circleci:context/aws", "circleci:env:aws", false},
		{"circleci:project/NPM_TOKEN", "circleci:env:NPM_TOKEN", true},
		{"jenkins:credential/deploy", "jenkins:credential:deploy", true},
		{"vault:kv/pay/stripe", "vault:?:kv/pay/stripe#key", true},
		{"vault:kv/pay/stripe#key", "vault:https://vault.example.com:8200:kv/pay/stripe#key", true},
		{"vault:kv/pay/stripe#key", "vault:?:kv/pay/stripe#other", false},
		{"vault:vault.example.com:kv/a", "vault:other.example.com:kv/a", false},
		{"aws-sm:prod/db", "aws-sm:123456789012:eu-west-1:prod/db#password", true},
		{"gcp-sm:proj/key", "gcp-sm:proj/key@latest", true},
		{"k8s:pay/stripe", "k8s:?/stripe#key", true},
		{"k8s:pay/stripe", "k8s:dev/stripe#key", false},
		{"1password:vault/item#field", "1password:vault/item#field", true},
		{"vault:kv/a", "aws-sm:kv/a", false},
	} {
		if got := ParseStore(c.store).Holds(ParseRef(c.ref)); got != c.want {
			t.Errorf("%s holds %s: %t", c.store, c.ref, got)
		}
	}
}

func TestDeclares(t *testing.T) {
	declared := []string{"api.stripe.com", "*.example.com", "hooks.slack.com/services", "ghcr.io/acme"}
	for host, want := range map[string]bool{
		"api.stripe.com": true, "API.Stripe.com:443": true, "api.stripe.com/v1": true, "stripe.com": false, "evil-api.stripe.com": false,
		"a.b.example.com": true, "example.com": false, "notexample.com": false, "hooks.slack.com/services/T1": true, "hooks.slack.com/api": false,
		"hooks.slack.com/services-evil": false, "ghcr.io/acme/app": true, "ghcr.io/other": false, "api.stripe.com:8443": false, "api.stripe.com.": true,
	} {
		if got := Declares(declared, host); got != want {
			t.Errorf("%s: %t", host, got)
		}
	}
}

func entry(id, provider string, change func(*inventory.Entry)) inventory.Entry {
	e := inventory.Entry{ID: id, Provider: provider, Status: inventory.Active, UsedBy: []string{"**"}}
	change(&e)
	return e
}

func stored(in ...string) func(*inventory.Entry) {
	return func(e *inventory.Entry) { e.Credential.StoredIn, e.Credential.Kind = in, "api-key" }
}

func conn(kind connection.Kind, provider string, change func(*connection.Connection)) connection.Connection {
	c := connection.Connection{ID: "c", Kind: kind, Provider: provider, ProviderFrom: connection.FromIntegration, Auth: connection.Static,
		Consumers: []connection.Consumer{{Path: ".github/workflows/a.yml", Job: "j"}},
		Locations: []connection.Place{{Location: scanner.Location{Path: ".github/workflows/a.yml", Line: 1, Column: 1, AtHead: true}}}}
	change(&c)
	return c
}

func refs(r ...string) func(*connection.Connection) {
	return func(c *connection.Connection) { c.Refs = r }
}

func TestMatchConnections(t *testing.T) {
	key, other := stored("github:repository/KEY"), stored("github:repository/OTHER")
	for name, c := range map[string]struct {
		entries   []inventory.Entry
		c         connection.Connection
		want      string
		ambiguous bool
	}{
		"reference":                          {[]inventory.Entry{entry("a", "x", other), entry("b", "x", key)}, conn(connection.SecretRef, "x", refs("github:secret:KEY")), "b", false},
		"reference decides over provider":    {[]inventory.Entry{entry("a", "other", key)}, conn(connection.SecretRef, "x", refs("github:secret:KEY")), "a", false},
		"a second key is another connection": {[]inventory.Entry{entry("a", "x", key)}, conn(connection.SecretRef, "x", refs("github:secret:KEY_2")), "", false},
		"a key where the entry says vault":   {[]inventory.Entry{entry("a", "x", stored("vault:kv/x"))}, conn(connection.SecretRef, "x", refs("github:secret:KEY")), "", false},
		"most references": {[]inventory.Entry{entry("a", "x", stored("github:repository/USER")), entry("b", "x", stored("github:repository/USER", "github:repository/PASS"))},
			conn(connection.RegistryLogin, "x", refs("github:secret:USER", "github:secret:PASS")), "b", false},
		"the environment's own": {[]inventory.Entry{entry("a", "x", stored("github:environment/staging/KEY")), entry("b", "x", stored("github:environment/production/KEY"))},
			conn(connection.SecretRef, "x", func(c *connection.Connection) {
				c.Refs, c.Environments = []string{"github:secret:KEY"}, []string{"production"}
			}), "b", false},
		"two environments are two secrets": {[]inventory.Entry{entry("a", "x", stored("github:environment/staging/KEY")), entry("b", "x", stored("github:environment/production/KEY"))},
			conn(connection.SecretRef, "x", func(c *connection.Connection) {
				c.Refs, c.Environments = []string{"github:secret:KEY"}, []string{"production", "staging"}
			}), "a", false},
		"ambiguous":                   {[]inventory.Entry{entry("b", "x", key), entry("a", "x", key)}, conn(connection.SecretRef, "x", refs("github:secret:KEY")), "a", true},
		"a live one before a retired": {[]inventory.Entry{entry("a", "x", func(e *inventory.Entry) { key(e); e.Status = inventory.Retired }), entry("b", "x", key)}, conn(connection.SecretRef, "x", refs("github:secret:KEY")), "b", false},
		"inherit tells nothing":       {[]inventory.Entry{entry("a", "github", stored("github:secret:*"))}, conn(connection.DelegatedCall, "github", refs("github:secret:*")), "", false},
		"a call by its workflow": {[]inventory.Entry{entry("a", "github", func(e *inventory.Entry) { e.Credential.ID = "o/r/w.yml" }), entry("b", "github", func(e *inventory.Entry) { e.Credential.ID = "o/r/v.yml" })},
			conn(connection.DelegatedCall, "github", func(c *connection.Connection) { c.Refs, c.Principal = []string{"github:secret:*"}, "o/r/v.yml" }), "b", false},
		"a role by its name": {[]inventory.Entry{entry("a", "aws", func(e *inventory.Entry) { e.Account, e.Credential.ID = "1", "role/a" })},
			conn(connection.FederatedTrust, "aws", func(c *connection.Connection) { c.Account, c.Principal = "1", "role/b" }), "", false},
		"a trust by account": {[]inventory.Entry{entry("a", "aws", func(e *inventory.Entry) { e.Account = "1" }), entry("b", "aws", func(e *inventory.Entry) { e.Account = "2" })},
			conn(connection.FederatedTrust, "aws", func(c *connection.Connection) { c.Account = "2" }), "b", false},
		"a trust of unknown account": {[]inventory.Entry{entry("a", "aws", func(e *inventory.Entry) { e.Account = "1" })},
			conn(connection.FederatedTrust, "aws", func(c *connection.Connection) { c.Account = "${{ vars.ACCOUNT }}" }), "a", false},
		"a trust outside used_by": {[]inventory.Entry{entry("a", "aws", func(e *inventory.Entry) { e.UsedBy = []string{"other/**"} })}, conn(connection.FederatedTrust, "aws", refs()), "", false},
		"a guess by name":         {[]inventory.Entry{entry("a", "aws", func(e *inventory.Entry) {})}, conn(connection.FederatedTrust, "aws", func(c *connection.Connection) { c.ProviderFrom = connection.FromName }), "", false},
		"by endpoint alone": {[]inventory.Entry{entry("a", "", func(e *inventory.Entry) { e.Endpoints = []string{"reg.example.com"} })},
			conn(connection.RegistryLogin, "", func(c *connection.Connection) { c.Endpoint = "reg.example.com" }), "a", false},
		"a host reached without the key": {[]inventory.Entry{entry("a", "x", func(e *inventory.Entry) { key(e); e.Endpoints = []string{"x.io"} })},
			conn(connection.Endpoint, "x", func(c *connection.Connection) { c.Endpoint, c.Auth = "x.io", connection.None }), "", false},
		"a host that is declared as such": {[]inventory.Entry{entry("a", "x", func(e *inventory.Entry) { e.Endpoints = []string{"x.io"} })},
			conn(connection.Endpoint, "x", func(c *connection.Connection) { c.Endpoint, c.Auth = "x.io", connection.None }), "a", false},
		"the job token":               {[]inventory.Entry{entry("a", "github", func(e *inventory.Entry) {})}, conn(connection.JobToken, "github", refs("github:job-token")), "", false},
		"the job token if declared":   {[]inventory.Entry{entry("a", "github", stored("github:job-token"))}, conn(connection.JobToken, "github", refs("github:job-token")), "a", false},
		"a repository without a name": {[]inventory.Entry{entry("a", "aws", func(e *inventory.Entry) { e.UsedBy = []string{"acme/shop:**"} })}, conn(connection.FederatedTrust, "aws", refs()), "a", false},
	} {
		r := Match(Input{Entries: c.entries, Connections: []connection.Connection{c.c}})
		if got := r.Connections[0].Entry; got != c.want || len(r.Ambiguous) > 0 != c.ambiguous {
			t.Errorf("%s: entry %q, want %q; ambiguous %v", name, got, c.want, r.Ambiguous)
		}
	}
}

func TestMatchFindings(t *testing.T) {
	const fp = "k1:00112233445566778899aabbccddeeff"
	at := func(p string) []scanner.Location { return []scanner.Location{{Path: p, AtHead: true}} }
	entries := []inventory.Entry{
		entry("a", "stripe", func(e *inventory.Entry) { e.Credential.Fingerprint, e.UsedBy = fp, []string{"a/**"} }),
		entry("b", "aws", func(e *inventory.Entry) { e.Account, e.UsedBy = "123", []string{"b/**"} }),
		entry("c", "aws", func(e *inventory.Entry) {
			e.Account, e.Credential.ID, e.UsedBy = "456", "AKIAEXAMPLE", []string{"b/**"}
		}),
	}
	for name, c := range map[string]struct {
		f    scanner.Finding
		want string
	}{
		"fingerprint":      {scanner.Finding{Fingerprint: fp, Locations: at("z")}, "a"},
		"id":               {scanner.Finding{Provider: "aws", Facts: []scanner.Fact{{Name: "id", Value: "AKIAEXAMPLE"}}, Locations: at("z")}, "c"},
		"account":          {scanner.Finding{Provider: "aws", Facts: []scanner.Fact{{Name: "account", Value: "123"}}, Locations: at("z")}, "b"},
		"place":            {scanner.Finding{Provider: "stripe", Locations: at("a/x.env")}, "a"},
		"place of two":     {scanner.Finding{Provider: "aws", Locations: at("b/x.env")}, ""},
		"another place":    {scanner.Finding{Provider: "stripe", Locations: at("z")}, ""},
		"nothing is known": {scanner.Finding{Locations: at("a/x.env")}, ""},
	} {
		r := Match(Input{Entries: entries, Findings: []scanner.Finding{c.f}})
		if got := r.Findings[0].Entry; got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestSeen(t *testing.T) {
	e := entry("a", "x", stored("github:repository/KEY"))
	e.UsedBy = []string{"acme/shop:.github/**"}
	in := Input{Entries: []inventory.Entry{e}, Repository: "acme/shop", Paths: []string{".github/workflows/a.yml"},
		Connections: []connection.Connection{conn(connection.SecretRef, "x", func(c *connection.Connection) {
			c.Refs, c.Endpoint, c.Scopes, c.Environments, c.Auth = []string{"github:secret:KEY", "github:job-token"}, "x.io", []string{"w", "r"}, []string{"prod"}, connection.OIDC
		})}}
	got := Match(in).Entries[0].Seen
	want := inventory.Seen{Connections: []string{"c"}, Refs: []string{"github:secret:KEY"}, Endpoints: []string{"x.io"}, Scopes: []string{"r", "w"},
		Environments: []string{"prod"}, Consumers: 1, Federated: true, InScope: true, Files: true,
		Locations: []scanner.Location{{Path: ".github/workflows/a.yml", Line: 1, Column: 1, AtHead: true}}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for repo, scope := range map[string]bool{"acme/shop": true, "ACME/Shop": true, "acme/other": false, "": false} {
		in.Repository = repo
		if got := Match(in).Entries[0].Seen.InScope; got != scope {
			t.Errorf("in %q: in scope %t", repo, got)
		}
	}
}

// The order of what comes in changes nothing, and the input stays as it was.
func TestMatchIsPure(t *testing.T) {
	entries := []inventory.Entry{entry("b", "x", stored("github:repository/KEY")), entry("a", "x", stored("github:repository/KEY"))}
	cs := []connection.Connection{conn(connection.SecretRef, "x", refs("github:secret:KEY"))}
	one := Match(Input{Entries: entries, Connections: cs})
	two := Match(Input{Entries: []inventory.Entry{entries[1], entries[0]}, Connections: cs})
	if d := cmp.Diff(one, two, cmp.AllowUnexported(inventory.Date{})); d != "" {
		t.Error(d)
	}
	if cs[0].Entry != "" || entries[0].Seen.Any() || entries[0].ID != "b" {
		t.Error("the input was changed")
	}
	if !strings.Contains(strings.Join(one.Ambiguous[0].Entries, " "), "a b") {
		t.Errorf("%v", one.Ambiguous)
	}
}
