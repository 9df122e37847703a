package token

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner"
)

const base62 = digits + uppers + lowers

// crc62 is the CRC-32 of body in base 62, six digits, as GitHub and npm write it.
func crc62(body string) string {
	n := crc32.ChecksumIEEE([]byte(body))
	var out [6]byte
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = base62[n%62]
		n /= 62
	}
	return string(out[:])
}

// crc62Tail checks tokens that end in the CRC-32 of what stands between prefix
// and it. https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
func crc62Tail(token []byte, m *scanner.Match) bool {
	body := string(token[strings.IndexByte(string(token), '_')+1:])
	if len(body) != 36 {
		return true
	}
	if crc62(body[:30]) == body[30:] {
		rightChecksum(m)
	} else {
		wrongChecksum(m)
	}
	return true
}

func makeCRC62(_ *rand.Rand, token string) string {
	prefix, body, _ := strings.Cut(token, "_")
	if len(body) != 36 {
		return token
	}
	return prefix + "_" + body[:30] + crc62(body[:30])
}

// grafanaSum is the little-endian CRC-32 that ends a service account token: of
// the service's id "sa" and the random part.
func grafanaSum(random string) string {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], crc32.ChecksumIEEE([]byte("sa"+random)))
	return hex.EncodeToString(b[:])
}

func grafanaTail(token []byte, m *scanner.Match) bool {
	_, rest, _ := strings.Cut(string(token), "_")
	random, sum, _ := strings.Cut(rest, "_")
	if grafanaSum(random) == strings.ToLower(sum) {
		rightChecksum(m)
	} else {
		wrongChecksum(m)
	}
	return true
}

func makeGrafana(_ *rand.Rand, token string) string {
	random := token[len("glsa_") : len("glsa_")+32]
	return "glsa_" + random + "_" + grafanaSum(random)
}

// gitlabTail checks routable tokens: prefix, payload in base64url, a dot, the
// payload's length in two digits of base 36, the CRC-32 of all before in seven.
// The payload names who may use it. Older tokens have no checksum.
// https://handbook.gitlab.com/handbook/engineering/architecture/design-documents/cells/routable_tokens/
func gitlabTail(token []byte, m *scanner.Match) bool {
	s := string(token)
	dot := strings.LastIndexByte(s, '.')
	if dot < 0 || len(s)-dot-1 < 9 {
		return true
	}
	sum := strconv.FormatUint(uint64(crc32.ChecksumIEEE(token[:len(s)-7])), 36)
	sum = strings.Repeat("0", 7-min(7, len(sum))) + sum
	if sum != s[len(s)-7:] {
		wrongChecksum(m)
		return true
	}
	rightChecksum(m)
	payload, err := base64.RawURLEncoding.DecodeString(strings.SplitN(s, "-", 2)[1][:max(0, dot-strings.IndexByte(s, '-')-1)])
	if err != nil || len(payload) < 17 {
		return true
	}
	for _, f := range strings.Split(string(payload[:len(payload)-17]), "\n") {
		k, v, _ := strings.Cut(f, ":")
		n, err := strconv.ParseUint(v, 36, 63)
		if err != nil {
			continue
		}
		switch k {
		case "u":
			fact(m, "principal", "user "+strconv.FormatUint(n, 10))
		case "p":
			fact(m, "account", "project "+strconv.FormatUint(n, 10))
		case "g":
			fact(m, "account", "group "+strconv.FormatUint(n, 10))
		}
	}
	return true
}

// makeGitlab gives a routable token of a made-up user in place of every second one.
func makeGitlab(r *rand.Rand, token string) string {
	if r.IntN(2) == 0 || !strings.Contains(token, ".") {
		return token
	}
	prefix, _, _ := strings.Cut(token, "-")
	payload := []byte("o:1\nu:" + strconv.FormatUint(uint64(1000+r.IntN(9000)), 36))
	for range 16 {
		payload = append(payload, byte(r.IntN(256)))
	}
	s := base64.RawURLEncoding.EncodeToString(append(payload, 16))
	length := strconv.FormatUint(uint64(len(s)), 36)
	s = prefix + "-" + s + "." + strings.Repeat("0", 2-len(length)) + length
	sum := strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(s))), 36)
	return s + strings.Repeat("0", 7-len(sum)) + sum
}

// crc32Tail checks Atlassian's tokens: eight upper-case hexadecimal digits at the
// end are the CRC-32 of what stands before.
// https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account/
func crc32Tail(token []byte, m *scanner.Match) bool {
	body, sum := splitTail(string(token))
	if crcHex(body) == sum {
		rightChecksum(m)
	}
	return true
}

func makeCRC32Tail(_ *rand.Rand, token string) string {
	body, sum := splitTail(token)
	return token[:len(token)-len(sum)] + crcHex(body)
}

// splitTail parts the last eight bytes and the = before them off.
func splitTail(token string) (body, sum string) {
	n := max(0, len(token)-8)
	return strings.TrimSuffix(token[:n], "="), token[n:]
}

func crcHex(s string) string {
	h := strings.ToUpper(strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(s))), 16))
	return strings.Repeat("0", 8-len(h)) + h
}
