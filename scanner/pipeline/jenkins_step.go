package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// note keeps a credential until a use claims it, or the end.
func (f *jenkinsFile) note(o Occurrence, r Ref) {
	f.pending, f.ats = append(f.pending, o), append(f.ats, r.At.Pos(0))
}

func (f *jenkinsFile) sshagent(e *gExpr, c connection.Consumer) {
	ids := e.arg("credentials")
	if ids == nil {
		ids = e.pos(0)
	}
	for _, v := range elements(ids) {
		if r, ok := f.id(v); ok {
			o := f.pendingRef(r, "sshagent", c)
			o.Kind, o.Provider = connection.SSH, "ssh"
			f.note(o, r)
		}
	}
}

// registry reads docker.withRegistry(url, id) and withDockerRegistry(…).
func (f *jenkinsFile) registry(e *gExpr, c connection.Consumer) {
	url, id := e.arg("url"), e.arg("credentialsId")
	if url == nil && id == nil {
		url, id = e.pos(0), e.pos(1)
	}
	if url == nil {
		url = e.arg("registryUrl")
	}
	t := f.text(url)
	host := ""
	if t.S != "" && !strings.Contains(NormalHost(t.S), "$") {
		host = NormalHost(t.S)
	}
	r, ok := f.id(id)
	if !ok {
		return
	}
	o := f.pendingRef(r, "withRegistry", c)
	o.Kind, o.Endpoint = connection.RegistryLogin, host
	if rest, ecr := strings.CutPrefix(strings.TrimPrefix(o.Refs[0], jenkinsStore), "ecr:"); ecr { // ecr:region:id
		if _, cred, two := strings.Cut(rest, ":"); two {
			rest = cred
		}
		o.Refs[0], o.Provider = jenkinsStore+rest, "aws"
	}
	if t.S == "" || t.S == "https://" {
		if url == nil || t.S == "" && url.Str != nil {
			o.Endpoint = dockerHub
		}
	}
	f.note(o, r)
}

func (f *jenkinsFile) aws(e *gExpr, scope *Scope, c connection.Consumer) {
	if r, ok := f.id(e.arg("credentials")); ok {
		o := f.pendingRef(r, "withAWS", c)
		o.Provider = "aws"
		f.note(o, r)
		for _, n := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
			scope.Bind(n, Value{At: r.At, Refs: []Ref{r}, Open: true})
		}
	}
	role := e.arg("role")
	if role == nil {
		return
	}
	t := f.text(role)
	at := t
	if t.S == "" {
		at = role.At
	}
	o := f.d.Occurrence(connection.FederatedTrust, "withAWS", at)
	o.Provider, o.Auth, o.Role, o.Account, o.Consumer = "aws", connection.Ambient, connection.RoleIdentity, f.text(e.arg("roleAccount")).S, c
	if !strings.Contains(t.S, "$") {
		o.Principal = t.S
		if _, a, ok := byHost(t.S); ok && a != "" {
			o.Account = a
		}
	}
	if strings.Contains(o.Account, "$") {
		o.Account = ""
	}
	f.d.Emit(o)
}

// named emits a connection that is set up in Jenkins under a name.
func (f *jenkinsFile) named(v *gExpr, provider, key string, e *gExpr, c connection.Consumer) {
	if v == nil {
		v = e.arg(key)
	}
	t := f.text(v)
	if t.S == "" {
		return
	}
	if _, ok := f.id(e.arg("credentialsId")); ok {
		return // which tells it
	}
	o := f.d.Occurrence(connection.ServiceConnection, key, t)
	o.Provider, o.Principal, o.Consumer = provider, t.S, c
	f.d.Emit(o)
}

func (f *jenkinsFile) service(e *gExpr, provider string, c connection.Consumer) {
	o := f.d.Occurrence(connection.ServiceConnection, e.Name, e.At)
	o.Provider, o.Consumer = provider, c
	f.d.Emit(o)
}

// library names a shared library, which gets what the pipeline may use.
func (f *jenkinsFile) library(v *gExpr, c connection.Consumer) {
	for _, e := range elements(v) {
		t := f.text(e)
		if t.S == "" || strings.Contains(t.S, "$") {
			continue
		}
		o := f.d.Occurrence(connection.DelegatedCall, "library", t)
		o.Provider, o.Consumer = "jenkins", c
		o.Principal, _, _ = strings.Cut(t.S, "@")
		f.d.Emit(o)
		l := o.Location
		f.d.Gap(scanner.Gap{Line: l.Line, Column: l.Column, Reason: scanner.Outside, Minor: true, Detail: "takes a part of the pipeline from another place"})
	}
}

// vault reads the paths that withVault, withAzureKeyvault and withSecrets take.
func (f *jenkinsFile) vault(e *gExpr, scope *Scope, c connection.Consumer) {
	keys := e.arg("secretValues")
	switch p, ref := f.text(e.arg("path")), f.text(e.arg("secretRef")); {
	case p.S != "" && keys != nil:
		o := f.d.Occurrence(connection.StoreRef, "withVault", p)
		o.Refs, o.Auth, o.Role, o.Consumer, o.Provider = []string{"vault:?:" + p.S}, connection.Static, connection.RoleSecret, c, "vault"
		f.d.Emit(o)
		for _, k := range elements(keys) {
			if n := f.text(k.arg("envVar")); n.S != "" {
				scope.Bind(n.S, Value{Open: true}) // told by its path
			}
		}
	case ref.S != "" && strings.Contains(ref.S, "://"):
		o := f.d.Occurrence(connection.StoreRef, "withSecrets", ref)
		o.Refs, o.Auth, o.Role, o.Consumer = []string{"1password:" + strings.TrimPrefix(ref.S, "op://")}, connection.Static, connection.RoleSecret, c
		f.d.Emit(o)
	case e.arg("secretType") != nil:
		if t := f.text(e.arg("name")); t.S != "" {
			f.keyVault(t, c)
		}
	}
}

