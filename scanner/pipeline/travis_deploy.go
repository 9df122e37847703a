package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// travisProviders gives for a deploy provider whom it reaches and the variable
// it reads when it is given nothing. Source: docs.travis-ci.com/user/deployment-v2.
var travisProviders = map[string][2]string{
	"releases": {"github", "GITHUB_TOKEN"}, "pages": {"github", "GITHUB_TOKEN"}, "npm": {"npm", "NPM_API_TOKEN"}, "pypi": {"pypi", "PYPI_PASSWORD"},
	"rubygems": {"rubygems", "RUBYGEMS_API_KEY"}, "heroku": {"heroku", "HEROKU_API_KEY"}, "s3": {"aws", "AWS_SECRET_ACCESS_KEY"}, "lambda": {"aws", "AWS_SECRET_ACCESS_KEY"},
	"codedeploy": {"aws", "AWS_SECRET_ACCESS_KEY"}, "elasticbeanstalk": {"aws", "AWS_SECRET_ACCESS_KEY"}, "cloudformation": {"aws", "AWS_SECRET_ACCESS_KEY"},
	"opsworks": {"aws", "AWS_SECRET_ACCESS_KEY"}, "ecr": {"aws", "AWS_SECRET_ACCESS_KEY"}, "gcs": {"gcp", "GCS_SECRET_ACCESS_KEY"}, "gae": {"gcp", "GAE_KEYFILE"},
	"firebase": {"firebase", "FIREBASE_TOKEN"}, "netlify": {"netlify", "NETLIFY_AUTH"}, "surge": {"surge", "SURGE_TOKEN"}, "bintray": {"bintray", "BINTRAY_KEY"},
	"azure_web_apps": {"azure", "AZURE_WA_PASSWORD"}, "snap": {"snapcraft", "SNAP_TOKEN"}, "cargo": {"crates.io", "CARGO_TOKEN"}, "bluemixcloudfoundry": {"ibm", "BLUEMIXCLOUDFOUNDRY_PASSWORD"},
	"cloudfoundry": {"cloudfoundry", "CLOUDFOUNDRY_PASSWORD"}, "packagecloud": {"packagecloud", "PACKAGECLOUD_TOKEN"}, "nuget": {"nuget", "NUGET_API_KEY"}, "hackage": {"hackage", "HACKAGE_PASSWORD"},
	"openshift": {"openshift", "OPENSHIFT_TOKEN"}, "puppetforge": {"puppet", "PUPPETFORGE_PASSWORD"}, "launchpad": {"launchpad", "LAUNCHPAD_OAUTH_TOKEN"}, "transifex": {"transifex", "TRANSIFEX_API_TOKEN"},
	"vercel": {"vercel", "VERCEL_TOKEN"}, "scalingo": {"scalingo", "SCALINGO_API_TOKEN"}, "cloudfiles": {"rackspace", "CLOUDFILES_API_KEY"}, "testfairy": {"testfairy", "TESTFAIRY_API_KEY"},
}

// deploy reads a deployment.
func (f *travisFile) deploy(n *Node, scope *Scope, c connection.Consumer) {
	name := n.Get("provider")
	if n.Is(ScalarNode) {
		name = n
	}
	p := strings.TrimSuffix(strings.ToLower(name.String()), ":git")
	c.Action = "deploy " + p
	if p == "script" {
		f.script(scriptLines(n.Get("script"), 0), "bash", scope, c, false)
		return
	}
	row := travisProviders[p]
	if row[0] == "" && p != "" {
		if id, _, ok := byName(p); ok {
			row[0] = id
		}
	}
	o := Occurrence{Kind: connection.SecretRef, Provider: row[0], Consumer: c, Group: c.Job + "/deploy/" + p}
	found := f.secure(n, "", row[0], c)
	for _, q := range n.Pairs() {
		key := q.Key.Value
		switch {
		case key == "on" || key == "provider":
			f.sweep(q.Value, key, scope, c)
			continue
		case f.value(o, deployKey(key), q.Value, scope):
			found = true
			continue
		case credentialName(deployKey(key)) && q.Value.Is(ScalarNode) && len(q.Value.String()) >= 8 && !strings.Contains(q.Value.String(), "$") && key != "access_key_id" && !placeholder(q.Value.String()):
			l := o
			l.Kind, l.Construct, l.Auth, l.Role, l.Location = connection.Literal, key, connection.Static, connection.RoleSecret, f.d.Location(q.Value.Text())
			f.d.Emit(l)
			found = true
			continue
		}
		f.sweep(q.Value, key, scope, c)
	}
	if found || p == "" || row[1] == "" {
		return
	}
	o.Construct, o.Auth, o.Role, o.Refs = "deploy", connection.Static, connection.RoleSecret, []string{f.store + row[1]}
	o.Location = f.d.Location(name.Text())
	f.d.Emit(o)
}

