package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// A pluginRow tells what a pipe of Bitbucket, a plugin of Drone, Woodpecker or
// Buildkite reaches.
type pluginRow struct {
	names    string // * at the end for any; without a namespace they are those of plugins anybody publishes
	provider string
	env      string // variables it reads when it is given no credential
	kind     connection.Kind
}

// pluginRows is the table of pipelines.md 4.3 for pipes and plugins. The first match counts.
var pluginRows = []pluginRow{
	{names: "atlassian/aws-ecr-push-image ecr", provider: "aws", env: "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY", kind: connection.RegistryLogin},
	{names: "atlassian/aws-*", provider: "aws", env: "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"},
	{names: "aws-* s3 s3-sync s3-cache codebuild cloudfront lambda", provider: "aws"},
	{names: "atlassian/azure-* microsoft/azure-* azure-*", provider: "azure"},
	{names: "acr kaniko-acr", provider: "azure", kind: connection.RegistryLogin},
	{names: "atlassian/google-* google-* gcp-* gke gcloud gcs gcs-cache", provider: "gcp"},
	{names: "gcr gar kaniko-gcr kaniko-gar", provider: "gcp", kind: connection.RegistryLogin},
	{names: "kaniko-ecr", provider: "aws", kind: connection.RegistryLogin},
	{names: "atlassian/heroku-* heroku", provider: "heroku"},
	{names: "atlassian/firebase-* firebase", provider: "firebase"},
	{names: "atlassian/npm-publish npm", provider: "npm"},
	{names: "atlassian/pypi-publish pypi", provider: "pypi"},
	{names: "atlassian/scp-deploy atlassian/ssh-run atlassian/rsync-deploy atlassian/sftp-deploy ssh scp rsync ansible", provider: "ssh", kind: connection.SSH},
	{names: "atlassian/ftp-deploy ftp", provider: "ftp"},
	{names: "atlassian/slack-notify slack", provider: "slack"},
	{names: "atlassian/email-notify email", provider: "smtp"},
	{names: "atlassian/opsgenie-*", provider: "opsgenie"},
	{names: "atlassian/jira-*", provider: "atlassian"},
	{names: "atlassian/bitbucket-* atlassian/trigger-pipeline", provider: "bitbucket"},
	{names: "atlassian/kubectl-run", provider: "kubernetes"},
	{names: "sonarsource/*", provider: "sonar", env: "SONAR_TOKEN"},
	{names: "snyk/*", provider: "snyk"},
	{names: "jfrog/* artifactory", provider: "jfrog"},
	{names: "datadog/*", provider: "datadog"},
	{names: "sentryio/*", provider: "sentry"},
	{names: "github-release gh-pages", provider: "github"},
	{names: "gitea-release gitea/tea", provider: "gitea"},
	{names: "release ready-release-go webhook surge-preview"}, // by what they are given
	{names: "docker docker-buildx docker-login buildx kaniko kaniko-* manifest", kind: connection.RegistryLogin},
	{names: "helm helm3 pelotech/drone-helm*", provider: "kubernetes"},
	{names: "downstream", provider: "drone"},
}

// wild tells whether a name starts as a pattern does that ends with *.
func wild(pattern, name string) bool {
	prefix, ok := strings.CutSuffix(pattern, "*")
	return ok && strings.HasPrefix(name, prefix)
}

// findPlugin gives the row of a plugin by its image or name: provider, the
// variables it reads by itself, what a credential makes. A name that no row has
// may tell a provider itself.
func findPlugin(image string) (provider, env string, kind connection.Kind) {
	name := strings.ToLower(strings.TrimPrefix(image, "docker.io/"))
	space, base := "", name
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		space, base = name[:i], name[i+1:]
	}
	short := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(base, "drone-"), "plugin-"), "wp-")
	plugin := space == "" || short != base || strings.Contains(space, "plugin")
	for i := range pluginRows {
		r := &pluginRows[i]
		for n := range strings.FieldsSeq(r.names) {
			is := short
			if strings.Contains(n, "/") {
				is = name
			} else if !plugin {
				continue
			}
			if is == n || wild(n, is) {
				return r.provider, r.env, r.kind
			}
		}
	}
	if p, sure, ok := byName(short); ok && sure {
		return p, "", ""
	}
	return "", "", ""
}
