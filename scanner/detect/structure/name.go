package structure

// A name is the key of a field with what it says of its value.
type name struct {
	start, end int // in the window
	word       int // where the telling word starts
	wordEnd    int
	kind       nameKind
}

type nameKind int

const (
	noName nameKind = iota
	passwordName
	secretName // secret, token, credential: made by machines
	keyName    // ... key
	anyKeyName // a key that need not be secret
)

// fieldName reads the name round the keyword at [start, end) and what it says.
func fieldName(w []byte, start, end int) (n name, ok bool) {
	return nameRound(w, tellingWord(w, start, end))
}

// nameRound widens a telling word to the name that it stands in.
func nameRound(w []byte, word name) (n name, ok bool) {
	if word.kind == noName {
		return n, false
	}
	n = word
	n.start, n.end = word.word, word.wordEnd
	for n.start > 0 && isNameByte(w[n.start-1]) {
		if n.start--; word.word-n.start > maxName {
			return n, false
		}
	}
	for n.start < n.word && (w[n.start] == '-' || w[n.start] == '.') {
		n.start++
	}
	for n.end < len(w) && (isWord(w[n.end]) || (w[n.end] == '-' || w[n.end] == '.') && isAlnum(at(w, n.end+1))) {
		if n.end++; n.end-word.word > maxName {
			return n, false
		}
	}
	return n, true
}

func isNameByte(c byte) bool { return isWord(c) || c == '-' || c == '.' }

// tellingWord widens the keyword to the word it begins, and drops words that
// only look alike: compass, tokenizer, monkey.
func tellingWord(w []byte, start, end int) name {
	n := name{word: start, wordEnd: end}
	switch {
	case hasFold(w, start, "pass"):
		n.wordEnd = passWord(w, start, end)
		if n.wordEnd > 0 {
			n.kind = passwordName
		}
	case hasFold(w, start, "pw"):
		if hasFold(w, start, "pwd") || hasFold(w, start, "pword") {
			n.wordEnd = start + 3
			if lower(w[start+2]) == 'o' {
				n.wordEnd = start + 5
			}
		}
		n.kind = passwordName
		if !wordEnds(w, n.wordEnd) || !wordBegins(w, start) && !knownBefore(w, start) || endsFold(w, start, "sto") { // stopWord
			n.kind = noName
		}
	case hasFold(w, start, "key"):
		n.kind = keyName
		if !wordEnds(w, end) {
			n.kind = noName
		} else if !keyBefore(w, start) {
			if n.kind = anyKeyName; !wordBegins(w, start) {
				n.kind = noName
			}
		}
	case hasFold(w, start, "secret"), hasFold(w, start, "token"), hasFold(w, start, "credential"):
		n.kind = secretName
		if lower(at(w, n.wordEnd)) == 's' && hasFold(w, start, "secrets") || hasFold(w, start, "credentials") {
			n.wordEnd++
		}
		if hasFold(w, n.wordEnd, "key") {
			n.wordEnd += 3
		}
		if !wordEnds(w, n.wordEnd) {
			n.kind = noName
		}
	case hasFold(w, start, "auth"), hasFold(w, start, "bearer"):
		n.kind = secretName
		if !wordEnds(w, end) {
			n.kind = noName
		}
	default: // in another language
		n.kind = passwordName
		if !wordEnds(w, end) {
			n.kind = noName
		}
	}
	return n
}

// passWord gives the end of the word that begins with "pass" at start, 0 when it
// is none that means a password.
func passWord(w []byte, start, end int) int {
	for _, rest := range [...]string{"word", "wd", "phrase", "code", "wort", "wrd", "w"} {
		if hasFold(w, end, rest) {
			end += len(rest)
			if lower(at(w, end)) == 's' && !isLower(at(w, end+1)) {
				end++
			}
			if wordEnds(w, end) || tailWord(w, end) {
				return end
			}
			return 0
		}
	}
	if !wordEnds(w, end) || !wordBegins(w, start) && !knownBefore(w, start) {
		return 0
	}
	return end
}

// wordEnds tells whether a word can end before w[i]: no letter follows, or one
// that starts a new word after lower case.
func wordEnds(w []byte, i int) bool {
	c, before := at(w, i), at(w, i-1)
	return !isLetter(c) || isUpper(c) && isLower(before)
}

// tailWord: lower-case words that follow "password" without a break.
func tailWord(w []byte, i int) bool {
	for _, t := range [...]string{"db", "prod", "dev", "test", "value", "string", "str", "text", "admin", "root", "key", "base", "user"} {
		if hasFold(w, i, t) && wordEnds(w, i+len(t)) {
			return true
		}
	}
	return false
}

// wordBegins tells whether a word can begin at w[i]: no letter before it, or a
// change from lower to upper case.
func wordBegins(w []byte, i int) bool {
	c, before := at(w, i), at(w, i-1)
	return !isLetter(before) || isUpper(c) && isLower(before)
}

