package provider

import "strings"

const (
	maxName  = 256 // bytes of a name that are looked at
	maxWords = 24
	maxSpan  = 5 // words of one token: GCLOUD_SERVICE_KEY has three
)

// qualifiers say where and for whom a secret is, not what it is for.
var qualifiers = []string{
	"PROD", "PRODUCTION", "STAGING", "STAGE", "DEV", "DEVELOPMENT", "TEST", "TESTING", "QA", "UAT",
	"CI", "CD", "RELEASE", "POC", "BOT", "MY", "ORG", "APP", "PREVIEW", "SANDBOX", "LIVE", "NIGHTLY",
}

// ByName guesses the provider from the name of a secret or variable. The name is
// split at underscores, hyphens, dots, slashes, spaces and camel case; words of
// environment and role are passed over; a token that is sure wins over one that
// is not, then the longest, then the first, and what an application of one's own
// reaches over that application. It is sure when the token is the
// provider's own, not an abbreviation or a word that others use as well. A name
// alone is never proof: pipelines.md 4 (5).
func ByName(name string) (p Provider, sure, ok bool) {
	words := split(name)
	index := nameIndex()
	best, end, claim := 0, 0, nameClaim{}
	for i := range words {
		token := ""
		for j := i; j < len(words) && j < i+maxSpan; j++ {
			token += words[j]
			c, known := index[token]
			if known && (c.sure && !claim.sure || c.sure == claim.sure && len(token) > best) && !(i == j && qualifier(token)) {
				best, end, claim = len(token), j+1, c
			}
		}
	}
	if best == 0 {
		best, claim = glued(index, words)
	}
	if best == 0 {
		return Provider{}, false, false
	}
	p = everything()[claim.provider]
	if claim.sure && contains(applications, p.ID) {
		if of, sure, _ := ByName(strings.Join(words[end:], "_")); sure && !contains(means, of.ID) {
			return of, true, true
		}
	}
	return p, claim.sure, true
}

// applications name the services that they reach after themselves: DRONE_GITEA_CLIENT_SECRET.
// What only says how is none of those: GITEA_SSH_KEY.
var (
	applications = []string{"airflow", "argocd", "dockerhub", "drone", "forgejo", "gitea", "grafana", "harbor", "jenkins", "keycloak", "rancher", "woodpecker"}
	means        = []string{"android", "apple", "dockerhub", "gpg", "kubernetes", "puppet", "ssh"}
)

// glued finds a token that a name's first word starts with: DOCKERHUBTOKEN.
func glued(index map[string]nameClaim, words []string) (int, nameClaim) {
	for _, w := range words {
		for n := len(w) - 1; n >= 5; n-- {
			if c, ok := index[w[:n]]; ok && c.sure && credentialWord(w[n:]) {
				return n, nameClaim{c.provider, false}
			}
		}
	}
	return 0, nameClaim{}
}

func qualifier(w string) bool {
	for _, q := range qualifiers {
		if w == q {
			return true
		}
	}
	return false
}

// split gives the words of a name in upper case.
func split(name string) []string {
	if len(name) > maxName {
		name = name[:maxName]
	}
	var words []string
	var word []byte
	flush := func() {
		if len(word) > 0 && len(words) < maxWords {
			words = append(words, strings.ToUpper(string(word)))
		}
		word = word[:0]
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !alnum(c) {
			flush()
			continue
		}
		if upper(c) && i > 0 && alnum(name[i-1]) && (lower(name[i-1]) || i+1 < len(name) && lower(name[i+1])) {
			flush()
		}
		word = append(word, c)
	}
	flush()
	return words
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
func lower(c byte) bool { return 'a' <= c && c <= 'z' }
func digit(c byte) bool { return '0' <= c && c <= '9' }
func alnum(c byte) bool { return upper(c) || lower(c) || digit(c) }

// credentialWords are the words that make a name a credential's.
var credentialWords = []string{
	"TOKEN", "TOKENS", "PASSWORD", "PASSWORDS", "PASSWD", "PASS", "PWD", "PW", "PASSPHRASE", "SECRET", "SECRETS", "KEY", "KEYS", "APIKEY", "AUTHKEY",
	"SECRETKEY", "PRIVATEKEY", "ACCESSKEY", "SSHKEY", "CREDENTIAL", "CREDENTIALS", "CREDS", "WEBHOOK", "PAT", "AUTH", "KUBECONFIG", "PEM", "P12", "PFX", "JKS",
	"KEYSTORE", "DSN", "PASSCODE", "JWT", "COOKIE", "BEARER", "OAUTH", "RSA", "SAS", "DOCKERCONFIGJSON", "DOCKERCONFIG", "NETRC", "NPMRC", "MNEMONIC", "PIN", "CERT", "CERTIFICATE",
}

// gluedCredentials may end a word that is more than them: GITHUBTOKEN. KEY, PASS
// and PAT may not: MONKEY, BYPASS.
var gluedCredentials = []string{"TOKEN", "PASSWORD", "SECRET", "APIKEY"}

// credentialWord tells whether an upper-case word names a credential, alone or
// as the end of a glued word: GITHUBTOKEN, DBPASSWORD.
func credentialWord(w string) bool {
	if contains(credentialWords, w) {
		return true
	}
	for _, g := range gluedCredentials {
		if strings.HasSuffix(w, g) {
			return true
		}
	}
	return false
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
