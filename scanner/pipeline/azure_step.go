package pipeline

import (
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// level reads what has variables, pool, and stages, jobs or steps below it.
// Conditions (${{ if … }}:) and loops stand at any place and are read through.
func (f *azureFile) level(n *Node, scope *Scope, c connection.Consumer, windows string, depth int) {
	if depth > maxDepth || !n.Is(MapNode) || !f.d.descend() {
		return
	}
	scope = scope.Inner()
	f.variables(n.Get("variables"), scope, c, 0)
	if s := n.Get("environment"); s != nil {
		c.Environment = s.String()
		if c.Environment == "" {
			c.Environment = s.Get("name").String()
		}
	}
	for _, key := range []string{"job", "deployment"} {
		if s := n.Get(key).String(); s != "" {
			c.Job = s
		}
	}
	if c.Job == "" && n.Get("stage").String() != "" {
		c.Job = n.Get("stage").String()
	}
	windows = azurePool(n, windows)
	for _, p := range n.Pairs() {
		key := p.Key.Value
		switch {
		case key == "variables", key == "parameters" && n.Get("template") == nil, key == "resources":
		case key == "steps":
			f.steps(p.Value, scope, c, windows, depth+1)
		case key == "container" && p.Value != nil:
			f.container(p.Value, c)
		case key == "template":
			f.template(n, p.Value, scope, c, depth)
		case key == "parameters":
			f.inputs(p.Value, "", scope, c)
		case p.Value.Is(MapNode):
			f.level(p.Value, scope, c, windows, depth+1)
		case p.Value.Is(SeqNode):
			for _, i := range p.Value.Items() {
				f.level(i, scope, c, windows, depth+1)
			}
		default:
			f.sweep(p.Value, key, scope, c)
		}
	}
}

// azurePool tells the system that scripts run on, from the pool's image.
func azurePool(n *Node, outer string) string {
	pool := n.Get("pool")
	s := strings.ToLower(pool.Get("vmImage").String() + pool.Get("image").String() + pool.Get("demands").String() + pool.Get("os").String())
	switch {
	case s == "":
		return outer
	case strings.Contains(s, "win"):
		return "cmd"
	}
	return "bash"
}

// variables binds a map or list of variables, and names groups of them.
func (f *azureFile) variables(n *Node, scope *Scope, c connection.Consumer, depth int) {
	if depth > maxBinding || !f.d.descend() {
		return
	}
	for _, p := range n.Pairs() {
		if strings.HasPrefix(p.Key.Value, "${{") {
			f.variables(p.Value, scope, c, depth+1)
			continue
		}
		f.bind(p.Key.Value, p.Value, scope, c)
	}
	for _, i := range n.Items() {
		if name := i.Get("name").String(); name != "" && i.Get("value") != nil {
			f.bind(name, i.Get("value"), scope, c)
			continue
		}
		if g := i.Get("group"); g.String() != "" && !strings.HasPrefix(g.String(), "${{ variable.") {
			o := f.d.Occurrence(connection.ServiceConnection, "variables.group", g.Text())
			o.Provider, o.Principal, o.Auth, o.Consumer = "azure-devops", g.String(), connection.Static, c
			f.d.Emit(o)
			continue
		}
		if t := i.Get("template"); t != nil {
			f.template(i, t, scope, c, depth)
			continue
		}
		f.variables(i, scope, c, depth+1) // under ${{ if }}
	}
}

func (f *azureFile) bind(name string, n *Node, scope *Scope, c connection.Consumer) {
	t := n.Text()
	if t.S == "" {
		return
	}
	f.urls(t, scope, c)
	f.d.inPlain(name, t, c)
	f.bindAs(scope, name, f.text(t, name, scope, c).Through(name))
}

func (f *azureFile) template(n, t *Node, scope *Scope, c connection.Consumer, depth int) {
	if name, repo, ok := strings.Cut(t.String(), "@"); ok && repo != "self" {
		o := f.d.Occurrence(connection.DelegatedCall, "template", t.Text())
		o.Provider, o.Principal, o.Auth, o.Consumer = "azure-devops", repo+":"+name, connection.Ambient, c
		f.d.Gap(outsideGap(f.d, t.Text(), "a template of another repository"))
		f.d.Emit(o)
	} else {
		f.follow(name, n.Get("parameters"), scope, c)
	}
	for _, p := range n.Get("parameters").Pairs() {
		f.handed(p.Value, scope, c, depth+1)
	}
	c.Action = t.String()
	f.inputs(n.Get("parameters"), "", scope, c)
}

// handed reads stages, jobs and steps that a template is given to run.
func (f *azureFile) handed(n *Node, scope *Scope, c connection.Consumer, depth int) {
	if depth > maxDepth || !f.d.descend() {
		return
	}
	for _, i := range n.List() {
		switch {
		case azureHas(i, "stage", "job", "deployment", "stages", "jobs", "steps"):
			f.level(i, scope, c, "", depth+1)
		case azureHas(i, "task", "script", "bash", "pwsh", "powershell", "template"):
			f.step(i, scope, c, "", depth+1)
		case len(i.Pairs()) > 0 && strings.HasPrefix(i.Pairs()[0].Key.Value, "${{"):
			for _, p := range i.Pairs() {
				f.handed(p.Value, scope, c, depth+1)
			}
		}
	}
}

func azureHas(n *Node, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return n.Get(key) != nil })
}

