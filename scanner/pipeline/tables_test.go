package pipeline

import (
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner/provider"
)

// The tables name providers of the catalogue, and every action of the
// integration table finds its own row.
func TestTables(t *testing.T) {
	known := func(id, where string) {
		if _, ok := provider.ByID(id); id != "" && !ok {
			t.Errorf("%s: no provider %q in the catalogue", where, id)
		}
	}
	for i := range integrations {
		row := &integrations[i]
		known(row.provider, row.uses)
		for u := range strings.FieldsSeq(row.uses) {
			if u != strings.ToLower(u) {
				t.Errorf("%s is not in lower case", u)
			}
			if got := findIntegration(strings.TrimSuffix(u, "*")); got != row && !strings.HasSuffix(u, "*") {
				t.Errorf("%s finds the row of %q", u, got.uses)
			}
		}
		for _, names := range []string{row.cred, row.id, row.who, row.host, row.account} {
			for n := range strings.FieldsSeq(names) {
				if n != strings.ToLower(n) && n != strings.ToUpper(n) {
					t.Errorf("%s: %s is neither an input in lower case nor a variable", row.uses, n)
				}
			}
		}
	}
	for name, tool := range tools {
		known(tool.provider, name)
	}
	for _, p := range dependabotTypes {
		known(p, "dependabot")
	}
}

func TestFindIntegration(t *testing.T) {
	for name, want := range map[string]string{
		"docker/login-action":                   "azure/docker-login docker/login-action redhat-actions/podman-login",
		"github/codeql-action/analyze":          "actions/github-script",
		"snyk/actions/golang":                   "snyk/*",
		"google-github-actions/deploy-cloudrun": "google-github-actions/*",
		"nobody/nothing":                        "",
	} {
		got := ""
		if r := findIntegration(name); r != nil {
			got = r.uses
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s finds %q, want %q", name, got, want)
		}
	}
}

func TestSecretName(t *testing.T) {
	for name, want := range map[string]bool{
		"NPM_TOKEN": true, "dbPassword": true, "signing.key": true, "API_KEY": true, "SLACK_WEBHOOK": true, "SENTRY_DSN": true, "GITHUB_PAT": true,
		"AWS_ACCESS_KEY_ID": false, "CACHE_KEY": false, "TOKEN_URL": false, "DB_PASSWORD_FILE": false, "SSH_KNOWN_HOSTS": false, "MONKEY": false,
		"KEYBOARD": false, "AUTHOR": false, "COMPASS": false, "BYPASS": false, "PRIMARY_KEY": false, "APP_PUBLIC_KEY": false, "KEY_VAULT_NAME": false, "REGION": false, "MODEL_MAX_OUTPUT_TOKENS": false, "authLevel": false, "TURNSTILE_SITE_KEY": false, "AUTH_REDIRECT_URI": false, "PASSWORD_ITERATIONS": false, "TOKENS_FROM_TRANSFERS_START_BLOCK": false, "shard_key": false,
	} {
		if got := SecretName(name); got != want {
			t.Errorf("SecretName(%q) = %v", name, got)
		}
	}
}

func TestImageHost(t *testing.T) {
	for image, want := range map[string]string{
		"nginx": "docker.io nginx", "user/app:1": "docker.io user/app", "ghcr.io/acme/app@sha256:ab": "ghcr.io acme/app",
		"localhost/x": "localhost x", "r.dev:5000/a/b:2": "r.dev:5000 a/b", "${IMAGE}": " ", "": " ", "index.docker.io/a/b": "docker.io a/b",
	} {
		host, name := ImageHost(image)
		if got := host + " " + name; got != want {
			t.Errorf("ImageHost(%q) = %q, want %q", image, got, want)
		}
	}
}

func TestLinks(t *testing.T) {
	for text, want := range map[string]int{
		"https://a.dev/x":                        linkNone,
		"https://user:\x01@a.dev/x":              linkUserinfo,
		"https://\x01@github.com/a/b":            linkUserinfo,
		"https://user:pass@host.dev/x":           linkNone,
		"https://user:YOUR_PASSWORD@host.dev/x":  linkNone,
		"https://hooks.slack.com/services/T/B/x": linkWebhook,
		"https://discord.com/api/webhooks/1/x":   linkWebhook,
		"https://discord.com/channels/1":         linkNone,
		"https://a.dev/x?token=\x01":             linkToken,
		"https://a.dev/x?page=2&key=short":       linkNone,
		"ssh://git@github.com/a/b":               linkNone,
	} {
		ls := findLinks("see " + text + ".")
		if len(ls) != 1 || ls[0].sort() != want || ls[0].End != 4+len(text) {
			t.Errorf("%q: %+v, want sort %d", text, ls, want)
		}
	}
}
