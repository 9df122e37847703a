package pipeline

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// A varReader reads what the systems have in common that put variables bare
// into scripts and strings, so that a name alone must tell whether it stands for
// a credential: GitLab CI, CircleCI, Bitbucket, Travis, Buildkite and others.
type varReader struct {
	d     *Document
	store string // what references start with: gitlab:var:
	// own tells what a predefined variable stands for; false for others.
	own func(name string) (Value, bool)
	// elsewhere tells what a name stands for that other parts bind; nil is nothing.
	elsewhere func(name string) (Value, bool)

	// find finds variables in a string; nil is findVars.
	find func(s string, script bool) []varMention

	// kind tells of a reference that nothing takes what it is; nil is a
	// secret-ref, or a store-ref where it is not of the platform's own store.
	kind func(ref string) connection.Kind

	// quiet leaves out hosts that scripts only download from.
	quiet bool

	holes    []Hole // the system's own expressions in the script that is read next
	mentions []mention
	seen     map[int]bool
}

// A mention is a variable where it is written, until a use claims it.
type mention struct {
	ref  Ref
	key  string
	c    connection.Consumer
	oidc bool
}

// ofAll is a name in capitals without the environment that it ends with, of
// what exists once for each of them.
func ofAll(name string) string {
	if i := strings.LastIndexByte(name, '_'); i > 0 {
		switch name[i+1:] {
		case "PROD", "PRD", "PRODUCTION", "STAGING", "STAGE", "STG", "DEV", "DEVELOPMENT", "TEST", "TESTING", "QA", "UAT", "INT", "PREPROD", "LIVE":
			return name[:i]
		}
	}
	return name
}

// credentialName tells whether the name of a variable that is defined outside of
// the file says credential.
func credentialName(name string) bool {
	if SecretName(name) {
		return true
	}
	u := ofAll(strings.ToUpper(name))
	for _, s := range []string{"ACCESS_KEY_ID", "ACCESSKEYID", "_HOOK", "HOOK_URL", "DATABASE_URL", "CONNECTION_STRING", "_PEM_FILE", "SERVICE_ACCOUNT_JSON",
		"CC_TEST_REPORTER_ID", "_SERVICE_KEY", "SSH_KEY", "KEYFILE", "_DB_URL", "_DB_URI", "MAILER_URL", "AMQP_URL", "RABBITMQ_URL", "BROKER_URL", "POSTGRES_URL", "MYSQL_URL", "REDIS_URI", "MONGO_URL", "MONGODB_URL", "MONGO_URI", "MONGODB_URI", "REDIS_URL", "SLACK_URL", "DISCORD_URL", "TEAMS_URL", "KUBE_CONFIG", "KUBECONFIG_FILE"} {
		if strings.HasSuffix(u, s) {
			return true
		}
	}
	return false
}

// Variables of the runner's shell, and switches that only look like credentials.
var shellOwn = map[string]bool{"SSH_AUTH_SOCK": true, "SSH_AGENT_PID": true, "GIT_ASKPASS": true, "SSH_ASKPASS": true, "XAUTHORITY": true,
	"GIT_TERMINAL_PROMPT": true, "GPG_TTY": true, "HOME": true, "PATH": true, "PWD": true, "OLDPWD": true, "USER": true, "SHELL": true, "HOSTNAME": true,
	"LD_LIBRARY_PATH": true, "GOPATH": true, "PKG_CONFIG_PATH": true, "NODE_AUTH": true, "IFS": true, "RANDOM": true, "SECONDS": true, "LINENO": true, "UID": true, "EUID": true, "GOAUTH": true}

// variable is what a variable stands for that the file does not define, noted as
// mentioned at its place.
func (r *varReader) variable(name, key string, at Text, c connection.Consumer) Value {
	if v, ok := r.own(name); ok {
		v.Open = true
		for i := range v.Refs {
			v.Refs[i].At, v.Refs[i].In = at, r.d
			if !v.Refs[i].Derived {
				r.mention(v.Refs[i], key, c)
			}
		}
		return v
	}
	if shellOwn[name] {
		return Value{Open: true}
	}
	if r.elsewhere != nil {
		if v, ok := r.elsewhere(name); ok {
			v.Open = true
			return v
		}
	}
	ref := Ref{Name: r.store + name, At: at, In: r.d, Weak: !credentialName(name)}
	r.mention(ref, key, c)
	return Value{At: at, Refs: []Ref{ref}, Open: true}
}

