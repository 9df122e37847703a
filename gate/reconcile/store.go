package reconcile

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/credgate/credgate/scanner/connection"
)

// A Store is where a secret is kept, taken apart from stored_in or from a
// reference of a document. What is not said is empty, and agrees with anything.
type Store struct {
	Scheme      string // github, vault, aws-sm …
	Class       string // within the scheme: secret, var, context; "" where the scheme has one
	Level       string // github: repository, organization, environment
	Environment string // github: of the environment
	Address     string // of the server, account or region
	Name        string // name or path, in the scheme's own letter case
	Field       string // key within the secret
}

// platforms are the CI systems whose secrets have flat names: the last part of
// a store's path is the name that pipelines use.
var platforms = map[string]string{
	"github": "secret", "gitlab": "var", "bitbucket": "var", "circleci": "env", "azdo": "var", "jenkins": "credential",
	"buildkite": "secret", "drone": "secret", "travis": "var", "terraform": "var",
}

// classes are the words that may stand between scheme and name.
var classes = []string{"secret", "var", "env", "context", "credential", "group", "variable-group", "service-connection", "variable"}

// ParseStore takes apart what an entry says under stored_in.
func ParseStore(s string) Store {
	scheme, rest, _ := strings.Cut(s, ":")
	class, flat := platforms[scheme]
	if !flat {
		return ParseRef(s)
	}
	if c, name, ok := strings.Cut(rest, ":"); ok && slices.Contains(classes, c) {
		return flatStore(scheme, c, name)
	}
	parts := strings.Split(rest, "/")
	st := flatStore(scheme, class, parts[len(parts)-1])
	switch {
	case slices.Contains(classes, parts[0]) && len(parts) > 1:
		st.Class = parts[0]
	case scheme == "github" && len(parts) > 1:
		st.Level = parts[0]
	}
	if scheme == "github" && len(parts) == 3 {
		st.Environment = parts[1]
	}
	return st
}

// ParseRef takes apart a reference in normal form: scheme:scope:name[#key][@version].
func ParseRef(s string) Store {
	scheme, rest, _ := strings.Cut(s, ":")
	if class, flat := platforms[scheme]; flat {
		if c, name, ok := strings.Cut(rest, ":"); ok {
			return flatStore(scheme, c, name)
		}
		return flatStore(scheme, class, rest)
	}
	st := Store{Scheme: scheme, Name: rest}
	st.Name, st.Field, _ = strings.Cut(st.Name, "#")
	if i := strings.LastIndex(st.Name, "@"); i > 0 {
		st.Name = st.Name[:i]
	}
	if i := strings.LastIndex(st.Name, ":"); i >= 0 {
		st.Address, st.Name = strings.Trim(st.Name[:i], "?:"), st.Name[i+1:]
	}
	if scheme == "k8s" {
		st.namespace()
	}
	st.Name = strings.Trim(st.Name, "/")
	return st
}

// namespace makes the namespace of a Kubernetes secret its address: it may be
// left out on either side.
func (s *Store) namespace() {
	if ns, name, ok := strings.Cut(s.Name, "/"); ok {
		s.Address, s.Name = strings.Trim(ns, "?"), name
	}
}

func flatStore(scheme, class, name string) Store {
	if class == "variable" {
		class = "var"
	}
	if scheme == "github" {
		name = strings.ToUpper(name) // names are case-insensitive there
	}
	return Store{Scheme: scheme, Class: class, Name: name}
}

// Key is equal for stores that may be the same.
func (s Store) Key() string { return s.Scheme + "\x00" + s.Class + "\x00" + s.Name }

// Holds tells whether a reference may read from the store.
func (s Store) Holds(ref Store) bool {
	return s.Key() == ref.Key() && (s.Address == "" || ref.Address == "" || s.Address == ref.Address) &&
		(s.Field == "" || ref.Field == "" || s.Field == ref.Field)
}

// closeness ranks stores that hold a reference alike.
func (s Store) closeness(ref Store, environments []string) int {
	n := 0
	if s.Environment != "" && slices.Contains(environments, s.Environment) {
		n += 20
	}
	if s.Field != "" && s.Field == ref.Field {
		n += 10
	}
	if s.Address != "" && s.Address == ref.Address {
		n += 5
	}
	return n
}

// Endpoints are all hosts of a connection, in order.
func Endpoints(c connection.Connection) []string {
	if len(c.Endpoints) > 0 {
		return c.Endpoints
	}
	if c.Endpoint != "" {
		return []string{c.Endpoint}
	}
	return nil
}

// Declares tells whether an endpoint, host or host/path, is one of those
// declared. A declared host covers its default port and every path; "*." covers
// every host below.
func Declares(declared []string, endpoint string) bool {
	host, path := split(endpoint)
	return slices.ContainsFunc(declared, func(d string) bool {
		h, p := split(d)
		if below, ok := strings.CutPrefix(h, "*."); ok {
			if !strings.HasSuffix(host, "."+below) {
				return false
			}
		} else if h != host {
			return false
		}
		return p == "" || path == p || strings.HasPrefix(path, strings.TrimSuffix(p, "/")+"/") || glob(p, path)
	})
}

func glob(pattern, s string) bool {
	ok, err := doublestar.Match(pattern, s)
	return ok && err == nil
}

func split(endpoint string) (host, path string) {
	host, path, slash := strings.Cut(strings.ToLower(endpoint), "/")
	if slash {
		path = "/" + path
	}
	for _, port := range []string{":443", ":80"} {
		host = strings.TrimSuffix(host, port)
	}
	return strings.TrimSuffix(host, "."), path
}
