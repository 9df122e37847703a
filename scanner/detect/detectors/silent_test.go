package detectors

import (
	"crypto/sha1"
	"fmt"
	"testing"

	"github.com/credgate/credgate/scanner/detect"
)

// What only looks like a credential is none for the whole list, by whichever
// detector.
func TestWholeListIsSilent(t *testing.T) {
	set, err := detect.New(All(), detect.Options{Trusted: true})
	if err != nil {
		t.Fatal(err)
	}
	digest := fmt.Sprintf("%x", sha1.Sum([]byte("x")))
	uuid := digest[:8] + "-" + digest[8:12] + "-4" + digest[12:15] + "-8" + digest[15:18] + "-" + digest[18:30]
	for name, text := range map[string]string{
		"a baseline":      "\"filename\": \"a.yml\",\n\"hashed_secret\": \"" + digest + "\",\n",
		"a UUID of runs":  "SNYK_TOKEN: 11111111-2222-3333-4444-555555555555\n",
		"an id":           "<DockerDefaultTargetOS>Linux</DockerDefaultTargetOS>\n<UserSecretsId>" + uuid + "</UserSecretsId>\n",
		"behind a Secret": "apiVersion: apiextensions.crossplane.io/v1\nkind: Composition\nspec:\n  resources:\n    - name: s\n      base:\n        apiVersion: v1\n        kind: Secret\n        data:\n          a: b\n      patches:\n        - type: FromCompositeFieldPath\n          fromFieldPath: spec.name\n",
		"a public key":    "\"keyDer\" : \"3059301306072a8648ce3d020106082a8648ce3d03010703420004" + digest + digest + digest[:24] + digest[:24] + "\",\n",
		"a longer one":    "\"keyDer\" : \"30820122300d06092a864886f70d01010105000382010f00" + digest + digest + digest + digest + "\",\n",
		"a revision":      "# sourcegraph\n- uses: acme/scip@" + digest + " # v2\n",
		"a parameter":     "echo \"%env.DOCKER_PASSWORD%\" | docker login -u bot --password-stdin\n",
		"a setting":       "'password': matrix_bot_meowlnir_database_password,\n",
		"an algorithm":    "use `password_hash('sha512', rounds=655555)`\n",
		"a port":          "sshpass -f key.txt scp -P 10285 a b\nsshpass -e ssh -p 10285 h\n",
		"an expression":   "New-LocalUser -Name x -Password (ConvertTo-SecureString $p -AsPlainText -Force)\n",
	} {
		if hits := scan(set.Inspector(), "deploy/a.yaml", []byte(text)); len(hits) > 0 {
			t.Errorf("%s: %s", name, hits[0].Detector.ID)
		}
	}
}
