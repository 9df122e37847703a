package pipeline

import (
	"cmp"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// blankValue tells a value that is no credential, whatever the name before it
// says: a switch, a path, a mark that asks for one.
func blankValue(v string) bool {
	l := strings.ToLower(strings.TrimSpace(v))
	switch l {
	case "placeholder", "", "true", "false", "null", "none", "nil", "yes", "no", "on", "off", "~", "-", "enabled", "disabled", "required", "optional",
		"default", "auto", "basic", "bearer", "{}", "[]", "always", "never", "any", "string", "token", "user", "file", "env", "md5", "trust", "plain", "tls", "n/a", "redacted", "debug", "info", "warn", "warning", "error", "fatal", "trace":
		return true
	}
	for _, p := range []string{"<", "xxx", "***", "...", "replace", "todo", "insert", "enter", "/", "./", "../", "~/", "file:", "ext:", "arn:", "accept", "{{", "{%", "%{", "my-secret-name"} {
		if strings.HasPrefix(l, p) {
			return true
		}
	}
	if strings.HasPrefix(l, "your") && !(strings.ContainsAny(l, "@!#$%") && strings.ContainsAny(l, "0123456789")) { // not YourStrong@Passw0rd, which works
		return true
	}
	if strings.Trim(l, "0123456789.") == "" && len(l) < 4 || strings.Contains(l, "<") && strings.Contains(l, ">") || len(v) > 16384 {
		return true
	}
	return strings.Count(l, " ") > 3 && !strings.Contains(l, "private key")
}

// setting reads a name and what it is set to: a URL with a login in it, a
// credential in plain text, a role. It tells whether it emitted any.
func (d *Document) setting(name string, value Text, construct string, c connection.Consumer) bool {
	value = value.Trim()
	if d.dataSource(value, construct, c) || d.URLs(value, nil, construct, c) || strings.HasPrefix(value.S, "{") && d.jsonSettings(name, value, construct, c) {
		return true
	}
	if !SecretName(name) && !credentialName(name) && !strings.HasSuffix(name, "requirepass") || identityName(name) && name != "VAULT_DEV_ROOT_TOKEN_ID" || blankValue(value.S) || strings.Contains(value.S, "://") {
		return false
	}
	d.plain(name, value, construct, c)
	return true
}

var jsonSetting = lazily(`"([\w.-]{2,64})"\s*:\s*"([^"\\${}]+)"`)

// jsonSettings emits the credentials in a value that is JSON, each by its name.
func (d *Document) jsonSettings(name string, t Text, construct string, c connection.Consumer) bool {
	found := false
	for _, m := range jsonSetting().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		key, v := t.S[m[2]:m[3]], t.Sub(m[4], m[5])
		if !SecretName(key) || identityName(key) || blankValue(v.S) || strings.Contains(v.S, "://") {
			continue
		}
		of := name + "_" + key
		if l := strings.ToLower(of); strings.Contains(l, "db_") || strings.Contains(l, "database") || strings.Contains(l, "datasource") {
			of = cmp.Or(onlyDatabase([]byte(t.S)), "DB") + "_PASSWORD"
		}
		d.plain(of, v, construct, c)
		found = true
	}
	return found
}

// identityName tells a name of who somebody is, which a credential's word only qualifies.
func identityName(name string) bool {
	w := nameWords(name)
	if len(w) == 0 {
		return true
	}
	if n := len(w); n > 1 && strings.HasPrefix(w[n-1], "key") && (strings.TrimRight(w[n-2], "0123456789") == "tag" || w[n-2] == "label" || w[n-2] == "annotation" || w[n-2] == "topology" || w[n-2] == "configmap" || w[n-2] == "routing") && name != "routing_key" {
		return true
	}
	switch w[len(w)-1] {
	case "in", "user", "users", "keyfile", "filename", "certfile", "username", "id", "name", "email", "login", "host", "port", "url", "uri", "path", "file", "dir", "type", "mode", "method", "enabled", "length",
		"expiration", "expiry", "ttl", "issuer", "audience", "algorithm", "version", "count", "size", "limit", "timeout", "endpoint", "region", "header", "provider", "backend", "realm", "domain", "class", "ref", "arn", "secs", "seconds", "days", "hours", "minutes", "duration", "lifetime", "period", "interval", "format", "prefix", "suffix", "field", "scope", "scopes", "pattern", "regex", "jitter", "policy", "strategy", "template", "label", "labels", "command", "script", "image", "tag", "schedule", "mtime", "time", "date", "suffixes", "icon", "description", "reviewers", "refresh", "rotation", "validation", "hint", "mount", "dirs", "disabled", "enable", "disable", "required", "claim", "claims", "sans", "address", "addresses", "group", "groups", "annotations", "annotation", "resource", "resources", "vars", "list", "lists", "hosts", "cidr", "cidrs", "allowed", "namespace", "namespaces", "attribute", "attributes", "alias", "topic", "expires", "expire":
		return w[len(w)-1] != "url" || !strings.Contains(strings.ToLower(name), "webhook")
	}
	return false
}

