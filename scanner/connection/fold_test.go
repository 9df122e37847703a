package connection

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

func at(path string, line int) scanner.Location {
	return scanner.Location{Path: path, Line: line, Column: 1, EndLine: line, EndColumn: 9}
}

func ref(line int, name string, role Role) Occurrence {
	return Occurrence{Location: at("a.yml", line), Document: "github-actions", Kind: SecretRef, Role: role, Refs: []string{name},
		Consumer: Consumer{Path: "a.yml", Job: "build"}}
}

// ids folds and gives each connection as "id kind refs".
func ids(occs ...Occurrence) []string {
	var out []string
	for _, c := range Fold(occs) {
		out = append(out, c.ID+" "+string(c.Kind)+" "+strings.Join(c.Refs, ","))
	}
	return out
}

func TestFold(t *testing.T) {
	const s = "github:secret:"
	login := ref(3, s+"HUB_TOKEN", RoleSecret)
	login.Kind, login.Endpoint, login.Provider, login.Group = RegistryLogin, "docker.io", "dockerhub", "g"
	user := login
	user.Location, user.Refs, user.Role = at("a.yml", 2), []string{s + "HUB_USER"}, RoleUsername
	stripe := ref(7, s+"STRIPE_KEY", RoleSecret)
	stripe.Provider = "stripe"
	trust := func(line int, role string) Occurrence {
		return Occurrence{Location: at("a.yml", line), Document: "github-actions", Kind: FederatedTrust, Provider: "aws", Account: "123456789012",
			Principal: "arn:aws:iam::123456789012:role/" + role, Auth: OIDC, Consumer: Consumer{Path: "a.yml"}}
	}
	token := Occurrence{Location: at("a.yml", 9), Document: "github-actions", Kind: JobToken, Provider: "github", Auth: Ambient,
		Refs: []string{"github:job-token"}, Scopes: []string{"contents:read"}}
	token2 := token
	token2.Location, token2.Scopes = at("b.yml", 1), []string{"packages:write"}
	ghcr := Occurrence{Location: at("a.yml", 11), Document: "github-actions", Kind: RegistryLogin, Provider: "github", Account: "acme", Endpoint: "ghcr.io", Auth: Ambient, Refs: []string{"github:job-token"}}
	two := ref(20, s+"PAT", RoleSecret)
	two.Endpoint = "api.a.dev"
	three := ref(21, s+"PAT", RoleSecret)
	three.Endpoint = "api.b.dev"
	for _, c := range []struct {
		name string
		occs []Occurrence
		want []string
	}{
		{"one secret in many places is one", []Occurrence{stripe, ref(8, s+"STRIPE_KEY", RoleSecret)}, []string{"stripe-key secret-ref " + s + "STRIPE_KEY"}},
		{"a bare reference folds into the login that takes it", []Occurrence{login, user, ref(30, s+"HUB_TOKEN", RoleSecret), ref(31, s+"HUB_USER", "")},
			[]string{"docker-io registry-login " + s + "HUB_TOKEN," + s + "HUB_USER"}},
		{"trusts are told apart by role", []Occurrence{trust(1, "deploy"), trust(5, "deploy"), trust(6, "read")},
			[]string{"aws-role-123456789012-deploy federated-trust ", "aws-role-123456789012-read federated-trust "}},
		{"job tokens are one class", []Occurrence{token, token2}, []string{"github-job-token job-token github:job-token"}},
		{"a login with the job token stays apart", []Occurrence{token, ghcr}, []string{"ghcr-io-acme registry-login github:job-token", "github-job-token job-token github:job-token"}},
		{"pairs by stem", []Occurrence{ref(1, s+"R2_ACCESS_KEY_ID", ""), ref(2, s+"R2_SECRET_ACCESS_KEY", RoleSecret), ref(3, s+"CERT", RoleSecret), ref(4, s+"CERT_PASSWORD", RoleSecret)},
			[]string{"cert secret-ref " + s + "CERT," + s + "CERT_PASSWORD", "r2-secret-access-key secret-ref " + s + "R2_ACCESS_KEY_ID," + s + "R2_SECRET_ACCESS_KEY"}},
		{"one id does not make one of two tokens", []Occurrence{ref(1, s+"CF_ACCOUNT_ID", ""), ref(2, s+"CF_API_TOKEN", RoleSecret), ref(3, s+"CF_TOKEN", RoleSecret)},
			[]string{"cf-api-token secret-ref " + s + "CF_ACCOUNT_ID," + s + "CF_API_TOKEN", "cf-token secret-ref " + s + "CF_TOKEN"}},
		{"a key, its id and its issuer", []Occurrence{ref(1, s+"NOTARY_KEY", RoleSecret), ref(2, s+"NOTARY_KEY_ID", ""), ref(3, s+"NOTARY_ISSUER_ID", "")},
			[]string{"notary-key secret-ref " + s + "NOTARY_ISSUER_ID," + s + "NOTARY_KEY," + s + "NOTARY_KEY_ID"}},
		{"environments are not merged", []Occurrence{ref(1, s+"PROD_KEY", RoleSecret), ref(2, s+"DEV_KEY", RoleSecret)},
			[]string{"dev-key secret-ref " + s + "DEV_KEY", "prod-key secret-ref " + s + "PROD_KEY"}},
		{"one user name does not join two passwords", []Occurrence{ref(1, s+"A_TOKEN", RoleSecret), ref(2, s+"B_TOKEN", RoleSecret), ref(3, s+"NAME", RoleUsername)},
			[]string{"a-token secret-ref " + s + "A_TOKEN", "b-token secret-ref " + s + "B_TOKEN", "name secret-ref " + s + "NAME"}},
	} {
		got := ids(c.occs...)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
		for range 10 { // in any order
			rand.Shuffle(len(c.occs), func(i, j int) { c.occs[i], c.occs[j] = c.occs[j], c.occs[i] })
			if again := ids(c.occs...); !reflect.DeepEqual(again, got) {
				t.Fatalf("%s: order changes the result: %q", c.name, again)
			}
		}
	}
	if c := Fold([]Occurrence{two, three}); len(c) != 1 || !reflect.DeepEqual(c[0].Endpoints, []string{"api.a.dev", "api.b.dev"}) {
		t.Errorf("one secret towards two hosts: %+v", c)
	}
}

