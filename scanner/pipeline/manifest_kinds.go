package pipeline

import (
	"encoding/base64"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// secret reads a Secret: each credential in it, and the hosts of registry
// logins and of Argo CD's repositories.
func (m *manifest) secret(root *Node) {
	name := plainName(root.Get("metadata", "name").String())
	kind := root.Get("type").String()
	data, clear := root.Get("data"), root.Get("stringData")
	m.done[data], m.done[clear] = true, true
	m.endpoint = hostOf(clear)
	if u := decoded(data.Get("url").String()); u != "" && m.endpoint == "" {
		m.endpoint = NormalHost(u)
	}
	for _, part := range []*Node{data, clear} {
		for _, p := range part.Pairs() {
			k, t := p.Key.Value, p.Value.Text().Trim()
			v := t.S
			switch {
			case t.S == "" || strings.HasPrefix(t.S, "ENC["):
				if t.S != "" {
					m.encrypted(p.Key.Text(), secretID(m.namespace, name, k), name+"_"+k)
				}
				continue
			case part == data && !strings.Contains(t.S, "{{"):
				v = decoded(t.S)
			}
			switch {
			case m.storePath(t):
			case strings.Contains(t.S, "{{"):
				m.templated(secretEntry(name, k), t)
			case k == ".dockerconfigjson" || k == ".dockercfg" || kind == "kubernetes.io/dockerconfigjson":
				m.dockerAuths(t, v)
			case part == clear && (m.d.dataSource(t, k, m.c) || m.d.URLs(t, nil, k, m.c)):
			case part == clear && envRef(v) != "" && (secretKey(kind, k, name) || credentialName(envRef(v))):
				o := m.d.Occurrence(connection.SecretRef, "stringData", t)
				o.Refs, o.Auth, o.Role, o.Consumer = []string{"env:" + envRef(v)}, connection.Static, connection.RoleSecret, m.c
				o.Endpoint, o.Provider = m.endpoint, hostProvider(m.endpoint)
				if o.Provider == "" {
					o.Provider, o.ProviderFrom = nameProvider(envRef(v), envWords(name))
				}
				m.d.Emit(o)
			case secretKey(kind, k, name) && !blankValue(v) && !strings.HasPrefix(v, "$"):
				m.literal(t, name, k)
			case strings.Contains(v, "\n") || strings.HasSuffix(k, ".yaml") || strings.HasSuffix(k, ".yml"):
				if part == clear {
					m.embedded(p.Value)
				}
			}
		}
	}
}

// secretEntry is a name that says whether an entry of a Secret is a credential.
func secretEntry(name, k string) string {
	if SecretName(envWords(k)) || credentialName(envWords(k)) {
		return envWords(k)
	}
	return envWords(name) + "_" + envWords(k)
}

// secretKey tells entries of a Secret that are a credential.
func secretKey(kind, k, name string) bool {
	l := strings.ToLower(k)
	switch {
	case strings.HasPrefix(kind, "kubernetes.io/tls"):
		return l == "tls.key"
	case strings.HasPrefix(kind, "kubernetes.io/ssh"), strings.HasPrefix(kind, "kubernetes.io/service-account"), strings.HasPrefix(kind, "kubernetes.io/basic"):
		return strings.Contains(l, "key") || l == "token" || l == "password"
	case l == "ca.crt" || l == "tls.crt" || strings.HasSuffix(l, ".crt") || strings.HasSuffix(l, ".pub") || l == "known_hosts" || l == "namespace" || l == "type" || l == "url" || l == "name" || l == "server" || l == "project":
		return false
	}
	return (SecretName(envWords(k)) || credentialName(envWords(k)) || strings.HasSuffix(l, "key") && l != "key" || strings.HasSuffix(l, ".json")) && !identityName(envWords(k))
}

func decoded(s string) string {
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		return ""
	}
	return string(b)
}

