package pipeline

import (
	"path"
	"regexp"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// languageReader is the reader of files that are programs themselves, or that
// belong to one language's tools.
func languageReader(p, base string) func(*credFile) {
	dir := path.Base(path.Dir(p))
	switch base {
	case "Gemfile", "gems.rb", "Podfile", "Fastfile", "Appfile", "Matchfile", "Deliverfile", "Pluginfile", "Gymfile", "Snapfile", "Scanfile", "Dangerfile":
		return (*credFile).ruby
	case ".gemrc", "gemrc":
		return (*credFile).gemrc
	case ".credentials":
		if dir == ".sbt" || dir == ".ivy2" || dir == ".bintray" || dir == ".m2" {
			return (*credFile).sbtCredentials
		}
	case "composer.json":
		return (*credFile).composerRepositories
	case ".condarc", "condarc":
		return (*credFile).condarc
	case "repositories.yaml", "repositories.yml":
		if strings.Contains(p, "helm/") {
			return (*credFile).helmRepositories
		}
	case "go.env":
		return (*credFile).dotenv
	case "profiles.yml":
		return (*credFile).dbt
	case "remotes.json":
		return (*credFile).conan
	case ".pre-commit-config.yaml", ".pre-commit-config.yml":
		return (*credFile).preCommit
	case ".lfsconfig", ".hgrc", "hgrc":
		return (*credFile).git
	case "hub", "hosts.yml":
		if dir == "gh" || base == "hub" && dir == ".config" {
			return (*credFile).githubCLI
		}
	case ".releaserc.js", ".releaserc.cjs", "release.config.js", "release.config.cjs", "release.config.mjs":
		return (*credFile).nodeEnvironment
	case ".terraform-credentials":
		return (*credFile).ini
	}
	switch {
	case dir == ".gem" && base == "credentials":
		return (*credFile).gemrc
	case dir == "fastlane" && strings.HasSuffix(base, ".rb"):
		return (*credFile).ruby
	case strings.HasSuffix(base, ".sbt"):
		return (*credFile).sbt
	case strings.HasSuffix(base, ".publishsettings"), strings.HasSuffix(strings.ToLower(base), ".publishprofile"), strings.HasSuffix(base, ".pubxml"):
		return (*credFile).publishSettings
	case dir == "go" && base == "env" && strings.HasSuffix(p, ".config/go/env"):
		return (*credFile).dotenv
	}
	return nil
}

// yarnClassic reads .yarnrc of Yarn 1: a name, blanks, a value, either in quotes.
func (f *credFile) yarnClassic() {
	for _, l := range f.d.Text(0, len(f.d.Data)).Lines() {
		w := l.Fields()
		if len(w) < 2 || strings.HasPrefix(w[0].S, "#") {
			continue
		}
		key, value := strings.Trim(w[0].S, `"'`), unquote(w[1])
		if i := strings.LastIndex(key, ":"); strings.HasPrefix(key, "//") && i > 0 && strings.HasPrefix(key[i:], ":_") {
			o := f.d.Occurrence(connection.RegistryLogin, "registry", w[0])
			o.Endpoint = NormalHost(strings.TrimSuffix(key[2:i], "/"))
			f.secret(o, value)
		} else if strings.HasSuffix(key, "registry") {
			f.private(value, "registry", "npm")
		}
	}
}

var (
	rubyNames = lazily(`%w[\[({]([A-Z0-9_\s]+)[\])}]`) // names of variables that must be set
	rubyEnv   = lazily(`ENV(?:\.fetch)?[\[(]\s*["'](\w+)["']`)
	scalaEnv  = lazily(`(?:sys\.env(?:\.get|\.getOrElse)?|System\.getenv|sys\.props(?:\.get)?)\(\s*"([\w.]+)"`)
	scalaHost = lazily(`Credentials\(\s*"[^"]*"\s*,\s*"([\w.-]+)"\s*,\s*(?:"([^"]*)"|[^,"]+?(?:"[^"]*"[^,]*)?)\s*,\s*(?:"([^"]*)")?`)
	atURL     = lazily(`\bat\s+"(https?://[^"]+)"|\burl\(\s*"(https?://[^"]+)"`)
	gitURL    = lazily(`git_url\(?\s*["']([^"']+)["']`)
	gemSource = lazily(`(?m)^\s*source\s*\(?\s*(?:"((?:[^"#\n]|#\{[^}\n]*\}|#)*)"|'([^'\n]*)')`)
)

// fastlaneActions log in with what the environment or the Appfile holds. Source: docs.fastlane.tools/actions.
var fastlaneActions = lazily(`(?m)^[ \t]*(upload_to_play_store|supply|upload_to_testflight|pilot|testflight|upload_to_app_store|deliver|appstore|app_store_connect_api_key|match|sync_code_signing|notarize|firebase_app_distribution|appcenter_upload|set_github_release|slack)\b[ \t]*(?:\(|$|[a-z_]+:)`)

var fastlaneProviders = map[string]string{"upload_to_play_store": "google-play", "supply": "google-play", "upload_to_testflight": "apple", "pilot": "apple", "testflight": "apple", "upload_to_app_store": "apple",
	"deliver": "apple", "appstore": "apple", "app_store_connect_api_key": "apple", "match": "apple", "sync_code_signing": "apple", "notarize": "apple", "firebase_app_distribution": "firebase", "appcenter_upload": "appcenter",
	"set_github_release": "github", "slack": "slack"}

// looked emits the variables that a program looks up and whose names say credential.
func (f *credFile) looked(re *regexp.Regexp, construct string, endpoint func(int) string) {
	src := f.d.Text(0, len(f.d.Data))
	for _, m := range re.FindAllStringSubmatchIndex(src.S, maxNodes) {
		name := src.S[m[2]:m[3]]
		if !credentialName(strings.ReplaceAll(name, ".", "_")) || commented(src.S, m[0]) || f.d.claimed[src.Pos(m[0])] {
			continue
		}
		o := Occurrence{Kind: connection.SecretRef, Construct: construct, Role: connection.RoleSecret, Consumer: f.c, Group: tfGroup(construct, name)}
		if endpoint != nil {
			o.Endpoint = endpoint(m[0])
		}
		f.d.EmitRefs(o, Value{Refs: []Ref{{Name: "env:" + name, At: src.Sub(m[0], m[1]), In: f.d}}}, nil)
	}
}

// commented tells whether what stands at an offset is behind a # or // of its line.
func commented(s string, at int) bool {
	l := strings.TrimSpace(s[strings.LastIndexByte(s[:at], '\n')+1 : at])
	return strings.HasPrefix(l, "#") || strings.HasPrefix(l, "//") || strings.HasPrefix(l, "*")
}

// ruby reads Gemfiles and what fastlane runs: variables, sources with a login,
// the repository of certificates.
func (f *credFile) ruby() {
	src := f.d.Text(0, len(f.d.Data))
	for _, m := range gemSource().FindAllStringSubmatchIndex(src.S, maxFanOut) {
		g := 2
		if m[2] < 0 {
			g = 4
		}
		t := src.Sub(m[g], m[g+1])
		if strings.Contains(t.S, "#{") {
			host := ""
			if _, rest, ok := strings.Cut(t.S, "@"); ok {
				host = NormalHost(rest)
			}
			for _, e := range rubyEnv().FindAllStringSubmatchIndex(t.S, maxFanOut) {
				o := Occurrence{Kind: connection.RegistryLogin, Construct: "source", Role: connection.RoleSecret, Endpoint: host, Consumer: f.c, Group: "source/" + host}
				f.d.EmitRefs(o, Value{Refs: []Ref{{Name: "env:" + t.S[e[2]:e[3]], At: t.Sub(e[0], e[1]), In: f.d}}}, nil)
			}
		} else if !commented(src.S, m[0]) {
			f.private(t, "source", "rubygems")
		}
	}
	for _, m := range gitURL().FindAllStringSubmatchIndex(src.S, maxFanOut) {
		t := src.Sub(m[2], m[3])
		if commented(src.S, m[0]) || f.url(t, "git_url") {
			continue
		}
		f.scp(t, "git_url")
	}
	f.looked(rubyEnv(), "ENV", nil)
	for _, m := range fastlaneActions().FindAllStringSubmatchIndex(src.S, maxFanOut) {
		at := src.Sub(m[2], m[3])
		o := f.d.Occurrence(connection.ServiceConnection, at.S, at)
		o.Provider, o.Auth, o.Consumer = fastlaneProviders[at.S], connection.Static, f.c
		f.d.Emit(o)
	}
	for _, m := range rubyNames().FindAllStringSubmatchIndex(src.S, maxFanOut) {
		for _, w := range src.Sub(m[2], m[3]).Fields() {
			if strings.ToUpper(w.S) == w.S && credentialName(w.S) && strings.Contains(w.S, "_") {
				o := Occurrence{Kind: connection.SecretRef, Construct: "ENV", Role: connection.RoleSecret, Consumer: f.c, Group: tfGroup("ENV", w.S)}
				f.d.EmitRefs(o, Value{Refs: []Ref{{Name: "env:" + w.S, At: w, In: f.d}}}, nil)
			}
		}
	}
	for _, l := range src.Lines() {
		if t := l.Trim(); !strings.HasPrefix(t.S, "#") && strings.Contains(t.S, "://") && !strings.Contains(t.S, "#{") {
			f.url(t, "url")
		}
	}
}

// scp emits a repository that is reached by SSH.
func (f *credFile) scp(t Text, construct string) bool {
	m := scpURL().FindStringSubmatch(t.S)
	if m == nil {
		return false
	}
	o := f.d.Occurrence(connection.SSH, construct, t)
	o.Consumer, o.Principal, o.Endpoint, o.Auth = f.c, m[1], NormalHost(m[2]), connection.Ambient
	o.Account = hostAccount(o.Endpoint, m[3])
	f.d.Emit(o)
	return true
}

// gemrc reads the keys of RubyGems. Source: guides.rubygems.org/command-reference.
func (f *credFile) gemrc() {
	for _, root := range f.d.YAML() {
		for _, p := range root.Pairs() {
			key := strings.Trim(p.Key.Value, ":")
			for _, s := range p.Value.List() {
				switch {
				case key == "sources" || key == "gem":
					f.private(s.Text(), key, "rubygems")
				case strings.HasSuffix(key, "api_key") || key == "github" || strings.Contains(key, "://"):
					o := f.d.Occurrence(connection.RegistryLogin, key, s.Text())
					if o.Provider = "rubygems"; key == "github" {
						o.Provider = "github"
					} else if strings.Contains(key, "://") {
						o.Provider, o.Endpoint = "", NormalHost(key)
					}
					f.secret(o, s.Text())
				}
			}
		}
	}
}

// sbt reads resolvers, credentials and the variables they come from.
func (f *credFile) sbt() {
	src := f.d.Text(0, len(f.d.Data))
	hosts := map[int]string{}
	for _, m := range scalaHost().FindAllStringSubmatchIndex(src.S, maxFanOut) {
		if commented(src.S, m[0]) {
			continue
		}
		hosts[m[0]] = NormalHost(src.S[m[2]:m[3]])
		if m[6] >= 0 && !noValue(src.S[m[6]:m[7]]) {
			o := f.d.Occurrence(connection.RegistryLogin, "credentials", src.Sub(m[6], m[7]))
			o.Endpoint, o.Auth, o.Role, o.Consumer = hosts[m[0]], connection.Static, connection.RoleSecret, f.c
			if m[4] >= 0 {
				o.Principal = src.S[m[4]:m[5]]
			}
			f.d.Emit(o)
		}
	}
	for _, m := range atURL().FindAllStringSubmatchIndex(src.S, maxFanOut) {
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] >= 0 && !commented(src.S, m[0]) {
				f.private(src.Sub(m[g], m[g+1]), "resolvers", "")
			}
		}
	}
	f.looked(scalaEnv(), "credentials", func(at int) string {
		for start, h := range hosts {
			if start < at && at-start < 300 {
				return h
			}
		}
		return ""
	})
}

