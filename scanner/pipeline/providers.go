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

// byName is the provider that a name of a secret or variable tells, and whether
// that is sure. Of GITEA__MAILER__PASSWD, a setting of an application in its
// section, the application is no more than a guess.
func byName(name string) (id string, sure, ok bool) {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "env."), "ORG_GRADLE_PROJECT_") // by which Gradle takes properties
	app, section, nested := strings.Cut(name, "__")
	if nested = nested && app != ""; nested {
		if p, sure, ok := provider.ByName(section); ok {
			return p.ID, sure, true
		}
	}
	p, sure, ok := provider.ByName(name)
	if !ok && strings.HasSuffix(strings.Join(nameWords(name), "_"), "secret_access_key") { // as AWS calls it
		return "aws", false, true
	}
	return p.ID, sure && !nested, ok
}
