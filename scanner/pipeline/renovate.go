package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// renovate reads the configuration of Renovate for the hosts that it logs in
// to. Source: docs.renovatebot.com/configuration-options/#hostrules.
var renovate = Dialect{ID: "renovate", Path: renovatePath, Read: readRenovate}

func renovatePath(p string) bool {
	base := path.Base(p)
	switch base {
	case "renovate.json", "renovate.json5", ".renovaterc", ".renovaterc.json", ".renovaterc.json5", "renovate-config.json", "renovate.js", "renovate.config.js", "renovate-config.js", "renovate.config.cjs":
		return true
	}
	return (base == "config.js" || base == "config.json" || base == "default.json" || base == "default.json5") && strings.Contains(path.Base(path.Dir(p)), "renovate")
}

var (
	renovateRef = lazily(`\{\{\s*secrets\.(\w+)\s*\}\}`)
	nodeEnv     = lazily(`process\.env(?:\.(\w+)|\[['"](\w+)['"]\])`)
)

type renovateFile struct {
	credFile
}

func readRenovate(d *Document) {
	f := &renovateFile{credFile{d: d, c: connection.Consumer{Path: d.Path}}}
	if ext := path.Ext(d.Path); ext == ".js" || ext == ".cjs" {
		f.nodeEnvironment()
		return
	}
	f.rules(d.JSON(), 0)
}

// rules looks for host rules at any level: presets and package rules hold them too.
func (f *renovateFile) rules(n *Node, depth int) {
	if n = n.Deref(); n == nil || depth > maxDepth || !f.d.descend() {
		return
	}
	for _, i := range n.items {
		f.rules(i, depth+1)
	}
	for _, p := range n.pairs {
		switch key := p.Key.Value; {
		case key == "hostRules":
			for _, r := range p.Value.List() {
				f.host(r)
			}
		case key == "npmrc":
			f.npmrcLine(p.Value.Text())
		case key == "npmToken" || key == "encrypted" && p.Value.Get("npmToken") != nil:
			t := p.Value.Text()
			o := f.d.Occurrence(connection.RegistryLogin, key, t)
			if key == "encrypted" {
				o.Kind, t = connection.Encrypted, p.Value.Get("npmToken").Text()
			}
			o.Endpoint, o.Provider = "registry.npmjs.org", "npm"
			f.login(o, t)
		case key == "registryUrls" || key == "defaultRegistryUrls" || key == "registryAliases":
			leaves(p.Value, func(_ string, u *Node) { f.private(u.Text(), key, "") })
		case p.Value.Is(MapNode) || p.Value.Is(SeqNode):
			f.rules(p.Value, depth+1)
		default:
			f.url(p.Value.Text(), key)
		}
	}
}

// host reads one host rule.
func (f *renovateFile) host(r *Node) {
	o := f.d.Occurrence(connection.RegistryLogin, "hostRules", r.Text())
	typ := r.Get("hostType").String()
	for _, k := range []string{"matchHost", "hostName", "domainName", "baseUrl", "endpoint"} {
		if h := r.Get(k).String(); strings.Contains(h, ".") && o.Endpoint == "" {
			o.Endpoint = NormalHost(h)
			if _, rest, ok := strings.Cut(h, "://"); ok {
				_, p, _ := strings.Cut(rest, "/")
				o.Account = hostAccount(o.Endpoint, p)
			}
		}
	}
	if o.Endpoint == "" || hostProvider(o.Endpoint) == "" && typ != "docker" {
		o.Provider, o.ProviderFrom = nameProvider(typ)
	}
	if strings.HasPrefix(typ, "git") || strings.HasPrefix(typ, "bitbucket") || strings.HasPrefix(typ, "forgejo") {
		o.Kind = connection.URLCredential
	}
	if u := r.Get("username").String(); !strings.ContainsAny(u, "{$") && !tokenShaped(u) {
		o.Principal = u
	}
	o.Group = "hostRules/" + o.Endpoint + "/" + typ
	for _, k := range []string{"username", "password", "token", "httpsPrivateKey"} {
		if k == "username" && !strings.Contains(r.Get(k).String(), "{{") {
			continue
		}
		f.login(o, r.Get(k).Text())
	}
	for _, p := range r.Get("encrypted").Pairs() {
		e := o
		e.Kind = connection.Encrypted
		f.login(e, p.Value.Text())
	}
}

// login emits a credential: a template of Renovate's secrets, or one written out.
func (f *renovateFile) login(o Occurrence, t Text) {
	o.Consumer, o.Role, o.Auth = f.c, connection.RoleSecret, connection.Static
	var refs []Ref
	for _, m := range renovateRef().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		refs = append(refs, Ref{Name: "renovate:secret:" + t.S[m[2]:m[3]], At: t.Sub(m[0], m[1]), In: f.d})
	}
	switch {
	case f.d.EmitRefs(o, Value{Refs: refs}, nil):
	case t.S == "" || o.Kind != connection.Encrypted && (noValue(t.S) || strings.Contains(t.S, "{{")):
	default:
		o.Location = f.d.Location(t)
		f.d.Emit(o)
	}
}

// npmrcLine reads lines of an .npmrc that stand in a string.
func (f *renovateFile) npmrcLine(t Text) {
	for _, l := range t.Lines() {
		key, v, ok := l.Cut("=")
		host, prop, _ := strings.Cut(strings.TrimPrefix(key.S, "//"), ":_")
		if !ok || prop == "" {
			continue
		}
		o := f.d.Occurrence(connection.RegistryLogin, "npmrc", v)
		if o.Endpoint = NormalHost(strings.TrimSuffix(host, "/")); !strings.Contains(o.Endpoint, ".") {
			o.Endpoint, o.Provider = "registry.npmjs.org", "npm"
		}
		f.login(o, v)
	}
}

// nodeEnvironment emits the variables that a script of Node takes credentials from.
func (f *credFile) nodeEnvironment() {
	src := f.d.Text(0, len(f.d.Data))
	for _, m := range nodeEnv().FindAllStringSubmatchIndex(src.S, maxNodes) {
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] < 0 || !credentialName(src.S[m[g]:m[g+1]]) {
				continue
			}
			o := Occurrence{Kind: connection.SecretRef, Construct: "process.env", Role: connection.RoleSecret, Consumer: f.c}
			f.d.EmitRefs(o, Value{Refs: []Ref{{Name: "env:" + src.S[m[g]:m[g+1]], At: src.Sub(m[0], m[1]), In: f.d}}}, nil)
		}
	}
	f.url(src, "url")
}
