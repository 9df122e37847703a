package pipeline

import (
	"slices"
	"strings"
)

// SecretName tells whether a name, by its words, is that of a credential:
// NPM_TOKEN, dbPassword, signing.key. Names that only look alike (KEY_ID,
// CACHE_KEY, TOKEN_URL, PASSWORD_FILE) are none. Source: pipelines.md 4.4.
func SecretName(name string) bool {
	if !hasSecretStem(name) {
		return false
	}
	words := nameWords(name)
	if len(words) == 0 {
		return false
	}
	joined := strings.Join(words, "_")
	for _, s := range notSecretSuffix {
		if joined == s[1:] || strings.HasSuffix(joined, s) {
			return false
		}
	}
	for _, s := range notSecretWhole {
		if strings.Contains("_"+joined+"_", "_"+s+"_") {
			return false
		}
	}
	for i, w := range words {
		if slices.Contains(secretWords, w) {
			return true
		}
		for _, s := range secretEndings {
			if len(w) > len(s) && strings.HasSuffix(w, s) && !slices.Contains(notSecretWords, w) {
				return true
			}
		}
		if w == "key" && (len(words) == 1 || i > 0 && strings.TrimRight(words[i-1], "0123456789") != "tag") || w == "keys" && i > 0 {
			return true
		}
	}
	return false
}

var (
	secretWords = []string{"token", "tokens", "password", "passwd", "passwort", "pass", "pwd", "passphrase", "secret",
		"secrets", "apikey", "apitoken", "authtoken", "credential", "credentials", "creds", "cred", "pat", "webhook", "dsn",
		"privatekey", "keystore", "kubeconfig", "auth", "authkey", "jwt", "p12", "pfx", "pem", "htpasswd", "netrc", "npmrc",
		"pgpassword", "pw", "userpass", "userpassword", "accesskey", "secretkey", "sshkey", "deploykey", "license", "serviceaccount"}
	secretEndings  = []string{"token", "password", "passwd", "secret", "apikey", "passphrase", "credentials", "webhook"}
	notSecretWords = []string{"nonsecret", "nontoken"}

	// Words that turn what stands before them into something else.
	notSecretSuffix = []string{"_public_key", "_public_keys", "_pubkey", "_key_id", "_key_alias", "_key_name", "_cache_key", "_token_url",
		"_secret_name", "_secret_id_name", "_password_file", "_key_file", "_key_path", "_token_file", "_token_path", "_secret_path",
		"_secret_file", "_key_vault_name", "_keyvault_name", "_primary_key", "_known_hosts", "_token_type", "_token_endpoint",
		"_key_vault", "_keyvault", "_partition_key", "_sort_key", "_shard_key", "_foreign_key", "_object_key", "_s3_key", "_key_prefix",
		"_token_expiry", "_token_ttl", "_secret_version", "_secret_arn", "_keyring", "_key_ring", "_auth_method", "_auth_type",
		"_auth_url", "_auth_mode", "_auth_enabled", "_sonar_project_key", "_project_key", "_project_keys", "_restore_keys", "_key_version",
		"_password_length", "_key_size", "_key_type", "_author", "_token_name", "_issue_key", "_issue_keys", "_destination_keys", "_token_audience", "_token_issuer",
		"_key_fingerprint", "_key_algorithm", "_fetch_key", "_rule_key", "_resource_key", "_output_tokens", "_input_tokens", "_window_tokens", "_prompt_tokens", "_completion_tokens", "_auth_level", "_site_key", "_redirect_hosts", "_redirect_uri", "_redirect_url", "_password_iterations", "_password_rounds", "_auth_domain", "_auth_host", "_auth_server", "_license_file", "_env_key", "_config_key", "_keystore_path", "_keystore_file", "_key_store_path", "_store_file",
		"_use_id_token", "_auth_modes", "_password_authentication", "_auth_methods", "_disabled", "_enabled", "_options", "_opts"}
	notSecretWhole = []string{"public_key", "cache_key", "known_hosts", "primary_key", "secret_detection", "secret_scanning", "secrets_scan", "pub_key", "empty_password", "empty_passwords",
		"max_tokens", "min_tokens", "minimum_tokens", "tokens_from", "tokens_per"}
)

// secretStems are starts of words, one of which stands in any name and any text
// that SecretName could be true for. They are looked for before anything that
// costs more; stems_test.go holds them against the words.
var secretStems = stemsByLetter("tok", "pass", "pw", "sec", "api", "auth", "cred", "pat", "webhook", "dsn", "private", "key", "kubeconfig", "jwt",
	"p12", "pfx", "pem", "htp", "netrc", "npmrc", "userp", "accessk", "sshk", "deployk", "license", "serviceaccount")

func stemsByLetter(stems ...string) (by [26][]string) {
	for _, s := range stems {
		by[s[0]-'a'] = append(by[s[0]-'a'], s)
	}
	return by
}

// hasSecretStem tells whether a text may hold a name that says credential.
func hasSecretStem(s string) bool {
	for i := 0; i+2 <= len(s); i++ {
		c := s[i] | 0x20
		if c < 'a' || c > 'z' {
			continue
		}
		for _, stem := range secretStems[c-'a'] {
			if len(s)-i >= len(stem) && strings.EqualFold(s[i:i+len(stem)], stem) {
				return true
			}
		}
	}
	return false
}

// nameWords splits a name at _, -, ., blanks, letter case and digits' ends, in lower case.
func nameWords(name string) []string {
	var words []string
	start := 0
	flush := func(i int) {
		if i > start {
			words = append(words, strings.ToLower(name[start:i]))
		}
		start = i
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c == '_' || c == '-' || c == '.' || c == ' ' || c == '/' || c == ':':
			flush(i)
			start = i + 1
		case upper(c) && i > 0 && (lower(name[i-1]) || digit(name[i-1]) && i+1 < len(name) && lower(name[i+1])),
			upper(c) && i > 0 && upper(name[i-1]) && i+1 < len(name) && lower(name[i+1]):
			flush(i)
		}
	}
	flush(len(name))
	return words
}

func upper(c byte) bool { return c >= 'A' && c <= 'Z' }
func lower(c byte) bool { return c >= 'a' && c <= 'z' }
func digit(c byte) bool { return c >= '0' && c <= '9' }
func word(c byte) bool  { return upper(c) || lower(c) || digit(c) || c == '_' }
