package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// buildCache reads the remote caches and executors of build tools. Source:
// bazel.build/reference/command-line-reference; nx.dev/reference/nx-json;
// turborepo.com/docs/reference/configuration.
var buildCache = Dialect{ID: "build-cache", Path: func(p string) bool {
	base := path.Base(p)
	return base == "nx.json" || base == "turbo.json" || base == "turbo.jsonc" || bazelrc(base)
}, Read: func(d *Document) {
	f := &credFile{d: d, c: connection.Consumer{Path: d.Path}}
	switch base := path.Base(d.Path); {
	case bazelrc(base):
		f.bazelrc()
	case base == "nx.json":
		f.nx()
	default:
		f.turbo()
	}
}}

func bazelrc(base string) bool {
	return strings.HasSuffix(base, ".bazelrc") || strings.HasPrefix(base, ".bazelrc") || base == "bazelrc"
}

// bazelrc reads flags by configuration: hosts, and the credentials for them.
func (f *credFile) bazelrc() {
	host := map[string]string{} // the host that a configuration logs in to
	lines := f.d.Text(0, len(f.d.Data)).Lines()
	for _, l := range lines {
		w := l.Fields()
		for _, x := range w {
			k, v, ok := x.Cut("=")
			if k.S == "--remote_cache" || k.S == "--remote_executor" || k.S == "--bes_backend" || k.S == "--experimental_remote_downloader" {
				if h := bazelHost(v.S); ok && h != "" {
					o := f.d.Occurrence(connection.Backend, strings.TrimLeft(k.S, "-"), v)
					o.Endpoint, o.Auth, o.Consumer = h, connection.None, f.c
					if _, bucket, ok := strings.Cut(v.S, "storage.googleapis.com/"); ok {
						o.Principal = bucket
					}
					f.d.Emit(o)
					host[w[0].S] = h
				}
			}
		}
	}
	for _, l := range lines {
		w := l.Fields()
		for i, x := range w {
			if i == 0 || strings.HasPrefix(w[0].S, "#") {
				continue
			}
			k, v, ok := x.Cut("=")
			switch {
			case !ok:
			case strings.HasSuffix(k.S, "_header"):
				f.bazelHeader(v, host[w[0].S])
			case k.S == "--google_credentials" || k.S == "--tls_client_key" || k.S == "--credential_helper":
				o := f.d.Occurrence(connection.ServiceConnection, strings.TrimLeft(k.S, "-"), v)
				o.Endpoint, o.Auth, o.Consumer = host[w[0].S], connection.Static, f.c
				if k.S == "--google_credentials" {
					o.Provider = "gcp"
				}
				if h, _, ok := strings.Cut(v.S, "="); ok && k.S == "--credential_helper" {
					o.Endpoint, o.Auth = strings.TrimPrefix(NormalHost(h), "*."), connection.Ambient
				}
				f.d.Emit(o)
			default:
				f.url(v, strings.TrimLeft(k.S, "-"))
			}
		}
		if strings.Contains(l.S, "--google_default_credentials") && !strings.HasPrefix(l.Trim().S, "#") && !strings.Contains(l.S, "=false") {
			o := f.d.Occurrence(connection.ProviderBlock, "google_default_credentials", l.Find("--google_default_credentials"))
			o.Provider, o.Auth, o.Consumer = "gcp", connection.Ambient, f.c
			f.d.Emit(o)
		}
	}
}

// bazelHost is the host of a remote, "" for one on this machine.
func bazelHost(v string) string {
	h := NormalHost(strings.Trim(v, `"'`))
	if !strings.Contains(h, ".") || Internal(h) || strings.ContainsAny(h, "${<") {
		return ""
	}
	return h
}

// bazelHeader reads name=value of a header that goes to a remote.
func (f *credFile) bazelHeader(v Text, host string) {
	name, value, ok := unquote(v).Cut("=")
	if !ok || !SecretName(name.S) && !strings.EqualFold(name.S, "authorization") {
		return
	}
	o := f.d.Occurrence(connection.URLCredential, "remote_header", value)
	o.Endpoint = host
	if host == "" {
		o.Provider, o.ProviderFrom = nameProvider(strings.ReplaceAll(name.S, "-", "_"))
	}
	if strings.EqualFold(name.S, "authorization") {
		if _, token, ok := value.Cut(" "); ok {
			value = token
		}
	}
	f.secret(o, value)
}

func (f *credFile) nx() {
	root := f.d.JSON()
	token := func(t Text) {
		if t.S == "" || noValue(t.S) {
			return
		}
		o := f.d.Occurrence(connection.Literal, "accessToken", t)
		o.Provider, o.Auth, o.Role, o.Consumer = "nx", connection.Static, connection.RoleSecret, f.c
		f.d.Emit(o)
	}
	token(root.Get("nxCloudAccessToken").Text())
	cache := func(n *Node) {
		if b := n.Get("bucket"); b.String() != "" {
			o := f.d.Occurrence(connection.Backend, "cache", b.Text())
			o.Provider, o.Principal, o.Auth, o.Consumer = "aws", b.String(), connection.Ambient, f.c
			f.d.Emit(o)
		}
	}
	for _, k := range []string{"s3", "gcs", "azure"} {
		cache(root.Get(k))
	}
	for _, r := range root.Get("tasksRunnerOptions").Pairs() {
		opts := r.Value.Get("options")
		token(opts.Get("accessToken").Text())
		cache(opts)
		for _, p := range opts.Pairs() {
			if p.Key.Value != "accessToken" && p.Value.Is(ScalarNode) && !f.url(p.Value.Text(), p.Key.Value) {
				f.d.setting(p.Key.Value, p.Value.Text(), p.Key.Value, f.c)
			}
		}
	}
}

func (f *credFile) turbo() {
	cache := f.d.JSON().Get("remoteCache")
	u := cache.Get("apiUrl")
	if u == nil {
		u = cache.Get("apiurl")
	}
	if h := NormalHost(u.String()); strings.Contains(h, ".") && !Internal(h) {
		o := f.d.Occurrence(connection.Backend, "remoteCache", u.Text())
		o.Endpoint, o.Auth, o.Consumer, o.Principal = h, connection.Static, f.c, cache.Get("teamSlug").String()
		f.d.Emit(o)
		return
	}
	for _, k := range []string{"teamSlug", "teamId"} {
		if t := cache.Get(k); t.String() != "" {
			o := f.d.Occurrence(connection.Backend, "remoteCache", t.Text())
			o.Provider, o.Principal, o.Auth, o.Consumer = "vercel", t.String(), connection.Static, f.c
			f.d.Emit(o)
			return
		}
	}
}
