package token

import "github.com/credgate/credgate/scanner"

// forge finds tokens of the places where source is kept.
func forge() []scanner.Detector {
	github := doc("https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-authentication-to-github#githubs-token-formats")
	crc, made := with(crc62Tail), making(makeCRC62)
	gl, glMade := with(gitlabTail), making(makeGitlab)
	gitlab := func(id, title, prefix, kind string, severity scanner.Severity) scanner.Detector {
		return tok(id, title, "gitlab", kind, severity, prefix+"<u:27-300>.<a:2><a:7> | "+prefix+"<u:20-64>", gl, glMade,
			doc("https://docs.gitlab.com/security/tokens/#token-prefixes"))
	}
	return []scanner.Detector{
		tok("github-pat", "GitHub personal access token (classic)", "github", pat, critical, "ghp_<w:36>", crc, made, github),
		tok("github-fine-grained-pat", "GitHub fine-grained personal access token", "github", pat, critical, "github_pat_<w:22>_<w:59>", github),
		tok("github-oauth-token", "GitHub OAuth access token", "github", grant, critical, "gho_<w:36>", crc, made, github),
		tok("github-app-user-token", "GitHub App user access token", "github", app, critical, "ghu_<w:36>", crc, made, github),
		tok("github-app-installation-token", "GitHub App installation token", "github", app, high, "ghs_<w:36> | ghs_<u:37-250>", crc, made, github),
		tok("github-refresh-token", "GitHub App refresh token", "github", grant, high, "ghr_<w:36> | ghr_<w:76>", crc, made, github),
		named("github-legacy-token", "GitHub token of the format before 2021", "github", pat, high, "github gh_token gh_pat", "<h:40>", roles("token", "pat", "secret", "password", "auth", "api_key", "apikey", "bearer"), near(48)),
		named("github-app-legacy-token", "GitHub App installation token of the format before 2021", "github", app, high, "github gh_ x-access-token", "v1.<h:40>", roles("token", "secret", "auth", "password", "pat", "bearer"), near(48)),
		named("github-oauth-client-secret", "GitHub OAuth app client secret", "github", client, high, "github", "<h:40>", roles("client_secret", "clientsecret", "client-secret", "app_secret"), inLine(`github_client_secret = "%s"`), near(80)),

		gitlab("gitlab-pat", "GitLab personal, project or group access token", "glpat-", pat, critical),
		gitlab("gitlab-deploy-token", "GitLab deploy token", "gldt-", deployKey, high),
		gitlab("gitlab-runner-token", "GitLab runner authentication token", "glrt-", apiKey, high),
		tok("gitlab-runner-type-token", "GitLab runner authentication token", "gitlab", apiKey, high, "glrt-t<d>_<u:20-64> | glrtr-<u:20-64>", doc("https://docs.gitlab.com/security/tokens/#token-prefixes")),
		tok("gitlab-runner-registration-token", "GitLab runner registration token (retired)", "gitlab", apiKey, high, "GR1348941<u:20>", doc("https://docs.gitlab.com/security/tokens/#token-prefixes")),
		gitlab("gitlab-trigger-token", "GitLab pipeline trigger token", "glptt-", apiKey, high),
		gitlab("gitlab-feed-token", "GitLab feed token", "glft-", apiKey, medium),
		gitlab("gitlab-incoming-mail-token", "GitLab incoming mail token", "glimt-", apiKey, medium),
		gitlab("gitlab-agent-token", "GitLab agent for Kubernetes token", "glagent-", apiKey, high),
		gitlab("gitlab-oauth-secret", "GitLab OAuth application secret", "gloas-", client, high),
		gitlab("gitlab-scim-token", "GitLab SCIM token", "glsoat-", apiKey, high),
		gitlab("gitlab-feature-flag-token", "GitLab feature flags client token", "glffct-", apiKey, medium),
		gitlab("gitlab-workspace-token", "GitLab workspace token", "glwt-", apiKey, medium),
		tok("gitlab-job-token", "GitLab CI/CD job token", "gitlab", apiKey, low, "glcbt-<w:1-5>_<u:20> | glcbt-<u:20-64>", doc("https://docs.gitlab.com/security/tokens/#token-prefixes")),
		named("gitlab-legacy-token", "GitLab token of the format before 2021", "gitlab", pat, high, "gitlab", "<u:20>", roles("token", "pat", "secret"), near(32)),
		tok("gitlab-session", "GitLab session cookie", "gitlab", apiKey, high, "_gitlab_session=<h:32>", inLine("cookie: %s"), inWord),

		tok("bitbucket-app-password", "Bitbucket app password", "bitbucket", password, critical, "ATBB<w:24><H:8> | ATBB<w:32>", with(crc32Tail), making(makeCRC32Tail)),
		tok("bitbucket-access-token", "Bitbucket or Jira access token of a repository, project or workspace", "bitbucket", pat, critical, "ATCTT3xFfGN0<s:80-250>=<H:8> | ATCTT3<u:100-250>=<H:8> | ATCTT3<e:100-250>", with(crc32Tail), making(makeCRC32Tail)),
		tok("bitbucket-datacenter-token", "Bitbucket Data Center HTTP access token", "bitbucket", pat, high, "BBDC-<p:44> | BBDC-<u:44>", doc("https://confluence.atlassian.com/bitbucketserver/http-access-tokens-939515499.html")),
		named("bitbucket-client-secret", "Bitbucket OAuth consumer secret", "bitbucket", client, high, "bitbucket", "<u:32>", roles("secret", "token", "password"), near(80)),

		named("gitea-token", "Gitea access token", "gitea", pat, high, "gitea", "<h:40>", roles("token", "pat", "secret", "password"), near(64)),
		named("forgejo-token", "Forgejo access token", "forgejo", pat, high, "forgejo codeberg", "<h:40>", roles("token", "pat", "secret", "password"), near(64)),
		named("gitee-token", "Gitee access token", "gitee", pat, high, "gitee", "<h:32>", roles("token", "secret", "password")),
		tok("sourcegraph-token", "Sourcegraph access token", "sourcegraph", pat, high, "sgp_<h:40> | sgp_<h:16>_<h:40> | sgp_local_<h:40>"),
		tok("sourcegraph-gateway-token", "Sourcegraph dotcom user gateway token", "sourcegraph", apiKey, high, "sgd_<h:64>"),
		tok("sourcegraph-license-key", "Sourcegraph licence key", "sourcegraph", apiKey, medium, "slk_<h:64>"),
	}
}
