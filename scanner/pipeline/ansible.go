package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// ansible reads playbooks, roles, variables, inventories and the tool's own
// configuration. Source: docs.ansible.com/ansible/latest; pipelines.md 3.4.
var ansible = Dialect{ID: "ansible", Path: ansiblePath, Content: ansibleContent, Read: readAnsible}

func ansiblePath(p string) bool {
	base := path.Base(p)
	if base == "ansible.cfg" || base == ".ansible.cfg" {
		return true
	}
	dirs := "/" + path.Dir(p) + "/"
	in := func(names ...string) bool {
		for _, n := range names {
			if strings.Contains(dirs, "/"+n+"/") {
				return true
			}
		}
		return false
	}
	if in(".credgate", "testdata") { // declarations of ours, and what tests made up
		return false
	}
	ini := path.Ext(base) == "" || strings.HasSuffix(base, ".ini") || strings.HasSuffix(base, ".cfg")
	if in("group_vars", "host_vars") {
		return yamlExt(base) || path.Ext(base) == ""
	}
	if base == "inventory" || base == "hosts" && in("ansible") || base == "inventory.ini" || in("inventory", "inventories") && (ini || yamlExt(base)) {
		return true
	}
	if !yamlExt(base) {
		return false
	}
	return in("playbooks", "ansible") && !strings.HasPrefix(base, "docker-compose") && !in("templates", "files", "molecule", "plugins", "config", "meta") || in("roles") && in("tasks", "handlers", "vars", "defaults") || base == "playbook.yml" || base == "playbook.yaml" || base == "site.yml"
}

func ansibleContent(p string, head *Head) bool {
	s := head.Text
	if strings.HasPrefix(s, "$ANSIBLE_VAULT;") {
		return true
	}
	if yamlExt(p) && strings.HasPrefix(path.Base(p), "inventory") && head.Top("all") && strings.Contains(s, "hosts:") {
		return true
	}
	if dir := path.Base(path.Dir(p)); yamlExt(p) && (dir == "tasks" || dir == "handlers") && (strings.HasPrefix(s, "- name:") || strings.Contains(s, "\n- name:")) && taskWords(s) {
		return true
	}
	if dir := path.Base(path.Dir(p)); (dir == "vars" || dir == "defaults") && (path.Base(p) == "main.yml" || path.Base(p) == "main.yaml") {
		return strings.Contains(s, "{{") || strings.Contains(s, "ansible")
	}
	return yamlExt(p) && (strings.Contains(s, "- hosts:") || (strings.HasPrefix(s, "- name:") || strings.Contains(s, "\n- name:")) && playHosts().MatchString(s)) && (strings.Contains(s, "  tasks:") || strings.Contains(s, "  roles:")) || yamlExt(p) && strings.Contains(s, "!vault |")
}

// playHosts is what a play that starts with its name runs on.
var playHosts = lazily(`(?m)^ {1,4}hosts ?:`)

// taskWords tells whether a word that stands in a list of tasks and hardly
// elsewhere is a key of one.
func taskWords(s string) bool {
	for {
		if strings.HasPrefix(s, " ") && taskWord(strings.TrimLeft(s, " ")) {
			return true
		}
		i := strings.IndexByte(s, '\n')
		if i < 0 {
			return false
		}
		s = s[i+1:]
	}
}

// taskWord tells whether a line starts with the key of a task.
func taskWord(line string) bool {
	n := 0
	for n < len(line) && (word(line[n]) || line[n] == '.') {
		n++
	}
	if n == len(line) || line[n] != ':' {
		return false
	}
	switch key := line[:n]; key {
	case "set_fact", "include_vars", "include_tasks", "import_tasks", "become", "when", "register", "notify", "with_items", "changed_when":
		return true
	default:
		module, ok := strings.CutPrefix(key, "ansible.builtin.")
		return ok && module != "" && !strings.Contains(module, ".")
	}
}

type ansibleFile struct {
	d     *Document
	host  string            // of the registry that the task logs in to; "?" is one that is computed
	whose string            // that registry's provider, where its host does not tell
	vars  map[string]string // what variables are first set to, once asked for
	made  map[string]bool   // variables that tasks of the file register or, so far, set; once asked for
}

