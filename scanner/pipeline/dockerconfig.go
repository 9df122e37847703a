package pipeline

import (
	"bytes"
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// Docker's client configuration and development containers: JSON, with comments
// in the second. Source: docs.docker.com/reference/cli/docker; containers.dev/implementors/json_reference.
var (
	dockerConfig = Dialect{ID: "docker-config", Path: dockerConfigPath, Content: dockerConfigContent, Read: readDockerConfig}
	devcontainer = Dialect{ID: "devcontainer", Path: devcontainerPath, Read: readDevcontainer}
)

func dockerConfigPath(p string) bool {
	return strings.HasSuffix(p, ".docker/config.json") || path.Base(p) == ".dockercfg" || path.Base(p) == ".dockerconfigjson" || path.Base(p) == "dockerconfig.json"
}

func dockerConfigContent(p string, head *Head) bool {
	return path.Ext(p) == ".json" && (strings.Contains(head.Text, `"auths"`) || strings.Contains(head.Text, `"credHelpers"`))
}

func devcontainerPath(p string) bool {
	base := path.Base(p)
	return base == "devcontainer.json" || base == ".devcontainer.json"
}

// lenientJSON gives the roots of JSON with comments and trailing commas, read as
// YAML once comments and tabs are blank: every byte keeps its place.
func lenientJSON(d *Document) []*Node {
	d.Data = blankComments(d.Data)
	return d.YAML()
}

// blankComments gives a copy with comments and tabs outside of strings blank.
func blankComments(data []byte) []byte {
	data = bytes.Clone(data)
	quote := byte(0) // of the string we are in
	for i := 0; i < len(data); i++ {
		switch {
		case quote != 0 && data[i] == '\\':
			i++
		case quote != 0 && (data[i] == quote || data[i] == '\n'):
			quote = 0
		case quote != 0:
		case data[i] == '"' || data[i] == '\'':
			quote = data[i]
		case data[i] == '\t':
			data[i] = ' '
		case data[i] == '/' && i+1 < len(data) && (data[i+1] == '/' || data[i+1] == '*'):
			end := bytes.IndexByte(data[i:], '\n')
			if data[i+1] == '*' {
				if end = bytes.Index(data[i+2:], []byte("*/")); end >= 0 {
					end += 4
				}
			}
			if end < 0 {
				end = len(data) - i
			}
			for k := i; k < i+end; k++ {
				if data[k] != '\n' && data[k] != '\r' {
					data[k] = ' '
				}
			}
			i += end - 1
		}
	}
	return data
}

func readDockerConfig(d *Document) {
	for _, root := range lenientJSON(d) {
		dockerLogins(d, root)
	}
}

// dockerLogins reads who is logged in where, and through what proxy.
func dockerLogins(d *Document, root *Node) {
	auths := root.Get("auths")
	if auths == nil && path.Base(d.Path) == ".dockercfg" {
		auths = root
	}
	for _, p := range auths.Pairs() {
		o := d.Occurrence(connection.RegistryLogin, "auths", p.Key.Text())
		o.Endpoint, o.Auth, o.Role = NormalHost(p.Key.Value), connection.Static, connection.RoleSecret
		if len(p.Value.Pairs()) == 0 { // kept by a helper
			o.Auth = connection.Ambient
		}
		d.Emit(o)
	}
	for _, p := range root.Get("credHelpers").Pairs() {
		o := d.Occurrence(connection.RegistryLogin, "credHelpers", p.Key.Text())
		o.Endpoint, o.Auth = NormalHost(p.Key.Value), connection.Ambient
		d.Emit(o)
	}
	for _, p := range root.Get("proxies").Pairs() {
		for _, q := range p.Value.Pairs() {
			d.URLs(q.Value.Text(), nil, "proxies", connection.Consumer{Path: d.Path})
		}
	}
}

func readDevcontainer(d *Document) {
	r := &composeReader{}
	r.varReader = varReader{d: d, store: "env:", own: composeOwn}
	c := connection.Consumer{Path: d.Path}
	for _, root := range lenientJSON(d) {
		for _, key := range []string{"remoteEnv", "containerEnv"} {
			for _, p := range root.Get(key).Pairs() {
				r.local(p, key, c)
			}
		}
		for _, p := range root.Get("build", "args").Pairs() {
			r.local(p, "build.args", c)
		}
		for _, p := range root.Get("secrets").Pairs() {
			o := d.Occurrence(connection.SecretRef, "secrets", p.Key.Text())
			o.Refs, o.Auth, o.Role = []string{"codespaces:secret:" + p.Key.Value}, connection.Static, connection.RoleSecret
			d.Emit(o)
		}
		if i := root.Get("image"); i.String() != "" {
			r.privateImage(i.Text(), Literal(i.Text()), c)
		}
		for _, a := range root.Get("runArgs").Items() {
			r.flag(a.Text(), c)
		}
		f := &agentFile{d: d, c: c}
		f.servers(root.Get("customizations", "vscode"), 0)
		leaves(root.Get("customizations", "vscode", "settings"), func(key string, n *Node) { f.leaf(strings.ReplaceAll(key, ".", "_"), n.Text()) })
		for _, key := range []string{"initializeCommand", "onCreateCommand", "updateContentCommand", "postCreateCommand", "postStartCommand", "postAttachCommand"} {
			r.lifecycle(root.Get(key), key, c)
		}
	}
	r.flush(nil)
}

// lifecycle reads a command of a container's life: a line, or several by name.
// Words in a list reach no shell.
func (r *composeReader) lifecycle(n *Node, key string, c connection.Consumer) {
	c.Job, r.quiet = key, true
	lines := []*Node{n}
	for _, p := range n.Pairs() {
		lines = append(lines, p.Value)
	}
	for _, l := range lines {
		if l.Is(ScalarNode) {
			r.script([]Text{l.Text()}, "bash", nil, c, false)
		}
	}
}

// local reads X: ${localEnv:Y}, or a value in plain text.
func (r *composeReader) local(p Pair, construct string, c connection.Consumer) {
	name, t := p.Key.Value, p.Value.Text()
	for _, form := range []string{"${localEnv:", "${env:", "${containerEnv:"} {
		i := strings.Index(t.S, form)
		if i < 0 {
			continue
		}
		end := strings.IndexByte(t.S[i:], '}')
		if end < 0 {
			return
		}
		ref, _, _ := strings.Cut(t.S[i+len(form):i+end], ":")
		if SecretName(name) || credentialName(ref) {
			o := Occurrence{Kind: connection.SecretRef, Construct: construct, Role: connection.RoleSecret, Consumer: c}
			o.Provider, o.ProviderFrom = boundProvider(ref, name)
			r.d.EmitRefs(o, Value{Refs: []Ref{{Name: "env:" + ref, At: t.Sub(i, i+end+1), In: r.d}}}, nil)
		}
		return
	}
	r.d.setting(name, t, construct, c)
}
