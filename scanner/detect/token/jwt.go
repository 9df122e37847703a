package token

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/credgate/credgate/scanner"
)

const (
	jwtReach = 4200 // bytes
	jwtPart  = 3000 // bytes of a header or payload
)

// A jwt is what a JSON Web Token tells of itself. RFC 7519.
type jwt struct {
	start, end int
	header     struct{ Alg, Enc, Typ, Zip string }
	payload    struct {
		Iss, Sub, Role, Ref, Email, Name string
		ClientID                         string `json:"client_id"`
		Exp, Iat                         json.Number
	}
}

// jwtAt reads the token whose payload follows the dot at b[dot].
func jwtAt(b []byte, dot int) (jwt, bool) {
	var t jwt
	set := classOf(named1('u'))
	t.start, t.end = dot, dot+1
	for t.start > 0 && dot-t.start < jwtPart/2 && set.has(b[t.start-1]) {
		t.start--
	}
	if i := bytes.Index(b[t.start:dot], []byte("eyJ")); i > 0 && i < 12 { // a prefix of letters: token_eyJ
		t.start += i
	}
	for t.end < len(b) && t.end-dot < jwtPart && set.has(b[t.end]) {
		t.end++
	}
	payload := b[dot+1 : t.end]
	if t.end == len(b) || b[t.end] != '.' || !partOf(b[t.start:dot], &t.header) || t.header.Alg == "" || !partOf(payload, &t.payload) {
		return t, false
	}
	from := t.end + 1
	for t.end = from; t.end < len(b) && t.end-from < 1100 && set.has(b[t.end]); t.end++ {
	}
	signed := t.end-from >= 20
	return t, signed && t.header.Enc == "" && !strings.EqualFold(t.header.Alg, "none") && !madeUp(b[from:t.end])
}

// partOf decodes a part as far as its fields have the types we ask for.
func partOf(part []byte, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(string(part))
	if err != nil || !json.Valid(raw) {
		return false
	}
	_ = json.Unmarshal(raw, into) // a claim of another type is passed over
	return true
}

func (t jwt) facts(m *scanner.Match) {
	if t.supabase() {
		fact(m, "account", plain(t.payload.Ref))
		fact(m, "principal", plain(t.payload.Role))
	}
	fact(m, "issuer", plain(t.payload.Iss))
	for _, p := range []string{t.payload.Email, t.payload.ClientID, t.payload.Sub} {
		if p != "" {
			fact(m, "principal", plain(p))
			break
		}
	}
	fact(m, "issued", unix(t.payload.Iat))
	fact(m, "expires", unix(t.payload.Exp))
}

// plain gives a claim if it is short printable ASCII, "" otherwise.
func plain(s string) string {
	if len(s) > 120 {
		return ""
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return ""
		}
	}
	return s
}

// unix writes seconds since 1970 as a date, "" if they are none of this era.
func unix(n json.Number) string {
	f, err := strconv.ParseFloat(n.String(), 64)
	if err != nil || f < 1e8 || f > 1e11 {
		return ""
	}
	return time.Unix(int64(f), 0).UTC().Format(time.RFC3339)
}

// sample tells whether it is the token that every manual shows.
func (t jwt) sample() bool {
	return t.payload.Sub == "1234567890" || strings.EqualFold(t.payload.Name, "John Doe") || t.payload.Iss == "supabase-demo"
}

func (t jwt) supabase() bool {
	return strings.HasPrefix(t.payload.Iss, "supabase") && t.payload.Role != ""
}

// kubernetes tells whether it is of a service account.
func (t jwt) kubernetes() bool { return strings.HasPrefix(t.payload.Sub, "system:serviceaccount:") }

