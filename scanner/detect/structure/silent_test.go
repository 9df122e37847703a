package structure

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// Lines that look as if they held a credential and hold none. In them, % is a
// made-up password and # a made-up token.
var silent = map[string]string{
	"src/a.go": `
func Login(user, password string) error {
	password := os.Getenv("DB_PASSWORD")
	Password string ` + "`json:\"password\" validate:\"required,min=8\"`" + `
	if password == "" {
	return errors.New("password must not be empty")
	hash := "$2b$10$#"
	passwordHash := "#"
	const passwordField = "password_field"
	token := lexer.Next()
	tokenType := "bearer"
	t.Errorf("password = %q, want %q", got, want)
	url := "https://" + user + ":" + password + "@host/"
	u := fmt.Sprintf("postgres://%s:%s@%s/db", user, pw, host)
	req.Header.Set("Authorization", "Bearer "+token)
	SecretName: "my-app-tls",
	secretKeyRef: "db-credentials",
	var publicKey = []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}`,
	"src/a.py": `
password = getpass.getpass("Password: ")
password = config["password"]
password = os.environ["DB_PASSWORD"]
password = forms.CharField(widget=forms.PasswordInput, label="Password")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"}]
token = self.tokenizer.next_token("identifier")
token = 0x21..0x27 | 0x2a..0x2b
parser.add_argument("--password", help="Password of the account", default=None)
raise ValueError("Invalid password %s" % name)
secret = hashlib.sha256(b"x").hexdigest()
"""The password is required and must be changed every month."""
password_reset_url = "https://acme.io/reset/#"
api_key_id = "#"
csrf_token = "#"
def f(password="password", token="token", secret="secret"):`,
	"src/a.js": `
const password = document.getElementById('password').value;
<input type="password" name="password" placeholder="Enter your password" autocomplete="current-password">
password: { type: String, required: true, minlength: 8 },
password: Joi.string().min(8).required(),
passwordPlaceholder: 'Type%here please',
const { password } = req.body;
headers: { Authorization: ` + "`Bearer ${token}`" + ` },
auth: { user: process.env.USER, pass: process.env.PASS },
token: 'punctuation.definition.string',
errors.password = "Passwords don't match";
"integrity": "sha512-#=="
i18n.t('login.password.label')
if (key === 'Enter') {`,
	"src/a.java": `
private String password;
@NotBlank(message = "Password is mandatory")
private static final String PASSWORD_KEY = "spring.datasource.password";
public static final String TOKEN_HEADER = "X-Auth-Token";
String password = env.getProperty("db.password");
char[] password = console.readPassword("Password: ");
passwordEncoder.matches(password, user.getPassword())
login("username", "password");
setPassword(encoder.encode(password));
import org.springframework.security.crypto.password.PasswordEncoder;
.requestMatchers("/login", "/forgot-password").permitAll()`,
	"conf/a.yml": `
password: ${DB_PASSWORD}
password: "{{ vault_password }}"
password: !vault |
password: ENC[AES256_GCM,data:#,iv:#,tag:#,type:str]
passwordSecretRef: my-secret
password: *default_password
secretName: app-tls-cert
token: ${{ secrets.GITHUB_TOKEN }}
existingSecret: app-postgresql
existingSecretAdminPassword: app-admin7-password
passwordKey: admin7-password
ETCD_INITIAL_CLUSTER_TOKEN: k8s_events7_etcd
value: '{{ lookup("community.general.onepassword", "Ntfy7", field="Password", vault="Home") }}'
lineedit-password-character: 9679;
password: changeme
password: "<your password>"
key: #
image: acme/app@sha256:#
tokenExpiry: 3600s
PASSWORD_ITERATIONS: 409617
POSTGRES_PASSWORD_FILE: /run/secrets/db_password
- name: DB_PASSWORD
  valueFrom:
    secretKeyRef:
      name: db
      key: password
cache-key: v1-deps-#`,
	"conf/a.properties": `
login.password.label=Password
password.error=The password is wrong
db.password=${DB_PASSWORD}
db.password=@db.password@
db.password=
jasypt.encryptor.password=ENC(#)
security.token.header=X-Auth-Token
password.encoder=bcrypt`,
	"conf/a.xml": `
<password>${env.DB_PASSWORD}</password>
<password>{#=}</password>
<password></password>
<property name="password" value="${jdbc.password}"/>
{"username":"<user>","password":"<pass>","host":"<target_ip>"}
<exclusiveGateway id="Gateway_097wpwd" default="Flow_0fw3ncg">
<bean id="passwordEncoder" class="org.acme.BCryptPasswordEncoder"/>
<string name="password_label">Password</string>
<EditText android:id="@+id/password" android:inputType="textPassword" android:hint="@string/prompt_password"/>
<PackageReference Include="Acme.Token" PublicKeyToken="b77a5c561934e089" />
<xs:element name="password" type="xs:string"/>`,
	"bin/a.sh": `
read -s -p "Password: " PASSWORD
mysql -u root -p"$MYSQL_ROOT_PASSWORD" -e "select 1"
mysql -u root -p shop
curl -u "$USER:$PASS" https://acme.io
curl -H "Authorization: Bearer $TOKEN" https://acme.io
docker login -u ci --password-stdin < token.txt
PASSWORD=$(openssl rand -base64 32)
export PGPASSWORD="${PGPASSWORD:?not set}"
mkdir -p build/output7
ssh -p 2222 root@h
echo "usage: $0 --password PASSWORD --token TOKEN"
passwd=$1
git clone https://${TOKEN}@github.com/a/b
redis-cli -a "$REDIS_PASSWORD" ping
nc -zv 10.0.0.1 8080
Invoke-Sqlcmd -ServerInstance $server -Query $query -ParseGO7
if ($Password.GetType().Name -eq 'SecureString7') {`,
	"README.md": `
The password is stored in the system keychain.
Set your password: see the settings page.
Bearer token authentication is described in RFC6750.
postgres://user:password@localhost:5432/db
https://username:token@example.com/
password: ********
Basic authentication uses the Authorization header.
See https://acme.io/docs/password-reset#how-to2 for details.
git@github.com:acme/app.git
http://qm.qq.com/cgi-bin/qm/qr?_wv=1027&k=#&authKey=#%2F#&noverify=0
Password must have 8 to 64 characters, 1 digit and 1 sign.`,
	"bin/set.sh": `
vault login -method=userpass username=bob
cargo login --help
npm config set registry https://registry.npmjs.org
git config --global user.password $PASSWORD
echo -n "$USER:$PASSWORD" | base64
cat key.pem | base64 -d
kubectl create secret generic db --from-literal=password=$PW
mc alias set s3 https://s3.acme.io $KEY $SECRET
pulumi config set --secret db-password <password>
use --password via a file, or --password-stdin`,
	"db/init.sql": `
CREATE USER app IDENTIFIED BY &password;
CREATE USER app IDENTIFIED EXTERNALLY;
-- a login is identified by its name
INSERT INTO users (name, password) VALUES (?, ?);
INSERT INTO users (name, password) VALUES ('bob', '$2a$10$#');
INSERT INTO users (name, password_hint) VALUES ('bob', 'biscuit77');
INSERT INTO users (name, password) SELECT name, pw FROM old;
insert into the queue (in order of arrival) values are read from
set password_encryption = 'scram-sha-256';`,
	"net/router.cfg": `
enable secret 5 $1$#
snmp-server community public RO
username ops password 7 #
rootpw --iscrypted $6$#
service password-encryption`,
	"src/auth.js": `
const t = jwt.sign({ id: user.id }, process.env.JWT_SECRET)
jwt.verify(token, publicKey, { algorithms: ["RS256"] })
passwordEncoder.encode(rawPassword)
bcrypt.hash(password, 10)
password: 'required',
password = 'DBPASSWORD'
const secretKey = "d90caedb"
{ type: 'password', name: 'password', autoComplete: 'current-password' }
strcmp(argv[1], "--password")`,
	"locale/de.json": `
"password": "Passwort77",
"enter_password": "Bitte%eingeben"`,
	"src/a.php": `
$password = $_POST['password'];
$password = md5($_POST['password']);
'password' => ['required', 'string', 'min:8', 'confirmed'],
'password' => 'required|min:8|confirmed',
'password' => Hash::make($request->password),
define('DB_PASSWORD', getenv('DB_PASSWORD'));
define('DB_PASSWORD', 'database_password_here');
define('AUTH_KEY', 'put your unique phrase here');
<input type="hidden" name="token" value="<?php echo $token ?>">`,
}

func TestSilent(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	lines := 0
	for path, text := range silent {
		for range 5 {
			for line := range strings.Lines(text) {
				lines++
				line = strings.ReplaceAll(strings.ReplaceAll(line, "#", pick(r, "0123456789abcdef", 40)), "%here", weak(r))
				for _, f := range scan([]byte(line), path) {
					t.Errorf("%s finds %q in %s: %s", f.ID, f.secret, path, line)
				}
			}
		}
	}
	t.Logf("%d lines", lines)
}