// follow reads a template of the same tree with the parameters that it is given.
func (f *azureFile) follow(name string, params *Node, scope *Scope, c connection.Consumer) {
	if f.depth >= maxBinding || strings.Contains(name, "$") || name == "" {
		return
	}
	p := strings.TrimPrefix(path.Clean("/"+name), "/")
	if !strings.HasPrefix(name, "/") {
		p = strings.TrimPrefix(path.Join("/", path.Dir(f.d.Path), name), "/")
	}
	known := (*Scope)(nil).Inner()
	key, tells := p, false
	for _, q := range params.Pairs() {
		k := strings.ToLower(q.Key.Value)
		tells = tells || strings.Contains(k, "connection") || strings.Contains(k, "subscription") || strings.Contains(k, "endpoint") || strings.Contains(k, "registry")
		if t := q.Value.Text(); q.Value.Is(ScalarNode) && t.S != "" {
			v := f.text(t, q.Key.Value, scope, c)
			known.Bind("parameters."+q.Key.Value, v.Through(q.Key.Value))
			if len(v.Lit) < 256 {
				key += "\x00" + q.Key.Value + "=" + v.Lit
			}
		}
	}
	if !tells || f.calls.seen[key] || len(f.calls.seen) >= maxFanOut {
		return // read by itself: nothing that its caller gives names a connection
	}
	f.calls.seen[key] = true
	sub := f.d.Sub(p)
	if sub == nil {
		return
	}
	sub.via = []string{viaCaller}
	readAzureFile(sub, known, f.calls, f.depth+1)
	f.d.Join(sub)
}

