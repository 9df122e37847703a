package pipeline

import (
	"path"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// teamCity reads settings of TeamCity in Kotlin and XML. Source:
// www.jetbrains.com/help/teamcity/kotlin-dsl.html; pipelines.md 2.5.
var teamCity = Dialect{ID: "teamcity", Path: func(p string) bool {
	ext := path.Ext(p)
	return (strings.HasPrefix(p, ".teamcity/") || strings.Contains(p, "/.teamcity/")) && (ext == ".kts" || ext == ".kt" || ext == ".xml" && path.Base(p) != "pom.xml") || path.Base(p) == "settings.kts" && !strings.Contains(p, "gradle")
}, Content: func(p string, head []byte) bool {
	ext := path.Ext(p)
	return (ext == ".kts" || ext == ".kt") && strings.Contains(string(head), "jetbrains.buildServer.configs.kotlin")
}, Read: readTeamCity}

type teamCityFile struct {
	d *Document
	n int
}

func readTeamCity(d *Document) {
	f := &teamCityFile{d: d}
	c := connection.Consumer{Path: d.Path}
	if path.Ext(d.Path) == ".xml" {
		f.xml(c)
		return
	}
	f.stmts(d.Groovy(true), nil, c, 0)
}

func (f *teamCityFile) text(e *gExpr) Text {
	if e == nil || e.Str == nil {
		return Text{}
	}
	return f.d.content(e.Str)
}

func (f *teamCityFile) stmts(es []*gExpr, path []string, c connection.Consumer, depth int) {
	if depth > maxDepth {
		return
	}
	for _, e := range es {
		f.expr(e, path, c, depth)
	}
}

// teamCityProviders gives whom a feature reaches by words in its name.
var teamCityProviders = map[string]string{"github": "github", "gitlab": "gitlab", "bitbucketCloud": "bitbucket", "bitbucketServer": "bitbucket", "azureDevOps": "azure-devops", "slackConnection": "slack", "slackNotifier": "slack", "awsConnection": "aws", "provideAwsCredentials": "aws",
	"dockerRegistry": "dockerhub", "hashiCorpVaultConnection": "vault", "hashiCorpVaultParameter": "vault", "githubIssues": "github", "youtrack": "", "jira": "atlassian", "sshUpload": "ssh", "sshExec": "ssh", "nuGetPublish": "nuget", "amazonEC2CloudProfile": "aws", "amazonEC2CloudImage": "aws", "azureCloudProfile": "azure", "googleCloudProfile": "gcp", "spaceConnection": "jetbrains", "npmRegistry": "npm"}

func (f *teamCityFile) provider(path []string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if p, ok := teamCityProviders[path[i]]; ok && p != "" {
			return p
		}
	}
	return ""
}

func (f *teamCityFile) expr(e *gExpr, at []string, c connection.Consumer, depth int) {
	if e == nil || depth > maxDepth || len(at) > maxDepth {
		return
	}
	if e.Str != nil {
		t := f.d.content(e.Str)
		if !f.d.URLs(t, func(part Text) []Ref { return f.refs(part, true) }, "url", c) {
			f.percent("", t, at, c)
		}
		return
	}
	inner := at
	if e.Name != "" && (e.Call || e.Set != nil) {
		inner = append(append([]string{}, at...), e.Name)
	}
	if e.Call && strings.HasPrefix(e.Name, "object") && e.Block {
		c.Job = e.Name
	}
	done := f.construct(e, at, inner, c)
	if e.Set != nil {
		if e.Set.Str != nil {
			if !done {
				f.setting(e.Name, f.d.content(e.Set.Str), inner, e, c)
			}
		} else {
			f.expr(e.Set, inner, c, depth+1)
		}
		return
	}
	for _, p := range e.Parts {
		f.expr(p, inner, c, depth+1)
	}
	for _, a := range e.Args {
		if !done {
			f.expr(a.Val, inner, c, depth+1)
		}
	}
	f.stmts(e.Body, inner, c, depth+1)
}

