package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// deployDescriptor reads the files that tell hosting platforms how to run a
// program: its environment, the secrets it gets, the commands that build it.
// Source: docs.netlify.com/configure-builds/file-based-configuration;
// vercel.com/docs/project-configuration; fly.io/docs/reference/configuration;
// render.com/docs/blueprint-spec; developers.cloudflare.com/workers/wrangler/configuration;
// cloud.google.com/appengine/docs/standard/reference/app-yaml;
// docs.digitalocean.com/products/app-platform/reference/app-spec;
// docs.aws.amazon.com/apprunner/latest/dg/config-file-ref.html;
// docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html;
// devcenter.heroku.com/articles/app-json-schema.
var deployDescriptor = Dialect{ID: "deploy-descriptor", Path: func(p string) bool { return deployReader(p, nil) != nil },
	Content: func(p string, head *Head) bool { return deployReader(p, head) != nil }, Read: func(d *Document) {
		f := &deployFile{varReader: varReader{d: d, own: func(string) (Value, bool) { return Value{}, false }}, c: connection.Consumer{Path: d.Path}}
		if read := deployReader(d.Path, headOf(d.Data)); read != nil {
			read(f)
			f.flush(nil)
		}
	}}

type deployFile struct {
	varReader
	c connection.Consumer
}

// deployReader is the reader of a path; with a head, of what the content tells.
func deployReader(p string, head *Head) func(*deployFile) {
	base := path.Base(p)
	switch base {
	case "netlify.toml":
		return (*deployFile).netlify
	case "vercel.json", "now.json":
		return (*deployFile).vercel
	case "wrangler.toml", "wrangler.json", "wrangler.jsonc":
		return (*deployFile).wrangler
	case "Procfile", "heroku.yml":
		return (*deployFile).heroku
	}
	if strings.HasPrefix(base, "fly.") && strings.HasSuffix(base, ".toml") {
		return (*deployFile).fly
	}
	switch {
	case head == nil:
	case yamlExt(p) && head.Top("apiVersion"):
	case base == "render.yaml" || base == "render.yml":
		return (*deployFile).render
	case base == "amplify.yml" || base == "amplify.yaml":
		return (*deployFile).amplify
	case base == "apprunner.yaml":
		return (*deployFile).appRunner
	case base == "app.json" && strings.Contains(head.Text, `"env"`):
		return (*deployFile).appJSON
	case yamlExt(p) && strings.HasPrefix(base, "app") && head.Top("runtime"):
		return (*deployFile).appEngine
	case yamlExt(p) && (base == "app.yaml" || base == "app.yml" || strings.Contains(p, ".do/")) && (head.Top("services") || head.Top("static_sites") || head.Top("workers") || head.Top("spec")):
		return (*deployFile).digitalOcean
	case path.Ext(p) == ".json" && strings.Contains(head.Text, `"containerDefinitions"`):
		return (*deployFile).ecs
	}
	return nil
}

// variables reads an environment whose values may name variables of the platform.
func (f *deployFile) variables(n *Node, construct string) {
	for _, p := range n.Pairs() {
		c := f.c
		f.env(&Node{doc: f.d, Kind: MapNode, pairs: []Pair{p}}, construct, nil, c)
	}
}

// secretNamed emits a secret that the platform keeps under the name of a variable.
func (f *deployFile) secretNamed(t Text, name, construct, provider string) {
	o := Occurrence{Kind: connection.SecretRef, Construct: construct, Role: connection.RoleSecret, Consumer: f.c}
	if o.Provider, o.ProviderFrom = boundProvider(refName(name), ""); o.Provider == "" {
		o.Provider = provider
	}
	if stem, ok := credentialStem(refName(name)); ok {
		o.Group = f.c.Job + "/" + stem
	}
	f.d.EmitRefs(o, Value{Refs: []Ref{{Name: name, At: t, In: f.d}}}, nil)
}

func (f *deployFile) commands(nodes ...*Node) {
	for _, n := range nodes {
		if lines := scriptLines(n, 0); len(lines) > 0 {
			f.script(lines, "bash", nil, f.c, false)
		}
	}
}

