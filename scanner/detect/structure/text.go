package structure

import "bytes"

// reach is that of every detector whose syntax stands on a line: far enough for
// a name, an operator and a password, near enough that a change costs little.
const reach = 320 // bytes

// maxName is the longest name of a field that is read.
const maxName = 64 // bytes

// clip cuts a window to reach bytes round the keyword at [start, end), so that
// what is found never depends on how much more the engine hands out. The
// offset of the clipped window is returned with it.
func clip(w []byte, start, end, reach int) (clipped []byte, by int) {
	by = max(0, start-reach+(end-start))
	return w[by:min(len(w), start+reach)], by
}

func isUpper(c byte) bool  { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool  { return 'a' <= c && c <= 'z' }
func isLetter(c byte) bool { return isUpper(c) || isLower(c) }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isAlnum(c byte) bool  { return isLetter(c) || isDigit(c) }
func isWord(c byte) bool   { return isAlnum(c) || c == '_' }
func isSpace(c byte) bool  { return c == ' ' || c == '\t' }
func isBreak(c byte) bool  { return c == '\n' || c == '\r' }

func lower(c byte) byte {
	if isUpper(c) {
		return c + 'a' - 'A'
	}
	return c
}

// at gives w[i], 0 outside.
func at(w []byte, i int) byte {
	if i < 0 || i >= len(w) {
		return 0
	}
	return w[i]
}

func skipSpace(w []byte, i int) int {
	for i < len(w) && isSpace(w[i]) {
		i++
	}
	return i
}

func skipBlank(w []byte, i int) int {
	for i < len(w) && (isSpace(w[i]) || isBreak(w[i])) {
		i++
	}
	return i
}

// backSpace gives the end of what stands before the spaces before i.
func backSpace(w []byte, i int) int {
	for i > 0 && isSpace(w[i-1]) {
		i--
	}
	return i
}

// hasFold tells whether s, in lower case, stands at w[i:] whatever the case.
func hasFold(w []byte, i int, s string) bool {
	if i < 0 || i+len(s) > len(w) {
		return false
	}
	for j := range len(s) {
		if lower(w[i+j]) != s[j] {
			return false
		}
	}
	return true
}

// endsFold tells whether w[:i] ends in s, in lower case, whatever the case.
func endsFold(w []byte, i int, s string) bool { return hasFold(w, i-len(s), s) }

func containsFold(w []byte, s string) bool {
	for i := 0; i+len(s) <= len(w); i++ {
		if lower(w[i]) == s[0] && hasFold(w, i, s) {
			return true
		}
	}
	return false
}

func lineStart(w []byte, i int) int { return bytes.LastIndexByte(w[:i], '\n') + 1 }

// lineEnd gives the end of the line, without a carriage return.
func lineEnd(w []byte, i int) int {
	end := len(w)
	if j := bytes.IndexByte(w[i:], '\n'); j >= 0 {
		end = i + j
	}
	if end > i && w[end-1] == '\r' {
		end--
	}
	return end
}

func oneOf(c byte, set string) bool {
	for i := range len(set) {
		if set[i] == c {
			return true
		}
	}
	return false
}
