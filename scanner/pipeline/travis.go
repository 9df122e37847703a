package pipeline

import (
	"path"
	"regexp"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// travisCI reads .travis.yml. Source: docs.travis-ci.com; pipelines.md 2.5.
var travisCI = Dialect{ID: "travis-ci", Path: travisPath, Content: travisContent, Read: readTravis, Line: travisLine}

func travisPath(p string) bool {
	b := path.Base(p)
	return b == ".travis.yml" || b == ".travis.yaml" || b == "travis.yml" || strings.HasPrefix(b, ".travis") && yamlExt(b)
}

func travisContent(p string, head *Head) bool {
	return yamlExt(p) && head.Top("language") && (head.Top("script") || head.Top("install") || head.Top("before_install") || head.Top("deploy"))
}

type travisFile struct{ varReader }

// Phases in the order in which they run. Source: docs.travis-ci.com/user/job-lifecycle.
var travisPhases = []string{"before_install", "install", "before_script", "script", "before_cache", "after_success", "after_failure", "before_deploy", "after_deploy", "after_script"}

func readTravis(d *Document) {
	for _, root := range d.YAML() {
		f := &travisFile{}
		f.varReader = varReader{d: d, store: "travis:env:", own: travisOwn, kind: travisKind}
		c := connection.Consumer{Path: d.Path}
		f.job(root, (*Scope)(nil).Inner(), c)
		f.imports(root.Get("import"), c)
		f.flush(nil)
	}
}

func travisLine(d *Document, line Text) { varLine(d, line, "travis:env:", travisOwn) }

// travisOwn tells what Travis itself defines, and the second half of a key pair
// of travis encrypt-file.
func travisOwn(name string) (Value, bool) {
	return Value{}, strings.HasPrefix(name, "TRAVIS_") && !credentialName(name) || name == "TRAVIS_SECURE_ENV_VARS" ||
		strings.HasPrefix(name, "encrypted_") && strings.HasSuffix(name, "_iv")
}

func travisKind(ref string) connection.Kind {
	if strings.HasPrefix(ref, "travis:env:encrypted_") {
		return connection.Encrypted
	}
	return connection.SecretRef
}

// job reads the root, or an entry of the matrix that overrides it.
func (f *travisFile) job(n *Node, outer *Scope, c connection.Consumer) {
	scope := f.env(n.Get("env"), outer, c)
	var lines []Text
	var done []*Node
	for _, phase := range travisPhases {
		lines = append(lines, scriptLines(n.Get(phase), 0)...)
		done = append(done, n.Get(phase))
	}
	f.script(lines, "bash", scope, c, false)
	for _, x := range n.Get("deploy").List() {
		f.deploy(x, scope, c)
	}
	for _, key := range []string{"jobs", "matrix"} {
		m := n.Get(key)
		list := m.Get("include").Items()
		if m.Is(SeqNode) {
			list = m.Items()
		}
		for _, j := range list {
			c := c
			if c.Job = j.Get("name").String(); c.Job == "" {
				c.Job = j.Get("stage").String()
			}
			f.job(j, scope, c)
		}
		done = append(done, m)
	}
	f.addons(n.Get("addons"), scope, c)
	f.notifications(n.Get("notifications"), scope, c)
	done = append(done, n.Get("env"), n.Get("deploy"), n.Get("addons"), n.Get("notifications"), n.Get("import"), n.Get("cache"))
	f.sweep(n, "", scope, c, done...)
	f.secure(n, "", "", c, done...)
}

// env reads env: a string, a list, or global and a matrix of either.
func (f *travisFile) env(n *Node, outer *Scope, c connection.Consumer) *Scope {
	scope := outer.Inner()
	nested := false
	for _, key := range []string{"global", "matrix", "jobs"} {
		if m := n.Get(key); m != nil && n.Is(MapNode) {
			nested = true
			for _, i := range m.List() {
				f.assignments(i, scope, c, key == "global")
			}
		}
	}
	if !nested {
		for _, i := range n.List() {
			f.assignments(i, scope, c, len(n.List()) == 1)
		}
	}
	return scope
}

// assignments reads "A=b C=$D", {A: b} or secure.
func (f *travisFile) assignments(n *Node, scope *Scope, c connection.Consumer, one bool) {
	bind := func(name string, v Value) {
		v.Open = v.Open || !one
		if !v.Empty() || !credentialName(name) {
			scope.Bind(name, v)
		}
	}
	if n.Is(ScalarNode) {
		after := f.script([]Text{n.Text()}, "bash", scope, c, false)
		for name := range assigned(n.Text().S) {
			if v, ok := after.Lookup(name); ok {
				bind(name, v)
			}
		}
		return
	}
	for _, p := range n.Pairs() {
		if p.Key.Value == "secure" {
			f.encrypted(p.Value, "env", "", c)
		} else if s := p.Value.Get("secure"); s != nil {
			f.encrypted(s, p.Key.Value, "", c)
		} else if p.Value.Is(ScalarNode) {
			v := f.text(p.Value.Text(), p.Key.Value, scope, c)
			f.urls(p.Value.Text(), scope, c)
			bind(p.Key.Value, v.Through(p.Key.Value))
		}
	}
}

var commentName = regexp.MustCompile(`#.*?\b([A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)\b`)

// encrypted emits a ciphertext. Whom it is for is told by what it configures, or
// guessed by its name or the comment that people leave at it.
func (f *travisFile) encrypted(n *Node, key, provider string, c connection.Consumer) {
	t := n.Text()
	if t.S == "" {
		return
	}
	o := f.d.Occurrence(connection.Encrypted, key, t)
	o.Provider, o.Auth, o.Role, o.Consumer = provider, connection.Static, connection.RoleSecret, c
	if o.Provider == "" {
		o.Provider, o.ProviderFrom = nameProvider(key)
	}
	if o.Provider == "" {
		o.Provider, o.ProviderFrom = nameProvider(f.comment(t))
	}
	f.d.Emit(o)
}

// comment gives a variable's name in the comment behind a text or in the line above it.
func (f *travisFile) comment(t Text) string {
	data := f.d.Data
	start, end := t.Pos(0), t.Pos(len(t.S))
	line := end
	for line < len(data) && data[line] != '\n' {
		line++
	}
	if m := commentName.FindSubmatch(data[min(end, line):line]); m != nil {
		return string(m[1])
	}
	bol := strings.LastIndexByte(string(data[max(0, start-512):start]), '\n') + max(0, start-512)
	above := string(data[max(0, bol-256):max(0, bol)])
	above = strings.TrimSpace(above[strings.LastIndexByte(above, '\n')+1:])
	if m := commentName.FindStringSubmatch(above); m != nil && strings.HasPrefix(above, "#") {
		return m[1]
	}
	return ""
}

// secure emits the ciphertexts below a node.
func (f *travisFile) secure(n *Node, key, provider string, c connection.Consumer, skip ...*Node) bool {
	found := false
	seen := map[*Node]bool{}
	var visit func(n *Node, key, provider string, depth int)
	visit = func(n *Node, key, provider string, depth int) {
		n = n.Deref()
		if n == nil || seen[n] || depth > maxDepth {
			return
		}
		for _, s := range skip {
			if s == n {
				return
			}
		}
		seen[n] = true
		for _, p := range n.Pairs() {
			if p.Key.Value == "secure" {
				f.encrypted(p.Value, key, provider, c)
				found = true
				continue
			}
			visit(p.Value, p.Key.Value, provider, depth+1)
		}
		for _, i := range n.Items() {
			visit(i, key, provider, depth+1)
		}
	}
	visit(n, key, provider, 0)
	return found
}

// imports names configurations of other repositories.
func (f *travisFile) imports(n *Node, c connection.Consumer) {
	for _, i := range n.List() {
		src := i
		if i.Is(MapNode) {
			src = i.Get("source")
		}
		name, _, ok := strings.Cut(src.String(), ":")
		if !ok || !strings.Contains(name, "/") {
			continue
		}
		o := f.d.Occurrence(connection.DelegatedCall, "import", src.Text())
		o.Provider, o.Principal, o.Consumer = "github", name, c
		o.Account, _, _ = strings.Cut(name, "/")
		f.d.Emit(o)
		f.d.Gap(outsideGap(f.d, src.Text(), "takes a part of the pipeline from another repository"))
	}
}
