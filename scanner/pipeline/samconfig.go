package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// samOverride is a parameter of a template as sam deploy takes it: Name=value, or
// ParameterKey=Name,ParameterValue=value.
var samOverride = lazily(`(?:ParameterKey=)?(\w+)(?:,ParameterValue)?=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"',]+)`)

// samConfig reads what the commands of SAM are run with: tables of environment,
// command and parameters. Source:
// docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html.
func (f *cfnFile) samConfig(root *Node) {
	for _, env := range root.Pairs() {
		for _, cmd := range env.Value.Pairs() {
			c := connection.Consumer{Path: f.d.Path, Environment: env.Key.Value, Job: cmd.Key.Value}
			for _, p := range cmd.Value.Get("parameters").Pairs() {
				f.samParameter(p, c)
			}
		}
	}
	leaves(root, func(key string, n *Node) { // what the pipeline's bootstrap keeps
		f.d.role(n.Text(), key, connection.Ambient, connection.Consumer{Path: f.d.Path})
	})
}

func (f *cfnFile) samParameter(p Pair, c connection.Consumer) {
	switch key, t := p.Key.Value, p.Value.Text(); key {
	case "parameter_overrides":
		for _, o := range p.Value.Pairs() {
			f.override(o.Key.Value, o.Value.Text(), c)
		}
		for _, n := range p.Value.List() {
			text := n.Text()
			for _, m := range samOverride().FindAllStringSubmatchIndex(text.S, maxFanOut) {
				f.override(text.S[m[2]:m[3]], unquote(text.Sub(m[4], m[5])), c)
			}
		}
	case "image_repository", "image_repositories":
		for _, n := range p.Value.List() {
			f.repository(n.Text(), key, c)
		}
	case "profile":
		if t.S != "" && t.S != "default" {
			o := f.d.Occurrence(connection.ProviderBlock, key, t)
			o.Provider, o.Principal, o.Auth, o.Consumer = "aws", t.S, connection.Ambient, c
			f.d.Emit(o)
		}
	}
}

// override reads a parameter's value: a stored secret by name, or one written out.
func (f *cfnFile) override(name string, t Text, c connection.Consumer) {
	if !f.d.awsRefs(t, name, c) && !f.d.awsNamed(name, t, c) && !f.d.dataSource(t, name, c) && !f.d.URLs(t, nil, name, c) {
		f.d.writtenOut(name, t, "", "parameter_overrides", c)
	}
}

// repository emits the registry that images are pushed to: a URI, or one behind
// the name of a function.
func (f *cfnFile) repository(t Text, key string, c connection.Consumer) {
	if _, uri, ok := t.Cut("="); ok {
		t = uri
	}
	host, space := ImageHost(t.S)
	if !strings.Contains(host, ".") {
		return
	}
	o := f.d.Occurrence(connection.RegistryLogin, key, t)
	o.Endpoint, o.Account, o.Auth, o.Consumer = host, hostAccount(host, space), connection.Ambient, c
	f.d.Emit(o)
}