func (f *deployFile) netlify() {
	f.store = "netlify:env:"
	root := f.d.TOML()
	build := func(n *Node) {
		f.commands(n.Get("command"), n.Get("ignore"))
		f.variables(n.Get("environment"), "environment")
	}
	build(root.Get("build"))
	for _, p := range root.Get("context").Pairs() {
		f.c.Environment = p.Key.Value
		build(p.Value)
	}
	f.c.Environment = ""
	f.variables(root.Get("template", "environment"), "template")
	for _, r := range root.Get("redirects").Items() {
		if s := r.Get("signed"); s.String() != "" {
			f.secretNamed(s.Text(), f.store+s.String(), "signed", "netlify")
		}
		f.variables(r.Get("headers"), "headers")
		f.urls(r.Get("to").Text(), nil, f.c)
	}
	for _, p := range root.Get("plugins").Items() {
		f.variables(p.Get("inputs"), "inputs")
	}
}

func (f *deployFile) vercel() {
	f.store = "vercel:env:"
	root := f.d.JSON()
	for _, env := range []*Node{root.Get("env"), root.Get("build", "env")} {
		for _, p := range env.Pairs() {
			if name, ok := strings.CutPrefix(p.Value.String(), "@"); ok {
				f.secretNamed(p.Value.Text(), "vercel:secret:"+name, "env", "")
			} else {
				f.variables(&Node{doc: f.d, Kind: MapNode, pairs: []Pair{p}}, "env")
			}
		}
	}
	f.commands(root.Get("buildCommand"), root.Get("installCommand"), root.Get("ignoreCommand"))
}

func (f *deployFile) fly() {
	f.store = "fly:secret:"
	root := f.d.TOML()
	f.variables(root.Get("env"), "env")
	f.variables(root.Get("build", "args"), "build.args")
	f.image(root.Get("build", "image"))
	f.commands(root.Get("deploy", "release_command"))
	for _, p := range root.Get("processes").Pairs() {
		f.commands(p.Value)
	}
	for _, file := range root.Get("files").Items() {
		if s := file.Get("secret_name"); s.String() != "" {
			f.secretNamed(s.Text(), f.store+s.String(), "files", "fly")
		}
	}
}

func (f *deployFile) image(n *Node) {
	if n.String() != "" {
		f.privateImage(n.Text(), Literal(n.Text()), f.c)
	}
}

func (f *deployFile) render() {
	f.store = "render:env:"
	for _, root := range f.d.YAML() {
		f.renderServices(root, 0)
	}
}

func (f *deployFile) renderServices(root *Node, depth int) {
	for _, key := range []string{"services", "envVarGroups"} {
		for _, s := range root.Get(key).Items() {
			f.c.Job = s.Get("name").String()
			f.commands(s.Get("buildCommand"), s.Get("startCommand"), s.Get("preDeployCommand"), s.Get("dockerCommand"))
			f.image(s.Get("image", "url"))
			for _, n := range []*Node{s.Get("image", "creds", "fromRegistryCreds", "name"), s.Get("registryCredential", "fromRegistryCreds", "name")} {
				if n.String() != "" {
					o := f.d.Occurrence(connection.RegistryLogin, "fromRegistryCreds", n.Text())
					o.Endpoint, _ = ImageHost(s.Get("image", "url").String())
					o.Principal, o.Auth, o.Role, o.Consumer = n.String(), connection.Static, connection.RoleWhole, f.c
					f.d.Emit(o)
				}
			}
			for _, v := range s.Get("envVars").Items() {
				f.renderVar(v)
			}
		}
	}
	for _, p := range root.Get("projects").Items() {
		for _, e := range p.Get("environments").Items() {
			if depth < maxBinding {
				f.renderServices(e, depth+1)
			}
		}
	}
}

func (f *deployFile) renderVar(v *Node) {
	key := v.Get("key")
	name := key.String()
	switch {
	case v.Get("fromGroup").String() != "":
		f.named(v.Get("fromGroup"), "fromGroup", "render:group:", f.c)
	case v.Get("value") != nil:
		f.assign(&Scope{names: map[string]Value{}}, name, v.Get("value").Text(), "envVars", nil, f.c)
	case v.Get("fromDatabase", "name").String() != "" || v.Get("fromService", "name").String() != "":
		from := v.Get("fromDatabase")
		if from == nil {
			from = v.Get("fromService")
		}
		if p := from.Get("property").String(); p == "connectionString" || p == "password" {
			o := f.d.Occurrence(connection.ServiceConnection, "fromDatabase", from.Get("name").Text())
			o.Provider, o.Principal, o.Auth, o.Consumer = "render", from.Get("name").String(), connection.Static, f.c
			f.d.Emit(o)
		} else if k := from.Get("envVarKey"); credentialName(k.String()) {
			f.secretNamed(k.Text(), f.store+k.String(), "envVarKey", "")
		}
	case credentialName(name) && (v.Get("sync") != nil || v.Get("generateValue") != nil):
		f.secretNamed(key.Text(), f.store+name, "envVars", "")
	}
}

