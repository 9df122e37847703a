package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// azureResources reads Bicep files and templates of Azure Resource Manager:
// secure parameters, references to Key Vault, trusts that they make. Source:
// learn.microsoft.com/azure/azure-resource-manager/bicep and
// /azure/app-service/app-service-key-vault-references; pipelines.md 1.4, 2.5.
var azureResources = Dialect{ID: "azure-resource-manager", Path: func(p string) bool {
	ext := path.Ext(p)
	return ext == ".bicep" || ext == ".bicepparam"
}, Content: func(p string, head *Head) bool {
	s := head.Text
	return path.Ext(p) == ".json" && strings.Contains(s, "schema.management.azure.com/schemas/") && (strings.Contains(s, "eploymentTemplate.json") || strings.Contains(s, "eploymentParameters.json"))
}, Read: readAzureResources}

func readAzureResources(d *Document) {
	c := connection.Consumer{Path: d.Path}
	if path.Ext(d.Path) == ".json" {
		if root := d.JSON(); root != nil {
			armParameters(d, root.Get("parameters"), c)
			leaves(root, func(key string, n *Node) { azureLeaf(d, key, n.Text(), c) })
		}
		return
	}
	readBicep(d, c)
}

// armParameters reads what a template asks for, and what a parameter file gives.
func armParameters(d *Document, params *Node, c connection.Consumer) {
	for _, p := range params.Pairs() {
		name, v := p.Key.Value, p.Value
		if kv := v.Get("reference", "keyVault", "id"); kv != nil {
			at := v.Get("reference", "secretName").Text()
			o := d.Occurrence(connection.StoreRef, "reference", at)
			_, vault, _ := strings.Cut(kv.String(), "/vaults/")
			if vault == "" || strings.ContainsAny(vault, "[('") {
				vault = "?"
			}
			o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{"azure-kv:" + vault + "/" + at.S}, "azure", connection.Ambient, connection.RoleSecret, c
			if _, sub, ok := strings.Cut(kv.String(), "/subscriptions/"); ok {
				o.Account, _, _ = strings.Cut(sub, "/")
			}
			d.Emit(o)
			continue
		}
		if strings.HasPrefix(strings.ToLower(v.Get("type").String()), "secure") {
			azureSecure(d, p.Key.Text(), c)
			azureLeaf(d, secureName(name), v.Get("defaultValue").Text(), c)
			continue
		}
		if t := v.Get("value").Text(); !d.azdValue(name, t, c) {
			azureLeaf(d, name, t, c)
		}
	}
}

// secureName is a name for which what is written out counts, as of a secure parameter.
func secureName(name string) string {
	if tfSecretName(name) {
		return name
	}
	return name + "_secret"
}

// azureSecure emits a parameter whose value is kept from logs.
func azureSecure(d *Document, at Text, c connection.Consumer) {
	o := d.Occurrence(connection.SecretRef, "parameters", at)
	o.Refs, o.Auth, o.Role, o.Consumer = []string{"azure-rm:param:" + at.S}, connection.Static, connection.RoleSecret, c
	o.Group = tfGroup("param", at.S)
	d.Emit(o)
}

// azureLeaf reads a value that stands under a name.
func azureLeaf(d *Document, key string, t Text, c connection.Consumer) {
	if key == "secretRef" || key == "passwordSecretRef" {
		d.appSecretRef(t, "", key, c)
		return
	}
	if strings.HasPrefix(t.S, "[") {
		d.listedKeys(t.S, t.Sub, c)
	}
	if t.S == "" || d.azureRefs(t, key, c) || d.URLs(t, nil, key, c) || strings.HasPrefix(t.S, "[") || strings.Contains(t.S, "${") || key == "defaultValue" || key == "description" {
		return
	}
	d.writtenOut(key, t, "", key, c)
}

var (
	vaultURI       = lazily(`https://([\w-]+)\.vault\.(?:azure\.net|azure\.cn|usgovcloudapi\.net)/secrets/([\w-]+)`)
	appServiceKV   = lazily(`@Microsoft\.KeyVault\(([^)]*(?:\([^)]*\)[^)]*)*)\)?`)
	appServiceName = lazily(`(?i)(VaultName|SecretName)=([\w-]+)`)
)

