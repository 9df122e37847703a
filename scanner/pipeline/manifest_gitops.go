package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// The resources of Flux, Argo CD, cert-manager, KEDA, Kustomize and Tekton.

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

// receiver reads whose hooks Flux takes.
func (m *manifest) receiver(root *Node) {
	typ, _, _ := strings.Cut(root.Get("spec", "type").String(), "-")
	if m.provider = map[string]string{"gcr": "gcp", "acr": "azure", "cdevents": "", "generic": ""}[typ]; m.provider == "" && typ != "generic" {
		m.provider, _, _ = byName(envWords(typ))
	}
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

// composition reads the resources that a function of Crossplane makes from a template.
func (m *manifest) composition(root *Node) {
	root.Walk(func(n *Node) bool {
		if t := n.Get("inline", "template"); t.Is(ScalarNode) && len(t.String()) <= maxScript && !m.done[t] {
			m.done[t] = true
			for _, r := range m.d.ParseYAML(t.Text()) {
				if r.Get("kind").String() != "Composition" {
					readResource(m.d, r, maxBinding, m.scripts)
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

// param reads an argument of Tekton that names a Secret, or an entry of one.
func (m *manifest) param(n *Node) bool {
	name, v := strings.ToLower(envWords(n.Get("name").String())), n.Get("value")
	if !v.Is(ScalarNode) || strings.Contains(v.String(), "$(") {
		return false
	}
	switch {
	case strings.HasSuffix(name, "_secret_name"), strings.HasSuffix(name, "secret_key_ref"), strings.HasSuffix(name, "secret_ref"):
		m.secretRefAs(v, "", "params", name, "")
		return true
	case strings.HasSuffix(name, "_secret_key"):
		return true
	}
	return false
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
