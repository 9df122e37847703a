package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// agentConfig reads the configuration of coding agents and editors: MCP servers,
// what runs them, environments. Source: modelcontextprotocol.io, pipelines.md 3.6.
var agentConfig = Dialect{ID: "agent-config", Path: agentPath, Content: func(p string, head *Head) bool {
	return strings.HasSuffix(p, ".json") && strings.Contains(head.Text, `"mcpServers"`)
}, Read: readAgent}

func agentPath(p string) bool {
	base := path.Base(p)
	dir := path.Base(path.Dir(p))
	switch base {
	case ".mcp.json", "mcp.json", "mcp_config.json", "mcp-config.json", "mcp_settings.json", "cline_mcp_settings.json", "claude_desktop_config.json", ".claude.json", "opencode.json", "opencode.jsonc", "gemini-extension.json":
		return true
	case "settings.json", "settings.local.json":
		return dir == ".claude" || dir == ".gemini" || dir == ".vscode" || dir == ".zed" || dir == ".roo" || dir == ".qwen"
	case "config.toml":
		return dir == ".codex"
	case "launch.json", "tasks.json":
		return dir == ".vscode"
	case "plugin.json":
		return dir == ".claude-plugin"
	}
	return hookFile(base, dir) || strings.HasSuffix(base, ".mcp.json") || strings.HasSuffix(base, ".code-workspace")
}

type agentFile struct {
	d *Document
	c connection.Consumer

	inputs map[string]bool // what is asked for when a server starts: whether it is hidden
}

func readAgent(d *Document) {
	f := &agentFile{d: d, c: connection.Consumer{Path: d.Path}}
	root := (*Node)(nil)
	if strings.HasSuffix(d.Path, ".toml") {
		root = d.TOML()
	} else {
		root = d.JSON()
	}
	f.asked(root)
	f.servers(root, 0)
	if dir := path.Base(path.Dir(d.Path)); dir != ".vscode" && dir != ".zed" {
		f.commands(root)
	}
	for _, p := range root.Get("env").Pairs() {
		if t := p.Value.Text(); !f.setting(p.Key.Value, t, "", "") && strings.HasSuffix(p.Key.Value, "_BASE_URL") {
			f.base(t, p.Key.Value)
		}
	}
	for _, k := range []string{"apiKeyHelper", "awsAuthRefresh", "awsCredentialExport", "otelHeadersHelper", "gcpAuthRefresh"} {
		if n := root.Get(k); n.String() != "" {
			o := d.Occurrence(connection.ServiceConnection, k, n.Text())
			o.Auth, o.Consumer = connection.Ambient, f.c
			if strings.HasPrefix(k, "aws") {
				o.Provider = "aws"
			} else if k == "apiKeyHelper" {
				o.Provider = "anthropic"
			} else if strings.HasPrefix(k, "gcp") {
				o.Provider = "gcp"
			}
			d.Emit(o)
		}
	}
	for _, p := range root.Get("model_providers").Pairs() {
		f.modelProvider(p)
	}
	for _, p := range root.Get("provider").Pairs() { // of OpenCode
		o := p.Value.Get("options")
		known, _, _ := byName(p.Key.Value)
		f.setting("apiKey", o.Get("apiKey").Text(), known, "apiKey")
		f.base(o.Get("baseURL").Text(), "baseURL")
	}
	for _, k := range []string{"configurations", "tasks", "launch", "settings"} {
		leaves(root.Get(k), func(key string, n *Node) { f.leaf(key, n.Text()) })
	}
	if base := path.Base(d.Path); base == "settings.json" && strings.Contains(d.Path, ".vscode/") {
		for _, p := range root.Pairs() {
			if p.Key.Value != "mcp" && !strings.Contains(p.Key.Value, "associations") && !strings.Contains(p.Key.Value, "icon") && !strings.Contains(p.Key.Value, "compilerWarnings") {
				leaves(p.Value, func(key string, n *Node) {
					if key == "" {
						key = p.Key.Value
					}
					f.leaf(strings.ReplaceAll(key, ".", "_"), n.Text())
				})
			}
		}
	}
}