// inputs reads the inputs of a task, or the parameters of a template.
func (f *azureFile) inputs(n *Node, task string, scope *Scope, c connection.Consumer, skip ...string) {
	for _, p := range n.Pairs() {
		key, t := p.Key.Value, p.Value.Text()
		l := strings.ToLower(key)
		if slices.Contains(skip, l) {
			continue
		}
		switch provider, ok := connectionKey(key, task); {
		case ok && p.Value.Is(ScalarNode):
			f.connection(key, p.Value, provider, scope, c)
		case strings.HasSuffix(l, "securefile") && p.Value.Is(ScalarNode) && t.S != "":
			o := f.d.Occurrence(connection.SecretRef, key, t)
			o.Refs, o.Role, o.Auth, o.Consumer = []string{"azdo:secure-file:" + t.S}, connection.RoleSecret, connection.Static, c
			if l == "sshkeysecurefile" {
				o.Kind, o.Provider = connection.SSH, "ssh"
			} else if strings.HasPrefix(task, "InstallApple") {
				o.Provider, o.ProviderFrom = "apple", connection.FromIntegration
			}
			f.d.Emit(o)
		case (l == "vstsfeed" || l == "publishvstsfeed" || l == "feedpublish" || l == "customfeed" || l == "publishfeed" || l == "artifactfeeds" || l == "artifactfeed") && t.S != "":
			o := f.d.Occurrence(connection.RegistryLogin, key, t)
			o.Provider, o.Principal, o.Auth, o.Consumer = "azure-devops", t.S, connection.Ambient, c
			f.d.Emit(o)
		case l == "addspntoenvironment" && strings.EqualFold(t.S, "true"):
			o := f.d.Occurrence(connection.FederatedTrust, key, t)
			o.Provider, o.Auth, o.Consumer = "azure", connection.OIDC, c
			f.d.Emit(o)
		case l == "persistcredentials" && strings.EqualFold(t.S, "true"):
			f.jobToken(key, t, c)
		default:
			f.sweep(p.Value, key, scope, c)
		}
	}
}

func (f *azureFile) jobToken(construct string, t Text, c connection.Consumer) {
	o := f.d.Occurrence(connection.JobToken, construct, t)
	o.Provider, o.Refs, o.Auth, o.Consumer = "azure-devops", []string{azureJobToken}, connection.Ambient, c
	f.d.Emit(o)
}

func (f *azureFile) steps(n *Node, scope *Scope, c connection.Consumer, lang string, depth int) {
	if depth > maxDepth || !f.d.descend() {
		return
	}
	for _, s := range n.Items() {
		f.step(s, scope, c, lang, depth)
	}
}

var azureScripts = map[string]string{"script": "", "bash": "bash", "pwsh": "pwsh", "powershell": "pwsh"}

func (f *azureFile) step(s *Node, scope *Scope, c connection.Consumer, lang string, depth int) {
	c.Step = s.Get("displayName").String()
	inner := scope.Inner()
	for _, p := range s.Get("env").Pairs() {
		t := p.Value.Text()
		v := f.text(t, p.Key.Value, scope, c)
		f.urls(t, scope, c)
		inner.Bind(p.Key.Value, v.Through(p.Key.Value))
	}
	for _, p := range s.Pairs() {
		key := p.Key.Value
		own, script := azureScripts[key]
		switch {
		case script:
			if own == "" {
				own = lang
			}
			f.body(p.Value, own, inner, c)
		case key == "task":
			c.Action = p.Value.String()
			f.task(p.Value, s, inner, scope, c, lang)
		case key == "template":
			f.template(s, p.Value, scope, c, depth)
		case key == "parameters" && s.Get("template") != nil, key == "inputs", key == "env":
		case key == "persistCredentials" && strings.EqualFold(p.Value.String(), "true"):
			f.jobToken(key, p.Value.Text(), c)
		case strings.HasPrefix(key, "${{") && p.Value.Is(SeqNode):
			f.steps(p.Value, scope, c, lang, depth+1)
		case strings.HasPrefix(key, "${{"):
			f.step(p.Value, scope, c, lang, depth+1)
		default:
			f.sweep(p.Value, key, scope, c)
		}
	}
}

// body reads a script: its macros are holes.
func (f *azureFile) body(n *Node, lang string, scope *Scope, c connection.Consumer) {
	t := n.Text()
	if t.S == "" {
		return
	}
	f.holes = nil
	for _, m := range azureVars(t.S, true) {
		v, ok := scope.Lookup(m.name)
		if ok {
			v = f.here(v, "", t.Sub(m.start, m.end), c)
		} else {
			v = f.variable(m.name, "", t.Sub(m.start, m.end), c)
		}
		if len(v.Refs) == 0 && v.Lit == "" {
			v.Open = true
		}
		f.holes = append(f.holes, Hole{Start: m.start, End: m.end, Value: v})
	}
	f.script([]Text{t}, lang, scope, c, false)
	f.holes = nil
}

