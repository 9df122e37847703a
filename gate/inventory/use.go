package inventory

import (
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// A Use is one pattern of used_by, taken apart: [repo:]glob[#job].
type Use struct {
	Repo string // owner/name or name, may be a glob; "" is any repository
	Glob string // of files, from the root of the repository; ** crosses directories
	Job  string // of the pipeline, may be a glob; "" is any job
}

// ParseUse takes a pattern apart. It does not check it.
func ParseUse(s string) Use {
	var u Use
	s, u.Job, _ = strings.Cut(s, "#")
	if repo, glob, ok := strings.Cut(s, ":"); ok {
		u.Repo, s = repo, glob
	}
	u.Glob = s
	return u
}

// In tells whether the pattern may speak of a repository, "owner/name". An
// unknown repository, "", is meant by patterns without one.
func (u Use) In(repo string) bool {
	if u.Repo == "" {
		return true
	}
	name := repo
	if !strings.Contains(u.Repo, "/") {
		name = path.Base(repo)
	}
	ok, err := doublestar.Match(strings.ToLower(u.Repo), strings.ToLower(name))
	return ok && err == nil && repo != ""
}

// Covers tells whether the pattern names a file and, where both name one, a job.
func (u Use) Covers(file, job string) bool {
	ok, err := doublestar.Match(u.Glob, file)
	if !ok || err != nil {
		return false
	}
	if u.Job == "" || job == "" {
		return true
	}
	ok, err = doublestar.Match(u.Job, job)
	return ok && err == nil
}

// Literal tells whether the pattern names one file. A "?" stands for one
// character, as where a name holds one that has a meaning in patterns.
func (u Use) Literal() bool { return !strings.ContainsAny(u.Glob, "*[{") }
