package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// codeBuild reads build specifications of AWS CodeBuild. Source:
// docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html.
var codeBuild = Dialect{ID: "aws-codebuild", Path: func(p string) bool {
	base := path.Base(p)
	return yamlExt(base) && strings.Contains(strings.ToLower(base), "buildspec")
}, Content: func(p string, head *Head) bool {
	s := head.Text
	return yamlExt(p) && strings.Contains(s, "version: 0.") && head.Top("phases")
}, Read: readCodeBuild, Line: func(d *Document, l Text) { varLine(d, l, "codebuild:env:", codeBuildOwn) }}

func codeBuildOwn(name string) (Value, bool) {
	own := strings.HasPrefix(name, "CODEBUILD_") || name == "AWS_REGION" || name == "AWS_DEFAULT_REGION" || name == "AWS_ACCOUNT_ID" || strings.HasPrefix(name, "AWS_CONTAINER_")
	return Value{}, own
}

func readCodeBuild(d *Document) {
	c := connection.Consumer{Path: d.Path}
	r := &varReader{d: d, store: "codebuild:env:", own: codeBuildOwn, quiet: true}
	for _, root := range d.YAML() {
		scope := (*Scope)(nil).Inner()
		env := root.Get("env")
		for _, p := range env.Get("variables").Pairs() {
			if t := p.Value.Text(); t.S != "" && !d.writtenOut(p.Key.Value, t, "", "env.variables", c) && !r.urls(t, nil, c) {
				r.role(t, p.Key.Value, connection.Ambient, c)
				scope.Bind(p.Key.Value, r.text(t, p.Key.Value, scope, c))
			}
		}
		store := func(key string, ref func(string) string) {
			for _, p := range env.Get(key).Pairs() {
				t := p.Value.Text()
				o := d.Occurrence(connection.StoreRef, "env."+key, t)
				o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{ref(t.S)}, "aws", connection.Ambient, connection.RoleSecret, c
				o.Group = tfGroup("env", p.Key.Value)
				d.Emit(o)
				scope.Bind(p.Key.Value, Value{At: t, Refs: []Ref{{Name: ref(t.S), At: t, In: d}}}.Through(p.Key.Value))
			}
		}
		store("parameter-store", func(s string) string { return "aws-ssm:" + s })
		store("secrets-manager", codeBuildSecret)
		if n := env.Get("git-credential-helper"); n.String() == "yes" {
			o := d.Occurrence(connection.ServiceConnection, "git-credential-helper", n.Text())
			o.Provider, o.Principal, o.Auth, o.Consumer = "aws", "codecommit", connection.Ambient, c
			d.Emit(o)
		}
		var parts []Text
		for _, p := range root.Get("phases").Pairs() {
			for _, k := range []string{"commands", "finally", "on-failure"} {
				if k != "on-failure" {
					parts = append(parts, scriptLines(p.Value.Get(k), 0)...)
				}
			}
		}
		r.script(parts, "bash", scope, c, false)
		for _, b := range append(root.Get("batch", "build-list").Items(), root.Get("batch", "build-graph").Items()...) {
			r.sweep(b, "", scope, c)
		}
	}
	r.flush(nil)
}

// codeBuildSecret is the normal form of secret-id:json-key:version-stage:version-id.
func codeBuildSecret(s string) string {
	if strings.HasPrefix(s, "arn:") {
		return awsSecretRef(s)
	}
	id, rest, _ := strings.Cut(s, ":")
	key, _, _ := strings.Cut(rest, ":")
	return fragment("aws-sm:"+id, key)
}
