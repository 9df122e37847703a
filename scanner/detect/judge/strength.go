package judge

import "bytes"

// A strength is what measure finds in a value.
type strength struct {
	letters, digits, signs int // signs: not letter, digit or separator
	upper, lower           int
	random                 int  // letters and digits that follow no word, sequence or repeat
	said                   int  // letters of words no dictionary has, which can be said: hunter
	tenths                 int  // tenths of bits a guesser would need, roughly
	changes                int  // between letters and digits, and from lower to upper case inside a run
	hex                    bool // hexadecimal of 16 digits or more
	short                  bool // hexadecimal, of any length
}

// Letters of a run cost more than this, in sixteenths of a bit, when nobody
// could say them. 95 % of random six letters are above, 99 % of words below.
const unsayable = 90

// measure reads v as runs of letters, digits and signs.
func measure(v []byte) strength {
	s := strength{hex: true}
	for i := 0; i < len(v); {
		c := v[i]
		j := i + 1
		switch {
		case isLetter(c):
			for j < len(v) && isLetter(v[j]) {
				j++
			}
			s.addLetters(v[i:j])
		case isDigit(c):
			for j < len(v) && isDigit(v[j]) {
				j++
			}
			s.addDigits(v[i:j])
		default:
			s.addSign(c)
		}
		if i > 0 && (isLetter(c) && isDigit(v[i-1]) || isDigit(c) && isLetter(v[i-1])) {
			s.changes++
		}
		i = j
	}
	s.short = s.hex
	s.hex = s.hex && len(v) >= 16
	if s.hex && (s.digits == 0 || s.upper > 0 && s.lower > 0) {
		s.hex = false
	}
	if s.hex { // hexadecimal runs look like words at times: count them as what they are
		s.random = s.letters + s.digits
		s.tenths = s.random * 40
	}
	return s
}

func (s *strength) addSign(c byte) {
	s.hex = s.hex && c == '-'
	switch c {
	case '_', '-', '.', '/', ' ', ',', ':', '=':
		s.tenths += 5
	default:
		s.signs++
		s.tenths += 40
	}
}

func (s *strength) addDigits(run []byte) {
	s.digits += len(run)
	if year(run) || sequence(run) || ofAlgorithm(run) || len(run) > 5 && twoOnly(run) {
		s.tenths += 40
		return
	}
	s.tenths += 33 * distinct(run)
	s.random += len(run)
}

func (s *strength) addLetters(run []byte) {
	s.letters += len(run)
	for i, c := range run {
		if isUpper(c) {
			s.upper++
			if i > 0 && isLower(run[i-1]) {
				s.changes++
			}
		} else {
			s.lower++
		}
		s.hex = s.hex && isHex(c)
	}
	if len(run) > 256 {
		s.addPieces(run)
		return
	}
	var buf [256]byte
	low := buf[:len(run)]
	for i, c := range run {
		low[i] = lower(c)
	}
	if !s.addWord(low) {
		s.addPieces(run)
	}
}

// addWord adds lower-case w if it is a stop word, a known word, or a sequence.
func (s *strength) addWord(w []byte) bool {
	switch d := dictionary(); {
	case stopWords.has(w):
	case len(w) >= 3 && sequence(w):
		s.tenths += 40
	case len(w) >= 3 && len(w) <= 48 && d.known(w):
		s.tenths += 90
	default:
		return false
	}
	return true
}

// addPieces adds a run that is no word as a whole, piece by piece as capitals
// divide it.
func (s *strength) addPieces(run []byte) {
	for i := 0; i < len(run); {
		j := i + 1
		if isUpper(run[i]) {
			for j < len(run) && isUpper(run[j]) {
				j++
			}
			if j-i > 1 && j < len(run) { // HTTPServer: the last capital starts the next word
				j--
			}
		}
		for j < len(run) && isLower(run[j]) && (j == i+1 || isLower(run[j-1]) || j-1 == i) {
			j++
		}
		s.addPiece(run[i:j])
		i = j
	}
}

