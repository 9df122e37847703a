package pipeline

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// The dialects of resources with apiVersion and kind share one reader: a file
// may hold any of them, and what names a Secret looks alike in all. Source:
// kubernetes.io/docs/reference/kubernetes-api and those of the operators; pipelines.md 3.2.
var (
	kubernetes = Dialect{ID: "kubernetes", Content: manifestContent(""), Read: readManifest, Line: manifestLine}
	argoCD     = Dialect{ID: "argo-cd", Content: manifestContent("argoproj.io/", "kind: Application", "kind: AppProject", "kind: ArgoCD"), Read: readManifest, Line: manifestLine}
	argo       = Dialect{ID: "argo", Content: manifestContent("argoproj.io/"), Read: readManifest, Line: manifestLine}
	tekton     = Dialect{ID: "tekton", Content: manifestContent("tekton.dev/"), Read: readManifest, Line: manifestLine}
	kustomize  = Dialect{ID: "kustomize", Path: kustomizePath, Read: readManifest, Line: manifestLine}
)

func kustomizePath(p string) bool {
	base := path.Base(p)
	return base == "kustomization.yaml" || base == "kustomization.yml" || base == "Kustomization"
}

// manifestContent tells resources of an API group, "" for all, of some kinds if any are given.
func manifestContent(group string, kinds ...string) func(string, *Head) bool {
	return func(p string, head *Head) bool {
		if !manifestPath(p) {
			return false
		}
		s := head.Text
		if !head.Top("apiVersion") && !strings.Contains(s, `"apiVersion"`) && !strings.Contains(s, "\n  apiVersion:") && !strings.HasPrefix(firstLine(s), "apiVersion:") && (group == "" || !strings.Contains(s, " apiVersion: "+group)) || !strings.Contains(s, "kind") {
			return false
		}
		if group != "" && !strings.Contains(s, group) {
			return false
		}
		return len(kinds) == 0 || slices.ContainsFunc(kinds, func(k string) bool { return strings.Contains(s, k) })
	}
}

// manifestPath tells the names that files of resources have; those of clients'
// configurations have no ending.
func manifestPath(p string) bool {
	p = strings.TrimSuffix(p, ".j2")
	ext := path.Ext(p)
	return yamlExt(p) || ext == ".json" || ext == ".tpl" || ext == ".kubeconfig" || path.Base(p) == "kubeconfig" || strings.HasSuffix(p, ".kube/config")
}

// firstLine is the first line that says something, without its indentation.
func firstLine(s string) string {
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" && l != "---" && l[0] != '#' {
			return l
		}
	}
	return ""
}

// A manifest is the resource that is read now.
type manifest struct {
	d         *Document
	group     string // API group
	kind      string
	namespace string
	provider  string // of all in it: a provider's operator, a store's backend
	endpoint  string
	images    string // provider of the registry that all images beside are pulled from
	values    bool   // names and values by name: Helm values, settings
	dollar    string // the Secret whose keys $x names, of Argo CD
	c         connection.Consumer
	env       *Scope // of a container
	envName   string
	done      map[*Node]bool
	steps     int
	scripts   *int
}

func readManifest(d *Document) {
	scripts := 0
	for _, root := range d.resources() {
		readResource(d, root, 0, &scripts)
	}
}

// resources gives the roots of a document of resources that may become a
// connection. Schemas, which are long and of which nothing is read, are not parsed
// where the rest parses by itself.
func (d *Document) resources() []*Node {
	parts := splitDocuments(d.Data)
	if len(parts) == 1 && unread[partKind(d.Data)] {
		return nil
	}
	if len(parts) == 1 {
		return d.allResources()
	}
	var roots []*Node
	s := &manifestSift{}
	for _, p := range parts {
		if unread[partKind(d.Data[p[0]:p[1]])] {
			continue
		}
		idle, action := d.idlePart(s, p[0], p[1])
		if idle {
			continue
		}
		if action {
			return d.allResources()
		}
		got, err := d.wholeYAML(p[0], p[1])
		if err != nil {
			return d.allResources() // which tells what does not parse
		}
		roots = append(roots, got...)
	}
	return roots
}

