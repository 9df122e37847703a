package pipeline

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// terraform reads Terraform, OpenTofu and Terragrunt: configurations, values of
// variables, states and the tool's own configuration. Source:
// developer.hashicorp.com/terraform/language, terragrunt.gruntwork.io/docs;
// pipelines.md 3.3.
var terraform = Dialect{ID: "terraform", Path: terraformPath, Read: readTerraform}

func terraformPath(p string) bool {
	base := path.Base(p)
	for _, s := range []string{".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json", ".tfstate", ".tfstate.backup", ".tfbackend", ".terraformrc", ".tofurc"} {
		if strings.HasSuffix(base, s) {
			return true
		}
	}
	return base == "terraform.rc" || base == "terragrunt.hcl" || base == "root.hcl" || base == "terragrunt.hcl.json" || base == "credentials.tfrc.json" ||
		strings.HasSuffix(base, ".hcl") && (strings.Contains(p, "terragrunt") || base == "env.hcl" || base == "account.hcl" || base == "region.hcl")
}

// tfFile is one file of a module.
type tfFile struct {
	d         *Document
	scope     *Scope // var.x, local.x, data.type.name
	sensitive map[string]bool
	done      map[string]bool
	using     []string // bindings that are evaluated now
	locals    map[string]hclsyntax.Expression
}

func readTerraform(d *Document) {
	base := path.Base(d.Path)
	if strings.Contains(base, ".tfstate") {
		readState(d)
		return
	}
	f := &tfFile{d: d, scope: &Scope{names: map[string]Value{}}, sensitive: map[string]bool{}, locals: map[string]hclsyntax.Expression{}}
	if strings.Contains(base, ".tfvars") {
		f.values(d.HCL(), "")
		return
	}
	if base == "terragrunt.hcl" || path.Ext(base) == ".hcl" {
		f.terragrunt(d.HCL())
		return
	}
	f.module()
	root := f.configuration()
	f.bind(root)
	f.blocks(root)
	if strings.HasSuffix(base, ".tfbackend") {
		f.walk(root, "", connection.Consumer{Path: d.Path}, "")
	}
}

// module takes over what the other files of the module declare.
func (f *tfFile) module() {
	r := f.d.read
	if r == nil || r.tree == nil {
		return
	}
	dir := path.Dir(f.d.Path)
	for _, s := range r.memo("terraform:"+dir, func() []string { return moduleNames(f.d, dir) }) {
		if name, ok := strings.CutPrefix(s, "sensitive:"); ok {
			f.sensitive[name] = true
		} else if name, ok := strings.CutPrefix(s, "store:"); ok {
			name, ref, _ := strings.Cut(name, "=")
			f.scope.Bind(name, Value{Refs: []Ref{{Name: ref}}, Open: true})
		} else if name, lit, ok := strings.Cut(s, "="); ok {
			f.scope.Bind(name, Value{Lit: lit})
		}
	}
}

// tfNames tells files that hold what moduleNames looks for.
func tfNames(data []byte) bool {
	for _, s := range []string{"locals", "variable", "secret", "ssm_parameter", "onepassword", "doppler", "vault", "infisical", "bitwarden", "akeyless", "conjur", "sops"} {
		if bytes.Contains(data, []byte(s)) {
			return true
		}
	}
	return false
}

// moduleNames gives the sensitive variables, the literal locals and defaults and
// the stored secrets of a module: "sensitive:x", "local.x=text", "var.x=text",
// "store:data.type.name=reference".
func moduleNames(d *Document, dir string) []string {
	var out []string
	for i, p := range d.read.tree.Glob(path.Join(dir, "*.tf")) {
		data, err := d.read.tree.Open(p)
		if data = plainText(data); err != nil || i >= maxFanOut || len(data) > maxFile/4 || !tfNames(data) {
			continue
		}
		s := newDocument(&reading{whole: d.whole()}, d.dialect, p, data)
		g := &tfFile{d: s, scope: &Scope{names: map[string]Value{}}, sensitive: map[string]bool{}, locals: map[string]hclsyntax.Expression{}}
		for _, b := range s.names().Blocks {
			switch b.Type.S {
			case "data", "ephemeral", "resource":
				if ref := g.store(b); ref != "" {
					out = append(out, "store:"+b.Type.S+"."+b.label(0)+"."+b.label(1)+"="+ref)
				}
			case "locals":
				for _, a := range b.Attrs {
					if t, ok := s.literalText(a.Expr); ok && len(t.S) < 512 {
						out = append(out, "local."+a.Name+"="+t.S)
					}
				}
			case "variable":
				if a, ok := b.attr("sensitive"); ok && s.rangeText(a.Expr.Range()).S == "true" {
					out = append(out, "sensitive:"+b.label(0))
				}
				if a, ok := b.attr("default"); ok && !SecretName(b.label(0)) {
					if t, ok := s.literalText(a.Expr); ok && len(t.S) < 512 && t.S != "" {
						out = append(out, "var."+b.label(0)+"="+t.S)
					}
				}
			}
		}
	}
	return out
}

