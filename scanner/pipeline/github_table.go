package pipeline

import (
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner/connection"
)

// IntegrationsDate is when the table was last held against the actions' own metadata.
const IntegrationsDate = "2026-11-23"

// An integration is what an action does with its inputs. Inputs are written as
// in action metadata, in lower case; names in capitals are environment variables.
type integration struct {
	uses     string // owner/repo[/path] in lower case; a final * stands for any ending; several by blanks
	provider string // catalogue id; "" is inferred from the endpoint or names
	cred     string // credentials
	id       string // user names and the like, which go with the credential
	who      string // principal
	host     string // endpoint
	account  string
	script   string          // inputs that are scripts of bash; those of Azure's PowerShell of PowerShell
	kind     connection.Kind // of what the credential makes; "" is secret-ref
	// oidc says when a federated identity takes the credential's place: "always",
	// "none" (when no credential is given), "able" (when none is and the job may
	// ask for an identity token), or name[=value] of an input that is set.
	oidc string
	do   func(*ghStep, *integration, Text) // reads what the columns cannot say
}

// integrations is the table of pipelines.md 4.2. The first match counts.
var integrations = []integration{
	{uses: "aws-actions/configure-aws-credentials", provider: "aws", cred: "aws-access-key-id aws-secret-access-key aws-session-token", who: "role-to-assume", do: ghAWS},
	{uses: "aws-actions/amazon-ecr-login", provider: "aws", do: ghECR},
	{uses: "aws-actions/aws-secretsmanager-get-secrets", provider: "aws", do: ghAWSSecrets},
	{uses: "google-github-actions/auth", provider: "gcp", cred: "credentials_json", do: ghGCP},
	{uses: "google-github-actions/get-secretmanager-secrets", provider: "gcp", cred: "credentials", do: ghGCPSecrets},
	{uses: "google-github-actions/run-gemini-cli", provider: "gemini", cred: "gemini_api_key google_api_key", do: ghGemini},
	{uses: "google-github-actions/*", provider: "gcp", cred: "credentials", id: "project_id service_account_email"},
	{uses: "azure/login", provider: "azure", cred: "creds", do: ghAzure},
	{uses: "azure/docker-login docker/login-action redhat-actions/podman-login", cred: "password", id: "username", host: "registry login-server", kind: connection.RegistryLogin, do: ghLogin},
	{uses: "azure/get-keyvault-secrets", provider: "azure", do: ghKeyVault},
	{uses: "azure/webapps-deploy azure/functions-action azure/functions-container-action", provider: "azure", cred: "publish-profile", id: "app-name"},
	{uses: "azure/static-web-apps-deploy", provider: "azure", cred: "azure_static_web_apps_api_token"},
	{uses: "azure/cli", provider: "azure", script: "inlinescript"},
	{uses: "azure/powershell", provider: "azure", script: "inlinescript"},
	{uses: "addnab/docker-run-action", script: "run", cred: "password", id: "username", host: "registry", kind: connection.RegistryLogin},
	{uses: "nick-fields/retry nick-invision/retry", script: "command"},
	{uses: "uraimo/run-on-arch-action cross-platform-actions/action vmactions/*", script: "run"},
	{uses: "azure/sql-action", provider: "azure", cred: "connection-string"},
	{uses: "azure/*", provider: "azure", cred: "creds kubeconfig password client-secret publish-profile", id: "username client-id tenant-id subscription-id cluster-name resource-group"},
	{uses: "hashicorp/vault-action", provider: "vault", do: ghVault},
	{uses: "hashicorp/setup-terraform opentofu/setup-opentofu", provider: "terraform-cloud", cred: "cli_config_credentials_token", host: "cli_config_credentials_hostname"},
	{uses: "hashicorp/tfc-workflows-github*", provider: "terraform-cloud", cred: "TF_API_TOKEN TFE_TOKEN", account: "TF_CLOUD_ORGANIZATION", host: "TF_HOSTNAME"},
	{uses: "hashicorp/hcp-auth-action", provider: "hcp", cred: "client_secret", id: "client_id", who: "workload_identity_provider", oidc: "workload_identity_provider"},
	{uses: "1password/load-secrets-action*", provider: "1password", cred: "OP_SERVICE_ACCOUNT_TOKEN OP_CONNECT_TOKEN", host: "OP_CONNECT_HOST", do: gh1Password},
	{uses: "1password/*", provider: "1password", cred: "OP_SERVICE_ACCOUNT_TOKEN OP_CONNECT_TOKEN service-account-token connect-token", host: "OP_CONNECT_HOST connect-host"},
	{uses: "dopplerhq/secrets-fetch-action dopplerhq/cli-action", provider: "doppler", cred: "doppler-token DOPPLER_TOKEN", who: "doppler-identity-id", oidc: "auth-method=oidc"},
	{uses: "infisical/secrets-action", provider: "infisical", cred: "client-secret", id: "client-id", who: "identity-id", host: "domain", oidc: "method=oidc"},
	{uses: "bitwarden/sm-action", provider: "bitwarden", cred: "access_token"},
	{uses: "keeper-security/ksm-action", provider: "keeper", cred: "keeper-secret-config"},
	{uses: "akeyless-community/*", provider: "akeyless", cred: "access-id", who: "access-id", oidc: "access-id"},
	{uses: "cyberark/conjur-action", provider: "conjur", cred: "api_key", id: "host_id", host: "url", oidc: "authn_id"},
	{uses: "delinea/* delineaxpm/*", provider: "delinea", cred: "clientsecret client_secret password", id: "clientid client_id username", host: "domain server"},
	{uses: "pulumi/auth-actions", provider: "pulumi", account: "organization", oidc: "always"},
	{uses: "pulumi/*", provider: "pulumi", cred: "PULUMI_ACCESS_TOKEN PULUMI_CONFIG_PASSPHRASE", host: "cloud-url"},
	{uses: "actions/create-github-app-token tibdex/github-app-token peter-murray/workflow-application-token-action getsentry/action-github-app-token navikt/github-app-token-generator actions-create-github-app-token", provider: "github", cred: "private-key private_key application_private_key", id: "app-id app_id application_id client-id", kind: connection.AppToken, do: ghApp},
	{uses: "octo-sts/action datadog/dd-octo-sts-action", provider: "github", who: "identity policy", account: "scope", host: "domain", oidc: "always"},
	{uses: "actions/checkout", provider: "github", cred: "token ssh-key", do: ghCheckout},
	{uses: "peter-evans/repository-dispatch benc-uk/workflow-dispatch convictional/trigger-workflow-and-wait cpina/github-action-push-to-another-repository dmnemec/copy_file_to_another_repo_action the-actions-org/workflow-dispatch aurelien-baudet/workflow-dispatch lasith-kg/dispatch-workflow", provider: "github", cred: "token github_token API_TOKEN_GITHUB SSH_DEPLOY_KEY", id: "user_email user_name", who: "repository repo destination-github-username", do: ghCrossRepo},
	{uses: "peaceiris/actions-gh-pages jamesives/github-pages-deploy-action", provider: "github", cred: "deploy_key personal_token github_token token ssh-key", who: "external_repository repository-name", do: ghCrossRepo},
	{uses: "docker/scout-action docker/setup-buildx-action", provider: "dockerhub", cred: "dockerhub-password", id: "dockerhub-user"},
	{uses: "docker/build-push-action docker/bake-action redhat-actions/buildah-build depot/build-push-action", do: ghBuild, cred: "token"},
	{uses: "imjasonh/setup-crane imjasonh/setup-ko ko-build/setup-ko", do: ghOwnRegistry},
	{uses: "redhat-actions/oc-login", provider: "openshift", cred: "openshift_token openshift_password", id: "openshift_username", host: "openshift_server_url"},
	{uses: "redhat-actions/push-to-registry", cred: "password", id: "username", host: "registry", kind: connection.RegistryLogin, do: ghLogin},
	{uses: "aliyun/*", provider: "alibaba", cred: "access-key-secret password", id: "access-key-id username", host: "login-server"},
	{uses: "digitalocean/*", provider: "digitalocean", cred: "token", who: "app_name"},
	{uses: "scaleway/*", provider: "scaleway", cred: "secret-key SCW_SECRET_KEY scw-secret-key", id: "access-key SCW_ACCESS_KEY scw-access-key"},
	{uses: "oracle-actions/*", provider: "oracle", cred: "OCI_CLI_KEY_CONTENT", id: "OCI_CLI_USER OCI_CLI_FINGERPRINT OCI_CLI_TENANCY"},
	{uses: "tencentcloudcontainerteam/*", provider: "tencent", cred: "secret_key tke_registry_password", id: "secret_id tke_registry_user"},
	{uses: "pypa/gh-action-pypi-publish", provider: "pypi", cred: "password", id: "user", host: "repository-url repository_url", oidc: "none"},
	{uses: "js-devtools/npm-publish", provider: "npm", cred: "token", host: "registry", oidc: "none"},
	{uses: "rubygems/configure-rubygems-credentials rubygems/release-gem", provider: "rubygems", cred: "api-token", who: "role-to-assume", host: "gem-server", oidc: "none"},
	{uses: "rust-lang/crates-io-auth-action", provider: "crates.io", host: "url", oidc: "always"},
	{uses: "katyo/publish-crates", provider: "crates.io", cred: "registry-token"},
	{uses: "nuget/login", provider: "nuget", who: "user", oidc: "always"},
	{uses: "nuget/setup-nuget", provider: "nuget", cred: "nuget-api-key", host: "nuget-source"},
	{uses: "dart-lang/setup-dart/.github/workflows/publish.yml", provider: "pub.dev", oidc: "always"},
	{uses: "actions/setup-node", provider: "npm", cred: "NODE_AUTH_TOKEN", host: "registry-url", kind: connection.RegistryLogin, do: ghSetupNode},
	{uses: "actions/setup-java", cred: "gpg-private-key", do: ghSetupJava},
	{uses: "samuelmeuli/action-maven-publish", provider: "sonatype", cred: "nexus_password gpg_private_key gpg_passphrase", id: "nexus_username"},
	{uses: "crazy-max/ghaction-import-gpg", provider: "gpg", cred: "gpg_private_key gpg-private-key passphrase"},
	{uses: "changesets/action", provider: "github", cred: "github-token"},
	{uses: "jfrog/*", provider: "jfrog", cred: "JF_ACCESS_TOKEN JF_PASSWORD JF_ENV_1", id: "JF_USER", host: "JF_URL", who: "oidc-provider-name", oidc: "oidc-provider-name"},
	{uses: "cloudsmith-io/*", provider: "cloudsmith", cred: "api-key CLOUDSMITH_API_KEY", who: "oidc-service-slug", account: "oidc-namespace", oidc: "oidc-namespace"},
	{uses: "codecov/*", provider: "codecov", cred: "token CODECOV_TOKEN", host: "url", oidc: "use_oidc=true"},
	{uses: "codspeedhq/action", provider: "codspeed", cred: "token", oidc: "able"},
	{uses: "coverallsapp/github-action", provider: "coveralls", cred: "coveralls-token COVERALLS_REPO_TOKEN", host: "coveralls-endpoint"},
	{uses: "codacy/*", provider: "codacy", cred: "project-token api-token CODACY_PROJECT_TOKEN"},
	{uses: "paambaati/codeclimate-action", provider: "codeclimate", cred: "CC_TEST_REPORTER_ID"},
	{uses: "qltysh/*", provider: "qlty", cred: "token coverage-token", oidc: "oidc=true"},
	{uses: "sonarsource/*", provider: "sonar", cred: "SONAR_TOKEN", host: "SONAR_HOST_URL"},
	{uses: "snyk/*", provider: "snyk", cred: "SNYK_TOKEN", host: "SNYK_API"},
	{uses: "aquasecurity/trivy-action", cred: "TRIVY_PASSWORD", id: "TRIVY_USERNAME"},
	{uses: "gitguardian/*", provider: "gitguardian", cred: "GITGUARDIAN_API_KEY"},
	{uses: "gitleaks/gitleaks-action", provider: "gitleaks", cred: "GITLEAKS_LICENSE"},
	{uses: "semgrep/* returntocorp/*", provider: "semgrep", cred: "SEMGREP_APP_TOKEN publishtoken"},
	{uses: "fossas/fossa-action", provider: "fossa", cred: "api-key"},
	{uses: "bridgecrewio/checkov-action", provider: "prisma-cloud", cred: "api-key"},
	{uses: "checkmarx/*", provider: "checkmarx", cred: "cx_client_secret checkmarx_client_secret checkmarx_password", id: "cx_client_id cx_tenant checkmarx_username", host: "base_uri checkmarx_url"},
	{uses: "veracode/*", provider: "veracode", cred: "vkey", id: "vid"},
	{uses: "lacework/*", provider: "lacework", cred: "LW_API_SECRET api-secret", id: "LW_API_KEY LW_ACCOUNT api-key account"},
	{uses: "slackapi/slack-github-action", provider: "slack", cred: "token webhook SLACK_BOT_TOKEN SLACK_WEBHOOK_URL", id: "channel-id channel"},
	{uses: "rtcamp/action-slack-notify 8398a7/action-slack act10ns/slack ravsamhq/notify-slack-action voxmedia/* slackapi/* lazy-actions/slatify archive/github-actions-slack edge/simple-slack-notify", provider: "slack", cred: "SLACK_WEBHOOK SLACK_WEBHOOK_URL SLACK_BOT_TOKEN slack_webhook webhook_url webhook-url slack_webhook_url slack-bot-token token", id: "channel slack-channel"},
	{uses: "sarisia/actions-status-discord ilshidur/action-discord tsickert/discord-webhook", provider: "discord", cred: "webhook DISCORD_WEBHOOK webhook-url"},
	{uses: "appleboy/telegram-action", provider: "telegram", cred: "token", id: "to"},
	{uses: "appleboy/discord-action", provider: "discord", cred: "webhook_token", id: "webhook_id"},
	{uses: "skitionek/notify-microsoft-teams jdcargile/ms-teams-notification toko-bifrost/ms-teams-deploy-card", provider: "teams", cred: "webhook_url ms-teams-webhook-uri webhook-uri"},
	{uses: "zulip/*", provider: "zulip", cred: "api-key", id: "email", host: "organization-url"},
	{uses: "dawidd6/action-send-mail", provider: "smtp", cred: "password connection_url", id: "username to from", host: "server_address"},
	{uses: "atlassian/gajira-*", provider: "atlassian", cred: "JIRA_API_TOKEN", id: "JIRA_USER_EMAIL", host: "JIRA_BASE_URL"},
	{uses: "pagerduty/* miparnisari/action-pagerduty-alert", provider: "pagerduty", cred: "integration-key pagerduty-integration-key integration_key"},
	{uses: "opsgenie/*", provider: "opsgenie", cred: "api-key api_key"},
	{uses: "linear/*", provider: "linear", cred: "api-key access_key"},
	{uses: "getsentry/action-release", provider: "sentry", cred: "SENTRY_AUTH_TOKEN", id: "SENTRY_ORG SENTRY_PROJECT", host: "SENTRY_URL"},
	{uses: "datadog/* int128/datadog-actions-metrics", provider: "datadog", cred: "api-key api_key app-key app_key datadog-api-key DD_API_KEY DATADOG_API_KEY DATADOG_APP_KEY", host: "datadog-site datadog_site"},
	{uses: "newrelic/*", provider: "newrelic", cred: "apikey", id: "guid"},
	{uses: "honeycombio/*", provider: "honeycomb", cred: "apikey"},
	{uses: "launchdarkly/*", provider: "launchdarkly", cred: "accesstoken access-token access_token"},
	{uses: "cloudflare/*", provider: "cloudflare", cred: "apitoken api-token", id: "accountid account-id", account: "accountid account-id"},
	{uses: "netlify/actions* nwtgck/actions-netlify", provider: "netlify", cred: "NETLIFY_AUTH_TOKEN", id: "NETLIFY_SITE_ID"},
	{uses: "amondnet/vercel-action", provider: "vercel", cred: "vercel-token zeit-token VERCEL_TOKEN", id: "vercel-org-id vercel-project-id scope"},
	{uses: "firebaseextended/action-hosting-deploy w9jds/firebase-action", provider: "firebase", cred: "firebaseserviceaccount FIREBASE_TOKEN GCP_SA_KEY", account: "projectid PROJECT_ID"},
	{uses: "akhileshns/heroku-deploy", provider: "heroku", cred: "heroku_api_key", id: "heroku_email", who: "heroku_app_name"},
	{uses: "superfly/*", provider: "fly", cred: "FLY_API_TOKEN", who: "app"},
	{uses: "expo/expo-github-action", provider: "expo", cred: "token"},
	{uses: "railwayapp/* bervprojects/railway-deploy", provider: "railway", cred: "railway_token RAILWAY_TOKEN"},
	{uses: "johnbeynon/render-deploy-action", provider: "render", cred: "api-key", id: "service-id"},
	{uses: "koyeb*", provider: "koyeb", cred: "api_token koyeb-token"},
	{uses: "supabase/setup-cli", provider: "supabase", cred: "SUPABASE_ACCESS_TOKEN SUPABASE_DB_PASSWORD"},
	{uses: "neondatabase/*", provider: "neon", cred: "api_key", who: "project_id"},
	{uses: "planetscale/*", provider: "planetscale", cred: "service_token PLANETSCALE_SERVICE_TOKEN", id: "PLANETSCALE_SERVICE_TOKEN_ID", account: "org_name"},
	{uses: "garygrossgarten/github-action-ssh fifsky/ssh-action", provider: "ssh", script: "command", cred: "privatekey passphrase password key pass", id: "username host port user", who: "username user", host: "host", kind: connection.SSH},
	{uses: "appleboy/ssh-action appleboy/scp-action", provider: "ssh", script: "script", cred: "key password passphrase proxy_key proxy_password proxy_passphrase", id: "username host port proxy_host proxy_username fingerprint", who: "username", host: "host", kind: connection.SSH},
	{uses: "easingthemes/ssh-deploy burnett01/rsync-deployments", provider: "ssh", cred: "SSH_PRIVATE_KEY ssh_private_key remote_key remote_key_pass", id: "REMOTE_USER REMOTE_HOST remote_user remote_host", who: "REMOTE_USER remote_user", host: "REMOTE_HOST remote_host", kind: connection.SSH},
	{uses: "webfactory/ssh-agent shimataro/ssh-key-action shaunco/ssh-agent", provider: "ssh", cred: "ssh-private-key key", id: "known_hosts", kind: connection.SSH},
	{uses: "samkirkland/ftp-deploy-action", provider: "ftp", cred: "password", id: "username server", who: "username", host: "server"},
	{uses: "wlixcc/sftp-deploy-action", provider: "ssh", cred: "password ssh_private_key", id: "username server", who: "username", host: "server", kind: connection.SSH},
	{uses: "tailscale/github-action", provider: "tailscale", cred: "authkey oauth-secret", id: "oauth-client-id", oidc: "audience"},
	{uses: "netbirdio/*", provider: "netbird", cred: "setup-key"},
	{uses: "step-security/harden-runner", cred: "token api-key"},
	{uses: "cachix/cachix-action cachix/install-nix-action", provider: "cachix", cred: "authtoken signingkey", who: "name"},
	{uses: "determinatesystems/*", provider: "flakehub", cred: "token"},
	{uses: "depot/*", provider: "depot", cred: "token DEPOT_TOKEN", who: "project", oidc: "oidc=true"},
	{uses: "cypress-io/github-action", provider: "cypress", cred: "CYPRESS_RECORD_KEY"},
	{uses: "chromaui/action*", provider: "chromatic", cred: "projecttoken"},
	{uses: "percy/*", provider: "percy", cred: "PERCY_TOKEN"},
	{uses: "browserstack/*", provider: "browserstack", cred: "access-key", id: "username"},
	{uses: "saucelabs/*", provider: "sauce", cred: "SAUCE_ACCESS_KEY accesskey sauce-access-key", id: "SAUCE_USERNAME username sauce-username"},
	{uses: "applitools/*", provider: "applitools", cred: "APPLITOOLS_API_KEY"},
	{uses: "apple-actions/import-codesign-certs apple-actions/download-provisioning-profiles apple-actions/upload-testflight-build", provider: "apple", cred: "p12-file-base64 p12-password api-private-key keychain-password", id: "issuer-id api-key-id"},
	{uses: "r0adkll/upload-google-play", provider: "google-play", cred: "servicejsonplaintext serviceaccountjsonplaintext"},
	{uses: "r0adkll/sign-android-release", provider: "android", cred: "signingkeybase64 keystorepassword keypassword", id: "alias"},
	{uses: "snapcore/action-publish", provider: "snapcraft", cred: "SNAPCRAFT_STORE_CREDENTIALS store_login"},
	{uses: "ksxgithub/github-actions-deploy-aur", provider: "aur", cred: "ssh_private_key", id: "commit_username commit_email"},
	{uses: "mnao305/chrome-extension-upload", provider: "chrome", cred: "client-secret refresh-token", id: "client-id extension-id"},
	{uses: "haaleo/publish-vscode-extension", provider: "vscode", cred: "pat"},
	{uses: "signpath/*", provider: "signpath", cred: "api-token", account: "organization-id"},
	{uses: "anthropics/*", provider: "anthropic", cred: "anthropic_api_key claude_code_oauth_token", oidc: "anthropic_federation_rule_id"},
	{uses: "openai/codex-action", provider: "openai", cred: "openai-api-key"},
	{uses: "renovatebot/github-action", provider: "github", cred: "token"},
	{uses: "pact-foundation/*", provider: "pact", cred: "PACT_BROKER_TOKEN PACT_BROKER_PASSWORD", id: "PACT_BROKER_USERNAME", host: "PACT_BROKER_BASE_URL"},
	{uses: "readmeio/rdme", provider: "readme", cred: "rdme"},
	{uses: "crowdin/github-action", provider: "crowdin", cred: "token CROWDIN_PERSONAL_TOKEN", id: "project_id CROWDIN_PROJECT_ID"},
	{uses: "contributor-assistant/github-action", provider: "github", cred: "PERSONAL_ACCESS_TOKEN"},
	{uses: "actions/github-script actions/labeler actions/stale actions/add-to-project peter-evans/* dependabot/fetch-metadata ncipollo/release-action softprops/action-gh-release googleapis/release-please-action google-github-actions/release-please-action release-drafter/release-drafter stefanzweifel/git-auto-commit-action endbug/add-and-commit ad-m/github-push-action goreleaser/goreleaser-action getsentry/craft cycjimmy/semantic-release-action github/codeql-action* github/* ossf/scorecard-action actions/*",
		provider: "github", cred: "token github-token github_token repo-token repo_token branch-token ssh-key GITHUB_TOKEN GH_TOKEN"},
}

var integrationIndex = sync.OnceValue(func() map[string]*integration {
	m := map[string]*integration{}
	for i := range integrations {
		for u := range strings.FieldsSeq(integrations[i].uses) {
			if _, have := m[u]; !have {
				m[u] = &integrations[i]
			}
		}
	}
	return m
})

// findIntegration gives the row of an action, owner/repo[/path] in lower case:
// its own, that of the action it is a part of, then those with a *; nil for none.
func findIntegration(name string) *integration {
	m := integrationIndex()
	for p := name; ; {
		if r := m[p]; r != nil {
			return r
		}
		i := strings.LastIndexByte(p, '/')
		if i < 0 || strings.Count(p, "/") == 1 {
			break
		}
		p = p[:i]
	}
	for i := range integrations {
		for u := range strings.FieldsSeq(integrations[i].uses) {
			if wild(u, name) {
				return &integrations[i]
			}
		}
	}
	return nil
}
