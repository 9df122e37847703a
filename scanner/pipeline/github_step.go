package pipeline

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// ghStep is a step, or what takes credentials like one, as it is read.
type ghStep struct {
	*ghFile
	node     *Node
	scope    *Scope
	Consumer connection.Consumer
	group    string
	perms    []string
	with     []ghInput
}

// A ghInput is an entry of with or env.
type ghInput struct {
	name  string // lower case
	key   Text
	value Value
	taken bool
}

func (s *ghStep) read(outer *Scope) {
	e := s.eval(s.scope)
	if run := s.node.Get("run"); run != nil {
		s.run(run.Text(), s.node.Get("shell").String(), e, outer)
	}
	uses := s.node.Get("uses")
	if uses == nil {
		return
	}
	for _, p := range s.node.Get("with").Pairs() {
		s.with = append(s.with, ghInput{name: strings.ToLower(p.Key.Value), key: p.Key.Text(), value: e.text(p.Value.Text())})
	}
	s.Consumer.Action = uses.String()
	s.uses(uses.Text())
	s.outputs(outer)
}

func (s *ghStep) run(t Text, shell string, e *ghEval, outer *Scope) {
	lang, _, _ := strings.Cut(shell, " ")
	lang = strings.TrimSuffix(path.Base(lang), ".exe")
	if lang == "." || shell == "" {
		lang = "bash"
		if pwshVar().MatchString(t.S) { // the shell of Windows, when none is named
			lang = "pwsh"
		}
	}
	s.script(t, lang, e, outer)
}

func (s *ghStep) script(t Text, lang string, e *ghEval, outer *Scope) {
	after := s.d.Shell(Script{Text: t, Lang: lang, Holes: e.holes(t), Env: s.scope, Consumer: s.Consumer, Group: s.group, OIDC: s.federated(), Scopes: s.perms, Registry: s.registry})
	id := strings.ToLower(s.node.Get("id").String())
	for name, v := range after.names {
		if n, ok := strings.CutPrefix(name, writtenEnv); ok && outer.names != nil {
			outer.Bind("env."+strings.ToLower(n), v)
			outer.Bind(n, v)
		}
		if n, ok := strings.CutPrefix(name, writtenOutput); ok && id != "" && outer.names != nil {
			outer.Bind("steps."+id+".outputs."+strings.ToLower(n), v)
		}
	}
}

// federated tells whether the job may ask for an identity token.
func (s *ghStep) federated() bool { return federated(s.perms) }

func federated(perms []string) bool {
	return slices.Contains(perms, "id-token:write") || slices.Contains(perms, "*:write")
}

// refs emits o once for each reference in v, where it stands, and tells whether there were any.
func (s *ghStep) refs(o Occurrence, v Value, role connection.Role) bool {
	o.Role = role
	o.Consumer = s.Consumer
	found := s.d.EmitRefs(o, v, s.perms)
	if found && tells(o.Kind) && v.At.Placed() && !s.holds(v) { // bound elsewhere, used here
		o.Refs, o.Auth = storedRefs(v), refsAuth(v, o.Auth)
		s.at(o, v.At)
	}
	return found
}

// tells marks the kinds that stand by themselves, whatever reference they take.
func tells(k connection.Kind) bool {
	return k == connection.RegistryLogin || k == connection.FederatedTrust || k == connection.AppToken || k == connection.SSH
}

// holds tells whether one of the references of v stands within its text.
func (s *ghStep) holds(v Value) bool {
	for _, r := range v.Refs {
		if p := r.At; r.In == s.d && p.Placed() && p.Pos(0) >= v.At.Pos(0) && p.Pos(0) <= v.At.Pos(len(v.At.S)) {
			return true
		}
	}
	return false
}

// at emits o at a text of the step.
func (s *ghStep) at(o Occurrence, t Text) {
	o.Location, o.Consumer = s.d.Location(t), s.Consumer
	s.d.claim(t.Pos(0))
	s.d.Emit(o)
}

