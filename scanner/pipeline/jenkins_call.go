package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// jenkinsBindings gives the provider of bindings of withCredentials and of
// steps, whose id tells none.
var jenkinsBindings = map[string]string{
	"sshUserPrivateKey": "ssh", "sshagent": "ssh", "aws": "aws", "azureServicePrincipal": "azure", "azureStorage": "azure", "googleServiceAccountFile": "gcp", "googleStorageUpload": "gcp", "kubeconfigContent": "kubernetes", "kubeconfigFile": "kubernetes", "withAWS": "aws",
	"withKubeConfig": "kubernetes", "withKubeCredentials": "kubernetes", "kubernetesDeploy": "kubernetes", "AmazonWebServicesCredentialsBinding": "aws", "slackSend": "slack", "withSonarQubeEnv": "sonar", "snykSecurity": "snyk",
	"vaultString": "vault", "withVault": "vault", "VaultTokenCredentialBinding": "vault", "githubNotify": "github", "GitHubAppCredentials": "github", "azureWebAppPublish": "azure", "azureVMSSUpdate": "azure", "acrQuickTask": "azure", "azureCLI": "azure", "githubPRComment": "github", "createGitHubRelease": "github",
	"ansiblePlaybook": "ansible", "ansibleTower": "ansible", "rtServer": "jfrog", "nexusArtifactUploader": "nexus", "nexusPublisher": "nexus", "cfnUpdate": "aws", "ecr": "aws", "jiraComment": "atlassian", "SSHUserPrivateKeyBinding": "ssh", "withGCP": "gcp", "s3Upload": "aws", "awsCodeBuild": "aws", "sysdigImageScan": "", "kubeconfig": "kubernetes", "discordSend": "discord", "gitUsernamePassword": "",
}

// call reads a call, or a map that stands for one.
func (f *jenkinsFile) call(e *gExpr, scope *Scope, c connection.Consumer) {
	name := e.Name[strings.LastIndexByte(e.Name, '.')+1:]
	if cls := e.arg("$class"); cls != nil && e.List {
		name = strings.TrimSuffix(f.text(cls).S, "MultiBinding")
	}
	step := c
	if step.Action = name; e.List {
		step.Action = c.Action
	}
	if jenkinsShell[name] {
		f.shell(e, scope, step)
		return
	}
	if f.helped(e, scope, step) {
		return
	}
	f.step(name, e, scope, step)
	if strings.HasPrefix(name, "rt") {
		f.named(e.arg("serverId"), "jfrog", "serverId", e, step)
	}
	f.podYAML(e.arg("yaml"), step)
	f.vault(e, scope, step)
	f.credentialIDs(e, name, scope, step)
}

