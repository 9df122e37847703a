package structure

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"math/rand/v2"

	"github.com/credgate/credgate/scanner"
)

// jwkReach is how far apart the members of one key may stand; an RSA key of
// 4096 bits with all its members has some 3 KB.
const jwkReach = 4096 // bytes

var jwkPrivateKey = scanner.Detector{
	ID:       "jwk-private-key",
	Title:    "Private or symmetric JSON Web Key",
	Kind:     "signing-key",
	Severity: scanner.Critical,
	Class:    scanner.Structural,
	Keywords: []string{`"kty"`, `\"kty\"`, `'kty'`, `kty:`},
	Reach:    jwkReach,
	FindAt:   jwkAt,
	Format:   "https://www.rfc-editor.org/rfc/rfc7517",
	Rotate:   "https://www.rfc-editor.org/rfc/rfc7517#section-9",
	Example: func(r *rand.Rand) string {
		form := []string{`{"kty":"EC","crv":"P-256","x":"#","y":"#","d":"%"}`, `{"kty": "oct", "kid": "1", "k": "%"}`, "{\n  \"d\": \"%\",\n  \"kty\": \"OKP\",\n  \"crv\": \"Ed25519\",\n  \"x\": \"#\"\n}"}
		f := bytes.ReplaceAll([]byte(form[r.IntN(len(form))]), []byte("#"), []byte(random64(r, 32)))
		return filled(string(f), random64(r, 32))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{`{"kty":"EC","crv":"P-256","x":"%","y":"%"}`, `{"kty":"RSA","n":"%","e":"AQAB"}`, `{"kty":"oct","k":"..."}`}
		return filled(form[r.IntN(len(form))], random64(r, 32))
	},
}

func random64(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.IntN(256))
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// jwkAt reads the object round "kty": a member d makes a private key of it, and
// k with the type oct a symmetric one.
func jwkAt(w []byte, start, end int) []scanner.Match {
	from := bytes.LastIndexByte(w[:start], '{')
	to := bytes.IndexByte(w[end:], '}')
	if from < 0 || to < 0 {
		return nil
	}
	to += end + 1
	object := w[from:to]
	member := byte('d')
	if t := skipColon(w, end); hasFold(w, t, "oct") {
		member = 'k'
	}
	s, e := memberOf(object, member)
	if e-s < 16 || to-from > jwkReach {
		return nil
	}
	return []scanner.Match{{Start: from, End: to, SecretStart: from + s, SecretEnd: from + e}}
}

// skipColon steps to the first letter of the value that follows.
func skipColon(w []byte, i int) int {
	for i < len(w) && oneOf(w[i], " \t\r\n:\\\"'=>") {
		i++
	}
	return i
}

// memberOf gives the base64url value of the one-letter member of object.
func memberOf(object []byte, member byte) (start, end int) {
	for i := 1; i < len(object); i++ {
		if object[i] != member || isWord(object[i-1]) || isWord(at(object, i+1)) || !oneOf(object[i-1], "\"'{, \n\t") {
			continue
		}
		j := i + 1
		if c := at(object, j); c == '\\' {
			j++
		}
		if c := at(object, j); c == '"' || c == '\'' {
			j++
		}
		if j = skipSpace(object, j); at(object, j) != ':' && at(object, j) != '=' {
			continue
		}
		start = skipColon(object, j)
		for end = start; end < len(object) && (isWord(object[end]) || object[end] == '-'); end++ {
		}
		if end-start >= 16 {
			return start, end
		}
	}
	return 0, 0
}

const nkeyLength = 58 // base32 of two bytes of prefix, 32 of seed, two of checksum

var nkeySeed = scanner.Detector{
	ID:       "nkey-seed",
	Title:    "NATS NKEY seed",
	Provider: "nats",
	Kind:     "signing-key",
	Severity: scanner.Critical,
	Class:    scanner.Specific,
	Keywords: []string{"sua", "saa", "soa", "sna", "sca", "sxa"},
	Reach:    nkeyLength + 2,
	Near:     nearSeed,
	OwnLine:  always,
	FindAt:   nkeyAt,
	Format:   "https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth",
	Rotate:   "https://docs.nats.io/using-nats/nats-tools/nsc/basics",
	Example: func(r *rand.Rand) string {
		return filled("seed: %", nkey(r, 0))
	},
	Silent: func(r *rand.Rand) string { return "seed: " + nkey(r, 1) },
}

