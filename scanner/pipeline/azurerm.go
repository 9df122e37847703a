package pipeline

import (
	"path"
	"strconv"
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
			_, vault, _ := strings.Cut(kv.String(), "/vaults/")
			o := d.vaultSecret(at, "reference", vault, at.S, c)
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
	if p := d.azureDatabase(at); p != "" {
		o.Provider = p
	}
	d.Emit(o)
}

// azureDatabases are the databases among the types of Azure's resources.
var azureDatabases = [...][2]string{{"Microsoft.DBforPostgreSQL", "postgres"}, {"Microsoft.DBforMySQL", "mysql"}, {"Microsoft.DBforMariaDB", "mysql"}, {"Microsoft.Sql/", "mssql"}}

// azureDatabase is the database of the first resource after a parameter that takes
// it, if that is one.
func (d *Document) azureDatabase(at Text) string {
	param, s := at.S, d.string()
	s = s[min(len(s), at.Pos(len(at.S))):]
	s = s[:min(len(s), 1<<16)]
	for from, n := 0, 0; n < 8; n++ {
		i := strings.Index(s[from:], param)
		if i < 0 {
			return ""
		}
		i += from
		from = i + len(param)
		if i > 0 && word(s[i-1]) || from < len(s) && word(s[from]) {
			continue
		}
		before := s[max(0, i-4*maxAction):i]
		j := max(strings.LastIndex(before, "\nresource "), strings.LastIndex(before, "\nmodule "), strings.LastIndex(before, `"type": "Microsoft.`))
		if j < 0 {
			continue
		}
		line, _, _ := strings.Cut(before[j+1:], "\n")
		for _, db := range azureDatabases {
			if strings.Contains(line, db[0]) {
				return db[1]
			}
		}
		return ""
	}
	return ""
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

// vaultSecret is a secret of Key Vault where it is taken; a vault that is computed
// or not named is "?".
func (d *Document) vaultSecret(at Text, construct, vault, name string, c connection.Consumer) Occurrence {
	if vault == "" || strings.ContainsAny(vault, "[('$") {
		vault = "?"
	}
	o := d.Occurrence(connection.StoreRef, construct, at)
	o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{"azure-kv:" + vault + "/" + name}, "azure", connection.Ambient, connection.RoleSecret, c
	return o
}

// azureRefs emits the secrets of Key Vault that a text names by their URI or as
// settings of App Service do.
func (d *Document) azureRefs(t Text, construct string, c connection.Consumer) bool {
	found := false
	emit := func(at Text, vault, name string) {
		d.Emit(d.vaultSecret(at, construct, vault, name, c))
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
	bicepScript   = lazily(`\bscriptContent:\s*(?:'''((?:[^']|'[^']|''[^'])*)'''|'((?:[^'\\\n]|\\.)+)')`)
	bicepShell    = lazily(`\bkind:\s*'Azure(CLI|PowerShell)'`)
	bicepName     = lazily(`\bname:\s*'([\w.:-]+)'\s*[,\n]\s*value:\s*('(?:[^'\\\n]|\\.)*')`)
)

// A bicepFile is a file with its comments blank. It is read by expression: what
// matters stands in the declarations, and a file that does not parse is read as well.
type bicepFile struct {
	d *Document
	s string
	c connection.Consumer
}

func readBicep(d *Document, c connection.Consumer) {
	f := &bicepFile{d: d, s: bicepText(string(d.Data)), c: c}
	f.parameters()
	f.vaultSecrets()
	f.trusts()
	f.modules()
	f.scripts()
	d.listedKeys(f.s, d.Text, c)
	for _, m := range bicepEnv().FindAllStringSubmatchIndex(f.s, maxFanOut) {
		if name := d.Text(m[2], m[3]); credentialName(name.S) || tfSecretName(name.S) {
			o := d.Occurrence(connection.SecretRef, "readEnvironmentVariable", name)
			o.Refs, o.Auth, o.Role, o.Consumer = []string{"env:" + name.S}, connection.Static, connection.RoleSecret, c
			d.Emit(o)
		}
	}
	for _, m := range bicepProperty().FindAllStringSubmatchIndex(f.s, maxOccurrences) {
		key := f.s[max(m[2], m[4]):max(m[3], m[5])]
		azureLeaf(d, key, d.Text(m[6]+1, m[7]-1), c)
	}
	for _, m := range bicepName().FindAllStringSubmatchIndex(f.s, maxOccurrences) {
		azureLeaf(d, f.s[m[2]:m[3]], d.Text(m[4]+1, m[5]-1), c)
	}
}

// parameters reads what a file asks for: secrets, by decorator or name, and the
// defaults of text.
func (f *bicepFile) parameters() {
	for _, m := range bicepParam().FindAllStringSubmatchIndex(f.s, maxOccurrences) {
		name, typ, secure := f.d.Text(m[2], m[3]), strings.TrimSpace(f.s[m[4]:m[5]]), bicepSecure(f.s, m[0])
		given := m[6] >= 0
		if given && (typ == "" || strings.HasPrefix(typ, "string")) {
			n := name.S
			if secure {
				n = secureName(n)
			}
			azureLeaf(f.d, n, f.d.Text(m[6]+1, m[7]-1), f.c)
		}
		named := !given && strings.HasPrefix(typ, "string") && tfSecretName(name.S) && name.S != "resourceToken" // what azd makes names unlike with
		if secure || named {
			azureSecure(f.d, name, f.c)
		}
	}
}

// vaultSecrets reads vault.getSecret('name'), the vault declared in the file, and
// az.getSecret(subscription, group, vault, name).
func (f *bicepFile) vaultSecrets() {
	vaults := map[string]string{}
	for _, m := range bicepVault().FindAllStringSubmatch(f.s, maxFanOut) {
		vaults[m[1]] = m[2]
	}
	for _, m := range bicepGet().FindAllStringSubmatchIndex(f.s, maxOccurrences) {
		vault, name := vaults[f.s[m[2]:m[3]]], f.s[m[4]:m[5]]
		if m[10] >= 0 {
			vault, name = f.s[m[8]:m[9]], f.s[m[10]:m[11]]
		}
		f.d.Emit(f.d.vaultSecret(f.d.Text(m[0], m[1]), "getSecret", vault, name, f.c))
	}
}

// trusts reads the federated credentials that a file makes.
func (f *bicepFile) trusts() {
	for _, m := range bicepTrust().FindAllStringSubmatchIndex(f.s, maxFanOut) {
		o := f.d.Occurrence(connection.FederatedTrust, "federatedIdentityCredentials", f.d.Text(m[2], m[3]))
		o.Provider, o.Auth, o.Role, o.Consumer = "azure", connection.OIDC, connection.RoleIdentity, f.c
		if i := bicepIssuer().FindStringSubmatch(f.s[m[1]:min(len(f.s), m[1]+maxAction)]); i != nil {
			o.Endpoint = NormalHost(i[1])
		}
		f.d.Emit(o)
	}
}

// scripts reads what a deployment runs.
func (f *bicepFile) scripts() {
	for i, m := range bicepScript().FindAllStringSubmatchIndex(f.s, maxFanOut) {
		lang, before := "bash", f.s[max(0, m[0]-maxAction):m[0]]
		if kinds := bicepShell().FindAllStringSubmatch(before, maxFanOut); len(kinds) > 0 && kinds[len(kinds)-1][1] == "PowerShell" {
			lang = "pwsh"
		}
		f.d.Shell(Script{Text: f.d.Text(max(m[2], m[4]), max(m[3], m[5])), Lang: lang, Consumer: f.c, NoDownloads: true, Group: "script/" + strconv.Itoa(i),
			Unknown: func(string, Text) Value { return Value{Open: true} }})
	}
}

// modules reads the registries that modules come from.
func (f *bicepFile) modules() {
	for _, m := range bicepModule().FindAllStringSubmatchIndex(f.s, maxFanOut) {
		if host := NormalHost(f.s[m[4]:m[5]]); f.s[m[2]:m[3]] == "br" && host != "mcr.microsoft.com" {
			o := f.d.Occurrence(connection.DelegatedCall, "module", f.d.Text(m[2], m[7]))
			o.Endpoint, o.Auth, o.Consumer, o.Principal = host, connection.Ambient, f.c, f.s[m[6]:m[7]]
			f.d.Emit(o)
		}
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