func readAnsible(d *Document) {
	f := &ansibleFile{d: d}
	c := connection.Consumer{Path: d.Path}
	switch {
	case strings.HasPrefix(string(d.Data), "$ANSIBLE_VAULT;"):
		o := d.Occurrence(connection.Encrypted, "vault", d.Text(0, len("$ANSIBLE_VAULT")))
		o.Provider, o.Auth, o.Consumer = "ansible", connection.Static, c
		d.Emit(o)
	case strings.HasSuffix(d.Path, ".cfg"):
		f.config(c)
	case !yamlExt(d.Path) && !strings.Contains("/"+d.Path, "/group_vars/") && !strings.Contains("/"+d.Path, "/host_vars/"):
		f.inventory(c)
	case d.whole() || ansibleMatters(d.string()) && !d.siftYAML(newAnsibleSift(d)):
		for _, root := range d.YAML() {
			f.node(root, "", c, 0)
		}
	}
}

func (f *ansibleFile) config(c connection.Consumer) {
	for _, e := range f.d.iniLines(false) {
		o := f.d.Occurrence(connection.SecretRef, e.Key.S, e.Value)
		o.Auth, o.Role, o.Consumer = connection.Static, connection.RoleSecret, c
		switch {
		case e.Value.S == "":
		case e.Key.S == "vault_password_file", e.Key.S == "vault_identity_list":
			o.Provider, o.Refs = "ansible", []string{"file:" + e.Value.S}
			f.d.Emit(o)
		case e.Key.S == "private_key_file":
			o.Kind, o.Provider, o.Refs = connection.SSH, "ssh", []string{"file:" + e.Value.S}
			f.d.Emit(o)
		case !f.d.URLs(e.Value, nil, e.Key.S, c):
			f.d.writtenOut(e.Key.S, e.Value, "ansible", e.Key.S, c)
		}
	}
}

var ansibleHostVar = lazily(`\b(ansible_\w+)\s*=\s*("[^"]*"|'[^']*'|\S+)`)

func (f *ansibleFile) inventory(c connection.Consumer) {
	for _, l := range f.d.Text(0, len(f.d.Data)).Lines() {
		if t := l.Trim(); t.S == "" || t.S[0] == '#' || t.S[0] == ';' {
			continue
		}
		for _, m := range ansibleHostVar().FindAllStringSubmatchIndex(l.S, maxFanOut) {
			f.leaf(l.S[m[2]:m[3]], unquote(l.Sub(m[4], m[5])), c)
		}
		if k, v, ok := l.Cut("="); ok && !strings.Contains(l.S, "ansible_") {
			f.leaf(strings.TrimSpace(k.S), unquote(v.Trim()), c)
		}
	}
}

// ansibleModules gives whom a module reaches, by the start of its short name.
var ansibleModules = [][2]string{
	{"amazon.aws", "aws"}, {"community.aws", "aws"}, {"aws_", "aws"}, {"ec2", "aws"}, {"s3_", "aws"}, {"azure", "azure"}, {"google.cloud", "gcp"}, {"gcp_", "gcp"}, {"community.docker.docker_login", "dockerhub"}, {"docker_login", "dockerhub"},
	{"community.postgresql", "postgres"}, {"postgresql_", "postgres"}, {"community.mysql", "mysql"}, {"mysql_", "mysql"}, {"community.mongodb", "mongodb"}, {"mongodb_", "mongodb"}, {"kubernetes.core", "kubernetes"}, {"k8s", "kubernetes"},
	{"community.general.slack", "slack"}, {"slack", "slack"}, {"community.general.mail", "smtp"}, {"mail", "smtp"}, {"community.digitalocean", "digitalocean"}, {"digital_ocean", "digitalocean"}, {"hetzner", "hetzner"}, {"hcloud", "hetzner"},
	{"community.hashi_vault", "vault"}, {"community.grafana", "grafana"}, {"grafana_", "grafana"}, {"community.general.github", "github"}, {"github_", "github"}, {"community.general.gitlab", "gitlab"}, {"gitlab_", "gitlab"}, {"cloudflare_dns", "cloudflare"}, {"community.general.cloudflare", "cloudflare"}, {"datadog", "datadog"}, {"community.rabbitmq", "amqp"}, {"rabbitmq_", "amqp"}, {"community.general.jenkins", "jenkins"},
}

