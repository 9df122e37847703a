package pipeline

import (
	"bytes"
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// infer fills in provider and account from, in this order, the endpoint, the
// store of a reference, its name. What an integration told stands. Source:
// pipelines.md 4.
func infer(o *Occurrence) {
	if o.Endpoint != "" {
		p, account, ok := byHost(o.Endpoint)
		if !ok { // hosts that are told with the account in the path
			p, _, ok = byHost(o.Endpoint + "/-")
		}
		if ok && o.Provider == "" {
			o.Provider, o.ProviderFrom = p, connection.FromHost
		}
		if ok && o.Provider == p && o.Account == "" {
			o.Account = account
		}
	}
	if o.Provider != "" {
		if o.ProviderFrom == "" {
			o.ProviderFrom = connection.FromIntegration
		}
		return
	}
	for _, r := range o.Refs {
		if p := storeProvider(r); p != "" {
			o.Provider, o.ProviderFrom = p, connection.FromStore
			return
		}
	}
	if p := selfHosted(o.Endpoint); p != "" {
		o.Provider, o.ProviderFrom = p, connection.FromName
		return
	}
	for _, r := range o.Refs {
		name := refName(r)
		if o.Kind == connection.RegistryLogin && o.Endpoint != "" { // docker is what logs in, to a registry elsewhere
			name = dockerWord().ReplaceAllString(name, "")
		}
		if p, _, ok := byName(name); ok {
			o.Provider, o.ProviderFrom = p, connection.FromName
			return
		}
	}
}

// products are what people run on hosts of their own under its name.
var products = []string{"gitlab", "gitea", "forgejo", "bitbucket", "nexus", "artifactory", "harbor", "sonar", "sonarqube", "jenkins", "vault", "jira", "confluence", "argocd", "grafana", "keycloak"}

// selfHosted is the provider whose product a host is named for: gitlab.acme.dev.
// As a name, it guesses.
func selfHosted(host string) string {
	labels := strings.Split(host, ".")
	if len(labels) < 3 {
		return ""
	}
	for _, l := range labels[:len(labels)-2] {
		if slices.Contains(products, l) {
			p, _, _ := byName(l)
			return p
		}
	}
	return ""
}

// databases are the words by which a document names a database.
var databases = [...]struct{ id, words string }{{"postgres", "postgres pgsql 5432"}, {"mysql", "mysql mariadb 3306"}, {"mssql", "mssql sqlserver sql-server 1433"},
	{"oracle", "oracledb ojdbc 1521"}, {"mongodb", "mongo 27017"}}

// nearby is how many lines before and after a name tell whose database it is of.
const nearby = 12

// database is whose database a name such as DB_PASSWORD is of: that of its own
// words, else the only one that the document names, or names near by, else the likeliest.
func (d *Document) database(o *Occurrence) string {
	for _, r := range o.Refs {
		if n := strings.ToLower(refName(r)); strings.Contains(n, "pg") || strings.Contains(n, "postgres") {
			return o.Provider
		}
	}
	if d.dbms == "" {
		d.dbms = cmp.Or(onlyDatabase(d.Data), "?")
	}
	if d.dbms != "?" {
		return d.dbms
	}
	at := o.Location.Line - 1
	if at < 0 || at >= len(d.lines) {
		return o.Provider
	}
	end := len(d.Data)
	if at+nearby+1 < len(d.lines) {
		end = d.lines[at+nearby+1]
	}
	return cmp.Or(onlyDatabase(d.Data[d.lines[max(0, at-nearby)]:end]), o.Provider)
}

// onlyDatabase is the one database that a text names, "" where it names none or more.
func onlyDatabase(text []byte) string {
	only := ""
	text = bytes.ToLower(text)
	for _, db := range databases {
		for w := range strings.FieldsSeq(db.words) {
			if bytes.Contains(text, []byte(w)) {
				if only != "" {
					return ""
				}
				only = db.id
				break
			}
		}
	}
	return only
}

var dockerWord = lazily(`(?i)docker(?:_?hub)?_?`)

// storeProvider is the provider of the store that a reference names, where the
// store is an outside service of its own.
func storeProvider(ref string) string {
	store, _, _ := strings.Cut(ref, ":")
	switch store {
	case "vault", "1password", "doppler", "infisical", "akeyless", "conjur", "bitwarden", "keeper", "delinea", "credhub", "lastpass":
		return store
	case "aws-sm", "aws-ssm", "aws-s3":
		return "aws"
	case "gcp-sm", "gcp-kms", "gcs":
		return "gcp"
	case "azure-kv":
		return "azure"
	}
	return ""
}

// refName is the name by which a reference is called in its store.
func refName(ref string) string {
	if i := strings.IndexByte(ref, '#'); i >= 0 {
		ref = ref[:i]
	}
	if i := strings.LastIndexAny(ref, ":/"); i >= 0 {
		ref = ref[i+1:]
	}
	return ref
}

// Internal tells whether a host is one that no outside connection goes to:
// loopback, private addresses, a bare service name, documentation domains.
func Internal(host string) bool {
	h := strings.ToLower(host)
	if a, err := netip.ParseAddrPort(h); err == nil {
		return inside(a.Addr())
	}
	if a, err := netip.ParseAddr(strings.Trim(h, "[]")); err == nil {
		return inside(a)
	}
	h, _, _ = strings.Cut(h, ":")
	if !strings.Contains(h, ".") {
		return true
	}
	for _, s := range []string{".svc", ".svc.cluster.local", ".local", ".localhost", ".internal", ".test", ".invalid", ".example",
		".example.com", ".example.org", ".example.net", ".localdomain", ".lan"} {
		if strings.HasSuffix("."+h, s) {
			return true
		}
	}
	return false
}

func inside(a netip.Addr) bool {
	return a.IsLoopback() || a.IsPrivate() || a.IsUnspecified() || a.IsLinkLocalUnicast()
}

// besides is the provider of the host that stands in one line with a use of a
// variable: what a name does not tell of a ciphertext, its use does.
func (d *Document) besides(name string) (string, connection.From) {
	if d.beside == nil {
		d.beside = map[string]string{}
		for line := range strings.Lines(d.string()) {
			if !strings.Contains(line, "://") || !strings.Contains(line, "$") || len(line) > maxPrinted {
				continue
			}
			for _, l := range findLinks(line) {
				p := hostProvider(l.Host)
				for _, m := range findVars(line, false) {
					if p != "" && d.beside[m.name] == "" {
						d.beside[m.name] = p
					}
				}
			}
		}
	}
	if p := d.beside[name]; p != "" {
		return p, connection.FromHost
	}
	return "", ""
}

// role emits a role or workload identity that is written out. It tells whether the text is one.
func (d *Document) role(t Text, construct string, auth connection.Auth, c connection.Consumer) bool {
	s := strings.TrimSpace(t.S)
	o := Occurrence{Kind: connection.FederatedTrust, Construct: construct, Auth: auth, Principal: s, Consumer: c}
	switch {
	case len(s) > 256 || strings.ContainsAny(s, " \n"):
		return false
	case strings.HasPrefix(s, "arn:aws") && strings.Contains(s, ":role/"):
		o.Provider = "aws"
		_, o.Account, _ = byHost(s)
	case strings.Contains(s, "/workloadIdentityPools/"):
		o.Provider = "gcp"
		_, rest, _ := strings.Cut(s, "projects/")
		o.Account, _, _ = strings.Cut(rest, "/")
	default:
		return false
	}
	if strings.Trim(o.Account, "0123456789") != "" && o.Provider == "aws" || strings.HasPrefix(o.Account, "$") {
		o.Account = "" // a variable
	}
	o.Location = d.Location(t)
	d.Emit(o)
	return true
}