// knownBefore tells whether what stands joined before "pass" or "pw" at w[i] makes
// a word that may mean a password: rootpass, ldappw. Words that end so and mean
// something else do not.
func knownBefore(w []byte, i int) bool {
	from := i
	for from > 0 && isLetter(w[from-1]) {
		from--
	}
	if i-from < 3 && from > 0 && isDigit(w[from-1]) { // Gateway_097wpwd
		return false
	}
	for _, p := range [...]string{"com", "by", "tres", "over", "under", "sur", "encom", "multi", "single", "first", "second", "two", "one", "three", "render", "sub", "all", "high", "low", "band", "notch", "im", "out", "fast", "last", "next", "pre", "post", "compute", "gba", "depth", "shadow", "final", "light", "inter", "boarding", "ski", "eye", "tests", "should", "will", "must", "does", "did", "to", "of", "is", "ask", "dirname", "dir", "cur", "orig", "work", "base"} {
		if endsFold(w, i, p) && (!isLetter(at(w, i-len(p)-1)) || isUpper(at(w, i-len(p))) && isLower(at(w, i-len(p)-1))) {
			return false
		}
	}
	return true
}

// keyBefore tells whether the word before "key" makes it a secret one.
func keyBefore(w []byte, i int) bool {
	if c := at(w, i-1); c == '_' || c == '-' || c == '.' || c == ' ' {
		i--
	}
	for _, p := range [...]string{"api", "secret", "private", "pass", "access", "encryption", "encrypt", "signing", "sign", "auth", "master", "shared", "account", "storage", "service", "client", "consumer", "app", "application", "aws", "crypto", "crypt", "cipher", "aes", "hmac", "jwt", "session", "cookie", "deploy", "admin", "server", "webhook", "integration", "subscription", "merchant", "admin", "write", "read", "license", "licence", "primary", "secondary", "pre-shared", "preshared", "psk", "wpa", "wep", "security", "hash", "token", "decryption", "decrypt", "priv", "account", "logged_in", "secure_auth", "nonce", "ingest", "ingestion", "instrumentation", "maps", "google", "stripe", "twilio", "sendgrid", "mailgun", "mailchimp", "github", "gitlab", "azure", "openai", "anthropic", "firebase", "algolia", "datadog", "newrelic", "segment", "rollbar", "sentry", "bugsnag", "pusher", "slack", "gcm", "fcm", "push", "s3", "upload"} {
		if endsFold(w, i, p) && !isLetter(at(w, i-len(p)-1)) || endsFold(w, i, p) && (isUpper(at(w, i-len(p))) || len(p) > 4) {
			return true
		}
	}
	return false
}

// words of a name that say that its value is something about a secret.
var aboutWords = set(
	"hash", "hashed", "hashes", "users", "mtime", "field", "fields", "file", "filename", "path", "paths", "label", "labels", "placeholder", "policy", "policies", "url", "uri", "urls", "endpoint",
	"encoder", "encoding", "encryption", "encrypt", "reset", "name", "names", "id", "ids", "identifier", "regex", "regexp", "pattern", "prompt", "min", "max", "length", "len", "size", "expires", "expiry",
	"expiration", "address", "addr", "addresses", "contract", "balance", "amount", "price", "symbols", "supply", "expire", "expired", "ttl", "age", "type", "types", "error", "errors", "err", "msg", "message", "messages", "title", "hint", "help", "helper", "description", "desc",
	"strength", "iterations", "rounds", "level", "validator", "validation", "validate", "invalid", "required", "rules", "rule", "requirements", "changed", "change", "input", "inputs", "box", "element", "el", "elem", "selector",
	"css", "class", "classes", "form", "view", "dialog", "page", "link", "button", "btn", "icon", "image", "encrypted", "digest", "salt", "salts", "ref", "refs", "reference",
	"var", "variable", "manager", "provider", "service", "store", "factory", "handler", "callback", "event", "events", "listener", "info", "status", "count", "counts", "index",
	"column", "col", "table", "attr", "attribute", "attributes", "property", "prop", "param", "parameter", "params", "arg", "option", "options", "flag", "header", "headers", "format", "mode", "method", "methods",
	"algorithm", "alg", "algo", "scheme", "source", "location", "dir", "directory", "history", "char", "chars", "character", "characters", "generator", "checker", "check", "mismatch", "missing", "incorrect", "expr", "scope",
	"scopes", "claim", "claims", "audience", "issuer", "request", "response", "exchange", "grant", "bucket", "list", "map", "counter", "limit", "rate", "budget", "position",
	"begin", "kind", "symbol", "stream", "lexer", "parser", "node", "span", "pos", "prefix", "suffix", "version", "date", "time", "timestamp", "timeout", "duration", "interval", "enabled", "disabled", "required", "visible",
	"visibility", "toggle", "color", "style", "tooltip", "template", "schema", "config", "configuration", "model", "entity", "dto", "interface", "impl", "testid", "locator", "xpath", "keyname", "usage", "mask", "masked", "display", "caption", "heading", "subject", "email", "mail", "username", "fingerprint", "thumbprint", "checksum", "sha", "sha1", "sha256", "md5", "mapping", "backend", "engine", "resolver", "lookup", "arn", "vault", "namespace", "annotation", "annotations", "comment", "question", "charset", "separator", "delimiter", "pair", "spec", "signature", "verification", "verifier", "algorithms", "filter", "middleware", "plugin", "module", "package", "import", "group", "role", "roles", "permission", "permissions", "level", "warning", "notice", "success", "failure", "failed", "fail", "ok", "result", "output", "stdin", "command", "cmd", "script", "tool", "bin", "exe", "lifetime", "validity", "rotation", "period", "days", "hours", "minutes", "seconds",
)

