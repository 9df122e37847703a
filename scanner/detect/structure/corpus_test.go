package structure

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// A class of the open corpus: lines in which % is a secret, made of names and
// values at run time, and lines that look alike and hold none.
type class struct {
	name     string
	path     string
	password bool // what people choose; otherwise what machines make
	lines    []string
}

var classes = []class{
	{"go", "a/conn.go", true, []string{`	dbPassword := "%"`, `const password = "%"`, "	Password: \"%\",", `var adminPass string = "%"`, "cfg[\"password\"] = \"%\"", `os.Setenv("DB_PASSWORD", "%")`, `req.SetBasicAuth("deploy", "%")`, "if pass != \"%\" {", `Passwd:   []byte("%"),`, "pwd = `%`"}},
	{"python", "a/conn.py", true, []string{`password = "%"`, `PASSWORD = '%'`, `    'PASSWORD': '%',`, `conn = connect(host="db", user="app", password="%")`, `DB_PASS: str = "%"`, `os.environ["DB_PASSWORD"] = "%"`, `os.environ.get("DB_PASSWORD", "%")`, `auth = HTTPBasicAuth("svc", "%")`, `s.login("bot@acme.io", "%")`, `requests.get(url, auth=("svc", "%"))`, `passwd = u'%'`, `def connect(user, password="%"):`, `    "password":"%"`, `smtp_password = r"%"`}},
	{"java", "src/Conn.java", true, []string{`String password = "%";`, `private static final String DB_PASSWORD = "%";`, `props.put("password", "%");`, `props.setProperty("db.password", "%");`, `ds.setPassword("%");`, `DriverManager.getConnection(URL, "app", "%");`, `new PasswordAuthentication("svc", "%".toCharArray())`, `char[] keyStorePassword = "%".toCharArray();`, `if (password.equals("%")) {`, `"%".equals(password)`, `.withPassword("%")`, `@Value("${db.password:%}")`}},
	{"javascript", "src/conn.js", true, []string{`const password = '%';`, `  password: '%',`, `"password": "%",`, "let dbPass = `%`;", `process.env.DB_PASSWORD = '%'`, `process.env.DB_PASSWORD || '%'`, `mysql.createConnection({host:'db',user:'app',password:'%'})`, `auth: { user: 'bot', pass: '%' }`, `if (password === '%') {`, `this.password="%"`, `client.login('bot', '%')`, `private readonly password: string = '%';`, `{ username: "bot", password: "%" }`, `await page.type('#password', '%')`, `cy.get('#password').type('%')`}},
	{"php", "src/conn.php", true, []string{`$password = '%';`, `define('DB_PASSWORD', '%');`, `'password' => '%',`, `$db['default']['password'] = '%';`, `mysqli_connect("db", "app", "%");`, `new mysqli('db', 'app', '%', 'shop')`, `new PDO($dsn, 'app', '%')`, `const DB_PASS = "%";`, `$this->password = "%";`, `env('DB_PASSWORD', '%')`, `public $passwd = '%';`, `$cfg['Servers'][$i]['password'] = '%';`}},
	{"ruby", "lib/conn.rb", true, []string{`password = '%'`, `:password => '%'`, `password: "%",`, `ENV['DB_PASSWORD'] ||= '%'`, `config.password = "%"`, `"password" => "%"`, `DB_PASSWORD = '%'.freeze`, `ENV.fetch("DB_PASSWORD", "%")`, `http.basic_auth 'svc', '%'`, `http.basic_auth("svc", "%")`, `@password = '%'`, `fill_in 'Password', with: '%'`}},
	{"csharp", "src/Conn.cs", true, []string{`string password = "%";`, `public const string Password = "%";`, `Password = "%",`, `new NetworkCredential("svc", "%")`, `var pwd = @"%";`, `{ "Password", "%" },`, `private string _password = "%";`, `"Server=db;Database=x;User Id=app;Password=%;"`, `builder.Password = "%";`}},
	{"c", "src/conn.c", true, []string{`#define DB_PASSWORD "%"`, `char *password = "%";`, `const char password[] = "%";`, `static const char* WIFI_PASS = "%";`, `strcpy(password, "%");`, `if (strcmp(password, "%") == 0)`, `std::string passwd = "%";`, `.password = "%",`, `QString pwd("%");`}},
	{"kotlin, swift, scala, rust, dart", "src/conn.kt", true, []string{`val password = "%"`, `val password: String = "%"`, `let password: String = "%"`, `let password = "%".to_string();`, `const PASSWORD: &str = "%";`, `var password = "%"`, `password = Some("%".into()),`, `final String password = '%';`, `static let password = "%"`}},
	{"powershell, vb, perl, lua, tcl, sql", "src/conn.ps1", true, []string{`$password = "%"`, `$pw = ConvertTo-SecureString "%" -AsPlainText -Force`, `ConvertTo-SecureString -String '%' -AsPlainText -Force`, `[string]$Password = "%"`, `Dim password As String = "%"`, `my $password = '%';`, `password => '%',`, `local password = "%"`, `set password "%"`, `CREATE USER app WITH PASSWORD '%';`, `CREATE USER 'app'@'h' IDENTIFIED BY '%';`, `ALTER LOGIN sa WITH PASSWORD = '%';`, `SET PASSWORD FOR 'root'@'h' = PASSWORD('%');`, `New-Object PSCredential("svc", "%")`}},
	{"shell", "bin/run.sh", true, []string{`PASSWORD=%`, `export DB_PASSWORD=%`, `export DB_PASSWORD="%"`, `PGPASSWORD=% psql -h db`, `PGPASSWORD='%' psql -h db`, `mysql -uroot -p%`, `mysql -u root --password=% -e x`, `mysqldump -u root -p'%' shop > x`, `curl -u admin:% https://h.acme.io`, `curl --user 'admin:%' https://h`, `sshpass -p % ssh root@h`, `sshpass -p "%" scp a b`, `docker login -u ci -p % r.acme.io`, `echo '%' | docker login --password-stdin`, `echo "root:%" | chpasswd`, `redis-cli -a % ping`, `wget --user=bot --password=% https://h`, `ldapsearch -D cn=a -w % -b x`, `DB_PASS=${DB_PASS:-%}`, `az login --service-principal -u x -p % --tenant y`, `echo % | sudo -S ls`, `expect "assword:" ; send "%\r"`, `openssl enc -aes-256-cbc -k % -in x`, `openssl rsa -in k -passin pass:%`, `gpg --batch --passphrase % -c f`, `zip -P % a.zip f`, `keytool -storepass % -list`, `smbclient //h/s -U dom/u%%`, `export MYSQL_PWD=%`, `--set auth.password=%`, `helm install x --set postgresqlPassword=%`, `-e MYSQL_ROOT_PASSWORD=% mysql:8`, `docker run -e POSTGRES_PASSWORD=% postgres`, `-Djavax.net.ssl.trustStorePassword=%`, `-Psigning.password=%`, `htpasswd -b f bot %`, `svn co --username u --password % url`, `net user bob % /add`, `sqlplus app/%@orcl`, `psql "host=db user=app password=%"`, `passwd=%; export passwd`}},
	{"ini, properties, env", "conf/app.ini", true, []string{`password=%`, `password = %`, `db.password=%`, `spring.datasource.password=%`, `DB_PASSWORD=%`, `DB_PASSWORD="%"`, `DB_PASSWORD='%'`, `pass: %`, `#password=%`, `; password = %`, `mail.smtp.pass=%`, `hibernate.connection.password %`, `requirepass %`, `rootpw %`, `bindpw %`, `ldap_bind_password: %`, `user=app;password=%`, `passwd = "%"`}},
	{"yaml", "conf/app.yml", true, []string{`password: %`, `  password: "%"`, `  password: '%'`, `- DB_PASSWORD=%`, `- "DB_PASSWORD=%"`, `      MYSQL_ROOT_PASSWORD: %`, "- name: DB_PASSWORD\n  value: %", "- name: DB_PASSWORD\n  value: \"%\"", `ansible_ssh_pass: %`, `ansible_become_pass=%`, `h1 ansible_host=1.2.3.4 ansible_ssh_pass=%`, `{user: app, password: %}`, `  pass: % # staging`, `command: mysqld --password=%`, `connection: "Server=db;User=app;Password=%"`, `   - --password=%`}},
	{"json", "conf/app.json", true, []string{`"password": "%"`, `{"user":"app","password":"%"}`, `"{\"user\":\"app\",\"password\":\"%\"}"`, `"Password" : "%",`, `{"name":"DB_PASSWORD","value":"%"}`, "{\n  \"name\": \"password\",\n  \"value\": \"%\"\n}", `"connectionString": "Server=db;Uid=app;Pwd=%;"`, `"url": "postgres://app:%@db/x"`, `"adminPassword": { "value": "%" }`, `["--password", "%"]`, `"key": "password", "value": "%"`, "{\n  \"key\": \"password\",\n  \"value\": \"%\",\n  \"type\": \"string\"\n}", "{\n  \"key\": \"password\",\n  \"type\": \"string\",\n  \"value\": \"%\"\n}"}},
	{"xml", "conf/app.xml", true, []string{`<password>%</password>`, `<add key="Password" value="%"/>`, `<property name="password" value="%"/>`, `<property name="password">%</property>`, `<user name="app" password="%"/>`, `<entry key="db.password">%</entry>`, `<Setting Name="Pwd" Value='%' />`, "<key>Password</key>\n<string>%</string>", "<name>db.password</name>\n    <value>%</value>", `<add key="ClearTextPassword" value="%" />`, `connectionString="Data Source=db;User ID=app;Password=%"`, `<string name="db_password">%</string>`, `<property name="password"><value>%</value></property>`, `<add name="c" connectionString="server=db;uid=app;pwd=%;database=x"/>`, `<Password>%</Password>`, "<password>\n  %\n</password>"}},
	{"hcl, toml, gradle, docker", "infra/main.tf", true, []string{`password = "%"`, `  master_password      = "%"`, "variable \"db_password\" {\n  default = \"%\"\n}", `storePassword '%'`, `keyPassword "%"`, `storePassword = "%"`, `ENV DB_PASSWORD %`, `ENV DB_PASSWORD=%`, `ARG ADMIN_PASS=%`, `password 'id' '%'`, `"db_password" = "%"`, `administrator_login_password = "%"`}},
	{"url", "conf/x.txt", true, []string{`postgres://app:%@db.internal/x`, `mysql://root:%@10.0.0.1:3306/x`, `mongodb+srv://app:%@c0.mongodb.net/x`, `redis://:%@cache:6379`, `amqp://svc:%@mq:5672/`, `https://bot:%@git.acme.io/x.git`, `ftp://u:%@ftp.acme.io/`, `smtp://bot%40acme.io:%@smtp.acme.io:587`, `jdbc:mysql://db:3306/x?user=app&password=%`, `jdbc:postgresql://app:%@db/x`, `jdbc:sqlserver://db;user=app;password=%;`, `jdbc:oracle:thin:app/%@db:1521:x`, `ldap://cn=a:%@ldap`, `socks5://u:%@proxy:1080`, `//bot:%@git.acme.io/x`, `git+https://x-access-token:%@github.com/a/b`}},
	{"connection string", "conf/x.config", true, []string{`Server=tcp:db.database.windows.net,1433;Initial Catalog=x;User ID=app;Password=%;Encrypt=True`, `Driver={ODBC Driver 17};Server=db;UID=sa;PWD=%`, `Data Source=db;User Id=app;Password=%`, `host=db port=5432 dbname=x user=app password=%`, `host='db' user='app' password='%'`, `Provider=SQLOLEDB;Data Source=db;User ID=sa;Password=%`, `DRIVER=x;HOST=db;PWD={%};UID=a`, `localhost:6379,password=%,ssl=True`, `smtp=h;username=u;password=%`}},
	{"token in code", "src/a.py", false, []string{`api_key = "%"`, `API_KEY = '%'`, `"api_key": "%"`, `apiKey: "%",`, `secret = "%"`, `client_secret="%"`, `SECRET_KEY = '%'`, `token: "%"`, `const accessToken = "%"`, `access_token => '%'`, `AUTH_TOKEN="%"`, `private static final String API_TOKEN = "%";`, `headers = {"X-Api-Key": "%"}`, `"Authorization": "Bearer %"`, `headers["Authorization"] = "Token %"`, `define('AUTH_KEY', '%');`, `encryption_key = "%"`, `jwt_secret: '%'`, `signing_secret = "%"`, `consumer_secret = "%"`, `apikey="%"`, `app.secret_key = b'%'`, `oauth_token_secret = "%"`, `#define API_KEY "%"`, `setApiKey("%")`, `new Client("%")`, `webhook_secret: "%"`, `cookie_secret="%"`, `session_secret: "%"`, `"private_key_id": "%"`, `aws_secret_access_key = "%"`, `var key = "%"`, `"key": "%"`, `auth: "%"`, `"auth_token":"%"`, `tokenSecret: '%'`, `bearer = "%"`, `credentials = "%"`, `hmac_key = "%"`, `license_key = "%"`, `Secret:    "%",`, `secretAccessKey: '%'`, `sas_token = "%"`, `api_secret_key="%"`, `os.environ["API_TOKEN"] = "%"`, `getenv("API_KEY") or "%"`, `process.env.API_KEY || "%"`, `os.getenv("SECRET_KEY", "%")`, `access_key_secret = "%"`, `jwt.sign(payload, '%')`, `createHmac('sha256', '%')`, `Fernet(b"%")`, `AES.new("%", AES.MODE_CBC)`, `api.key="%"`, `passphrase: "%"`, `"x-auth-token": "%"`}},
	{"token in config", "conf/a.yml", false, []string{`api_key: %`, `API_KEY=%`, `secret: %`, `client-secret: %`, `SECRET_KEY_BASE=%`, `token: %`, `access_token=%`, `jwt.secret=%`, `APP_KEY=base64:%=`, `auth_token: %`, `_authToken=%`, `//registry.acme.io/:_authToken=%`, `- API_TOKEN=%`, "- name: API_TOKEN\n  value: %", `encryption.key=%`, `signing-key: %`, `aws_secret_access_key=%`, `<apiKey>%</apiKey>`, `<add key="ApiKey" value="%"/>`, `github_token: %`, `apikey: %`, `AccountKey=%==;EndpointSuffix=core.windows.net`, `Endpoint=sb://x.net/;SharedAccessKeyName=a;SharedAccessKey=%=`, `https://api.acme.io/x?api_key=%`, `https://h/x?access_token=%&b=1`, `curl -H "Authorization: Bearer %" https://h`, `curl -H 'X-Api-Key: %' https://h`, `Authorization: Bearer %`, `Authorization: token %`, `Cookie: session=%; a=b`, `tool --token % run`, `tool --api-key=%`, `Authorization: %`, `X-Auth-Token: %`, `PRIVATE-TOKEN: %`}},
	{"commands that set", "bin/set.sh", true, []string{`pulumi config set --secret db-password %`, `setx DB_PASSWORD %`, `git config --global smtp.password %`, `kubectl create secret generic db --from-literal=password=%`, `java -Ddb.password=% -jar a.jar`, `AUTH=$(echo -n 'bot@acme.io:%' | base64)`, `echo "app:%" | base64`, `mongosh -u app -p % db`, `rabbitmqctl change_password bot %`, `neo4j-admin set-initial-password %`, `tool --root-password=%`}},
	{"commands with a token", "bin/token.sh", false, []string{`vault login %`, `vault login -no-store %`, `cargo login %`, `mc alias set s3 https://s3.acme.io app %`, `gem push --key % a.gem`, `npm config set //r.acme.io/:_authToken %`, `aws configure set aws_secret_access_key %`, `tool --github-token %`, `nuget push a.nupkg -k %`}},
	{"sql with a token", "db/dump.sql", false, []string{`INSERT INTO apps (id, client_secret) VALUES (1, '%');`, `INSERT INTO k (name, api_key, at) VALUES ('a', '%', now())`}},
	{"sql", "db/init.sql", true, []string{`CREATE USER app IDENTIFIED BY %;`, `alter user system identified by % account unlock;`, `EXEC sp_addlogin 'app', '%'`, `exec sp_addlogin @loginame = N'app', @passwd = N'%'`, `INSERT INTO users (name, password) VALUES ('bob', '%');`, "INSERT INTO `u` (`id`,`pwd`) VALUES (1,'%'),(2,NULL);", `INSERT INTO users (id, user_pass, email) VALUES (1, '%', 'b@acme.io');`, `CREATE USER app WITH ENCRYPTED PASSWORD '%'`, `GRANT ALL ON *.* TO 'app'@'h' IDENTIFIED BY "%" WITH GRANT OPTION;`}},
	{"routers and directories", "net/router.cfg", true, []string{`enable secret 0 %`, `enable password %`, `username ops privilege 15 secret 0 %`, `username ops password 0 %`, `snmp-server community % RO`, `rocommunity % 10.0.0.0/8`, `ldap_default_authtok = %`, `rootpw --plaintext %`, `tacacs-server key %`}},
	{"keys of tokens and hashes", "src/auth.js", true, []string{`const t = jwt.sign({ id: user.id, role: "a" }, '%')`, `jwt.verify(token, '%', (err, p) => {`, `jwt.encode({"sub": name}, "%", algorithm="HS256")`, `jwt.decode(token, '%')`, `.signWith(SignatureAlgorithm.HS256, "%")`, `.setSigningKey("%")`, `crypto.createHmac('sha1', '%')`, `bcrypt.hashSync('%', 10)`, `passwordEncoder.encode("%")`, `generate_password_hash("%")`, `strcpy((char*)conf->password, "%");`}},
	{"prose", "README.md", true, []string{`The password is %`, `password: %`, `Default login: admin / %`, `# the root password is "%"`, `Login with user admin and password %.`, `username: admin, password: %`, "* Password: `%`", `// pw: %`, `user/pass: admin/%`}},
}

