package pipeline

import (
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// credentialFiles reads the files in which package managers and tools keep
// their logins. Source: each tool's manual; pipelines.md 3.5.
var credentialFiles = Dialect{ID: "credential-file", Path: func(p string) bool { return credentialReader(p) != nil }, Content: func(p string, head *Head) bool {
	return strings.HasSuffix(p, ".json") && gcpKeyHead().MatchString(head.Text)
}, Read: func(d *Document) {
	f := &credFile{d: d, c: connection.Consumer{Path: d.Path}}
	if read := credentialReader(d.Path); read != nil {
		read(f)
		return
	}
	f.gcpKey()
}}

var gcpKeyHead = lazily(`"type"\s*:\s*"(service_account|external_account|authorized_user)"`)

type credFile struct {
	d *Document
	c connection.Consumer
}

// templateEnds are what a file that another is made from has behind its name.
var templateEnds = []string{".template", ".example", ".sample", ".dist", ".tmpl", ".tpl", ".j2", ".erb", ".in", ".default", ".docker", ".ci", ".local"}

func credentialReader(p string) func(*credFile) {
	if read := namedReader(p, strings.ToLower(path.Base(p))); read != nil {
		return read
	}
	for _, end := range templateEnds {
		if cut, ok := strings.CutSuffix(p, end); ok {
			return namedReader(cut, strings.ToLower(path.Base(cut)))
		}
	}
	return languageReader(p, path.Base(p))
}

func namedReader(p, low string) func(*credFile) {
	switch low {
	case ".npmrc", "npmrc", ".pnpmrc":
		return (*credFile).npmrc
	case ".yarnrc":
		return (*credFile).yarnClassic
	case ".yarnrc.yml", ".yarnrc.yaml":
		return (*credFile).yarnrc
	case ".pypirc":
		return (*credFile).pypirc
	case "pip.conf", "pip.ini":
		return (*credFile).pipConf
	case "pyproject.toml", "uv.toml", "poetry.toml", "pipfile", "bunfig.toml", "auth.toml":
		return (*credFile).pythonTOML
	case ".netrc", "_netrc":
		return (*credFile).netrc
	case "pom.xml":
		return (*credFile).maven
	case "gradle.properties", "local.properties", "key.properties", "keystore.properties", "signing.properties", "sonar-project.properties", "secrets.properties":
		return (*credFile).properties
	case "nuget.config":
		return (*credFile).nuget
	case "auth.json":
		return (*credFile).composer
	case ".gitmodules", ".gitconfig":
		return (*credFile).git
	case ".git-credentials":
		return (*credFile).urlLines
	case ".pgpass":
		return (*credFile).pgpass
	case ".sops.yaml", ".sops.yml":
		return (*credFile).sopsRules
	case ".release-it.json", ".release-it.js", ".release-it.cjs", ".release-it.mjs", ".release-it.ts", ".release-it.yaml", ".release-it.yml", ".release-it.toml":
		return (*credFile).releaseIt
	case ".my.cnf", "my.cnf", ".s3cfg", ".boto", ".databrickscfg", "rclone.conf":
		return (*credFile).ini
	}
	switch {
	case strings.HasSuffix(low, ".gradle"), strings.HasSuffix(low, ".gradle.kts"):
		return (*credFile).gradle
	case strings.HasSuffix(low, ".xml") && (strings.HasPrefix(low, "settings") || strings.HasSuffix(low, "settings.xml")) && !strings.Contains(p, ".idea/"):
		return (*credFile).maven
	case strings.HasSuffix(p, ".cargo/config.toml"), strings.HasSuffix(p, ".cargo/config"), strings.HasSuffix(p, ".cargo/credentials.toml"), strings.HasSuffix(p, ".cargo/credentials"):
		return (*credFile).cargo
	case strings.HasSuffix(p, ".aws/credentials"), strings.HasSuffix(p, ".aws/config"), strings.HasSuffix(p, "aws/credentials"), strings.HasSuffix(p, "aws/config"):
		return (*credFile).aws
	case strings.HasSuffix(p, ".git/config"), strings.HasSuffix(p, "git/config"):
		return (*credFile).git
	case strings.HasSuffix(p, ".ssh/config"), low == "ssh_config":
		return (*credFile).ssh
	case strings.HasSuffix(p, ".bundle/config"):
		return (*credFile).bundle
	case strings.Contains(p, "gcloud/configurations/config_"), strings.HasSuffix(p, "gcloud/properties"):
		return (*credFile).gcloud
	case strings.HasSuffix(p, ".snowsql/config"), strings.HasSuffix(low, ".my.cnf"):
		return (*credFile).ini
	case low == ".env" || strings.HasPrefix(low, ".env.") || strings.HasSuffix(low, ".env"):
		return (*credFile).dotenv
	case low == ".envrc":
		return (*credFile).envrc
	}
	return nil
}

var confVar = lazily(`\$\{(?:env[.:])?([A-Za-z_]\w*)[^}]*\}|\$([A-Za-z_]\w*)|%([A-Za-z_]\w*)%|\{\{\s*env\s+['"]?([A-Za-z_]\w*)['"]?\s*\}\}`)

// refs gives the variables in a value: ${X}, $X, %X%, ${env.X}.
func (f *credFile) refs(t Text, props bool) []Ref {
	var out []Ref
	for _, m := range confVar().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] >= 0 {
				out = append(out, Ref{Name: "env:" + t.S[m[g]:m[g+1]], At: t.Sub(m[0], m[1]), In: f.d})
			}
		}
	}
	if len(out) == 0 && props && strings.HasPrefix(t.S, "${") && strings.HasSuffix(t.S, "}") {
		out = append(out, Ref{Name: "property:" + t.S[2:len(t.S)-1], At: t, In: f.d})
	}
	return out
}

