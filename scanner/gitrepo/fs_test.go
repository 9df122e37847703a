package gitrepo

import (
	"testing"
	"testing/fstest"
)

// TestFS holds the file system of a tree against the laws of io/fs.
func TestFS(t *testing.T) {
	dir := initRepo(t)
	write(t, dir, "a.txt", "one\n")
	write(t, dir, "d/e/b.txt", "two\n")
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-qm", "one")
	r, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	head, err := r.Head()
	if err != nil {
		t.Fatal(err)
	}
	if err := fstest.TestFS(r.FS(head.ID), "a.txt", "d/e/b.txt"); err != nil {
		t.Error(err)
	}
}