// jwtOf makes a detector of signed tokens that takes says are its own; the
// samples of manuals are nobody's.
func jwtOf(id, title, providerID, kind string, severity scanner.Severity, takes func(t jwt) bool) *spec {
	s := newSpec(id, title, providerID, kind, severity, nil)
	s.Keywords = []string{".eyj"}
	s.Reach = jwtReach
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		t, ok := jwtAt(b, start)
		if !ok || t.sample() || !takes(t) || bytes.Contains(b[max(0, t.start-40):t.start], []byte("jwt.io/")) {
			return nil
		}
		m := scanner.Match{Start: t.start, End: t.end, SecretStart: t.start, SecretEnd: t.end}
		t.facts(&m)
		return []scanner.Match{m}
	}
	return s
}

// jsonWebToken finds signed tokens whose issuer has no detector of its own.
func jsonWebToken() scanner.Detector {
	s := jwtOf("json-web-token", "JSON Web Token", "jwt", apiKey, medium, func(t jwt) bool { return !t.supabase() && !t.kubernetes() })
	s.Example = func(r *rand.Rand) string {
		return "Authorization: Bearer " + exampleJWT(r, `{"alg":"HS256","typ":"JWT"}`, `{"iss":"https://login.acme.test/","sub":"svc-`+classString(r, digits, 6)+`","iat":1700000000,"exp":1900000000}`)
	}
	s.Silent = func(r *rand.Rand) string {
		if r.IntN(2) == 0 {
			return "token: " + exampleJWT(r, `{"alg":"none"}`, `{"sub":"a"}`)
		}
		return "token: " + exampleJWT(r, `{"alg":"RSA-OAEP","enc":"A256GCM"}`, `{"sub":"a"}`)
	}
	return s.Detector
}

// serviceAccountToken finds tokens of Kubernetes service accounts. Those of a
// Secret have no end; bound ones name the account in sub.
// https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
func serviceAccountToken() scanner.Detector {
	s := jwtOf("kubernetes-service-account-token", "Kubernetes service account token", "kubernetes", saKey, critical, jwt.kubernetes)
	claims := func(sub string) string {
		return `{"iss":"kubernetes/serviceaccount","kubernetes.io/serviceaccount/namespace":"shop","sub":"` + sub + `"}`
	}
	s.Example = func(r *rand.Rand) string {
		return "token: " + exampleJWT(r, `{"alg":"RS256","kid":"a"}`, claims("system:serviceaccount:shop:deployer"))
	}
	s.Silent = func(r *rand.Rand) string {
		return "token: " + exampleJWT(r, `{"alg":"none"}`, claims("system:serviceaccount:shop:deployer"))
	}
	return s.Detector
}

// OpensNothing tells whether v is a JSON Web Token that everybody may have: the
// sample of manuals, one without a signature, Supabase's key for anonymous users.
func OpensNothing(v []byte) bool {
	dot := bytes.IndexByte(v, '.')
	if dot < 0 {
		return false
	}
	t, _ := jwtAt(v, dot)
	return t.sample() || strings.EqualFold(t.header.Alg, "none") || t.supabase() && t.payload.Role == "anon"
}

// supabaseServiceKey finds keys that pass all row rules; anon keys are public.
func supabaseServiceKey() scanner.Detector {
	s := jwtOf("supabase-service-key", "Supabase service role key", "supabase", apiKey, critical, func(t jwt) bool { return t.supabase() && t.payload.Role != "anon" })
	claims := func(role string) string {
		return `{"iss":"supabase","ref":"abcdefghijklmnopqrst","role":"` + role + `","iat":1700000000,"exp":1900000000}`
	}
	s.Example = func(r *rand.Rand) string {
		return "SUPABASE_KEY=" + exampleJWT(r, `{"alg":"HS256","typ":"JWT"}`, claims("service_role"))
	}
	s.Silent = func(r *rand.Rand) string {
		return "SUPABASE_KEY=" + exampleJWT(r, `{"alg":"HS256","typ":"JWT"}`, claims("anon"))
	}
	return s.Detector
}

func exampleJWT(r *rand.Rand, header, payload string) string {
	enc := base64.RawURLEncoding
	return enc.EncodeToString([]byte(header)) + "." + enc.EncodeToString([]byte(payload)) + "." + classString(r, base62, 43)
}