// asked notes the inputs that a user is asked for. Source:
// code.visualstudio.com/docs/copilot/reference/mcp-configuration.
func (f *agentFile) asked(root *Node) {
	f.inputs = map[string]bool{}
	for _, list := range []*Node{root.Get("inputs"), root.Get("mcp", "inputs")} {
		for _, i := range list.Items() {
			f.inputs[i.Get("id").String()] = i.Get("password").String() == "true"
		}
	}
}

// hidden tells whether a reference is to an input that holds a credential: one
// typed without being shown, or one in a place for credentials.
func (f *agentFile) hidden(r Ref, construct string) bool {
	id, ok := strings.CutPrefix(r.Name, "input:")
	if !ok {
		return false
	}
	hidden, declared := f.inputs[id]
	return hidden || !declared && construct != "args"
}

// servers finds the maps of servers by their usual keys.
func (f *agentFile) servers(n *Node, depth int) {
	if depth > 4 {
		return
	}
	for _, p := range n.Pairs() {
		switch p.Key.Value {
		case "mcpServers", "mcp_servers", "context_servers", "servers", "mcp":
			told := false
			for _, s := range p.Value.Pairs() {
				if s.Value.Is(MapNode) && (s.Value.Get("command") != nil || s.Value.Get("url") != nil || s.Value.Get("serverUrl") != nil || s.Value.Get("httpUrl") != nil) {
					f.server(s)
					told = true
				}
			}
			if !told {
				f.servers(&Node{Kind: MapNode, pairs: p.Value.Pairs(), doc: f.d}, depth+1)
			}
		case "projects":
			for _, q := range p.Value.Pairs() {
				f.servers(q.Value, depth+1)
			}
		case "settings":
			f.servers(p.Value, depth+1)
		}
	}
}

// server reads one server: where it is or what runs, and the credentials that it gets.
func (f *agentFile) server(s Pair) {
	n := s.Value
	c := f.c
	c.Job = s.Key.Value
	g := &agentFile{d: f.d, c: c, inputs: f.inputs}
	o := f.d.Occurrence(connection.MCPServer, "server", s.Key.Text())
	o.Principal, o.Consumer, o.Group = s.Key.Value, c, "mcp/"+s.Key.Value
	remote := false
	for _, k := range []string{"url", "serverUrl", "httpUrl"} {
		if t := n.Get(k).Text(); t.S != "" {
			g.remote(&o, t)
			remote = true
		}
	}
	command, args := n.Get("command"), n.Get("args").List()
	if command.Is(SeqNode) {
		if args = command.Items(); len(args) > 0 {
			command = args[0]
		}
	} else if command.Is(MapNode) {
		args = command.Get("args").List()
	}
	pkg := ""
	for _, a := range args {
		v := a.String()
		if strings.HasPrefix(v, "http://") || strings.HasPrefix(v, "https://") {
			if !remote {
				g.remote(&o, a.Text())
			}
			remote = true
		} else if pkg == "" && v != "" && !strings.HasPrefix(v, "-") && (strings.Contains(v, "mcp") || strings.HasPrefix(v, "@") || strings.Contains(v, "/")) {
			pkg = v
		}
	}
	asked, own := asks(n), !remote && !packaged(command.String())
	if o.Provider == "" && hostProvider(o.Endpoint) == "" {
		names := []string{hostLabel(o.Endpoint), serverName(s.Key.Value), serverName(path.Base(pkg)), asked}
		if own { // which its user names as he likes
			names = []string{asked, names[1]}
		}
		for _, name := range names {
			if p, _, ok := byName(name); ok {
				o.Provider, o.ProviderFrom = p, connection.FromName
				break
			}
		}
	}
	o.Auth = connection.None
	creds := g.credentials(n, args, o.Provider)
	if creds {
		o.Auth = connection.Static
	}
	if n.Get("oauth") != nil {
		o.Auth = connection.OIDC
	}
	if asked != "" && o.Auth == connection.None {
		o.Auth = connection.Static
	}
	if own && !creds && asked == "" {
		return // a program of this repository that reaches nobody
	}
	f.d.Emit(o)
}

