package pipeline

import (
	"path"
	"regexp"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// concourse reads pipelines and tasks of Concourse, whose ((name)) and
// ((store:path.key)) come from a credential manager. Source: concourse-ci.org/vars.html.
var concourse = Dialect{ID: "concourse", Content: concourseContent, Read: readConcourse}

func concourseContent(p string, head []byte) bool {
	s := string(head)
	return yamlExt(p) && (topKey(s, "resources") && topKey(s, "jobs") || topKey(s, "resource_types")) && !topKey(s, "on") && !topKey(s, "apiVersion") &&
		(strings.Contains(s, "((") || strings.Contains(s, "source:") || path.Base(p) == "pipeline.yml") && !strings.Contains(s, "vmImage")
}

var concourseVar = regexp.MustCompile(`\(\(\s*([A-Za-z0-9_./:"-]+)\s*\)\)`)

// Types of resources that speak for one provider; others tell it by their hosts.
var concourseTypes = map[string]string{"slack-notification": "slack", "s3": "aws", "s3-resource": "aws", "gcs": "gcp", "github-release": "github", "pull-request": "github",
	"cf": "cloudfoundry", "semver": "", "registry-image": "", "docker-image": "", "git": ""}

func readConcourse(d *Document) {
	for _, root := range d.YAML() {
		for _, r := range root.Get("resources").Items() {
			source := r.Get("source")
			base := Occurrence{Kind: connection.SecretRef, Provider: concourseTypes[r.Get("type").String()], Construct: "source",
				Consumer: connection.Consumer{Path: d.Path, Job: r.Get("name").String()}, Group: "resource/" + r.Get("name").String()}
			switch r.Get("type").String() {
			case "registry-image", "docker-image":
				base.Kind = connection.RegistryLogin
				var space string
				base.Endpoint, space = ImageHost(source.Get("repository").String())
				base.Account = hostAccount(base.Endpoint, space)
			case "git":
				base.Kind, base.Endpoint = connection.SSH, gitHost(source.Get("uri").String())
				if source.Get("private_key") == nil {
					base.Kind = connection.SecretRef
				}
			}
			concourseVars(d, source, "", base)
		}
		concourseVars(d, root, "", Occurrence{Kind: connection.SecretRef, Construct: "var", Consumer: connection.Consumer{Path: d.Path}})
	}
}

// gitHost is the host of a repository's address: https://host/x, git@host:x.
func gitHost(uri string) string {
	if _, rest, ok := strings.Cut(uri, "@"); ok && !strings.Contains(uri, "://") {
		host, _, _ := strings.Cut(rest, ":")
		return NormalHost(host)
	}
	if host := NormalHost(uri); strings.Contains(host, ".") && !strings.Contains(host, "(") {
		return host
	}
	return ""
}

// concourseVars emits the variables below a node that say credential, or that
// stand where one belongs.
func concourseVars(d *Document, n *Node, key string, base Occurrence) {
	walkKeys(n, key, func(key string, n *Node) {
		t := n.Text()
		for _, m := range concourseVar.FindAllStringSubmatchIndex(t.S, maxFanOut) {
			name := strings.ReplaceAll(t.S[m[2]:m[3]], `"`, "")
			at := t.Sub(m[0], m[1])
			if strings.HasPrefix(name, ".:") || d.claimed[at.Pos(0)] || !credentialName(name) && !credentialName(key) && !(base.Kind == connection.RegistryLogin && key == "username") {
				continue
			}
			o := base
			if o.Role = connection.RoleSecret; key == "username" || key == "user" {
				o.Role = connection.RoleUsername
			}
			if o.Kind == connection.SecretRef && o.Provider == "" && o.Endpoint == "" {
				o.Provider, o.ProviderFrom = boundProvider(name, key)
			}
			d.EmitRefs(o, Value{Refs: []Ref{{Name: "concourse:var:" + name, At: at, In: d}}}, nil)
		}
	})
}

// walkKeys calls f for each scalar below a node with the key that it stands at.
func walkKeys(n *Node, key string, f func(key string, n *Node)) {
	seen := map[*Node]bool{}
	var visit func(n *Node, key string, depth int)
	visit = func(n *Node, key string, depth int) {
		if n = n.Deref(); n == nil || seen[n] || depth > maxDepth {
			return
		}
		seen[n] = true
		if n.Kind == ScalarNode {
			f(key, n)
		}
		for _, p := range n.pairs {
			visit(p.Value, p.Key.Value, depth+1)
		}
		for _, i := range n.items {
			visit(i, key, depth+1)
		}
	}
	visit(n, key, 0)
}
