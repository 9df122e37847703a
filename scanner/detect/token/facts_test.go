package token

import (
	"fmt"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
)

// hits scans text with one detector and gives its facts as "name=value" and severity.
func hits(t *testing.T, id, text string) (facts []string, severity []scanner.Severity) {
	t.Helper()
	for _, d := range All() {
		if d.ID != id {
			continue
		}
		set, err := detect.New([]scanner.Detector{d}, detect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		in := set.Inspector()
		for _, h := range in.Hits([]byte(text), in.Inspect(scanner.Blob{Data: []byte(text)}, detect.State{})) {
			var f []string
			for _, x := range h.Facts {
				f = append(f, x.Name+"="+x.Value)
			}
			facts, severity = append(facts, strings.Join(f, " ")), append(severity, h.Severity)
		}
	}
	return facts, severity
}

func TestFacts(t *testing.T) {
	r := random()
	secret := (&spec{}).value(r, awsSecret)
	routable := ""
	for routable == "" || !strings.Contains(routable, ".") {
		routable = makeGitlab(r, "glpat-x.y")
	}
	for _, c := range []struct{ id, text, want string }{
		// The account of this published pair of id and account is known: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
		{"aws-access-key", "id = " + "ASIAY34FZKBO" + "KMUTVV7A" + "\nsecret_access_key = " + secret, "principal=ASIAY34FZKBOKMUTVV7A account=609629065308 kind=temporary"},
		{"github-pat", makeCRC62(r, "ghp_"+classString(r, base62, 36)), "checksum=right"},
		{"github-pat", "ghp_" + classString(r, base62, 36), "checksum=wrong"},
		{"grafana-service-account-token", makeGrafana(r, "glsa_"+classString(r, base62, 32)), "checksum=right"},
		{"gitlab-pat", routable, "checksum=right principal=user "},
		{"azure-storage-connection", "AccountName=acme;AccountKey=" + classString(r, base62, 86) + "==", "account=acme"},
		{"slack-webhook", "https://hooks.slack.com/services/" + "T01234ABC/B01234ABC/" + classString(r, base62, 24), "account=T01234ABC"},
		{"json-web-token", exampleJWT(r, `{"alg":"HS256"}`, `{"iss":"a.test","sub":"svc","exp":1700000000}`), "issuer=a.test principal=svc expires=2023-11-14T22:13:20Z"},
		{"mailchimp-api-key", classString(r, hexLower, 32) + "-us12", "host=us12.api.mailchimp.com"},
		{"age-secret-key", makeAge(r, ""), "checksum=right"},
		{"dynatrace-api-token", "dt0c01." + classString(r, uppers, 24) + "." + classString(r, uppers, 64), "principal=dt0c01."},
	} {
		got, sev := hits(t, c.id, c.text)
		if len(got) != 1 || !strings.HasPrefix(got[0], c.want) {
			t.Errorf("%s: facts %q, want %q", c.id, got, c.want)
		}
		if strings.Contains(c.want, "wrong") && sev[0] != scanner.Low {
			t.Errorf("%s: severity %s with a wrong checksum", c.id, sev[0])
		}
	}
}

// A key and its secret are one finding; an id alone is another, of low severity.
func TestPartsAreOne(t *testing.T) {
	r := random()
	id, secret := awsExampleID(r), (&spec{}).value(r, awsSecret)
	for _, text := range []string{
		fmt.Sprintf("AWS_ACCESS_KEY_ID=%s\nAWS_SECRET_ACCESS_KEY=%s\n", id, secret),
		fmt.Sprintf(`{"SecretAccessKey": "%s", "AccessKeyId": "%s"}`, secret, id),
		fmt.Sprintf(`s3 = boto3.client("s3", "%s", "%s")`, id, secret),
		fmt.Sprintf("<key>%s</key><key>%s</key>", id, secret),
	} {
		if got, _ := hits(t, "aws-access-key", text); len(got) != 1 || !strings.Contains(got[0], "principal="+id) {
			t.Errorf("%s: %q", text, got)
		}
		if got, _ := hits(t, "aws-access-key-id", text); len(got) != 0 {
			t.Errorf("%s: the id is told twice", text)
		}
	}
	if _, sev := hits(t, "aws-access-key-id", "key: "+id); len(sev) != 1 || sev[0] != scanner.Low {
		t.Errorf("a lone id: %v", sev)
	}
	for _, text := range []string{
		"AKIA" + "IOSFODNN7" + "EXAMPLE", "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCY" + "EXAMPLEKEY",
	} {
		for _, detector := range []string{"aws-access-key", "aws-access-key-id"} {
			if got, _ := hits(t, detector, "aws_secret_access_key = "+text); len(got) > 0 {
				t.Errorf("the manuals' %s is found", text)
			}
		}
	}
}

// Keys that a passphrase protects, or that have no body, are none.
func TestPrivateKeys(t *testing.T) {
	r := random()
	plain := examplePEM(r, "RSA PRIVATE KEY", "MIIEp", 1200)
	for name, text := range map[string]string{
		"plain": plain, "CRLF": strings.ReplaceAll(plain, "\n", "\r\n"), "escaped": `"` + strings.ReplaceAll(plain, "\n", `\n`) + `"`,
		"concatenated": `"` + strings.ReplaceAll(plain, "\n", "\\n\" +\n    \"") + `"`, "indented": "key: |\n  " + strings.ReplaceAll(plain, "\n", "\n  "),
		"commented": "# " + strings.ReplaceAll(plain, "\n", "\n# "), "one line": strings.ReplaceAll(plain, "\n", " "),
	} {
		if got := find(t, "private-key", text); len(got) != 1 {
			t.Errorf("%s: found %d", name, len(got))
		}
	}
	const begin, end = "-----BEGIN PRIVATE" + " KEY-----", "-----END PRIVATE" + " KEY-----"
	encrypted := examplePEM(r, "OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0", 900)
	for name, text := range map[string]string{
		"OpenSSH encrypted": encrypted, "PKCS 8 encrypted": examplePEM(r, "ENCRYPTED PRIVATE KEY", "MIIFH", 900),
		"public": examplePEM(r, "PUBLIC KEY", "MIIBIj", 300), "no body": begin + "\n...\n" + end, "dots": begin + "\nMIIEv...\n" + end, "code": `if bytes.Contains(b, "` + begin + `") {`,
	} {
		if got := find(t, "private-key", text); len(got) != 0 {
			t.Errorf("%s: found %d", name, len(got))
		}
	}
}
