package field

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	plainShape = regexp.MustCompile(`^(?:[A-Za-z0-9./][A-Za-z0-9_./@+:*#$()=-]*|[A-Za-z0-9./][A-Za-z0-9_./@+$()=-]*(?: [A-Za-z0-9_./@+$()=-]+)+)$`)
	notText    = regexp.MustCompile(`(?i)^(?:true|false|null|yes|no|on|off|y|n|~|[-+.]?[0-9][0-9_.,:eExXoO]*|\.inf|\.nan)$`)
)

// Scalar writes s as YAML: plain where every loader reads it as that text, in
// block and flow alike, else between double quotes.
func Scalar(s string) string {
	if plainShape.MatchString(s) && !notText.MatchString(s) && !strings.HasSuffix(s, ":") {
		return s
	}
	b, err := json.Marshal(strings.ToValidUTF8(s, string(utf8.RuneError)))
	if err != nil {
		return `""`
	}
	return string(b)
}

// Flow writes a list on one line: "[a, b]".
func Flow(list []string) string {
	var out []string
	for _, s := range list {
		out = append(out, Scalar(s))
	}
	return "[" + strings.Join(out, ", ") + "]"
}