func (f *ansibleFile) node(n *Node, key string, c connection.Consumer, depth int) {
	n = n.Deref()
	if n == nil || depth > maxDepth || !f.d.descend() {
		return
	}
	if n.Tag == "!vault" || n.Tag == "!vault-encrypted" {
		o := f.d.Occurrence(connection.Encrypted, key, n.Text())
		o.Provider, o.ProviderFrom = nameProvider(key)
		if o.Auth, o.Role, o.Consumer = connection.Static, connection.RoleSecret, c; o.Provider == "" {
			o.Provider = "ansible"
		}
		f.d.Emit(o)
		return
	}
	switch n.Kind {
	case ScalarNode:
		f.leaf(key, n.Text(), c)
	case SeqNode:
		for _, i := range n.items {
			f.node(i, key, c, depth+1)
		}
	case MapNode:
		if name := n.Get("name").String(); name != "" && (n.Get("hosts") == nil) && depth < 6 {
			c.Step = name
		}
		defer func(h string) { f.host = h }(f.host)
		f.login(n, c)
		for _, p := range n.Pairs() {
			k := p.Key.Value
			t := p.Value.Text()
			switch {
			case k == "vars_prompt":
				f.prompts(p.Value, c)
				continue
			case ansibleIdle(k):
				continue
			case ansibleScript(k) && p.Value.Is(ScalarNode) && t.S != "":
				f.script(t, c)
				continue
			case k == "set_fact" || k == "ansible.builtin.set_fact":
				f.facts(p.Value)
			}
			d := c
			if p.Value.Is(MapNode) && d.Action == "" && key == "" {
				d.Action = k
			}
			if p.Value.Is(ScalarNode) && strings.Contains(t.S, "=") && moduleProvider(k) != "" {
				d.Action = k
				f.freeForm(t, d)
			}
			if p.Value.Is(MapNode) && k != "module_args" && (strings.Contains(k, ".") || strings.Contains(k, "_") || k == "uri" || k == "slack" || k == "mail" || k == "git") {
				d.Action = k
			}
			if m := p.Value.Get("module_name").String(); moduleProvider(m) != "" {
				d.Action = m
			}
			f.node(p.Value, k, d, depth+1)
		}
	}
}

// ansibleIdle tells the keys of tasks whose values reach nobody.
func ansibleIdle(key string) bool {
	switch key {
	case "name", "when", "register", "debug", "fail", "assert", "ansible.builtin.debug", "ansible.builtin.fail", "ansible.builtin.assert", "tags", "notify", "changed_when", "failed_when", "until":
		return true
	}
	return false
}

// ansibleScript tells the modules that run a script.
func ansibleScript(key string) bool {
	switch key {
	case "shell", "command", "ansible.builtin.shell", "ansible.builtin.command", "raw", "ansible.builtin.raw":
		return true
	}
	return false
}

// moduleProvider is whom a module reaches, "" where its name does not tell.
func moduleProvider(name string) string {
	for _, mod := range ansibleModules {
		if strings.HasPrefix(name, mod[0]) {
			return mod[1]
		}
	}
	return ""
}

var ansiblePair = lazily(`(?:^|\s)([a-z_]+)=("[^"]*"|'[^']*'|\S+)`)

// freeForm reads what is written out in module: name=x password=y.
func (f *ansibleFile) freeForm(t Text, c connection.Consumer) {
	for _, m := range ansiblePair().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		if v := unquote(t.Sub(m[4], m[5])); !strings.Contains(v.S, "{{") {
			f.d.writtenOut(t.S[m[2]:m[3]], v, moduleProvider(c.Action), c.Action, c)
		}
	}
}

func (f *ansibleFile) prompts(n *Node, c connection.Consumer) {
	for _, i := range n.Items() {
		if t := i.Get("name").Text(); tfSecretName(t.S) {
			o := f.d.Occurrence(connection.SecretRef, "vars_prompt", t)
			o.Refs, o.Auth, o.Role, o.Consumer = []string{"ansible:var:" + t.S}, connection.Static, connection.RoleSecret, c
			f.d.Emit(o)
		}
	}
}