// azureRefs emits the secrets of Key Vault that a text names by their URI or as
// settings of App Service do.
func (d *Document) azureRefs(t Text, construct string, c connection.Consumer) bool {
	found := false
	emit := func(at Text, vault, name string) {
		o := d.Occurrence(connection.StoreRef, construct, at)
		o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{"azure-kv:" + vault + "/" + name}, "azure", connection.Ambient, connection.RoleSecret, c
		d.Emit(o)
		found = true
	}
	for _, m := range appServiceKV().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		inner, vault, name := t.S[m[2]:m[3]], "?", "?"
		if u := vaultURI().FindStringSubmatch(inner); u != nil {
			vault, name = u[1], u[2]
		}
		for _, kv := range appServiceName().FindAllStringSubmatch(inner, 2) {
			if strings.EqualFold(kv[1], "VaultName") {
				vault = kv[2]
			} else {
				name = kv[2]
			}
		}
		emit(t.Sub(m[0], m[1]), vault, name)
	}
	if found {
		return true
	}
	for _, m := range vaultURI().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		emit(t.Sub(m[0], m[1]), t.S[m[2]:m[3]], t.S[m[4]:m[5]])
	}
	return found
}

var (
	bicepParam    = lazily(`(?m)^\s*param\s+(\w+)\s+([^\n=]*)(?:=[ \t]*('(?:[^'\\\n]|\\.)*'))?`)
	bicepVault    = lazily(`(?m)^\s*resource\s+(\w+)\s+'Microsoft\.KeyVault/vaults@[^']*'(?:\s+existing)?\s*=\s*(?:if\s*\([^\n]*\)\s*)?\{[^}]*?\bname:\s*'([^'$]*)'`)
	bicepGet      = lazily(`\b(\w+)\.getSecret\(\s*'([^']+)'(?:\s*,\s*'([^']+)'\s*,\s*'([^']+)'\s*,\s*'([^']+)')?`)
	bicepTrust    = lazily(`(?m)^\s*resource\s+(\w+)\s+'Microsoft\.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@[^']*'`)
	bicepIssuer   = lazily(`\bissuer:\s*'(https://[^'$]*)'`)
	bicepModule   = lazily(`(?m)^\s*module\s+\w+\s+'(br|ts):([\w.-]+)/?([^']*)'`)
	bicepEnv      = lazily(`readEnvironmentVariable\(\s*'(\w+)'`)
	bicepProperty = lazily(`(?m)^\s*(?:'([\w.:-]+)'|(\w+))\s*:[ \t]*('(?:[^'\\\n]|\\.)*')`)
	bicepName     = lazily(`\bname:\s*'([\w.:-]+)'\s*[,\n]\s*value:\s*('(?:[^'\\\n]|\\.)*')`)
)

