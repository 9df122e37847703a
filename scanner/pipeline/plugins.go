package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// A pluginRow tells what a pipe of Bitbucket, a plugin of Drone, Woodpecker or
// Buildkite reaches.
type pluginRow struct {
	names    string // with or without namespace; * at the end for any
	provider string
	env      string // variables it reads when it is given no credential
	kind     connection.Kind
}

// pluginRows is the table of pipelines.md 4.3 for pipes and plugins. The first match counts.
var pluginRows = []pluginRow{
	{names: "atlassian/aws-ecr-push-image plugins/ecr ecr woodpeckerci/plugin-ecr", provider: "aws", env: "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY", kind: connection.RegistryLogin},
	{names: "atlassian/aws-*", provider: "aws", env: "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"},
	{names: "aws-* s3 s3-sync s3-cache plugins/s3 woodpeckerci/plugin-s3 codebuild plugins/s3-sync plugins/s3-cache cloudfront lambda", provider: "aws"},
	{names: "atlassian/azure-* microsoft/azure-* azure-*", provider: "azure"},
	{names: "plugins/acr acr", provider: "azure", kind: connection.RegistryLogin},
	{names: "atlassian/google-* google-* gcp-* gke gcloud gcs plugins/gcs gcs-cache", provider: "gcp"},
	{names: "plugins/gcr plugins/gar gcr gar", provider: "gcp", kind: connection.RegistryLogin},
	{names: "atlassian/heroku-* heroku", provider: "heroku"},
	{names: "atlassian/firebase-* firebase", provider: "firebase"},
	{names: "atlassian/npm-publish npm plugins/npm woodpeckerci/plugin-npm", provider: "npm"},
	{names: "atlassian/pypi-publish pypi plugins/pypi", provider: "pypi"},
	{names: "atlassian/scp-deploy atlassian/ssh-run atlassian/rsync-deploy atlassian/sftp-deploy ssh scp rsync appleboy/drone-* drillster/drone-rsync plugins/ansible ansible", provider: "ssh", kind: connection.SSH},
	{names: "atlassian/ftp-deploy ftp", provider: "ftp"},
	{names: "atlassian/slack-notify slack plugins/slack", provider: "slack"},
	{names: "atlassian/email-notify email drillster/drone-email", provider: "smtp"},
	{names: "atlassian/opsgenie-*", provider: "opsgenie"},
	{names: "atlassian/jira-*", provider: "atlassian"},
	{names: "atlassian/bitbucket-* atlassian/trigger-pipeline", provider: "bitbucket"},
	{names: "atlassian/kubectl-run", provider: "kubernetes"},
	{names: "sonarsource/*", provider: "sonar", env: "SONAR_TOKEN"},
	{names: "snyk/*", provider: "snyk"},
	{names: "jfrog/* plugins/artifactory", provider: "jfrog"},
	{names: "datadog/*", provider: "datadog"},
	{names: "sentryio/*", provider: "sentry"},
	{names: "plugins/github-release github-release plugins/gh-pages gh-pages", provider: "github"},
	{names: "plugins/gitea-release gitea-release gitea/tea", provider: "gitea"},
	{names: "woodpeckerci/plugin-release woodpeckerci/plugin-ready-release-go plugins/webhook woodpeckerci/plugin-surge-preview", provider: ""},
	{names: "plugins/docker docker docker-buildx plugins/buildx kaniko plugins/kaniko woodpeckerci/plugin-docker-buildx woodpeckerci/plugin-kaniko thegeeklab/drone-docker* techknowlogick/drone-docker plugins/kaniko-* docker-login quay.io/thegeeklab/wp-docker-buildx", kind: connection.RegistryLogin},
	{names: "plugins/kaniko-ecr", provider: "aws", kind: connection.RegistryLogin},
	{names: "helm plugins/helm3 pelotech/drone-helm* quay.io/ipedrazas/drone-helm", provider: "kubernetes"},
	{names: "plugins/manifest", kind: connection.RegistryLogin},
	{names: "plugins/downstream", provider: "drone"},
}

// findPlugin gives the row of a plugin by its image or name: provider, the
// variables it reads by itself, what a credential makes. A name that no row has
// may tell a provider itself.
func findPlugin(image string) (provider, env string, kind connection.Kind) {
	name := strings.ToLower(strings.TrimPrefix(image, "docker.io/"))
	base := name[strings.LastIndexByte(name, '/')+1:]
	short := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(base, "drone-"), "plugin-"), "wp-")
	for i := range pluginRows {
		for n := range strings.FieldsSeq(pluginRows[i].names) {
			prefix, wild := strings.CutSuffix(n, "*")
			if n == name || wild && strings.HasPrefix(name, prefix) || n == base && strings.Contains(name, "plugin") || n == short && short != base || !strings.Contains(n, "/") && wild && short != base && strings.HasPrefix(short, prefix) {
				r := &pluginRows[i]
				return r.provider, r.env, r.kind
			}
		}
	}
	if p, sure, ok := byName(short); ok && sure {
		return p, "", ""
	}
	return "", "", ""
}
