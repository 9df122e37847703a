package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// screwdriver reads screwdriver.yaml. Source: docs.screwdriver.cd/user-guide/configuration.
var screwdriver = Dialect{ID: "screwdriver", Content: baseNamed("screwdriver.yaml", "screwdriver.yml"), Read: readScrewdriver}

func screwdriverOwn(name string) (Value, bool) {
	return Value{}, strings.HasPrefix(name, "SD_") && !credentialName(name)
}

func readScrewdriver(d *Document) {
	for _, root := range d.YAML() {
		r := &varReader{d: d, store: "screwdriver:secret:", own: screwdriverOwn}
		shared := root.Get("shared")
		scope := r.env(shared.Get("environment"), "environment", nil, connection.Consumer{Path: d.Path})
		r.screwdriverJob(shared, "shared", scope)
		for _, j := range root.Get("jobs").Pairs() {
			r.screwdriverJob(j.Value, j.Key.Value, scope)
		}
		r.flush(nil)
	}
}

func (r *varReader) screwdriverJob(j *Node, name string, outer *Scope) {
	c := connection.Consumer{Path: r.d.Path, Job: name}
	scope := r.env(j.Get("environment"), "environment", outer, c)
	for _, s := range j.Get("secrets").Items() {
		if s.String() == "" {
			continue
		}
		o := Occurrence{Kind: connection.SecretRef, Construct: "secrets", Role: connection.RoleSecret, Consumer: c}
		o.Provider, o.ProviderFrom = boundProvider(s.String(), "")
		if stem, ok := credentialStem(s.String()); ok {
			o.Group = name + "/" + stem
		}
		r.d.EmitRefs(o, Value{Refs: []Ref{{Name: r.store + s.String(), At: s.Text(), In: r.d}}}, nil)
	}
	if i := j.Get("image"); i.String() != "" {
		r.privateImage(i.Text(), Literal(i.Text()), c)
	}
	for _, s := range j.Get("steps").Items() {
		c, lines := c, scriptLines(s, 0)
		if s.Is(MapNode) && len(s.Pairs()) > 0 {
			c.Step, lines = s.Pairs()[0].Key.Value, scriptLines(s.Pairs()[0].Value, 0)
		}
		scope = r.script(lines, "bash", scope, c, false)
	}
}
