package pipeline

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// asked is recognise by asking each dialect about each file.
func asked(p string, data []byte) *Dialect {
	if noDocument(p) && !bytes.HasPrefix(data, vaultHeader) {
		return nil
	}
	for _, dl := range dialects() {
		if dl.Path != nil && dl.Path(p) {
			return dl
		}
	}
	return byContent(p, headOf(plainText(data[:min(len(data), HeadSize)])))
}

func sameDialect(t *testing.T, p string, data []byte) {
	t.Helper()
	if got, want := recognise(p, data), asked(p, data); got != want {
		t.Errorf("%q is taken for %v, want %v", p, name(got), name(want))
	}
}

func name(dl *Dialect) string {
	if dl == nil {
		return "none"
	}
	return dl.ID
}

// TestRecognise holds recognise to asking each dialect: about the cases, and about
// each name of a claim in the directories and with the endings of all the others.
func TestRecognise(t *testing.T) {
	var names, dirs []string
	for _, a := range seedFiles(t) {
		sameDialect(t, a.Name, a.Data)
		names = append(names, filepath.Base(a.Name))
		dirs = append(dirs, filepath.ToSlash(filepath.Dir(a.Name)))
	}
	for _, words := range claims {
		for w := range strings.FieldsSeq(words) {
			names = append(names, strings.Trim(w, "/")+".yml", strings.Trim(w, "/"))
			dirs = append(dirs, strings.Trim(w, "/"), "a/"+strings.Trim(w, "/")+"/b")
		}
	}
	slices.Sort(names)
	slices.Sort(dirs)
	dirs = slices.Compact(dirs)
	for _, n := range slices.Compact(names) {
		for _, d := range dirs {
			sameDialect(t, d+"/"+n, []byte("a: b\n"))
		}
	}
	if root := os.Getenv("CREDGATE_TREE"); root != "" {
		err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return nil
			}
			if data, err := os.ReadFile(p); err == nil {
				rel, _ := filepath.Rel(root, p)
				sameDialect(t, filepath.ToSlash(rel), data)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// FuzzRecognise holds it to the same for any path and content.
func FuzzRecognise(f *testing.F) {
	for _, a := range seedFiles(f) {
		f.Add(a.Name, a.Data[:min(len(a.Data), 512)])
	}
	for _, p := range fuzzPaths {
		f.Add(p, []byte("a: b\n"))
	}
	for _, words := range claims {
		for w := range strings.FieldsSeq(words) {
			f.Add("x/"+w, []byte(`{"apiVersion": "v1", "kind": "x"}`))
			f.Add(w+"/a.yml", []byte("$ANSIBLE_VAULT;"))
		}
	}
	f.Add("doc\u212aerfile", []byte("FROM a"))
	f.Fuzz(func(t *testing.T, p string, data []byte) { sameDialect(t, p, data) })
}
