package pipeline

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// dockerfile reads Dockerfiles: build arguments, mounted secrets, registries
// and what RUN reaches. Source: docs.docker.com/reference/dockerfile; pipelines.md 3.1.
var dockerfile = Dialect{ID: "dockerfile", Path: dockerfilePath, Read: readDockerfile}

func dockerfilePath(p string) bool {
	base := strings.ToLower(path.Base(p))
	for _, name := range []string{"dockerfile", "containerfile"} {
		if strings.Trim(base, "0123456789") == name || strings.HasPrefix(base, name+".") && !sourceExt(base) || strings.HasSuffix(base, "."+name) ||
			strings.HasPrefix(base, name+"-") && !strings.Contains(base, ".") || strings.HasPrefix(base, name+"_") && !strings.Contains(base, ".") ||
			strings.HasSuffix(base, "-"+name) || strings.HasSuffix(base, "_"+name) {
			return true
		}
	}
	return false
}

// sourceExt tells names such as dockerfile.go, which are about Dockerfiles.
func sourceExt(base string) bool {
	switch path.Ext(base) {
	case ".go", ".py", ".js", ".ts", ".rs", ".java", ".kt", ".rb", ".md", ".json", ".yml", ".yaml", ".sh", ".c", ".h", ".txt", ".html", ".vim", ".lua", ".png", ".svg", ".dockerignore", ".rst", ".el", ".php", ".cs", ".tsx", ".jsx", ".snap":
		return true
	}
	return false
}

// A dockerReader reads a Dockerfile stage by stage.
type dockerReader struct {
	varReader
	globals *Scope            // arguments before the first FROM
	scope   *Scope            // of the stage
	stages  map[string]*Scope // what a stage leaves to those built on it
	stage   string
	lang    string
	runs    int
}

func readDockerfile(d *Document) {
	r := &dockerReader{globals: &Scope{names: map[string]Value{}}, stages: map[string]*Scope{}}
	r.varReader = varReader{d: d, store: "docker:arg:", own: dockerOwn}
	r.scope = r.globals
	for _, i := range dockerInstructions(d) {
		r.instruction(i)
	}
	r.flushByUse()
}

// flushByUse emits the mentions that nothing claimed, with the provider and
// endpoint that a use of the same reference told.
func (r *varReader) flushByUse() {
	told := map[string]Occurrence{}
	for _, o := range r.d.occs {
		for _, ref := range o.Refs {
			if _, ok := told[ref]; !ok && o.Provider != "" && o.ProviderFrom != connection.FromName {
				told[ref] = o
			}
		}
	}
	rest := r.mentions[:0]
	for _, m := range r.mentions {
		o, ok := told[m.ref.Name]
		if !ok || r.d.claimed[m.ref.At.Pos(0)] {
			rest = append(rest, m)
			continue
		}
		p := Occurrence{Kind: connection.SecretRef, Construct: "variable", Role: o.Role, Consumer: m.c, Provider: o.Provider, ProviderFrom: o.ProviderFrom,
			Endpoint: o.Endpoint, Account: o.Account}
		r.d.EmitRefs(p, Value{Refs: []Ref{m.ref}}, nil)
	}
	r.mentions = rest
	r.flush(nil)
}

// dockerOwn tells what BuildKit defines.
func dockerOwn(name string) (Value, bool) {
	switch name {
	case "TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT", "TARGETSTAGE",
		"SOURCE_DATE_EPOCH", "BUILDKIT_INLINE_CACHE":
		return Value{}, true
	}
	return Value{}, settingName(name) && credentialName(name)
}

func (r *dockerReader) consumer() connection.Consumer {
	return connection.Consumer{Path: r.d.Path, Job: r.stage}
}

func (r *dockerReader) instruction(i dockerInstruction) {
	switch i.Name {
	case "FROM":
		r.from(i)
	case "ARG":
		for _, f := range dockerWords(i.Args) {
			r.arg(f)
		}
	case "ENV":
		r.env(i.Args)
	case "LABEL":
		r.urls(i.Args, r.scope, r.consumer())
	case "SHELL":
		l := strings.ToLower(i.Args.S)
		r.lang = ""
		if strings.Contains(l, "powershell") || strings.Contains(l, "pwsh") {
			r.lang = "pwsh"
		} else if strings.Contains(l, "cmd") {
			r.lang = "cmd"
		}
	case "RUN":
		r.run(i)
	case "CMD", "ENTRYPOINT", "HEALTHCHECK":
		r.command(i.Args)
	case "COPY", "ADD":
		r.add(i)
	}
}

