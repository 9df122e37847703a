package pipeline

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// A shCommand is a simple command with its words evaluated.
type shCommand struct {
	x     *shell
	Args  []shWord // Args[0] is its name
	In    Value    // what it reads
	group string
}

// run emits what the command connects to. The result is what it prints, as far
// as references go.
func (c *shCommand) run() Value {
	c.unwrap()
	if len(c.Args) == 0 {
		return Value{}
	}
	c.x.groups++
	c.group = c.x.s.Group + "/sh" + strconv.Itoa(c.x.groups)
	name := strings.TrimSuffix(path.Base(c.Args[0].Lit()), ".exe")
	if f := shellFilters[name]; f != nil {
		return f(c)
	}
	if f := shellCommands[name]; f != nil {
		if out, ok := f(c); ok {
			c.named(clouds[name])
			return out
		}
	}
	return c.other(name)
}

// clouds are commands whose every argument goes to one provider.
var clouds = map[string]string{"aws": "aws", "gcloud": "gcp", "az": "azure"}

// named emits references among the arguments of a provider's command that
// nothing took and whose own names tell no provider: a resource group, a cluster.
func (c *shCommand) named(provider string) {
	if provider == "" {
		return
	}
	for _, a := range c.Args[1:] {
		if strings.Contains(a.Pat, "=") {
			continue // what is set there is somebody else's
		}
		for _, r := range a.Value().Refs {
			if in := r.In; in == nil || !r.At.Placed() || in.claimed[r.At.Pos(0)] || r.Derived {
				continue
			}
			if _, _, ok := byName(refName(r.Name)); !ok {
				c.use(Occurrence{Kind: connection.SecretRef, Provider: provider, Group: c.group + "/" + refName(r.Name)}, Text{}, "", false, Value{Refs: []Ref{r}})
			}
		}
	}
}

// unwrap takes off what runs another command: sudo, env X=Y, npx …
func (c *shCommand) unwrap() {
	for range maxBinding {
		if len(c.Args) < 2 {
			return
		}
		switch path.Base(c.Args[0].Lit()) {
		case "sudo", "env", "time", "exec", "nohup", "command", "timeout", "retry", "npx", "bunx", "pnpx", "nice", "stdbuf", "winpty", "&", "call", "eatmydata", "xvfb-run", "travis_retry", "uvx", "pipx":
		case "pnpm", "yarn", "bun":
			if s := c.Args[1].Lit(); s != "dlx" && s != "exec" && s != "x" {
				return
			}
			c.Args = c.Args[1:]
		case "poetry", "uv", "pipenv", "bundle":
			if s := c.Args[1].Lit(); s != "run" && s != "exec" {
				return
			}
			c.Args = c.Args[1:]
		default:
			return
		}
		c.Args = c.Args[1:]
		for len(c.Args) > 1 { // flags, numbers and assignments in front of the command
			a := c.Args[0]
			k, _, assign := strings.Cut(a.Pat, "=")
			if assign && isName(k) {
				v := a.Value()
				v.Lit = strings.TrimPrefix(v.Lit, k+"=")
				c.x.scope.Bind(k, v)
			} else if !strings.HasPrefix(a.Pat, "-") && (a.Pat == "" || !digit(a.Pat[0])) && a.Pat != "run" && a.Pat != "exec" {
				break
			}
			c.Args = c.Args[1:]
		}
	}
}

func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		if !word(s[i]) {
			return false
		}
	}
	return s != "" && !digit(s[0])
}

// sub is the first words that are no flags, joined: "ecr get-login-password".
func (c *shCommand) sub(n int) string {
	var out []string
	for _, a := range c.Args[1:] {
		if strings.HasPrefix(a.Pat, "-") || len(out) == n {
			continue
		}
		out = append(out, a.Lit())
	}
	return strings.Join(out, " ")
}

// has tells whether a word stands among the arguments.
func (c *shCommand) has(words ...string) bool {
	for _, a := range c.Args[1:] {
		if slices.Contains(words, a.Pat) {
			return true
		}
	}
	return false
}

// option is the value of the first of several flags that is there: --f v,
// --f=v, and for flags of one letter -fv.
func (c *shCommand) option(flags ...string) (shWord, bool) {
	all := c.options(flags...)
	if len(all) == 0 {
		return shWord{}, false
	}
	return all[0], true
}

