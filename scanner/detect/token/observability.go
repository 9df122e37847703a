package token

import (
	"encoding/base64"
	"encoding/json"
	"math/rand/v2"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// observability finds keys of monitoring, logs, alerts, analytics and flags.
func observability() []scanner.Detector {
	dyn := with(func(t []byte, m *scanner.Match) bool {
		p := strings.Split(string(t), ".")
		fact(m, "principal", p[0]+"."+p[1])
		return true
	})
	return []scanner.Detector{
		named("datadog-api-key", "Datadog API key", "datadog", apiKey, high, "datadog dd_api dd-api ddapikey dd_key", "<h:32>"),
		named("datadog-app-key", "Datadog application key", "datadog", apiKey, critical, "datadog dd_app dd-app ddappkey", "<h:40>"),
		tok("datadog-application-key", "Datadog application key", "datadog", apiKey, critical, "ddapp_<w:34> | ddpat_<w:20-60>"),
		named("datadog-client-token", "Datadog client token", "datadog", apiKey, low, "datadog dd_client", "pub<h:32>"),
		tok("newrelic-user-key", "New Relic user key", "newrelic", apiKey, critical, "NRAK-<A:27>"),
		tok("newrelic-insert-key", "New Relic insert key", "newrelic", apiKey, high, "NRII-<u:32>"),
		tok("newrelic-query-key", "New Relic query key", "newrelic", apiKey, high, "NRIQ-<u:32>"),
		tok("newrelic-admin-key", "New Relic admin key", "newrelic", apiKey, critical, "NRAA-<h:27>"),
		tok("newrelic-rest-key", "New Relic REST key", "newrelic", apiKey, critical, "NRRA-<h:42>"),
		tok("newrelic-browser-key", "New Relic browser key", "newrelic", apiKey, low, "NRJS-<h:19>"),
		newrelicLicence(),
		named("newrelic-legacy-license-key", "New Relic licence key", "newrelic", apiKey, high, "newrelic new_relic new-relic", "<h:40> | eu01xx<h:34>"),

		tok("grafana-service-account-token", "Grafana service account token", "grafana", saKey, critical, "glsa_<w:32>_<x:8>", with(grafanaTail), making(makeGrafana)),
		tok("grafana-cloud-token", "Grafana Cloud access policy token", "grafana", apiKey, critical, "glc_<p:32-400>", with(grafanaCloud), making(func(r *rand.Rand, _ string) string {
			return "glc_" + base64.StdEncoding.EncodeToString([]byte(`{"o":"123456","n":"ci-token","k":"`+classString(r, base62, 24)+`","m":{"r":"eu-west-2"}}`))
		})),
		tok("grafana-api-key", "Grafana API key (retired)", "grafana", apiKey, high, "eyJrIjoi<p:60-400>"),

		tok("sentry-organization-token", "Sentry organization token", "sentry", apiKey, high, "sntrys_eyJ<p:80-400>_<s:43>", with(sentryOrganization), making(func(r *rand.Rand, _ string) string {
			return "sntrys_" + base64.StdEncoding.EncodeToString([]byte(`{"iat":1700000000.1,"url":"https://sentry.io","region_url":"https://us.sentry.io","org":"acme"}`)) + "_" + classString(r, base62, 43)
		})),
		tok("sentry-user-token", "Sentry user token", "sentry", pat, high, "sntryu_<h:64> | sntrya_<h:64> | sntryi_<h:64>"),
		sentryDSN(),
		named("sentry-auth-token", "Sentry auth token", "sentry", pat, high, "sentry", "<h:64>"),

		tok("dynatrace-api-token", "Dynatrace API token", "dynatrace", apiKey, critical, "dt0c01.<b:24>.<b:64> | dt0c01.<A:24>.<A:64>", dyn),
		tok("dynatrace-platform-token", "Dynatrace platform token or OAuth client secret", "dynatrace", pat, critical, "dt0s01.<A:24>.<A:64> | dt0s01.<A:8>.<A:64> | dt0s02.<A:8>.<A:64> | dt0s03.<A:8>.<A:64> | dt0s04.<A:8>.<A:64> | dt0s06.<A:8>.<A:64> | dt0s08.<A:8>.<A:64> | dt0s09.<A:8>.<A:64> | dt0s16.<A:8>.<A:64>", dyn),
		tok("honeycomb-ingest-key", "Honeycomb ingest key", "honeycomb", apiKey, medium, "hcaik_<w:26><w:32> | hcxik_<w:26><w:32> | hcbik_<w:26><w:32>"),
		tok("honeycomb-management-key", "Honeycomb management key", "honeycomb", apiKey, high, "hcamk_<w:26><w:32> | hcxmk_<w:26><w:32>"),
		named("honeycomb-api-key", "Honeycomb API key", "honeycomb", apiKey, high, "honeycomb", "<h:32> | <w:22>"),
		tok("splunk-hec-header", "Splunk HTTP event collector token in a header", "splunk", apiKey, high, "Splunk <uuid>", inLine(`Authorization: %s`)),
		named("splunk-hec-token", "Splunk HTTP event collector token", "splunk", apiKey, high, "splunk hec_token", "<uuid>"),
		named("splunk-access-token", "Splunk Observability access token", "splunk", apiKey, high, "signalfx sfx_ splunk_access splunk_observability", "<u:22>"),
		named("logzio-token", "Logz.io token", "logzio", apiKey, medium, "logz", "<w:32> | <uuid>"),
		named("logdna-key", "Mezmo ingestion or service key", "logdna", apiKey, medium, "logdna mezmo", "<h:32> | sts_<h:32>"),
		named("bugsnag-key", "BugSnag API key", "bugsnag", apiKey, medium, "bugsnag", "<h:32> | <uuid>"),
		named("rollbar-token", "Rollbar access token", "rollbar", apiKey, medium, "rollbar", "<h:32>"),
		named("pagerduty-api-key", "PagerDuty API key", "pagerduty", apiKey, high, "pagerduty pager_duty pager-duty pd_", "u+<u:18> | <u:20>", roles("token", "key", "api")),
		named("pagerduty-integration-key", "PagerDuty integration key", "pagerduty", apiKey, medium, "pagerduty pager_duty pager-duty", "<h:32>", roles("key", "token", "routing", "integration", "service")),
		named("opsgenie-api-key", "Opsgenie API key", "opsgenie", apiKey, high, "opsgenie", "<uuid>"),
		named("statuspage-key", "Statuspage API key", "statuspage", apiKey, medium, "statuspage", "<h:64> | <uuid>"),
		tok("posthog-personal-key", "PostHog personal API key", "posthog", pat, high, "phx_<w:40-60>"),
		tok("posthog-project-key", "PostHog project API key", "posthog", apiKey, low, "phc_<w:40-60>"),
		tok("posthog-secure-key", "PostHog feature flags secure key", "posthog", apiKey, high, "phs_<w:40-60>"),
		tok("posthog-oauth-token", "PostHog OAuth token", "posthog", grant, high, "pha_<w:40-60> | phr_<w:40-60>"),
		named("amplitude-key", "Amplitude API or secret key", "amplitude", apiKey, medium, "amplitude", "<h:32>"),
		named("mixpanel-secret", "Mixpanel secret or token", "mixpanel", apiKey, medium, "mixpanel", "<h:32>"),
		named("mixpanel-service-account", "Mixpanel service account secret", "mixpanel", saKey, high, "mixpanel", "<w:32>", roles("secret", "pass")),
		tok("segment-public-api-token", "Segment Public API token", "segment", apiKey, high, "sgp_<w:64>", with(func(t []byte, _ *scanner.Match) bool { return len(t) == 68 })),
		named("segment-write-key", "Segment write key", "segment", apiKey, medium, "segment", "<w:32>"),
		tok("launchdarkly-sdk-key", "LaunchDarkly SDK key", "launchdarkly", apiKey, high, "sdk-<uuid>"),
		tok("launchdarkly-mobile-key", "LaunchDarkly mobile key", "launchdarkly", apiKey, low, "mob-<uuid>"),
		tok("launchdarkly-api-token", "LaunchDarkly API access token", "launchdarkly", apiKey, high, "api-<uuid>"),
		named("launchdarkly-token", "LaunchDarkly access token", "launchdarkly", apiKey, high, "launchdarkly launch_darkly ld_", "<v:40> | <uuid>"),
		tok("axiom-token", "Axiom API or personal token", "axiom", apiKey, high, "xaat-<uuid> | xapt-<uuid> | xait-<uuid>"),
		named("betterstack-token", "Better Stack token", "betterstack", apiKey, medium, "betterstack logtail betteruptime better_uptime", "<w:24>"),
		tok("checkly-api-key", "Checkly API key", "checkly", apiKey, high, "cu_<h:32> | cus_<h:32>"),
		named("cronitor-key", "Cronitor API key", "cronitor", apiKey, medium, "cronitor", "<h:32>"),
		tok("flagsmith-server-key", "Flagsmith server-side environment key", "flagsmith", apiKey, high, "ser.<w:22>"),
		tok("firehydrant-token", "FireHydrant bot token", "firehydrant", apiKey, high, "fhb-<h:32>"),
		named("airbrake-key", "Airbrake key", "airbrake", apiKey, medium, "airbrake", "<h:32> | <h:40>"),
		named("appsignal-key", "AppSignal push API key", "appsignal", apiKey, medium, "appsignal", "<uuid>"),
		tok("honeybadger-key", "Honeybadger project key", "honeybadger", apiKey, medium, "hbp_<w:36>"),
		named("honeybadger-api-key", "Honeybadger API key", "honeybadger", apiKey, medium, "honeybadger", "<h:32> | <w:20>"),
		named("elmah-key", "elmah.io API key", "elmah", apiKey, medium, "elmah", "<h:32>"),
		named("raygun-key", "Raygun API key", "raygun", apiKey, medium, "raygun", "<w:22> | <s:22>=="),
		named("instana-key", "Instana agent key or API token", "instana", apiKey, high, "instana", "<u:22>"),
		named("lightstep-token", "Lightstep access token", "lightstep", apiKey, high, "lightstep ls_access", "<s:86>== | <s:84> | <h:32>"),
		named("papertrail-token", "Papertrail API token", "papertrail", apiKey, medium, "papertrail", "<w:20>"),
		named("pendo-key", "Pendo integration key", "pendo", apiKey, high, "pendo", "<uuid> | <uuid>.<w:2-10>"),
		named("pingdom-token", "Pingdom API token", "pingdom", apiKey, medium, "pingdom", "<u:87>"),
		tok("rootly-token", "Rootly API key", "rootly", apiKey, high, "rootly_<h:64>"),
		tok("coralogix-api-key", "Coralogix API key", "coralogix", apiKey, high, "cxtp_<w:30> | cxup_<w:30>"),
		named("coralogix-private-key", "Coralogix private key", "coralogix", apiKey, high, "coralogix", "<uuid>"),
		named("scalyr-key", "Scalyr API key", "scalyr", apiKey, high, "scalyr", "<%:44>"),
		named("scout-key", "Scout APM key", "scout", apiKey, medium, "scout_key scout_apm", "<w:20> | <w:32>"),
		named("sumologic-access-id", "Sumo Logic access id", "sumologic", accessKey, low, "sumo", "su<w:12>", roles("id", "access", "user"), inLine(`sumo_access = "%s"`)),
		named("sumologic-access-key", "Sumo Logic access key", "sumologic", accessKey, high, "sumo", "<w:64>"),
		tok("sumologic-collector-url", "Sumo Logic HTTP collector URL", "sumologic", webhook, medium, "sumologic.com/receiver/v1/http/<p:60-120>", inWord, inLine(`url: "https://collectors.%s"`)),
		named("uptimerobot-key", "UptimeRobot API key", "uptimerobot", apiKey, medium, "uptimerobot uptime_robot", "u<d:5-9>-<h:24> | ur<d:5-9>-<h:24> | m<d:7-12>-<h:24>"),
		named("wavefront-token", "Wavefront API token", "wavefront", apiKey, high, "wavefront", "<uuid>"),
		named("thousandeyes-token", "ThousandEyes user API token", "thousandeyes", pat, high, "thousandeyes", "<uuid> | <w:32>"),
		tok("statsig-secret-key", "Statsig server secret", "statsig", apiKey, high, "secret-<w:43>"),
		tok("statsig-console-key", "Statsig console key", "statsig", apiKey, high, "console-<w:43>"),
		named("optimizely-token", "Optimizely personal token", "optimizely", pat, high, "optimizely", "2:<u:43>"),
		named("configcat-key", "ConfigCat SDK key", "configcat", apiKey, medium, "configcat", "configcat-sdk-1/<u:22>/<u:22> | <u:22>/<u:22>"),
		named("meraki-api-key", "Cisco Meraki API key", "meraki", apiKey, high, "meraki", "<h:40>"),
		named("incident-io-key", "incident.io API key", "incident-io", apiKey, high, "incident_io incident.io", "inc_<w:60-70> | <h:64>"),
		named("sidekiq-secret", "Sidekiq Pro or Enterprise credential", "sidekiq", password, high, "contribsys bundle_enterprise__contribsys__com bundle_gems__contribsys__com", "<h:8>:<h:8>", roles("contribsys", "sidekiq"), inLine(`BUNDLE_ENTERPRISE__CONTRIBSYS__COM=%s`), weak),
	}
}

// grafanaCloud decodes the JSON of an access policy token: organization, name, region.
func grafanaCloud(token []byte, m *scanner.Match) bool {
	raw, err := base64.StdEncoding.DecodeString(string(token[len("glc_"):]))
	var t struct {
		O, N, K string
		M       struct{ R string }
	}
	if err != nil || json.Unmarshal(raw, &t) != nil || t.K == "" {
		wrongChecksum(m)
		return true
	}
	fact(m, "account", plain(t.O))
	fact(m, "principal", plain(t.N))
	fact(m, "region", plain(t.M.R))
	return true
}

// sentryOrganization decodes the JSON of an organization token.
func sentryOrganization(token []byte, m *scanner.Match) bool {
	body, _, _ := strings.Cut(string(token[len("sntrys_"):]), "_")
	raw, err := base64.StdEncoding.DecodeString(body)
	var t struct {
		Iat      json.Number
		Org, URL string
	}
	if err != nil || json.Unmarshal(raw, &t) != nil {
		wrongChecksum(m)
		return true
	}
	fact(m, "account", plain(t.Org))
	fact(m, "host", plain(t.URL))
	fact(m, "issued", unix(t.Iat))
	return true
}

// sentryDSN finds DSNs of the old form, which hold a secret key beside the
// public one: https://public:secret@host/project.
// https://develop.sentry.dev/sdk/foundations/transport/authentication/
func sentryDSN() scanner.Detector {
	s := newSpec("sentry-dsn", "Sentry DSN with its secret key", "sentry", apiKey, medium, nil)
	s.Keywords = []string{"sentry"}
	s.Reach = 200
	keys := parseForm("//<h:32>:<h:32>@")
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		at := start
		for at > 0 && start-at < 60 && (isAlnum(b[at-1]) || b[at-1] == '-' || b[at-1] == '.') {
			at--
		}
		const length = len("//:@") + 64
		if at < length || keys.match(b, at-length) != at || madeUp(b[at-33:at-1]) {
			return nil
		}
		return []scanner.Match{{Start: at - length, End: end, SecretStart: at - 33, SecretEnd: at - 1}}
	}
	s.Example = func(r *rand.Rand) string {
		return "dsn: https://" + classString(r, hexLower, 32) + ":" + classString(r, hexLower, 32) + "@sentry.acme.io/4"
	}
	s.Silent = func(r *rand.Rand) string { return "dsn: https://" + classString(r, hexLower, 32) + "@sentry.acme.io/4" }
	return s.Detector
}

// newrelicLicence finds licence keys, whose mark is at their end.
func newrelicLicence() scanner.Detector {
	return marked("newrelic-license-key", "New Relic licence key", "newrelic", apiKey, high, "<a:36>", "NRAL", "", doc("https://docs.newrelic.com/docs/apis/intro-apis/new-relic-api-keys/#license-key"))
}
