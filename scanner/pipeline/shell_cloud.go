package pipeline

import (
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// shellCommands are those with syntax of their own. Each gives what it prints, and
// false when it did not know the form.
var shellCommands map[string]func(*shCommand) (Value, bool)

func init() {
	shellCommands = map[string]func(*shCommand) (Value, bool){
		"aws": (*shCommand).aws, "gcloud": (*shCommand).gcloud, "gsutil": (*shCommand).plainLinks, "az": (*shCommand).az, "azd": (*shCommand).azd,
		"vault": (*shCommand).vault, "bao": (*shCommand).vault, "op": (*shCommand).op, "berglas": (*shCommand).berglas, "sops": (*shCommand).sops, "chamber": (*shCommand).chamber,
		"credhub": (*shCommand).storeCLI, "akeyless": (*shCommand).storeCLI, "bws": (*shCommand).storeCLI, "bw": (*shCommand).storeCLI, "esc": (*shCommand).storeCLI, "conjur": (*shCommand).storeCLI,
		"ksm": (*shCommand).storeCLI, "lpass": (*shCommand).storeCLI, "doppler": (*shCommand).storeCLI, "infisical": (*shCommand).storeCLI,
		"docker": (*shCommand).docker, "podman": (*shCommand).docker, "nerdctl": (*shCommand).docker, "buildah": (*shCommand).docker,
		"skopeo": (*shCommand).docker, "crane": (*shCommand).docker, "oras": (*shCommand).docker, "regctl": (*shCommand).docker, "ko": (*shCommand).docker,
		"ctr": (*shCommand).ctr, "crictl": (*shCommand).ctr, "helm": (*shCommand).helm, "cosign": (*shCommand).cosign, "kubectl": (*shCommand).kubectl,
		"npm": (*shCommand).npm, "pnpm": (*shCommand).npm, "yarn": (*shCommand).npm, "composer": (*shCommand).composer, "poetry": (*shCommand).poetry,
		"dotnet": (*shCommand).dotnet, "pip": (*shCommand).pip, "pip3": (*shCommand).pip, "python": (*shCommand).python, "python3": (*shCommand).python,
		"git": (*shCommand).git, "gh": (*shCommand).gh,
		"ssh": (*shCommand).ssh, "scp": (*shCommand).ssh, "sftp": (*shCommand).ssh, "rsync": (*shCommand).ssh, "sshpass": (*shCommand).sshpass, "ssh-add": (*shCommand).sshAdd,
		"curl": (*shCommand).curl, "wget": (*shCommand).curl, "http": (*shCommand).curl, "https": (*shCommand).curl,
		"Invoke-RestMethod": (*shCommand).curl, "Invoke-WebRequest": (*shCommand).curl, "iwr": (*shCommand).curl, "irm": (*shCommand).curl, "Get-AzKeyVaultSecret": (*shCommand).keyVault,
		"terraform": (*shCommand).terraform, "tofu": (*shCommand).terraform, "terragrunt": (*shCommand).terraform, "ansible-playbook": (*shCommand).ansible,
		"gpg": (*shCommand).gpg, "lftp": (*shCommand).lftp, "bash": (*shCommand).nested, "sh": (*shCommand).nested, "mvn": (*shCommand).java, "./mvnw": (*shCommand).java, "mvnw": (*shCommand).java,
		"gradle": (*shCommand).java, "gradlew": (*shCommand).java, "buildkite-agent": (*shCommand).buildkite, "heroku": (*shCommand).heroku,
	}
}

// nested reads the script of bash -c '…'.
func (c *shCommand) nested() (Value, bool) {
	w, ok := c.option("-c", "-lc", "-ec", "-exc", "-euxc")
	switch h := c.x.hdoc; {
	case ok:
		c.x.quoted(w, false)
	case h.text.Placed() && len(c.positional(1, "")) == 0:
		c.x.inner(h.text, h.off, false)
		return Value{}, true
	}
	return Value{}, ok
}

// quoted reads a word in quotes as a script of its own, remote for one that runs
// elsewhere. It is false for a word that is not one text in quotes.
func (x *shell) quoted(w shWord, remote bool) bool {
	if len(w.At.S) < 3 || w.At.at != nil && x.base.at == nil {
		return false
	}
	q := w.At.S[0]
	if q != '\'' && q != '"' || w.At.S[len(w.At.S)-1] != q {
		return false
	}
	body := w.At.Sub(1, len(w.At.S)-1)
	if !strings.Contains(strings.ReplaceAll(body.S, `\"`, ""), `\`) {
		x.inner(body, w.off+1, remote && q == '\'')
	}
	return true
}

// inner reads a script that stands at off of this one's src. The variables of a
// foreign one are those of where it runs.
func (x *shell) inner(t Text, off int, foreign bool) {
	defer func(s *Scope, unknown func(string, Text) Value) { x.scope, x.s.Unknown = s, unknown }(x.scope, x.s.Unknown)
	if foreign {
		x.scope, x.s.Unknown = &Scope{names: map[string]Value{}}, func(string, Text) Value { return Value{Open: true} }
	}
	x.parse(t, x.off+off, true)
}

// derived is a short-lived credential that a command printed.
func derived(auth connection.Auth) Value {
	return Value{Refs: []Ref{{Name: "derived", Derived: true, Auth: auth}}, Open: true}
}

// store emits the read of a stored secret and gives it as a value.
func (c *shCommand) store(provider, ref, endpoint string, at Text) (Value, bool) {
	o := Occurrence{Kind: connection.StoreRef, Construct: "run", Provider: provider, Endpoint: endpoint, Auth: connection.Ambient,
		Refs: []string{ref}, Role: connection.RoleSecret, Consumer: c.x.s.Consumer, Location: c.x.d.Location(at)}
	if provider != "" {
		o.ProviderFrom = connection.FromIntegration
	}
	o.Consumer.Action = c.Args[0].Lit()
	c.x.d.Emit(o)
	return Value{Refs: []Ref{{Name: ref, At: at, In: c.x.d}}, Open: true}, true
}

// orName is a word's text, or the name of what stands for it.
// keyVault reads Azure PowerShell's Get-AzKeyVaultSecret.
func (c *shCommand) keyVault() (Value, bool) {
	vault, _ := c.option("-VaultName")
	name, ok := c.option("-Name")
	if !ok {
		return c.store("azure", "azure-kv:"+orName(vault)+"/*", "", c.Args[0].At)
	}
	return c.store("azure", "azure-kv:"+orName(vault)+"/"+orName(name), "", name.At)
}

func orName(w shWord) string {
	if w.Known() {
		return w.Pat
	}
	if n := w.Value().Names(); len(n) > 0 {
		return w.Lit() + "$" + refName(n[0])
	}
	return strings.Trim(w.At.S, `"'`)
}

func (c *shCommand) aws() (Value, bool) {
	c.awsKeys()
	switch sub := c.sub(2); {
	case sub == "ecr get-login": // prints a whole docker login, for the shell to run
		c.use(Occurrence{Kind: connection.RegistryLogin, Provider: "aws", Auth: connection.Ambient}, c.Args[0].At, "", true)
		v := derived(connection.Ambient)
		v.Refs[0].Name = "aws:ecr"
		return v, true
	case strings.HasPrefix(sub, "ecr get-login"), strings.HasPrefix(sub, "ecr-public get-login"):
		v := derived(connection.Ambient)
		v.Refs[0].Name = "aws:ecr"
		return v, true
	case strings.HasPrefix(sub, "codeartifact "):
		if c.has("login", "get-authorization-token") {
			o := Occurrence{Kind: connection.RegistryLogin, Provider: "aws", Auth: connection.Ambient}
			w, _ := c.option("--domain")
			o.Principal = w.Lit()
			if w, ok := c.option("--domain-owner"); ok && w.Known() {
				o.Account = w.Pat
			}
			c.use(o, c.Args[0].At, "", true)
			return derived(connection.Ambient), true
		}
	case strings.HasPrefix(sub, "sts assume-role"):
		w, ok := c.option("--role-arn")
		if !ok {
			return Value{}, true
		}
		auth := connection.Ambient
		if strings.Contains(sub, "web-identity") {
			auth = connection.OIDC
		}
		c.awsRole(w, auth)
		return derived(auth), true
	case strings.HasPrefix(sub, "eks "):
		if w, ok := c.option("--role-arn"); ok {
			c.awsRole(w, connection.Ambient)
		}
	case sub == "secretsmanager get-secret-value":
		if w, ok := c.option("--secret-id"); ok {
			return c.store("aws", awsSecretRef(orName(w)), "", w.At)
		}
	case strings.HasPrefix(sub, "ssm get-parameter"):
		var out Value
		for _, w := range c.options("--name", "--names", "--path") {
			v, _ := c.store("aws", "aws-ssm:"+orName(w), "", w.At)
			out.Refs = append(out.Refs, v.Refs...)
		}
		out.Open = true
		return out, true
	}
	return Value{Open: true}, true
}

// awsRole emits a role that is taken on.
func (c *shCommand) awsRole(w shWord, auth connection.Auth) {
	o := Occurrence{Kind: connection.FederatedTrust, Provider: "aws", Auth: auth}
	if w.Known() {
		o.Principal = w.Pat
		_, o.Account, _ = byHost(w.Pat)
	}
	c.use(o, w.At, connection.RoleIdentity, true, w.Value())
}

// awsKeys emits the keys that aws takes from flags of configure set, or from
// the environment.
func (c *shCommand) awsKeys() {
	o := Occurrence{Kind: connection.SecretRef, Provider: "aws"}
	url := c.env("AWS_ENDPOINT_URL_S3")
	if url.Lit == "" {
		url = c.env("AWS_ENDPOINT_URL")
	}
	if w, ok := c.option("--endpoint-url"); ok {
		url = w.Value()
	}
	if host := NormalHost(url.Lit); host != "" { // it speaks S3, to somebody else
		o.Provider = hostProvider("x" + host)
		if !url.Open && len(url.Refs) == 0 && strings.IndexByte(host, '.') > 0 {
			o.Endpoint = host
		}
		c.use(o, Text{}, connection.RoleEndpoint, false, Value{Refs: url.Refs})
	}
	if strings.HasPrefix(c.sub(2), "configure set") {
		if c.has("region") || c.has("output") {
			return
		}
		for _, a := range c.Args[1:] {
			c.use(o, Text{}, connection.RoleSecret, false, a.Value())
		}
		return
	}
	for _, a := range c.Args[1:] { // a bucket's name that is kept as a secret
		if strings.HasPrefix(a.Pat, "s3://") {
			v := a.Value()
			v.Refs = slices.DeleteFunc(v.Refs, func(r Ref) bool { return r.Weak || !strings.Contains(r.Name, ":secret:") })
			c.use(o, Text{}, connection.RoleScope, false, v)
		}
	}
	o.Group = c.x.s.Group + "/aws"
	if o.Provider == "aws" { // unless the secret's own name says R2, Spaces, …
		for _, r := range c.env("AWS_SECRET_ACCESS_KEY").Refs {
			if p, sure, ok := byName(refName(r.Name)); ok && sure {
				o.Provider = p
			}
		}
	}
	c.use(o, Text{}, connection.RoleUsername, false, c.env("AWS_ACCESS_KEY_ID"))
	c.use(o, Text{}, connection.RoleSecret, false, c.env("AWS_SECRET_ACCESS_KEY"), c.env("AWS_SESSION_TOKEN"))
}

func (c *shCommand) gcloud() (Value, bool) {
	o := Occurrence{Kind: connection.SecretRef, Provider: "gcp"}
	if w, ok := c.option("--project"); ok && w.Known() {
		o.Account = w.Pat
	}
	switch sub := c.sub(3); {
	case strings.HasPrefix(sub, "auth activate-service-account"), strings.HasPrefix(sub, "auth login"):
		key, _ := c.option("--key-file", "--cred-file")
		v := key.Value()
		v.Refs = append(v.Refs, c.x.files[key.Pat].Refs...)
		v.Refs = append(v.Refs, c.In.Refs...)
		if p := c.positional(3, "--key-file --project --cred-file"); len(p) > 0 && p[0].Known() && strings.Contains(p[0].Pat, "@") {
			o.Principal = p[0].Pat
		}
		c.use(o, c.Args[0].At, connection.RoleSecret, len(v.Refs) == 0 && key.Pat != "", v)
		return Value{}, true
	case strings.HasPrefix(sub, "auth configure-docker"):
		host := "gcr.io"
		at := c.Args[0].At
		if p := c.positional(3, ""); len(p) > 0 && p[0].Known() {
			host, _, _ = strings.Cut(p[0].Pat, ",")
			at = p[0].At
		}
		c.use(Occurrence{Kind: connection.RegistryLogin, Provider: "gcp", Endpoint: NormalHost(host), Auth: connection.Ambient}, at, "", true)
		return Value{}, true
	case strings.HasPrefix(sub, "auth print-access-token"), strings.HasPrefix(sub, "auth print-identity-token"):
		return derived(connection.Ambient), true
	case strings.HasPrefix(sub, "secrets versions access"):
		s, ok := c.option("--secret")
		if !ok {
			return Value{}, true
		}
		ref := orName(s)
		if o.Account != "" && !strings.Contains(ref, "/") {
			ref = o.Account + "/" + ref
		}
		if p := c.positional(4, "--secret --project --format"); len(p) > 0 && p[0].Known() {
			ref += "@" + p[0].Pat
		}
		return c.store("gcp", "gcp-sm:"+ref, "", s.At)
	}
	if w, ok := c.option("--impersonate-service-account"); ok {
		o.Kind, o.Auth = connection.FederatedTrust, connection.Ambient
		if w.Known() {
			o.Principal = w.Pat
		}
		c.use(o, w.At, connection.RoleIdentity, true, w.Value())
	}
	return Value{Open: true}, true
}

// plainLinks reads a command for the URLs in its words only.
func (c *shCommand) plainLinks() (Value, bool) {
	for _, a := range c.Args[1:] {
		c.links(a)
	}
	return Value{Open: true}, true
}

func (c *shCommand) az() (Value, bool) {
	o := Occurrence{Kind: connection.SecretRef, Provider: "azure"}
	switch sub := c.sub(3); {
	case strings.HasPrefix(sub, "login"):
		return c.azLogin(o)
	case strings.HasPrefix(sub, "acr login"), strings.HasPrefix(sub, "acr build"), strings.HasPrefix(sub, "acr import"):
		if !strings.HasPrefix(sub, "acr login") {
			break
		}
		w, _ := c.option("-n", "--name")
		o.Kind, o.Auth = connection.RegistryLogin, connection.Ambient
		if w.Known() && w.Pat != "" {
			o.Endpoint = NormalHost(strings.TrimSuffix(w.Pat, ".azurecr.io") + ".azurecr.io")
		}
		pass, _ := c.option("-p", "--password")
		at := w.At
		if !at.Placed() {
			at = c.Args[0].At
		}
		c.use(o, at, connection.RoleSecret, true, pass.Value())
	case strings.HasPrefix(sub, "keyvault secret show"), strings.HasPrefix(sub, "keyvault secret download"):
		if id, ok := c.option("--id"); ok {
			return c.store("azure", "azure-kv:"+orName(id), "", id.At)
		}
		vault, _ := c.option("--vault-name")
		name, ok := c.option("-n", "--name")
		if ok {
			return c.store("azure", "azure-kv:"+orName(vault)+"/"+orName(name), "", name.At)
		}
	case strings.HasPrefix(sub, "account get-access-token"):
		return derived(connection.Ambient), true
	}
	for _, w := range c.options("--connection-string", "--account-key", "--sas-token", "--password", "-p") {
		c.use(o, Text{}, connection.RoleSecret, false, w.Value())
	}
	for _, a := range c.Args[1:] {
		c.links(a)
	}
	c.use(o, Text{}, connection.RoleSecret, false, c.env("AZURE_DEVOPS_EXT_PAT AZURE_STORAGE_CONNECTION_STRING AZURE_STORAGE_KEY AZURE_STORAGE_SAS_TOKEN"))
	return Value{Open: true}, true
}

func (c *shCommand) azLogin(o Occurrence) (Value, bool) {
	user, _ := c.option("-u", "--username")
	pass, _ := c.option("-p", "--password")
	tenant, _ := c.option("-t", "--tenant")
	token, federated := c.option("--federated-token")
	if user.Known() {
		o.Principal = user.Pat
	}
	if tenant.Known() {
		o.Account = tenant.Pat
	}
	switch {
	case federated:
		o.Kind, o.Auth = connection.FederatedTrust, connection.OIDC
		v := user.Value()
		v.Refs = append(v.Refs, tenant.Value().Refs...)
		c.use(o, c.Args[0].At, connection.RoleIdentity, true, v)
		_ = token
	case c.has("--identity", "-i"):
		o.Kind, o.Auth = connection.FederatedTrust, connection.Ambient
		c.use(o, c.Args[0].At, connection.RoleIdentity, true, user.Value())
	case pass.Pat != "":
		o.Auth = connection.Static
		c.use(o, c.Args[0].At, connection.RoleSecret, true, pass.Value())
		c.use(o, Text{}, connection.RoleUsername, false, user.Value(), tenant.Value())
	}
	return Value{}, true
}

// azd reads the login of Azure's developer CLI.
func (c *shCommand) azd() (Value, bool) {
	o := Occurrence{Kind: connection.SecretRef, Provider: "azure"}
	id, _ := c.option("--client-id")
	tenant, _ := c.option("--tenant-id")
	if c.sub(2) != "auth login" {
		return Value{Open: true}, true
	}
	if id.Known() {
		o.Principal = id.Pat
	}
	if tenant.Known() {
		o.Account = tenant.Pat
	}
	secret, static := c.option("--client-secret", "--client-certificate")
	switch _, federated := c.option("--federated-credential-provider"); {
	case federated, c.has("--managed-identity"):
		o.Kind, o.Auth = connection.FederatedTrust, connection.OIDC
		if !federated {
			o.Auth = connection.Ambient
		}
		v := id.Value()
		v.Refs = slices.Concat(v.Refs, tenant.Value().Refs)
		c.use(o, c.Args[0].At, connection.RoleIdentity, true, v)
	case static:
		o.Auth = connection.Static
		c.use(o, Text{}, connection.RoleSecret, false, secret.Value())
		c.use(o, Text{}, connection.RoleUsername, false, id.Value(), tenant.Value())
	}
	return Value{}, true
}

// buildkite reads the agent's own store and identity.
func (c *shCommand) buildkite() (Value, bool) {
	switch sub := c.sub(3); {
	case strings.HasPrefix(sub, "secret get"):
		if p := c.positional(3, ""); len(p) > 0 {
			ref := "buildkite:secret:" + orName(p[0])
			o := Occurrence{Kind: connection.SecretRef, Refs: []string{ref}, Auth: connection.Static}
			c.use(o, p[0].At, connection.RoleSecret, true)
			return Value{Refs: []Ref{{Name: ref, At: p[0].At, In: c.x.d}}, Open: true}, true
		}
	case strings.HasPrefix(sub, "oidc request-token"):
		w, _ := c.option("--audience")
		o := Occurrence{Kind: connection.FederatedTrust, Auth: connection.OIDC, Endpoint: NormalHost(w.Lit())}
		if !strings.Contains(o.Endpoint, ".") {
			o.Endpoint = ""
		}
		c.use(o, c.Args[0].At, "", true)
		return derived(connection.OIDC), true
	}
	return Value{Open: true}, true
}