func (c *shCommand) options(flags ...string) []shWord {
	var out []shWord
	for i := 1; i < len(c.Args); i++ {
		a := c.Args[i]
		for _, f := range flags {
			switch {
			case a.Pat == f && i+1 < len(c.Args):
				out = append(out, c.Args[i+1])
			case strings.HasPrefix(a.Pat, f+"="), strings.HasPrefix(a.Pat, f+":"):
				out = append(out, a.from(len(f)+1))
			case len(f) == 2 && f[0] == '-' && f[1] != '-' && strings.HasPrefix(a.Pat, f) && len(a.Pat) > 2 && a.Pat[2] != '-':
				out = append(out, a.from(2))
			}
		}
	}
	return out
}

// from is the word from Pat[i] on, holes before it left out.
func (w shWord) from(i int) shWord {
	skip := strings.Count(w.Pat[:i], string(hole))
	w.Pat = w.Pat[i:]
	w.Vals = w.Vals[min(skip, len(w.Vals)):]
	if j := strings.Index(w.At.S, w.Lit()); j > 0 && w.Pat != "" && w.Known() {
		w.At = w.At.Sub(j, j+len(w.Pat))
	}
	return w
}

// positional gives the words from the nth on that are neither flags nor values of
// the flags named in takes.
func (c *shCommand) positional(n int, takes string) []shWord {
	var out []shWord
	for i := n; i < len(c.Args); i++ {
		a := c.Args[i]
		if strings.HasPrefix(a.Pat, "-") && len(a.Pat) > 1 {
			if !strings.Contains(a.Pat, "=") && slices.Contains(strings.Fields(takes), a.Pat) {
				i++
			}
			continue
		}
		out = append(out, a)
	}
	return out
}

// env is the value of an environment variable of the script's dialect, or of the script.
func (c *shCommand) env(names string) Value {
	var out Value
	for n := range strings.FieldsSeq(names) {
		if v, ok := c.x.scope.Lookup(n); ok {
			if out.Lit == "" {
				out.Lit = v.Lit
			}
			out.Refs = append(out.Refs, v.Refs...)
			out.Open = out.Open || v.Open
		}
	}
	return out
}

// use emits o for what flows into it. Each reference is told where it stands;
// when it stands elsewhere than in the script, or there is none, o is told at
// the command as well if bare says that it is worth telling by itself.
func (c *shCommand) use(o Occurrence, at Text, role connection.Role, bare bool, vals ...Value) bool {
	var v Value
	for _, p := range vals {
		v.Refs = append(v.Refs, p.Refs...)
	}
	x := c.x
	o.Consumer, o.Role = x.s.Consumer, role
	if o.Consumer.Action == "" {
		o.Consumer.Action = c.Args[0].Lit()
	}
	if o.Group == "" {
		o.Group = c.group
	}
	if o.Construct == "" {
		o.Construct = "run"
	}
	if o.Kind == connection.SecretRef && o.Endpoint == "" && (o.Provider == "" || o.ProviderFrom == connection.FromName) {
		if o.Provider != "" {
			o.Group += "/" + o.Provider // what goes elsewhere with the same command is another connection
		} else if parts := byProvider(v.Refs); len(parts) > 1 {
			found := false
			for _, p := range slices.Sorted(maps.Keys(parts)) {
				q := o
				q.Group += "/" + p
				found = c.use(q, Text{}, role, false, Value{Refs: parts[p]}) || found
			}
			return found
		}
	}
	strong := Value{Refs: slices.DeleteFunc(slices.Clone(v.Refs), func(r Ref) bool { return r.Weak && weakFor(&o) })}
	found := x.d.EmitRefs(o, strong, x.s.Scopes)
	here := false
	for _, r := range strong.Refs {
		here = here || (r.In == x.d || r.In == nil) && x.within(r.At) && (!bare || c.beside(r.At))
	}
	if here || !bare || !at.Placed() {
		return found
	}
	o.Location = x.d.Location(at)
	if found || len(strong.Refs) < len(v.Refs) && tells(o.Kind) {
		o.Refs = storedRefs(v)
	}
	if o.Auth == "" {
		o.Auth = refsAuth(v, o.Auth)
	}
	x.d.Emit(o)
	return true
}

// byProvider parts references by the providers that their names tell for sure,
// where these are several; what tells none stands under "".
func byProvider(refs []Ref) map[string][]Ref {
	parts, known := map[string][]Ref{}, map[string]bool{}
	for _, r := range refs {
		p, sure, ok := byName(refName(r.Name))
		if !ok || !sure {
			p = ""
		}
		if parts[p] = append(parts[p], r); p != "" {
			known[p] = true
		}
	}
	if len(known) < 2 {
		return nil
	}
	return parts
}