// deployKey gives names of credentials that say so.
func deployKey(key string) string {
	switch key {
	case "key", "auth", "access_key_id", "gcs_key":
		return key + "_token"
	case "keyfile":
		return "service_key"
	}
	return key
}

// addons reads integrations that take a credential.
func (f *travisFile) addons(n *Node, scope *Scope, c connection.Consumer) {
	for _, p := range n.Pairs() {
		key := p.Key.Value
		provider, env := "", ""
		switch key {
		case "sonarcloud", "sonarqube":
			provider, env = "sonar", "SONAR_TOKEN"
		case "coverity_scan":
			provider, env = "coverity", "COVERITY_SCAN_TOKEN"
		case "sauce_connect":
			provider, env = nameOr("SAUCE", "saucelabs"), "SAUCE_ACCESS_KEY"
		case "browserstack":
			provider, env = nameOr("BROWSERSTACK", "browserstack"), "BROWSERSTACK_ACCESS_KEY"
		case "code_climate":
			provider = nameOr("CODE_CLIMATE", "codeclimate")
		case "artifacts":
			provider, env = "aws", "ARTIFACTS_SECRET"
		case "ssh_known_hosts":
			f.knownHosts(p.Value, c)
			continue
		case "apt", "apt_packages", "homebrew", "snaps", "hosts", "chrome", "firefox", "postgresql", "mariadb", "rethinkdb", "hostname", "srcclr":
			continue
		}
		c := c
		c.Action = "addon " + key
		found := f.secure(p.Value, key, provider, c)
		for _, q := range p.Value.Pairs() {
			o := Occurrence{Kind: connection.SecretRef, Provider: provider, Consumer: c, Group: c.Job + "/addons/" + key}
			if f.value(o, q.Key.Value, q.Value, scope) {
				found = true
			} else {
				f.sweep(q.Value, q.Key.Value, scope, c)
			}
		}
		if found || env == "" || p.Value.String() == "false" {
			continue
		}
		o := f.d.Occurrence(connection.SecretRef, key, p.Key.Text())
		o.Provider, o.Auth, o.Role, o.Refs, o.Consumer = provider, connection.Static, connection.RoleSecret, []string{f.store + env}, c
		f.d.Emit(o)
	}
}

func nameOr(name, def string) string {
	if p, _, ok := byName(name); ok {
		return p
	}
	return def
}

// knownHosts pins hosts that the build logs in to.
func (f *travisFile) knownHosts(n *Node, c connection.Consumer) {
	for _, h := range n.List() {
		if h.String() == "" {
			continue
		}
		o := f.d.Occurrence(connection.SSH, "ssh_known_hosts", h.Text())
		o.Provider, o.Consumer = "ssh", c
		if o.Endpoint = NormalHost(h.String()); strings.Contains(o.Endpoint, "$") {
			o.Endpoint = ""
		}
		f.d.Emit(o)
	}
}

// notifications reads chats and hooks.
func (f *travisFile) notifications(n *Node, scope *Scope, c connection.Consumer) {
	for _, p := range n.Pairs() {
		key := p.Key.Value
		provider := map[string]string{"slack": "slack", "pushover": "pushover", "hipchat": "hipchat", "flowdock": "flowdock", "campfire": "campfire"}[key]
		if key == "email" || key == "irc" {
			f.secure(p.Value, key, "", c)
			continue
		}
		f.secure(p.Value, key, provider, c)
		for _, t := range notified(p.Value, 0) {
			o := f.d.Occurrence(connection.Webhook, "notifications."+key, t)
			o.Provider, o.Auth, o.Role, o.Consumer = provider, connection.Static, connection.RoleSecret, c
			if key == "webhooks" {
				if !strings.Contains(t.S, "://") && !strings.Contains(t.S, "$") {
					continue
				}
				if ls := findLinks(t.S); len(ls) > 0 {
					o.Endpoint = ls[0].Host
				}
			} else if !strings.ContainsAny(t.S, ":@$") && key != "pushover" {
				continue
			}
			v := f.text(t, key, scope, c)
			if len(v.Refs) == 0 || !f.d.EmitRefs(o, v, nil) {
				f.d.Emit(o)
			}
		}
	}
}

// notified gives the targets of a notification: a string, a list, rooms or urls.
func notified(n *Node, depth int) []Text {
	var out []Text
	if depth > maxBinding || n != nil && !n.doc.descend() {
		return nil
	}
	if n.Is(ScalarNode) && len(n.String()) > 6 {
		return []Text{n.Text()}
	}
	for _, i := range n.Items() {
		out = append(out, notified(i, depth+1)...)
	}
	for _, key := range []string{"rooms", "urls", "api_key"} {
		out = append(out, notified(n.Get(key), depth+1)...)
	}
	return out
}
