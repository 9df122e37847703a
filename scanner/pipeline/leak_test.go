package pipeline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner/connection"
)

// No part of a credential that stands in a document reaches an occurrence, a
// connection or a gap, wherever the document puts it.
func TestNoSecretLeaves(t *testing.T) {
	secret := "q7" + strings.Repeat("Xk3v", 3) + "9ZpL" + "0m" + "Wt8"
	forms := []string{
		"curl https://%s@api.acme.dev/x", "curl https://user:%s@api.acme.dev/x", "curl -u %s:x-oauth-basic https://api.acme.dev/x",
		"curl -H 'Authorization: Bearer %s' https://api.acme.dev", "curl 'https://api.acme.dev/?token=%s'", "curl https://hooks.slack.com/services/T0/B0/%s",
		"curl https://discord.com/api/webhooks/123/%s", "curl https://api.telegram.org/bot%s/send", "git clone https://%s:x@github.com/a/b",
		"git remote set-url origin https://x-access-token:%s@github.com/a/b", "docker login -u %s -p %[1]s ghcr.io", "docker login ghcr.io --username=u --password=%s",
		"echo %s | docker login -u u --password-stdin quay.io", "docker login -u u -p%s r.acme.dev", "npm config set //npm.acme.dev/:_authToken %s",
		"echo '//npm.acme.dev/:_authToken=%s' > .npmrc", "twine upload -u __token__ -p %s", "sshpass -p %s ssh u@host.acme.dev", "az login --service-principal -u x -p %s --tenant t",
		"export TOKEN=%s", "helm repo add a https://u:%s@charts.acme.dev", "psql postgres://u:%s@db.acme.dev/x", "sentry-cli --auth-token %s x", "vault login %s",
		"aws configure set aws_secret_access_key %s", "kubectl create secret docker-registry r --docker-server=q.io --docker-username=u --docker-password=%s",
	}
	var b strings.Builder
	b.WriteString("on: push\njobs:\n  a:\n    env:\n      URL: https://u:" + secret + "@db.acme.dev/x\n      TOKEN: " + secret + "\n    container: {image: ghcr.io/a/b, credentials: {username: u, password: " + secret + "}}\n    steps:\n")
	for _, f := range forms {
		fmt.Fprintf(&b, "    - run: |\n        "+f+"\n", secret)
		fmt.Fprintf(&b, "    - shell: pwsh\n      run: |\n        "+f+"\n", secret)
	}
	for _, uses := range []string{"docker/login-action@v3", "actions/checkout@v4", "some/unknown@v1", "azure/login@v2", "appleboy/ssh-action@v1"} {
		fmt.Fprintf(&b, "    - uses: %s\n      with: {username: %s, password: %[2]s, token: %[2]s, key: %[2]s, creds: %[2]s, client-secret: %[2]s}\n", uses, secret)
	}
	b.WriteString("  broken: [\n      x: https://u:" + secret + "@db.acme.dev/x\n")
	res := readTree(t, MapTree{".github/workflows/a.yml": []byte(b.String())})
	if len(res.Occurrences) < 20 {
		t.Errorf("only %d occurrences", len(res.Occurrences))
	}
	all := fmt.Sprintf("%+v %+v %+v", res.Occurrences, res.Gaps, connection.Fold(res.Occurrences))
	for i := 0; i+8 <= len(secret); i++ {
		for _, part := range []string{secret[i : i+8], strings.ToLower(secret[i : i+8])} {
			if j := strings.Index(all, part); j >= 0 {
				t.Fatalf("a part of the secret left: …%s…", all[max(0, j-200):j])
			}
		}
	}
}
