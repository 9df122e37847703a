package pipeline

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner/connection"
)

// circleCI reads CircleCI configuration, continuation files and inline orbs.
// Source: circleci.com/docs/configuration-reference; pipelines.md 2.4.
var circleCI = Dialect{ID: "circleci", Path: circlePath, Content: circleContent, Read: readCircle, Line: circleLine}

func circlePath(p string) bool {
	return yamlExt(p) && (strings.HasPrefix(p, ".circleci/") || strings.Contains(p, "/.circleci/")) || path.Base(p) == "@orb.yml"
}

func circleContent(p string, head *Head) bool {
	if !yamlExt(p) {
		return false
	}
	s := head.Text
	return head.Top("version") && (head.Top("jobs") || head.Top("workflows") || head.Top("orbs")) &&
		(strings.Contains(s, "- image: cimg/") || strings.Contains(s, "- image: circleci/") || head.Top("orbs") || strings.Contains(s, "resource_class:") || strings.Contains(s, "setup_remote_docker")) &&
		!strings.Contains(s, "runs-on:")
}

// circleFile is a configuration, or an orb in it, as it is read.
type circleFile struct {
	varReader
	orbs map[string]string // alias to namespace/name
	root *Node
	oidc []mention // where a script takes the job's identity token
}

func readCircle(d *Document) {
	for _, root := range d.YAML() {
		f := &circleFile{orbs: map[string]string{}, root: root}
		f.varReader = varReader{d: d, store: "circleci:env:", own: f.predefined}
		f.read(root, 0)
		f.flush(nil)
		f.identities()
	}
}

func circleLine(d *Document, line Text) {
	f := &circleFile{}
	varLine(d, line, "circleci:env:", f.predefined)
}

// predefined tells what CircleCI itself defines. Source: circleci.com/docs/variables.
func (f *circleFile) predefined(name string) (Value, bool) {
	if strings.HasPrefix(name, "CIRCLE_OIDC_TOKEN") {
		return derived(connection.OIDC), true
	}
	return Value{}, name == "BASH_ENV" || (strings.HasPrefix(name, "CIRCLE_") || strings.HasPrefix(name, "CIRCLECI_")) && !credentialName(name)
}

// identities emits a trust for each job that takes its identity token and for
// which nothing else told whom it is for.
func (f *circleFile) identities() {
	done := map[string]bool{}
	for _, o := range f.d.occs {
		if o.Kind == connection.FederatedTrust {
			done[o.Consumer.Job] = true
		}
	}
	for _, m := range f.oidc {
		if done[m.c.Job] {
			continue
		}
		done[m.c.Job] = true
		o := f.d.Occurrence(connection.FederatedTrust, "run", m.ref.At)
		o.Auth, o.Consumer = connection.OIDC, m.c
		f.d.Emit(o)
	}
}

// read reads the root, or an inline orb.
func (f *circleFile) read(root *Node, depth int) {
	if depth > maxBinding || !f.d.descend() {
		return
	}
	for _, p := range root.Get("orbs").Pairs() {
		if p.Value.Is(MapNode) {
			f.read(p.Value, depth+1)
			continue
		}
		name, _, _ := strings.Cut(p.Value.String(), "@")
		f.orbs[p.Key.Value] = name
	}
	f.parameters(root)
	for _, p := range root.Get("executors").Pairs() {
		f.executor(p.Value, connection.Consumer{Path: f.d.Path, Job: p.Key.Value})
	}
	for _, p := range root.Get("commands").Pairs() {
		f.commands(p.Key.Value, p.Value)
	}
	for _, p := range root.Get("jobs").Pairs() {
		f.job(p.Key.Value, p.Value)
	}
	if root.Get("steps") != nil && root.Get("jobs") == nil && root.Get("docker") == nil {
		f.commands("", root) // a command of an orb in a file of its own
	}
	for _, w := range root.Get("workflows").Pairs() {
		for _, j := range w.Value.Get("jobs").Items() {
			f.workflowJob(j)
		}
	}
}

func (f *circleFile) commands(name string, n *Node) {
	scope := f.parameters(n)
	f.steps(n.Get("steps"), "", scope, connection.Consumer{Path: f.d.Path, Job: name}, 0)
}

// parameters binds the defaults of parameters, and emits those that name a variable.
func (f *circleFile) parameters(n *Node) *Scope {
	scope := (*Scope)(nil).Inner()
	for _, p := range n.Get("parameters").Pairs() {
		def := p.Value.Get("default")
		v := Value{Open: true}
		if def.Is(ScalarNode) {
			t := def.Text()
			v.Lit = t.S
			f.role(t, p.Key.Value, connection.OIDC, connection.Consumer{Path: f.d.Path})
			if p.Value.Get("type").String() == "env_var_name" && isName(t.S) {
				v.Refs = []Ref{f.named(t, p.Key.Value, connection.Consumer{Path: f.d.Path})}
			}
		}
		scope.Bind("parameters."+p.Key.Value, v)
	}
	return scope
}