// allResources gives all roots of a document, unless none may become a connection.
func (d *Document) allResources() []*Node {
	if s := (&manifestSift{}); !d.whole() && d.siftYAML(s) && !s.matters {
		return nil
	}
	return d.YAML()
}

// unread are the kinds of resources that reach nothing: schemas, and permissions
// inside the cluster.
var unread = map[string]bool{"CustomResourceDefinition": true, "ClusterRole": true, "Role": true, "ClusterRoleBinding": true, "RoleBinding": true, "APIService": true,
	"NetworkPolicy": true, "CompositeResourceDefinition": true, "ConstraintTemplate": true}

// partKind is the kind of a resource by its only line "kind: X" without
// indentation; "" where there is none, or another.
func partKind(part []byte) string {
	kind := ""
	for from := 0; ; {
		i := bytes.Index(part[from:], []byte("kind:"))
		if i < 0 {
			return kind
		}
		i += from
		from = i + len("kind:")
		if i > 0 && part[i-1] != '\n' {
			continue
		}
		line, _, _ := bytes.Cut(part[from:], []byte("\n"))
		if kind != "" {
			return ""
		}
		kind = strings.TrimSpace(string(line))
	}
}

func readResource(d *Document, root *Node, depth int, scripts *int) {
	if items := root.Get("items"); items.Is(SeqNode) && strings.HasSuffix(root.Get("kind").String(), "List") && depth < maxBinding {
		for _, i := range items.Items() {
			readResource(d, i, depth+1, scripts)
		}
		return
	}
	m := &manifest{d: d, kind: root.Get("kind").String(), done: map[*Node]bool{}, scripts: scripts}
	m.group, _, _ = strings.Cut(root.Get("apiVersion").String(), "/")
	if !strings.Contains(root.Get("apiVersion").String(), "/") {
		m.group = ""
	}
	m.namespace = plainName(root.Get("metadata", "namespace").String())
	name := plainName(root.Get("metadata", "name").String())
	if name == "" {
		name = plainName(root.Get("metadata", "generateName").String())
	}
	m.c = connection.Consumer{Path: d.Path, Job: strings.Trim(m.kind+"/"+name, "/"), Environment: m.namespace}
	m.provider = groupProvider(m.group)
	if unread[m.kind] {
		return
	}
	if f := resources[m.kind]; f != nil {
		f(m, root)
	}
	m.sops(root.Get("sops"))
	m.walk(root, "", nil)
}

// plainName is a name without template actions, "" where it is one.
func plainName(s string) string {
	if strings.Contains(s, "{{") {
		return ""
	}
	return s
}

// resources read what is peculiar to a kind, before the walk over all of it.
var resources map[string]func(*manifest, *Node)

func init() {
	resources = map[string]func(*manifest, *Node){
		"Secret": (*manifest).secret, "ConfigMap": (*manifest).configMap, "SealedSecret": (*manifest).sealed,
		"ExternalSecret": (*manifest).external, "ClusterExternalSecret": (*manifest).external, "PushSecret": (*manifest).external, "ClusterPushSecret": (*manifest).external,
		"SecretStore": (*manifest).store, "ClusterSecretStore": (*manifest).store,
		"SecretProviderClass": (*manifest).csi, "VaultStaticSecret": (*manifest).vaultSecret, "VaultDynamicSecret": (*manifest).vaultSecret,
		"VaultPKISecret": (*manifest).vaultSecret, "VaultAuth": (*manifest).vaultAuth, "VaultConnection": (*manifest).vaultConnection,
		"GitRepository": (*manifest).source, "HelmRepository": (*manifest).source, "OCIRepository": (*manifest).source, "Bucket": (*manifest).source,
		"Provider": (*manifest).notify, "Receiver": (*manifest).receiver, "HelmRelease": (*manifest).release, "Issuer": (*manifest).issuer, "ClusterIssuer": (*manifest).issuer,
		"TriggerAuthentication": (*manifest).keda, "ClusterTriggerAuthentication": (*manifest).keda,
		"Application": (*manifest).application, "ApplicationSet": (*manifest).application, "AppProject": nil,
		"Kustomization": (*manifest).kustomization, "Config": (*manifest).kubeconfig, "Repository": (*manifest).pac,
		"Task": (*manifest).params, "ClusterTask": (*manifest).params, "Pipeline": (*manifest).params, "PipelineRun": (*manifest).params, "TaskRun": (*manifest).params,
		"StepAction": (*manifest).params, "Composition": (*manifest).composition,
	}
}

