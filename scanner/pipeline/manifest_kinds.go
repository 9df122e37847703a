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
	if root.Get("metadata", "labels", "argocd.argoproj.io/secret-type").String() == "cluster" {
		m.endpointAt(clear.Get("server"), "kubernetes", "server")
		m.trust(clear.Get("config").Text(), "config")
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
				m.filled(name, k, t)
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

// templatePath is what an action of a template takes: a value of the chart, of
// the item of a loop, or what another template makes.
var templatePath = lazily(`(?:\$\w*)?(?:\.[A-Za-z_]\w*(?:-\w+)*)+|\b(?:include|template) "[\w.-]+"`)

// filled emits an entry of a Secret that a template fills in. Where the entry's
// own name says credential, it is one whatever the value that it takes is called.
func (m *manifest) filled(name, k string, t Text) {
	if entry := envWords(k); !SecretName(entry) && !credentialName(entry) || identityName(entry) {
		m.templated(secretEntry(name, k), t)
		return
	}
	at, ref := []int(nil), ""
	for _, p := range templatePath().FindAllStringIndex(t.S, maxFanOut) {
		s := t.S[p[0]:p[1]]
		made, isMade := strings.CutSuffix(s[strings.IndexByte(s, ' ')+1:], `"`)
		last := s[strings.LastIndexByte(s, '.')+1:]
		if at != nil && (isMade || !SecretName(last) || secretNameKey(last)) {
			continue
		}
		if at, ref = p, "helm:value:"+strings.TrimPrefix(strings.TrimLeft(strings.TrimLeft(s, "$"), "."), "Values."); isMade {
			ref = "helm:template:" + strings.TrimPrefix(made, `"`)
		}
	}
	if at == nil {
		if at, ref = m.d.templateVariable(t.S); at == nil {
			return
		}
		ref = "helm:value:" + ref
	}
	o := m.d.Occurrence(connection.SecretRef, "template", t.Sub(at[0], at[1]))
	o.Refs, o.Auth, o.Role, o.Consumer = []string{ref}, connection.Static, connection.RoleSecret, m.c
	o.Provider, o.ProviderFrom = nameProvider(envWords(k), envWords(strings.TrimPrefix(ref, "helm:")), envWords(name))
	m.d.Emit(o)
}

var (
	templateName  = lazily(`\$[A-Za-z]\w*`)
	templateSet   = lazily(`(\$[A-Za-z]\w*) :=([^\n}]*)`)
	templateValue = lazily(`\.Values\.([\w.-]*\w)`)
)

// templateVariable is the value of the chart that the first variable in a text was
// set to, and where the variable stands; nil where it was set to none.
func (d *Document) templateVariable(s string) (at []int, value string) {
	at = templateName().FindStringIndex(s)
	if at == nil {
		return nil, ""
	}
	if d.templateVars == nil {
		d.templateVars = map[string]string{}
		for _, m := range templateSet().FindAllStringSubmatch(d.string(), maxOccurrences) {
			if v := templateValue().FindStringSubmatch(m[2]); v != nil && d.templateVars[m[1]] == "" {
				d.templateVars[m[1]] = v[1]
			}
		}
	}
	if value = d.templateVars[s[at[0]:at[1]]]; value == "" {
		return nil, ""
	}
	return at, value
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
	m.dollar = map[string]string{"argocd-cm": "argocd-secret", "argocd-notifications-cm": "argocd-notifications-secret"}[root.Get("metadata", "name").String()]
	for _, p := range data.Pairs() {
		t := p.Value.Text()
		if strings.Contains(strings.TrimSpace(t.S), "\n") || m.dollar != "" && strings.Contains(t.S, ": ") {
			if _, service, ok := strings.Cut(p.Key.Value, "service."); ok && m.dollar != "" {
				m.provider, _, _ = byName(envWords(service))
			}
			m.embedded(p.Value)
			m.provider = ""
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
	found := m.d.URLs(t, nil, "data", m.c)
	if len(t.S) > maxScript || !strings.Contains(t.S, ": ") || found && !strings.Contains(t.S, "\n") {
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
