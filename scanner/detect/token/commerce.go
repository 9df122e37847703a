package token

import "github.com/credgate/credgate/scanner"

// commerce finds keys of shops, shipping, maps and their kin.
func commerce() []scanner.Detector {
	return []scanner.Detector{
		tok("shopify-token", "Shopify access token", "shopify", apiKey, critical, "shpat_<x:32> | shpca_<x:32> | shppa_<x:32> | shpua_<x:32> | shptka_<x:32>"),
		tok("shopify-secret", "Shopify application secret", "shopify", client, critical, "shpss_<x:32>"),
		tok("amazon-mws-token", "Amazon MWS authorization token", "amazon-mws", apiKey, high, "amzn.mws.<uuid>"),
		tok("amazon-lwa-secret", "Login with Amazon client secret", "amazon-mws", client, critical, "amzn1.oa2-cs.v1.<h:64>"),
		tok("amazon-lwa-refresh-token", "Amazon Selling Partner refresh token", "amazon-mws", grant, critical, "Atzr|<u:100-700> | Atza|<u:100-700>"),
		named("bigcommerce-token", "BigCommerce access token", "bigcommerce", client, high, "bigcommerce x-auth-token", "<a:31> | <a:64>", roles("token", "secret")),
		named("etsy-token", "Etsy API key", "etsy", apiKey, medium, "etsy", "<a:24>"),
		tok("shippo-token", "Shippo API token", "shippo", apiKey, high, "shippo_live_<h:40>"),
		tok("shippo-test-token", "Shippo test token", "shippo", apiKey, low, "shippo_test_<h:40>"),
		named("beamer-api-key", "Beamer API key", "beamer", apiKey, medium, "beamer", "b_<u:44>"),
		tok("ebay-secret", "eBay application secret", "ebay", client, high, "PRD-<h:12>-<h:4>-<h:4>-<h:4>-<h:4>"),
		tok("ebay-sandbox-secret", "eBay sandbox application secret", "ebay", client, low, "SBX-<h:12>-<h:4>-<h:4>-<h:4>-<h:4>"),
		named("freemius-secret-key", "Freemius secret key", "freemius", apiKey, high, "freemius secret_key", "sk_<!:29>", near(40), with(notStripe)),
		named("magento-key", "Adobe Commerce access key", "magento", apiKey, medium, "magento repo.magento", "<h:32>", roles("key", "pass", "user", "secret", "token")),
		tok("mapbox-temporary-token", "Mapbox temporary access token", "mapbox", apiKey, medium, "tk.eyJ<u:60-200>.<u:20-24>"),
		tok("woocommerce-secret", "WooCommerce consumer secret", "woocommerce", apiKey, high, "cs_<h:40>"),
		tok("mapbox-secret-token", "Mapbox secret access token", "mapbox", apiKey, high, "sk.eyJ<u:60-200>.<u:20-24>"),
		tok("mapbox-public-token", "Mapbox public access token", "mapbox", apiKey, low, "pk.eyJ<u:60-200>.<u:20-24>"),
		named("here-api-key", "HERE API key", "here", apiKey, medium, "here_api hereapi here_maps heremaps hereapikey", "<u:43>"),
		marked("maxmind-license-key", "MaxMind licence key", "maxmind", apiKey, medium, "<_:36>", "_mmk", ""),
		named("maxmind-legacy-key", "MaxMind licence key", "maxmind", apiKey, medium, "maxmind geoip", "<w:16>", roles("license", "licence", "key")),
		named("opencage-key", "OpenCage API key", "opencage", apiKey, medium, "opencage", "<h:32>"),
		named("openweather-key", "OpenWeather API key", "openweather", apiKey, low, "openweather owm_ owm-", "<h:32>"),
		named("rapidapi-key", "RapidAPI key", "rapidapi", apiKey, high, "rapidapi rapid_api x-rapidapi-key", "<h:10>msh<h:15>p1<h:6>jsn<h:12> | <w:50>"),
		named("commercetools-secret", "commercetools client secret", "commercetools", client, high, "commercetools ctp_", "<u:32>", roles("secret")),
	}
}
