package pipeline

import (
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// What the columns of the integration table cannot say, one function for each action.

// ghAWS: a role without keys is assumed with the job's identity; with keys, or
// out of the credentials of a step before (role-chaining), it is not.
func ghAWS(s *ghStep, row *integration, t Text) {
	o := s.base(row)
	_, o.Account, _ = byHost(o.Principal)
	keys := false
	for _, n := range []string{"aws-access-key-id", "aws-secret-access-key", "aws-session-token"} {
		if v, ok := s.input(n); ok && !v.Empty() {
			role := connection.RoleSecret
			if n == "aws-access-key-id" {
				role = connection.RoleUsername
			}
			k := o
			k.Principal = ""
			keys = s.refs(k, v, role) || keys
		}
	}
	if !s.given("role-to-assume") {
		return
	}
	o.Kind, o.Auth = connection.FederatedTrust, connection.OIDC
	if keys || s.given("role-chaining") {
		o.Auth = connection.Static
		if s.given("role-chaining") {
			o.Auth = connection.Ambient
		}
		o.Group += "/role"
	}
	s.role(o, "role-to-assume", t)
}

// role emits a trust at the input that names its principal, once for each text
// that the input may be.
func (s *ghStep) role(o Occurrence, name string, t Text) {
	v, _ := s.input(name)
	if len(v.Alts) < 2 || len(v.Refs) > 0 {
		s.identities(o, name, t)
		return
	}
	for _, p := range v.Alts {
		r := o
		r.Principal, r.Group = p, o.Group+"/"+p
		_, r.Account, _ = byHost(p)
		s.at(r, v.At)
	}
}

// given tells whether an input has a value that may be true.
func (s *ghStep) given(name string) bool {
	v, ok := s.input(name)
	return ok && v.Lit != "false" && (!v.Empty() || v.Open)
}

// ghECR logs in to the registry of the account whose credentials are there.
func ghECR(s *ghStep, row *integration, t Text) {
	o := Occurrence{Kind: connection.RegistryLogin, Provider: "aws", Construct: "uses", Auth: connection.Ambient, Group: s.group}
	if v, ok := s.input("registry-type"); ok && v.Lit == "public" {
		o.Endpoint = "public.ecr.aws"
	}
	if v, ok := s.input("registries"); ok && !v.Open {
		o.Account = v.Lit
	}
	s.at(o, t)
}

// ghAWSSecrets: each line of secret-ids is a secret, with an alias before a comma.
func ghAWSSecrets(s *ghStep, row *integration, t Text) {
	v, _ := s.input("secret-ids")
	for _, l := range v.At.Lines() {
		l = l.Trim()
		if alias, id, ok := l.Cut(","); ok && !strings.Contains(alias.S, "/") {
			l = id.Trim()
		}
		if l.S == "" {
			continue
		}
		s.at(storeRef("aws", awsSecretRef(l.S), s.group), l)
	}
}

func storeRef(provider, ref, group string) Occurrence {
	return Occurrence{Kind: connection.StoreRef, Construct: "store", Provider: provider, ProviderFrom: connection.FromIntegration,
		Auth: connection.Ambient, Refs: []string{ref}, Role: connection.RoleSecret}
}

// awsSecretRef is the normal form of a Secrets Manager id or ARN (pipelines.md 1.4).
func awsSecretRef(id string) string {
	if p := strings.SplitN(id, ":", 7); len(p) == 7 && p[0] == "arn" {
		name, key, _ := strings.Cut(p[6], ":")
		if i := strings.LastIndexByte(name, '-'); i >= 0 && len(name)-i == 7 {
			name = name[:i]
		}
		key, _, _ = strings.Cut(key, ":")
		ref := "aws-sm:" + p[4] + ":" + p[3] + ":" + name
		if key != "" {
			ref += "#" + key
		}
		return ref
	}
	return "aws-sm:" + id
}

func ghGCP(s *ghStep, row *integration, t Text) {
	o := s.base(row)
	if v, ok := s.input("project_id"); ok && !v.Open {
		o.Account = v.Lit
	}
	if v, ok := s.input("credentials_json"); ok && s.refs(o, v, connection.RoleSecret) {
		s.users(o, "service_account project_id")
		return
	}
	if !s.given("workload_identity_provider") {
		return
	}
	o.Kind, o.Auth = connection.FederatedTrust, connection.OIDC
	pool, _ := s.input("workload_identity_provider")
	if sa, ok := s.input("service_account"); ok && !sa.Open {
		o.Principal = sa.Lit
	} else if !pool.Open {
		o.Principal = pool.Lit
	}
	if _, account, ok := byHost(o.Principal); ok && o.Account == "" {
		o.Account = account
	}
	if p := strings.Split(pool.Lit, "/"); o.Account == "" && len(p) > 1 && p[0] == "projects" {
		o.Account = p[1]
	}
	s.identities(o, "workload_identity_provider service_account", t)
	s.users(o, "project_id")
}

// ghGemini: a key, or an identity of Google Cloud.
func ghGemini(s *ghStep, row *integration, t Text) {
	s.credentials(row, t)
	if s.given("gcp_workload_identity_provider") {
		o := Occurrence{Kind: connection.FederatedTrust, Provider: "gcp", Construct: "uses", Group: s.group + "/gcp", Auth: connection.OIDC}
		s.identities(o, "gcp_workload_identity_provider gcp_service_account", t)
	}
}

// ghGCPSecrets: lines of output:project/name[/version].
func ghGCPSecrets(s *ghStep, row *integration, t Text) {
	s.credentials(row, t)
	v, _ := s.input("secrets")
	for _, l := range v.At.Lines() {
		if _, id, ok := l.Cut(":"); ok && id.Trim().S != "" {
			s.at(storeRef("gcp", "gcp-sm:"+gcpSecret(id.Trim().S), s.group), id.Trim())
		}
	}
}

// gcpSecret is P/S[@V] of projects/P/secrets/S/versions/V or P/S/V.
func gcpSecret(id string) string {
	var keep []string
	for p := range strings.SplitSeq(id, "/") {
		if p != "projects" && p != "secrets" && p != "versions" {
			keep = append(keep, p)
		}
	}
	if len(keep) == 3 {
		return keep[0] + "/" + keep[1] + "@" + keep[2]
	}
	return strings.Join(keep, "/")
}

func ghAzure(s *ghStep, row *integration, t Text) {
	o := s.base(row)
	if v, ok := s.input("creds"); ok && s.refs(o, v, connection.RoleSecret) {
		return
	}
	if v, ok := s.input("auth-type"); ok && v.Lit == "IDENTITY" {
		o.Auth, o.Kind = connection.Ambient, connection.FederatedTrust
		s.identities(o, "client-id tenant-id subscription-id", t)
		return
	}
	if !s.given("client-id") && !s.given("tenant-id") {
		return
	}
	o.Kind, o.Auth = connection.FederatedTrust, connection.OIDC
	if v, _ := s.input("client-id"); !v.Open {
		o.Principal = v.Lit
	}
	if v, _ := s.input("tenant-id"); !v.Open {
		o.Account = v.Lit
	}
	if v, _ := s.input("subscription-id"); !v.Open && v.Lit != "" {
		o.Account = strings.Trim(o.Account+"/"+v.Lit, "/")
	}
	s.identities(o, "client-id tenant-id subscription-id", t)
}

// ghLogin logs in to one registry, or to those of a registry-auth block.
func ghLogin(s *ghStep, row *integration, t Text) {
	if v, ok := s.input("registry-auth"); ok {
		for i, root := range s.d.ParseYAML(v.At) {
			for j, n := range root.Items() {
				e := s.eval(s.scope)
				s.login(row, e.text(n.Get("registry").Text()), e.text(n.Get("username").Text()), e.text(n.Get("password").Text()),
					s.group+"/"+string(rune('a'+i))+string(rune('a'+j%26)), n.Text())
			}
		}
		return
	}
	user, _ := s.input("username")
	pass, _ := s.input("password")
	s.login(row, s.first("registry login-server"), user, pass, s.group, t)
}

// ghOwnRegistry: logs in to GitHub's registry with the job token, unless ko is
// told another. Source: action.yml of ko-build/setup-ko, imjasonh/setup-crane.
func ghOwnRegistry(s *ghStep, row *integration, t Text) {
	if v, ok := s.scope.Lookup("KO_DOCKER_REPO"); ok && strings.Contains(strings.ToLower(s.Consumer.Action), "/setup-ko") && !strings.HasPrefix(v.Lit, "ghcr.io") {
		return
	}
	s.at(Occurrence{Kind: connection.RegistryLogin, Construct: "uses", Endpoint: "ghcr.io", Auth: connection.Ambient, Refs: []string{"github:job-token"}, Group: s.group}, t)
}

func (s *ghStep) login(row *integration, registry, user, pass Value, group string, t Text) {
	hosts := registry.Texts()
	if len(hosts) == 0 {
		hosts = []string{""}
		if !registry.Open && len(registry.Refs) == 0 {
			hosts = []string{dockerHub}
		}
	}
	for i, h := range hosts {
		o := Occurrence{Kind: connection.RegistryLogin, Construct: "registry", Endpoint: NormalHost(h), Group: group}
		if i > 0 {
			o.Group += "/" + o.Endpoint
		}
		if len(hosts) == 1 && registry.Open && !strings.Contains(o.Endpoint, ".") {
			o.Endpoint = ""
		}
		if _, path, ok := strings.Cut(strings.TrimPrefix(h, "https://"), "/"); ok {
			o.Account = hostAccount(o.Endpoint, path)
		}
		if !user.Open && len(user.Refs) == 0 {
			o.Principal = user.Lit
		}
		if o.Endpoint == "" {
			var names []string
			for _, n := range slices.Concat(user.Names(), pass.Names(), registry.Names()) {
				names = append(names, refName(n))
			}
			o.Provider, o.ProviderFrom = nameProvider(names...)
		}
		s.loginParts(o, registry, user, pass, t)
	}
}

func (s *ghStep) loginParts(o Occurrence, registry, user, pass Value, t Text) {
	told := s.refs(o, pass, connection.RoleSecret)
	s.secretRefs(o, user, connection.RoleUsername)
	s.secretRefs(o, registry, connection.RoleEndpoint)
	if told {
		return
	}
	switch {
	case pass.At.Placed() && (pass.Lit != "" || pass.Open):
		o.Auth = connection.Static
		if pass.Lit == "" {
			o.Auth = ""
		}
		s.at(o, pass.At)
	default: // the credentials of an earlier step, or a helper's
		o.Auth = connection.Ambient
		s.at(o, t)
	}
}

// ghKeyVault: names of secrets by commas.
func ghKeyVault(s *ghStep, row *integration, t Text) {
	var vault, v Value
	if in := s.named("keyvault", "keyvaultname", "vaultname"); in != nil {
		vault, in.taken = in.value, true
	}
	if in := s.named("secrets"); in != nil {
		v, in.taken = in.value, true
	}
	rest := v.At
	for rest.S != "" {
		one, more, _ := rest.Cut(",")
		if n := one.Trim(); n.S != "" {
			s.at(storeRef("azure", "azure-kv:"+vault.Lit+"/"+n.S, s.group), n)
		}
		rest = more
	}
}

// ghVault: a login to Vault, and a path for each line of secrets.
func ghVault(s *ghStep, row *integration, t Text) {
	o := Occurrence{Kind: connection.SecretRef, Provider: "vault", Construct: "uses", Group: s.group}
	addr := s.first("url VAULT_ADDR")
	o.Endpoint = NormalHost(addr.Lit)
	method, _ := s.input("method")
	role, _ := s.input("role")
	if !role.Open {
		o.Principal = role.Lit
	}
	given := false
	for n := range strings.FieldsSeq("token secretid password githubtoken jwtprivatekey clientkey") {
		if v, ok := s.input(n); ok {
			given = s.refs(o, v, connection.RoleSecret) || given
		}
	}
	if method.Lit == "jwt" && !s.given("jwtprivatekey") {
		o.Kind, o.Auth = connection.FederatedTrust, connection.OIDC
		s.identities(o, "role", t)
	} else if !given {
		o.Kind, o.Auth = connection.FederatedTrust, connection.Ambient
		s.at(o, t)
	}
	s.users(o, "url roleid role username namespace")
	v, _ := s.input("secrets")
	host := o.Endpoint
	if host == "" {
		host = "?"
	}
	for _, l := range v.At.Lines() {
		for rest := l; rest.S != ""; {
			one, more, _ := rest.Cut(";")
			rest = more
			f := one.Fields()
			if len(f) < 2 {
				continue
			}
			p := storeRef("vault", "vault:"+host+":"+vaultPath(f[0].S)+"#"+f[1].S, s.group)
			p.Endpoint = o.Endpoint
			s.at(p, f[0])
		}
	}
}

// vaultPath drops the data/ that the KV version 2 API puts behind the mount.
func vaultPath(p string) string {
	p = strings.Trim(p, "/")
	if mount, rest, ok := strings.Cut(p, "/"); ok {
		return mount + "/" + strings.TrimPrefix(rest, "data/")
	}
	return p
}

// gh1Password: each environment value op://… is a secret that is loaded.
func gh1Password(s *ghStep, row *integration, t Text) {
	s.credentials(row, t)
	for _, p := range s.node.Get("env").Pairs() {
		v := p.Value.Text()
		if ref, ok := strings.CutPrefix(v.S, "op://"); ok {
			s.at(storeRef("1password", opRef(ref), s.group), v)
		}
	}
}

// opRef is 1password:vault/item#field of what stands behind op://.
func opRef(path string) string {
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		return "1password:" + path[:i] + "#" + path[i+1:]
	}
	return "1password:" + path
}

