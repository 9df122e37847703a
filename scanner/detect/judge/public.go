package judge

import "bytes"

var publicPrefixes = [...]string{
	"arn:", "ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2", "AAAAB3NzaC1yc2E", "AAAAC3NzaC1lZDI1NTE5", "-----BEGIN PUBLIC", "-----BEGIN CERTIFICATE", "-----BEGIN RSA PUBLIC",
	"MIIBIjANBgkqhki", "MIGfMA0GCSqGSIb3DQEBAQ", "pk_live_", "pk_test_", "urn:", "spiffe://", "did:", "rO0AB", "amzn1.account.", "amzn1.application", "amzn1.ask.",
	"eyJhbGciOiJub25l", "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25l", // JWTs without a signature,
}

// isPublic tells whether v is an identifier that grants nothing by itself.
func isPublic(v []byte, uuidCounts bool) bool {
	for _, s := range publicPrefixes {
		if len(v) >= len(s) && string(v[:len(s)]) == s {
			return true
		}
	}
	if !uuidCounts && isUUID(v) {
		return true
	}
	if isScope(v) || isMultikey(v) || isPublicDER(v) || isHalfToken(v) || isAccount(v) {
		return true
	}
	return bytes.HasSuffix(v, []byte(".apps.googleusercontent.com")) || bytes.HasSuffix(v, []byte(".iam.gserviceaccount.com"))
}

// isUUID tells whether v is a UUID (RFC 9562 4), with or without braces.
func isUUID(v []byte) bool {
	if len(v) == 38 && v[0] == '{' {
		v = v[1:37]
	}
	if len(v) != 36 {
		return false
	}
	for i, c := range v {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !isHex(c) {
			return false
		}
	}
	return true
}

// isAccount knows the address of an account or contract of Ethereum: 0x, or \x in
// a database, and 20 bytes; a key has 32.
func isAccount(v []byte) bool {
	return len(v) == 42 && (v[0] == '0' || v[0] == '\\') && v[1] == 'x' && allHex(v[2:])
}

// isScope knows the credential scope of an AWS signature, which ends so:
// AKID/20130524/us-east-1/s3/aws4_request.
func isScope(v []byte) bool {
	return bytes.HasSuffix(v, []byte("4_request")) && bytes.Count(v, []byte{'/'}) >= 3
}

// isHalfToken knows a JSON Web Token without its signature: header and payload
// say who it was for, and open nothing.
func isHalfToken(v []byte) bool {
	for _, head := range [...]string{"eyJhbGciOi", "eyJ0eXAiOi", "eyJraWQiOi"} { // {"alg": {"typ": {"kid":
		if len(v) > len(head) && string(v[:len(head)]) == head {
			parts := bytes.Count(v, []byte{'.'})
			return parts < 2 || parts == 2 && v[len(v)-1] == '.'
		}
	}
	return false
}

// isMultikey knows the public key of a did:key: a multibase of Ed25519 or
// secp256k1 (https://w3c-ccg.github.io/did-key-spec/).
func isMultikey(v []byte) bool {
	return len(v) >= 46 && len(v) <= 52 && (bytes.HasPrefix(v, []byte("z6Mk")) || bytes.HasPrefix(v, []byte("zQ3s")))
}

// isPublicDER knows the hexadecimal digits of a SubjectPublicKeyInfo (RFC 5280
// 4.1): a sequence that begins with a sequence that begins with an object's
// identifier. In a private key (RFC 5958 2) the number of its version is first.
func isPublicDER(v []byte) bool {
	if len(v) < 2 || v[0] != '3' || !allHex(v) {
		return false
	}
	for _, tag := range [...]string{"30", "30", "06"} {
		if len(v) < 4 || string(v[:2]) != tag {
			return false
		}
		header := 4
		if v[2] == '8' { // 8n: the length is in the n bytes behind it
			header += 2 * int(v[3]&7)
		}
		if len(v) < header {
			return false
		}
		v = v[header:]
	}
	return true
}