// login reads a task that logs in to a registry.
func (f *ansibleFile) login(n *Node, c connection.Consumer) {
	for _, p := range n.Pairs() {
		k := p.Key.Value[strings.LastIndexByte(p.Key.Value, '.')+1:]
		if k != "docker_login" && k != "podman_login" || p.Value.Get("username") == nil && p.Value.Get("password") == nil {
			continue
		}
		o := f.d.Occurrence(connection.RegistryLogin, k, p.Key.Text())
		url := p.Value.Get("registry_url").String() + p.Value.Get("registry").String()
		if o.Endpoint = NormalHost(url); url == "" {
			o.Endpoint = dockerHub
		} else if strings.Contains(url, "{") {
			o.Endpoint = ""
			o.Provider, o.ProviderFrom = f.registry(url)
		}
		f.whose = o.Provider
		if f.host = o.Endpoint; f.host == "" {
			f.host = "?"
		}
		if o.Principal = p.Value.Get("username").String(); strings.Contains(o.Principal, "{{") {
			o.Principal = ""
		}
		o.Auth, o.Consumer = connection.Static, c
		f.d.Emit(o)
	}
}

// registry is whose a registry is that a template action names: by the host or
// the variable that the file sets it to, else by its own name.
func (f *ansibleFile) registry(url string) (string, connection.From) {
	if f.vars == nil {
		f.vars = map[string]string{}
		for line := range strings.Lines(f.d.string()) {
			if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && f.vars[k] == "" {
				f.vars[k] = strings.Trim(strings.TrimSpace(v), `"'`)
			}
		}
	}
	names := jinjaName().FindAllString(url, maxFanOut)
	for _, n := range names {
		if p := hostProvider(NormalHost(f.vars[n])); p != "" {
			return p, connection.FromHost
		}
		names = append(names, jinjaName().FindAllString(f.vars[n], maxFanOut)...)
	}
	return nameProvider(names...)
}

// script reads a command; template actions in it are words.
func (f *ansibleFile) script(t Text, c connection.Consumer) {
	s := Script{Text: t, Consumer: c, Group: "task/" + c.Step, NoDownloads: true}
	for _, m := range jinja(t.S) {
		s.Holes = append(s.Holes, Hole{m[0], m[1], Value{Refs: f.refs(t.Sub(m[0], m[1]), ""), Open: true}})
	}
	f.d.Shell(s)
	f.expressions("script", t, c)
}

var (
	jinjaLookup = lazily(`(?:lookup|query|q)\(\s*['"]([\w.]+)['"]\s*,\s*['"]([^'"]*)['"]([^)]*)`)
	jinjaName   = lazily(`[A-Za-z_]\w*(?:\.\w+|\[['"]\w+['"]\])*`)
	lookupIn    = lazily(`(?:secret|path)=([^\s'"]+)`)
	lookupVault = lazily(`vault\s*=\s*['"]([^'"]+)`)
	jinjaText   = lazily(`'[^']*'|"[^"]*"`)
)

// jinja gives the places of template actions without braces in them.
func jinja(s string) [][2]int {
	var out [][2]int
	for i := 0; len(out) < maxFanOut; {
		j := strings.Index(s[i:], "{{")
		if j < 0 {
			break
		}
		i += j
		k := strings.IndexAny(s[i+2:], "{}")
		if k < 0 {
			break
		}
		if end := i + 2 + k; strings.HasPrefix(s[end:], "}}") {
			out = append(out, [2]int{i, end + 2})
			i = end + 2
			continue
		}
		i++
	}
	return out
}

// ansibleNames are part of the names of credentials.
var ansibleNames = newWordSet(nameTriggers)

// mayRefer tells whether refs may find anything in a text of a key.
func mayRefer(s, key string) bool {
	return strings.Contains(s, "lookup(") || strings.Contains(s, "query(") || strings.Contains(s, "q(") || strings.Contains(s, "vault_") ||
		strings.HasPrefix(key, "ansible_") && strings.Contains(key, "pass") || ansibleNames.in(s, nil)
}

// registered tells whether a task of the file makes a variable.
func (f *ansibleFile) registered(name string) bool {
	if f.made == nil {
		f.made = map[string]bool{}
		for _, n := range registers(f.d.string()) {
			f.made[n] = true
		}
	}
	return f.made[name]
}

