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

func concourseContent(p string, head *Head) bool {
	if !yamlExt(p) {
		return false
	}
	s := head.Text
	if head.Top("platform") && (head.Top("image_resource") || head.Top("run") && head.Top("inputs")) { // a task
		return true
	}
	if (head.Top("jobs") || head.Top("resources") || head.Top("groups") || head.Top("meta")) && !head.Top("on") && !head.Top("apiVersion") && !head.Top("stages") && concourseShape(p, head) {
		return true
	}
	return (head.Top("resources") && head.Top("jobs") || head.Top("resource_types")) && !head.Top("on") && !head.Top("apiVersion") &&
		(strings.Contains(s, "((") || strings.Contains(s, "source:") || path.Base(p) == "pipeline.yml") && !strings.Contains(s, "vmImage")
}

var (
	concoursePlan   = regexp.MustCompile(`(?m)^\s+(?:- )?plan:\s*(?:#.*)?$`)
	concourseStep   = regexp.MustCompile(`(?m)^\s*- (?:get|put|task|in_parallel|aggregate|do|try|set_pipeline|load_var): ?`)
	concourseSource = regexp.MustCompile(`(?m)^\s+(?:- )?source:`)
	concourseType   = regexp.MustCompile(`(?m)^\s+(?:- )?type: ?\S`)
	concourseGroup  = regexp.MustCompile(`(?m)^\s+(?:- )?jobs:`)
)

// concourseShape tells a pipeline by the part of it that stands at the start:
// plans of jobs, resources with a type and source, or groups of jobs.
func concourseShape(p string, head *Head) bool {
	s := head.Text
	if concoursePlan.MatchString(s) && concourseStep.MatchString(s) {
		return true
	}
	p = "/" + p
	if !strings.Contains(p, "pipeline") && !strings.Contains(p, "concourse") && !strings.Contains(p, "/ci/") {
		return false
	}
	if head.Top("meta") && strings.Contains(s, "(( ") { // what Spruce merges, whose parts stand after its settings
		return true
	}
	return head.Top("resources") && concourseSource.MatchString(s) && concourseType.MatchString(s) || head.Top("groups") && concourseGroup.MatchString(s)
}

var concourseVar = regexp.MustCompile(`\(\(\s*([A-Za-z0-9_./:"-]+)\s*\)\)`)

// Types of resources that speak for one provider; others tell it by their hosts.
var concourseTypes = map[string]string{"slack-notification": "slack", "s3": "aws", "s3-resource": "aws", "gcs": "gcp", "github-release": "github", "pull-request": "github",
	"cf": "cloudfoundry", "cf-cli": "cloudfoundry", "github-status": "github", "github-pr": "github", "github": "github", "github-app": "github", "semver": "", "terraform": "", "registry-image": "", "docker-image": "", "git": ""}

func readConcourse(d *Document) {
	for _, root := range d.YAML() {
		for _, r := range root.Get("resources").Items() {
			source := r.Get("source")
			typ := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(r.Get("type").String(), "-resource"), "-iam"), "-simple")
			base := Occurrence{Kind: connection.SecretRef, Provider: concourseProvider(typ, source), Construct: "source",
				Consumer: connection.Consumer{Path: d.Path, Job: r.Get("name").String()}, Group: "resource/" + r.Get("name").String()}
			switch typ {
			case "registry-image", "docker-image":
				base.Kind = connection.RegistryLogin
				var space string
				base.Endpoint, space = ImageHost(source.Get("repository").String())
				base.Account = hostAccount(base.Endpoint, space)
				if base.Endpoint == dockerHub && (source.Get("aws_access_key_id") != nil || source.Get("aws_region") != nil) { // names the repository alone
					base.Provider, base.Endpoint, base.Account = "aws", "", source.Get("aws_ecr_registry_id").String()
					if strings.Contains(base.Account, "((") {
						base.Account = ""
					}
				}
			case "git":
				base.Kind, base.Endpoint = connection.SSH, gitHost(source.Get("uri").String())
				if source.Get("private_key") == nil {
					base.Kind = connection.SecretRef
				}
			}
			if source.Get("password") != nil || source.Get("secret_access_key") != nil {
				base.Role = connection.RoleUsername // what bears it may be taken too
			}
			concourseVars(d, source, "", base)
		}
		r := &varReader{d: d, store: "concourse:env:", own: func(string) (Value, bool) { return Value{}, true }, quiet: true}
		r.concourseTasks(root, connection.Consumer{Path: d.Path}, 0)
		concourseVars(d, root, "", Occurrence{Kind: connection.SecretRef, Construct: "var", Consumer: connection.Consumer{Path: d.Path}})
	}
}

// concourseTasks reads the scripts of tasks, in files of their own or in plans:
// what `sh -c` is given, with the parameters as its variables.
func (r *varReader) concourseTasks(n *Node, c connection.Consumer, depth int) {
	if n = n.Deref(); n == nil || depth > maxDepth || !r.d.descend() {
		return
	}
	for _, i := range n.items {
		r.concourseTasks(i, c, depth+1)
	}
	if task := n.Get("task").String(); task != "" {
		c.Step = task
	}
	shell := path.Base(n.Get("run", "path").String())
	if args := n.Get("run", "args").Items(); len(args) > 1 && strings.HasSuffix(shell, "sh") && strings.HasPrefix(args[0].String(), "-") {
		scope := (*Scope)(nil).Inner()
		for _, p := range n.Get("params").Pairs() {
			t, v := p.Value.Text(), Value{Open: true}
			for _, m := range concourseVar.FindAllStringSubmatchIndex(t.S, maxFanOut) {
				if name := t.S[m[2]:m[3]]; !strings.HasPrefix(name, ".:") { // of the build's own
					v.Refs = append(v.Refs, Ref{Name: "concourse:var:" + name, At: t.Sub(m[0], m[1]), In: r.d, Weak: !credentialName(name) && !credentialName(p.Key.Value)})
				}
			}
			scope.Bind(p.Key.Value, v.Through(p.Key.Value))
		}
		r.script([]Text{args[len(args)-1].Text()}, "bash", scope, c, false)
	}
	for _, p := range n.pairs {
		if p.Value.Is(MapNode) || p.Value.Is(SeqNode) {
			r.concourseTasks(p.Value, c, depth+1)
		}
	}
}