// named is a reference by the bare name of a variable: aws-access-key-id: KEY.
func (f *circleFile) named(t Text, key string, c connection.Consumer) Ref {
	ref := Ref{Name: f.store + t.S, At: t, In: f.d, Weak: !credentialName(t.S) && !credentialName(key)}
	if _, own := f.predefined(t.S); !own {
		f.mention(ref, key, c)
	}
	return ref
}

func (f *circleFile) job(name string, job *Node) {
	c := connection.Consumer{Path: f.d.Path, Job: name}
	scope := f.parameters(job)
	f.environment(job.Get("environment"), scope)
	f.executor(job, c)
	f.steps(job.Get("steps"), job.Get("shell").String(), scope, c, 0)
}

// environment binds names to what they literally say: nothing is interpolated.
func (f *circleFile) environment(n *Node, scope *Scope) {
	for _, item := range n.List() {
		for _, p := range item.Pairs() {
			if t := p.Value.Text(); t.S != "" {
				scope.Bind(p.Key.Value, f.holed(t, scope))
				f.urls(t, scope, connection.Consumer{Path: f.d.Path})
				f.d.inPlain(p.Key.Value, t, connection.Consumer{Path: f.d.Path})
			}
		}
	}
}

// holed is a string in which only << >> stands for something.
func (f *circleFile) holed(t Text, scope *Scope) Value {
	v := Literal(t)
	for _, h := range circleHoles(f, t, scope) {
		v.Open = true
		v.Refs = append(v.Refs, h.Value.Refs...)
	}
	return v
}

// executor reads the images of a job or executor and their logins.
func (f *circleFile) executor(n *Node, c connection.Consumer) {
	for _, i := range n.Get("docker").Items() {
		image := i.Get("image")
		v := f.text(image.Text(), "image", nil, c)
		host, space := ImageHost(v.Lit)
		o := Occurrence{Kind: connection.RegistryLogin, Construct: "docker.auth", Endpoint: host, Account: hostAccount(host, space), Consumer: c,
			Group: c.Job + "/image/" + image.Text().S}
		switch auth, aws := i.Get("auth"), i.Get("aws_auth"); {
		case auth != nil:
			f.login(o, auth, "username", "password")
		case aws != nil:
			o.Provider, o.Construct = "aws", "docker.aws_auth"
			if r := aws.Get("oidc", "role_arn"); r == nil {
				f.login(o, aws, "aws_access_key_id", "aws_secret_access_key")
			}
			f.sweep(aws, "", nil, c)
		default:
			f.privateImage(image.Text(), v, c)
		}
		for _, p := range i.Get("aws_auth").Pairs() {
			f.roleParameter(p.Key.Value, p.Value, c)
		}
	}
}

// login emits the two halves of a registry login.
func (f *circleFile) login(o Occurrence, n *Node, user, pass string) {
	name := f.text(n.Get(user).Text(), user, nil, o.Consumer)
	if len(name.Refs) == 0 {
		o.Principal = name.Lit
	}
	secret := f.text(n.Get(pass).Text(), pass, nil, o.Consumer)
	o.Role = connection.RoleSecret
	if !f.d.EmitRefs(o, secret, nil) && n.Get(pass) != nil {
		p := o
		p.Auth, p.Location = connection.Static, f.d.Location(n.Get(pass).Text())
		f.d.Emit(p)
	}
	o.Role = connection.RoleUsername
	f.d.EmitRefs(o, name, nil)
}

// workflowJob reads a job as a workflow runs it: contexts, parameters, steps round it.
func (f *circleFile) workflowJob(n *Node) {
	for _, p := range n.Pairs() {
		name := p.Key.Value
		c := connection.Consumer{Path: f.d.Path, Job: name}
		for _, x := range p.Value.Get("context").List() {
			if x.String() == "" {
				continue
			}
			o := f.d.Occurrence(connection.ServiceConnection, "context", x.Text())
			o.Principal, o.Auth, o.Consumer = x.String(), connection.Static, c
			if o.Provider, o.ProviderFrom = "circleci", connection.FromIntegration; !strings.Contains(x.String(), "<<") {
				if p, sure, ok := byName(x.String()); ok && sure && p != "circleci" { // whom the context is for
					o.Provider, o.ProviderFrom = p, connection.FromName
				}
			}
			o.Incomplete = strings.Contains(x.String(), "<<")
			f.d.Emit(o)
		}
		for _, key := range []string{"pre-steps", "post-steps"} {
			f.steps(p.Value.Get(key), "", nil, c, 0)
		}
		f.call(p.Key, p.Value, f.root.Get("jobs", name), c, 0, "context", "pre-steps", "post-steps", "filters", "requires", "name", "matrix", "type")
		for _, q := range p.Value.Get("matrix", "parameters").Pairs() {
			for _, x := range q.Value.List() {
				f.parameter(q.Key.Value, x, f.root.Get("jobs", name), "", c)
			}
		}
	}
	if s := n.String(); strings.Contains(s, "/") {
		f.call(n, nil, nil, connection.Consumer{Path: f.d.Path, Job: s}, 0)
	}
}

