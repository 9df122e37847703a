package gitrepo

import (
	"strings"
)

// A config is the few settings of a git configuration that say how the
// repository is stored. Includes are not followed: they may name any file.
type config map[string]string

// parseConfig reads git-config(1) syntax. Keys are section.key or
// section.subsection.key, section and key in lower case; the last value wins. A
// line that it does not understand is passed over, since no setting that
// matters here is written in such a way.
func parseConfig(text string) config {
	c := make(config)
	section := ""
	for len(text) > 0 {
		line := logicalLine(&text)
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			head, rest, ok := cutSection(line)
			if !ok {
				section = ""
				continue
			}
			section, line = head, strings.TrimSpace(rest)
		}
		if line == "" || line[0] == '#' || line[0] == ';' || section == "" {
			continue
		}
		key, value, valued := strings.Cut(line, "=")
		if !valued {
			value = "true"
		}
		c[section+"."+strings.ToLower(strings.TrimSpace(key))] = unquoteValue(value)
	}
	return c
}

// logicalLine cuts the next line off text, joined with those it continues on.
func logicalLine(text *string) string {
	line, rest, _ := strings.Cut(*text, "\n")
	line = strings.TrimSuffix(line, "\r")
	for strings.HasSuffix(line, `\`) && rest != "" {
		var next string
		next, rest, _ = strings.Cut(rest, "\n")
		line = line[:len(line)-1] + strings.TrimSuffix(next, "\r")
	}
	*text = rest
	return line
}

// cutSection splits `[remote "a]b"] key = v` into `remote.a]b` and ` key = v`.
func cutSection(line string) (section, rest string, ok bool) {
	i := strings.IndexAny(line, `]"`)
	if i < 0 {
		return "", "", false
	}
	name := strings.ToLower(strings.TrimSpace(line[1:i]))
	if line[i] == ']' {
		return name, line[i+1:], true
	}
	var sub strings.Builder
	for i++; i < len(line) && line[i] != '"'; i++ {
		if line[i] == '\\' && i+1 < len(line) {
			i++
		}
		sub.WriteByte(line[i])
	}
	_, rest, ok = strings.Cut(line[min(i, len(line)):], "]")
	return name + "." + sub.String(), rest, ok
}

// unquoteValue takes quotes, escapes and comments off a value.
func unquoteValue(s string) string {
	s = strings.TrimSpace(s)
	var b strings.Builder
	quoted, kept := false, 0 // kept: up to where trailing space belongs to the value
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"':
			quoted = !quoted
			kept = b.Len()
			continue
		case c == '\\' && i+1 < len(s):
			i++
			c = s[i]
			switch c {
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			}
			b.WriteByte(c)
			kept = b.Len()
			continue
		case !quoted && (c == '#' || c == ';'):
			return strings.TrimRight(b.String(), " \t")
		}
		b.WriteByte(c)
		if quoted || (c != ' ' && c != '\t') {
			kept = b.Len()
		}
	}
	return b.String()[:kept]
}

// promised tells whether a remote has promised to supply missing objects.
func (c config) promised() bool {
	if c["extensions.partialclone"] != "" {
		return true
	}
	for k, v := range c {
		if strings.HasPrefix(k, "remote.") && strings.HasSuffix(k, ".promisor") && isTrue(v) {
			return true
		}
	}
	return false
}

func isTrue(v string) bool {
	switch strings.ToLower(v) {
	case "true", "yes", "on", "1":
		return true
	}
	return false
}
