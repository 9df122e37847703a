package structure

import (
	"bytes"
	"math/rand/v2"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect/judge"
)

var commandPassword = scanner.Detector{
	ID:       "command-line-password",
	Title:    "Password on a command line",
	Kind:     "password",
	Severity: scanner.High,
	Class:    scanner.Structural,
	Keywords: commandKeywords(),
	Reach:    reach,
	FindAt:   commandAt,
	Format:   "https://attack.mitre.org/techniques/T1552/",
	Rotate:   "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
	Example: func(r *rand.Rand) string {
		form := []string{"mysql -u root -p% shop", "curl -u admin:% https://acme.io", "sshpass -p '%' ssh h", "docker login -u ci -p % r.acme.io", "tool --password=% run",
			"$p = ConvertTo-SecureString \"%\" -AsPlainText -Force", "redis-cli -h h -a % ping", "openssl rsa -passin pass:% -in k", `["--password", "%"]`, "keytool -list -storepass %", "net use z: \\\\h\\s /user:dom\\u %"}
		return filled(form[r.IntN(len(form))], pick(r, uppers, 1)+pick(r, lowers, 6)+pick(r, digits, 3))
	},
	Silent: func(r *rand.Rand) string {
		form := []string{"mysql -u root -p${%}", "curl -u admin:$% https://acme.io", "tool --password-file=%", "tool --password <%>", "docker login -p \"$(cat %)\"", "mkdir -p %"}
		return filled(form[r.IntN(len(form))], pick(r, lowers, 9))
	},
}

// A client is a command that takes a password by a short flag.
type client struct {
	command string // as it stands, with its subcommand
	flag    string // that the password follows
	joined  bool   // flag and password are one word: -pX
	pair    byte   // the value is user, this byte, password; or of what follows
}

// What a client's value is when it is no pair.
const (
	tokenAt1 = 1 // a token
	wordAt3  = 3 // the third word: a file, a user, the password
	tokenAt4 = 4 // two words, an access key and its secret
)

