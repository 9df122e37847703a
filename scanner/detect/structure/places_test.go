package structure

import (
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// Where a value counts goes by what it is: what a machine made everywhere, what a
// person chose but in pipelines and manuals, what everybody writes down only where
// no tests and examples stand.
func TestPlaces(t *testing.T) {
	const made, chosen, trivial = "Xk3vQp8Lm2Zr", "minio" + "storage", "4321"
	for path, want := range map[string]string{
		"src/conn.go":              made + " " + chosen + " " + trivial,
		"dockerfiles/a/app.env":    made + " " + chosen + " " + trivial,
		"test/conn_test.go":        made + " " + chosen,
		"examples/a/main.py":       made + " " + chosen,
		".github/workflows/ci.yml": made,
		"build/Dockerfile":         made,
		"docs/guide/setup.rst":     made,
	} {
		for _, v := range []string{made, chosen, trivial} {
			line := `password = "` + v + `"`
			i := strings.Index(line, "pass")
			m := quotedPassword.FindAt([]byte(line), i, i+len("pass"))
			if len(m) != 1 {
				t.Fatalf("%s: %d matches", line, len(m))
			}
			if got := counts(m[0], path); got != strings.Contains(want, v) {
				t.Errorf("%s in %s: %v", v, path, got)
			}
		}
	}
}

func counts(m scanner.Match, path string) bool { return m.AtPath == nil || m.AtPath(path) }

// Lines whose values are words for people, algorithms, regions and places.
func TestNoChosenValue(t *testing.T) {
	for _, c := range []struct {
		d    scanner.Detector
		line string
	}{
		{loginFile, "enable secret manager API\n"},
		{callPassword, `minio.NewWithCredentials(endpoint, creds, true, "us-east-1")`},
		{callPassword, `MultiAuth(prompting=True, keyring_provider="import")`},
		{callPassword, `'x' | password_hash('sha512', 'salt')`},
		{sqlPassword, "alter user a;\nset password_encryption = 'scram-sha-256';"},
		{quotedSecret, `roles("client_secret", "akamai")`},
	} {
		low := strings.ToLower(c.line)
		for _, k := range c.d.Keywords {
			if i := strings.Index(low, k); i >= 0 {
				if m := c.d.FindAt([]byte(c.line), i, i+len(k)); len(m) > 0 {
					t.Errorf("%s: %s", c.d.ID, c.line)
				}
			}
		}
	}
}

// A credential that is a user and a password has the password behind the colon.
func TestUserAndPassword(t *testing.T) {
	pass := "Kestrel" + "47!x"
	line := `CREDENTIAL="robot:` + pass + `"`
	m := quotedSecret.FindAt([]byte(line), 0, len("credential"))
	if len(m) != 1 || line[m[0].SecretStart:m[0].SecretEnd] != pass {
		t.Errorf("%s: %v", line, m)
	}
}
