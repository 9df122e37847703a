package pipeline

import (
	"slices"
	"strconv"
	"strings"
)

// What containers run: images, scripts, arguments.

// container reads a container's image, variables and script.
func (m *manifest) container(n *Node) bool {
	image := n.Get("image")
	if image.Is(MapNode) && image.Get("repository") != nil {
		m.imageMap(image)
	}
	if !image.Is(ScalarNode) {
		return false
	}
	r := &varReader{d: m.d, own: func(string) (Value, bool) { return Value{}, true }}
	r.privateImage(image.Text(), Value{Lit: image.String(), Open: strings.Contains(image.String(), "{{")}, m.c)
	m.done[image] = true
	if len(n.Get("env").Items()) == 0 && n.Get("script") == nil && n.Get("command") == nil && n.Get("args") == nil {
		return false
	}
	scope := (*Scope)(nil).Inner()
	for _, e := range n.Get("env").Items() {
		name := e.Get("name").String()
		if ref := e.Get("valueFrom", "secretKeyRef"); ref != nil && name != "" {
			at := ref.Get("name").Text()
			scope.Bind(name, Value{At: at, Refs: []Ref{{Name: secretID(m.namespace, at.S, ref.Get("key").String()), At: at, In: m.d}}, Open: true})
		} else if v := e.Get("value"); v.String() != "" && !strings.Contains(v.String(), "{{") && name != "" {
			scope.Bind(name, Literal(v.Text()))
		}
	}
	m.script(n.Get("script"), scope)
	m.script(n.Get("source"), scope)
	cmd, args := n.Get("command").List(), n.Get("args").List()
	all := append(slices.Clone(cmd), args...)
	for k, i := range all {
		if k > 0 && shellFlag(all[k-1].String()) {
			m.script(i, scope)
		} else if len(all) == len(args) && len(args) == 1 && strings.Contains(i.String(), "\n") {
			m.script(i, scope)
		}
	}
	m.arguments(all)
	return false
}

func shellFlag(s string) bool {
	return len(s) < 8 && strings.HasPrefix(s, "-") && strings.HasSuffix(s, "c") && !strings.HasPrefix(s, "--")
}

// script reads a shell script that a container runs.
func (m *manifest) script(n *Node, scope *Scope) {
	if !n.Is(ScalarNode) || len(n.String()) < 3 {
		return
	}
	t := n.Text()
	if strings.HasPrefix(t.S, "#!") {
		if first, _, _ := strings.Cut(t.S, "\n"); !strings.Contains(first, "sh") {
			return
		}
	}
	m.done[n.Deref()] = true
	*m.scripts++
	m.d.Shell(Script{Text: t, Env: scope, Consumer: m.c, Holes: templateHoles(t.S), Group: m.c.Job + "/sh" + strconv.Itoa(*m.scripts), NoDownloads: true, AtUse: true,
		Unknown: func(string, Text) Value { return Value{Open: true} }})
}

// templateHoles gives the places of $(params.x) and {{ x }} in a script.
func templateHoles(s string) []Hole {
	var out []Hole
	for i := 0; i+2 < len(s) && len(out) < maxNodes; i++ {
		n := 0
		switch {
		case strings.HasPrefix(s[i:], "{{"):
			n = strings.Index(s[i:min(len(s), i+maxAction)], "}}") + 2
		case strings.HasPrefix(s[i:], "$(params.") || strings.HasPrefix(s[i:], "$(workspaces.") || strings.HasPrefix(s[i:], "$(results.") || strings.HasPrefix(s[i:], "$(inputs.") || strings.HasPrefix(s[i:], "$(context."):
			n = strings.IndexByte(s[i:min(len(s), i+maxAction)], ')') + 1
		}
		if n > 2 {
			out = append(out, Hole{Start: i, End: i + n, Value: Value{Open: true}})
			i += n - 1
		}
	}
	return out
}

// arguments reads flags that carry a credential or a role.
func (m *manifest) arguments(args []*Node) {
	for _, a := range args {
		t := a.Text()
		name, value, ok := t.Cut("=")
		if ok && strings.HasPrefix(name.S, "-") && !strings.ContainsAny(value.S, "${") && !m.done[a] {
			m.d.setting(strings.TrimLeft(name.S, "-"), value, "args", m.c)
		}
	}
}
