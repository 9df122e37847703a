package pipeline

import (
	"path"
	"slices"
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
	o.Provider, o.Auth, o.Consumer, o.Group = provider, connection.Ambient, c, "backend"
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
	if !ok || noValue(t.S) {
		return
	}
	o := f.d.Occurrence(connection.Literal, name, t)
	o.Auth, o.Role, o.Provider, o.Consumer = connection.Static, connection.RoleSecret, provider, c
	if provider == "" {
		o.Provider, o.ProviderFrom = nameProvider(name, c.Job)
	}
	f.d.Emit(o)
}

// noValue tells what stands where a credential would without being one.
func noValue(s string) bool {
	l := strings.ToLower(strings.TrimSpace(s))
	switch l {
	case "", "true", "false", "null", "none", "default", "required", "optional", "changeme", "change-me", "change_me", "-", "~", "auto", "yes", "no", "n/a":
		return true
	}
	return placeholder(s) && l != "password" && l != "secret" && l != "test" || len(s) > 1<<14 || strings.HasPrefix(l, "your") || strings.HasPrefix(l, "replace") || strings.HasPrefix(l, "<") || strings.HasPrefix(l, "arn:") ||
		strings.HasPrefix(l, "/") && !strings.Contains(l, "+") && len(l) < 40 || strings.HasPrefix(l, "./") || strings.HasPrefix(l, "~/") || strings.HasPrefix(l, "{{") || strings.HasPrefix(l, "projects/") || strings.Contains(l, "...")
}

// store is the normal form of the stored secret that a block stands for, "" for none.
func (f *tfFile) store(b *hclBlock) string {
	s, ok := tfStores[b.label(0)]
	if !ok || s.prefix == "" {
		return ""
	}
	if m := f.d.subs(b, "metadata"); len(m) > 0 { // of Kubernetes
		if ns := f.text(m[0], "namespace"); ns != "" {
			return s.prefix + ns + "/" + f.text(m[0], "name")
		}
		return s.prefix + f.text(m[0], "name")
	}
	for alt := range strings.FieldsSeq(s.names) {
		var parts []string
		for n := range strings.SplitSeq(alt, "/") {
			if a, ok := b.attr(n); ok {
				v := f.eval(a.Expr)
				if ref := f.named(a.Expr); ref != "" && strings.HasPrefix(ref, s.prefix) {
					return ref
				}
				switch {
				case !v.Open && v.Lit != "":
					parts = append(parts, v.Lit)
				case n == "key_vault_id":
					parts = append(parts, "?")
				case templated(a.Expr):
					parts = append(parts, unquote(f.d.rangeText(a.Expr.Range())).S)
				default:
					parts = append(parts, "${"+f.d.rangeText(a.Expr.Range()).S+"}")
				}
			}
		}
		if len(parts) == 0 {
			continue
		}
		name := strings.Join(parts, "/")
		if strings.Contains(name, "${") && len(name) > 200 || strings.ContainsAny(name, "\n\"") {
			name = b.label(1)
		}
		if s.prefix == "aws-sm:" && !strings.Contains(name, "$") {
			return awsSecretRef(name)
		}
		return s.prefix + name
	}
	return s.prefix + b.label(1)
}

// templated tells a quoted text with parts that are filled in.
func templated(e hclsyntax.Expression) bool {
	_, ok := e.(*hclsyntax.TemplateExpr)
	return ok
}

// named is the stored secret whose id or name an expression gives, as that of
// another block of the file; "" for none.
func (f *tfFile) named(e hclsyntax.Expression) string {
	for _, t := range e.Variables() {
		names := steps(t)
		if len(names) > 0 && names[0] != "data" && names[0] != "ephemeral" {
			names = append([]string{"resource"}, names...)
		}
		if len(names) < 3 {
			continue
		}
		if v, ok := f.scope.Lookup(strings.Join(names[:3], ".")); ok && len(v.Refs) > 0 {
			return v.Refs[0].Name
		}
	}
	return ""
}