func (r *varReader) mention(ref Ref, key string, c connection.Consumer) {
	if ref.Weak || !ref.At.Placed() || r.seen[ref.At.Pos(0)] || len(r.mentions) >= maxOccurrences {
		return
	}
	if r.seen == nil {
		r.seen = map[int]bool{}
	}
	r.seen[ref.At.Pos(0)] = true
	r.mentions = append(r.mentions, mention{ref: ref, key: key, c: c})
}

// text is the value of a string with $X and ${X} in it.
func (r *varReader) text(t Text, key string, scope *Scope, c connection.Consumer) Value {
	v := Value{At: t}
	last := 0
	find := r.find
	if find == nil {
		find = findVars
	}
	for _, m := range find(t.S, false) {
		v.Lit += t.S[min(last, m.start):m.start] // one may stand within the default of another
		last = max(last, m.end)
		var got Value
		if have, ok := scope.Lookup(m.name); ok {
			got = r.here(have, key, t.Sub(m.start, m.end), c)
		} else {
			got = r.variable(m.name, key, t.Sub(m.start, m.end), c)
		}
		if !got.Open && len(got.Refs) == 0 && len(got.Lit) < 4096 && len(v.Lit) < maxScript {
			v.Lit += got.Lit
		} else {
			v.Open = true
		}
		v.Refs = append(v.Refs, got.Refs...)
	}
	v.Lit += t.S[last:]
	if len(v.Refs) > maxFanOut {
		v.Refs = v.Refs[:maxFanOut]
	}
	return v
}

// here places the references of a value that stand nowhere themselves, such as
// what a step reads from a store, where they are used.
func (r *varReader) here(v Value, key string, at Text, c connection.Consumer) Value {
	for i, ref := range v.Refs {
		if !ref.At.Placed() && !ref.Derived {
			v.Refs = slices.Clone(v.Refs)
			v.Refs[i].At, v.Refs[i].In = at, r.d
			r.mention(v.Refs[i], key, c)
		}
	}
	return v
}

// value emits what flows into an input of an integration. A variable whose own
// name says nothing counts where the input's does. It tells whether there was any.
func (r *varReader) value(o Occurrence, key string, n *Node, scope *Scope) bool {
	t := n.Text()
	if !n.Is(ScalarNode) || t.S == "" {
		return false
	}
	v := r.text(t, key, scope, o.Consumer)
	if r.urls(t, scope, o.Consumer) {
		return true
	}
	v.Refs = slices.DeleteFunc(slices.Clone(v.Refs), func(ref Ref) bool { return ref.Weak && !credentialName(key) })
	if len(v.Refs) == 0 {
		return false
	}
	if p, sure, ok := byName(key); ok && sure && o.Kind == connection.SecretRef && o.Provider != "" && o.Endpoint == "" && p != o.Provider && p != "ssh" && p != "gpg" {
		o.Provider, o.ProviderFrom, o.Group = p, connection.FromName, o.Group+"/"+p // handed on to what runs in there
	}
	if o.Construct = key; o.Provider == "" && o.Endpoint == "" {
		o.Provider, o.ProviderFrom = boundProvider(refName(v.Refs[0].Name), key)
	}
	o.Role = connection.RoleSecret
	return r.d.EmitRefs(o, v, nil)
}

// A varMention is $X, ${X} or ${X:-…} in a string.
type varMention struct {
	start, end int
	name       string
}

// findVars finds variables. In a script, comments and what is escaped are none.
func findVars(s string, script bool) []varMention {
	var out []varMention
	single, deferred := false, -1
	closing := -1 // the last brace that was looked for
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case script && c == '\n':
			single = false
		case script && c == '\'':
			single = !single
		case script && c == '\\' && !single:
			if i+2 < len(s) && s[i+1] == '$' && (s[i+2] == '{' || upper(s[i+2])) {
				deferred = i + 1 // left for the tool that reads what is written
				continue
			}
			i++
		case script && c == '#' && !single && (i == 0 || blank(s[i-1])):
			if j := strings.IndexByte(s[i:], '\n'); j >= 0 && !hash(s, i) {
				i += j
			} else if !hash(s, i) {
				return out
			}
		case c == '$' && i+1 < len(s):
			if s[i+1] == '$' { // the shell's process, or an escape
				i++
				continue
			}
			j := i + 1
			brace := s[j] == '{'
			if brace {
				j++
			}
			k := j
			for k < len(s) && word(s[k]) {
				k++
			}
			if k == j || digit(s[j]) || brace && (k == len(s) || strings.IndexByte("}:-=+?#%/^,@[", s[k]) < 0) {
				continue
			}
			end := k
			if brace {
				if closing < k {
					if closing = strings.IndexByte(s[k:], '}'); closing < 0 {
						closing = len(s)
					} else {
						closing += k
					}
				}
				if closing == len(s) {
					continue
				}
				end = closing + 1
			}
			if !single && i != deferred || strings.ToUpper(s[j:k]) == s[j:k] {
				out = append(out, varMention{i, end, s[j:k]})
			}
			i = k - 1
		}
	}
	return out
}

