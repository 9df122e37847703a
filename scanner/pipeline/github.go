package pipeline

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// githubActions reads workflows, reusable workflows, action metadata and
// dependabot.yml. Source: docs.github.com/actions/reference; pipelines.md 2.1.
var githubActions = Dialect{ID: "github-actions", Path: githubPath, Content: githubContent, Read: readGitHub, Line: githubLine}

func githubPath(p string) bool {
	base := path.Base(p)
	if base == "action.yml" || base == "action.yaml" {
		return true
	}
	ext := path.Ext(base)
	return (ext == ".yml" || ext == ".yaml") && (githubDir(path.Dir(p)) || isDependabot(p))
}

func githubDir(dir string) bool {
	for _, host := range []string{".github", ".gitea", ".forgejo"} {
		for _, sub := range []string{"/workflows", "/workflow-templates"} {
			if dir == host+sub || strings.HasSuffix(dir, "/"+host+sub) {
				return true
			}
		}
	}
	return path.Base(dir) == "workflow-templates"
}

func isDependabot(p string) bool {
	b := path.Base(p)
	return (b == "dependabot.yml" || b == "dependabot.yaml") && path.Base(path.Dir(p)) == ".github"
}

// githubContent knows a workflow that stands elsewhere: templates, examples.
func githubContent(p string, head *Head) bool {
	ext := path.Ext(p)
	if ext != ".yml" && ext != ".yaml" {
		return false
	}
	s := head.Text
	return head.Top("jobs") && head.Top("on") && (strings.Contains(s, "runs-on:") || strings.Contains(s, "uses:"))
}

func readGitHub(d *Document) {
	if isDependabot(d.Path) {
		readDependabot(d)
		return
	}
	for _, root := range d.YAML() {
		switch {
		case root.Get("runs") != nil && root.Get("jobs") == nil:
			readAction(d, root, nil)
		case root.Get("jobs") != nil:
			newWorkflow(d, root, nil).read()
		}
	}
}

// githubLine reads a line that did not parse as YAML for the expressions in it.
func githubLine(d *Document, line Text) {
	w := &ghFile{d: d}
	g := w.eval(nil)
	before, _, _ := strings.Cut(line.S, "#")
	g.mention = func(r Ref) { w.plain(r, "", connection.Consumer{}) }
	g.text(line.Sub(0, len(before)))
}

// A ghCall is how a caller reached a document: what it binds, and who it is.
type ghCall struct {
	scope    *Scope
	consumer connection.Consumer
	depth    int
	paths    []string // documents on the way, against cycles
	id       string   // tells this call from others, for groups
	perms    []string
}

// ghFile is a workflow or an action as it is read.
type ghFile struct {
	d        *Document
	root     *Node
	call     *ghCall
	params   map[string]bool
	triggers []string
	perms    []string // of the job token, nil when not declared
	registry string   // npm registry that a step before set up
	// later are the parts that are looked through for what was not claimed.
	later []ghPart
}

// ghPart is a part of a file with the consumer that it belongs to.
type ghPart struct {
	node     *Node
	key      string
	scope    *Scope
	consumer connection.Consumer
	skip     []*Node
	perms    []string
}

func newWorkflow(d *Document, root *Node, call *ghCall) *ghFile {
	w := &ghFile{d: d, root: root, call: call, params: map[string]bool{}}
	on := root.Get("on")
	for _, p := range on.Get("workflow_call", "secrets").Pairs() {
		w.params[strings.ToUpper(p.Key.Value)] = true
	}
	w.triggers = triggers(on)
	return w
}

