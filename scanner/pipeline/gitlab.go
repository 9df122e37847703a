package pipeline

import (
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// gitlabCI reads GitLab CI files with the local files they include. Source:
// docs.gitlab.com/ci/yaml; pipelines.md 2.2.
var gitlabCI = Dialect{ID: "gitlab-ci", Path: gitlabPath, Content: gitlabContent, Read: readGitLab, Line: gitlabLine}

const gitlabRoot = ".gitlab-ci.yml"

func gitlabPath(p string) bool {
	base := path.Base(p)
	if strings.HasSuffix(base, ".gitlab-ci.yml") || strings.HasSuffix(base, ".gitlab-ci.yaml") || base == ".gitlab-ci.yaml" {
		return true
	}
	return yamlExt(base) && (strings.HasPrefix(p, ".gitlab/ci/") || strings.Contains(p, "/.gitlab/ci/") || strings.Contains(p, ".gitlab-ci/") ||
		strings.HasPrefix(base, ".gitlab-ci") || strings.HasPrefix(base, "gitlab-ci"))
}

func yamlExt(p string) bool {
	ext := path.Ext(p)
	return ext == ".yml" || ext == ".yaml"
}

// gitlabContent knows a pipeline that stands elsewhere: templates, components.
func gitlabContent(p string, head *Head) bool {
	if !yamlExt(p) {
		return false
	}
	s := head.Text
	if !strings.Contains(s, "script:") && !head.Top("include") || head.Top("on") || head.Top("language") || head.Top("apiVersion") || head.Top("pool") || head.Top("trigger") || head.Top("resources") {
		return false
	}
	n := 0
	for _, k := range []string{"\n  stage:", "\n  before_script:", "\n  script:", "\n  extends:", "\n  rules:", "\n  only:", "\n  tags:"} {
		if strings.Contains(s, k) {
			n++
		}
	}
	if head.Top("stages") {
		n++
	}
	return n >= 2 && (strings.Contains(s, "CI_") || n >= 3 || strings.HasPrefix(p, ".gitlab/"))
}

// gitlabKeys are top-level keys that are no jobs.
var gitlabKeys = map[string]bool{"default": true, "include": true, "stages": true, "variables": true, "workflow": true, "image": true,
	"services": true, "cache": true, "before_script": true, "after_script": true, "spec": true, "types": true}

// A gitlabSet is a pipeline: a root file and what it includes.
type gitlabSet struct {
	files   []*gitlabFile
	jobs    map[string]*Node // by name, the last definition
	of      map[*Node]*gitlabFile
	bound   map[string]Value // names that a job somewhere binds
	globals *Scope
}

// gitlabFile is one file of a pipeline.
type gitlabFile struct {
	varReader
	set   *gitlabSet
	roots []*Node
	oidc  bool
	// template tells that others run what is read now, with variables of their own.
	template bool
}

func readGitLab(d *Document) {
	if d.Path != gitlabRoot && slices.Contains(gitlabIncluded(d), d.Path) {
		return // read with the root
	}
	set := &gitlabSet{jobs: map[string]*Node{}, of: map[*Node]*gitlabFile{}, bound: map[string]Value{}, globals: &Scope{names: map[string]Value{}}}
	set.add(d)
	for i := 0; i < len(set.files) && i < maxFanOut; i++ {
		for _, p := range gitlabIncludes(set.files[i].roots, set.files[i].d.read) {
			if slices.ContainsFunc(set.files, func(f *gitlabFile) bool { return f.d.Path == p }) {
				continue
			}
			if len(set.files) >= maxFanOut {
				d.Gap(scanner.Gap{Reason: scanner.TooDeep, Detail: "includes more files than are followed"})
				break
			}
			if s := d.Sub(p); s != nil {
				d.opened = s.opened
				set.add(s)
			}
		}
	}
	set.bind()
	for _, f := range set.files {
		f.read()
		if f.d != d {
			d.Join(f.d)
		}
	}
}

func (s *gitlabSet) add(d *Document) {
	f := &gitlabFile{set: s}
	f.varReader = varReader{d: d, store: "gitlab:var:", own: gitlabOwn, elsewhere: f.elsewhere}
	f.roots = d.YAML()
	s.files = append(s.files, f)
	for _, root := range f.roots {
		for _, p := range root.Pairs() {
			if !gitlabKeys[p.Key.Value] && p.Value.Is(MapNode) {
				s.jobs[p.Key.Value] = p.Value.Deref()
				s.of[p.Value.Deref()] = f
			}
		}
	}
}

// gitlabIncluded gives the files that the root of the tree includes, itself or by others.
func gitlabIncluded(d *Document) []string {
	if d.read == nil || d.read.tree == nil {
		return nil
	}
	return d.read.memo(gitlabRoot, func() []string {
		var all []string
		next := []string{gitlabRoot}
		for i := 0; i < len(next) && i < maxFanOut; i++ {
			data, err := d.read.tree.Open(next[i])
			if err != nil || len(data) > maxFile {
				continue
			}
			doc := newDocument(&reading{}, d.dialect, next[i], data)
			for _, p := range gitlabIncludes(doc.YAML(), d.read) {
				if !slices.Contains(next, p) && len(next) < maxFanOut {
					next = append(next, p)
					all = append(all, p)
				}
			}
		}
		return all
	})
}

// gitlabIncludes gives the files of the tree that a file includes, or starts as child pipelines.
func gitlabIncludes(roots []*Node, r *reading) []string {
	var out []string
	add := func(n *Node) {
		for _, i := range n.List() {
			s := i.String()
			if s == "" {
				s = i.Get("local").String()
			}
			if s == "" || strings.Contains(s, "://") || strings.ContainsAny(s, "$") {
				continue
			}
			p := strings.TrimPrefix(path.Clean("/"+s), "/")
			if !strings.Contains(p, "*") {
				out = append(out, p)
			} else if r != nil && r.tree != nil {
				for _, m := range r.tree.Glob(p) {
					if len(out) < maxFanOut {
						out = append(out, m)
					}
				}
			}
		}
	}
	for _, root := range roots {
		add(root.Get("include"))
		for _, p := range root.Pairs() {
			if t := p.Value.Get("trigger", "include"); t != nil {
				add(t)
			}
		}
	}
	return out
}

// bind gathers the variables of all files, so that a use knows them wherever it stands.
func (s *gitlabSet) bind() {
	for _, f := range s.files {
		for _, root := range f.roots {
			f.variables(root.Get("variables"), s.globals, connection.Consumer{Path: f.d.Path})
			f.inherit(root.Get("default"), s.globals, connection.Consumer{Path: f.d.Path})
		}
	}
	for _, f := range s.files {
		for _, root := range f.roots {
			for _, p := range root.Pairs() {
				for _, q := range p.Value.Get("variables").Pairs() {
					name := q.Key.Value
					if v := f.varReader.text(variableValue(q.Value).Text(), name, s.globals, f.consumer(p.Key.Value, p.Value)); len(s.bound[name].Refs) == 0 && !v.Empty() {
						s.bound[name] = v.Through(name)
					}
				}
				for _, key := range []string{"secrets", "id_tokens"} {
					for _, q := range p.Value.Get(key).Pairs() {
						s.bound[q.Key.Value] = Value{Open: true}
					}
				}
			}
		}
	}
}

// elsewhere is what some job binds a name to, for templates that others extend.
func (f *gitlabFile) elsewhere(name string) (Value, bool) {
	v, ok := f.set.bound[name]
	return v, ok && f.template
}

// variableValue is the value of a variable, written as a string or a map.
func variableValue(n *Node) *Node {
	if n.Is(MapNode) {
		return n.Get("value")
	}
	return n
}

// variables binds a variables block. An empty value is one that somebody gives later.
func (f *gitlabFile) variables(n *Node, scope *Scope, c connection.Consumer) {
	for _, p := range n.Pairs() {
		name, t := p.Key.Value, variableValue(p.Value).Text()
		if t.S == "" {
			continue
		}
		v := f.text(t, name, scope, c)
		f.urls(t, scope, c)
		f.d.inPlain(name, t, c)
		auth := connection.Ambient
		if f.oidc || strings.Contains(name, "OIDC") {
			auth = connection.OIDC
		}
		f.role(t, name, auth, c)
		if name == "DOCKER_AUTH_CONFIG" {
			f.dockerAuth(t, v, c)
		}
		v.Refs = through(v.Refs, name)
		scope.Bind(name, v)
	}
}

// dockerAuth reads the login of the runner itself.
func (f *gitlabFile) dockerAuth(t Text, v Value, c connection.Consumer) {
	o := f.d.Occurrence(connection.RegistryLogin, "DOCKER_AUTH_CONFIG", t)
	o.Auth, o.Role, o.Consumer = connection.Static, connection.RoleSecret, c
	if _, rest, ok := strings.Cut(strings.ReplaceAll(t.S, " ", ""), `"auths":{"`); ok {
		host, _, _ := strings.Cut(rest, `"`)
		o.Endpoint = NormalHost(host)
	}
	if len(v.Refs) == 0 || !f.d.EmitRefs(o, v, nil) {
		f.d.Emit(o)
	}
}

// gitlabOwn tells what GitLab itself defines. Source:
// docs.gitlab.com/ci/variables/predefined_variables.
func gitlabOwn(name string) (Value, bool) {
	switch name {
	case "CI_JOB_TOKEN", "CI_REGISTRY_PASSWORD", "CI_DEPENDENCY_PROXY_PASSWORD", "CI_BUILD_TOKEN":
		return Value{Refs: []Ref{{Name: "gitlab:job-token", Auth: connection.Ambient}}}, true
	case "CI_DEPLOY_PASSWORD":
		return Value{Refs: []Ref{{Name: "gitlab:var:CI_DEPLOY_PASSWORD"}}}, true
	case "CI_JOB_JWT", "CI_JOB_JWT_V1", "CI_JOB_JWT_V2":
		return Value{Refs: []Ref{{Name: "gitlab:id-token", Auth: connection.OIDC, Derived: true}}}, true
	case "CI_RUNNER_SHORT_TOKEN", "CI_SERVER_TLS_KEY_FILE", "CI_DEPLOY_USER", "CI_REGISTRY_USER", "CI_DEPENDENCY_PROXY_USER", "CI_KUBERNETES_ACTIVE",
		"CI_SERVER_TLS_CA_FILE", "CI_SERVER_TLS_CERT_FILE", "CI_DEBUG_TRACE", "KUBECONFIG":
		return Value{}, true
	}
	if (strings.HasPrefix(name, "CI_") || strings.HasPrefix(name, "GITLAB_") || strings.HasPrefix(name, "FF_") || strings.HasPrefix(name, "TRIGGER_")) && !credentialName(name) {
		return Value{}, name == "CI" || strings.HasPrefix(name, "CI_") || strings.HasPrefix(name, "GITLAB_USER_") || strings.HasPrefix(name, "FF_")
	}
	return Value{}, false
}

// gitlabLine reads a line that did not parse for the variables in it.
func gitlabLine(d *Document, line Text) { varLine(d, line, "gitlab:var:", gitlabOwn) }

// varLine reads a line that did not parse for variables that say credential.
func varLine(d *Document, line Text, store string, own func(string) (Value, bool)) {
	r := &varReader{d: d, store: store, own: own}
	before, _, _ := strings.Cut(line.S, " #")
	if strings.HasPrefix(strings.TrimSpace(before), "#") {
		return
	}
	r.text(line.Sub(0, len(before)), "", nil, connection.Consumer{})
	r.flush(nil)
}
