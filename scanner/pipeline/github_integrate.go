package pipeline

import (
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// integrate reads a step by the row of its action, then what the row leaves.
func (s *ghStep) integrate(t Text, name string) {
	row := findIntegration(name)
	owner, _, _ := strings.Cut(name, "/")
	if row == nil {
		p, sure, ok := byName(owner)
		if !ok || !sure {
			p = ""
		}
		s.unknown(name, t)
		s.inputs(p)
		return
	}
	if strings.Contains(row.uses, "*") && row.provider != "vault" && strings.Contains(name, "vault") { // an owner's own way to Vault
		s.vaultLines()
	}
	before := len(s.d.occs)
	s.scripts(row)
	if row.do != nil {
		row.do(s, row, t)
	} else {
		s.credentials(row, t)
	}
	if len(s.d.occs) == before && s.call == nil && s.root.Get("runs") != nil {
		s.open(row)
	}
	left := row.provider
	if row.uses == "actions/checkout" || strings.Contains(row.uses, "github-script") {
		left = ""
	}
	s.inputs(left)
}

// open emits the login of a composite action with a credential that its callers
// hand it: to whom is told here, with what they tell.
func (s *ghStep) open(row *integration) {
	if row.provider == "" || row.provider == "github" {
		return
	}
	for n := range strings.FieldsSeq(row.cred) {
		v, ok := s.input(n)
		if !ok || !v.Open || len(v.Refs) > 0 || !strings.Contains(v.At.S, "inputs.") {
			continue
		}
		o := s.base(row)
		o.Auth, o.Role, o.Incomplete, o.Via = connection.Static, connection.RoleSecret, true, []string{viaOpen}
		s.at(o, v.At)
	}
}

// scripts reads the inputs that are scripts. What runs on another host downloads
// nothing here.
func (s *ghStep) scripts(row *integration) {
	for n := range strings.FieldsSeq(row.script) {
		if v, ok := s.input(n); ok && v.At.Placed() {
			lang := "bash"
			if strings.Contains(row.uses, "powershell") {
				lang = "pwsh"
			}
			s.d.Shell(Script{Text: v.At, Lang: lang, Holes: s.eval(s.scope).holes(v.At), Env: s.scope, Consumer: s.Consumer, Group: s.group + "/" + n,
				OIDC: s.federated(), Scopes: s.perms, Registry: s.registry, NoDownloads: row.kind == connection.SSH})
		}
	}
}

// unknown reads what the name of an action that no table knows says: one that
// gets secrets out of Vault, one that logs in to a cloud or a registry with the
// job's identity.
func (s *ghStep) unknown(name string, t Text) {
	last := name[strings.LastIndexByte(name, '/')+1:]
	if strings.Contains(name, "vault") && s.named("keyvault", "keyvaultname", "vaultname") == nil {
		s.vaultLines()
	}
	s.federatedInputs()
	if s.named("keyvault", "keyvaultname", "vaultname") != nil && s.named("secrets") != nil {
		ghKeyVault(s, nil, t)
	}
	if strings.Contains(last, "login") || strings.Contains(last, "auth") {
		if v, ok := s.input("registry"); ok && strings.Contains(v.Lit, ".") && !s.hands() {
			o := Occurrence{Kind: connection.RegistryLogin, Construct: "registry", Endpoint: NormalHost(v.Lit), Auth: connection.Ambient}
			if s.federated() {
				o.Auth = connection.OIDC
			}
			s.at(o, v.At)
		}
	}
	for i := range s.with { // a role by a variable: role-to-assume, role-arn
		in := &s.with[i]
		if strings.Contains(in.name, "role") && (strings.Contains(in.name, "assume") || strings.Contains(in.name, "arn")) && len(in.value.Refs) > 0 {
			o := Occurrence{Kind: connection.FederatedTrust, Provider: "aws", Construct: "with", Auth: connection.OIDC, Group: s.group + "/role"}
			in.taken = s.refs(o, in.value, connection.RoleIdentity)
		}
	}
}

// federatedInputs reads the inputs that any action which logs in to a cloud with
// the job's identity takes: Azure's client and tenant without a secret, Google's
// workload identity provider.
func (s *ghStep) federatedInputs() {
	provider, all := "gcp", []*ghInput{s.named("workloadidentityprovider"), s.named("serviceaccount", "serviceaccountemail")}
	if all[0] == nil {
		provider, all = "azure", []*ghInput{s.named("clientid", "azureclientid"), s.named("tenantid", "azuretenantid"), s.named("subscriptionid", "azuresubscriptionid")}
		if all[0] == nil || all[1] == nil || s.secretInput() {
			return
		}
	}
	for _, in := range all {
		if in == nil || in.taken {
			continue
		}
		o := Occurrence{Kind: connection.FederatedTrust, Provider: provider, Construct: "with", Auth: connection.OIDC, Group: s.group + "/trust"}
		if in.taken = s.refs(o, in.value, connection.RoleIdentity); !in.taken && in.value.Lit != "" && !in.value.Open {
			o.Principal, in.taken = in.value.Lit, true
			s.at(o, in.value.At)
		}
	}
}

// named is the first input that bears one of some names, however their words
// are joined; nil is none.
func (s *ghStep) named(names ...string) *ghInput {
	for i := range s.with {
		if slices.Contains(names, withoutDashes.Replace(s.with[i].name)) {
			return &s.with[i]
		}
	}
	return nil
}

// secretInput tells whether an input is, by its name, a secret.
func (s *ghStep) secretInput() bool {
	return slices.ContainsFunc(s.with, func(in ghInput) bool { return SecretName(in.name) })
}

// hands tells whether the step hands a reference to its action.
func (s *ghStep) hands() bool {
	return slices.ContainsFunc(s.with, func(in ghInput) bool { return len(in.value.Refs) > 0 })
}

// vaultLine is "path key | NAME", as hashicorp/vault-action takes them.
var vaultLine = lazily(`^\s*((?:[\w./{}$-]|\$\{\{[^}]*\}\})*/[\w./{}$-]+)\s+([\w.-]+)\s*\|\s*\w+\s*;?\s*$`)

// vaultLines reads inputs with lines NAME=path:key or "path key | NAME".
func (s *ghStep) vaultLines() {
	for i := range s.with {
		if !strings.Contains(s.with[i].name, "secret") {
			continue
		}
		for _, l := range s.with[i].value.At.Lines() {
			if m := vaultLine().FindStringSubmatchIndex(l.S); m != nil {
				path, key := l.S[m[2]:m[3]], l.S[m[4]:m[5]]
				s.at(storeRef("vault", "vault:?:"+vaultPath(path)+"#"+key, s.group), l.Sub(m[2], m[5]))
				continue
			}
			_, right, ok := l.Trim().Cut("=")
			if path, key, two := strings.Cut(right.S, ":"); ok && two && !strings.ContainsAny(right.S, "${ ") {
				s.at(storeRef("vault", "vault:?:"+path+"#"+key, s.group), right)
			}
		}
	}
}

// input takes an input of the step by name, or, for a name in capitals, a
// variable of its environment. It is false when it is not given.
func (s *ghStep) input(name string) (Value, bool) {
	if name == strings.ToUpper(name) {
		return s.scope.Lookup(name)
	}
	for i := range s.with {
		if s.with[i].name == name {
			s.with[i].taken = true
			return s.with[i].value, true
		}
	}
	return Value{}, false
}

// first is the first of several inputs that is given and not empty.
func (s *ghStep) first(names string) Value {
	for n := range strings.FieldsSeq(names) {
		if v, ok := s.input(n); ok && (!v.Empty() || v.Open) {
			return v
		}
	}
	return Value{}
}

// base is the connection that the columns of a row describe.
func (s *ghStep) base(row *integration) Occurrence {
	o := Occurrence{Kind: row.kind, Provider: row.provider, Construct: "uses", Group: s.group}
	if o.Kind == "" {
		o.Kind = connection.SecretRef
	}
	if v := s.first(row.host); v.Lit != "" && !strings.HasPrefix(v.Lit, "/") {
		o.Endpoint = NormalHost(v.Lit)
		if !strings.Contains(o.Endpoint, ".") && o.Endpoint != "localhost" {
			o.Endpoint = ""
		}
	}
	if v := s.first(row.who); !v.Open {
		o.Principal = v.Lit
	}
	if v := s.first(row.account); !v.Open {
		o.Account = v.Lit
	}
	return o
}

// credentials emits what the columns of a row find in the step.
func (s *ghStep) credentials(row *integration, t Text) {
	o := s.base(row)
	given := false
	for n := range strings.FieldsSeq(row.cred) {
		if v, ok := s.input(n); ok {
			given = given || len(v.Refs) > 0 || v.Lit != "" && !v.Open
			s.refs(o, v, connection.RoleSecret)
		}
	}
	oidc := s.oidc(row, given)
	if oidc {
		o.Kind, o.Auth = connection.FederatedTrust, connection.OIDC
		at := t
		if v := s.first(row.who + " " + row.account); v.At.Placed() && len(v.Refs) == 0 && !v.Empty() {
			at = v.At
		}
		s.identities(o, row.who+" "+row.account, at)
	}
	if given || oidc {
		s.users(o, row.id+" "+row.who+" "+row.host+" "+row.account)
	}
}

// users emits the references that only name: users, hosts, ids.
func (s *ghStep) users(o Occurrence, names string) {
	for n := range strings.FieldsSeq(names) {
		if v, ok := s.input(n); ok {
			p := o
			if p.Kind != connection.FederatedTrust && p.Kind != connection.RegistryLogin && p.Kind != connection.AppToken && p.Kind != connection.SSH {
				p.Auth = ""
			}
			s.secretRefs(p, v, connection.RoleUsername)
		}
	}
}

// secretRefs is refs without those to plain variables and derived values.
func (s *ghStep) secretRefs(o Occurrence, v Value, role connection.Role) {
	v.Refs = slices.DeleteFunc(slices.Clone(v.Refs), func(r Ref) bool {
		return r.Derived || strings.HasPrefix(r.Name, "github:var:") && !tells(o.Kind)
	})
	if len(v.Refs) == 0 {
		return
	}
	s.refs(o, v, role)
}

// identities emits a trust where its principal stands: at each reference that
// names it, at literal text, or at the action when neither tells.
func (s *ghStep) identities(o Occurrence, names string, at Text) {
	told := false
	for n := range strings.FieldsSeq(names) {
		v, ok := s.input(n)
		if !ok {
			continue
		}
		if s.refs(o, v, connection.RoleIdentity) {
			told = true
		} else if v.Lit != "" {
			s.at(o, v.At)
			told = true
		}
	}
	if !told {
		s.at(o, at)
	}
}

// oidc tells whether a row's condition for a federated identity holds.
func (s *ghStep) oidc(row *integration, given bool) bool {
	switch row.oidc {
	case "":
		return false
	case "always":
		return true
	case "none":
		return !given
	case "able":
		return !given && s.federated()
	}
	name, value, ok := strings.Cut(row.oidc, "=")
	v, set := s.input(name)
	if !set {
		return false
	}
	if !ok {
		return !given && (!v.Empty() || v.Open)
	}
	return slices.Contains(v.Texts(), value)
}

// outputs binds what later steps may take from this one's action: tokens that
// it derived. Others stand for nothing known.
func (s *ghStep) outputs(outer *Scope) {
	id := strings.ToLower(s.node.Get("id").String())
	if id == "" || outer.names == nil {
		return
	}
	name, _, _ := strings.Cut(strings.ToLower(s.Consumer.Action), "@")
	auth := connection.Ambient
	if r := findIntegration(name); r != nil {
		switch {
		case r.kind == connection.AppToken:
			auth = connection.App
		case r.oidc != "" || r.provider == "aws" || r.provider == "gcp":
			auth = connection.OIDC
		}
	}
	outer.Bind("steps."+id+".outputs.*", Value{Refs: []Ref{{Auth: auth, Derived: true}}})
}

var withoutDashes = strings.NewReplacer("-", "", "_", "")