// dockerWords splits at blanks outside of quotes.
func dockerWords(t Text) []Text {
	var out []Text
	start, quote := -1, byte(0)
	for i := 0; i <= len(t.S); i++ {
		switch {
		case i == len(t.S) || quote == 0 && blank(t.S[i]):
			if start >= 0 {
				out = append(out, t.Sub(start, i))
			}
			start = -1
			continue
		case quote != 0 && t.S[i] == quote:
			quote = 0
		case quote == 0 && (t.S[i] == '"' || t.S[i] == '\''):
			quote = t.S[i]
		case t.S[i] == '\\' && i+1 < len(t.S):
			if start < 0 {
				start = i
			}
			i++
			continue
		}
		if start < 0 {
			start = i
		}
	}
	return out
}

// bareText takes the quotes off a word.
func bareText(t Text) Text {
	if n := len(t.S); n >= 2 && (t.S[0] == '"' || t.S[0] == '\'') && t.S[n-1] == t.S[0] {
		return t.Sub(1, n-1)
	}
	return t
}

// from starts a stage.
func (r *dockerReader) from(i dockerInstruction) {
	w := dockerWords(i.Args)
	if len(w) == 0 {
		return
	}
	image := r.text(bareText(w[0]), "", r.globals, r.consumer())
	parent := r.stages[strings.ToLower(image.Lit)]
	r.stage = strconv.Itoa(len(r.stages))
	if len(w) >= 3 && strings.EqualFold(w[1].S, "AS") {
		r.stage = w[2].S
	}
	r.lang = ""
	r.scope = parent.Inner()
	if len(r.stages) < maxOccurrences {
		r.stages[strings.ToLower(r.stage)] = r.scope
	}
	if parent == nil {
		r.privateImage(w[0], image, r.consumer())
	}
}

// arg reads X or X=default.
func (r *dockerReader) arg(t Text) {
	name, value, given := t.Cut("=")
	if !isName(name.S) {
		return
	}
	c := r.consumer()
	if given {
		value = bareText(value)
	}
	if given && value.S != "" {
		v := r.text(value, name.S, r.scope, c)
		if len(v.Refs) == 0 && !v.Open && (r.d.setting(name.S, value, "ARG", c) || !credentialName(name.S)) || v.Open && len(v.Refs) > 0 {
			r.scope.Bind(name.S, v)
			return
		}
	} else if v, ok := r.globals.Lookup(name.S); ok && r.scope != r.globals && (len(v.Refs) == 0 || v.At.Pos(0) != name.Pos(0)) {
		if !credentialName(name.S) {
			r.scope.Bind(name.S, v)
			return
		}
	}
	if v, ok := dockerOwn(name.S); ok {
		r.scope.Bind(name.S, v)
		return
	}
	ref := Ref{Name: r.store + name.S, At: name, In: r.d, Weak: !credentialName(name.S)}
	r.mention(ref, name.S, c)
	r.scope.Bind(name.S, Value{At: name, Refs: []Ref{ref}, Open: true})
}

// env reads K=V pairs, or the older form K V.
func (r *dockerReader) env(t Text) {
	words := dockerWords(t)
	if len(words) == 0 {
		return
	}
	if !strings.Contains(words[0].S, "=") {
		if len(words) > 1 {
			r.set(words[0], bareText(t.Sub(len(words[0].S), len(t.S)).Trim()))
		}
		return
	}
	for _, w := range words {
		if name, value, ok := w.Cut("="); ok {
			r.set(name, bareText(value))
		}
	}
}

func (r *dockerReader) set(name, value Text) {
	c := r.consumer()
	v := r.text(value, name.S, r.scope, c)
	r.urls(value, r.scope, c)
	switch {
	case len(v.Refs) == 0 && !v.Open:
		r.d.setting(name.S, value, "ENV", c)
	case credentialName(name.S) || strings.Contains(value.S, "$"):
		for _, ref := range v.Refs { // what the image keeps from now on
			if !ref.Weak && ref.At.Placed() && ref.At.Pos(0) < value.Pos(0) {
				o := r.d.Occurrence(connection.SecretRef, "ENV", value)
				o.Refs, o.Auth, o.Role, o.Consumer = []string{ref.Name}, connection.Static, connection.RoleSecret, c
				o.Provider, o.ProviderFrom = boundProvider(refName(ref.Name), name.S)
				r.d.Emit(o)
				break
			}
		}
	}
	r.scope.Bind(name.S, v.Through(name.S))
}

