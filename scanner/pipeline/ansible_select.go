package pipeline

import (
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner/connection"
)

// Most tasks install a package or write a file. What follows tells by the bytes
// of a file that nothing in it can become a connection, however it is meant;
// FuzzAnsibleSelect and TestWhole hold it to reading all.

// ansibleWords stand in a file that may hold a connection outside of scripts.
var ansibleWords = newWordSet(nameTriggers, []trigger{{word: "vault_"}, {word: "docker_login"}, {word: "podman_login"}, {word: "ansible_"}, {word: "repo", whole: alone}})

// commandWords are the commands that may make one.
var commandWords = sync.OnceValue(func() *wordSet {
	var names []trigger
	for n := range shellCommands {
		names = append(names, trigger{word: strings.ToLower(n)})
	}
	for n := range tools {
		names = append(names, trigger{word: strings.ToLower(n)})
	}
	return newWordSet(names)
})

// ansibleMatters tells whether a file of tasks or variables may hold a connection.
func ansibleMatters(s string) bool {
	if hidden(s) || strings.Contains(s, "? ") || strings.Contains(s, "vars_prompt") || strings.Contains(s, "lookup(") || strings.Contains(s, "query(") || strings.Contains(s, "q(") || tagged(s) {
		return true
	}
	if ansibleWords.in(s, func(w trigger, start, end int) bool { return ansibleNamed(s, w, start, end) }) {
		return true
	}
	if strings.Contains(s, "shell") || strings.Contains(s, "command") || strings.Contains(s, "raw") {
		return commandsMatter(s)
	}
	return hasLink(s)
}

// ansibleNamed tells whether a word is part of what it was looked for.
func ansibleNamed(s string, w trigger, start, end int) bool {
	start, end = nameRun(s, start, end)
	run := s[start:end]
	switch {
	case w.word == "repo":
		return strings.Contains(s[end:], "@")
	case w.word == "ansible_":
		return strings.Contains(run, "pass") || strings.Contains(run, "private_key_file")
	case !w.name && w.word != "vault_":
		return true
	case start > 0 && !tfNameEnd(s[start-1]), end < len(s) && !tfNameEnd(s[end]):
		return true
	case !inAction(s[max(0, start-1<<16):start]) && (strings.Contains(run, ".") || !ansibleKey(s[end:])):
		return false
	}
	for p := range strings.SplitSeq(run, ".") {
		if tfSecretName(p) {
			return true
		}
		for q := range strings.SplitSeq(p, "-") { // a minus in an expression
			if tfSecretName(q) || vaultName(q) {
				return true
			}
		}
	}
	return false
}

// ansibleSift reads values and scripts of a file of tasks or variables by
// themselves, to see whether they become anything.
type ansibleSift struct{ f *ansibleFile }

func newAnsibleSift(d *Document) ansibleSift {
	return ansibleSift{&ansibleFile{d: newDocument(d.read, d.dialect, d.Path, d.Data)}}
}

func (ansibleSift) skips(key string) bool { return ansibleIdle(key) }
func (ansibleSift) begin(int)             {}
func (ansibleSift) document()             {}

func (s ansibleSift) see(key string, v *Node, _ int) bool {
	switch {
	case v.Tag != "" || v.Kind == AliasNode || key == "<<" || key == "vars_prompt":
		return true
	case v.Kind != ScalarNode:
		name := key[strings.LastIndexByte(key, '.')+1:]
		return name == "docker_login" || name == "podman_login"
	}
	t := Text{S: v.Value, set: true}
	if ansibleScript(key) && scriptMatters(t.S) {
		s.f.script(t, connection.Consumer{})
	}
	s.f.leaf(key, t, connection.Consumer{})
	return len(s.f.d.occs)+len(s.f.d.gaps) > 0 || strings.Contains(t.S, "=") && moduleProvider(key) != "" && hasSecretStem(t.S)
}

