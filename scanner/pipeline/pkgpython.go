package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// pythonTOML reads pyproject.toml and the like: indexes of packages and their
// logins, which stand beside the index or under its name elsewhere. Source:
// docs.astral.sh/uv/concepts/indexes; python-poetry.org/docs/repositories; bun.sh/docs/runtime/bunfig.
func (f *credFile) pythonTOML() {
	root := f.d.TOML()
	f.pythonTable(root, "", pythonIndexes(root), 0)
}

// pythonIndexes gives the hosts of indexes by their names.
func pythonIndexes(root *Node) map[string]string {
	hosts := map[string]string{}
	root.Walk(func(n *Node) bool {
		if name, u := n.Get("name").String(), n.Get("url").String(); name != "" && strings.Contains(u, "://") {
			hosts[name] = NormalHost(u)
		}
		for _, p := range n.Get("repositories").Pairs() {
			if u := p.Value.Get("url").String(); strings.Contains(u, "://") {
				hosts[p.Key.Value] = NormalHost(u)
			}
		}
		return true
	})
	return hosts
}

func (f *credFile) pythonTable(n *Node, name string, hosts map[string]string, depth int) {
	if n = n.Deref(); n == nil || depth > maxDepth || !f.d.descend() {
		return
	}
	for _, i := range n.items {
		f.pythonTable(i, name, hosts, depth+1)
	}
	host := hosts[name]
	for _, k := range []string{"url", "registry", "publish-url", "repository-url"} {
		if u := n.Get(k).String(); strings.Contains(u, "://") {
			host = NormalHost(u)
			break
		}
	}
	if strings.ContainsAny(host, "${") {
		host = ""
	}
	for _, p := range n.pairs {
		if p.Value.Is(ScalarNode) {
			f.pythonValue(p.Key.Value, p.Value.Text(), host, n)
		} else if p.Key.Value == "pypi-token" {
			for _, q := range p.Value.Pairs() {
				f.pythonValue("token", q.Value.Text(), hosts[q.Key.Value], n)
			}
		} else {
			f.pythonTable(p.Value, p.Key.Value, hosts, depth+1)
		}
	}
	if n.Kind == ScalarNode && depth > 0 {
		f.pythonValue(name, n.Text(), host, n)
	}
}

func (f *credFile) pythonValue(key string, t Text, host string, n *Node) {
	switch key {
	case "url", "publish-url", "index-url", "extra-index-url", "repository-url", "default-index", "index", "registry", "find-links":
		if h := NormalHost(t.S); !strings.Contains(t.S, "://") || h == "github.com" {
			return
		} else if n.Get("authenticate").String() == "always" && !strings.ContainsAny(h, "${") && !Internal(h) {
			o := f.d.Occurrence(connection.RegistryLogin, key, t)
			o.Endpoint, o.Auth, o.Consumer = h, connection.Static, f.c
			f.d.Emit(o)
			return
		}
		f.private(t, key, "")
	case "token", "password", "_password", "_authToken":
		o := f.d.Occurrence(connection.RegistryLogin, key, t)
		o.Endpoint = host
		if u := n.Get("username").String(); !strings.ContainsAny(u, "${") && u != "__token__" && !tokenShaped(u) {
			o.Principal = u
		}
		f.secret(o, t)
	default:
		f.url(t, key)
	}
}
