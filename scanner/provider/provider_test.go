package provider

import (
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
)

var kinds = []string{
	"api-key", "access-key", "pat", "deploy-key", "ssh-key", "service-account-key", "oauth-client", "oauth-grant",
	"app-installation", "password", "connection-string", "certificate", "webhook-secret", "signing-key", "workload-identity",
}

// The one test of the data: what an entry must be.
func TestCatalogue(t *testing.T) {
	idForm := regexp.MustCompile(`^[a-z0-9]+([.-][a-z0-9]+)*$`)
	hostForm := regexp.MustCompile(`^([a-z0-9*-]|\{account\})+(\.([a-z0-9*-]|\{account\})+)*(/([a-z0-9-]+|\{account\}))*$`)
	nameForm := regexp.MustCompile(`^[A-Z0-9]+(_[A-Z0-9]+)*\??$`)
	hosts, names := map[string]string{}, map[string]string{}
	for _, file := range fields() {
		if !sort.SliceIsSorted(file, func(i, j int) bool { return file[i].ID < file[j].ID }) {
			t.Errorf("the file of %s is not sorted by id", file[0].ID)
		}
	}
	all := All()
	if len(all) < 250 {
		t.Errorf("%d providers", len(all))
	}
	for i, p := range all {
		if i > 0 && all[i-1].ID == p.ID {
			t.Errorf("%s stands twice", p.ID)
		}
		if !idForm.MatchString(p.ID) || p.Name == "" || p.Relation == "" || len(p.Kinds) == 0 {
			t.Errorf("%s: id, name, relation or kinds are missing or malformed", p.ID)
		}
		for _, h := range p.Hosts {
			if !hostForm.MatchString(h) || strings.Count(h, accountV) > 1 {
				t.Errorf("%s: host %q is malformed", p.ID, h)
			}
			key := strings.NewReplacer(accountV, "*").Replace(h)
			if q := hosts[h]; q != "" && q != p.ID {
				t.Errorf("host %s is claimed by %s and %s", key, q, p.ID)
			}
			hosts[h] = p.ID
		}
		for _, n := range p.Names {
			if !nameForm.MatchString(n) {
				t.Errorf("%s: name %q is malformed", p.ID, n)
			}
			key := strings.ReplaceAll(strings.TrimSuffix(n, "?"), "_", "")
			if q := names[key]; q != "" && q != p.ID {
				t.Errorf("name %s is claimed by %s and %s", n, q, p.ID)
			}
			names[key] = p.ID
		}
		for _, k := range p.Kinds {
			if !slices.Contains(kinds, k) {
				t.Errorf("%s: kind %q is none", p.ID, k)
			}
		}
		for _, l := range []string{p.Rotate, p.Docs} {
			checkLink(t, p.ID, l)
		}
		if p.Revoke != "" {
			checkLink(t, p.ID, p.Revoke)
		}
		if p.Federation != "" {
			checkLink(t, p.ID, p.Federation)
		}
		for _, f := range p.Fields {
			if f.Name == "" || f.Means == "" {
				t.Errorf("%s: an empty field", p.ID)
			}
		}
	}
}

func checkLink(t *testing.T, id, link string) {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" || u.Host == "" || !strings.Contains(u.Host, ".") {
		t.Errorf("%s: %q is no https link", id, link)
	}
}

func TestByHost(t *testing.T) {
	for _, c := range []struct{ host, id, account string }{
		{"123456789012.dkr.ecr.eu-west-1.amazonaws.com", "aws", "123456789012"},
		{"123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/app:1", "aws", "123456789012"},
		{"arn:aws:iam::123456789012:role/deploy", "aws", "123456789012"},
		{"s3://bucket/key", "aws", ""},
		{"sqs.eu-west-1.amazonaws.com:443", "aws", ""},
		{"gs://bucket", "gcp", ""},
		{"ci@some-project.iam.gserviceaccount.com", "gcp", "some-project"},
		{"europe-west1-docker.pkg.dev/some-project/images/a", "gcp", "some-project"},
		{"gcr.io/some-project/a", "gcp", "some-project"},
		{"GHCR.io/Owner/image", "github", "Owner"},
		{"https://user@github.com/owner/repo.git", "github", "owner"},
		{"pkgs.dev.azure.com/org/_packaging/feed", "azure-devops", "org"},
		{"reg.azurecr.io", "azure", "reg"},
		{"https://login.microsoftonline.com/tenant/oauth2", "azure", "tenant"},
		{"docker.io", "dockerhub", ""},
		{"https://hooks.slack.com/services/T0/B0", "slack", "T0"},
		{"team.jfrog.io", "jfrog", "team"},
		{"chat.googleapis.com", "google-chat", ""},
		{"generativelanguage.googleapis.com", "gemini", ""},
		{"acme.snowflakecomputing.com.", "snowflake", "acme"},
		{"registry.example.com", "", ""}, {"", "", ""}, {"amazonaws.com.evil.net", "", ""}, {"notgithub.com", "", ""}, {"...", "", ""},
	} {
		p, account, ok := ByHost(c.host)
		if ok != (c.id != "") || p.ID != c.id || account != c.account {
			t.Errorf("ByHost(%q) = %s, %q, %v; want %s, %q", c.host, p.ID, account, ok, c.id, c.account)
		}
	}
}

