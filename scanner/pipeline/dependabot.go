package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// readDependabot reads the registries of dependabot.yml. Its secrets are of
// Dependabot's own store, not that of Actions.
// Source: docs.github.com/code-security/dependabot/working-with-dependabot/dependabot-options-reference.
func readDependabot(d *Document) {
	for _, root := range d.YAML() {
		for _, p := range root.Get("registries").Pairs() {
			dependabotRegistry(d, p)
		}
	}
}

func dependabotRegistry(d *Document, p Pair) {
	n := p.Value
	url := n.Get("url")
	if url == nil {
		url = n.Get("registry")
	}
	w := &ghFile{d: d}
	e := w.eval(nil)
	o := Occurrence{Kind: connection.RegistryLogin, Construct: "registries", Endpoint: NormalHost(e.text(url.Text()).Lit), Group: "registries/" + p.Key.Value}
	o.Consumer = connection.Consumer{Path: d.Path, Job: "dependabot", Step: p.Key.Value}
	if o.Endpoint == "" {
		o.Provider = dependabotTypes[n.Get("type").String()]
	}
	if v := e.text(n.Get("username").Text()); len(v.Refs) == 0 {
		o.Principal = v.Lit
	}
	if v := n.Get("organization").String(); v != "" {
		o.Account = v
	}
	if path := strings.TrimPrefix(url.String(), "https://"); o.Account == "" && strings.Contains(path, "/") {
		o.Account = hostAccount(o.Endpoint, path[strings.Index(path, "/")+1:])
	}
	told := false
	for _, k := range []string{"password", "token", "key", "auth-key"} {
		told = dependabotRefs(d, o, e.text(n.Get(k).Text()), connection.RoleSecret) || told
	}
	oidc := false
	for _, k := range []string{"client-id", "role-name", "tenant-id", "account-id", "audience", "identity-mapping-name", "jfrog-oidc-provider-name"} {
		oidc = oidc || n.Get(k) != nil
	}
	if oidc && !told {
		o.Kind, o.Auth = connection.FederatedTrust, connection.OIDC
		o.Principal = n.Get("role-name").String()
		if a := n.Get("account-id").String(); a != "" {
			o.Account = a
		}
		for _, k := range []string{"client-id", "role-name", "tenant-id", "account-id"} {
			told = dependabotRefs(d, o, e.text(n.Get(k).Text()), connection.RoleIdentity) || told
		}
	}
	dependabotRefs(d, o, e.text(n.Get("username").Text()), connection.RoleUsername)
	dependabotRefs(d, o, e.text(url.Text()), connection.RoleEndpoint)
	if !told {
		o.Location = d.Location(p.Key.Text())
		if o.Auth == "" && n.Get("password") == nil && n.Get("token") == nil && n.Get("key") == nil {
			o.Kind, o.Auth = connection.Endpoint, connection.None
		}
		d.Emit(o)
	}
}

var dependabotTypes = map[string]string{
	"docker-registry": "dockerhub", "npm-registry": "npm", "rubygems-server": "rubygems", "python-index": "pypi", "cargo-registry": "crates.io",
	"hex-organization": "hex", "terraform-registry": "terraform-cloud", "composer-repository": "packagist", "pub-repository": "pub.dev", "nuget-feed": "nuget",
}

// dependabotRefs emits the references in v, which are to Dependabot's store.
func dependabotRefs(d *Document, o Occurrence, v Value, role connection.Role) bool {
	o.Role = role
	for i, r := range v.Refs {
		v.Refs[i].Name = strings.Replace(r.Name, "github:secret:", "github:dependabot:", 1)
	}
	return d.EmitRefs(o, v, nil)
}
