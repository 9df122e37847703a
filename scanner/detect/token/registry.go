package token

import (
	"encoding/base64"
	"math/rand/v2"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// registry finds tokens of registries of packages and images.
func registry() []scanner.Detector {
	return []scanner.Detector{
		named("elastic-api-key", "Elasticsearch API key", "elastic", apiKey, high, "elastic_api elasticsearch elastic_cloud elastic-api elastic.api", "<s:58>==", roles("key", "token")),
		tok("npm-token", "npm access token", "npm", pat, critical, "npm_<w:36>", with(crc62Tail), making(makeCRC62)),
		named("npm-legacy-token", "npm access token of the format before 2021", "npm", pat, critical, "_authtoken npm_token npm_auth node_auth_token npmjs", "<uuid> | NpmToken.<uuid>"),
		named("npm-legacy-auth", "npm registry login in base64", "npm", password, high, "_auth", "<p:20-160>", roles("_auth"), near(8), inLine(`//registry.npmjs.org/:_auth=%s`), with(basicLogin), making(makeBasic), weak),
		tok("pypi-token", "PyPI API token", "pypi", apiKey, critical, "pypi-AgEIcHlwaS5vcmc<u:50-1000>"),
		tok("testpypi-token", "TestPyPI API token", "pypi", apiKey, medium, "pypi-AgENdGVzdC5weXBpLm9yZw<u:50-1000>"),
		tok("rubygems-token", "RubyGems API key", "rubygems", apiKey, critical, "rubygems_<h:48>"),
		named("rubygems-legacy-token", "RubyGems API key", "rubygems", apiKey, high, "rubygems gem_host", "<h:32>"),
		tok("crates-io-token", "crates.io API token", "crates.io", apiKey, critical, "cio<w:32>"),
		tok("nuget-api-key", "NuGet API key", "nuget", apiKey, critical, "oy2<a:43>"),
		tok("docker-hub-token", "Docker Hub access token", "dockerhub", pat, critical, "dckr_pat_<u:27> | dckr_oat_<u:27-40>"),
		named("docker-hub-legacy-token", "Docker Hub access token", "dockerhub", pat, high, "docker", "<uuid>", roles("token", "pass", "secret", "pat")),
		tok("clojars-token", "Clojars deploy token", "clojars", deployKey, high, "CLOJARS_<h:60>"),
		named("hex-api-key", "Hex API key", "hex", apiKey, high, "hex_api hexpm hex_pm hex.pm", "<h:32>"),
		tok("jfrog-api-key", "JFrog API key", "jfrog", apiKey, critical, "AKCp<w:69> | AKCp<d><w:60-80>"),
		tok("jfrog-reference-token", "JFrog reference token", "jfrog", pat, critical, "cmVmdGtuO<p:40-80> | cmVmdGtuOj<p:40-80>"),
		named("jfrog-password", "JFrog encrypted password or API key", "jfrog", password, high, "artifactory jfrog", "AP<w:39> | <w:73> | AP<d><w:38> | APA<w:40> | <h:64>"),
		tok("jsr-token", "JSR token", "jsr", pat, high, "jsrp_<w:20-50> | jsrd_<w:20-50>"),
		tok("packagist-token", "Private Packagist token", "packagist", apiKey, high, "packagist_ack_<h:60-80> | packagist_acs_<h:60-80> | packagist_out_<h:60-80> | packagist_ort_<h:60-80> | packagist_uut_<h:60-80> | packagist_oct_<h:60-80>"),
		named("packagecloud-token", "packagecloud token", "packagecloud", apiKey, high, "packagecloud", "<h:48>"),
		named("cloudsmith-key", "Cloudsmith API key", "cloudsmith", apiKey, high, "cloudsmith", "<h:40>"),
		named("gemfury-token", "Gemfury token", "gemfury", deployKey, high, "gemfury fury_ fury.io", "<u:20-30>", roles("token", "pass", "auth", "secret", "key")),
		named("quay-token", "Quay robot or OAuth token", "quay", password, high, "quay", "<A:64> | <w:40>"),
		named("luarocks-key", "LuaRocks API key", "luarocks", apiKey, high, "luarocks", "<w:40>"),
		named("cocoapods-token", "CocoaPods trunk token", "cocoapods", apiKey, high, "cocoapods trunk_token", "<h:32>"),
		tok("open-vsx-token", "Open VSX access token", "vscode", pat, high, "ovsxat_<uuid> | ovsxp_<uuid>"),
		named("vscode-marketplace-token", "Visual Studio Marketplace token", "vscode", pat, critical, "vsce vs_marketplace marketplace", "<v:52>", with(base32Lower), making(func(r *rand.Rand, _ string) string { return classString(r, lowers+"234567", 52) })),
		named("sonatype-token", "Sonatype user token", "sonatype", password, high, "ossrh sonatype maven_central central_token", "<s:44> | <w:44>", roles("pass", "token", "secret")),
		named("nexus-token", "Nexus Repository API key", "nexus", apiKey, high, "nexus", "<uuid>", roles("key", "token", "pass")),
		named("snapcraft-credentials", "Snapcraft store credentials", "snapcraft", grant, high, "snapcraft_store snapcraft", "eyJ<p:200-900>", roles("cred", "login", "token")),
	}
}

// basicLogin tells whether a value is user:password in base64, and gives the user.
func basicLogin(v []byte, m *scanner.Match) bool {
	raw, err := base64.StdEncoding.DecodeString(string(v))
	if err != nil {
		return false
	}
	user, pass, ok := strings.Cut(string(raw), ":")
	if !ok || user == "" || len(pass) < 4 || plain(string(raw)) == "" || madeUp([]byte(pass)) {
		return false
	}
	fact(m, "principal", user)
	return true
}

func makeBasic(r *rand.Rand, _ string) string {
	return base64.StdEncoding.EncodeToString([]byte("ci:" + classString(r, base62, 24)))
}