// groupProvider is the provider that an operator's API group names.
func groupProvider(group string) string {
	for _, p := range [...][2]string{{"aws.upbound.io", "aws"}, {"aws.crossplane.io", "aws"}, {"gcp.upbound.io", "gcp"}, {"gcp.crossplane.io", "gcp"},
		{"azure.upbound.io", "azure"}, {"azure.crossplane.io", "azure"}, {"cnrm.cloud.google.com", "gcp"}, {"services.k8s.aws", "aws"}, {"github.upbound.io", "github"},
		{"vault.upbound.io", "vault"}, {"datadoghq.com", "datadog"}, {"grafana.integreatly.org", "grafana"}, {"secrets.hashicorp.com", "vault"},
		{"atlas.mongodb.com", "mongodb"}, {"onepassword.com", "1password"}, {"secrets.doppler.com", "doppler"}, {"actions.summerwind.dev", "github"},
		{"secrets.infisical.com", "infisical"}, {"app.terraform.io", "terraform-cloud"}, {"pulumi.com", "pulumi"}, {"actions.github.com", "github"}} {
		if group == p[0] || strings.HasSuffix(group, "."+p[0]) {
			return p[1]
		}
	}
	return ""
}

// walk reads what looks alike in all resources. Key is that of n in its parent;
// up are the keys above.
func (m *manifest) walk(n *Node, key string, up []string) {
	if n = n.Deref(); n == nil || m.done[n] || len(up) > maxDepth {
		return
	}
	if m.steps++; m.steps > maxNodes {
		return
	}
	m.done[n] = true
	switch n.Kind {
	case ScalarNode:
		m.scalar(n, key, up)
	case SeqNode:
		for _, i := range n.Items() {
			m.walk(i, key, up)
		}
	case MapNode:
		m.mapping(n, key, append(slices.Clone(up), key))
	}
}

func (m *manifest) mapping(n *Node, key string, up []string) {
	if hint := m.settingsOf(n, key); hint != "" && m.provider != hint {
		defer func(p, e string) { m.provider, m.endpoint = p, e }(m.provider, m.endpoint)
		m.provider, m.endpoint = hint, ""
	}
	if e := hostOf(n); e != "" {
		defer func(e string) { m.endpoint = e }(m.endpoint)
		m.endpoint = e
	}
	if m.group == "tekton.dev" && m.param(n) {
		return
	}
	if n.Get("name").Is(ScalarNode) && (n.Get("valueFrom") != nil || n.Get("value") != nil) {
		defer func(s string) { m.envName = s }(m.envName)
		m.envName = n.Get("name").String()
		if v := n.Get("value"); v.Is(ScalarNode) && !m.done[v] {
			m.done[v] = true
			m.setting(n.Get("name").Text(), v)
		}
	}
	if n.Get("valueFrom") != nil && n.Get("name") == nil { // env as a map
		defer func(s string) { m.envName = s }(m.envName)
		m.envName = key
	}
	if m.container(n) {
		return
	}
	if m.reference(n, key, up) {
		return
	}
	if name := n.Get("name"); n.Get("type").String() == "secret" && name.Is(ScalarNode) && slices.Contains(up, "persistence") { // of common library charts
		m.secretRef(name, "", "persistence")
		m.done[name.Deref()] = true
	}
	if kind := n.Get("kind"); m.values && n.Get("apiVersion").Is(ScalarNode) && kind.Is(ScalarNode) && kind.String() != "Config" && key != "generatorRef" { // a resource among the values
		readResource(m.d, n, maxBinding, m.scripts)
		return
	}
	if at := n.Get("remoteKey"); m.values && at.Is(ScalarNode) && n.Get("secretKey").Is(ScalarNode) {
		m.remote(at.Text().Trim(), n.Get("property").String(), "", "?", "")
		return
	}
	if m.values && namesSecret(n) {
		m.entriesOf(n)
	}
	if slices.ContainsFunc(n.Pairs(), func(p Pair) bool { return pullKeys[p.Key.Value] }) {
		defer func(p string) { m.images = p }(m.images)
		m.images = imagesOf(n)
	}
	for _, p := range n.Pairs() {
		if stem, ok := strings.CutSuffix(p.Key.Value, "SecretKey"); ok && n.Get(stem+"SecretName") != nil {
			continue // of the Secret so named
		}
		m.pair(p, key, up)
	}
}