// resource reads a resource or data source.
func (f *tfFile) resource(b *hclBlock, c connection.Consumer) {
	typ := b.label(0)
	provider, _ := tfProvider(strings.SplitN(typ, "_", 2)[0])
	if len(b.Labels) == 0 {
		return
	}
	s, isStore := tfStores[typ]
	switch {
	case isStore && s.prefix != "":
		if typ == "aws_ssm_parameter" && b.Type.S == "resource" && f.text(b, "type") != "SecureString" && !tfSecretName(path.Base(f.text(b, "name"))) {
			break
		}
		o := f.d.Occurrence(connection.StoreRef, b.Type.S, b.Labels[0])
		o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{f.store(b)}, s.provider, connection.Ambient, connection.RoleSecret, c
		if s.prefix == "sops:" {
			o.Kind, o.Refs, o.Principal = connection.Encrypted, nil, f.text(b, "source_file")
		}
		f.d.Emit(o)
	case typ == "terraform_remote_state":
		for _, cfg := range append(f.d.subs(b, "config"), &hclBlock{}) {
			f.backend(f.text(b, "backend"), b.Labels[0], cfg, c)
			break
		}
	case typ == "tfe_outputs":
		o := f.d.Occurrence(connection.Backend, "data", b.Labels[0])
		o.Provider, o.Account, o.Principal, o.Auth, o.Consumer = "terraform-cloud", f.text(b, "organization"), f.text(b, "workspace"), connection.Ambient, c
		f.d.Emit(o)
	default:
		f.creates(b, typ, provider, c)
	}
	f.trusts(b, c)
	for _, k := range b.Blocks {
		f.connect(k, c)
		if k.Type.S == "provisioner" || k.Type.S == "dynamic" {
			for _, kk := range k.Blocks {
				f.connect(kk, c)
			}
		}
	}
	f.walk(b.without(s.names), provider, c, typ)
}

// without is a block without the arguments that only name what it stands for.
func (b *hclBlock) without(names string) *hclBlock {
	if names == "" {
		return b
	}
	out := *b
	out.Attrs = slices.DeleteFunc(slices.Clone(b.Attrs), func(a hclAttr) bool {
		return slices.Contains(strings.FieldsFunc(names, func(r rune) bool { return r == ' ' || r == '/' }), a.Name)
	})
	return &out
}

func (f *tfFile) creates(b *hclBlock, typ, provider string, c connection.Consumer) {
	row, ok := tfCreates[typ]
	if !ok && strings.HasPrefix(typ, "azuredevops_serviceendpoint_") {
		row, ok = [2]string{"service-connection", "service_endpoint_name"}, true
	}
	if !ok && typ == "tfe_variable" {
		if a, has := b.attr("sensitive"); has && f.d.rangeText(a.Expr.Range()).S == "true" {
			row, ok = [2]string{"secret-ref", "key"}, true
		}
	}
	if !ok || row[0] == "" {
		return
	}
	o := f.d.Occurrence(connection.Kind(row[0]), b.Type.S, b.Labels[0])
	name := f.text(b, row[1])
	o.Provider, o.Consumer, o.Auth, o.Role = provider, c, connection.Static, connection.RoleSecret
	switch o.Kind {
	case connection.FederatedTrust:
		o.Principal, o.Auth, o.Role = name, connection.OIDC, connection.RoleIdentity
		for _, n := range []string{"url", "issuer", "oidc_discovery_url"} {
			if h := f.text(b, n); h != "" {
				o.Endpoint = NormalHost(h)
			}
		}
		for _, s := range f.d.subs(b, "oidc") {
			o.Endpoint = NormalHost(f.text(s, "issuer_uri"))
		}
	case connection.RegistryLogin:
		o.Auth = connection.Ambient
	case connection.SecretRef:
		if name == "" {
			name = typ + "." + b.label(1)
		}
		o.Refs = []string{provider + ":secret:" + name}
	case connection.ServiceConnection:
		o.Principal = name
	}
	f.d.Emit(o)
}

// connect reads the connection block of a provisioner.
func (f *tfFile) connect(b *hclBlock, c connection.Consumer) {
	if b.Type.S != "connection" || f.text(b, "type") == "winrm" && f.text(b, "host") == "" {
		return
	}
	o := f.d.Occurrence(connection.SSH, "connection", b.Type)
	o.Provider, o.Principal, o.Auth, o.Consumer = "ssh", f.text(b, "user"), connection.Static, c
	if h := f.text(b, "host"); strings.Contains(h, ".") {
		o.Endpoint = NormalHost(h)
	}
	f.d.Emit(o)
}

var webIdentity = lazily(`sts:AssumeRoleWith(WebIdentity|SAML)`)

// trusts finds in policies who may take on a role by a federated identity.
func (f *tfFile) trusts(b *hclBlock, c connection.Consumer) {
	for _, a := range b.Attrs {
		if a.Name != "assume_role_policy" && a.Name != "policy" {
			continue
		}
		t := f.d.rangeText(a.Expr.Range())
		for _, m := range webIdentity().FindAllStringIndex(t.S, maxFanOut) {
			f.webIdentity(t.Sub(m[0], m[1]), t.S, b, c)
		}
	}
	for _, s := range f.d.subs(b, "statement") {
		if a, ok := s.attr("actions"); ok && b.label(0) == "aws_iam_policy_document" {
			t := f.d.rangeText(a.Expr.Range())
			if m := webIdentity().FindStringIndex(t.S); m != nil {
				f.webIdentity(t.Sub(m[0], m[1]), "", b, c)
			}
		}
	}
}

