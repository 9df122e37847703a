package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// pulumi reads projects, stacks and environments of Pulumi. Source:
// www.pulumi.com/docs/iac/concepts/config, www.pulumi.com/docs/esc.
var pulumi = Dialect{ID: "pulumi", Path: func(p string) bool {
	base := path.Base(p)
	return yamlExt(base) && (strings.HasPrefix(base, "Pulumi.") || strings.HasPrefix(base, "pulumi.")) || yamlExt(base) && strings.Contains(p, ".pulumi/") || strings.HasPrefix(base, "Pulumi.") && strings.HasSuffix(base, ".json")
}, Content: func(p string, head *Head) bool {
	return yamlExt(p) && strings.Contains(head.Text, "fn::open::")
}, Read: readPulumi}

func readPulumi(d *Document) {
	c := connection.Consumer{Path: d.Path}
	for _, root := range d.YAML() {
		for _, p := range root.Pairs() {
			t := p.Value.Text()
			switch p.Key.Value {
			case "encryptionsalt", "encryptedkey":
				pulumiCipher(d, p.Key.Value, t, "", c)
			case "secretsprovider":
				pulumiKeys(d, t, c)
			case "backend":
				pulumiBackend(d, p.Value.Get("url").Text(), c)
			case "environment", "imports":
				list := p.Value.List()
				if m := p.Value.Get("imports"); m != nil {
					list = m.List()
				}
				for _, n := range list {
					if n.String() != "" {
						o := d.Occurrence(connection.StoreRef, p.Key.Value, n.Text())
						o.Refs, o.Provider, o.Auth, o.Consumer = []string{"pulumi:esc:" + n.String()}, "pulumi", connection.Ambient, c
						d.Emit(o)
					}
				}
			case "config":
				for _, q := range p.Value.Pairs() {
					pulumiConfig(d, q, c)
				}
			case "resources", "variables":
				if p.Key.Value == "resources" && root.Get("runtime") == nil {
					continue
				}
				leaves(p.Value, func(key string, n *Node) {
					if t := n.Text(); !d.dataSource(t, key, c) && !d.URLs(t, nil, key, c) && !strings.HasPrefix(key, "fn::") {
						d.writtenOut(key, t, "", key, c)
					}
				})
			case "template":
				for _, q := range p.Value.Get("config").Pairs() {
					pulumiSecret(d, q, c)
				}
			}
		}
		root.Walk(func(n *Node) bool {
			for _, p := range n.Pairs() {
				if strings.HasPrefix(p.Key.Value, "fn::") {
					pulumiOpen(d, p, c)
				}
			}
			return true
		})
		if n := root.Get("values"); n != nil {
			leaves(n, func(key string, n *Node) {
				if !strings.HasPrefix(key, "fn::") && key != "ciphertext" {
					d.URLs(n.Text(), nil, key, c)
					d.writtenOut(key, n.Text(), "", key, c)
				}
			})
		}
	}
}

func pulumiCipher(d *Document, name string, t Text, provider string, c connection.Consumer) {
	if t.S == "" {
		return
	}
	o := d.Occurrence(connection.Encrypted, name, t)
	o.Provider, o.Auth, o.Role, o.Consumer = provider, connection.Static, connection.RoleSecret, c
	if provider == "" {
		o.Provider = "pulumi"
	}
	d.Emit(o)
}

// pulumiConfig reads one setting: namespace:key with a value, often secure.
func pulumiConfig(d *Document, p Pair, c connection.Consumer) {
	ns, name, ok := strings.Cut(p.Key.Value, ":")
	provider := ""
	if !ok {
		name = ns
	} else if id, known := tfProviders[ns]; known {
		provider = id
	} else if id, sure, ok := byName(name); ok && sure {
		provider = id
	} else if id, sure, ok := byName(ns); ok && sure {
		provider = id
	}
	c.Job = p.Key.Value
	if provider == "" {
		if provider, _ = nameProvider(name); provider == "" {
			provider = "pulumi"
		}
	}
	secure := func(n *Node) bool {
		s := n.Get("secure")
		if s != nil {
			pulumiCipher(d, "secure", s.Text(), provider, c)
		}
		return s != nil
	}
	if secure(p.Value) || pulumiSecret(d, p, c) {
		return
	}
	pulumiNested(d, p.Value, provider, c, 0)
	leaves(p.Value, func(key string, n *Node) {
		if key == "secure" {
			return
		}
		if key == "" || key == "value" || key == "default" {
			key = name
		}
		if t := n.Text(); !d.dataSource(t, key, c) && !d.URLs(t, nil, key, c) && !d.role(t, key, connection.Ambient, c) {
			d.writtenOut(key, t, provider, "config", c)
		}
	})
}

// pulumiNested reads what is encrypted within a structured setting; a key above it
// may name whose it is.
func pulumiNested(d *Document, n *Node, provider string, c connection.Consumer, depth int) {
	if n = n.Deref(); n == nil || depth > maxDepth || !d.descend() {
		return
	}
	for _, i := range n.items {
		pulumiNested(d, i, provider, c, depth+1)
	}
	for _, p := range n.pairs {
		if p.Key.Value == "secure" {
			pulumiCipher(d, "secure", p.Value.Text(), provider, c)
			continue
		}
		of := provider
		if id, sure, ok := byName(strings.ReplaceAll(p.Key.Value, "-", "_")); ok && (sure || of == "pulumi") {
			of = id
		}
		pulumiNested(d, p.Value, of, c, depth+1)
	}
}

