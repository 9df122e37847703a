package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// Helm's values by the names of their keys, and templates as far as they parse
// once their actions are masked. Source: helm.sh/docs; pipelines.md 3.2, 6.3.
var (
	helmValues    = Dialect{ID: "helm-values", Path: helmValuesPath, Read: readHelmValues, Line: manifestLine}
	helmTemplates = Dialect{ID: "helm", Path: helmfilePath, Content: helmContent, Read: readHelm, Line: manifestLine}
)

func helmValuesPath(p string) bool {
	base := strings.ToLower(path.Base(p))
	if !yamlExt(base) && !strings.HasSuffix(base, ".yaml.gotmpl") {
		return false
	}
	return strings.HasPrefix(base, "values.") || strings.HasPrefix(base, "values-") || strings.HasPrefix(base, "values_") || strings.HasSuffix(base, "-values.yaml") || strings.HasSuffix(base, "-values.yml") ||
		strings.HasSuffix(base, ".values.yaml") || strings.HasSuffix(base, ".values.yml") || strings.HasSuffix(base, "_values.yaml") || path.Base(path.Dir(p)) == "values"
}

func helmfilePath(p string) bool {
	base := path.Base(p)
	return strings.HasPrefix(base, "helmfile.") && (yamlExt(base) || strings.HasSuffix(base, ".gotmpl"))
}

// helmContent knows a template of a chart.
func helmContent(p string, head *Head) bool {
	ext := path.Ext(p)
	if !yamlExt(p) && ext != ".tpl" || !strings.Contains("/"+p, "/templates/") {
		return false
	}
	s := head.Text
	return strings.Contains(s, ".Values") || strings.Contains(s, ".Release") || strings.Contains(s, "include \"") || strings.Contains(s, "{{- define")
}

func readHelmValues(d *Document) {
	scripts := 0
	for _, root := range d.YAML() {
		m := &manifest{d: d, values: true, done: map[*Node]bool{}, scripts: &scripts, c: connection.Consumer{Path: d.Path}}
		m.sops(root.Get("sops"))
		m.walk(root, "", nil)
	}
}

// readHelm reads a template; what does not parse of one is common and minor.
func readHelm(d *Document) {
	readManifest(d)
	for i := range d.gaps {
		if d.gaps[i].Reason == scanner.Malformed && strings.HasPrefix(d.gaps[i].Detail, "does not parse") {
			d.gaps[i].Minor = true
		}
	}
}