func (m *manifest) literal(t Text, name, key string) {
	o := m.d.Occurrence(connection.Literal, "data", t)
	o.Refs, o.Auth, o.Role, o.Consumer = []string{secretID(m.namespace, name, key)}, connection.Static, connection.RoleSecret, m.c
	if m.endpoint != "" && !Internal(m.endpoint) {
		o.Endpoint, o.Provider = m.endpoint, hostProvider(m.endpoint)
	}
	if o.Provider == "" {
		o.Provider, o.ProviderFrom = nameProvider(envWords(key), envWords(name))
	}
	m.d.Emit(o)
}

// dockerAuths emits a login for each host in the JSON of a docker config.
func (m *manifest) dockerAuths(t Text, v string) {
	o := m.d.Occurrence(connection.RegistryLogin, "dockerconfigjson", t)
	o.Auth, o.Role, o.Consumer = connection.Static, connection.RoleSecret, m.c
	found := false
	for h := range dockerHosts(v) {
		p := o
		p.Endpoint, found = h, true
		m.d.Emit(p)
	}
	if !found {
		m.d.Emit(o)
	}
}

// dockerHosts gives the hosts of a docker config's auths, in order.
func dockerHosts(v string) func(func(string) bool) {
	return func(yield func(string) bool) {
		d := &Document{Data: []byte(v), dialect: &kubernetes}
		roots, _ := d.parseYAML(0, len(d.Data))
		for _, r := range roots {
			auths := r.Get("auths")
			if auths == nil {
				auths = r
			}
			for _, p := range auths.Pairs() {
				if h := NormalHost(p.Key.Value); h != "" && !yield(h) {
					return
				}
			}
		}
	}
}

func (m *manifest) encrypted(at Text, ref, name string) {
	o := m.d.Occurrence(connection.Encrypted, "encrypted", at)
	o.Refs, o.Auth, o.Role, o.Consumer = []string{ref}, connection.Static, connection.RoleSecret, m.c
	o.Provider, o.ProviderFrom = nameProvider(envWords(name))
	m.d.Emit(o)
}

// sealed reads encryptedData.
func (m *manifest) sealed(root *Node) {
	name := plainName(root.Get("metadata", "name").String())
	for _, p := range root.Get("spec", "encryptedData").Pairs() {
		m.encrypted(p.Key.Text(), secretID(m.namespace, name, p.Key.Value), name+"_"+p.Key.Value)
	}
	m.done[root.Get("spec", "encryptedData")] = true
	m.done[root.Get("spec", "template")] = true
}

// configMap reads settings, and the files of other dialects that stand in one.
func (m *manifest) configMap(root *Node) {
	data := root.Get("data")
	m.done[data] = true
	for _, p := range data.Pairs() {
		t := p.Value.Text()
		if strings.Contains(strings.TrimSpace(t.S), "\n") {
			m.embedded(p.Value)
			continue
		}
		if k := strings.ReplaceAll(p.Key.Value, "-", ""); strings.HasSuffix(k, "secretname") && k != "secretname" && secretNameKey(k) {
			m.secretRef(p.Value, "", p.Key.Value)
			continue
		}
		if stem, ok := strings.CutSuffix(p.Key.Value, "-key"); ok && data.Get(stem+"-name") != nil { // of the Secret so named
			continue
		}
		m.setting(p.Key.Text(), p.Value)
	}
}

// embedded reads a text that holds settings itself.
func (m *manifest) embedded(n *Node) {
	t := n.Text()
	if m.d.URLs(t, nil, "data", m.c) || len(t.S) > maxScript || !strings.Contains(t.S, ": ") {
		return
	}
	inner := *m
	inner.values, inner.done = true, map[*Node]bool{}
	for _, r := range m.d.ParseYAML(t) {
		if r.Is(MapNode) {
			inner.walk(r, "", nil)
		}
	}
}

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

