package pipeline

import (
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// Builders of mobile apps. Source: docs.codemagic.io/yaml-basic-configuration;
// devcenter.bitrise.io/references/bitrise-yml-reference.
var (
	codemagic = Dialect{ID: "codemagic", Content: baseNamed("codemagic.yaml", "codemagic.yml"), Read: readCodemagic}
	bitrise   = Dialect{ID: "bitrise", Content: baseNamed("bitrise.yml", "bitrise.yaml"), Read: readBitrise}
)

// baseNamed tells files by the last element of their path, but for resources of
// Kubernetes, which may be called anything.
func baseNamed(names ...string) func(string, *Head) bool {
	return func(p string, head *Head) bool {
		return slices.Contains(names, path.Base(p)) && !head.Top("apiVersion")
	}
}

func codemagicOwn(name string) (Value, bool) {
	own := strings.HasPrefix(name, "CM_") || strings.HasPrefix(name, "FCI_")
	return Value{}, own && !credentialName(name)
}

func readCodemagic(d *Document) {
	r := &varReader{d: d, store: "codemagic:var:", own: codemagicOwn}
	for _, root := range d.YAML() {
		for _, w := range root.Get("workflows").Pairs() {
			r.codemagicWorkflow(w, connection.Consumer{Path: d.Path, Job: w.Key.Value})
		}
		r.flush(nil)
	}
}

func (r *varReader) codemagicWorkflow(w Pair, c connection.Consumer) {
	env := w.Value.Get("environment")
	for _, g := range env.Get("groups").List() {
		r.named(g, "groups", "codemagic:group:", c)
	}
	for _, k := range env.Get("android_signing").List() {
		r.object(k, "android_signing", "codemagic:keystore:", "android", c)
	}
	for _, k := range env.Get("ios_signing", "certificates").List() {
		r.object(k, "certificates", "codemagic:certificate:", "apple", c)
	}
	scope := r.env(env.Get("vars"), "vars", nil, c)
	for _, p := range w.Value.Get("integrations").Pairs() {
		o := r.d.Occurrence(connection.ServiceConnection, "integrations", p.Value.Text())
		o.Provider, o.ProviderFrom = nameProvider(p.Key.Value)
		if strings.HasPrefix(p.Key.Value, "app_store") {
			o.Provider, o.ProviderFrom = "apple", connection.FromIntegration
		}
		o.Principal, o.Auth, o.Role, o.Consumer = p.Value.String(), connection.Static, connection.RoleWhole, c
		r.d.Emit(o)
	}
	for _, s := range w.Value.Get("scripts").List() {
		if script := s.Get("script"); script != nil {
			c.Step = s.Get("name").String()
			s = script
		}
		scope = r.script(scriptLines(s, 0), "bash", scope, c, false)
	}
	c.Step = ""
	for _, p := range w.Value.Get("publishing").Pairs() {
		if p.Key.Value == "scripts" {
			for _, s := range p.Value.List() {
				if script := s.Get("script"); script != nil {
					s = script
				}
				r.script(scriptLines(s, 0), "bash", scope, c, false)
			}
			continue
		}
		provider := map[string]string{"app_store_connect": "apple", "google_play": "google-play", "firebase": "firebase", "slack": "slack"}[p.Key.Value]
		walkKeys(p.Value, p.Key.Value, func(key string, n *Node) {
			o := Occurrence{Kind: connection.SecretRef, Provider: provider, Consumer: c, Group: c.Job + "/" + p.Key.Value}
			if !r.value(o, key, n, scope) {
				r.d.setting(key, n.Text(), key, c)
			}
		})
	}
}

// named emits a group of variables, a connector, a vault entry: what the system keeps under a name.
func (r *varReader) named(n *Node, construct, store string, c connection.Consumer) {
	r.object(n, construct, store, "", c)
}

// object emits what the system keeps under a name, of a provider if that is known.
func (r *varReader) object(n *Node, construct, store, provider string, c connection.Consumer) {
	name := n.String()
	if name == "" || strings.ContainsAny(name, "<{$") {
		return
	}
	o := r.d.Occurrence(connection.ServiceConnection, construct, n.Text())
	if o.Provider = provider; provider == "" {
		o.Provider, o.ProviderFrom = nameProvider(name)
	}
	o.Principal, o.Auth, o.Refs, o.Role, o.Consumer = name, connection.Static, []string{store + name}, connection.RoleWhole, c
	r.d.Emit(o)
}

// env binds the variables of a map, and tells what of them is written out.
func (r *varReader) env(n *Node, construct string, outer *Scope, c connection.Consumer) *Scope {
	scope := outer.Inner()
	for _, p := range n.Pairs() {
		r.assign(scope, p.Key.Value, p.Value.Text(), construct, outer, c)
	}
	return scope
}

func (r *varReader) assign(scope *Scope, name string, t Text, construct string, outer *Scope, c connection.Consumer) {
	if t.S == "" || SecretName(name) && noValue(t.S) { // set elsewhere
		return
	}
	if strings.HasPrefix(t.S, "Encrypted(") {
		o := r.d.Occurrence(connection.Encrypted, name, t)
		o.Provider, o.ProviderFrom = nameProvider(name)
		o.Principal, o.Auth, o.Role, o.Consumer = name, connection.Static, connection.RoleSecret, c
		r.d.Emit(o)
		scope.Bind(name, Value{Open: true})
		return
	}
	v := r.text(t, name, outer, c)
	if !r.urls(t, outer, c) && len(v.Refs) == 0 {
		r.d.setting(name, t, construct, c)
	}
	scope.Bind(name, v.Through(name))
}

// bitriseOwn tells what Bitrise sets itself; secrets that it sets say so by their names.
func bitriseOwn(name string) (Value, bool) {
	own := strings.HasPrefix(name, "BITRISE_") || strings.HasPrefix(name, "ADDON_") || name == "GIT_REPOSITORY_URL"
	return Value{}, own && !credentialName(name)
}

func readBitrise(d *Document) {
	r := &varReader{d: d, store: "bitrise:env:", own: bitriseOwn}
	for _, root := range d.YAML() {
		c := connection.Consumer{Path: d.Path}
		app := r.bitriseEnvs(root.Get("app", "envs"), nil, c)
		for _, key := range []string{"workflows", "step_bundles"} {
			for _, w := range root.Get(key).Pairs() {
				c := c
				c.Job = w.Key.Value
				r.bitriseSteps(w.Value, r.bitriseEnvs(w.Value.Get("envs"), app, c), c)
			}
		}
		r.flush(nil)
	}
}

func (r *varReader) bitriseEnvs(n *Node, outer *Scope, c connection.Consumer) *Scope {
	scope := outer.Inner()
	for _, e := range n.Items() {
		for _, p := range e.Pairs() {
			if p.Key.Value != "opts" {
				r.assign(scope, p.Key.Value, p.Value.Text(), "envs", outer, c)
			}
		}
	}
	return scope
}

func (r *varReader) bitriseSteps(w *Node, scope *Scope, c connection.Consumer) {
	for _, s := range w.Get("steps").Items() {
		for _, p := range s.Pairs() {
			id, _, _ := strings.Cut(p.Key.Value, "@")
			c := c
			c.Action, c.Step = p.Key.Value, p.Value.Get("title").String()
			o := Occurrence{Kind: connection.SecretRef, Consumer: c, Group: c.Job + "/" + p.Key.Value}
			o.Provider, o.ProviderFrom = nameProvider(strings.ReplaceAll(id, "-", "_"))
			if strings.Contains(id, "ssh-key") {
				o.Kind, o.Provider, o.ProviderFrom = connection.SSH, "ssh", connection.FromIntegration
			}
			if id == "activate-ssh-key" && len(p.Value.Get("inputs").Items()) == 0 { // its input's default
				o.Refs, o.Auth, o.Role, o.Construct = []string{r.store + "SSH_RSA_PRIVATE_KEY"}, connection.Static, connection.RoleSecret, "steps"
				o.Location = r.d.Location(p.Key.Text())
				r.d.Emit(o)
			}
			for _, i := range p.Value.Get("inputs").Items() {
				for _, in := range i.Pairs() {
					switch {
					case in.Key.Value == "opts":
					case in.Key.Value == "content" && (id == "script" || strings.HasSuffix(id, "::script")):
						scope = r.script(scriptLines(in.Value, 0), "bash", scope, c, false)
					case !r.value(o, in.Key.Value, in.Value, scope):
						r.d.setting(in.Key.Value, in.Value.Text(), "inputs", c)
					}
				}
			}
		}
	}
}