// run reads the mounts and the script of RUN.
func (r *dockerReader) run(i dockerInstruction) {
	scope := r.scope.Inner()
	files := map[string]Value{}
	r.runs++
	for _, f := range i.Flags {
		if m, ok := strings.CutPrefix(f.S, "--mount="); ok {
			r.mount(f.Sub(len(f.S)-len(m), len(f.S)), i.Args.S, scope, files)
		}
	}
	parts := []Text{i.Args}
	lang := r.lang
	switch {
	case strings.HasPrefix(i.Args.S, "["):
		var ok bool
		if parts, ok = r.execForm(i.Args); !ok {
			return
		}
	case strings.HasPrefix(i.Args.S, "<<") && len(i.Docs) > 0:
		parts = nil
		for _, doc := range i.Docs {
			if first, _, _ := strings.Cut(doc.Body.S, "\n"); !strings.HasPrefix(first, "#!") || strings.Contains(first, "sh") {
				parts = append(parts, doc.Body)
			}
		}
	default:
		for _, doc := range i.Docs {
			parts = append(parts, doc.Whole)
		}
	}
	t, spans := joinTexts(parts)
	if t.S == "" {
		return
	}
	c := r.consumer()
	r.d.Shell(Script{Text: t, Lang: lang, Env: scope, Consumer: c, Group: r.stage + "/run" + strconv.Itoa(r.runs), Files: files, NoDownloads: true, AtUse: true,
		spans: spans, Unknown: r.unbound})
}

// unbound is a variable that no instruction defines.
func (r *dockerReader) unbound(name string, at Text) Value {
	if !credentialName(name) || shellOwn[name] {
		return Value{Open: true}
	}
	return Value{At: at, Refs: []Ref{{Name: r.store + name, At: at, In: r.d}}, Open: true}
}

// npmTokenHost is the registry that a token of npm is set for.
var npmTokenHost = lazily(`//([\w.-]+)/[^\s"']*:_authToken=`)

// mount reads type=secret,id=…,target=…,env=… and type=ssh.
func (r *dockerReader) mount(t Text, script string, scope *Scope, files map[string]Value) {
	switch m := parseMount(t); m.kind {
	case "secret":
		r.secretMount(m, script, scope, files)
	case "ssh":
		r.sshMount(m, script)
	}
}

// A dockerMount is what --mount=type=… says. At is its id, or its type.
type dockerMount struct {
	kind, id, target, env string
	at                    Text
}

func parseMount(t Text) dockerMount {
	m := dockerMount{at: t}
	for pos := 0; pos <= len(t.S); {
		end := strings.IndexByte(t.S[pos:], ',')
		if end < 0 {
			end = len(t.S) - pos
		}
		k, v, _ := strings.Cut(t.S[pos:pos+end], "=")
		switch strings.ToLower(k) {
		case "type":
			m.kind = strings.Trim(v, `"'`)
			if m.id == "" {
				m.at = t.Sub(pos+len(k)+min(1, end-len(k)), pos+end)
			}
		case "id", "source", "src":
			if m.id == "" || k == "id" {
				m.id, m.at = v, t.Sub(pos+end-len(v), pos+end)
			}
		case "target", "dst", "destination":
			m.target = v
		case "env":
			m.env = v
		}
		pos += end + 1
	}
	return m
}

// secretMount binds a mounted secret for the script, and emits it where the file
// or the script tells whose it is.
func (r *dockerReader) secretMount(m dockerMount, script string, scope *Scope, files map[string]Value) {
	if m.id == "" {
		m.id = path.Base(m.target)
	}
	ref := Ref{Name: "docker:secret:" + m.id, At: m.at, In: r.d}
	v := Value{At: m.at, Refs: []Ref{ref}, Open: true}
	if m.env != "" {
		scope.Bind(m.env, v)
	}
	if m.target == "" {
		m.target = "/run/secrets/" + m.id
	}
	files[m.target] = v
	provider := fileProvider(m.target)
	if h := npmTokenHost().FindStringSubmatch(script); h != nil && strings.Contains(script, m.target) {
		provider = hostProvider(NormalHost(h[1]))
	}
	c := r.consumer()
	if provider != "" {
		o := Occurrence{Kind: connection.SecretRef, Construct: "mount", Provider: provider, Role: connection.RoleSecret, Consumer: c}
		r.d.EmitRefs(o, v, nil)
		return
	}
	r.mention(ref, strings.ReplaceAll(m.id, "-", "_"), c)
}