func (f *deployFile) wrangler() {
	f.store = "cloudflare:secret:"
	root := (*Node)(nil)
	if strings.HasSuffix(f.d.Path, ".toml") {
		root = f.d.TOML()
	} else {
		root = f.d.JSON()
	}
	f.wranglerEnv(root)
	for _, p := range root.Get("env").Pairs() {
		f.c.Environment = p.Key.Value
		f.wranglerEnv(p.Value)
	}
}

func (f *deployFile) wranglerEnv(n *Node) {
	if id := n.Get("account_id"); id.String() != "" && !strings.ContainsAny(id.String(), "<$ ") && !placeholder(id.String()) {
		o := f.d.Occurrence(connection.ProviderBlock, "account_id", id.Text())
		o.Provider, o.Account, o.Auth, o.Consumer = "cloudflare", id.String(), connection.Ambient, f.c
		f.d.Emit(o)
	}
	f.variables(n.Get("vars"), "vars")
	f.commands(n.Get("build", "command"))
	for _, s := range n.Get("secrets_store_secrets").Items() {
		name := s.Get("secret_name")
		o := f.d.Occurrence(connection.StoreRef, "secrets_store_secrets", name.Text())
		o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{"cloudflare:store:" + s.Get("store_id").String() + "/" + name.String()}, "cloudflare", connection.Ambient, connection.RoleSecret, f.c
		f.d.Emit(o)
	}
	for _, h := range n.Get("hyperdrive").Items() {
		f.setting("url", h.Get("localConnectionString").Text())
	}
	for _, s := range n.Get("secrets", "required").Items() {
		f.secretNamed(s.Text(), f.store+s.String(), "secrets", "")
	}
}

func (f *deployFile) setting(name string, t Text) {
	if t.S != "" {
		f.d.setting(name, t, name, f.c)
	}
}

func (f *deployFile) amplify() {
	f.store = "amplify:env:"
	for _, root := range f.d.YAML() {
		apps := append([]*Node{root}, root.Get("applications").Items()...)
		for _, a := range apps {
			for _, side := range []string{"frontend", "backend", "test"} {
				for _, p := range a.Get(side, "phases").Pairs() {
					f.commands(p.Value.Get("commands"))
				}
			}
			f.variables(a.Get("env", "variables"), "env")
		}
	}
}

func (f *deployFile) appRunner() {
	f.store = "apprunner:env:"
	for _, root := range f.d.YAML() {
		for _, key := range []string{"build", "run"} {
			n := root.Get(key)
			for _, p := range n.Get("commands").Pairs() {
				f.commands(p.Value)
			}
			f.commands(n.Get("command"))
			for _, e := range n.Get("env").Items() {
				f.setting(e.Get("name").String(), e.Get("value").Text())
			}
			for _, s := range n.Get("secrets").Items() {
				f.awsSecret(s.Get("value-from"), s.Get("name").String())
			}
		}
	}
}

// awsSecret emits a secret of Secrets Manager or a parameter, by ARN or name.
func (f *deployFile) awsSecret(n *Node, name string) {
	t := n.Text()
	if t.S == "" || f.d.awsRefs(t, name, f.c) {
		return
	}
	f.d.awsStored(t, name, "aws-ssm:"+t.S, f.c)
}

func (f *deployFile) ecs() {
	root := f.d.JSON()
	if t := root.Get("taskDefinition"); t != nil {
		root = t
	}
	f.store = "env:"
	for _, k := range []string{"taskRoleArn", "executionRoleArn"} {
		f.role(root.Get(k).Text(), k, connection.Ambient, f.c)
	}
	for _, c := range root.Get("containerDefinitions").Items() {
		f.c.Job = c.Get("name").String()
		f.image(c.Get("image"))
		f.awsSecret(c.Get("repositoryCredentials", "credentialsParameter"), "repositoryCredentials")
		for _, s := range append(c.Get("secrets").Items(), c.Get("logConfiguration", "secretOptions").Items()...) {
			f.awsSecret(s.Get("valueFrom"), s.Get("name").String())
		}
		for _, e := range c.Get("environment").Items() {
			f.setting(e.Get("name").String(), e.Get("value").Text())
		}
	}
}