// nkey makes a seed of a user; its checksum is right if spoil is 0.
func nkey(r *rand.Rand, spoil uint16) string {
	raw := []byte{18<<3 | 20>>2&7, 0}
	raw[0], raw[1] = 18<<3|(20<<3)>>5, (20<<3&31)<<3
	for range 32 {
		raw = append(raw, byte(r.IntN(256)))
	}
	sum := crc16(raw) ^ spoil
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(append(raw, byte(sum), byte(sum>>8)))
}

// nkeyAt reads a seed by its length, alphabet and checksum.
func nkeyAt(w []byte, start, end int) []scanner.Match {
	stop := start + nkeyLength
	if stop > len(w) || w[start] != 'S' || !isUpper(w[start+1]) || isWord(at(w, start-1)) || isWord(at(w, stop)) {
		return nil
	}
	var raw [40]byte
	n, err := base32.StdEncoding.WithPadding(base32.NoPadding).Decode(raw[:], w[start:stop])
	if err != nil || n != 36 || crc16(raw[:34]) != uint16(raw[34])|uint16(raw[35])<<8 {
		return nil
	}
	return []scanner.Match{{Start: start, End: stop, SecretStart: start, SecretEnd: stop, Facts: []scanner.Fact{{Name: "checksum", Value: "ok"}}}}
}

// crc16 is the XMODEM variant that NKEYS use.
func crc16(b []byte) (sum uint16) {
	for _, c := range b {
		sum ^= uint16(c) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}

const bytesReach = 1024 // bytes

var byteArrayKey = scanner.Detector{
	ID:       "byte-array-key",
	Title:    "Key or secret as an array of bytes",
	Kind:     "signing-key",
	Severity: scanner.Medium,
	Class:    scanner.Generic,
	Keywords: []string{"_key[", "key[]", "secret[", "key =", "key=", "key :=", "secret =", "secret=", "secret :=", "password[", "passphrase =", "password =", "byte[] key", "byte[]{", "byte[] {", "[]byte{", "bytearray(["},
	Reach:    bytesReach,
	Near:     func(b []byte, _, end int) bool { return bytesOpen(b, end) >= 0 },
	OwnLine:  always,
	FindAt:   byteArrayAt,
	AtPath:   countsAsSource,
	Format:   "https://cwe.mitre.org/data/definitions/321.html",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Key_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"var encryptionKey = []byte{%}", "static final byte[] SECRET_KEY = new byte[] {%};", "unsigned char aes_key[16] = {%};", "secret = bytes([%])"}
		return filled(form[r.IntN(len(form))], byteList(r))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"var table = []byte{%}", "uint8_t monkey[16] = {%};", "var publicKey = []byte{%}", "var testKey = []byte{%}"}
		return filled(form[r.IntN(len(form))], byteList(r))
	},
}

func byteList(r *rand.Rand) string {
	var b bytes.Buffer
	for i := range 16 {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("0x" + pick(r, "0123456789abcdef", 2))
	}
	return b.String()
}

// byteArrayAt reads name = {1, 2, 3} in C's descendants and bytes([..]) of Python.
func byteArrayAt(w []byte, start, end int) []scanner.Match {
	w, by := clip(w, start, end, bytesReach)
	start, end = start-by, end-by
	name := byteName(w, start, end)
	if name == nil || !secretBytes(name) {
		return nil
	}
	open := bytesOpen(w, end)
	if open < 0 {
		return nil
	}
	stop, count := byteValues(w, open+1)
	if count < 8 || stop-start > bytesReach {
		return nil
	}
	return []scanner.Match{{Start: by + start, End: by + stop, SecretStart: by + open + 1, SecretEnd: by + stop}}
}

// bytesOpen gives where the array opens behind its keyword, which ends at end, -1
// for nowhere near.
func bytesOpen(w []byte, end int) int {
	for i := end - 1; i < len(w) && i < end+48; i++ {
		switch c := w[i]; {
		case c == '{', c == '[' && isDigit(at(w, i+1)) && bytes.IndexByte(w[i:min(len(w), i+8)], ']') < 0:
			return i
		case isBreak(c), c == ';', c == '"':
			return -1
		}
	}
	return -1
}

// byteName gives the name on the left side of the line of the keyword.
func byteName(w []byte, start, end int) []byte {
	from := lineStart(w, start)
	i := bytes.IndexByte(w[from:min(len(w), end+maxName)], '=')
	if i < 0 {
		return nil
	}
	name := bytes.TrimRight(w[from:from+i], " \t:")
	for len(name) > 0 && name[len(name)-1] == ']' { // key[16]
		j := bytes.LastIndexByte(name, '[')
		if j < 0 {
			return nil
		}
		name = name[:j]
	}
	j := len(name)
	for j > 0 && isWord(name[j-1]) {
		j--
	}
	return name[j:]
}

