package pipeline

import (
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// jenkins reads pipelines, shared libraries and configuration as code of
// Jenkins. Source: www.jenkins.io/doc/pipeline/steps; pipelines.md 2.6.
var jenkins = Dialect{ID: "jenkins", Path: jenkinsPath, Content: jenkinsContent, Read: readJenkins}

func jenkinsPath(p string) bool {
	base := strings.ToLower(path.Base(p))
	return strings.HasPrefix(base, "jenkinsfile") && !strings.HasSuffix(base, ".md") && !strings.HasSuffix(base, ".txt") || strings.HasSuffix(base, ".jenkinsfile") || strings.HasSuffix(base, ".jenkins") ||
		strings.HasSuffix(base, ".groovy") && (strings.HasPrefix(p, "vars/") || strings.Contains(p, "/vars/") || strings.Contains(strings.ToLower(p), "jenkins")) ||
		base == "jenkins.yaml" || base == "jenkins.yml" || base == "jenkins-casc.yaml" || base == "casc.yaml"
}

func jenkinsContent(p string, head *Head) bool {
	s := head.Text
	switch path.Ext(p) {
	case ".groovy", "":
		return strings.Contains(s, "withCredentials(") || strings.Contains(s, "pipeline {") && strings.Contains(s, "agent ") || strings.Contains(s, "pipelineJob(") || strings.Contains(s, "credentialsId:")
	case ".yaml", ".yml":
		return strings.Contains(s, "domainCredentials:") || head.Top("jenkins") && strings.Contains(s, "securityRealm:")
	case ".xml":
		return strings.Contains(s, "<flow-definition") || strings.Contains(s, "<project>\n  <actions") || strings.Contains(s, "<com.cloudbees.plugins.credentials")
	}
	return false
}

const jenkinsStore = "jenkins:credential:"

type jenkinsFile struct {
	d       *Document
	kotlin  bool
	strs    map[string]Text // string constants by name
	own     map[string]bool // names that the file assigns
	scripts int
	pending []Occurrence // credentials, told unless a use claims them
	ats     []int
	helpers map[string]jenkinsHelper
	called  map[string]bool // functions
	names   map[int]string  // by the index in pending, the variable that it is bound to
}

func readJenkins(d *Document) {
	switch path.Ext(d.Path) {
	case ".yaml", ".yml":
		readCasC(d)
		return
	case ".xml":
		readJenkinsXML(d)
		return
	}
	f := &jenkinsFile{d: d, strs: map[string]Text{}, own: map[string]bool{}, names: map[int]string{}, helpers: map[string]jenkinsHelper{}, called: map[string]bool{}}
	stmts := d.Groovy(false)
	f.constants(stmts, 0)
	scope := &Scope{names: map[string]Value{}}
	f.stmts(stmts, scope, connection.Consumer{Path: d.Path}, 0)
	f.flush()
}

// constants notes the strings that names are bound to.
func (f *jenkinsFile) constants(es []*gExpr, depth int) {
	if depth > maxDepth {
		return
	}
	for _, e := range es {
		if e == nil {
			continue
		}
		if e.Set != nil && e.Name != "" {
			name := strings.TrimPrefix(e.Name, "env.")
			f.own[name] = true
			if e.Set.Str != nil {
				if t := f.d.content(e.Set.Str); !strings.Contains(t.S, "$") && len(t.S) < 1024 {
					f.strs[name] = t
				}
			}
		}
		if e.Call && e.Name == "string" && e.arg("defaultValue") != nil && e.arg("name") != nil { // a parameter
			if n, v := f.text(e.arg("name")), f.text(e.arg("defaultValue")); n.S != "" && v.S != "" {
				f.strs["params."+n.S] = v
			}
		}
		f.helper(e)
		f.constants(e.Body, depth+1)
		f.constants(e.Parts, depth+1)
		for _, a := range e.Args {
			f.constants([]*gExpr{a.Val}, depth+1)
		}
		f.constants([]*gExpr{e.Set}, depth+1)
	}
}

// text is the literal text of an expression, by a constant where it is a name;
// the zero Text when it is not known.
func (f *jenkinsFile) text(e *gExpr) Text {
	switch {
	case e == nil:
	case e.Str != nil:
		t := f.d.content(e.Str)
		if e.Str.interp && strings.Contains(t.S, "$") {
			if v, ok := f.strs[strings.TrimPrefix(strings.Trim(t.S, "${}"), "env.")]; ok {
				t.at = make([]int32, len(v.S)+1)
				for i := range t.at {
					t.at[i] = int32(e.Str.from)
				}
				t.S = v.S
			}
		}
		return t
	case e.Name != "" && !e.Call:
		if v, ok := f.strs[strings.TrimPrefix(e.Name, "env.")]; ok {
			return Text{S: v.S, at: placed(len(v.S), e.At.Pos(0)), set: true}
		}
	case len(e.Parts) > 0: // 'https://' + HOST
		if t := f.text(e.Parts[0]); strings.Contains(t.S, "://") {
			return t
		}
	}
	return Text{}
}

// placed puts n bytes at one offset.
func placed(n, off int) []int32 {
	at := make([]int32, n+1)
	for i := range at {
		at[i] = int32(off)
	}
	return at
}

// id is the reference that an expression for the id of a credential makes.
func (f *jenkinsFile) id(e *gExpr) (Ref, bool) {
	if e == nil || e.List {
		return Ref{}, false
	}
	t := f.text(e)
	if t.S != "" {
		r := Ref{Name: jenkinsStore + t.S, At: t, In: f.d}
		if e.Str != nil && e.Str.interp && strings.Contains(t.S, "$") {
			r.Incomplete = true
		}
		if e.Str == nil {
			r.At = e.At
		}
		return r, true
	}
	if e.Str != nil || e.Name == "" && len(e.Parts) == 0 || e.Name == "null" || e.Name == "scm" || f.given(e.Name) {
		return Ref{}, false
	}
	name := f.d.Text(e.At.Pos(0), e.At.Pos(len(e.At.S)))
	if len(e.Parts) > 0 && (e.Name == "?" || e.Name == "+" || e.Name == "|") {
		for _, p := range e.Parts {
			if p.Str != nil {
				return f.id(p)
			}
		}
	}
	return Ref{Name: jenkinsStore + "${" + name.S + "}", At: e.At, In: f.d, Incomplete: true}, true
}

var jenkinsID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(credentials?_?ids?|cred_?ids?|tokenids?|kubeconfigid|credentialsidentifier|apitokencredential|secretid)$`)
})

func (f *jenkinsFile) stmts(es []*gExpr, scope *Scope, c connection.Consumer, depth int) {
	for _, e := range es {
		f.expr(e, scope, c, depth+1)
	}
}

// expr reads an expression and all in it.
func (f *jenkinsFile) expr(e *gExpr, scope *Scope, c connection.Consumer, depth int) {
	if e == nil || depth > maxDepth {
		return
	}
	if e.Str != nil {
		f.url(e, scope, c)
		return
	}
	if e.Set != nil {
		f.assign(e, scope, c, depth)
		return
	}
	for _, p := range e.Parts {
		f.expr(p, scope, c, depth+1)
	}
	inner := scope
	if e.Call || e.List {
		if e.Name == "stage" {
			if t := f.text(e.pos(0)); t.S != "" {
				c.Job = t.S
			}
		}
		if e.Block && e.Name != "environment" {
			inner = scope.Inner()
		}
		f.call(e, inner, c)
	}
	for _, a := range e.Args {
		if a.Name != "script" || !jenkinsShell[e.Name] {
			if a.Val.Str == nil || !jenkinsShell[e.Name] {
				f.expr(a.Val, inner, c, depth+1)
			}
		}
	}
	f.stmts(e.Body, inner, c, depth+1)
}

// assign binds X = credentials('id') and strings.
func (f *jenkinsFile) assign(e *gExpr, scope *Scope, c connection.Consumer, depth int) {
	name := strings.TrimPrefix(e.Name, "env.")
	v := e.Set
	if v.Call && (v.Name == "credentials" || strings.HasSuffix(v.Name, ".credentials")) && v.pos(0) != nil {
		if r, ok := f.id(v.pos(0)); ok {
			f.bind(r, "credentials", scope, c, "", name, name+"_USR", name+"_PSW")
		}
		return
	}
	if v.Str != nil {
		t := f.d.content(v.Str)
		f.url(v, scope, c)
		scope.Bind(name, f.gstring(t, v.Str.interp, scope))
		o := Occurrence{Kind: connection.Literal, Construct: name, Auth: connection.Static, Role: connection.RoleSecret, Consumer: c}
		if tfSecretName(name) && !strings.Contains(t.S, "$") && !noValue(t.S) && len(t.S) >= 8 && !strings.Contains(t.S, "://") && !idLike(name, t.S) {
			o.Location = f.d.Location(t)
			f.d.Emit(o)
		}
	}
	f.expr(v, scope, c, depth+1)
}

// idLike tells the id of a credential, which is often bound to a name that says
// credential, from a credential itself: words with hyphens.
func idLike(name, s string) bool {
	l := strings.ToLower(name)
	return strings.Contains(l, "cred") || strings.Contains(l, "webhook") || strings.ContainsAny(s, " /") || !strings.ContainsAny(s, "0123456789") || strings.Count(s, "-") >= 1 && strings.ToLower(s) == s
}

// gstring is what a string stands for, names in it looked up.
func (f *jenkinsFile) gstring(t Text, interp bool, scope *Scope) Value {
	v := Literal(t)
	if !interp {
		return v
	}
	v.Lit = ""
	last := 0
	for _, m := range findGroovy(t.S) {
		v.Lit += t.S[last:m.start]
		last = m.end
		have, ok := scope.Lookup(m.name)
		if !ok || have.Open {
			v.Open = true
		}
		if len(v.Lit) < maxPrinted {
			v.Lit += have.Lit
		}
		v.Refs = append(v.Refs, have.Refs...)
	}
	v.Lit += t.S[last:]
	if len(v.Refs) > maxFanOut {
		v.Refs = v.Refs[:maxFanOut]
	}
	return v
}

// findGroovy finds $x and ${x}; the name of an expression is what follows env.
func findGroovy(s string) []varMention {
	var out []varMention
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '$' {
			continue
		}
		if s[i+1] == '{' {
			if j := closing(s, i+1); j > 0 {
				out = append(out, varMention{i, j + 1, strings.TrimPrefix(strings.TrimSpace(s[i+2:j]), "env.")})
				i = j
			}
			continue
		}
		j := i + 1
		for j < len(s) && (word(s[j]) || s[j] == '.' && strings.HasPrefix(s[i+1:], "env.") && j == i+4) {
			j++
		}
		if j > i+1 && !digit(s[i+1]) {
			out = append(out, varMention{i, j, strings.TrimPrefix(s[i+1:j], "env.")})
			i = j - 1
		}
	}
	return out
}

// bind notes a credential at its place and the names that it is bound to.
func (f *jenkinsFile) bind(r Ref, construct string, scope *Scope, c connection.Consumer, provider string, names ...string) {
	o := Occurrence{Kind: connection.SecretRef, Construct: construct, Provider: provider, Role: connection.RoleWhole, Auth: connection.Static, Refs: []string{r.Name}, Incomplete: r.Incomplete, Consumer: c}
	o.Location = f.d.Location(r.At)
	if len(names) > 0 {
		f.names[len(f.pending)] = names[0]
	}
	f.note(o, r)
	for _, n := range names {
		if n != "" {
			scope.Bind(n, Value{At: r.At, Refs: []Ref{r}, Open: true}.Through(n))
		}
	}
}

// flush emits the credentials that no use has told more of.
func (f *jenkinsFile) flush() {
	for i, o := range f.pending {
		if f.d.claimed[f.ats[i]] {
			continue
		}
		if p, sure, ok := byName(refName(strings.ReplaceAll(strings.TrimPrefix(o.Refs[0], jenkinsStore), "/", "_"))); ok && (sure || o.Provider == "") && o.Kind == connection.SecretRef && (o.Provider == "" || o.Provider == "ssh") {
			o.Provider, o.ProviderFrom = p, connection.FromName
		} else if p, sure, ok := byName(f.names[i]); ok && sure && o.Provider == "" {
			o.Provider, o.ProviderFrom = p, connection.FromName
		}
		f.d.Emit(o)
		if o.Incomplete {
			l := o.Location
			f.d.Gap(scanner.Gap{Line: l.Line, Column: l.Column, Reason: scanner.Unsupported, Minor: true, Detail: "which credential is taken is computed at run time"})
		}
	}
}

// url emits what URLs in a string carry.
func (f *jenkinsFile) url(e *gExpr, scope *Scope, c connection.Consumer) {
	t := f.d.content(e.Str)
	if !strings.Contains(t.S, "://") {
		return
	}
	f.d.URLs(t, func(part Text) []Ref {
		if !e.Str.interp {
			return nil
		}
		return f.gstring(part, true, scope).Refs
	}, "url", c)
}

var jenkinsShell = map[string]bool{"sh": true, "bat": true, "powershell": true, "pwsh": true, "sshScript": true}

// shell reads the script of a step.
func (f *jenkinsFile) shell(e *gExpr, scope *Scope, c connection.Consumer) {
	v := e.arg("script")
	if v == nil {
		v = e.pos(0)
	}
	for _, s := range f.strings(v, 0) {
		t := f.d.content(s.Str)
		f.scripts++
		lang := map[string]string{"sh": "bash", "bat": "cmd", "powershell": "powershell", "pwsh": "pwsh"}[e.Name]
		sc := Script{Text: t, Lang: lang, Env: scope, Consumer: c, Group: c.Job + "/sh" + strconv.Itoa(f.scripts), NoDownloads: true}
		if s.Str.interp {
			for _, m := range findGroovy(t.S) {
				if t.S[m.start:m.end] == "${"+m.name+"}" && strings.Trim(m.name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == "" || t.S[m.start:m.end] == "$"+m.name {
					continue
				}
				have, _ := scope.Lookup(m.name)
				sc.Holes = append(sc.Holes, Hole{m.start, m.end, have})
			}
		}
		sc.Unknown = func(name string, at Text) Value {
			if f.own[name] || shellOwn[name] || !credentialName(name) || !at.Placed() {
				return Value{Open: true}
			}
			return Value{At: at, Refs: []Ref{{Name: "jenkins:env:" + name, At: at, In: f.d}}, Open: true}
		}
		f.d.Shell(sc)
	}
}

// strings gives the strings of an expression: alternatives and parts.
func (f *jenkinsFile) strings(e *gExpr, depth int) []*gExpr {
	if e == nil || depth > maxBinding {
		return nil
	}
	if e.Str != nil {
		return []*gExpr{e}
	}
	var out []*gExpr
	for _, p := range e.Parts {
		out = append(out, f.strings(p, depth+1)...)
	}
	return out
}
