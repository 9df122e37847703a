package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// Logins to registries, and publishing.

func (c *shCommand) docker() (Value, bool) {
	if !c.loginWord() {
		return c.imageCommand()
	}
	user, _ := c.option("-u", "--username")
	pass, _ := c.option("-p", "--password")
	p := c.afterLogin("-u --username -p --password --authfile --cert-dir -c --config")
	o := Occurrence{Kind: connection.RegistryLogin, Construct: "run", Endpoint: dockerHub}
	at := c.Args[0].At
	var host Value
	if len(p) > 0 {
		host = p[0].Value()
		at = p[0].At
		o.Endpoint = ""
		if t := host.Texts(); len(t) > 0 && (!host.Open || strings.Contains(t[0], ".")) {
			o.Endpoint = NormalHost(t[0])
			if _, path, ok := strings.Cut(strings.TrimPrefix(t[0], "https://"), "/"); ok {
				o.Account = hostAccount(o.Endpoint, path)
			}
		}
		if strings.Contains(o.Endpoint, "..") { // the region is not known either
			o.Provider, o.Endpoint = hostProvider("x"+strings.ReplaceAll(o.Endpoint, "..", ".x.")), ""
		}
		if strings.HasPrefix(o.Endpoint, ".") { // ${ACCOUNT}.dkr.ecr.…: the account is not known
			o.Provider = hostProvider("x" + o.Endpoint)
			o.Endpoint = strings.TrimPrefix(o.Endpoint, ".")
		}
	}
	if user.Known() {
		o.Principal = user.Pat
	}
	secret := Value{Refs: append(pass.Value().Refs, c.In.Refs...)}
	if o.Auth = refsAuth(secret, ""); o.Auth == "" && (pass.Pat != "" && pass.Known()) {
		o.Auth = connection.Static
	}
	for _, r := range secret.Refs {
		if r.Name == "aws:ecr" && o.Provider == "" {
			o.Provider = "aws"
		}
	}
	if len(host.Refs) == 0 && o.Endpoint == "" && o.Provider == "" && len(p) > 0 {
		o.Provider, _ = nameProvider(strings.Trim(p[0].At.S, `"'${}`))
	}
	c.use(o, at, connection.RoleSecret, true, secret)
	c.use(o, Text{}, connection.RoleUsername, false, user.Value())
	c.use(o, Text{}, connection.RoleEndpoint, false, Value{Refs: host.Refs})
	return Value{}, true
}

func hostProvider(host string) string {
	p, _, _ := byHost(host)
	return p
}

func (c *shCommand) loginWord() bool {
	sub := c.sub(2)
	return strings.HasPrefix(sub, "login") || sub == "auth login" || sub == "registry login"
}

// afterLogin gives the words behind login.
func (c *shCommand) afterLogin(takes string) []shWord {
	for i, a := range c.Args {
		if a.Pat == "login" {
			return c.positional(i+1, takes)
		}
	}
	return nil
}

// imageCommand reads the other commands of docker: credentials for one image, and
// secrets of a build.
func (c *shCommand) imageCommand() (Value, bool) {
	for _, f := range []string{"--src-creds", "--dest-creds", "--creds", "--src-registry-token", "--dest-registry-token"} {
		if w, ok := c.option(f); ok {
			o := Occurrence{Kind: connection.RegistryLogin}
			for _, p := range c.positional(2, f) {
				if image, ok := strings.CutPrefix(p.Pat, "docker://"); ok {
					o.Endpoint, _ = ImageHost(image)
				}
			}
			if o.Endpoint == "" {
				o.Endpoint = c.imageHost(f)
			}
			c.use(o, w.At, connection.RoleSecret, true, w.Value())
		}
	}
	for _, w := range c.options("--build-arg", "-e", "--env") {
		for _, r := range w.Value().Refs {
			k, _, _ := strings.Cut(w.Pat, "=")
			o := Occurrence{Kind: connection.SecretRef}
			o.Provider, o.ProviderFrom = nameProvider(refName(r.Name), k)
			c.use(o, Text{}, "", false, Value{Refs: []Ref{r}})
		}
	}
	for _, a := range c.Args[1:] {
		c.links(a)
	}
	return Value{Open: true}, true
}

// imageHost is the registry of the first image among the arguments, "" where
// none names one.
func (c *shCommand) imageHost(takes string) string {
	for _, p := range c.positional(2, takes) {
		texts := p.Value().Texts()
		if strings.HasPrefix(p.Pat, string(hole)) { // a name whose end is not known
			texts = append(texts, p.Vals[0].Lit)
		}
		for _, t := range texts {
			if host, _ := ImageHost(t); strings.Contains(host, ".") && host != dockerHub {
				return host
			}
		}
	}
	return ""
}

