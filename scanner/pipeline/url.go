package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// hole stands in a pattern for what is not literal: a variable, an expression.
const hole = '\x01'

// A link is a URL in a pattern, where hole stands for what is not known. Start
// and End are its place.
type link struct {
	Start, End             int
	Scheme                 string
	User, Pass             string // userinfo; HasPass tells an empty password from none
	HasUser, HasPass       bool
	Host                   string // with its port, normalised; "" when not wholly known
	Path, Query            string
	userStart, passStart   int
	passEnd, hostAt, slash int
}

// findLinks gives the URLs in a string, in order.
func findLinks(s string) []link {
	var out []link
	for i := 0; len(out) < maxFanOut; {
		j := strings.Index(s[i:], "://")
		if j < 0 {
			return out
		}
		colon := i + j
		start := colon
		for start > i && (word(s[start-1]) || s[start-1] == '+' || s[start-1] == '-' || s[start-1] == '.') {
			start--
		}
		end := colon + 3
		for end < len(s) && !strings.ContainsRune(" \t\r\n\"'<>`|\\^", rune(s[end])) {
			end++
		}
		for end > colon+3 && strings.IndexByte(".,;)]}", s[end-1]) >= 0 {
			end--
		}
		if start < colon {
			out = append(out, parseLink(s, start, colon, end))
		}
		i = max(end, colon+3)
	}
	return out
}

func parseLink(s string, start, colon, end int) link {
	l := link{Start: start, End: end, Scheme: strings.ToLower(s[start:colon])}
	auth := s[colon+3 : end]
	if k := strings.IndexAny(auth, "/?#"); k >= 0 {
		auth = auth[:k]
	}
	l.slash = colon + 3 + len(auth)
	rest := s[l.slash:end]
	rest, _, _ = strings.Cut(rest, "#")
	l.Path, l.Query, _ = strings.Cut(rest, "?")
	l.hostAt = colon + 3
	if at := strings.LastIndexByte(auth, '@'); at >= 0 {
		l.HasUser, l.userStart = true, colon+3
		l.User = auth[:at]
		l.passEnd = colon + 3 + at
		if k := strings.IndexByte(auth[:at], ':'); k >= 0 {
			l.HasPass, l.User, l.Pass, l.passStart = true, auth[:k], auth[k+1:at], colon+3+k+1
		}
		auth = auth[at+1:]
		l.hostAt += at + 1
	}
	if strings.IndexByte(auth, hole) < 0 {
		l.Host = NormalHost(auth)
	}
	return l
}

// Sorts of credentials in a link.
const (
	linkNone = iota
	linkUserinfo
	linkWebhook
	linkToken // in the query
)

// sort tells what a link carries. A placeholder is no credential.
func (l *link) sort() int {
	switch {
	case l.HasPass && l.Pass != "" && !placeholder(l.Pass) && l.Scheme != "file":
		return linkUserinfo
	case l.HasUser && l.Pass == "" && strings.IndexByte(l.User, hole) >= 0, l.HasUser && !l.HasPass && tokenShaped(l.User):
		return linkUserinfo
	case l.webhook():
		return linkWebhook
	}
	for p := range strings.SplitSeq(l.Query, "&") {
		k, v, _ := strings.Cut(p, "=")
		if v != "" && !placeholder(v) && queryToken(k) && (strings.IndexByte(v, hole) >= 0 || len(v) >= 12) {
			return linkToken
		}
	}
	return linkNone
}

// principal is the user name, where it is one: some hosts take a token for it.
func (l *link) principal() string {
	if strings.IndexByte(l.User, hole) >= 0 || tokenShaped(l.User) {
		return ""
	}
	return l.User
}

// forge is the provider that a user name of the userinfo stands for, where the
// host is not written out: each takes its tokens under a name of its own. A path
// that a product has on any host tells as well.
func (l *link) forge() string {
	switch {
	case l.Host != "" && hostProvider(l.Host) != "":
		return ""
	case l.User == "x-access-token" && (l.Host == "" || strings.HasPrefix(l.Host, "github.")):
		return "github"
	case l.User == "x-token-auth", l.User == "x-bitbucket-api-token-auth":
		return "bitbucket"
	case l.User == "gitlab-ci-token":
		return "gitlab"
	case strings.HasPrefix(l.Path, "/artifactory/"):
		return "jfrog"
	}
	return ""
}

func queryToken(k string) bool {
	switch strings.ToLower(k) {
	case "token", "key", "sig", "access_token", "api_key", "apikey", "api-key", "repo_token", "auth", "auth_token", "x-amz-signature", "private_token", "secret", "password", "appid", "app_key":
		return true
	}
	return false
}

// hooks are hosts, with the start of the path, that take messages from whoever knows the URL.
var hooks = [...][2]string{
	{"hooks.slack.com", "/"}, {"discord.com", "/api/webhooks/"}, {"discordapp.com", "/api/webhooks/"}, {".webhook.office.com", "/"},
	{"outlook.office.com", "/webhook"}, {".logic.azure.com", "/"}, {"chat.googleapis.com", "/"}, {"hooks.zapier.com", "/"},
	{"maker.ifttt.com", "/"}, {"events.pagerduty.com", "/"}, {"api.telegram.org", "/bot"}, {"api.render.com", "/deploy/"},
	{"api.netlify.com", "/build_hooks/"}, {"api.vercel.com", "/v1/integrations/deploy/"}, {"api.cloudflare.com", "/client/v4/pages/webhooks/"},
	{"hooks.airtable.com", "/"}, {"webhooks.gitter.im", "/e/"}, {"readthedocs.org", "/api/v2/webhook/"}, {"coveralls.io", "/webhook"},
}