// endpointAt emits an outside address that a resource connects to.
func (m *manifest) endpointAt(n *Node, provider, construct string) {
	t := n.Text().Trim()
	if t.S == "" || strings.Contains(t.S, "{{") || strings.HasPrefix(t.S, "$") {
		return
	}
	o := m.d.Occurrence(connection.Endpoint, construct, t)
	o.Provider, o.Consumer, o.Auth = provider, m.c, connection.None
	s := t.S
	if u, rest, ok := strings.Cut(s, "@"); ok && (strings.HasPrefix(s, "ssh://") || !strings.Contains(u, "/")) {
		o.Kind, o.Auth = connection.SSH, connection.Static
		o.Principal = strings.TrimPrefix(u, "ssh://")
		if s = rest; !strings.Contains(strings.SplitN(s, "/", 2)[0], ":") || !strings.HasPrefix(t.S, "ssh") {
			s = strings.Replace(s, ":", "/", 1)
		}
	}
	o.Endpoint = NormalHost(s)
	if !strings.Contains(o.Endpoint, ".") || Internal(o.Endpoint) {
		return
	}
	if p := hostProvider(o.Endpoint); p != "" {
		o.Provider = p
	}
	_, rest, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "oci://"), "/")
	o.Account = hostAccount(o.Endpoint, rest)
	m.d.Emit(o)
}

// source reads the sources of Flux.
func (m *manifest) source(root *Node) {
	if !strings.Contains(m.group, "fluxcd.io") {
		return
	}
	spec := root.Get("spec")
	if p := spec.Get("provider").String(); p == "aws" || p == "azure" || p == "gcp" || p == "github" {
		o := m.d.Occurrence(connection.FederatedTrust, "provider", spec.Get("provider").Text())
		o.Provider, o.Auth, o.Consumer = p, connection.OIDC, m.c
		m.d.Emit(o)
	}
	m.endpointAt(spec.Get("url"), "", "url")
	m.endpointAt(spec.Get("endpoint"), "", "endpoint")
}

// notify reads a notification provider of Flux.
func (m *manifest) notify(root *Node) {
	if !strings.Contains(m.group, "fluxcd.io") {
		return
	}
	t := root.Get("spec", "type").String()
	m.provider = map[string]string{"slack": "slack", "discord": "discord", "msteams": "teams", "rocket": "rocketchat", "googlechat": "google-chat", "github": "github", "githubdispatch": "github", "gitlab": "gitlab", "gitea": "gitea",
		"bitbucket": "bitbucket", "bitbucketserver": "bitbucket", "azuredevops": "azure-devops", "sentry": "sentry", "datadog": "datadog", "grafana": "grafana", "pagerduty": "pagerduty", "opsgenie": "opsgenie", "telegram": "telegram", "matrix": "matrix", "webex": "cisco-webex"}[t]
	m.endpointAt(root.Get("spec", "address"), m.provider, "address")
}

// release reads the values of a chart that Flux installs.
func (m *manifest) release(root *Node) {
	if v := root.Get("spec", "values"); v != nil {
		inner := *m
		inner.values = true
		inner.walk(v, "", []string{"values"})
	}
}

// issuer reads the ACME server of an Issuer of cert-manager.
func (m *manifest) issuer(root *Node) {
	m.endpointAt(root.Get("spec", "acme", "server"), "", "acme.server")
}

// keda reads the identity that a trigger authentication takes.
func (m *manifest) keda(root *Node) {
	spec := root.Get("spec")
	if p := spec.Get("podIdentity", "provider"); p.String() != "" && p.String() != "none" {
		o := m.d.Occurrence(connection.FederatedTrust, "podIdentity", p.Text())
		o.Auth, o.Consumer, o.Principal = connection.OIDC, m.c, spec.Get("podIdentity", "identityId").String()
		switch s := p.String(); {
		case strings.HasPrefix(s, "aws"):
			o.Provider = "aws"
		case strings.HasPrefix(s, "azure"):
			o.Provider = "azure"
		case s == "gcp":
			o.Provider = "gcp"
		}
		m.d.Emit(o)
	}
	for _, s := range [...]struct{ key, list, name, provider, store string }{{"hashiCorpVault", "secrets", "path", "vault", "vault:?:"}, {"azureKeyVault", "secrets", "name", "azure", "azure-kv:?/"},
		{"gcpSecretManager", "secrets", "id", "gcp", "gcp-sm:"}, {"awsSecretManager", "secrets", "name", "aws", "aws-sm:"}} {
		for _, i := range spec.Get(s.key, s.list).Items() {
			if at := i.Get(s.name); at.String() != "" {
				o := m.d.Occurrence(connection.StoreRef, s.key, at.Text())
				o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{fragment(s.store+at.String(), i.Get("key").String())}, s.provider, connection.Static, connection.RoleSecret, m.c
				m.d.Emit(o)
			}
		}
	}
}

