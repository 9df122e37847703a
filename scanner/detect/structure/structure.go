// Package structure finds credentials by the syntax that carries them: a URL's
// userinfo, a header, a line of configuration, a password on a command line.
//
// Each detector is a small parser that is called where one of its keywords
// stands, looks at its own line or a few beside it, and asks the one judge of
// values whether what it read is a secret. No detector reports a reference,
// a ciphertext, a hash or a placeholder.
package structure

import (
	"math/rand/v2"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

// All gives the structural detectors, the surest first.
func All() []scanner.Detector {
	return []scanner.Detector{
		onLine(quotedPassword),
		onLine(quotedSecret),
		onLine(configPassword),
		onLine(configSecret),
		urlUserinfo,
		onLine(basicAuthorization),
		bearerToken,
		authorizationHeader,
		connectionString,
		onLine(queryToken),
		xmlPassword,
		namedValue,
		onLine(commandPassword),
		sqlPassword,
		insertedPassword,
		onCall(callPassword),
		jwkPrivateKey,
		nkeySeed,
		derPrivateKey,
		byteArrayKey,
		loginFile,
		onLine(registryAuth),
		prosePassword,
	}
}

// passwordKeywords begin the words that mean a password, in some languages.
var passwordKeywords = []string{"pass", "pw", "senha", "contrasen", "kennwort", "motdepasse", "wachtwoord", "heslo", "jelszo", "losenord", "salasana", "parola", "psk"}

// secretKeywords begin those that mean a secret that a machine made.
var secretKeywords = []string{"secret", "token", "key", "credential", "auth", "bearer"}

// one gives the match of a value at w[start:end], seen in w[from:to], moved by
// the offset of the clipped window; nil when it reaches too far.
func one(by, from, to, start, end, reach int) []scanner.Match {
	if to-from > reach {
		return nil
	}
	return []scanner.Match{{Start: by + from, End: by + to, SecretStart: by + start, SecretEnd: by + end}}
}

// context is how the judge is to see the value of a name.
func (n name) context(w []byte) judge.Context {
	ctx := judge.Context{Name: w[n.start:n.end]}
	if n.kind == anyKeyName {
		ctx.Kind = judge.AnyKey
	} else if n.kind != passwordName {
		ctx.Kind, ctx.UUID = judge.Token, hasFold(w, n.word, "secret") || hasFold(w, n.word, "token") || endsFold(w, n.word, "api") || endsFold(w, n.word, "api_")
	}
	return ctx
}

// judgedBy says of a value whether it is a secret, and whether it is but a weak
// one: one that only its place makes a credential, as judge.Weak tells. Sure says
// that the syntax leaves no doubt of the place.
func judgedBy(v []byte, ctx judge.Context, sure bool) (secret, weak bool) {
	if judge.Judge(v, ctx) == judge.Secret || isAppPassword(v) {
		return true, false
	}
	if ctx.Kind == judge.Password || ctx.Kind == judge.Userinfo {
		weak = judge.Weak(v, ctx, sure)
	}
	return weak, weak
}

const appPassword = 19 // bytes of one as it is shown, four times four letters

// isAppPassword knows the passwords that Google makes for programs, as it shows
// them: four times four small letters, https://support.google.com/accounts/answer/185833.
func isAppPassword(v []byte) bool {
	if len(v) != appPassword {
		return false
	}
	var letters [16]byte
	for i, c := range v {
		switch {
		case i%5 == 4 && c == ' ':
		case i%5 < 4 && isLower(c):
			letters[i-i/5] = c
		default:
			return false
		}
	}
	return judge.Judge(letters[:], judge.Context{Kind: judge.Token}) == judge.Secret
}

// graded says of a match, if there is one, where it counts. What a person chose
// counts but in pipelines, whose services live as long as a job, and in manuals;
// what everybody writes down, also not in tests and examples. In comments only
// what looks made up for one place counts.
func graded(m []scanner.Match, v []byte, weak, comment bool) []scanner.Match {
	if len(m) == 0 || !weak && judge.Strong(v) {
		return m
	}
	if weak {
		m[0].Severity = scanner.Medium
	}
	made := judge.Made(v)
	if comment && !made {
		return nil
	}
	m[0].AtPath = both(notPipeline, notManual)
	if !made && judge.Trivial(v) {
		m[0].AtPath = notExample
	}
	return m
}

// asWeak is graded for a place in which no value of a usual password is trivial.
func asWeak(m []scanner.Match, v []byte, weak bool) []scanner.Match {
	if !weak {
		return m
	}
	return graded(m, v, weak, false)
}

// pick makes n bytes of alphabet.
func pick(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

const (
	lowers = "abcdefghijkmnpqrstuvwxyz"
	uppers = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	digits = "23456789"
)

// madeUp makes a password as people do: a word nobody knows, digits, a sign.
func madeUp(r *rand.Rand) string {
	return pick(r, uppers, 1) + pick(r, lowers, 5+r.IntN(3)) + pick(r, digits, 3) + pick(r, "!?#", r.IntN(2))
}

// madeUpToken makes a token as machines do.
func madeUpToken(r *rand.Rand) string { return pick(r, lowers+uppers+digits, 32) }

// marked marks the secret of an example as detecttest asks for.
func marked(s string) string { return "\x01" + s + "\x01" }
