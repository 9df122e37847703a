package pipeline

import (
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Resources, data sources and modules of Terraform.

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
	if strings.HasPrefix(b.label(0), "google_service_account_iam_") {
		f.workloadIdentity(b, c)
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

// poolMember is an identity of a Kubernetes cluster or of a workload identity pool.
var poolMember = lazily(`[\w.${}-]+\.svc\.id\.goog\[[^\]]*\]|principal(?:Set)?://iam\.googleapis\.com/[^"\s]+`)

// workloadIdentity finds who outside of GCP may act as a service account.
// Source: cloud.google.com/iam/docs/workload-identity-federation.
func (f *tfFile) workloadIdentity(b *hclBlock, c connection.Consumer) {
	for _, n := range []string{"member", "members"} {
		a, ok := b.attr(n)
		if !ok {
			continue
		}
		t := f.d.rangeText(a.Expr.Range())
		for _, m := range poolMember().FindAllStringIndex(t.S, maxFanOut) {
			o := f.d.Occurrence(connection.FederatedTrust, n, t.Sub(m[0], m[1]))
			o.Provider, o.Auth, o.Role, o.Principal, o.Consumer = "gcp", connection.OIDC, connection.RoleIdentity, t.S[m[0]:m[1]], c
			f.d.Emit(o)
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
