package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// ideConfig reads what editors and API clients keep: data sources, deployment
// servers, environments of runs, requests with their logins. Source:
// www.jetbrains.com/help/idea; schema.getpostman.com; docs.insomnia.rest; pipelines.md 3.6.
var ideConfig = Dialect{ID: "ide-config", Path: func(p string) bool { return ideReader(p, nil) != nil },
	Content: func(p string, head *Head) bool { return ideReader(p, head) != nil }, Read: func(d *Document) {
		f := &ideFile{credFile: credFile{d: d, c: connection.Consumer{Path: d.Path}}, hosts: map[string]bool{}}
		if read := ideReader(d.Path, headOf(d.Data)); read != nil {
			read(f)
		}
	}}

type ideFile struct {
	credFile
	hosts map[string]bool // that requests have been told to go to
}

func ideReader(p string, head *Head) func(*ideFile) {
	base, ext := path.Base(p), path.Ext(p)
	switch {
	case ext == ".xml" && (strings.Contains(p, ".idea/") || path.Base(path.Dir(p)) == ".run"):
		return (*ideFile).idea
	case base == "sitemanager.xml" || base == "filezilla.xml" || base == "recentservers.xml":
		return (*ideFile).filezilla
	case ext == ".http" || ext == ".rest":
		return (*ideFile).http
	case base == "http-client.env.json" || base == "http-client.private.env.json":
		return (*ideFile).httpEnv
	case base == "sftp.json" && path.Base(path.Dir(p)) == ".vscode" || base == "sftp-config.json" || base == ".ftpconfig" || base == ".remote-sync.json" || base == "ftp-sync.json" || base == "ftp-simple.json":
		return (*ideFile).server
	case strings.HasSuffix(base, "postman_environment.json"), strings.HasSuffix(base, "postman_globals.json"):
		return (*ideFile).postmanEnv
	case strings.HasSuffix(base, "postman_collection.json"):
		return (*ideFile).postman
	case ext == ".bru":
		return (*ideFile).bruno
	case head == nil || ext != ".json":
	case strings.Contains(head.Text, "_postman_variable_scope"):
		return (*ideFile).postmanEnv
	case strings.Contains(head.Text, "schema.getpostman.com"), strings.Contains(head.Text, `"_postman_id"`):
		return (*ideFile).postman
	case strings.Contains(head.Text, "insomnia.desktop.app"):
		return (*ideFile).insomnia
	}
	return nil
}

// idea reads the files of JetBrains' editors.
func (f *ideFile) idea() {
	f.d.XML().walk(func(n *xmlNode) {
		switch n.Name {
		case "data-source":
			f.dataSource(n)
		case "fileTransfer", "sshConfig", "webServer", "paths":
			f.deployment(n)
		case "env", "envs", "option", "entry":
			name, v := n.Attr["name"].S, n.Attr["value"]
			if name == "" {
				name = n.Attr["key"].S
			}
			if n.Name == "option" && !SecretName(name) && !strings.Contains(v.S, "://") || v.S == "" || strings.ContainsAny(v.S, "$") {
				return
			}
			f.d.setting(name, v, n.Name, f.c)
		}
	})
}

// dataSource reads a database that is logged in to with what the editor keeps.
func (f *ideFile) dataSource(n *xmlNode) {
	u, user := n.text("jdbc-url"), n.text("user-name")
	if u.S == "" {
		return
	}
	o := f.d.Occurrence(connection.URLCredential, "data-source", u)
	scheme, rest, _ := strings.Cut(strings.TrimPrefix(u.S, "jdbc:"), ":")
	o.Provider = dataSchemes[scheme]
	if _, rest, ok := strings.Cut(rest, "//"); ok {
		rest, _, _ = strings.Cut(rest, ";")
		o.Endpoint = NormalHost(rest)
	}
	if o.Endpoint == "" || Internal(o.Endpoint) || strings.ContainsAny(o.Endpoint, "${") {
		return
	}
	if p := hostProvider(o.Endpoint); p != "" {
		o.Provider = p
	}
	o.Principal, o.Auth, o.Role, o.Consumer = user.S, connection.Static, connection.RoleSecret, f.c
	f.d.Emit(o)
}

// deployment reads a server that files are copied to.
func (f *ideFile) deployment(n *xmlNode) {
	host := n.Attr["host"]
	if host.S == "" || !strings.Contains(host.S, ".") || strings.Contains(host.S, "$") || NormalHost(host.S) == "127.0.0.1" {
		return
	}
	o := f.d.Occurrence(connection.SSH, n.Name, host)
	o.Endpoint, o.Principal, o.Auth, o.Consumer = NormalHost(host.S), n.Attr["username"].S, connection.Static, f.c
	if o.Provider = "ssh"; strings.HasPrefix(n.Attr["accessType"].S, "FTP") {
		o.Kind, o.Provider = connection.URLCredential, "ftp"
	}
	f.d.Emit(o)
}

