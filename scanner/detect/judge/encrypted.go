package judge

import "bytes"

// ciphers are the openings of ciphertexts and hashes, each with its scheme.
var ciphers = [...]string{
	"ENC[", "ENC(", // SOPS, eyaml; Jasypt
	"{cipher}",         // Spring Cloud Config
	"$ANSIBLE_VAULT",   // ansible-vault
	"vault:v",          // Vault transit
	"gAAAAA",           // Fernet
	"AQICAH", "AQECAH", // AWS KMS
	"AQIAAA", "AQAAANCMnd8B", "01000000d08c9ddf", // IIS, DPAPI
	"-----BEGIN ENCRYPTED", "-----BEGIN PGP MESSAGE", "-----BEGIN AGE", "age-encryption.org",
	"$1$", "$2a$", "$2b$", "$2x$", "$2y$", "$5$", "$6$", "$7$", "$y$", "$gy$", "$apr1$", "$sha1$", "$md5",
	"$argon2", "$scrypt$", "$pbkdf2", "$bcrypt", "$P$", "$H$", "$S$", "$shiro", // crypt(5) and phpass
	"{SHA", "{SSHA", "{MD5}", "{SMD5}", "{CRYPT}", "{PBKDF2", "{ARGON2", "{bcrypt}", "{pbkdf2}", "{scrypt}", "{argon2", "{sha256}", "{MD4}", "{SASL}", // RFC 2307, Spring Security
	"pbkdf2_sha", "pbkdf2:", "scrypt:", "bcrypt_sha", "bcrypt$", "argon2$", "md5$", "sha1$", // Django, Werkzeug
	"SCRAM-SHA-", "sha256:", "sha512:", "sha1:", "md5:", "hash:", "sha256-", "sha384-", "sha512-", "SHA256:",
	"[encrypted]", "{AES}", "{DES}", "{3DES}", "{RSA}", "{xor}", "secure:", "encrypted:", "obf:", "OBF:", "CRYPT:",
}

// isEncrypted tells whether v needs a key to be of use.
func isEncrypted(v []byte) bool {
	for _, s := range ciphers {
		if len(v) >= len(s) && v[0] == s[0] && string(v[:len(s)]) == s {
			return true
		}
	}
	switch {
	case len(v) > 4 && v[0] == '{' && v[len(v)-2] == '=' && v[len(v)-1] == '}': // Maven's encrypted passwords
		return true
	case len(v) == 41 && v[0] == '*': // MySQL's native password hash
		return allHex(v[1:])
	case len(v) == 35 && bytes.HasPrefix(v, []byte("md5")): // PostgreSQL's
		return allHex(v[3:])
	case len(v) > 200 && v[0] == 'A' && v[1] == 'g': // SealedSecrets: version, key length, base64
		return true
	}
	return isJWE(v) || isHtpasswd(v)
}

// isHtpasswd knows user:hash and user:realm:hash, the lines of htpasswd and
// htdigest.
func isHtpasswd(v []byte) bool {
	i := bytes.IndexByte(v, ':')
	if i <= 0 || i+4 > len(v) {
		return false
	}
	if rest := v[i+1:]; rest[0] == '$' || rest[0] == '{' {
		return isEncrypted(rest)
	}
	rest := v[i+1:]
	j := bytes.IndexByte(rest, ':')
	return j > 0 && len(rest) >= j+33 && allHex(rest[j+1:j+33]) && (len(rest) == j+33 || rest[j+33] == ',')
}

// isJWE: five parts, the first a header (RFC 7516 7.1). A JWT has three.
func isJWE(v []byte) bool {
	return len(v) > 40 && string(v[:2]) == "ey" && bytes.Count(v, []byte{'.'}) == 4
}

func allHex(v []byte) bool {
	for _, c := range v {
		if !isHex(c) {
			return false
		}
	}
	return true
}