// application reads the repositories of Argo CD.
func (m *manifest) application(root *Node) {
	root.Walk(func(n *Node) bool {
		for _, p := range n.Pairs() {
			switch p.Key.Value {
			case "repoURL":
				m.endpointAt(p.Value, "", "repoURL")
			case "server":
				m.endpointAt(p.Value, "kubernetes", "server")
			case "tokenRef":
				if s := p.Value.Get("secretName"); s != nil {
					m.secretRefAs(s, p.Value.Get("key").String(), "tokenRef", "tokenRef", "")
					m.done[p.Value.Deref()] = true
				}
			case "valuesObject":
				inner := *m
				inner.values = true
				inner.walk(p.Value, "", []string{"values"})
			case "values":
				if p.Value.Is(ScalarNode) {
					m.embedded(p.Value)
					m.done[p.Value.Deref()] = true
				}
			}
		}
		return true
	})
}

// kustomization reads the Secrets that Kustomize makes, and Flux's decryption.
func (m *manifest) kustomization(root *Node) {
	for _, g := range root.Get("secretGenerator").Items() {
		name := g.Get("name").String()
		told := false
		for _, l := range g.Get("literals").Items() {
			k, v, ok := l.Text().Cut("=")
			if ok && m.literalRef(k.S, v) {
				told = true
			} else if ok && secretKey("", k.S, name) && !blankValue(v.S) && !strings.HasPrefix(v.S, "$") {
				m.literal(v, name, k.S)
				told = true
			}
		}
		if !told {
			m.secretRef(g.Get("name"), "", "secretGenerator")
		}
		m.done[g] = true
	}
	for _, r := range root.Get("resources").Items() {
		if strings.HasPrefix(r.String(), "git@") || strings.HasPrefix(r.String(), "ssh://") {
			m.endpointAt(r, "", "resources")
		}
	}
}

// literalRef emits NAME=${X} and URLs with a login.
func (m *manifest) literalRef(name string, v Text) bool {
	ref := envRef(v.S)
	if !strings.HasPrefix(v.S, "$") || ref == "" || !credentialName(name) && !credentialName(ref) {
		return m.d.dataSource(v, name, m.c) || m.d.URLs(v, nil, name, m.c)
	}
	o := m.d.Occurrence(connection.SecretRef, "literals", v)
	o.Refs, o.Auth, o.Role, o.Consumer = []string{"env:" + ref}, connection.Static, connection.RoleSecret, m.c
	o.Provider, o.ProviderFrom = nameProvider(ref, name)
	m.d.Emit(o)
	return true
}

// pac reads the Repository of Pipelines as Code.
func (m *manifest) pac(root *Node) {
	for _, key := range []string{"secret", "webhook_secret"} {
		s := root.Get("spec", "git_provider", key)
		if s.Get("name") == nil {
			continue
		}
		if m.provider = map[string]string{"github": "github", "gitlab": "gitlab", "gitea": "gitea", "bitbucket-cloud": "bitbucket", "bitbucket-server": "bitbucket"}[root.Get("spec", "git_provider", "type").String()]; m.provider == "" {
			m.provider = hostProvider(NormalHost(root.Get("spec", "url").String()))
		}
		m.secretRefAs(s.Get("name"), s.Get("key").String(), key, key, "")
		m.done[s] = true
	}
}

// params reads Tekton's parameters whose value is the name of a Secret.
func (m *manifest) params(root *Node) {
	for _, list := range []*Node{root.Get("spec", "params"), root.Get("spec", "inputs", "params")} {
		for _, p := range list.Items() {
			name, def := p.Get("name").String(), p.Get("default")
			l := strings.ToLower(name)
			if def.String() != "" && strings.Contains(l, "secret") && (strings.HasSuffix(l, "name") || strings.HasSuffix(l, "secret")) {
				m.secretRefAs(def, "", "params", name, "")
			}
		}
	}
}