// beside tells whether a reference stands on the lines of the command, or on the
// one before, from where it may be piped.
func (c *shCommand) beside(t Text) bool {
	line, first, last := c.x.d.Location(t).Line, 0, 0
	for _, a := range c.Args {
		if !a.At.Placed() {
			continue
		}
		l := c.x.d.Location(a.At)
		if first == 0 || l.Line < first {
			first = l.Line
		}
		last = max(last, l.EndLine)
	}
	return first == 0 || line >= first-1 && line <= last
}

// weakFor tells connections that a reference takes part in only if its name says
// credential.
func weakFor(o *Occurrence) bool {
	switch o.Kind {
	case connection.SecretRef:
		return o.Provider == "" || o.ProviderFrom == connection.FromName || o.Role == ""
	case connection.SSH:
		return o.Role == ""
	case connection.URLCredential, connection.Webhook:
		return true
	}
	return o.Role == connection.RoleEndpoint
}

// storedRefs gives the names of references that stand for themselves.
func storedRefs(v Value) []string {
	var out []string
	for _, r := range v.Refs {
		if !r.Derived && !slices.Contains(out, r.Name) {
			out = append(out, r.Name)
		}
	}
	return out
}

// refsAuth is how a value proves itself.
func refsAuth(v Value, def connection.Auth) connection.Auth {
	for _, r := range v.Refs {
		if r.Auth != "" {
			return r.Auth
		}
		return connection.Static
	}
	return def
}

// within tells whether a text stands in the script.
func (x *shell) within(t Text) bool {
	if !t.Placed() || !x.s.Text.Placed() {
		return false
	}
	p := t.Pos(0)
	if x.s.spans != nil {
		return slices.ContainsFunc(x.s.spans, func(s [2]int) bool { return s[0] <= p && p <= s[1] })
	}
	return p >= x.s.Text.Pos(0) && p <= x.s.Text.Pos(len(x.s.Text.S))
}

// other reads a command that no table knows: a reference in its words goes to
// the host that a URL among them names, or to the provider of the command's name.
func (c *shCommand) other(name string) Value {
	if t, ok := tools[name]; ok {
		c.tool(t)
		return Value{}
	}
	host, at := "", Text{}
	var refs []Value
	for _, a := range c.Args[1:] {
		c.links(a)
		c.assumes(a)
		if ls := findLinks(a.Pat); len(ls) > 0 && host == "" && ls[0].Host != "" && !Internal(ls[0].Host) {
			host, at = ls[0].Host, a.At
		}
		if v := a.Value(); len(v.Refs) > 0 {
			refs = append(refs, v)
		}
	}
	if host != "" && len(refs) > 0 {
		c.use(Occurrence{Kind: connection.SecretRef, Endpoint: host}, at, connection.RoleSecret, false, refs...)
	}
	return Value{}
}

// assumes emits a role that is written out for a program that no table knows.
func (c *shCommand) assumes(w shWord) {
	if strings.HasPrefix(w.Pat, "arn:aws") && strings.Contains(w.Pat, ":iam::") && strings.Contains(w.Pat, ":role/") {
		o := Occurrence{Kind: connection.FederatedTrust, Provider: "aws", Auth: connection.Ambient}
		if w.Known() {
			o.Principal = w.Pat
			_, o.Account, _ = byHost(w.Pat)
		}
		c.use(o, w.At, connection.RoleIdentity, true)
	}
}

// links emits what URLs in a word carry by themselves. It tells whether there was any.
func (c *shCommand) links(w shWord) bool {
	found := false
	for _, l := range findLinks(w.Pat) {
		kind := linkKinds[l.sort()]
		if kind == "" || l.Host != "" && Internal(l.Host) && strings.IndexByte(l.User+l.Pass, hole) < 0 {
			continue
		}
		var v Value
		from := strings.Count(w.Pat[:l.Start], string(hole))
		to := strings.Count(w.Pat[:l.End], string(hole))
		for i := from; i < min(to, len(w.Vals)); i++ {
			v.Refs = append(v.Refs, w.Vals[i].Refs...)
		}
		if l.HasUser && l.Scheme != "ssh" {
			v.Refs = strengthen(v.Refs, w.Vals[min(from, len(w.Vals)):min(to, len(w.Vals))], l)
		}
		known := l.HasPass && strings.IndexByte(l.Pass, hole) >= 0 && hostProvider(l.Host) != "" // a login, wherever its token is from
		if len(v.Refs) == 0 && strings.IndexByte(l.User+l.Pass+l.Query, hole) >= 0 && kind != connection.Webhook && !known && !c.x.open(w) {
			continue
		}
		o := Occurrence{Kind: kind, Endpoint: l.Host, Construct: "url"}
		if l.Scheme == "ssh" && !l.HasPass {
			o.Kind, o.Provider = connection.SSH, "ssh"
		}
		o.Principal = l.principal()
		if o.Provider == "" && o.Kind == connection.URLCredential {
			o.Provider = l.forge()
		}
		if kind != connection.Webhook {
			o.Account = hostAccount(l.Host, strings.TrimPrefix(l.Path, "/"))
		}
		if kind == connection.URLCredential && len(v.Refs) == 0 {
			o.Auth = connection.Static
		}
		role := connection.RoleSecret
		if o.Kind == connection.SSH {
			role = "" // user, host and port are no credentials
		}
		found = c.use(o, w.At, role, true, v) || found
	}
	return found
}

