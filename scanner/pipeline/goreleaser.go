package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// goreleaser reads .goreleaser.yaml: what a release logs in to. Source:
// goreleaser.com/customization.
var goreleaser = Dialect{ID: "goreleaser", Content: goreleaserContent, Read: readGoreleaser}

func goreleaserContent(p string, head *Head) bool {
	base := strings.TrimPrefix(path.Base(p), ".")
	return yamlExt(p) && (strings.HasPrefix(base, "goreleaser") || strings.HasSuffix(base, "goreleaser.yml") || strings.HasSuffix(base, "goreleaser.yaml")) &&
		!head.Top("apiVersion") && !head.Top("jobs")
}

var goEnv = lazily(`\{\{-?[^{}]*?(?:\.Env\.(\w+)|(?:envOrDefault|isEnvSet)\s+"(\w+)"|index\s+\.Env\s+"(\w+)")[^{}]*\}\}|\$\{?([A-Z]\w+)\}?`)

// findGoEnv finds the variables that a template of GoReleaser takes.
func findGoEnv(s string, script bool) []varMention {
	var out []varMention
	for _, m := range goEnv().FindAllStringSubmatchIndex(s, maxFanOut) {
		for g := 2; g+1 < len(m); g += 2 {
			if m[g] >= 0 {
				out = append(out, varMention{m[0], m[1], s[m[g]:m[g+1]]})
			}
		}
	}
	return out
}

// announcers are the variables that GoReleaser's announcers take without their
// being named in the file.
var announcers = map[string]struct {
	provider string
	vars     []string
}{
	"slack": {"slack", []string{"SLACK_WEBHOOK"}}, "discord": {"discord", []string{"DISCORD_WEBHOOK_ID", "DISCORD_WEBHOOK_TOKEN"}},
	"teams": {"teams", []string{"TEAMS_WEBHOOK"}}, "mattermost": {"mattermost", []string{"MATTERMOST_WEBHOOK"}}, "telegram": {"telegram", []string{"TELEGRAM_TOKEN"}},
	"twitter":  {"twitter", []string{"TWITTER_CONSUMER_KEY", "TWITTER_CONSUMER_SECRET", "TWITTER_ACCESS_TOKEN", "TWITTER_ACCESS_TOKEN_SECRET"}},
	"mastodon": {"mastodon", []string{"MASTODON_CLIENT_ID", "MASTODON_CLIENT_SECRET", "MASTODON_ACCESS_TOKEN"}}, "reddit": {"reddit", []string{"REDDIT_SECRET", "REDDIT_PASSWORD"}},
	"smtp": {"smtp", []string{"SMTP_PASSWORD"}}, "linkedin": {"linkedin", []string{"LINKEDIN_ACCESS_TOKEN"}}, "opencollective": {"opencollective", []string{"OPENCOLLECTIVE_TOKEN"}},
	"bluesky": {"bluesky", []string{"BLUESKY_APP_PASSWORD"}},
}

func readGoreleaser(d *Document) {
	r := &varReader{d: d, store: "env:", find: findGoEnv, own: func(n string) (Value, bool) { return Value{}, n == "GITHUB_REPOSITORY_OWNER" || n == "GOPATH" }}
	for _, root := range d.YAML() {
		for _, p := range root.Pairs() {
			c := connection.Consumer{Path: d.Path, Job: p.Key.Value}
			switch p.Key.Value {
			case "announce":
				r.announce(p.Value, c)
			case "blobs", "blob":
				for _, b := range p.Value.List() {
					r.blob(b, c)
				}
			case "artifactories", "uploads":
				for _, u := range p.Value.List() {
					r.upload(u, strings.TrimSuffix(strings.ToUpper(p.Key.Value), "IES"), c)
				}
			case "env":
				for _, e := range p.Value.Items() {
					r.environment(e.Text(), c)
				}
				continue
			case "before", "after":
				for _, h := range p.Value.Get("hooks").List() {
					r.hook(h, c)
				}
			}
			r.release(p.Value, p.Key.Value, c, 0)
			for _, n := range p.Value.List() {
				r.implied(n, c)
				if root.Get("release", "gitlab") == nil && root.Get("release", "gitea") == nil {
					r.tap(n, c)
				}
			}
		}
		r.flush(nil)
	}
}

// environment reads X=value of the build's own environment.
func (r *varReader) environment(t Text, c connection.Consumer) {
	k, v, ok := t.Cut("=")
	if !ok {
		return
	}
	if got := r.text(v, k.S, nil, c); !r.urls(v, nil, c) && len(got.Refs) == 0 {
		r.d.setting(k.S, v, "env", c)
	}
}

