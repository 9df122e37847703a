package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// hookFile tells the files in which agents keep the commands that they run.
func hookFile(base, dir string) bool {
	return base == "hooks.json" && (dir == "hooks" || dir == ".cursor" || dir == ".codex" || dir == ".claude") || base == "environment.json" && dir == ".cursor"
}

// commands reads what an agent runs and what it may run without asking: hooks,
// allowed tools. Source: docs.claude.com/en/docs/claude-code/hooks and
// /settings; cursor.com/docs/agent/hooks.
func (f *agentFile) commands(root *Node) {
	r := &varReader{d: f.d, store: "env:", own: agentOwn}
	for _, event := range root.Get("hooks").Pairs() {
		for _, m := range event.Value.Items() {
			f.hook(r, m, event.Key.Value)
			for _, h := range m.Get("hooks").Items() {
				f.hook(r, h, event.Key.Value)
			}
		}
	}
	f.run(r, root.Get("statusLine", "command"), "statusLine")
	if path.Base(f.d.Path) == "environment.json" {
		for _, n := range []*Node{root.Get("install"), root.Get("start")} {
			f.run(r, n, "environment")
		}
		for _, t := range root.Get("terminals").Items() {
			f.run(r, t.Get("command"), "environment")
		}
	}
	for _, list := range []string{"allow", "ask"} {
		for _, a := range root.Get("permissions", list).Items() {
			f.allowed(r, a.Text())
		}
	}
	r.flush(nil)
}

func agentOwn(name string) (Value, bool) {
	return Value{}, settingName(name) || strings.HasPrefix(name, "CLAUDE_PROJECT") || strings.HasPrefix(name, "CLAUDE_PLUGIN")
}

// hook reads a command, or a request that is sent instead.
func (f *agentFile) hook(r *varReader, h *Node, event string) {
	f.run(r, h.Get("command"), event)
	u := h.Get("url").Text()
	if u.S == "" {
		return
	}
	refs := f.refs(u)
	if !f.d.URLs(u, func(part Text) []Ref { return within(refs, part) }, "hooks", f.c) {
		if host := NormalHost(u.S); strings.Contains(host, ".") && !Internal(host) {
			o := f.d.Occurrence(connection.Webhook, "hooks", u)
			o.Endpoint, o.Auth, o.Consumer = host, connection.None, f.c
			f.d.Emit(o)
		}
	}
	for _, p := range h.Get("headers").Pairs() {
		f.setting(p.Key.Value, p.Value.Text(), "", "headers")
	}
}

func (f *agentFile) run(r *varReader, n *Node, event string) {
	if t := n.Text(); n.Is(ScalarNode) && t.S != "" {
		c := f.c
		c.Job = event
		r.script([]Text{t}, "bash", nil, c, false)
	}
}

// allowed reads what an agent may do unasked: a command that is written out with
// its target, a host that it may read, a tool of an MCP server.
func (f *agentFile) allowed(r *varReader, t Text) {
	if server, tool, _ := strings.Cut(strings.TrimPrefix(t.S, "mcp__"), "__"); strings.HasPrefix(t.S, "mcp__") {
		name := strings.TrimPrefix(strings.TrimPrefix(server, "claude_ai_"), "plugin_")
		provider, _, ok := byName(strings.ReplaceAll(name, "-", "_"))
		if !ok { // what it reaches is told where it is configured
			return
		}
		o := f.d.Occurrence(connection.MCPServer, "permissions", t)
		o.Principal, o.Auth, o.Consumer, o.Group = server, connection.None, f.c, "mcp/"+server
		if tool != "" && tool != "*" {
			o.Scopes = []string{tool}
		}
		o.Provider, o.ProviderFrom = provider, connection.FromName
		f.d.Emit(o)
		return
	}
	tool, rest, ok := t.Cut("(")
	if !ok || !strings.HasSuffix(rest.S, ")") {
		return
	}
	arg := rest.Sub(0, len(rest.S)-1)
	switch tool.S {
	case "Bash", "PowerShell":
		for _, end := range []string{":*", "*"} {
			if cut, ok := strings.CutSuffix(arg.S, end); ok {
				arg = arg.Sub(0, len(cut))
			}
		}
		if strings.Contains(arg.S, "://") || strings.Contains(arg.S, "@") || strings.Contains(arg.S, "=") {
			c := f.c
			c.Job = "permissions"
			r.script([]Text{arg}, map[string]string{"Bash": "bash", "PowerShell": "pwsh"}[tool.S], nil, c, false)
		}
	case "WebFetch":
		if host, ok := strings.CutPrefix(arg.S, "domain:"); ok && strings.Contains(host, ".") && !Internal(host) && !strings.ContainsAny(host, "*/ ") {
			o := f.d.Occurrence(connection.Endpoint, "permissions", arg.Sub(len("domain:"), len(arg.S)))
			o.Endpoint, o.Auth, o.Consumer = NormalHost(host), connection.None, f.c
			f.d.Emit(o)
		}
	}
}
