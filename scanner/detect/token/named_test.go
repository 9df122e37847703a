package token

import (
	"fmt"
	"slices"
	"testing"
)

// A value is found in every way in which files set a name to it.
func TestNamedStyles(t *testing.T) {
	r := random()
	v := classString(r, hexLower, 32)
	for _, style := range []string{
		`DATADOG_API_KEY=%s`, `export DD_API_KEY='%s'`, `datadog_api_key: %s`, `"datadogApiKey": "%s"`, `datadog.api-key = "%s"`,
		`datadog_api_key => '%s'`, `<datadogApiKey>%s</datadogApiKey>`, `--datadog-api-key %s`, `('datadog_api_key', '%s')`,
		`ddApiKey := "%s" // datadog`, `cfg.Set("datadog_api_key", "%s")`, `{name: "DD_API_KEY", value: "%s"}`, "- name: DD_API_KEY\n  value: %s",
		`<add key="datadog.apiKey" value="%s"/>`, "<name>DATADOG_API_KEY</name>\n<value>%s</value>", `{\"datadog_api_key\": \"%s\"}`,
		"datadog:\n  enabled: true\n  api_key: %s", "[datadog]\nsite = eu\napi_key = %s", `curl -H "DD-API-KEY: %s"`, `https://api.datadoghq.com/api/v1/validate?api_key=%s&x=1`,
		`datadog.api_key = b"%s"`, "Datadog API key: %s", `ENV DD_API_KEY %s`, `os.environ["DD_API_KEY"] = "%s"`, `-Ddatadog.api.key=%s`, `DD_API_KEY: ${DD_API_KEY:-%s}`,
		`const datadogToken: string = "%s"`, `config.datadog_token ||= '%s'`, `datadog(api_key="%s")`, "datadog_api_key:\n  %s", `'datadog' => ['key' => '%s']`,
		`String datadogKey = "%s";`, `$env:DD_API_KEY = "%s"`, `setx DD_API_KEY "%s"`, `DD_API_KEY=%s\nX=1`, `{"key":"DD_API_KEY","value":"%s"}`,
	} {
		text := fmt.Sprintf(style, v)
		if got := find(t, "datadog-api-key", text); !slices.Equal(got, []string{v}) {
			t.Errorf("%s: found %q", style, got)
		}
	}
	for _, style := range []string{
		`datadog checksum = %s`, `datadog_image: sha256:%s`, `api_key = %s`, `DD_API_KEY_ID=%s`, `datadog_api_key = a%s`, `datadog_api_key = %sf0`,
		`datadog-agent.tar.gz %s`, `uses: DataDog/action@%s`, `dd_public_key = %s`, "datadog_api_key:\n\n\n\n\n\nx = %s",
	} {
		text := fmt.Sprintf(style, v)
		if got := find(t, "datadog-api-key", text); len(got) > 0 {
			t.Errorf("%s: found %q", style, got)
		}
	}
	for _, placeholder := range []string{"00000000000000000000000000000000", "1234567890abcdef1234567890abcdef", "deadbeefdeadbeefdeadbeefdeadbeef", "0123456789abcdef0123456789abcdef"} {
		if got := find(t, "datadog-api-key", "DD_API_KEY="+placeholder); len(got) > 0 {
			t.Errorf("the placeholder %s is found", placeholder)
		}
	}
}

// A name that is no more than the provider's own counts where nothing but a
// credential would be set to it.
func TestProviderName(t *testing.T) {
	r := random()
	for range 20 {
		v := classString(r, hexLower, 40)
		for style, want := range map[string]bool{
			`deepgram = "%s"`: true, `deepgram.Client('%s')`: true, `new DeepgramClient("%s")`: true, "# my deepgram key is %s": true,
			`"deepgram": "%s"`: false, `deepgram %s`: false, "deepgram:\n  rev = \"%s\"": false, `deepgramHash("%s")`: false,
		} {
			text := fmt.Sprintf(style, v)
			if got := find(t, "deepgram-api-key", text); slices.Equal(got, []string{v}) != want {
				t.Errorf("%s: found %q", text, got)
			}
		}
	}
}

// Names in camel case and with hyphens tell as much as those with underscores.
func TestSpellings(t *testing.T) {
	r := random()
	v := classString(r, hexLower, 32)
	for _, name := range []string{"hex_api_key", "hexApiKey", "HEX-API-KEY"} {
		if got := find(t, "hex-api-key", name+": "+v); !slices.Equal(got, []string{v}) {
			t.Errorf("%s: found %q", name, got)
		}
	}
}
