package pipeline

import (
	"regexp"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// semaphore reads pipelines of Semaphore. Source: docs.semaphoreci.com/reference/pipeline-yaml.
var semaphore = Dialect{ID: "semaphore", Path: semaphorePath, Read: readSemaphore}

func semaphorePath(p string) bool {
	return yamlExt(p) && (strings.HasPrefix(p, ".semaphore/") || strings.Contains(p, "/.semaphore/"))
}

func semaphoreOwn(name string) (Value, bool) {
	if name == "SEMAPHORE_OIDC_TOKEN" {
		return derived(connection.OIDC), true
	}
	return Value{}, strings.HasPrefix(name, "SEMAPHORE_") && !credentialName(name)
}

func readSemaphore(d *Document) {
	r := &varReader{d: d, store: "semaphore:env:", own: semaphoreOwn}
	for _, root := range d.YAML() {
		r.semaphoreJobs(root, connection.Consumer{Path: d.Path}, nil, 0)
		r.flush(nil)
	}
}

var semaphoreWord = regexp.MustCompile(`(?i)semaphore(?:-?ci)?`)

// semaphoreSecret is whom a secret is for by its name, in which Semaphore itself
// is often named as who takes it.
func semaphoreSecret(name string) (string, connection.From) {
	if p, from := nameProvider(strings.ReplaceAll(semaphoreWord.ReplaceAllString(name, ""), "+", "-")); p != "" {
		return p, from
	}
	return nameProvider(name)
}

// semaphoreJobs reads what has secrets, environment and commands, and the blocks,
// tasks and jobs below it.
func (r *varReader) semaphoreJobs(n *Node, c connection.Consumer, outer *Scope, depth int) {
	if depth > maxDepth || !n.Is(MapNode) || !r.d.descend() {
		return
	}
	if s := n.Get("name").String(); s != "" {
		c.Job = s
	}
	scope := outer.Inner()
	for _, e := range n.Get("env_vars").Items() {
		if v := e.Get("value").Text(); v.S != "" {
			scope.Bind(e.Get("name").String(), Literal(v))
			r.urls(v, nil, c)
			r.d.inPlain(e.Get("name").String(), v, c)
		}
	}
	for _, s := range append(n.Get("secrets").Items(), n.Get("image_pull_secrets").Items()...) {
		name := s.Get("name")
		if name.String() == "" {
			continue
		}
		o := r.d.Occurrence(connection.ServiceConnection, "secrets", name.Text())
		o.Provider, o.ProviderFrom = semaphoreSecret(name.String())
		o.Principal, o.Auth, o.Refs, o.Role, o.Consumer = name.String(), connection.Static, []string{"semaphore:secret:" + name.String()}, connection.RoleWhole, c
		r.d.Emit(o)
	}
	for _, i := range n.Get("containers").Items() {
		if image := i.Get("image"); image.String() != "" {
			r.privateImage(image.Text(), Literal(image.Text()), c)
		}
	}
	if lines := scriptLines(n.Get("commands"), 0); len(lines) > 0 {
		r.script(lines, "bash", scope, c, false)
	}
	for _, key := range []string{"agent", "global_job_config", "prologue", "epilogue", "always", "on_pass", "on_fail", "task", "after_pipeline"} {
		r.semaphoreJobs(n.Get(key), c, scope, depth+1)
	}
	for _, key := range []string{"blocks", "jobs"} {
		for _, i := range n.Get(key).Items() {
			r.semaphoreJobs(i, c, scope, depth+1)
		}
	}
}
