package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// azureApp reads what is deployed to Azure without a template: the YAML of a
// container app and azure.yaml of the Azure Developer CLI. Source:
// learn.microsoft.com/azure/container-apps/azure-resource-manager-api-spec;
// learn.microsoft.com/azure/developer/azure-developer-cli/azd-schema.
var azureApp = Dialect{ID: "azure-app", Content: func(p string, head *Head) bool {
	return yamlExt(p) && (azdProject(p, head) || containerApp(head))
}, Read: readAzureApp}

// azdProject tells azure.yaml from a workflow of that name.
func azdProject(p string, head *Head) bool {
	base := path.Base(p)
	return (base == "azure.yaml" || base == "azure.yml") && !head.Top("on") && !head.Top("jobs") && !head.Top("apiVersion") &&
		(head.Top("services") || head.Top("hooks") || head.Top("pipeline") || head.Top("infra"))
}

func containerApp(head *Head) bool {
	return strings.Contains(head.Text, "Microsoft.App/") && head.Top("properties") || head.Top("properties") && strings.Contains(head.Text, "anagedEnvironmentId:")
}

func readAzureApp(d *Document) {
	f := &azureAppFile{varReader{d: d, store: "azd:env:", own: func(n string) (Value, bool) { return Value{}, settingName(n) }}}
	for _, root := range d.YAML() {
		c := connection.Consumer{Path: d.Path}
		if p := root.Get("properties"); p != nil {
			f.containers(p, c)
			continue
		}
		f.project(root, c)
	}
	f.flush(nil)
}

type azureAppFile struct{ varReader }

// containers reads a container app: the secrets that it keeps, where it pulls
// from, what takes a secret.
func (f *azureAppFile) containers(props *Node, c connection.Consumer) {
	conf := props.Get("configuration")
	for _, s := range conf.Get("secrets").Items() {
		f.appSecret(s, c)
	}
	for _, r := range conf.Get("registries").Items() {
		f.registry(r, c)
	}
	template := props.Get("template")
	for _, n := range append(template.Get("containers").Items(), template.Get("initContainers").Items()...) {
		c := c
		c.Job = n.Get("name").String()
		if i := n.Get("image"); i.String() != "" {
			f.privateImage(i.Text(), Literal(i.Text()), c)
		}
		for _, e := range n.Get("env").Items() {
			name := e.Get("name").String()
			if f.secretRef(e.Get("secretRef"), name, c); e.Get("value") != nil {
				f.d.setting(name, e.Get("value").Text(), "env", c)
			}
		}
	}
	for _, v := range template.Get("volumes").Items() {
		for _, s := range v.Get("secrets").Items() {
			f.secretRef(s.Get("secretRef"), "volumes", c)
		}
	}
	for _, r := range template.Get("scale", "rules").Items() {
		for _, p := range r.Pairs() {
			for _, a := range p.Value.Get("auth").Items() {
				f.secretRef(a.Get("secretRef"), "scale", c)
			}
		}
	}
}

// appSecret reads a secret of an app: in plain text, or held by a vault.
func (f *azureAppFile) appSecret(s *Node, c connection.Consumer) {
	name := s.Get("name").String()
	if u := s.Get("keyVaultUrl").Text(); u.S != "" {
		f.d.azureRefs(u, "keyVaultUrl", c)
		return
	}
	v := s.Get("value").Text()
	if got := f.text(v, secureName(name), nil, c); len(got.Refs) == 0 && !f.d.dataSource(v, "secrets", c) {
		f.d.writtenOut(secureName(strings.ReplaceAll(name, "-", "_")), v, "", "secrets", c)
	}
}

func (f *azureAppFile) registry(r *Node, c connection.Consumer) {
	server := r.Get("server")
	if server.String() == "" {
		return
	}
	o := f.d.Occurrence(connection.RegistryLogin, "registries", server.Text())
	o.Endpoint, o.Principal, o.Auth, o.Consumer = NormalHost(server.String()), plainName(r.Get("username").String()), connection.Ambient, c
	if ref := r.Get("passwordSecretRef").String(); ref != "" {
		o.Refs, o.Auth, o.Role = []string{"containerapp:secret:" + ref}, connection.Static, connection.RoleSecret
	}
	f.d.Emit(o)
}

func (f *azureAppFile) secretRef(n *Node, name string, c connection.Consumer) {
	f.d.appSecretRef(n.Text(), name, "secretRef", c)
}

// appSecretRef emits a secret of a container app where it is taken, with the
// name of the variable that it is bound to.
func (d *Document) appSecretRef(t Text, name, construct string, c connection.Consumer) {
	if t.S == "" || strings.ContainsAny(t.S, "[(${") {
		return
	}
	o := Occurrence{Kind: connection.SecretRef, Construct: construct, Role: connection.RoleSecret, Consumer: c}
	o.Provider, o.ProviderFrom = boundProvider(strings.ReplaceAll(t.S, "-", "_"), name)
	d.EmitRefs(o, Value{Refs: []Ref{{Name: "containerapp:secret:" + t.S, At: t, In: d}}}, nil)
}

