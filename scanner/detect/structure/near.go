package structure

import (
	"bytes"

	"github.com/credgate/credgate/scanner"
)

// What follows are the conditions of scanner.Detector.Near: the bytes beside a
// keyword, without those farther away, say that most keywords are of no field.

// nearName reads the name round a keyword as far as b goes. It is cut if it may
// go on beyond.
func nearName(b []byte, start, end int) (n name, ok, cut bool) {
	if n = (name{word: start, wordEnd: end, kind: anyKeyName}); !hasFold(b, start, "key") {
		n = tellingWord(b, start, end)
	} else if !wordEnds(b, end) || !wordBegins(b, start) && !keyBefore(b, start) {
		return n, false, false
	}
	n, ok = nameRound(b, n)
	return n, ok, ok && (n.start <= 1 || n.end >= len(b)-1)
}

// nearField tells whether a value can follow the name of a field of the kind.
func nearField(b []byte, start, end int, password bool) bool {
	n, ok, cut := nearName(b, start, end)
	if !ok || (n.kind == passwordName) != password {
		return false
	}
	if cut {
		return true
	}
	i := n.end
	for ; i < len(b) && oneOf(b[i], "\"'`\\])} \t"); i++ {
		if isSpace(b[i]) && oneOf(at(b, i+1), "\"'`") {
			return true // #define NAME "x"
		}
	}
	if j := backSpace(b, n.start); i > n.end && (j <= 3 || endsFold(b, j, "env") || endsFold(b, j, "set") || endsFold(b, j, "setx") || b[j-1] == '-' || isNameByte(b[j-1]) && flagBefore(b, j)) {
		return true // ENV NAME x
	}
	return i == len(b) || oneOf(b[i], "=:,<>!?|[({&@") || i > n.end && isAlnum(b[i])
}

func nearPasswordField(b []byte, start, end int) bool { return nearField(b, start, end, true) }
func nearSecretField(b []byte, start, end int) bool   { return nearField(b, start, end, false) }

// nearElement tells whether the keyword can be of an element's or entry's name.
func nearElement(b []byte, start, end int) bool {
	n, ok, cut := nearName(b, start, end)
	if !ok || cut {
		return ok
	}
	switch at(b, n.start-1) {
	case '<', ':':
		return true
	case '"':
		return b[n.end] == '"'
	case '>':
		return b[n.end] == '<'
	}
	return false
}

// nearNamed tells whether the keyword can be of a name that is itself a value.
func nearNamed(b []byte, start, end int) bool {
	n, ok, cut := nearName(b, start, end)
	if !ok || cut {
		return ok
	}
	i := n.start
	if c := b[i-1]; c == '"' || c == '\'' {
		if b[n.end] != c {
			return false
		}
		i--
	}
	i = backSpace(b, i)
	return i == 0 || b[i-1] == '=' || b[i-1] == ':'
}

// nearSeed tells whether a seed's alphabet goes on from the keyword.
func nearSeed(b []byte, start, end int) bool {
	if b[start] != 'S' || isWord(at(b, start-1)) {
		return false
	}
	for _, c := range b[start:min(len(b), start+32)] {
		if !isUpper(c) && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// nearStatement tells whether PASSWORD stands as a word of its own, with a
// literal behind it.
func nearStatement(b []byte, start, end int) bool {
	if hasFold(b, start, "identified") || hasFold(b, start, "sp_") {
		return true
	}
	return !isWord(at(b, start-1)) && at(b, start-1) != '.' && bytes.ContainsAny(b[end:min(len(b), end+48)], "'\"\\N(")
}

// nearAuthority tells whether userinfo can follow the "://".
func nearAuthority(b []byte, start, end int) bool {
	if b[start] == '@' {
		return true
	}
	if start == 0 || !isAlnum(b[start-1]) {
		return false
	}
	for i := end; i < len(b); i++ {
		switch c := b[i]; {
		case c == ':':
			return true
		case c == '@':
			return i > end
		case oneOf(c, "/?# \t\r\n\"'`<>\\|,^"):
			return false
		}
	}
	return true
}

// flagBefore tells whether the word that ends before b[i] is a flag.
func flagBefore(b []byte, i int) bool {
	for i > 0 && (isAlnum(b[i-1]) || b[i-1] == '-') {
		i--
	}
	return at(b, i) == '-'
}

// onLine makes a detector's Near the whole of what it does, where the line of the
// keyword is seen from end to end and nothing on it goes on in the next.
func onLine(d scanner.Detector) scanner.Detector {
	near, find := d.Near, d.FindAt
	d.Near = func(b []byte, start, end int) bool {
		if near != nil && !near(b, start, end) {
			return false
		}
		seen, _ := lineSeen(b, start, end)
		return !seen || len(find(b, start, end)) > 0
	}
	d.OwnLine = func(b []byte, start, end int) bool {
		if near != nil && !near(b, start, end) {
			return true
		}
		_, own := lineSeen(b, start, end)
		return own
	}
	return d
}

// always is scanner.Detector.OwnLine of what looks no farther than its line.
func always([]byte, int, int) bool { return true }

// lineSeen tells whether b holds the line of the keyword whole, and its reader
// has no reason to look at another; own, whether that hangs on no other.
func lineSeen(b []byte, start, end int) (seen, own bool) {
	if start >= scanner.NearBefore && bytes.IndexByte(b[:start], '\n') < 0 {
		return false, true
	}
	stop := end + bytes.IndexByte(b[end:], '\n')
	if stop < end {
		if stop = len(b); len(b)-end >= scanner.NearAfter {
			return false, true
		}
	}
	rest := bytes.TrimRight(b[end:stop], " \t\r")
	if len(rest) == 0 || bytes.HasSuffix(rest, []byte(" or")) {
		return len(rest) == 0, true
	}
	switch last := rest[len(rest)-1]; last {
	case '=', ':':
		next := skipBlank(b, stop)
		return next < len(b)-1 && !oneOf(b[next], "\"'`@|>{[(\\"), false
	case ',': // put("password",
		for _, c := range rest[:len(rest)-1] {
			if !isNameByte(c) && !oneOf(c, "\"'`)]") {
				return true, true
			}
		}
		return false, true
	case '{':
		before := bytes.TrimRight(rest[:len(rest)-1], " \t")
		return len(before) > 0 && before[len(before)-1] == ')', true
	default:
		return !oneOf(last, "\\|>([+&?"), true
	}
}

// onCall is onLine for arguments: the call closes on its line.
func onCall(d scanner.Detector) scanner.Detector {
	find := d.FindAt
	d.Near = func(b []byte, start, end int) bool {
		return !callSeen(b, start, end) || len(find(b, start, end)) > 0
	}
	d.OwnLine = always
	return d
}

func callSeen(b []byte, start, end int) bool {
	if b[end-1] != '(' || start >= scanner.NearBefore && bytes.IndexByte(b[:start], '\n') < 0 {
		return false
	}
	stop := end + bytes.IndexByte(b[end:], '\n')
	if stop < end {
		return false
	}
	depth := 1
	for _, c := range b[end:stop] {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		}
	}
	rest := bytes.TrimRight(b[end:stop], " \t\r")
	return depth <= 0 && !oneOf(rest[len(rest)-1], ",([{\\+&|")
}