// ctr reads the clients of containerd and of the runtime interface, which take a
// login with the image: ctr images push -u user:token, crictl pull --creds.
func (c *shCommand) ctr() (Value, bool) {
	const takes = "-u --user --creds --auth -n --namespace -a --address -r --runtime-endpoint -i --image-endpoint --platform"
	if w, ok := c.option("-u", "--user", "--creds", "--auth"); ok && (c.has("push") || c.has("pull") || c.has("fetch")) {
		o := Occurrence{Kind: connection.RegistryLogin, Endpoint: c.imageHost(takes)}
		if user, _, ok := strings.Cut(w.Pat, ":"); ok && strings.IndexByte(user, hole) < 0 {
			o.Principal = user
		}
		c.use(o, w.At, connection.RoleSecret, true, w.Value())
	}
	return Value{Open: true}, true
}

func (c *shCommand) helm() (Value, bool) {
	if c.has("registry") && c.has("login") {
		return c.docker()
	}
	user, _ := c.option("--username")
	pass, ok := c.option("--password")
	if c.has("repo") && c.has("add") {
		o := Occurrence{Kind: connection.RegistryLogin}
		p := c.positional(3, "--username --password")
		at := c.Args[0].At
		if len(p) > 1 {
			o.Endpoint, at = linkHost(p[1]), p[1].At
		}
		if user.Known() {
			o.Principal = user.Pat
		}
		if ok {
			c.use(o, at, connection.RoleSecret, true, pass.Value())
			c.use(o, Text{}, connection.RoleUsername, false, user.Value())
		}
		for _, w := range p {
			c.links(w)
		}
		return Value{}, true
	}
	for _, w := range c.options("--set", "--set-string", "--set-file") {
		for _, r := range w.Value().Refs {
			k, _, _ := strings.Cut(w.Pat, "=")
			o := Occurrence{Kind: connection.SecretRef}
			o.Provider, o.ProviderFrom = nameProvider(refName(r.Name), k)
			c.use(o, Text{}, "", false, Value{Refs: []Ref{r}})
		}
	}
	return Value{Open: true}, true
}

// linkHost is the host of the first URL in a word.
func linkHost(w shWord) string {
	if ls := findLinks(w.Pat); len(ls) > 0 {
		return ls[0].Host
	}
	return ""
}

func (c *shCommand) cosign() (Value, bool) {
	if c.has("login") {
		return c.docker()
	}
	c.tool(tools["cosign"])
	if w, ok := c.option("--key", "-key"); ok {
		if name, ok := strings.CutPrefix(w.Pat, "env://"); ok {
			c.use(Occurrence{Kind: connection.SecretRef, Provider: "sigstore"}, Text{}, connection.RoleSecret, false, c.env(name))
		}
		for _, scheme := range []string{"awskms://", "gcpkms://", "azurekms://", "hashivault://"} {
			if strings.HasPrefix(w.Pat, scheme) {
				return c.store("", strings.TrimSuffix(scheme, "://")+":"+strings.TrimPrefix(orName(w), scheme), "", w.At)
			}
		}
	}
	return Value{}, true
}

func (c *shCommand) kubectl() (Value, bool) {
	o := Occurrence{Kind: connection.SecretRef, Provider: "kubernetes"}
	if w, ok := c.option("--server", "-s"); ok {
		o.Endpoint = linkHost(w)
	}
	if c.has("docker-registry") {
		host, ok := c.option("--docker-server")
		user, _ := c.option("--docker-username")
		pass, _ := c.option("--docker-password")
		o = Occurrence{Kind: connection.RegistryLogin, Endpoint: dockerHub}
		at := c.Args[0].At
		if ok {
			o.Endpoint, at = NormalHost(host.Lit()), host.At
		}
		if user.Known() {
			o.Principal = user.Pat
		}
		if hostProvider(o.Endpoint) == "" {
			for _, r := range pass.Value().Refs {
				if r.Name == "aws:ecr" {
					o.Provider = "aws"
				}
			}
		}
		c.use(o, at, connection.RoleSecret, true, pass.Value())
		c.use(o, Text{}, connection.RoleUsername, false, user.Value())
		return Value{}, true
	}
	if w, ok := c.option("--token"); ok {
		c.use(o, Text{}, connection.RoleSecret, false, w.Value())
	}
	for _, w := range c.options("--from-literal") {
		for _, r := range w.Value().Refs {
			k, _, _ := strings.Cut(w.Pat, "=")
			p := Occurrence{Kind: connection.SecretRef}
			p.Provider, p.ProviderFrom = nameProvider(refName(r.Name), k)
			c.use(p, Text{}, "", false, Value{Refs: []Ref{r}})
		}
	}
	return Value{Open: true}, true
}

