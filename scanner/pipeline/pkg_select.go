package pipeline

import "strings"

// What follows tells by the text of a build that nothing in it can become a
// connection; FuzzGradleSelect and TestWhole hold it to reading all.

// gradleLookups are parts of what looks up a variable or property in a build.
var gradleLookups = newWordSet([]trigger{{word: "getenv("}, {word: "system.env."}, {word: "environmentvariable("}, {word: "passwordenv"}, {word: "tokenenv"}, {word: "secretenv"}, {word: "keyenv"},
	{word: "roperty("}, {word: "project."}, {word: "ext."}, {word: "props["}, {word: "properties["}, {word: "property["}})

// gradleMatters tells whether a build may hold a connection.
func gradleMatters(s string) bool {
	if strings.HasPrefix(s, "/*") { // the licence, which names its host
		if i := strings.Index(s[2:], "*/"); i >= 0 {
			s = s[2+i+2:]
		}
	}
	if gradleWritesOut(s) {
		return true
	}
	seen := 0 // the end of the last line that was looked at
	return gradleLookups.in(s, func(_ trigger, start, end int) bool {
		if start < seen {
			return false
		}
		from := strings.LastIndexByte(s[:start], '\n') + 1
		seen = len(s)
		if i := strings.IndexByte(s[end:], '\n'); i >= 0 {
			seen = end + i
		}
		return gradleNames(s[from:seen])
	})
}

// gradleWritesOut tells whether a host or a login may be written out in a text.
func gradleWritesOut(s string) bool {
	return strings.Contains(s, "://") || strings.Contains(s, "assword") || strings.Contains(s, "credentials") || strings.Contains(s, "signingConfig")
}

// gradleLooksUp tells whether a line may look up a credential.
func gradleLooksUp(line string) bool { return gradleNames(line) && gradleLookups.in(line, nil) }

// gradleNames tells whether a line may name a credential; most do not.
func gradleNames(line string) bool {
	return hasSecretStem(line) || strings.Contains(line, "sonar.login")
}

// mavenLogins end the elements that name a repository, a login or a proxy.
var mavenLogins = newWordSet([]trigger{{word: "epository>"}, {word: "erver>"}, {word: "irror>"}, {word: "roxy>"}, {word: "onnection>"}, {word: "master>"}, {word: "site>"}, {word: "passwd="}, {word: "${env."}})

// mavenMatters tells whether a file of Maven has such an element, or takes a
// variable of the environment.
func mavenMatters(s string) bool {
	return mavenLogins.in(s, func(w trigger, start, end int) bool { return s[start:end] == w.word })
}