// project reads azure.yaml: what its hooks run and the secrets that they are
// given, what its pipeline hands on, where its state is kept.
func (f *azureAppFile) project(root *Node, c connection.Consumer) {
	f.hooks(root.Get("hooks"), c)
	for _, s := range root.Get("services").Pairs() {
		c := c
		c.Job = s.Key.Value
		f.hooks(s.Value.Get("hooks"), c)
		for _, n := range []*Node{s.Value.Get("env"), s.Value.Get("config")} {
			f.settings(n, c)
		}
		for _, a := range s.Value.Get("docker", "buildArgs").Items() {
			if k, v, ok := a.Text().Cut("="); ok {
				f.azdValue(k.S, v, c)
			}
		}
		if i := s.Value.Get("docker", "registry"); i.String() != "" {
			f.privateImage(i.Text(), Literal(i.Text()), c)
		}
	}
	for _, n := range root.Get("pipeline", "secrets").Items() {
		o := Occurrence{Kind: connection.SecretRef, Construct: "pipeline.secrets", Role: connection.RoleSecret, Consumer: c}
		f.d.EmitRefs(o, Value{Refs: []Ref{{Name: f.store + n.String(), At: n.Text(), In: f.d}}}, nil)
	}
	if n := root.Get("state", "remote"); n.Get("backend") != nil {
		o := f.d.Occurrence(connection.Backend, "state", n.Get("backend").Text())
		o.Provider, o.Auth, o.Consumer = "azure", connection.Ambient, c
		o.Account, o.Principal = plainName(n.Get("config", "accountName").String()), plainName(n.Get("config", "containerName").String())
		f.d.Emit(o)
	}
}

func (f *azureAppFile) settings(n *Node, c connection.Consumer) {
	leaves(n, func(key string, n *Node) { f.azdValue(key, n.Text(), c) })
}

func (f *azureAppFile) azdValue(name string, t Text, c connection.Consumer) {
	if !f.d.azdValue(name, t, c) && !f.d.URLs(t, nil, name, c) {
		f.d.writtenOut(name, t, "", name, c)
	}
}

func (f *azureAppFile) hooks(n *Node, c connection.Consumer) {
	for _, p := range n.Pairs() {
		c := c
		c.Step = p.Key.Value
		for _, h := range p.Value.List() {
			f.hook(h, "", c)
			f.hook(h.Get("posix"), "bash", c)
			f.hook(h.Get("windows"), "pwsh", c)
		}
	}
}

func (f *azureAppFile) hook(h *Node, lang string, c connection.Consumer) {
	given := &Scope{names: map[string]Value{}}
	for _, s := range h.Get("secrets").Pairs() {
		given.names[s.Key.Value] = Value{Refs: []Ref{{Name: f.store + s.Value.String(), At: s.Value.Text(), In: f.d}}, Open: true}
		o := Occurrence{Kind: connection.SecretRef, Construct: "secrets", Role: connection.RoleSecret, Consumer: c}
		if o.Provider, o.ProviderFrom = boundProvider(s.Value.String(), s.Key.Value); o.Provider == "" {
			o.Provider = "azure"
		}
		f.d.EmitRefs(o, Value{Refs: []Ref{{Name: f.store + s.Value.String(), At: s.Value.Text(), In: f.d}}}, nil)
	}
	if s := h.Get("shell").String(); s != "" {
		lang = map[string]string{"pwsh": "pwsh", "sh": "bash", "bash": "bash"}[s]
	}
	if run := h.Get("run").Text(); run.S != "" {
		f.script([]Text{run}, lang, given, c, false)
	}
}

var (
	azdVariable  = lazily(`\$\{\{?\s*([A-Za-z_]\w*)\s*(?:[=:?+-][^}]*)?\}\}?`)
	azdGenerated = lazily(`\$\(\s*secretOrRandomPassword\s+(\S+)\s+([\w-]+)\s*\)`)
)

// azdValue reads a value that the Azure Developer CLI or the Teams Toolkit fills
// in: ${NAME}, ${{NAME}}, $(secretOrRandomPassword vault name).
func (d *Document) azdValue(name string, t Text, c connection.Consumer) bool {
	if m := azdGenerated().FindStringSubmatchIndex(t.S); m != nil {
		d.Emit(d.vaultSecret(t.Sub(m[0], m[1]), name, t.S[m[2]:m[3]], t.S[m[4]:m[5]], c))
		return true
	}
	var refs []Ref
	for _, m := range azdVariable().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		variable := t.S[m[2]:m[3]]
		if credentialName(variable) && !settingName(variable) || tfSecretName(name) {
			refs = append(refs, Ref{Name: "azd:env:" + variable, At: t.Sub(m[0], m[1]), In: d})
		}
	}
	if len(refs) == 0 {
		return false
	}
	o := Occurrence{Kind: connection.SecretRef, Construct: name, Role: connection.RoleSecret, Consumer: c}
	o.Provider, o.ProviderFrom = boundProvider(refName(refs[0].Name), name)
	return d.EmitRefs(o, Value{Refs: refs}, nil)
}

var (
	listKeys     = lazily(`(?i)\b(?:(\w+)\.)?list(?:Keys|AccountSas|ServiceSas|ConnectionStrings|AdminKeys|QueryKeys|Secrets|Credentials)\(([^()]*(?:\([^()]*\))?)`)
	resourceType = lazily(`(?i)Microsoft\.[\w.]+(?:/\w+)+`)
)

// listedKeys emits the keys of a resource that a template reads out and hands on.
func (d *Document) listedKeys(s string, at func(a, b int) Text, c connection.Consumer) {
	for _, m := range listKeys().FindAllStringSubmatchIndex(s, maxFanOut) {
		of := "?"
		if typ := resourceType().FindString(s[m[4]:m[5]]); typ != "" {
			of = typ
		} else if m[2] >= 0 {
			of = s[m[2]:m[3]]
		} else if id, _, _ := strings.Cut(strings.TrimSpace(s[m[4]:m[5]]), "."); isName(id) {
			of = id
		}
		o := d.Occurrence(connection.SecretRef, "listKeys", at(m[0], m[1]))
		o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{"azure-rm:keys:" + of}, "azure", connection.Static, connection.RoleSecret, c
		d.Emit(o)
	}
}
