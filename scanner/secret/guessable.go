package secret

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// guessable tells whether somebody who knows how people and programs make
// credentials could come upon b by trying. Only what is certain to hold 128 random
// bits and more is not; all else is, also where that is merely likely. It decides
// what a fingerprint costs, so the two errors differ: to take a weak password for
// a random value would let it be found by cheap tries, while to take a random
// value for weak costs some milliseconds.
//
// A value counts by its runs of base64 characters, those of a wrapped body joined.
// Of a run these count nothing:
//
//   - one that is all hexadecimal, or as long as base64 of a usual digest: a hash
//     of something weak looks like any random value;
//   - base64 of text, of few different bytes, or of compressed data, which holds
//     what somebody wrote; a JSON Web Token may be signed with a word;
//   - password hashes and what openssl enc writes, whose salt may be short;
//   - the head of a key in DER or of OpenSSH, which is the same in many;
//   - characters that go on a sequence (abc, 321), repeat three that stood before,
//     or stand in a row of four letters of one case or four digits: words, dates.
//
// What is left has to be 28 characters at least, 166 bits if they are random ones
// of an alphabet of 62. They have to be small letters, capitals and digits, to go
// from one class to another about as often as by chance, and to hold few of the
// pairs of letters that words are made of, digits read as the letters that they
// are written for.
func guessable(b []byte) bool {
	if len(b) < leastRandom || bytes.HasPrefix(b, []byte("eyJ")) || b[0] == '$' || b[0] == '{' {
		return true
	}
	var m material
	for _, run := range runsOf(b[:min(len(b), mostLooked)]) {
		m.add(run)
	}
	return m.count < leastRandom || !m.mixed() || m.wordy()
}

const (
	leastRandom = 28      // characters
	leastRun    = 20      // characters of a run that counts
	mostLooked  = 4 << 10 // bytes; what follows cannot make a value easier to guess
)

// runsOf cuts a value into runs of base64 characters. Where a line ends (also one
// written as \n) between two of them, they are one.
func runsOf(b []byte) [][]byte {
	var runs [][]byte
	var run []byte
	for i := 0; i < len(b); i++ {
		if c := b[i]; inBase64(c) {
			run = append(run, c)
			continue
		}
		if n := lineEnd(b[i:]); n > 0 && len(run) > 0 {
			i += n - 1
			continue
		}
		runs, run = append(runs, run), nil
	}
	return append(runs, run)
}

func inBase64(c byte) bool {
	return isLower(c) || isUpper(c) || isDigit(c) || c == '+' || c == '/' || c == '-' || c == '_'
}

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }
func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// lineEnd is the length of the end of a line that b starts with, 0 if it does not.
func lineEnd(b []byte) int {
	n := 0
	for n < len(b) {
		switch {
		case b[n] == '\r' || b[n] == '\n':
			n++
		case n > 0 && (b[n] == ' ' || b[n] == '\t'): // what follows is indented
			n++
		case n+1 < len(b) && b[n] == '\\' && (b[n+1] == 'n' || b[n+1] == 'r'):
			n += 2
		default:
			return n
		}
	}
	return n
}

// material is what may be random in a value.
type material struct {
	count                int // characters
	lower, upper, digits int
	pairs, changes       int // neighbours, and those of different classes
	letters, common      int // neighbours that are letters, and pairs that words are made of
	last                 byte
}

// add takes the characters of a run that count.
func (m *material) add(run []byte) {
	run = run[min(fixedHead(run), len(run)):]
	if len(run) < leastRun || isHex(run) || ofDigest(len(run)) || holdsText(run) {
		return
	}
	skip, n := discounted(run)
	if n*100 > len(run)*40 {
		return
	}
	for i, c := range run {
		if skip[i] {
			m.last = 0
			continue
		}
		m.char(c)
	}
	m.last = 0
}

func (m *material) char(c byte) {
	m.count++
	switch class(c) {
	case lowerClass:
		m.lower++
	case upperClass:
		m.upper++
	case digitClass:
		m.digits++
	}
	if m.last != 0 {
		m.pairs++
		if class(c) != class(m.last) {
			m.changes++
		}
		if x, y := spoken(m.last), spoken(c); x != 0 && y != 0 {
			m.letters++
			if commonPairs[x-'a'][y-'a'] {
				m.common++
			}
		}
	}
	m.last = c
}

// mixed tells whether all classes are there and change as by chance, which is
// in 62 of 100 pairs.
func (m *material) mixed() bool {
	return m.lower*6 >= m.count && m.upper*6 >= m.count && m.digits*20 >= m.count && m.changes*100 >= m.pairs*50
}

// wordy tells whether pairs of letters are more often common ones than by chance,
// which is in 15 of 100; in words they are in 60 and more.
func (m *material) wordy() bool { return m.common*100 > m.letters*27 }

type charClass int

