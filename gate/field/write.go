package field

import (
	"fmt"
	"strings"
	"unicode"
)

var (
	plainShape = Shape(`^(?:[A-Za-z0-9./][A-Za-z0-9_./@+:*#$()=-]*|[A-Za-z0-9./][A-Za-z0-9_./@+$()=-]*(?: [A-Za-z0-9_./@+$()=-]+)+)$`)
	notText    = Shape(`(?i)^(?:true|false|null|yes|no|on|off|y|n|~|[-+.]?[0-9][0-9_.,:eExXoO]*|\.inf|\.nan)$`)
)

// Scalar writes s as YAML: plain where every loader reads it as that text, in
// block and flow alike, else between double quotes.
func Scalar(s string) string {
	if plainShape().MatchString(s) && !notText().MatchString(s) && !strings.HasSuffix(s, ":") {
		return s
	}
	return quoted(s)
}

// quoted writes s between double quotes, everything that is not printable as an
// escape. What is not UTF-8 becomes the replacement character.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Flow writes a list on one line: "[a, b]".
func Flow(list []string) string {
	var out []string
	for _, s := range list {
		out = append(out, Scalar(s))
	}
	return "[" + strings.Join(out, ", ") + "]"
}
