package pipeline

import (
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// FuzzGroovy holds the lexer to its law: tokens stand in order, within the
// text, and the contents of strings within their tokens; the reader ends.
func FuzzGroovy(f *testing.F) {
	for _, s := range []string{"a 'b', c: \"${d}\"", "x = /a/ + b / c", "'''a''' + \"\"\"b\"\"\" + $/c/$", "f { g(h: [i: j]) } }", "\"${", "a.b?.c(d) { -> e }", "#!/x\n// y\n/* z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, kotlin := range []bool{false, true} {
			last := 0
			for _, k := range lexGroovy(s, kotlin) {
				if k.start < last || k.end <= k.start || k.end > len(s) {
					t.Fatalf("token %d-%d after %d in %q", k.start, k.end, last, s)
				}
				if k.kind == gString && (k.from < k.start || k.to > k.end || k.to < k.from) {
					t.Fatalf("string %d-%d in token %d-%d of %q", k.from, k.to, k.start, k.end, s)
				}
				last = k.end
			}
			testDocument(s).Groovy(kotlin)
		}
	})
}

// Hostile files of formats that are not YAML end, and are gaps where they were cut.
func TestHostileFormats(t *testing.T) {
	big := func(unit string) string { return strings.Repeat(unit, 20_000/len(unit)) }
	for p, texts := range map[string][]string{
		"main.tf":            {big("a {"), "x = " + big("["), "x = " + big("!"), "x = " + big("a ? b : "), "x = \"" + big("${") + "\"", "x = " + big("a+") + "b", big("locals { a = local.a }\n")},
		"main.tf.json":       {big("["), big("{\"a\":"), "{\"a\": \"" + big("${") + "\"}"},
		"Jenkinsfile":        {big("a {"), big("("), big("["), big("a."), big("\"${"), big("x = "), big("a + "), big("'"), big("withCredentials([string(credentialsId: 'a', variable: 'b')]) {\n")},
		".codex/config.toml": {"a = " + big("["), big("[a."), big("[a]\n"), big("[[a]]\nb=1\n")},
		"settings.xml":       {big("<a>"), big("<server><id>"), "<a " + big("b='c' ")},
		".netrc":             {big("machine a login b ")},
		"build.gradle.kts":   {big("maven { url = uri(\"https://a.dev\")\n"), big("System.getenv(\"A_TOKEN\")\n")},
		".env":               {big("A_TOKEN=$B "), big("A=${")},
		"playbooks/site.yml": {"a: '" + big("{{ lookup('env', 'A_TOKEN') }}") + "'"},
	} {
		for _, text := range texts {
			for _, g := range readTree(t, MapTree{p: []byte(text)}).Gaps {
				if strings.Contains(g.Detail, "please report") {
					t.Errorf("%s: the reader failed on %.20q", p, text)
				}
			}
		}
	}
	if g := readTree(t, MapTree{"main.tf": []byte(big("a {"))}).Gaps; len(g) == 0 || g[0].Reason != scanner.TooDeep {
		t.Errorf("nested blocks: gaps %v", g)
	}
}

func init() {
	fuzzPaths = append(fuzzPaths, "main.tf", "main.tf.json", "a.tfvars", "terraform.tfstate", "terragrunt.hcl", ".terraformrc",
		"Jenkinsfile", "jenkins.yaml", "jenkins/config.xml",
		"buildspec.yml", "cloudbuild.yaml", "serverless.yml", "Pulumi.dev.yaml", ".teamcity/settings.kts", ".teamcity/x.xml", "a.cfn.yaml", "playbooks/site.yml", "inventory",
		"ansible.cfg", ".npmrc", ".yarnrc.yml", ".pypirc", "pip.conf", "pyproject.toml", ".netrc", ".cargo/config.toml", "settings.xml", "gradle.properties", "build.gradle.kts",
		"nuget.config", "auth.json", ".gitmodules", ".ssh/config", ".aws/config", ".env", ".bundle/config", ".mcp.json", ".codex/config.toml", ".vscode/settings.json",
		"samconfig.toml", "rclone.conf", ".claude/settings.json", "gcloud/configurations/config_a", "fastlane/Fastfile", "devcontainer.json", "renovate.json5", ".idea/a.xml", "a.http", "fly.toml", "wrangler.jsonc")
}

// Templates of JSON and HCL leave minor gaps; what is no template, a full one.
func TestTemplatesLeaveMinorGaps(t *testing.T) {
	for path, texts := range map[string][2]string{
		"azuredeploy.json": {`{% if x %}{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#" {% endif %}`,
			`{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#" "a" }`},
		"prod.tfvars": {"a = {\n{% for x in y -%}\n  b = {}\n{% endfor %}\n}\n", "a = {\n  b = {\n"},
	} {
		for i, text := range texts {
			gaps := readTree(t, MapTree{path: []byte(text)}).Gaps
			if len(gaps) != 1 || gaps[0].Minor != (i == 0) {
				t.Errorf("%s %d: gaps %v", path, i, gaps)
			}
		}
	}
}