func TestByName(t *testing.T) {
	for _, c := range []struct {
		name, id string
		sure     bool
	}{
		{"AWS_ACCESS_KEY_ID", "aws", true}, {"PROD_AWS_SECRET", "aws", true}, {"awsSecretAccessKey", "aws", true},
		{"SLACK_WEBHOOK_URL", "slack", true}, {"stripe.secret-key", "stripe", true}, {"NEWRELIC_API_KEY", "newrelic", true},
		{"NEW_RELIC_LICENSE_KEY", "newrelic", true}, {"DOCKER_HUB_TOKEN", "dockerhub", true}, {"GCLOUD_SERVICE_KEY", "gcp", true},
		{"TEST_PYPI_API_TOKEN", "pypi", true}, {"AZURE_DEVOPS_PAT", "azure-devops", true}, {"AZURE_CLIENT_SECRET", "azure", true},
		{"AZURE_OPENAI_KEY", "azure", true}, {"GOOGLE_PLAY_JSON", "google-play", true}, {"HOMEBREW_TAP_TOKEN", "github", true},
		{"CF_TOKEN", "cloudflare", false}, {"GIT_TOKEN", "github", false}, {"DATABASE_URL", "postgres", false}, {"DB_PASSWORD", "postgres", false},
		{"NODE_AUTH_TOKEN", "npm", true}, {"DOCKERHUBTOKEN", "dockerhub", false}, {"OP_SERVICE_ACCOUNT_TOKEN", "1password", true}, {"AUTH0_CLIENT_SECRET", "auth0", true},
		{"S3_BUCKET_KEY", "aws", false}, {"SUPABASE_DB_PASSWORD", "supabase", true}, {"JIRA_USER_EMAIL", "atlassian", true}, {"HEX_AWS_SECRET_ACCESS_KEY", "aws", true},
		{"AWS_ECR_PACKAGES_REGISTRY", "aws", true}, {"MYSQL_DATABASE_URL", "mysql", true}, {"ORG_TAURI_BOT_PAT", "github", false}, {"AZUREAPPSERVICE_CLIENTID_0A1B", "azure", true}, {"CLAUDE_CODE_OAUTH_TOKEN", "anthropic", true}, {"gitlabToken", "gitlab", true}, {"GITHUBToken", "github", true},
		{"DRONE_GITEA_CLIENT_SECRET", "gitea", true}, {"GRAFANA_AUTH_GITHUB_CLIENT_SECRET", "github", true}, {"GITEA_SSH_USER", "gitea", true}, {"JENKINS_TOKEN", "jenkins", true}, {"s3Key", "aws", false},
		{"SENTRY_LARAVEL_DSN", "sentry", true}, {"DJANGO_AWS_ACCESS_KEY_ID", "aws", true}, {"DJANGO_SECRET_KEY", "django", false}, {"ADO_PERSONAL_ACCESS_TOKEN", "azure-devops", true},
		{"TOKEN", "", false}, {"API_KEY", "", false}, {"PASSWORD", "", false}, {"", "", false}, {"PROD_APP_SECRET", "", false}, {"MONKEY", "", false},
	} {
		p, sure, ok := ByName(c.name)
		if ok != (c.id != "") || p.ID != c.id || sure != c.sure {
			t.Errorf("ByName(%q) = %s, sure %v; want %s, %v", c.name, p.ID, sure, c.id, c.sure)
		}
	}
}

func FuzzLookups(f *testing.F) {
	f.Add("https://a@b.github.com:1/x?y#z")
	f.Add("arn:aws:")
	f.Add("fooBARBaz__9")
	f.Fuzz(func(t *testing.T, s string) {
		if p, _, ok := ByHost(s); ok && p.ID == "" {
			t.Error("a provider without id")
		}
		if p, _, ok := ByName(s); ok && p.ID == "" {
			t.Error("a provider without id")
		}
	})
}
