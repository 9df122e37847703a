package pipeline

import (
	"regexp"
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner/connection"
)

// properties reads gradle.properties and its like.
func (f *credFile) properties() {
	for _, e := range f.d.iniLines(true) {
		name := e.Key.S
		if name == "sonar.login" { // which a token is set as too
			name = "sonar.token"
		}
		if !f.url(e.Value, e.Key.S) {
			f.plain(name, e.Value, "")
		}
	}
}

// plain reads a name and its value: a reference by its variable, or what is written out.
func (f *credFile) plain(name string, t Text, provider string) bool {
	if refs := f.refs(t, false); len(refs) > 0 && (tfSecretName(strings.ReplaceAll(name, ".", "_")) || credentialName(refName(refs[0].Name))) {
		o := Occurrence{Kind: connection.SecretRef, Construct: name, Provider: provider, Role: connection.RoleSecret, Consumer: f.c, Group: tfGroup("", name)}
		return f.d.EmitRefs(o, Value{Refs: refs}, nil)
	}
	return f.d.writtenOut(strings.ReplaceAll(name, ".", "_"), t, provider, name, f.c)
}

// envrc reads what direnv sets, and the commands that it gets it with.
func (f *credFile) envrc() {
	f.dotenv()
	f.d.Shell(Script{Text: f.d.Text(0, len(f.d.Data)), Consumer: f.c, NoDownloads: true})
}

// dotenv reads variables of a program. Names in examples have no values.
func (f *credFile) dotenv() {
	example := false
	for _, s := range []string{"example", "sample", "template", "dist", "defaults", "schema", "tpl"} {
		example = example || strings.Contains(strings.ToLower(f.d.Path), s)
	}
	for _, l := range f.d.Text(0, len(f.d.Data)).Lines() {
		t := l.Trim()
		if t.S == "" || t.S[0] == '#' {
			continue
		}
		k, v, ok := t.Cut("=")
		if !ok {
			continue
		}
		if strings.HasPrefix(k.S, "export ") {
			k = k.Sub(7, len(k.S))
		}
		k = k.Trim()
		v = v.Trim()
		if i := strings.Index(v.S, " #"); i >= 0 && !strings.HasPrefix(v.S, `"`) && !strings.HasPrefix(v.S, "'") {
			v = v.Sub(0, i).Trim()
		}
		v = unquote(v)
		name := k.S
		o := f.d.Occurrence(connection.Literal, "env", v)
		o.Auth, o.Role, o.Consumer, o.Group = connection.Static, connection.RoleSecret, f.c, tfGroup("env", name)
		switch secret := credentialName(name) && !strings.HasSuffix(name, "_FILE") && (!identityName(name) || !SecretName(name) || strings.Contains(name, "DSN")); {
		case strings.HasPrefix(name, "sops_"):
			f.sopsLine(name, v)
		case strings.HasPrefix(v.S, "encrypted:"), strings.HasPrefix(v.S, "ENC[AES256_GCM,"):
			o.Kind = connection.Encrypted
			o.Provider, o.ProviderFrom = nameProvider(name)
			f.d.Emit(o)
		case strings.HasPrefix(v.S, "op://"):
			o.Kind, o.Refs = connection.StoreRef, []string{"1password:" + strings.TrimPrefix(v.S, "op://")}
			f.d.Emit(o)
		case name == "GOPROXY" || name == "PIP_EXTRA_INDEX_URL" || name == "PIP_INDEX_URL":
			for _, part := range splitText(v, ",| ") {
				f.private(part, name, "")
			}
		case f.url(v, "env"):
		case !secret || settingName(name) && !tfSecretName(name) || fileURL(v.S):
		case len(f.refs(v, false)) > 0:
			f.plain(name, v, "")
		case noValue(v.S) || example:
			scheme, _, link := strings.Cut(v.S, "://")
			if !example || onOff(v.S) || openURL(v.S) || link && strings.HasPrefix(scheme, "http") && strings.HasSuffix(name, "DATABASE_URL") {
				continue
			}
			if p, _ := nameProvider(name); p == "" && link {
				scheme, _, _ = strings.Cut(scheme, "+")
				if o.Provider = dataSchemes[scheme]; o.Provider != "" {
					o.ProviderFrom = connection.FromHost
				}
			}
			o.Kind, o.Refs = connection.SecretRef, []string{"env:" + name}
			o.Location = f.d.Location(k)
			f.d.Emit(o)
		case f.d.writtenOut(name, v, "", "env", f.c):
		case SecretName(name) && !blankValue(v.S) && !strings.ContainsAny(v.S, " {") && !strings.Contains(v.S, "://"):
			f.d.plain(name, v, "env", f.c)
		}
	}
}