// settingName tells a variable that only has a credential's word in its name:
// TOKEN_EXPIRE_MINUTES, AUTH_PROVIDER.
func settingName(name string) bool {
	u := strings.ToUpper(name)
	for _, s := range []string{"ACCESS_KEY_ID", "_URL", "_URI", "_USER", "_USERNAME", "_LOGIN", "_EMAIL", "_CLIENT_ID"} {
		if strings.HasSuffix(u, s) {
			return false
		}
	}
	return identityName(name)
}

// plain emits a credential in plain text.
func (d *Document) plain(name string, value Text, construct string, c connection.Consumer) {
	o := d.Occurrence(connection.Literal, construct, value)
	o.Auth, o.Role, o.Consumer = connection.Static, connection.RoleSecret, c
	o.Provider, o.ProviderFrom = nameProvider(name)
	if o.Provider == "" {
		o.Provider, o.ProviderFrom = imageProvider(c.Action)
	}
	if c.Path = d.Path; o.Group == "" {
		if stem, ok := credentialStem(strings.ToUpper(name)); ok {
			o.Group = c.Job + "/" + c.Step + "/env/" + stem
		}
	}
	d.Emit(o)
}

// imageProvider is the provider that an image, or an action, names: not that of
// the tools which anybody builds with.
func imageProvider(image string) (string, connection.From) {
	p, from := nameProvider(image)
	if p == "maven-central" || p == "npm" || p == "dockerhub" || p == "packagist" {
		return "", ""
	}
	return p, from
}

// inPlain emits a variable of a pipeline that is set to a credential in plain
// text. What a service beside the job is started with (postgres, secret, test123)
// is none: only what no one would make up counts.
func (d *Document) inPlain(name string, t Text, c connection.Consumer) {
	t = t.Trim()
	if !t.Placed() || !SecretName(name) && !credentialName(name) || identityName(name) || blankValue(t.S) || !unguessable(t.S) || d.claimed[t.Pos(0)] {
		return
	}
	switch w := nameWords(name); w[len(w)-1] {
	case "sha", "hash", "commit", "digest", "checksum", "sha256", "fingerprint", "fingerprints":
		return
	}
	d.plain(name, t, name, c)
}

// unguessable tells a value that is random enough to be a real credential: long
// and with digits among letters, or shorter and of both letter cases too.
func unguessable(v string) bool {
	if len(v) < 10 || len(v) > 4096 || strings.ContainsAny(v, " ${}<>*\n,") || strings.Contains(v, "://") {
		return false
	}
	l := strings.ToLower(v)
	for _, w := range []string{"test", "dummy", "fake", "example", "sample", "changeme", "local", "secret", "passw", "token", "demo", "postgres", "mysql", "12345", "abcd", "admin", "root", "placeholder", "/"} {
		if strings.Contains(l, w) {
			return false
		}
	}
	digits, uppers, lowers, run, longest := 0, 0, 0, 0, 0
	for i := 0; i < len(v); i++ {
		run++
		switch {
		case digit(v[i]):
			digits++
			run = 0
		case upper(v[i]):
			uppers++
		case lower(v[i]):
			lowers++
		default:
			run = 0
		}
		longest = max(longest, run)
	}
	return digits >= 2 && longest < 10 && (uppers >= 2 && lowers >= 2 || len(v) >= 20 && uppers+lowers >= 5)
}

var (
	stringPassword = lazily(`(?i)(?:^|[;\s])(?:password|pwd|AccountKey|SharedAccessKey)\s*=\s*([^;\s"']+)`)
	stringPort     = lazily(`(?i)[;\s]port\s*=\s*\d+`)
	stringPart     = lazily(`(?i)(?:^|[;\s])(host|server|data source|address|user|user id|uid|username|dbname|database|initial catalog|sslmode|AccountName|Endpoint)\s*=\s*([^;\s"']+)`)
)

