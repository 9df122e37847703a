package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// The resources that bring secrets of a store into a cluster: those of the
// External Secrets Operator, of the CSI driver and of HashiCorp's operator.

// external reads ExternalSecret and its kin: each remote reference.
func (m *manifest) external(root *Node) {
	spec := root.Get("spec")
	for _, k := range []string{"externalSecretSpec", "pushSecretSpec"} {
		if e := spec.Get(k); e != nil {
			spec = e
		}
	}
	store := spec.Get("secretStoreRef", "name").String()
	if refs := spec.Get("secretStoreRefs").Items(); store == "" && len(refs) > 0 {
		store = refs[0].Get("name").String()
	}
	m.secretRef(spec.Get("selector", "secret", "name"), "", "selector")
	provider := m.storeKind(store)
	remote := func(r *Node) {
		key := r.Get("key")
		if key == nil {
			key = r.Get("remoteKey")
		}
		if key.String() == "" {
			return
		}
		m.remote(key.Text(), r.Get("property").String(), r.Get("version").String(), store, provider)
	}
	for _, i := range spec.Get("data").Items() {
		if s := i.Get("sourceRef", "storeRef", "name").String(); s != "" {
			store, provider = s, m.storeKind(s)
		}
		remote(i.Get("remoteRef"))
		remote(i.Get("match", "remoteRef"))
	}
	for _, i := range spec.Get("dataFrom").Items() {
		if s := i.Get("sourceRef", "storeRef", "name").String(); s != "" {
			store, provider = s, m.storeKind(s)
		}
		m.generator(i.Get("sourceRef", "generatorRef"))
		remote(i.Get("extract"))
		remote(i)
		if f := i.Get("find"); f != nil {
			at := f.Get("path")
			if at == nil {
				at = f.Get("name", "regexp")
			}
			m.remote(at.Text(), "", "", store, provider)
		}
	}
	for _, key := range []string{"data", "dataFrom", "target"} {
		if key != "dataFrom" || spec.Get(key) != nil {
			m.done[spec.Get(key)] = true
		}
	}
	for _, n := range []*Node{spec.Get("secretStoreRef")} {
		m.done[n] = true
	}
	for _, i := range spec.Get("secretStoreRefs").Items() {
		m.done[i] = true
	}
}

// generator emits what makes a credential anew each time.
func (m *manifest) generator(n *Node) {
	if n.Get("name").String() == "" {
		return
	}
	o := m.d.Occurrence(connection.StoreRef, "generatorRef", n.Get("name").Text())
	o.Refs, o.Auth, o.Role, o.Consumer = []string{"eso:generator/" + n.Get("name").String()}, connection.Ambient, connection.RoleSecret, m.c
	o.Provider = map[string]string{"ECRAuthorizationToken": "aws", "STSSessionToken": "aws", "GCRAccessToken": "gcp", "ACRAccessToken": "azure", "GithubAccessToken": "github", "VaultDynamicSecret": "vault", "QuayAccessToken": "quay", "Grafana": "grafana"}[n.Get("kind").String()]
	switch n.Get("kind").String() {
	case "Password", "UUID", "SSHKey", "Fake", "MFA": // made in the cluster
		return
	}
	m.d.Emit(o)
}

func (m *manifest) remote(at Text, property, version, store, provider string) {
	if at.S == "" {
		return
	}
	o := m.d.Occurrence(connection.StoreRef, "remoteRef", at)
	where := map[string]string{"aws": "aws-sm", "gcp": "gcp-sm", "azure": "azure-kv:?", "vault": "vault:?", "1password": "1password", "doppler": "doppler", "infisical": "infisical", "akeyless": "akeyless"}[provider]
	if where == "" {
		where = "eso:" + store
	}
	ref := fragment(where+":"+at.S, property)
	if version != "" {
		ref += "@" + version
	}
	o.Refs, o.Provider, o.Role, o.Auth, o.Consumer = []string{ref}, provider, connection.RoleSecret, connection.Static, m.c
	o.Incomplete = strings.Contains(at.S, "{{")
	if provider == "" {
		o.Provider, o.ProviderFrom = nameProvider(envWords(store), envWords(property), envWords(at.S))
	}
	m.d.Emit(o)
}