func (f *ideFile) filezilla() {
	f.d.XML().walk(func(n *xmlNode) {
		if n.Name != "Server" || n.text("Host").S == "" {
			return
		}
		o := f.d.Occurrence(connection.URLCredential, "Server", n.text("Host"))
		o.Provider, o.Endpoint, o.Principal, o.Auth, o.Consumer = "ftp", NormalHost(n.text("Host").S), n.text("User").S, connection.Static, f.c
		if n.text("Protocol").S == "1" {
			o.Kind, o.Provider = connection.SSH, "ssh"
		}
		f.d.Emit(o)
	})
}

// server reads settings of extensions that copy files to a server.
func (f *ideFile) server() {
	root := f.d.JSON()
	servers := root.List()
	for _, p := range root.Get("profiles").Pairs() {
		servers = append(servers, p.Value)
	}
	for _, n := range servers {
		h := n.Get("host")
		if h == nil {
			h = n.Get("hostname")
		}
		if h.String() == "" || placeholder(h.String()) {
			continue
		}
		user := n.Get("user").String() + n.Get("username").String()
		o := f.d.Occurrence(connection.SSH, "host", h.Text())
		o.Provider, o.Endpoint, o.Principal, o.Auth, o.Consumer = "ssh", NormalHost(h.String()), user, connection.Static, f.c
		if t := n.Get("type").String() + n.Get("protocol").String(); strings.HasPrefix(t, "ftp") {
			o.Kind, o.Provider = connection.URLCredential, "ftp"
		}
		f.d.Emit(o)
		for _, k := range []string{"password", "pass", "passphrase"} {
			f.d.writtenOut("server_password", n.Get(k).Text(), o.Provider, k, f.c)
		}
	}
}

// http reads requests of .http files: headers, variables, URLs with a login.
func (f *ideFile) http() {
	for _, l := range f.d.Text(0, len(f.d.Data)).Lines() {
		t := l.Trim()
		if t.S == "" || t.S[0] == '#' || strings.HasPrefix(t.S, "//") || f.d.URLs(t, f.clientRefs, "request", f.c) {
			continue
		}
		if httpRequest().MatchString(t.S) {
			f.request(t)
			continue
		}
		if rest, ok := strings.CutPrefix(t.S, "@"); ok {
			if k, v, ok := t.Sub(1, len(t.S)).Cut("="); ok && rest != "" && !f.value(k.Trim().S, v.Trim(), "") {
				f.request(v)
			}
			continue
		}
		if k, v, ok := t.Cut(":"); ok && !strings.ContainsAny(k.S, " {\"?&/") {
			f.value(k.S, v.Trim(), "")
		}
	}
}

var httpVar = lazily(`\{\{\s*\$?(?:processEnv|dotenv|env\.|process\.env\.)?\s*%?([A-Za-z_][\w.-]*)\s*\}\}`)

// request emits the host of a request, once for each: what it logs in with stands
// in its headers.
func (f *ideFile) request(t Text) {
	for _, l := range findLinks(blot(t.S)) {
		if l.Host == "" || f.hosts[l.Host] || !strings.Contains(l.Host, ".") || Internal(l.Host) || strings.ContainsAny(l.Host, "${}") || strings.IndexByte(l.Host, hole) >= 0 {
			continue
		}
		f.hosts[l.Host] = true
		o := f.d.Occurrence(connection.Endpoint, "request", t.Sub(l.Start, l.End))
		o.Endpoint, o.Auth, o.Consumer = l.Host, connection.None, f.c
		f.d.Emit(o)
	}
}

var httpRequest = lazily(`^(?:(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|GRPC|GRAPHQL|WEBSOCKET)\s+)?(https?|wss?)://`)

// clientRefs gives the variables of a client in a part of a text.
func (f *ideFile) clientRefs(t Text) []Ref {
	var out []Ref
	for _, m := range httpVar().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		out = append(out, Ref{Name: "client:var:" + t.S[m[2]:m[3]], At: t.Sub(m[0], m[1]), In: f.d})
	}
	return out
}

// value reads a header or variable: the token of a login, by a variable of the
// environment or written out.
func (f *ideFile) value(name string, t Text, host string) bool {
	auth := strings.EqualFold(name, "authorization")
	if !auth && !tfSecretName(strings.ReplaceAll(name, "-", "_")) && !strings.EqualFold(name, "cookie") {
		return false
	}
	token := t
	if _, v, ok := t.Cut(" "); auth && ok {
		token = v.Trim()
	}
	if m := httpVar().FindStringSubmatchIndex(token.S); m != nil {
		o := Occurrence{Kind: connection.SecretRef, Construct: name, Role: connection.RoleSecret, Consumer: f.c, Endpoint: host}
		return f.d.EmitRefs(o, Value{Refs: []Ref{{Name: "client:var:" + token.S[m[2]:m[3]], At: token.Sub(m[0], m[1]), In: f.d}}}, nil)
	}
	if auth {
		name = "authorization_token"
	}
	return f.d.writtenOut(strings.ReplaceAll(name, "-", "_"), token, "", name, f.c)
}

