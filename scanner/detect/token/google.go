package token

import (
	"bytes"
	"math/rand/v2"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// google finds credentials of Google's cloud and services.
func google() []scanner.Detector {
	oauth := doc("https://developers.google.com/identity/protocols/oauth2")
	return []scanner.Detector{
		gcpServiceAccount(),
		tok("gcp-api-key", "Google API key", "gcp", apiKey, medium, "AIza<u:35>", rotate("https://cloud.google.com/docs/authentication/api-keys#securing")),
		tok("gcp-bound-api-key", "Google API key bound to a service account", "gcp", apiKey, high, "AQ.Ab8R<u:40-60>", rotate("https://cloud.google.com/docs/authentication/api-keys#securing")),
		tok("gcp-oauth-client-secret", "Google OAuth client secret", "gcp", client, high, "GOCSPX-<u:28>", oauth, rotate("https://support.google.com/cloud/answer/15549257")),
		named("gcp-legacy-client-secret", "Google OAuth client secret", "gcp", client, high, "google apps.googleusercontent gmail youtube firebase", "<u:24>", roles("client_secret", "clientsecret", "client-secret"), inLine(`google_client_secret = "%s"`), oauth),
		tok("gcp-oauth-access-token", "Google OAuth access token", "gcp", grant, high, "ya29.<u:60-1100>", oauth),
		tok("gcp-oauth-refresh-token", "Google OAuth refresh token", "gcp", grant, critical, "1//0<u:38-120>", oauth),
		tok("gcp-hmac-key-id", "Google Cloud Storage HMAC key id", "gcp", accessKey, low, "GOOG1E<A:55-56> | GOOG<A:20>", doc("https://cloud.google.com/storage/docs/authentication/hmackeys")),
		named("gcp-hmac-secret", "Google Cloud Storage HMAC secret", "gcp", accessKey, high, "goog gcs_", "<s:40>", roles("secret", "key"), doc("https://cloud.google.com/storage/docs/authentication/hmackeys"), with(func(v []byte, _ *scanner.Match) bool { return awsLooksSecret(v) })),
		named("recaptcha-secret", "reCAPTCHA secret key", "google", apiKey, medium, "recaptcha", "6L<u:6>AAAAA<u:27>", roles("secret", "private")),
		marked("firebase-server-key", "Firebase Cloud Messaging server key", "firebase", apiKey, high, "<u:11>", ":APA91b", "<u:130-140>", doc("https://firebase.google.com/docs/cloud-messaging/auth-server")),
		named("firebase-ci-token", "Firebase CI token", "firebase", grant, high, "firebase", "1/<u:43-120>", roles("token")),
		named("gcp-legacy-database-secret", "Firebase database secret", "firebase", apiKey, high, "firebase", "<w:40>", roles("secret", "auth", "token"), with(func(v []byte, _ *scanner.Match) bool { return awsLooksSecret(v) })),
		tok("google-chat-webhook", "Google Chat webhook URL", "google-chat", webhook, medium, "https://chat.googleapis.com/v1/spaces/<u:8-14>/messages?key=<u:39>&token=<%:40-60>", keyed("chat.googleapis.com/v1/spaces/")),
		named("google-maps-signing-secret", "Google Maps signing secret", "gcp", signing, medium, "maps", "<u:27>=", roles("signing", "secret"), inLine(`google_maps_signing_secret = "%s"`)),
	}
}

// gcpServiceAccount finds service account keys: JSON with private_key_id, then
// private_key, then client_email, however it is quoted.
func gcpServiceAccount() scanner.Detector {
	s := newSpec("gcp-service-account-key", "Google Cloud service account key", "gcp", saKey, critical, []option{
		doc("https://cloud.google.com/iam/docs/keys-create-delete"), rotate("https://cloud.google.com/iam/docs/key-rotation")})
	s.Keywords = []string{"private_key_id"}
	s.Reach = 6000
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		i := bytes.Index(b[end:min(len(b), end+300)], []byte("-----BEGIN PRIVATE KEY-----"))
		if i < 0 {
			return nil
		}
		key, ok := pemAt(b[:min(len(b), end+5000)], end+i)
		if !ok || key.encrypted {
			return nil
		}
		m := scanner.Match{Start: start, End: key.end, SecretStart: key.start, SecretEnd: key.end}
		gcpFacts(b, &m)
		return []scanner.Match{m}
	}
	s.Example = func(r *rand.Rand) string {
		return `{"type": "service_account", "project_id": "acme", "private_key_id": "` + classString(r, hexLower, 40) + `", "private_key": "` +
			strings.ReplaceAll(examplePEM(r, "PRIVATE KEY", "MIIEv", 1500), "\n", `\n`) + `\n", "client_email": "ci@acme.iam.gserviceaccount.com"}`
	}
	s.Silent = func(r *rand.Rand) string {
		return `{"type": "service_account", "private_key_id": "` + classString(r, hexLower, 40) + `", "private_key": "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"}`
	}
	return s.Detector
}

// gcpFacts takes principal and account from the fields after the key.
func gcpFacts(b []byte, m *scanner.Match) {
	tail := b[m.End:min(len(b), m.End+600)]
	i := bytes.Index(tail, []byte("client_email"))
	if i < 0 {
		return
	}
	rest := tail[i+len("client_email"):]
	at := bytes.IndexByte(rest, '@')
	if at < 0 || at > 120 {
		return
	}
	from, to := at, at
	for from > 0 && (isWord(rest[from-1]) || rest[from-1] == '-') {
		from--
	}
	for to < len(rest) && (isWord(rest[to]) || strings.IndexByte("-.@", rest[to]) >= 0) {
		to++
	}
	m.End += i + len("client_email") + to
	fact(m, "principal", string(rest[from:to]))
	if project, _, ok := strings.Cut(string(rest[at+1:to]), ".iam.gserviceaccount.com"); ok {
		fact(m, "account", project)
	}
}
