package pipeline

import (
	"maps"
	"path"
	"slices"
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
	tools := map[string]*Occurrence{} // by server
	for _, list := range []string{"allow", "ask"} {
		for _, a := range root.Get("permissions", list).Items() {
			f.allowed(r, a.Text(), tools)
		}
	}
	for _, server := range slices.Sorted(maps.Keys(tools)) {
		f.d.Emit(*tools[server])
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
// its target, a host that it may read, a tool of an MCP server, which is noted.
func (f *agentFile) allowed(r *varReader, t Text, tools map[string]*Occurrence) {
	if rest, ok := strings.CutPrefix(t.S, "mcp__"); ok {
		f.tool(rest, t, tools)
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

// tool notes a tool of a server that a provider's name is in: server__tool. What
// other servers reach is told where they are configured.
func (f *agentFile) tool(name string, t Text, tools map[string]*Occurrence) {
	server, tool, _ := strings.Cut(name, "__")
	provider, _, ok := byName(strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(server, "claude_ai_"), "plugin_"), "-", "_"))
	if !ok {
		return
	}
	o := tools[server]
	if o == nil {
		n := f.d.Occurrence(connection.MCPServer, "permissions", t)
		n.Principal, n.Auth, n.Consumer, n.Group = server, connection.None, f.c, "mcp/"+server
		n.Provider, n.ProviderFrom = provider, connection.FromName
		tools[server], o = &n, &n
	}
	if tool != "" && tool != "*" {
		o.Scopes = append(o.Scopes, tool)
	}
}
