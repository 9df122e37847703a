package pipeline

import (
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

func (f *gitlabFile) read() {
	for _, root := range f.roots {
		c := connection.Consumer{Path: f.d.Path}
		var done []*Node
		for _, p := range root.Pairs() {
			switch key := p.Key.Value; {
			case key == "include":
				f.includes(p.Value, c)
			case key == "default", !gitlabKeys[key] && p.Value.Is(MapNode):
				f.template = key == "default" || strings.HasPrefix(key, ".")
				f.job(p.Value, f.consumer(key, p.Value))
				f.template = false
			case key == "image", key == "services":
				f.images(p.Value, f.set.globals, c)
			case key == "before_script", key == "after_script":
				f.template = true
				f.script(f.lines(p.Value), "", f.set.globals, c, false)
				f.template = false
			case key == "spec":
			default:
				continue
			}
			done = append(done, p.Value.Deref())
		}
		f.sweep(root, "", f.set.globals, c, done...)
	}
	f.flush(nil)
}

func (f *gitlabFile) consumer(job string, n *Node) connection.Consumer {
	c := connection.Consumer{Path: f.d.Path, Job: job, Environment: n.Get("environment").String()}
	if c.Environment == "" {
		c.Environment = n.Get("environment", "name").String()
	}
	return c
}

// chain gives the jobs that a job extends, furthest first, and itself.
func (f *gitlabFile) chain(job *Node) []*Node {
	var out []*Node
	var visit func(n *Node, depth int)
	visit = func(n *Node, depth int) {
		if n == nil || depth > maxBinding || len(out) > maxFanOut || slices.Contains(out, n) {
			return
		}
		for _, e := range n.Get("extends").List() {
			visit(f.set.jobs[e.String()], depth+1)
		}
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	visit(job.Deref(), 0)
	return out
}

func (f *gitlabFile) job(job *Node, c connection.Consumer) {
	scope := f.set.globals.Inner()
	job = job.Deref()
	f.oidc = false
	chain := f.chain(job)
	for _, n := range chain {
		f.oidc = f.oidc || n.Get("id_tokens") != nil || n.Get("identity") != nil
	}
	for _, n := range chain {
		of := f
		if g := f.set.of[n]; g != nil {
			of = g
		}
		if n != job { // told where it stands
			of.inherit(n, scope, c)
			continue
		}
		f.tokens(n, scope, c)
		f.variables(n.Get("variables"), scope, c)
	}
	var done []*Node
	skip := func(key string) *Node {
		n := job.Get(key)
		done = append(done, n)
		return n
	}
	f.images(skip("image"), scope, c)
	f.images(skip("services"), scope, c)
	f.trigger(skip("trigger"), c)
	skip("id_tokens")
	skip("secrets")
	skip("variables")
	if n := job.Get("identity"); n.String() == "google_cloud" {
		o := f.d.Occurrence(connection.FederatedTrust, "identity", n.Text())
		o.Provider, o.Auth, o.Consumer = "gcp", connection.OIDC, c
		f.d.Emit(o)
	}
	if n := job.Get("environment", "kubernetes", "agent"); n.String() != "" {
		o := f.d.Occurrence(connection.ServiceConnection, "environment.kubernetes.agent", n.Text())
		o.Provider, o.Principal, o.Auth, o.Consumer = "gitlab", n.String(), connection.Ambient, c
		f.d.Emit(o)
	}
	before := f.lines(skip("before_script"))
	f.script(append(before, f.lines(skip("script"))...), "", scope, c, f.oidc)
	f.script(f.lines(skip("after_script")), "", scope, c, f.oidc)
	f.script(f.lines(job.Get("hooks", "pre_get_sources_script")), "", scope, c, f.oidc)
	f.sweep(job, "", scope, c, done...)
}

// inherit binds the variables of a job that this one extends.
func (f *gitlabFile) inherit(n *Node, scope *Scope, c connection.Consumer) {
	for _, p := range n.Get("variables").Pairs() {
		if t := variableValue(p.Value).Text(); t.S != "" {
			scope.Bind(p.Key.Value, f.text(t, p.Key.Value, scope, c).Through(p.Key.Value))
		}
	}
	for _, key := range []string{"id_tokens", "secrets"} {
		for _, p := range n.Get(key).Pairs() {
			v := Value{Open: true}
			if key == "id_tokens" {
				v = derived(connection.OIDC)
			}
			scope.Bind(p.Key.Value, v)
		}
	}
}

// lines gives the parts of a script: a string, or a list with lists in it.
// What !reference brings from another job is read there.
func (f *gitlabFile) lines(n *Node) []Text { return scriptLines(n, 0) }

func scriptLines(n *Node, depth int) []Text {
	if n = n.Deref(); n == nil || depth > maxBinding || !n.doc.descend() || n.Tag == "!reference" {
		return nil
	}
	switch n.Kind {
	case ScalarNode:
		return []Text{n.Text()}
	case SeqNode:
		var out []Text
		for _, i := range n.items {
			if len(out) < maxNodes {
				out = append(out, scriptLines(i, depth+1)...)
			}
		}
		return out
	case MapNode: // "curl -H a: b" without quotes round it
		var out []Text
		for _, p := range n.pairs {
			out = append(append(out, p.Key.Text()), scriptLines(p.Value, depth+1)...)
		}
		return out
	}
	return nil
}

// images reads image and services.
func (f *gitlabFile) images(n *Node, scope *Scope, c connection.Consumer) {
	for _, i := range n.List() {
		name := i
		if i.Is(MapNode) {
			name = i.Get("name")
			f.sweep(i.Get("variables"), "", scope, c)
		}
		if name.String() != "" {
			f.privateImage(name.Text(), f.text(name.Text(), "image", scope, c), c)
		}
	}
}

// tokens reads id_tokens and secrets.
func (f *gitlabFile) tokens(n *Node, scope *Scope, c connection.Consumer) {
	for _, p := range n.Get("id_tokens").Pairs() {
		aud := p.Value.Get("aud")
		for _, a := range aud.List() {
			o := f.d.Occurrence(connection.FederatedTrust, "id_tokens", a.Text())
			o.Auth, o.Role, o.Consumer = connection.OIDC, connection.RoleIdentity, c
			f.audience(&o, a, scope, c)
			f.d.Emit(o)
		}
		if aud == nil {
			o := f.d.Occurrence(connection.FederatedTrust, "id_tokens", p.Key.Text())
			o.Auth, o.Consumer = connection.OIDC, c
			f.d.Emit(o)
		}
		scope.Bind(p.Key.Value, derived(connection.OIDC))
	}
	for _, p := range n.Get("secrets").Pairs() {
		ref, at, provider := f.secret(p.Value, scope)
		if ref == "" {
			continue
		}
		o := f.d.Occurrence(connection.StoreRef, "secrets", at)
		o.Refs, o.Provider, o.Role, o.Auth, o.Consumer = []string{ref}, provider, connection.RoleSecret, connection.OIDC, c
		if host, ok := strings.CutPrefix(ref, "vault:"); ok && host[0] != '?' {
			o.Endpoint, _, _ = strings.Cut(host, ":")
		}
		f.d.Emit(o)
		scope.Bind(p.Key.Value, Value{Refs: []Ref{{Name: ref, At: at, In: f.d}}, Open: true})
	}
}

// audience tells by an id token's audience and name whom it is for.
func (f *gitlabFile) audience(o *Occurrence, a *Node, scope *Scope, c connection.Consumer) {
	v := f.text(a.Text(), "aud", scope, c)
	o.Refs = nil
	if host := NormalHost(v.Lit); strings.Contains(host, ".") && !v.Open {
		o.Endpoint = host
	}
	switch {
	case strings.Contains(v.Lit, "workloadIdentityPools"), strings.Contains(v.Lit, "iam.googleapis.com"):
		o.Provider, o.Principal = "gcp", strings.TrimPrefix(strings.TrimPrefix(v.Lit, "https:"), "//iam.googleapis.com/")
	case v.Lit == "sts.amazonaws.com":
		o.Provider = "aws"
	case v.Lit == "api://AzureADTokenExchange":
		o.Provider, o.Endpoint = "azure", ""
	case v.Lit == "sigstore", v.Lit == "pypi", strings.HasPrefix(v.Lit, "npm:"), v.Lit == "testpypi":
		o.Provider = strings.TrimPrefix(v.Lit, "test")
		o.Provider, _, _ = strings.Cut(o.Provider, ":")
	}
	if o.Provider == "" && o.Endpoint == "" {
		for _, name := range append([]string{v.Lit}, refNames(v)...) {
			if p, _, ok := byName(name); ok {
				o.Provider, o.ProviderFrom = p, connection.FromName
				return
			}
		}
	}
	if p, _, ok := byName(strings.SplitN(o.Endpoint, ".", 2)[0]); ok && o.Endpoint != "" && p == "vault" {
		o.Provider = p
	}
}

func refNames(v Value) []string {
	var out []string
	for _, n := range v.Names() {
		out = append(out, refName(n))
	}
	return out
}

// secret gives the normal form of an entry of secrets, and where it is named.
func (f *gitlabFile) secret(n *Node, scope *Scope) (ref string, at Text, provider string) {
	lit := func(t Text) string { return t.S }
	if v := n.Get("vault"); v != nil {
		where := "?"
		if a, ok := scope.Lookup("VAULT_SERVER_URL"); ok && !a.Open && NormalHost(a.Lit) != "" {
			where = NormalHost(a.Lit)
		}
		if s := v.String(); s != "" { // ops/data/production/db/password@kv
			p, mount, ok := strings.Cut(s, "@")
			if !ok {
				mount = "kv-v2"
			}
			i := strings.LastIndexByte(p, '/')
			return "vault:" + where + ":" + mount + "/" + strings.TrimPrefix(p[:max(i, 0)], "/") + "#" + p[i+1:], v.Text(), "vault"
		}
		p := v.Get("path")
		return "vault:" + where + ":" + v.Get("engine", "path").String() + "/" + p.String() + "#" + v.Get("field").String(), p.Text(), "vault"
	}
	if v := n.Get("gcp_secret_manager"); v != nil {
		ref := "gcp-sm:" + lit(v.Get("name").Text())
		if ver := v.Get("version").String(); ver != "" {
			ref += "@" + ver
		}
		return ref, v.Get("name").Text(), "gcp"
	}
	if v := n.Get("azure_key_vault"); v != nil {
		where := "?"
		if a, ok := scope.Lookup("AZURE_KEY_VAULT_SERVER_URL"); ok && !a.Open {
			where, _, _ = strings.Cut(NormalHost(a.Lit), ".")
		}
		return "azure-kv:" + where + "/" + v.Get("name").String(), v.Get("name").Text(), "azure"
	}
	if v := n.Get("aws_secrets_manager"); v != nil {
		id := v.Get("secret_id")
		if v.Is(ScalarNode) {
			s, field, _ := strings.Cut(v.String(), "#")
			return fragment(awsSecretRef(s), field), v.Text(), "aws"
		}
		return fragment(awsSecretRef(id.String()), v.Get("field").String()), id.Text(), "aws"
	}
	if v := n.Get("gitlab_secrets_manager"); v != nil {
		return "gitlab:secret:" + v.Get("name").String(), v.Get("name").Text(), "gitlab"
	}
	if v := n.Get("akeyless"); v != nil {
		return "akeyless:" + v.Get("name").String(), v.Get("name").Text(), "akeyless"
	}
	return "", Text{}, ""
}

func fragment(ref, key string) string {
	if key == "" {
		return ref
	}
	return ref + "#" + key
}

// includes names what a file takes from elsewhere.
func (f *gitlabFile) includes(n *Node, c connection.Consumer) {
	for _, i := range n.List() {
		switch {
		case i.Get("project") != nil:
			f.delegate(i.Get("project"), "include.project", c)
		case i.Get("component") != nil:
			f.delegate(i.Get("component"), "include.component", c)
		case i.Get("remote") != nil:
			f.delegate(i.Get("remote"), "include.remote", c)
		case strings.Contains(i.String(), "://"):
			f.delegate(i, "include.remote", c)
		}
	}
}

// delegate names a project, component or file elsewhere whose jobs get what
// this pipeline may use.
func (f *gitlabFile) delegate(n *Node, construct string, c connection.Consumer) {
	t := n.Text()
	o := f.d.Occurrence(connection.DelegatedCall, construct, t)
	name := t.S
	o.Provider, o.Consumer = "gitlab", c
	switch construct {
	case "include.component":
		name, _, _ = strings.Cut(name, "@")
		if host, rest, ok := strings.Cut(name, "/"); ok && (strings.Contains(host, ".") || strings.HasPrefix(host, "$")) {
			if name = rest; host[0] != '$' {
				o.Endpoint = NormalHost(host)
			}
		}
	case "include.remote":
		if o.Endpoint = NormalHost(name); o.Endpoint != "" {
			o.Provider = hostProvider(o.Endpoint)
		}
		name, _, _ = strings.Cut(name[strings.Index(name, "://")+3:], "?")
		_, name, _ = strings.Cut(name, "/")
	}
	o.Principal = name
	if o.Account, _, _ = strings.Cut(name, "/"); strings.Contains(o.Account, "$") || construct == "include.remote" && o.Provider == "" {
		o.Account = ""
	}
	f.d.Emit(o)
	f.d.Gap(outsideGap(f.d, t, "takes a part of the pipeline from another place"))
}

func outsideGap(d *Document, t Text, detail string) scanner.Gap {
	l := d.Location(t)
	return scanner.Gap{Path: d.Path, Line: l.Line, Column: l.Column, Reason: scanner.Outside, Minor: true, Detail: detail}
}

// trigger names the project that a job starts a pipeline of.
func (f *gitlabFile) trigger(n *Node, c connection.Consumer) {
	project := n
	if n.Is(MapNode) {
		project = n.Get("project")
		f.includes(n.Get("include"), c)
	}
	if project.String() == "" {
		return
	}
	o := f.d.Occurrence(connection.DelegatedCall, "trigger", project.Text())
	o.Provider, o.Principal, o.Auth, o.Consumer = "gitlab", project.String(), connection.Ambient, c
	if o.Account, _, _ = strings.Cut(o.Principal, "/"); strings.Contains(o.Account, "$") {
		o.Account = ""
	}
	f.d.Emit(o)
}
