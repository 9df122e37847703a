package judge

// maxDecoded is how much of a base64 text is decoded.
const maxDecoded = 96 // bytes

// decoded appends the text whose base64 v is, signs of control as spaces. It is
// not ok where v is no base64, or what it stands for is no ASCII for the most
// part printable.
func decoded(to, v []byte) (text []byte, ok bool) {
	least := 8
	for len(v) > 0 && v[len(v)-1] == '=' {
		v, least = v[:len(v)-1], 6
	}
	if len(v) < least || len(v)/4*3 > maxDecoded-3 || len(v)%4 == 1 {
		return nil, false
	}
	bits, n, controls := uint32(0), 0, 0
	for _, c := range v {
		d, ok := digit64(c)
		if !ok {
			return nil, false
		}
		bits, n = bits<<6|uint32(d), n+6
		if n >= 8 {
			n -= 8
			c := byte(bits >> n)
			if c > '~' {
				return nil, false
			}
			if c < ' ' && c != '\n' {
				controls++
				c = ' '
			}
			to = append(to, c)
		}
	}
	if controls > 0 && (len(to) < 9 || controls*4 > len(to)) { // three of four bytes below 128 come by chance
		return nil, false
	}
	if n := len(to); to[n-1] == '\n' {
		to = to[:n-1]
	}
	return to, true
}

func digit64(c byte) (byte, bool) {
	switch {
	case isUpper(c):
		return c - 'A', true
	case isLower(c):
		return c - 'a' + 26, true
	case isDigit(c):
		return c - '0' + 52, true
	case c == '+' || c == '-':
		return 62, true
	case c == '/' || c == '_':
		return 63, true
	}
	return 0, false
}
