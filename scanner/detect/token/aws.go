package token

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

const (
	awsReach = 310 // bytes: what a key and its secret stand apart, at most
	awsApart = 200 // bytes between the two
)

var (
	awsIDs      = []string{"AKIA", "ASIA", "ABIA", "ACCA"}
	awsIDForm   = form{{set: classOf(digits + uppers), min: 16, max: 16}}
	awsSecret   = form{{set: classOf(alnums + "+/"), min: 40, max: 40}}
	base32Class = classOf(uppers + "234567")
)

const awsFormat = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-prefixes"

// aws finds credentials of Amazon Web Services.
func aws() []scanner.Detector {
	return []scanner.Detector{
		awsPair(),
		awsID(),
		tok("aws-session-token", "AWS session token", "aws", accessKey, high, "IQoJb3JpZ2lu<p:80-1600> | FwoGZXIvYXdz<p:80-1600> | FQoGZXIvYXdz<p:80-1600>"),
		named("aws-session-token-named", "AWS session token", "aws", accessKey, high, "aws_session_token session_token sessiontoken security_token security-token", "<p:180-230>", roles("token"), near(24)),
		tok("aws-bedrock-key", "Amazon Bedrock API key", "aws", apiKey, critical, "ABSK<p:100-280>", doc("https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html")),
		tok("aws-bedrock-short-key", "Amazon Bedrock short-term API key", "aws", apiKey, high, "bedrock-api-key-<p:60-1200>", doc("https://docs.aws.amazon.com/bedrock/latest/userguide/api-keys.html")),
		tok("aws-appsync-key", "AWS AppSync API key", "aws", apiKey, medium, "da2-<a:26>", doc("https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html")),
		named("aws-ses-password", "Amazon SES SMTP password", "aws", password, high, "email-smtp ses_smtp ses-smtp ses", "B<s:43>", roles("pass", "secret", "pwd"), doc("https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html")),
		named("aws-cognito-client-secret", "Amazon Cognito app client secret", "aws", client, high, "cognito", "<a:51-52>", roles("secret"), doc("https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html")),
		tok("aws-presigned-credential", "AWS access key in a presigned URL", "aws", accessKey, low, "X-Amz-Security-Token=<%:100-1600>", inWord, doc("https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html")),
	}
}

// awsPair finds secret access keys, by their name or by an access key id near.
func awsPair() scanner.Detector {
	s := newSpec("aws-access-key", "AWS secret access key", "aws", accessKey, critical, []option{doc(awsFormat), roles("secret", "aws_sk"), near(96)})
	s.Keywords = []string{"akia", "asia", "abia", "acca", "aws", "amazon", "secretaccesskey", "secret_access_key", "secret-access-key", "secretkey", "secret_key", "secret access key", "s3_"}
	s.Reach = awsReach
	forms := []form{awsSecret}
	least := needOf(forms)
	near := need{least.set, min(least.length, scanner.NearAfter-usualNear)}
	s.Near = func(b []byte, start, end int) bool {
		if end-start == 4 && awsPrefix(b[start:end]) {
			return nearWord(b, start, end) && awsIDForm.begins(b, end)
		}
		return nearWord(b, start, end) && near.in(b[end:])
	}
	s.OwnLine = func(b []byte, start, end int) bool {
		return end-start == 4 && awsPrefix(b[start:end]) || !nearWord(b, start, end) || near.in(line(b, end))
	}
	s.check = func(v []byte, _ *scanner.Match) bool { return awsLooksSecret(v) }
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		if end-start == 4 && awsPrefix(b[start:end]) {
			return awsByID(b, start)
		}
		if !least.in(b[end:min(len(b), end+s.near+least.length)]) {
			return nil
		}
		list := s.findNamed(forms, b, start, end)
		for i := range list {
			if awsPrincipal(b, &list[i], start); len(list[i].Facts) == 0 { // many stores speak the protocol, and their manuals show it
				list[i].AtPath = func(path string) bool { return !judge.IsDocumentation(path) }
			}
		}
		return list
	}
	s.Example = func(r *rand.Rand) string {
		id, secret := awsExampleID(r), s.value(r, awsSecret)
		if r.IntN(2) == 0 {
			return fmt.Sprintf("aws_secret_access_key = %s", secret)
		}
		return fmt.Sprintf("AccessKeyId: %s\nSecretAccessKey: %s", id, secret)
	}
	s.Silent = func(r *rand.Rand) string {
		return "aws_commit_sha = " + classString(r, hexLower, 40) + "\nregion: asia\n"
	}
	return s.Detector
}

// awsID finds access key ids without a secret near them: who, but not how.
func awsID() scanner.Detector {
	s := newSpec("aws-access-key-id", "AWS access key id", "aws", accessKey, low, []option{doc(awsFormat)})
	s.Keywords = []string{"akia", "asia", "abia", "acca"}
	s.Reach = awsReach
	s.Near = func(b []byte, start, end int) bool { return awsPrefix(b[start:end]) && awsIDForm.begins(b, end) }
	s.OwnLine = always
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		stop := awsIDAt(b, start)
		if stop < 0 || len(awsByID(b, start)) > 0 {
			return nil
		}
		m := scanner.Match{Start: start, End: stop, SecretStart: start, SecretEnd: stop}
		awsFacts(b[start:stop], &m)
		return []scanner.Match{m}
	}
	s.Example = func(r *rand.Rand) string { return "aws_access_key_id = " + awsExampleID(r) }
	s.Silent = func(r *rand.Rand) string { return "continent = ASIA-" + classString(r, base62, 16) }
	return s.Detector
}

