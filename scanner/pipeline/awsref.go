package pipeline

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner/connection"
)

var (
	secretARN     = lazily(`arn:(?:aws[\w-]*|\$\{AWS::Partition\}):secretsmanager:(?:\$\{[^}]*\}|[^:\s"'])*:(?:\$\{[^}]*\}|[^:\s"'])*:secret:[\w/+=.@${}:-]+|arn:(?:aws[\w-]*|\$\{AWS::Partition\}):ssm:(?:\$\{[^}]*\}|[^:\s"'])*:(?:\$\{[^}]*\}|[^:\s"'])*:parameter/[\w/.${}:-]+`)
	connectionARN = lazily(`arn:aws[\w-]*:(?:codestar-connections|codeconnections):[\w-]*:\d*:connection/[\w-]+`)
	resolveRef    = lazily(`\{\{resolve:(secretsmanager|ssm|ssm-secure):((?:[^}$]|\$\{[^}]*\}|\$)+)\}\}`)
)

// lazily is an expression that is compiled when it is first asked for: a run
// that reads no document pays nothing.
func lazily(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

// awsRefs emits the stored secrets that a text names by their ARN or by a
// dynamic reference. Source: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html.
func (d *Document) awsRefs(t Text, construct string, c connection.Consumer) bool {
	found := false
	emit := func(at Text, ref string) {
		d.awsStored(at, construct, ref, c)
		found = true
	}
	for _, m := range resolveRef().FindAllStringSubmatchIndex(t.S, maxFanOut) {
		store, rest := t.S[m[2]:m[3]], t.S[m[4]:m[5]]
		if store != "secretsmanager" {
			name, ver, _ := strings.Cut(rest, ":")
			if store == "ssm" && !tfSecretName(strings.ReplaceAll(name[strings.LastIndexByte(name, '/')+1:], ".", "_")) && !tfSecretName(construct) {
				continue
			}
			if ver != "" {
				name += "@" + ver
			}
			emit(t.Sub(m[0], m[1]), "aws-ssm:"+name)
			continue
		}
		id, key := rest, ""
		if before, after, ok := strings.Cut(rest, ":SecretString"); ok {
			id = before
			key, _, _ = strings.Cut(strings.TrimPrefix(after, ":"), ":")
		}
		emit(t.Sub(m[0], m[1]), fragment(awsSecretRef(id), key))
	}
	for _, m := range connectionARN().FindAllStringIndex(t.S, maxFanOut) {
		o := d.Occurrence(connection.ServiceConnection, construct, t.Sub(m[0], m[1]))
		o.Provider, o.Auth, o.Principal, o.Consumer = "aws", connection.App, t.S[m[0]:m[1]], c
		d.Emit(o)
		found = true
	}
	for _, m := range secretARN().FindAllStringIndex(t.S, maxFanOut) {
		arn := strings.ReplaceAll(t.S[m[0]:m[1]], "${AWS::", "${")
		if strings.Contains(arn, ":ssm:") {
			_, name, _ := strings.Cut(arn, ":parameter")
			emit(t.Sub(m[0], m[1]), "aws-ssm:"+name)
		} else if !found {
			emit(t.Sub(m[0], m[1]), awsSecretRef(strings.TrimRight(arn, "*-:")))
		}
	}
	return found
}

var (
	storePath     = lazily(`^/?(?:[\w.${}:-]+/)+[\w.${}:-]+$`)
	storeVariable = lazily(`(?i)(?:SSM|PARAM|PARAMETER)(?:_?(?:NAME|PATH|KEY|STORE))?$|^SSM_`)
	smVariable    = lazily(`(?i)SECRETS?_?(?:MANAGER_?)?(?:NAME|ID|ARN)$`)
)

// awsNamed emits a stored secret that a function is told by its name: a variable
// GITHUB_TOKEN_PARAM of a path in Parameter Store, DB_SECRET_NAME of one in
// Secrets Manager, the parameter that a policy template of SAM lets it read.
func (d *Document) awsNamed(name string, t Text, c connection.Consumer) bool {
	ref := ""
	switch last := strings.NewReplacer(".", "_", "-", "_", "$", "", "{", "", "}", "").Replace(t.S[strings.LastIndexByte(t.S, '/')+1:]); {
	case name == "ParameterName" && storePath().MatchString(t.S) && (tfSecretName(last) || credentialName(last)):
		ref = "aws-ssm:/" + strings.TrimPrefix(t.S, "/")
	case storeVariable().MatchString(name) && strings.HasPrefix(t.S, "/") && storePath().MatchString(t.S) && (tfSecretName(last) || credentialName(last)):
		ref = "aws-ssm:" + t.S
	case smVariable().MatchString(name) && len(t.S) > 2 && !strings.ContainsAny(t.S, " :<[\n") && !noValue(t.S) && (strings.Contains(t.S, "/") || strings.ContainsAny(t.S, "-_")):
		ref = "aws-sm:" + t.S
	default:
		return false
	}
	d.awsStored(t, name, ref, c)
	return true
}

// awsStored emits a secret of Secrets Manager or Parameter Store where it is taken.
func (d *Document) awsStored(at Text, construct, ref string, c connection.Consumer) {
	o := d.Occurrence(connection.StoreRef, construct, at)
	o.Refs, o.Provider, o.Auth, o.Role, o.Consumer = []string{ref}, "aws", connection.Ambient, connection.RoleSecret, c
	d.Emit(o)
}

// writtenOut emits a credential that a file holds itself under a name that says
// so. It tells whether it did.
func (d *Document) writtenOut(name string, t Text, provider, construct string, c connection.Consumer) bool {
	t = t.Trim()
	if !tfSecretName(name) || noValue(t.S) || len(t.S) < 3 || strings.ContainsAny(t.S, "\n") && !strings.Contains(t.S, "PRIVATE KEY") ||
		strings.Contains(t.S, "${") || strings.Contains(t.S, "{{") || strings.HasPrefix(t.S, "$") || strings.Contains(t.S, "://") || strings.Contains(t.S, " ") && !strings.Contains(t.S, "PRIVATE KEY") {
		return false
	}
	if strings.ContainsAny(t.S, "-_") && slices.Equal(nameWords(t.S), nameWords(name)) {
		return false // registryPassword: registry-password is what a secret is called elsewhere
	}
	o := d.Occurrence(connection.Literal, construct, t)
	o.Auth, o.Role, o.Provider, o.Consumer, o.Group = connection.Static, connection.RoleSecret, provider, c, tfGroup(c.Job, name)
	if provider == "" {
		o.Provider, o.ProviderFrom = nameProvider(name)
	}
	d.Emit(o)
	return true
}

// leaves calls f for each scalar below a node with the key it stands under.
func leaves(n *Node, f func(key string, n *Node)) {
	seen := map[*Node]bool{}
	var visit func(key string, n *Node, depth int)
	visit = func(key string, n *Node, depth int) {
		if n = n.Deref(); n == nil || seen[n] || depth > 2*maxDepth {
			return
		}
		seen[n] = true
		if n.Kind == ScalarNode {
			f(key, n)
		}
		for _, p := range n.pairs {
			visit(p.Key.Value, p.Value, depth+1)
		}
		for _, i := range n.items {
			visit(key, i, depth+1)
		}
	}
	visit("", n, 0)
}