// construct reads a call that makes a connection; true when its arguments are told.
func (f *teamCityFile) construct(e *gExpr, at, inner []string, c connection.Consumer) bool {
	emit := func(o Occurrence) {
		o.Consumer = c
		if o.Auth == "" {
			o.Auth = connection.Static
		}
		f.d.Emit(o)
	}
	name, v := f.text(e.pos(0)), f.text(e.pos(1))
	switch e.Name {
	case "password", "param":
		if e.Name == "param" && !strings.HasPrefix(name.S, "secure:") && !strings.HasPrefix(v.S, "credentialsJSON:") {
			if v.S != "" {
				f.setting(name.S, v, inner, e, c)
			}
			return true
		}
		if name.S == "" {
			return false
		}
		o := f.d.Occurrence(connection.SecretRef, e.Name, name)
		o.Role, o.Refs = connection.RoleSecret, []string{"teamcity:param:" + strings.TrimPrefix(name.S, "env.")}
		o.Provider = f.provider(at)
		if strings.HasPrefix(v.S, "credentialsJSON:") {
			o.Location = f.d.Location(name)
		}
		emit(o)
		return true
	case "hashiCorpVaultParameter":
		if q := f.text(e.arg("query")); q.S != "" {
			o := f.d.Occurrence(connection.StoreRef, e.Name, q)
			p, k, _ := strings.Cut(q.S, "!/")
			o.Refs, o.Role = []string{fragment("vault:?:"+strings.TrimPrefix(p, "/"), k)}, connection.RoleSecret
			emit(o)
			return true
		}
	case "sshAgent", "sshKey", "uploadedKey":
		for _, k := range []string{"teamcitySshKey", "sshKey", "uploadedKey", "key"} {
			if t := f.text(e.arg(k)); t.S != "" {
				o := f.d.Occurrence(connection.SSH, e.Name, t)
				o.Refs, o.Role, o.Provider = []string{"teamcity:ssh-key:" + t.S}, connection.RoleSecret, "ssh"
				emit(o)
				return false
			}
		}
	case "provideAwsCredentials":
		if t := f.text(e.arg("awsConnectionId")); t.S != "" {
			o := f.d.Occurrence(connection.ServiceConnection, e.Name, t)
			o.Provider, o.Principal, o.Auth = "aws", t.S, connection.Ambient
			emit(o)
		}
	case "dockerRegistry":
		o := f.d.Occurrence(connection.RegistryLogin, e.Name, e.At)
		url := f.text(e.arg("url")).S
		if o.Endpoint = NormalHost(url); url == "" {
			o.Endpoint = dockerHub
		}
		if o.Principal = f.text(e.arg("userName")).S; strings.Contains(o.Principal, "%") {
			o.Principal = ""
		}
		emit(o)
	case "awsConnection", "slackConnection", "hashiCorpVaultConnection", "azureDevOpsConnection", "githubConnection", "githubAppConnection", "gitlabConnection", "bitbucketCloudConnection", "jiraCloudConnection", "spaceConnection":
		o := f.d.Occurrence(connection.ServiceConnection, e.Name, e.At)
		o.Provider, o.Principal = teamCityProviders[e.Name], f.text(e.arg("id")).S
		if o.Provider == "" {
			o.Provider, _, _ = byName(strings.TrimSuffix(e.Name, "Connection"))
		}
		emit(o)
	}
	return false
}

var percentRef = lazily(`%(vault:[^%\s]+|[A-Za-z_][\w.:-]*)%`)

// refs gives the parameters in %…% that hold a credential.
func (f *teamCityFile) refs(t Text, inURL bool) []Ref {
	var out []Ref
	for _, m := range percentRef().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		name := t.S[m[2]:m[3]]
		if p, ok := strings.CutPrefix(name, "vault:"); ok {
			p, k, _ := strings.Cut(p, "!/")
			out = append(out, Ref{Name: fragment("vault:?:"+strings.TrimPrefix(p, "/"), k), At: t.Sub(m[0], m[1]), In: f.d})
			continue
		}
		if strings.HasPrefix(name, "teamcity.") || strings.HasPrefix(name, "build.") || strings.HasPrefix(name, "system.") && !tfSecretName(strings.ReplaceAll(name, ".", "_")) {
			continue
		}
		if tfSecretName(strings.ReplaceAll(name, ".", "_")) || credentialName(strings.ReplaceAll(name, ".", "_")) {
			out = append(out, Ref{Name: "teamcity:param:" + strings.TrimPrefix(name, "env."), At: t.Sub(m[0], m[1]), In: f.d})
		}
	}
	return out
}

