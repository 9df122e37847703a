package source

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// A gitRepo is a repository made by real git, read by real git: what our own
// reading is held against.
type gitRepo struct {
	t   *testing.T
	dir string
	len int
}

func newRepo(t *testing.T, args ...string) *gitRepo {
	t.Helper()
	r := &gitRepo{t: t, dir: t.TempDir(), len: 20}
	r.git(append([]string{"init", "-q", "-b", "main"}, args...)...)
	return r
}

func (r *gitRepo) git(args ...string) string {
	r.t.Helper()
	return gitIn(r.t, r.dir, args...)
}

func gitIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(),
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "XDG_CONFIG_HOME=/nonexistent",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_AUTHOR_DATE=2020-01-01T00:00:00Z",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_COMMITTER_DATE=2020-01-01T00:00:00Z")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, stderr.Bytes())
	}
	return string(out)
}

func (r *gitRepo) write(path, content string) {
	r.t.Helper()
	full := filepath.Join(r.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

func (r *gitRepo) commit() { r.git("add", "-A"); r.git("commit", "-q", "--allow-empty", "-m", "x") }

func (r *gitRepo) WorkTree() string  { return r.dir }
func (r *gitRepo) GitDir() string    { return filepath.Join(r.dir, ".git") }
func (r *gitRepo) CommonDir() string { return filepath.Join(r.dir, ".git") }
func (r *gitRepo) HashLen() int      { return r.len }

func (r *gitRepo) Object(id scanner.ObjectID) (string, []byte, error) {
	cmd := exec.Command("git", "cat-file", "--batch")
	cmd.Dir = r.dir
	cmd.Stdin = strings.NewReader(string(id) + "\n")
	out, err := cmd.Output()
	if err != nil {
		return "", nil, err
	}
	line, rest, _ := bytes.Cut(out, []byte("\n"))
	var kind, name string
	var size int
	if n, _ := fmt.Sscan(string(line), &name, &kind, &size); n != 3 {
		return "", nil, fmt.Errorf("no object %s", id)
	}
	return kind, rest[:size], nil
}

// paths lists the files of a place, gaps as "path !reason", minor ones as "path ?reason".
func paths(p *Place) []string {
	out := []string{}
	for f, g := range p.Files(context.Background()) {
		switch {
		case g == nil:
			out = append(out, f.Path)
		case g.Minor:
			out = append(out, f.Path+" ?"+string(g.Reason))
		default:
			out = append(out, f.Path+" !"+string(g.Reason))
		}
	}
	return out
}

// contents maps paths to what was read there.
func contents(t *testing.T, p *Place) map[string]string {
	t.Helper()
	m := make(map[string]string)
	for f, g := range p.Files(context.Background()) {
		if g != nil {
			t.Fatalf("gap %+v", *g)
		}
		m[f.Path] = string(f.Data)
	}
	return m
}

func lines(s, sep string) []string {
	out := []string{}
	for l := range strings.SplitSeq(strings.TrimSuffix(s, sep), sep) {
		if l != "" {
			out = append(out, l)
		}
	}
	return out
}