func awsPrefix(b []byte) bool {
	for _, p := range awsIDs {
		if string(b) == p {
			return true
		}
	}
	return false
}

// awsIDAt gives the end of the access key id at b[at], -1 if there is none.
func awsIDAt(b []byte, at int) int {
	if at+20 > len(b) || !awsPrefix(b[at:at+4]) || !leftEdge(b, at) {
		return -1
	}
	stop := awsIDForm.match(b, at+4)
	if stop < 0 || !rightEdge(b, stop, awsIDForm.last()) || b[stop-1] == '_' || madeUp(b[at+4:stop]) {
		return -1
	}
	return stop
}

// awsByID finds the secret of the access key id at b[at], the nearest after it,
// else the nearest before.
func awsByID(b []byte, at int) []scanner.Match {
	stop := awsIDAt(b, at)
	if stop < 0 {
		return nil
	}
	for i := stop; i < min(len(b), stop+awsApart); i++ {
		if m, ok := awsSecretAt(b, i); ok {
			m.Start = at
			awsFacts(b[at:stop], &m)
			return []scanner.Match{m}
		}
	}
	for i := at - 40; i >= max(0, at-awsApart); i-- {
		if m, ok := awsSecretAt(b, i); ok {
			m.End = stop
			awsFacts(b[at:stop], &m)
			return []scanner.Match{m}
		}
	}
	return nil
}

// awsSecretAt tells whether a secret access key starts at b[i].
func awsSecretAt(b []byte, i int) (scanner.Match, bool) {
	set := awsSecret.last()
	if !set.has(b[i]) || i > 0 && set.has(b[i-1]) && !leftEdge(b, i) {
		return scanner.Match{}, false
	}
	stop := awsSecret.match(b, i)
	if stop < 0 || !rightEdge(b, stop, set) || stop < len(b) && b[stop] == '=' || !awsLooksSecret(b[i:stop]) || madeUp(b[i:stop]) {
		return scanner.Match{}, false
	}
	return scanner.Match{Start: i, End: stop, SecretStart: i, SecretEnd: stop}, true
}

// awsLooksSecret: forty random bytes of base64 have all three of these; object
// ids of git and paths have not.
func awsLooksSecret(v []byte) bool {
	var up, low, num, slash int
	for _, c := range v {
		switch {
		case isUpper(c):
			up++
		case isLower(c):
			low++
		case isDigit(c):
			num++
		case c == '/':
			slash++
		}
	}
	return up > 3 && low > 3 && num > 0 && slash < 6 &&
		judge.Judge(v, judge.Context{Kind: judge.Token}) == judge.Secret
}

// awsPrincipal adds the access key id near a secret found by name.
func awsPrincipal(b []byte, m *scanner.Match, keyword int) {
	from, to := max(0, keyword-awsApart), min(len(b), m.End+100)
	for i := from; i+20 <= to; i++ {
		if b[i] != 'A' || i < m.SecretEnd && i+20 > m.SecretStart {
			continue
		}
		if stop := awsIDAt(b, i); stop >= 0 && stop <= to {
			m.Start, m.End = min(m.Start, i), max(m.End, stop)
			awsFacts(b[i:stop], m)
			return
		}
	}
}

func awsFacts(id []byte, m *scanner.Match) {
	fact(m, "principal", string(id))
	if account := awsAccount(id); account != "" {
		fact(m, "account", account)
	} else {
		fact(m, "checksum", "wrong")
	}
	if string(id[:4]) == "ASIA" {
		fact(m, "kind", "temporary")
	}
}

// awsAccount decodes the account from an access key id: the 40 bits after the
// first of its base32 tail. "" if the tail is no base32 or the account no number
// of at most twelve digits.
func awsAccount(id []byte) string {
	if len(id) != 20 {
		return ""
	}
	var n uint64
	for _, c := range id[4:14] { // ten digits of five bits: six bytes and two bits
		if !base32Class.has(c) {
			return ""
		}
		v := uint64(c - 'A')
		if isDigit(c) {
			v = uint64(c-'2') + 26
		}
		n = n<<5 | v
	}
	for _, c := range id[14:] {
		if !base32Class.has(c) {
			return ""
		}
	}
	account := n >> 2 & 0x7fffffffff80 >> 7
	if account >= 1e12 {
		return ""
	}
	s := strconv.FormatUint(account, 10)
	return strings.Repeat("0", 12-len(s)) + s
}

func awsExampleID(r *rand.Rand) string {
	id := ""
	for range 1000 {
		id = awsIDs[r.IntN(2)] + classString(r, uppers+"234567", 16)
		if awsAccount([]byte(id)) != "" && awsIDAt([]byte(id), 0) > 0 {
			break
		}
	}
	return id
}

// classString gives n bytes drawn from set.
func classString(r *rand.Rand, set string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = set[r.IntN(len(set))]
	}
	return string(b)
}