func (f *tfFile) webIdentity(at Text, policy string, b *hclBlock, c connection.Consumer) {
	o := f.d.Occurrence(connection.FederatedTrust, "assume_role_policy", at)
	o.Provider, o.Auth, o.Role, o.Principal, o.Consumer = "aws", connection.OIDC, connection.RoleIdentity, f.text(b, "name"), c
	for _, h := range []string{"token.actions.githubusercontent.com", "gitlab.com", "app.terraform.io", "oidc.circleci.com", "agent.buildkite.com"} {
		if strings.Contains(policy, h) {
			o.Scopes = append(o.Scopes, h)
		}
	}
	f.d.Emit(o)
}

// source names where a module comes from that not everybody can read.
func (f *tfFile) source(b *hclBlock, c connection.Consumer) {
	a, ok := b.attr("source")
	if !ok {
		return
	}
	t, ok := f.d.literalText(a.Expr)
	if !ok {
		t = f.d.rangeText(a.Expr.Range())
	}
	f.moduleSource(t, c)
}

var scpURL = lazily(`^(?:git::)?(?:ssh://)?([\w.-]+)@([\w.-]+\.[\w-]+)[:/]([^?"]*)`)

// publicSource is a repository that a module is taken from without a login.
var publicSource = lazily(`^(?:git::https://|hg::https://|https://)?((?:github|gitlab)\.com|bitbucket\.org)/([\w.-]+/[\w./-]+)`)

func (f *tfFile) moduleSource(t Text, c connection.Consumer) {
	if m := scpURL().FindStringSubmatch(unquote(t).S); m != nil {
		o := f.d.Occurrence(connection.SSH, "source", t)
		o.Principal, o.Endpoint, o.Auth, o.Consumer = m[1], NormalHost(m[2]), connection.Ambient, c
		o.Account = hostAccount(o.Endpoint, strings.TrimLeft(m[3], "/"))
		f.d.Emit(o)
		return
	}
	parts := strings.Split(t.S, "/")
	switch {
	case f.d.URLs(t, nil, "source", c):
	case publicSource().MatchString(t.S):
		o := f.d.Occurrence(connection.Endpoint, "source", t)
		m := publicSource().FindStringSubmatch(t.S)
		o.Endpoint, o.Auth, o.Consumer = NormalHost(m[1]), connection.None, c
		o.Account = hostAccount(o.Endpoint, m[2])
		f.d.Emit(o)
	case strings.HasPrefix(t.S, "s3::"), strings.HasPrefix(t.S, "gcs::"):
		o := f.d.Occurrence(connection.Endpoint, "source", t)
		o.Endpoint, o.Auth, o.Consumer = NormalHost(t.S), connection.Ambient, c
		f.d.Emit(o)
	case len(parts) >= 4 && strings.Contains(parts[0], ".") && parts[0] != "." && parts[0] != ".." && !strings.Contains(t.S, "::") && !strings.Contains(t.S, "//:") && parts[0] != "registry.terraform.io" && parts[0] != "github.com" && parts[0] != "bitbucket.org" && !strings.Contains(t.S, "://"):
		o := f.d.Occurrence(connection.DelegatedCall, "source", t)
		o.Endpoint, o.Account, o.Principal, o.Auth, o.Consumer = NormalHost(parts[0]), parts[1], strings.Join(parts[1:4], "/"), connection.Ambient, c
		if strings.Contains(o.Endpoint, "terraform") {
			o.Provider = "terraform-cloud"
		}
		f.d.Emit(o)
	}
}

