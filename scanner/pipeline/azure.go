package pipeline

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// azurePipelines reads Azure Pipelines and their templates. Source:
// learn.microsoft.com/azure/devops/pipelines/yaml-schema; pipelines.md 2.3.
var azurePipelines = Dialect{ID: "azure-pipelines", Path: azurePath, Content: azureContent, Read: readAzure, Line: azureLine}

func azurePath(p string) bool {
	if !yamlExt(p) {
		return false
	}
	base := strings.ToLower(path.Base(p))
	if strings.HasPrefix(base, "azure-pipeline") || strings.HasPrefix(base, ".azure-pipeline") || strings.HasPrefix(base, ".vsts") || strings.HasPrefix(base, "vsts-") || strings.HasPrefix(base, "azure_pipeline") {
		return true
	}
	dir := "/" + path.Dir(p) + "/"
	return strings.Contains(dir, "/.azure-pipelines/") || strings.Contains(dir, "/azure-pipelines/") || strings.Contains(dir, "/.azuredevops/") || strings.Contains(dir, "/eng/pipelines/") || strings.Contains(dir, "/.pipelines/")
}

var azureTask = regexp.MustCompile(`(?m)^\s*(?:- )?task:\s*['"]?[A-Za-z][\w.-]*@\d`)
var azureGroup = regexp.MustCompile(`(?m)^\s*- group:\s*\S`)
var azureStep = regexp.MustCompile(`(?m)^\s*- (?:template|script|bash|pwsh|powershell|checkout|\$\{\{ ?(?:if|each)[^}]*\}\}):?`)

// azureContent knows pipelines and templates that stand elsewhere.
func azureContent(p string, head *Head) bool {
	if !yamlExt(p) {
		return false
	}
	s := head.Text
	if !strings.Contains(s, "task:") && !head.Top("variables") && !head.Top("steps") && !head.Top("jobs") && !head.Top("stages") && !head.Top("extends") {
		return false
	}
	if azureTask.MatchString(s) {
		return true
	}
	if head.Top("variables") && azureGroup.MatchString(s) && !head.Top("stages") { // a template of variables
		return true
	}
	top := head.Top("steps") || head.Top("jobs") || head.Top("stages") || head.Top("extends")
	return top && !head.Top("on") && !head.Top("script") && !strings.Contains(s, "runs-on:") &&
		(strings.Contains(s, "vmImage:") || azureStep.MatchString(s) && (strings.Contains(s, "$(") || strings.Contains(s, "${{") || strings.Contains(s, "displayName:")))
}

// azureFile is a pipeline or template as it is read.
type azureFile struct {
	varReader
	sets  map[string]bool // variables that some script sets
	known *Scope
	calls *azureCalls
	depth int // of templates within templates
}

// azureCalls are the templates that a file and those it calls have read, by
// path and parameters.
type azureCalls struct {
	seen map[string]bool
}

func readAzure(d *Document) {
	readAzureFile(d, (*Scope)(nil).Inner(), &azureCalls{map[string]bool{}}, 0)
}

// readAzureFile reads a file with the parameters that its caller gave.
func readAzureFile(d *Document, known *Scope, calls *azureCalls, depth int) {
	for _, root := range d.YAML() {
		f := &azureFile{sets: map[string]bool{}, known: known, calls: calls, depth: depth}
		f.varReader = varReader{d: d, store: "azdo:var:", own: f.predefined, find: azureVars}
		for _, m := range azureSets.FindAllSubmatch(d.Data, maxOccurrences) {
			f.sets[strings.ToLower(string(m[1]))] = true
		}
		c := connection.Consumer{Path: d.Path}
		f.parameters(root.Get("parameters"))
		f.resources(root.Get("resources"), c)
		f.level(root, f.known, c, "", 0)
		f.flush(nil)
	}
}

var azureSets = regexp.MustCompile(`task\.setvariable\s+variable=([\w.-]+)`)

func azureLine(d *Document, line Text) {
	f := &azureFile{}
	r := &varReader{d: d, store: "azdo:var:", own: f.predefined, find: azureVars}
	if !strings.HasPrefix(strings.TrimSpace(line.S), "#") {
		r.text(line, "", nil, connection.Consumer{})
		r.flush(nil)
	}
}

const azureJobToken = "azure-devops:job-token"

// predefined tells what Azure Pipelines itself defines, and what the file computes.
func (f *azureFile) predefined(name string) (Value, bool) {
	l := strings.ReplaceAll(strings.ToLower(name), "_", ".")
	switch {
	case l == "system.accesstoken":
		return Value{Refs: []Ref{{Name: azureJobToken, Auth: connection.Ambient}}}, true
	case f.sets[strings.ToLower(name)], strings.HasPrefix(name, "parameters."):
		return Value{}, true
	}
	for _, p := range []string{"build.", "system.", "agent.", "pipeline.", "environment.", "release.", "resources.", "strategy.", "checks.", "tf.build", "dependencies.", "stagedependencies."} {
		if strings.HasPrefix(l, p) && !(strings.Contains(name, "_") && credentialName(name)) {
			return Value{}, true
		}
	}
	return Value{}, false
}