func weak(r *rand.Rand) string {
	name := [...]string{"Marlow", "zephyr", "Kowal", "Benvol", "tolst", "Fujiko", "biscuit", "Rover", "hamster", "Lisbon", "Odess", "juvent"}[r.IntN(12)]
	return name + pick(r, digits, 2+r.IntN(3)) + pick(r, "!?", r.IntN(2))
}

func strong(r *rand.Rand) string {
	return pick(r, lowers+uppers+digits, 8+r.IntN(5)) + pick(r, "!*_-", r.IntN(2)) + pick(r, lowers+digits, 2)
}

func lettersOnly(r *rand.Rand) string { return pick(r, lowers, 7+r.IntN(4)) }

func token(r *rand.Rand) string {
	switch r.IntN(4) {
	case 0:
		return pick(r, "0123456789abcdef", 32)
	case 1:
		return pick(r, lowers+uppers+digits, 20+r.IntN(20))
	case 2:
		return pick(r, uppers+digits, 24)
	}
	return pick(r, lowers+uppers+digits+"+/", 43) + "="
}

// TestCorpus prints recall by class and kind of value and, with
// CREDGATE_CORPUS=missed, the lines that are missed most.
func TestCorpus(t *testing.T) {
	verbose := os.Getenv("CREDGATE_CORPUS") == "missed"
	all, hit := 0, 0
	for _, c := range classes {
		kinds := map[string]func(*rand.Rand) string{"weak": weak, "strong": strong, "letters": lettersOnly}
		if !c.password {
			kinds = map[string]func(*rand.Rand) string{"token": token}
		}
		r := rand.New(rand.NewPCG(1, 2))
		var missed []string
		told := ""
		n, got := 0, 0
		for _, kind := range []string{"weak", "strong", "letters", "token"} {
			if kinds[kind] == nil {
				continue
			}
			kn, kgot := 0, 0
			for _, line := range c.lines {
				lost := 0
				for range 12 {
					v := kinds[kind](r)
					text := "first line\n" + put(line, v) + "\nlast line\n"
					kn++
					if slices.ContainsFunc(scan([]byte(text), c.path), func(f found) bool { return strings.Contains(f.secret, v) && len(f.secret) < len(v)+8 }) {
						kgot++
					} else {
						lost++
					}
				}
				if lost > 3 {
					missed = append(missed, fmt.Sprintf("%2d of 12 %-7s %s", lost, kind, line))
				}
			}
			told += fmt.Sprintf(" %s %3d%%", kind, kgot*100/kn)
			n, got = n+kn, got+kgot
		}
		t.Logf("%-36s %3d%%  (%s )", c.name, got*100/n, told)
		if verbose {
			for _, m := range missed {
				t.Log("    ", m)
			}
		}
		all, hit = all+n, hit+got
	}
	t.Logf("recall %d%%", hit*100/all)
	if hit*100/all < 80 {
		t.Errorf("recall fell to %d of %d", hit, all)
	}
}

func put(line, v string) string {
	i := strings.LastIndex(line, "%")
	if strings.Contains(line, "%%") || !strings.Contains(line[:max(i, 0)], "%") || strings.Contains(line, "%4") {
		return line[:i] + v + line[i+1:]
	}
	return strings.Replace(line, "%", v, 1)
}