func (f *teamCityFile) percent(key string, t Text, at []string, c connection.Consumer) bool {
	refs := f.refs(t, false)
	for _, r := range refs {
		if f.d.claimed[r.At.Pos(0)] {
			continue
		}
		o := Occurrence{Kind: connection.SecretRef, Construct: key, Role: connection.RoleSecret, Provider: f.provider(at), Consumer: c}
		if strings.HasPrefix(r.Name, "vault:") {
			o.Provider = "vault"
		}
		f.d.EmitRefs(o, Value{Refs: []Ref{r}}, nil)
	}
	return len(refs) > 0
}

// setting reads name = "value".
func (f *teamCityFile) setting(name string, t Text, at []string, e *gExpr, c connection.Consumer) {
	o := f.d.Occurrence(connection.SecretRef, name, t)
	o.Auth, o.Role, o.Provider, o.Consumer = connection.Static, connection.RoleSecret, f.provider(at), c
	switch {
	case name == "scriptContent":
		f.script(t, c)
	case name == "uploadedKey" || name == "teamcitySshKey" || name == "sshKey": // names of keys, told by what they are in
	case f.d.URLs(t, func(part Text) []Ref { return f.refs(part, true) }, name, c):
	case strings.HasPrefix(t.S, "credentialsJSON:"), strings.HasPrefix(t.S, "tc_token_id:"), strings.HasPrefix(t.S, "zxx"):
		o.Refs = []string{"teamcity:" + t.S}
		if strings.HasPrefix(t.S, "zxx") {
			o.Kind, o.Refs = connection.Encrypted, nil
		}
		f.d.Emit(o)
	case f.percent(name, t, at, c):
	case name == "awsConnectionId" || name == "connectionId" && t.S != "" || name == "dockerRegistryId":
		if last := at[max(0, len(at)-2)]; last != "provideAwsCredentials" {
			for id := range strings.SplitSeq(t.S, ",") {
				o.Kind, o.Principal, o.Auth, o.Role = connection.ServiceConnection, strings.TrimSpace(id), "", ""
				if name == "dockerRegistryId" {
					o.Provider = ""
				}
				f.d.Emit(o)
			}
		}
	case name == "connection" && strings.Contains(strings.Join(at, "."), "slackNotifier"):
		o.Kind, o.Principal, o.Auth, o.Role, o.Provider = connection.ServiceConnection, t.S, "", "", "slack"
		f.d.Emit(o)
	case name == "awsRoleArn" || name == "roleArn" || strings.HasPrefix(t.S, "arn:aws"):
		(&varReader{d: f.d}).role(t, name, connection.Ambient, c)
	case name == "url" && scpURL().MatchString(t.S):
		m := scpURL().FindStringSubmatch(t.S)
		o.Kind, o.Endpoint, o.Principal, o.Auth, o.Role, o.Provider = connection.SSH, NormalHost(m[2]), m[1], connection.Ambient, "", ""
		o.Account = hostAccount(o.Endpoint, m[3])
		f.d.Emit(o)
	default:
		f.d.writtenOut(strings.ReplaceAll(name, ".", "_"), t, f.provider(at), name, c)
	}
}

func (f *teamCityFile) script(t Text, c connection.Consumer) {
	f.n++
	s := Script{Text: t, Consumer: c, Group: c.Job + "/script" + strconv.Itoa(f.n), NoDownloads: true}
	for _, m := range percentRef().FindAllStringIndex(t.S, maxFanOut) {
		s.Holes = append(s.Holes, Hole{m[0], m[1], Value{Refs: f.refs(t.Sub(m[0], m[1]), false), Open: true}})
	}
	f.d.Shell(s)
	f.percent("scriptContent", t, nil, c)
}

func (f *teamCityFile) xml(c connection.Consumer) {
	f.d.XML().walk(func(n *xmlNode) {
		name, v := n.Attr["name"], n.Attr["value"]
		if v.S == "" {
			v = n.Text
		}
		if (n.Name == "param" || n.Name == "property") && v.S != "" {
			f.setting(name.S, v, []string{""}, nil, c)
		}
	})
}
