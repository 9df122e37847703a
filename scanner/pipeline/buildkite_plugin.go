package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// plugin reads a plugin of a step by its name: org/name#version.
func (f *buildkiteFile) plugin(key, n *Node, scope *Scope, c connection.Consumer) {
	c.Action = key.String()
	name, _, _ := strings.Cut(strings.ToLower(key.String()), "#")
	name = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "ssh://git@github.com/"), "https://github.com/"), ".git")
	name = strings.TrimSuffix(name[strings.LastIndexByte(name, '/')+1:], "-buildkite-plugin")
	at := func(k string) *Node {
		if v := n.Get(k); v != nil {
			return v
		}
		return key
	}
	emit := func(kind connection.Kind, provider, construct string, at *Node, change func(*Occurrence)) {
		o := f.d.Occurrence(kind, construct, at.Text())
		o.Provider, o.Consumer, o.Role = provider, c, connection.RoleSecret
		if change != nil {
			change(&o)
		}
		f.d.Emit(o)
	}
	switch name {
	case "aws-assume-role-with-web-identity", "aws-assume-role":
		arn := n.Get("role-arn")
		if arn == nil {
			arn = n.Get("role_arn")
		}
		f.assume(arn, n.Get("role"), name, scope, c)
		return
	case "gcp-workload-identity-federation":
		emit(connection.FederatedTrust, "gcp", name, at("audience"), func(o *Occurrence) {
			o.Auth, o.Principal = connection.OIDC, n.Get("service-account").String()
			_, rest, _ := strings.Cut(n.Get("audience").String(), "projects/")
			o.Account, _, _ = strings.Cut(rest, "/")
		})
		return
	case "ecr":
		if n.Get("account_ids") != nil {
			ids := n.Get("account_ids")
			at = func(string) *Node { return ids }
		}
		for _, k := range []string{"assume-role", "assume_role"} {
			for _, a := range []string{"role-arn", "role_arn"} {
				f.assume(n.Get(k, a), nil, name, scope, c)
			}
		}
		ids := at("account-ids").List()
		if len(ids) == 0 {
			ids = []*Node{key}
		}
		for _, id := range ids {
			emit(connection.RegistryLogin, "aws", name, id, func(o *Occurrence) {
				o.Auth, o.Role = connection.Ambient, ""
				if id != key && !strings.Contains(id.String(), "$") {
					o.Account = strings.Trim(id.String(), `"`)
				}
			})
		}
		return
	case "aws-sm", "aws-secrets-manager":
		f.storePaths(n, func(s, k string) string { return fragment(awsSecretRef(s), k) }, "aws", c)
		return
	case "aws-ssm":
		f.storePaths(n, func(s, _ string) string { return "aws-ssm:" + s }, "aws", c)
		return
	case "gcp-secret-manager":
		f.storePaths(n, func(s, _ string) string { return "gcp-sm:" + s }, "gcp", c)
		return
	case "vault-secrets", "vault-docker-login", "vault-github-token", "vault-env":
		f.vault(name, key, n, scope, c)
		return
	case "s3-secrets", "elastic-ci-stack-s3-secrets-hooks":
		emit(connection.StoreRef, "aws", name, key, func(o *Occurrence) { o.Auth = connection.Ambient })
		return
	case "docker-login":
		f.dockerLogin(key, n, scope, c)
		return
	case "docker", "docker-compose":
		f.container(n, scope, c)
		return
	case "publish-to-packages":
		emit(connection.FederatedTrust, "buildkite", name, at("registry"), func(o *Occurrence) { o.Auth, o.Principal, o.Role = connection.OIDC, n.Get("registry").String(), "" })
		return
	case "test-collector":
		emit(connection.SecretRef, "buildkite", name, at("api-token-env-name"), func(o *Occurrence) {
			o.Auth = connection.Static
			env := n.Get("api-token-env-name").String()
			if env == "" {
				env = "BUILDKITE_ANALYTICS_TOKEN"
			}
			o.Refs = []string{f.store + env}
		})
		return
	}
	provider, _, kind := findPlugin(name)
	if p := identityPlugin(name); p != "" && n.Get("role-arn") == nil {
		emit(connection.FederatedTrust, p, name, key, func(o *Occurrence) {
			o.Auth, o.Role = connection.OIDC, connection.RoleIdentity
			for _, k := range []string{"project-number", "project-id", "account-id", "tenant-id"} {
				if o.Account == "" && !strings.Contains(n.Get(k).String(), "$") {
					o.Account = n.Get(k).String()
				}
			}
		})
	}
	base := Occurrence{Kind: connection.SecretRef, Provider: provider, Consumer: c, Group: c.Job + "/" + name}
	if kind != "" {
		base.Kind = kind
	}
	f.settings(n, base, scope, 0)
}