// names parses the blocks that moduleNames looks at.
func (d *Document) names() *hclBlock {
	if parts, ok := splitHCL(d.string()); ok && !d.whole() {
		root, ok := d.hclOf(slices.DeleteFunc(parts, func(p hclPart) bool {
			s := d.str[p.start:p.end]
			switch p.typ {
			case "data", "ephemeral", "resource":
				label := hclLabel(s)
				return label != "" && tfStores[label].prefix == ""
			case "variable":
				return !strings.Contains(s, "sensitive") && !strings.Contains(s, "default")
			}
			return p.typ != "locals"
		}))
		if ok {
			return root
		}
	}
	return d.HCL()
}

// bind notes what the file's own blocks give names to.
func (f *tfFile) bind(root *hclBlock) {
	for _, b := range root.Blocks {
		switch b.Type.S {
		case "locals":
			for _, a := range b.Attrs {
				f.locals["local."+a.Name] = a.Expr
			}
		case "variable":
			if a, ok := b.attr("sensitive"); ok && f.d.rangeText(a.Expr.Range()).S == "true" {
				f.sensitive[b.label(0)] = true
			}
		case "data", "ephemeral", "resource":
			if ref := f.store(b); ref != "" {
				f.scope.Bind(b.Type.S+"."+b.label(0)+"."+b.label(1), Value{Refs: []Ref{{Name: ref}}, Open: true})
			}
		}
	}
}

// eval is what an expression stands for. References stand where the expression
// names them.
func (f *tfFile) eval(e hclsyntax.Expression) Value {
	if e == nil {
		return Value{}
	}
	if t, ok := f.d.literalText(e); ok {
		return Literal(t)
	}
	v := Value{At: f.d.rangeText(e.Range())}
	switch x := e.(type) {
	case *hclsyntax.TemplateExpr:
		for _, p := range x.Parts {
			q := f.eval(p)
			if v.Lit += q.Lit; q.Lit == "" {
				v.Open = true
			}
			v.Refs = append(v.Refs, q.Refs...)
			v.Open = v.Open || q.Open
			if len(v.Lit) > maxPrinted || len(v.Refs) > maxFanOut {
				return v
			}
		}
	case *hclsyntax.TemplateWrapExpr:
		return f.eval(x.Wrapped)
	case *hclsyntax.ScopeTraversalExpr:
		return f.traversal(x.Traversal)
	case *hclsyntax.FunctionCallExpr:
		if x.Name == "get_env" && len(x.Args) > 0 {
			t, _ := f.d.literalText(x.Args[0])
			v.Open = true
			if t.S != "" && (credentialName(t.S) || SecretName(t.S)) {
				v.Refs = append(v.Refs, Ref{Name: "env:" + t.S, At: t, In: f.d})
			}
			return v
		}
		f.each(x.Args, &v)
	case *hclsyntax.ConditionalExpr: // what decides does not flow
		f.each([]hclsyntax.Expression{x.TrueResult, x.FalseResult}, &v)
	case *hclsyntax.ParenthesesExpr:
		f.each([]hclsyntax.Expression{x.Expression}, &v)
	default:
		f.all(e, &v)
	}
	return v
}

// each takes the references of several expressions.
func (f *tfFile) each(es []hclsyntax.Expression, v *Value) {
	v.Open = true
	for _, e := range es {
		if q := f.eval(e); len(v.Refs) < maxFanOut {
			v.Refs = append(v.Refs, q.Refs...)
		}
	}
}

// all takes the references of all parts of an expression.
func (f *tfFile) all(e hclsyntax.Expression, v *Value) {
	v.Open = true
	for _, t := range e.Variables() {
		if q := f.traversal(t); len(v.Refs) < maxFanOut {
			v.Refs = append(v.Refs, q.Refs...)
		}
	}
}

// traversal is what var.x, local.x or data.type.name.attribute stands for.
func (f *tfFile) traversal(t hcl.Traversal) Value {
	at := f.d.rangeText(t.SourceRange())
	v := Value{At: at, Open: true}
	names := steps(t)
	switch {
	case len(names) >= 2 && names[0] == "var":
		if have, ok := f.scope.Lookup("var." + names[1]); ok {
			v.Lit = have.Lit
		}
		if f.sensitive[names[1]] || tfSecretName(strings.Join(names[1:], "_")) {
			v.Refs = []Ref{{Name: "terraform:var:" + names[1], At: at, In: f.d}}
		} else {
			v.Refs = []Ref{{Name: "terraform:var:" + names[1], At: at, In: f.d, Weak: true}}
		}
	case len(names) >= 2 && names[0] == "local":
		key := "local." + names[1]
		if e, ok := f.locals[key]; ok && len(f.using) < maxBinding && !slices.Contains(f.using, key) {
			f.using = append(f.using, key)
			v = f.eval(e).Through(names[1])
			f.using = f.using[:len(f.using)-1]
		} else if have, ok := f.scope.Lookup(key); ok {
			v = have
		}
	case len(names) >= 4 && (names[0] == "data" || names[0] == "ephemeral") && !slices.Contains(tfIdentities, names[3]):
		if have, ok := f.scope.Lookup(strings.Join(names[:3], ".")); ok {
			for _, r := range have.Refs {
				r.At, r.In = at, f.d
				v.Refs = append(v.Refs, r)
			}
		} else if s := tfStores[names[1]]; s.prefix != "" { // of a file that is not here
			v.Refs = []Ref{{Name: s.prefix + "${" + strings.Join(names[:3], ".") + "}", At: at, In: f.d}}
		}
	}
	return v
}

