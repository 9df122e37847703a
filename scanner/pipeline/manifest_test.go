package pipeline

import (
	"strings"
	"testing"
)

// Hostile files of these dialects end, and tell where they were cut.
func TestHostileManifests(t *testing.T) {
	big := func(unit string) string { return strings.Repeat(unit, 200_000/len(unit)) }
	for name, file := range map[string][2]string{
		"heredocs":        {"Dockerfile", "RUN cat " + big("<<A ") + "\n" + big("x\n")},
		"open heredocs":   {"Dockerfile", big("RUN <<EOF\n")},
		"continued lines": {"Dockerfile", "RUN " + big("a \\\n")},
		"stages":          {"Dockerfile", big("FROM a AS b\n")},
		"arguments":       {"Dockerfile", big("ARG A_TOKEN=$A_TOKEN\n")},
		"deep flow":       {"a.yaml", "apiVersion: v1\nkind: Pod\nx: " + strings.Repeat("[", 5000) + "\n"},
		"one key":         {"values.yaml", big("password: {")},
		"aliases":         {"values.yaml", "a: &a {password: x1y2z3}\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d]\n"},
		"cycle":           {"values.yaml", "a: &a {b: *a, secretName: x}\n"},
		"open templates":  {"chart/templates/a.yaml", "apiVersion: v1\nkind: Pod\n{{- include \"x\" }}\na: " + big("{{") + "\n"},
		"services":        {"compose.yml", "services:\n  a:\n    image: x\n    environment:\n" + big("      - A_TOKEN=${A:-${B:-${C}}}\n")},
		"links":           {"compose.yml", "services: {a: {image: x, command: \"" + big("a://b:c@d ") + "\"}}\n"},
		"braces":          {".devcontainer/devcontainer.json", "{\"remoteEnv\":" + big("{\"a\":")},
		"comments":        {".devcontainer/devcontainer.json", "{" + big("/*")},
	} {
		t.Run(name, func(t *testing.T) {
			for _, g := range readTree(t, MapTree{file[0]: []byte(file[1])}).Gaps {
				if strings.Contains(g.Detail, "please report") || strings.Contains(g.Detail, "gave up on") {
					t.Errorf("%s: %s", name, g.Detail)
				}
			}
		})
	}
}

// What a Secret, a value or a login holds does not leave, whatever file it stands in.
func TestNoSecretLeavesManifests(t *testing.T) {
	secret := "q7" + strings.Repeat("Xk3v", 3) + "9ZpL" + "0m" + "Wt8"
	tree := MapTree{
		"Dockerfile":          []byte("ARG A_TOKEN=" + secret + "\nENV B_TOKEN=" + secret + " URL=https://u:" + secret + "@a.dev\nRUN curl -u u:" + secret + " https://a.dev\n"),
		"compose.yml":         []byte("services:\n  a:\n    image: x\n    command: --password=" + secret + "\n    environment:\n      A_TOKEN: " + secret + "\n      B_TOKEN: ${B:-" + secret + "}\n      U: postgres://" + secret + ":" + secret + "@db/x\n"),
		"s.yaml":              []byte("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {token: " + secret + ", url: \"https://u:" + secret + "@a.dev\", b: \"$" + secret + "\"}\n"),
		"values.yaml":         []byte("a: {password: " + secret + ", token: \"${" + secret + "}\"}\nslack_api_url: https://a.dev/" + secret + "\n"),
		".docker/config.json": []byte(`{"auths":{"a.dev":{"auth":"` + secret + `"}}}`),
		"kustomization.yaml":  []byte("secretGenerator: [{name: a, literals: [token=" + secret + "]}]\n"),
		"alertmanager.yml":    []byte("receivers: [{name: x, slack_configs: [{api_url: \"https://hooks.slack.com/services/" + secret + "\"}], pagerduty_configs: [{routing_key: " + secret + "}]}]\n"),
	}
	res := readTree(t, tree)
	if len(res.Occurrences) < 15 {
		t.Errorf("only %d occurrences", len(res.Occurrences))
	}
	for _, o := range res.Occurrences {
		all := strings.Join(append([]string{o.Account, o.Endpoint, o.Principal, o.Group, o.Construct, o.Consumer.Action}, o.Refs...), " ")
		if strings.Contains(all, secret[:8]) {
			t.Errorf("%s %s tells a part of the secret: %s", o.Location, o.Kind, strings.ReplaceAll(all, secret, "…"))
		}
	}
}