// ghApp: the key of a GitHub App, with the owner and permissions of the token asked for.
func ghApp(s *ghStep, row *integration, t Text) {
	o := s.base(row)
	o.Auth = connection.App
	if v, ok := s.input("owner"); ok && !v.Open {
		o.Account = v.Lit
	}
	if v := s.first("app-id app_id application_id client-id"); !v.Open {
		o.Principal = v.Lit
	}
	for i := range s.with {
		if n, ok := strings.CutPrefix(s.with[i].name, "permission-"); ok {
			o.Scopes = append(o.Scopes, n+":"+s.with[i].value.Lit)
		}
	}
	slices.Sort(o.Scopes)
	given := false
	for n := range strings.FieldsSeq(row.cred) {
		if v, ok := s.input(n); ok {
			given = s.refs(o, v, connection.RoleSecret) || given
			if !given && (v.Open || v.Lit != "") { // out of a caller's input, or of a step
				s.at(o, v.At)
			}
		}
	}
	for n := range strings.FieldsSeq(row.id) {
		if v, ok := s.input(n); ok {
			s.secretRefs(o, v, connection.RoleIdentity)
		}
	}
}

// ghCheckout: a token or key for another repository, or for pushing.
func ghCheckout(s *ghStep, row *integration, t Text) {
	o := Occurrence{Kind: connection.SecretRef, Provider: "github", Construct: "checkout", Group: s.group}
	if v, ok := s.input("repository"); ok && !v.Open {
		o.Principal = v.Lit
		o.Account, _, _ = strings.Cut(v.Lit, "/")
	}
	if v, ok := s.input("token"); ok {
		s.refs(o, v, connection.RoleSecret)
	}
	if v, ok := s.input("ssh-key"); ok {
		o.Kind, o.Endpoint = connection.SSH, "github.com"
		s.refs(o, v, connection.RoleSecret)
	}
}