// secret emits a credential for a host: a reference, or one written out.
func (f *credFile) secret(o Occurrence, t Text) bool {
	if t.Trim().S == "" {
		return false
	}
	o.Consumer, o.Role = f.c, connection.RoleSecret
	if refs := f.refs(t, true); len(refs) > 0 {
		return f.d.EmitRefs(o, Value{Refs: refs}, nil)
	}
	if placeholder(t.S) && t.S != "password" || strings.HasPrefix(t.S, "<") {
		return false
	}
	o.Location, o.Auth = f.d.Location(t), connection.Static
	if strings.HasPrefix(t.S, "{") && strings.HasSuffix(t.S, "}") {
		o.Kind = connection.Encrypted
	} else if o.Kind != connection.RegistryLogin {
		o.Kind = connection.Literal
	}
	f.d.Emit(o)
	return true
}

func (f *credFile) url(t Text, construct string) bool {
	return f.d.URLs(t, func(part Text) []Ref { return f.refs(part, false) }, construct, f.c)
}

// private emits the host of a registry that is not the public one.
func (f *credFile) private(t Text, construct string, provider string) {
	host := NormalHost(t.S)
	if f.url(t, construct) || !strings.Contains(t.S, "//") || !strings.Contains(host, ".") || publicIndex(host) || Internal(host) || strings.ContainsAny(host, "${") {
		return
	}
	o := f.d.Occurrence(connection.Endpoint, construct, t)
	o.Endpoint, o.Auth, o.Consumer = host, connection.None, f.c
	o.Provider, o.ProviderFrom = registryProvider(t.S)
	if _, rest, ok := strings.Cut(t.S, "://"); ok {
		_, p, _ := strings.Cut(rest, "/")
		o.Account = hostAccount(host, p)
	}
	f.d.Emit(o)
}

// registryProvider is whose product serves a registry, by its host or by the path
// that the product has on any host.
func registryProvider(u string) (string, connection.From) {
	if p := hostProvider(NormalHost(u)); p != "" {
		return p, connection.FromHost
	}
	switch {
	case strings.Contains(u, "/artifactory/"):
		return "jfrog", connection.FromHost
	case strings.Contains(u, "/nexus/"), strings.Contains(u, "/repository/maven-"), strings.Contains(u, "/repository/npm-"), strings.Contains(u, "/repository/pypi-"), strings.Contains(u, "/repository/nuget-"):
		return "nexus", connection.FromHost
	case strings.Contains(u, "/api/v4/projects/"), strings.Contains(u, "/api/v4/groups/"):
		return "gitlab", connection.FromHost
	}
	if p := selfHosted(NormalHost(u)); p != "" {
		return p, connection.FromName
	}
	return "", ""
}

