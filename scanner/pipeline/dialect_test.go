package pipeline

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the want files of testdata anew; read every change")

// TestDialects reads testdata/<dialect>/*.txtar. Each archive holds a tree of
// files in their vendor's documented syntax and a file "want" with a line for
// each occurrence:
//
//	[path:]line:col kind provider key=value ...
//
// path stands where the archive has several files; "-" is no provider. Keys:
// account, endpoint, principal, auth, refs, scopes, env (environment), incomplete, guessed. An
// archive's file "gaps", if there is one, lists path:line reason.
// Recall and precision per dialect are printed with -v, and must be whole:
// the archives are exact.
func TestDialects(t *testing.T) {
	dirs, err := filepath.Glob("testdata/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, dir := range dirs {
		if filepath.Base(dir) == "fuzz" {
			continue
		}
		files, _ := filepath.Glob(dir + "/*.txtar")
		if len(files) == 0 {
			t.Errorf("%s has no cases", dir)
		}
		var want, got, both int
		for _, f := range files {
			t.Run(strings.TrimSuffix(strings.TrimPrefix(f, "testdata/"), ".txtar"), func(t *testing.T) {
				w, g, b := checkArchive(t, f)
				want, got, both = want+w, got+g, both+b
			})
		}
		if want > 0 && got > 0 {
			t.Logf("%-20s %4d expected  recall %5.1f %%  precision %5.1f %%", filepath.Base(dir), want,
				100*float64(both)/float64(want), 100*float64(both)/float64(got))
		}
	}
}

func checkArchive(t *testing.T, name string) (want, got, both int) {
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	tree := MapTree{}
	var wantText, wantGaps string
	for _, f := range a.Files {
		switch f.Name {
		case "want":
			wantText = string(f.Data)
		case "gaps":
			wantGaps = string(f.Data)
		default:
			tree[f.Name] = unescape(f.Data)
		}
	}
	res := readTree(t, tree)
	lines := make([]string, 0, len(res.Occurrences))
	for _, o := range res.Occurrences {
		lines = append(lines, describe(o, len(tree) > 1))
	}
	lines = slices.Compact(lines)
	var gaps []string
	for _, g := range res.Gaps {
		gaps = append(gaps, fmt.Sprintf("%s:%d %s", g.Path, g.Line, g.Reason))
	}
	if *update {
		writeWant(t, name, a, lines, gaps)
		return len(lines), len(lines), len(lines)
	}
	wantLines := nonEmpty(wantText)
	for _, l := range wantLines {
		if slices.Contains(lines, l) {
			both++
		} else {
			t.Errorf("missing: %s", l)
		}
	}
	for _, l := range lines {
		if !slices.Contains(wantLines, l) {
			t.Errorf("invented: %s", l)
		}
	}
	if w := nonEmpty(wantGaps); !slices.Equal(w, gaps) {
		t.Errorf("gaps: got %q, want %q", gaps, w)
	}
	return len(wantLines), len(lines), both
}

// unescape gives files of archives what txtar cannot hold: a line "#crlf" at
// the top makes CRLF of every line ending, "#bom" adds a byte order mark.
func unescape(data []byte) []byte {
	s := string(data)
	for {
		switch {
		case strings.HasPrefix(s, "#crlf\n"):
			s = strings.ReplaceAll(s[len("#crlf\n"):], "\n", "\r\n")
		case strings.HasPrefix(s, "#bom\n"):
			return []byte("\ufeff" + s[len("#bom\n"):])
		default:
			return []byte(s)
		}
	}
}

func readTree(t *testing.T, tree MapTree) Result {
	t.Helper()
	files := func(yield func(scanner.File) bool) {
		for _, p := range tree.Glob("**") {
			if !yield(scanner.File{Path: p, Data: tree[p]}) {
				return
			}
		}
	}
	return Read(t.Context(), files, tree, 2)
}

// describe writes an occurrence as a line of a want file.
func describe(o Occurrence, path bool) string {
	var b strings.Builder
	if path {
		b.WriteString(o.Location.Path + ":")
	}
	provider := o.Provider
	if provider == "" {
		provider = "-"
	}
	fmt.Fprintf(&b, "%d:%d %s %s", o.Location.Line, o.Location.Column, o.Kind, provider)
	for _, kv := range [][2]string{{"account", o.Account}, {"endpoint", o.Endpoint}, {"principal", o.Principal}, {"auth", string(o.Auth)},
		{"refs", strings.Join(o.Refs, ",")}, {"scopes", strings.Join(o.Scopes, ",")}, {"env", o.Consumer.Environment}} {
		if kv[1] != "" {
			fmt.Fprintf(&b, " %s=%s", kv[0], kv[1])
		}
	}
	if o.Incomplete {
		b.WriteString(" incomplete")
	}
	if o.Guessed {
		b.WriteString(" guessed")
	}
	return b.String()
}

func writeWant(t *testing.T, name string, a *txtar.Archive, lines, gaps []string) {
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == "want" || f.Name == "gaps" })
	a.Files = append(a.Files, txtar.File{Name: "want", Data: []byte(strings.Join(lines, "\n") + "\n")})
	if len(gaps) > 0 {
		a.Files = append(a.Files, txtar.File{Name: "gaps", Data: []byte(strings.Join(gaps, "\n") + "\n")})
	}
	if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}

func nonEmpty(s string) []string {
	var out []string
	for _, l := range strings.Split(s, "\n") {
		if l = strings.TrimSpace(l); l != "" && !strings.HasPrefix(l, "#") {
			out = append(out, l)
		}
	}
	return out
}

// TestDialectIDs holds the list to its rules: readable, unique, each with cases.
func TestDialectIDs(t *testing.T) {
	var ids []string
	for _, dl := range dialects() {
		if slices.Contains(ids, dl.ID) {
			t.Errorf("two dialects are called %s", dl.ID)
		}
		ids = append(ids, dl.ID)
		if dl.Path == nil && dl.Content == nil || dl.Read == nil {
			t.Errorf("%s can not be recognised or read", dl.ID)
		}
		if _, err := os.Stat("testdata/" + dl.ID); err != nil {
			t.Errorf("%s has no cases: %v", dl.ID, err)
		}
	}
	if !sort.StringsAreSorted(ids) {
		t.Log(ids)
	}
}
