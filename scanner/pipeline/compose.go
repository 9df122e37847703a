package pipeline

import (
	"path"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// compose reads Docker Compose files. Source: docs.docker.com/reference/compose-file; pipelines.md 3.1.
var compose = Dialect{ID: "docker-compose", Path: composePath, Content: composeContent, Read: readCompose, Line: composeLine}

func composePath(p string) bool {
	base := strings.ToLower(path.Base(p))
	return yamlExt(base) && (strings.HasPrefix(base, "docker-compose") || strings.HasPrefix(base, "compose.") || strings.HasPrefix(base, "compose-") ||
		strings.HasSuffix(base, "-compose.yml") || strings.HasSuffix(base, "-compose.yaml") || strings.HasSuffix(base, ".compose.yml") || strings.HasSuffix(base, ".compose.yaml") ||
		strings.HasPrefix(base, "docker-stack") || strings.HasPrefix(base, "podman-compose"))
}

func composeContent(p string, head *Head) bool {
	if !yamlExt(p) {
		return false
	}
	s := head.Text
	return head.Top("services") && (strings.Contains(s, "\n    image:") || strings.Contains(s, "\n    build:")) && !head.Top("apiVersion") && !head.Top("stages") && !head.Top("phases")
}

// A composeReader reads one Compose file.
type composeReader struct {
	varReader
	scripts int
}

func readCompose(d *Document) {
	r := &composeReader{}
	r.varReader = varReader{d: d, store: "compose:env:", own: composeOwn}
	for _, root := range d.YAML() {
		var done []*Node
		for _, key := range []string{"secrets", "configs", "volumes", "networks"} {
			done = append(done, root.Get(key))
		}
		r.secrets(root.Get("secrets"))
		for _, s := range root.Get("services").Pairs() {
			r.service(s.Key.Value, s.Value)
			done = append(done, s.Value.Deref())
		}
		for _, p := range root.Pairs() { // x- fragments that services take in
			if strings.HasPrefix(p.Key.Value, "x-") {
				c := connection.Consumer{Path: d.Path}
				if env := p.Value.Get("environment"); env != nil {
					r.environment(env, "environment", c)
				} else {
					r.environment(p.Value, "environment", c)
				}
			}
		}
		r.sweep(root, "", nil, connection.Consumer{Path: d.Path}, done...)
	}
	r.flush(nil)
}

func composeOwn(name string) (Value, bool) {
	return Value{}, strings.HasPrefix(name, "COMPOSE_") || name == "PWD" || settingName(name)
}

func composeLine(d *Document, line Text) {
	varLine(d, line, "compose:env:", composeOwn)
	k, v, ok := strings.Cut(strings.TrimLeft(line.S, " -"), ":")
	if ok && isName(k) && !strings.Contains(v, "$") {
		at := len(line.S) - len(v)
		d.setting(k, bareText(line.Sub(at, len(line.S)).Trim()), "environment", connection.Consumer{Path: d.Path})
	}
}

// secrets reads the top level: where each secret comes from.
func (r *composeReader) secrets(n *Node) {
	for _, p := range n.Pairs() {
		at := p.Key.Text()
		o := r.d.Occurrence(connection.StoreRef, "secrets", at)
		o.Refs, o.Auth, o.Role = []string{"compose:secret:" + p.Key.Value}, connection.Static, connection.RoleSecret
		o.Provider, o.ProviderFrom = nameProvider(strings.ReplaceAll(p.Key.Value, "-", "_"))
		if env := p.Value.Get("environment"); env.String() != "" {
			o.Kind, o.Refs = connection.SecretRef, append(o.Refs, "compose:env:"+env.String())
			if o.Provider == "" {
				o.Provider, o.ProviderFrom = nameProvider(env.String())
			}
		}
		r.d.Emit(o)
	}
}

func (r *composeReader) service(name string, n *Node) {
	c := connection.Consumer{Path: r.d.Path, Job: name}
	var done []*Node
	take := func(m *Node, keys ...string) *Node {
		v := m.Get(keys...)
		done = append(done, v)
		return v
	}
	if image := take(n, "image"); image.String() != "" {
		v := r.text(image.Text(), "image", nil, c)
		r.privateImage(image.Text(), defaulted(v, image.Text()), c)
		host, path := ImageHost(v.Lit)
		if c.Action = path; host == "" {
			c.Action = ""
		}
	}
	r.environment(take(n, "environment"), "environment", c)
	for _, f := range take(n, "env_file").List() {
		r.environmentFile(f, c)
	}
	r.environment(take(n, "build", "args"), "build.args", c)
	r.environment(take(n, "labels"), "labels", c)
	r.used(take(n, "secrets"), "secrets", c)
	r.used(take(n, "build", "secrets"), "build.secrets", c)
	for _, s := range take(n, "build", "ssh").List() {
		o := r.d.Occurrence(connection.SSH, "build.ssh", s.Text())
		o.Provider, o.Auth, o.Consumer = "ssh", connection.Ambient, c
		r.d.Emit(o)
	}
	if ctx := take(n, "build", "context"); strings.Contains(ctx.String(), "@") || strings.Contains(ctx.String(), "://") {
		r.urls(ctx.Text(), nil, c)
	}
	for _, key := range []string{"command", "entrypoint"} {
		r.command(take(n, key), c)
	}
	r.command(take(n, "healthcheck", "test"), c)
	r.sweep(n, "", nil, c, done...)
}

// environmentFile reads a file of variables that a service is started with, where
// its name does not tell that it is one; the others are read by themselves.
func (r *composeReader) environmentFile(n *Node, c connection.Consumer) {
	if p := n.Get("path"); p != nil {
		n = p
	}
	file := path.Join(path.Dir(r.d.Path), n.String())
	if n.String() == "" || path.IsAbs(n.String()) || strings.HasPrefix(file, "..") || strings.Contains(file, "$") || credentialReader(file) != nil {
		return
	}
	if s := r.d.Sub(file); s != nil {
		c.Path = file
		(&credFile{d: s, c: c}).dotenv()
		r.d.Join(s)
	}
}

// defaulted fills in what ${X:-value} says of an image.
func defaulted(v Value, t Text) Value {
	if v.Lit != "" && !v.Open || !strings.Contains(t.S, ":-") {
		return v
	}
	s := t.S
	for range maxBinding {
		i := strings.Index(s, "${")
		j := strings.IndexByte(s, '}')
		if i < 0 || j < i {
			break
		}
		_, def, _ := strings.Cut(s[i:j], "-")
		s = s[:i] + def + s[j+1:]
	}
	if v.Lit = s; !strings.Contains(s, "$") {
		v.Open = false
	}
	return v
}

// environment reads a map, or a list of X=v and X.
func (r *composeReader) environment(n *Node, construct string, c connection.Consumer) {
	for _, p := range n.Pairs() {
		if p.Value.Is(ScalarNode) {
			r.set(settingOf(p.Key.Text(), construct), p.Value.Text(), true, construct, c)
		}
	}
	for _, i := range n.Items() {
		if t := i.Text(); t.S != "" {
			name, value, given := t.Cut("=")
			r.set(settingOf(name, construct), value, given, construct, c)
		}
	}
}

// settingOf is what a name names: of a label, which starts with whose it is and
// of what, its last part.
func settingOf(name Text, construct string) Text {
	if i := strings.LastIndexByte(name.S, '.'); i >= 0 && construct == "labels" {
		return name.Sub(i+1, len(name.S))
	}
	return name
}

func (r *composeReader) set(name, value Text, given bool, construct string, c connection.Consumer) {
	if !given || value.S == "" || value.S == "~" || value.S == "null" { // passed through from the shell
		if credentialName(name.S) && isName(name.S) {
			r.mention(Ref{Name: r.store + name.S, At: name, In: r.d}, name.S, c)
		}
		return
	}
	if strings.Contains(value.S, "$") {
		v := r.text(value, name.S, nil, c)
		credential := credentialName(name.S) && !identityName(name.S)
		for _, ref := range v.Refs {
			if credential && ref.Weak && len(v.Refs) == 1 && strings.HasPrefix(value.S, "$") {
				ref.Weak = false
				r.mention(ref, name.S, c)
			}
		}
		if !r.urls(value, nil, c) {
			r.dsn(value, c)
		}
		if _, def, ok := value.Cut(":-"); ok && strings.Contains(def.S, "@") { // ${URL:-scheme://user:password@host}
			r.d.dataSource(def, construct, c)
		}
		return
	}
	r.d.setting(name.S, value, construct, c)
}

// dsn emits a connection string whose password is a variable.
func (r *varReader) dsn(t Text, c connection.Consumer) {
	for _, l := range findLinks(blot(t.S)) {
		if id := dataSchemes[l.Scheme]; id != "" && l.Pass != "" {
			v := Value{Refs: r.text(t.Sub(l.Start, l.End), "", nil, c).Refs}
			o := Occurrence{Kind: connection.URLCredential, Construct: "url", Provider: id, Endpoint: l.Host, Principal: l.principal(), Consumer: c}
			r.d.EmitRefs(o, v, nil)
		}
	}
}

// used reads the secrets that a service is given.
func (r *composeReader) used(n *Node, construct string, c connection.Consumer) {
	for _, i := range n.List() {
		at := i.Text()
		if i.Is(MapNode) {
			at = i.Get("source").Text()
		}
		if at.S == "" {
			continue
		}
		o := r.d.Occurrence(connection.StoreRef, construct, at)
		o.Refs, o.Auth, o.Role, o.Consumer = []string{"compose:secret:" + at.S}, connection.Static, connection.RoleSecret, c
		if o.Provider, o.ProviderFrom = nameProvider(strings.ReplaceAll(at.S, "-", "_")); o.Provider == "" {
			o.Provider, o.ProviderFrom = imageProvider(c.Action)
		}
		r.d.Emit(o)
	}
}

// command reads a command: a shell's script, or flags with credentials in them.
func (r *composeReader) command(n *Node, c connection.Consumer) {
	if n == nil {
		return
	}
	items := n.List()
	for k, i := range items {
		t := i.Text()
		r.urls(t, nil, c)
		r.text(t, "command", nil, c)
		r.flag(t, c)
		if k > 0 && strings.HasPrefix(items[k-1].String(), "--") && !strings.Contains(items[k-1].String(), "=") && !strings.HasPrefix(t.S, "-") && !strings.Contains(t.S, "$") {
			r.d.setting(strings.TrimLeft(items[k-1].String(), "-"), t, "command", c)
		}
	}
	r.scripts++
	if n.Is(ScalarNode) {
		r.flags(n.Text(), c)
	} else if len(items) > 2 && strings.HasSuffix(items[1].String(), "c") && strings.HasPrefix(items[1].String(), "-") {
		r.d.Shell(Script{Text: items[2].Text(), Consumer: c, Group: c.Job + "/" + strconv.Itoa(r.scripts), NoDownloads: true,
			Unknown: func(string, Text) Value { return Value{Open: true} }})
	}
}

// flags reads the words of a command line.
func (r *composeReader) flags(t Text, c connection.Consumer) {
	words := dockerWords(t)
	for k, w := range words {
		r.flag(bareText(w), c)
		if v := bareText(w); k > 0 && strings.HasPrefix(words[k-1].S, "--") && !strings.Contains(words[k-1].S, "=") && !strings.HasPrefix(v.S, "-") && !strings.Contains(v.S, "$") {
			r.d.setting(strings.TrimLeft(words[k-1].S, "-"), v, "command", c)
		}
	}
}

// flag reads --password=value.
func (r *composeReader) flag(t Text, c connection.Consumer) {
	if !strings.HasPrefix(t.S, "-") {
		return
	}
	name, value, ok := t.Cut("=")
	if ok && !strings.Contains(value.S, "$") {
		r.d.setting(strings.TrimLeft(name.S, "-"), bareText(value), "command", c)
	}
}
