package source

import (
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// WorkTree is the files of a repository's work tree: those that the index
// tracks, and others that are not ignored. What a sparse checkout leaves out is
// read from the object store. Submodules and repositories inside are minor gaps.
//
// Ignored is what .gitignore files and the repository's info/exclude say, as
// gitignore(5) has it; userRules is the user's own ignore file (see
// UserExcludes), "" for none. The repository's config has no say in it.
func WorkTree(repo Repository, userRules string) *Place {
	return &Place{func(ctx context.Context) *Listing {
		t := workTree{repo: repo}
		w := walker{ctx: ctx, git: &t}
		ix, err := readIndex(repo.GitDir(), repo.HashLen())
		if err != nil {
			w.out, ix = append(w.out, entry{gap: indexGap(err)}), &index{}
		}
		t.load(&w, ix)
		root, err := os.OpenRoot(repo.WorkTree())
		if err != nil {
			return &Listing{entries: append(w.out, entry{path: ".", gap: diskGap(".", err)})}
		}
		defer root.Close()
		w.walk(root, "", 0, t.tracked, t.standing(&w, userRules), true)
		t.rest(&w)
		return &Listing{entries: w.out, dir: repo.WorkTree(), objects: repo}
	}}
}

// A workTree knows what git thinks of the files in a directory.
type workTree struct {
	repo    Repository
	tracked []indexEntry
	onDisk  map[string]bool // tracked paths left out by a sparse checkout that are there all the same
	sparse  int             // entries with skipWorktree
}

// load takes over the index, with sparse directories spread out.
func (t *workTree) load(w *walker, ix *index) {
	t.tracked = ix.all()
	for i := range t.tracked {
		if t.tracked[i].mode&modeType == modeDir {
			t.spread(w, ix)
			break
		}
	}
	t.onDisk = make(map[string]bool)
	for i := range t.tracked {
		e := &t.tracked[i]
		if e.flags&skipWorktree != 0 {
			t.sparse++
		}
		if e.mode&modeType == modeGitlink {
			w.out = append(w.out, submodule(string(e.path), e.objectID()))
		}
	}
}

// spread replaces the directories of a sparse index by the files in them.
func (t *workTree) spread(w *walker, ix *index) {
	t.tracked = nil
	for _, e := range ix.all() {
		if e.mode&modeType != modeDir {
			t.tracked = append(t.tracked, e)
			continue
		}
		t.spreadTree(w, e.objectID(), string(e.path), 0)
	}
}

func (t *workTree) spreadTree(w *walker, id scanner.ObjectID, path string, depth int) {
	trees := treeWalk{ctx: w.ctx, objects: t.repo}
	if depth > maxDepth || len(t.tracked) > MaxFiles {
		w.gap(path, scanner.TooDeep, "too deep or too many files", false)
		return
	}
	nodes, gap := trees.tree(id, path)
	if gap != nil {
		w.out = append(w.out, entry{path: gap.Path, gap: gap})
	}
	for _, n := range nodes {
		if n.mode&modeType == modeDir {
			t.spreadTree(w, n.id, path+n.name+"/", depth+1)
			continue
		}
		t.tracked = append(t.tracked, indexEntry{path: []byte(path + n.name), id: raw(n.id), mode: n.mode, flags: skipWorktree})
	}
}

func raw(id scanner.ObjectID) []byte {
	b, _ := hex.DecodeString(string(id))
	return b
}

// seen notes that a tracked path was met on disk.
func (t *workTree) seen(path string) {
	if t.sparse > 0 {
		t.onDisk[path] = true
	}
}

// rest puts what a sparse checkout left out. Other tracked files that are not
// on disk were deleted: there is nothing to scan.
func (t *workTree) rest(w *walker) {
	if t.sparse == 0 {
		return
	}
	trees := treeWalk{ctx: w.ctx, objects: t.repo, out: w.out}
	for i := range t.tracked {
		e := &t.tracked[i]
		if e.flags&skipWorktree == 0 || e.mode&modeType == modeGitlink || t.onDisk[string(e.path)] {
			continue
		}
		trees.blob(string(e.path), e.mode, e.objectID())
	}
	w.out = trees.out
}

// standing gives the rules that hold from the root on.
func (t *workTree) standing(w *walker, userRules string) *ruleset {
	var rules *ruleset
	if userRules != "" {
		data, err := os.ReadFile(userRules)
		if err == nil {
			rules = parseRules("", data, nil)
		} else if !errors.Is(err, fs.ErrNotExist) {
			w.gap("", scanner.Unreadable, "the user's ignore file cannot be read: untracked files may be scanned in vain", true)
		}
	}
	common, err := os.OpenRoot(t.repo.CommonDir())
	if err != nil {
		return rules
	}
	defer common.Close()
	return t.readRules(w, common, "info/exclude", ".git/info/exclude", "", rules)
}

// rules adds the .gitignore of a directory, whose entries are names.
func (t *workTree) rules(w *walker, root *os.Root, path string, names []name, next *ruleset) *ruleset {
	for _, n := range names {
		if n.name == ".gitignore" && n.mode.IsRegular() {
			return t.readRules(w, root, n.name, path+n.name, path, next)
		}
	}
	if t.sparse == 0 {
		return next
	}
	i := find(t.tracked, path+".gitignore")
	if i == len(t.tracked) || string(t.tracked[i].path) != path+".gitignore" || t.tracked[i].flags&skipWorktree == 0 {
		return next
	}
	kind, data, err := t.repo.Object(t.tracked[i].objectID())
	if err != nil || kind != "blob" || len(data) > maxRules {
		return next // scanned itself, so a gap tells
	}
	return parseRules(path, data, next)
}

func (t *workTree) readRules(w *walker, root *os.Root, name, shown, base string, next *ruleset) *ruleset {
	data, err := readLimited(root, name, maxRules)
	switch {
	case err == nil:
		return parseRules(base, data, next)
	case !errors.Is(err, fs.ErrNotExist):
		w.gap(shown, scanner.Unreadable, "ignore file cannot be read or is over 8 MiB: nothing is ignored by it", true)
	}
	return next
}

// UserExcludes gives the ignore file of the user who runs the scan: what
// core.excludesFile in the user's own git config says, else git/ignore under
// $XDG_CONFIG_HOME or ~/.config. getenv is os.Getenv. Includes in the config
// are not followed.
func UserExcludes(getenv func(string) string) string {
	home := getenv("HOME")
	xdg := getenv("XDG_CONFIG_HOME")
	if xdg == "" && home != "" {
		xdg = home + "/.config"
	}
	found := ""
	if xdg != "" {
		found = xdg + "/git/ignore"
	}
	files := []string{xdg + "/git/config", home + "/.gitconfig"}
	if global := getenv("GIT_CONFIG_GLOBAL"); global != "" {
		files = []string{global}
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		if v, ok := excludesFile(string(data)); ok {
			found = v
			if rest, ok := strings.CutPrefix(v, "~/"); ok {
				found = home + "/" + rest
			}
		}
	}
	return found
}

// excludesFile finds the last core.excludesFile in a git config.
func excludesFile(config string) (value string, ok bool) {
	core := false
	for line := range strings.Lines(config) {
		line = strings.TrimSpace(line)
		if rest, isHead := strings.CutPrefix(line, "["); isHead {
			head, after, _ := strings.Cut(rest, "]")
			core = strings.EqualFold(strings.TrimSpace(head), "core")
			line = strings.TrimSpace(after)
		}
		key, v, has := strings.Cut(line, "=")
		if core && has && strings.EqualFold(strings.TrimSpace(key), "excludesfile") {
			value, ok = configValue(strings.TrimSpace(v)), true
		}
	}
	return value, ok
}

// configValue takes off quotes, escapes and a comment, see git-config(1).
func configValue(v string) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(v); i++ {
		switch c := v[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && i+1 < len(v):
			i++
			b.WriteByte(v[i])
		case (c == '#' || c == ';') && !quoted:
			return strings.TrimRight(b.String(), " \t")
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
