package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// cloudFormation reads templates of AWS CloudFormation and SAM. Source:
// docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html.
var cloudFormation = Dialect{ID: "cloudformation", Path: func(p string) bool {
	base := path.Base(p)
	return strings.HasSuffix(base, ".cfn.yaml") || strings.HasSuffix(base, ".cfn.yml") || strings.HasSuffix(base, ".cfn.json") || samConfigPath(p)
}, Content: func(p string, head *Head) bool {
	s := head.Text
	ext := path.Ext(p)
	return (yamlExt(p) || ext == ".json" || ext == ".template") && (strings.Contains(s, "AWSTemplateFormatVersion") || strings.Contains(s, "AWS::Serverless-2016-10-31") ||
		(head.Top("Resources") && strings.Contains(s, "Type: AWS::")) || strings.Contains(s, `"Type": "AWS::`))
}, Read: readCloudFormation}

func samConfigPath(p string) bool {
	base := path.Base(p)
	return strings.HasPrefix(base, "samconfig") && (path.Ext(base) == ".toml" || yamlExt(base)) || base == "pipelineconfig.toml" && strings.Contains(p, ".aws-sam/")
}

type cfnFile struct {
	d      *Document
	noEcho map[string]bool
	stores map[string]string // secrets that the template makes: logical name to reference
}

func readCloudFormation(d *Document) {
	f := &cfnFile{d: d, noEcho: map[string]bool{}, stores: map[string]string{}}
	if samConfigPath(d.Path) {
		if path.Ext(d.Path) == ".toml" {
			f.samConfig(d.TOML())
			return
		}
		for _, root := range d.YAML() {
			f.samConfig(root)
		}
		return
	}
	for _, root := range d.YAML() {
		for _, p := range root.Get("Parameters").Pairs() {
			f.parameter(p)
		}
		for _, p := range root.Get("Resources").Pairs() {
			if p.Value.Get("Type").String() == "AWS::SecretsManager::Secret" {
				f.stores[p.Key.Value] = cfnSecret(p)
			}
		}
		for _, p := range root.Get("Resources").Pairs() {
			f.resource(p)
		}
		done := root.Get("Parameters")
		for _, p := range root.Pairs() {
			if p.Value.Deref() == done || p.Key.Value == "Metadata" {
				continue
			}
			f.walk(p.Value, p.Key.Value)
		}
	}
}

func (f *cfnFile) parameter(p Pair) {
	c := connection.Consumer{Path: f.d.Path, Job: p.Key.Value}
	name, def := p.Key.Value, p.Value.Get("Default").Text()
	if strings.Contains(p.Value.Get("Type").String(), "AWS::SSM::Parameter::Value") && tfSecretName(name) && def.S != "" {
		f.d.awsStored(def, "Parameters", "aws-ssm:"+def.S, c)
		return
	}
	if f.d.awsRefs(def, name, c) {
		return
	}
	noEcho := strings.EqualFold(p.Value.Get("NoEcho").String(), "true")
	if !noEcho && f.d.writtenOut(name, def, "", "Default", c) || !noEcho && !shownSecret(p.Value, name, def.S) {
		return
	}
	f.noEcho[name] = true
	o := f.d.Occurrence(connection.SecretRef, "Parameters", p.Key.Text())
	o.Refs, o.Auth, o.Role, o.Consumer, o.Group = []string{"cloudformation:param:" + name}, connection.Static, connection.RoleSecret, c, tfGroup("param", name)
	f.d.Emit(o)
	if !noValue(def.S) {
		l := f.d.Occurrence(connection.Literal, "Default", def)
		l.Auth, l.Role, l.Consumer = connection.Static, connection.RoleSecret, c
		l.Provider, l.ProviderFrom = nameProvider(name)
		f.d.Emit(l)
	}
}

// shownSecret tells a parameter that, by its name, is given a credential although
// its template does not hide it.
func shownSecret(n *Node, name, def string) bool {
	if typ := n.Get("Type").String(); typ != "String" || n.Get("AllowedValues") != nil || def != "" && !placeholder(def) {
		return false
	}
	name = underscored(name)
	return tfSecretName(name) || credentialName(name) && !settingName(name)
}

// cfnTypes are resources that stand for a credential, a trust or a connection.
var cfnTypes = map[string]connection.Kind{
	"AWS::SecretsManager::Secret": connection.StoreRef, "AWS::IAM::AccessKey": connection.SecretRef, "AWS::IAM::OIDCProvider": connection.FederatedTrust, "AWS::IAM::SAMLProvider": connection.FederatedTrust,
	"AWS::CodeStarConnections::Connection": connection.ServiceConnection, "AWS::CodeConnections::Connection": connection.ServiceConnection, "AWS::CodeBuild::SourceCredential": connection.SecretRef, "AWS::CodePipeline::Webhook": connection.Webhook,
	"AWS::Events::Connection": connection.ServiceConnection, "AWS::CodeStar::GitHubRepository": connection.ServiceConnection,
}