// publicIndex tells hosts of packages that serve everybody.
func publicIndex(host string) bool {
	return slices.Contains([]string{"registry.npmjs.org", "registry.yarnpkg.com", "registry.npmmirror.com", "registry.npm.taobao.org", "pypi.org", "pypi.python.org", "files.pythonhosted.org", "repo.maven.apache.org", "repo1.maven.org", "central.sonatype.com", "plugins.gradle.org",
		"maven.google.com", "dl.google.com", "jcenter.bintray.com", "redirector.kotlinlang.org", "cache-redirector.jetbrains.com", "conda.anaconda.org", "repo.anaconda.com", "cdn.cocoapods.org", "proxy.golang.org", "sum.golang.org", "goproxy.io", "goproxy.cn", "charts.helm.sh", "www.myget.org", "repository.jboss.org", "maven.wso2.org", "repo.typesafe.com", "repo.scala-sbt.org", "jitpack.io", "api.nuget.org", "www.nuget.org", "rubygems.org", "crates.io", "index.crates.io", "static.crates.io", "packagist.org", "repo.packagist.org", "download.pytorch.org", "repo.spring.io", "oss.sonatype.org", "s01.oss.sonatype.org", "packages.confluent.io", "maven.pkg.jetbrains.space", "repository.apache.org", "maven.aliyun.com", "mirrors.aliyun.com", "pypi.tuna.tsinghua.edu.cn", "npm.jsr.io", "pypi.nvidia.com", "developer.download.nvidia.com", "repo.gradle.org", "services.gradle.org", "mirrors.cloud.tencent.com", "download.eclipse.org", "repo.eclipse.org", "www.jitpack.io", "data.pyg.org", "whl.natasha.ai", "github.com", "maven.fabricmc.net", "repo.clojars.org", "clojars.org", "www.jetbrains.com", "packages.jetbrains.team", "test.pypi.org", "central.maven.org", "repo.jenkins-ci.org", "maven.repository.redhat.com"}, host)
}

func (f *credFile) npmrc() {
	es := f.d.iniLines(false)
	always := entry(es, "always-auth").S == "true"
	given := map[string]bool{} // hosts with a login of their own
	for _, e := range es {
		if host, _, ok := strings.Cut(strings.TrimPrefix(e.Key.S, "//"), "/"); ok && strings.HasPrefix(e.Key.S, "//") {
			given[NormalHost(host)] = true
		}
	}
	for _, e := range es {
		k := e.Key.S
		o := f.d.Occurrence(connection.RegistryLogin, "registry", e.Key)
		host, prop := "", k
		if i := strings.LastIndex(k, ":"); strings.HasPrefix(k, "//") && i > 0 {
			host, prop = k[2:i], k[i+1:]
		}
		o.Endpoint, o.Provider = NormalHost(strings.TrimSuffix(host, "/")), ""
		_, p, _ := strings.Cut(host, "/")
		o.Account = hostAccount(o.Endpoint, p)
		o.Provider, o.ProviderFrom = registryProvider(host + "/")
		if host == "" {
			o.Endpoint, o.Provider = "registry.npmjs.org", "npm"
		}
		o.Group = "registry/" + host
		switch strings.TrimSpace(prop) {
		case "_authToken", "_auth", "_password", "authToken", "tokenHelper", "certfile", "keyfile", "_authtoken":
			if prop == "tokenHelper" || prop == "certfile" || prop == "keyfile" {
				o.Auth, o.Consumer = connection.Static, f.c
				f.d.Emit(o)
				continue
			}
			f.secret(o, e.Value)
		case "proxy", "https-proxy", "http-proxy":
			f.url(e.Value, prop)
		default:
			if h := NormalHost(e.Value.S); !strings.HasSuffix(prop, "registry") {
				continue
			} else if always && !given[h] && h != o.Endpoint && !Internal(h) && !strings.ContainsAny(h, "${") {
				o.Location, o.Endpoint, o.Account, o.Auth, o.Consumer = f.d.Location(e.Value), h, "", connection.Static, f.c
				o.Provider, o.ProviderFrom = registryProvider(e.Value.S)
				f.d.Emit(o)
			} else {
				f.private(e.Value, "registry", "npm")
			}
		}
	}
}

func (f *credFile) yarnrc() {
	var login func(n *Node, host string)
	login = func(n *Node, host string) {
		if s := n.Get("npmRegistryServer"); s != nil {
			f.private(s.Text(), "npmRegistryServer", "npm")
			host = NormalHost(s.String())
		}
		o := f.d.Occurrence(connection.RegistryLogin, "npmAuthToken", n.Text())
		if o.Endpoint = host; host == "" {
			o.Endpoint, o.Provider = "registry.yarnpkg.com", "npm"
		}
		for _, k := range []string{"npmAuthToken", "npmAuthIdent"} {
			f.secret(o, n.Get(k).Text())
		}
		for _, p := range n.Get("npmScopes").Pairs() {
			login(p.Value, "")
		}
		for _, p := range n.Get("npmRegistries").Pairs() {
			login(p.Value, NormalHost(strings.TrimPrefix(p.Key.Value, "//")))
		}
	}
	for _, root := range f.d.YAML() {
		login(root, "")
	}
}

