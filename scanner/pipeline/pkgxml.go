package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

func (f *credFile) maven() {
	if !mavenMatters(f.d.string()) {
		return
	}
	root := f.d.XML()
	hosts := map[string]Text{}
	root.walk(func(n *xmlNode) {
		switch n.Name {
		case "repository", "pluginRepository", "snapshotRepository", "mirror", "site":
			if id, u := n.text("id"), n.text("url"); id.S != "" && u.S != "" {
				hosts[id.S] = u
			}
		}
	})
	root.walk(func(n *xmlNode) {
		switch n.Name {
		case "server":
			f.mavenServer(n, hosts)
		case "master":
			f.secret(f.d.Occurrence(connection.Encrypted, "master", n.Text), n.Text)
		case "repository", "pluginRepository", "snapshotRepository", "mirror":
			if u := n.text("url"); u.S != "" {
				f.private(u, n.Name, "")
			}
		case "proxy":
			o := f.d.Occurrence(connection.URLCredential, "proxy", n.At)
			o.Endpoint, o.Principal = NormalHost(n.text("host").S), n.text("username").S
			if pw := n.text("password"); pw.S != "" {
				f.secret(o, pw)
			}
		case "credentials": // of Ivy
			if pw := n.Attr["passwd"]; pw.S != "" {
				o := f.d.Occurrence(connection.RegistryLogin, "credentials", n.At)
				if o.Endpoint = NormalHost(n.Attr["host"].S); !strings.Contains(o.Endpoint, ".") || strings.ContainsAny(o.Endpoint, "${") {
					o.Endpoint = ""
				}
				if o.Provider, o.ProviderFrom = registryProvider(o.Endpoint); o.Provider == "" {
					o.Provider, o.ProviderFrom = nameProvider(strings.ReplaceAll(n.Attr["realm"].S, " ", "_"))
				}
				f.secret(o, pw)
			}
		case "connection", "developerConnection":
			f.url(n.Text, n.Name)
		case "properties":
			for _, p := range n.Items {
				f.plain(p.Name, p.Text, "")
			}
		}
	})
}

// mavenServer reads a login, whose host is that of the repository with its id.
func (f *credFile) mavenServer(n *xmlNode, hosts map[string]Text) {
	id := n.text("id")
	if id.S == "" && n.get("password") == nil {
		return
	}
	o := f.d.Occurrence(connection.RegistryLogin, "server", id)
	o.Auth, o.Role, o.Consumer, o.Group = connection.Static, connection.RoleSecret, f.c, "server/"+id.S
	if u, ok := hosts[id.S]; ok {
		if h := NormalHost(u.S); !strings.Contains(h, "$") {
			o.Endpoint = h
			o.Provider, o.ProviderFrom = registryProvider(u.S)
		}
	} else if p, _, ok := byName(strings.NewReplacer("-", "_", ".", "_").Replace(id.S)); ok {
		o.Provider, o.ProviderFrom = p, connection.FromName
	}
	if u := n.text("username").S; !strings.Contains(u, "${") {
		o.Principal = u
	}
	for _, k := range []string{"password", "passphrase", "privateKey"} {
		if t := n.text(k); t.S != "" && f.secret(o, t) {
			return
		}
	}
	n.walk(func(c *xmlNode) { // a header with a token
		if c.Name == "value" && c.Text.S != "" {
			f.secret(o, c.Text)
		}
	})
}

func (f *credFile) nuget() {
	root := f.d.XML()
	hosts := map[string]Text{}
	root.walk(func(n *xmlNode) {
		if n.Name != "packageSources" {
			return
		}
		for _, a := range n.Items {
			if v := a.Attr["value"]; a.Name == "add" && v.S != "" {
				hosts[strings.ToLower(a.Attr["key"].S)] = v
				f.private(v, "packageSources", "nuget")
			}
		}
	})
	root.walk(func(n *xmlNode) {
		switch n.Name {
		case "packageSourceCredentials":
			for _, s := range n.Items {
				o := f.d.Occurrence(connection.RegistryLogin, "packageSourceCredentials", s.At)
				key := strings.NewReplacer("_x0020_", " ", "_x002E_", ".", "_x003A_", ":", "_x002F_", "/").Replace(s.Name)
				if u, ok := hosts[strings.ToLower(key)]; ok {
					o.Endpoint = NormalHost(u.S)
					o.Provider, o.ProviderFrom = registryProvider(u.S)
				}
				told := false
				for _, a := range s.Items {
					switch a.Attr["key"].S {
					case "Username":
						if !strings.Contains(a.Attr["value"].S, "%") {
							o.Principal = a.Attr["value"].S
						}
					case "ClearTextPassword", "Password":
						told = f.secret(o, a.Attr["value"]) || told
					}
				}
				if !told {
					o.Auth, o.Consumer = connection.Static, f.c
					f.d.Emit(o)
				}
			}
		case "apikeys":
			for _, a := range n.Items {
				o := f.d.Occurrence(connection.RegistryLogin, "apikeys", a.At)
				o.Endpoint = NormalHost(a.Attr["key"].S)
				f.secret(o, a.Attr["value"])
			}
		}
	})
}
