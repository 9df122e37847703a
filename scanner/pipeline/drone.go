package pipeline

import (
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// drone and woodpecker read the pipelines of Drone and of its fork. Sources:
// docs.drone.io, woodpecker-ci.org/docs; pipelines.md 2.5.
var (
	drone      = Dialect{ID: "drone", Path: dronePath, Content: droneContent, Read: func(d *Document) { readDrone(d, "drone") }}
	woodpecker = Dialect{ID: "woodpecker", Path: woodpeckerPath, Read: func(d *Document) { readDrone(d, "woodpecker") }}
)

func dronePath(p string) bool {
	b := path.Base(p)
	return yamlExt(b) && (strings.HasPrefix(b, ".drone") || strings.HasPrefix(b, "drone."))
}

func droneContent(p string, head *Head) bool {
	s := head.Text
	return yamlExt(p) && head.Top("kind") && (strings.Contains(s, "\nkind: pipeline") || strings.HasPrefix(s, "kind: pipeline")) && head.Top("steps")
}

func woodpeckerPath(p string) bool {
	return yamlExt(p) && (strings.HasPrefix(path.Base(p), ".woodpecker") || strings.HasPrefix(p, ".woodpecker/") || strings.Contains(p, "/.woodpecker/"))
}

type droneFile struct {
	varReader
	stores map[string]string // secrets that a document of the file maps to a store
}

func readDrone(d *Document, platform string) {
	f := &droneFile{stores: map[string]string{}}
	f.varReader = varReader{d: d, store: platform + ":secret:", own: f.predefined}
	c := connection.Consumer{Path: d.Path}
	for _, root := range d.YAML() {
		if root.Get("kind").String() == "secret" {
			f.secretDocument(root, c)
		}
	}
	for _, root := range d.YAML() {
		if root.Get("kind").String() == "secret" || root.Get("kind").String() == "signature" {
			continue
		}
		c.Job = root.Get("name").String()
		for _, s := range root.Get("image_pull_secrets").List() {
			o := Occurrence{Kind: connection.RegistryLogin, Construct: "image_pull_secrets", Role: connection.RoleWhole, Consumer: c}
			f.fromSecret(o, s)
		}
		for _, key := range []string{"steps", "pipeline", "services", "clone"} {
			f.steps(root.Get(key), root, c)
		}
		f.flush(nil)
	}
}

// predefined: nothing but what a step is given stands in its environment.
func (f *droneFile) predefined(name string) (Value, bool) {
	if name == "CI_NETRC_PASSWORD" || name == "DRONE_NETRC_PASSWORD" {
		return Value{Refs: []Ref{{Name: strings.TrimSuffix(f.store, ":secret:") + ":job-token", Auth: connection.Ambient}}}, true
	}
	return Value{}, true
}

// secretDocument reads a secret that is kept elsewhere, or as ciphertext.
func (f *droneFile) secretDocument(n *Node, c connection.Consumer) {
	name := n.Get("name").String()
	if g := n.Get("get"); g != nil {
		p, key := g.Get("path"), g.Get("name").String()
		ref := "vault:?:" + vaultPath(p.String()) + "#" + key
		if !strings.Contains(p.String(), "/") {
			ref = "k8s:" + p.String() + "#" + key
		}
		f.stores[name] = ref
		o := f.d.Occurrence(connection.StoreRef, "get", p.Text())
		o.Refs, o.Role, o.Auth, o.Consumer = []string{ref}, connection.RoleSecret, connection.Ambient, c
		f.d.Emit(o)
	}
	data := n.Get("data")
	texts := []*Node{data}
	if data.Is(MapNode) {
		texts = nil
		for _, p := range data.Pairs() {
			texts = append(texts, p.Value)
		}
	}
	for _, t := range texts {
		if t.String() == "" {
			continue
		}
		o := f.d.Occurrence(connection.Encrypted, "data", t.Text())
		o.Provider, o.ProviderFrom = nameProvider(name)
		o.Principal, o.Auth, o.Role, o.Consumer = name, connection.Static, connection.RoleSecret, c
		f.d.Emit(o)
	}
}

// ref is the normal form of a secret.
func (f *droneFile) ref(name string) string {
	if r, ok := f.stores[name]; ok {
		return r
	}
	return f.store + name
}

// fromSecret emits o for the secret that a node names, and gives it as a value.
func (f *droneFile) fromSecret(o Occurrence, n *Node) Value {
	t := n.Text()
	if t.S == "" {
		return Value{}
	}
	v := Value{At: t, Refs: []Ref{{Name: f.ref(t.S), At: t, In: f.d}}, Open: true}
	if o.Provider == "" && o.Endpoint == "" {
		o.Provider, o.ProviderFrom = nameProvider(t.S)
	}
	f.d.EmitRefs(o, v, nil)
	return v
}

func (f *droneFile) steps(n, root *Node, c connection.Consumer) {
	for _, s := range n.Items() {
		f.step(s, root, c, s.Get("name").String())
	}
	for _, p := range n.Pairs() { // by name, as before Drone 1.0
		f.step(p.Value, root, c, p.Key.Value)
	}
}

// A droneInput is a setting or variable that a step gets from a secret.
type droneInput struct {
	key  string
	from *Node
}

func (f *droneFile) step(n, root *Node, c connection.Consumer, name string) {
	if !n.Is(MapNode) {
		return
	}
	c.Step = name
	image := n.Get("image")
	c.Action = image.String()
	host, space := ImageHost(image.String())
	provider, _, kind := findPlugin(pluginImage(image.String()))
	settings := n.Get("settings")
	if settings == nil {
		settings = n // parameters beside image, as before Drone 1.0
	}
	base := Occurrence{Kind: connection.SecretRef, Provider: provider, Consumer: c, Group: c.Job + "/" + name}
	if kind != "" {
		base.Kind = kind
	}
	if base.Kind == connection.RegistryLogin {
		f.registry(&base, settings)
	}
	for _, key := range []string{"endpoint", "base_url", "server", "url", "host"} {
		if s := settings.Get(key).String(); s != "" && base.Kind == connection.SecretRef && strings.Contains(NormalHost(s), ".") && !strings.ContainsAny(s, "$") {
			base.Endpoint = NormalHost(s)
		}
	}
	scope := (*Scope)(nil).Inner()
	var later []droneInput
	for _, key := range []string{"environment", "settings"} {
		f.inputs(n.Get(key), key == "environment", base, scope, c, &later)
	}
	if n.Get("settings") == nil {
		f.inputs(n, false, base, scope, c, &later, "environment", "commands", "when", "secrets")
	}
	for _, s := range n.Get("secrets").List() {
		src, target := s, s.String()
		if s.Is(MapNode) {
			src, target = s.Get("source"), s.Get("target").String()
		}
		later = append(later, droneInput{strings.ToUpper(target), src})
	}
	for _, in := range later { // what commands take is told with them
		v := Value{Open: true}
		if t := in.from.Text(); t.S != "" {
			v.Refs = []Ref{{Name: f.ref(t.S), At: t, In: f.d}}
		}
		scope.Bind(in.key, v.Through(in.key))
	}
	f.script(undoubled(scriptLines(n.Get("commands"), 0)), "bash", scope, c, false)
	for _, in := range later {
		t := in.from.Text()
		if t.S == "" || f.d.claimed[t.Pos(0)] {
			continue
		}
		o := base
		o.Role = connection.RoleSecret
		if n.Get("commands") != nil || base.Provider == "" && base.Kind == connection.SecretRef {
			o.Kind, o.Endpoint, o.Group = connection.SecretRef, "", ""
			if stem, ok := credentialStem(in.key); ok { // what else the commands take is another's
				o.Group = base.Group + "/env/" + stem
			}
			o.Provider, o.ProviderFrom = boundProvider(t.S, in.key)
		}
		o.Construct = "secrets"
		f.otherwise(&o, settings, t.S)
		f.fromSecret(o, in.from)
	}
	if n.Get("commands") != nil || provider == "" && kind == "" {
		f.privateImage(image.Text(), Value{Lit: image.String(), Open: strings.Contains(image.String(), "$")}, c)
	} else if host != "" && !publicRegistry(host) && !Internal(host) {
		o := f.d.Occurrence(connection.Endpoint, "image", image.Text())
		o.Endpoint, o.Account, o.Auth, o.Consumer = host, hostAccount(host, space), connection.None, c
		f.d.Emit(o)
	}
}

// pluginImage is an image name without host and tag.
func pluginImage(image string) string {
	_, name := ImageHost(image)
	return name
}

// registry gives the host that a plugin which pushes images logs in to.
func (f *droneFile) registry(o *Occurrence, settings *Node) {
	for _, key := range []string{"registry", "repo"} {
		s := settings.Get(key)
		if s.Is(SeqNode) && len(s.Items()) > 0 {
			s = s.Items()[0]
		}
		if s.String() == "" || strings.Contains(s.String(), "$") && key == "registry" {
			continue
		}
		if key == "registry" {
			o.Endpoint = NormalHost(s.String())
			return
		}
		host, space := ImageHost(strings.SplitN(s.String(), "$", 2)[0])
		o.Endpoint, o.Account = host, hostAccount(host, space)
	}
	if o.Endpoint == "" && o.Provider == "" {
		o.Endpoint = dockerHub
	}
}

// otherwise puts what a secret's name surely says in place of the registry that
// a plugin logs in to where nothing tells another.
func (f *droneFile) otherwise(o *Occurrence, settings *Node, secret string) {
	if settings.Get("registry") != nil || settings.Get("repo") != nil || o.Kind != connection.RegistryLogin {
		return
	}
	if p, sure, ok := byName(secret); ok && sure && p != hostProvider(dockerHub) && p != o.Provider {
		o.Provider, o.ProviderFrom, o.Endpoint, o.Group = p, connection.FromName, "", o.Group+"/"+p
	}
}

// inputs reads settings or environment: from_secret at any depth, URLs, logins.
func (f *droneFile) inputs(n *Node, env bool, base Occurrence, scope *Scope, c connection.Consumer, later *[]droneInput, skip ...string) {
	for _, p := range n.Pairs() {
		if !slices.Contains(skip, p.Key.Value) {
			f.input(p.Key.Value, p.Value, n, env, base, scope, c, later, 0)
		}
	}
	if env {
		for _, i := range n.Items() { // A=b, as before Drone 1.0
			if k, v, ok := i.Text().Cut("="); ok {
				f.urls(v, nil, c)
				scope.Bind(k.S, Literal(v))
			}
		}
	}
}

func (f *droneFile) input(key string, n, parent *Node, env bool, base Occurrence, scope *Scope, c connection.Consumer, later *[]droneInput, depth int) {
	if depth > maxBinding || !f.d.descend() {
		return
	}
	switch {
	case n.Get("from_secret") != nil:
		from := n.Get("from_secret")
		if env {
			*later = append(*later, droneInput{key, from})
			return
		}
		o := base
		o.Construct, o.Role = "settings."+key, connection.RoleSecret
		if k := strings.ToLower(key); strings.Contains(k, "user") || k == "login" || k == "access_key" {
			o.Role = connection.RoleUsername
		}
		if o.Kind == connection.SSH && (key == "host" || key == "port") || key == "repo" || key == "registry" {
			o.Role = connection.RoleEndpoint
		}
		if p, sure, ok := byName(from.String()); base.Kind == connection.SecretRef && ok && sure && p != "aws" { // a plugin may take several
			o.Provider, o.ProviderFrom = p, connection.FromName
		} else if base.Kind == connection.SecretRef && base.Provider == "" && base.Endpoint == "" {
			o.Provider, o.ProviderFrom = boundProvider(from.String(), key)
		}
		f.otherwise(&o, parent, from.String())
		f.fromSecret(o, from)
	case n.Is(ScalarNode):
		f.substituted(key, n, env, base)
		f.urls(n.Text(), nil, c)
		if n.String() != "" {
			f.d.inPlain(key, n.Text(), c)
		}
		if env && n.String() != "" {
			scope.Bind(key, Literal(n.Text()))
		}
	case key == "logins" && n.Is(SeqNode):
		for _, l := range n.Items() {
			b := base
			b.Kind, b.Endpoint, b.Account, b.Group = connection.RegistryLogin, NormalHost(l.Get("registry").String()), "", base.Group+"/"+l.Get("registry").String()
			for _, p := range l.Pairs() {
				f.input(p.Key.Value, p.Value, l, false, b, scope, c, later, depth+1)
			}
		}
	default:
		for _, p := range n.Pairs() {
			f.input(p.Key.Value, p.Value, parent, env && depth == 0, base, scope, c, later, depth+1)
		}
		for _, i := range n.Items() {
			f.input(key, i, parent, env, base, scope, c, later, depth+1)
		}
	}
}

// substituted reads ${SECRET} in a setting, as before Drone 1.0, which put
// secrets in before it read the file.
func (f *droneFile) substituted(key string, n *Node, env bool, base Occurrence) {
	if env {
		return
	}
	t := n.Text()
	for _, m := range findVars(t.S, false) {
		if !credentialName(m.name) || strings.HasPrefix(m.name, "DRONE_") || strings.HasPrefix(m.name, "CI_") {
			continue
		}
		o := base
		o.Construct, o.Role = "settings."+key, connection.RoleSecret
		if base.Kind == connection.SecretRef && base.Provider == "" || strings.Contains(t.S, "=") { // NAME=${SECRET}: a build argument
			o.Kind, o.Endpoint, o.Account, o.Group = connection.SecretRef, "", "", ""
			o.Provider, o.ProviderFrom = boundProvider(m.name, key)
		}
		at := t.Sub(m.start, m.end)
		f.d.EmitRefs(o, Value{At: at, Refs: []Ref{{Name: f.ref(m.name), At: at, In: f.d}}, Open: true}, nil)
	}
}

// undoubled makes $X of $$X: the system itself substitutes what has one dollar.
func undoubled(lines []Text) []Text {
	for i, t := range lines {
		if !strings.Contains(t.S, "$$") {
			continue
		}
		b := make([]byte, 0, len(t.S))
		var at []int32
		for k := 0; k < len(t.S); k++ {
			if t.S[k] == '$' && k+2 < len(t.S) && t.S[k+1] == '$' && (word(t.S[k+2]) || t.S[k+2] == '{' || t.S[k+2] == '(') {
				continue
			}
			b = append(b, t.S[k])
			at = append(at, int32(t.Pos(k)))
		}
		lines[i] = Text{S: string(b), at: append(at, int32(t.Pos(len(t.S)))), set: true}
	}
	return lines
}
