package decode

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// sample is how many bytes decide whether content without a byte order mark is
// UTF-16 or UTF-32.
const sample = 1024

// order tells the byte order of wide text with units of size bytes: nil for none.
func order(b []byte, size int) binary.ByteOrder {
	switch {
	case size == 4 && len(b) >= 4 && string(b[:4]) == "\xff\xfe\x00\x00":
		return binary.LittleEndian
	case size == 4 && len(b) >= 4 && string(b[:4]) == "\x00\x00\xfe\xff":
		return binary.BigEndian
	case size == 2 && len(b) >= 2 && b[0] == 0xff && b[1] == 0xfe:
		return binary.LittleEndian
	case size == 2 && len(b) >= 2 && b[0] == 0xfe && b[1] == 0xff:
		return binary.BigEndian
	case len(b) < 4*size:
		return nil
	}
	b = b[:min(len(b), sample)/size*size]
	for i, o := range [...]binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		if mostlyASCII(b, size, i*(size-1)) {
			return o
		}
	}
	return nil
}

// mostlyASCII tells whether nine units of ten are ASCII text, whose byte is the
// one at place low and whose others are 0.
func mostlyASCII(b []byte, size, low int) bool {
	spare := len(b) / size / 10
	for i := 0; i < len(b); i += size {
		ascii := textual[b[i+low]] == 1
		for j := range size {
			ascii = ascii && (j == low || b[i+j] == 0)
		}
		if !ascii {
			if spare--; spare < 0 {
				return false
			}
		}
	}
	return true
}

func isUTF32(b []byte) bool { return order(b, 4) != nil }
func isUTF16(b []byte) bool { return order(b, 2) != nil }

func decodeUTF16(b []byte, m *Map) []byte {
	o := order(b, 2)
	out := make([]byte, 0, len(b)/2+len(b)/8)
	for i := 0; i+1 < len(b); {
		r, n := rune(o.Uint16(b[i:])), 2
		if utf16.IsSurrogate(r) {
			low := rune(0)
			if i+3 < len(b) {
				low = rune(o.Uint16(b[i+2:]))
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				n = 4
			}
		}
		out = appendUnit(out, m, i, n, r)
		i += n
	}
	m.add(len(out), len(b), 0, 0)
	return out
}

func decodeUTF32(b []byte, m *Map) []byte {
	o := order(b, 4)
	out := make([]byte, 0, len(b)/4+len(b)/16)
	for i := 0; i+3 < len(b); i += 4 {
		out = appendUnit(out, m, i, 4, rune(o.Uint32(b[i:])))
	}
	m.add(len(out), len(b), 0, 0)
	return out
}

func appendUnit(out []byte, m *Map, src, n int, r rune) []byte {
	switch {
	case r == 0xfeff && src == 0:
		return out
	case r < 0x80 && r >= 0:
		m.add(len(out), src, 1, n)
	default:
		m.add(len(out), src, 0, n)
	}
	return utf8.AppendRune(out, r)
}
