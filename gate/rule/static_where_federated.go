package rule

import (
	"fmt"
	"slices"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
	"github.com/credgate/credgate/scanner/provider"
)

// StaticWhereFederated reports declared connections that keep a static secret
// for a provider that takes a federated identity from the platform they run on.
// A provider that was guessed from a name does not count. Source: OWASP
// NHI6:2025.
var StaticWhereFederated = gate.Rule{
	ID:       "static-where-federated",
	Severity: scanner.Low,
	Title:    "A stored secret could be a federated identity",
	Controls: []string{"NHI6:2025", "NHI7:2025", "CSF PR.AA-03", "CSF PR.AA-04", "CICD-SEC-6"},
	Actions:  [3]gate.Action{warn, warn, warn},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, e := range live(f) {
			for _, c := range f.Of(e.ID) {
				p, ok := provider.ByID(c.Provider)
				if !ok || p.Federation == "" || c.Auth != connection.Static || c.Kind == connection.DelegatedCall ||
					c.ProviderFrom == connection.FromName || slices.Contains(platforms, c.Provider) || !federates(c) {
					continue
				}
				out = append(out, gate.Violation{
					Entry: e.ID, Connection: c.ID, Locations: places(c),
					Message: fmt.Sprintf("%s %s kept as a static secret, and %s takes a federated identity", named(c), is(c), text(p.Name)),
					Remedy:  "use federation and revoke the secret: " + p.Federation,
				})
			}
		}
		return out
	},
}

// issuers are the dialects whose platform gives a job an identity token.
var issuers = []string{"github-actions", "gitlab-ci", "circleci", "bitbucket-pipelines", "buildkite", "azure-pipelines"}

// platforms issue the identities; they do not take their own in place of a token.
var platforms = []string{"github", "gitlab", "circleci", "bitbucket", "buildkite", "azure-devops"}

func federates(c connection.Connection) bool {
	return slices.ContainsFunc(c.Locations, func(p connection.Place) bool { return slices.Contains(issuers, p.Document) })
}