// base emits the host that a model is asked at instead of its provider's own: what
// is asked there, and with which key, goes to it.
func (f *agentFile) base(t Text, construct string) {
	host := NormalHost(t.S)
	if !strings.Contains(t.S, "://") || !strings.Contains(host, ".") || Internal(host) || strings.ContainsAny(host, "${") {
		return
	}
	o := f.d.Occurrence(connection.Endpoint, construct, t)
	o.Endpoint, o.Auth, o.Consumer = host, connection.None, f.c
	f.d.Emit(o)
}

// hostLabel is the name that a host is registered by: linear of mcp.linear.app.
func hostLabel(host string) string {
	host, _, _ = strings.Cut(host, ":")
	labels := strings.Split(host, ".")
	if len(labels) < 2 {
		return ""
	}
	return labels[len(labels)-2]
}

// serverName is the name of a server or its package without what says that it is one.
func serverName(name string) string {
	return strings.NewReplacer("-", "_", "@", "", ".", "_").Replace(strings.TrimSuffix(strings.TrimPrefix(name, "mcp-server-"), "-mcp"))
}

// asks is the name of a credential that a server is given, but whose value is
// left to its user: a placeholder, or nothing. It is "" for none.
func asks(n *Node) string {
	for _, k := range []string{"env", "environment", "headers"} {
		for _, p := range n.Get(k).Pairs() {
			if name := p.Key.Value; p.Value.Is(ScalarNode) && (credentialName(name) && !settingName(name) || strings.EqualFold(name, "authorization")) && noValue(p.Value.String()) {
				return name
			}
		}
	}
	return ""
}

// packaged tells the runners that fetch what they run.
func packaged(command string) bool {
	switch path.Base(command) {
	case "npx", "npx.cmd", "uvx", "docker", "podman", "bunx", "pnpm", "pipx", "deno", "dnx":
		return true
	}
	return false
}

func (f *agentFile) remote(o *Occurrence, t Text) {
	if ls := findLinks(blot(t.S)); len(ls) > 0 && ls[0].Host != "" {
		if o.Endpoint = ls[0].Host; Internal(o.Endpoint) {
			o.Endpoint = ""
		}
	}
	f.d.URLs(t, func(part Text) []Ref { return f.refs(part) }, "url", f.c)
}

var agentRef = lazily(`\$\{(?:env:|input:|process\.env\.)?([A-Za-z_][\w-]*)(?::-[^}]*)?\}|\$([A-Za-z_]\w*)|\{env:([A-Za-z_]\w*)\}`)

func (f *agentFile) refs(t Text) []Ref {
	var out []Ref
	for _, m := range agentRef().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] < 0 {
				continue
			}
			name, store := t.S[m[g]:m[g+1]], "env:"
			if strings.Contains(t.S[m[0]:m[1]], "input:") {
				store = "input:"
			}
			switch name {
			case "workspaceFolder", "userHome", "CLAUDE_PLUGIN_ROOT", "CLAUDE_PROJECT_DIR", "HOME", "PWD", "PATH", "USER", "workspaceRoot", "extensionPath", "pathSeparator":
				continue
			}
			out = append(out, Ref{Name: store + name, At: t.Sub(m[0], m[1]), In: f.d})
		}
	}
	return out
}

// credentials reads env, headers and arguments of a server. It tells whether
// any of them is a credential.
func (f *agentFile) credentials(n *Node, args []*Node, provider string) bool {
	found := false
	for _, k := range []string{"env", "environment", "headers", "http_headers", "env_http_headers"} {
		for _, p := range n.Get(k).Pairs() {
			name, t := p.Key.Value, p.Value.Text()
			if k == "env_http_headers" {
				found = f.named(t, k, provider) || found
				continue
			}
			found = f.setting(name, t, provider, k) || found
		}
	}
	if c := n.Get("command"); c.Is(MapNode) {
		found = f.credentials(c, nil, provider) || found
	}
	found = f.named(n.Get("bearer_token_env_var").Text(), "bearer_token_env_var", provider) || found
	for _, e := range n.Get("env_vars").Items() {
		if tfSecretName(e.String()) {
			found = f.named(e.Text(), "env_vars", provider) || found
		}
	}
	for i, a := range args {
		t := a.Text()
		flag, value, ok := t.Cut("=")
		switch {
		case strings.HasPrefix(t.S, "-") && ok:
			found = f.setting(strings.TrimLeft(flag.S, "-"), value, provider, "args") || found
		case i > 0 && (args[i-1].String() == "-e" || args[i-1].String() == "--env"):
			if k, v, ok := t.Cut("="); ok {
				found = f.setting(k.S, v, provider, "args") || found
			} else if tfSecretName(t.S) && n.Get("env", t.S) == nil {
				found = f.named(t, "args", provider) || found
			}
		case i > 0 && args[i-1].String() == "--header":
			if k, v, ok := t.Cut(":"); ok {
				found = f.setting(k.S, v.Trim(), provider, "args") || found
			}
		case i > 0 && strings.HasPrefix(args[i-1].String(), "-") && !strings.HasPrefix(t.S, "-"):
			found = f.setting(strings.TrimLeft(args[i-1].String(), "-"), t, provider, "args") || found
		default:
			found = f.d.URLs(t, func(part Text) []Ref { return f.refs(part) }, "args", f.c) || found
		}
	}
	return found
}

