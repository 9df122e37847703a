package provider

// hosting holds platforms that serve applications, sites and networks.
var hosting = []Provider{
	{
		ID: "akamai", Name: "Akamai", Relation: External, Hosts: []string{"*.akamaiapis.net", "*.luna.akamaiapis.net", "*.akamai.com"}, Names: []string{"AKAMAI", "EDGEGRID", "EDGERC"}, Kinds: []string{oauthClient},
		Rotate: "https://techdocs.akamai.com/developer/docs/rotate-your-credentials", Docs: "https://techdocs.akamai.com/developer/docs/authenticate-with-edgegrid",
		Fields: []Field{{"akab-", "client token, access token or host of an API client"}},
	},
	{
		ID: "bunny", Name: "bunny.net", Relation: External, Hosts: []string{"api.bunny.net", "*.bunnycdn.com", "*.b-cdn.net"}, Names: []string{"BUNNY", "BUNNYCDN", "BUNNY_NET"}, Kinds: []string{apiKey},
		Rotate: "https://docs.bunny.net/reference/bunnynet-api-overview", Docs: "https://docs.bunny.net/reference/bunnynet-api-overview",
	},
	{
		ID: "clever-cloud", Name: "Clever Cloud", Relation: External, Hosts: []string{"*.clever-cloud.com", "*.cleverapps.io"}, Names: []string{"CLEVER_TOKEN", "CLEVER_SECRET", "CLEVERCLOUD", "CLEVER_CLOUD"}, Kinds: []string{oauthGrant},
		Rotate: "https://www.clever-cloud.com/developers/doc/cli/", Docs: "https://www.clever-cloud.com/developers/doc/cli/",
	},
	{
		ID: "cloudflare", Name: "Cloudflare", Relation: External,
		Hosts: []string{"{account}.r2.cloudflarestorage.com", "api.cloudflare.com", "{account}.workers.dev", "*.workers.dev", "*.pages.dev", "*.cloudflare.com", "*.trycloudflare.com", "{account}.cloudflareaccess.com"},
		Names: []string{"CLOUDFLARE", "CF?", "R2?", "WRANGLER", "CLOUDFLARED", "TURNSTILE", "CF_API", "CF_ACCOUNT", "CF_ZONE"}, Kinds: []string{apiKey, accessKey, certificate},
		Rotate: "https://developers.cloudflare.com/fundamentals/api/how-to/roll-token/", Docs: "https://developers.cloudflare.com/fundamentals/api/get-started/keys/",
		Fields: []Field{{"v1.0-", "Origin CA key"}},
	},
	{
		ID: "cloudways", Name: "Cloudways", Relation: External, Hosts: []string{"api.cloudways.com"}, Names: []string{"CLOUDWAYS"}, Kinds: []string{apiKey},
		Rotate: "https://developers.cloudways.com/", Docs: "https://developers.cloudways.com/",
	},
	{
		ID: "cpanel", Name: "cPanel", Relation: Internal, Names: []string{"CPANEL", "WHM"}, Kinds: []string{apiKey, password},
		Rotate: "https://docs.cpanel.net/cpanel/security/manage-api-tokens-in-cpanel/", Docs: "https://docs.cpanel.net/cpanel/security/manage-api-tokens-in-cpanel/",
	},
	{
		ID: "defined-networking", Name: "Defined Networking", Relation: External, Hosts: []string{"api.defined.net"}, Names: []string{"DEFINED_NETWORKING", "DNKEY"}, Kinds: []string{apiKey},
		Rotate: "https://docs.defined.net/guides/automating-host-creation/", Docs: "https://docs.defined.net/glossary/api-key/",
		Fields: []Field{{"dnkey-", "API key"}},
	},
	{
		ID: "deno", Name: "Deno Deploy", Relation: External, Hosts: []string{"api.deno.com", "*.deno.dev", "dash.deno.com"}, Names: []string{"DENO", "DENO_DEPLOY"}, Kinds: []string{pat},
		Rotate: "https://docs.deno.com/deploy/", Docs: "https://docs.deno.com/deploy/", Federation: "https://docs.deno.com/deploy/manual/ci_github/",
		Fields: []Field{{"ddp_", "personal access token"}, {"ddw_", "organization access token"}},
	},
	{
		ID: "dnsimple", Name: "DNSimple", Relation: External, Hosts: []string{"api.dnsimple.com"}, Names: []string{"DNSIMPLE"}, Kinds: []string{apiKey},
		Rotate: "https://support.dnsimple.com/articles/api-access-token/", Docs: "https://support.dnsimple.com/articles/api-access-token/",
		Fields: []Field{{"dnsimple_a_", "account token"}, {"dnsimple_u_", "user token"}},
	},
	{
		ID: "duckdns", Name: "Duck DNS", Relation: External, Hosts: []string{"*.duckdns.org"}, Names: []string{"DUCKDNS"}, Kinds: []string{apiKey},
		Rotate: "https://www.duckdns.org/spec.jsp", Docs: "https://www.duckdns.org/spec.jsp",
	},
	{
		ID: "fastly", Name: "Fastly", Relation: External, Hosts: []string{"api.fastly.com", "*.fastly.net", "*.edgecompute.app", "*.fastly.com"}, Names: []string{"FASTLY"}, Kinds: []string{apiKey},
		Rotate: "https://docs.fastly.com/en/guides/using-api-tokens", Docs: "https://www.fastly.com/documentation/reference/api/auth-tokens/",
	},
	{
		ID: "fly", Name: "Fly.io", Relation: External, Hosts: []string{"registry.fly.io", "api.fly.io", "api.machines.dev", "{account}.fly.dev", "*.fly.io"}, Names: []string{"FLY", "FLY_IO", "FLYIO", "FLYCTL"}, Kinds: []string{deployKey, pat},
		Rotate: "https://fly.io/docs/security/tokens/", Docs: "https://fly.io/docs/security/tokens/",
		Fields: []Field{{"fo1_", "OAuth-style account token"}, {"fm1_", "macaroon"}, {"fm2_", "macaroon with a third-party caveat"}},
	},
	{
		ID: "gandi", Name: "Gandi", Relation: External, Hosts: []string{"api.gandi.net", "dns.api.gandi.net"}, Names: []string{"GANDI"}, Kinds: []string{apiKey, pat},
		Rotate: "https://docs.gandi.net/en/managing_an_organization/organizations/personal_access_token.html", Docs: "https://api.gandi.net/docs/authentication/",
	},
	{
		ID: "godaddy", Name: "GoDaddy", Relation: External, Hosts: []string{"api.godaddy.com", "api.ote-godaddy.com"}, Names: []string{"GODADDY"}, Kinds: []string{apiKey},
		Rotate: "https://developer.godaddy.com/keys", Docs: "https://developer.godaddy.com/getstarted",
	},
	{
		ID: "heroku", Name: "Heroku", Relation: External, Hosts: []string{"registry.heroku.com/{account}", "registry.heroku.com", "api.heroku.com", "git.heroku.com", "{account}.herokuapp.com", "*.heroku.com"}, Names: []string{"HEROKU"}, Kinds: []string{apiKey, oauthGrant},
		Rotate: "https://devcenter.heroku.com/articles/authentication", Docs: "https://devcenter.heroku.com/articles/platform-api-reference",
		Fields: []Field{{"HRKU-", "API key or OAuth token since 2024"}},
	},
	{
		ID: "koyeb", Name: "Koyeb", Relation: External, Hosts: []string{"app.koyeb.com", "*.koyeb.app", "api.koyeb.com"}, Names: []string{"KOYEB"}, Kinds: []string{pat},
		Rotate: "https://www.koyeb.com/docs/integrations/api", Docs: "https://www.koyeb.com/docs/integrations/api",
	},
	{
		ID: "namecheap", Name: "Namecheap", Relation: External, Hosts: []string{"api.namecheap.com"}, Names: []string{"NAMECHEAP"}, Kinds: []string{apiKey},
		Rotate: "https://www.namecheap.com/support/api/intro/", Docs: "https://www.namecheap.com/support/api/intro/",
	},
	{
		ID: "netbird", Name: "NetBird", Relation: External, Hosts: []string{"api.netbird.io", "*.netbird.io"}, Names: []string{"NETBIRD"}, Kinds: []string{pat, apiKey},
		Rotate: "https://docs.netbird.io/how-to/access-netbird-public-api", Docs: "https://docs.netbird.io/how-to/access-netbird-public-api",
		Fields: []Field{{"nbp_", "personal access token"}},
	},
	{
		ID: "netlify", Name: "Netlify", Relation: External, Hosts: []string{"api.netlify.com", "{account}.netlify.app", "*.netlify.com", "*.netlify.app"}, Names: []string{"NETLIFY"}, Kinds: []string{pat, webhook},
		Rotate: "https://docs.netlify.com/api/get-started/", Docs: "https://docs.netlify.com/api/get-started/",
		Fields: []Field{{"nfp_", "personal access token"}, {"nfc_", "CLI token"}, {"nfo_", "OAuth token"}, {"nfu_", "UI token"}, {"nfb_", "build token"}},
	},
	{
		ID: "ngrok", Name: "ngrok", Relation: External, Hosts: []string{"api.ngrok.com", "*.ngrok.io", "*.ngrok.app", "*.ngrok-free.app", "*.ngrok.com"}, Names: []string{"NGROK"}, Kinds: []string{apiKey},
		Rotate: "https://ngrok.com/docs/agent/", Docs: "https://ngrok.com/docs/api/",
	},
	{
		ID: "ns1", Name: "NS1", Relation: External, Hosts: []string{"api.nsone.net"}, Names: []string{"NS1", "NSONE"}, Kinds: []string{apiKey},
		Rotate: "https://www.ibm.com/docs/en/ns1-connect", Docs: "https://www.ibm.com/docs/en/ns1-connect",
	},
	{
		ID: "porkbun", Name: "Porkbun", Relation: External, Hosts: []string{"api.porkbun.com"}, Names: []string{"PORKBUN"}, Kinds: []string{apiKey},
		Rotate: "https://porkbun.com/api/json/v3/documentation", Docs: "https://porkbun.com/api/json/v3/documentation",
		Fields: []Field{{"pk1_", "API key"}, {"sk1_", "secret API key"}},
	},
	{
		ID: "railway", Name: "Railway", Relation: External, Hosts: []string{"backboard.railway.com", "backboard.railway.app", "*.up.railway.app", "*.railway.app"}, Names: []string{"RAILWAY"}, Kinds: []string{deployKey, pat},
		Rotate: "https://docs.railway.com/guides/public-api", Docs: "https://docs.railway.com/guides/public-api",
	},
	{
		ID: "render", Name: "Render", Relation: External, Hosts: []string{"api.render.com", "*.onrender.com"}, Names: []string{"RENDER"}, Kinds: []string{apiKey, webhook},
		Rotate: "https://render.com/docs/api", Docs: "https://render.com/docs/api", Fields: []Field{{"rnd_", "API key"}},
	},
	{
		ID: "scalingo", Name: "Scalingo", Relation: External, Hosts: []string{"*.scalingo.com", "*.scalingo.io"}, Names: []string{"SCALINGO"}, Kinds: []string{apiKey},
		Rotate: "https://doc.scalingo.com/platform/user/tokens", Docs: "https://developers.scalingo.com/tokens", Fields: []Field{{"tk-us-", "API token"}},
	},
	{
		ID: "squarespace", Name: "Squarespace", Relation: External, Hosts: []string{"api.squarespace.com"}, Names: []string{"SQUARESPACE"}, Kinds: []string{apiKey},
		Rotate: "https://developers.squarespace.com/commerce-apis/authentication-and-permissions", Docs: "https://developers.squarespace.com/commerce-apis/authentication-and-permissions",
	},
	{
		ID: "surge", Name: "surge.sh", Relation: External, Hosts: []string{"*.surge.sh", "surge.sh"}, Names: []string{"SURGE"}, Kinds: []string{pat},
		Rotate: "https://surge.sh/help/integrating-with-circleci", Docs: "https://surge.sh/help/integrating-with-circleci",
	},
	{
		ID: "tailscale", Name: "Tailscale", Relation: External, Hosts: []string{"api.tailscale.com", "*.ts.net", "login.tailscale.com", "controlplane.tailscale.com"}, Names: []string{"TAILSCALE", "TS_AUTHKEY", "TS_AUTH_KEY", "TS_OAUTH", "TS_API"}, Kinds: []string{apiKey, oauthClient},
		Rotate: "https://tailscale.com/kb/1252/key-secret-management", Docs: "https://tailscale.com/kb/1085/auth-keys", Federation: "https://tailscale.com/kb/1581/workload-identity-federation",
		Fields: []Field{{"tskey-auth-", "auth key: adds a machine"}, {"tskey-api-", "API access token"}, {"tskey-client-", "OAuth client secret"}, {"tskey-scim-", "SCIM key"}, {"tskey-webhook-", "webhook secret"}},
	},
	{
		ID: "upcloud", Name: "UpCloud", Relation: External, Hosts: []string{"api.upcloud.com"}, Names: []string{"UPCLOUD"}, Kinds: []string{password, apiKey},
		Rotate: "https://upcloud.com/docs/guides/getting-started-upcloud-api/", Docs: "https://developers.upcloud.com/",
	},
	{
		ID: "vercel", Name: "Vercel", Relation: External, Hosts: []string{"api.vercel.com", "*.vercel.app", "vercel.com", "*.vercel-storage.com", "*.vercel.com"}, Names: []string{"VERCEL", "ZEIT", "TURBO?", "NOW_TOKEN", "BLOB_READ_WRITE"}, Kinds: []string{pat, webhook},
		Rotate: "https://vercel.com/docs/rest-api#authentication", Docs: "https://vercel.com/docs/rest-api#authentication", Federation: "https://vercel.com/docs/oidc",
		Fields: []Field{{"vercel_blob_rw_", "read-write token of a Blob store"}},
	},
	{
		ID: "zerotier", Name: "ZeroTier", Relation: External, Hosts: []string{"api.zerotier.com", "my.zerotier.com"}, Names: []string{"ZEROTIER"}, Kinds: []string{apiKey},
		Rotate: "https://docs.zerotier.com/api/tokens/", Docs: "https://docs.zerotier.com/api/tokens/",
	},
}