func (s *strength) addPiece(piece []byte) {
	var buf [64]byte
	if len(piece) > len(buf) {
		s.random += len(piece)
		s.tenths += 47 * distinct(piece)
		return
	}
	low := buf[:len(piece)]
	for i, c := range piece {
		low[i] = lower(c)
	}
	switch {
	case s.addWord(low):
	case len(low) >= 4 && dictionary().surprise(low) < unsayable:
		s.said += len(low)
		s.tenths += 80 + 10*len(low)
	default:
		s.random += len(low)
		s.tenths += 47 * distinct(low)
	}
}

// distinct counts the different bytes of run, and half of the repeated ones.
func distinct(run []byte) int {
	n := 0
	for i, c := range run {
		if bytes.IndexByte(run[:i], c) < 0 {
			n++
		}
	}
	return n + (len(run)-n)/2
}

// sequence tells whether each byte follows the one before it by one step, up or
// down, or on a keyboard row.
func sequence(run []byte) bool {
	if len(run) < 3 {
		return false
	}
	up, down, same := true, true, true
	for i := 1; i < len(run); i++ {
		d := int(run[i]) - int(run[i-1])
		up = up && (d == 1 || d == -9 && run[i] == '0')
		down = down && (d == -1 || d == 9 && run[i] == '9')
		same = same && d == 0
	}
	if up || down || same {
		return true
	}
	return len(run) >= 4 && (bytes.Contains([]byte("qwertyuiopasdfghjklzxcvbnm"), run) || bytes.Contains([]byte("mnbvcxzlkjhgfdsapoiuytrewq"), run))
}

// twoOnly tells whether run is made of at most two different bytes.
func twoOnly(run []byte) bool {
	a, b := run[0], run[0]
	for _, c := range run {
		if c != a && c != b {
			if a != b {
				return false
			}
			b = c
		}
	}
	return true
}

// ofAlgorithm knows the numbers in names like sha-256.
func ofAlgorithm(run []byte) bool {
	switch string(run) {
	case "128", "192", "256", "384", "512", "1024", "2048", "4096":
		return true
	}
	return false
}

func year(run []byte) bool {
	return len(run) == 4 && (run[0] == '1' && run[1] == '9' || run[0] == '2' && run[1] == '0')
}

// password tells whether s is enough for what a person chose as a password.
func (s strength) password(bare bool) bool {
	kinds := 0
	for _, n := range [...]int{s.upper, s.lower, s.digits, s.signs} {
		if n > 0 {
			kinds++
		}
	}
	switch {
	case s.letters == 0: // a PIN, or signs
		return !bare && s.tenths >= 200
	case s.digits == 0 && s.signs == 0: // letters only
		if s.oneWord() {
			return !bare && s.said >= 6
		}
		return s.random >= 6 && s.tenths >= 185 && (!bare || kinds > 1 && s.random >= 8)
	case bare:
		return s.tenths >= 200 && s.digits > 0
	}
	return s.tenths >= 165
}

// oneWord tells whether the value is one word in small letters that can be said
// and that no dictionary has: people like such passwords.
func (s strength) oneWord() bool {
	return s.said > 0 && s.said == s.letters && s.upper == 0 && s.tenths == 80+10*s.said
}

// mixed is password for places where words are the rule.
func (s strength) mixed() bool {
	return s.letters > 0 && (s.digits > 0 || s.signs > 0) && s.tenths >= 170 && (s.random >= 3 || s.said >= 5 && s.digits > 0)
}

// token tells whether s, of n bytes, is enough for what a machine made: little
// of it may be words.
func (s strength) token(n int) bool {
	if n < minToken || s.tenths < 280 || n < 16 && s.short {
		return false
	}
	if s.digits == 0 && (s.upper == 0 || s.lower == 0) && s.signs == 0 {
		return s.random >= 12
	}
	return s.random*2 >= s.letters+s.digits || s.tenths >= 600 && s.random*3 >= s.letters+s.digits
}

// key tells whether s, of n bytes, is what only a generator of keys makes: long,
// of small and capital letters and digits, without words.
func (s strength) key(n int) bool {
	return n >= 20 && n <= 128 && s.token(n) && s.upper > 2 && s.lower > 2 && s.digits > 1 && s.random*10 >= (s.letters+s.digits)*8
}