// inAction tells whether a template action is open at the end of a text.
func inAction(s string) bool { return strings.LastIndex(s, "{{") > strings.LastIndex(s, "}}") }

// ansibleKey tells whether what follows a name makes it a key or an argument.
func ansibleKey(s string) bool {
	s = strings.TrimLeft(s, "'\" \t\r\n")
	return s != "" && (s[0] == ':' || s[0] == '=')
}

// hidden tells text whose words a search of bytes may miss: escapes, other
// encodings, words that go on after an escaped line break.
func hidden(s string) bool {
	if strings.IndexByte(s, 0) >= 0 || strings.Contains(s, `\x`) || strings.Contains(s, `\u`) || strings.Contains(s, `\U`) {
		return true
	}
	for from := 0; ; {
		i := strings.Index(s[from:], "\\\n")
		if i < 0 {
			return strings.Contains(s, "\\\r")
		}
		i += from
		from = i + 2
		if rest := strings.TrimLeft(s[from:], " \t"); i > 0 && word(s[i-1]) && rest != "" && word(rest[0]) {
			return true
		}
	}
}

// tagged tells whether a tag may stand in the text: !x.
func tagged(s string) bool {
	for {
		i := strings.IndexByte(s, '!')
		if i < 0 || i+1 == len(s) {
			return false
		}
		if s = s[i+1:]; word(s[0]) || s[0] == '<' || s[0] == '%' {
			return true
		}
	}
}

// commandsMatter tells whether a script in the text may make a connection: by a
// command that the tables know, a role, a URL, or words that are put together of
// parts.
func commandsMatter(s string) bool {
	if strings.Contains(s, "$") || strings.Contains(s, "arn:aws") || joined(s) || splitLink(s) {
		return true
	}
	return commandWords().in(s, func(w trigger, start, end int) bool {
		return (start == 0 || strings.IndexByte(" \t\n'\"/;|&(`{}=!><", s[start-1]) >= 0 || start > 1 && s[start-2] == '\\') &&
			(end == len(s) || strings.IndexByte(" \t\r\n'\";|&)`{<>\\", s[end]) >= 0 || strings.HasPrefix(s[end:], ".exe"))
	})
}

// scriptMatters tells whether a script may make a connection, or be nested too
// deep to be read.
func scriptMatters(s string) bool { return len(s) > maxBrackets || commandsMatter(s) }

var unquoter = strings.NewReplacer("'", "", `"`, "", `\`, "")

// joined tells whether a command may be made of several words by quotes or escapes.
func joined(s string) bool {
	for i := 1; i < len(s); i++ {
		if c := s[i]; c != '\'' && c != '"' && c != '\\' || !word(s[i-1]) {
			continue
		}
		part := func(c byte) bool { return word(c) || strings.IndexByte("'\"\\-+.", c) >= 0 }
		start, end := i, i
		for start > 0 && part(s[start-1]) {
			start--
		}
		for end < len(s) && part(s[end]) {
			end++
		}
		name := strings.TrimSuffix(unquoter.Replace(s[start:end]), ".exe")
		if _, ok := tools[name]; ok || shellCommands[name] != nil {
			return true
		}
		i = end
	}
	return false
}

// splitLink tells whether a line, with those that continue it, may hold a URL
// with a credential, also where quotes part it.
func splitLink(s string) bool {
	for {
		i := strings.Index(s, "//")
		if i < 0 {
			return false
		}
		plain := i > 0 && s[i-1] == ':'
		s = s[i+2:]
		if !plain {
			return true
		}
		end := 0
		for {
			j := strings.IndexByte(s[end:], '\n')
			if j < 0 {
				end = len(s)
				break
			}
			end += j + 1
			if end < 2 || s[end-2] != '\\' {
				break
			}
		}
		if strings.ContainsAny(s[:end], "@?") || hasLink("://"+s) {
			return true
		}
	}
}