// onOff tells a switch, which is no credential whatever its name.
func onOff(v string) bool { return strings.EqualFold(v, "true") || strings.EqualFold(v, "false") }

// fileURL tells a database in a file, which nobody logs in to.
func fileURL(v string) bool {
	return strings.HasPrefix(v, "file:") || strings.HasPrefix(v, "sqlite:")
}

// openURL tells the URL of a service beside the program that takes no login.
func openURL(v string) bool {
	ls := findLinks(v)
	return len(ls) == 1 && !ls[0].HasUser && ls[0].Host != "" && Internal(ls[0].Host)
}

// splitText splits at any of the characters of seps.
func splitText(t Text, seps string) []Text {
	var out []Text
	for {
		i := strings.IndexAny(t.S, seps)
		if i < 0 {
			return append(out, t)
		}
		out = append(out, t.Sub(0, i))
		t = t.Sub(i+1, len(t.S))
	}
}

var (
	gradleEnv  = lazily(`System\.getenv\(\s*["'](\w+)["']\s*\)|System\.getenv\(\)\[["'](\w+)["']\]|System\.env\.(\w+)|environmentVariable\(\s*["'](\w+)["']\s*\)`)
	gradleProp = lazily(`(?:(?:project|ext|rootProject|providers)\.)?(?:findProperty|property|gradleProperty|getProperty|hasProperty)\(\s*["']([\w.]+)["']\s*\)|(?:project|ext|rootProject)\.(\w+)|[pP]rop(?:s|erties|erty)\[["']([\w.]+)["']\]`)
	gradleName = lazily(`(?:[pP]assword|[tT]oken|[sS]ecret|[kK]ey)Env(?:Var)?\s*(?:=|\.set\()\s*["']([A-Z][A-Z0-9_]+)["']`) // a plugin's name of a variable
)

// gradle reads repositories with their logins, and what variables and
// properties a build takes credentials from.
func (f *credFile) gradle() {
	if !f.d.whole() && !gradleMatters(f.d.string()) {
		return
	}
	src := f.d.Text(0, len(f.d.Data))
	code := gradleCode(src.S)
	seen := map[int]bool{}
	host := f.gradleHosts()
	emit := func(name, ref string, at Text) {
		if seen[at.Pos(0)] || name != "sonar.login" && settingName(name) && !tfSecretName(strings.ReplaceAll(name, ".", "_")) || strings.Contains(name, "ALLOW_") || name != "sonar.login" && !credentialName(strings.ReplaceAll(name, ".", "_")) && !tfSecretName(strings.ReplaceAll(name, ".", "_")) {
			return
		}
		seen[at.Pos(0)] = true
		o := f.d.Occurrence(connection.SecretRef, "credentials", at)
		o.Refs, o.Auth, o.Role, o.Consumer, o.Group = []string{ref + name}, connection.Static, connection.RoleSecret, f.c, tfGroup("credentials", strings.ReplaceAll(name, ".", "_"))
		o.Endpoint = host(at.Pos(0))
		if inSigning(src.S, at.Pos(0)) {
			o.Provider = "gpg"
		} else if gradleSigning().MatchString(name) {
			o.Provider = "android"
		}
		f.d.Emit(o)
	}
	for at := 0; at < len(code); {
		end := len(code)
		if j := strings.IndexByte(code[at:], '\n'); j >= 0 {
			end = at + j + 1
		}
		if line := code[at:end]; f.d.whole() || gradleLooksUp(line) {
			f.gradleLine(line, at, src, emit)
		}
		at = end
	}
	if gradleWritesOut(code) {
		f.gradleExprs(f.d.Groovy(strings.HasSuffix(f.d.Path, ".kts")), 0, "")
	}
}

