package token

import "github.com/credgate/credgate/scanner"

// software finds keys of frameworks, wallets and other software.
func software() []scanner.Detector {
	return []scanner.Detector{
		named("django-secret-key", "Django secret key", "django", signing, high, "secret_key django", "<!:50>", roles("secret_key", "django_secret"), near(24), inLine(`SECRET_KEY = '%s'`)),
		tok("django-insecure-key", "Django secret key as startproject makes it", "django", signing, medium, "django-insecure-<!:40-60>"),
		named("rails-secret-key-base", "Rails secret key base", "rails", signing, critical, "secret_key_base", "<h:128> | <h:64>", roles("secret_key_base", "secretkeybase"), near(40), inLine(`secret_key_base: %s`)),
		named("rails-master-key", "Rails master key", "rails", signing, critical, "rails_master_key master_key", "<h:32>", roles("master_key", "masterkey")),
		tok("laravel-app-key", "Laravel application key", "laravel", signing, critical, "base64:<s:43>=", inLine(`APP_KEY=%s`), inWord),
		named("laravel-forge-token", "Laravel Forge token", "laravel", pat, high, "forge", "eyJ<.:300-1100>", roles("token")),
		named("symfony-secret", "Symfony application secret", "symfony", signing, high, "app_secret symfony", "<h:32>", roles("app_secret", "secret")),
		named("flask-secret-key", "Flask secret key", "flask", signing, high, "flask app.secret_key", "<h:48-64>", roles("secret")),
		named("airflow-fernet-key", "Airflow Fernet key", "airflow", signing, high, "fernet", "<u:43>="),
		named("jwt-signing-secret", "JWT signing secret", "jwt", signing, high, "jwt_secret jwt-secret jwtsecret jwt_key jwtkey jwt_signing", "<h:64> | <h:32> | <h:128> | <s:43>= | <s:86>==", near(24)),
		named("neo4j-password", "Neo4j Aura password", "neo4j", password, high, "neo4j", "<u:43>", roles("pass")),
		named("minio-secret", "MinIO secret key", "minio", accessKey, high, "minio", "<w:40> | <s:40> | <w:32>", roles("secret")),
		named("consul-token", "Consul ACL token", "consul", apiKey, high, "consul", "<uuid>", roles("token", "secret")),
		named("nomad-token", "Nomad ACL token", "nomad", apiKey, high, "nomad", "<uuid>", roles("token", "secret")),
		named("ethereum-private-key", "Ethereum private key", "ethereum", signing, critical, "private_key privatekey deployer eth_ ethereum wallet_key mnemonic", "0x<h:64> | <h:64>", roles("private", "deployer_key", "wallet_key"), near(40)),
		tok("bitcoin-extended-key", "Bitcoin extended private key", "bitcoin", signing, critical, "xprv<z:107> | zprv<z:107> | yprv<z:107> | tprv<z:107>"),
		named("bitcoin-wif-key", "Bitcoin private key", "bitcoin", signing, critical, "wif bitcoin btc_ privkey dumpprivkey", "5<z:50> | K<z:51> | L<z:51> | c<z:51>", roles("priv", "wif", "key", "secret")),
		named("solana-private-key", "Solana private key", "solana", signing, critical, "solana", "<z:87-88>", roles("priv", "secret", "key", "keypair")),
		tok("cloudamqp-url", "CloudAMQP URL", "amqp", connection, critical, "amqps://<a:8>:<u:32>@<.:5-60>.cloudamqp.com | amqp://<a:8>:<u:32>@<.:5-60>.cloudamqp.com"),
		named("cloudamqp-key", "CloudAMQP API key", "amqp", apiKey, high, "cloudamqp", "<uuid>"),
		named("expo-access-token", "Expo access token", "expo", pat, high, "expo_token expo eas_", "<u:40>", roles("token")),
		named("apple-app-password", "Apple app-specific password", "apple", password, high, "apple fastlane notary altool app_specific itunes ac_password", "<l:4>-<l:4>-<l:4>-<l:4>", roles("pass", "secret", "pwd"), weak),
		named("match-password", "fastlane match git authorization", "apple", password, high, "match_git_basic", "<p:20-160>", roles("authorization"), with(basicLogin), making(makeBasic), weak),
		named("home-assistant-token", "Home Assistant long-lived access token", "home-assistant", pat, high, "home_assistant homeassistant hass_ hass. hassio", "eyJ<.:100-400>"),
		named("nats-token", "NATS credentials seed", "nats", signing, critical, "nats nkey seed", "SU<b:56> | SA<b:56> | SO<b:56>", roles("seed", "nkey", "key", "secret")),
	}
}
