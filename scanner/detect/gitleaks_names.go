package detect

import (
	"strings"

	"github.com/credgate/credgate/scanner"
)

// What gitleaks' rules do not say of themselves is told by their IDs.

// providers is by the first word of an ID, where that is not the provider.
var providers = map[string]string{
	"artifactory": "jfrog",
	"cisco":       "meraki",
	"curl":        "",
	"droneci":     "drone",
	"flyio":       "fly",
	"gcp":         "gcp",
	"generic":     "",
	"hashicorp":   "terraform-cloud",
	"defined":     "defined-networking",
	"jwt":         "",
	"kubernetes":  "",
	"microsoft":   "teams",
	"new":         "newrelic",
	"pkcs12":      "",
	"private":     "",
	"sendinblue":  "brevo",
	"settlemint":  "",
	"travisci":    "travis",
}

func providerOf(id string) string {
	first, _, _ := strings.Cut(id, "-")
	if p, ok := providers[first]; ok {
		if id == "hashicorp-tf-password" {
			return ""
		}
		return p
	}
	return first
}

// structural rules go by syntax that carries a credential of any provider.
var structural = map[string]bool{
	"curl-auth-header": true, "curl-auth-user": true, "hashicorp-tf-password": true, "jwt": true,
	"jwt-base64": true, "kubernetes-secret-yaml": true, "nuget-config-password": true,
	"pkcs12-file": true, "private-key": true,
}

func classOf(id string) scanner.Class {
	switch {
	case strings.HasPrefix(id, "generic"):
		return scanner.Generic
	case structural[id]:
		return scanner.Structural
	}
	return scanner.Specific
}

// severityOf: an identifier that is public by design is worth knowing, no more.
func severityOf(id string) scanner.Severity {
	switch {
	case strings.HasSuffix(id, "-client-id"), strings.HasSuffix(id, "-access-id"), strings.HasSuffix(id, "-pub-key"),
		strings.HasSuffix(id, "-pub-api-key"), strings.HasSuffix(id, "-publishable-api-key"), strings.HasSuffix(id, "-public-key"),
		id == "alibaba-access-key-id", id == "new-relic-user-api-id", id == "new-relic-browser-api-token":
		return scanner.Low
	case classOf(id) == scanner.Generic, id == "pkcs12-file":
		return scanner.Medium
	}
	return scanner.High
}

// kinds is by the last words of an ID; the first that fits counts.
var kinds = []struct{ suffix, kind string }{
	{"-client-id", "oauth-client"}, {"-client-secret", "oauth-client"},
	{"-refresh-token", "oauth-grant"}, {"-oauth", "oauth-grant"}, {"-oauth-token", "oauth-grant"}, {"-oauth-access-token", "oauth-grant"},
	{"github-app-token", "app-installation"},
	{"-deploy-token", "deploy-key"},
	{"-pat", "pat"}, {"-pat-routable", "pat"}, {"-personal-access-token", "pat"}, {"-personnal-access-token", "pat"}, {"-user-token", "pat"},
	{"-webhook", "webhook-secret"}, {"-webhook-url", "webhook-secret"},
	{"-password", "password"}, {"-auth-user", "password"},
	{"-url", "connection-string"},
	{"private-key", "signing-key"}, {"pkcs12-file", "certificate"}, {"age-secret-key", "signing-key"},
	{"aws-access-token", "access-key"}, {"-access-key", "access-key"}, {"-access-key-id", "access-key"},
}

func kindOfRule(id string) string {
	for _, k := range kinds {
		if strings.HasSuffix(id, k.suffix) {
			return k.kind
		}
	}
	return "api-key"
}

// spelled are words of IDs that are not written with one capital.
var spelled = map[string]string{
	"api": "API", "aws": "AWS", "gcp": "GCP", "jwt": "JWT", "pat": "personal access token", "id": "ID", "url": "URL",
	"github": "GitHub", "gitlab": "GitLab", "npm": "npm", "pypi": "PyPI", "oauth": "OAuth", "openai": "OpenAI",
	"yaml": "YAML", "tf": "Terraform", "ad": "AD", "pkcs12": "PKCS #12", "circleci": "CircleCI", "digitalocean": "DigitalOcean",
	"linkedin": "LinkedIn", "launchdarkly": "LaunchDarkly", "jfrog": "JFrog", "huggingface": "Hugging Face", "hubspot": "HubSpot",
	"sendgrid": "SendGrid", "planetscale": "PlanetScale", "sourcegraph": "Sourcegraph", "rubygems": "RubyGems", "curl": "curl",
	"personnal": "personal", "newrelic": "New Relic", "flyio": "Fly.io", "pagerduty": "PagerDuty", "rapidapi": "RapidAPI",
}

// title makes "Stripe access token" of stripe-access-token.
func title(id string) string {
	words := strings.Split(id, "-")
	for i, w := range words {
		if s, ok := spelled[w]; ok {
			words[i] = s
		} else if i == 0 {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
	}
	return strings.Join(words, " ")
}