var azureVar = regexp.MustCompile(`\$\(([A-Za-z][\w.-]*)\)|\$\[\s*variables(?:\.([\w.-]+)|\['([^']+)'\])\s*\]|\$\{\{\s*(?:variables|(parameters))(?:\.([\w.-]+)|\['([^']+)'\])\s*\}\}`)

// Commands that stand in $( ) without arguments.
var azureCommands = map[string]bool{"pwd": true, "date": true, "whoami": true, "hostname": true, "uname": true, "ls": true, "id": true, "nproc": true, "mktemp": true, "arch": true, "tty": true, "cat": true}

// azureVars finds $(X), $[variables.X], ${{ variables.X }} and ${{ parameters.X }}.
func azureVars(s string, _ bool) []varMention {
	var out []varMention
	for _, m := range azureVar.FindAllStringSubmatchIndex(s, maxNodes) {
		name := ""
		for _, g := range []int{2, 4, 6, 10, 12} {
			if m[g] >= 0 {
				name = s[m[g]:m[g+1]]
			}
		}
		if m[8] >= 0 {
			name = "parameters." + name
		} else if azureCommands[name] {
			continue
		}
		out = append(out, varMention{m[0], m[1], name})
	}
	return out
}

// bindAs binds a variable; names ignore case, so that the lower one is kept beside it.
func (f *azureFile) bindAs(scope *Scope, name string, v Value) {
	scope.Bind(name, v)
	scope.Bind(strings.NewReplacer(".", "_", "-", "_").Replace(strings.ToUpper(name)), v)
}

func (f *azureFile) parameters(n *Node) {
	bind := func(name string, def *Node) {
		if _, given := f.known.Lookup("parameters." + name); given {
			return
		}
		v := Value{Open: true}
		if def.Is(ScalarNode) {
			v = f.text(def.Text(), name, f.known, connection.Consumer{Path: f.d.Path})
		}
		f.known.Bind("parameters."+name, v)
	}
	for _, p := range n.Pairs() {
		bind(p.Key.Value, p.Value)
	}
	for _, i := range n.Items() {
		bind(i.Get("name").String(), i.Get("default"))
	}
}

// resources reads what a pipeline takes from elsewhere.
func (f *azureFile) resources(n *Node, c connection.Consumer) {
	for _, r := range n.Get("repositories").Items() {
		kind := strings.ToLower(r.Get("type").String())
		provider := map[string]string{"github": "github", "githubenterprise": "github", "bitbucket": "bitbucket", "git": "azure-devops"}[kind]
		if e := r.Get("endpoint"); e.String() != "" {
			f.connection("endpoint", e, provider, f.known, c)
		}
		if t := r.Get("name").Text(); t.S != "" && r.Get("endpoint") == nil {
			o := f.d.Occurrence(connection.DelegatedCall, "resources.repositories", t)
			o.Provider, o.Principal, o.Auth, o.Consumer = provider, t.S, connection.Ambient, c
			if o.Account, _, _ = strings.Cut(t.S, "/"); provider == "azure-devops" {
				o.Account = ""
			}
			f.d.Emit(o)
		}
	}
	for _, r := range n.Get("containers").Items() {
		f.container(r, c)
	}
	for _, r := range n.Get("packages").Items() {
		f.connection("connection", r.Get("connection"), "github", f.known, c)
	}
	for _, r := range n.Get("webhooks").Items() {
		f.connection("connection", r.Get("connection"), "", f.known, c)
	}
}

func (f *azureFile) container(r *Node, c connection.Consumer) {
	image := r
	if r.Is(MapNode) {
		image = r.Get("image")
	}
	v := f.text(image.Text(), "image", f.known, c)
	host, _ := ImageHost(v.Lit)
	switch {
	case r.Get("endpoint").String() != "":
		p := ""
		if host != "" {
			p = hostProvider(host)
		}
		f.connection("endpoint", r.Get("endpoint"), p, f.known, c)
	case r.Get("azureSubscription").String() != "":
		f.connection("azureSubscription", r.Get("azureSubscription"), "azure", f.known, c)
	default:
		f.privateImage(image.Text(), v, c)
	}
}

