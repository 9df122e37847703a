package pipeline

import (
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// Hosts that a script reaches: git, ssh, HTTP, infrastructure.

func (c *shCommand) git() (Value, bool) {
	for _, a := range c.Args[1:] {
		if c.links(a) {
			continue
		}
		l := strings.ToLower(a.Pat)
		if strings.Contains(l, "extraheader") || strings.Contains(l, "authorization") {
			var vals []Value
			for _, b := range c.Args[1:] {
				vals = append(vals, b.Value())
			}
			o := Occurrence{Kind: connection.URLCredential}
			if ls := findLinks(a.Pat); len(ls) > 0 {
				o.Endpoint = ls[0].Host
			}
			c.use(o, Text{}, connection.RoleSecret, false, vals...)
		}
		if user, rest, ok := strings.Cut(a.Pat, "@"); ok && isName(strings.NewReplacer("-", "_", ".", "_").Replace(user)) {
			host, path, scp := strings.Cut(rest, ":")
			if user != "git" && !scp {
				continue
			}
			if strings.Contains(host, ".") && strings.IndexByte(host, hole) < 0 && c.has("clone", "push", "remote", "fetch", "submodule", "ls-remote", "pull") {
				o := Occurrence{Kind: connection.SSH, Endpoint: NormalHost(host), Principal: user}
				if o.Account = hostAccount(o.Endpoint, path); hostProvider(o.Endpoint) == "" && user != "git" {
					o.Provider = "ssh"
				}
				c.use(o, a.At, "", true)
			}
		}
	}
	return Value{Open: true}, true
}

func (c *shCommand) gh() (Value, bool) {
	o := Occurrence{Kind: connection.SecretRef, Provider: "github"}
	if w, ok := c.option("-R", "--repo"); ok && w.Known() && strings.Contains(w.Pat, "/") {
		o.Principal = w.Pat
		o.Account, _, _ = strings.Cut(w.Pat, "/")
	}
	if h := c.env("GH_HOST"); h.Lit != "" && !h.Open {
		o.Endpoint = NormalHost(h.Lit)
	}
	vals := []Value{c.env("GH_TOKEN"), {Refs: c.In.Refs}}
	if len(vals[0].Refs) == 0 {
		vals[0] = c.env("GITHUB_TOKEN")
	}
	if c.has("secret") && c.has("set") { // what is stored goes to GitHub, the token stays one
		for _, w := range c.options("-b", "--body") {
			c.use(o, Text{}, "", false, w.Value())
		}
	}
	c.use(o, Text{}, connection.RoleSecret, false, vals...)
	if c.sub(2) == "auth token" {
		return Value{Refs: vals[0].Refs, Open: true}, true
	}
	return Value{Open: true}, true
}

const sshTakes = "-i -p -P -o -l -F -L -R -D -J -b -c -m -e --rsh --exclude --include --filter --port"

func (c *shCommand) ssh() (Value, bool) {
	name := c.Args[0].Lit()
	if name == "rsync" && !c.remote() {
		return Value{}, true
	}
	o := Occurrence{Kind: connection.SSH, Provider: "ssh"}
	var target shWord
	for _, p := range c.positional(1, sshTakes) {
		before, _, colon := strings.Cut(p.Pat, ":")
		if name == "ssh" || name == "sftp" || colon && !strings.Contains(before, "/") {
			target = p
			break
		}
	}
	if !target.At.Placed() {
		return Value{}, true
	}
	spec, _, _ := strings.Cut(target.Pat, ":")
	user, host, ok := strings.Cut(spec, "@")
	if !ok {
		user, host = "", spec
		if l, ok := c.option("-l"); ok {
			user = l.Pat
		}
	}
	if strings.IndexByte(user, hole) < 0 {
		o.Principal = user
	}
	if strings.IndexByte(host, hole) < 0 {
		if o.Endpoint = NormalHost(host); o.Endpoint == "" || o.Endpoint == "localhost" || o.Endpoint == "127.0.0.1" {
			return Value{}, true
		}
	}
	key, _ := c.option("-i")
	v := Value{Refs: append(key.Value().Refs, c.x.files[key.Pat].Refs...)}
	c.use(o, target.At, "", true, target.Value())
	c.use(o, Text{}, connection.RoleSecret, false, v)
	if name == "ssh" {
		c.onHost(target)
	}
	return Value{Open: true}, true
}

// shells read a script that they are given as input.
var shells = map[string]bool{"bash": true, "sh": true, "zsh": true, "dash": true}

// onHost reads what ssh runs on its host: the words behind the host, or what it
// reads. The host's own downloads are none of the pipeline's.
func (c *shCommand) onHost(host shWord) {
	x := c.x
	defer func(old bool) { x.s.NoDownloads = old }(x.s.NoDownloads)
	x.s.NoDownloads = true
	i := slices.IndexFunc(c.Args, func(a shWord) bool { return a.At.Placed() && a.At.Pos(0) == host.At.Pos(0) })
	rest := c.Args[i+1:]
	for len(rest) > 0 && strings.HasPrefix(rest[0].Pat, "-") {
		rest = rest[1:]
	}
	switch {
	case x.hdoc.text.Placed() && (len(rest) == 0 || shells[path.Base(rest[0].Pat)]):
		x.inner(x.hdoc.text, x.hdoc.off, x.hdoc.quoted)
	case len(rest) == 1 && x.quoted(rest[0], true):
	case len(rest) > 0 && x.depth < maxBinding:
		x.depth++
		(&shCommand{x: x, Args: slices.Clone(rest), In: c.In}).run()
		x.depth--
	}
}

// remote tells whether an rsync goes to another host.
func (c *shCommand) remote() bool {
	for _, a := range c.Args[1:] {
		before, _, ok := strings.Cut(a.Pat, ":")
		if ok && !strings.Contains(before, "/") && before != "" && !strings.HasPrefix(a.Pat, "-") {
			return true
		}
	}
	return false
}

// sshpass gives its password to the command behind it.
func (c *shCommand) sshpass() (Value, bool) {
	var vals []Value
	for i := 1; i < len(c.Args); i++ {
		a := c.Args[i]
		if !strings.HasPrefix(a.Pat, "-") && !(i > 0 && c.Args[i-1].Pat == "-p") {
			c.Args = c.Args[i:]
			break
		}
		vals = append(vals, a.Value())
	}
	vals = append(vals, c.env("SSHPASS"))
	c.use(Occurrence{Kind: connection.SSH, Provider: "ssh"}, Text{}, connection.RoleSecret, false, vals...)
	return c.run(), true
}

func (c *shCommand) sshAdd() (Value, bool) {
	v := Value{Refs: c.In.Refs}
	for _, a := range c.Args[1:] {
		v.Refs = append(v.Refs, a.Value().Refs...)
		v.Refs = append(v.Refs, c.x.files[a.Pat].Refs...)
	}
	c.use(Occurrence{Kind: connection.SSH, Provider: "ssh"}, Text{}, connection.RoleSecret, false, v)
	return Value{}, true
}

// curl reads HTTP clients: a credential by header, user, data or URL goes to the
// URL's host; a bare call is an endpoint.
func (c *shCommand) curl() (Value, bool) {
	if v, ok := c.vaultHTTP(); ok {
		return v, ok
	}
	var target shWord
	var l link
	var refs []Value
	linked := false
	for _, a := range c.Args[1:] {
		if ls := findLinks(a.Pat); len(ls) > 0 && target.Pat == "" && !strings.Contains(a.Pat[:ls[0].Start], "=") && !strings.Contains(a.Pat[:ls[0].Start], "{") {
			target, l = a, ls[0]
			linked = c.links(a)
		} else if v := a.Value(); len(v.Refs) > 0 {
			refs = append(refs, a.field(v))
			if target.Pat == "" && strings.HasPrefix(a.Pat, string(hole)) && !c.afterFlag(a) {
				target = a // the URL itself is kept as a secret
			}
		}
	}
	if u, ok := c.option("-u", "--user"); ok && u.Known() && strings.Contains(u.Pat, ":") && !placeholder(u.Pat[strings.IndexByte(u.Pat, ':')+1:]) && l.Host != "" && !Internal(l.Host) {
		user, _, _ := strings.Cut(u.Pat, ":")
		c.use(Occurrence{Kind: connection.URLCredential, Endpoint: l.Host, Principal: user, Auth: connection.Static}, u.At, connection.RoleSecret, true)
		return Value{Open: true}, true
	}
	refs = append(refs, Value{Refs: c.In.Refs})
	o := Occurrence{Kind: connection.SecretRef, Endpoint: l.Host}
	o.Account = hostAccount(l.Host, strings.TrimPrefix(l.Path, "/"))
	if l.Host == "" && len(target.Vals) > 0 && l.Scheme == "" {
		refs = append(refs, target.Value())
	} else if l.Scheme != "" && len(target.Vals) > 0 && !linked {
		for _, r := range target.Value().Refs { // in the path: a token, or an id
			if SecretName(refName(r.Name)) || r.Auth == connection.Ambient {
				refs = append(refs, Value{Refs: []Ref{r}})
			}
		}
	}
	if c.use(o, target.At, connection.RoleSecret, false, refs...) || linked || c.handed(o) {
		return Value{Open: true}, true
	}
	if l.Host != "" && !Internal(l.Host) && strings.HasPrefix(l.Scheme, "http") && !c.x.s.NoDownloads {
		o.Kind, o.Auth = connection.Endpoint, connection.None
		c.use(o, target.At, "", true)
	}
	return Value{Open: true}, true
}

// inputName is the input of a composite action that an expression is.
var inputName = lazily(`\binputs\.([\w-]+)`)

// handed emits o with a credential that the callers of a composite action hand
// it. It tells whether one stands in a header or login.
func (c *shCommand) handed(o Occurrence) bool {
	if o.Endpoint == "" || Internal(o.Endpoint) {
		return false
	}
	for _, a := range c.Args[1:] {
		for _, v := range a.Vals {
			if m := inputName().FindStringSubmatch(v.At.S); v.Open && m != nil && SecretName(m[1]) {
				o.Auth, o.Incomplete, o.Via = connection.Static, true, []string{viaOpen}
				return c.use(o, a.At, connection.RoleSecret, true)
			}
		}
	}
	return false
}

// field is the value of a form's field; one whose name says credential takes
// what its own name does not.
func (w shWord) field(v Value) Value {
	key, rest, ok := strings.Cut(strings.TrimLeft(w.Pat, "-FdH "), "=")
	if ok && rest == string(hole) && SecretName(key) {
		v.Refs = slices.Clone(v.Refs)
		for i := range v.Refs {
			v.Refs[i].Weak = false
		}
	}
	return v
}

// afterFlag tells whether a word is the value of the flag before it.
func (c *shCommand) afterFlag(w shWord) bool {
	for i := 1; i < len(c.Args); i++ {
		if c.Args[i].At.Placed() && c.Args[i].At.Pos(0) == w.At.Pos(0) {
			f := c.Args[i-1].Pat
			return strings.HasPrefix(f, "-") && f != "-X" && f != "-L" && f != "-s" && f != "-sS" && f != "-sSL" && f != "-fsSL" && f != "-f" && f != "-k" && f != "-Uri" && f != "--url"
		}
	}
	return false
}

func (c *shCommand) terraform() (Value, bool) {
	for _, a := range c.options("-backend-config") {
		for _, r := range a.Value().Refs {
			o := Occurrence{Kind: connection.Backend, Construct: "backend-config"}
			o.Provider, o.ProviderFrom = nameProvider(refName(r.Name))
			c.use(o, Text{}, "", false, Value{Refs: []Ref{r}})
		}
	}
	for _, a := range c.options("-var") {
		for _, r := range a.Value().Refs {
			k, _, _ := strings.Cut(a.Pat, "=")
			o := Occurrence{Kind: connection.SecretRef}
			o.Provider, o.ProviderFrom = nameProvider(refName(r.Name), k)
			c.use(o, Text{}, "", false, Value{Refs: []Ref{r}})
		}
	}
	v := c.env("TF_TOKEN_app_terraform_io TFE_TOKEN TF_API_TOKEN TF_CLOUD_TOKEN")
	c.use(Occurrence{Kind: connection.SecretRef, Provider: "terraform-cloud"}, Text{}, connection.RoleSecret, false, v)
	aws := Occurrence{Kind: connection.SecretRef, Provider: "aws", Group: c.x.s.Group + "/aws"}
	c.use(aws, Text{}, connection.RoleUsername, false, c.env("AWS_ACCESS_KEY_ID"))
	c.use(aws, Text{}, connection.RoleSecret, false, c.env("AWS_SECRET_ACCESS_KEY"))
	azure := Occurrence{Kind: connection.SecretRef, Provider: "azure", Group: c.x.s.Group + "/azure"}
	c.use(azure, Text{}, connection.RoleSecret, false, c.env("ARM_CLIENT_SECRET ARM_ACCESS_KEY"))
	c.use(azure, Text{}, connection.RoleIdentity, false, c.env("ARM_CLIENT_ID ARM_TENANT_ID ARM_SUBSCRIPTION_ID"))
	return Value{Open: true}, true
}

func (c *shCommand) ansible() (Value, bool) {
	o := Occurrence{Kind: connection.SecretRef, Provider: "ansible"}
	for _, w := range c.options("--vault-password-file", "--vault-id") {
		v := w.Value()
		v.Refs = append(v.Refs, c.x.files[w.Pat].Refs...)
		c.use(o, Text{}, connection.RoleSecret, false, v)
	}
	for _, w := range c.options("--private-key", "--key-file") {
		v := w.Value()
		v.Refs = append(v.Refs, c.x.files[w.Pat].Refs...)
		c.use(Occurrence{Kind: connection.SSH, Provider: "ssh"}, Text{}, connection.RoleSecret, false, v)
	}
	c.use(o, Text{}, connection.RoleSecret, false, c.env("ANSIBLE_VAULT_PASSWORD"))
	for _, w := range c.options("-e", "--extra-vars") {
		for _, r := range w.Value().Refs {
			p := Occurrence{Kind: connection.SecretRef}
			p.Provider, p.ProviderFrom = nameProvider(refName(r.Name))
			c.use(p, Text{}, "", false, Value{Refs: []Ref{r}})
		}
	}
	return Value{}, true
}

// gpg reads an imported key and passphrases.
func (c *shCommand) gpg() (Value, bool) {
	v := Value{Refs: c.In.Refs}
	for _, a := range c.Args[1:] {
		v.Refs = append(v.Refs, a.Value().Refs...)
		v.Refs = append(v.Refs, c.x.files[a.Pat].Refs...)
	}
	c.use(Occurrence{Kind: connection.SecretRef, Provider: "gpg"}, Text{}, connection.RoleSecret, false, v)
	return Value{Open: true}, true
}

func (c *shCommand) lftp() (Value, bool) {
	o := Occurrence{Kind: connection.SecretRef, Provider: "ftp"}
	var vals []Value
	for _, a := range c.Args[1:] {
		c.links(a)
		vals = append(vals, a.Value())
		if h := linkHost(a); h != "" {
			o.Endpoint = h
		}
	}
	c.use(o, Text{}, connection.RoleSecret, false, vals...)
	return Value{}, true
}