// namesSecret tells a map that names a Secret, so that its other keys name entries of it.
func namesSecret(n *Node) bool {
	return slices.ContainsFunc(n.Pairs(), func(p Pair) bool {
		return p.Value.Is(ScalarNode) && p.Value.String() != "" && secretNameKey(p.Key.Value)
	})
}

// pair reads a key with its value where the key tells what it is.
func (m *manifest) pair(p Pair, parent string, up []string) {
	k, v := p.Key.Value, p.Value.Deref()
	switch {
	case v == nil || m.done[v]:
		return
	case k == "labels" || strings.HasSuffix(strings.ToLower(k), "annotations"):
		m.annotations(v)
	case pullKeys[k]:
		m.pullSecrets(v)
		return
	case k == "secretName" && m.kind == "Certificate": // what it makes, not what it takes
		return
	case k == "certificateRefs" || k == "caCertificateRefs": // of the Gateway API
		for _, s := range v.Items() {
			if kind := s.Get("kind").String(); kind == "Secret" || kind == "" && k == "certificateRefs" {
				m.secretRefAs(s.Get("name"), "", k, k, s.Get("namespace").String())
			}
		}
		return
	case k == "extraSecretNamesForEnvFrom" || k == "extraEnvFromSecrets": // lists of names
		for _, s := range v.Items() {
			m.secretRef(s, "", k)
			m.done[s.Deref()] = true
		}
	case k == "envFromSecrets": // of Grafana's chart
		for _, s := range v.Items() {
			m.secretRef(s.Get("name"), "", k)
		}
		return
	case k == "substituteFrom":
		for _, s := range v.Items() {
			if s.Get("kind").String() == "Secret" {
				m.secretRef(s.Get("name"), "", k)
			}
		}
		return
	case k == "solvers" && m.endpoint != "": // reach others than the issuer does
		defer func(e string) { m.endpoint = e }(m.endpoint)
		m.endpoint = ""
	case k == "secrets" && m.kind == "ServiceAccount":
		for _, s := range v.Items() {
			m.secretRef(s.Get("name"), "", "secrets")
		}
		return
	case nothing(v):
		return
	case v.Kind == ScalarNode && secretNameKey(k):
		m.secretRef(v, "", k)
		m.done[v] = true
		return
	case k == "target" && m.kind == "ExternalSecret" && parent == "spec":
		return
	case k == "itemPath" && m.kind == "OnePasswordItem":
		o := m.d.Occurrence(connection.StoreRef, k, v.Text().Trim())
		o.Refs = []string{"1password:" + strings.TrimPrefix(strings.Replace(v.String(), "/items/", "/", 1), "vaults/")}
		o.Provider, o.Auth, o.Role, o.Consumer = m.provider, connection.Static, connection.RoleSecret, m.c
		m.d.Emit(o)
		m.done[v] = true
		return
	}
	m.walk(v, k, up)
}

// nothing tells a value that is written as null.
func nothing(v *Node) bool {
	return v.Is(ScalarNode) && (v.String() == "~" || v.String() == "null") && !v.Quote
}

// pullKeys hold the Secrets by which images are pulled.
var pullKeys = map[string]bool{"imagePullSecrets": true, "pullSecrets": true, "imagePullSecretRefs": true}

// hostKeys name a host, the surest first.
var hostKeys = []string{"url", "endpoint", "server", "address", "host", "vaultUrl", "vaultAddress", "connectHost", "issuer", "repoURL", "repo", "registry", "hostAPI", "githubServer"}

