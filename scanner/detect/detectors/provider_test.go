package detectors

import (
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// What only syntax finds tells its provider where its name or host does.
func TestProviderByName(t *testing.T) {
	pass, long := "Kestrel"+"47xQ", "a7f3c9d2ab81e4460a5d2"+"c9ee17b04f3a9c8d1e22"
	curl := `curl -H "Authorization: Bearer ` + long + `" `
	for line, want := range map[string]string{
		"SNOWFLAKE_PASSWORD=" + pass:                              "snowflake",
		`db_password: "` + pass + `"`:                             "",
		"postgres://app:" + pass + "@ep-a.eu-1.aws.neon.tech/app": "neon",
		curl + "https://api.deepgram.com/v1":                      "deepgram",
		curl + "\\\n  https://api.deepgram.com/v1":                "deepgram",
		curl + "\nopen https://api.deepgram.com/v1":               "",
	} {
		found := false
		for _, d := range All() {
			if d.FindAt == nil || d.Class != scanner.Structural {
				continue
			}
			for _, m := range matches(d, line) {
				if s := line[m.SecretStart:m.SecretEnd]; s != pass && s != long {
					continue
				}
				found = true
				if got := providerOf(m); got != want {
					t.Errorf("%s: %s tells %q", line, d.ID, got)
				}
			}
		}
		if !found {
			t.Errorf("%s: nothing found", line)
		}
	}
}

func providerOf(m scanner.Match) string {
	for _, f := range m.Facts {
		if f.Name == "provider" {
			return f.Value
		}
	}
	return ""
}

func matches(d scanner.Detector, line string) (list []scanner.Match) {
	low := strings.ToLower(line)
	for _, k := range d.Keywords {
		if i := strings.Index(low, k); i >= 0 {
			list = append(list, d.FindAt([]byte(line), i, i+len(k))...)
		}
	}
	return list
}
