package pipeline

import (
	"testing"

	"github.com/credgate/credgate/scanner/connection"
)

// A plugin is known by its name, whoever publishes it, and an image of that name
// that is none is not.
func TestFindPlugin(t *testing.T) {
	for image, want := range map[string]struct {
		provider string
		kind     connection.Kind
	}{
		"plugins/s3": {"aws", ""}, "woodpeckerci/plugin-s3": {"aws", ""}, "s3": {"aws", ""}, "acme/s3": {},
		"plugins/kaniko-ecr": {"aws", connection.RegistryLogin}, "plugins/kaniko": {"", connection.RegistryLogin}, "quay.io/thegeeklab/wp-docker-buildx": {"", connection.RegistryLogin},
		"appleboy/drone-ssh": {"ssh", connection.SSH}, "appleboy/drone-telegram": {"telegram", ""}, "drillster/drone-email": {"smtp", ""},
		"atlassian/aws-s3-deploy": {"aws", ""}, "atlassian/aws-ecr-push-image": {"aws", connection.RegistryLogin}, "docker.io/plugins/slack": {"slack", ""},
		"woodpeckerci/plugin-release": {}, "gitea/tea": {"gitea", ""}, "alpine": {},
	} {
		if provider, _, kind := findPlugin(image); provider != want.provider || kind != want.kind {
			t.Errorf("%s: %q %q, want %q %q", image, provider, kind, want.provider, want.kind)
		}
	}
}