// gradleLine finds the variables and properties that a line looks up.
func (f *credFile) gradleLine(line string, at int, src Text, emit func(name, ref string, at Text)) {
	for _, x := range []struct {
		re  *regexp.Regexp
		ref string
	}{{gradleEnv(), "env:"}, {gradleName(), "env:"}, {gradleProp(), "gradle:property:"}} {
		for _, m := range x.re.FindAllStringSubmatchIndex(line, maxFanOut) {
			for g := 2; g+1 < len(m); g += 2 {
				if m[g] >= 0 && !strings.HasPrefix(line[m[0]:m[1]], "hasProperty") {
					emit(line[m[g]:m[g+1]], x.ref, src.Sub(at+m[0], at+m[1]))
				}
			}
		}
	}
}

// gradleSigns starts the block by which publications are signed.
var gradleSigns = lazily(`\bsigning\s*\{`)

// inSigning tells whether what stands at an offset is within that block.
func inSigning(s string, at int) bool {
	ms := gradleSigns().FindAllStringIndex(s[:at], maxFanOut)
	return len(ms) > 0 && sameBlock(s[ms[len(ms)-1][1]:at])
}

// gradleSigning tells the names of an Android keystore's passwords.
var gradleSigning = lazily(`(?i)(?:store|key)_?password$|keystore`)

// gradleCode is the text with comments blanked, in place.
func gradleCode(s string) string {
	b := []byte(s)
	last := 0
	blankOut := func(from, to int) {
		if t := strings.TrimSpace(s[from:to]); strings.HasPrefix(t, "//") || strings.HasPrefix(t, "/*") || strings.Contains(s[from:to], "//") || strings.Contains(s[from:to], "/*") {
			for i := from; i < to; i++ {
				if b[i] != '\n' {
					b[i] = ' '
				}
			}
		}
	}
	for _, t := range lexGroovy(s, false) {
		blankOut(last, t.start)
		last = t.end
	}
	blankOut(last, len(s))
	return string(b)
}

var gradleURL = lazily(`(?:url\b[^\n]{0,40}?|uri\()\s*["'](https?://[^"'$]+)["']`)

// gradleHosts gives for a place the host of the repository block it is in: the
// last URL before it in the same block.
func (f *credFile) gradleHosts() func(int) string {
	s := f.d.string()
	find := sync.OnceValue(func() [][]int { return gradleURL().FindAllStringSubmatchIndex(s, maxFanOut) })
	return func(at int) string {
		ms := find()
		for i := len(ms) - 1; i >= 0; i-- {
			if m := ms[i]; m[0] < at && at-m[0] < 800 && sameBlock(s[m[0]:at]) {
				return NormalHost(s[m[2]:m[3]])
			}
		}
		return ""
	}
}

// sameBlock tells whether the block that a text starts in is still open at its end.
func sameBlock(s string) bool {
	depth := 0
	for i := 0; i < len(s) && depth >= 0; i++ {
		switch s[i] {
		case '{':
			depth++
		case '}':
			depth--
		}
	}
	return depth >= 0
}