// ghCrossRepo: a token or key that reaches another repository.
func ghCrossRepo(s *ghStep, row *integration, t Text) {
	o := s.base(row)
	o.Account, _, _ = strings.Cut(o.Principal, "/")
	for n := range strings.FieldsSeq(row.cred) {
		v, ok := s.input(n)
		if !ok {
			continue
		}
		p := o
		if strings.Contains(strings.ToLower(n), "key") {
			p.Kind, p.Endpoint = connection.SSH, "github.com"
		}
		s.refs(p, v, connection.RoleSecret)
	}
	s.users(o, row.id)
}

// ghBuild: secrets that go into a build, by name=value lines.
func ghBuild(s *ghStep, row *integration, t Text) {
	e := s.eval(s.scope)
	for _, n := range []string{"secrets", "build-args", "secret-envs", "secret-files", "set", "github-token", "token"} {
		v, ok := s.input(n)
		if !ok {
			continue
		}
		if n == "github-token" || n == "token" {
			s.refs(Occurrence{Kind: connection.SecretRef, Construct: "build", Provider: providerIf(n == "github-token", "github")}, v, connection.RoleSecret)
			continue
		}
		for _, l := range v.At.Lines() {
			name, _, _ := l.Cut("=")
			name = name.Trim()
			for _, r := range e.text(l).Refs {
				o := Occurrence{Kind: connection.SecretRef, Construct: "build." + n}
				o.Provider, o.ProviderFrom = nameProvider(refName(r.Name), name.S)
				s.refs(o, Value{Refs: []Ref{r}}, connection.RoleSecret)
			}
		}
	}
}

func providerIf(ok bool, p string) string {
	if ok {
		return p
	}
	return ""
}

// ghSetupNode names the registry; the token stands in the environment of the
// step that publishes. A token of its own environment logs in here.
func ghSetupNode(s *ghStep, row *integration, t Text) {
	v, ok := s.input("registry-url")
	if !ok {
		return
	}
	o := s.base(row)
	o.Provider = ""
	if tok, ok := s.scope.Lookup("NODE_AUTH_TOKEN"); ok {
		s.refs(o, tok, connection.RoleSecret)
	}
	s.registry = NormalHost(v.Lit)
}

// ghSetupJava: inputs that name environment variables, and a signing key.
func ghSetupJava(s *ghStep, row *integration, t Text) {
	if v, ok := s.input("gpg-private-key"); ok {
		s.refs(Occurrence{Kind: connection.SecretRef, Provider: "gpg", Construct: "with", Group: s.group}, v, connection.RoleSecret)
	}
}
