package pipeline

import (
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// What belongs to a configuration beside it: values, Terragrunt, states.

// values reads a file that gives variables their values.
func (f *tfFile) values(root *hclBlock, provider string) {
	c := connection.Consumer{Path: f.d.Path}
	f.walk(root, provider, c, "")
}

// terragrunt reads what Terragrunt adds. Source: terragrunt.gruntwork.io/docs/reference.
func (f *tfFile) terragrunt(root *hclBlock) {
	c := connection.Consumer{Path: f.d.Path}
	f.bind(root)
	f.assume(root, "aws", c)
	for _, b := range f.d.subs(root, "remote_state") {
		for _, cfg := range append(f.d.subs(b, "config"), &hclBlock{}) {
			f.backend(f.text(b, "backend"), b.Type, cfg, c)
			break
		}
	}
	for _, b := range root.Blocks {
		if b.Type.S == "terraform" {
			f.source(b, c)
		}
		if a, ok := b.attr("contents"); ok && b.Type.S == "generate" {
			f.generated(a)
		}
	}
	rest := &hclBlock{}
	for _, a := range root.Attrs {
		if a.Name != "remote_state" && a.Name != "iam_role" {
			rest.Attrs = append(rest.Attrs, a)
		}
	}
	for _, b := range root.Blocks {
		if b.Type.S != "remote_state" && b.Type.S != "generate" && b.Type.S != "dependency" {
			rest.Blocks = append(rest.Blocks, b)
		}
	}
	f.walk(rest, "", c, "")
}

// generated reads the configuration that a heredoc of a generate block holds.
func (f *tfFile) generated(a hclAttr) {
	t := f.d.rangeText(a.Expr.Range())
	head, body, ok := t.Cut("\n")
	if !ok || !strings.HasPrefix(head.S, "<<") {
		return
	}
	if i := strings.LastIndexByte(strings.TrimRight(body.S, " \t\r\n"), '\n'); i >= 0 {
		body = body.Sub(0, i+1)
	}
	g := *f
	g.blocks(f.d.hclPart(body))
}

// readState reads a state: what it marks as sensitive stands in it in plain text.
func readState(d *Document) {
	root := d.JSON()
	if root == nil {
		return
	}
	c := connection.Consumer{Path: d.Path}
	lit := func(n *Node, name, job string, provider string) {
		if n.Is(ScalarNode) && !noValue(n.String()) {
			c := c
			c.Job = job
			o := d.Occurrence(connection.Literal, name, n.Text())
			o.Auth, o.Role, o.Provider, o.Consumer = connection.Static, connection.RoleSecret, provider, c
			d.Emit(o)
		}
	}
	for _, p := range root.Get("outputs").Pairs() {
		if p.Value.Get("sensitive").String() == "true" {
			lit(p.Value.Get("value"), p.Key.Value, "output."+p.Key.Value, "")
		}
	}
	for _, r := range root.Get("resources").Items() {
		typ := r.Get("type").String()
		provider, _ := tfProvider(strings.SplitN(typ, "_", 2)[0])
		for _, i := range r.Get("instances").Items() {
			sensitive := stateSensitive(i)
			for _, p := range i.Get("attributes").Pairs() {
				if slices.Contains(sensitive, p.Key.Value) || tfSecretName(p.Key.Value) {
					lit(p.Value, p.Key.Value, typ+"."+r.Get("name").String(), provider)
				}
			}
		}
	}
	if b := root.Get("backend"); b != nil {
		if p, ok := tfBackends[b.Get("type").String()]; ok {
			o := d.Occurrence(connection.Backend, "backend", b.Get("type").Text())
			o.Provider, o.Auth, o.Principal, o.Consumer = p, connection.Ambient, b.Get("config", "bucket").String(), c
			d.Emit(o)
		}
	}
}

// stateSensitive gives the attributes that an instance marks as sensitive, by
// their first step.
func stateSensitive(i *Node) []string {
	var out []string
	for _, s := range i.Get("sensitive_attributes").Items() {
		if steps := s.List(); len(steps) > 0 {
			out = append(out, steps[0].Get("value").String())
		}
	}
	return out
}