// sbtCredentials reads realm, host, user, password, one a line.
func (f *credFile) sbtCredentials() {
	es := f.d.iniLines(false)
	pw := entry(es, "password", "pass")
	o := f.d.Occurrence(connection.RegistryLogin, "credentials", pw)
	o.Endpoint, o.Principal = NormalHost(entry(es, "host").S), entry(es, "user", "username").S
	f.secret(o, pw)
}

// composerRepositories reads where packages come from, and what logs in there.
func (f *credFile) composerRepositories() {
	root := f.d.JSON()
	repo := func(n *Node) {
		if u := n.Get("url").Text(); n.Get("type").String() == "composer" || !f.scp(u, "repositories") {
			f.private(u, "repositories", "")
		}
		for _, h := range n.Get("options", "http", "header").Items() {
			if k, v, ok := h.Text().Cut(":"); ok && (SecretName(k.S) || strings.EqualFold(k.S, "authorization")) {
				o := f.d.Occurrence(connection.RegistryLogin, "header", v)
				o.Endpoint = NormalHost(n.Get("url").String())
				f.secret(o, v.Trim())
			}
		}
	}
	for _, n := range root.Get("repositories").Items() {
		repo(n)
	}
	for _, p := range root.Get("repositories").Pairs() {
		repo(p.Value)
	}
	f.composerAuth(root.Get("config"))
}

