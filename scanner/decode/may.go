package decode

import "bytes"

// Beside is how far May looks beyond what it is asked about, in bytes.
const Beside = minHex

// Kinds are ways in which text stands encoded in text.
type Kinds uint8

const (
	Runs     Kinds = 1 << iota // base64, hexadecimal digits
	Percents                   // %41
	Escapes                    // \x41, \n
	AllKinds Kinds = 1<<iota - 1
)

// May tells of which kinds something that Text yields for src may begin in
// src[from:to], or, where that cuts a line, stand in it with a part. It knows by
// these bytes and Beside more on both sides, and may name a kind in vain.
func May(src []byte, from, to int) (k Kinds) {
	if mayRun(src, from, to) {
		k |= Runs
	}
	if mayPercent(src, from, to) {
		k |= Percents
	}
	if mayEscape(src, from, to) {
		k |= Escapes
	}
	return k
}

// Within tells whether all that Text yields for [from, to] begins in src[lo:hi],
// or stands in lines that lie there whole: before, of what could begin before lo,
// and after, of what could behind hi. What does meets from, or to.
func Within(src []byte, from, to, lo, hi int) (before, after bool) {
	before = lo == 0 || from > lo && bytes.IndexByte(src[lo:from-1], '\n') >= 0 && seek(src, from-1, lo-1) >= lo
	after = hi == len(src) || to+1 < hi && bytes.IndexByte(src[to+1:hi], '\n') >= 0 && beyond(src[:hi], to) < hi
	return before, after
}

// mayRun tells whether a run of base64 or hexadecimal digits may begin in
// src[from:to], or what is promising in one (see inRun).
func mayRun(src []byte, from, to int) bool {
	text := src[:min(len(src), to+minRun)]
	if from > 0 && sextet[src[from-1]] >= 62 && sextet[src[from-1]] < 64 && promisingAt(text, from) {
		return true
	}
	for at := from; ; {
		start, end := nextRun(text, at)
		if start < 0 || start >= to {
			return false
		}
		if start == 0 || !isSextet(src[start-1]) {
			if promisingAt(text, start) || start+minHex <= len(src) && allHex(src[start:start+minHex]) && promisingHex(src[start:start+minHex]) {
				return true
			}
		}
		for i := start; i < end; i++ {
			if sextet[text[i]] >= 62 && promisingAt(text, i+1) {
				return true
			}
		}
		at = end
	}
}

// promisingAt is promising of the sixteen characters from at, if so many of a
// run stand there.
func promisingAt(text []byte, at int) bool {
	if at+16 > len(text) {
		return false
	}
	for _, c := range text[at : at+16] {
		if !isSextet(c) {
			return false
		}
	}
	return promising(text[at : at+16])
}

func mayPercent(src []byte, from, to int) bool {
	for at := from; at < to; at++ {
		i := bytes.IndexByte(src[at:to], '%')
		if i < 0 {
			return false
		}
		at += i
		if n, _, _ := readPercent(src[at:]); n > 0 {
			return true
		}
	}
	return false
}

// mayEscape tells whether the escapes of a line may be worth decoding. Whether a
// backslash stands for itself hangs on those before it, so each counts.
func mayEscape(src []byte, from, to int) bool {
	cut := from > 0 && src[from-1] != '\n' // the line at hand goes on outside
	sum := 0
	for at := from; at < to; at++ {
		i := bytes.IndexByte(src[at:to], '\\')
		if i < 0 {
			i = to - at
		}
		if bytes.IndexByte(src[at:at+i], '\n') >= 0 {
			cut, sum = false, 0
		}
		if at += i; at == to {
			break
		}
		if _, _, worth := readEscape(src[at:]); worth > 0 {
			if sum += worth; cut || sum >= escapes.least {
				return true
			}
		}
	}
	return sum > 0 && to < len(src) && src[to-1] != '\n'
}
