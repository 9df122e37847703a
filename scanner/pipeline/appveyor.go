package pipeline

import (
	"path"
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
	for _, root := range d.YAML() {
		scope := (*Scope)(nil).Inner()
		walkKeys(root.Get("environment"), "", func(key string, n *Node) {
			if key != "secure" && n.String() != "" {
				scope.Bind(key, Literal(n.Text()))
			}
		})
		for _, key := range []string{"deploy", "notifications"} { // first, so that their ciphertexts are told with them
			for _, x := range root.Get(key).List() {
				provider, _ := nameProvider(x.Get("provider").String())
				appVeyorSecure(d, x, "", provider, c)
			}
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
			d.claimed[t.Pos(0)] = true
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