// condarc reads channels, which may hold a token in their path. Source:
// docs.conda.io/projects/conda/en/stable/user-guide/configuration.
func (f *credFile) condarc() {
	for _, root := range f.d.YAML() {
		leaves(root, func(key string, n *Node) {
			t := n.Text()
			_, rest, ok := strings.Cut(t.S, "/t/")
			if token, _, more := strings.Cut(rest, "/"); ok && more && len(token) > 4 {
				o := f.d.Occurrence(connection.URLCredential, key, t)
				if ls := findLinks(blot(t.S)); len(ls) > 0 {
					o.Endpoint = ls[0].Host
				}
				o.Consumer, o.Role, o.Auth = f.c, connection.RoleSecret, connection.Static
				if refs := f.refs(t, false); !f.d.EmitRefs(o, Value{Refs: refs}, nil) {
					f.d.Emit(o)
				}
				return
			}
			if strings.Contains(t.S, "://") {
				f.private(t, key, "")
			}
		})
	}
}

// helmRepositories reads the repositories that Helm was told of. Source: helm.sh/docs/helm/helm_repo_add.
func (f *credFile) helmRepositories() {
	for _, root := range f.d.YAML() {
		for _, r := range root.Get("repositories").Items() {
			o := f.d.Occurrence(connection.RegistryLogin, "repositories", r.Get("password").Text())
			if o.Endpoint = NormalHost(r.Get("url").String()); !strings.Contains(o.Endpoint, ".") {
				o.Endpoint = ""
			}
			if u := r.Get("username").String(); !strings.ContainsAny(u, "${") && !tokenShaped(u) {
				o.Principal = u
			}
			if !f.secret(o, r.Get("password").Text()) {
				f.url(r.Get("url").Text(), "repositories")
			}
		}
	}
}