// registers gives the names behind register: where that starts an indented line.
func registers(s string) (names []string) {
	const key = "register:"
	for from := 0; len(names) < maxFanOut*maxFanOut; {
		i := strings.Index(s[from:], key)
		if i < 0 {
			break
		}
		at := from + i
		from = at + len(key)
		lead := strings.TrimRight(s[:at], " \t")
		if len(lead) == at || lead != "" && lead[len(lead)-1] != '\n' {
			continue
		}
		v := strings.TrimLeft(s[from:], " \t")
		if v != "" && (v[0] == '"' || v[0] == '\'') {
			v = v[1:]
		}
		n := 0
		for n < len(v) && word(v[n]) {
			n++
		}
		if n > 0 {
			names = append(names, v[:n])
		}
	}
	return names
}

// facts notes the variables that a task computes of others, which are read where
// they stand.
func (f *ansibleFile) facts(n *Node) {
	f.registered("")
	for _, p := range n.Pairs() {
		if strings.Contains(p.Value.String(), "{{") || !p.Value.Is(ScalarNode) {
			f.made[p.Key.Value] = true
		}
	}
}

// lookupRef is the normal form of what a lookup plugin reads from a store, by its
// first argument and those behind it; "" for one that reads none.
func lookupRef(plugin, arg, more string) string {
	switch plugin {
	case "hashi_vault", "vault_read", "vault_kv1_get", "vault_kv2_get":
		if s := lookupIn().FindStringSubmatch(arg + more); s != nil {
			arg = s[1]
		}
		p, k, _ := strings.Cut(arg, ":")
		return fragment("vault:?:"+p, k)
	case "aws_secret", "secretsmanager_secret":
		return awsSecretRef(arg)
	case "aws_ssm", "ssm_parameter":
		return "aws-ssm:" + arg
	case "azure_keyvault_secret":
		return "azure-kv:?/" + arg
	case "onepassword", "onepassword_raw", "onepassword_doc":
		if s := lookupVault().FindStringSubmatch(more); s != nil {
			arg = s[1] + "/" + arg
		}
		return "1password:" + arg
	case "bitwarden", "lastpass", "passwordstore", "keyring", "dsv", "tss":
		return plugin + ":" + arg
	case "bitwarden_secrets_manager":
		return "bitwarden:" + arg
	case "conjur_variable":
		return "conjur:" + arg
	case "gcp_secret_manager":
		return "gcp-sm:" + arg
	}
	return ""
}

// envLookup is the reference to a variable of the environment that, by its name
// or that of what takes it, holds a credential; "" for another.
func envLookup(arg, key string) string {
	taker := tfSecretName(key)
	if !taker && (identityName(arg) || !credentialName(arg) && !tfSecretName(arg)) {
		return ""
	}
	return "env:" + arg
}

// subscripts makes steps of what a name has in brackets.
var subscripts = strings.NewReplacer("['", ".", `["`, ".", "']", "", `"]`, "")

// refs gives the stored secrets and variables that a template action names.
func (f *ansibleFile) refs(t Text, key string) []Ref {
	if !mayRefer(t.S, key) || !hasSecretStem(t.S) && !strings.Contains(t.S, "(") && !strings.Contains(t.S, "vault_") {
		return nil
	}
	var out []Ref
	rest := []byte(t.S)
	for _, m := range jinjaLookup().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		plugin, arg, more := t.S[m[2]:m[3]], t.S[m[4]:m[5]], t.S[m[6]:m[7]]
		for i := m[0]; i < m[1]; i++ {
			rest[i] = ' '
		}
		name := lookupRef(plugin[strings.LastIndexByte(plugin, '.')+1:], arg, more)
		if plugin == "env" || strings.HasSuffix(plugin, ".env") {
			name = envLookup(arg, key)
		}
		if name == "" {
			continue
		}
		out = append(out, Ref{Name: name, At: t.Sub(m[0], m[1]), In: f.d})
	}
	for _, m := range jinjaText().FindAllIndex(rest, maxFanOut) {
		if m[0] > 0 && rest[m[0]-1] == '[' {
			continue
		}
		for i := m[0]; i < m[1]; i++ {
			rest[i] = ' '
		}
	}
	for _, m := range jinjaName().FindAllIndex(rest, maxFanOut) {
		name := subscripts.Replace(string(rest[m[0]:m[1]]))
		base, _, _ := strings.Cut(name, ".")
		last := name[strings.LastIndexByte(name, '.')+1:]
		if key == "src" || key == "dest" || m[0] > 0 && (rest[m[0]-1] == '.' || rest[m[0]-1] == '|' || m[0] > 1 && rest[m[0]-2] == '|') || last == "PWD" || last == "vault" || last == "stdout" || last == "password_hash" || !(tfSecretName(last) || vaultName(last) || strings.HasPrefix(key, "ansible_") && strings.Contains(key, "pass") && strings.TrimSpace(t.S[2:len(t.S)-2]) == name) || f.registered(base) {
			continue
		}
		out = append(out, Ref{Name: "ansible:var:" + name, At: t.Sub(m[0], m[1]), In: f.d})
	}
	return out
}

