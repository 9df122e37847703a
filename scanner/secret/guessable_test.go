package secret

import (
	"bytes"
	"compress/gzip"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/md5"
	crand "crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf16"
)

const (
	base62   = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	phrase   = "the quick brown fox jumps over the lazy dog while nobody looks at the password"
	keyboard = "qwertyuiopasdfghjklzxcvbnm1234567890QWERTYUIOPASDFGHJKLZXCVBNM"
)

func pick(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func zipped(s string) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	w.Write([]byte(s))
	w.Close()
	return buf.Bytes()
}

func wide(s string) []byte {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}

func TestGuessable(t *testing.T) {
	md, s1, s2, s5 := md5.Sum([]byte("hunter2")), sha1.Sum([]byte("hunter2")), sha256.Sum256([]byte("hunter2")), sha512.Sum512([]byte("hunter2"))
	std, url := base64.StdEncoding, base64.RawURLEncoding
	r := rand.New(rand.NewPCG(7, 7))
	for name, value := range map[string]string{
		"nothing":                       "",
		"a word":                        "hunter2",
		"a phrase":                      phrase,
		"a phrase in camel case":        strings.ReplaceAll("The Quick Brown Fox Jumps Over The Lazy Dog 2019 And Then Runs Away 42", " ", ""),
		"leet":                          "Th3Qu1ckBr0wnF0xJumps0v3rTh3L4zyD0g4ndTh3nRuns4w4y42",
		"leet, every second a capital":  "tH3qU1cKbR0wNf0XjUmPs0v3RtH3l4zYd0g4nDtH3nRuN5aW4y42",
		"a keyboard":                    keyboard,
		"the alphabet":                  base62 + base62,
		"digits":                        strings.Repeat("1234567890", 20),
		"random digits":                 pick(r, base62[52:], 200),
		"dates":                         "2019-01-31T10:11:12Z/2020-02-28T11:12:13Z/Abc1De2Fg3",
		"one character":                 strings.Repeat("x", 500),
		"a short one repeated":          strings.Repeat("aB3xK9mQ", 30),
		"half long enough":              pick(r, base62, 22),
		"random but one case":           pick(r, base62[26:52], 64),
		"an MD5":                        hex.EncodeToString(md[:]),
		"a SHA-1":                       hex.EncodeToString(s1[:]),
		"a SHA-256":                     strings.ToUpper(hex.EncodeToString(s2[:])),
		"a SHA-512":                     hex.EncodeToString(s5[:]),
		"two digests":                   hex.EncodeToString(s1[:]) + hex.EncodeToString(md[:]),
		"a SHA-1 in base64":             std.EncodeToString(s1[:]),
		"a SHA-256 in base64":           std.EncodeToString(s2[:]),
		"a SHA-256 in base64 for URLs":  url.EncodeToString(s2[:]),
		"a SHA-512 in base64":           std.EncodeToString(s5[:]),
		"a digest behind a name":        "sha256:" + std.EncodeToString(s2[:]),
		"a UUID of a name":              "6fa459ea-ee8a-3ca4-894e-db77e160355e",
		"text in base64":                std.EncodeToString([]byte(phrase)),
		"text in base64 behind a word":  "x" + std.EncodeToString([]byte(phrase)),
		"text in UTF-16 in base64":      std.EncodeToString(wide(phrase)),
		"Greek in base64":               std.EncodeToString([]byte("η γρήγορη καφέ αλεπού πηδάει πάνω από το σκυλί")),
		"zipped text in base64":         std.EncodeToString(zipped(phrase)),
		"numbers in base64":             std.EncodeToString(bytes.Repeat([]byte{0, 0, 0, 7, 1, 0, 0, 9}, 12)),
		"openssl enc":                   std.EncodeToString(append([]byte("Salted__"), randomBytes(r, 40)...)),
		"a token signed with a word":    "eyJhbGciOiJIUzI1NiJ9." + url.EncodeToString([]byte(`{"sub":"1"}`)) + "." + url.EncodeToString(s2[:]),
		"bcrypt":                        "$2a$10$" + pick(r, base62, 53),
		"sha512crypt":                   "$6$ab$" + pick(r, base62, 86),
		"LDAP":                          "{SSHA}" + std.EncodeToString(append(s1[:], 1, 2, 3, 4)),
		"only the head of a key":        "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg",
		"an address with a password":    "postgres://Admin:Summer2019!@db01.Example.com:5432/Prod?sslmode=require",
		"lines of a configuration file": strings.Repeat("userName=Admin01\npassWord=Summer2019\n", 8),
	} {
		if !guessable([]byte(value)) {
			t.Errorf("%s counts as random", name)
		}
	}
}