// EmitRefs emits o once for each reference in v, at the place where it stands,
// which may be in a document that called this one, and notes it as told, so that
// a later sweep does not report it as a bare reference. It tells whether v held
// any. Scopes are those of the job token.
func (d *Document) EmitRefs(o Occurrence, v Value, scopes []string) bool {
	for _, r := range v.Refs {
		if !r.At.Placed() { // what a command printed: told where it is used
			continue
		}
		in := r.In
		if in == nil {
			in = d
		}
		p := o
		p.Location, p.Document = in.Location(r.At), in.dialect.ID
		p.Refs, p.Via, p.Incomplete = []string{r.Name}, r.Via, o.Incomplete || r.Incomplete
		if !taken(&p, r, scopes) {
			continue
		}
		in.Emit(p)
		in.claim(r.At.Pos(0))
		if r.Incomplete {
			in.Gap(scanner.Gap{Line: p.Location.Line, Column: p.Location.Column, Reason: scanner.Unsupported, Minor: true,
				Detail: "which secrets are taken is computed at run time: all of them count as taken"})
		}
	}
	return len(v.Refs) > 0
}

// taken fits an occurrence to the reference that it takes. It is false for a
// reference that makes no connection of its own.
func taken(p *Occurrence, r Ref, scopes []string) bool {
	switch {
	case r.Derived: // nothing of its own to declare unless it logs in somewhere
		if p.Kind == connection.SecretRef || p.Kind == connection.Webhook || p.Role == connection.RoleUsername {
			return false
		}
		p.Refs, p.Auth = nil, r.Auth
	case strings.HasSuffix(r.Name, ":job-token"):
		takenJobToken(p, r, scopes)
	case strings.HasPrefix(r.Name, "github:var:") && p.Kind == connection.SecretRef:
		return false
	case p.Auth == "":
		p.Auth = connection.Static
	}
	if p.Kind == connection.SecretRef && storeProvider(r.Name) != "" {
		p.Kind = connection.StoreRef
	}
	if r.Alt && p.Group != "" && (p.Role == connection.RoleSecret || p.Role == "") {
		p.Group += "/" + r.Name
	}
	if strings.HasSuffix(r.Name, ":*") {
		p.Scopes = []string{"*"}
	}
	return true
}

// takenJobToken fits an occurrence to the platform's own token: a plain
// reference is the token itself, a login stays one.
func takenJobToken(p *Occurrence, r Ref, scopes []string) {
	platform, _, _ := strings.Cut(r.Name, ":")
	p.Auth = connection.Ambient
	switch {
	case p.Kind == connection.SecretRef || p.Kind == connection.AppToken || p.Kind == connection.JobToken:
		if p.Kind != connection.JobToken {
			p.Kind, p.Endpoint, p.Account, p.Group, p.Principal = connection.JobToken, "", "", "", ""
		}
		p.Provider, p.Scopes = platform, scopes
	case p.Kind == connection.RegistryLogin && p.Provider == "" && p.Endpoint == "": // to the platform's own, by a variable
		p.Provider = platform
	}
}

// sweep emits the references that nothing has claimed, as plain references, in
// all parts of the file.
func (w *ghFile) sweep() {
	for _, p := range w.later {
		w.sweepNode(p.node, p.key, p)
	}
}

func (w *ghFile) sweepNode(n *Node, key string, p ghPart) {
	seen := map[*Node]bool{}
	var visit func(n *Node, key string)
	visit = func(n *Node, key string) {
		if n = n.Deref(); n == nil || seen[n] || slices.Contains(p.skip, n) {
			return
		}
		seen[n] = true
		if n.Kind == ScalarNode {
			w.sweepText(n.Text(), key, p)
		}
		for _, q := range n.pairs {
			visit(q.Key, "")
			visit(q.Value, q.Key.Value)
		}
		for _, c := range n.items {
			visit(c, key)
		}
	}
	visit(n, key)
}

func (w *ghFile) sweepText(t Text, key string, p ghPart) {
	w.identity(t, key, p)
	if key != "run" && key != "url" && strings.Contains(t.S, "@") {
		w.userinfo(t, key, p)
	}
	if !strings.Contains(t.S, "${{") && key != "if" {
		w.d.inPlain(key, t, p.consumer)
		return
	}
	g := w.eval(p.scope)
	g.mention = func(r Ref) {
		if r.In == w.d && !w.d.claimed[r.At.Pos(0)] {
			w.plain(r, key, p.consumer, p.perms...)
		}
	}
	if key == "if" && !strings.Contains(t.S, "${{") {
		g.expression(t)
		return
	}
	g.text(t)
}