var circleShells = []string{"powershell", "pwsh", "cmd", "bash", "sh", "zsh"}

func circleShell(s string) string {
	s = strings.ToLower(s)
	if s == "" {
		return "bash"
	}
	first, _, _ := strings.Cut(s, " ")
	first = strings.TrimSuffix(path.Base(strings.ReplaceAll(first, `\`, "/")), ".exe")
	if slices.Contains(circleShells, first) {
		return first
	}
	for _, l := range circleShells {
		if strings.Contains(s, l) {
			return l
		}
	}
	return first
}

func (f *circleFile) steps(n *Node, shell string, scope *Scope, c connection.Consumer, depth int) {
	if depth > maxBinding || !f.d.descend() {
		return
	}
	for _, s := range n.Items() {
		if s.Is(ScalarNode) {
			f.step(s, nil, shell, scope, c, depth)
		}
		for _, p := range s.Pairs() {
			f.step(p.Key, p.Value, shell, scope, c, depth)
		}
	}
}

func (f *circleFile) step(key, n *Node, shell string, scope *Scope, c connection.Consumer, depth int) {
	name := key.String()
	if name == "deploy" && f.root.Get("commands", "deploy") == nil { // the old name of run
		name = "run"
	}
	switch name {
	case "run":
		f.run(n, shell, scope, c)
	case "add_ssh_keys":
		o := f.d.Occurrence(connection.SSH, "add_ssh_keys", key.Text())
		o.Provider, o.Auth, o.Consumer = "ssh", connection.Static, c
		if prints := n.Get("fingerprints").Items(); len(prints) > 0 {
			for _, p := range prints {
				o.Location, o.Principal = f.d.Location(p.Text()), p.String()
				f.d.Emit(o)
			}
			return
		}
		f.d.Emit(o)
	case "when", "unless":
		f.steps(n.Get("steps"), shell, scope, c, depth+1)
	case "checkout", "setup_remote_docker", "save_cache", "restore_cache", "store_artifacts", "store_test_results", "persist_to_workspace", "attach_workspace":
	default:
		c.Action = name
		f.call(key, n, f.root.Get("commands", name), c, depth)
	}
}

func (f *circleFile) run(n *Node, shell string, outer *Scope, c connection.Consumer) {
	body := n
	scope := outer.Inner()
	if n.Is(MapNode) {
		body = n.Get("command")
		c.Step = n.Get("name").String()
		f.environment(n.Get("environment"), scope)
		if s := n.Get("shell").String(); s != "" {
			shell = s
		}
	}
	t := body.Text()
	if t.S == "" {
		return
	}
	for _, m := range findVars(t.S, true) {
		if strings.HasPrefix(m.name, "CIRCLE_OIDC_TOKEN") {
			f.oidc = append(f.oidc, mention{ref: Ref{At: t.Sub(m.start, m.end)}, c: c})
		}
	}
	if i := strings.Index(t.S, "circleci run oidc get"); i >= 0 {
		f.oidc = append(f.oidc, mention{ref: Ref{At: t.Sub(i, i+len("circleci run oidc get"))}, c: c})
	}
	f.holes = circleHoles(f, t, scope)
	f.script([]Text{t}, circleShell(shell), scope, c, false)
	f.holes = nil
}

var circleHole = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$?\{?<<\s*([A-Za-z0-9_.-]+)\s*>>\}?`) })

// circleHoles finds << parameters.x >> in a script. With a $ before it, the
// parameter is the name of a variable.
func circleHoles(f *circleFile, t Text, scope *Scope) []Hole {
	var out []Hole
	for _, m := range circleHole().FindAllStringSubmatchIndex(t.S, maxNodes) {
		start, end := m[0], m[1]
		bare := t.S[start] != '$'
		if bare { // the braces are the script's
			start = m[2] - 2 - (len(t.S[m[0]:m[2]]) - len(strings.TrimRight(t.S[m[0]:m[2]], " ")))
			end = m[3] + strings.Index(t.S[m[3]:], ">>") + 2
			start = strings.LastIndex(t.S[:m[2]], "<<")
		}
		v, _ := scope.Lookup(t.S[m[2]:m[3]])
		v.Alts = nil
		v.Open = true
		if bare {
			v.Refs = nil
		} else {
			for i := range v.Refs {
				r := v.Refs[i]
				r.At = t.Sub(start, end)
				v.Refs = []Ref{r}
				f.mention(r, "", connection.Consumer{Path: f.d.Path})
			}
		}
		out = append(out, Hole{Start: start, End: end, Value: v})
	}
	return out
}
