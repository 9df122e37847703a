package pipeline

import (
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// keyProviders are keys of settings that name whose settings stand below them.
var keyProviders = map[string]string{
	"route53": "aws", "cloudDNS": "gcp", "azureDNS": "azure", "cloudflare": "cloudflare", "digitalocean": "digitalocean", "akamai": "akamai", "s3": "aws", "gcs": "gcp", "gcsArtifact": "gcp",
	"azureBlob": "azure", "oss": "alibaba", "slack": "slack", "slackConfigs": "slack", "slack_configs": "slack", "pagerdutyConfigs": "pagerduty", "pagerduty_configs": "pagerduty", "opsgenieConfigs": "opsgenie", "opsgenie_configs": "opsgenie",
	"telegramConfigs": "telegram", "telegram_configs": "telegram", "discordConfigs": "discord", "discord_configs": "discord", "msteams_configs": "teams", "msteamsConfigs": "teams", "webex_configs": "cisco-webex", "pushover_configs": "pushover", "victorops_configs": "splunk",
	"emailConfigs": "smtp", "email_configs": "smtp", "sns_configs": "aws", "snsConfigs": "aws", "sigv4": "aws", "github": "github", "gitlab": "gitlab", "bitbucket": "bitbucket", "gitea": "gitea", "azureDevOps": "azure-devops", "artifactory": "jfrog", "sqs": "aws", "sns": "aws",
	"kafka": "kafka", "amqp": "amqp", "stripe": "stripe", "azuread": "azure", "azureAd": "azure", "azureEventsHub": "azure", "azureServiceBus": "azure", "pubSub": "gcp", "nats": "nats", "redis": "redis", "postgresql": "postgres", "postgres": "postgres", "mysql": "mysql", "mariadb": "mysql", "mongodb": "mongodb", "rabbitmq": "amqp", "minio": "minio", "elasticsearch": "elastic",
	"clickhouse": "clickhouse", "keycloak": "keycloak", "grafana": "grafana", "datadog": "datadog", "newrelic": "newrelic", "sentry": "sentry", "smtp": "smtp", "openai": "openai",
	"anthropic": "anthropic", "ldap": "ldap", "vault": "vault",
}

// annotations reads what annotations and labels say of logins: workload
// identities, Vault's injector, Tekton's and Ingress' credentials.
func (m *manifest) annotations(n *Node) {
	m.done[n] = true
	for _, p := range n.Pairs() {
		k, t := p.Key.Value, p.Value.Text().Trim()
		if t.S == "" || strings.HasPrefix(t.S, "{{") && !strings.Contains(k, "role-arn") {
			continue
		}
		o := Occurrence{Kind: connection.FederatedTrust, Construct: k}
		o.Auth, o.Role, o.Consumer, o.Principal = connection.OIDC, connection.RoleIdentity, m.c, t.S
		o.Incomplete = strings.Contains(t.S, "{{") || strings.Contains(t.S, "${")
		switch {
		case k == "eks.amazonaws.com/role-arn", k == "iam.amazonaws.com/role":
			o.Provider = "aws"
			_, o.Account, _ = byHost(t.S)
			if k == "iam.amazonaws.com/role" {
				o.Auth = connection.Ambient
			}
		case k == "iam.gke.io/gcp-service-account":
			o.Provider = "gcp"
			if _, domain, ok := strings.Cut(t.S, "@"); ok {
				o.Account, _, _ = strings.Cut(domain, ".")
			}
		case k == "azure.workload.identity/client-id":
			o.Provider, o.Account = "azure", n.Get("azure.workload.identity/tenant-id").String()
		case k == "aadpodidbinding":
			o.Provider, o.Auth = "azure", connection.Ambient
		case k == "vault.hashicorp.com/role", k == "vault.security.banzaicloud.io/vault-role":
			o.Provider = "vault"
			o.Endpoint = NormalHost(n.Get("vault.security.banzaicloud.io/vault-addr").String())
		case strings.HasPrefix(k, "vault.hashicorp.com/agent-inject-secret-"):
			o.Kind, o.Provider, o.Principal, o.Auth, o.Role = connection.StoreRef, "vault", "", connection.Static, connection.RoleSecret
			o.Refs = []string{"vault:?:" + t.S}
		case strings.HasPrefix(k, "tekton.dev/git-"), strings.HasPrefix(k, "tekton.dev/docker-"):
			o.Kind, o.Principal, o.Auth, o.Role = connection.RegistryLogin, "", connection.Static, connection.RoleEndpoint
			o.Endpoint = NormalHost(t.S)
		case strings.HasSuffix(k, "/auth-secret"), strings.HasSuffix(k, "/auth-tls-secret"), strings.HasSuffix(k, "/proxy-ssl-secret"):
			namespace, name, ok := t.Cut("/")
			if !ok {
				namespace, name = Text{}, t
			}
			m.secretAt(name, "", k, k, namespace.S)
			continue
		case strings.HasPrefix(k, "avp.kubernetes.io/path"):
			o.Kind, o.Provider, o.Principal, o.Auth, o.Role = connection.StoreRef, "", "", connection.Static, connection.RoleSecret
			o.Refs = []string{"vault:?:" + t.S}
		case strings.HasPrefix(k, "notifications.argoproj.io/subscribe.") && strings.HasSuffix(k, ".slack"):
			o.Kind, o.Provider, o.Auth, o.Role = connection.Endpoint, "slack", "", ""
		default:
			m.storePath(t)
			m.d.URLs(t, nil, k, m.c)
			continue
		}
		o.Location = m.d.Location(t)
		m.d.Emit(o)
	}
}

// sopsRecipients are what SOPS encrypts a file for, by the list that they stand in.
var sopsRecipients = [...]struct{ key, field, provider string }{{"kms", "arn", "aws"}, {"gcp_kms", "resource_id", "gcp"}, {"azure_kv", "vault_url", "azure"},
	{"hc_vault", "vault_address", "vault"}, {"age", "recipient", "age"}, {"pgp", "fp", "gpg"}}

// sops reads the recipients of a file that SOPS encrypted. Source: getsops.io/docs.
func (m *manifest) sops(n *Node) {
	if n == nil {
		return
	}
	m.done[n] = true
	for _, s := range sopsRecipients {
		for _, i := range n.Get(s.key).Items() {
			if at := i.Get(s.field); at.String() != "" {
				o := m.d.sopsRecipient(s.key, s.provider, at.Text(), m.c)
				if o.Endpoint != "" {
					o.Principal = i.Get("name").String()
				}
				m.d.Emit(o)
			}
		}
	}
}

// sopsRecipient is the key service or person that a file is encrypted for.
func (d *Document) sopsRecipient(key, provider string, at Text, c connection.Consumer) Occurrence {
	o := d.Occurrence(connection.Encrypted, "sops."+key, at)
	o.Provider, o.Principal, o.Auth, o.Consumer = provider, at.S, connection.Ambient, c
	switch key {
	case "kms":
		_, o.Account, _ = byHost(at.S)
	case "gcp_kms":
		_, rest, _ := strings.Cut(at.S, "projects/")
		o.Account, _, _ = strings.Cut(rest, "/")
	case "azure_kv", "hc_vault":
		o.Endpoint, o.Principal = NormalHost(at.S), ""
	case "age", "pgp":
		o.Auth = connection.Static
	}
	return o
}

// storePath reads strings that name a place in a store: vault:path#key of Bank
// Vaults, <path:…#key> of the Argo CD Vault plugin, ref+vault://… of vals, op://…
func (m *manifest) storePath(t Text) bool {
	s := strings.TrimSpace(t.S)
	var ref, provider string
	switch {
	case strings.Contains(s, "<path:"):
		_, rest, _ := strings.Cut(s, "<path:")
		rest, _, _ = strings.Cut(rest, ">")
		ref, provider = "vault:?:"+strings.TrimSpace(rest), "vault"
		switch {
		case strings.HasPrefix(rest, "projects/"):
			ref, provider = "gcp-sm:"+rest, "gcp"
		case strings.HasPrefix(rest, "arn:aws"):
			ref, provider = "aws-sm:"+rest, "aws"
		}
	case strings.HasPrefix(s, "vault:") && strings.Contains(s, "#"):
		ref, provider = "vault:?:"+s[len("vault:"):], "vault"
	case strings.HasPrefix(s, "urn:k8s:secret:"): // of Traefik's plugins
		name, key, _ := strings.Cut(s[len("urn:k8s:secret:"):], ":")
		m.secretAt(t.Trim().Sub(len("urn:k8s:secret:"), len("urn:k8s:secret:")+len(name)), key, "urn", key, "")
		return true
	case strings.HasPrefix(s, "pullsecret:") || strings.HasPrefix(s, "secret:") && strings.Contains(s, "/"): // of Argo CD's Image Updater
		_, name, _ := t.Trim().Cut(":")
		namespace, name, ok := name.Cut("/")
		name, key, _ := name.Cut("#")
		if !ok || name.S == "" || strings.ContainsAny(name.S, " /{$\n") {
			return false
		}
		m.secretAt(name, key.S, "credentials", key.S, namespace.S)
		return true
	case strings.HasPrefix(s, "env:") && credentialName(s[len("env:"):]) && isName(s[len("env:"):]):
		o := m.d.Occurrence(connection.SecretRef, "credentials", t.Trim())
		o.Refs, o.Auth, o.Role, o.Consumer = []string{s}, connection.Static, connection.RoleSecret, m.c
		m.d.Emit(o)
		return true
	case strings.HasPrefix(s, "op://"):
		ref, provider = "1password:"+s[len("op://"):], "1password"
	case strings.HasPrefix(s, "ref+") || strings.HasPrefix(s, "secretref+"):
		_, rest, _ := strings.Cut(s, "+")
		scheme, p, ok := strings.Cut(rest, "://")
		if !ok {
			return false
		}
		store := map[string][2]string{"vault": {"vault:?:", "vault"}, "awsssm": {"aws-ssm:/", "aws"}, "awssecrets": {"aws-sm:", "aws"}, "gcpsecrets": {"gcp-sm:", "gcp"},
			"azurekeyvault": {"azure-kv:", "azure"}, "op": {"1password:", "1password"}, "doppler": {"doppler:", "doppler"}, "sops": {"sops:", ""}, "k8s": {"k8s:", ""}}[scheme]
		if store[0] == "" {
			return false
		}
		ref, provider = store[0]+p, store[1]
	default:
		return false
	}
	if len(ref) > 512 || strings.ContainsAny(ref, "\n") {
		return false
	}
	o := m.d.Occurrence(connection.StoreRef, "path", t.Trim())
	o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{ref}, provider, connection.Static, connection.RoleSecret, m.c
	m.d.Emit(o)
	return true
}

// imageMap reads image: {registry, repository}.
func (m *manifest) imageMap(n *Node) {
	reg, repo := n.Get("registry"), n.Get("repository")
	at := repo
	if reg.String() != "" {
		at = reg
	}
	s := at.String()
	if at == reg && s != "" {
		s += "/" + repo.String()
	}
	r := &varReader{d: m.d, own: func(string) (Value, bool) { return Value{}, true }}
	r.privateImage(at.Text(), Value{Lit: s, Open: strings.Contains(s, "{{")}, m.c)
}

// valueOf reads an entry of values or settings by its name.
func (m *manifest) valueOf(n *Node, key string, up []string) {
	t := n.Text().Trim()
	switch {
	case m.dollar != "" && strings.HasPrefix(t.S, "$") && SecretName(key):
		name, k, ok := strings.Cut(t.S[1:], ":")
		if !ok {
			name, k = m.dollar, name
		}
		o := m.d.Occurrence(connection.StoreRef, key, t)
		o.Refs, o.Auth, o.Role, o.Consumer = []string{secretID(m.namespace, name, k)}, connection.Static, connection.RoleSecret, m.c
		o.Provider, o.ProviderFrom = m.byContext(k, key)
		if p := hostProvider(m.endpoint); p != "" {
			o.Provider, o.ProviderFrom = p, connection.FromHost
		}
		m.d.Emit(o)
		return
	case strings.HasPrefix(t.S, "$") || strings.Contains(t.S, "{{"):
		if ref := envRef(strings.Replace(t.S, "$__env{", "${", 1)); ref != "" && (SecretName(key) || credentialName(ref)) {
			o := m.d.Occurrence(connection.SecretRef, key, t)
			o.Refs, o.Auth, o.Role, o.Consumer = []string{"env:" + ref}, connection.Static, connection.RoleSecret, m.c
			o.Provider, o.ProviderFrom = m.byContext(key, ref)
			m.d.Emit(o)
		} else if strings.HasPrefix(t.S, "{{") {
			m.templated(key, t)
		}
		return
	case strings.Contains(t.S, "\n") && !strings.Contains(t.S, "PRIVATE KEY"):
		return
	case identityName(key) || blankValue(t.S) || strings.Contains(t.S, "://") || slices.Contains(up, "labels"):
		if slices.Contains(up, "registries") || !(key == "api_url" || key == "webhook_url" || key == "slack_api_url" || strings.HasSuffix(strings.ToLower(key), "webhookurl")) || !strings.HasPrefix(t.S, "https://") || placeholder(t.S) {
			return
		}
		o := m.d.Occurrence(connection.Webhook, key, t)
		o.Endpoint, o.Auth, o.Consumer = NormalHost(t.S), connection.Static, m.c
		if o.Provider = hostProvider(o.Endpoint); o.Provider == "" {
			o.Provider = m.provider
		}
		m.d.Emit(o)
		return
	case keyOfSecret(key, up):
		return
	case !SecretName(key) && !settingKeys[key], n.Quote == false && strings.Trim(t.S, "0123456789.") == "" && len(t.S) < 6:
		return
	}
	if namedSecret(key, t.S) {
		m.secretRef(n, "", key)
		return
	}
	o := m.d.Occurrence(connection.Literal, key, t)
	if strings.HasPrefix(t.S, "ENC[") { // by SOPS
		o.Kind = connection.Encrypted
	}
	o.Auth, o.Role, o.Consumer = connection.Static, connection.RoleSecret, m.c
	o.Provider, o.ProviderFrom = m.byContext(append([]string{key}, reversed(up)...)...)
	m.d.Emit(o)
}

// namedSecret tells a value that is a Secret's name: secret: runner-token-secret.
func namedSecret(key, v string) bool {
	if secretNameKey(key) {
		return true
	}
	w := nameWords(key)
	if n := len(w); n == 0 || w[n-1] != "secret" && w[n-1] != "secrets" && w[n-1] != "credentials" {
		return false
	}
	for _, s := range []string{"-secret", "-secrets", "-credentials", "-creds"} {
		if strings.HasSuffix(v, s) && strings.Trim(v, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" {
			return true
		}
	}
	return false
}

func reversed(s []string) []string {
	s = slices.Clone(s)
	slices.Reverse(s)
	return s
}

// keyOfSecret tells a key that names an entry of a Secret, not its value:
// passwordKey, secretKeys.adminPassword.
func keyOfSecret(key string, up []string) bool {
	l := strings.ToLower(key)
	if w := nameWords(key); len(w) > 1 && w[len(w)-1] == "keys" && !slices.Contains([]string{"api", "access", "secret", "private", "signing", "encryption", "auth", "master", "allowed"}, w[len(w)-2]) {
		return true // of a map or record
	}
	if strings.HasPrefix(l, "existing") && strings.HasSuffix(l, "key") {
		return true
	}
	for _, s := range []string{"passwordkey", "tokenkey", "userkey", "idkey", "keykey", "secretkeyname", "usernamekey", "urlkey", "existingsecretkey", "secretpasswordkey", "dsnkey", "keymapping"} {
		if strings.HasSuffix(l, s) && !settingKeys[key] {
			return true
		}
	}
	return slices.ContainsFunc(up, func(s string) bool {
		return key == "key" && schedulingKeys[s] || s == "secretKeys" || s == "keyMapping" || s == "existingSecretKeys" || s == "secretKeyNames" || s == "labels" || s == "selector" || s == "nodeSelector" || s == "remoteRef"
	})
}

// schedulingKeys hold lists whose key is that of a label or taint.
var schedulingKeys = map[string]bool{"matchExpressions": true, "matchFields": true, "tolerations": true, "taints": true, "topologySpreadConstraints": true, "items": true,
	"configMapKeyRef": true, "secretKeyRef": true, "fieldRef": true}

// settingKeys hold a credential where their name does not say so.
var settingKeys = map[string]bool{"routing_key": true, "service_key": true, "account_key": true, "user_key": true, "access_key": true}

func (m *manifest) byContext(names ...string) (string, connection.From) {
	if m.provider != "" {
		return m.provider, connection.FromIntegration
	}
	for i, n := range names {
		names[i] = envWords(n)
	}
	return nameProvider(names...)
}

// envRef is the variable of $X or ${X}.
func envRef(s string) string {
	s, ok := strings.CutPrefix(s, "$")
	if !ok {
		return ""
	}
	brace := strings.HasPrefix(s, "{")
	if in, ok := strings.CutPrefix(s, "("); ok { // of Kubernetes
		s, _, _ = strings.Cut(in, ")")
	} else if brace {
		s, _, _ = strings.Cut(s[1:], "}")
		s, _, _ = strings.Cut(s, ":")
	}
	if !isName(s) || tokenShaped(s) || len(s) > 64 || !brace && s != strings.ToUpper(s) {
		return "" // a password may start with $
	}
	return s
}

// manifestLine reads a line of a part that did not parse.
func manifestLine(d *Document, line Text) {
	t := line.Trim()
	t = t.Sub(len(t.S)-len(strings.TrimLeft(t.S, "- ")), len(t.S))
	k, v, ok := t.Cut(":")
	if v = bareText(v.Trim()); !ok || v.S == "" || strings.HasPrefix(k.S, "#") {
		if d.ctx = nil; ok && (k.S == "secretKeyRef" || k.S == "secretRef") { // its name is on the next line
			d.ctx = k.S
		}
		d.URLs(t, nil, "line", connection.Consumer{Path: d.Path})
		return
	}
	m := &manifest{d: d, c: connection.Consumer{Path: d.Path}, done: map[*Node]bool{}}
	under, _ := d.ctx.(string)
	if d.ctx = nil; v.S != "" && (k.S != "name" || under == "") {
		under = ""
	}
	switch {
	case under != "", secretNameKey(k.S):
		o := d.Occurrence(connection.StoreRef, k.S, v)
		o.Refs, o.Auth, o.Role, o.Incomplete = []string{secretID("", v.S, "")}, connection.Static, connection.RoleSecret, strings.Contains(v.S, "{{")
		o.Provider, o.ProviderFrom = nameProvider(envWords(plainName(v.S)))
		d.Emit(o)
	case strings.Contains(v.S, "{{"):
		m.templated(k.S, v)
	default:
		d.setting(k.S, v, "line", m.c)
	}
}