// Tasks that log in to the feeds of the organisation.
var azureFeedTasks = map[string]bool{"nugetauthenticate": true, "npmauthenticate": true, "mavenauthenticate": true, "twineauthenticate": true, "pipauthenticate": true, "cargoauthenticate": true}

func (f *azureFile) task(name, s *Node, scope, outer *Scope, c connection.Consumer, lang string) {
	task, _, _ := strings.Cut(name.String(), "@")
	low := strings.ToLower(task)
	in := s.Get("inputs")
	get := func(keys ...string) *Node {
		for _, p := range in.Pairs() {
			for _, k := range keys {
				if strings.EqualFold(p.Key.Value, k) {
					return p.Value
				}
			}
		}
		return nil
	}
	skip := []string{"inlinescript", "inline", "commands", "keyvaultname", "secretsfilter"}
	switch {
	case low == "bash", low == "shellscript":
		f.body(get("script"), "bash", scope, c)
		skip = append(skip, "script")
	case low == "powershell":
		f.body(get("script"), "pwsh", scope, c)
		skip = append(skip, "script")
	case low == "cmdline", low == "batchscript":
		f.body(get("script"), lang, scope, c)
		skip = append(skip, "script")
	case low == "azurekeyvault":
		f.keyVault(get("KeyVaultName"), get("SecretsFilter"), outer, c)
	case low == "downloadsecurefile":
		o := f.d.Occurrence(connection.SecretRef, "secureFile", get("secureFile").Text())
		o.Refs, o.Role, o.Auth, o.Consumer = []string{"azdo:secure-file:" + get("secureFile").String()}, connection.RoleSecret, connection.Static, c
		f.d.Emit(o)
		skip = append(skip, "securefile")
	case azureFeedTasks[low]:
		given := false
		for _, p := range in.Pairs() {
			_, ok := connectionKey(p.Key.Value, task)
			given = given || ok && p.Value.String() != ""
		}
		if !given {
			o := f.d.Occurrence(connection.RegistryLogin, "task", name.Text())
			o.Provider, o.Auth, o.Consumer = "azure-devops", connection.Ambient, c
			f.d.Emit(o)
		}
	}
	for _, k := range []string{"inlineScript", "Inline", "commands", "scriptInline"} {
		n := get(k)
		if n == nil {
			continue
		}
		l := "bash"
		switch t := strings.ToLower(get("scriptType", "ScriptType").String()); {
		case strings.HasPrefix(t, "ps"), strings.Contains(low, "powershell"), low == "azurefilecopy":
			l = "pwsh"
		case t == "batch":
			l = "cmd"
		}
		f.body(n, l, scope, c)
	}
	f.inputs(in, task, outer, c, skip...)
}

// keyVault reads the task that makes variables of a vault's secrets.
func (f *azureFile) keyVault(vault, filter *Node, scope *Scope, c connection.Consumer) {
	if vault.String() == "" {
		return
	}
	v := f.text(vault.Text(), "KeyVaultName", scope, c)
	name := v.Lit
	if v.Open || name == "" {
		name = vault.String()
	}
	o := f.d.Occurrence(connection.StoreRef, "AzureKeyVault", vault.Text())
	o.Provider, o.Endpoint, o.Role, o.Auth, o.Consumer = "azure", "", connection.RoleSecret, connection.Ambient, c
	if isHostName(name) {
		o.Endpoint = strings.ToLower(name) + ".vault.azure.net"
	}
	secrets := strings.FieldsFunc(filter.String(), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
	if len(secrets) == 0 {
		secrets = []string{"*"}
	}
	for _, s := range secrets[:min(len(secrets), maxFanOut)] {
		ref := "azure-kv:" + name + "/" + s
		o.Refs = append(o.Refs, ref)
		if s != "*" {
			f.bindAs(scope, s, Value{Refs: []Ref{{Name: ref}}, Open: true})
		}
	}
	f.d.Emit(o)
}

func isHostName(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