// strengthen marks what stands for the credential in userinfo as one, whatever
// its name says.
func strengthen(refs []Ref, holes []Value, l link) []Ref {
	user := strings.Count(l.User, string(hole))
	pass := user + strings.Count(l.Pass, string(hole))
	var out []Ref
	for i, v := range holes {
		for _, r := range v.Refs {
			if i < pass && (i >= user || !l.HasPass) {
				r.Weak = false
			}
			out = append(out, r)
		}
	}
	if len(out) < len(refs) {
		return refs
	}
	return out
}

// open tells whether a word's unknown parts may be credentials for all that is
// known: a script outside of any dialect that says what its variables are.
func (x *shell) open(w shWord) bool { return x.s.Unknown == nil && len(w.Vals) > 0 && w.Vals[0].Open }

// wrote looks at what a script writes into a file: registry credentials, keys, hosts.
func (x *shell) wrote(file string, v Value) {
	c := &shCommand{x: x, Args: []shWord{{Pat: "write"}}}
	x.groups++
	c.group = x.s.Group + "/sh" + strconv.Itoa(x.groups)
	base := path.Base(file)
	switch {
	case base == ".npmrc", base == ".yarnrc.yml":
		o := Occurrence{Kind: connection.RegistryLogin, Provider: "npm", Endpoint: "registry.npmjs.org"}
		if i := strings.Index(v.Lit, "//"); i >= 0 {
			if j := strings.Index(v.Lit[i:], "/:"); j > 0 {
				o.Endpoint, o.Provider = NormalHost(v.Lit[i+2:i+j]), ""
			}
		}
		c.use(o, Text{}, connection.RoleSecret, false, v)
	case strings.Contains(file, ".ssh/") && base != "known_hosts" && base != "config":
		c.use(Occurrence{Kind: connection.SSH, Provider: "ssh"}, Text{}, connection.RoleSecret, false, v)
	case base == ".netrc" || base == "_netrc":
		o := Occurrence{Kind: connection.URLCredential}
		if f := strings.Fields(v.Lit); len(f) > 1 && f[0] == "machine" {
			o.Endpoint = NormalHost(f[1])
		}
		c.use(o, Text{}, connection.RoleSecret, false, v)
	case base == ".pypirc":
		c.use(Occurrence{Kind: connection.RegistryLogin, Provider: "pypi"}, Text{}, connection.RoleSecret, false, v)
	case keyFile(base):
		provider := keyFiles[path.Ext(base)]
		for i := range v.Refs {
			v.Refs[i].Weak = false
			if p, _, ok := byName(refName(v.Refs[i].Name)); ok {
				provider = p
			}
		}
		c.use(Occurrence{Kind: connection.SecretRef, Provider: provider, ProviderFrom: connection.FromName}, Text{}, connection.RoleSecret, false, v)
	case strings.HasSuffix(file, ".kube/config"):
		c.use(Occurrence{Kind: connection.SecretRef, Provider: "kubernetes"}, Text{}, connection.RoleSecret, false, v)
	case strings.HasSuffix(file, ".docker/config.json"):
		c.use(Occurrence{Kind: connection.RegistryLogin}, Text{}, connection.RoleSecret, false, v)
	}
}

// keyFiles are the endings of files that hold private keys, with whose they are.
var keyFiles = map[string]string{".p12": "", ".pfx": "", ".p8": "apple", ".jks": "android", ".keystore": "android", ".gpg": "gpg"}

// keyFile tells a file that holds private keys by its name.
func keyFile(base string) bool {
	_, ok := keyFiles[path.Ext(base)]
	return ok && (path.Ext(base) != ".gpg" || strings.HasPrefix(base, "sec"))
}

// assigned looks at what a variable gets: a URL with credentials.
func (x *shell) assigned(w shWord) {
	if strings.Contains(w.Pat, "://") {
		c := &shCommand{x: x, Args: []shWord{{Pat: "export"}}}
		x.groups++
		c.group = x.s.Group + "/sh" + strconv.Itoa(x.groups)
		c.links(w)
	}
}