// steps gives the names that a reference goes by.
func steps(t hcl.Traversal) []string {
	var names []string
	for _, s := range t {
		switch s := s.(type) {
		case hcl.TraverseRoot:
			names = append(names, s.Name)
		case hcl.TraverseAttr:
			names = append(names, s.Name)
		}
	}
	return names
}

// tfIdentities are attributes of a stored secret that do not hold it.
var tfIdentities = []string{"id", "arn", "name", "version", "version_id", "project", "secret_id", "path", "metadata", "tags", "vault_uri", "key_vault_id", "location", "tenant_id", "resource_group_name", "kms_key_id", "region"}

// keyQualifiers are words that say which key it is, not what of it.
var keyQualifiers = map[string]bool{"prod": true, "production": true, "dev": true, "development": true, "test": true, "stage": true, "staging": true, "live": true, "base": true, "base64": true, "b64": true, "pem": true, "json": true,
	"data": true, "value": true, "hex": true, "content": true, "primary": true, "secondary": true, "main": true, "ci": true, "eu": true, "us": true, "1": true, "2": true, "v1": true, "v2": true, "raw": true, "text": true, "string": true}

// tfSecretName tells names of variables and arguments that hold a credential.
func tfSecretName(name string) bool {
	if strings.ContainsAny(name, ".:/ ") || !SecretName(name) {
		return false
	}
	w := nameWords(name)
	switch w[len(w)-1] {
	case "name", "names", "id", "ids", "arn", "arns", "path", "file", "enabled", "type", "ttl", "version", "length", "policy", "rotation", "days", "period", "url", "uri", "alias", "usage", "spec",
		"region", "location", "prefix", "suffix", "users", "user", "username", "host", "method", "methods", "mode", "count", "size", "tags", "labels", "required", "duration", "lifetime", "backend", "provider", "group", "role", "roles", "store", "manager", "sid",
		"keys", "accessor", "validity", "namespace", "format", "seconds", "hours", "minutes", "audience", "issuer", "description", "annotations", "domain", "algorithm", "permissions", "administrators", "root", "dir", "directory", "directories", "scheme", "characters", "chars", "htpasswd", "hash", "prompt", "expiration", "src", "dest", "stat", "repo", "tag", "image", "env", "cloud", "checksum", "wo", "timeout", "vault", "email", "server", "endpoint", "service", "project", "account", "protection", "plan", "scope", "scopes", "config", "configuration", "settings", "engine", "access", "create", "only", "override", "existing", "certificate", "context", "profile":
		return w[len(w)-1] == "url" && slices.Contains(w, "webhook")
	case "key":
		if len(w) == 1 {
			return false
		}
		switch w[len(w)-2] {
		case "kms", "public", "ssh", "host", "map", "object", "label", "tag", "encryption", "cmk", "hash", "range", "sort", "partition", "s3", "bucket", "state", "tfstate", "managed", "customer", "cmek", "crypto", "index", "unique", "default", "project", "pub", "backend", "route", "routing", "message", "lock", "file", "pair", "config", "values", "node", "topology":
			return false
		}
	case "auth", "license", "keystore", "secrets", "credentials", "serviceaccount":
		return w[len(w)-1] == "secrets" || w[len(w)-1] == "credentials"
	}
	if i := slices.Index(w, "key"); i >= 0 && i < len(w)-1 && !keyQualifiers[w[i+1]] && !SecretName(strings.Join(slices.Delete(slices.Clone(w), i, i+1), "_")) {
		return false // key_province: of the key, not the key
	}
	if i := slices.Index(w, "webhook"); i >= 0 && i < len(w)-1 && w[i+1] != "url" && w[i+1] != "urls" && !SecretName(strings.Join(slices.Delete(slices.Clone(w), i, i+1), "_")) {
		return false // webhook_port: of the service that takes it
	}
	switch w[0] {
	case "enable", "use", "create", "disable", "is", "has", "skip", "allow", "require", "manage", "generate", "attach", "enforce", "minimum", "max", "min", "existing", "random", "rotate", "store", "update", "save", "remember":
		return false
	}
	return true
}