var (
	pwshVar = lazily(`(?i)\$\{?env:([A-Za-z_][A-Za-z0-9_]*)\}?`)
	cmdVar  = lazily(`%([A-Za-z_][A-Za-z0-9_]*)%`)
)

// scriptVars finds the environment variables in a script by its language.
func scriptVars(s, lang string) []varMention {
	var re *regexp.Regexp
	switch lang {
	case "pwsh", "powershell":
		re = pwshVar()
	case "cmd", "bat":
		re = cmdVar()
	case "", "bash", "sh", "zsh", "ksh", "dash", "ash":
		return findVars(s, true)
	default: // another language: its variables are its own
		return nil
	}
	var out []varMention
	for _, m := range re.FindAllStringSubmatchIndex(s, maxNodes) {
		out = append(out, varMention{m[0], m[1], s[m[2]:m[3]]})
	}
	return out
}

// hash tells whether a # in a script stands within double quotes of its line.
func hash(s string, i int) bool {
	start := strings.LastIndexByte(s[:i], '\n') + 1
	return strings.Count(s[start:i], `"`)%2 == 1
}

var assigns = lazily(`(?m)(?:^|[\s;&|({'"])([A-Za-z_][A-Za-z0-9_]*)\+?=|\b(?:read|for|local|declare|mapfile|readarray)((?:\s+-?[A-Za-z_][A-Za-z0-9_]*)+)`)

// assigned gives the names that a script binds itself.
func assigned(s string) map[string]bool {
	out := map[string]bool{}
	for _, m := range assigns().FindAllStringSubmatch(s, maxNodes) {
		if m[1] != "" {
			out[m[1]] = true
		}
		for f := range strings.FieldsSeq(m[2]) {
			out[f] = true
		}
	}
	return out
}

// script reads a script of one or several parts that run as one.
func (r *varReader) script(parts []Text, lang string, scope *Scope, c connection.Consumer, oidc bool) *Scope {
	t, spans := joinTexts(parts)
	if len(t.S) == 0 {
		return scope
	}
	s := Script{Text: t, Lang: lang, Holes: r.holes, Env: scope, Consumer: c, Group: c.Job + "/" + strconv.Itoa(t.Pos(0)), OIDC: oidc, spans: spans, NoDownloads: r.quiet,
		Unknown: func(name string, at Text) Value { return r.variable(name, "", at, c) }}
	after := r.d.Shell(s)
	r.roles(t, c)
	own := assigned(t.S)
	for _, m := range scriptVars(t.S, lang) { // what the shell reader did not come by: tests, what did not parse
		if own[m.name] || r.seen[t.Pos(m.start)] {
			continue
		}
		if _, ok := after.Lookup(m.name); !ok {
			r.variable(m.name, "", t.Sub(m.start, m.end), c)
		}
	}
	return after
}

var exportsRole = lazily(`\b(?:AWS_ROLE_ARN|AWS_OIDC_ROLE_ARN|ROLE_ARN)=["']?(arn:aws[\w-]*:iam::\d*:role/[\w+=,.@/-]+|\$\{?[A-Za-z_]\w*\}?)`)

// roles finds the roles that a script hands to tools by their variable.
func (r *varReader) roles(t Text, c connection.Consumer) {
	for _, m := range exportsRole().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		at := t.Sub(m[2], m[3])
		if r.role(at, "run", connection.OIDC, c) {
			continue
		}
		name := strings.Trim(at.S, "${}")
		if _, own := r.own(name); own {
			continue
		}
		o := Occurrence{Kind: connection.FederatedTrust, Provider: "aws", Construct: "run", Auth: connection.OIDC, Role: connection.RoleIdentity, Consumer: c}
		r.d.EmitRefs(o, Value{Refs: []Ref{{Name: r.store + name, At: at, In: r.d}}}, nil)
	}
}

// joinTexts makes one text of several, each on lines of its own.
func joinTexts(parts []Text) (Text, [][2]int) {
	if len(parts) == 1 {
		return parts[0], nil
	}
	var b strings.Builder
	var at []int32
	var spans [][2]int
	for _, p := range parts {
		if len(p.S) == 0 || b.Len()+len(p.S) > maxScript {
			continue
		}
		spans = append(spans, [2]int{p.Pos(0), p.Pos(len(p.S))})
		b.WriteString(p.S)
		for i := range len(p.S) {
			at = append(at, int32(p.Pos(i)))
		}
		if !strings.HasSuffix(p.S, "\n") {
			b.WriteByte('\n')
			at = append(at, int32(p.Pos(len(p.S))))
		}
	}
	if len(spans) == 0 {
		return Text{}, nil
	}
	at = append(at, int32(spans[len(spans)-1][1]))
	return Text{S: b.String(), at: at, set: true}, spans
}

