package pipeline

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// Command lines that read secrets out of stores.

func (c *shCommand) vault() (Value, bool) {
	addr := c.env("VAULT_ADDR")
	host := NormalHost(addr.Lit)
	if addr.Open {
		host = ""
	}
	where := host
	if where == "" {
		where = "?"
	}
	o := Occurrence{Kind: connection.SecretRef, Provider: "vault", Endpoint: host}
	c.use(o, Text{}, connection.RoleSecret, false, c.env("VAULT_TOKEN"))
	c.use(o, Text{}, connection.RoleEndpoint, false, Value{Refs: addr.Refs})
	sub := c.sub(2)
	p := c.positional(1, "-field -format -address -namespace -mount -version")
	switch {
	case strings.HasPrefix(sub, "kv get") && len(p) > 2, strings.HasPrefix(sub, "read ") && len(p) > 1:
		w := p[len(p)-1]
		ref := vaultPath(orName(w))
		if m, ok := c.option("-mount"); ok {
			ref = m.Lit() + "/" + ref
		}
		if f, ok := c.option("-field"); ok {
			ref += "#" + f.Lit()
		}
		return c.store("vault", "vault:"+where+":"+ref, host, w.At)
	case strings.HasPrefix(sub, "write auth/") && len(p) > 1 && strings.Contains(p[1].Pat, "/login"), strings.HasPrefix(sub, "login"):
		c.vaultLogin(o, p)
		return derived(connection.Ambient), true
	}
	return Value{Open: true}, true
}

// vaultHTTP reads a call of Vault's API by curl or its like: a login with a token
// of the platform's, or the read of a secret.
func (c *shCommand) vaultHTTP() (Value, bool) {
	for _, a := range c.Args[1:] {
		before, p, ok := strings.Cut(a.Pat, "/v1/")
		if !ok || strings.ContainsAny(before, " {=") {
			continue
		}
		host := NormalHost(before)
		if strings.IndexByte(before, hole) >= 0 {
			host = ""
		}
		if method, ok := strings.CutPrefix(p, "auth/"); ok {
			method, rest, _ := strings.Cut(method, "/")
			if !vaultTrusts[strings.TrimRight(method, "0123456789-")] || !strings.HasPrefix(rest, "login") {
				return Value{}, false
			}
			o := Occurrence{Kind: connection.FederatedTrust, Provider: "vault", Endpoint: host, Auth: connection.OIDC}
			c.use(o, a.At, connection.RoleIdentity, true)
			return derived(connection.Ambient), true
		}
		if !c.mentions("x-vault-token") || strings.IndexByte(p, hole) >= 0 || !strings.Contains(p, "/") || strings.HasPrefix(p, "sys/") {
			return Value{}, false
		}
		return c.store("vault", "vault:"+cmp.Or(host, "?")+":"+vaultPath(p), host, a.At)
	}
	return Value{}, false
}

// vaultTrusts are the logins of Vault that take a token of another's.
var vaultTrusts = map[string]bool{"kubernetes": true, "jwt": true, "oidc": true, "gcp": true, "aws": true, "azure": true}

// mentions tells whether an argument holds a word, in lower case.
func (c *shCommand) mentions(word string) bool {
	return slices.ContainsFunc(c.Args, func(a shWord) bool { return strings.Contains(strings.ToLower(a.Pat), word) })
}

func (c *shCommand) vaultLogin(o Occurrence, p []shWord) {
	o.Auth = connection.Static
	var refs []Value
	at := c.Args[0].At
	for _, w := range p {
		k, v, _ := strings.Cut(w.Pat, "=")
		switch {
		case k == "role" && strings.IndexByte(v, hole) < 0:
			o.Principal, at = v, w.At
		case k == "jwt":
			o.Kind, o.Auth = connection.FederatedTrust, connection.OIDC
		case strings.HasPrefix(k, "auth/"):
			at = w.At
			if strings.Contains(k, "/jwt") || strings.Contains(k, "kubernetes") || strings.Contains(k, "/aws") || strings.Contains(k, "gcp") {
				o.Kind, o.Auth = connection.FederatedTrust, connection.OIDC
			}
		}
		if k != "jwt" {
			refs = append(refs, w.Value())
		}
	}
	if o.Kind == connection.FederatedTrust {
		c.use(o, at, connection.RoleIdentity, true, refs...)
		return
	}
	c.use(o, Text{}, connection.RoleSecret, false, refs...)
}

// op reads 1Password's op read op://vault/item/field, and inject and run.
func (c *shCommand) op() (Value, bool) {
	c.use(Occurrence{Kind: connection.SecretRef, Provider: "1password"}, Text{}, connection.RoleSecret, false, c.env("OP_SERVICE_ACCOUNT_TOKEN OP_CONNECT_TOKEN"))
	for _, a := range c.Args[1:] {
		if p, ok := strings.CutPrefix(a.Pat, "op://"); ok {
			return c.store("1password", opRef(strings.ReplaceAll(p, string(hole), "?")), "", a.At)
		}
	}
	if p := c.positional(1, "--fields --field --vault --format --account --session"); len(p) > 2 && (p[0].Pat == "item" || p[0].Pat == "document") && p[1].Pat == "get" {
		vault, _ := c.option("--vault")
		field, _ := c.option("--fields", "--field")
		return c.store("1password", fragment("1password:"+path.Join(vault.Lit(), orName(p[2])), field.Lit()), "", p[2].At)
	}
	return Value{Open: true}, true
}