// vaultName tells a variable that, by custom, a file of Ansible's vault keeps.
func vaultName(name string) bool {
	own, ok := strings.CutPrefix(name, "vault_")
	if !ok {
		return false
	}
	words := nameWords(own)
	if len(words) == 0 {
		return false
	}
	switch words[len(words)-1] {
	case "file", "path", "dir", "addr", "address", "url", "host", "port", "version", "enabled", "namespace", "cacert", "mount", "role", "config":
		return false
	}
	return true
}

func (f *ansibleFile) expressions(key string, t Text, c connection.Consumer) bool {
	found := false
	for _, m := range jinja(t.S) {
		refs := f.refs(t.Sub(m[0], m[1]), key)
		if len(refs) == 0 {
			continue
		}
		found = true
		o := Occurrence{Kind: connection.SecretRef, Construct: key, Role: connection.RoleSecret, Consumer: c, Group: tfGroup(c.Step, key)}
		if o.Provider = moduleProvider(c.Action); o.Provider == "dockerhub" && f.host != "" {
			if o.Provider, o.Endpoint = hostProvider(f.host), f.host; f.host == "?" {
				o.Provider, o.Endpoint = f.whose, ""
			}
		}
		for _, r := range refs {
			if f.d.claimed[r.At.Pos(0)] {
				continue
			}
			p := o
			if own, ok := strings.CutPrefix(refName(r.Name), "vault_"); ok && p.Provider == "" { // by custom, what a vault of Ansible keeps
				if p.Provider, p.ProviderFrom = nameProvider(own); p.Provider == "" {
					p.Provider, p.ProviderFrom = "ansible", connection.FromName
				}
			}
			if !strings.HasPrefix(r.Name, "ansible:") && storeProvider(r.Name) != "" {
				p.Provider = ""
			}
			f.d.EmitRefs(p, Value{Refs: []Ref{r}}, nil)
		}
	}
	return found
}

func (f *ansibleFile) leaf(key string, t Text, c connection.Consumer) {
	named := hasSecretStem(key) || strings.HasPrefix(key, "ansible_") || key == "repo"
	if t.S == "" || !named && !hasLink(t.S) && !(strings.Contains(t.S, "{{") && mayRefer(t.S, key)) {
		return
	}
	refs := func(part Text) []Ref {
		var refs []Ref
		for _, m := range jinja(t.S) {
			refs = append(refs, f.refs(t.Sub(m[0], m[1]), key)...)
		}
		return within(refs, part)
	}
	switch {
	case f.d.URLs(t, refs, key, c):
	case f.expressions(key, t, c):
	case strings.HasPrefix(t.S, "$ANSIBLE_VAULT"):
	case key == "ansible_ssh_private_key_file" || key == "ansible_private_key_file":
		o := f.d.Occurrence(connection.SSH, key, t)
		o.Provider, o.Auth, o.Role, o.Refs, o.Consumer = "ssh", connection.Static, connection.RoleSecret, []string{"file:" + t.S}, c
		f.d.Emit(o)
	case key == "repo" && scpURL().MatchString(t.S):
		m := scpURL().FindStringSubmatch(t.S)
		o := f.d.Occurrence(connection.SSH, key, t)
		o.Endpoint, o.Principal, o.Auth, o.Consumer = NormalHost(m[2]), m[1], connection.Ambient, c
		o.Account = hostAccount(o.Endpoint, m[3])
		f.d.Emit(o)
	case strings.HasPrefix(key, "ansible_") && strings.Contains(key, "pass") && !strings.Contains(t.S, "{{") && !noValue(t.S):
		name := key
		if strings.HasSuffix(name, "_pass") {
			name += "word"
		}
		f.d.writtenOut(name, t, "ssh", key, c)
	case strings.Contains(t.S, "{{"):
	default:
		f.d.writtenOut(key, t, moduleProvider(c.Action), key, c)
	}
}
