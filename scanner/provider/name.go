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
// is not, then the longest, then the first. It is sure when the token is the
// provider's own, not an abbreviation or a word that others use as well. A name
// alone is never proof: pipelines.md 4 (5).
func ByName(name string) (p Provider, sure, ok bool) {
	words := split(name)
	index := nameIndex()
	best, claim := 0, nameClaim{}
	for i := range words {
		token := ""
		for j := i; j < len(words) && j < i+maxSpan; j++ {
			token += words[j]
			c, known := index[token]
			if known && (c.sure && !claim.sure || c.sure == claim.sure && len(token) > best) && !(i == j && qualifier(token)) {
				best, claim = len(token), c
			}
		}
	}
	if best == 0 {
		best, claim = glued(index, words)
	}
	if best == 0 {
		return Provider{}, false, false
	}
	return everything()[claim.provider], claim.sure, true
}

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
		if upper(c) && i > 0 && alnum(name[i-1]) && (!upper(name[i-1]) && !digit(name[i-1]) || i+1 < len(name) && lower(name[i+1]) && upper(name[i-1])) {
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

// A Use is what a name says that a value is for.
type Use int

const (
	NoCredential Use = iota // configuration, or nothing that a name can tell
	Identity                // who: a user name, a client or key id, a public key
	Credential              // a secret
)

// String gives the word that outputs use.
func (u Use) String() string {
	return [...]string{"no", "identity", "credential"}[max(0, min(u, Credential))]
}

// notEndings end names that hold a credential's word and yet tell where it lies,
// what form it has or whose it is.
var notEndings = []struct {
	words string
	use   Use
}{
	{"PUBLIC KEY", Identity}, {"PUBLISHABLE KEY", Identity}, {"PUB KEY", Identity}, {"PUBKEY", Identity},
	{"KEY ID", Identity}, {"KEY IDS", Identity}, {"KEYID", Identity}, {"TOKEN ID", Identity}, {"SECRET ID", Credential},
	{"KEY ALIAS", Identity}, {"KEY FINGERPRINT", Identity}, {"KEY NAME", Identity}, {"CACHE KEY", NoCredential}, {"CACHE KEYS", NoCredential},
	{"KNOWN HOSTS", Identity}, {"TOKEN URL", NoCredential}, {"TOKEN URI", NoCredential}, {"TOKEN ENDPOINT", NoCredential},
	{"SECRET NAME", NoCredential}, {"SECRET PATH", NoCredential}, {"SECRET ARN", NoCredential}, {"SECRETS PATH", NoCredential},
	{"PASSWORD FILE", NoCredential}, {"TOKEN FILE", NoCredential}, {"KEY FILE", NoCredential}, {"SECRET FILE", NoCredential},
	{"KEY PATH", NoCredential}, {"TOKEN PATH", NoCredential}, {"PASSWORD LENGTH", NoCredential}, {"KEY LENGTH", NoCredential},
	{"KEY SIZE", NoCredential}, {"KEY TYPE", NoCredential}, {"TOKEN TYPE", NoCredential}, {"SECRET TYPE", NoCredential},
	{"TOKEN TTL", NoCredential}, {"TOKEN EXPIRY", NoCredential}, {"TOKEN EXPIRATION", NoCredential}, {"TOKEN LIMIT", NoCredential},
	{"MAX TOKENS", NoCredential}, {"VAULT NAME", NoCredential}, {"VAULT URL", NoCredential}, {"KEYVAULT", NoCredential}, {"KEY VAULT", NoCredential},
	{"PRIMARY KEY", NoCredential}, {"FOREIGN KEY", NoCredential}, {"SORT KEY", NoCredential}, {"PARTITION KEY", NoCredential},
	{"KEYRING", NoCredential}, {"KEY RING", NoCredential}, {"KEYBOARD", NoCredential}, {"SIGNING KEY VERSION", NoCredential},
}

// credentialWords are the words that make a name a credential's.
var credentialWords = []string{
	"TOKEN", "TOKENS", "PASSWORD", "PASSWORDS", "PASSWD", "PASS", "PWD", "PW", "PASSPHRASE", "SECRET", "SECRETS", "KEY", "KEYS", "APIKEY", "AUTHKEY",
	"SECRETKEY", "PRIVATEKEY", "ACCESSKEY", "SSHKEY", "CREDENTIAL", "CREDENTIALS", "CREDS", "WEBHOOK", "PAT", "AUTH", "KUBECONFIG", "PEM", "P12", "PFX", "JKS",
	"KEYSTORE", "DSN", "PASSCODE", "JWT", "COOKIE", "BEARER", "OAUTH", "RSA", "SAS", "DOCKERCONFIGJSON", "DOCKERCONFIG", "NETRC", "NPMRC", "MNEMONIC", "PIN", "CERT", "CERTIFICATE",
}

// identityWords end the name of who somebody is.
var identityWords = []string{
	"USER", "USERNAME", "LOGIN", "EMAIL", "ACCOUNT", "TENANT", "SUBSCRIPTION", "ID", "CLIENT", "PRINCIPAL", "ROLE", "ARN", "PROJECT", "ORGANIZATION", "SID",
}

// gluedCredentials may end a word that is more than them: GITHUBTOKEN. KEY, PASS
// and PAT may not: MONKEY, BYPASS.
var gluedCredentials = []string{"TOKEN", "PASSWORD", "SECRET", "APIKEY"}

// IsCredentialName tells what a secret's or variable's name says that it holds.
// It reads words, so that MONKEY, COMPASS, BYPASS and AUTHOR say nothing.
func IsCredentialName(name string) Use {
	words := split(name)
	for len(words) > 1 && (qualifier(words[len(words)-1]) || allDigits(words[len(words)-1])) {
		words = words[:len(words)-1]
	}
	if len(words) == 0 {
		return NoCredential
	}
	joined := " " + strings.Join(words, " ")
	for _, n := range notEndings {
		if strings.HasSuffix(joined, " "+n.words) {
			return n.use
		}
	}
	last := words[len(words)-1]
	switch {
	case credentialWord(last):
		return Credential
	case last == "URL" || last == "URI":
		return urlName(words)
	case last == "BASE64" || last == "B64" || last == "JSON" || last == "DATA" || last == "VALUE" || last == "CONTENT" || last == "CONTENTS":
		return IsCredentialName(strings.Join(words[:len(words)-1], "_"))
	case contains(identityWords, last):
		return Identity
	}
	for _, w := range words[:len(words)-1] {
		if w == "TOKEN" || w == "PASSWORD" || w == "SECRET" || w == "APIKEY" || w == "PASSPHRASE" {
			return Credential
		}
	}
	return NoCredential
}

// urlName judges names that end in URL: a hook or a database is a credential whole.
func urlName(words []string) Use {
	for _, w := range words {
		switch w {
		case "WEBHOOK", "DATABASE", "DB", "MONGO", "MONGODB", "POSTGRES", "POSTGRESQL", "MYSQL", "REDIS", "AMQP", "RABBITMQ", "CLOUDINARY", "CONNECTION", "HOOK", "BROKER":
			return Credential
		}
	}
	return NoCredential
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if !digit(s[i]) {
			return false
		}
	}
	return s != ""
}

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