func TestIDs(t *testing.T) {
	var occs []Occurrence
	for i := range 3 {
		o := ref(i+1, "vault:?:x#"+strings.Repeat("long-name/", 20)+string(rune('a'+i)), RoleSecret)
		occs = append(occs, o)
	}
	occs = append(occs, Occurrence{Location: at("é.yml", 1), Kind: Endpoint, Endpoint: "日本.example.dev"}, Occurrence{Location: at("x", 1), Kind: Webhook})
	seen := map[string]bool{}
	for _, c := range Fold(occs) {
		if len(c.ID) > maxID || seen[c.ID] || c.ID == "" || strings.Trim(c.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			t.Errorf("id %q", c.ID)
		}
		seen[c.ID] = true
	}
}

func TestFoldKeepsServicesApart(t *testing.T) {
	login := func(provider, host, ref, group string) Occurrence {
		return Occurrence{Document: "drone", Kind: RegistryLogin, Provider: provider, ProviderFrom: FromHost, Endpoint: host,
			Auth: Static, Role: RoleSecret, Refs: []string{ref}, Group: group, Consumer: Consumer{Path: ".drone.yml"}}
	}
	occs := []Occurrence{
		login("dockerhub", "docker.io", "drone:secret:logins", "hub"), login("dockerhub", "docker.io", "drone:secret:hub_password", "hub"),
		login("quay", "quay.io", "drone:secret:logins", "quay"), login("quay", "quay.io", "drone:secret:quay_password", "quay"),
	}
	conns := Fold(occs)
	if len(conns) != 2 {
		t.Fatalf("got %d connections, want one for each registry: %+v", len(conns), conns)
	}
	for _, c := range conns {
		if len(c.Refs) != 2 || c.Endpoints != nil {
			t.Errorf("%s: refs %v, endpoints %v", c.Provider, c.Refs, c.Endpoints)
		}
	}
}

func TestPlacesSayWhereTheyDiffer(t *testing.T) {
	const token = "github:secret:BOT_TOKEN"
	checkout := ref(3, token, RoleSecret)
	checkout.Provider, checkout.ProviderFrom = "github", FromIntegration
	named := ref(3, token, RoleSecret)
	named.Provider, named.ProviderFrom = "slack", FromName
	login := ref(5, token, RoleSecret)
	login.Kind, login.Provider, login.ProviderFrom, login.Endpoint = RegistryLogin, "github", FromHost, "ghcr.io"
	other := ref(7, token, RoleSecret)
	other.Provider, other.ProviderFrom = "slack", FromName
	conns := Fold([]Occurrence{other, login, named, checkout})
	if len(conns) != 1 || conns[0].Kind != RegistryLogin || conns[0].Provider != "github" {
		t.Fatalf("one secret, got %+v", conns)
	}
	var got []string
	for _, p := range conns[0].Locations {
		got = append(got, fmt.Sprintf("%d %s %s", p.Line, p.Kind, p.Provider))
	}
	if want := []string{"3 secret-ref ", "5  ", "7 secret-ref slack"}; !reflect.DeepEqual(got, want) {
		t.Errorf("places %q, want %q", got, want)
	}
}

// TestFoldNames holds what only names an account and a bucket, in several steps
// alike, to one connection; another bucket is another.
func TestFoldNames(t *testing.T) {
	var occs []Occurrence
	for step, bucket := range []string{"BUCKET", "BUCKET", "OTHER"} {
		for i, r := range []struct {
			name string
			role Role
		}{{"ACCOUNT", RoleEndpoint}, {bucket, RoleScope}} {
			o := ref(10*step+i+1, "github:secret:"+r.name, r.role)
			o.Provider, o.Group = "cloudflare", fmt.Sprint("step", step)
			occs = append(occs, o)
		}
	}
	if got := Fold(occs); len(got) != 2 || len(got[0].Locations)+len(got[1].Locations) != 6 {
		t.Errorf("%d connections: %+v", len(got), got)
	}
}