// identityPlugin is the cloud that a plugin logs in to with the job's own
// identity, by its name: oblt-google-auth, aws-oidc.
func identityPlugin(name string) string {
	p, sure, ok := byName(name)
	if !ok || !sure || p != "aws" && p != "gcp" && p != "azure" {
		return ""
	}
	for _, w := range nameWords(name) {
		switch w {
		case "auth", "oidc", "login", "assume", "identity", "federation":
			return p
		}
	}
	return ""
}

// buildSecret reads a secret that a build of an image takes: id=npm,src=.npmrc.
func (f *buildkiteFile) buildSecret(n *Node, c connection.Consumer) {
	t := n.Text()
	rest, ok := strings.CutPrefix(t.S, "id=")
	if !ok || strings.Contains(t.S, "$") {
		return
	}
	id, opts, _ := strings.Cut(rest, ",")
	ref := "docker:secret:" + id
	for o := range strings.SplitSeq(opts, ",") {
		if env, ok := strings.CutPrefix(o, "env="); ok {
			ref = f.store + env
		}
	}
	o := Occurrence{Kind: connection.SecretRef, Construct: "secrets", Role: connection.RoleSecret, Consumer: c}
	f.d.EmitRefs(o, Value{Refs: []Ref{{Name: ref, At: t, In: f.d}}}, nil)
}

// settings reads the keys of a plugin: values with variables, and names of
// variables in keys that end in env.
func (f *buildkiteFile) settings(n *Node, base Occurrence, scope *Scope, depth int) {
	if depth > maxBinding || !f.d.descend() {
		return
	}
	for _, i := range n.Items() {
		f.settings(i, base, scope, depth+1)
		f.passed(i, base.Consumer)
		f.buildSecret(i, base.Consumer)
	}
	for _, p := range n.Pairs() {
		key, t := p.Key.Value, p.Value.Text()
		k := strings.ToLower(strings.ReplaceAll(key, "_", "-"))
		switch {
		case key == "secretKeyRef" || key == "secretRef" || key == "secretName" || key == "imagePullSecrets":
			f.kubernetes(key, p.Value, base.Consumer)
		case !p.Value.Is(ScalarNode):
			f.settings(p.Value, base, scope, depth+1)
		case strings.HasSuffix(k, "role-arn"):
			f.assume(p.Value, nil, key, scope, base.Consumer)
		case (strings.HasSuffix(k, "-env") || strings.HasSuffix(k, "-env-name") || strings.HasSuffix(k, "env-var") || k == "env" && credentialName(t.S)) && !strings.HasPrefix(k, "publish-") && isName(t.S):
			o := base
			o.Role = connection.RoleSecret
			f.d.EmitRefs(o, Value{Refs: []Ref{{Name: f.store + t.S, At: t, In: f.d}}}, nil)
		case key == "secrets" && strings.HasPrefix(t.S, "id="):
			f.buildSecret(p.Value, base.Consumer)
		case f.value(base, key, p.Value, scope):
		default:
			f.stored(key, p.Value, base.Consumer)
			f.sweep(p.Value, key, scope, base.Consumer)
		}
	}
}

// kubernetes reads secrets of the cluster that a step's pod takes.
func (f *buildkiteFile) kubernetes(key string, n *Node, c connection.Consumer) {
	for _, i := range n.List() {
		name := i
		if i.Is(MapNode) {
			name = i.Get("name")
		}
		if name.String() == "" {
			continue
		}
		o := f.d.Occurrence(connection.StoreRef, key, name.Text())
		o.Provider, o.Auth, o.Role, o.Consumer = "kubernetes", connection.Ambient, connection.RoleSecret, c
		o.Refs = []string{fragment("k8s:?/"+name.String(), i.Get("key").String())}
		f.d.Emit(o)
	}
}

// assume emits the role that a plugin takes on.
func (f *buildkiteFile) assume(arn, role *Node, construct string, scope *Scope, c connection.Consumer) {
	n := arn
	if n == nil {
		n = role
	}
	auth := connection.OIDC
	if construct == "aws-assume-role" {
		auth = connection.Ambient
	}
	if n.String() == "" || f.role(n.Text(), construct, auth, c) {
		return
	}
	o := f.d.Occurrence(connection.FederatedTrust, construct, n.Text())
	o.Provider, o.Auth, o.Role, o.Consumer = "aws", auth, connection.RoleIdentity, c
	if v := f.text(n.Text(), "role-arn", scope, c); len(v.Refs) == 0 || !f.d.EmitRefs(o, v, nil) {
		f.d.Emit(o)
	}
}