// sections gives the entries of an INI file by section, in order.
func sections(es []iniEntry) [][]iniEntry {
	var out [][]iniEntry
	for _, e := range es {
		if n := len(out); n > 0 && out[n-1][0].Section.Pos(0) == e.Section.Pos(0) && out[n-1][0].Section.S == e.Section.S {
			out[n-1] = append(out[n-1], e)
		} else {
			out = append(out, []iniEntry{e})
		}
	}
	return out
}

func entry(es []iniEntry, keys ...string) Text {
	for _, e := range es {
		for _, k := range keys {
			if strings.EqualFold(e.Key.S, k) {
				return e.Value
			}
		}
	}
	return Text{}
}

func (f *credFile) pypirc() {
	for _, s := range sections(f.d.iniLines(true)) {
		name := s[0].Section
		if name.S == "distutils" || name.S == "" {
			continue
		}
		o := f.d.Occurrence(connection.RegistryLogin, "pypirc", name)
		repo := entry(s, "repository")
		if o.Endpoint = NormalHost(repo.S); repo.S == "" {
			o.Endpoint, o.Provider = "upload.pypi.org", "pypi"
			if name.S == "testpypi" {
				o.Endpoint = "test.pypi.org"
			}
		}
		if u := entry(s, "username"); u.S != "__token__" && !strings.ContainsAny(u.S, "$%") {
			o.Principal = u.S
		}
		o.Group = "server/" + name.S
		if pw := entry(s, "password"); !f.secret(o, pw) && (entry(s, "username").S != "" || repo.S != "") {
			o.Auth, o.Consumer = connection.Static, f.c
			f.d.Emit(o)
		}
	}
}

func (f *credFile) pipConf() {
	for _, e := range f.d.iniLines(false) {
		k := e.Key.S
		if k == "" || strings.HasSuffix(k, "index-url") || strings.HasSuffix(k, "index_url") || k == "find-links" || k == "proxy" || k == "index" {
			f.private(e.Value, "index-url", "pypi")
		}
		if k == "keyring-provider" && e.Value.S != "disabled" {
			f.url(e.Value, k)
		}
	}
}

func (f *credFile) netrc() {
	var words []Text
	for _, l := range f.d.Text(0, len(f.d.Data)).Lines() {
		if l = l.Trim(); !strings.HasPrefix(l.S, "#") {
			words = append(words, l.Fields()...)
		}
	}
	var o *Occurrence
	told := false
	flush := func() {
		if o != nil && !told {
			f.d.Emit(*o)
		}
	}
	for i := 0; i < len(words); i++ {
		w := words[i]
		next := Text{}
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch w.S {
		case "machine", "default":
			flush()
			n := f.d.Occurrence(connection.URLCredential, "machine", w)
			n.Auth, n.Role, n.Consumer = connection.Static, connection.RoleSecret, f.c
			if w.S == "machine" {
				n.Location, n.Endpoint = f.d.Location(next), NormalHost(next.S)
				i++
			}
			o, told = &n, false
		case "login":
			if i++; o != nil && !strings.ContainsAny(next.S, "${%") {
				o.Principal = next.S
			}
		case "password", "account":
			if i++; o != nil && w.S == "password" {
				if refs := f.refs(next, false); len(refs) > 0 && (refs[0].At.Pos(0) == next.Pos(0) || strings.Contains(next.S, "${")) { // none in pa$word
					f.d.EmitRefs(*o, Value{Refs: refs}, nil)
					told = true
				}
			}
		case "macdef":
			flush()
			return
		}
	}
	flush()
}

