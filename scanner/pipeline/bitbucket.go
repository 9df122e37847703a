package pipeline

import (
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// bitbucketPipelines reads bitbucket-pipelines.yml. Source:
// support.atlassian.com/bitbucket-cloud/docs/bitbucket-pipelines-configuration-reference; pipelines.md 2.5.
var bitbucketPipelines = Dialect{ID: "bitbucket-pipelines", Path: bitbucketPath, Read: readBitbucket, Line: bitbucketLine}

func bitbucketPath(p string) bool {
	b := strings.ToLower(path.Base(p))
	return yamlExt(b) && (strings.HasPrefix(b, "bitbucket-pipelines") || strings.HasPrefix(b, "bitbucket-pipeline."))
}

type bitbucketFile struct {
	varReader
	read map[*Node]bool // steps that were read: an anchor makes one stand at several places
}

func readBitbucket(d *Document) {
	for _, root := range d.YAML() {
		f := &bitbucketFile{read: map[*Node]bool{}}
		f.varReader = varReader{d: d, store: "bitbucket:var:", own: bitbucketOwn}
		c := connection.Consumer{Path: d.Path}
		f.image(root.Get("image"), c)
		for _, s := range root.Get("definitions", "services").Pairs() {
			f.image(s.Value.Get("image"), c)
			f.sweep(s.Value.Get("variables"), "", nil, c)
		}
		for _, key := range []string{"definitions", "pipelines"} {
			f.walk(root.Get(key), c, 0)
		}
		f.flush(nil)
	}
}

func bitbucketLine(d *Document, line Text) { varLine(d, line, "bitbucket:var:", bitbucketOwn) }

// bitbucketOwn tells what Bitbucket itself defines.
func bitbucketOwn(name string) (Value, bool) {
	if name == "BITBUCKET_STEP_OIDC_TOKEN" {
		return derived(connection.OIDC), true
	}
	return Value{}, strings.HasPrefix(name, "BITBUCKET_") && !credentialName(name) || name == "BITBUCKET_SSH_KEY_FILE"
}

// walk finds the steps below a node: in lists, parallel groups and stages.
func (f *bitbucketFile) walk(n *Node, c connection.Consumer, depth int) {
	if depth > maxDepth || !f.d.descend() {
		return
	}
	for _, i := range n.Items() {
		f.walk(i, c, depth+1)
	}
	for _, p := range n.Pairs() {
		switch {
		case p.Key.Value == "step" && p.Value.Is(MapNode):
			f.step(p.Value, c)
		case p.Key.Value == "services", p.Key.Value == "caches":
		case p.Value.Get("script") != nil: // a step under a name, for anchors
			f.step(p.Value, c)
		default:
			c := c
			if s := p.Value.Get("deployment").String(); s != "" {
				c.Environment = s
			}
			f.walk(p.Value, c, depth+1)
		}
	}
}

func (f *bitbucketFile) step(n *Node, c connection.Consumer) {
	if n = n.Deref(); f.read[n] {
		return
	}
	f.read[n] = true
	if c.Job = n.Get("name").String(); c.Job == "" {
		c.Job = "step"
	}
	if s := n.Get("deployment").String(); s != "" {
		c.Environment = s
	}
	f.image(n.Get("image"), c)
	before := len(f.d.occs)
	oidc := n.Get("oidc").String() == "true"
	f.commands(n.Get("script"), c, oidc)
	f.commands(n.Get("after-script"), c, oidc)
	for _, s := range n.Get("services").Items() {
		f.sweep(s, "", nil, c)
	}
	if !oidc || slices.ContainsFunc(f.d.occs[before:], func(o Occurrence) bool { return o.Kind == connection.FederatedTrust }) {
		return
	}
	o := f.d.Occurrence(connection.FederatedTrust, "oidc", n.Get("oidc").Text())
	o.Auth, o.Consumer = connection.OIDC, c
	f.d.Emit(o)
}

// commands reads a script: commands that run as one, and pipes between them.
func (f *bitbucketFile) commands(n *Node, c connection.Consumer, oidc bool) {
	var lines []Text
	for _, i := range n.List() {
		if i.Get("pipe") != nil {
			f.pipe(i, c)
			continue
		}
		lines = append(lines, scriptLines(i, 0)...)
	}
	f.script(lines, "bash", nil, c, oidc)
}

// image reads the image of a build or service and its login.
func (f *bitbucketFile) image(n *Node, c connection.Consumer) {
	name := n
	if n.Is(MapNode) {
		name = n.Get("name")
	}
	if name.String() == "" {
		return
	}
	v := f.text(name.Text(), "image", nil, c)
	host, space := ImageHost(v.Lit)
	o := Occurrence{Kind: connection.RegistryLogin, Construct: "image", Endpoint: host, Account: hostAccount(host, space), Consumer: c, Group: "image/" + name.Text().S}
	found := f.value(o, "password", n.Get("password"), nil)
	for _, p := range n.Get("aws").Pairs() {
		p2 := o
		p2.Provider = "aws"
		switch p.Key.Value {
		case "oidc-role":
			p2.Kind, p2.Auth = connection.FederatedTrust, connection.OIDC
			if found = true; !f.role(p.Value.Text(), "image.aws", connection.OIDC, c) {
				f.value(p2, "role_token", p.Value, nil)
			}
		default:
			found = f.value(p2, p.Key.Value+"_key", p.Value, nil) || found
		}
	}
	if found {
		o.Role = connection.RoleUsername
		f.d.EmitRefs(o, f.text(n.Get("username").Text(), "username", nil, c), nil)
		return
	}
	f.privateImage(name.Text(), v, c)
}

// pipe reads the call of a pipe.
func (f *bitbucketFile) pipe(n *Node, c connection.Consumer) {
	t := n.Get("pipe").Text()
	c.Action = t.S
	name, _, _ := strings.Cut(strings.TrimPrefix(t.S, "docker://"), ":")
	provider, env, kind := findPlugin(name)
	found := false
	for _, p := range n.Get("variables").Pairs() {
		found = f.pipeVariable(p.Key.Value, p.Value, provider, kind, c) || found
	}
	if found || env == "" && kind != connection.SSH {
		return
	}
	o := f.d.Occurrence(connection.SecretRef, "pipe", t)
	if h := n.Get("variables", "SERVER").String(); kind == connection.SSH && !strings.Contains(h, "$") {
		o.Endpoint = NormalHost(h)
	}
	o.Provider, o.Auth, o.Role, o.Consumer = provider, connection.Static, connection.RoleSecret, c
	if kind != "" {
		o.Kind = kind
	}
	for e := range strings.FieldsSeq(env) {
		o.Refs = append(o.Refs, f.store+e)
	}
	f.d.Emit(o)
}

// pipeVariable reads one variable of a pipe. It tells whether it held a credential.
func (f *bitbucketFile) pipeVariable(key string, n *Node, provider string, kind connection.Kind, c connection.Consumer) bool {
	found := false
	for _, i := range n.Items() {
		for _, p := range i.Pairs() {
			found = f.pipeVariable(p.Key.Value, p.Value, "", "", c) || found
		}
		found = f.pipeVariable(key, i, provider, kind, c) || found
	}
	if !n.Is(ScalarNode) {
		return found
	}
	o := Occurrence{Kind: connection.SecretRef, Provider: provider, Consumer: c, Group: c.Job + "/" + c.Action}
	if strings.HasSuffix(key, "ROLE_ARN") {
		if f.role(n.Text(), key, connection.OIDC, c) {
			return true
		}
		o.Kind, o.Provider, o.Auth, o.Role, o.Construct = connection.FederatedTrust, "aws", connection.OIDC, connection.RoleIdentity, key
		return f.d.EmitRefs(o, f.text(n.Text(), key, nil, c), nil)
	}
	if kind != "" {
		o.Kind = kind
	}
	if o.Kind == connection.SSH && (key == "SERVER" || key == "USER") {
		return false
	}
	if key == "KEY_FILE" { // the key itself, in base64
		key = "SERVICE_KEY"
	}
	return f.value(o, key, n, nil)
}
