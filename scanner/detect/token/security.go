package token

import "github.com/credgate/credgate/scanner"

// security finds keys of secret stores and of what watches over machines.
func security() []scanner.Detector {
	return []scanner.Detector{
		named("hcaptcha-secret", "hCaptcha secret key", "hcaptcha", apiKey, medium, "hcaptcha", "ES_<h:32> | 0x<x:40>", roles("secret"), weak),
		named("rapid7-key", "Rapid7 platform API key", "rapid7", apiKey, high, "rapid7 insightvm insightidr", "<uuid>"),
		named("zscaler-key", "Zscaler API key", "zscaler", apiKey, high, "zscaler zia_api", "<w:12>"),
		tok("1password-service-account-token", "1Password service account token", "1password", saKey, critical, "ops_eyJ<p:250-1200>"),
		tok("1password-secret-key", "1Password secret key", "1password", apiKey, critical, "A3-<A:6>-<A:11>-<A:5>-<A:5>-<A:5> | A3-<A:6>-<A:6>-<A:5>-<A:5>-<A:5>-<A:5>"),
		named("1password-connect-token", "1Password Connect token", "1password", apiKey, critical, "op_connect_token", "eyJ<.:200-900>"),
		tok("doppler-token", "Doppler token", "doppler", apiKey, critical, "dp.pt.<w:40-44> | dp.st.<w:40-44> | dp.st.<v:2-35>.<w:40-44> | dp.ct.<w:40-44> | dp.sa.<w:40-44> | dp.scim.<w:40-44> | dp.audit.<w:40-44> | dp.said.<uuid>"),
		tok("vault-service-token", "HashiCorp Vault service token", "vault", apiKey, critical, "hvs.<u:90-130> | hvs.<u:24-80>"),
		tok("vault-batch-token", "HashiCorp Vault batch token", "vault", apiKey, high, "hvb.<u:138-400>"),
		tok("vault-recovery-token", "HashiCorp Vault recovery token", "vault", apiKey, critical, "hvr.<u:24-130>"),
		named("vault-legacy-token", "HashiCorp Vault token", "vault", apiKey, critical, "vault token", "s.<w:24> | s.<w:24>.<w:5>", roles("token", "vault", "auth", "secret")),
		named("vault-approle-secret", "HashiCorp Vault AppRole secret id", "vault", apiKey, high, "secret_id secretid vault", "<uuid>", roles("secret_id", "secretid", "secret-id"), inLine(`vault_approle: {secret_id: "%s"}`)),
		named("vault-unseal-key", "HashiCorp Vault unseal key", "vault", signing, critical, "unseal", "<s:44> | <s:43>= | <h:66>", roles("key", "unseal"), inLine("Unseal Key 1: %s")),
		tok("infisical-token", "Infisical service token", "infisical", saKey, critical, "st.<h:24>.<h:32>.<h:32> | st.<uuid>.<h:32>.<h:32>", keyed("st.")),
		named("infisical-secret", "Infisical client secret", "infisical", client, critical, "infisical", "<h:64>"),
		named("akeyless-key", "Akeyless access key", "akeyless", accessKey, critical, "akeyless", "<s:43>="),
		tok("bitwarden-access-token", "Bitwarden Secrets Manager access token", "bitwarden", saKey, critical, "0.<uuid>.<w:30>:<s:22>==", keyed("0.")),
		named("bitwarden-client-secret", "Bitwarden client secret", "bitwarden", client, critical, "bitwarden bw_", "<w:30>", roles("secret")),
		named("conjur-key", "Conjur API key", "conjur", apiKey, critical, "conjur", "<a:45-60>"),
		named("hcp-client-secret", "HashiCorp Cloud Platform client secret", "hcp", client, critical, "hcp_", "<u:64>", roles("secret")),
		named("delinea-secret", "Delinea client secret", "delinea", client, critical, "delinea thycotic dsv_", "<u:43> | <uuid>", roles("secret")),
		named("crowdstrike-secret", "CrowdStrike client secret", "crowdstrike", client, critical, "crowdstrike falcon_client", "<w:40>", roles("secret")),
		named("censys-secret", "Censys API secret", "censys", apiKey, medium, "censys", "<w:32>", roles("secret", "key")),
		named("shodan-key", "Shodan API key", "shodan", apiKey, medium, "shodan", "<w:32>"),
		named("securitytrails-key", "SecurityTrails API key", "securitytrails", apiKey, medium, "securitytrails", "<w:32>"),
		named("tenable-key", "Tenable access or secret key", "tenable", accessKey, high, "tenable tio_", "<h:64>"),
		named("virustotal-key", "VirusTotal API key", "virustotal", apiKey, medium, "virustotal vt_api", "<h:64>"),
		named("hibp-key", "Have I Been Pwned API key", "haveibeenpwned", apiKey, low, "hibp haveibeenpwned", "<h:32>"),
		tok("authress-key", "Authress service client key", "authress", saKey, critical, "sc_<a:5-30>.<a:4-6>.acc_<v:10-32>.<p:30-120> | ext_<a:5-30>.<a:4-6>.acc-<v:10-32>.<p:30-120>"),
		named("keeper-config", "Keeper Secrets Manager configuration", "keeper", saKey, critical, "ksm_config keeper", "ewog<p:200-1000> | eyJ<p:200-1000>", roles("config", "secret")),
	}
}