// npm reads npm, pnpm and yarn: publishing, and tokens set in their configuration.
func (c *shCommand) npm() (Value, bool) {
	if c.has("config", "set") {
		for _, a := range c.Args[1:] {
			i := strings.Index(a.Pat, "//")
			if j := strings.Index(a.Pat, "/:_"); i >= 0 && j > i {
				o := Occurrence{Kind: connection.RegistryLogin, Endpoint: NormalHost(a.Pat[i+2 : j])}
				vals := []Value{a.Value()}
				for _, b := range c.Args[1:] {
					vals = append(vals, b.Value())
				}
				c.use(o, a.At, connection.RoleSecret, true, vals...)
				return Value{}, true
			}
			if strings.HasPrefix(a.Pat, "npmAuthToken") || strings.HasPrefix(a.Pat, "_authToken") || strings.HasPrefix(a.Pat, "npmAuthIdent") {
				o := Occurrence{Kind: connection.RegistryLogin, Provider: "npm", Endpoint: "registry.npmjs.org"}
				for _, b := range c.Args[1:] {
					c.use(o, Text{}, connection.RoleSecret, false, b.Value())
				}
				return Value{}, true
			}
		}
	}
	if host := c.x.s.Registry; !c.has("publish") && host != "" { // packages come from there, too
		if v := c.env("NODE_AUTH_TOKEN"); len(v.Refs) > 0 {
			c.use(Occurrence{Kind: connection.RegistryLogin, Endpoint: host}, Text{}, connection.RoleSecret, false, v)
		}
	}
	if !c.has("publish") || c.has("--dry-run") {
		return Value{}, false
	}
	v := c.env("NODE_AUTH_TOKEN NPM_TOKEN NPM_CONFIG_TOKEN YARN_NPM_AUTH_TOKEN NPM_AUTH_TOKEN")
	host := c.x.s.Registry
	if w, ok := c.option("--registry"); ok && linkHost(w) != "" {
		host = linkHost(w)
	}
	if host != "" && host != "registry.npmjs.org" {
		c.use(Occurrence{Kind: connection.RegistryLogin, Endpoint: host}, c.Args[0].At, connection.RoleSecret, false, v)
		return Value{}, true
	}
	if c.x.s.OIDC && v.Empty() && !c.x.hasToken(".npmrc") {
		o := Occurrence{Kind: connection.FederatedTrust, Provider: "npm", Auth: connection.OIDC, Endpoint: "registry.npmjs.org"}
		c.use(o, c.Args[0].At, "", true)
		return Value{}, true
	}
	return Value{}, false
}

// hasToken tells whether the script wrote a credential into a file of that name.
func (x *shell) hasToken(base string) bool {
	for f, v := range x.files {
		if strings.HasSuffix(f, base) && len(v.Refs) > 0 {
			return true
		}
	}
	return false
}

func (c *shCommand) composer() (Value, bool) {
	for i, a := range c.Args {
		for _, kind := range []string{"http-basic", "github-oauth", "gitlab-token", "bearer", "gitlab-oauth", "bitbucket-oauth"} {
			rest, ok := strings.CutPrefix(a.Pat, kind+".")
			if !ok {
				continue
			}
			o := Occurrence{Kind: connection.RegistryLogin, Endpoint: NormalHost(rest)}
			var vals []Value
			for _, b := range c.Args[i+1:] {
				vals = append(vals, b.Value())
			}
			c.use(o, a.At, connection.RoleSecret, true, vals...)
			return Value{}, true
		}
	}
	return Value{}, false
}

func (c *shCommand) poetry() (Value, bool) {
	for i, a := range c.Args {
		if strings.HasPrefix(a.Pat, "pypi-token.") || strings.HasPrefix(a.Pat, "http-basic.") {
			o := Occurrence{Kind: connection.RegistryLogin}
			if strings.HasSuffix(a.Pat, ".pypi") {
				o.Provider, o.Endpoint = "pypi", "pypi.org"
			}
			var vals []Value
			for _, b := range c.Args[i+1:] {
				vals = append(vals, b.Value())
			}
			c.use(o, a.At, connection.RoleSecret, true, vals...)
			return Value{}, true
		}
	}
	return Value{}, false
}

