package pipeline

import (
	"slices"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func (f *tfFile) blocks(root *hclBlock) {
	for _, b := range root.Blocks {
		c := connection.Consumer{Path: f.d.Path, Job: strings.Trim(b.Type.S+"."+b.label(0)+"."+b.label(1), ".")}
		switch b.Type.S {
		case "terraform":
			f.terraform(b, c)
		case "provider":
			f.provider(b, c)
		case "variable":
			f.variable(b, c)
		case "data", "ephemeral", "resource":
			f.resource(b, c)
		case "module":
			f.source(b, c)
			f.walk(b, "", c, "")
		case "locals", "output", "check", "import", "moved", "removed", "action", "list":
			f.walk(b, "", c, "")
		case "credentials":
			o := f.d.Occurrence(connection.RegistryLogin, "credentials", b.Labels[0])
			o.Endpoint, o.Auth, o.Role, o.Provider, o.Consumer = NormalHost(b.label(0)), connection.Static, connection.RoleSecret, "terraform-cloud", c
			f.d.Emit(o)
		case "credentials_helper":
			o := f.d.Occurrence(connection.ServiceConnection, "credentials_helper", b.Type)
			o.Principal, o.Auth, o.Provider, o.Consumer = b.label(0), connection.Ambient, "terraform-cloud", c
			f.d.Emit(o)
		}
	}
}

// terraform reads the backend of a configuration.
func (f *tfFile) terraform(b *hclBlock, c connection.Consumer) {
	for _, s := range append(f.d.subs(b, "backend"), f.d.subs(b, "cloud")...) {
		typ, at := s.label(0), s.Type
		if s.Type.S == "cloud" {
			typ = "cloud"
		}
		f.backend(typ, at, s, c)
	}
}

// backend reads where a state is kept.
func (f *tfFile) backend(typ string, at Text, b *hclBlock, c connection.Consumer) {
	provider, ok := tfBackends[typ]
	if !ok {
		return
	}
	o := f.d.Occurrence(connection.Backend, "backend", at)
	o.Provider, o.Auth, o.Consumer = provider, connection.Ambient, c
	defer func(occs int) { // those of one backend belong together, others do not
		for i := range f.d.occs[occs:] {
			if g := &f.d.occs[occs+i].Group; *g == "" {
				*g = "backend/" + strconv.Itoa(occs)
			}
		}
	}(len(f.d.occs))
	o.Principal = f.text(b, "bucket", "container_name", "organization", "schema_name", "secret_suffix")
	if o.Account = f.text(b, "storage_account_name"); typ == "remote" || typ == "cloud" {
		o.Account = o.Principal
	}
	for _, n := range []string{"hostname", "endpoint", "address", "url"} {
		if a, ok := b.attr(n); ok {
			if v := f.eval(a.Expr); !v.Open && strings.Contains(v.Lit, ".") {
				if o.Endpoint = NormalHost(v.Lit); typ == "s3" { // it speaks S3, to somebody else
					o.Provider = hostProvider(o.Endpoint)
				}
			}
		}
	}
	for _, e := range f.d.subs(b, "endpoints") {
		if host := NormalHost(f.text(e, "s3")); host != "" {
			o.Endpoint, o.Provider = host, hostProvider(host)
		}
	}
	for _, a := range b.Attrs {
		if tfSecretName(a.Name) {
			o.Auth = connection.Static
		}
		if a.Name == "use_oidc" {
			o.Auth = connection.OIDC
		}
	}
	f.d.Emit(o)
	f.assume(b, provider, c)
	f.walk(b, provider, c, "")
}

// text is the literal text of the first of several arguments that has any.
func (f *tfFile) text(b *hclBlock, names ...string) string {
	for _, n := range names {
		if a, ok := b.attr(n); ok {
			if v := f.eval(a.Expr); !v.Open && v.Lit != "" {
				return v.Lit
			}
		}
	}
	return ""
}

// assume emits the roles that a provider or backend takes on.
func (f *tfFile) assume(b *hclBlock, provider string, c connection.Consumer) {
	blocks := []*hclBlock{b}
	for _, n := range []string{"assume_role", "assume_role_with_web_identity", "assume_role_with_saml"} {
		blocks = append(blocks, f.d.subs(b, n)...)
	}
	for _, s := range blocks {
		for _, a := range s.Attrs {
			switch a.Name {
			case "role_arn", "assume_role_arn", "impersonate_service_account", "iam_role", "ram_role_arn":
				auth := connection.Ambient
				if strings.Contains(s.Type.S, "web_identity") {
					auth = connection.OIDC
				}
				f.trust(a.Expr, provider, auth, a.Name, c)
			}
		}
	}
}

// trust emits a role or identity that an expression names.
func (f *tfFile) trust(e hclsyntax.Expression, provider string, auth connection.Auth, construct string, c connection.Consumer) {
	v := f.eval(e)
	if v.Lit == "" && len(v.Refs) == 0 && !v.Open {
		return
	}
	o := f.d.Occurrence(connection.FederatedTrust, construct, v.At)
	o.Provider, o.Auth, o.Role, o.Consumer = provider, auth, connection.RoleIdentity, c
	if !v.Open {
		o.Principal = v.Lit
		_, o.Account, _ = byHost(v.Lit)
	} else {
		o.Refs = v.Names()
	}
	f.d.Emit(o)
}

var tfStaticAuth = []string{"token", "api_key", "access_key", "secret_key", "password", "client_secret", "api_token", "app_key", "secret_id", "private_key", "credentials", "service_account_token", "oauth_client_secret", "app_auth", "admin_api_key"}

func (f *tfFile) provider(b *hclBlock, c connection.Consumer) {
	id, known := tfProvider(b.label(0))
	if !known || len(b.Labels) == 0 {
		return
	}
	o := f.d.Occurrence(connection.ProviderBlock, "provider", b.Type)
	o.Provider, o.Auth, o.Consumer = id, connection.Ambient, c
	o.Account = f.text(b, "account_id", "project", "subscription_id", "owner", "organization", "org_name")
	o.Endpoint = NormalHost(f.text(b, "host", "address", "base_url", "url", "server_url", "api_url", "hostname", "org_service_url"))
	if !strings.Contains(o.Endpoint, ".") {
		o.Endpoint = ""
	}
	if id == "dockerhub" {
		o.Provider, o.Endpoint = "docker", ""
	}
	for _, a := range b.Attrs {
		switch {
		case slices.Contains(tfStaticAuth, a.Name):
			if t := f.d.rangeText(a.Expr.Range()).S; !strings.Contains(t, "_cluster_auth.") && !strings.Contains(t, "_client_config.") {
				o.Auth = connection.Static
			}
		case a.Name == "use_oidc" || a.Name == "oidc_token":
			o.Auth = connection.OIDC
		}
	}
	if len(f.d.subs(b, "assume_role_with_web_identity")) > 0 {
		o.Auth = connection.OIDC
	}
	if len(f.d.subs(b, "app_auth")) > 0 {
		o.Auth = connection.App
	}
	f.d.Emit(o)
	f.assume(b, id, c)
	for _, r := range append(f.d.subs(b, "registry_auth"), f.d.subs(b, "registry")...) {
		host := NormalHost(strings.TrimPrefix(f.text(r, "address", "url"), "oci://"))
		l := f.d.Occurrence(connection.RegistryLogin, "registry_auth", r.Type)
		l.Endpoint, l.Auth, l.Consumer = host, connection.Static, c
		f.d.Emit(l)
	}
	if b.label(0) == "flux" { // which logs in to a repository besides
		o.Provider = ""
	}
	f.walk(b, o.Provider, c, "")
}

func (f *tfFile) variable(b *hclBlock, c connection.Consumer) {
	name := b.label(0)
	typ, _ := b.attr("type")
	if t := typ.Expr; t != nil && (f.d.rangeText(t.Range()).S == "bool" || f.d.rangeText(t.Range()).S == "number") {
		return
	}
	if !f.sensitive[name] && !tfSecretName(name) {
		f.walk(b, "", c, "")
		return
	}
	o := f.d.Occurrence(connection.SecretRef, "variable", b.Labels[0])
	o.Refs, o.Auth, o.Role, o.Consumer = []string{"terraform:var:" + name}, connection.Static, connection.RoleSecret, c
	o.Group = tfGroup("variable", name)
	f.d.Emit(o)
	if a, ok := b.attr("default"); ok {
		f.literal(name, a.Expr, "", c)
	}
}

func tfGroup(block, name string) string {
	if stem, ok := credentialStem(name); ok {
		return block + "/" + stem
	}
	return ""
}

// literal emits a credential that is written out.
func (f *tfFile) literal(name string, e hclsyntax.Expression, provider string, c connection.Consumer) {
	t, ok := f.d.literalText(e)
	if !ok || noValue(t.S) || keyNamed(name, t.S) {
		return
	}
	o := f.d.Occurrence(connection.Literal, name, t)
	o.Auth, o.Role, o.Provider, o.Consumer = connection.Static, connection.RoleSecret, provider, c
	if provider == "" {
		o.Provider, o.ProviderFrom = nameProvider(name, c.Job)
	}
	f.d.Emit(o)
}

// keyNamed tells a value that is a key's name, such as "app-key", not the key.
func keyNamed(name, value string) bool {
	n, v := nameWords(name), nameWords(value)
	return len(v) > 1 && len(n) > 0 && n[len(n)-1] == "key" && v[len(v)-1] == "key" && strings.ToLower(value) == value && !strings.ContainsAny(value, "0123456789=+/")
}

// weakValue tells passwords that look like filler and are used all the same.
func weakValue(l string) bool {
	switch l {
	case "password", "secret", "test", "pass", "foo", "example", "changeme":
		return true
	}
	return false
}

// noValue tells what stands where a credential would without being one.
func noValue(s string) bool {
	l := strings.ToLower(strings.TrimSpace(s))
	switch l {
	case "", "true", "false", "null", "none", "default", "required", "optional", "-", "~", "auto", "yes", "no", "n/a":
		return true
	}
	return placeholder(s) && !weakValue(l) || len(s) > 1<<14 || strings.HasPrefix(l, "your") || strings.HasPrefix(l, "replace") || strings.HasPrefix(l, "placeholder") || strings.HasPrefix(l, "not-needed") || strings.HasPrefix(l, "not_needed") || strings.HasPrefix(l, "dummy") || strings.HasPrefix(l, "unused") || strings.HasPrefix(l, "<") || strings.HasPrefix(l, "arn:") ||
		strings.HasPrefix(l, "/") && !strings.Contains(l, "+") && len(l) < 40 || strings.HasPrefix(l, "./") || strings.HasPrefix(l, "~/") || strings.HasPrefix(l, "{{") || strings.HasPrefix(l, "projects/") || strings.Contains(l, "...")
}

// walk reads all arguments below a block: credentials that are referred to or
// written out, URLs, roles.
func (f *tfFile) walk(b *hclBlock, provider string, c connection.Consumer, typ string) {
	if own, e := f.pair(b); e != nil && b.Type.S != "" && len(b.Labels) == 0 {
		f.value(own, e, provider, c, typ, 0)
		return
	}
	for _, a := range b.Attrs {
		if a.Name == "description" || a.Name == "provider" || a.Name == "providers" || a.Name == "depends_on" || a.Name == "error_message" || a.Name == "condition" || a.Name == "count" || a.Name == "sensitive" && b.Type.S == "output" || a.Name == "type" && b.Type.S == "variable" {
			continue
		}
		f.value(a.Name, a.Expr, provider, c, typ, 0)
	}
	for _, k := range b.Blocks {
		if k.Type.S != "backend" && k.Type.S != "cloud" && k.Type.S != "required_providers" {
			f.walk(k, provider, c, typ)
		}
	}
}

// pair gives what a block says is set to what: env { name = "X", value = "v" },
// set { name = "auth.password", value = "v" }; nil where it says more, or none.
func (f *tfFile) pair(b *hclBlock) (string, hclsyntax.Expression) {
	name, value := "", hclsyntax.Expression(nil)
	for _, a := range b.Attrs {
		switch a.Name {
		case "name":
			t, _ := f.d.literalText(a.Expr)
			name = t.S
		case "value":
			value = a.Expr
		case "type", "sensitive":
		default:
			return "", nil
		}
	}
	if name == "" || len(b.Blocks) > 0 {
		return "", nil
	}
	return name[strings.LastIndexByte(name, '.')+1:], value
}

func (f *tfFile) value(name string, e hclsyntax.Expression, provider string, c connection.Consumer, typ string, depth int) {
	if depth > maxDepth {
		return
	}
	switch x := e.(type) {
	case *hclsyntax.ObjectConsExpr:
		if own, e := f.pair(f.d.objectBlock(x)); e != nil {
			f.value(own, e, provider, c, typ, depth+1)
			return
		}
		for _, i := range x.Items {
			f.value(unquote(f.d.rangeText(i.KeyExpr.Range())).S, i.ValueExpr, provider, c, typ, depth+1)
		}
		return
	case *hclsyntax.TupleConsExpr:
		for _, i := range x.Exprs {
			if _, ok := f.d.literalText(i); ok && len(x.Exprs) > 1 && !strings.HasSuffix(name, "s") {
				continue // the fields of a record, such as a rule of a firewall
			}
			f.value(name, i, provider, c, typ, depth+1)
		}
		return
	case *hclsyntax.FunctionCallExpr:
		if x.Name == "jsonencode" || x.Name == "merge" || x.Name == "yamlencode" || x.Name == "templatefile" || x.Name == "concat" || x.Name == "tomap" || x.Name == "sensitive" {
			for _, i := range x.Args {
				f.value(name, i, provider, c, typ, depth+1)
			}
			return
		}
	case *hclsyntax.ParenthesesExpr:
		f.value(name, x.Expression, provider, c, typ, depth+1)
		return
	}
	t := f.d.rangeText(e.Range())
	v := f.eval(e)
	if f.d.URLs(t, func(part Text) []Ref { return within(v.Refs, part) }, name, c) {
		return
	}
	if strings.Contains(t.S, "@Microsoft.KeyVault(") && f.d.azureRefs(t, name, c) {
		return
	}
	o := Occurrence{Kind: connection.SecretRef, Construct: name, Provider: provider, Role: connection.RoleSecret, Consumer: c, Group: tfGroup(c.Job, name)}
	if holdsOthers(typ) {
		o.Provider = ""
	}
	if strings.HasPrefix(typ, "helm_") { // of what the chart installs, not of the cluster
		provider = ""
	}
	for _, r := range v.Refs {
		if (r.Weak || provider == "" && typ == "" && strings.HasPrefix(r.Name, "aws-ssm:")) && !tfSecretName(name) {
			continue
		}
		p := o
		if q, sure, ok := byName(refName(r.Name)); ok && sure && p.Provider == "" {
			p.Provider, p.ProviderFrom = q, connection.FromName
		}
		if p.Provider == "" && typ != "" {
			p.Provider = provider
		}
		if !strings.HasPrefix(r.Name, "terraform:") {
			p.Provider = ""
		}
		f.d.EmitRefs(p, Value{Refs: []Ref{r}}, nil)
	}
	if len(v.Refs) == 0 && tfSecretName(name) && typ != "random_password" {
		if q, sure, ok := byName(name); ok && sure && holdsOthers(typ) {
			provider = q
		}
		f.literal(name, e, provider, c)
	}
}

// holdsOthers tells resources whose settings are those of what runs in them.
func holdsOthers(typ string) bool {
	return strings.HasSuffix(typ, "_secret") || strings.HasSuffix(typ, "_variable") || strings.Contains(typ, "_secret_version") || typ == "aws_ssm_parameter" || strings.HasPrefix(typ, "helm_") || strings.HasPrefix(typ, "kubernetes_") || strings.Contains(typ, "_function") || strings.Contains(typ, "_task_definition")
}

// within gives the references that stand in a part.
func within(refs []Ref, part Text) []Ref {
	var out []Ref
	for _, r := range refs {
		if p := r.At.Pos(0); r.At.Placed() && p >= part.Pos(0) && p < part.Pos(len(part.S)) {
			out = append(out, r)
		}
	}
	return out
}
