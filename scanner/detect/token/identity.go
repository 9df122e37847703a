package token

import "github.com/credgate/credgate/scanner"

// identity finds secrets of logins and directories.
func identity() []scanner.Detector {
	return []scanner.Detector{
		named("okta-token", "Okta API token", "okta", apiKey, critical, "okta ssws", "00<u:40>", roles("key", "token", "secret", "pass", "auth", "api", "ssws", "cred")),
		named("okta-client-secret", "Okta client secret", "okta", client, critical, "okta", "<u:64> | <u:40>", roles("client_secret", "clientsecret", "client-secret", "secret")),
		named("auth0-client-secret", "Auth0 client secret", "auth0", client, critical, "auth0", "<u:64>", roles("secret", "pass", "key")),
		named("auth0-token", "Auth0 management token", "auth0", apiKey, high, "auth0", "eyJ<.:100-1100>"),
		named("clerk-secret", "Clerk secret key", "clerk", apiKey, critical, "clerk", "sk_live_<w:41-50> | sk_test_<w:41-50>"),
		named("facebook-app-secret", "Meta app secret", "facebook", client, critical, "facebook fb_ instagram meta_app", "<h:32>", roles("secret")),
		tok("facebook-access-token", "Meta access token", "facebook", grant, critical, "EAACEdEose0cBA<w:20-250> | EAAC<w:100-300> | EAAM<w:100-300> | EAAG<w:100-300> | EAAJ<w:100-300> | EAAB<w:100-300> | EAAD<w:100-300> | EAAF<w:100-300> | EAA<w:80-300>"),
		named("facebook-token", "Meta access token", "facebook", grant, critical, "facebook fb_ instagram meta_", "EAA<w:60-300> | <d:15-16>|<u:27>"),
		tok("instagram-token", "Instagram access token", "facebook", grant, high, "IGQV<u:100-250> | IGAA<w:100-250>"),
		named("linkedin-client-secret", "LinkedIn client secret", "linkedin", client, high, "linkedin", "<w:16> | WPL_AP1.<w:16>.<s:4-8>==", roles("secret")),
		tok("linkedin-secret", "LinkedIn client secret", "linkedin", client, high, "WPL_AP1.<w:16>.<s:4-8>== | WPL_AP1.<w:16>.<s:4-8>="),
		named("linkedin-access-token", "LinkedIn access token", "linkedin", grant, high, "linkedin", "AQ<u:150-500>"),
		tok("twitter-bearer-token", "X app-only bearer token", "twitter", grant, high, "AAAAAAAAAAAAAAAAAAAAA<%:60-200>", with(manyBytes)),
		named("twitter-access-token", "X access token", "twitter", grant, high, "twitter x_access", "<d:6-20>-<w:30-45>"),
		named("twitter-secret", "X access token secret or API secret", "twitter", grant, critical, "twitter x_api", "<w:50> | <w:45>", roles("secret", "key", "token")),
		named("twitter-api-key", "X API key", "twitter", apiKey, high, "twitter consumer_key", "<w:25>"),
		named("onelogin-secret", "OneLogin client secret", "onelogin", client, critical, "onelogin", "<h:64>", roles("secret", "key", "token")),
		named("frontegg-key", "Frontegg API key", "frontegg", apiKey, high, "frontegg", "<uuid>"),
		named("pingone-secret", "PingOne client secret", "pingidentity", client, high, "pingone pingidentity pingfederate", "<~:64>", roles("secret")),
		named("tiktok-secret", "TikTok client secret", "tiktok", client, high, "tiktok", "<w:32> | <h:40>", roles("secret")),
		tok("pinterest-token", "Pinterest access token", "pinterest", grant, high, "pina_<w:50-90> | pinr_<w:50-90>"),
		named("pinterest-secret", "Pinterest app secret", "pinterest", client, high, "pinterest", "<h:40> | <h:64>", roles("secret")),
		named("duo-secret", "Duo secret key", "duo", client, critical, "duo_skey duo_secret duosecurity duo-", "<w:40>", roles("skey", "secret", "key")),
		tok("jumpcloud-key", "JumpCloud API key", "jumpcloud", apiKey, critical, "jca_<w:36>"),
		named("jumpcloud-legacy-key", "JumpCloud API key", "jumpcloud", apiKey, critical, "jumpcloud", "<h:40>"),
		tok("stytch-secret", "Stytch secret", "stytch", apiKey, critical, "secret-live-<u:32-44>"),
		tok("stytch-test-secret", "Stytch test secret", "stytch", apiKey, low, "secret-test-<u:32-44>"),
		named("workos-key", "WorkOS API key", "workos", apiKey, critical, "workos", "sk_live_<w:20-100> | sk_test_<w:20-100> | sk_<w:20-100>"),
		named("descope-key", "Descope management key", "descope", apiKey, high, "descope", "K<w:60-100>"),
		named("fusionauth-key", "FusionAuth API key", "fusionauth", apiKey, high, "fusionauth", "<u:64> | <uuid>"),
		named("keycloak-secret", "Keycloak client secret", "keycloak", client, high, "keycloak", "<w:32> | <uuid>", roles("secret")),
		tok("ory-token", "Ory API key or session token", "ory", apiKey, high, "ory_pat_<w:32> | ory_st_<w:32> | ory_apikey_<w:32>"),
	}
}

// manyBytes tells whether no byte makes up a quarter of the token behind its first
// twenty: pictures in base64 begin as these tokens do.
func manyBytes(token []byte, _ *scanner.Match) bool {
	var times [256]int
	body := token[min(20, len(token)):]
	for _, c := range body {
		if times[c]++; times[c]*4 > len(body) {
			return false
		}
	}
	return true
}
