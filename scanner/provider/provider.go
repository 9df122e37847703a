// Package provider is the catalogue of outside services: by which hosts and
// names they are known, what credentials they hand out, whether they take
// federated identities instead, and where a credential is rotated. Detectors
// name their provider by its id here; pipelines infer it from hosts and names.
//
// The entries are data, one file for each field of business. To add a provider
// add an entry to one of them; the package's test says what is wrong with it.
package provider

import (
	"slices"
	"strings"
)

// A Relation says who runs the service, as the inventory's providers.<id>.kind.
type Relation string

const (
	Internal  Relation = "internal"           // software that its user runs: a database, an SSH server
	External  Relation = "external"           // a service of somebody else
	Processor Relation = "external-processor" // one that is handed its user's customers' data as a matter of course
)

// A Field is a part of a token, identifier or record and what it means.
type Field struct{ Name, Means string }

// A Provider is an outside service, or software that speaks for one.
type Provider struct {
	ID       string // lower-case, never reused
	Name     string // as the provider writes it
	Relation Relation

	// Hosts are patterns of a host with an optional path, lower-case. A label
	// "*" stands for one label, or for one and more when it is the first;
	// "{account}" stands for one label or path segment and gives the account;
	// either may be a part of a label. See ByHost.
	Hosts []string
	// Names are the tokens by which names of secrets and variables tell the
	// provider: upper-case words joined by underscores. One that ends in "?"
	// is a guess. See ByName.
	Names []string
	// Kinds of credential that the provider hands out, of the closed set that
	// scanner.Detector names.
	Kinds []string

	// Federation is the page that tells how to do without a stored secret
	// (OIDC, workload identity, trusted publishing); "" when it is not offered.
	Federation string
	Rotate     string // page on rotating a credential
	Revoke     string // page on revoking one; "" when Rotate tells that too
	Docs       string // page on the credentials and their format

	Fields []Field
}

// Credential kinds, as short as a table needs them.
const (
	apiKey      = "api-key"
	accessKey   = "access-key"
	pat         = "pat"
	deployKey   = "deploy-key"
	sshKey      = "ssh-key"
	saKey       = "service-account-key"
	oauthClient = "oauth-client"
	oauthGrant  = "oauth-grant"
	app         = "app-installation"
	password    = "password"
	connString  = "connection-string"
	certificate = "certificate"
	webhook     = "webhook-secret"
	signingKey  = "signing-key"
	workload    = "workload-identity"
)

// fields lists the catalogue's files. All flattens it.
func fields() [][]Provider {
	return [][]Provider{
		ai, apis, chat, ci, cloud, commerce, community, data, hosting, identity, observability,
		payment, quality, registry, saas, security, signing, software,
	}
}

// All gives every provider, ordered by ID. The slice is the caller's.
func All() []Provider { return slices.Clone(everything()) }

// ByID gives the provider of that id.
func ByID(id string) (Provider, bool) {
	all := everything()
	i, ok := slices.BinarySearchFunc(all, id, func(p Provider, id string) int { return strings.Compare(p.ID, id) })
	if !ok {
		return Provider{}, false
	}
	return all[i], true
}
