package token

import "github.com/credgate/credgate/scanner"

// quality finds tokens of coverage, analysis of code and test services.
func quality() []scanner.Detector {
	return []scanner.Detector{
		named("codecov-token", "Codecov token", "codecov", apiKey, medium, "codecov", "<uuid>"),
		named("codecov-access-token", "Codecov access token", "codecov", apiKey, high, "codecov", "<a:32>"),
		named("coveralls-token", "Coveralls repository token", "coveralls", apiKey, medium, "coveralls repo_token", "<w:32-37>", roles("token", "key", "secret")),
		named("codacy-token", "Codacy token", "codacy", apiKey, medium, "codacy", "<h:32> | <w:20>"),
		named("codeclimate-token", "Code Climate test reporter id or token", "codeclimate", apiKey, medium, "codeclimate code_climate cc_test_reporter code-climate", "<h:64> | <h:40>", roles("token", "key", "reporter", "reporter_id", "reporterid", "reporter-id", "secret"), inLine(`CC_TEST_REPORTER = "%s"`)),
		named("sonar-token", "Sonar token", "sonar", pat, high, "sonar", "<h:40> | <h:44>", roles("token", "login", "password", "key", "secret", "auth")),
		tok("sonarqube-token", "SonarQube token", "sonar", pat, high, "squ_<h:40> | sqp_<h:40> | sqa_<h:40>"),
		named("snyk-token", "Snyk API token", "snyk", apiKey, high, "snyk", "<uuid>"),
		tok("snyk-oauth-token", "Snyk token", "snyk", pat, high, "snyk_uat.<h:8>.<.:60-1200> | snyk_sat.<h:8>.<.:60-1200>"),
		named("fossa-key", "FOSSA API key", "fossa", apiKey, medium, "fossa", "<h:32>"),
		tok("deepsource-token", "DeepSource personal access token", "deepsource", pat, medium, "dsp_<w:40>"),
		named("deepsource-dsn", "DeepSource analyzer DSN", "deepsource", apiKey, medium, "deepsource", "<h:32>", roles("dsn", "token", "key")),
		tok("dependency-track-key", "Dependency-Track API key", "dependency-track", apiKey, high, "odt_<w:8>_<w:32> | odt_<w:32>"),
		named("dependency-track-legacy-key", "Dependency-Track API key", "dependency-track", apiKey, high, "dependency-track dependency_track dependencytrack dtrack", "<w:32>"),
		tok("endor-key", "Endor Labs API key or secret", "endor", apiKey, high, "endr+<u:16>"),
		named("gitguardian-token", "GitGuardian token", "gitguardian", pat, high, "gitguardian gg_api", "<w:72> | <h:71>"),
		named("semgrep-token", "Semgrep app token", "semgrep", apiKey, high, "semgrep", "<h:64>"),
		named("checkmarx-secret", "Checkmarx client secret", "checkmarx", client, high, "checkmarx cx_client", "<w:32> | <uuid>", roles("secret")),
		tok("veracode-api-id", "Veracode API credentials", "veracode", accessKey, high, "vera01es-<h:128>"),
		named("veracode-secret", "Veracode API secret key", "veracode", accessKey, high, "veracode", "<h:128>"),
		named("lacework-secret", "Lacework secret key", "lacework", accessKey, high, "lacework lw_api", "<h:32>", roles("secret", "key")),
		named("prisma-cloud-secret", "Prisma Cloud secret key", "prisma-cloud", accessKey, high, "prismacloud prisma_cloud twistlock bridgecrew bc_api", "<s:27>= | <uuid>"),
		named("blackduck-token", "Black Duck API token", "blackduck", apiKey, high, "blackduck black_duck", "<s:90-120> | <s:90-120>= | <s:90-120>=="),
		named("mend-key", "Mend API key", "mend", apiKey, high, "whitesource mend_ ws_apikey", "<h:64>"),
		named("wiz-secret", "Wiz client secret", "wiz", client, high, "wiz_ wiz.io", "<w:64> | <w:53>", roles("secret")),
		tok("socket-token", "Socket API token", "socket", apiKey, medium, "sktsec_<u:40-60>_api"),
		tok("qlty-token", "Qlty coverage token", "qlty", apiKey, medium, "qltcw_<w:16-40> | qltcp_<w:16-40> | qltp_<h:40-64>"),
		tok("stackhawk-key", "StackHawk API key", "stackhawk", apiKey, high, "hawk.<u:20>.<u:20>"),
		named("browserstack-key", "BrowserStack access key", "browserstack", accessKey, high, "browserstack", "<w:20>"),
		named("saucelabs-key", "Sauce Labs access key", "sauce", accessKey, high, "sauce", "<uuid>"),
		named("lambdatest-key", "LambdaTest access key", "lambdatest", accessKey, high, "lambdatest lt_access", "<w:50>"),
		named("cypress-record-key", "Cypress record key", "cypress", apiKey, medium, "cypress", "<uuid>", roles("key", "record")),
		named("percy-token", "Percy token", "percy", apiKey, medium, "percy", "<h:64> | web_<h:64> | app_<h:64>"),
		tok("chromatic-token", "Chromatic project token", "chromatic", apiKey, medium, "chpt_<h:15>"),
		named("chromatic-legacy-token", "Chromatic project token", "chromatic", apiKey, medium, "chromatic", "<a:12>"),
		named("applitools-key", "Applitools API key", "applitools", apiKey, medium, "applitools", "<w:40-54>"),
		named("pact-token", "PactFlow token", "pact", apiKey, medium, "pactflow pact_broker", "<u:22>"),
		named("testrail-key", "TestRail API key", "testrail", apiKey, medium, "testrail", "<u:20>/<u:8>-<u:10> | <u:41>"),
	}
}
