package pipeline

import (
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// buildkite reads pipelines and the agent's hooks. Source:
// buildkite.com/docs/pipelines/configure; pipelines.md 2.5.
var buildkite = Dialect{ID: "buildkite", Path: buildkitePath, Content: buildkiteContent, Read: readBuildkite, Line: buildkiteLine}

func buildkitePath(p string) bool {
	if !strings.HasPrefix(p, ".buildkite/") && !strings.Contains(p, "/.buildkite/") {
		b := path.Base(p)
		return b == "buildkite.yml" || b == "buildkite.yaml" || b == "buildkite.json"
	}
	return yamlExt(p) || path.Ext(p) == ".json" || buildkiteHook(p)
}

// buildkiteHook tells scripts that the agent runs.
func buildkiteHook(p string) bool {
	ext := path.Ext(p)
	return path.Base(path.Dir(p)) == "hooks" && (ext == "" || ext == ".sh")
}

func buildkiteContent(p string, head *Head) bool {
	s := head.Text
	return yamlExt(p) && head.Top("steps") && (strings.Contains(s, "- wait") || strings.Contains(s, "plugins:") || strings.Contains(s, "buildkite")) &&
		strings.Contains(s, "command") && (strings.Contains(s, "label:") || strings.Contains(s, "agents:") || strings.Contains(s, "plugins:")) && !strings.Contains(s, "vmImage") && !head.Top("kind")
}

type buildkiteFile struct{ varReader }

func newBuildkite(d *Document) *buildkiteFile {
	f := &buildkiteFile{}
	f.varReader = varReader{d: d, store: "buildkite:env:", own: buildkiteOwn}
	return f
}

func readBuildkite(d *Document) {
	f := newBuildkite(d)
	c := connection.Consumer{Path: d.Path}
	if buildkiteHook(d.Path) {
		c.Job = path.Base(d.Path)
		f.script([]Text{d.Text(0, len(d.Data))}, "bash", nil, c, false)
		f.flush(nil)
		return
	}
	for _, root := range d.YAML() {
		scope := f.env(root.Get("env"), nil, c)
		f.secrets(root.Get("secrets"), scope, c)
		f.notify(root.Get("notify"), scope, c)
		steps := root.Get("steps")
		if root.Is(SeqNode) {
			steps = root
		}
		for _, s := range steps.Items() {
			f.step(s, scope, c, 0)
		}
		for _, p := range root.Pairs() { // anchors kept beside
			if !slices.Contains([]string{"steps", "env", "secrets", "notify", "agents"}, p.Key.Value) {
				f.sweep(p.Value, p.Key.Value, scope, c)
			}
		}
		f.flush(nil)
	}
}

func buildkiteLine(d *Document, line Text) { varLine(d, line, "buildkite:env:", buildkiteOwn) }

// buildkiteOwn tells what Buildkite itself defines.
func buildkiteOwn(name string) (Value, bool) {
	switch name {
	case "BUILDKITE_AGENT_ACCESS_TOKEN", "BUILDKITE_AGENT_JOB_API_TOKEN":
		return Value{Refs: []Ref{{Name: "buildkite:job-token", Auth: connection.Ambient}}}, true
	}
	return Value{}, strings.HasPrefix(name, "BUILDKITE_") && (!credentialName(name) || name == "BUILDKITE_STEP_KEY" || name == "BUILDKITE_GROUP_KEY")
}

func (f *buildkiteFile) env(n *Node, outer *Scope, c connection.Consumer) *Scope {
	scope := outer.Inner()
	for _, p := range n.Pairs() {
		if t := p.Value.Text(); t.S != "" {
			v := f.text(undoubled([]Text{t})[0], p.Key.Value, outer, c)
			f.urls(t, outer, c)
			f.d.inPlain(p.Key.Value, t, c)
			if !f.role(t, p.Key.Value, connection.Ambient, c) {
				f.stored(p.Key.Value, p.Value, c)
			}
			scope.Bind(p.Key.Value, v.Through(p.Key.Value))
		}
	}
	return scope
}

// stored emits a value that is a path in a store: op://, vault:.
func (f *buildkiteFile) stored(key string, n *Node, c connection.Consumer) {
	if p, ok := strings.CutPrefix(n.String(), "op://"); ok {
		o := f.d.Occurrence(connection.StoreRef, key, n.Text())
		o.Refs, o.Role, o.Consumer = []string{opRef(p)}, connection.RoleSecret, c
		f.d.Emit(o)
	}
}

// secrets reads the platform's own secrets: a list of names, or a map VARIABLE: name.
func (f *buildkiteFile) secrets(n *Node, scope *Scope, c connection.Consumer) {
	one := func(env string, at *Node) {
		t := at.Text()
		if t.S == "" {
			return
		}
		ref := Ref{Name: "buildkite:secret:" + t.S, At: t, In: f.d}
		f.mention(ref, env, c)
		if scope != nil {
			scope.Bind(env, Value{Refs: []Ref{ref}, Open: true})
		}
	}
	for _, i := range n.Items() {
		one(i.String(), i)
	}
	for _, p := range n.Pairs() {
		one(p.Key.Value, p.Value)
	}
}

func (f *buildkiteFile) step(n *Node, outer *Scope, c connection.Consumer, depth int) {
	if depth > maxBinding || !n.Is(MapNode) || !f.d.descend() {
		return
	}
	for _, key := range []string{"key", "label", "name", "group"} {
		if s := n.Get(key).String(); s != "" {
			c.Job = s
			break
		}
	}
	scope := f.env(n.Get("env"), outer, c)
	f.secrets(n.Get("secrets"), scope, c)
	f.notify(n.Get("notify"), scope, c)
	var lines []Text
	for _, key := range []string{"command", "commands"} {
		lines = append(lines, scriptLines(n.Get(key), 0)...)
	}
	f.script(undoubled(lines), "bash", scope, c, false)
	plugins := n.Get("plugins")
	for _, p := range plugins.Pairs() {
		f.plugin(p.Key, p.Value, scope, c)
	}
	for _, i := range plugins.Items() {
		if i.Is(ScalarNode) {
			f.plugin(i, nil, scope, c)
		}
		for _, p := range i.Pairs() {
			f.plugin(p.Key, p.Value, scope, c)
		}
	}
	for _, s := range n.Get("steps").Items() {
		f.step(s, scope, c, depth+1)
	}
	if image := n.Get("image"); image.String() != "" {
		f.privateImage(image.Text(), f.text(image.Text(), "image", scope, c), c)
	}
	f.sweep(n, "", scope, c, n.Get("env"), n.Get("secrets"), n.Get("notify"), n.Get("command"), n.Get("commands"), plugins, n.Get("steps"))
}

// notify reads the services that are told of a build.
func (f *buildkiteFile) notify(n *Node, scope *Scope, c connection.Consumer) {
	for _, i := range n.Items() {
		for _, p := range i.Pairs() {
			key, at := p.Key.Value, p.Value
			provider := map[string]string{"slack": "slack", "pagerduty_change_event": "pagerduty", "webhook": "", "basecamp_campfire": "basecamp"}
			id, ok := provider[key]
			if !ok {
				f.sweep(p.Value, key, scope, c)
				continue
			}
			if at.Is(MapNode) {
				if at = p.Value.Get("channels"); at == nil {
					at = p.Value
				}
			}
			o := f.d.Occurrence(connection.Webhook, "notify."+key, at.Text())
			o.Provider, o.Consumer, o.Auth = id, c, connection.Static
			if ls := findLinks(at.String()); len(ls) > 0 {
				o.Endpoint = ls[0].Host
			}
			for _, x := range at.List() {
				o.Location = f.d.Location(x.Text())
				if v := f.text(x.Text(), key, scope, c); len(v.Refs) == 0 || !f.d.EmitRefs(o, v, nil) {
					f.d.Emit(o)
				}
			}
		}
	}
}
