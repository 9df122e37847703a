package structure

import (
	"slices"
	"testing"
)

// The key by which a program signs is one whatever it says; what stands in the same
// places and names it, compares with it or derives from it is none.
func TestSigning(t *testing.T) {
	for line, want := range map[string]string{
		`app.secret_key = "umbrella"`:                                  "umbrella",
		`app.secret_key = 'my very own words'`:                         "my very own words",
		`jwt.verify(token, 'hush')`:                                    "hush",
		`const JWT_SECRET = "our-shop-signs";`:                         "our-shop-signs",
		`@Value("${jwt.secret:the-shop-signs-with-this}")`:             "the-shop-signs-with-this",
		`key: "ThisIsTheSuperSecretKeyOfOurShop2031", jwtSecret: "no"`: "",
		`app.secret_key = os.environ["SECRET_KEY"]`:                    "",
		`const webhookSecretKey = "webhook.github.secret"`:             "",
		`const jwtSecret = 'jwtSecret' in options`:                     "",
		`const secretKey = "d90caedb"`:                                 "",
		`JWT_SECRET = "change-me"`:                                     "",
		`WiFi.begin("Garden", "` + "dandelion" + `7")`:                 "dandelion7",
		`text("` + "hunter" + `s", "5c0744940b5c369b")`:                "",
		`assertHMAC(key, data, "b617318655057264e28bc0b6fb378c8e")`:    "",
		`spring.mail.password=` + "qmzw xkrv tbnd plcj":                "qmzw xkrv tbnd plcj",
		`new Secret("palworld", { metadata })`:                         "",
	} {
		got := secretsOf(line)
		if want == "" && len(got) > 0 || want != "" && !slices.Contains(got, want) {
			t.Errorf("%s: %q", line, got)
		}
	}
}
