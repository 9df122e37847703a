package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// teamCityBlocks tells whom a block of the DSL reaches. The first match by what
// the name contains, in lower case, counts.
var teamCityBlocks = []struct{ part, provider string }{
	{"dockerregistry", ""}, {"docker", ""}, {"awsconnection", "aws"}, {"provideaws", "aws"}, {"amazon", "aws"}, {"s3", "aws"}, {"aws", "aws"}, {"ecr", "aws"},
	{"github", "github"}, {"gitlab", "gitlab"}, {"bitbucket", "bitbucket"}, {"vststfs", "azure-devops"}, {"azuredevops", "azure-devops"}, {"azure", "azure"}, {"gitea", "gitea"},
	{"google", "gcp"}, {"gcp", "gcp"}, {"slack", "slack"}, {"youtrack", "youtrack"}, {"jira", "atlassian"}, {"space", "jetbrains"}, {"upsource", "jetbrains"},
	{"hashicorpvault", "vault"}, {"vault", "vault"}, {"kubernetes", "kubernetes"}, {"nuget", "nuget"}, {"npm", "npm"}, {"sonar", "sonar"}, {"perforce", "perforce"}, {"swarm", "perforce"}, {"bugzilla", "bugzilla"},
	{"ssh", "ssh"}, {"ftp", "ftp"}, {"octopus", "octopus"}, {"artifactory", "jfrog"}, {"gerrit", "gerrit"}, {"deployhq", ""},
}

// teamCityNamed tells the keys whose value names an object that hides a credential.
var teamCityNamed = map[string]string{"dockerRegistryId": "", "awsConnectionId": "aws", "connectionId": "", "connection": "", "awsConnection": "aws", "cloudProfileId": "",
	"uploadedKey": "ssh", "teamcitySshKey": "ssh", "sshKey": "ssh", "tokenId": "", "vaultId": "vault", "loginToRegistry": "", "npmRegistryId": "npm", "login2registry": "",
	"kubernetesConnectionId": "kubernetes", "sonarServer": "sonar", "nugetConnectionId": "nuget", "vcsRootToken": "", "oauthProviderId": ""}

// place fills in whom the blocks round an occurrence reach: host, provider, user.
func (f *tcFile) place(o *Occurrence) {
	url := f.near("url", "serverUrl", "feedUrl", "host", "targetUrl", "githubUrl", "gitlabApiUrl", "vaultUrl", "apiServerURL", "server", "serverUri", "stashURL", "publisherUrl", "endpoint", "repositoryUrl", "projectsUrl", "awsEndpoint")
	f.host(o, url.S)
	_, _, known := byHost(o.Endpoint)
	for i := len(f.frames) - 1; i >= 0 && o.Provider == "" && !known; i-- {
		o.Provider = teamCityProvider(f.frames[i].Name)
	}
	if o.Endpoint == "" && o.Provider == "" {
		o.Provider = teamCityProvider(f.near("providerType", "publisherId", "cloud-code", "type").S)
	}
	if o.Endpoint == "" && o.Provider == "" && f.word("dockerRegistry") != "" {
		o.Endpoint = dockerHub
	}
	if u := f.near("userName", "username", "user", "authUsername", "accessKeyId", "accessKeyID", "awsRoleArn"); u.S != "" && !strings.Contains(u.S, "%") && o.Principal == "" && o.Kind != connection.ServiceConnection {
		o.Principal = u.S
	}
	if o.Kind == connection.SSH && o.Provider == "" && !known {
		o.Provider = "ssh"
	}
}

func teamCityProvider(block string) string {
	l := strings.ToLower(block)
	if l == "arm" { // the code of the cloud plugin for Azure
		return "azure"
	}
	for _, b := range teamCityBlocks {
		if l != "" && strings.Contains(l, b.part) {
			return b.provider
		}
	}
	return ""
}

// host takes the host of a URL, of git@host:path, of host/path.
func (f *tcFile) host(o *Occurrence, url string) {
	if url == "" || strings.HasPrefix(url, "%") {
		return
	}
	rest := url
	if _, after, ok := strings.Cut(url, "://"); ok {
		rest = after
	}
	if i := strings.IndexByte(rest, '@'); i >= 0 && !strings.Contains(rest[:i], "/") {
		rest = rest[i+1:]
	}
	host := rest
	if i := strings.IndexAny(rest, "/:"); i >= 0 {
		host = rest[:i]
		if p := strings.TrimLeft(rest[i+1:], "0123456789"); rest[i] == ':' && (p == "" || p[0] == '/') && len(p) < len(rest[i+1:]) {
			host = rest[:len(rest)-len(p)]
		}
		rest = rest[min(len(rest), i+1):]
	}
	if !strings.Contains(host, ".") || strings.ContainsAny(host, "%$ ") {
		return
	}
	o.Endpoint = NormalHost(host)
	if rest != host {
		o.Account = hostAccount(o.Endpoint, rest)
	}
}