// pulumiSecret reads a setting that a project declares as secret, without its value.
func pulumiSecret(d *Document, p Pair, c connection.Consumer) bool {
	if p.Value.Get("secret").String() != "true" {
		return false
	}
	ns, name, ok := strings.Cut(p.Key.Value, ":")
	if !ok {
		ns, name = "", ns
	}
	o := d.Occurrence(connection.SecretRef, "secret", p.Key.Text())
	o.Refs, o.Auth, o.Role, o.Consumer = []string{"pulumi:config:" + p.Key.Value}, connection.Static, connection.RoleSecret, c
	if o.Provider = tfProviders[ns]; o.Provider == "" {
		if id, sure, known := byName(ns); known && sure {
			o.Provider = id
		} else {
			o.Provider, o.ProviderFrom = nameProvider(name)
		}
	}
	d.Emit(o)
	if def := p.Value.Get("default").Text(); def.S != "" {
		d.writtenOut(name, def, o.Provider, "default", c)
	}
	return true
}

var pulumiSchemes = map[string]string{"awskms": "aws", "azurekeyvault": "azure", "gcpkms": "gcp", "hashivault": "vault", "s3": "aws", "gs": "gcp", "azblob": "azure", "https": "pulumi"}

func pulumiKeys(d *Document, t Text, c connection.Consumer) {
	scheme, rest, ok := strings.Cut(t.S, "://")
	if !ok {
		return
	}
	o := d.Occurrence(connection.StoreRef, "secretsprovider", t)
	o.Provider, o.Auth, o.Consumer = pulumiSchemes[scheme], connection.Ambient, c
	rest, _, _ = strings.Cut(rest, "?")
	o.Refs = []string{scheme + ":" + rest}
	d.Emit(o)
}

func pulumiBackend(d *Document, t Text, c connection.Consumer) {
	scheme, rest, ok := strings.Cut(t.S, "://")
	if !ok || scheme == "file" {
		return
	}
	o := d.Occurrence(connection.Backend, "backend", t)
	o.Provider, o.Auth, o.Consumer = pulumiSchemes[scheme], connection.Ambient, c
	if o.Principal, _, _ = strings.Cut(rest, "?"); scheme == "https" {
		o.Endpoint, o.Principal = NormalHost(t.S), ""
	}
	d.Emit(o)
}

// pulumiOpen reads a provider of an environment. Source: www.pulumi.com/docs/esc/integrations.
func pulumiOpen(d *Document, p Pair, c connection.Consumer) {
	fn := strings.TrimPrefix(strings.TrimPrefix(p.Key.Value, "fn::"), "open::")
	c.Action = fn
	provider := ""
	for _, k := range []string{"aws", "azure", "gcp", "vault", "1password", "doppler", "infisical", "github"} {
		if strings.HasPrefix(fn, k) {
			provider = k
		}
	}
	switch {
	case fn == "secret":
		if n := p.Value.Get("ciphertext"); n != nil {
			pulumiCipher(d, fn, n.Text(), "", c)
		} else if t := p.Value.Text(); p.Value.Is(ScalarNode) && !noValue(t.S) && !strings.Contains(t.S, "${") {
			o := d.Occurrence(connection.Literal, fn, t)
			o.Auth, o.Role, o.Consumer = connection.Static, connection.RoleSecret, c
			d.Emit(o)
		}
	case strings.HasSuffix(fn, "-login"):
		o := d.Occurrence(connection.FederatedTrust, fn, p.Key.Text())
		o.Provider, o.Auth, o.Role, o.Consumer = provider, connection.Static, connection.RoleIdentity, c
		for _, k := range []string{"oidc", "jwt"} {
			if n := p.Value.Get(k); n != nil {
				o.Auth = connection.OIDC
				for _, id := range []string{"roleArn", "serviceAccount", "clientId", "role"} {
					if t := n.Get(id).Text(); t.S != "" && !strings.Contains(t.S, "$") {
						o.Principal, o.Location = t.S, d.Location(t)
						break
					}
				}
			}
		}
		_, o.Account, _ = byHost(o.Principal)
		d.Emit(o)
	case strings.HasSuffix(fn, "-secrets"):
		for _, q := range p.Value.Get("get").Pairs() {
			for _, k := range []string{"secretId", "ref", "path", "name", "secret", "project"} {
				t := q.Value.Get(k).Text()
				if t.S == "" {
					continue
				}
				o := d.Occurrence(connection.StoreRef, fn, t)
				prefix := map[string]string{"aws": "aws-sm:", "gcp": "gcp-sm:", "azure": "azure-kv:", "vault": "vault:?:", "1password": "1password:"}[provider]
				if prefix == "" {
					prefix = "pulumi:" + fn + ":"
				}
				o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{prefix + strings.TrimPrefix(t.S, "op://")}, provider, connection.Ambient, connection.RoleSecret, c
				d.Emit(o)
				break
			}
		}
	}
}
