package judge

import "bytes"

// saysPassword are the words of which one makes a placeholder of a value that is
// nothing but words.
var saysPassword = words("password", "passwords", "passwd", "passwort", "passphrase", "passcode", "pass", "secret", "secrets", "sekret", "sekrit", "geheim", "token", "credential", "apikey", "parole", "kennwort", "senha")

// smallWords are those that join others; no dictionary of ours has words this short.
var smallWords = words("my", "is", "so", "oh", "of", "in", "to", "no", "we", "it", "at", "on", "or", "db", "me", "be", "s", "a", "i")

const (
	maxSpelled = 32 // bytes of a value that is read as words
	maxLetters = 14 // of one of them
)

// isSpelled tells whether v is nothing but words, one of them for a password or
// the like, in whatever spelling: MySekretPa$$word, s3cr3t-leaked, 5up3r53cr37.
// Between words stand at most three digits and three signs, so that a year
// behind a word remains somebody's password.
func isSpelled(v []byte) bool {
	if len(v) > maxSpelled {
		return false
	}
	var buf [maxSpelled]byte
	folded := buf[:len(v)]
	letters := 0
	for i, c := range v {
		folded[i] = leet(lower(c))
		if isLetter(c) {
			letters++
		}
	}
	return letters*3 >= len(v) && spell(v, folded, 0, 0, false, new(int))
}

// spell reads words from folded[at:]. Steps bounds the ways it tries.
func spell(v, folded []byte, digits, signs int, said bool, steps *int) bool {
	if len(v) == 0 {
		return said
	}
	if *steps++; *steps > 400 {
		return false
	}
	for n := min(len(v), maxLetters); n >= 1; n-- {
		w := folded[:n]
		if !isLower(w[0]) || bytes.IndexFunc(w, func(r rune) bool { return r < 'a' || r > 'z' }) >= 0 {
			continue
		}
		secret := saysPassword.has(w)
		if n < 3 && (!smallWords.has(w) || !isLetter(v[0]) || !isLetter(v[n-1])) || n >= 3 && !secret && !stopWords.has(w) && !dictionary().has(w) && !inflected(dictionary(), w) {
			continue
		}
		if spell(v[n:], folded[n:], digits, signs, said || secret, steps) {
			return true
		}
	}
	switch c := v[0]; {
	case isLetter(c):
		return false
	case isDigit(c):
		digits++
	default:
		signs++
	}
	return digits <= 3 && signs <= 3 && spell(v[1:], folded[1:], digits, signs, said, steps)
}

// isEscaped tells whether v is text in escapes: \u00e9, \xc3\xa9. A key may be
// written so byte by byte; then nearly all of it is.
func isEscaped(v []byte) bool {
	escapes, bytesOf := 0, 0
	for i := 0; i+3 < len(v); i++ {
		if v[i] != '\\' {
			continue
		}
		switch n := v[i+1]; {
		case n == 'x' && isHex(v[i+2]) && isHex(v[i+3]):
			escapes, bytesOf, i = escapes+1, bytesOf+4, i+3
		case (n == 'u' || n == 'U') && (isHex(v[i+2]) || v[i+2] == '{'):
			escapes, bytesOf, i = escapes+1, bytesOf+6, i+3
		default:
			i++
		}
	}
	return escapes > 0 && (escapes < 16 || bytesOf*3 < len(v)*2)
}

// isPercents tells whether v is percent-encoding (RFC 3986 2.1) and next to
// nothing else: a name in another script, or the signs that a parser is tried with.
func isPercents(v []byte) bool {
	escapes, others := 0, 0
	for i := 0; i < len(v); i++ {
		if v[i] == '%' && i+2 < len(v) && isHex(v[i+1]) && isHex(v[i+2]) {
			escapes, i = escapes+1, i+2
		} else if isLetter(v[i]) || isDigit(v[i]) {
			others++
		}
	}
	return escapes > 1 && others <= escapes
}