var clients = []client{
	{"sshpass", "-p", false, 0}, {"sshpass", "-p", true, 0},
	{"mysql", "-p", true, 0}, {"mariadb", "-p", true, 0},
	{"curl", "-u", false, ':'}, {"curl", "-u", true, ':'}, {"curl", "--user", false, ':'}, {"curl", "--user=", true, ':'}, {"curl", "-U", false, ':'}, {"curl", "--proxy-user", false, ':'},
	{"http ", "-a", false, ':'}, {"http ", "--auth", false, ':'},
	{" login", "-p", false, 0}, {" login", "-p", true, 0},
	{"redis-cli", "-a", false, 0}, {"redis-cli", "--pass", false, 0},
	{"sqlcmd", "-p", false, 0}, {"sqlcmd", "-p", true, 0}, {"bcp ", "-p", false, 0}, {"osql", "-p", false, 0}, {"isql", "-p", false, 0}, {"isql", "-p", true, 0}, {"beeline", "-p", false, 0}, {"hdbsql", "-p", false, 0}, {"db2 connect", "using", false, 0}, {"htpasswd", "", false, wordAt3},
	{"smbclient", "-u", false, '%'}, {"rpcclient", "-u", false, '%'}, {"winexe", "-u", false, '%'}, {"smbmap", "-p", false, 0},
	{"ldapsearch", "-w", false, 0}, {"ldapadd", "-w", false, 0}, {"ldapmodify", "-w", false, 0}, {"ldapwhoami", "-w", false, 0}, {"ldapdelete", "-w", false, 0}, {"ldappasswd", "-w", false, 0}, {"ldappasswd", "-s", false, 0},
	{"mongo", "-p", false, 0}, {"cqlsh", "-p", false, 0}, {"influx", "-password", false, 0}, {"clickhouse-client", "--password", false, 0},
	{"unzip", "-p", false, 0}, {"zip ", "-p", false, 0}, {"7z", "-p", true, 0}, {"7za", "-p", true, 0}, {"unrar", "-p", true, 0},
	{"plink", "-pw", false, 0}, {"pscp", "-pw", false, 0}, {"psftp", "-pw", false, 0}, {"psexec", "-p", false, 0},
	{"xfreerdp", "/p:", true, 0}, {"rdesktop", "-p", false, 0}, {"cmdkey", "/pass:", true, 0}, {"schtasks", "/rp", false, 0},
	{"lftp", "-u", false, ','}, {"ncftp", "-p", false, 0}, {"snmpwalk", "-A", false, 0}, {"snmpwalk", "-X", false, 0}, {"snmpwalk", "-c", false, 0}, {"snmpget", "-c", false, 0}, {"snmpset", "-c", false, 0}, {"snmpbulkwalk", "-c", false, 0},
	{"net user", "", false, ' '}, {"openssl enc", "-k", false, 0}, {"openssl enc", "-pass", false, 0}, {"ipmitool", "-p", false, 0}, {"rabbitmqctl", "add_user", false, ' '}, {"net use", "/user:", true, ' '}, {"evil-winrm", "-p", false, 0},
	{"vault login", "", false, tokenAt1}, {"cargo login", "", false, tokenAt1}, {"mc alias set", "", false, tokenAt4}, {"mc config host add", "", false, tokenAt4}, {"gem push", "--key", false, tokenAt1}, {"gh auth login", "--with-token", false, tokenAt1}, {"doctl auth init", "-t", false, tokenAt1}, {"npm token", "--otp", false, tokenAt1}, {"nuget push", "-k", false, tokenAt1}, {"nuget push", "-apikey", false, tokenAt1}, {"ngrok authtoken", "", false, tokenAt1}, {"add-authtoken", "", false, tokenAt1}, {"snyk auth", "", false, tokenAt1}, {"consul acl", "-token=", true, tokenAt1}, {"nuget setapikey", "", false, tokenAt1}, {"rclone obscure", "", false, 0}, {"mongosh", "-p", false, 0}, {"mongorestore", "-p", false, 0}, {"mongodump", "-p", false, 0}, {"tower-cli", "-p", false, 0}, {"svn ", "--password", false, 0}, {"impacket", "-p", false, 0}, {"kinit", "--password", false, 0}, {"smbpasswd", "-w", false, 0}, {"useradd", "-p", false, 0}, {"wpa_passphrase", "", false, ' '}, {"cbq", "-p", false, 0}, {"couchbase-cli", "-p", false, 0}, {"kafka-", "--password", false, 0}, {"neo4j-admin", "set-initial-password", false, 0}, {"cypher-shell", "-p", false, 0}, {"rabbitmqadmin", "-p", false, 0}, {"change_password", "", false, ' '}, {"occ ", "--database-pass", false, 0}, {"iisreset", "-p", false, 0}, {"nmcli", "password", false, 0}, {"docker-machine", "--password", false, 0}, {"tfx ", "-t", false, tokenAt1}, {"vsce publish", "-p", false, tokenAt1}, {"ovsx publish", "-p", false, tokenAt1}, {"surge", "--token", false, tokenAt1},
	{"crackmapexec", "-p", false, 0}, {"createlogin", "-p", false, 0}, {"twine upload", "-p", false, 0}, {"signtool", "/p", false, 0}, {"hydra", "-p", false, 0}, {"vncviewer", "-p", false, 0}, {"pg_restore", "-w", false, 0}, {"wget", "--password", false, 0}, {"mysqladmin", "password", false, 0},
}

// longFlags carry a password or token in whatever command.
var longFlags = []string{"--pass", "-password", "--pwd", "-pwd", "--token", "--secret", "--client-secret", "--api-key", "--apikey", "--access-token", "--auth-token", "--secret-key", "--access-key", "-storepass", "-keypass", "-srcstorepass", "-deststorepass", "--http-password", "--db-pass", "pass:", "--requirepass", "--ftp-password", "-token", "--dbpass", "--admin-password", "--bind-password", "--passwd", "-p:password", "--root-password", "--user-password", "--db-password", "--dbpassword", "--mysql-password", "--ssh-password", "--login-password", "--rootpass", "--adminpass", "--admin-pass", "--rpcpassword", "-rpcpassword", "--docker-password", "--registry-password", "--vault-password", "--encryption-key", "--private-key", "--shared-key", "--psk", "--auth-key", "--authkey", "--signing-key", "--jwt-secret", "--webhook-secret", "--github-token", "--gitlab-token", "--bot-token", "--oauth-token", "--bearer-token", "--refresh-token", "--app-secret", "--app-key", "--account-key", "--sas-token", "--registration-token", "-passwd"}