func (f *credFile) cargo() {
	root := f.d.TOML()
	login := func(n *Node, host, provider string) {
		if idx := n.Get("index"); idx != nil {
			t := idx.Text()
			host, provider = NormalHost(strings.TrimPrefix(t.S, "sparse+")), ""
			f.private(t, "index", "")
		}
		o := f.d.Occurrence(connection.RegistryLogin, "token", n.Text())
		o.Endpoint, o.Provider = host, provider
		f.secret(o, n.Get("token").Text())
		for _, k := range []string{"credential-provider", "global-credential-providers"} {
			if c := n.Get(k); c != nil && len(c.List()) > 0 {
				o.Kind, o.Auth, o.Consumer, o.Location = connection.ServiceConnection, connection.Ambient, f.c, f.d.Location(c.List()[0].Text())
				f.d.Emit(o)
			}
		}
	}
	login(root.Get("registry"), "crates.io", "crates.io")
	for _, p := range root.Get("registries").Pairs() {
		login(p.Value, "", "")
	}
	for _, p := range root.Get("env").Pairs() {
		t := p.Value.Text()
		if p.Value.Is(MapNode) {
			t = p.Value.Get("value").Text()
		}
		f.d.writtenOut(p.Key.Value, t, "", "env", f.c)
	}
	for _, p := range root.Get("source").Pairs() {
		if r := p.Value.Get("registry"); r != nil {
			f.private(Text{S: strings.TrimPrefix(r.String(), "sparse+"), at: placed(len(r.String()), r.Text().Pos(0)), set: true}, "source", "")
		}
	}
	f.url(root.Get("http", "proxy").Text(), "proxy")
}

// composer reads auth.json. Source: getcomposer.org/doc/articles/authentication-for-private-packages.md.
// Podman keeps its logins under the same name.
func (f *credFile) composer() {
	root := f.d.JSON()
	dockerLogins(f.d, root)
	f.composerAuth(root)
}

func (f *credFile) composerAuth(n *Node) {
	for _, kind := range n.Pairs() {
		switch kind.Key.Value {
		case "http-basic", "github-oauth", "gitlab-oauth", "gitlab-token", "bitbucket-oauth", "bearer", "custom-headers", "forgejo-token":
			for _, p := range kind.Value.Pairs() {
				o := f.d.Occurrence(connection.RegistryLogin, kind.Key.Value, p.Key.Text())
				o.Endpoint = NormalHost(p.Key.Value)
				if u := p.Value.Get("username").String(); !strings.ContainsAny(u, "$%{") && !tokenShaped(u) {
					o.Principal = u
				}
				o.Auth, o.Role, o.Consumer = connection.Static, connection.RoleSecret, f.c
				f.d.Emit(o)
			}
		}
	}
}

var sshURL = lazily(`^(?:ssh://(?:([\w.-]+)@)?|([\w.-]+)@)([\w.-]+\.[\w-]+)`)

func (f *credFile) urlLines() {
	for _, l := range f.d.Text(0, len(f.d.Data)).Lines() {
		f.url(l, "credentials")
	}
}

func (f *credFile) git() {
	for _, e := range f.d.iniLines(false) {
		if _, u, ok := e.Section.Cut(" "); ok && strings.HasSuffix(strings.ToLower(e.Key.S), "insteadof") {
			u = unquote(u.Trim())
			if m := sshURL().FindStringSubmatch(u.S); m != nil { // what others are rewritten to
				o := f.d.Occurrence(connection.SSH, "url", u)
				o.Principal, o.Endpoint, o.Auth, o.Consumer = m[1]+m[2], NormalHost(m[3]), connection.Ambient, f.c
				f.d.Emit(o)
			} else {
				f.url(u, "url")
			}
		}
		k := strings.ToLower(e.Key.S)
		o := f.d.Occurrence(connection.SSH, k, e.Value)
		o.Consumer = f.c
		switch {
		case strings.Contains(k, "extraheader"):
			o.Kind = connection.URLCredential
			if _, host, ok := strings.Cut(e.Section.S, " "); ok {
				o.Endpoint = NormalHost(strings.Trim(host, `"`))
			}
			f.secret(o, e.Value)
		case k == "helper" && strings.HasPrefix(e.Section.S, "credential"):
			o.Kind, o.Auth, o.Principal = connection.ServiceConnection, connection.Ambient, ""
			if e.Value.S == "" {
				continue
			}
			if _, host, ok := strings.Cut(e.Section.S, " "); ok {
				o.Endpoint = NormalHost(strings.Trim(host, `"`))
			}
			f.d.Emit(o)
		case f.url(e.Value, k):
		case k == "url" || k == "pushurl" || k == "insteadof" || k == "pushinsteadof":
			if m := scpURL().FindStringSubmatch(e.Value.S); m != nil {
				o.Principal, o.Endpoint, o.Auth = m[1], NormalHost(m[2]), connection.Ambient
				o.Account = hostAccount(o.Endpoint, m[3])
				f.d.Emit(o)
			}
		}
	}
}