// words before the telling one that say the same.
var aboutBefore = set(
	"rsp", "request", "response", "digest", "no", "salted", "sealed", "wrapped", "websocket", "has", "is", "use", "show", "hide", "toggle", "forgot", "forget", "forgotten", "change", "enter", "invalid", "wrong", "incorrect", "bad", "hashed", "encrypted", "hash", "csrf", "xsrf", "authenticity",
	"page", "next", "continuation", "sync", "pagination", "cancellation", "cancel", "design", "eos", "bos", "pad", "sep", "mask", "special", "max", "min", "num", "total", "completion", "publishable", "public", "ask", "from", "ice",
	"site", "example", "sample", "dummy", "fake", "mock", "expected", "lex", "syntax", "parse", "lexer", "parser", "stop", "start", "end", "begin", "label", "error", "err", "msg", "message", "placeholder", "prompt", "missing", "empty", "without", "non", "not", "validate", "valid", "verify", "check", "compare", "encode", "decode", "generate", "get", "fetch", "find", "requires", "allow", "enable", "disable", "skip", "ignore", "supports", "partition", "foreign", "sort", "cache", "object", "recaptcha", "captcha", "sitekey", "idempotency", "dedup", "resume", "range", "lock", "etag", "cursor", "delimiter", "comment", "keyword", "identifier", "punctuation", "operator", "number", "whitespace", "eof", "doc", "docs",
)

// words before "key" that make it one of something else than access.
var otherKeys = set("pub", "row", "index", "lookup", "dict", "i18n", "translation", "shortcut", "hot", "storage", "bucket", "unique", "composite", "search", "widget", "measurement", "query", "topic", "routing", "message", "host", "ssh", "gpg", "pgp", "map", "object", "column", "react", "redis", "site", "signature", "verification", "verify", "event", "state", "product", "game", "steam", "record", "entry", "node", "tree", "hash", "form")

func set(list ...string) map[string]struct{} {
	m := make(map[string]struct{}, len(list))
	for _, s := range list {
		m[s] = struct{}{}
	}
	return m
}

// about tells whether the name is about a secret rather than of one:
// password_hint, tokenType, hasPassword, csrf_token, existingSecretPasswordKey, or
// names a store of many.
func (n name) about(w []byte) bool {
	if hasFold(w, n.start, "existingsecret") || hasFold(w, n.start, "etcd_initial_cluster_token") || hasFold(w, n.word, "passwordkey") && n.end == n.word+len("passwordkey") {
		return true
	}
	for _, store := range [...]string{"onepassword", "1password", "lastpass", "keepass", "gopass"} {
		if endsFold(w, n.wordEnd, store) {
			return true
		}
	}
	if n.kind == anyKeyName && hasWord(w[n.start:n.word], otherKeys, false) {
		return true
	}
	return hasWord(w[n.wordEnd:n.end], aboutWords, true) || hasWord(w[n.start:n.word], aboutBefore, false)
}

// hasWord splits a name at its separators and capitals and looks the words up.
// Of the words after the telling one all count, of those before it the nearest two.
func hasWord(part []byte, words map[string]struct{}, all bool) bool {
	var buf [24]byte
	end := len(part)
	for seen := 0; end > 0 && (all || seen < 2); {
		for end > 0 && !isAlnum(part[end-1]) {
			end--
		}
		i := end
		for i > 0 && isAlnum(part[i-1]) {
			i--
			if isUpper(part[i]) && (i == 0 || isLower(part[i-1])) {
				break
			}
		}
		if i < end && end-i <= len(buf) {
			low := buf[:end-i]
			for j, c := range part[i:end] {
				low[j] = lower(c)
			}
			if _, ok := words[string(low)]; ok {
				return true
			}
		}
		seen++
		end = i
	}
	return false
}