// concourseProvider is the provider of a resource by its type, but where its
// endpoint is another's that speaks the same.
func concourseProvider(typ string, source *Node) string {
	p, ok := concourseTypes[typ]
	if !ok {
		if name, sure, found := byName(typ); found && sure {
			p = name
		}
	}
	if e := source.Get("endpoint").String(); e != "" && p == "aws" && !strings.Contains(e, "((") {
		if other := hostProvider(NormalHost(e)); other != "" {
			return other
		}
		return ""
	}
	return p
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
	r := &varReader{d: d}
	walkKeys(n, key, func(key string, n *Node) {
		t := n.Text()
		if strings.Contains(strings.ToLower(key), "role") && r.role(t, key, connection.Ambient, base.Consumer) {
			return
		}
		if d.spruceVault(t, key, base.Consumer) {
			return
		}
		old := n.Is(MapNode)
		if old {
			if n = braced(n); n == nil {
				return
			}
			t = n.Text()
		}
		spans := concourseVar.FindAllStringSubmatchIndex(t.S, maxFanOut)
		if old { // {{name}}, as before version 4
			spans = [][]int{{0, len(t.S), 0, len(t.S)}}
		}
		for _, m := range spans {
			name := strings.ReplaceAll(t.S[m[2]:m[3]], `"`, "")
			at := t.Sub(m[0], m[1])
			user := (key == "username" || key == "user") && base.Role == connection.RoleUsername
			if strings.HasPrefix(name, ".:") || strings.Contains(strings.ReplaceAll(name, "-", "_"), "public_key") || d.claimed[at.Pos(0)] || !credentialName(name) && (!credentialName(key) || key == "key") && // key: of a file in a bucket
				!(base.Kind == connection.RegistryLogin && key == "username") && !user {
				continue
			}
			o := base
			if o.Role = connection.RoleSecret; key == "username" || key == "user" {
				o.Role = connection.RoleUsername
			}
			if o.Kind == connection.SecretRef && o.Provider == "" && o.Endpoint == "" {
				o.Provider, o.ProviderFrom = boundProvider(name, key)
				if l := "-" + strings.ToLower(strings.ReplaceAll(name+"-"+key, "_", "-")); o.Provider == "cloudflare" && strings.Contains(l, "-cf-") {
					o.Provider = "cloudfoundry" // where Concourse comes from
				}
			}
			d.EmitRefs(o, Value{Refs: []Ref{{Name: "concourse:var:" + name, At: at, In: d}}}, nil)
		}
	})
}

// spruceVault emits what Spruce, which many pipelines are merged with, reads out
// of Vault: (( vault "secret/" meta.team "/deploy:password" )). What is not
// written out of a path is a question mark. Source: Spruce's operators.md.
func (d *Document) spruceVault(t Text, key string, c connection.Consumer) bool {
	m := spruceVault().FindStringSubmatch(t.S)
	if m == nil {
		return false
	}
	var p strings.Builder
	for _, part := range spruceWord().FindAllString(m[1], maxFanOut) {
		if s, ok := strings.CutPrefix(part, `"`); ok {
			p.WriteString(strings.TrimSuffix(s, `"`))
		} else {
			p.WriteByte('?')
		}
	}
	name, field, _ := strings.Cut(p.String(), ":")
	o := d.Occurrence(connection.StoreRef, key, t.Trim())
	o.Refs = []string{fragment("vault:?:"+vaultPath(name), field)}
	o.Provider, o.Auth, o.Role, o.Consumer = "vault", connection.Static, connection.RoleSecret, c
	d.Emit(o)
	return true
}

var (
	spruceVault = lazily(`^\s*\(\(\s*vault(?:-try)?\s+([^()]+?)\s*\)\)`)
	spruceWord  = lazily(`"[^"]*"|[^\s"]+`)
)

// braced is the name in {{name}}, which YAML reads as a map whose key is a map;
// nil is another map.
func braced(n *Node) *Node {
	if len(n.pairs) != 1 || n.pairs[0].Key == nil || !n.pairs[0].Key.Is(MapNode) {
		return nil
	}
	if k := n.pairs[0].Key.Deref(); len(k.pairs) == 1 && k.pairs[0].Key.Is(ScalarNode) {
		return k.pairs[0].Key
	}
	return nil
}

// walkKeys calls f for each scalar, and each {{name}}, below a node with the key
// that it stands at.
func walkKeys(n *Node, key string, f func(key string, n *Node)) {
	seen := map[*Node]bool{}
	var visit func(n *Node, key string, depth int)
	visit = func(n *Node, key string, depth int) {
		if n = n.Deref(); n == nil || seen[n] || depth > maxDepth {
			return
		}
		seen[n] = true
		if n.Kind == ScalarNode || braced(n) != nil {
			f(key, n)
			return
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