func (f *credFile) gradleExprs(es []*gExpr, depth int, in string) {
	for _, e := range es {
		if e == nil || depth > maxDepth {
			continue
		}
		v := e.Set
		if v == nil && e.Call && len(e.Args) == 1 {
			v = e.Args[0].Val
		}
		name := e.Name[strings.LastIndexByte(e.Name, '.')+1:]
		if v != nil && v.Str != nil {
			t := f.d.content(v.Str)
			switch {
			case name == "url" || name == "uri" || name == "setUrl" || name == "maven":
				f.private(t, "url", "")
			case f.url(t, name):
			case strings.Contains(in, "credentials") || strings.Contains(in, "signingConfig") || strings.HasSuffix(name, "assword"):
				if m := gradleInString().FindStringSubmatchIndex(t.S); m != nil && name == "password" {
					f.gradleProperty(t.S[m[2]:m[3]], t.Sub(m[0], m[1]))
				} else if name == "password" || tfSecretName(name) {
					f.d.writtenOut(name, t, "", name, f.c)
				}
			}
		} else if v != nil && v.At.Placed() && !v.Call && !strings.Contains(v.Name, ".") && name == "password" && strings.Contains(in, "credentials") && tfSecretName(v.Name) {
			f.gradleProperty(v.Name, v.At)
		} else if v != nil && v.Call && (v.Name == "uri" || v.Name == "URI") && v.pos(0) != nil && v.pos(0).Str != nil {
			f.private(f.d.content(v.pos(0).Str), "url", "")
		}
		at := in
		if e.Block {
			at = e.Name
		}
		f.gradleExprs(e.Body, depth+1, at)
		for _, a := range e.Args {
			if a.Val != v {
				f.gradleExprs([]*gExpr{a.Val}, depth+1, at)
			}
		}
	}
}

// gradleInString is a property that makes up a string: "$repoPassword".
var gradleInString = lazily(`^\$\{?([A-Za-z_]\w*)\}?$`)

// gradleProperty emits the login of a repository by a property that its name alone looks up.
func (f *credFile) gradleProperty(name string, at Text) {
	o := f.d.Occurrence(connection.SecretRef, "credentials", at)
	o.Refs, o.Auth, o.Role, o.Consumer, o.Group = []string{"gradle:property:" + name}, connection.Static, connection.RoleSecret, f.c, tfGroup("credentials", name)
	o.Endpoint = f.gradleHosts()(at.Pos(0))
	f.d.Emit(o)
}

func (f *credFile) pgpass() {
	for _, l := range f.d.Text(0, len(f.d.Data)).Lines() {
		p := strings.Split(l.S, ":")
		if len(p) < 5 || strings.HasPrefix(l.S, "#") {
			continue
		}
		o := f.d.Occurrence(connection.URLCredential, "pgpass", l.Sub(0, len(p[0])))
		o.Provider, o.Endpoint, o.Principal, o.Auth, o.Consumer = "postgres", NormalHost(p[0]), p[3], connection.Static, f.c
		f.d.Emit(o)
	}
}

func (f *credFile) aws() {
	for _, s := range sections(f.d.iniLines(false)) {
		name := strings.TrimPrefix(s[0].Section.S, "profile ")
		o := f.d.Occurrence(connection.Literal, "profile", s[0].Section)
		o.Provider, o.Auth, o.Role, o.Consumer, o.Group = "aws", connection.Static, connection.RoleSecret, f.c, "profile/"+name
		o.Principal = name
		f.secret(o, entry(s, "aws_secret_access_key"))
		if t := entry(s, "role_arn"); t.S != "" {
			r := o
			r.Kind, r.Location, r.Principal, r.Auth, r.Role, r.Group = connection.FederatedTrust, f.d.Location(t), t.S, connection.Ambient, connection.RoleIdentity, ""
			if entry(s, "web_identity_token_file").S != "" {
				r.Auth = connection.OIDC
			}
			_, r.Account, _ = byHost(t.S)
			f.d.Emit(r)
		}
		if t := entry(s, "sso_start_url"); t.S != "" {
			r := o
			r.Kind, r.Location, r.Auth, r.Role, r.Account, r.Group = connection.FederatedTrust, f.d.Location(t), connection.OIDC, connection.RoleIdentity, entry(s, "sso_account_id").S, ""
			r.Principal = entry(s, "sso_role_name").S
			f.d.Emit(r)
		}
		if t := entry(s, "credential_process"); t.S != "" {
			r := o
			r.Kind, r.Location, r.Auth, r.Principal, r.Group = connection.ServiceConnection, f.d.Location(t), connection.Ambient, name, ""
			f.d.Emit(r)
		}
	}
}

