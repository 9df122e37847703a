package structure

import (
	"strings"

	"github.com/credgate/credgate/scanner/detect/judge"
)

// countsAsSource leaves out files in which names of secrets stand beside text
// for people: translations, styles, pictures, lock files.
func countsAsSource(path string) bool {
	base, ext := nameOf(path)
	switch ext {
	case "po", "pot", "mo", "arb", "xlf", "xliff", "strings", "resx", "css", "scss", "less", "sass", "svg", "lock", "sum", "map", "snap", "ftl", "lproj", "ics", "csv", "tsv", "eps", "ai", "ps", "pdf":
		return false
	}
	switch base {
	case "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "composer.lock", "npm-shrinkwrap.json", "go.sum", "cargo.lock", "gemfile.lock", "poetry.lock", "packages.lock.json":
		return false
	}
	return !isLocale(path, base)
}

// isLocale tells whether a path is that of translations.
func isLocale(path, base string) bool {
	p := "/" + strings.ToLower(path)
	for _, dir := range [...]string{"/locale/", "/locales/", "/lang/", "/langs/", "/language/", "/languages/", "/i18n/", "/translations/", "/translation/", "/l10n/", ".lproj/", "/nls/"} {
		if strings.Contains(p, dir) {
			return true
		}
	}
	stem, _, _ := strings.Cut(base, ".")
	return strings.HasPrefix(base, "messages_") || strings.HasPrefix(base, "messages.") || strings.HasPrefix(base, "strings.") ||
		(len(stem) == 2 || len(stem) == 5 && (stem[2] == '-' || stem[2] == '_')) && (strings.HasSuffix(base, ".json") || strings.HasSuffix(base, ".yml") || strings.HasSuffix(base, ".yaml"))
}

// both joins two conditions on a path; the second may be none.
func both(a, b func(string) bool) func(string) bool {
	if b == nil {
		return a
	}
	return func(path string) bool { return a(path) && b(path) }
}

// pipelines are parts of the paths of what builds and checks a repository: the
// passwords there are of services that live as long as a job.
var pipelines = [...]string{"/.github/", "/.circleci/", "/.gitlab", "/.travis", "azure-pipelines", "appveyor", "/dockerfile", ".dockerfile", "/ci/"}

// notPipeline tells whether a path is none of a pipeline's.
func notPipeline(path string) bool {
	p := "/" + strings.ToLower(path)
	for _, s := range pipelines {
		if i := strings.Index(p, s); i >= 0 && (!strings.HasSuffix(s, "dockerfile") || strings.IndexByte(p[i+1:], '/') < 0) {
			return false
		}
	}
	return countsAsSource(path)
}

// notExample tells whether a path is none of tests, examples and manuals, where
// trivial passwords are made up by the dozen.
func notExample(path string) bool { return !judge.IsExample(path) && notPipeline(path) }

// notManual tells whether a path is none of a directory of manuals; a README or
// notes tell what somebody uses.
func notManual(path string) bool { return !judge.IsDocumentation(path) }

// nameOf gives the last element of a path in lower case, and its extension.
func nameOf(path string) (base, ext string) {
	base = strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	stem, ext := cutExt(base)
	switch ext {
	case "in", "erb", "j2", "tpl", "tmpl", "template", "dist", "sample", "example", "default", "bak", "orig", "old", "txt": // config.php.erb
		if _, inner := cutExt(stem); inner != "" && len(inner) < 8 {
			return base, inner
		}
	}
	return base, ext
}

// cutExt cuts the extension off the last element of a path.
func cutExt(base string) (stem, ext string) {
	if i := strings.LastIndexByte(base, '.'); i >= 0 {
		return base[:i], base[i+1:]
	}
	return base, ""
}

// isConfig tells whether a path is of a format in which a value without quotes
// is a literal.
func isConfig(path string) bool {
	if !countsAsSource(path) {
		return false
	}
	switch _, ext := nameOf(path); ext {
	case "md", "markdown", "mdx", "log", "json", "jsonl", "xml", "xsd", "plist", "patch", "diff", "list", "data", "dat", "out", "xhtml", "vbs", "applescript", "graphql", "gql", "g4", "bib", "eml", "pem", "key", "crt", "cabal", "bazel", "bzl", "gyp", "gemspec", "podspec", "rake", "ru", "feature", "kql", "sum", "mod", "work", "lst", "tab", "m3u", "pug", "jade", "twig", "liquid", "mustache", "njk", "astro", "robot", "rego", "cue", "jsonnet", "libsonnet", "nix", "dhall", "vim", "el", "lisp", "scm", "rkt", "pro", "qml", "sv", "vhd", "vhdl", "cl", "cu", "glsl", "hlsl", "metal", "wat", "ll", "xaml", "resx", "storyboard", "xib", "rtf":
		return false
	}
	return notCode(path)
}

// isConfigOrText is isConfig, and manuals with lines of configuration in them.
func isConfigOrText(path string) bool {
	switch _, ext := nameOf(path); ext {
	case "md", "markdown", "mdx", "rst", "adoc":
		return countsAsSource(path)
	}
	return isConfig(path)
}

// notCode tells whether a path is none of a programming language, in which a
// value without quotes would be an expression.
func notCode(path string) bool {
	if !countsAsSource(path) {
		return false
	}
	_, ext := nameOf(path)
	switch ext {
	case "go", "py", "js", "mjs", "cjs", "ts", "tsx", "jsx", "java", "rb", "php", "c", "h", "cc", "cpp", "cxx", "hpp", "hh", "cs", "vb", "fs", "rs", "kt", "kts", "swift", "scala", "m", "mm", "pl", "pm", "lua", "dart", "groovy", "gradle", "vue", "svelte", "sql", "html", "htm", "erb", "haml", "slim", "r", "jl", "ex", "exs", "erl", "hrl", "hs", "clj", "ml", "pas", "asm", "s", "proto", "coffee", "elm", "zig", "nim", "v", "sol", "ipynb", "cshtml", "razor", "aspx", "jsp", "jspx", "ejs", "hbs", "tt", "t", "tcl", "ps1", "psm1", "adb", "ads", "f90", "cob", "d", "inc", "tpl", "def", "idl", "y", "l", "in", "am", "ac", "m4", "diff", "patch", "rst", "adoc", "cmake", "tex", "po":
		return false
	}
	return true
}
