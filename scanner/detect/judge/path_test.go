package judge

import "testing"

func TestIsExample(t *testing.T) {
	for path, want := range map[string]bool{
		"src/main/java/App.java":       false,
		"config/production.yml":        false,
		"internal/latest/client.go":    false,
		"deploy/attestation.yaml":      false,
		"tests/certs/server.key":       true,
		"pkg/a_test.go":                true,
		"src/test/resources/app.yml":   true,
		"README.md":                    true,
		"docs/setup.rst":               true,
		"examples/django/settings.py":  true,
		"internal/testdata/rsa.pem":    true,
		"spec/fixtures/token.json":     true,
		"Documentation/git-config.txt": true,
		"net/rfc3501.txt":              true,
		"net/draft-ietf-oauth-v2.txt":  true,
		"net/rfcs.txt":                 false,
		"":                             false,
		"contest.go":                   false,
		"protest/main.go":              false,
		"app/TokenTests.java":          true,
		"okhttp/src/jvmTest/a.kt":      true,
		"web/login.spec.ts":            true,
		"test_login.py":                true,
		".env.example":                 true,
		"t/lib-httpd/passwd":           true,
		"src/unit-tests/a":             true,
		"cmd/docker/main.go":           false,
	} {
		if got := IsExample(path); got != want {
			t.Errorf("IsExample(%q) is %v", path, got)
		}
	}
}

func TestIsLock(t *testing.T) {
	for path, want := range map[string]bool{"go.sum": true, ".bingo/kind.sum": true, "web/package-lock.json": true, "uv.lock": true, "Package.resolved": true, "lock.go": false, "summary.md": false, "": false} {
		if got := IsLock(path); got != want {
			t.Errorf("IsLock(%q) is %v", path, got)
		}
	}
}
