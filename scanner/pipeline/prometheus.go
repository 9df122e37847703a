package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// prometheus reads the configuration of Prometheus and Alertmanager. Source:
// prometheus.io/docs/prometheus/latest/configuration and alerting/latest/configuration.
var prometheus = Dialect{ID: "prometheus", Path: prometheusPath, Content: prometheusContent, Read: readPrometheus, Line: manifestLine}

func prometheusPath(p string) bool {
	base := path.Base(p)
	return yamlExt(base) && (strings.HasPrefix(base, "prometheus.") || strings.HasPrefix(base, "alertmanager.") || strings.HasPrefix(base, "prometheus-config.") || strings.HasPrefix(base, "alertmanager-config."))
}

func prometheusContent(p string, head *Head) bool {
	if !yamlExt(p) {
		return false
	}
	return !head.Top("apiVersion") && (head.Top("scrape_configs") || head.Top("remote_write") || head.Top("receivers") && head.Top("route"))
}

func readPrometheus(d *Document) {
	scripts := 0
	for _, root := range d.YAML() {
		if root.Get("apiVersion") != nil && root.Get("kind") != nil {
			readResource(d, root, 0, &scripts)
			continue
		}
		m := &manifest{d: d, values: true, done: map[*Node]bool{}, scripts: &scripts, c: connection.Consumer{Path: d.Path}}
		m.monitoring(root)
		m.walk(root, "", nil)
	}
}

// monitoring reads what stands in files, and where samples go.
func (m *manifest) monitoring(root *Node) {
	for _, key := range []string{"remote_write", "remote_read"} {
		for _, w := range root.Get(key).Items() {
			m.endpointAt(w.Get("url"), "", key)
		}
	}
	root.Walk(func(n *Node) bool {
		for _, p := range n.Pairs() {
			k, v := p.Key.Value, p.Value.Text().Trim()
			stem, ok := strings.CutSuffix(k, "_file")
			if !ok || v.S == "" || !SecretName(stem) && stem != "key" && stem != "bearer_token" && stem != "api_url" && stem != "credentials" && stem != "routing_key" && stem != "service_key" {
				continue
			}
			o := m.d.Occurrence(connection.StoreRef, k, v)
			o.Refs, o.Auth, o.Role, o.Consumer = []string{"file:" + v.S}, connection.Static, connection.RoleSecret, m.c
			if strings.HasPrefix(v.S, "/var/run/secrets/kubernetes.io/") {
				o.Auth, o.Provider = connection.Ambient, "kubernetes"
			} else {
				o.Provider, o.ProviderFrom = nameProvider(strings.ReplaceAll(k, "_file", ""), envWords(path.Base(v.S)))
			}
			m.d.Emit(o)
		}
		return true
	})
}
