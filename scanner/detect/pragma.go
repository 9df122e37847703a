package detect

import (
	"bytes"
	"strings"
)

const (
	allowWord   = "credgate:allow"
	foreignWord = "gitleaks:allow"
	maxReason   = 200 // bytes of a reason that are kept
)

// pragma gives the reason for which the lines of a match allow the detector of
// this ID, or "".
//
// The form is exact, in a comment of whatever language the file is in:
//
//	credgate:allow DETECTOR -- reason
//
// One detector is named and a reason given. The reason runs to the end of the
// line, less what closes the comment. Anything else allows nothing.
func (s *Set) pragma(lines []byte, id string) string {
	for rest := lines; !s.opt.NoPragmas; {
		_, after, found := bytes.Cut(rest, []byte(allowWord))
		if !found {
			break
		}
		rest = after
		line, _, _ := bytes.Cut(after, newline)
		if reason := allowed(string(line), id); reason != "" {
			return reason
		}
	}
	if s.opt.Foreign && bytes.Contains(lines, []byte(foreignWord)) {
		return foreignWord
	}
	return ""
}

func allowed(text, id string) string {
	rest, ok := strings.CutPrefix(text, " "+id+" -- ")
	if !ok {
		return ""
	}
	rest = strings.TrimSpace(rest)
	for _, end := range []string{"*/", "-->", "#}", "%>"} {
		rest = strings.TrimSpace(strings.TrimSuffix(rest, end))
	}
	if len(rest) > maxReason {
		rest = strings.ToValidUTF8(rest[:maxReason], "")
	}
	return rest
}