func (c *shCommand) dotnet() (Value, bool) {
	key, ok := c.option("-k", "--api-key", "-p", "--password")
	src, _ := c.option("-s", "--source")
	o := Occurrence{Kind: connection.SecretRef, Provider: "nuget", Endpoint: linkHost(src)}
	if o.Endpoint != "" && o.Endpoint != "api.nuget.org" && o.Endpoint != "www.nuget.org" {
		o.Provider = ""
	}
	if c.has("source") && c.has("add") {
		o.Kind = connection.RegistryLogin
		for _, p := range c.positional(4, "-n --name -u --username -p --password") {
			if h := linkHost(p); h != "" {
				o.Endpoint, o.Provider = h, ""
			}
		}
	}
	if ok && c.has("nuget") {
		c.use(o, Text{}, connection.RoleSecret, false, key.Value())
	}
	if c.has("sonarscanner") || strings.Contains(c.sub(1), "sonarscanner") {
		for _, a := range c.Args[1:] {
			if strings.Contains(strings.ToLower(a.Pat), "sonar.token=") || strings.Contains(strings.ToLower(a.Pat), "sonar.login=") {
				c.use(Occurrence{Kind: connection.SecretRef, Provider: "sonar"}, Text{}, connection.RoleSecret, false, a.Value())
			}
		}
	}
	return Value{}, true
}

// pip reads indexes with credentials.
func (c *shCommand) pip() (Value, bool) {
	for _, a := range c.Args[1:] {
		c.links(a)
	}
	return Value{}, true
}

// python reads python -m twine and its like as the command itself.
func (c *shCommand) python() (Value, bool) {
	for i, a := range c.Args {
		if a.Pat == "-m" && i+1 < len(c.Args) {
			c.Args = c.Args[i+1:]
			return c.run(), true
		}
	}
	return Value{}, false
}

// heroku reads Heroku's own command, which logs in to its registry by itself.
func (c *shCommand) heroku() (Value, bool) {
	if s := c.sub(1); s != "container:login" && s != "container:push" {
		c.tool(tools["heroku"])
		return Value{Open: true}, true
	}
	o := Occurrence{Kind: connection.RegistryLogin, Provider: "heroku", Endpoint: "registry.heroku.com"}
	c.use(o, c.Args[0].At, connection.RoleSecret, true, c.env("HEROKU_API_KEY"))
	return Value{}, true
}

// java reads mvn and gradle: deploying, and properties that carry credentials.
func (c *shCommand) java() (Value, bool) {
	publishes := false
	for _, a := range c.Args[1:] {
		l := strings.ToLower(a.Pat)
		if host := linkHost(a); host != "" && strings.HasPrefix(l, "-dalt") && strings.Contains(l, "deploymentrepository=") {
			c.use(Occurrence{Kind: connection.RegistryLogin, Endpoint: host}, a.At, connection.RoleEndpoint, true)
		}
		publishes = publishes || strings.Contains(l, "deploy") || strings.Contains(l, "publish") || strings.Contains(l, "release")
		provider := ""
		switch {
		case strings.Contains(l, "sonar.token="), strings.Contains(l, "sonar.login="), strings.Contains(l, "sonar.password="):
			provider = "sonar"
		case strings.Contains(l, "gpg.passphrase"), strings.Contains(l, "signing"):
			provider = "gpg"
		}
		if provider == "sonar" {
			c.inPlain(Occurrence{Provider: provider}, a)
		}
		for _, r := range a.Value().Refs {
			k, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(a.Pat, "-D"), "-P"), "=")
			o := Occurrence{Kind: connection.SecretRef, Provider: provider}
			if provider == "" {
				o.Provider, o.ProviderFrom = nameProvider(refName(r.Name), k)
			}
			o.Group = c.group + "/" + o.Provider      // one build takes from several
			if provider == "sonar" || SecretName(k) { // the property says what the variable's name does not
				r.Weak = false
			}
			c.use(o, Text{}, "", false, Value{Refs: []Ref{r}})
		}
	}
	if c.has("sonar:sonar", "sonar", "sonarqube") || strings.Contains(c.sub(9), "sonar") {
		c.use(Occurrence{Kind: connection.SecretRef, Provider: "sonar"}, Text{}, connection.RoleSecret, false, c.env("SONAR_TOKEN"))
	}
	return Value{}, true
}
