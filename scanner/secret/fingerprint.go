package secret

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/errgroup"
)

// KeyVariable names the environment variable that holds the project's keys.
const KeyVariable = "CREDGATE_KEY"

const (
	// domain parts these fingerprints from anything else made with the same key or salt.
	domain = "credgate/credential/v1"

	keySize     = 32 // bytes
	printSize   = 16 // bytes of a fingerprint that are kept
	minSaltSize = 16 // bytes

	// Argon2id's cost: 4 MiB and some 2.5 ms for each secret that could be guessed,
	// so that a thousand distinct ones take one second on two cores, and a guess
	// at a weak password costs an attacker as much. One that cannot be guessed
	// gains nothing by it, and takes the least memory that Argon2 has: some
	// microseconds. Which of the two it is follows from the secret alone.
	passes, lanes  = 1, 1
	memory, little = 4 << 10, 8 // KiB
)

// publicSalt stands in where a repository has no salt of its own. It is no
// secret: it parts our fingerprints from tables made for other programs.
const publicSalt = "credgate public salt, for want of .credgate/salt"

// A Fingerprinter gives secrets an identity that does not reveal them. The same
// secret has the same fingerprint wherever it stands and whichever detector
// found it. It is safe for concurrent use, and computes each distinct secret
// once. It prints as "[redacted]".
type Fingerprinter struct{ do func() *prints }

type prints struct {
	keys []key // the current one first
	salt []byte
	n    int // generation of the salt: 1, or 0 for the public one

	mu    sync.Mutex
	known map[string]*print
}

type key struct {
	n     int
	bytes []byte
}

type print struct {
	once  sync.Once
	value string
}

// A KeyError tells what is wrong with a key string, and no part of it.
type KeyError struct {
	Key int // 1-based, in order of the string
	Err error
}

func (e *KeyError) Error() string {
	return fmt.Sprintf("%s: key %d: %v (want k1: and 32 bytes in hexadecimal or base64, the current key first: k2:...,k1:...; make one with: openssl rand -hex 32)", KeyVariable, e.Key, e.Err)
}

func (e *KeyError) Unwrap() error { return e.Err }

// NewFingerprinter makes fingerprints under the first of keys, in the form of
// CREDGATE_KEY:
//
//	k2:<32 bytes in hexadecimal or base64>[,k1:<an earlier key>]...
//
// With no keys they are made by Argon2id (RFC 9106) with salt, the content of the
// repository's salt file, and with no salt either with a fixed public one. The
// errors are KeyErrors, joined, and one for a salt shorter than 16 bytes.
func NewFingerprinter(keys string, salt []byte) (*Fingerprinter, error) {
	p := &prints{salt: []byte(publicSalt), known: make(map[string]*print)}
	var errs []error
	if strings.TrimSpace(keys) != "" {
		for i, text := range strings.Split(keys, ",") {
			k, err := parseKey(strings.TrimSpace(text))
			if err == nil && p.key(k.n) != nil {
				err = fmt.Errorf("k%d is given twice", k.n)
			}
			if err != nil {
				errs = append(errs, &KeyError{i + 1, err})
				continue
			}
			p.keys = append(p.keys, k)
		}
	}
	if salt != nil {
		if len(salt) < minSaltSize {
			errs = append(errs, fmt.Errorf("the salt has %d bytes, fewer than %d", len(salt), minSaltSize))
		}
		p.salt, p.n = append([]byte(nil), salt...), 1
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &Fingerprinter{func() *prints { return p }}, nil
}

func parseKey(text string) (key, error) {
	label, value, ok := strings.Cut(text, ":")
	n, err := strconv.Atoi(strings.TrimPrefix(label, "k"))
	if !ok || err != nil || n < 1 || n > 9999 || label != "k"+strconv.Itoa(n) {
		return key{}, errors.New("it does not begin with k and a number and a colon")
	}
	for _, decode := range []func(string) ([]byte, error){
		hex.DecodeString, base64.StdEncoding.DecodeString, base64.RawStdEncoding.DecodeString,
		base64.URLEncoding.DecodeString, base64.RawURLEncoding.DecodeString,
	} {
		if b, err := decode(value); err == nil && len(b) == keySize {
			return key{n, b}, nil
		}
	}
	return key{}, fmt.Errorf("%d characters that are not %d bytes in hexadecimal or base64", len(value), keySize)
}

func (p *prints) key(n int) *key {
	for i := range p.keys {
		if p.keys[i].n == n {
			return &p.keys[i]
		}
	}
	return nil
}

// Keyed tells whether a key is in use, under which a guess cannot be checked by
// anybody without it.
func (f *Fingerprinter) Keyed() bool { return len(f.do().keys) > 0 }

// Fingerprint gives the identity of a secret: "k<n>:" or "s<n>:" and 32
// hexadecimal digits.
func (f *Fingerprinter) Fingerprint(v Value) string {
	p := f.do()
	b := v.Reveal()
	p.mu.Lock()
	e, ok := p.known[string(b)]
	if !ok {
		e = new(print)
		p.known[string(b)] = e
	}
	p.mu.Unlock()
	e.once.Do(func() {
		if len(p.keys) > 0 {
			e.value = p.keys[0].print(b)
		} else {
			e.value = p.salted(b)
		}
	})
	return e.value
}

// Fingerprints gives the identities of values in their order, computed on all
// cores. Its error is that of ctx.
func (f *Fingerprinter) Fingerprints(ctx context.Context, values []Value) ([]string, error) {
	out := make([]string, len(values))
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, v := range values {
		if ctx.Err() != nil {
			break
		}
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			out[i] = f.Fingerprint(v)
			return nil
		})
	}
	if err := cmp.Or(g.Wait(), ctx.Err()); err != nil {
		return nil, err
	}
	return out, nil
}

// Is tells whether a fingerprint, made under any of the keys or the salt that are
// known here, is that of v. One made under another is not.
func (f *Fingerprinter) Is(v Value, fingerprint string) bool {
	p := f.do()
	label, _, _ := strings.Cut(fingerprint, ":")
	var got string
	switch n, err := strconv.Atoi(strings.TrimLeft(label, "ks")); {
	case err != nil:
		return false
	case label == "k"+strconv.Itoa(n):
		k := p.key(n)
		if k == nil {
			return false
		}
		got = k.print(v.Reveal())
	case label == "s"+strconv.Itoa(n) && n == p.n:
		got = p.salted(v.Reveal())
	default:
		return false
	}
	return subtle.ConstantTimeCompare([]byte(got), []byte(fingerprint)) == 1
}

func (k *key) print(b []byte) string {
	h := hmac.New(sha256.New, k.bytes)
	h.Write([]byte(domain + "\x00"))
	h.Write(b)
	return fmt.Sprintf("k%d:%x", k.n, h.Sum(nil)[:printSize])
}

func (p *prints) salted(b []byte) string {
	salt := append([]byte(domain+"\x00"), p.salt...)
	cost := uint32(memory)
	if !guessable(b) {
		cost = little
	}
	return fmt.Sprintf("s%d:%x", p.n, argon2.IDKey(b, salt, passes, cost, lanes, printSize))
}

func (*Fingerprinter) Format(s fmt.State, _ rune)   { io.WriteString(s, redacted) }
func (*Fingerprinter) MarshalText() ([]byte, error) { return []byte(redacted), nil }