// sshMount emits the agent that a build is lent, to the host that its script names.
func (r *dockerReader) sshMount(m dockerMount, script string) {
	o := r.d.Occurrence(connection.SSH, "mount", m.at)
	o.Provider, o.Auth, o.Consumer = "ssh", connection.Ambient, r.consumer()
	if _, rest, ok := strings.Cut(script, "git@"); ok {
		if n := strings.IndexAny(rest, ":/ \"'"); n > 0 && strings.Contains(rest[:n], ".") && !strings.Contains(rest[:n], "$") {
			o.Endpoint, o.Principal, o.Provider = NormalHost(rest[:n]), "git", hostProvider(NormalHost(rest[:n]))
			if m.id == "" {
				return // told where the host is named
			}
		}
	}
	if m.id != "" {
		o.Refs = []string{"docker:ssh:" + m.id}
	}
	r.d.Emit(o)
}

// fileProviders tells whose credentials a file holds, by its name or by a part
// of its path.
var fileProviders = [...]struct{ names, part, provider string }{
	{names: ".npmrc npmrc .yarnrc.yml .yarnrc", provider: "npm"}, {names: ".pypirc pypirc", provider: "pypi"}, {names: "nuget.config", provider: "nuget"},
	{names: "auth.json", provider: "packagist"}, {names: "kubeconfig", provider: "kubernetes"},
	{part: ".aws/", provider: "aws"}, {part: ".kube/", provider: "kubernetes"}, {part: ".cargo/credentials", provider: "crates.io"},
	{part: ".gem/credentials", provider: "rubygems"}, {part: "gcloud/", provider: "gcp"}, {part: ".azure/", provider: "azure"}, {part: ".ssh/", provider: "ssh"},
}

func fileProvider(p string) string {
	base := strings.ToLower(path.Base(p))
	for _, f := range fileProviders {
		if slices.Contains(strings.Fields(f.names), base) || f.part != "" && strings.Contains(p, f.part) {
			return f.provider
		}
	}
	return ""
}

// execForm gives the script in ["sh", "-c", "…"], or the words as one command.
func (r *dockerReader) execForm(t Text) ([]Text, bool) {
	roots := r.d.ParseYAML(t)
	if len(roots) == 0 {
		return []Text{t}, true
	}
	items := roots[0].Items()
	for k := 1; k+1 < len(items); k++ {
		switch strings.ToLower(items[k].String()) {
		case "-c", "-lc", "-ec", "-command", "/c", "-euxc", "-exc":
			return []Text{items[k+1].Text()}, true
		}
	}
	return nil, false
}

// command reads CMD, ENTRYPOINT and HEALTHCHECK for URLs with a login.
func (r *dockerReader) command(t Text) { r.urls(t, r.scope, r.consumer()) }

// add reads COPY and ADD.
func (r *dockerReader) add(i dockerInstruction) {
	c := r.consumer()
	for _, f := range i.Flags {
		if from, ok := strings.CutPrefix(f.S, "--from="); ok {
			t := f.Sub(len(f.S)-len(from), len(f.S))
			v := r.text(t, "", r.globals, c)
			if r.stages[strings.ToLower(v.Lit)] == nil {
				r.privateImage(t, v, c)
			}
		}
	}
	words := dockerWords(i.Args)
	for k, w := range words {
		w = bareText(w)
		if k < len(words)-1 && i.Name == "ADD" && strings.HasPrefix(w.S, "git@") {
			host, rest, _ := strings.Cut(w.S[4:], ":")
			o := r.d.Occurrence(connection.SSH, "ADD", w)
			o.Endpoint, o.Principal, o.Consumer = NormalHost(host), "git", c
			o.Account = hostAccount(o.Endpoint, rest)
			r.d.Emit(o)
			continue
		}
		r.urls(w, r.scope, c)
		if k < len(words)-1 && credentialFile(w.S) {
			o := r.d.Occurrence(connection.Literal, i.Name, w)
			o.Auth, o.Consumer, o.Provider = connection.Static, c, fileProvider(w.S)
			if strings.HasPrefix(path.Base(w.S), "id_") {
				o.Provider, o.Kind = "ssh", connection.SSH
			}
			r.d.Emit(o)
		}
	}
}

// credentialFile tells files that hold nothing but credentials.
func credentialFile(p string) bool {
	switch base := path.Base(p); base {
	case "id_rsa", "id_ed25519", "id_ecdsa", "id_dsa", ".netrc", "_netrc", ".pypirc", ".git-credentials", ".pgpass", "deploy_key":
		return true
	}
	return strings.HasSuffix(p, ".aws/credentials") || strings.HasSuffix(p, ".docker/config.json")
}