// storeKind is the provider of a secret store that this file defines, else of its name.
func (m *manifest) storeKind(name string) string {
	for _, root := range m.d.YAML() {
		if strings.HasSuffix(root.Get("kind").String(), "SecretStore") && root.Get("metadata", "name").String() == name {
			for _, p := range root.Get("spec", "provider").Pairs() {
				return storeProviders[p.Key.Value]
			}
		}
	}
	l := strings.ToLower(name)
	for _, s := range [...][2]string{{"vault", "vault"}, {"aws", "aws"}, {"secretsmanager", "aws"}, {"secrets-manager", "aws"}, {"parameter", "aws"}, {"ssm", "aws"}, {"gcp", "gcp"}, {"google", "gcp"}, {"gsm", "gcp"},
		{"azure", "azure"}, {"akv", "azure"}, {"keyvault", "azure"}, {"onepassword", "1password"}, {"1password", "1password"}, {"doppler", "doppler"}, {"infisical", "infisical"},
		{"akeyless", "akeyless"}, {"bitwarden", "bitwarden"}, {"gitlab", "gitlab"}, {"github", "github"}} {
		if strings.Contains(l, s[0]) && !(s[1] == "vault" && (strings.Contains(l, "azure") || strings.Contains(l, "keyvault"))) {
			return s[1]
		}
	}
	return ""
}

// storeProviders are the backends of the External Secrets Operator. Source: external-secrets.io/latest/api/spec.
var storeProviders = map[string]string{
	"aws": "aws", "vault": "vault", "gcpsm": "gcp", "azurekv": "azure", "onepassword": "1password", "onepasswordSDK": "1password", "doppler": "doppler", "infisical": "infisical", "akeyless": "akeyless",
	"gitlab": "gitlab", "github": "github", "kubernetes": "kubernetes", "ibm": "ibm", "oracle": "oracle", "scaleway": "scaleway", "yandexlockbox": "yandex", "yandexcertificatemanager": "yandex",
	"alibaba": "alibaba", "keepersecurity": "keeper", "conjur": "conjur", "delinea": "delinea", "bitwardensecretsmanager": "bitwarden", "pulumi": "pulumi", "secretserver": "delinea",
}

// store reads a SecretStore: one connection at its provider, with endpoint and principal.
func (m *manifest) store(root *Node) {
	for _, p := range root.Get("spec", "provider").Pairs() {
		v := p.Value
		if p.Key.Value == "fake" {
			return
		}
		o := m.d.Occurrence(connection.ProviderBlock, "provider", p.Key.Text())
		o.Provider, o.Consumer, o.Endpoint = storeProviders[p.Key.Value], m.c, hostOf(v)
		m.provider, m.endpoint = o.Provider, o.Endpoint
		o.Account = v.Get("projectID").String()
		if t := v.Get("tenantId"); t != nil {
			o.Account = t.String()
		}
		m.identity(&o, v)
		m.d.Emit(o)
	}
}

// identity tells how a store is logged in to.
func (m *manifest) identity(o *Occurrence, v *Node) {
	auth := v.Get("auth")
	switch {
	case auth.Get("workloadIdentity") != nil, auth.Get("jwt") != nil, auth.Get("kubernetes") != nil, v.Get("authType").String() == "WorkloadIdentity":
		o.Auth = connection.OIDC
		if r := auth.Get("kubernetes", "role"); r != nil {
			o.Principal = r.String()
		} else if r := auth.Get("jwt", "role"); r != nil {
			o.Principal = r.String()
		}
	case v.Get("authType").String() == "ManagedIdentity":
		o.Auth = connection.Ambient
	}
	if r := v.Get("role"); strings.HasPrefix(r.String(), "arn:") {
		m.done[r] = true
		o.Principal, o.Auth = r.String(), connection.OIDC
		_, o.Account, _ = byHost(r.String())
		m.trust(r.Text(), "role")
	}
}

