package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// teamCity reads the settings of TeamCity in Kotlin and XML.
// Source: www.jetbrains.com/help/teamcity/kotlin-dsl-documentation.
var teamCity = Dialect{ID: "teamcity", Path: teamCityPath, Content: teamCityContent, Read: readTeamCity}

func teamCityPath(p string) bool {
	ext := path.Ext(p)
	if ext == ".kts" || ext == ".kt" || ext == ".xml" {
		return (strings.HasPrefix(p, ".teamcity/") || strings.Contains(p, "/.teamcity/")) && path.Base(p) != "pom.xml"
	}
	return false
}

func teamCityContent(p string, head *Head) bool {
	switch path.Ext(p) {
	case ".kts", ".kt":
		return strings.Contains(head.Text, "jetbrains.buildServer.configs.kotlin")
	}
	return false
}

const teamCityStore = "teamcity:param:"

// A tcFile is a settings file while it is read.
type tcFile struct {
	*varReader
	frames []*gExpr // blocks round what is read, outermost first
	scope  *Scope
	plain  map[string]bool // parameters that the file defines in the open
	env    map[string]bool // variables that hold its passwords
	secret bool            // what is read is a password, whatever its name
}

func readTeamCity(d *Document) {
	f := &tcFile{varReader: &varReader{d: d, store: teamCityStore, find: findPercent}, scope: (*Scope)(nil).Inner(), plain: map[string]bool{}, env: map[string]bool{}}
	f.own = f.predefined
	f.elsewhere = func(name string) (Value, bool) { return Value{}, f.plain[name] }
	if path.Ext(d.Path) == ".xml" {
		f.xml()
	} else {
		stmts := d.Groovy(true)
		f.params(stmts, 0)
		f.stmts(stmts, connection.Consumer{Path: d.Path})
	}
	f.flush(nil)
}

// predefined tells the parameters that the server sets itself, and the variables
// that parameters are to scripts.
func (f *tcFile) predefined(name string) (Value, bool) {
	if f.env[name] {
		return Value{Refs: []Ref{{Name: teamCityStore + "env." + name}}}, true
	}
	if strings.HasPrefix(name, "vault:") {
		return Value{}, true
	}
	if strings.Contains(name, "teamcity.auth.password") {
		return Value{Refs: []Ref{{Name: "teamcity:job-token", Auth: connection.Ambient}}}, true
	}
	n := strings.TrimPrefix(strings.TrimPrefix(name, "system."), "env.")
	for _, s := range []string{"teamcity.", "TEAMCITY_", "build.", "BUILD_", "vcsroot.", "agent."} {
		if strings.HasPrefix(n, s) {
			return Value{}, true
		}
	}
	return Value{}, false
}

// findPercent finds parameters, %name%; %% is a percent sign.
func findPercent(s string, _ bool) []varMention {
	var out []varMention
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		j := i + 1
		for j < len(s) && (word(s[j]) || strings.IndexByte(".-:/!@ ", s[j]) >= 0) && j-i < 256 {
			j++
		}
		name := s[i+1 : min(j, len(s))]
		if j < len(s) && s[j] == '%' && name != "" && !strings.Contains(name, "  ") && (!strings.ContainsAny(name, " :/!") || strings.HasPrefix(name, "vault:")) {
			out = append(out, varMention{i, j + 1, name})
			i = j
		} else if j < len(s) && s[j] == '%' && j == i+1 {
			i = j
		}
	}
	return out
}

// params notes which parameters stand in the open, and which are passwords.
func (f *tcFile) params(es []*gExpr, depth int) {
	if depth > maxDepth {
		return
	}
	for _, e := range es {
		if e == nil {
			continue
		}
		if n, v := f.text(e.pos(0)), e.pos(1); e.Call && n.S != "" && v != nil {
			switch e.Name {
			case "param", "text", "checkbox", "select":
				if t := f.text(v); !strings.Contains(t.S, "%") && !strings.HasPrefix(t.S, "credentialsJSON:") {
					f.plain[n.S] = true
				}
			case "password":
				f.bindEnv(n.S)
			default:
				if strings.Contains(strings.ToLower(e.Name), "password") {
					f.bindEnv(n.S)
				}
			}
		}
		f.params(e.Body, depth+1)
		f.params(e.Parts, depth+1)
		for _, a := range e.Args {
			f.params([]*gExpr{a.Val}, depth+1)
		}
		f.params([]*gExpr{e.Set}, depth+1)
	}
}

// bindEnv lets scripts know env.X as $X.
func (f *tcFile) bindEnv(name string) {
	if env, ok := strings.CutPrefix(name, "env."); ok {
		f.env[env] = true
	}
}

// text is the content of a string, also behind .trimIndent(); the zero Text for
// what is none.
func (f *tcFile) text(e *gExpr) Text {
	for n := 0; e != nil && e.Str == nil && n < maxBinding; n++ {
		if len(e.Parts) == 0 || e.Name != "trimIndent" && e.Name != "trimMargin" && e.Name != "+" {
			return Text{}
		}
		e = e.Parts[0]
	}
	if e == nil || e.Str == nil {
		return Text{}
	}
	return dollars(f.d.content(e.Str))
}

