// Package connection owns the record of an outside connection: what a pipeline
// or an infrastructure file reaches, by which credential, from where. Dialects
// give Occurrences, one for each place; Fold makes Connections of them.
package connection

import "github.com/credgate/credgate/scanner"

// A Kind is what a connection stands for. The set is closed.
type Kind string

const (
	SecretRef         Kind = "secret-ref"         // managed secret of the CI platform
	StoreRef          Kind = "store-ref"          // path in Vault, a cloud secret manager, 1Password, Kubernetes
	FederatedTrust    Kind = "federated-trust"    // OIDC, workload identity, assume-role, trusted publishing
	ServiceConnection Kind = "service-connection" // named object that hides the credential: context, variable group
	RegistryLogin     Kind = "registry-login"     // login to a container or package registry
	AppToken          Kind = "app-token"          // key exchange of a GitHub App or its like
	SSH               Kind = "ssh"                // deploy key, SSH host login
	Webhook           Kind = "webhook"            // inbound or outbound hook URL
	URLCredential     Kind = "url-credential"     // userinfo or token inside a URL
	Endpoint          Kind = "endpoint"           // third-party host, no credential seen
	MCPServer         Kind = "mcp-server"         // MCP endpoint, or local MCP process with credentials
	DelegatedCall     Kind = "delegated-call"     // workflow, include, template, orb elsewhere that is handed secrets
	JobToken          Kind = "job-token"          // the platform's own token with its permissions
	Encrypted         Kind = "encrypted"          // ciphertext in the tree
	Backend           Kind = "backend"            // state or cache store
	ProviderBlock     Kind = "provider-block"     // infrastructure provider with its login
	Literal           Kind = "literal"            // credential value in plain text
)

// Auth is how the connection proves itself.
type Auth string

const (
	Static  Auth = "static"  // a stored secret
	OIDC    Auth = "oidc"    // a federated token
	App     Auth = "app"     // an app's key, exchanged for a short token
	Ambient Auth = "ambient" // what the runner has: job token, instance role, helper login
	None    Auth = "none"
)

// A Role is what a reference is used as. Zero is not known.
type Role string

const (
	RoleSecret   Role = "secret"
	RoleUsername Role = "username"
	RoleIdentity Role = "identity"
	RoleEndpoint Role = "endpoint"
	RoleScope    Role = "scope"
	RoleWhole    Role = "whole" // the reference is the credential and all that belongs to it
)

// From says where a provider was read from, surest first. A provider From Name is a guess.
type From string

const (
	FromIntegration From = "integration"
	FromHost        From = "host"
	FromStore       From = "store"
	FromName        From = "name"
)

// A Consumer is a job, step or resource that uses a connection.
type Consumer struct {
	Path        string   `json:"path"`
	Job         string   `json:"job,omitempty"`
	Step        string   `json:"step,omitempty"`   // name or 1-based number
	Action      string   `json:"action,omitempty"` // owner/repo@ref, orb, pipe, task, command
	Environment string   `json:"environment,omitempty"`
	Triggers    []string `json:"triggers,omitempty"` // sorted
	Runner      string   `json:"runner,omitempty"`   // hosted, self-hosted, or a label
}

// An Occurrence is one place where a connection stands in a document. Raw text
// of a document is never kept: a literal credential has only its region.
type Occurrence struct {
	Location  scanner.Location
	Document  string // dialect: github-actions, gitlab-ci …
	Construct string // what was read: "with", "env", "registry", "permissions" …

	Kind         Kind
	Provider     string
	ProviderFrom From
	Account      string
	Endpoint     string
	Principal    string
	Auth         Auth
	Refs         []string // normal form of pipelines.md 1.4: github:secret:NAME
	Role         Role
	Scopes       []string
	Consumer     Consumer
	Via          []string // chain of bindings that was followed, innermost first
	Guessed      bool     // read by name or by a line scanner, not by structure
	Incomplete   bool     // a part could not be read: dynamic name, remote include
	// Group joins occurrences of one document into one connection: what one
	// step or resource names together. Empty stands alone.
	Group string
}

// A Connection is what references, trusts and logins reach, with all its places.
type Connection struct {
	ID           string     `json:"id"` // stable and readable: made of kind, provider, account, endpoint, references
	Kind         Kind       `json:"kind"`
	Provider     string     `json:"provider,omitempty"`
	ProviderFrom From       `json:"provider_from,omitempty"`
	Account      string     `json:"account,omitempty"`
	Endpoint     string     `json:"endpoint,omitempty"`
	Endpoints    []string   `json:"endpoints,omitempty"` // all, sorted, when more than one
	Principal    string     `json:"principal,omitempty"`
	Auth         Auth       `json:"auth,omitempty"`
	Refs         []string   `json:"refs,omitempty"`
	Scopes       []string   `json:"scopes,omitempty"`
	Environments []string   `json:"environments,omitempty"`
	Triggers     []string   `json:"triggers,omitempty"`
	Consumers    []Consumer `json:"consumers,omitempty"`
	Locations    []Place    `json:"locations"`
	Complete     bool       `json:"complete"`
	Vendored     bool       `json:"vendored,omitempty"` // stands in code of others and data of tests only
	Entry        string     `json:"entry,omitempty"`
}

// A Place is a location with the dialect that read it. One secret may be used for
// more than one thing: where a place is of another kind or for another provider
// than its connection as a whole, it says so.
type Place struct {
	scanner.Location
	Document  string `json:"document"`
	Construct string `json:"construct,omitempty"`
	Kind      Kind   `json:"kind,omitempty"`
	Provider  string `json:"provider,omitempty"`
}