func commandKeywords() []string {
	list := append([]string{"asplaintext", "--password-stdin", "sudo -s", "| base64", "passwd --stdin", `send "`, "sqlplus "}, longFlags...)
	seen := map[string]bool{}
	for _, c := range clients {
		if !seen[c.command] {
			seen[c.command] = true
			list = append(list, c.command)
		}
	}
	return list
}

func commandAt(w []byte, start, end int) []scanner.Match {
	w, by := clip(w, start, end, reach)
	start, end = start-by, end-by
	switch {
	case hasFold(w, start, "asplaintext"):
		return secureString(w, by, start, end)
	case w[start] == '-' && !hasFold(w, start, "--password-stdin"):
		return longFlag(w, by, start, end)
	case hasFold(w, start, "--password-stdin"), hasFold(w, start, "sudo -s"), hasFold(w, start, "passwd --stdin"), w[start] == '|':
		return piped(w, by, start, end)
	case hasFold(w, start, `send "`):
		return sent(w, by, start, end)
	case hasFold(w, start, "sqlplus"):
		return sqlplus(w, by, start, end)
	case hasFold(w, start, "pass:"):
		return opensslPass(w, by, start, end)
	}
	for i := range clients {
		c := &clients[i]
		if end-start != len(c.command) || !hasFold(w, start, c.command) {
			continue
		}
		if m := c.find(w, by, start, end); m != nil {
			return m
		}
	}
	return nil
}

// find looks for the client's flag among the words after the command.
func (c *client) find(w []byte, by, start, end int) []scanner.Match {
	if c.command[0] != ' ' && isWord(at(w, start-1)) || isLetter(at(w, end)) && !isSpace(w[end-1]) && c.command != "mysql" && c.command != "mongo" && c.command != "mariadb" {
		return nil
	}
	if c.command == "sqlcmd" && at(w, start-1) == '-' { // Invoke-Sqlcmd has other flags
		return nil
	}
	line := w[:lineEnd(w, end)]
	if c.command == "sshpass" {
		line = line[:sshpassEnd(line, end)]
	}
	flag := c.flag
	if flag == "" { // net user NAME PASSWORD
		i := skipSpace(line, end)
		if word, _ := nextWord(line, i); c.pair == wordAt3 && (at(word, 0) != '-' || bytes.IndexByte(word, 'b') < 0) { // without -b it asks
			return nil
		}
		for i > end && at(line, i) == '-' { // vault login -no-store TOKEN
			_, stop := argument(line, i)
			i = skipSpace(line, max(stop, i+1))
		}
		if i == end {
			return nil
		}
		return c.value(line, by, start, i)
	}
	exact := isUpper(flag[len(flag)-1]) || c.command == "sshpass" // its -P is the prompt
	for i := end; i < len(line); i++ {
		if line[i] == '|' || line[i] == ';' || line[i] == '&' {
			return nil
		}
		if !isSpace(at(line, i-1)) && !oneOf(at(line, i-1), "\"',[") || !startsFlag(line, i, flag, exact) {
			continue
		}
		j := i + len(flag)
		if c.command == "sqlcmd" || c.command == "osql" || c.command == "bcp " {
			if line[i+1] != 'P' { // -p is something else
				continue
			}
		}
		if c.joined {
			if j >= len(line) || isSpace(line[j]) || flag == "-p" && line[j] == '-' || oneOf(line[j], "\"'") && at(line, j+1) == ',' {
				continue
			}
		} else if j = nextArgument(line, j); j < 0 {
			continue
		}
		if m := c.value(line, by, start, j); m != nil {
			return m
		}
	}
	return nil
}

// sshpassEnd is where sshpass's own options end and the command begins that it
// runs, whose -p is a port.
func sshpassEnd(line []byte, end int) int {
	for _, command := range [...]string{"ssh", "scp", "sftp", "rsync"} {
		if i := bytes.Index(line[end:], []byte(command)); i > 0 && !isWord(line[end+i-1]) && !isWord(at(line, end+i+len(command))) {
			return end + i
		}
	}
	return len(line)
}

func startsFlag(line []byte, i int, flag string, exact bool) bool {
	if exact {
		return bytes.HasPrefix(line[i:], []byte(flag))
	}
	return hasFold(line, i, flag)
}