func (r *varReader) hook(h *Node, c connection.Consumer) {
	if cmd := h.Get("cmd"); cmd != nil {
		h = cmd
	}
	if t := h.Text(); t.S != "" && !strings.Contains(t.S, "{{") {
		r.script([]Text{t}, "bash", nil, c, false)
	}
}

func (r *varReader) announce(n *Node, c connection.Consumer) {
	for _, p := range n.Pairs() {
		a, ok := announcers[p.Key.Value]
		if on := p.Value.Get("enabled").String(); !ok || on == "" || on == "false" {
			continue
		}
		o := r.d.Occurrence(connection.SecretRef, "announce", p.Key.Text())
		if strings.Contains(a.vars[0], "WEBHOOK") {
			o.Kind = connection.Webhook
		}
		for _, v := range a.vars {
			o.Refs = append(o.Refs, "env:"+v)
		}
		o.Provider, o.Auth, o.Role, o.Consumer = a.provider, connection.Static, connection.RoleSecret, c
		if p.Key.Value == "smtp" {
			o.Endpoint, o.Principal = NormalHost(p.Value.Get("host").String()), plainName(p.Value.Get("username").String())
		}
		r.d.Emit(o)
	}
}

// implied are the variables that a publisher takes without their being named, by
// the field that tells of its account, unless the other names one.
var implied = map[string]struct{ field, unless, variable string }{
	"furies": {"account", "secret_name", "FURY_TOKEN"}, "gemfury": {"account", "secret_name", "FURY_TOKEN"}, "cloudsmiths": {"organization", "secret_name", "CLOUDSMITH_TOKEN"},
	"dockerhub": {"username", "secret_name", "DOCKER_PASSWORD"}, "npms": {"name", "token", "NPM_TOKEN"}, "snapcrafts": {"publish", "", "SNAPCRAFT_STORE_CREDENTIALS"},
}

// taps are publishers that push to a repository, which some older files name otherwise.
var taps = map[string][]string{"brews": {"repository", "tap"}, "homebrew_casks": {"repository"}, "scoops": {"repository", "bucket"}, "scoop": {"repository", "bucket"}, "krews": {"repository", "index"},
	"nix": {"repository"}, "winget": {"repository"}}

// tap emits the token of the release where a publisher pushes to another
// repository with it: it must be one that reaches both.
func (r *varReader) tap(n *Node, c connection.Consumer) {
	for _, key := range taps[c.Job] {
		repo := n.Get(key)
		owner := repo.Get("owner")
		if owner.String() == "" || repo.Get("token") != nil || repo.Get("git", "private_key") != nil || n.Get("skip_upload").String() == "true" {
			continue
		}
		o := r.d.Occurrence(connection.SecretRef, key, owner.Text())
		o.Refs, o.Provider, o.Account, o.Auth, o.Role, o.Consumer = []string{"env:GITHUB_TOKEN"}, "github", plainName(owner.String()), connection.Static, connection.RoleSecret, c
		r.d.Emit(o)
	}
}

func (r *varReader) implied(n *Node, c connection.Consumer) {
	i, ok := implied[c.Job]
	t := n.Get(i.field)
	if !ok || t.String() == "" || t.String() == "false" || i.unless != "" && n.Get(i.unless) != nil {
		return
	}
	o := r.d.Occurrence(connection.SecretRef, i.field, t.Text())
	o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{"env:" + i.variable}, releaseTargets[c.Job], connection.Static, connection.RoleSecret, c
	if i.field != "publish" {
		o.Account = plainName(t.String())
	}
	r.d.Emit(o)
}

// blob reads an upload to a bucket, by what the runner is logged in with.
func (r *varReader) blob(b *Node, c connection.Consumer) {
	n := b.Get("bucket")
	provider := map[string]string{"s3": "aws", "gs": "gcp", "azblob": "azure"}[b.Get("provider").String()]
	if n == nil || provider == "" {
		return
	}
	o := r.d.Occurrence(connection.Backend, "blobs", n.Text())
	o.Provider, o.Auth, o.Principal, o.Consumer = provider, connection.Ambient, plainName(n.String()), c
	if h := NormalHost(b.Get("endpoint").String()); strings.Contains(h, ".") {
		if o.Endpoint = h; provider == "aws" {
			o.Provider = hostProvider(h)
		}
	}
	r.d.Emit(o)
}