func TestNotGuessable(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	std := base64.StdEncoding
	rsaKey, err := rsa.GenerateKey(crand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	body := x509.MarshalPKCS1PrivateKey(rsaKey)
	block := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE" + " KEY", Bytes: body}))
	for name, value := range map[string]string{
		"an RSA key":                   block,
		"its lines ended as by \\n":    strings.ReplaceAll(block, "\n", `\n`),
		"its lines indented":           strings.ReplaceAll(block, "\n", "\r\n    "),
		"its body in one line":         std.EncodeToString(body),
		"48 random bytes and a word":   "Summer2019 " + std.EncodeToString(randomBytes(r, 51)),
		"a hundred random characters":  pick(r, base62, 100),
		"an address with a random key": "https://Admin:" + pick(r, base62, 60) + "@example.com/",
	} {
		if guessable([]byte(value)) {
			t.Errorf("%s counts as guessable", name)
		}
	}
}

// TestShortKeys: of an EC key enough is left behind the head, but for one in thirty
// that happens to look otherwise; of Ed25519 in PKCS 8 nothing is.
func TestShortKeys(t *testing.T) {
	text := func(key any) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return []byte(base64.StdEncoding.EncodeToString(der))
	}
	random := 0
	for range 50 {
		ec, err := ecdsa.GenerateKey(elliptic.P256(), crand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !guessable(text(ec)) {
			random++
		}
		_, ed, err := ed25519.GenerateKey(crand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if !guessable(text(ed)) {
			t.Error("an Ed25519 key counts as random")
		}
	}
	if random < 35 {
		t.Errorf("of 50 EC keys %d are known for random", random)
	}
}

// TestRandomIsFound counts how many random values are known for it: the test is
// allowed to miss some, or it would save nothing if it missed most.
func TestRandomIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, tt := range []struct {
		prefix string
		n      int
		least  int // of a thousand
	}{{"", 40, 700}, {"abc_", 52, 800}, {"", 88, 850}, {"Bearer ", 256, 900}, {"", 3000, 990}} {
		found := 0
		for range 1000 {
			if !guessable([]byte(tt.prefix + pick(r, base62, tt.n))) {
				found++
			}
		}
		t.Logf("%d characters: %d of 1000", tt.n, found)
		if found < tt.least {
			t.Errorf("of 1000 random values of %d characters %d are known for random, want %d", tt.n, found, tt.least)
		}
	}
}

// TestMadeUpIsGuessable makes passwords as people do, of words, capitals, leet
// and numbers. A part of one has some ten bits here, so that one of up to six
// parts, sixty bits, must not count as random; of longer ones next to none does.
func TestMadeUpIsGuessable(t *testing.T) {
	words := strings.Fields("correct horse battery staple summer winter dragon monkey shadow master secret " +
		"password admin server database production staging deploy jenkins github token access private internal " +
		"company welcome football baseball princess sunshine charlie michael jordan thunder freedom whatever " +
		"kennwort geheim sommer schluessel motdepasse soleil bonjour contrasena segredo haslo wachtwoord losenord " +
		"xyzzy plugh foo bar baz qux tmp dev prod api key pwd usr sql aws gcp ssh vpn rdp")
	r := rand.New(rand.NewPCG(5, 21))
	leet := strings.NewReplacer("a", "4", "e", "3", "i", "1", "o", "0", "s", "5", "t", "7")
	misses := 0
	for range 20000 {
		var b strings.Builder
		parts := 0
		for ; b.Len() < 28+r.IntN(60); parts++ {
			w := words[r.IntN(len(words))]
			switch r.IntN(5) {
			case 0:
				w = strings.ToUpper(w[:1]) + w[1:]
			case 1:
				w = strings.ToUpper(w)
			case 2:
				w = leet.Replace(w)
			case 3: // every second letter
				x := []byte(w)
				for i := r.IntN(2); i < len(x); i += 2 {
					x[i] &^= 0x20
				}
				w = leet.Replace(string(x))
			}
			b.WriteString(w)
			switch r.IntN(6) {
			case 0:
				fmt.Fprint(&b, r.IntN(100))
			case 1:
				fmt.Fprint(&b, 1970+r.IntN(60))
			case 2:
				b.WriteByte("-_+/.!@#"[r.IntN(8)])
			}
		}
		if !guessable([]byte(b.String())) {
			if misses++; parts <= 6 {
				t.Errorf("%s counts as random", b.String())
			}
		}
	}
	t.Logf("%d of 20000 count as random, of more than six parts each", misses)
	if misses > 20 {
		t.Errorf("%d of 20000 made-up passwords count as random", misses)
	}
}

// TestCosts: a value that can be guessed takes the whole cost, one that cannot
// takes the least, and one value is one fingerprint.
func TestCosts(t *testing.T) {
	f, err := NewFingerprinter("", counting(16))
	if err != nil {
		t.Fatal(err)
	}
	random := New([]byte(pick(rand.New(rand.NewPCG(2, 2)), base62, 100)))
	// Computed with argon2-cffi: one pass over 8 KiB.
	const want = "s1:969292104400aa05d6a6caf0e12d4279"
	if got := f.Fingerprint(random); got != want || !f.Is(random, got) {
		t.Errorf("got %s, want %s", got, want)
	}
}