// named emits a variable that is given by its name.
func (f *agentFile) named(t Text, construct, provider string) bool {
	if t.S == "" {
		return false
	}
	o := f.d.Occurrence(connection.SecretRef, construct, t)
	o.Refs, o.Auth, o.Role, o.Provider, o.Consumer, o.Group = []string{"env:" + t.S}, connection.Static, connection.RoleSecret, provider, f.c, "mcp/"+f.c.Job
	f.d.Emit(o)
	return true
}

// setting reads a variable, header or flag with its value.
func (f *agentFile) setting(name string, t Text, provider, construct string) bool {
	refs := f.refs(t)
	if f.d.URLs(t, func(part Text) []Ref { return within(refs, part) }, name, f.c) {
		return true
	}
	secret := credentialName(name) || tfSecretName(name) || strings.EqualFold(name, "authorization") || strings.EqualFold(name, "cookie")
	if len(refs) > 0 {
		var kept []Ref
		for _, r := range refs {
			if secret || credentialName(refName(r.Name)) || f.hidden(r, construct) {
				kept = append(kept, r)
			}
		}
		o := Occurrence{Kind: connection.SecretRef, Construct: name, Role: connection.RoleSecret, Provider: provider, Consumer: f.c}
		if o.Provider == "" && len(kept) > 0 {
			o.Provider, o.ProviderFrom = boundProvider(refName(kept[0].Name), strings.TrimPrefix(strings.TrimPrefix(name, "X-"), "x-"))
		}
		if f.c.Job != "" {
			o.Group = "mcp/" + f.c.Job
		}
		return f.d.EmitRefs(o, Value{Refs: kept}, nil)
	}
	if strings.HasPrefix(t.S, "op://") {
		o := f.d.Occurrence(connection.StoreRef, name, t)
		o.Refs, o.Auth, o.Consumer = []string{"1password:" + strings.TrimPrefix(t.S, "op://")}, connection.Static, f.c
		f.d.Emit(o)
		return true
	}
	if strings.EqualFold(name, "authorization") {
		if _, v, ok := t.Cut(" "); ok {
			return f.d.writtenOut("authorization_token", v, provider, "headers", f.c)
		}
	}
	return secret && f.d.writtenOut(strings.ReplaceAll(name, "-", "_"), t, provider, construct, f.c)
}

// leaf reads a setting; an argument NAME=value is one too.
func (f *agentFile) leaf(key string, t Text) {
	if name, v, ok := t.Cut("="); ok && key == "args" && envName().MatchString(name.S) {
		f.setting(name.S, v, "", key)
		return
	}
	f.setting(key, t, "", key)
}

var envName = lazily(`^[A-Z][A-Z0-9_]+$`)

// modelProvider reads a provider of models of Codex.
func (f *agentFile) modelProvider(p Pair) {
	t := p.Value.Get("env_key").Text()
	if t.S == "" {
		f.base(p.Value.Get("base_url").Text(), "base_url")
		return
	}
	o := f.d.Occurrence(connection.SecretRef, "env_key", t)
	o.Refs, o.Auth, o.Role, o.Consumer = []string{"env:" + t.S}, connection.Static, connection.RoleSecret, f.c
	if h := NormalHost(p.Value.Get("base_url").String()); strings.Contains(h, ".") {
		o.Endpoint = h
	}
	f.d.Emit(o)
}