// triggers gives the events of an on: a name, a list or a map.
func triggers(on *Node) []string {
	var out []string
	for _, n := range on.List() {
		if s := n.String(); s != "" {
			out = append(out, s)
		}
		for _, p := range n.Pairs() {
			out = append(out, p.Key.Value)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// prefix tells the groups of one call of a document from those of another.
func (w *ghFile) prefix() string {
	if w.call == nil {
		return ""
	}
	return w.call.id + "/"
}

func (w *ghFile) eval(scope *Scope) *ghEval {
	return &ghEval{d: w.d, scope: scope, params: w.params}
}

func (w *ghFile) read() {
	base := &Scope{names: map[string]Value{}}
	consumer := connection.Consumer{Path: w.d.Path, Triggers: w.triggers}
	if w.call != nil {
		base = w.call.scope.Inner()
		consumer.Triggers = w.call.consumer.Triggers
	}
	w.bindInputs(base)
	scope := base.Inner()
	w.bindEnv(scope, w.root.Get("env"))
	w.perms = w.permissions(w.root, nil, consumer)
	jobs := w.root.Get("jobs")
	for _, p := range ordered(jobs.Pairs()) {
		w.job(p.Key.Value, p.Value, scope, jobs, consumer)
	}
	w.later = append(w.later, ghPart{w.root, "", scope, consumer, []*Node{jobs}, w.perms})
	w.sweep()
}

// ordered puts jobs that others need before them, as far as one pass goes.
func ordered(jobs []Pair) []Pair {
	out := slices.Clone(jobs)
	slices.SortStableFunc(out, func(a, b Pair) int {
		return len(a.Value.Get("needs").List()) - len(b.Value.Get("needs").List())
	})
	return out
}

// bindInputs binds the defaults of inputs that no caller gave.
func (w *ghFile) bindInputs(scope *Scope) {
	for _, from := range [][]string{{"on", "workflow_call", "inputs"}, {"on", "workflow_dispatch", "inputs"}, {"inputs"}} {
		for _, p := range w.root.Get(from...).Pairs() {
			name := "inputs." + strings.ToLower(p.Key.Value)
			if _, given := scope.Lookup(name); given {
				continue
			}
			if def := p.Value.Get("default"); def != nil && def.Kind == ScalarNode {
				v := w.eval(scope).text(def.Text())
				v.Open = true // a caller may give another
				scope.Bind(name, v)
			}
		}
	}
}

// bindEnv binds an env map: for expressions and for scripts.
func (w *ghFile) bindEnv(scope *Scope, env *Node) {
	for _, p := range env.Pairs() {
		v := w.eval(scope).text(p.Value.Text())
		v.Refs = through(v.Refs, p.Key.Value)
		scope.Bind("env."+strings.ToLower(p.Key.Value), v)
		scope.Bind(p.Key.Value, v)
	}
}

func through(refs []Ref, name string) []Ref { return Value{Refs: refs}.Through(name).Refs }

// permissions reads a permissions block: the scopes, nil when there is none.
// A block that allows to write is an occurrence of the job token.
func (w *ghFile) permissions(owner *Node, outer []string, c connection.Consumer) []string {
	var block Pair
	for _, p := range owner.Pairs() {
		if p.Key.Value == "permissions" {
			block = p
		}
	}
	if block.Value == nil {
		return outer
	}
	scopes, writes := []string{}, false
	if s := block.Value.String(); s != "" {
		level := strings.TrimSuffix(s, "-all")
		scopes = append(scopes, "*:"+level)
		writes = level == "write"
	}
	for _, p := range block.Value.Pairs() {
		level := p.Value.String()
		if level == "none" || level == "" {
			continue
		}
		scopes = append(scopes, p.Key.Value+":"+level)
		writes = writes || level == "write" && p.Key.Value != "id-token"
	}
	slices.Sort(scopes)
	if writes {
		o := w.d.Occurrence(connection.JobToken, "permissions", block.Key.Text())
		o.Provider, o.Auth, o.Scopes, o.Consumer = platform(w.d.Path), connection.Ambient, scopes, c
		o.Refs = []string{o.Provider + ":job-token"}
		w.d.Emit(o)
	}
	return scopes
}

func (w *ghFile) job(id string, job *Node, outer *Scope, jobs *Node, c connection.Consumer) {
	c.Job = id
	scope := outer.Inner()
	w.bindMatrix(scope, job.Get("strategy", "matrix"))
	for _, n := range job.Get("needs").List() {
		w.bindNeeds(scope, n.String(), jobs)
	}
	c.Environment = w.environment(job.Get("environment"), scope)
	c.Runner = runner(job.Get("runs-on"))
	perms := w.permissions(job, w.perms, c)
	w.bindEnv(scope, job.Get("env"))
	part := ghPart{node: job, scope: scope, consumer: c, perms: perms}
	if job.Get("uses") != nil {
		w.reusable(job, scope, c, perms)
		w.later = append(w.later, part)
		return
	}
	w.container(job.Get("container"), scope, c)
	for _, p := range job.Get("services").Pairs() {
		w.container(p.Value, scope, c)
	}
	w.registry = ""
	steps := job.Get("steps")
	w.steps(steps, scope, c, perms)
	part.skip = []*Node{steps}
	w.later = append(w.later, part)
}

func (w *ghFile) steps(steps *Node, scope *Scope, c connection.Consumer, perms []string) {
	for i, n := range steps.Items() {
		s := &ghStep{ghFile: w, node: n, perms: perms}
		s.Consumer = c
		if s.Consumer.Step = n.Get("name").String(); s.Consumer.Step == "" {
			s.Consumer.Step = strconv.Itoa(i + 1)
		}
		s.group = w.prefix() + c.Job + "/" + strconv.Itoa(i+1)
		s.scope = scope.Inner()
		w.bindEnv(s.scope, n.Get("env"))
		s.read(scope)
		w.later = append(w.later, ghPart{node: n, scope: s.scope, consumer: s.Consumer, perms: perms})
	}
}

// bindMatrix binds matrix.NAME to the texts it may be.
func (w *ghFile) bindMatrix(scope *Scope, m *Node) {
	alts := map[string]*Value{}
	add := func(name string, n *Node) {
		if n.Is(ScalarNode) {
			v := w.eval(scope).text(n.Text())
			have := alts[name]
			if have == nil {
				have = &Value{At: v.At}
				alts[name] = have
			}
			have.Refs = append(have.Refs, v.Refs...)
			have.Open = have.Open || v.Open
			if len(have.Alts) < maxFanOut && !slices.Contains(have.Alts, v.Lit) {
				have.Alts = append(have.Alts, v.Lit)
				have.Lit = have.Alts[0]
			}
		}
	}
	entry := func(prefix string, n *Node) {
		add(prefix, n)
		for _, q := range n.Pairs() {
			add(prefix+"."+strings.ToLower(q.Key.Value), q.Value)
		}
	}
	for _, p := range m.Pairs() {
		if p.Key.Value == "include" {
			for _, n := range p.Value.Items() {
				for _, q := range n.Pairs() {
					entry("matrix."+strings.ToLower(q.Key.Value), q.Value)
				}
			}
		} else if p.Key.Value != "exclude" {
			for _, n := range p.Value.List() {
				entry("matrix."+strings.ToLower(p.Key.Value), n)
			}
		}
	}
	for name, v := range alts {
		scope.Bind(name, *v)
	}
}

// bindNeeds binds needs.JOB.outputs.NAME to what the job's outputs say.
func (w *ghFile) bindNeeds(scope *Scope, id string, jobs *Node) {
	for _, p := range jobs.Get(id, "outputs").Pairs() {
		if v := w.eval(nil).text(p.Value.Text()); !v.Open {
			scope.Bind("needs."+strings.ToLower(id)+".outputs."+strings.ToLower(p.Key.Value), v)
		}
	}
}

// environment is the name of a deployment environment, as written where it is computed.
func (w *ghFile) environment(n *Node, scope *Scope) string {
	if n.Is(MapNode) {
		n = n.Get("name")
	}
	if n == nil {
		return ""
	}
	t := n.Text()
	if v := w.eval(scope).text(t); !v.Open && len(v.Alts) == 0 {
		return v.Lit
	}
	return t.S
}

// runner is hosted, self-hosted, or the first label.
func runner(n *Node) string {
	if g := n.Get("group").String(); g != "" {
		return g
	}
	if l := n.Get("labels"); l != nil {
		n = l
	}
	first := ""
	for _, l := range n.List() {
		s := l.String()
		if s == "self-hosted" {
			return s
		}
		if first == "" {
			first = s
		}
	}
	for _, os := range []string{"ubuntu-", "windows-", "macos-"} {
		if strings.HasPrefix(first, os) {
			return "hosted"
		}
	}
	return first
}

// container reads the image and credentials of a job's container or service.
func (w *ghFile) container(n *Node, scope *Scope, c connection.Consumer) {
	image := n
	if n.Is(MapNode) {
		image = n.Get("image")
	}
	host, space := ImageHost(w.eval(scope).text(image.Text()).Lit)
	creds := n.Get("credentials")
	if creds == nil {
		if host != "" && host != dockerHub && !Internal(host) {
			o := w.d.Occurrence(connection.Endpoint, "image", image.Text())
			o.Endpoint, o.Account, o.Auth, o.Consumer = host, hostAccount(host, space), connection.None, c
			w.d.Emit(o)
		}
		return
	}
	s := &ghStep{ghFile: w, node: n, scope: scope, group: w.prefix() + c.Job + "/" + strconv.Itoa(w.d.Location(creds.Text()).Line)}
	s.Consumer = c
	o := Occurrence{Kind: connection.RegistryLogin, Construct: "container.credentials", Endpoint: host, Account: hostAccount(host, space), Group: s.group}
	user := w.eval(scope).text(creds.Get("username").Text())
	if len(user.Refs) == 0 && !user.Open {
		o.Principal = user.Lit
	}
	pass := w.eval(scope).text(creds.Get("password").Text())
	s.refs(o, user, connection.RoleUsername)
	if !s.refs(o, pass, connection.RoleSecret) && pass.At.Placed() {
		o.Auth = connection.Static
		s.at(o, pass.At)
	}
}