func (f *deployFile) heroku() {
	f.store = "heroku:config:"
	if path.Base(f.d.Path) == "Procfile" {
		for _, l := range f.d.Text(0, len(f.d.Data)).Lines() {
			if _, cmd, ok := l.Cut(":"); ok && !strings.HasPrefix(l.S, "#") {
				f.script([]Text{cmd}, "bash", nil, f.c, false)
			}
		}
		return
	}
	for _, root := range f.d.YAML() {
		f.variables(root.Get("setup", "config"), "config")
		f.variables(root.Get("build", "config"), "config")
		for _, p := range root.Get("run").Pairs() {
			f.commands(p.Value.Get("command"), p.Value)
		}
	}
}

func (f *deployFile) appJSON() {
	f.store = "heroku:config:"
	root := f.d.JSON()
	f.commands(root.Get("scripts", "postdeploy"))
	for _, p := range root.Get("env").Pairs() {
		name, v := p.Key.Value, p.Value
		if v.Is(MapNode) {
			if v = v.Get("value"); v == nil || v.String() == "" {
				if credentialName(name) && p.Value.Get("generator").String() == "" {
					f.secretNamed(p.Key.Text(), f.store+name, "env", "")
				}
				continue
			}
		}
		f.setting(name, v.Text())
	}
}

func (f *deployFile) appEngine() {
	f.store = "gae:env:"
	for _, root := range f.d.YAML() {
		f.variables(root.Get("env_variables"), "env_variables")
		f.variables(root.Get("build_env_variables"), "build_env_variables")
		f.commands(root.Get("entrypoint"))
		if s := root.Get("service_account"); s.String() != "" && !strings.ContainsAny(s.String(), "${<") {
			o := f.d.Occurrence(connection.ProviderBlock, "service_account", s.Text())
			o.Provider, o.Principal, o.Auth, o.Consumer = "gcp", s.String(), connection.Ambient, f.c
			_, o.Account, _ = byHost(s.String())
			f.d.Emit(o)
		}
		for _, i := range strings.Split(root.Get("beta_settings", "cloud_sql_instances").String(), ",") {
			if project, _, ok := strings.Cut(i, ":"); ok && !strings.ContainsAny(i, "<${ ") {
				o := f.d.Occurrence(connection.ServiceConnection, "cloud_sql_instances", root.Get("beta_settings", "cloud_sql_instances").Text())
				o.Provider, o.Principal, o.Account, o.Auth, o.Consumer = "gcp", i, project, connection.Ambient, f.c
				f.d.Emit(o)
			}
		}
	}
}

func (f *deployFile) digitalOcean() {
	f.store = "digitalocean:env:"
	for _, root := range f.d.YAML() {
		if s := root.Get("spec"); s != nil {
			root = s
		}
		f.digitalOceanVars(root)
		for _, key := range []string{"services", "workers", "jobs", "static_sites", "functions"} {
			for _, s := range root.Get(key).Items() {
				f.c.Job = s.Get("name").String()
				f.commands(s.Get("build_command"), s.Get("run_command"))
				f.digitalOceanVars(s)
				if t := s.Get("image", "registry_credentials"); t.String() != "" {
					f.setting("registry_credentials", t.Text())
				}
			}
		}
	}
}

func (f *deployFile) digitalOceanVars(n *Node) {
	for _, e := range n.Get("envs").Items() {
		key, v := e.Get("key"), e.Get("value")
		switch secret := e.Get("type").String() == "SECRET"; {
		case strings.HasPrefix(v.String(), "EV["):
			o := f.d.Occurrence(connection.Encrypted, key.String(), v.Text())
			o.Provider, o.ProviderFrom = nameProvider(key.String())
			o.Principal, o.Auth, o.Role, o.Consumer = key.String(), connection.Static, connection.RoleSecret, f.c
			f.d.Emit(o)
		case secret && (v.String() == "" || strings.Contains(v.String(), "$")):
			f.secretNamed(key.Text(), f.store+key.String(), "envs", "")
		case v.String() != "":
			f.assign(&Scope{names: map[string]Value{}}, key.String(), v.Text(), "envs", nil, f.c)
		}
	}
}