// upload reads a target with its user; the password is in a variable of the upload's name.
func (r *varReader) upload(u *Node, prefix string, c connection.Consumer) {
	target := u.Get("target")
	if target == nil {
		return
	}
	host := ""
	if ls := findLinks(blot(target.String())); len(ls) > 0 {
		host = ls[0].Host
	}
	o := r.d.Occurrence(connection.RegistryLogin, "target", target.Text())
	name := strings.ToUpper(strings.ReplaceAll(u.Get("name").String(), "-", "_"))
	o.Endpoint, o.Auth, o.Role, o.Consumer, o.Principal = host, connection.Static, connection.RoleSecret, c, plainName(u.Get("username").String())
	o.Refs = []string{"env:" + map[string]string{"ARTIFACTOR": "ARTIFACTORY", "UPLOADS": "UPLOAD"}[prefix] + "_" + name + "_SECRET"}
	if prefix == "ARTIFACTOR" && host == "" {
		o.Provider = "jfrog"
	}
	r.d.Emit(o)
}

// releaseTargets tell the provider of what stands below a key.
var releaseTargets = map[string]string{"brews": "github", "homebrew_casks": "github", "scoops": "github", "scoop": "github", "krews": "github", "winget": "github", "nix": "github", "release": "github",
	"aurs": "aur", "aur_sources": "aur", "chocolateys": "chocolatey", "notarize": "apple", "gemfury": "gemfury", "furies": "gemfury", "cloudsmiths": "cloudsmith", "npms": "npm", "snapcrafts": "snapcraft", "dockerhub": "dockerhub"}

// release reads all below a key for variables and what is written out.
func (r *varReader) release(n *Node, key string, c connection.Consumer, depth int) {
	if n = n.Deref(); n == nil || depth > maxDepth || !r.d.descend() {
		return
	}
	for _, i := range n.items {
		r.release(i, key, c, depth+1)
	}
	if u := n.Get("git_url"); u != nil && n.Get("private_key") != nil {
		if m := scpURL().FindStringSubmatch(u.String()); m != nil {
			o := r.d.Occurrence(connection.SSH, "git_url", u.Text())
			o.Principal, o.Endpoint, o.Auth, o.Consumer, o.Group = m[1], NormalHost(m[2]), connection.Static, c, c.Job+"/git"
			o.Provider = releaseTargets[c.Job]
			r.d.Emit(o)
		}
	}
	for _, p := range n.pairs {
		if !p.Value.Is(ScalarNode) {
			r.release(p.Value, p.Key.Value, c, depth+1)
			continue
		}
		key, t := p.Key.Value, p.Value.Text()
		if key == "secret_name" && t.S != "" || key == "private_key" && t.S != "" && !strings.ContainsAny(t.S, "{/.") {
			o := Occurrence{Kind: connection.SecretRef, Construct: key, Role: connection.RoleSecret, Provider: releaseTargets[c.Job], Consumer: c}
			r.d.EmitRefs(o, Value{Refs: []Ref{{Name: "env:" + t.S, At: t, In: r.d}}}, nil)
			continue
		}
		r.releaseValue(key, t, n, c)
	}
	if t := n.Text(); n.Kind == ScalarNode && depth > 0 {
		r.text(t, "", nil, c)
		r.urls(t, nil, c)
		if i := strings.Index(t.S, "env://"); i >= 0 && strings.Contains(key, "args") {
			at := t.Sub(i+6, len(t.S))
			o := Occurrence{Kind: connection.SecretRef, Construct: "key", Role: connection.RoleSecret, Provider: "sigstore", Consumer: c}
			r.d.EmitRefs(o, Value{Refs: []Ref{{Name: "env:" + at.S, At: at, In: r.d}}}, nil)
		}
	}
}

func (r *varReader) releaseValue(key string, t Text, n *Node, c connection.Consumer) {
	o := Occurrence{Kind: connection.SecretRef, Construct: key, Role: connection.RoleSecret, Provider: releaseTargets[c.Job], Consumer: c}
	if key == "certificate" && c.Job != "notarize" { // where a signature's is written
		return
	}
	switch key {
	case "private_key", "token", "password", "certificate", "api_key", "key", "issuer_id", "key_id", "account":
		if key == "token" && o.Provider == "github" {
			o.Account = plainName(n.Get("owner").String())
		}
		if v := r.text(t, key, nil, c); len(v.Refs) > 0 {
			o.Group = c.Job + "/" + c.Step
			if key == "private_key" {
				o.Kind = connection.SSH
			}
			r.d.EmitRefs(o, v, nil)
			return
		}
	case "description", "caveats", "install", "test", "homepage", "license", "message_template", "title_template":
		return
	}
	if v := r.text(t, key, nil, c); !r.urls(t, nil, c) && len(v.Refs) == 0 {
		r.d.setting(key, t, key, c)
	}
}