// ssh reads hosts that are logged in to. Source: ssh_config(5).
func (f *credFile) ssh() {
	var o *Occurrence
	flush := func() {
		if o != nil && (o.Endpoint != "" || len(o.Refs) > 0) {
			f.d.Emit(*o)
		}
	}
	for _, l := range f.d.Text(0, len(f.d.Data)).Lines() {
		w := l.Fields()
		if len(w) < 2 || w[0].S[0] == '#' {
			continue
		}
		v := strings.Trim(w[1].S, `"`)
		switch strings.ToLower(w[0].S) {
		case "host", "match":
			flush()
			n := f.d.Occurrence(connection.SSH, "Host", w[1])
			n.Auth, n.Consumer = connection.Static, f.c
			if strings.Contains(v, ".") && !strings.ContainsAny(v, "*?!") {
				n.Endpoint = NormalHost(v)
			}
			o = &n
		case "hostname":
			if o != nil {
				o.Endpoint = NormalHost(v)
			}
		case "user":
			if o != nil {
				o.Principal = v
			}
		case "identityfile":
			if o != nil {
				o.Refs = []string{"file:" + v}
			}
		}
	}
	flush()
}

var bundleKey = lazily(`^BUNDLE_([A-Z0-9_]+__[A-Z0-9_]+)$`)

// bundleSettings are keys with a dot that name no host. Source: bundler.io/man/bundle-config.1.html.
var bundleSettings = lazily(`MIRROR|^BUNDLE_(?:BUILD|GEM|LOCAL|PLUGINS)__`)

func (f *credFile) bundle() {
	for _, root := range f.d.YAML() {
		for _, p := range root.Pairs() {
			m := bundleKey().FindStringSubmatch(p.Key.Value)
			if m == nil || bundleSettings().MatchString(p.Key.Value) {
				f.url(p.Value.Text(), "bundle")
				continue
			}
			o := f.d.Occurrence(connection.RegistryLogin, "bundle", p.Value.Text())
			o.Endpoint = NormalHost(strings.NewReplacer("___", "-", "__", ".").Replace(m[1]))
			f.secret(o, p.Value.Text())
		}
	}
}

// gcpKey reads a key file of Google Cloud, or the configuration of a federated
// identity, which holds no secret.
func (f *credFile) gcpKey() {
	root := f.d.JSON()
	typ := root.Get("type")
	o := f.d.Occurrence(connection.Literal, typ.String(), typ.Text())
	o.Provider, o.Auth, o.Role, o.Consumer = "gcp", connection.Static, connection.RoleWhole, f.c
	o.Account, o.Principal = root.Get("project_id").String(), root.Get("client_email").String()
	switch typ.String() {
	case "service_account":
		k := root.Get("private_key")
		if k == nil {
			return
		}
		o.Location = f.d.Location(k.Text())
	case "authorized_user":
		o.Principal = root.Get("client_id").String()
		if k := root.Get("refresh_token"); k != nil {
			o.Location = f.d.Location(k.Text())
		}
	case "external_account":
		aud := root.Get("audience")
		o.Kind, o.Auth, o.Role, o.Location, o.Principal = connection.FederatedTrust, connection.OIDC, connection.RoleIdentity, f.d.Location(aud.Text()), strings.TrimPrefix(aud.String(), "//iam.googleapis.com/")
		if _, rest, ok := strings.Cut(aud.String(), "projects/"); ok {
			o.Account, _, _ = strings.Cut(rest, "/")
		}
	default:
		return
	}
	f.d.Emit(o)
}