// nextArgument steps from the end of a flag to its value: spaces, or in a list
// of arguments the end of one string and the start of the next. It is -1 where
// the flag goes on.
func nextArgument(line []byte, j int) int {
	if c := at(line, j); c == '"' || c == '\'' {
		j++
		if at(line, j) != ',' {
			return -1
		}
		if j = skipSpace(line, j+1); !oneOf(at(line, j), "\"'`\\") || at(line, j+1) == '-' { // an expression, or another flag
			return -1
		}
		return j
	}
	if at(line, j) == '=' {
		return j + 1
	}
	if k := skipSpace(line, j); k > j {
		return k
	}
	return -1
}

// value judges the argument at line[j].
func (c *client) value(line []byte, by, start, j int) []scanner.Match {
	from, stop := argument(line, j)
	name := []byte(nil)
	switch c.pair {
	case 0, tokenAt1:
	case wordAt3, tokenAt4:
		for range c.pair - 1 {
			if j = skipSpace(line, stop); j == stop {
				return nil
			}
			name = line[from:stop]
			from, stop = argument(line, j)
		}
	case ' ':
		j = skipSpace(line, stop)
		name = line[from:stop]
		if from, stop = argument(line, j); j == from && stop == j {
			return nil
		}
	default:
		if c.pair == ',' && at(line, stop) == ',' { // lftp -u user,password
			_, stop = argument(line, stop+1)
		}
		i := bytes.IndexByte(line[from:stop], c.pair)
		if i < 0 {
			return nil
		}
		name = line[from : from+i]
		from += i + 1
	}
	ctx := judge.Context{Kind: judge.Userinfo, Name: name}
	if c.pair == tokenAt1 {
		ctx = judge.Context{Kind: judge.Token, UUID: true}
	}
	secret, weak := judgedBy(line[from:max(from, stop)], ctx, true)
	if !secret {
		return nil
	}
	m := asWeak(one(by, start, stop, from, stop, reach), line[from:max(from, stop)], weak)
	if len(m) > 0 && plainWord(name) {
		m[0].Facts = []scanner.Fact{{Name: "principal", Value: string(name)}}
	}
	return m
}

// argument gives the word of a shell that begins at line[j], without quotes.
func argument(line []byte, j int) (from, stop int) {
	if l, ok := literalAt(line, j); ok && (l.quote != '`' || l.escaped) {
		return l.start, l.end
	}
	stop = j
	for stop < len(line) && !isSpace(line[stop]) && !oneOf(line[stop], "\"'`|;&<>),]") {
		stop++
	}
	if c := at(line, stop); c == '<' || c == '\'' && stop == j || at(line, j) == '(' { // PowerShell's (expression)
		return j, j
	}
	for stop > j && oneOf(line[stop-1], ".:\\") {
		stop--
	}
	return j, stop
}

// longFlag reads --password X, --password=X and "--password", "X".
func longFlag(w []byte, by, start, end int) []scanner.Match {
	if c := at(w, start-1); isWord(c) || c == '-' && at(w, start+1) != '-' {
		return nil
	}
	line := w[:lineEnd(w, end)]
	i := end
	for i < len(line) && (isAlnum(line[i]) || line[i] == '-' || line[i] == '_') {
		i++
	}
	switch string(bytes.ToLower(line[end:i])) {
	case "", "word", "wd", "phrase", "-word":
	default:
		return nil
	}
	j := nextArgument(line, i)
	if j < 0 || j >= len(line) {
		return nil
	}
	from, stop := argument(line, j)
	if q := at(line, j); at(line, i) == '=' && from > j && q == at(line, start-1) && (q == '"' || q == '\'') { // '--password=' + x
		return nil
	}
	if stop <= from || from == j && oneOf(at(line, i), "\"'") { // an expression in a list of arguments
		return nil
	}
	ctx := judge.Context{Name: line[start:i]}
	if containsFold(line[start:i], "token") || containsFold(line[start:i], "key") || containsFold(line[start:i], "secret") {
		ctx.Kind, ctx.UUID = judge.Token, true
	}
	secret, weak := judgedBy(line[from:stop], ctx, at(line, i) == '=')
	if !secret {
		return nil
	}
	return asWeak(one(by, start, stop, from, stop, reach), line[from:stop], weak)
}

