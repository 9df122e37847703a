package pipeline

import (
	"path"
	"regexp"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// cirrus reads .cirrus.yml. Source: cirrus-ci.org/guide/writing-tasks.
var cirrus = Dialect{ID: "cirrus-ci", Path: cirrusPath, Read: readCirrus}

func cirrusPath(p string) bool { return yamlExt(p) && strings.HasPrefix(path.Base(p), ".cirrus") }

// cirrusEncrypted is a ciphertext, one whose last bracket was lost included.
var cirrusEncrypted = regexp.MustCompile(`ENCRYPTED\[(!?[^\]]+)(?:\]|$)`)

// cirrusVault is VAULT[path key]: Cirrus reads it with a token of the task's own.
var cirrusVault = regexp.MustCompile(`VAULT\[([^\s\]]+)\s+([^\]]+)\]`)

func cirrusOwn(name string) (Value, bool) {
	return Value{}, strings.HasPrefix(name, "CIRRUS_") && !credentialName(name)
}

func readCirrus(d *Document) {
	r := &varReader{d: d, store: "cirrus:env:", own: cirrusOwn}
	for _, root := range d.YAML() {
		r.cirrusTasks(root, connection.Consumer{Path: d.Path}, nil, 0)
		r.flush(nil)
	}
}

// cirrusTasks reads a map with env and *_script keys, and the tasks in it.
func (r *varReader) cirrusTasks(n *Node, c connection.Consumer, outer *Scope, depth int) {
	if depth > maxBinding || !r.d.descend() {
		return
	}
	scope := outer.Inner()
	for _, key := range []string{"env", "environment"} {
		r.cirrusVaultLogin(n.Get(key), c)
		for _, p := range n.Get(key).Pairs() {
			if t := p.Value.Text(); t.S != "" && !cirrusEncrypted.MatchString(t.S) && !cirrusVault.MatchString(t.S) {
				scope.Bind(p.Key.Value, r.text(t, p.Key.Value, outer, c).Through(p.Key.Value))
				r.urls(t, outer, c)
				r.d.inPlain(p.Key.Value, t, c)
			} else if t.S != "" {
				scope.Bind(p.Key.Value, Value{Open: true}) // told as a ciphertext
			}
		}
	}
	for _, p := range n.Pairs() {
		key := p.Key.Value
		switch {
		case strings.HasSuffix(key, "script"):
			r.script(scriptLines(p.Value, 0), "bash", scope, c, false)
		case strings.HasSuffix(key, "task") || key == "task":
			c := c
			if c.Job = p.Value.Get("name").String(); c.Job == "" {
				c.Job = strings.TrimSuffix(key, "_task")
			}
			r.cirrusTasks(p.Value, c, scope, depth+1)
			continue
		case p.Value.Is(MapNode) && key != "env" && key != "environment":
			r.cirrusTasks(p.Value, c, scope, depth+1)
			continue
		}
		r.cirrusCiphertexts(p.Value, key, c)
	}
}

// cirrusVaultLogin emits the trust by which a task's own token logs in to Vault.
func (r *varReader) cirrusVaultLogin(env *Node, c connection.Consumer) {
	url := env.Get("CIRRUS_VAULT_URL")
	if url.String() == "" {
		return
	}
	o := r.d.Occurrence(connection.FederatedTrust, "CIRRUS_VAULT_URL", url.Text())
	o.Provider, o.Auth, o.Role, o.Consumer = "vault", connection.OIDC, connection.RoleEndpoint, c
	o.Principal = env.Get("CIRRUS_VAULT_ROLE").String()
	if h := NormalHost(url.String()); !strings.Contains(h, "$") {
		o.Endpoint = h
	}
	r.d.Emit(o)
}

func (r *varReader) cirrusCiphertexts(n *Node, key string, c connection.Consumer) {
	walkKeys(n, key, func(key string, n *Node) {
		t := n.Text()
		for _, m := range cirrusEncrypted.FindAllStringSubmatchIndex(t.S, maxFanOut) {
			o := r.d.Occurrence(connection.Encrypted, key, t.Sub(m[0], m[1]))
			if o.Provider, o.ProviderFrom = nameProvider(key); o.Provider == "" {
				o.Provider, o.ProviderFrom = r.d.besides(key)
			}
			o.Principal, o.Auth, o.Role, o.Consumer = key, connection.Static, connection.RoleSecret, c
			r.d.Emit(o)
		}
		for _, m := range cirrusVault.FindAllStringSubmatchIndex(t.S, maxFanOut) {
			o := r.d.Occurrence(connection.StoreRef, key, t.Sub(m[0], m[1]))
			o.Refs = []string{"vault:?:" + vaultPath(t.S[m[2]:m[3]]) + "#" + t.S[m[4]:m[5]]}
			o.Auth, o.Role, o.Consumer = connection.OIDC, connection.RoleSecret, c
			r.d.Emit(o)
		}
	})
}