// connection emits a service connection by name.
func (f *azureFile) connection(key string, n *Node, provider string, scope *Scope, c connection.Consumer) {
	t := n.Text()
	if t.S == "" || !n.Is(ScalarNode) || slices.Contains([]string{"true", "false", "none"}, strings.ToLower(t.S)) {
		return
	}
	v := f.text(t, key, scope, c)
	o := f.d.Occurrence(connection.ServiceConnection, key, t)
	o.Provider, o.Principal, o.Role, o.Consumer = provider, t.S, connection.RoleIdentity, c
	if !v.Open && v.Lit != "" {
		o.Principal = v.Lit
	}
	if o.Provider == "" || o.Provider == "nuget" || o.Provider == "npm" || o.Provider == "maven-central" { // a feed, of any host
		if p, sure, ok := byName(o.Principal); ok && (sure || o.Provider == "") {
			o.Provider, o.ProviderFrom = p, connection.FromName
		}
	}
	if o.Incomplete = v.Open; v.Open && strings.Contains(t.S, "parameters") {
		o.Via = []string{viaOpen} // a caller in the tree may tell
	}
	f.d.claim(t.Pos(0))
	f.d.Emit(o)
}

// connectionKey tells whether an input names a service connection, and whose.
func connectionKey(key, task string) (provider string, ok bool) {
	k := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
	for _, r := range azureKeys {
		if k == r[0] || strings.HasSuffix(r[0], "*") && strings.HasPrefix(k, strings.TrimSuffix(r[0], "*")) {
			return r[1], true
		}
	}
	if strings.HasSuffix(k, "type") || strings.HasPrefix(k, "use") {
		return "", false
	}
	if strings.HasSuffix(k, "serviceconnection") || strings.HasSuffix(k, "serviceconnections") || strings.HasSuffix(k, "serviceconnectionname") ||
		strings.HasSuffix(k, "serviceconnectionid") || strings.HasSuffix(k, "azuresubscription") || strings.Contains(k, "connectedservice") || strings.HasSuffix(k, "serviceendpoint") {
		return taskProvider(task, k), true
	}
	return "", false
}

// azureKeys are inputs that name a service connection, with the provider that
// the input tells.
var azureKeys = [...][2]string{
	{"azuresubscription*", "azure"}, {"connectedservicenamearm", "azure"}, {"azureresourcemanagerconnection", "azure"}, {"azureserviceconnection*", "azure"},
	{"backendservicearm", "azure"}, {"backendazurerm*serviceconnection", "azure"}, {"environmentservicenameazurerm", "azure"}, {"environmentservicenameaws", "aws"}, {"environmentservicenamegcp", "gcp"},
	{"backendserviceaws", "aws"}, {"backendservicegcp", "gcp"}, {"awscredentials", "aws"}, {"awsserviceconnection", "aws"}, {"kubernetesserviceconnection", "kubernetes"}, {"kubernetesserviceendpoint", "kubernetes"},
	{"githubconnection", "github"}, {"githubserviceconnection", "github"}, {"sonarqube", "sonar"}, {"sonarcloud", "sonar"}, {"sonarqubeserviceconnection", "sonar"},
	{"containerregistry", ""}, {"dockerregistryendpoint", ""}, {"dockerregistryconnection", ""}, {"containerregistryserviceconnection", ""}, {"dockerregistryserviceconnection", ""},
	{"nugetserviceconnections", "nuget"}, {"externalfeedcredentials", "nuget"}, {"publishfeedcredentials", "nuget"}, {"externalendpoint*", "nuget"},
	{"customendpoint", "npm"}, {"publishendpoint", "npm"}, {"pypiuploader", "pypi"}, {"pythonuploadserviceconnection", "pypi"}, {"pythondownloadserviceconnections", "pypi"},
	{"mavenserviceconnections", "maven-central"}, {"sshendpoint", "ssh"}, {"jfrogplatformconnection", "jfrog"}, {"artifactoryservice", "jfrog"}, {"octoconnectedservicename", "octopus"},
	{"checkmarxservice", "checkmarx"}, {"serviceconnectionendpoint", "snyk"}, {"armserviceconnection", "azure"}, {"providerserviceconnection", ""}, {"serverendpoint", ""},
}

// taskProvider is the provider that a task's own name tells, or the input's.
func taskProvider(task, key string) string {
	name, _, _ := strings.Cut(task, "@")
	name = name[strings.LastIndexByte(name, '.')+1:]
	for _, r := range [...][2]string{{"Azure", "azure"}, {"AWS", "aws"}, {"S3", "aws"}, {"Esrp", "microsoft"}, {"AppStore", "apple"}, {"GooglePlay", "google-play"},
		{"Docker", ""}, {"Kubernetes", "kubernetes"}, {"Helm", "kubernetes"}, {"Sql", "azure"}, {"Sonar", "sonar"}, {"Snyk", "snyk"}, {"ServiceFabric", "azure"}, {"ACR", "azure"}} {
		if strings.HasPrefix(name, r[0]) {
			return r[1]
		}
	}
	if strings.HasPrefix(key, "connectedservicename") || strings.Contains(key, "federated") {
		return "azure"
	}
	for _, n := range []string{name, key} {
		if p, sure, ok := byName(n); ok && sure {
			return p
		}
	}
	return ""
}