// opensslPass reads -passin pass:X (openssl-passphrase-options(1)).
func opensslPass(w []byte, by, start, end int) []scanner.Match {
	i := backSpace(w, start)
	for i > 0 && oneOf(w[i-1], "\"',=") {
		i = backSpace(w, i-1)
	}
	if !endsFold(w, i, "-passin") && !endsFold(w, i, "-passout") && !endsFold(w, i, "-pass") && !endsFold(w, i, "-password") {
		return nil
	}
	from, stop := argument(w[:lineEnd(w, end)], end)
	secret, weak := judgedBy(w[from:max(from, stop)], judge.Context{Kind: judge.Userinfo}, true)
	if !secret {
		return nil
	}
	return asWeak(one(by, start, stop, from, stop, reach), w[from:max(from, stop)], weak)
}

// secureString reads PowerShell's ConvertTo-SecureString "X" -AsPlainText.
func secureString(w []byte, by, start, end int) []scanner.Match {
	from := lineStart(w, start)
	i := bytes.LastIndex(bytes.ToLower(w[from:start]), []byte("convertto-securestring"))
	if i < 0 {
		return nil
	}
	from += i
	for j := from + len("convertto-securestring"); j < lineEnd(w, end); j++ {
		if w[j] != '"' && w[j] != '\'' {
			continue
		}
		l, ok := literalAt(w, j)
		if !ok || !l.whole(w) {
			return nil
		}
		secret, weak := judgedBy(w[l.start:l.end], judge.Context{}, true)
		if !secret {
			return nil
		}
		return asWeak(one(by, from, max(end, l.after), l.start, l.end, reach), w[l.start:l.end], weak)
	}
	return nil
}

// piped reads echo X | docker login --password-stdin, echo X | sudo -S, and
// echo user:X | base64.
func piped(w []byte, by, start, end int) []scanner.Match {
	from := lineStart(w, start)
	pipe := bytes.LastIndexByte(w[from:start+1], '|')
	if pipe < 0 {
		return nil
	}
	line := w[:from+pipe]
	i := bytes.LastIndex(line[from:], []byte("echo "))
	if i < 0 {
		return nil
	}
	i = skipSpace(line, from+i+5)
	for at(line, i) == '-' { // -n
		for i < len(line) && !isSpace(line[i]) {
			i++
		}
		i = skipSpace(line, i)
	}
	a, b := argument(line, i)
	if w[start] == '|' { // echo -n user:password | base64
		colon := bytes.IndexByte(line[a:max(a, b)], ':')
		if colon < 1 {
			return nil
		}
		a += colon + 1
	}
	secret, weak := judgedBy(w[a:max(a, b)], judge.Context{}, true)
	if len(line)-b > 3 || !secret {
		return nil
	}
	return asWeak(one(by, a, end, a, b, reach), w[a:max(a, b)], weak)
}

// sent reads what an expect script sends after the prompt for a password.
func sent(w []byte, by, start, end int) []scanner.Match {
	if !containsFold(w[max(0, start-160):start], "assword") {
		return nil
	}
	stop := end
	for stop < len(w) && !oneOf(w[stop], "\"\\\r\n") {
		stop++
	}
	if at(w, stop) != '\\' || judge.Judge(w[end:stop], judge.Context{}) != judge.Secret {
		return nil
	}
	return one(by, start, stop, end, stop, reach)
}

// sqlplus reads sqlplus user/password@service.
func sqlplus(w []byte, by, start, end int) []scanner.Match {
	line := w[:lineEnd(w, end)]
	i := skipSpace(line, end)
	for at(line, i) == '-' {
		for i < len(line) && !isSpace(line[i]) {
			i++
		}
		i = skipSpace(line, i)
	}
	a, b := argument(line, i)
	slash := bytes.IndexByte(line[a:b], '/')
	if slash < 1 {
		return nil
	}
	stop := b
	if j := bytes.LastIndexByte(line[a+slash:b], '@'); j > 0 {
		stop = a + slash + j
	}
	secret, weak := judgedBy(line[a+slash+1:stop], judge.Context{Kind: judge.Userinfo, Name: line[a : a+slash]}, true)
	if !secret {
		return nil
	}
	return asWeak(one(by, start, b, a+slash+1, stop, reach), line[a+slash+1:stop], weak)
}