func (c *shCommand) berglas() (Value, bool) {
	if p := c.positional(2, ""); len(p) > 0 && c.has("access") {
		return c.store("gcp", "gcp-sm:"+strings.TrimPrefix(orName(p[0]), "sm://"), "", p[0].At)
	}
	return Value{Open: true}, true
}

// sops decrypts a file of the tree.
func (c *shCommand) sops() (Value, bool) {
	p := c.positional(1, "--output --input-type --output-type --extract")
	if !c.has("-d", "--decrypt", "decrypt", "exec-env") || len(p) == 0 {
		return Value{Open: true}, true
	}
	f := p[len(p)-1]
	if f.Pat == "decrypt" || len(p) > 1 && p[0].Pat == "exec-env" {
		f = p[min(1, len(p)-1)]
	}
	o := Occurrence{Kind: connection.StoreRef, Refs: []string{"sops:" + orName(f)}, Auth: connection.Ambient}
	c.use(o, f.At, connection.RoleSecret, true)
	return Value{Refs: []Ref{{Name: o.Refs[0], At: f.At, In: c.x.d}}, Open: true}, true
}

func (c *shCommand) chamber() (Value, bool) {
	if !c.has("exec", "read", "env") {
		return Value{Open: true}, true
	}
	if p := c.positional(2, ""); len(p) > 0 {
		return c.store("aws", "aws-ssm:/"+orName(p[0]), "", p[0].At)
	}
	return Value{Open: true}, true
}

// A storeCLI is a command line of a store: the subcommands that read a secret,
// the flag or argument that names it, and the flags that say where it lies.
type storeCLI struct {
	provider string
	subs     string // joined by +, several by blanks
	id       string // flags; "" is the first argument behind the subcommand
	where    string // flags, from the outermost
	key      string // flag of a part of it
}

// storeCLIs are the stores whose command lines are alike. Source: their manuals.
var storeCLIs = map[string]storeCLI{
	"credhub":   {provider: "credhub", subs: "get", id: "-n --name --id", key: "-k"},
	"akeyless":  {provider: "akeyless", subs: "get-secret-value get-dynamic-secret-value", id: "--name -n"},
	"bws":       {provider: "bitwarden", subs: "secret+get get+secret secret+list list+secrets"},
	"bw":        {provider: "bitwarden", subs: "get+password get+item get+notes get+totp get+username get+attachment"},
	"conjur":    {provider: "conjur", subs: "variable+get", id: "-i --id"},
	"esc":       {provider: "pulumi", subs: "open env+open env+get"},
	"ksm":       {provider: "keeper", subs: "secret+get secret+notation", id: "-u --uid"},
	"lpass":     {provider: "lastpass", subs: "show"},
	"doppler":   {provider: "doppler", subs: "secrets+get run secrets+download", where: "-p --project | -c --config"},
	"infisical": {provider: "infisical", subs: "secrets+get run export", where: "--projectId | --env -e | --path"},
}

// storeCLI reads a command of storeCLIs. One that runs another command with all
// that lies in a place is told with that place, where it is named.
func (c *shCommand) storeCLI() (Value, bool) {
	name := strings.TrimSuffix(path.Base(c.Args[0].Lit()), ".exe")
	if t, ok := tools[name]; ok {
		c.tool(t)
	}
	s := storeCLIs[name]
	var flags []string
	for f := range strings.FieldsSeq(s.where + " " + s.id + " " + s.key) {
		flags = append(flags, f)
	}
	args := c.positional(1, strings.Join(flags, " ")+" --token -t --format -o --output --type --session --profile")
	n := s.reads(args)
	if n == 0 {
		return Value{Open: true}, true
	}
	where := c.where(s)
	id, ok := c.option(strings.Fields(s.id)...)
	if !ok && s.id == "" && n < len(args) && args[0].Pat != "run" && args[0].Pat != "export" {
		id, ok = args[n], true
	}
	key, _ := c.option(strings.Fields(s.key)...)
	switch {
	case ok && s.where != "": // a name in a place
		return c.store(s.provider, s.provider+":"+fragment(where, orName(id)), "", id.At)
	case ok:
		return c.store(s.provider, s.provider+":"+fragment(orName(id), key.Lit()), "", id.At)
	case where != "":
		return c.store(s.provider, s.provider+":"+fragment(where, "*"), "", c.Args[0].At)
	case c.has("list"):
		return c.store(s.provider, s.provider+":*", "", c.Args[0].At)
	}
	return Value{Open: true}, true
}

// reads counts the words of the subcommand that reads a secret, 0 for another.
func (s storeCLI) reads(args []shWord) int {
	for sub := range strings.FieldsSeq(s.subs) {
		words := strings.Split(sub, "+")
		if len(args) < len(words) {
			continue
		}
		same := true
		for i, w := range words {
			same = same && args[i].Pat == w
		}
		if same {
			return len(words)
		}
	}
	return 0
}

// where is the place that a command's flags name, its parts joined.
func (c *shCommand) where(s storeCLI) string {
	var parts []string
	for alt := range strings.SplitSeq(s.where, "|") {
		if w, ok := c.option(strings.Fields(alt)...); ok {
			parts = append(parts, strings.Trim(orName(w), "/"))
		}
	}
	return strings.Join(parts, "/")
}
