package pipeline

import (
	"cmp"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// References of resources to Secrets.

// secretNameKey tells keys whose value is the name of a Secret.
func secretNameKey(k string) bool {
	switch k {
	case "secretName", "existingSecret", "existingSecretName", "secretRefName", "credentialsSecret", "tlsSecretName", "nodePublishSecretRef", "secretKeyRefName", "secretRef", "envFromSecret":
		return true
	}
	l := strings.ToLower(k)
	if l == "pushsecretname" || l == "externalsecretname" { // names of what an operator makes
		return false
	}
	return strings.HasPrefix(k, "csi.storage.k8s.io/") && strings.HasSuffix(k, "-secret-name") ||
		strings.HasPrefix(l, "existing") && strings.HasSuffix(l, "secret") || strings.HasPrefix(l, "existingsecret") && (strings.HasSuffix(l, "password") || strings.HasSuffix(l, "token") || strings.HasSuffix(l, "credentials")) || strings.HasSuffix(l, "existingsecret") || strings.HasSuffix(l, "secretname") && l != "secretname" ||
		strings.HasSuffix(k, "SecretRef") || strings.HasSuffix(l, "existingsecretname")
}

// reference reads a map that is a reference to a Secret itself. It tells whether it was one.
func (m *manifest) reference(n *Node, key string, up []string) bool {
	name := n.Get("name")
	if !name.Is(ScalarNode) || name.String() == "" {
		return false
	}
	k := n.Get("key")
	switch {
	case key == "configMapKeyRef", key == "configMapRef", key == "configMap", key == "fieldRef", key == "metadata":
		return false
	case key == "secretKeyRef", key == "secretRef", key == "secretKeySelector", strings.HasSuffix(key, "SecretRef"), strings.HasSuffix(key, "SecretKeyRef"), key == "passwordSecret", key == "secretKeySelectorRef":
	case key == "valuesFrom" && n.Get("kind").String() == "Secret", key == "secretSyncRef":
		k = n.Get("valuesKey")
	case key == "secret" && slices.Contains(up, "sources"), key == "secret" && k != nil:
	case key == "secretTargetRef":
	case k.Is(ScalarNode) && k.String() != "" && selectorOnly(n) && (strings.HasSuffix(key, "Secret") || SecretName(key) || selectorKeys[key] || slices.Contains(up, "secret") || slices.Contains(up, "secretRef") || slices.Contains(up, "authSecretRef")):
	case key == "tokenRef" && n.Get("secretName") != nil:
		return false
	default:
		return false
	}
	m.done[n] = true
	m.secretRefAs(name, k.String(), key, key, n.Get("namespace").String())
	return true
}

// selectorKeys hold a key of a Secret where their name does not say so.
var selectorKeys = map[string]bool{"username": true, "password": true, "apiURL": true, "routingKey": true, "serviceKey": true, "userKey": true, "botToken": true, "accessKey": true, "accessKeyId": true,
	"credentials": true, "webhookURL": true, "clientId": true, "clientSecret": true, "sshPrivateKeySecret": true, "privateKey": true, "sasl": true, "userSecret": true, "keySecret": true, "urlSecret": true}

func selectorOnly(n *Node) bool {
	for _, p := range n.Pairs() {
		switch p.Key.Value {
		case "name", "key", "optional", "namespace":
		default:
			return false
		}
	}
	return true
}

// secretRef emits a reference to a Secret by the node that names it.
func (m *manifest) secretRef(name *Node, key, construct string) {
	m.secretRefAs(name, key, construct, construct, "")
}

func (m *manifest) secretRefAs(name *Node, key, construct, hint, namespace string) {
	m.secretAt(name.Text().Trim(), key, construct, hint, namespace)
}

func (m *manifest) secretAt(t Text, key, construct, hint, namespace string) {
	if t.S == "" {
		return
	}
	o := m.d.Occurrence(connection.StoreRef, construct, t)
	if namespace == "" || strings.Contains(namespace, "{{") {
		namespace = m.namespace
	}
	if m.d.Templated && strings.Contains(key, "xxx") { // a template action, masked
		key = ""
	}
	o.Refs, o.Auth, o.Role, o.Consumer = []string{secretID(namespace, t.S, key)}, connection.Static, connection.RoleSecret, m.c
	o.Incomplete = strings.Contains(t.S, "{{") || strings.Contains(t.S, "$(")
	o.Provider, o.Endpoint = m.provider, m.endpoint
	if p := hostProvider(m.endpoint); p != "" {
		o.Provider = p
	}
	if Internal(m.endpoint) || m.endpoint == "" {
		o.Endpoint = ""
	}
	if own, sure, _ := byName(m.envName); o.Provider == "" || own != "" && (sure || strings.Contains(m.envName, "__")) {
		o.Provider, o.ProviderFrom = nameProvider(envWords(m.envName), envWords(plainName(t.S)), envWords(key), envWords(hint[strings.LastIndexByte(hint, '/')+1:]))
	}
	if stem, ok := credentialStem(strings.ToUpper(m.envName)); ok {
		o.Group = m.c.Job + "/env/" + stem
	}
	m.d.Emit(o)
}

// secretID is the normal form of a reference to a Secret: k8s:namespace/name#key.
func secretID(namespace, name, key string) string {
	name = strings.Join(strings.Fields(name), " ")
	if namespace != "" {
		name = namespace + "/" + name
	}
	return "k8s:" + fragment(name, strings.Join(strings.Fields(key), " "))
}

// entriesOf reads the keys of a map of values that names a Secret: they name
// entries of it, and a single one that of the reference.
func (m *manifest) entriesOf(n *Node) {
	entry, entries := "", 0
	for _, p := range n.Pairs() {
		if v := p.Value.Deref(); strings.HasSuffix(p.Key.Value, "Key") {
			m.done[v] = true
			if v.Is(ScalarNode) && v.String() != "" && !nothing(v) {
				entry, entries = v.String(), entries+1
			}
		}
	}
	for _, p := range n.Pairs() {
		if v := p.Value.Deref(); entries == 1 && v.Is(ScalarNode) && !nothing(v) && secretNameKey(p.Key.Value) && !m.done[v] {
			m.secretRef(v, entry, p.Key.Value)
			m.done[v] = true
		}
	}
}

// settingsOf is the provider whose settings a map holds: by its key, or by a
// type beside its logins.
func (m *manifest) settingsOf(n *Node, key string) string {
	if p := keyProviders[key]; p != "" || !m.values {
		return p
	}
	if w := nameWords(key); len(w) > 1 { // externalPostgresql, redis-ha
		if p := cmp.Or(keyProviders[w[len(w)-1]], keyProviders[w[0]]); p != "" && (keyProviders[w[0]] == "" || strings.Contains(key, "-")) {
			return p
		}
	}
	for _, k := range [...]string{"type", "driver", "engine", "dialect"} {
		if p := keyProviders[n.Get(k).String()]; p != "" {
			return p
		}
	}
	return ""
}

// pullSecrets reads imagePullSecrets: maps with a name, or names.
func (m *manifest) pullSecrets(n *Node) {
	m.done[n] = true
	for _, i := range n.List() {
		name := i
		if i.Is(MapNode) {
			name = i.Get("name")
		}
		t := name.Text().Trim()
		if t.S == "" || strings.HasPrefix(t.S, "{{") && strings.Contains(t.S, "toYaml") {
			continue
		}
		o := m.d.Occurrence(connection.RegistryLogin, "imagePullSecrets", t)
		o.Refs, o.Auth, o.Role, o.Consumer = []string{secretID(m.namespace, t.S, "")}, connection.Static, connection.RoleSecret, m.c
		o.Incomplete = strings.Contains(t.S, "{{")
		if o.Provider, o.ProviderFrom = nameProvider(envWords(plainName(t.S))); m.images != "" {
			o.Provider, o.ProviderFrom = m.images, connection.FromHost
		}
		m.d.Emit(o)
	}
}

// imagesOf is the provider of the one registry, other than those that serve
// everybody, that the images of a pod or of a chart's values are pulled from; ""
// where there is none or more.
func imagesOf(n *Node) string {
	found := ""
	for _, i := range append(append(n.Get("containers").Items(), n.Get("initContainers").Items()...), n) {
		image := i.Get("image")
		s := image.String()
		if image.Is(MapNode) {
			s = strings.TrimPrefix(strings.TrimSuffix(image.Get("registry").String(), "/")+"/"+image.Get("repository").String(), "/")
		}
		host, _ := ImageHost(s)
		if host == "" || host == dockerHub || Internal(host) {
			continue
		}
		p := hostProvider(host)
		if p == "" || found != "" && found != p {
			return ""
		}
		found = p
	}
	return found
}
