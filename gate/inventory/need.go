package inventory

import (
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// Needed tells whether a connection needs an entry: it is made with a
// credential or a trust that somebody has to answer for. Hosts without a
// credential and the platform's own token of a job need none; the former are
// listed, the latter is bounded by the policy's ceiling for all jobs at once.
func Needed(c connection.Connection) bool {
	switch c.Kind {
	case connection.Endpoint, connection.JobToken:
		return false
	case connection.DelegatedCall:
		if strings.HasPrefix(c.Principal, "./") || strings.HasPrefix(c.Principal, "$/") {
			return false // within this repository: what it reads is seen there
		}
	case connection.FederatedTrust, connection.AppToken, connection.ServiceConnection, connection.Encrypted,
		connection.StoreRef, connection.URLCredential:
		return true
	case connection.Literal:
		return false // a finding, judged as such
	}
	refs := Refs(c)
	if len(refs) == 0 {
		// Ambient logins, anonymous pulls, endpoints of agents.
		return len(c.Refs) == 0 && (c.Auth == connection.Static || c.Auth == connection.App || c.Auth == connection.OIDC)
	}
	// A variable of the platform is no credential; a trust made of some is.
	return slices.ContainsFunc(refs, func(r string) bool { return !variable(r) })
}

// Refs are the references of a connection without the job's own token.
func Refs(c connection.Connection) []string {
	return slices.DeleteFunc(slices.Clone(c.Refs), jobToken)
}

// jobToken tells whether a reference is the platform's own token of a job.
func jobToken(ref string) bool {
	switch strings.ToLower(ref) {
	case "github:secret:github_token", "gitlab:var:ci_job_token", "azdo:var:system.accesstoken":
		return true
	}
	return strings.HasSuffix(ref, ":job-token")
}

// Wild tells whether a reference stands for every secret there is, as in
// secrets: inherit. It tells nothing of which one.
func Wild(ref string) bool { return strings.HasSuffix(ref, ":*") }

func variable(ref string) bool { return strings.HasPrefix(ref, "github:var:") }
