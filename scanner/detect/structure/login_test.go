package structure

import (
	"slices"
	"strings"
	"testing"
)

// Commands, files and calls in which the password is the value that the syntax
// says; and lines like them that hold none.
func TestLogins(t *testing.T) {
	pass := "marlow" + "4729"
	for _, line := range []string{
		"htpasswd -bc f bot %", "bcp db.t out f -U sa -P % -S h", "isql -Usa -P% -Sh", "db2 connect to shop user app using %",
		"beeline -u jdbc:hive2://h -n app -p %", "hdbsql -n h -u app -p %", "lftp -u robot,% sftp://h", `lftp -e "open -u robot,% h"`, "snmpwalk -v2c -c % h",
		"crypto isakmp key % address 0.0.0.0", `10.0.0.1 : PSK "%"`, "d-i passwd/root-password password %", `chpasswd: { list: "root:%" }`, "chpasswd:\n  list: |\n    root:%",
		"ftp = FTP('h', 'robot', '%')", "cx_Oracle.connect('app/%@db/x')", `btoa("robot:%")`, "Buffer.from('robot:%').toString('base64')", "base64.b64encode('robot:%')",
		`mqtt.username_pw_set("robot", "%")`, `credentials.NewStaticV4("minio-app", "%", "")`,
	} {
		if got := secretsOf(strings.Replace(line, "%", pass, 1)); !slices.Contains(got, pass) {
			t.Errorf("%s: %q", line, got)
		}
	}
	for _, line := range []string{
		"htpasswd -c f bot | tee out" + pass, "the htpasswd file (w BCrypt, which is required)", "install --username u --password password --pass-credentials", "snmpwalk -v2c -c public h", `chpasswd: { expire: False }`, "Buffer.from('data:image4729')", `btoa("%s:%s")`, "cx_Oracle.connect('app/' + pw + '@db')",
		"db2 connect to shop using $" + pass, `10.0.0.1 : PSK "${psk}"`,
	} {
		if got := secretsOf(line); len(got) > 0 {
			t.Errorf("%s: %q", line, got)
		}
	}
}

func secretsOf(text string) (list []string) {
	for _, f := range scan([]byte(text), "src/app.txt") {
		list = append(list, f.secret)
	}
	return list
}
