package pipeline

import (
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// An orbRow tells what a command or job of an orb takes when it is not told.
type orbRow struct {
	orb      string // namespace/name, * at the end for any
	commands string // those that need the credential; "" is any but install
	provider string
	env      string // variables that it reads by default
	kind     connection.Kind
	when     string // parameter that must be given
}

// orbRows is the table of pipelines.md 4.3 for orbs. The first match counts.
var orbRows = []orbRow{
	{orb: "circleci/aws-cli", commands: "setup assume-role-with-web-identity role-arn-setup", provider: "aws", env: "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"},
	{orb: "circleci/aws-ecr", commands: "build-and-push-image build_and_push_image ecr-login ecr_login push-image push_image tag_image", provider: "aws", env: "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY", kind: connection.RegistryLogin},
	{orb: "circleci/aws-s3", commands: "sync copy", provider: "aws", env: "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"},
	{orb: "circleci/aws-*", provider: "aws", env: "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"},
	{orb: "circleci/gcp-gcr", commands: "gcr-auth build-and-push-image push-image add-image-tag", provider: "gcp", env: "GCLOUD_SERVICE_KEY", kind: connection.RegistryLogin},
	{orb: "circleci/gcp-cli", commands: "setup initialize", provider: "gcp", env: "GCLOUD_SERVICE_KEY"},
	{orb: "circleci/gcp-*", provider: "gcp", env: "GCLOUD_SERVICE_KEY"},
	{orb: "circleci/azure-acr", provider: "azure", env: "AZURE_SP_PASSWORD", kind: connection.RegistryLogin},
	{orb: "circleci/azure-cli", commands: "login-with-service-principal login-with-user login-with-user-or-service-principal login-with-oidc", provider: "azure", env: "AZURE_SP_PASSWORD"},
	{orb: "circleci/azure-*", provider: "azure", env: "AZURE_SP_PASSWORD"},
	{orb: "circleci/docker", commands: "check publish", provider: "dockerhub", env: "DOCKER_PASSWORD", kind: connection.RegistryLogin},
	{orb: "circleci/slack", commands: "notify on-hold status approval-notification notify-on-failure", provider: "slack", env: "SLACK_ACCESS_TOKEN"},
	{orb: "circleci/jira", commands: "notify", provider: "atlassian", env: "JIRA_AUTH_TOKEN"},
	{orb: "circleci/heroku", provider: "heroku", env: "HEROKU_API_KEY"},
	{orb: "circleci/github-cli", commands: "setup", provider: "github", env: "GITHUB_TOKEN"},
	{orb: "circleci/orb-tools", commands: "publish", provider: "circleci", env: "CIRCLE_TOKEN"},
	{orb: "snyk/snyk", commands: "scan", provider: "snyk", env: "SNYK_TOKEN"},
	{orb: "sonarsource/sonarcloud", commands: "scan", provider: "sonar", env: "SONAR_TOKEN"},
	{orb: "datadog/*", provider: "datadog", env: "DD_API_KEY"},
	{orb: "cypress-io/cypress", provider: "cypress", env: "CYPRESS_RECORD_KEY", when: "record"},
	{orb: "pulumi/pulumi", commands: "login", provider: "pulumi", env: "PULUMI_ACCESS_TOKEN"},
	{orb: "cloudsmith/cloudsmith", provider: "cloudsmith", env: "CLOUDSMITH_API_KEY"},
	{orb: "coveralls/coveralls", commands: "upload", provider: "coveralls", env: "COVERALLS_REPO_TOKEN"},
	{orb: "codecov/codecov", commands: "upload", provider: "codecov", env: "CODECOV_TOKEN", when: "token"},
	{orb: "fossa/*", provider: "fossa", env: "FOSSA_API_KEY"},
}

func (f *circleFile) orb(step string) (row *orbRow, name string) {
	alias, cmd, ok := strings.Cut(step, "/")
	if !ok {
		return nil, ""
	}
	name = strings.ToLower(f.orbs[alias])
	if name == "" {
		return nil, ""
	}
	for i := range orbRows {
		r := &orbRows[i]
		if name != r.orb && !wild(r.orb, name) {
			continue
		}
		if r.commands != "" && !slices.Contains(strings.Fields(r.commands), cmd) || r.commands == "" && strings.HasPrefix(cmd, "install") {
			return nil, name
		}
		return r, name
	}
	return nil, name
}

// call reads a step or a job that is a command: of an orb, or of this file.
func (f *circleFile) call(key, n, decl *Node, c connection.Consumer, depth int, skip ...string) {
	c.Action = key.String()
	row, name := f.orb(key.String())
	provider := ""
	if row != nil {
		provider = row.provider
	} else if p, sure, ok := byName(name[strings.LastIndexByte(name, '/')+1:]); ok && sure && name != "" {
		provider = p
	}
	before := len(f.d.occs)
	mentioned := false
	for _, p := range n.Pairs() {
		if slices.Contains(skip, p.Key.Value) {
			continue
		}
		if p.Value.Is(SeqNode) {
			f.steps(p.Value, "", nil, c, depth+1)
			mentioned = mentioned || p.Key.Value == "auth"
			continue
		}
		mentioned = f.parameter(p.Key.Value, p.Value, decl, provider, c) || mentioned
	}
	if row == nil || mentioned || len(f.d.occs) > before || row.when != "" && n.Get(row.when) == nil {
		return
	}
	o := f.d.Occurrence(connection.SecretRef, "orb", key.Text())
	o.Provider, o.ProviderFrom, o.Auth, o.Role, o.Consumer = row.provider, connection.FromIntegration, connection.Static, connection.RoleSecret, c
	if row.kind != "" {
		o.Kind = row.kind
	}
	if h := n.Get("registry").String(); row.orb == "circleci/docker" && h != "" {
		o.Provider, o.Endpoint = "", NormalHost(h)
		if strings.ContainsAny(h, "$<") {
			o.Endpoint = ""
		}
	}
	for _, e := range strings.Fields(row.env) {
		o.Refs = append(o.Refs, f.store+e)
	}
	f.d.Emit(o)
}

// parameter reads a parameter of a call: $X, the bare name of a variable, a
// role. It tells whether it held a credential.
func (f *circleFile) parameter(key string, n, decl *Node, provider string, c connection.Consumer) bool {
	t := n.Text()
	if !n.Is(ScalarNode) || t.S == "" {
		return false
	}
	if f.roleParameter(key, n, c) {
		return true
	}
	o := Occurrence{Kind: connection.SecretRef, Construct: key, Provider: provider, Role: connection.RoleSecret, Consumer: c, Group: c.Job + "/" + c.Action}
	if provider != "" {
		o.ProviderFrom = connection.FromIntegration
	}
	envName := decl.Get("parameters", key, "type").String() == "env_var_name"
	if isName(t.S) && strings.ToUpper(t.S) == t.S && strings.ContainsAny(t.S, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") && (envName || orbCredential(key)) {
		return f.d.EmitRefs(o, Value{Refs: []Ref{f.named(t, key, c)}}, nil)
	}
	v := f.text(t, key, nil, c)
	v.Refs = slices.DeleteFunc(v.Refs, func(r Ref) bool { return r.Weak && !orbCredential(key) })
	if len(v.Refs) == 0 {
		f.urls(t, nil, c)
		return false
	}
	if f.urls(t, nil, c) {
		return true
	}
	if provider == "" {
		o.Provider, o.ProviderFrom = boundProvider(refName(v.Refs[0].Name), key)
	}
	return f.d.EmitRefs(o, v, nil)
}

// orbCredential tells parameters that take a credential.
func orbCredential(key string) bool {
	return credentialName(key) || strings.Contains(key, "access-key-id") || strings.Contains(key, "service-key") || strings.Contains(key, "docker-username") || key == "gcloud_service_key"
}

// roleParameter reads role-arn and its like.
func (f *circleFile) roleParameter(key string, n *Node, c connection.Consumer) bool {
	t := n.Text()
	k := strings.ReplaceAll(key, "_", "-")
	gcp := k == "workload-identity-pool-id" || k == "workload-identity-provider" || k == "workload-identity-pool-provider-id"
	if t.S == "" || !gcp && !strings.HasSuffix(k, "role-arn") && k != "web-identity-role-arn" {
		return false
	}
	if f.role(t, key, connection.OIDC, c) {
		return true
	}
	o := f.d.Occurrence(connection.FederatedTrust, key, t)
	o.Provider, o.Auth, o.Role, o.Consumer, o.Group = "aws", connection.OIDC, connection.RoleIdentity, c, c.Job+"/"+c.Action
	if gcp {
		o.Provider = "gcp"
	}
	v := f.text(t, key, nil, c)
	if len(v.Refs) == 0 && isName(t.S) && gcp { // the name of a variable
		v.Refs = []Ref{f.named(t, key, c)}
	}
	if len(v.Refs) == 0 {
		o.Principal = v.Lit
		if strings.Contains(t.S, "<<") {
			return false
		}
		f.d.Emit(o)
		return true
	}
	return f.d.EmitRefs(o, v, nil)
}
