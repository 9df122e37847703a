package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// sops reads files of values that SOPS encrypted and that are of no other
// dialect: whose keys open them, and what they hold by its names. Source:
// getsops.io/docs; pipelines.md 3.2.
var sops = Dialect{ID: "sops", Content: func(p string, head *Head) bool {
	switch path.Ext(p) {
	case ".yaml", ".yml", ".json", ".enc":
		return strings.Contains(head.Text, "ENC[AES256_GCM,data:")
	}
	return false
}, Read: readSOPS}

func readSOPS(d *Document) {
	roots := []*Node(nil)
	if strings.HasPrefix(strings.TrimSpace(d.string()), "{") {
		roots = append(roots, d.JSON())
	} else {
		roots = d.YAML()
	}
	scripts := 0
	for _, root := range roots {
		m := &manifest{d: d, values: true, done: map[*Node]bool{}, scripts: &scripts, c: connection.Consumer{Path: d.Path}}
		m.sops(root.Get("sops"))
		m.walk(root, "", nil)
	}
}
