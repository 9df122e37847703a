package source

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestIgnoreAsGit holds the files of random trees with random ignore files
// against git's own answer.
func TestIgnoreAsGit(t *testing.T) {
	rounds := 8
	if os.Getenv("CREDGATE_LONG") != "" {
		rounds = 400
	}
	for seed := range rounds {
		rnd := rand.New(rand.NewPCG(uint64(seed), 7))
		r := newRepo(t)
		for range 120 {
			path := randomPath(rnd)
			if dirInTheWay(r.dir, path) {
				continue
			}
			r.write(path, path)
		}
		if rnd.IntN(2) == 0 {
			for _, p := range lines(r.git("ls-files", "-o", "-z"), "\x00") {
				if rnd.IntN(8) == 0 {
					r.git("add", "-f", "--", p)
				}
			}
		}
		for _, dir := range []string{"", "a/", "a/b/", "b/", "foo/"} {
			if rnd.IntN(3) > 0 && !dirInTheWay(r.dir, dir+".gitignore") {
				r.write(dir+".gitignore", randomRules(rnd))
			}
		}
		r.write(".git/info/exclude", randomRules(rnd))
		r.write(".git/user", randomRules(rnd))
		want := lines(r.git("-c", "core.excludesFile="+filepath.Join(r.dir, ".git/user"),
			"ls-files", "-c", "-o", "--exclude-standard", "-z"), "\x00")
		slices.Sort(want)
		got := paths(WorkTree(r, filepath.Join(r.dir, ".git/user")))
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("seed %d: -git +ours\n%s", seed, d)
		}
	}
}

func dirInTheWay(root, path string) bool {
	if info, err := os.Lstat(filepath.Join(root, path)); err == nil && info.IsDir() {
		return true
	}
	for dir := filepath.Dir(path); dir != "."; dir = filepath.Dir(dir) {
		if info, err := os.Lstat(filepath.Join(root, dir)); err == nil && !info.IsDir() {
			return true
		}
	}
	return false
}

var parts = []string{"a", "b", "foo", "bar", "foo.txt", "bar.log", "x y", "a]", "A", "#c", "!d", "é", "b ", "-", "a-b", ".x", `q\w`, "1"}

func randomPath(r *rand.Rand) string {
	var p []string
	for range 1 + r.IntN(4) {
		p = append(p, parts[r.IntN(len(parts))])
	}
	return strings.Join(p, "/")
}

func randomRules(r *rand.Rand) string {
	var b strings.Builder
	if r.IntN(5) == 0 {
		b.WriteString("\xef\xbb\xbf")
	}
	for range r.IntN(7) {
		if r.IntN(3) == 0 {
			b.WriteByte('!')
		}
		if r.IntN(3) == 0 {
			b.WriteByte('/')
		}
		for i := range 1 + r.IntN(3) {
			if i > 0 {
				b.WriteByte('/')
			}
			b.WriteString(randomPart(r))
		}
		if r.IntN(3) == 0 {
			b.WriteByte('/')
		}
		b.WriteString([]string{"\n", "\n", "\r\n", " \n", "\\ \n", "\n#c\n\n"}[r.IntN(6)])
	}
	return b.String()
}

func randomPart(r *rand.Rand) string {
	globs := []string{"*", "**", "*.txt", "*.log", "fo?", "?", "[ab]", "[!a]", "[^a-f]", "*o*", `\#c`, `\!d`, "[[:alpha:]]",
		"[[:upper:][:digit:]]", "b\\ ", "*a*b*", "[]a]", "[a", `q\\w`, "***", "[a-", `[\]a]*`, "[[:nope:]]", "*[.-]*", "a?b", "[--1]", "\\"}
	if r.IntN(2) == 0 {
		return parts[r.IntN(len(parts))]
	}
	return globs[r.IntN(len(globs))]
}

// Two stars beside other characters are one star, as gitignore(5) says. Git
// itself took "a**/b" for "a" and then "**/b" before 2.52, hence not among the
// random patterns.
func TestStarsBesideText(t *testing.T) {
	s := parseRules("", []byte("a**/b\n"), nil)
	if !s.ignored("ax/b", false) || s.ignored("ax/y/b", false) {
		t.Error("a**/b is not a*/b")
	}
}

// A pattern of many stars costs as much as its length, not two to its power.
func TestGlobManyStars(t *testing.T) {
	g, ok := compile(strings.Repeat("a*", 200) + "b")
	if !ok || g.match(strings.Repeat("a", 4000)) {
		t.Error("a pattern that ends in b matched text without one")
	}
	if !g.match(strings.Repeat("a", 4000) + "b") {
		t.Error("no match")
	}
	if g, _ = compile(strings.Repeat("**/", 90) + "x"); !g.match(strings.Repeat("d/", 50)+"x") || g.match(strings.Repeat("d/", 50)+"xx") {
		t.Error("directories")
	}
}

func TestUserExcludes(t *testing.T) {
	home := t.TempDir()
	env := map[string]string{"HOME": home}
	get := func(k string) string { return env[k] }
	if got := UserExcludes(get); got != home+"/.config/git/ignore" {
		t.Errorf("default %q", got)
	}
	for config, want := range map[string]string{
		"[core]\n\texcludesFile = ~/mine\n":                  home + "/mine",
		"[Core] EXCLUDESFILE = \"/a b#c\" # comment\n":       "/a b#c",
		"[alias]\nexcludesFile=/no\n[core]\nexcludesFile=/y": "/y",
		"[core \"sub\"]\nexcludesFile = /no\n":               home + "/.config/git/ignore",
	} {
		if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := UserExcludes(get); got != want {
			t.Errorf("%q: %q, want %q", config, got, want)
		}
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("a/**/b*[!c]", "a/x/bd")
	f.Fuzz(func(t *testing.T, p, text string) {
		if g, ok := compile(p); ok {
			g.match(text)
		}
		s := parseRules("", []byte(p), nil)
		s.ignored(text, false)
		if lit := strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(text); text != "" {
			g, ok := compile(lit)
			if !ok || !g.match(text) {
				t.Fatal(fmt.Sprintf("%q escaped does not match itself", text))
			}
		}
	})
}