// walk reads all arguments below a block: credentials that are referred to or
// written out, URLs, roles.
func (f *tfFile) walk(b *hclBlock, provider string, c connection.Consumer, typ string) {
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

func (f *tfFile) value(name string, e hclsyntax.Expression, provider string, c connection.Consumer, typ string, depth int) {
	if depth > maxDepth {
		return
	}
	switch x := e.(type) {
	case *hclsyntax.ObjectConsExpr:
		for _, i := range x.Items {
			f.value(unquote(f.d.rangeText(i.KeyExpr.Range())).S, i.ValueExpr, provider, c, typ, depth+1)
		}
		return
	case *hclsyntax.TupleConsExpr:
		for _, i := range x.Exprs {
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
	if strings.HasSuffix(typ, "_secret") || strings.HasSuffix(typ, "_variable") || strings.Contains(typ, "_secret_version") || typ == "aws_ssm_parameter" || strings.HasPrefix(typ, "helm_") || strings.HasPrefix(typ, "kubernetes_") || strings.Contains(typ, "_function") || strings.Contains(typ, "_task_definition") {
		o.Provider = "" // it holds what is another's
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
		f.literal(name, e, provider, c)
	}
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

// values reads a file that gives variables their values.
func (f *tfFile) values(root *hclBlock, provider string) {
	c := connection.Consumer{Path: f.d.Path}
	f.walk(root, provider, c, "")
}

// terragrunt reads what Terragrunt adds. Source: terragrunt.gruntwork.io/docs/reference.
func (f *tfFile) terragrunt(root *hclBlock) {
	c := connection.Consumer{Path: f.d.Path}
	f.bind(root)
	f.assume(root, "aws", c)
	for _, b := range f.d.subs(root, "remote_state") {
		for _, cfg := range append(f.d.subs(b, "config"), &hclBlock{}) {
			f.backend(f.text(b, "backend"), b.Type, cfg, c)
			break
		}
	}
	for _, b := range root.Blocks {
		if b.Type.S == "terraform" {
			f.source(b, c)
		}
		if a, ok := b.attr("contents"); ok && b.Type.S == "generate" {
			f.generated(a)
		}
	}
	rest := &hclBlock{}
	for _, a := range root.Attrs {
		if a.Name != "remote_state" && a.Name != "iam_role" {
			rest.Attrs = append(rest.Attrs, a)
		}
	}
	for _, b := range root.Blocks {
		if b.Type.S != "remote_state" && b.Type.S != "generate" && b.Type.S != "dependency" {
			rest.Blocks = append(rest.Blocks, b)
		}
	}
	f.walk(rest, "", c, "")
}

// generated reads the configuration that a heredoc of a generate block holds.
func (f *tfFile) generated(a hclAttr) {
	t := f.d.rangeText(a.Expr.Range())
	head, body, ok := t.Cut("\n")
	if !ok || !strings.HasPrefix(head.S, "<<") {
		return
	}
	if i := strings.LastIndexByte(strings.TrimRight(body.S, " \t\r\n"), '\n'); i >= 0 {
		body = body.Sub(0, i+1)
	}
	g := *f
	g.blocks(f.d.hclPart(body))
}

// readState reads a state: what it marks as sensitive stands in it in plain text.
func readState(d *Document) {
	root := d.JSON()
	if root == nil {
		return
	}
	c := connection.Consumer{Path: d.Path}
	lit := func(n *Node, name, job string, provider string) {
		if n.Is(ScalarNode) && !noValue(n.String()) {
			c := c
			c.Job = job
			o := d.Occurrence(connection.Literal, name, n.Text())
			o.Auth, o.Role, o.Provider, o.Consumer = connection.Static, connection.RoleSecret, provider, c
			d.Emit(o)
		}
	}
	for _, p := range root.Get("outputs").Pairs() {
		if p.Value.Get("sensitive").String() == "true" {
			lit(p.Value.Get("value"), p.Key.Value, "output."+p.Key.Value, "")
		}
	}
	for _, r := range root.Get("resources").Items() {
		typ := r.Get("type").String()
		provider, _ := tfProvider(strings.SplitN(typ, "_", 2)[0])
		for _, i := range r.Get("instances").Items() {
			sensitive := stateSensitive(i)
			for _, p := range i.Get("attributes").Pairs() {
				if slices.Contains(sensitive, p.Key.Value) || tfSecretName(p.Key.Value) {
					lit(p.Value, p.Key.Value, typ+"."+r.Get("name").String(), provider)
				}
			}
		}
	}
	if b := root.Get("backend"); b != nil {
		if p, ok := tfBackends[b.Get("type").String()]; ok {
			o := d.Occurrence(connection.Backend, "backend", b.Get("type").Text())
			o.Provider, o.Auth, o.Principal, o.Consumer = p, connection.Ambient, b.Get("config", "bucket").String(), c
			d.Emit(o)
		}
	}
}

// stateSensitive gives the attributes that an instance marks as sensitive, by
// their first step.
func stateSensitive(i *Node) []string {
	var out []string
	for _, s := range i.Get("sensitive_attributes").Items() {
		if steps := s.List(); len(steps) > 0 {
			out = append(out, steps[0].Get("value").String())
		}
	}
	return out
}
