package pipeline

import (
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// A tool is a command that speaks for one provider: its credential comes by
// flags or variables.
type tool struct {
	provider string
	flags    string // whose values are credentials
	env      string // variables that it reads
	host     string // flags and variables that give the endpoint
	when     string // subcommands, one of which must stand; "" is any
	// oidc marks a tool that can publish without a stored credential.
	oidc bool
	// login is the subcommand that logs in to the provider's own registry.
	login, registry string
}

// tools is the table of pipelines.md 3.9 for commands without syntax of their own.
var tools = map[string]tool{
	"sentry-cli":        {provider: "sentry", flags: "--auth-token", env: "SENTRY_AUTH_TOKEN", host: "--url SENTRY_URL"},
	"codecov":           {provider: "codecov", flags: "-t --token", env: "CODECOV_TOKEN"},
	"codecovcli":        {provider: "codecov", flags: "-t --token", env: "CODECOV_TOKEN"},
	"coveralls":         {provider: "coveralls", flags: "--repo-token", env: "COVERALLS_REPO_TOKEN"},
	"cc-test-reporter":  {provider: "codeclimate", flags: "-r --id", env: "CC_TEST_REPORTER_ID"},
	"sonar-scanner":     {provider: "sonar", flags: "-Dsonar.token -Dsonar.login -Dsonar.password", env: "SONAR_TOKEN", host: "-Dsonar.host.url SONAR_HOST_URL"},
	"snyk":              {provider: "snyk", flags: "--token", env: "SNYK_TOKEN", host: "SNYK_API"},
	"fossa":             {provider: "fossa", flags: "--fossa-api-key", env: "FOSSA_API_KEY"},
	"datadog-ci":        {provider: "datadog", flags: "--apiKey --appKey", env: "DD_API_KEY DATADOG_API_KEY DATADOG_APP_KEY DD_APP_KEY", host: "DATADOG_SITE DD_SITE"},
	"newrelic":          {provider: "newrelic", flags: "--apiKey", env: "NEW_RELIC_API_KEY"},
	"netlify":           {provider: "netlify", flags: "--auth -a", env: "NETLIFY_AUTH_TOKEN"},
	"vercel":            {provider: "vercel", flags: "--token -t", env: "VERCEL_TOKEN"},
	"firebase":          {provider: "firebase", flags: "--token", env: "FIREBASE_TOKEN GOOGLE_APPLICATION_CREDENTIALS"},
	"heroku":            {provider: "heroku", env: "HEROKU_API_KEY"},
	"flyctl":            {provider: "fly", flags: "-t --access-token", env: "FLY_API_TOKEN FLY_ACCESS_TOKEN", login: "auth docker", registry: "registry.fly.io"},
	"fly":               {provider: "fly", flags: "-t --access-token", env: "FLY_API_TOKEN FLY_ACCESS_TOKEN", login: "auth docker", registry: "registry.fly.io"},
	"wrangler":          {provider: "cloudflare", env: "CLOUDFLARE_API_TOKEN CLOUDFLARE_API_KEY CF_API_TOKEN"},
	"surge":             {provider: "surge", flags: "--token", env: "SURGE_TOKEN"},
	"railway":           {provider: "railway", env: "RAILWAY_TOKEN"},
	"supabase":          {provider: "supabase", flags: "-p --password", env: "SUPABASE_ACCESS_TOKEN SUPABASE_DB_PASSWORD"},
	"eas":               {provider: "expo", env: "EXPO_TOKEN"},
	"expo":              {provider: "expo", env: "EXPO_TOKEN"},
	"snapcraft":         {provider: "snapcraft", env: "SNAPCRAFT_STORE_CREDENTIALS", when: "upload login push release"},
	"stripe":            {provider: "stripe", flags: "--api-key", env: "STRIPE_API_KEY"},
	"twilio":            {provider: "twilio", env: "TWILIO_AUTH_TOKEN TWILIO_API_SECRET"},
	"doctl":             {provider: "digitalocean", flags: "-t --access-token", env: "DIGITALOCEAN_ACCESS_TOKEN", login: "registry login", registry: "registry.digitalocean.com"},
	"linode-cli":        {provider: "linode", env: "LINODE_CLI_TOKEN"},
	"hcloud":            {provider: "hetzner", env: "HCLOUD_TOKEN"},
	"ibmcloud":          {provider: "ibm", flags: "--apikey -p", env: "IBMCLOUD_API_KEY", login: "cr login", registry: "icr.io"},
	"oci":               {provider: "oracle", env: "OCI_CLI_KEY_CONTENT"},
	"aliyun":            {provider: "alibaba", flags: "--access-key-secret --access-key-id"},
	"scw":               {provider: "scaleway", flags: "secret-key access-key", env: "SCW_SECRET_KEY"},
	"chromatic":         {provider: "chromatic", flags: "--project-token", env: "CHROMATIC_PROJECT_TOKEN"},
	"percy":             {provider: "percy", env: "PERCY_TOKEN"},
	"cypress":           {provider: "cypress", flags: "--key -k", env: "CYPRESS_RECORD_KEY"},
	"nx":                {provider: "nx", env: "NX_CLOUD_ACCESS_TOKEN"},
	"nx-cloud":          {provider: "nx", env: "NX_CLOUD_ACCESS_TOKEN"},
	"turbo":             {provider: "vercel", flags: "--token", env: "TURBO_TOKEN"},
	"ggshield":          {provider: "gitguardian", env: "GITGUARDIAN_API_KEY"},
	"semgrep":           {provider: "semgrep", env: "SEMGREP_APP_TOKEN"},
	"infracost":         {provider: "infracost", env: "INFRACOST_API_KEY"},
	"crowdin":           {provider: "crowdin", flags: "-T --token", env: "CROWDIN_PERSONAL_TOKEN"},
	"argocd":            {provider: "argocd", flags: "--auth-token --password", env: "ARGOCD_AUTH_TOKEN", host: "--server ARGOCD_SERVER"},
	"oc":                {provider: "openshift", flags: "--token -p --password", host: "--server"},
	"flux":              {provider: "github", flags: "--token", env: "GITHUB_TOKEN", when: "bootstrap"},
	"serverless":        {provider: "serverless", env: "SERVERLESS_ACCESS_KEY"},
	"sls":               {provider: "serverless", env: "SERVERLESS_ACCESS_KEY"},
	"pulumi":            {provider: "pulumi", env: "PULUMI_ACCESS_TOKEN PULUMI_CONFIG_PASSPHRASE"},
	"vsce":              {provider: "vscode", flags: "-p --pat", env: "VSCE_PAT", when: "publish login"},
	"ovsx":              {provider: "vscode", flags: "-p --pat", env: "OVSX_PAT", when: "publish"},
	"web-ext":           {provider: "mozilla", flags: "--api-key --api-secret", env: "WEB_EXT_API_KEY WEB_EXT_API_SECRET", when: "sign"},
	"fastlane":          {provider: "apple", env: "MATCH_PASSWORD FASTLANE_PASSWORD FASTLANE_SESSION APP_STORE_CONNECT_API_KEY_CONTENT MATCH_GIT_BASIC_AUTHORIZATION"},
	"gem":               {provider: "rubygems", flags: "--key", env: "GEM_HOST_API_KEY RUBYGEMS_API_KEY", host: "--host", when: "push"},
	"cargo":             {provider: "crates.io", flags: "--token", env: "CARGO_REGISTRY_TOKEN", when: "publish login yank owner"},
	"cargo-release":     {provider: "crates.io", env: "CARGO_REGISTRY_TOKEN"},
	"twine":             {provider: "pypi", flags: "-p --password -u --username", env: "TWINE_PASSWORD TWINE_USERNAME", host: "--repository-url TWINE_REPOSITORY_URL", when: "upload"},
	"flit":              {provider: "pypi", env: "FLIT_PASSWORD FLIT_USERNAME", host: "FLIT_INDEX_URL", when: "publish"},
	"hatch":             {provider: "pypi", flags: "-a --auth -u --user", env: "HATCH_INDEX_AUTH HATCH_INDEX_USER", when: "publish"},
	"pdm":               {oidc: true, provider: "pypi", flags: "-P --password -u --username", env: "PDM_PUBLISH_PASSWORD PDM_PUBLISH_USERNAME", when: "publish"},
	"uv":                {oidc: true, provider: "pypi", flags: "-t --token -p --password", env: "UV_PUBLISH_TOKEN UV_PUBLISH_PASSWORD", host: "--publish-url UV_PUBLISH_URL", when: "publish"},
	"maturin":           {provider: "pypi", flags: "-p --password", env: "MATURIN_PYPI_TOKEN MATURIN_PASSWORD", when: "publish upload"},
	"poetry":            {provider: "pypi", flags: "-p --password -u --username", env: "POETRY_PYPI_TOKEN_PYPI POETRY_HTTP_BASIC_PYPI_PASSWORD", when: "publish"},
	"npm":               {provider: "npm", flags: "--//registry.npmjs.org/:_authToken --otp", env: "NODE_AUTH_TOKEN NPM_TOKEN NPM_CONFIG_TOKEN", host: "--registry", when: "publish dist-tag"},
	"lerna":             {provider: "npm", env: "NODE_AUTH_TOKEN NPM_TOKEN", host: "--registry", when: "publish"},
	"semantic-release":  {provider: "npm", env: "NPM_TOKEN"},
	"jsr":               {provider: "jsr", flags: "--token", when: "publish"},
	"pod":               {provider: "cocoapods", env: "COCOAPODS_TRUNK_TOKEN", when: "trunk"},
	"nuget":             {provider: "nuget", flags: "-ApiKey -Password -apikey -password", host: "-Source -source", when: "push sources"},
	"goreleaser":        {provider: "github", env: "GITHUB_TOKEN GORELEASER_KEY"},
	"jf":                {provider: "jfrog", flags: "--access-token --password --apikey", env: "JF_ACCESS_TOKEN", host: "--url --artifactory-url JF_URL"},
	"jfrog":             {provider: "jfrog", flags: "--access-token --password --apikey", host: "--url --artifactory-url"},
	"conan":             {provider: "", flags: "-p --password", when: "remote user"},
	"composer":          {provider: "packagist", env: "COMPOSER_AUTH"},
	"cosign":            {provider: "sigstore", env: "COSIGN_PRIVATE_KEY COSIGN_PASSWORD", when: "sign attest sign-blob"},
	"gpg":               {provider: "gpg", flags: "--passphrase"},
	"gpg2":              {provider: "gpg", flags: "--passphrase"},
	"signtool":          {provider: "microsoft", flags: "/p"},
	"jarsigner":         {provider: "android", flags: "-storepass -keypass"},
	"apksigner":         {provider: "android", flags: "--ks-pass --key-pass"},
	"security":          {provider: "apple", flags: "-P -p -k", when: "import create-keychain unlock-keychain"},
	"xcrun":             {provider: "apple", flags: "--password --key -p --apiKey", when: "notarytool altool"},
	"redis-cli":         {provider: "redis", flags: "-a --pass", env: "REDISCLI_AUTH", host: "-h"},
	"psql":              {provider: "postgres", env: "PGPASSWORD", host: "-h --host PGHOST"},
	"pg_dump":           {provider: "postgres", env: "PGPASSWORD", host: "-h --host PGHOST"},
	"mysql":             {provider: "mysql", flags: "-p --password", env: "MYSQL_PWD", host: "-h --host"},
	"mysqldump":         {provider: "mysql", flags: "-p --password", env: "MYSQL_PWD", host: "-h --host"},
	"mongosh":           {provider: "mongodb", flags: "-p --password", host: "--host"},
	"sqlcmd":            {provider: "mssql", flags: "-P", env: "SQLCMDPASSWORD", host: "-S"},
	"clickhouse-client": {provider: "clickhouse", flags: "--password", host: "--host -h"},
	"snowsql":           {provider: "snowflake", env: "SNOWSQL_PWD", flags: "--private-key-path"},
	"flyway":            {provider: "", flags: "-password", env: "FLYWAY_PASSWORD"},
	"liquibase":         {provider: "", flags: "--password", env: "LIQUIBASE_COMMAND_PASSWORD"},
	"tailscale":         {provider: "tailscale", flags: "--authkey --auth-key", when: "up login"},
	"cachix":            {provider: "cachix", env: "CACHIX_AUTH_TOKEN", when: "push authtoken"},
	"huggingface-cli":   {provider: "huggingface", flags: "--token", env: "HF_TOKEN"},
	"hf":                {provider: "huggingface", flags: "--token", env: "HF_TOKEN"},
	"wandb":             {provider: "wandb", env: "WANDB_API_KEY"},
	"buildkite-agent":   {provider: "buildkite", flags: "--token"},
	"glab":              {provider: "gitlab", flags: "-t --token", env: "GITLAB_TOKEN", host: "GITLAB_HOST"},
	"gitlab-runner":     {provider: "gitlab", flags: "-t --token -r --registration-token", when: "register", host: "-u --url"},
	"hub":               {provider: "github", env: "GITHUB_TOKEN"},
	"ghr":               {provider: "github", flags: "-t -token", env: "GITHUB_TOKEN"},
	"auto":              {provider: "github", env: "GH_TOKEN NPM_TOKEN"},
	"release-it":        {provider: "github", env: "GITHUB_TOKEN"},
	"renovate":          {provider: "github", env: "RENOVATE_TOKEN"},
	"codacy-coverage":   {provider: "codacy", flags: "-t --project-token", env: "CODACY_PROJECT_TOKEN"},
	"qlty":              {provider: "qlty", flags: "--token", env: "QLTY_COVERAGE_TOKEN"},
	"appcenter":         {provider: "appcenter", flags: "--token", env: "APPCENTER_ACCESS_TOKEN"},
	"octo":              {provider: "octopus", flags: "--apiKey", env: "OCTOPUS_API_KEY", host: "--server"},
	"octopus":           {provider: "octopus", flags: "--api-key", env: "OCTOPUS_API_KEY", host: "OCTOPUS_URL"},
	"databricks":        {provider: "databricks", env: "DATABRICKS_TOKEN", host: "DATABRICKS_HOST"},
	"dbt":               {provider: "", env: "DBT_PASSWORD SNOWFLAKE_PASSWORD"},
	"sfdx":              {provider: "salesforce", env: "SFDX_AUTH_URL"},
	"sf":                {provider: "salesforce", env: "SFDX_AUTH_URL"},
	"packer":            {provider: "", env: "PACKER_GITHUB_API_TOKEN HCP_CLIENT_SECRET"},
	"claude":            {provider: "anthropic", env: "ANTHROPIC_API_KEY CLAUDE_CODE_OAUTH_TOKEN"},
	"codex":             {provider: "openai", env: "OPENAI_API_KEY"},
	"gemini":            {provider: "gemini", env: "GEMINI_API_KEY"},
	"spacectl":          {provider: "spacelift", env: "SPACELIFT_API_KEY_SECRET"},
	"butler":            {provider: "", env: "BUTLER_API_KEY"},
	"lacework":          {provider: "lacework", flags: "--api_secret", env: "LW_API_SECRET"},
	"trivy":             {provider: "", env: "TRIVY_PASSWORD TRIVY_USERNAME"},
	"rclone":            {provider: "", env: "RCLONE_CONFIG_PASS"},
	"restic":            {provider: "", env: "RESTIC_PASSWORD"},
	"dotenvx":           {provider: "", env: "DOTENV_PRIVATE_KEY"},
	"infisical":         {provider: "infisical", flags: "--token --client-secret", env: "INFISICAL_TOKEN"},
	"doppler":           {provider: "doppler", flags: "--token -t", env: "DOPPLER_TOKEN"},
	"dagger":            {provider: "", env: "DAGGER_CLOUD_TOKEN"},
	"depot":             {provider: "depot", flags: "--token", env: "DEPOT_TOKEN"},
	"contentful":        {provider: "contentful", flags: "--mt --management-token --at"},
	"shopify":           {provider: "shopify", env: "SHOPIFY_CLI_THEME_TOKEN", flags: "--password"},
	"algolia":           {provider: "algolia", flags: "--admin-api-key --api-key", env: "ALGOLIA_ADMIN_API_KEY ALGOLIA_API_KEY"},
	"confluent":         {provider: "confluent", env: "CONFLUENT_CLOUD_PASSWORD CONFLUENT_CLOUD_API_SECRET"},
	"atlas":             {provider: "mongodb", env: "MONGODB_ATLAS_PRIVATE_API_KEY MONGODB_ATLAS_PUBLIC_API_KEY"},
	"pscale":            {provider: "planetscale", flags: "--service-token", env: "PLANETSCALE_SERVICE_TOKEN"},
	"neonctl":           {provider: "neon", flags: "--api-key", env: "NEON_API_KEY"},
	"yarn":              {provider: "npm", env: "NODE_AUTH_TOKEN NPM_TOKEN YARN_NPM_AUTH_TOKEN NPM_AUTH_TOKEN", when: "publish npm"},
	"pnpm":              {provider: "npm", env: "NODE_AUTH_TOKEN NPM_TOKEN", host: "--registry", when: "publish -r"},
	"bun":               {provider: "npm", env: "NODE_AUTH_TOKEN NPM_TOKEN NPM_CONFIG_TOKEN", when: "publish"},
	"changeset":         {provider: "npm", env: "NODE_AUTH_TOKEN NPM_TOKEN", when: "publish"},
	"cloudsmith":        {provider: "cloudsmith", flags: "-k --api-key", env: "CLOUDSMITH_API_KEY"},
	"package_cloud":     {provider: "packagecloud", env: "PACKAGECLOUD_TOKEN", when: "push"},
	"vt":                {provider: "virustotal", flags: "-k --apikey", env: "VTCLI_APIKEY"},
	"bws":               {provider: "bitwarden", flags: "-t --access-token", env: "BWS_ACCESS_TOKEN"},
	"akeyless":          {provider: "akeyless", flags: "--token --access-key", env: "AKEYLESS_TOKEN"},
	"conjur":            {provider: "conjur", flags: "-p", env: "CONJUR_AUTHN_API_KEY"},
	"mcp-publisher":     {provider: "github", flags: "-token --token", when: "login"},
}

// tool emits the credentials that a command of the table takes.
func (c *shCommand) tool(t tool) {
	if t.when != "" {
		ok := false
		for w := range strings.FieldsSeq(t.when) {
			ok = ok || c.has(w)
		}
		if !ok {
			for _, a := range c.Args[1:] {
				c.links(a)
			}
			return
		}
	}
	if t.login != "" && c.sub(2) == t.login {
		o, v := Occurrence{Kind: connection.RegistryLogin, Provider: t.provider, Endpoint: t.registry}, c.env(t.env)
		o.Auth = refsAuth(v, connection.Ambient)
		c.use(o, c.Args[0].At, connection.RoleSecret, true, v)
		return
	}
	o := Occurrence{Kind: connection.SecretRef, Provider: t.provider}
	if w, ok := c.option("--provider"); ok && t.provider == "serverless" { // config credentials
		o.Provider = map[string]string{"aws": "aws", "google": "gcp", "azure": "azure"}[w.Lit()]
	}
	for h := range strings.FieldsSeq(t.host) {
		v := c.env(h)
		if strings.HasPrefix(h, "-") {
			w, _ := c.option(h)
			v = w.Value()
		}
		if host := NormalHost(v.Lit); host != "" && strings.Contains(host, ".") && !v.Open {
			o.Endpoint = host
			if p := hostProvider(host); p != "" {
				o.Provider = p
			} else if t.provider == "nuget" {
				o.Provider = ""
			}
			break
		}
	}
	var vals []Value
	for f := range strings.FieldsSeq(t.flags) {
		for _, w := range c.options(f) {
			vals = append(vals, w.Value())
			c.inPlain(o, w)
		}
	}
	for _, a := range c.Args[1:] { // a credential as a bare argument, or a URL
		if !c.links(a) && len(a.Vals) > 0 && !strings.HasPrefix(a.Pat, "-") && a.Pat == string(hole) {
			if v := a.Value(); credentialRef(v) {
				vals = append(vals, v)
			}
		}
	}
	if len(vals) == 0 {
		vals = append(vals, c.env(t.env))
	}
	vals = append(vals, Value{Refs: c.In.Refs})
	if t.oidc && c.x.s.OIDC && !c.has("--dry-run") && !slices.ContainsFunc(vals, func(v Value) bool { return !v.Empty() || v.Open }) {
		o.Kind, o.Auth = connection.FederatedTrust, connection.OIDC
		c.use(o, c.Args[0].At, "", true)
		return
	}
	c.use(o, Text{}, connection.RoleSecret, false, vals...)
}

// inPlain emits a credential that a command is given in plain text.
func (c *shCommand) inPlain(o Occurrence, w shWord) {
	v := strings.Trim(w.Pat, `"'\`)
	if i := strings.LastIndexByte(v, '='); i >= 0 && strings.HasPrefix(v, "-") {
		v = v[i+1:]
	}
	if !w.Known() || !unguessable(v) {
		return
	}
	o.Kind, o.Auth = connection.Literal, connection.Static
	c.use(o, w.At, connection.RoleSecret, true)
}

// credentialRef tells whether a value is one reference whose name says credential.
func credentialRef(v Value) bool {
	for _, r := range v.Refs {
		if !SecretName(refName(r.Name)) {
			return false
		}
	}
	return len(v.Refs) > 0
}