// keyVault emits a secret of Azure Key Vault by its name.
func (f *jenkinsFile) keyVault(name Text, c connection.Consumer) {
	o := f.d.Occurrence(connection.StoreRef, "withAzureKeyvault", name)
	o.Refs, o.Auth, o.Role, o.Consumer = []string{"azure-kv:?/" + name.S}, connection.Static, connection.RoleSecret, c
	f.d.Emit(o)
}

// podYAML reads the pod of a Kubernetes agent for the secrets that it mounts.
func (f *jenkinsFile) podYAML(v *gExpr, c connection.Consumer) {
	if v == nil || v.Str == nil {
		return
	}
	emit := func(n *Node, kind connection.Kind, key string) {
		t := n.Text()
		if t.S == "" || strings.Contains(t.S, "$") {
			return
		}
		o := f.d.Occurrence(kind, "yaml", t)
		o.Refs, o.Auth, o.Role, o.Provider, o.Consumer = []string{fragment("k8s:"+t.S, key)}, connection.Static, connection.RoleSecret, "", c
		f.d.Emit(o)
	}
	for _, root := range f.d.ParseYAML(f.d.content(v.Str)) {
		root.Walk(func(n *Node) bool {
			for _, p := range n.Pairs() {
				switch p.Key.Value {
				case "secretName":
					emit(p.Value, connection.StoreRef, "")
				case "secretKeyRef":
					emit(p.Value.Get("name"), connection.StoreRef, p.Value.Get("key").String())
				case "secretRef":
					emit(p.Value.Get("name"), connection.StoreRef, "")
				case "imagePullSecrets":
					for _, i := range p.Value.Items() {
						emit(i.Get("name"), connection.RegistryLogin, "")
					}
				}
			}
			return true
		})
	}
}

// readCasC reads configuration as code: credentials with the secrets that they
// are made of, and what takes them. Source: github.com/jenkinsci/configuration-as-code-plugin.
func readCasC(d *Document) {
	c := connection.Consumer{Path: d.Path}
	r := &varReader{d: d, store: "jenkins:secret:", own: func(string) (Value, bool) { return Value{}, false }}
	for _, root := range d.YAML() {
		root.Walk(func(n *Node) bool {
			id := n.Get("id").String()
			for _, p := range n.Pairs() {
				key, t := p.Key.Value, p.Value.Text()
				if !p.Value.Is(ScalarNode) || t.S == "" {
					continue
				}
				v := r.text(t, key, nil, c)
				o := Occurrence{Kind: connection.SecretRef, Construct: key, Role: connection.RoleSecret, Consumer: c}
				switch {
				case r.urls(t, nil, c):
				case len(v.Refs) > 0 && (tfSecretName(key) || key == "value" || key == "privateKey" || key == "secretBytes" || key == "secretKey" || key == "accessKey" || key == "username" || !v.Refs[0].Weak):
					if p, sure, ok := byName(strings.ReplaceAll(id, "-", "_")); ok && sure {
						o.Provider, o.ProviderFrom = p, connection.FromName
					}
					if id != "" {
						o.Group = "credential/" + id
					}
					d.EmitRefs(o, v, nil)
				case jenkinsID().MatchString(key):
					o.Location, o.Refs, o.Auth, o.Role = d.Location(t), []string{jenkinsStore + t.S}, connection.Static, connection.RoleWhole
					d.Emit(o)
				case tfSecretName(key) && !strings.Contains(t.S, "$") && !noValue(t.S):
					o.Kind, o.Location, o.Auth = connection.Literal, d.Location(t), connection.Static
					if strings.HasPrefix(t.S, "{") && strings.HasSuffix(t.S, "}") {
						o.Kind = connection.Encrypted
					}
					d.Emit(o)
				}
			}
			return true
		})
	}
}

// readJenkinsXML reads the configuration of a job or the stored credentials.
func readJenkinsXML(d *Document) {
	c := connection.Consumer{Path: d.Path}
	d.XML().walk(func(n *xmlNode) {
		o := Occurrence{Kind: connection.SecretRef, Construct: n.Name, Auth: connection.Static, Role: connection.RoleWhole, Consumer: c}
		switch {
		case n.Text.S == "" || len(n.Items) > 0:
		case jenkinsID().MatchString(n.Name):
			o.Refs, o.Location = []string{jenkinsStore + n.Text.S}, d.Location(n.Text)
			d.Emit(o)
		case strings.HasPrefix(n.Text.S, "{") && strings.HasSuffix(n.Text.S, "}") && len(n.Text.S) > 20:
			o.Kind, o.Location = connection.Encrypted, d.Location(n.Text)
			d.Emit(o)
		default:
			d.URLs(n.Text, nil, n.Name, c)
		}
	})
}