// plain emits a reference that nothing known takes. The name it is bound to
// may tell the provider where its own does not.
func (w *ghFile) plain(r Ref, key string, c connection.Consumer, perms ...string) {
	o := Occurrence{Kind: connection.SecretRef, Construct: "expression", Role: connection.RoleSecret, Consumer: c}
	if name := refName(r.Name); !SecretName(name) && name != "*" {
		o.Role = "" // it may be a user name or an address that is kept as a secret
	}
	if key != "" && !strings.Contains(r.Name, "job-token") {
		o.Construct = key
		bound := key
		if name := w.d.assigned(r.At); name != "" {
			bound = name
		}
		o.Provider, o.ProviderFrom = boundProvider(refName(r.Name), bound)
		if stem, ok := credentialStem(key); ok {
			o.Group = w.prefix() + c.Job + "/" + c.Step + "/env/" + stem
		}
	}
	w.d.EmitRefs(o, Value{Refs: []Ref{r}}, perms)
}

// assigned is the name that text gives to an expression: MAVEN_TOKEN of
// -DMAVEN_TOKEN=${{ secrets.X }}. At is in the expression.
func (d *Document) assigned(at Text) string {
	line := d.Data[:at.Pos(0)]
	line = line[bytes.LastIndexByte(line, '\n')+1:]
	i := bytes.LastIndex(line, []byte("${{"))
	if i < 0 || len(bytes.TrimSpace(line[i+3:])) > 0 {
		return ""
	}
	name, ok := bytes.CutSuffix(bytes.TrimRight(line[:i], `"'\`), []byte("="))
	if !ok {
		return ""
	}
	start := len(name)
	for start > 0 && (word(name[start-1]) || name[start-1] == '.' || name[start-1] == '-') {
		start--
	}
	named := string(name[start:])
	if strings.HasPrefix(named, "-P") || strings.HasPrefix(named, "-D") { // of Gradle, of Java
		return named[2:]
	}
	return named
}

// boundProvider infers from a secret's name and that of the variable or input it
// is bound to. What reads the variable knows what it wants, so that its name
// comes first, but for those of AWS, which everything that speaks S3 reads.
func boundProvider(name, key string) (string, connection.From) {
	if p, sure, ok := byName(key); ok && sure && p != "aws" && p != "maven-central" {
		return p, connection.FromName
	}
	return nameProvider(name, key)
}

// credentialStem is what the variables of one credential have in common:
// AZURE of AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID.
func credentialStem(key string) (string, bool) {
	key = strings.ToUpper(key)
	for _, s := range credentialParts {
		if stem, ok := strings.CutSuffix(key, s); ok && stem != "" {
			return stem, true
		}
	}
	return "", false
}

var credentialParts = []string{"_ACCESS_KEY_ID", "_SECRET_ACCESS_KEY", "_ACCESS_KEY", "_SESSION_TOKEN", "_CLIENT_ID", "_CLIENT_SECRET", "_TENANT_ID",
	"_SUBSCRIPTION_ID", "_USERNAME", "_PASSWORD", "_USER", "_PASS", "_LOGIN", "_PASSPHRASE"}

// userinfo emits URLs that carry a user or password.
func (w *ghFile) userinfo(t Text, key string, p ghPart) {
	g := w.eval(p.scope)
	w.d.URLs(t, func(part Text) []Ref { return g.text(part).Refs }, key, p.consumer)
}

// identity emits a role or workload identity that is written out where no
// table expects one.
func (w *ghFile) identity(t Text, key string, p ghPart) {
	if w.d.claimed[t.Pos(0)] {
		return
	}
	auth := connection.Ambient
	if federated(p.perms) {
		auth = connection.OIDC
	}
	w.d.role(t, key, auth, p.consumer)
}

// nameProvider infers from the first name that is sure, else the first that guesses.
func nameProvider(names ...string) (string, connection.From) {
	guess := ""
	for _, n := range names {
		p, sure, ok := byName(n)
		if ok && sure {
			return p, connection.FromName
		}
		if ok && guess == "" {
			guess = p
		}
	}
	if guess == "" {
		return "", ""
	}
	return guess, connection.FromName
}

// uses reads a step that calls an action.
func (s *ghStep) uses(t Text) {
	ref := t.S
	switch {
	case ownPath(ref) != "":
		s.local(t)
	case strings.HasPrefix(ref, "docker://"):
		image := strings.TrimPrefix(ref, "docker://")
		host, space := ImageHost(image)
		if host != dockerHub && !Internal(host) {
			o := Occurrence{Kind: connection.Endpoint, Construct: "uses", Endpoint: host, Account: hostAccount(host, space), Auth: connection.None}
			s.at(o, t)
		}
		s.inputs("")
	default:
		name, _, _ := strings.Cut(strings.ToLower(ref), "@")
		s.integrate(t, name)
	}
}

// ownPath is the path that a uses of the same repository names, ./x in the work
// tree or $/x at the workflow's own commit; "" for one of another repository.
func ownPath(uses string) string {
	for _, own := range []string{"./", "$/"} {
		if p, ok := strings.CutPrefix(uses, own); ok {
			return path.Clean(p)
		}
	}
	return ""
}

// inputs emits the references of inputs that no table knows.
func (s *ghStep) inputs(provider string) {
	for i := range s.with {
		in := &s.with[i]
		if in.taken {
			continue
		}
		o := Occurrence{Kind: connection.SecretRef, Construct: "with"}
		for _, r := range in.value.Refs {
			p := o
			p.Provider, p.ProviderFrom = boundProvider(refName(r.Name), in.name)
			if p.Provider == "" && provider != "" {
				p.Provider, p.ProviderFrom = provider, connection.FromIntegration
			}
			role := connection.RoleSecret
			if !SecretName(refName(r.Name)) && !SecretName(in.name) {
				role = ""
			}
			s.refs(p, Value{Refs: []Ref{r}}, role)
		}
	}
}

// local follows an action of the same tree with what the step hands it.
func (s *ghStep) local(t Text) {
	dir := ownPath(t.S)
	for _, name := range []string{"action.yml", "action.yaml"} {
		p := path.Join(dir, name)
		if !s.mayFollow(p) {
			continue
		}
		sub := s.d.Sub(p)
		if sub == nil {
			continue
		}
		call := s.callScope(p)
		for _, in := range s.with {
			call.scope.Bind("inputs."+in.name, in.value.Through(in.name))
		}
		for _, root := range sub.YAML() {
			if root.Get("runs") != nil {
				readAction(sub, root, call)
			}
		}
		s.d.Join(sub)
		return
	}
	s.unknown(strings.ToLower(dir), t)
}

func (w *ghFile) mayFollow(p string) bool {
	return w.call == nil || w.call.depth < maxBinding && !slices.Contains(w.call.paths, p)
}

// callScope is what a callee starts with: the environment, by its names, and
// nothing of inputs or secrets.
func (s *ghStep) callScope(p string) *ghCall {
	c := &ghCall{scope: &Scope{names: map[string]Value{}}, consumer: s.Consumer, paths: []string{p}, perms: s.perms}
	c.id = s.d.Path + "/" + s.Consumer.Job + "/" + s.Consumer.Step
	if s.call != nil {
		c.id = s.call.id + "/" + c.id
		c.depth = s.call.depth + 1
		c.paths = append(slices.Clone(s.call.paths), p)
	}
	for sc := s.scope; sc != nil; sc = sc.outer {
		for k, v := range sc.names {
			if _, have := c.scope.names[k]; !have && !strings.HasPrefix(k, "inputs.") && !strings.HasPrefix(k, "secrets.") &&
				!strings.HasPrefix(k, "steps.") && !strings.HasPrefix(k, "needs.") && !strings.HasPrefix(k, "matrix.") {
				c.scope.names[k] = v
			}
		}
	}
	return c
}

// readAction reads action metadata: the steps of a composite action, the image
// of a Docker one. Without a call its inputs are unknown.
func readAction(d *Document, root *Node, call *ghCall) {
	w := &ghFile{d: d, root: root, call: call}
	scope := &Scope{names: map[string]Value{}}
	c := connection.Consumer{Path: d.Path}
	var perms []string
	if call != nil {
		scope, perms = call.scope.Inner(), call.perms
		c = call.consumer
		c.Path = d.Path
	}
	w.bindInputs(scope)
	runs := root.Get("runs")
	if image := runs.Get("image").String(); strings.HasPrefix(image, "docker://") {
		host, space := ImageHost(strings.TrimPrefix(image, "docker://"))
		if host != dockerHub && !Internal(host) {
			o := d.Occurrence(connection.Endpoint, "image", runs.Get("image").Text())
			o.Endpoint, o.Account, o.Auth, o.Consumer = host, hostAccount(host, space), connection.None, c
			d.Emit(o)
		}
	}
	w.steps(runs.Get("steps"), scope, c, perms)
	w.later = append(w.later, ghPart{root, "", scope, c, []*Node{runs.Get("steps")}, perms})
	w.sweep()
}

// reusable reads a job that calls a workflow.
func (w *ghFile) reusable(job *Node, scope *Scope, c connection.Consumer, perms []string) {
	uses := job.Get("uses")
	c.Action = uses.String()
	s := &ghStep{ghFile: w, node: job, scope: scope, Consumer: c, perms: perms, group: c.Job + "/uses"}
	e := s.eval(scope)
	secrets := job.Get("secrets")
	if ownPath(c.Action) != "" && s.callee(job, e, secrets) {
		return
	}
	o := s.delegated()
	if secrets.String() == "inherit" {
		t := secrets.Text()
		o.Refs, o.Scopes, o.Auth, o.Incomplete = []string{githubAll}, []string{"*"}, connection.Static, true
		if ownPath(c.Action) != "" { // our own: what it does with them, its own file tells
			o.Kind, o.Provider = connection.SecretRef, ""
		} else {
			s.at(o, uses.Text())
		}
		s.at(o, t)
		l := w.d.Location(t)
		w.d.Gap(scanner.Gap{Line: l.Line, Column: l.Column, Reason: scanner.Outside, Minor: true,
			Detail: "all secrets are handed to a workflow that is not in this tree"})
		return
	}
	s.handed(o, e, append(slices.Clone(secrets.Pairs()), job.Get("with").Pairs()...), uses.Text())
}

// handed emits the secrets that a called workflow is given, each where it
// stands and as what it is, and the call with their names.
func (s *ghStep) handed(o Occurrence, e *ghEval, pairs []Pair, uses Text) {
	for _, p := range pairs {
		for _, r := range e.text(p.Value.Text()).Refs {
			if r.Derived || strings.HasPrefix(r.Name, "github:var:") {
				continue
			}
			one := Occurrence{Kind: connection.SecretRef, Construct: "secrets"}
			one.Provider, one.ProviderFrom = boundProvider(refName(r.Name), p.Key.Value)
			role := connection.RoleSecret
			if !SecretName(refName(r.Name)) && !SecretName(p.Key.Value) {
				role = ""
			}
			s.refs(one, Value{Refs: []Ref{r}}, role)
			if !slices.Contains(o.Refs, r.Name) {
				o.Refs = append(o.Refs, r.Name)
			}
		}
	}
	if len(o.Refs) > 0 && ownPath(s.Consumer.Action) == "" {
		o.Role, o.Auth = connection.RoleScope, connection.Static
		s.at(o, uses)
	}
}

// delegated is the call of a workflow elsewhere.
func (s *ghStep) delegated() Occurrence {
	name, _, _ := strings.Cut(s.Consumer.Action, "@")
	o := Occurrence{Kind: connection.DelegatedCall, Construct: "uses", Provider: "github", Principal: name, Group: s.group}
	if owner, _, ok := strings.Cut(name, "/"); ok && ownPath(name) == "" {
		o.Account = owner
	}
	return o
}

// callee follows a workflow of the same tree. It is false when there is none.
func (s *ghStep) callee(job *Node, e *ghEval, secrets *Node) bool {
	p := ownPath(s.Consumer.Action)
	if !s.mayFollow(p) {
		return true
	}
	sub := s.d.Sub(p)
	if sub == nil {
		return false
	}
	call := s.callScope(p)
	call.scope = &Scope{names: map[string]Value{}} // env does not reach a called workflow
	for _, q := range job.Get("with").Pairs() {
		call.scope.Bind("inputs."+strings.ToLower(q.Key.Value), e.text(q.Value.Text()).Through(q.Key.Value))
	}
	for _, q := range secrets.Pairs() {
		call.scope.Bind("secrets."+strings.ToLower(q.Key.Value), e.text(q.Value.Text()).Through(q.Key.Value))
	}
	if s.call != nil && secrets.String() == "inherit" {
		for k, v := range s.call.scope.names {
			if strings.HasPrefix(k, "secrets.") {
				call.scope.Bind(k, v)
			}
		}
	}
	for _, root := range sub.YAML() {
		if root.Get("jobs") != nil {
			newWorkflow(sub, root, call).read()
		}
	}
	s.d.Join(sub)
	return true
}