// step reads the steps whose arguments tell more than ids.
func (f *jenkinsFile) step(name string, e *gExpr, scope *Scope, c connection.Consumer) {
	switch name {
	case "Library":
		f.library(e.pos(0), c)
	case "library":
		v := e.arg("identifier")
		if v == nil {
			v = e.pos(0)
		}
		f.library(v, c)
	case "credentials": // Job DSL, agents of docker, a parameter
		v := e.pos(0)
		if v == nil {
			v = e.arg("name")
			if d := e.arg("defaultValue"); d != nil && f.text(d).S != "" {
				v = d
			}
		}
		if r, ok := f.id(v); ok {
			f.bind(r, "credentials", scope, c, "")
		}
	case "password":
		if n := f.text(e.arg("name")); n.S != "" {
			o := f.d.Occurrence(connection.SecretRef, "parameters", n)
			o.Refs, o.Auth, o.Role, o.Consumer = []string{"jenkins:param:" + n.S}, connection.Static, connection.RoleSecret, c
			f.d.Emit(o)
		}
	case "sshagent":
		f.sshagent(e, c)
	case "withRegistry", "withDockerRegistry", "withDockerServer":
		f.registry(e, c)
	case "withAWS", "withAws":
		f.aws(e, scope, c)
	case "withSonarQubeEnv", "withSonarQube":
		f.named(e.pos(0), "sonar", "installationName", e, c)
	case "slackSend", "slackUploadFile":
		if e.arg("tokenCredentialId") == nil {
			f.service(e, "slack", c)
		}
	case "server", "newServer":
		if strings.HasPrefix(e.Name, "Artifactory.") {
			f.named(e.pos(0), "jfrog", "id", e, c)
		}
	case "configFile", "mavenSettingsConfig", "withMaven", "withNPM", "nodejs":
		f.configFiles(e, c)
	case "triggerRemoteJob":
		f.named(e.arg("remoteJenkinsName"), "jenkins", "remoteJenkinsName", e, c)
	case "azureServicePrincipal":
		if r, ok := f.id(e.pos(0)); ok {
			f.bind(r, name, scope, c, "azure", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID")
		}
	case "withCredentials":
		for _, b := range elements(e.pos(0)) {
			f.positional(b, scope, c)
		}
	case "office365ConnectorSend":
		if t := f.text(e.arg("webhookUrl")); t.S != "" {
			o := f.d.Occurrence(connection.Webhook, name, t)
			o.Provider, o.Endpoint, o.Auth, o.Consumer = "teams", NormalHost(t.S), connection.Static, c
			f.d.Emit(o)
		}
	case "yaml":
		f.podYAML(e.pos(0), c)
	case "httpRequest":
		if v := e.arg("authentication"); v != nil {
			if r, ok := f.id(v); ok {
				f.identified(e, "authentication", r, scope, c)
			}
		}
	}
}

// positional reads a binding whose first argument is the id: string('id', 'NAME').
func (f *jenkinsFile) positional(b *gExpr, scope *Scope, c connection.Consumer) {
	if b == nil || !b.Call || b.Name == "azureServicePrincipal" || b.pos(0) == nil || b.pos(0).Str == nil || f.helpers[b.Name] != (jenkinsHelper{}) {
		return
	}
	if r, ok := f.id(b.pos(0)); ok {
		f.bind(r, b.Name, scope, c, jenkinsBindings[b.Name], f.text(b.pos(1)).S)
	}
}

// configFiles reads the files that Jenkins keeps under an id: settings of Maven and npm.
func (f *jenkinsFile) configFiles(e *gExpr, c connection.Consumer) {
	for _, k := range []string{"fileId", "mavenSettingsConfig", "globalMavenSettingsConfig", "npmrcConfig", "configId"} {
		if t := f.text(e.arg(k)); t.S != "" {
			o := f.d.Occurrence(connection.SecretRef, k, t)
			o.Refs, o.Auth, o.Role, o.Consumer = []string{"jenkins:config:" + t.S}, connection.Static, connection.RoleWhole, c
			f.d.Emit(o)
		}
	}
}

// credentialIDs reads named arguments that take the id of a credential.
func (f *jenkinsFile) credentialIDs(e *gExpr, name string, scope *Scope, c connection.Consumer) {
	if name == "withRegistry" || name == "withDockerRegistry" {
		return
	}
	for _, a := range e.Args {
		if a.Name != "" && jenkinsID().MatchString(a.Name) && a.Name != "secretId" {
			for _, v := range elements(a.Val) {
				if r, ok := f.id(v); ok {
					f.identified(e, a.Name, r, scope, c)
				}
			}
		}
	}
	if !e.Call && !jenkinsID().MatchString(e.Name) {
		return
	}
	if jenkinsID().MatchString(name) && len(e.Args) == 1 && e.Args[0].Name == "" && e.Call { // registryCredentialsId 'x', credentialsId('x')
		if r, ok := f.id(e.pos(0)); ok {
			o := f.pendingRef(r, name, c)
			if name == "registryCredentialsId" {
				o.Kind = connection.RegistryLogin
			}
			f.note(o, r)
		}
	}
}

func elements(e *gExpr) []*gExpr {
	if e == nil || !e.List {
		return []*gExpr{e}
	}
	var out []*gExpr
	for _, a := range e.Args {
		out = append(out, a.Val)
	}
	return out
}

func (f *jenkinsFile) pendingRef(r Ref, construct string, c connection.Consumer) Occurrence {
	return Occurrence{Location: f.d.Location(r.At), Kind: connection.SecretRef, Construct: construct, Role: connection.RoleWhole, Auth: connection.Static, Refs: []string{r.Name}, Incomplete: r.Incomplete, Consumer: c}
}

// identified notes a credential with what the step that takes it tells: its
// host, and the variables that it is bound to.
func (f *jenkinsFile) identified(e *gExpr, key string, r Ref, scope *Scope, c connection.Consumer) {
	o := f.pendingRef(r, key, c)
	o.Provider = jenkinsBindings[c.Action]
	if cls := f.text(e.arg("$class")).S; o.Provider == "" && cls != "" {
		o.Provider = jenkinsBindings[cls]
	}
	if o.Provider == "" && (e.arg("serverUrl") != nil || e.arg("clusterName") != nil) {
		o.Provider = "kubernetes"
	}
	for _, k := range []string{"url", "serverUrl", "nexusUrl", "registryUrl", "remote", "vaultUrl", "host", "baseUrl"} {
		if t := f.text(e.arg(k)); strings.Contains(t.S, ".") {
			host, m := NormalHost(t.S), scpURL().FindStringSubmatch(t.S)
			if m != nil {
				host = NormalHost(m[2])
			}
			if strings.Contains(host, "$") {
				continue
			}
			if m != nil {
				o.Principal = m[1]
			} else if _, rest, ok := strings.Cut(t.S, "://"); ok && !strings.Contains(rest, "$") {
				_, p, _ := strings.Cut(rest, "/")
				o.Account = hostAccount(host, p)
			}
			if o.Endpoint = host; hostProvider(host) != "" && o.Provider != "kubernetes" { // whoever runs the cluster
				o.Provider, o.ProviderFrom = hostProvider(host), connection.FromHost
			}
			break
		}
	}
	if o.Provider == "vault" && key != "vaultCredentialId" && key != "credentialsId" {
		o.Provider = ""
	}
	if strings.Contains(strings.ToLower(key), "vault") {
		o.Provider = "ansible"
		if strings.EqualFold(key, "vaultCredentialId") {
			o.Provider = "vault"
		}
	}
	if strings.EqualFold(key, "snykTokenId") {
		o.Provider = "snyk"
	}
	f.note(o, r)
	for _, a := range e.Args {
		if strings.HasSuffix(a.Name, "ariable") {
			if n := f.text(a.Val); n.S != "" {
				role := r
				scope.Bind(n.S, Value{At: r.At, Refs: []Ref{role}, Open: true}.Through(n.S))
			}
		}
	}
	if o.Provider == "aws" && e.arg("accessKeyVariable") == nil {
		for _, n := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
			scope.Bind(n, Value{At: r.At, Refs: []Ref{r}, Open: true}.Through(n))
		}
	}
}