func (l *link) webhook() bool {
	for _, h := range hooks {
		if (l.Host == h[0] || h[0][0] == '.' && strings.HasSuffix(l.Host, h[0])) && strings.HasPrefix(l.Path, h[1]) && len(l.Path) > len(h[1]) {
			return true
		}
	}
	return false
}

// placeholder tells what stands for a credential in examples.
func placeholder(v string) bool {
	if strings.IndexByte(v, hole) >= 0 {
		return false
	}
	l := strings.ToLower(v)
	switch l {
	case "pass", "password", "pw", "pwd", "secret", "token", "user", "username", "changeme", "example", "foo", "bar", "x", "redacted", "passwd", "test":
		return true
	}
	return strings.Trim(l, "*x.") == "" || strings.ContainsAny(v, "<>[]") || strings.HasPrefix(l, "your") || strings.HasPrefix(l, "my_") ||
		strings.HasPrefix(v, "{{") || strings.ToUpper(v) == v && strings.Trim(v, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-") == ""
}

// tokenShaped tells a user name that is long and mixed, as tokens in userinfo are.
func tokenShaped(u string) bool {
	if len(u) < 20 {
		return false
	}
	digits, letters := 0, 0
	for i := 0; i < len(u); i++ {
		if digit(u[i]) {
			digits++
		} else if word(u[i]) {
			letters++
		}
	}
	return digits >= 3 && letters >= 5
}

// URLs emits the connections that URLs in t make by themselves: userinfo,
// webhooks, tokens in a query. Refs gives the references that stand in a part of
// t; nil is none. It tells whether it emitted any.
func (d *Document) URLs(t Text, refs func(part Text) []Ref, construct string, c connection.Consumer) bool {
	if !strings.Contains(t.S, "://") {
		return false
	}
	found := false
	for _, l := range findLinks(blot(t.S)) {
		kind := linkKinds[l.sort()]
		at := t.Sub(l.Start, l.End)
		inside := l.Host != "" && Internal(l.Host) && strings.IndexByte(l.User+l.Pass, hole) < 0
		if kind == "" || inside { // a throwaway password of a service beside the job
			continue
		}
		o := Occurrence{Kind: kind, Construct: construct, Endpoint: l.Host, Consumer: c}
		if o.Principal, o.Provider = l.principal(), l.forge(); o.Provider == "" && hostProvider(l.Host) == "" {
			o.Provider = dataSchemes[l.Scheme]
		}
		if kind != connection.Webhook { // whose path is the credential
			o.Account = hostAccount(l.Host, strings.TrimPrefix(l.Path, "/"))
		}
		var v Value
		if refs != nil {
			v.Refs = refs(at)
		}
		found = true
		if !d.EmitRefs(o, v, nil) {
			o.Auth, o.Location = connection.Static, d.Location(at)
			d.Emit(o)
		}
	}
	return found
}

var linkKinds = [...]connection.Kind{linkNone: "", linkUserinfo: connection.URLCredential, linkWebhook: connection.Webhook, linkToken: connection.URLCredential}

// blot puts holes, of the same length, where a string has interpolations of
// any of the usual kinds: ${{ x }}, ${x}, $(x), $X, <<x>>, {{ x }}, %x%.
func blot(s string) string {
	if !strings.ContainsAny(s, "${%<") {
		return s
	}
	b := []byte(s)
	fill := func(i, j int) {
		for k := i; k < j; k++ {
			b[k] = hole
		}
	}
	for i := 0; i < len(b); i++ {
		rest := s[i:min(len(s), i+maxAction)]
		n := 0
		switch {
		case strings.HasPrefix(rest, "${{"), strings.HasPrefix(rest, "{{"):
			n = strings.Index(rest, "}}") + 2
		case strings.HasPrefix(rest, "${"):
			n = strings.IndexByte(rest, '}') + 1
		case strings.HasPrefix(rest, "$("):
			n = strings.IndexByte(rest, ')') + 1
		case strings.HasPrefix(rest, "<<"):
			n = strings.Index(rest, ">>") + 2
		case rest[0] == '$' && len(rest) > 1 && word(rest[1]):
			for n = 1; n < len(rest) && (word(rest[n]) || rest[n] == ':' && strings.HasPrefix(rest, "$env:") && n == 4); n++ {
			}
		case rest[0] == '%':
			if j := strings.IndexByte(rest[1:], '%'); j > 1 && strings.Trim(rest[1:1+j], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.0123456789") == "" && !digit(rest[1]) {
				n = j + 2
			}
		}
		if n > 2 || n == 2 && rest[0] == '$' && word(rest[1]) {
			fill(i, i+n)
			i += n - 1
		}
	}
	return string(b)
}