// readBicep reads by expression: what matters stands in the declarations, and a
// file that does not parse is read as well.
func readBicep(d *Document, c connection.Consumer) {
	s := bicepText(string(d.Data))
	at := func(a, b int) Text { return d.Text(a, b) }
	for _, m := range bicepParam().FindAllStringSubmatchIndex(s, maxOccurrences) {
		name := at(m[2], m[3])
		if m[6] >= 0 && strings.HasPrefix(strings.TrimSpace(s[m[4]:m[5]]), "string") || m[6] >= 0 && strings.TrimSpace(s[m[4]:m[5]]) == "" {
			n := name.S
			if bicepSecure(s, m[0]) {
				n = secureName(n)
			}
			azureLeaf(d, n, at(m[6]+1, m[7]-1), c)
		}
		if bicepSecure(s, m[0]) || m[6] < 0 && strings.HasPrefix(strings.TrimSpace(s[m[4]:m[5]]), "string") && tfSecretName(name.S) && name.S != "resourceToken" { // what azd makes names unlike with
			azureSecure(d, name, c)
		}
	}
	vaults := map[string]string{}
	for _, m := range bicepVault().FindAllStringSubmatch(s, maxFanOut) {
		vaults[m[1]] = m[2]
	}
	for _, m := range bicepGet().FindAllStringSubmatchIndex(s, maxOccurrences) {
		vault, name := vaults[s[m[2]:m[3]]], s[m[4]:m[5]]
		if m[10] >= 0 { // az.getSecret(subscription, group, vault, name)
			vault, name = s[m[8]:m[9]], s[m[10]:m[11]]
		}
		if vault == "" {
			vault = "?"
		}
		o := d.Occurrence(connection.StoreRef, "getSecret", at(m[0], m[1]))
		o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{"azure-kv:" + vault + "/" + name}, "azure", connection.Ambient, connection.RoleSecret, c
		d.Emit(o)
	}
	for _, m := range bicepTrust().FindAllStringSubmatchIndex(s, maxFanOut) {
		o := d.Occurrence(connection.FederatedTrust, "federatedIdentityCredentials", at(m[2], m[3]))
		o.Provider, o.Auth, o.Role, o.Consumer = "azure", connection.OIDC, connection.RoleIdentity, c
		if i := bicepIssuer().FindStringSubmatch(s[m[1]:min(len(s), m[1]+maxAction)]); i != nil {
			o.Endpoint = NormalHost(i[1])
		}
		d.Emit(o)
	}
	for _, m := range bicepModule().FindAllStringSubmatchIndex(s, maxFanOut) {
		if host := NormalHost(s[m[4]:m[5]]); s[m[2]:m[3]] == "br" && host != "mcr.microsoft.com" {
			o := d.Occurrence(connection.DelegatedCall, "module", at(m[2], m[7]))
			o.Endpoint, o.Auth, o.Consumer, o.Principal = host, connection.Ambient, c, s[m[6]:m[7]]
			d.Emit(o)
		}
	}
	d.listedKeys(s, at, c)
	for _, m := range bicepEnv().FindAllStringSubmatchIndex(s, maxFanOut) {
		if name := at(m[2], m[3]); credentialName(name.S) || tfSecretName(name.S) {
			o := d.Occurrence(connection.SecretRef, "readEnvironmentVariable", name)
			o.Refs, o.Auth, o.Role, o.Consumer = []string{"env:" + name.S}, connection.Static, connection.RoleSecret, c
			d.Emit(o)
		}
	}
	for _, m := range bicepProperty().FindAllStringSubmatchIndex(s, maxOccurrences) {
		key := s[max(m[2], m[4]):max(m[3], m[5])]
		azureLeaf(d, key, at(m[6]+1, m[7]-1), c)
	}
	for _, m := range bicepName().FindAllStringSubmatchIndex(s, maxOccurrences) {
		azureLeaf(d, s[m[2]:m[3]], at(m[4]+1, m[5]-1), c)
	}
}

var bicepDeclares = lazily(`^(?:param|var|resource|module|output|type|func|metadata|using|import|targetScope)\b`)

// bicepSecure tells whether the decorators before a declaration hold @secure().
func bicepSecure(s string, at int) bool {
	for range maxFanOut {
		s = strings.TrimRight(s[:at], " \t\r\n")
		at = strings.LastIndexByte(s, '\n') + 1
		line := strings.TrimSpace(s[at:])
		if line == "@secure()" || line == "@sys.secure()" {
			return true
		}
		if line == "" || line[0] != '@' && line[len(line)-1] != ')' || bicepDeclares().MatchString(line) {
			return false
		}
	}
	return false
}

// bicepText blanks the comments of a file; offsets stay.
func bicepText(s string) string {
	b := []byte(s)
	for i := 0; i < len(s); i++ {
		end := i
		switch {
		case strings.HasPrefix(s[i:], "'''"):
			if j := strings.Index(s[i+3:], "'''"); j >= 0 {
				i += j + 5
			}
		case s[i] == '\'':
			for i++; i < len(s) && s[i] != '\'' && s[i] != '\n'; i++ {
				if s[i] == '\\' {
					i++
				}
			}
		case strings.HasPrefix(s[i:], "//"):
			for end < len(s) && s[end] != '\n' {
				end++
			}
		case strings.HasPrefix(s[i:], "/*"):
			if j := strings.Index(s[i+2:], "*/"); j >= 0 {
				end = i + j + 4
			}
		}
		for ; i < end; i++ {
			if b[i] != '\n' {
				b[i] = ' '
			}
		}
	}
	return string(b)
}
