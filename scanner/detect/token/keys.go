package token

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"strings"

	"github.com/credgate/credgate/scanner"
)

const (
	pemReach = 14000 // bytes of an armoured key: RSA with 16384 bits takes 13 kB
	minPEM   = 60    // bytes of base64 that a private key has at least (Ed25519 in PKCS #8: 64)
)

// keys finds private keys.
func keys() []scanner.Detector {
	return []scanner.Detector{
		privateKey(),
		puttyKey(),
		tok("age-secret-key", "age identity", "age", signing, critical, "AGE-SECRET-KEY-1<A:58>", with(ageSum), making(makeAge), doc("https://age-encryption.org/v1")),
		tok("age-plugin-identity", "age plugin identity", "age", signing, medium, "AGE-PLUGIN-<A:3-20>-1<A:20-200>", doc("https://age-encryption.org/v1")),
		named("wireguard-private-key", "WireGuard private key", "wireguard", signing, high, "privatekey private_key wg_ wireguard presharedkey", "<s:43>=", roles("privatekey", "private_key", "presharedkey", "preshared_key"), near(40), inLine("[Interface]\nPrivateKey = %s"), doc("https://man7.org/linux/man-pages/man8/wg.8.html")),
		tok("minisign-secret-key", "minisign or signify secret key", "sigstore", signing, high, "RWRTY0Iy<p:150-240>", doc("https://jedisct1.github.io/minisign/")),
		named("tauri-updater-key", "Tauri updater signing key", "tauri", signing, high, "tauri", "dW50cnVzdGVkIGNvbW1lbnQ6<p:200-600>", roles("key", "private")),
		supabaseServiceKey(), serviceAccountToken(),
	}
}

// privateKey finds armoured private keys that no passphrase protects.
func privateKey() scanner.Detector {
	s := newSpec("private-key", "Private key", "ssh", sshKey, critical, []option{doc("https://datatracker.ietf.org/doc/html/rfc7468")})
	s.Provider = "" // any
	s.Keywords = []string{"private key-----", "private key block-----", "ssh2 encrypted private key ----"}
	s.Reach = pemReach
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		at := bytes.LastIndex(b[max(0, start-40):start], []byte("-----BEGIN "))
		if at < 0 {
			return nil
		}
		at += max(0, start-40)
		key, ok := pemAt(b, at)
		if !ok || key.encrypted || bytes.Contains(b[max(0, at-140):at], []byte("private_key_id")) {
			return nil
		}
		m := scanner.Match{Start: max(0, at-140), End: key.end, SecretStart: at, SecretEnd: key.end}
		fact(&m, "type", key.kind)
		if strings.HasPrefix(key.kind, "PGP") {
			m.Severity = scanner.High // most have a passphrase, which the armour does not tell
		}
		return []scanner.Match{m}
	}
	s.Example = func(r *rand.Rand) string {
		kinds := [][2]string{{"RSA PRIVATE KEY", "MIIEp"}, {"PRIVATE KEY", "MIIEv"}, {"EC PRIVATE KEY", "MHcCAQ"}, {"OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ"}}
		k := kinds[r.IntN(len(kinds))]
		return examplePEM(r, k[0], k[1], 400+r.IntN(1200))
	}
	s.Silent = func(r *rand.Rand) string {
		if r.IntN(2) == 0 {
			return "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----"
		}
		return strings.Replace(examplePEM(r, "RSA PRIVATE KEY", "MIIEp", 800), "\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"+classString(r, hexUpper, 32)+"\n\n", 1)
	}
	return s.Detector
}

// armour is a key between its BEGIN and END lines.
type armour struct {
	start, end int
	kind       string
	encrypted  bool
}

// pemAt reads the armoured key whose BEGIN line starts at b[at]. Line ends may be
// written as escapes, and lines may be quoted, indented or commented, as keys in
// source code are. What lacks its END line counts if enough of a body is there.
func pemAt(b []byte, at int) (armour, bool) {
	k := armour{start: at}
	head := b[at:min(len(b), at+80)]
	n := bytes.Index(head[11:], []byte("-----"))
	if n < 0 {
		return k, false
	}
	k.kind = string(head[11 : 11+n])
	if strings.Contains(k.kind, "PUBLIC") || !strings.Contains(k.kind, "PRIVATE KEY") {
		return k, false
	}
	from := at + 11 + n + 5
	limit := min(len(b), at+pemReach-200)
	size := bytes.Index(b[from:limit], []byte("-----END"))
	body := b[from:limit]
	if size >= 0 {
		body = b[from : from+size]
	}
	text, used := pemBody(body)
	k.end = from + used
	if size >= 0 {
		tail := b[from+size : min(len(b), from+size+60)]
		k.end = from + size + len(tail)
		if e := bytes.Index(tail[min(8, len(tail)):], []byte("-----")); e >= 0 {
			k.end = from + size + 8 + e + 5
		}
	}
	k.encrypted = strings.HasPrefix(k.kind, "ENCRYPTED") || bytes.Contains(body[:min(len(body), 200)], []byte("ENCRYPTED")) || opensshEncrypted(text)
	if size < 0 && len(text) < 200 {
		return k, false
	}
	return k, len(text) >= minPEM && !madeUp(text[:min(len(text), 400)])
}