var dbtEnv = lazily(`env_var\(\s*["'](\w+)["']`)

// dbt reads profiles of dbt: outputs with the database they log in to.
func (f *credFile) dbt() {
	for _, root := range f.d.YAML() {
		for _, profile := range root.Pairs() {
			for _, out := range profile.Value.Get("outputs").Pairs() {
				provider, host := out.Value.Get("type").String(), out.Value.Get("host")
				if p := map[string]string{"bigquery": "gcp", "redshift": "aws", "athena": "aws", "postgres": "postgres", "snowflake": "snowflake", "databricks": "databricks"}[provider]; p != "" {
					provider = p
				}
				for _, p := range out.Value.Pairs() {
					t := p.Value.Text()
					o := Occurrence{Kind: connection.SecretRef, Construct: p.Key.Value, Provider: provider, Role: connection.RoleSecret, Consumer: f.c, Group: profile.Key.Value + "/" + out.Key.Value}
					if h := NormalHost(host.String()); strings.Contains(h, ".") && !strings.Contains(h, "{") {
						o.Endpoint = h
					}
					m := dbtEnv().FindStringSubmatchIndex(t.S)
					switch {
					case m != nil && (tfSecretName(p.Key.Value) || credentialName(t.S[m[2]:m[3]])):
						f.d.EmitRefs(o, Value{Refs: []Ref{{Name: "env:" + t.S[m[2]:m[3]], At: t, In: f.d}}}, nil)
					case m == nil:
						f.d.writtenOut(p.Key.Value, t, provider, p.Key.Value, f.c)
					}
				}
			}
		}
	}
}

// conan reads remotes; their logins are kept elsewhere.
func (f *credFile) conan() {
	for _, r := range f.d.JSON().Get("remotes").Items() {
		if u := r.Get("url").Text(); !strings.Contains(u.S, "center.conan.io") && !strings.Contains(u.S, "center2.conan.io") {
			f.private(u, "remotes", "")
		}
	}
}

// preCommit reads hooks whose repositories are not public: by SSH, or with a login.
func (f *credFile) preCommit() {
	for _, root := range f.d.YAML() {
		for _, r := range root.Get("repos").Items() {
			if t := r.Get("repo").Text(); !f.url(t, "repo") {
				f.scp(t, "repo")
			}
		}
	}
}

// githubCLI reads the hosts that gh and hub are logged in to.
func (f *credFile) githubCLI() {
	for _, root := range f.d.YAML() {
		for _, h := range root.Pairs() {
			for _, n := range h.Value.List() {
				o := f.d.Occurrence(connection.URLCredential, "oauth_token", h.Key.Text())
				o.Endpoint, o.Principal = NormalHost(h.Key.Value), n.Get("user").String()
				f.secret(o, n.Get("oauth_token").Text())
			}
		}
	}
}

// publishSettings reads profiles to which Visual Studio publishes.
func (f *credFile) publishSettings() {
	f.d.XML().walk(func(n *xmlNode) {
		switch n.Name {
		case "publishProfile":
			o := f.d.Occurrence(connection.URLCredential, "publishProfile", n.At)
			o.Endpoint, o.Principal = NormalHost(n.Attr["publishUrl"].S), n.Attr["userName"].S
			f.secret(o, n.Attr["userPWD"])
			f.url(n.Attr["SQLServerDBConnectionString"], "SQLServerDBConnectionString")
		case "PublishUrl", "MSDeployServiceURL":
			if h := NormalHost(n.Text.S); strings.Contains(h, ".") && !Internal(h) && !strings.ContainsAny(h, `\$`) {
				o := f.d.Occurrence(connection.Endpoint, n.Name, n.Text)
				o.Endpoint, o.Auth, o.Consumer = h, connection.None, f.c
				f.d.Emit(o)
			}
		}
	})
}
