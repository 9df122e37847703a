package judge

import (
	"strings"
	"testing"
)

func TestWeak(t *testing.T) {
	for _, c := range []struct {
		values     string
		weak, sure bool // Weak's answer where the place is likely, and where it is sure
	}{
		{"password secret changeme <token> your_pass xxxxxx ${VAR} config.password DB_PASSWORD PGPASSWORD foobar user test123 required us-east-1 europe-west4-a", false, false},
		{"totpSecret b64Pwd saltedpassword r.password}let{x:E}=r 2019-03-20T17:54:53Z \\x1b[?25l 0123456789abcdef ansible_become_pass for_consistent_response_time queenbee#passwords {auth_token}' MySekretPa$$word 03#pa33w0rd $oidc.okta.clientSecret", false, false},
		{"https://acme.io/x ./secrets/db.key user@acme.io 1.2.3 1999 $2b$10$abcdefghijk [secret] (none) hidden string current-password", false, false},
		{"root postgres tomcat admin guest welcome1 P@ssw0rd! 111222 whiteKestrel citrusotter barnabas-secret asd123 secret99 @Zz123456789", true, true},
		{"completed buffer cursor reader grpc-server some", false, true},
		{"4321", true, true},
		{"tea", false, true},
	} {
		for _, v := range strings.Fields(c.values) {
			if got := Weak([]byte(v), Context{}, false); got != c.weak {
				t.Errorf("Weak(%s) is %v", v, got)
			}
			if got := Weak([]byte(v), Context{}, true); got != c.sure {
				t.Errorf("Weak(%s), sure, is %v", v, got)
			}
		}
	}
}

// What is told as made up for one place holds a word that no dictionary has, or
// random letters; short and usual ones do not.
func TestMade(t *testing.T) {
	for v, want := range map[string]bool{"miniostorage": true, "s00pers3crat": true, "kestrel" + "4821": true, "pass1": false, "admin1234": false, "password1": false, "television": true, "fpjsecret": false, "supersecret9x": false, "U0VDUkVUVkFM": false, "%F0%9F%92%A9": false, "abc12345": false, "rhubarb": true, "tea42": false} {
		if got := Made([]byte(v)); got != want {
			t.Errorf("Made(%s) is %v", v, got)
		}
	}
}

// What is trivial counts in no test: numbers, a few letters, words for passwords.
// A number behind a word makes it somebody's choice.
func TestTrivial(t *testing.T) {
	for v, want := range map[string]bool{"4321": true, "87654321": true, "tea4": true, "testpassword": true, "newpass": true, "secret99": false, "kestrel": false, "Kestrel" + "7!": false, "rootpassword": false} {
		if got := Trivial([]byte(v)); got != want {
			t.Errorf("Trivial(%s) is %v", v, got)
		}
	}
}
