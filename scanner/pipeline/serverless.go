package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// serverless reads configurations of the Serverless Framework. Source:
// www.serverless.com/framework/docs/guides/variables.
var serverless = Dialect{ID: "serverless", Path: func(p string) bool {
	base := strings.ToLower(path.Base(p))
	return strings.HasPrefix(base, "serverless") && (yamlExt(base) || strings.HasSuffix(base, ".json"))
}, Content: func(p string, head *Head) bool {
	s := head.Text
	return yamlExt(p) && head.Top("service") && head.Top("provider") && strings.Contains(s, "runtime:")
}, Read: readServerless}

var slsVariable = lazily(`\$\{([a-zA-Z][\w-]*)(?:\(([^)]*)\))?:([^{},]*(?:\$\{[^}]*\}[^{},]*)*)`)

func readServerless(d *Document) {
	c := connection.Consumer{Path: d.Path}
	roots := d.YAML()
	for _, root := range roots {
		slsProvider(d, root, c)
		if n := root.Get("org"); n.String() != "" {
			o := d.Occurrence(connection.ServiceConnection, "org", n.Text())
			o.Provider, o.Account, o.Principal, o.Consumer = "serverless", n.String(), root.Get("app").String(), c
			d.Emit(o)
		}
		leaves(root, func(key string, n *Node) {
			t := n.Text()
			if key == "Description" || key == "description" {
				return
			}
			refs := append(slsRefs(d, t), slsSelf(d, root, t)...)
			switch {
			case d.awsRefs(t, key, c), d.awsNamed(key, t, c):
			case d.URLs(t, func(part Text) []Ref { return within(refs, part) }, key, c):
			case len(refs) > 0:
				o := Occurrence{Kind: connection.SecretRef, Construct: key, Role: connection.RoleSecret, Consumer: c, Group: tfGroup("env", key)}
				if _, name, ok := strings.Cut(refs[0].Name, "#"); ok && strings.HasPrefix(refs[0].Name, "file:") {
					o.Provider, o.ProviderFrom = nameProvider(key, underscored(name))
				}
				d.EmitRefs(o, Value{Refs: refs}, nil)
			case cfnUses(key):
				slsStored(d, key, t, c)
			default:
				slsPlain(d, key, t, c)
			}
		})
	}
}

// slsStored emits a stored secret that a setting names by a variable:
// apiKeySecretArn: ${param:KEY_SECRET_ARN}.
func slsStored(d *Document, key string, t Text, c connection.Consumer) {
	m := slsVariable().FindStringSubmatch(t.S)
	if m == nil || m[1] != "param" && m[1] != "env" && m[1] != "self" {
		return
	}
	o := d.Occurrence(connection.StoreRef, key, t)
	o.Refs, o.Auth, o.Role, o.Consumer = []string{"serverless:" + m[1] + ":" + m[3]}, connection.Ambient, connection.RoleSecret, c
	if o.Provider, o.ProviderFrom = nameProvider(underscored(m[3]), underscored(key)); o.Provider == "" {
		o.Provider = "aws"
	}
	d.Emit(o)
}

// underscored makes a name of a setting one of a variable: apiKey, api_key.
func underscored(name string) string { return strings.Join(nameWords(name), "_") }

func slsPlain(d *Document, key string, t Text, c connection.Consumer) {
	r := &varReader{d: d}
	switch key {
	case "role", "deploymentRole", "cfnRole", "executionRole":
		r.role(t, key, connection.Ambient, c)
	default:
		if key != "" && !strings.HasPrefix(key, "Ref") {
			d.writtenOut(key, t, "", key, c)
		}
	}
}

// slsRefs gives the stored secrets that the variables in a text name.
func slsRefs(d *Document, t Text) []Ref {
	var out []Ref
	for _, m := range slsVariable().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		at := t.Sub(m[0], m[1])
		if m[1] < len(t.S) && t.S[m[1]] == '}' {
			at = t.Sub(m[0], m[1]+1)
		}
		kind, rest := t.S[m[2]:m[3]], strings.TrimSpace(t.S[m[6]:m[7]])
		name := ""
		switch kind {
		case "ssm":
			rest = strings.TrimSuffix(strings.TrimSuffix(rest, "~true"), "~false")
			if sm, ok := strings.CutPrefix(rest, "/aws/reference/secretsmanager/"); ok {
				id, key, _ := strings.Cut(sm, ".")
				name = fragment("aws-sm:"+id, key)
			} else {
				name = "aws-ssm:" + rest
			}
		case "env", "param":
			if name = "env:" + rest; kind == "param" {
				name = "serverless:param:" + rest
			}
			if !credentialName(rest) && !tfSecretName(rest) {
				continue
			}
		case "file":
			key := rest
			if !tfSecretName(key) || key == "" {
				continue
			}
			name = "file:" + t.S[m[4]:m[5]] + "#" + key
		case "vault", "doppler", "azure", "secrets", "googleSecrets":
			if name = kind + ":" + rest; kind == "vault" {
				name = "vault:?:" + rest
			}
		default:
			continue
		}
		out = append(out, Ref{Name: name, At: at, In: d})
	}
	return out
}

// slsSelf gives the secrets of a file that settings take over as a whole:
// ${self:custom.secrets.KEY} where custom.secrets is ${file(secrets.yml)}.
func slsSelf(d *Document, root *Node, t Text) []Ref {
	var out []Ref
	for _, m := range slsVariable().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		if t.S[m[2]:m[3]] != "self" {
			continue
		}
		steps := strings.Split(strings.TrimSpace(t.S[m[6]:m[7]]), ".")
		if !tfSecretName(steps[len(steps)-1]) || len(steps) > maxDepth {
			continue
		}
		for i := range steps[:len(steps)-1] {
			if n := root.Get(steps[:i+1]...); n.Is(ScalarNode) && strings.HasPrefix(n.String(), "${file(") {
				file, _, _ := strings.Cut(strings.TrimPrefix(n.String(), "${file("), ")")
				out = append(out, Ref{Name: "file:" + file + "#" + strings.Join(steps[i+1:], "."), At: t.Sub(m[0], min(m[1]+1, len(t.S))), In: d})
			}
		}
	}
	return out
}

var slsClouds = map[string]string{"aws": "aws", "google": "gcp", "azure": "azure", "cloudflare": "cloudflare", "kubeless": "kubernetes", "openwhisk": "ibm", "tencent": "tencent", "aliyun": "alibaba", "fn": "", "knative": "kubernetes", "spotinst": ""}

func slsProvider(d *Document, root *Node, c connection.Consumer) {
	p := root.Get("provider")
	name := p.Get("name")
	if p.Is(ScalarNode) {
		name = p
	}
	if id := slsClouds[name.String()]; id != "" {
		o := d.Occurrence(connection.ProviderBlock, "provider", name.Text())
		o.Provider, o.Auth, o.Consumer = id, connection.Ambient, c
		if pr := p.Get("profile").String(); !strings.Contains(pr, "$") {
			o.Principal = pr
		}
		if cr := p.Get("credentials"); cr.String() != "" {
			o.Auth = connection.Static
		}
		d.Emit(o)
	}
	for _, n := range []*Node{p.Get("iam", "role"), p.Get("iam", "deploymentRole"), p.Get("role")} {
		d.role(n.Text(), "iam.role", connection.Ambient, c)
	}
}
