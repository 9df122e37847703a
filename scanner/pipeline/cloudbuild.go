package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// cloudBuild reads build configurations of Google Cloud Build. Source:
// cloud.google.com/build/docs/build-config-file-schema.
var cloudBuild = Dialect{ID: "google-cloud-build", Path: func(p string) bool {
	base := strings.ToLower(path.Base(p))
	return (yamlExt(base) || strings.HasSuffix(base, ".json")) && (strings.Contains(base, "cloudbuild") || strings.Contains(base, "cloud-build"))
}, Content: func(p string, head *Head) bool {
	s := head.Text
	return (yamlExt(p) || strings.HasSuffix(p, ".json")) && strings.Contains(s, "steps") &&
		(strings.Contains(s, "gcr.io/cloud-builders/") || head.Top("availableSecrets") || head.Top("steps") && (strings.Contains(s, "secretEnv:") || head.Top("logsBucket")))
}, Read: readCloudBuild, Line: func(d *Document, l Text) { varLine(d, l, "cloudbuild:sub:", cloudBuildOwn) }}

func cloudBuildOwn(name string) (Value, bool) {
	switch name {
	case "PROJECT_ID", "BUILD_ID", "PROJECT_NUMBER", "LOCATION", "TRIGGER_NAME", "COMMIT_SHA", "SHORT_SHA", "REVISION_ID", "REPO_NAME", "REPO_FULL_NAME", "BRANCH_NAME", "TAG_NAME", "REF_NAME", "TRIGGER_BUILD_CONFIG_PATH", "SERVICE_ACCOUNT_EMAIL", "SERVICE_ACCOUNT":
		return Value{}, true
	}
	return Value{}, false
}

type cloudBuildFile struct {
	varReader
	scope  *Scope
	stores map[string]string // environment name to reference
}

func readCloudBuild(d *Document) {
	c := connection.Consumer{Path: d.Path}
	f := &cloudBuildFile{stores: map[string]string{}}
	f.varReader = varReader{d: d, store: "cloudbuild:sub:", own: cloudBuildOwn, quiet: true}
	for _, root := range d.YAML() {
		f.scope = (*Scope)(nil).Inner()
		for _, p := range root.Get("substitutions").Pairs() {
			if t := p.Value.Text(); !d.writtenOut(strings.TrimPrefix(p.Key.Value, "_"), t, "", "substitutions", c) && t.S != "" {
				f.role(t, p.Key.Value, connection.OIDC, c)
				f.urls(t, nil, c)
				f.scope.Bind(p.Key.Value, Value{At: t, Lit: t.S})
			} else if t.S == "" {
				f.scope.Bind(p.Key.Value, Value{At: t, Open: true})
			}
		}
		f.secrets(root, c)
		if n := root.Get("serviceAccount"); n.String() != "" {
			o := d.Occurrence(connection.FederatedTrust, "serviceAccount", n.Text())
			o.Provider, o.Auth, o.Role, o.Consumer = "gcp", connection.Ambient, connection.RoleIdentity, c
			if o.Principal = path.Base(n.String()); strings.Contains(o.Principal, "$") {
				o.Principal = ""
			}
			d.Emit(o)
		}
		for _, s := range root.Get("steps").Items() {
			f.step(s, c)
		}
		f.outputs(root, c)
	}
	f.flush(nil)
}

func (f *cloudBuildFile) secrets(root *Node, c connection.Consumer) {
	for _, s := range root.Get("availableSecrets", "secretManager").Items() {
		n := s.Get("versionName")
		if n.String() == "" {
			continue
		}
		o := f.d.Occurrence(connection.StoreRef, "secretManager", n.Text())
		ref := gcpSecretRef(n.String())
		o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{ref}, "gcp", connection.Ambient, connection.RoleSecret, c
		f.d.Emit(o)
		f.stores[s.Get("env").String()] = ref
	}
	for _, s := range append(root.Get("availableSecrets", "inline").Items(), root.Get("secrets").Items()...) {
		env := s.Get("envMap")
		if env == nil {
			env = s.Get("secretEnv")
		}
		for _, p := range env.Pairs() {
			o := f.d.Occurrence(connection.Encrypted, "secretEnv", p.Value.Text())
			o.Provider, o.Auth, o.Role, o.Consumer = "gcp", connection.Static, connection.RoleSecret, c
			o.Refs = []string{"gcp-kms:" + s.Get("kmsKeyName").String() + "#" + p.Key.Value}
			f.d.Emit(o)
			f.stores[p.Key.Value] = o.Refs[0]
		}
	}
}

// gcpSecretRef is the normal form of projects/P/secrets/S/versions/V.
func gcpSecretRef(s string) string {
	p := strings.Split(s, "/")
	if len(p) >= 4 && p[0] == "projects" && p[2] == "secrets" {
		ref := "gcp-sm:" + p[1] + "/" + p[3]
		if len(p) >= 6 {
			ref += "@" + p[5]
		}
		return ref
	}
	return "gcp-sm:" + s
}