func (f *ideFile) httpEnv() {
	for _, e := range f.d.JSON().Pairs() {
		for _, p := range e.Value.Pairs() {
			f.environment(p.Key.Value, p.Value.Text(), false)
		}
	}
}

// environment reads a variable of a client with its value.
func (f *ideFile) environment(name string, t Text, secret bool) {
	if strings.Contains(t.S, "{{") || f.url(t, name) {
		return
	}
	if f.request(t); strings.Contains(t.S, "://") {
		return
	}
	if secret && !tfSecretName(name) && t.S != "" && !noValue(t.S) && !strings.Contains(t.S, "://") {
		name += "_secret"
	}
	f.d.writtenOut(strings.ReplaceAll(name, "-", "_"), t, "", "environment", f.c)
}

func (f *ideFile) postmanEnv() {
	for _, v := range f.d.JSON().Get("values").Items() {
		f.environment(v.Get("key").String(), v.Get("value").Text(), v.Get("type").String() == "secret")
	}
}

// postman reads a collection: what its requests log in with. Every request
// repeats it, so that each value stands once.
func (f *ideFile) postman() {
	root := f.d.JSON()
	for _, v := range root.Get("variable").Items() {
		f.environment(v.Get("key").String(), v.Get("value").Text(), false)
	}
	seen := map[string]bool{}
	var visit func(n *Node, depth int)
	visit = func(n *Node, depth int) {
		if n = n.Deref(); n == nil || depth > maxDepth || !f.d.descend() {
			return
		}
		for _, i := range n.items {
			visit(i, depth+1)
		}
		for _, p := range n.pairs {
			switch {
			case p.Key.Value == "response" || p.Key.Value == "event" || p.Key.Value == "description" || p.Key.Value == "variable" && depth == 0:
			case p.Key.Value == "urlencoded" || p.Key.Value == "formdata":
				for _, v := range p.Value.Items() {
					if k, t := v.Get("key").String(), v.Get("value").Text(); t.S != "" && !seen[k+t.S] {
						seen[k+t.S] = true
						f.value(k, t, "")
					}
				}
			case p.Key.Value == "url":
				t := p.Value.Text()
				if raw := p.Value.Get("raw"); raw != nil {
					t = raw.Text()
				}
				if !f.url(t, "url") {
					f.request(t)
				}
			case p.Key.Value == "auth" && p.Value.Is(MapNode):
				f.postmanAuth(p.Value, seen)
			case p.Key.Value == "header" && p.Value.Is(SeqNode):
				for _, h := range p.Value.Items() {
					if v := h.Get("value"); v != nil && h.Get("disabled").String() != "true" && !seen[h.Get("key").String()+v.String()] {
						seen[h.Get("key").String()+v.String()] = true
						f.value(h.Get("key").String(), v.Text(), "")
					}
				}
			default:
				visit(p.Value, depth+1)
			}
		}
	}
	visit(root.Get("auth"), 0)
	visit(root, 0)
}

// postmanAuth reads the login of a request: a type, and its fields as a list or a map.
func (f *ideFile) postmanAuth(n *Node, seen map[string]bool) {
	for _, method := range n.Pairs() {
		field := func(k string, v *Node) {
			t := v.Text()
			if t.S == "" || !tfSecretName(k) && k != "value" || seen[k+t.S] {
				return
			}
			seen[k+t.S] = true
			if k == "value" {
				k = "apikey_value_secret"
			}
			f.value(k, t, "")
		}
		for _, p := range method.Value.Items() {
			field(p.Get("key").String(), p.Get("value"))
		}
		for _, p := range method.Value.Pairs() {
			field(p.Key.Value, p.Value)
		}
	}
}

func (f *ideFile) insomnia() {
	for _, r := range f.d.JSON().Get("resources").Items() {
		leaves(r.Get("data"), func(key string, n *Node) { f.environment(key, n.Text(), false) })
		if t := r.Get("url").Text(); !f.url(t, "url") {
			f.request(t)
		}
		for _, p := range r.Get("authentication").Pairs() {
			f.value(p.Key.Value, p.Value.Text(), "")
		}
		for _, h := range r.Get("headers").Items() {
			f.value(h.Get("name").String(), h.Get("value").Text(), "")
		}
	}
}

// bruno reads blocks of name: value; those of auth and headers log in.
func (f *ideFile) bruno() {
	for _, l := range f.d.Text(0, len(f.d.Data)).Lines() {
		k, v, ok := l.Trim().Cut(":")
		switch v = v.Trim(); {
		case !ok || strings.HasPrefix(k.S, "~"):
		case k.S == "url":
			if !f.url(v, "url") {
				f.request(v)
			}
		default:
			if !f.value(k.S, v, "") && strings.Contains(f.d.Path, "environments/") {
				f.request(v)
			}
		}
	}
}
