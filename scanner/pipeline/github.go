package pipeline

import (
	"path"
	"strings"
)

var githubActions = Dialect{ID: "github-actions", Path: githubPath, Read: readGitHub}

func githubPath(p string) bool {
	base := path.Base(p)
	return base == "action.yml" || base == "action.yaml" ||
		(strings.HasSuffix(p, ".yml") || strings.HasSuffix(p, ".yaml")) && githubDir(path.Dir(p))
}

func githubDir(dir string) bool {
	for _, host := range []string{".github", ".gitea", ".forgejo"} {
		for _, sub := range []string{"/workflows", "/workflow-templates"} {
			if dir == host+sub || strings.HasSuffix(dir, "/"+host+sub) {
				return true
			}
		}
	}
	return false
}

func readGitHub(d *Document) {
	d.YAML()
}
