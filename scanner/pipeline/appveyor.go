package pipeline

import (
	"path"
	"regexp"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// appVeyor reads appveyor.yml. Source: appveyor.com/docs/appveyor-yml.
var appVeyor = Dialect{ID: "appveyor", Path: appVeyorPath, Read: readAppVeyor}

func appVeyorPath(p string) bool {
	b := strings.ToLower(path.Base(p))
	return yamlExt(b) && (strings.HasPrefix(b, "appveyor") || strings.HasPrefix(b, ".appveyor"))
}

func appVeyorOwn(name string) (Value, bool) {
	return Value{}, strings.HasPrefix(name, "APPVEYOR_") && !credentialName(name)
}

// appVeyorScripts are the phases that run scripts.
var appVeyorScripts = []string{"init", "install", "before_build", "build_script", "after_build", "before_test", "test_script", "after_test", "before_package",
	"before_deploy", "deploy_script", "after_deploy", "on_success", "on_failure", "on_finish"}

func readAppVeyor(d *Document) {
	r := &varReader{d: d, store: "appveyor:env:", own: appVeyorOwn}
	c := connection.Consumer{Path: d.Path}
	for _, root := range appVeyorParts(d) {
		scope := (*Scope)(nil).Inner()
		walkKeys(root.Get("environment"), "", func(key string, n *Node) {
			if key != "secure" && n.String() != "" {
				scope.Bind(key, Literal(n.Text()))
				d.inPlain(key, n.Text(), c)
			}
		})
		for _, part := range append([]*Node{root}, root.Get("for").Items()...) {
			r.appVeyorTargets(part, c) // first, so that their ciphertexts are told with them
		}
		appVeyorSecure(d, root, "", "", c)
		for _, phase := range appVeyorScripts {
			for _, i := range root.Get(phase).List() {
				t, lang := i.Text(), "cmd"
				for _, p := range i.Pairs() {
					t = p.Value.Text()
					lang = map[string]string{"ps": "pwsh", "pwsh": "pwsh", "sh": "bash"}[p.Key.Value]
					if lang == "" {
						lang = "cmd"
					}
				}
				if t.S != "" {
					scope = r.script([]Text{t}, lang, scope, c, false)
				}
			}
		}
		r.flush(nil)
	}
}

// appVeyorParts gives the configurations of a file: one, or a list of them, each
// for branches of its own.
func appVeyorParts(d *Document) []*Node {
	var out []*Node
	for _, root := range d.YAML() {
		out = append(out, root.List()...)
	}
	return out
}

// appVeyorTargets reads what a build deploys to and notifies.
func (r *varReader) appVeyorTargets(n *Node, c connection.Consumer) {
	for _, key := range []string{"deploy", "notifications"} {
		for _, x := range n.Get(key).List() {
			provider, _ := nameProvider(x.Get("provider").String())
			for _, key := range []string{"server", "url"} {
				if p := hostProvider(NormalHost(x.Get(key).String())); p != "" {
					provider = p
				}
			}
			appVeyorSecure(r.d, x, "", provider, c)
			for _, p := range x.Pairs() {
				t := p.Value.Text()
				for _, m := range appVeyorVar.FindAllStringSubmatchIndex(t.S, maxFanOut) {
					name := t.S[m[2]:m[3]]
					if _, own := appVeyorOwn(name); own || !credentialName(name) && !SecretName(p.Key.Value) {
						continue
					}
					at := t.Sub(m[0], m[1])
					o := Occurrence{Kind: connection.SecretRef, Construct: p.Key.Value, Provider: provider, Role: connection.RoleSecret, Consumer: c}
					r.d.EmitRefs(o, Value{Refs: []Ref{{Name: r.store + name, At: at, In: r.d}}}, nil)
				}
			}
		}
	}
}

// appVeyorVar is a variable as AppVeyor itself puts it in: $(NAME).
var appVeyorVar = regexp.MustCompile(`\$\(([A-Za-z_][A-Za-z0-9_]*)\)`)

// appVeyorSecure emits the ciphertexts below a node by the key that holds them.
func appVeyorSecure(d *Document, n *Node, key, provider string, c connection.Consumer) {
	var visit func(n *Node, key string, depth int)
	visit = func(n *Node, key string, depth int) {
		if n = n.Deref(); n == nil || depth > maxDepth || !d.spendAlias(depth) {
			return
		}
		for _, p := range n.Pairs() {
			if p.Key.Value != "secure" || !p.Value.Is(ScalarNode) {
				visit(p.Value, p.Key.Value, depth+1)
				continue
			}
			t := p.Value.Text()
			if t.S == "" || d.claimed[t.Pos(0)] {
				continue
			}
			d.claim(t.Pos(0))
			o := d.Occurrence(connection.Encrypted, key, t)
			if o.Provider = provider; provider == "" {
				o.Provider, o.ProviderFrom = nameProvider(key)
			}
			o.Principal, o.Auth, o.Role, o.Consumer = key, connection.Static, connection.RoleSecret, c
			d.Emit(o)
		}
		for _, i := range n.Items() {
			visit(i, key, depth+1)
		}
	}
	visit(n, key, 0)
}
