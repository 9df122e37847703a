package gitrepo

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// gitEnv pins all that git would take from its surroundings.
func gitEnv() []string {
	return append(os.Environ(),
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=A U Thor", "GIT_AUTHOR_EMAIL=author@example.com",
		"GIT_COMMITTER_NAME=C O Mitter", "GIT_COMMITTER_EMAIL=committer@example.com",
		"GIT_AUTHOR_DATE=1700000000 +0100", "GIT_COMMITTER_DATE=1700000000 +0100",
		"GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "TZ=UTC")
}

// git runs git in dir and gives its output without the last newline.
func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	return gitIn(t, dir, nil, args...)
}

func gitIn(t testing.TB, dir string, stdin io.Reader, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "init.defaultBranch=main", "-c", "gc.auto=0", "-c", "pack.threads=1", "-c", "protocol.file.allow=always"}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, gitEnv(), stdin
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}

// initRepo makes an empty repository.
func initRepo(t testing.TB, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, append([]string{"init", "-q"}, args...)...)
	return dir
}

func write(t testing.TB, dir, name, content string) {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// commit writes a file and commits all.
func commit(t testing.TB, dir, name, content string) scanner.ObjectID {
	t.Helper()
	write(t, dir, name, content)
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", "change "+name)
	return scanner.ObjectID(git(t, dir, "rev-parse", "HEAD"))
}

func open(t testing.TB, dir string) *Repo {
	t.Helper()
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// An object as git has it.
type object struct {
	typ  string
	data []byte
}

// allObjects reads every object by git cat-file --batch.
func allObjects(t testing.TB, dir string) map[scanner.ObjectID]object {
	t.Helper()
	out := git(t, dir, "cat-file", "--batch", "--batch-all-objects", "--unordered") + "\n"
	objects := make(map[scanner.ObjectID]object)
	b := bufio.NewReader(strings.NewReader(out))
	for {
		head, err := b.ReadString('\n')
		if err == io.EOF {
			return objects
		}
		f := strings.Fields(head)
		if len(f) != 3 {
			t.Fatalf("cat-file: %q", head)
		}
		size, err := strconv.Atoi(f[2])
		if err != nil {
			t.Fatal(err)
		}
		data := make([]byte, size+1)
		if _, err := io.ReadFull(b, data); err != nil {
			t.Fatal(err)
		}
		objects[scanner.ObjectID(f[0])] = object{f[1], data[:size]}
	}
}

// checkObjects compares every object with git's reading of it.
func checkObjects(t testing.TB, dir string) {
	t.Helper()
	r := open(t, dir)
	want := allObjects(t, dir)
	if len(want) == 0 {
		t.Fatal("git has no object")
	}
	for id, o := range want {
		typ, data, err := r.Object(id)
		if err != nil {
			t.Errorf("%s: %v", id, err)
		} else if typ != o.typ || !bytes.Equal(data, o.data) {
			t.Errorf("%s: got a %s of %d bytes, git has a %s of %d", id, typ, len(data), o.typ, len(o.data))
		}
	}
}

// fill adds a small history to main: files that grow and change.
func fill(t testing.TB, dir string, commits int) {
	t.Helper()
	im := &importer{}
	var body strings.Builder
	before := strings.Fields(git(t, dir, "for-each-ref", "--format=%(objectname)", "refs/heads/main"))
	for n := range commits {
		fmt.Fprintf(&body, "line %d of the file, which is long enough for a delta\n", n*n*7919)
		var parents []int
		if n > 0 {
			parents = []int{n - 1}
		}
		im.commit("refs/heads/main", 1700000000+n, parents)
		if n == 0 && len(before) > 0 {
			fmt.Fprintf(&im.b, "from %s\n", before[0])
		}
		im.file("a/b/long.txt", body.String())
		im.file(fmt.Sprintf("dir%d/f%d.txt", n%3, n%5), strings.Repeat(fmt.Sprintf("%d,", n+10*len(before)), 50))
	}
	im.run(t, dir)
	if git(t, dir, "rev-parse", "--is-bare-repository") == "false" {
		git(t, dir, "reset", "-q", "--hard")
	}
}

// An importer writes a history for git fast-import, which makes hundreds of
// commits in the time that git commit takes for one.
type importer struct {
	b strings.Builder
	n int
}

// commit starts a commit, whose number is how many there were before it, on top
// of the tree of its first parent.
func (im *importer) commit(ref string, stamp int, parents []int) {
	im.n++
	if len(parents) == 0 {
		fmt.Fprintf(&im.b, "reset %s\n", ref)
	}
	fmt.Fprintf(&im.b, "commit %s\nmark :%d\nauthor A U Thor <author@example.com> %d +0100\ncommitter C O Mitter <committer@example.com> %d +0000\ndata 6\nchange\n", ref, im.n, stamp, stamp)
	for i, p := range parents {
		fmt.Fprintf(&im.b, "%s :%d\n", []string{"from", "merge"}[min(i, 1)], p+1)
	}
}

func (im *importer) file(path, content string) {
	fmt.Fprintf(&im.b, "M 100644 inline %s\ndata %d\n%s\n", path, len(content), content)
}

func (im *importer) remove(path string) { fmt.Fprintf(&im.b, "D %s\n", path) }

func (im *importer) run(t testing.TB, dir string) {
	t.Helper()
	gitIn(t, dir, strings.NewReader(im.b.String()), "fast-import", "--quiet", "--force")
}