// csi reads a SecretProviderClass.
func (m *manifest) csi(root *Node) {
	spec := root.Get("spec")
	id := map[string]string{"aws": "aws", "azure": "azure", "gcp": "gcp", "vault": "vault", "akeyless": "akeyless", "conjur": "conjur", "infisical": "infisical"}[spec.Get("provider").String()]
	par := spec.Get("parameters")
	m.provider = id
	if a := par.Get("vaultAddress"); a.String() != "" {
		m.endpoint = NormalHost(a.String())
	}
	o := m.d.Occurrence(connection.ProviderBlock, "provider", spec.Get("provider").Text())
	o.Provider, o.Auth, o.Endpoint, o.Consumer = id, connection.OIDC, m.endpoint, m.c
	o.Principal, o.Account = par.Get("roleName").String(), par.Get("tenantId").String()
	if id == "azure" {
		o.Principal = par.Get("clientID").String()
		if k := par.Get("keyvaultName").String(); k != "" {
			o.Endpoint = strings.ToLower(k) + ".vault.azure.net"
		}
	}
	found := false
	for _, key := range []string{"objects", "secrets"} {
		t := par.Get(key).Text()
		if t.S == "" || len(t.S) > maxScript {
			continue
		}
		m.done[par.Get(key)] = true
		for _, r := range m.d.ParseYAML(t) {
			found = m.csiObjects(r, o) || found
		}
	}
	if !found || o.Principal != "" { // else told with each object
		m.d.Emit(o)
	}
}

func (m *manifest) csiObjects(r *Node, o Occurrence) (found bool) {
	items := r.Items()
	if a := r.Get("array"); a != nil {
		for _, i := range a.Items() {
			for _, s := range m.d.ParseYAML(i.Text()) {
				items = append(items, s)
			}
		}
	}
	for _, i := range items {
		at := i.Get("objectName")
		for _, k := range []string{"secretPath", "resourceName", "path"} {
			if s := i.Get(k); s != nil {
				at = s
				break
			}
		}
		if at.String() == "" {
			continue
		}
		p := o
		p.Kind, p.Construct, p.Location, p.Principal, p.Account = connection.StoreRef, "objects", m.d.Location(at.Text()), "", ""
		where := map[string]string{"aws": "aws-sm:", "gcp": "gcp-sm:", "azure": "azure-kv:?/", "vault": "vault:?:"}[o.Provider]
		if where == "" {
			where = "csi:"
		}
		p.Refs, p.Role = []string{fragment(where+at.String(), i.Get("secretKey").String())}, connection.RoleSecret
		m.d.Emit(p)
		found = true
	}
	return found
}

// vaultSecret reads the secrets of HashiCorp's operator.
func (m *manifest) vaultSecret(root *Node) {
	spec := root.Get("spec")
	at := spec.Get("path")
	if at.String() == "" {
		at = spec.Get("role")
	}
	if at.String() == "" {
		return
	}
	o := m.d.Occurrence(connection.StoreRef, "path", at.Text())
	o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{"vault:?:" + spec.Get("mount").String() + "/" + at.String()}, "vault", connection.Static, connection.RoleSecret, m.c
	m.d.Emit(o)
	m.done[spec.Get("destination")] = true
}

func (m *manifest) vaultAuth(root *Node) {
	spec := root.Get("spec")
	at := spec.Get("method")
	for _, k := range []string{"kubernetes", "jwt", "aws", "gcp", "appRole"} {
		if r := spec.Get(k, "role"); r.String() != "" {
			at = r
		} else if r := spec.Get(k, "roleId"); r.String() != "" {
			at = r
		}
	}
	o := m.d.Occurrence(connection.FederatedTrust, "auth", at.Text())
	o.Provider, o.Principal, o.Auth, o.Consumer = "vault", at.String(), connection.OIDC, m.c
	if at.Text().S != "" {
		m.d.Emit(o)
	}
}

func (m *manifest) vaultConnection(root *Node) {
	m.endpointAt(root.Get("spec", "address"), "vault", "address")
}
