package judge

import (
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// IsLock tells whether a path is of a file in which a package manager keeps
// digests: what looks like a secret beside a name there is one.
func IsLock(path string) bool {
	base := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	switch base {
	case "package-lock.json", "pnpm-lock.yaml", "npm-shrinkwrap.json", "packages.lock.json", "project.assets.json", ".terraform.lock.hcl", "gradle.lockfile", "verification-metadata.xml", "package.resolved", "bun.lockb", "conda-lock.yml", "shard.lock", "manifest.toml", ".pnp.cjs", ".package-lock.json":
		return true
	}
	if strings.Contains(base, "checksum") || strings.Contains(base, "hashes.") || strings.Contains(base, "sha256sum") || strings.Contains(base, "shasums") {
		return true
	}
	return strings.HasSuffix(base, ".lock") || strings.HasSuffix(base, ".sum") || strings.HasSuffix(base, ".lockfile") || strings.HasSuffix(base, ".lock.json") || strings.HasSuffix(base, "-lock.json")
}

// exampleWords are words of directories and files that hold tests and their
// data, examples, or text for people.
var exampleWords = words(
	"test", "tests", "testing", "testdata", "tester", "testlib", "testutil", "testutils", "testsuite", "spec", "specs", "e2e", "fixture", "fixtures", "mock", "mocks", "mocked", "stub", "stubs", "fake", "fakes", "dummy", "bench", "benchmark", "benchmarks", "stories",
	"example", "examples", "sample", "samples", "demo", "demos", "playground", "cookbook", "recipes", "quickstart", "snippets",
	"doc", "docs", "documentation", "guide", "guides", "manual", "tutorial", "tutorials", "website", "readme", "changelog", "changelogs", "contributing",
)

// IsExample tells whether a path, slash-separated, is of tests and their data, of
// examples, or of a manual: there people write credentials that open nothing. It
// is a guess from names; a leak can stand there too, so that it may lower a
// severity and ask for better evidence, but hides nothing by itself.
func IsExample(path string) bool {
	for start := 0; start < len(path); { // word by word, as separators and capitals divide them
		end := start + 1
		if !isLetter(path[start]) {
			start = end
			continue
		}
		for end < len(path) && (isLower(path[end]) || isDigit(path[end]) || isUpper(path[end]) && isUpper(path[end-1])) {
			end++
		}
		var buf [16]byte
		if n := end - start; n <= len(buf) {
			for i := range n {
				buf[i] = lower(path[start+i])
			}
			if exampleWords.has(buf[:n]) {
				return true
			}
		}
		start = end
	}
	return strings.Contains(path, "/t/") || strings.HasPrefix(path, "t/") || IsManual(path) // t: tests of Perl and git
}

// Weigh gives the severity at a path of a credential that nothing in its form
// confirms: low where tests, examples and manuals stand.
func Weigh(path string, s scanner.Severity) scanner.Severity {
	if s > scanner.Low && IsExample(path) {
		return scanner.Low
	}
	return s
}

// manualDirs hold manuals.
var manualDirs = words("doc", "docs", "documentation", "guide", "guides", "manual", "manuals", "tutorial", "tutorials", "website", "changelogs")

// IsDocumentation tells whether a path is of text for people in a directory of
// manuals: what only has a name for a secret there is a sample.
func IsDocumentation(path string) bool {
	if !IsManual(path) {
		return false
	}
	if IsTypeset(path) {
		return true
	}
	for dir := range strings.SplitSeq(path, "/") {
		if _, ok := manualDirs[strings.ToLower(dir)]; ok {
			return true
		}
	}
	return false
}

// IsTypeset tells whether a path is of a format in which manuals are written and
// nobody takes notes.
func IsTypeset(path string) bool {
	base := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	if isStandard(base) {
		return true
	}
	switch base[strings.LastIndexByte(base, '.')+1:] {
	case "rst", "adoc", "asciidoc", "rdoc", "pod", "texi":
		return !strings.HasPrefix(base, "readme")
	}
	return false
}

// isStandard tells whether a file is an RFC or a draft of one, as people keep them
// beside what they build by it.
func isStandard(base string) bool {
	name, text := strings.CutSuffix(base, ".txt")
	if number, ok := strings.CutPrefix(name, "rfc"); ok && text {
		_, err := strconv.ParseUint(number, 10, 32)
		return err == nil
	}
	return text && strings.HasPrefix(name, "draft-")
}

// IsManual tells whether a path, slash-separated, is by its extension of text for
// people.
func IsManual(path string) bool {
	if isStandard(strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])) {
		return true
	}
	i := strings.LastIndexByte(path, '.')
	switch strings.ToLower(path[i+1:]) {
	case "md", "markdown", "mdx", "mdown", "rst", "adoc", "asciidoc", "rdoc", "pod", "textile", "tex", "texi", "html", "htm", "xhtml":
		return i >= 0
	}
	return false
}
