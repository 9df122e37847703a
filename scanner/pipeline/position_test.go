package pipeline

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
)

// What an occurrence is told to stand at is that text and no more, to the column
// in UTF-16 units: behind tabs, wide characters, escapes, entities, in values that
// take several lines, whatever ends the lines. The text between ⟦ and ⟧ is the region.
func TestRegions(t *testing.T) {
	cases := []struct{ name, path, text string }{
		{"a value behind blanks", ".npmrc", "; é😀\n\t//npm.acme.dev/:_authToken =\t⟦${ACME_TOKEN}⟧ \n"},
		{"a value in quotes", ".env", "export STRIPE_API_KEY=\"⟦made-Up-0f-7⟧\" # 😀\n"},
		{"a line that goes on", "pip.conf", "[global]\nextra-index-url =\n\thttps://pypi.org/simple\n\t⟦https://bot:made-Up-7@pypi.acme.dev/simple⟧\n"},
		{"words on one line", ".netrc", "machine ⟦api.acme.dev⟧ login é password made-up machine ⟦b.acme.dev⟧ login b password c\n"},
		{"an attribute behind a wide one", "nuget.config", "<configuration>\n\t<packageSources><add key=\"é😀\" value='⟦https://nuget.acme.dev/v3⟧' /></packageSources>\n</configuration>"},
		{"an attribute on a line of its own", "nuget.config", "<configuration><packageSources>\n<add\n\tkey=\"a\"\n\tvalue=\"⟦https://nuget.acme.dev/v3⟧\"\n/></packageSources></configuration>"},
		{"the text of an element", "settings.xml", "<settings><servers>\n\t<server><id>é</id><username>a</username><password>⟦${env.ACME_PASSWORD}⟧</password></server>\n</servers></settings>"},
		{"text behind a comment", "settings.xml", "<settings><servers><server><id>a</id><!-- 😀\n --><password>⟦${env.ACME_PASSWORD}⟧</password></server></servers></settings>"},
		{"text behind an entity", "settings.xml", "<settings><servers><server><id>a&amp;b</id><password>&#36;⟦${env.ACME_PASSWORD}⟧&lt;</password></server></servers></settings>"},
		{"text in a section of its own", "settings.xml", "<settings><servers><server><id>a</id><password><![CDATA[⟦${env.ACME_PASSWORD}⟧]]></password></server></servers></settings>"},
		{"an attribute behind an entity", "nuget.config", "<configuration><packageSources><add key=\"a&amp;&#233;\" value=\"⟦https://nuget.acme.dev/v3?a=1&amp;b=2⟧\" /></packageSources></configuration>"},
		{"a string of TOML", ".codex/config.toml", "# é😀\n[mcp_servers.\"⟦acme⟧\"]\nurl = \"https://mcp.acme.dev\" # 😀\n\tbearer_token_env_var = '⟦ACME_TOKEN⟧'\n"},
		{"a table on one line", ".codex/config.toml", "mcp_servers.⟦acme⟧ = { url = \"https://mcp.acme.dev\", http_headers = { \"é\" = \"\\u00e9\", \"X-Api-Key\" = \"\\t⟦${ACME_KEY}⟧\" } }\n"},
		{"a string of several lines", ".codex/config.toml", "[mcp_servers.⟦acme⟧]\ncommand = \"npx\"\nargs = [\n\t\"-y\",\n\t\"\"\"\n--api-key=⟦${ACME_KEY}⟧\"\"\",\n]\n"},
		{"escapes within escapes", "samconfig.toml", "[a.deploy.parameters]\nparameter_overrides = \"Stage=\\\"é\\\" ApiToken=\\\"⟦made-Up-0f-7⟧\\\"\"\n"},
		{"lines of parameters", "samconfig.toml", "[a.deploy.parameters]\nparameter_overrides = '''\n  Stage=b\n\tApiToken=⟦made-Up-0f-7⟧\n'''\n"},
		{"JSON behind a comment", ".mcp.json", "{ // é\n\t\"mcpServers\": { /* 😀 */ \"⟦acme⟧\": {\"url\": \"https://mcp.acme.dev\", \"headers\": {\"Authorization\": \"Bearer\\u0020⟦${ACME_TOKEN}⟧\"}},\n},}"},
		{"JSON in lines", "auth.json", "{\n\t\"http-basic\": {\n\t\t\"⟦repo.acme.dev⟧\": {\n\t\t\t\"username\": \"é\",\n\t\t\t\"password\": \"made-up\"}}}"},
		{"JSON with names bare", "renovate.json5", "{\n  // é\n  hostRules: [{matchHost: 'npm.acme.dev', token: '⟦made-Up-0f-7⟧'}],\n}"},
		{"a template's parameter", "main.bicep", "// é😀\n@secure()\n\tparam ⟦password⟧ string // 😀\n"},
		{"a parameter file", "a.parameters.json", "{\"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#\",\n\t\"parameters\": {\"é\": {\"value\": \"😀\"}, \"apiKey\": {\"value\": \"⟦${ACME_KEY}⟧\"}}}"},
		{"a folded value", "serverless.yml", "service: a\nprovider:\n  name: ⟦aws⟧\n  environment:\n    A_TOKEN: >-\n      é\n      ⟦${ssm:/acme/token}⟧\n"},
		{"a literal of YAML", "template.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  A:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment: {Variables: {é: '😀', DB_PASSWORD: '⟦{{resolve:secretsmanager:db:SecretString:pw}}⟧'}}\n"},
		{"a request", "a.http", "### é\n\tGET https://api.acme.dev\n\tAuthorization: Bearer ⟦{{token}}⟧\n"},
		{"a line of Procfile", "Procfile", "é: true\nweb: curl https://bot:⟦$ACME_TOKEN⟧@x.acme.dev\n"},
	}
	for _, c := range cases {
		for ending, text := range map[string]string{"LF": c.text, "CRLF": strings.ReplaceAll(c.text, "\n", "\r\n"), "mark": "\ufeff" + c.text} {
			plain, want := regionsOf(text)
			if len(want) == 0 {
				t.Fatalf("%s marks nothing", c.name)
			}
			got := map[string]bool{}
			for _, o := range readTree(t, MapTree{c.path: []byte(plain)}).Occurrences {
				got[fmt.Sprintf("%d:%d-%d:%d", o.Location.Line, o.Location.Column, o.Location.EndLine, o.Location.EndColumn)] = true
			}
			for _, w := range want {
				if !got[w] {
					t.Errorf("%s (%s) with %s: nothing stands at %s, but at %v", c.name, c.path, ending, w, got)
				}
			}
		}
	}
}

// regionsOf takes the marks out of a text and gives the regions between them.
func regionsOf(text string) (string, []string) {
	var b strings.Builder
	var regions []string
	line, column, start := 1, 1, ""
	for _, r := range text {
		switch r {
		case '⟦':
			start = fmt.Sprintf("%d:%d", line, column)
			continue
		case '⟧':
			regions = append(regions, fmt.Sprintf("%s-%d:%d", start, line, column))
			continue
		case '\n':
			line, column = line+1, 1
		case '\ufeff':
		default:
			column += len(utf16.Encode([]rune{r}))
		}
		b.WriteRune(r)
	}
	return b.String(), regions
}