var setSecrets = lazily(`--(?:set|update)-secrets[= ]["']?([^\s"']+)`)

func (f *cloudBuildFile) step(s *Node, c connection.Consumer) {
	c.Step = s.Get("id").String()
	c.Action = s.Get("name").String()
	scope := f.scope.Inner()
	for _, n := range s.Get("secretEnv").Items() {
		ref, ok := f.stores[n.String()]
		if !ok {
			ref = "cloudbuild:secret:" + n.String()
		}
		o := f.d.Occurrence(connection.StoreRef, "secretEnv", n.Text())
		o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{ref}, "gcp", connection.Ambient, connection.RoleSecret, c
		f.d.Emit(o)
		scope.Bind(n.String(), Value{At: n.Text(), Open: true})
	}
	for _, n := range s.Get("env").Items() {
		if k, v, ok := n.Text().Cut("="); ok && !f.d.writtenOut(k.S, v, "", "env", c) {
			f.urls(v, scope, c)
			scope.Bind(k.S, f.text(v, k.S, scope, c))
		}
	}
	if n := s.Get("script"); n.String() != "" {
		f.script([]Text{n.Text()}, "bash", scope, c, false)
		f.setSecrets(n.Text(), c)
	}
	shell := strings.HasSuffix(s.Get("entrypoint").String(), "sh")
	for _, a := range s.Get("args").List() {
		t := a.Text()
		switch {
		case shell && !strings.HasPrefix(t.S, "-"):
			f.script([]Text{undollar(t)}, "bash", scope, c, false)
		default:
			f.text(t, "args", scope, c)
			f.urls(t, scope, c)
		}
		f.setSecrets(t, c)
	}
}

// setSecrets reads what gcloud run deploy mounts: X=name:version,/path=name:1.
func (f *cloudBuildFile) setSecrets(t Text, c connection.Consumer) {
	for _, m := range setSecrets().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		for at := m[2]; at < m[3]; {
			end := m[3]
			if j := strings.IndexByte(t.S[at:m[3]], ','); j >= 0 {
				end = at + j
			}
			if _, name, ok := strings.Cut(t.S[at:end], "="); ok {
				s, ver, _ := strings.Cut(name, ":")
				if ver != "" {
					s += "@" + ver
				}
				o := f.d.Occurrence(connection.StoreRef, "--set-secrets", t.Sub(at, end))
				o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{"gcp-sm:" + s}, "gcp", connection.Ambient, connection.RoleSecret, c
				f.d.Emit(o)
			}
			at = end + 1
		}
	}
}

// undollar is a script as the shell gets it: $$ is $.
func undollar(t Text) Text {
	if !strings.Contains(t.S, "$$") {
		return t
	}
	var b strings.Builder
	var at []int32
	for i := 0; i < len(t.S); i++ {
		if t.S[i] == '$' && i+1 < len(t.S) && t.S[i+1] == '$' {
			i++
		}
		b.WriteByte(t.S[i])
		at = append(at, int32(t.Pos(i)))
	}
	return Text{S: b.String(), at: append(at, int32(t.Pos(len(t.S)))), set: true}
}

// outputs names where the build pushes to with the identity that it runs as.
func (f *cloudBuildFile) outputs(root *Node, c connection.Consumer) {
	for _, n := range root.Get("images").Items() {
		t := n.Text()
		host, rest, _ := strings.Cut(t.S, "/")
		if host = NormalHost(host); !strings.Contains(host, ".") || strings.Contains(host, "$") {
			continue
		}
		o := f.d.Occurrence(connection.RegistryLogin, "images", t)
		o.Endpoint, o.Auth, o.Consumer = host, connection.Ambient, c
		if !strings.HasPrefix(rest, "$") {
			o.Account = hostAccount(host, rest)
		}
		f.d.Emit(o)
	}
	if n := root.Get("artifacts", "objects", "location"); strings.HasPrefix(n.String(), "gs://") {
		o := f.d.Occurrence(connection.Endpoint, "artifacts.objects", n.Text())
		o.Provider, o.Auth, o.Consumer = "gcp", connection.Ambient, c
		if o.Principal, _, _ = strings.Cut(strings.TrimPrefix(n.String(), "gs://"), "/"); strings.Contains(o.Principal, "$") {
			o.Principal = ""
		}
		f.d.Emit(o)
	}
	for _, k := range []string{"npmPackages", "pythonPackages", "mavenArtifacts", "goModules"} {
		for _, a := range root.Get("artifacts", k).Items() {
			if n := a.Get("repository"); strings.Contains(n.String(), "://") {
				o := f.d.Occurrence(connection.RegistryLogin, "artifacts."+k, n.Text())
				o.Endpoint, o.Auth, o.Consumer, o.Provider = NormalHost(n.String()), connection.Ambient, c, "gcp"
				if strings.Contains(o.Endpoint, "$") {
					o.Endpoint = ""
				}
				f.d.Emit(o)
			}
		}
	}
}
