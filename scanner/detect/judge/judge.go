// Package judge is the one judge of values: it says of a string that stands
// where a credential could stand whether it is one.
//
// Structural detectors read syntax and know where a value starts and ends;
// what the value is they ask here, so that a placeholder is a placeholder in
// every file format. Judging is pure and does not allocate.
package judge

import "bytes"

// A Verdict says what a value is. Its zero value is Plain, so that what was
// not judged is not reported.
type Verdict int

const (
	Plain       Verdict = iota // words, names, paths, numbers, types: nothing that grants access
	Placeholder                // stands for a secret that somebody fills in: changeme, <token>, xxxx
	Reference                  // names where the secret is: ${{ secrets.X }}, $VAR, op://vault/item
	Encrypted                  // needs a key to be of use, or is a hash: ENC[...], JWE, $2b$...
	PublicID                   // an identifier that is no secret: UUID, ARN, client id, public key
	Secret
)

// String gives the word for tests and explanations.
func (v Verdict) String() string {
	return [...]string{"plain", "placeholder", "reference", "encrypted", "public-id", "secret"}[v]
}

// A Kind says what the place of a value promises, which decides how little
// randomness is enough.
type Kind int

const (
	Password Kind = iota // chosen by a person: weak ones count
	Token                // made by a machine: key, token, secret
	Userinfo             // password part of a URL
	Header               // credential of an Authorization header
	AnyKey               // key of something: of a map, a cache, a service
	Prose                // a sentence or comment that seems to tell a password
	Signing              // key with which a program signs, where nothing else can stand
)

// A Context tells what is judged.
type Context struct {
	Kind Kind
	// Bare: the value stood without quotes where a name of the program could
	// stand as well, so that a word-like value is taken for one.
	Bare bool
	// UUID: a UUID is a secret here (an API key of a service that hands out UUIDs).
	UUID bool
	// Name is the key beside the value, nil when there is none. A value that
	// repeats its name is a placeholder.
	Name []byte
}

const (
	minPassword = 5
	minToken    = 8
	maxValue    = 4096
)

// Judge says what value is. It looks at the first 4096 bytes at most; longer
// values are Plain, as no password or token of structure alone is that long.
func Judge(value []byte, ctx Context) Verdict {
	value = bytes.TrimPrefix(value, []byte("{noop}")) // Spring Security: in plain text
	if len(value) < 3 || len(value) > maxValue {
		return Plain
	}
	switch {
	case isEncrypted(value):
		return Encrypted
	case isPublic(value, ctx.UUID):
		return PublicID
	case isReference(value):
		return Reference
	case isPlaceholder(value, ctx.Name):
		return Placeholder
	case isPlain(value, ctx):
		return Plain
	}
	if !strongEnough(value, ctx) {
		return Plain
	}
	if isPublished(value) || isSpelled(value) {
		return Placeholder
	}
	var buf [maxDecoded]byte
	if text, ok := decoded(buf[:0], value); ok { // base64 of something that can be read is no more than that
		ctx.Kind = Password
		return Judge(text, ctx)
	}
	return Secret
}

// Strong tells whether value, a Secret, looks random by any measure: what a
// manual or a test makes up as an example seldom does. Small letters alone must
// be many, and digits that stand for letters make nothing random.
func Strong(value []byte) bool {
	var buf64 [maxDecoded]byte
	if text, ok := decoded(buf64[:0], value); ok {
		value = text
	}
	var plain [maxSpelled]byte
	if bytes.IndexByte(value, '%') >= 0 && len(value) <= len(plain) {
		value = unescaped(plain[:0], value)
	}
	s := measure(value)
	if s.random < 5 || s.tenths < 210 {
		return false
	}
	if s.digits == 0 && s.signs == 0 && (s.upper == 0 || s.lower == 0) {
		return s.random >= 12
	}
	var buf [maxSpelled]byte
	if len(value) > len(buf) || s.digits == 0 && s.signs == 0 || s.hex {
		return true
	}
	for i, c := range value {
		buf[i] = leet(c)
	}
	folded := measure(buf[:len(value)])
	return folded.random >= 4
}

// unescaped appends v without its percent-encoding (RFC 3986 2.1).
func unescaped(to, v []byte) []byte {
	for i := 0; i < len(v); i++ {
		if c := v[i]; c != '%' || i+2 >= len(v) || !isHex(v[i+1]) || !isHex(v[i+2]) {
			to = append(to, c)
			continue
		}
		if v[i+1] < '8' { // what is no ASCII is text of some language
			to = append(to, hexValue(v[i+1])<<4|hexValue(v[i+2]))
		}
		i += 2
	}
	return to
}

func hexValue(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return lower(c) - 'a' + 10
}

// strongEnough asks whether value looks random enough for its place.
func strongEnough(value []byte, ctx Context) bool {
	s := measure(value)
	switch ctx.Kind {
	case Token:
		return s.token(len(value))
	case AnyKey:
		return s.key(len(value))
	case Header:
		return len(value) >= minToken && (s.token(len(value)) || s.password(ctx.Bare))
	case Userinfo:
		return len(value) >= minPassword-1 && s.password(false)
	case Prose:
		return len(value) >= 6 && s.mixed()
	default:
		return len(value) >= minPassword && s.password(ctx.Bare)
	}
}