func (f *cfnFile) resource(p Pair) {
	c := connection.Consumer{Path: f.d.Path, Job: p.Key.Value}
	typ, props := p.Value.Get("Type").String(), p.Value.Get("Properties")
	if k, ok := cfnTypes[typ]; ok {
		o := f.d.Occurrence(k, typ, p.Key.Text())
		o.Provider, o.Auth, o.Consumer = "aws", connection.Static, c
		switch k {
		case connection.StoreRef:
			o.Refs, o.Auth, o.Role = []string{cfnSecret(p)}, connection.Ambient, connection.RoleSecret
		case connection.SecretRef:
			o.Refs, o.Role = []string{"cloudformation:" + p.Key.Value}, connection.RoleSecret
		case connection.FederatedTrust:
			o.Auth, o.Endpoint = connection.OIDC, NormalHost(props.Get("Url").String())
		case connection.ServiceConnection:
			o.Auth, o.Principal = connection.App, props.Get("ConnectionName").String()
			o.Provider, _, _ = byName(props.Get("ProviderType").String())
		}
		f.d.Emit(o)
	}
	if typ == "AWS::IAM::Role" {
		f.trust(props.Get("AssumeRolePolicyDocument"), props.Get("RoleName").String(), c)
	}
	taken := typ != "AWS::SecretsManager::SecretTargetAttachment" && typ != "AWS::SecretsManager::RotationSchedule" && typ != "AWS::SecretsManager::ResourcePolicy"
	leaves(p.Value, func(key string, n *Node) {
		if ref := f.stores[n.String()]; ref != "" && n.Tag == "!Ref" && taken && cfnUses(key) {
			f.d.awsStored(n.Text(), key, ref, c)
			return
		}
		f.leaf(key, n, c)
	})
}

// cfnSecret is the normal form of a secret that a template makes.
func cfnSecret(p Pair) string {
	name := p.Value.Get("Properties", "Name").String()
	if name == "" || p.Value.Get("Properties", "Name").Tag == "!Ref" {
		name = "${" + p.Key.Value + "}"
	}
	return "aws-sm:" + name
}

// cfnUses are keys, and ends of names of variables, under which a secret is taken.
func cfnUses(key string) bool {
	l := strings.ToLower(key)
	return strings.HasSuffix(l, "secretarn") || strings.HasSuffix(l, "secret_arn") || strings.HasSuffix(l, "secretid") || strings.HasSuffix(l, "secret_id") || l == "uri" || l == "valuefrom"
}

var otherAccount = lazily(`^arn:aws[\w-]*:iam::(\d{12}):(?:root|role/|user/)`)

// trust reads who may take on a role from outside.
func (f *cfnFile) trust(n *Node, name string, c connection.Consumer) {
	for _, s := range n.Get("Statement").List() {
		pr := s.Get("Principal")
		o := Occurrence{Kind: connection.FederatedTrust, Construct: "AssumeRolePolicyDocument", Provider: "aws", Auth: connection.OIDC, Role: connection.RoleIdentity, Principal: name, Consumer: c}
		if fed := pr.Get("Federated"); fed != nil {
			if o.Location = f.d.Location(fed.Text()); !fed.Is(ScalarNode) {
				for _, p := range pr.Pairs() {
					if p.Key.Value == "Federated" {
						o.Location = f.d.Location(p.Key.Text())
					}
				}
			}
			f.d.Emit(o)
		}
		for _, a := range pr.Get("AWS").List() {
			if m := otherAccount().FindStringSubmatch(a.String()); m != nil {
				o.Location, o.Account, o.Auth, o.Principal = f.d.Location(a.Text()), m[1], connection.Ambient, a.String()
				f.d.Emit(o)
			}
		}
	}
}

func (f *cfnFile) walk(n *Node, section string) {
	if section == "Resources" {
		return
	}
	c := connection.Consumer{Path: f.d.Path, Job: section}
	leaves(n, func(key string, n *Node) { f.leaf(key, n, c) })
}

var cfnSub = lazily(`\$\{([A-Za-z0-9]+)\}`)

// leaf reads a value: stored secrets, parameters that hide theirs, URLs, what is written out.
func (f *cfnFile) leaf(key string, n *Node, c connection.Consumer) {
	t := n.Text()
	if f.d.awsRefs(t, key, c) || key == "Description" || (n.Tag == "" || n.Tag == "!Sub") && f.d.awsNamed(key, t, c) {
		return
	}
	var refs []Ref
	if (n.Tag == "!Ref" || key == "Ref") && f.noEcho[t.S] {
		refs = append(refs, Ref{Name: "cloudformation:param:" + t.S, At: t, In: f.d})
	}
	for _, m := range cfnSub().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		if name := t.S[m[2]:m[3]]; f.noEcho[name] {
			refs = append(refs, Ref{Name: "cloudformation:param:" + name, At: t.Sub(m[0], m[1]), In: f.d})
		}
	}
	if f.d.URLs(t, func(part Text) []Ref { return within(refs, part) }, key, c) {
		return
	}
	if len(refs) > 0 {
		o := Occurrence{Kind: connection.SecretRef, Construct: key, Role: connection.RoleSecret, Consumer: c}
		if len(refs) == 1 { // a parameter is often named after the service alone, what takes it in full
			o.Provider, o.ProviderFrom = nameProvider(refName(refs[0].Name), key)
		}
		f.d.EmitRefs(o, Value{Refs: refs}, nil)
		return
	}
	if n.Tag == "" && key != "Ref" && key != "Type" && key != "Value" && key != "Key" && !strings.HasPrefix(key, "Fn::") {
		f.d.writtenOut(key, t, "", key, c)
	}
}
