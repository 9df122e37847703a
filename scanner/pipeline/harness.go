package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// harnessCI reads pipelines, services and connectors of Harness. Source:
// developer.harness.io/docs/platform/pipelines/harness-yaml-quickstart.
var harnessCI = Dialect{ID: "harness", Path: func(p string) bool {
	return yamlExt(p) && (strings.HasPrefix(p, ".harness/") || strings.Contains(p, "/.harness/"))
}, Content: func(p string, head *Head) bool {
	return yamlExt(p) && strings.Contains(head.Text, "orgIdentifier:") && strings.Contains(head.Text, "projectIdentifier:")
}, Read: readHarness}

// harnessSecret is an expression of Harness, or of its open edition.
var harnessSecret = lazily(`(?:<\+secrets\.getValue|\$\{\{\s*secrets\.get)\(\s*["']([\w.:/#-]+)["']\s*\)(?:>|\s*\}\})`)

func findHarness(s string, script bool) []varMention {
	var out []varMention
	for _, m := range harnessSecret().FindAllStringSubmatchIndex(s, maxFanOut) {
		out = append(out, varMention{m[0], m[1], s[m[2]:m[3]]})
	}
	return out
}

func readHarness(d *Document) {
	for _, root := range d.YAML() {
		if root.Get("kind").String() == "pipeline" && root.Get("steps").Is(SeqNode) { // the open edition runs those of Drone
			readDrone(d, "harness")
			return
		}
	}
	r := &varReader{d: d, store: "harness:secret:", own: func(string) (Value, bool) { return Value{}, false }, find: findHarness}
	for _, root := range d.YAML() {
		r.harness(root, connection.Consumer{Path: d.Path}, "", 0)
	}
}

// harness reads a map: what refers to connectors and secrets by their keys,
// scripts of steps, expressions in all strings.
func (r *varReader) harness(n *Node, c connection.Consumer, kind string, depth int) {
	if n = n.Deref(); n == nil || depth > maxDepth || !r.d.descend() {
		return
	}
	for _, i := range n.items {
		r.harness(i, c, kind, depth+1)
	}
	if id := n.Get("identifier").String(); id != "" {
		c.Step = id
	}
	if t := n.Get("type").String(); t != "" {
		kind = t
	}
	for _, p := range n.pairs {
		key, t := p.Key.Value, p.Value.Text()
		if p.Value.Is(MapNode) || p.Value.Is(SeqNode) {
			r.harness(p.Value, c, kind, depth+1)
			continue
		}
		switch {
		case key == "connectorRef" || strings.HasSuffix(key, "ConnectorRef"):
			r.named(p.Value, key, "harness:connector:", c)
		case strings.HasSuffix(key, "Ref") && (SecretName(strings.TrimSuffix(key, "Ref")) || key == "secretRef"), key == "value" && n.Get("type").String() == "Secret":
			if s := t.S; s != "" && !strings.ContainsAny(s, "<{ ") {
				o := Occurrence{Kind: connection.SecretRef, Construct: key, Role: connection.RoleSecret, Consumer: c, Group: c.Step}
				o.Provider, o.ProviderFrom = boundProvider(s, n.Get("name").String())
				if p, _, ok := byName(kind); ok && o.Provider == "" {
					o.Provider, o.ProviderFrom = p, connection.FromIntegration
				}
				r.d.EmitRefs(o, Value{Refs: []Ref{{Name: r.store + s, At: t, In: r.d}}}, nil)
				continue
			}
			fallthrough
		default:
			r.harnessText(key, n, t, c)
		}
	}
}

func (r *varReader) harnessText(key string, n *Node, t Text, c connection.Consumer) {
	var holes []Hole
	for _, m := range findHarness(t.S, false) {
		ref := Ref{Name: r.store + m.name, At: t.Sub(m.start, m.end), In: r.d}
		holes = append(holes, Hole{m.start, m.end, Value{Refs: []Ref{ref}}})
	}
	script := key == "command" || key == "script" && n.Get("type").String() != "Bash"
	if script && t.S != "" {
		r.d.Shell(Script{Text: t, Holes: holes, Consumer: c, Group: c.Step})
	}
	for _, h := range holes {
		ref := h.Value.Refs[0]
		if r.d.claimed[ref.At.Pos(0)] {
			continue
		}
		o := Occurrence{Kind: connection.SecretRef, Construct: key, Role: connection.RoleSecret, Consumer: c}
		o.Provider, o.ProviderFrom = boundProvider(refName(ref.Name), key)
		r.d.EmitRefs(o, h.Value, nil)
	}
	if !script && len(holes) == 0 {
		r.d.setting(key, t, key, c)
	}
}
