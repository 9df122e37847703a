package provider

// signing holds who vouches for a build: stores of applications and keys that sign.
var signing = []Provider{
	{ID: "android", Name: "Android signing", Relation: Internal, Names: []string{"ANDROID_KEYSTORE", "KEYSTORE", "SIGNING_STORE", "ANDROID_SIGNING", "ANDROID", "CM_KEY_PASSWORD?", "ANDROID_KEY"}, Kinds: []string{signingKey, password},
		Rotate: "https://developer.android.com/studio/publish/app-signing", Docs: "https://developer.android.com/studio/publish/app-signing"},
	{ID: "apple", Name: "Apple", Relation: External, Hosts: []string{"appstoreconnect.apple.com", "api.appstoreconnect.apple.com", "*.apple.com", "api.push.apple.com"}, Names: []string{"APPLE", "APPSTORE", "APP_STORE", "ASC?", "CERTIFICATE_PRIVATE_KEY?", "MATCH?", "MATCH_PASSWORD", "FASTLANE", "NOTARY", "NOTARIZATION", "P12?", "CERTIFICATE_OSX", "APP_STORE_CONNECT", "APNS", "MACOS_CERTIFICATE", "MACOS_SIGN", "MACOS_NOTARY", "IOS_CERTIFICATE", "MAPKIT"}, Kinds: []string{signingKey, password, certificate},
		Rotate: "https://developer.apple.com/documentation/appstoreconnectapi/revoking-api-keys", Docs: "https://developer.apple.com/documentation/appstoreconnectapi/creating-api-keys-for-app-store-connect-api"},
	{ID: "expo", Name: "Expo", Relation: External, Hosts: []string{"api.expo.dev", "exp.host", "*.expo.dev"}, Names: []string{"EXPO", "EAS"}, Kinds: []string{pat},
		Rotate: "https://docs.expo.dev/accounts/programmatic-access/", Docs: "https://docs.expo.dev/accounts/programmatic-access/"},
	{ID: "google-play", Name: "Google Play", Relation: External, Hosts: []string{"androidpublisher.googleapis.com", "play.google.com"}, Names: []string{"GOOGLE_PLAY", "PLAY_STORE", "PLAYSTORE", "PLAY_SERVICE_ACCOUNT"}, Kinds: []string{saKey},
		Rotate: "https://developers.google.com/android-publisher/getting_started", Docs: "https://developers.google.com/android-publisher/getting_started"},
	{ID: "gpg", Name: "GnuPG", Relation: Internal, Hosts: []string{"keys.openpgp.org", "keyserver.ubuntu.com"}, Names: []string{"GPG", "PGP", "SIGNING_KEY?", "SIGNING_KEYID?", "SIGNING_KEY_ID?", "MAVEN_GPG", "SIGNING_IN_MEMORY", "NFPM?", "GPG_PRIVATE", "GPG_SIGNING"}, Kinds: []string{signingKey},
		Rotate: "https://www.gnupg.org/documentation/manuals/gnupg/", Docs: "https://www.gnupg.org/documentation/manuals/gnupg/"},
	{ID: "signpath", Name: "SignPath", Relation: External, Hosts: []string{"app.signpath.io"}, Names: []string{"SIGNPATH"}, Kinds: []string{apiKey},
		Rotate: "https://docs.signpath.io/build-system-integration", Docs: "https://docs.signpath.io/build-system-integration"},
	{ID: "sigstore", Name: "Sigstore", Relation: External, Hosts: []string{"fulcio.sigstore.dev", "rekor.sigstore.dev", "oauth2.sigstore.dev", "*.sigstore.dev"}, Names: []string{"COSIGN", "SIGSTORE"}, Kinds: []string{signingKey},
		Rotate: "https://docs.sigstore.dev/cosign/key_management/overview/", Docs: "https://docs.sigstore.dev/cosign/key_management/overview/", Federation: "https://docs.sigstore.dev/cosign/signing/overview/"},
	{ID: "tauri", Name: "Tauri", Relation: Internal, Names: []string{"TAURI_SIGNING", "TAURI_KEY", "TAURI_PRIVATE_KEY"}, Kinds: []string{signingKey},
		Rotate: "https://v2.tauri.app/plugin/updater/", Docs: "https://v2.tauri.app/plugin/updater/"},
}
