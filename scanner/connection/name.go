package connection

import (
	"slices"
	"strconv"
	"strings"
)

const maxID = 63 // bytes, as a DNS label: it fits wherever ids go

// name gives each connection its ID: readable, made of what it is and never of
// where it stands, unique. Two that read the same get numbers in their order.
func name(cs []Connection) {
	order := make([]int, len(cs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(identity(&cs[a]), identity(&cs[b])) })
	used := map[string]bool{}
	for _, i := range order {
		id := clip(slug(readable(&cs[i])), maxID)
		for n := 2; used[id]; n++ {
			suffix := "-" + strconv.Itoa(n)
			id = clip(slug(readable(&cs[i])), maxID-len(suffix)) + suffix
		}
		used[id] = true
		cs[i].ID = id
	}
}

// identity is what a connection is, in full.
func identity(c *Connection) string {
	return strings.Join([]string{string(c.Kind), c.Provider, c.Account, c.Endpoint, c.Principal, strings.Join(c.Refs, ","),
		strings.Join(c.Scopes, ","), c.Locations[0].String()}, "\x00")
}

// readable is the long form of the ID.
func readable(c *Connection) string {
	switch c.Kind {
	case FederatedTrust:
		return join(c.Provider, trustName(c))
	case RegistryLogin:
		if c.Endpoint != "" {
			return join(c.Endpoint, c.Account, principalUnless(c, c.Account))
		}
	case JobToken:
		return join(c.Provider, "job-token")
	case Endpoint:
		return c.Endpoint
	case URLCredential:
		if r := mainRef(c); r == "" && c.Endpoint != "" {
			return join("url", c.Endpoint, c.Account, c.Principal)
		}
	case SSH:
		return join("ssh", c.Principal, c.Endpoint, mainRef(c))
	case DelegatedCall:
		return join("call", c.Endpoint, c.Principal)
	case Backend:
		return join("backend", c.Provider, c.Endpoint, c.Principal)
	case MCPServer:
		return join("mcp", c.Provider, c.Endpoint, c.Principal)
	}
	if r := mainRef(c); r != "" {
		return refName(c.Provider, r)
	}
	if c.Provider == "" && c.Endpoint == "" && c.Principal == "" {
		return join(string(c.Kind), c.Account)
	}
	return join(c.Provider, c.Endpoint, c.Account, c.Principal, string(c.Kind))
}

// trustName is account and principal without what an ARN or address repeats.
func trustName(c *Connection) string {
	p := c.Principal
	if _, after, ok := strings.Cut(p, ":role/"); ok {
		return join("role", c.Account, after)
	}
	if user, _, ok := strings.Cut(p, "@"); ok {
		p = user
	}
	if i := strings.LastIndexAny(p, ":/"); i >= 0 {
		p = p[i+1:]
	}
	if p == "" {
		p = mainRef(c)
	}
	if p == "" && c.Account == "" {
		p = join(c.Endpoint, "trust")
	}
	return join(c.Account, p)
}

func principalUnless(c *Connection, s string) string {
	p := c.Principal
	if i := strings.LastIndexAny(p, ":/"); i >= 0 {
		p = p[i+1:]
	}
	if strings.EqualFold(p, s) {
		return ""
	}
	return p
}

// mainRef is the name of the reference that says most: the longest name that is
// no user name or id, the first of them.
func mainRef(c *Connection) string {
	best, score := "", -1
	for _, r := range c.Refs {
		if jobToken(r) {
			continue
		}
		_, n := splitRef(r)
		s := 1
		for _, id := range []string{"USER", "USERNAME", "LOGIN", "ID", "EMAIL", "HOST", "URL", "REGION", "NAME"} {
			if n == id || strings.HasSuffix(n, "_"+id) {
				s = 0
			}
		}
		if s > score {
			best, score = n, s
		}
	}
	if best == "*" {
		return "all-secrets"
	}
	return best
}

// refName is provider and name of a reference, of which many repeat the provider.
func refName(provider, ref string) string {
	if name, p := slug(ref), slug(provider); name == p || strings.HasPrefix(name, p+"-") {
		return ref
	}
	return join(provider, ref)
}

func join(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "-")
}

// slug keeps lower-case letters, digits and single hyphens.
func slug(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			b = append(b, c)
		} else if len(b) > 0 && b[len(b)-1] != '-' {
			b = append(b, '-')
		}
	}
	if s := strings.Trim(string(b), "-"); s != "" {
		return s
	}
	return "connection"
}

func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.TrimRight(s, "-")
}