// value reads a string under a key.
func (f *tcFile) value(key string, t Text, c connection.Consumer) {
	plain := strings.TrimPrefix(key, "secure:")
	switch {
	case strings.HasPrefix(t.S, "credentialsJSON:") || strings.HasPrefix(t.S, "tc_token_id:") || strings.HasPrefix(t.S, "zxx") && (plain != key || SecretName(key)) || scrambled(t.S):
		f.credential(t, c)
	case strings.HasPrefix(t.S, "arn:aws") && strings.Contains(t.S, ":role/"):
		f.role(t, key, connection.Ambient, c)
	case f.word("dependencies", "artifacts", "triggers") != "":
	case key == "key" && f.word("sshUpload", "sshExec", "sshAgent") != "" && t.S != "":
		f.named("uploadedKey", t, c)
	case isNamed(key) && !strings.Contains(t.S, "%"):
		f.named(key, t, c)
	case key == "scriptContent" || key == "content" || key == "script.content" || key == "commands" || key == "command" && f.word("sshExec") != "":
		f.run(t, c)
	default:
		f.parameters(plain, t, c)
	}
}

// scrambled tells a value that the server wrote in its old way, under whatever name.
func scrambled(s string) bool {
	hex, ok := strings.CutPrefix(s, "zxx")
	return ok && len(hex) >= 15 && strings.Trim(hex, "0123456789abcdef") == ""
}

func isNamed(key string) bool {
	_, ok := teamCityNamed[key]
	return ok
}

// credential emits a reference to what the server keeps.
func (f *tcFile) credential(t Text, c connection.Consumer) {
	o := f.d.Occurrence(f.kind(), "credential", t)
	o.Auth, o.Role, o.Consumer = connection.Static, connection.RoleSecret, c
	switch {
	case strings.HasPrefix(t.S, "credentialsJSON:"):
		o.Refs = []string{"teamcity:credential:" + strings.TrimPrefix(t.S, "credentialsJSON:")}
	case strings.HasPrefix(t.S, "tc_token_id:"):
		o.Refs = []string{"teamcity:token:" + strings.TrimPrefix(t.S, "tc_token_id:")}
	default: // scrambled in the old way, which anybody can undo
		o.Kind = connection.Encrypted
	}
	f.place(&o)
	f.d.Emit(o)
}

// kind is what a credential in the blocks round it makes.
func (f *tcFile) kind() connection.Kind {
	switch {
	case f.word("dockerRegistry", "nuGetFeedCredentials", "nuGetPublish", "nuGetPack", "npmRegistry", "npmConnection") != "":
		return connection.RegistryLogin
	case f.word("sshUpload", "sshExec") != "":
		return connection.SSH
	case f.word("githubAppConnection") != "":
		return connection.AppToken
	}
	return connection.SecretRef
}

// named emits the objects that a value names, several with commas between.
func (f *tcFile) named(key string, t Text, c connection.Consumer) {
	provider := teamCityNamed[key]
	for from := 0; from <= len(t.S); {
		end := strings.IndexByte(t.S[from:], ',')
		if end < 0 {
			end = len(t.S) - from
		}
		part := t.Sub(from, from+end).Trim()
		from += end + 1
		if part.S == "" {
			continue
		}
		o := f.d.Occurrence(connection.ServiceConnection, key, part)
		o.Auth, o.Role, o.Consumer, o.Provider = connection.Static, connection.RoleWhole, c, provider
		o.Principal, o.Refs = part.S, []string{"teamcity:connection:" + part.S}
		if provider == "ssh" {
			o.Kind, o.Provider, o.Refs, o.Principal = connection.SSH, "", []string{"teamcity:ssh-key:" + part.S}, ""
		}
		if f.place(&o); provider != "" && provider != "ssh" {
			o.Provider = provider
		}
		f.d.Emit(o)
	}
}