// hostOf is the host that a map of settings names.
func hostOf(n *Node) string {
	if !slices.ContainsFunc(n.Pairs(), func(p Pair) bool { return slices.Contains(hostKeys, p.Key.Value) }) {
		return ""
	}
	for _, k := range hostKeys {
		v := n.Get(k)
		s := v.String()
		if s == "" || strings.Contains(s, "{{") || strings.Contains(s, "$") {
			continue
		}
		if u, rest, ok := strings.Cut(s, "@"); ok && !strings.Contains(u, "/") {
			s, _, _ = strings.Cut(rest, ":")
		}
		if h := NormalHost(s); strings.Contains(h, ".") && !strings.ContainsAny(h, " ,") {
			return h
		}
	}
	return ""
}

// envWords makes a name of a resource one of a variable.
func envWords(s string) string { return underscores.Replace(s) }

var underscores = strings.NewReplacer("-", "_", ".", "_")

// setting reads a name with its value: a variable, an entry of values.
func (m *manifest) setting(name Text, v *Node) {
	t := v.Text().Trim()
	if t.S == "" || len(t.S) > maxAction {
		return
	}
	if m.storePath(t) || m.trust(t, name.S) {
		return
	}
	if strings.Contains(t.S, "{{") {
		m.templated(name.S, t)
		return
	}
	if ref := envRef(t.S); ref != "" && len(ref) >= len(t.S)-3 && credentialName(ref) && (SecretName(name.S) || credentialName(name.S)) {
		o := m.d.Occurrence(connection.SecretRef, "value", t)
		o.Refs, o.Auth, o.Role, o.Consumer = []string{"env:" + ref}, connection.Static, connection.RoleSecret, m.c
		o.Provider, o.ProviderFrom = m.byContext(name.S, ref)
		m.d.Emit(o)
		return
	}
	if strings.HasPrefix(t.S, "$(") || strings.HasPrefix(t.S, "${") || strings.Contains(t.S, "$(") {
		m.d.URLs(t, nil, name.S, m.c)
		return
	}
	if strings.Contains(t.S, "\n") && !strings.Contains(t.S, "PRIVATE KEY") {
		m.d.URLs(t, nil, name.S, m.c)
		return
	}
	m.d.setting(name.S, t, "value", m.c)
}

// templated emits a credential that a template fills in from values.
func (m *manifest) templated(name string, t Text) {
	if identityName(name) || !SecretName(name) && !credentialName(name) {
		return
	}
	at, p := templateValue().FindStringIndex(t.S), ""
	if at == nil {
		if at, p = m.d.templateVariable(t.S); at == nil {
			return
		}
	} else {
		p = t.S[at[0]+len(".Values.") : at[1]]
	}
	last := p[strings.LastIndexByte(p, '.')+1:]
	if strings.Contains(t.S, "ternary") || identityName(last) || secretNameKey(last) || strings.HasSuffix(strings.ToLower(last), "key") && !SecretName(name) {
		return
	}
	o := m.d.Occurrence(connection.SecretRef, "template", t.Sub(at[0], at[1]))
	o.Refs, o.Auth, o.Role, o.Consumer = []string{"helm:value:" + p}, connection.Static, connection.RoleSecret, m.c
	o.Provider, o.ProviderFrom = nameProvider(name, envWords(p))
	m.d.Emit(o)
}

// trust emits a role or workload identity that stands in a string.
func (m *manifest) trust(t Text, construct string) bool {
	i := strings.Index(t.S, "arn:aws")
	if i < 0 || !strings.Contains(t.S, ":role/") {
		return false
	}
	j := i
	for j < len(t.S) && strings.IndexByte(" \t\n\"',;", t.S[j]) < 0 {
		j++
	}
	r := &varReader{d: m.d}
	return r.role(t.Sub(i, j), construct, connection.OIDC, m.c)
}

// scalar reads a string that no key told of.
func (m *manifest) scalar(n *Node, key string, up []string) {
	t := n.Text()
	if len(t.S) < 3 || len(t.S) > maxScript {
		return
	}
	if m.storePath(t) || len(t.S) < maxAction && m.trust(t, key) {
		return
	}
	if strings.Contains(t.S, "://") {
		if m.d.dataSource(t, key, m.c) || m.d.URLs(t, nil, key, m.c) {
			return
		}
	}
	if m.values && len(up) > 0 {
		m.valueOf(n, key, up)
	}
}