// flush emits the mentions that nothing claimed.
func (r *varReader) flush(scopes []string) {
	for _, m := range r.mentions {
		if r.d.claimed[m.ref.At.Pos(0)] {
			continue
		}
		o := Occurrence{Kind: connection.SecretRef, Construct: "variable", Role: connection.RoleSecret, Consumer: m.c}
		if m.key != "" {
			o.Construct = m.key
		}
		name := refName(m.ref.Name)
		if r.kind != nil {
			o.Kind = r.kind(m.ref.Name)
		} else if !strings.HasPrefix(m.ref.Name, r.store[:strings.IndexByte(r.store, ':')+1]) && !strings.HasSuffix(m.ref.Name, ":job-token") {
			o.Kind = connection.StoreRef
		}
		o.Provider, o.ProviderFrom = boundProvider(name, m.key)
		if stem, ok := credentialStem(name); ok {
			o.Group = m.c.Job + "/" + m.c.Step + "/env/" + stem
		}
		r.d.EmitRefs(o, Value{Refs: []Ref{m.ref}}, scopes)
	}
	r.mentions = nil
}

// sweep notes the variables in all strings below a node but those skipped.
func (r *varReader) sweep(n *Node, key string, scope *Scope, c connection.Consumer, skip ...*Node) {
	seen := map[*Node]bool{}
	var visit func(n *Node, key string)
	visit = func(n *Node, key string) {
		if n = n.Deref(); n == nil || seen[n] || slices.Contains(skip, n) {
			return
		}
		seen[n] = true
		if n.Kind == ScalarNode {
			t := n.Text()
			if strings.Contains(t.S, "$") {
				r.text(t, key, scope, c)
			}
			r.urls(t, scope, c)
		}
		for _, q := range n.pairs {
			visit(q.Value, q.Key.Value)
		}
		for _, i := range n.items {
			visit(i, key)
		}
	}
	visit(n, key)
}

// urls emits what URLs carry by themselves.
func (r *varReader) urls(t Text, scope *Scope, c connection.Consumer) bool {
	return r.d.URLs(t, func(part Text) []Ref {
		ls := findLinks(blot(part.S))
		var out []Ref
		for _, ref := range r.text(part, "", scope, c).Refs {
			if ref.Weak && len(ls) == 1 && ls[0].HasUser && ref.At.Placed() && ref.At.Pos(0) < part.Pos(ls[0].hostAt) && ref.At.Pos(0) >= part.Pos(0) {
				ref.Weak = false
			}
			if !ref.Weak {
				out = append(out, ref)
			}
		}
		return out
	}, "url", c)
}

// privateImage emits the host of an image that not everybody can pull.
func (r *varReader) privateImage(t Text, v Value, c connection.Consumer) {
	host, space := ImageHost(v.Lit)
	if host == "" || v.Open && !strings.Contains(strings.SplitN(t.S, "/", 2)[0], ".") || publicRegistry(host) || Internal(host) {
		return
	}
	o := r.d.Occurrence(connection.Endpoint, "image", t)
	o.Endpoint, o.Account, o.Auth, o.Consumer = host, hostAccount(host, space), connection.None, c
	r.d.Emit(o)
}

// publicRegistry tells registries that serve everybody.
func publicRegistry(host string) bool {
	switch host {
	case dockerHub, "ghcr.io", "quay.io", "gcr.io", "mcr.microsoft.com", "public.ecr.aws", "registry.gitlab.com", "registry.access.redhat.com",
		"nvcr.io", "docker.elastic.co", "registry.k8s.io", "k8s.gcr.io", "cgr.dev", "registry.fedoraproject.org", "registry.opensuse.org", "lscr.io",
		"mirror.gcr.io", "registry.hub.docker.com", "us.gcr.io", "eu.gcr.io", "codeberg.org", "registry.redhat.io", "container-registry.oracle.com",
		"docker.pkg.github.com", "registry.suse.com", "docker.gitea.com", "xpkg.upbound.io", "codefresh.io", "r.j3ss.co", "docker.osgeo.org", "registry.freedesktop.org":
		return true
	}
	return false
}

// role is Document.role, for dialects of variables.
func (r *varReader) role(t Text, construct string, auth connection.Auth, c connection.Consumer) bool {
	return r.d.role(t, construct, auth, c)
}
