package provider

import (
	"strings"
)

const (
	maxHost  = 1024 // bytes of a host with its path that are looked at
	accountV = "{account}"
)

// A hostPattern is one pattern of a provider, taken apart.
type hostPattern struct {
	provider int
	suffix   string   // labels after the last wildcard, all that must be equal
	labels   []string // from the left
	path     []string // segments
	weight   int      // literal bytes: the heavier pattern is the more exact
}

func parseHost(s string) hostPattern {
	host, path, _ := strings.Cut(s, "/")
	p := hostPattern{labels: strings.Split(host, ".")}
	if path != "" {
		p.path = strings.Split(path, "/")
	}
	first := len(p.labels)
	for first > 0 && !wild(p.labels[first-1]) {
		first--
	}
	p.suffix = strings.Join(p.labels[first:], ".")
	p.weight = len(strings.NewReplacer("*", "", accountV, "").Replace(s))
	return p
}

func wild(label string) bool { return strings.ContainsAny(label, "*{") }

// ByHost gives the provider of a host, and its account where host or path name
// one. It takes what stands in files: a host with or without port, a URL, an
// image name with its registry, an s3:// or gs:// URL, an ARN, the address of a
// Google service account. Of several patterns that fit the most exact wins.
// Hosts of the reader's own network belong to nobody.
func ByHost(hostport string) (p Provider, account string, ok bool) {
	if len(hostport) > maxHost {
		hostport = hostport[:maxHost]
	}
	if p, account, ok := byARN(hostport); ok {
		return p, account, true
	}
	host, path := splitHost(hostport)
	if host == "" {
		return Provider{}, "", false
	}
	index := hostIndex()
	labels := strings.Split(host, ".")
	best := -1
	for suffix, more := host, true; more; _, suffix, more = strings.Cut(suffix, ".") {
		for _, h := range index[suffix] {
			if acc, fits := h.match(labels, path); fits && h.weight > best {
				best, p, account, ok = h.weight, everything()[h.provider], acc, true
			}
		}
	}
	return p, account, ok
}

// match tells whether the pattern fits, and the account.
func (p *hostPattern) match(labels, path []string) (account string, ok bool) {
	want := p.labels
	if want[0] == "*" && len(labels) >= len(want) {
		labels = labels[len(labels)-len(want)+1:]
		want = want[1:]
	}
	if len(labels) != len(want) || len(path) < len(p.path) {
		return "", false
	}
	for i, w := range want {
		if !matchPart(w, labels[i], &account) {
			return "", false
		}
	}
	for i, w := range p.path {
		if !matchPart(w, path[i], &account) {
			return "", false
		}
	}
	return account, true
}

// matchPart fits a label or segment with at most one wildcard in it.
func matchPart(pattern, s string, account *string) bool {
	if !wild(pattern) {
		return pattern == s
	}
	before, after, named := strings.Cut(pattern, accountV)
	if !named {
		before, after, _ = strings.Cut(pattern, "*")
	}
	if len(s) <= len(before)+len(after) || !strings.HasPrefix(s, before) || !strings.HasSuffix(s, after) {
		return false
	}
	if named {
		*account = s[len(before) : len(s)-len(after)]
	}
	return true
}

// splitHost takes scheme, userinfo and port off. Path segments keep their case.
func splitHost(s string) (host string, path []string) {
	scheme, rest, found := strings.Cut(s, "://")
	if found {
		switch strings.ToLower(scheme) {
		case "s3", "s3a", "s3n":
			return "s3.amazonaws.com", nil
		case "gs":
			return "storage.googleapis.com", nil
		}
		s = rest
	}
	s, _, _ = strings.Cut(s, "?")
	host, tail, _ := strings.Cut(s, "/")
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	if !strings.HasPrefix(host, "[") {
		host, _, _ = strings.Cut(host, ":")
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if tail != "" {
		path = strings.Split(strings.Trim(tail, "/"), "/")
	}
	return host, path
}

// byARN reads arn:partition:service:region:account:resource.
func byARN(s string) (Provider, string, bool) {
	if !strings.HasPrefix(s, "arn:aws") {
		return Provider{}, "", false
	}
	part := strings.SplitN(s, ":", 6)
	p, ok := ByID("aws")
	if len(part) < 5 {
		return p, "", ok
	}
	return p, part[4], ok
}