func secretBytes(name []byte) bool {
	for _, s := range [...]string{"public", "test", "expect", "want", "pub", "lookup", "sort", "event", "dummy", "example", "zero"} {
		if containsFold(name, s) {
			return false
		}
	}
	for _, s := range [...]string{"secret", "password", "passphrase", "privatekey", "private_key", "aeskey", "aes_key", "enckey", "enc_key", "encryptionkey", "encryption_key", "cryptkey", "crypt_key", "masterkey", "master_key", "hmackey", "hmac_key", "deskey", "des_key", "signkey", "sign_key", "signingkey", "signing_key", "cipherkey", "cipher_key", "sharedkey", "shared_key"} {
		if containsFold(name, s) {
			return true
		}
	}
	return false
}

// byteValues reads numbers divided by commas and counts the different ones.
func byteValues(w []byte, i int) (stop, different int) {
	var seen [256]bool
	for {
		for i < len(w) && oneOf(w[i], " \t\r\n,") {
			i++
		}
		if hasFold(w, i, "(byte)") {
			i = skipSpace(w, i+6)
		}
		neg := at(w, i) == '-'
		if neg {
			i++
		}
		v, digits := 0, 0
		if hasFold(w, i, "0x") {
			for i += 2; i < len(w) && unhex(w[i]) < 16; i++ {
				v, digits = v*16+int(unhex(w[i])), digits+1
			}
		} else {
			for ; i < len(w) && isDigit(w[i]); i++ {
				v, digits = v*10+int(w[i]-'0'), digits+1
			}
		}
		if digits == 0 || digits > 3 {
			return i, 0
		}
		if neg {
			v = 256 - v
		}
		if v >= 0 && v < 256 && !seen[v] {
			seen[v] = true
			different++
		}
		if !oneOf(at(w, i), ", \t\r\n") {
			stop = i
			if at(w, i) != '}' && at(w, i) != ']' && at(w, i) != ')' || consecutive(&seen, different) {
				return stop, 0
			}
			return stop, different
		}
		if j := skipBlank(w, i); at(w, j) == '}' || at(w, j) == ']' {
			if consecutive(&seen, different) {
				return i, 0
			}
			return i, different
		}
	}
}

// consecutive tells whether the values are one run, as in tables of 0 to 15.
func consecutive(seen *[256]bool, n int) bool {
	run := 0
	for _, s := range seen {
		if s {
			run++
			if run == n {
				return true
			}
		} else {
			run = 0
		}
	}
	return false
}

const derReach = 4096 // bytes; base64 of an RSA key of 4096 bits has 3.2 KB

var derPrivateKey = scanner.Detector{
	ID:       "private-key-der",
	Title:    "RSA private key in base64 without PEM's lines",
	Kind:     "signing-key",
	Severity: scanner.Critical,
	Class:    scanner.Structural,
	Keywords: []string{"ibaakc", "ibadan"},
	Reach:    derReach,
	FindAt:   derAt,
	Format:   "https://www.rfc-editor.org/rfc/rfc5208#section-5",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Key_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{`privateKey = "%"`, "rsa.key=%", `{"private_key":"%"}`}
		return filled(form[r.IntN(len(form))], "MIIE"+pick(r, "pvow", 1)+"AIBA"+[]string{"AKCAQEA", "DANBgkqhkiG9w0BAQEFAASC"}[r.IntN(2)]+pick(r, lowers+uppers+digits+"+/", 1200)+"==")
	},
	Silent: func(r *rand.Rand) string {
		return `publicKey = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA` + pick(r, lowers+uppers+digits, 300) + `"`
	},
}

// derAt reads the base64 of a PKCS #1 or #8 key: a sequence of a two-byte length
// whose first member is the version 0. Inside of PEM's lines it is not this
// detector's.
func derAt(w []byte, start, end int) []scanner.Match {
	from := start - 6
	if from < 0 || string(w[from:from+3]) != "MII" || !bytes.HasPrefix(w[start:], []byte("IBA")) || isAlnum(at(w, from-1)) && !endsFold(w, from, `\n`) {
		return nil
	}
	if bytes.Contains(w[max(0, from-80):from], []byte("-----")) {
		return nil
	}
	stop := end
	for stop < len(w) && (isAlnum(w[stop]) || oneOf(w[stop], "+/=")) {
		stop++
	}
	if stop-from < 300 || stop == len(w) && stop-start > derReach {
		return nil
	}
	return one(0, from, stop, from, stop, derReach)
}
