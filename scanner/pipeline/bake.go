package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// dockerBake reads Docker Buildx bake files: variables, secrets and SSH agents
// that targets are given. Source: docs.docker.com/build/bake/reference.
var dockerBake = Dialect{ID: "docker-bake", Path: bakePath, Read: readBake}

func bakePath(p string) bool {
	base := path.Base(p)
	return strings.HasPrefix(base, "docker-bake.") && (strings.HasSuffix(base, ".hcl") || strings.HasSuffix(base, ".json"))
}

var bakeSecret = lazily(`\bid\s*=\s*"?([A-Za-z0-9_.-]+)`)

func readBake(d *Document) {
	var visit func(b *hclBlock, depth int)
	visit = func(b *hclBlock, depth int) {
		for _, c := range b.Blocks {
			switch {
			case c.Type.S == "variable" && len(c.Labels) > 0 && credentialName(c.label(0)) && !settingName(c.label(0)):
				bakeRef(d, c.Labels[0], connection.SecretRef, "docker:arg:"+c.label(0), connection.Consumer{Path: d.Path})
			case c.Type.S == "target":
				bakeTarget(d, c)
			}
			if depth < maxBinding {
				visit(c, depth+1)
			}
		}
	}
	visit(d.HCL(), 0)
}

func bakeTarget(d *Document, b *hclBlock) {
	c := connection.Consumer{Path: d.Path, Job: b.label(0)}
	for _, a := range b.Attrs {
		r := a.Expr.Range()
		t := d.Text(r.Start.Byte, r.End.Byte)
		switch a.Name {
		case "secret":
			for _, m := range bakeSecret().FindAllStringSubmatchIndex(t.S, maxFanOut) {
				bakeRef(d, t.Sub(m[2], m[3]), connection.SecretRef, "docker:secret:"+t.S[m[2]:m[3]], c)
			}
		case "ssh":
			o := d.Occurrence(connection.SSH, "ssh", t)
			o.Provider, o.Auth, o.Consumer = "ssh", connection.Ambient, c
			d.Emit(o)
		default:
			d.URLs(t, nil, a.Name, c)
		}
	}
}

func bakeRef(d *Document, at Text, k connection.Kind, ref string, c connection.Consumer) {
	o := d.Occurrence(k, "bake", at)
	o.Refs, o.Auth, o.Role, o.Consumer = []string{ref}, connection.Static, connection.RoleSecret, c
	o.Provider, o.ProviderFrom = nameProvider(envWords(refName(ref)))
	d.Emit(o)
}