// pemBody gives the base64 of a body, and how many of its bytes were read before
// something that is no part of one.
func pemBody(body []byte) (text []byte, used int) {
	for i := 0; i < len(body); {
		j := i
		for j < len(body) && (isAlnum(body[j]) || body[j] == '+' || body[j] == '/' || body[j] == '=') {
			j++
		}
		run := body[i:j]
		switch {
		case j < len(body) && body[j] == ':' && len(run) > 0 || headerLine(body[i:]): // Proc-Type: 4,ENCRYPTED
			e := bytes.IndexByte(body[i:], '\n')
			if e2 := bytes.Index(body[i:], []byte(`\n`)); e < 0 || e2 >= 0 && e2 < e {
				e = e2
			}
			if e < 0 {
				return text, i
			}
			i += e + 1
			continue
		case len(run) >= 4 || len(run) > 0 && (len(text) > 0 && run[len(run)-1] == '='):
			text = append(text, run...)
			used = j
		}
		if j == len(body) {
			break
		}
		if body[j] == '\\' && j+1 < len(body) && strings.IndexByte(`nrt`, body[j+1]) >= 0 {
			i = j + 2
			continue
		}
		if strings.IndexByte(" \t\r\n\"'`,;#>|\\-*()&%", body[j]) < 0 {
			return text, used
		}
		i = j + 1
	}
	return text, used
}

func headerLine(b []byte) bool {
	return bytes.HasPrefix(b, []byte("Proc-Type")) || bytes.HasPrefix(b, []byte("DEK-Info"))
}

// opensshEncrypted tells whether an OpenSSH key's cipher is other than none.
// https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
func opensshEncrypted(text []byte) bool {
	if !bytes.HasPrefix(text, []byte("b3BlbnNzaC1rZXktdjE")) || len(text) < 40 {
		return false
	}
	head, err := base64.StdEncoding.DecodeString(string(text[:40]))
	return err == nil && len(head) >= 23 && string(head[19:23]) != "none"
}

// examplePEM makes an armoured text of n bytes of base64 after start.
func examplePEM(r *rand.Rand, kind, start string, n int) string {
	var b strings.Builder
	b.WriteString("-----BEGIN " + kind + "-----\n")
	text := start + classString(r, base62+"+/", n&^63-len(start))
	for ; text != ""; text = text[min(64, len(text)):] {
		b.WriteString(text[:min(64, len(text))] + "\n")
	}
	return b.String() + "-----END " + kind + "-----"
}

// puttyKey finds PuTTY's keys without a passphrase.
func puttyKey() scanner.Detector {
	s := newSpec("putty-private-key", "PuTTY private key", "putty", sshKey, critical, nil)
	s.Keywords = []string{"putty-user-key-file-"}
	s.Reach = 8000
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		text := b[start:min(len(b), start+7900)]
		enc := bytes.Index(text[:min(len(text), 200)], []byte("Encryption: none"))
		lines := bytes.Index(text, []byte("Private-Lines:"))
		if enc < 0 || lines < 0 {
			return nil
		}
		nl := bytes.IndexByte(text[lines:], '\n')
		if nl < 0 {
			return nil
		}
		body := text[lines+nl:]
		if mac := bytes.Index(body, []byte("Private-MAC:")); mac >= 0 {
			body = body[:mac]
		}
		key, used := pemBody(body)
		if len(key) < 40 || madeUp(key) {
			return nil
		}
		from := start + lines + nl + 1
		return []scanner.Match{{Start: start, End: start + lines + nl + used, SecretStart: from, SecretEnd: start + lines + nl + used}}
	}
	s.Example = func(r *rand.Rand) string { return examplePutty(r, "none") }
	s.Silent = func(r *rand.Rand) string { return examplePutty(r, "aes256-cbc") }
	return s.Detector
}

func examplePutty(r *rand.Rand, encryption string) string {
	line := func() string { return classString(r, base62+"+/", 64) + "\n" }
	return "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: " + encryption + "\nComment: key\nPublic-Lines: 2\n" + line() + line() +
		"Private-Lines: 1\n" + line() + "Private-MAC: " + classString(r, hexLower, 64)
}