// storePaths reads plugins that put secrets of a store into variables or files.
func (f *buildkiteFile) storePaths(n *Node, ref func(id, key string) string, provider string, c connection.Consumer) {
	one := func(v *Node) {
		id, key := v, ""
		if v.Is(MapNode) {
			id, key = v.Get("secret-id"), v.Get("json-key").String()
		}
		if id.String() == "" {
			return
		}
		o := f.d.Occurrence(connection.StoreRef, "plugin", id.Text())
		o.Provider, o.Auth, o.Role, o.Consumer, o.Refs = provider, connection.Ambient, connection.RoleSecret, c, []string{ref(id.String(), key)}
		f.d.Emit(o)
	}
	for _, group := range []string{"env", "parameters", "secrets", "json-to-env"} {
		g := n.Get(group)
		for _, p := range g.Pairs() {
			one(p.Value)
		}
		for _, i := range g.Items() {
			one(i)
		}
	}
	for _, i := range n.Get("file").Items() {
		one(i)
	}
}

// vault reads the plugins that read secrets of Vault.
func (f *buildkiteFile) vault(name string, key, n *Node, scope *Scope, c connection.Consumer) {
	where := NormalHost(n.Get("server").String())
	o := f.d.Occurrence(connection.StoreRef, name, key.Text())
	o.Provider, o.Auth, o.Role, o.Consumer = "vault", connection.Ambient, connection.RoleSecret, c
	if o.Endpoint = where; where == "" || strings.Contains(where, "$") {
		o.Endpoint, where = "", "?"
	}
	paths := n.Get("path").List()
	if p := n.Get("secret_path"); p != nil {
		paths = append(paths, p)
	}
	for _, p := range paths {
		if p.Is(MapNode) {
			p = p.Get("path")
		}
		q := o
		q.Location = f.d.Location(p.Text())
		q.Refs = []string{fragment("vault:"+where+":"+vaultPath(p.String()), n.Get("field").String())}
		if name == "vault-docker-login" {
			q.Construct = "docker-login"
		}
		f.d.Emit(q)
	}
	if len(paths) == 0 {
		f.d.Emit(o)
	}
	f.sweep(n.Get("auth"), "", scope, c)
}

// dockerLogin reads logins to a registry.
func (f *buildkiteFile) dockerLogin(key, n *Node, scope *Scope, c connection.Consumer) {
	logins := []*Node{n}
	if n.Get("logins") != nil {
		logins = n.Get("logins").Items()
	}
	for _, l := range logins {
		o := f.d.Occurrence(connection.RegistryLogin, "docker-login", key.Text())
		o.Auth, o.Consumer, o.Endpoint = connection.Static, c, dockerHub
		if s := l.Get("server").String(); s != "" {
			if o.Endpoint = NormalHost(s); strings.Contains(s, "$") {
				o.Endpoint = ""
			}
		}
		user := f.text(l.Get("username").Text(), "username", scope, c)
		if len(user.Refs) == 0 {
			o.Principal = user.Lit
		}
		o.Role = connection.RoleSecret
		env := l.Get("password-env")
		if env.String() == "" { // the variable that the plugin reads by default
			o.Refs = []string{f.store + "DOCKER_LOGIN_PASSWORD"}
			f.d.Emit(o)
			continue
		}
		f.d.EmitRefs(o, Value{Refs: []Ref{{Name: f.store + env.String(), At: env.Text(), In: f.d}}}, nil)
	}
}

// container reads the plugins that run a step in a container: variables that
// are passed on by name, the image.
func (f *buildkiteFile) container(n *Node, scope *Scope, c connection.Consumer) {
	for _, key := range []string{"environment", "env", "args", "secrets", "volumes", "command", "build-args"} {
		for _, i := range n.Get(key).List() {
			f.passed(i, c)
			if key == "secrets" {
				f.buildSecret(i, c)
			}
			f.sweep(i, key, scope, c)
		}
	}
	if image := n.Get("image"); image.String() != "" {
		f.privateImage(image.Text(), f.text(image.Text(), "image", scope, c), c)
	}
}

// passed reads the bare name of a variable that goes into a container.
func (f *buildkiteFile) passed(n *Node, c connection.Consumer) {
	t := n.Text()
	if isName(t.S) && strings.ToUpper(t.S) == t.S && credentialName(t.S) {
		f.mention(Ref{Name: f.store + t.S, At: t, In: f.d}, "environment", c)
	}
}
