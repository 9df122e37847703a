package pipeline

import "strings"

const dockerHub = "docker.io"

// ImageHost splits an image name (ghcr.io/acme/app:1, nginx, user/app@sha256:…)
// into its registry host, lower-case, and the path without tag and digest.
// Source: github.com/distribution/reference. It is "" for an empty name or one
// whose host is computed.
func ImageHost(image string) (host, name string) {
	image = strings.TrimSpace(image)
	if image == "" || strings.ContainsAny(image, "${}<> \"'\\") {
		return "", ""
	}
	image, _, _ = strings.Cut(image, "@")
	host, name, ok := strings.Cut(image, "/")
	if !ok || !strings.ContainsAny(host, ".:") && host != "localhost" {
		host, name = dockerHub, image
	}
	if i := strings.LastIndexByte(name, ':'); i >= 0 && !strings.Contains(name[i:], "/") {
		name = name[:i]
	}
	return NormalHost(host), name
}

// NormalHost is a host as connections name it: lower case, without scheme,
// userinfo, path, default port and Docker Hub's other names.
func NormalHost(host string) string {
	if _, rest, ok := strings.Cut(host, "://"); ok {
		host = rest
	}
	if i := strings.IndexAny(host, "/?#"); i >= 0 {
		host = host[:i]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		host = host[i+1:]
	}
	host = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(host)), ".")
	host = strings.TrimSuffix(strings.TrimSuffix(host, ":443"), ":80")
	switch host {
	case "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com", "docker.com":
		return dockerHub
	}
	return host
}

// hostAccount is the account that a host with a path tells: the owner on ghcr.io.
func hostAccount(host, path string) string {
	if first, _, _ := strings.Cut(path, "/"); host == "" || first == "api" || strings.IndexByte(first, hole) >= 0 {
		return ""
	}
	_, account, _ := byHost(host + "/" + path)
	if strings.IndexByte(account, hole) >= 0 {
		return ""
	}
	return account
}