const (
	otherClass charClass = iota
	lowerClass
	upperClass
	digitClass
)

func class(c byte) charClass {
	switch {
	case isLower(c):
		return lowerClass
	case isUpper(c):
		return upperClass
	case isDigit(c):
		return digitClass
	}
	return otherClass
}

// fixedHead is how many characters a run starts with that are the same in many
// keys: DER up to where the numbers start, and OpenSSH's up to its public key.
func fixedHead(run []byte) int {
	switch {
	case bytes.HasPrefix(run, []byte("MI")), bytes.HasPrefix(run, []byte("MC")), bytes.HasPrefix(run, []byte("MH")):
		return 64
	case bytes.HasPrefix(run, []byte("b3BlbnNzaC1rZXktdjE")):
		return 128
	}
	return 0
}

func isHex(run []byte) bool {
	for _, c := range run {
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') && c != '-' {
			return false
		}
	}
	return true
}

// ofDigest tells whether base64 of a digest has such a length, without padding.
func ofDigest(n int) bool {
	switch n {
	case 22, 27, 38, 43, 64, 86: // of 16, 20, 28, 32, 48, 64 bytes
		return true
	}
	return false
}

// holdsText tells whether a run is base64 of what somebody wrote, from whichever
// of its characters on.
func holdsText(run []byte) bool {
	std := bytes.Map(func(c rune) rune {
		switch c {
		case '-':
			return '+'
		case '_':
			return '/'
		}
		return c
	}, run)
	for phase := range 4 {
		part := std[phase:]
		data := make([]byte, base64.RawStdEncoding.DecodedLen(len(part)))
		n, _ := base64.RawStdEncoding.Decode(data, part[:len(part)/4*4])
		if data = data[:n]; textual(data) || phase == 0 && packed(data) {
			return true
		}
	}
	return false
}

// textual tells whether bytes are more often printable or zero than random ones,
// of which 39 in 100 are, or a few of them stand for many.
func textual(data []byte) bool {
	var counts [256]int
	plain := 0
	for _, c := range data {
		counts[c]++
		if c >= ' ' && c < 0x7f || c == '\n' || c == '\r' || c == '\t' || c == 0 {
			plain++
		}
	}
	most := 0
	for _, n := range counts {
		most = max(most, n)
	}
	return plain*100 > len(data)*65 || most > max(4, len(data)/8)
}

// packed tells whether data is compressed or serialized, or encrypted with a password.
func packed(data []byte) bool {
	for _, head := range []string{"\x1f\x8b", "\x78\x01", "\x78\x5e", "\x78\x9c", "\x78\xda", "PK", "BZh", "\xfd7zXZ", "\x28\xb5\x2f\xfd", "\x04\x22\x4d\x18", "\xac\xed", "\x80\x03", "\x80\x04", "Salted__"} {
		if bytes.HasPrefix(data, []byte(head)) {
			return true
		}
	}
	return false
}

// discounted marks the characters of a run that anybody might come upon, and
// counts them.
func discounted(run []byte) (skip []bool, n int) {
	skip = make([]bool, len(run))
	seen := make(map[[3]byte]bool, len(run))
	for i := 0; i < len(run); {
		n := 1
		for c := class(run[i]); i+n < len(run) && class(run[i+n]) == c; {
			n++
		}
		for k := i; n >= 4 && k < i+n; k++ {
			skip[k] = true
		}
		i += n
	}
	for i := 2; i < len(run); i++ {
		a, b, c := run[i-2], run[i-1], run[i]
		if int(c)-int(b) == int(b)-int(a) && int(c)-int(b) <= 1 && int(c)-int(b) >= -1 {
			skip[i-2], skip[i-1], skip[i] = true, true, true
		}
		key := [3]byte{a | 0x20, b | 0x20, c | 0x20}
		if seen[key] {
			skip[i-2], skip[i-1], skip[i] = true, true, true
		}
		seen[key] = true
	}
	for _, s := range skip {
		if s {
			n++
		}
	}
	return skip, n
}

// spoken is the small letter that a character is, or is written for; 0 if none.
func spoken(c byte) byte {
	switch {
	case isLower(c):
		return c
	case isUpper(c):
		return c | 0x20
	case isDigit(c):
		return "oizeasgtbg"[c-'0']
	}
	return 0
}

// commonPairs are the pairs of letters that make up most of English, and with
// them most of what other languages in Latin letters share.
var commonPairs = func() (set [26][26]bool) {
	const pairs = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le " +
		"ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur di el la ta ho us et ec ss no na ac " +
		"ot so il ow wh tr pe un ee ca rs wo we lo mo sh po sp id ad am op ag ap ly ay ie ge im ig ul bo da ke ck wa pa"
	for p := range strings.FieldsSeq(pairs) {
		set[p[0]-'a'][p[1]-'a'] = true
	}
	return set
}()