// run reads a script.
func (f *tcFile) run(t Text, c connection.Consumer) {
	f.stores(t, c)
	f.holes = nil
	for _, m := range findPercent(t.S, false) {
		f.holes = append(f.holes, Hole{m.start, m.end, f.varReader.text(t.Sub(m.start, m.end), "", f.scope, c)})
	}
	lang := "bash"
	if f.word("powerShell") != "" {
		lang = "pwsh"
	}
	if f.word("python", "kotlinScript", "csharpScript", "nodeJS") == "" || f.word("nodeJS") != "" {
		f.script([]Text{t}, lang, f.scope, c, false)
	}
}

// stores emits the secrets of Vault in a string.
func (f *tcFile) stores(t Text, c connection.Consumer) {
	for _, m := range findPercent(t.S, false) {
		if strings.HasPrefix(m.name, "vault:") {
			f.vault(t.Sub(m.start, m.end), m.name, c)
		}
	}
}

// parameters reads the %name% of a value. Under the key of a credential each is one.
func (f *tcFile) parameters(key string, t Text, c connection.Consumer) {
	f.stores(t, c)
	credential := f.secret || SecretName(key) || key == "accessKeyId" || key == "secretAccessKey"
	name := key
	if !credential {
		name = ""
	}
	v := f.varReader.text(t, name, f.scope, c)
	for i := range v.Refs {
		v.Refs[i].Weak = v.Refs[i].Weak && !f.secret
	}
	if f.urls(t, f.scope, c) || len(v.Refs) == 0 {
		if len(v.Refs) == 0 && f.word("features", "GitVcsRoot", "authMethod", "publisher") != "" && key != "" && (SecretName(key) || key == "secretKey") && !noValue(t.S) && !strings.Contains(t.S, "%") && len(t.S) >= 8 {
			o := f.d.Occurrence(connection.Literal, key, t)
			o.Auth, o.Role, o.Consumer = connection.Static, connection.RoleSecret, c
			f.place(&o)
			f.d.Emit(o)
		}
		return
	}
	if !credential {
		return
	}
	o := Occurrence{Kind: f.kind(), Construct: key, Role: connection.RoleSecret, Auth: connection.Static, Consumer: c}
	f.place(&o)
	if o.Provider == "" && o.Endpoint == "" {
		o.Provider, o.ProviderFrom = boundProvider(refName(v.Refs[0].Name), key)
	}
	f.d.EmitRefs(o, v, nil)
}

// xml reads settings in XML: params with names and values, properties of their parents.
func (f *tcFile) xml() {
	root := f.d.XML()
	c := connection.Consumer{Path: f.d.Path}
	root.walk(func(n *xmlNode) {
		if n.Name == "param" && !strings.Contains(n.Attr["value"].S, "%") && !strings.Contains(n.Attr["value"].S, "credentialsJSON:") {
			f.plain[n.Attr["name"].S] = true
		}
	})
	var visit func(n *xmlNode, depth int)
	visit = func(n *xmlNode, depth int) {
		if depth > maxDepth {
			return
		}
		f.frames = append(f.frames, xmlFrame(n))
		for _, p := range n.Items {
			if p.Name == "param" {
				f.xmlParam(p, c)
			}
			visit(p, depth+1)
		}
		f.frames = f.frames[:len(f.frames)-1]
	}
	visit(root, 0)
}

// xmlFrame is an element as a block: its name is its type's.
func xmlFrame(n *xmlNode) *gExpr {
	name := n.Attr["type"].S + "." + n.Name
	e := &gExpr{}
	for _, p := range n.Items {
		v := p.Attr["value"]
		if p.Attr["name"].S == "providerType" || p.Attr["name"].S == "publisherId" {
			name += "." + v.S
		}
		if v.S != "" && len(e.Body) < maxFanOut {
			from := v.Pos(0)
			e.Body = append(e.Body, &gExpr{Name: p.Attr["name"].S, Set: &gExpr{Str: &gToken{from: from, to: from + len(v.S), raw: true}}})
		}
	}
	e.Name = name
	return e
}

func (f *tcFile) xmlParam(p *xmlNode, c connection.Consumer) {
	name, v, spec := p.Attr["name"], p.Attr["value"], p.Attr["spec"]
	if v.S == "" {
		v = p.Text
	}
	switch {
	case strings.HasPrefix(spec.S, "password"):
		at := v
		if v.S == "" {
			at = name
		}
		f.passwordAt(name.S, at, c)
		f.bindEnv(name.S)
	case v.S != "":
		f.value(name.S, v, c)
	}
}