// keyValueString emits a connection string of names and values that holds its
// password: host=db user=app password=x of libpq, Server=db;User Id=sa;Password=x
// of ADO.NET, AccountName=x;AccountKey=y of Azure.
func (d *Document) keyValueString(t Text, construct string, c connection.Consumer) bool {
	if strings.Count(t.S, "=") < 2 || len(t.S) > maxAction {
		return false
	}
	pw := stringPassword().FindStringSubmatchIndex(t.S)
	if pw == nil {
		return false
	}
	v := t.S[pw[2]:pw[3]]
	part := map[string]string{}
	for _, m := range stringPart().FindAllStringSubmatch(t.S, maxFanOut) {
		part[strings.ToLower(m[1])] = m[2]
	}
	first := func(names ...string) string {
		for _, n := range names {
			if part[n] != "" {
				return part[n]
			}
		}
		return ""
	}
	if len(part) == 0 || strings.ContainsAny(v, "<>${}%#(") || strings.Trim(v, "*x.") == "" {
		return false
	}
	o := d.Occurrence(connection.URLCredential, construct, t)
	o.Principal, o.Account, o.Auth, o.Consumer = first("user id", "uid", "user", "username"), part["accountname"], connection.Static, c
	if h := NormalHost(first("host", "server", "data source", "address", "endpoint")); !strings.ContainsAny(h, "${}<>%") && !strings.HasPrefix(h, "/") {
		o.Endpoint, _, _ = strings.Cut(h, ",")
	}
	switch {
	case part["accountname"] != "" || strings.HasPrefix(part["endpoint"], "sb://"):
		o.Provider = "azure"
	case hostProvider(o.Endpoint) != "":
		o.Provider, o.ProviderFrom = hostProvider(o.Endpoint), connection.FromHost
	case onlyDatabase([]byte(stringPort().FindString(t.S))) != "":
		o.Provider = onlyDatabase([]byte(stringPort().FindString(t.S)))
	case part["dbname"] != "" || part["sslmode"] != "":
		o.Provider = "postgres"
	case part["initial catalog"] != "" || part["data source"] != "" || part["user id"] != "":
		o.Provider = "mssql"
	}
	d.Emit(o)
	return true
}

// dataSchemes are URL schemes of services that are logged in to.
var dataSchemes = map[string]string{
	"postgres": "postgres", "postgresql": "postgres", "mysql": "mysql", "mysql2": "mysql", "mariadb": "mysql", "mongodb": "mongodb", "mongodb+srv": "mongodb", "redis": "redis", "rediss": "redis",
	"amqp": "amqp", "amqps": "amqp", "mssql": "mssql", "sqlserver": "mssql", "clickhouse": "clickhouse", "nats": "nats", "smtp": "smtp", "smtps": "smtp",
	"ldap": "ldap", "ldaps": "ldap", "neo4j": "neo4j", "bolt": "neo4j", "cockroachdb": "cockroach", "kafka": "kafka", "ftp": "ftp", "sftp": "ftp",
}

// dataSource emits a URL of a data service with its password in it, even of a
// service beside this one: the password is one that must be kept.
func (d *Document) dataSource(t Text, construct string, c connection.Consumer) bool {
	if d.keyValueString(t, construct, c) {
		return true
	}
	if !strings.Contains(t.S, "://") || !strings.Contains(t.S, "@") {
		return false
	}
	found := false
	for _, l := range findLinks(blot(t.S)) {
		scheme := l.Scheme
		if i := strings.LastIndexByte(scheme, '+'); i > 0 && scheme != "mongodb+srv" {
			scheme = scheme[:i]
		}
		id := dataSchemes[scheme]
		if id == "" && (l.Scheme != "http" && l.Scheme != "https" || !Internal(l.Host)) || l.Pass == "" || strings.IndexByte(l.Pass, hole) >= 0 || strings.ContainsAny(l.Pass, "<>") || strings.Trim(l.Pass, "*x.") == "" {
			continue
		}
		o := d.Occurrence(connection.URLCredential, construct, t.Sub(l.Start, l.End))
		o.Endpoint, o.Principal, o.Auth, o.Consumer = l.Host, l.principal(), connection.Static, c
		if p := hostProvider(l.Host); p != "" {
			id = p
		}
		if o.Provider = id; id != "" {
			o.ProviderFrom = connection.FromHost
		}
		d.Emit(o)
		found = true
	}
	return found
}