// dollars puts $ for ${'$'} and ${"$"}, by which Kotlin writes it in raw strings.
func dollars(t Text) Text {
	if !strings.Contains(t.S, "${'$'}") && !strings.Contains(t.S, `${"$"}`) || len(t.S) > maxScript {
		return t
	}
	out := Text{set: true}
	var b strings.Builder
	for i := 0; i < len(t.S); {
		out.at = append(out.at, int32(t.Pos(i)))
		if rest := t.S[i:]; strings.HasPrefix(rest, "${'$'}") || strings.HasPrefix(rest, `${"$"}`) {
			b.WriteByte('$')
			i += 6
			continue
		}
		b.WriteByte(t.S[i])
		i++
	}
	out.at = append(out.at, int32(t.Pos(len(t.S))))
	out.S = b.String()
	return out
}

func (f *tcFile) stmts(es []*gExpr, c connection.Consumer) {
	for _, e := range es {
		f.expr(e, "", c)
	}
}

// expr reads an expression that stands under a key, "" for none.
func (f *tcFile) expr(e *gExpr, key string, c connection.Consumer) {
	if e == nil || len(f.frames) > maxDepth {
		return
	}
	if t := f.text(e); t.S != "" {
		f.value(key, t, c)
		return
	}
	if e.Set != nil {
		f.expr(e.Set, e.Name, c)
		return
	}
	f.frames = append(f.frames, e)
	defer func() { f.frames = f.frames[:len(f.frames)-1] }()
	if n := f.text(e.arg("name")); e.Block && n.S != "" && !strings.Contains(n.S, "%") && f.word("buildType", "BuildType", "steps") == "" {
		c.Job = n.S
	}
	if e.Call && f.call(e, c) {
		return
	}
	for _, p := range e.Parts {
		f.expr(p, "", c)
	}
	for _, a := range e.Args {
		f.expr(a.Val, a.Name, c)
	}
	f.stmts(e.Body, c)
}

// word is the first of the names by which a block round what is read is called.
func (f *tcFile) word(names ...string) string {
	for _, e := range f.frames {
		for _, n := range names {
			if e.Name == n {
				return n
			}
		}
	}
	return ""
}

// near is the value of a key in the innermost block that has it, within a feature or root.
func (f *tcFile) near(keys ...string) Text {
	for i := len(f.frames) - 1; i >= 0 && i >= len(f.frames)-4; i-- {
		for _, k := range keys {
			if t := f.text(f.frames[i].arg(k)); t.S != "" {
				return t
			}
			for _, p := range f.frames[i].Body { // param("url", "…")
				if p.Name == "param" && p.Call && f.text(p.pos(0)).S == k {
					return f.text(p.pos(1))
				}
			}
		}
	}
	return Text{}
}

// call reads the calls that define or name credentials; it tells whether that was all.
func (f *tcFile) call(e *gExpr, c connection.Consumer) bool {
	second := e.pos(1)
	if second == nil {
		second = e.arg("value")
	}
	name, v := f.text(e.pos(0)), f.text(second)
	switch e.Name {
	case "password":
		if name.S == "" || second == nil {
			return false
		}
		f.password(name.S, v, e, c)
		return true
	default: // a helper of one's own that defines a password: hiddenPasswordVariable("env.X", …)
		if l := strings.ToLower(e.Name); strings.HasPrefix(name.S, "env.") && e.pos(1) != nil && (strings.Contains(l, "password") || strings.Contains(l, "secret")) {
			f.password(name.S, v, e, c)
			return true
		}
	case "hashiCorpVaultParameter", "hashiCorpVault":
		if q := f.near("query", "vaultQuery"); q.S != "" {
			f.vault(q, q.S, c)
		}
		return e.Name == "hashiCorpVaultParameter"
	case "param":
		if v.S == "" {
			return false
		}
		f.value(name.S, v, c)
		return true
	case "defaultPrivateKey", "customPrivateKey":
		o := f.d.Occurrence(connection.SSH, e.Name, e.At)
		o.Auth, o.Consumer = connection.Ambient, c
		f.place(&o)
		f.d.Emit(o)
	}
	return false
}

// password reads a parameter that is a password.
func (f *tcFile) password(name string, v Text, e *gExpr, c connection.Consumer) {
	if strings.Contains(v.S, "%") && len(findPercent(v.S, false)) > 0 {
		f.secret = true // whatever its name says
		f.value(name, v, c)
		f.secret = false
		return
	}
	at := v
	if v.S == "" {
		at = f.text(e.pos(0))
	}
	f.passwordAt(name, at, c)
}

func (f *tcFile) passwordAt(name string, at Text, c connection.Consumer) {
	o := f.d.Occurrence(connection.SecretRef, "password", at)
	o.Refs, o.Role, o.Auth, o.Consumer = []string{teamCityStore + name}, connection.RoleSecret, connection.Static, c
	o.Provider, o.ProviderFrom = nameProvider(strings.ReplaceAll(strings.TrimPrefix(strings.TrimPrefix(name, "env."), "system."), ".", "_"))
	f.d.Emit(o)
}

// vault emits a secret of HashiCorp Vault: path!/key.
func (f *tcFile) vault(at Text, query string, c connection.Consumer) {
	p, key, _ := strings.Cut(strings.Trim(strings.TrimPrefix(query, "vault:"), "%/"), "!/")
	ref := "vault:?:" + strings.TrimPrefix(p, "/")
	if key != "" {
		ref += "#" + key
	}
	o := f.d.Occurrence(connection.StoreRef, "vault", at)
	o.Provider, o.Refs, o.Role, o.Auth, o.Consumer = "vault", []string{ref}, connection.RoleSecret, connection.Static, c
	f.d.Emit(o)
}
