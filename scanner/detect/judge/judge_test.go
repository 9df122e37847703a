package judge

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

const (
	lowers   = "abcdefghijklmnopqrstuvwxyz"
	uppers   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits   = "0123456789"
	alnum    = lowers + uppers + digits
	hexes    = "0123456789abcdef"
	base64s  = alnum + "+/"
	symbols  = "!@#$%^&*-_=+?"
	password = lowers + uppers + digits + "!@#%^*?"
)

func pick(r *rand.Rand, alphabet string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

// Each kind of made-up secret must be found at least this often.
func TestSecretsAreFound(t *testing.T) {
	names := strings.Fields("Marlowe Zephyr Kowalski Benvolio Tolstoi Fuji Biscuit Rover Hamster Lisbon Odessa Juventus")
	for _, c := range []struct {
		name string
		kind Kind
		bare bool
		want int // of 1000
		make func(r *rand.Rand) string
	}{
		{"name, digits and sign", Password, false, 990, func(r *rand.Rand) string {
			return names[r.IntN(len(names))] + pick(r, digits, 3) + pick(r, "!#?", 1)
		}},
		{"name and year", Password, false, 900, func(r *rand.Rand) string { return names[r.IntN(len(names))] + "20" + pick(r, digits, 2) }},
		{"lower letters 8", Password, false, 930, func(r *rand.Rand) string { return pick(r, lowers, 8) }},
		{"lower letters 6", Password, false, 880, func(r *rand.Rand) string { return pick(r, lowers, 6) }},
		{"letters and digits 6", Password, false, 970, func(r *rand.Rand) string { return pick(r, lowers, 4) + pick(r, digits, 2) }},
		{"letters and digits 8", Password, false, 985, func(r *rand.Rand) string { return pick(r, alnum, 8) }},
		{"all signs 12", Password, false, 970, func(r *rand.Rand) string { return pick(r, password, 12) }},
		{"bare letters and digits 10", Password, true, 900, func(r *rand.Rand) string { return pick(r, lowers, 7) + pick(r, digits, 3) }},
		{"hex 32", Token, false, 999, func(r *rand.Rand) string { return pick(r, hexes, 32) }},
		{"hex 16", Token, false, 990, func(r *rand.Rand) string { return pick(r, hexes, 16) }},
		{"alnum 20", Token, false, 990, func(r *rand.Rand) string { return pick(r, alnum, 20) }},
		{"alnum 40", Token, false, 995, func(r *rand.Rand) string { return pick(r, alnum, 40) }},
		{"base64 44", Token, false, 985, func(r *rand.Rand) string { return pick(r, base64s, 43) + "=" }},
		{"letters 24", Token, false, 970, func(r *rand.Rand) string { return pick(r, lowers+uppers, 24) }},
		{"upper and digits 32", Token, false, 990, func(r *rand.Rand) string { return pick(r, uppers+digits, 32) }},
	} {
		r := rand.New(rand.NewPCG(4, 2))
		found, sample := 0, []string{}
		for range 1000 {
			v := c.make(r)
			if got := Judge([]byte(v), Context{Kind: c.kind, Bare: c.bare}); got == Secret {
				found++
			} else if len(sample) < 6 {
				sample = append(sample, v+" is "+got.String())
			}
		}
		t.Logf("%-28s %4d of 1000 %v", c.name, found, sample)
		if found < c.want {
			t.Errorf("%s: %d of 1000 found, want %d; missed %v", c.name, found, c.want, sample)
		}
	}
}

func TestNotSecrets(t *testing.T) {
	for want, list := range map[Verdict]string{
		Placeholder: `changeme password secret test123 passw0rd p@ssw0rd P@ssw0rd! <token> your_password_here xxxxxxxx ********
			YOUR_API_KEY example-token-123 dummy-key-4821 REPLACE_ME_93 AKIAIOSFODNN7EXAMPLE abcabcabcabc 11111111 mysecret42 s3cr3t
			geheim$parole 5up3r53cr37 s3cr3t-leaked p4ssw0rd;updated MySekretPa$$word 99ae8af...snip...ec0f262ac Lou...bzg==
			todo-9182 admin123 root password1 Password123! my-secret-token-1 deadbeefdeadbeef postgres qwerty123 fakeTok3n99x`,
		Reference: `${{secrets.X}} ${VAR} $VAR %VAR% {{password}} <%=pw%> #{pw} vault:kv/app#pw credentialsJSON:0f8fad5b-d9cb-469f-a165-70867728950e op://vault/item/field ssm:/app/pw
			{{resolve:secretsmanager:x}} os.environ["X"] process.env.DB_PASS getenv('PW') !Ref:x $(cat) @pw@ config.password
			self.password req.body.password get_password() cfg['db']['pw'] user->password Secrets::get abc${X}def :password *pw_alias
			((concourse-var)) %HTTPPORT#7 __DB_PASS__ $env:PW @{dbPassword} %(password)s params[:password]`,
		Encrypted: `ENC[AES256_GCM,data:x9] ENC(k3yz9a) {cipher}a93bc81d $ANSIBLE_VAULT;1.1 $2b$10$abcdefghijklmnopqrstuv $6$salt$hash9
			adm:$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/ adm:realm:a2688e031edb4be6a3797f3882655c05 {SSHA}x93ja93jd= gAAAAABk93 vault:v1:9ak3 pbkdf2_sha256$260000$ab {COQLCE6DU6GtcS5P=} sha256-aj39ck39 $argon2id$v=19`,
		PublicID: `AKID93/20130524/us-east-1/s3/aws4_request 0x9fB29AAc15b9A4B7F17c3385939b007540f4d791 eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0 0f8fad5b-d9cb-469f-a165-70867728950e arn:aws:iam::123:role/x 9381-abc.apps.googleusercontent.com pk_live_93jd93jd93`,
		Plain: `X-Amz-Bypass-Governance-Retention fe80:0000:0000:0000:0204:61ff:fe9d:f156 /usr/sbin/pwd_mkdb r.url.password:r.url.password=r.password}let{x:E}=r
			Linux-node-bb828da54c148048dd17899ba9fda624811cfb43 AWS_SIGV4 SHA256_RSA2048 caf\u00e9latte9 test\xc6\xb69 gitlab.com/platform/base7/x9kd dXNlcm5hbWU6AABwYXNzAHdvcmQAAA== passwordField user_password new-password DB_PASSWORD string boolean application/json /etc/passwd ./secrets/key.pem id_rsa.key
			user@site.org http://host/path 2024-01-31 2024-01-31T10:00:00Z v1.2.3 10.0.0.1 localhost:5432 db.internal.net
			passwortfeld.text com.acme.auth.PasswordEncoder current-password #ffaa00 ^[a-z]+$ 12345 0x1F 0x21..0x27 1...9 mot-de-passe
			text-password is-invalid PASSWORD_BCRYPT forgotPassword Contraseña 密码密码密码 1.2.3-beta.4 https://x.org/?a=b getElementById`,
	} {
		for _, v := range strings.Fields(list) {
			if got := Judge([]byte(v), Context{}); got == Secret || got != want && want != Plain && got != Placeholder {
				t.Errorf("%s is %s, want %s", v, got, want)
			}
			if got := Judge([]byte(v), Context{Kind: Token}); got == Secret {
				t.Errorf("as a token, %s is %s, want %s", v, got, want)
			}
		}
	}
	for _, v := range []string{"Enter your password", "The password is too short.", "secret key 12", "Passwort ändern9"} {
		if got := Judge([]byte(v), Context{}); got == Secret {
			t.Errorf("%s is %s", v, got)
		}
	}
}

func TestContextDecides(t *testing.T) {
	uuid := []byte("0f8fad5b-d9cb-469f-a165-70867728950e")
	for _, c := range []struct {
		value string
		ctx   Context
		want  Verdict
	}{
		{"password_field", Context{Bare: true}, Plain},
		{"pw2", Context{Bare: true}, Plain},
		{"zephyr" + "2secret", Context{}, Secret},
		{"S3cret" + "!2019", Context{}, Secret},
		{"Winter" + "2020", Context{}, Secret},
		{"dbFlavour", Context{Name: []byte("db_flavour")}, Placeholder},
		{string(uuid), Context{Kind: Token}, PublicID},
		{string(uuid), Context{Kind: Token, UUID: true}, Secret},
	} {
		if got := Judge([]byte(c.value), c.ctx); got != c.want {
			t.Errorf("%s in %+v is %s, want %s", c.value, c.ctx, got, c.want)
		}
	}
}

func TestJudgeDoesNotAllocate(t *testing.T) {
	values := [][]byte{[]byte("Marlowe" + "427!"), []byte("user_password"), []byte(strings.Repeat("aB3/", 30)), []byte("${VAR}")}
	Judge(values[0], Context{})
	if n := testing.AllocsPerRun(100, func() {
		for _, v := range values {
			Judge(v, Context{})
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// A value in which something is filled in later is never a secret, whatever it
// is; and judging does not change what is judged.
func FuzzJudge(f *testing.F) {
	for _, s := range []string{"a", "${X}", "Marlowe" + "427!", "\xff\xfe\x00", "<<<", "ENC[", "{=}", "((("} {
		f.Add([]byte(s), uint8(0))
	}
	f.Fuzz(func(t *testing.T, v []byte, flags uint8) {
		ctx := Context{Kind: Kind(flags % 6), Bare: flags&8 != 0, UUID: flags&16 != 0, Name: []byte("api_key")}
		before := bytes.Clone(v)
		_ = Judge(v, ctx).String()
		if !bytes.Equal(v, before) {
			t.Fatal("judging changed the value")
		}
		if got := Judge(append(v[:len(v):len(v)], "${X}"...), ctx); got == Secret {
			t.Errorf("%q with ${X} is a secret", v)
		}
		if ctx.Bare && Judge(v, ctx) == Secret {
			ctx.Bare = false
			if got := Judge(v, ctx); got != Secret {
				t.Errorf("%q is a secret without quotes and %s with", v, got)
			}
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	v := []byte("Marlowe" + "427!")
	for b.Loop() {
		Judge(v, Context{})
	}
}

// The samples of standards are split, so that no scanner finds them here.
func TestSamplesOfStandards(t *testing.T) {
	for _, v := range []string{"dpf43f3p" + "2l4k3l03", "hh5s93j4" + "hdidpola", "2YotnFZF" + "Ejr1zCsicMWpAA", "SplxlOBe" + "ZQQYbYS6WxSbIA", "dGhlIHNhbXBs" + "ZSBub25jZQ=="} {
		for _, kind := range []Kind{Password, Token, Header, Userinfo} {
			if got := Judge([]byte(v), Context{Kind: kind}); got == Secret {
				t.Errorf("as kind %d, %s is %s", kind, v, got)
			}
		}
		changed := []byte(v)
		changed[3] ^= 1
		if len(v) == 22 && Judge(changed, Context{Kind: Token}) != Secret {
			t.Errorf("%s is no sample, and not found", changed)
		}
	}
}
