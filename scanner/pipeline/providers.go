package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/provider"
)

// byHost is the provider and account that a host, with or without a path, or an ARN tells.
func byHost(host string) (id, account string, ok bool) {
	p, account, ok := provider.ByHost(host)
	return p.ID, account, ok
}

// byName is the provider that a name of a secret or variable tells, and whether that is sure.
func byName(name string) (id string, sure, ok bool) {
	p, sure, ok := provider.ByName(strings.TrimPrefix(strings.TrimPrefix(name, "env."), "ORG_GRADLE_PROJECT_")) // by which Gradle takes properties
	return p.ID, sure, ok
}
