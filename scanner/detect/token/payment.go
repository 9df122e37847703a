package token

import (
	"bytes"
	"math/rand/v2"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// payment finds keys of payments, banks and exchanges. Keys of test modes reach
// no money and are of low severity.
func payment() []scanner.Detector {
	stripe := doc("https://docs.stripe.com/keys")
	return []scanner.Detector{
		tok("stripe-secret-key", "Stripe live secret key", "stripe", apiKey, critical, "sk_live_<w:20-247>", stripe, with(notPaystack)),
		tok("stripe-restricted-key", "Stripe live restricted key", "stripe", apiKey, critical, "rk_live_<w:20-247>", stripe),
		tok("stripe-test-key", "Stripe test secret key", "stripe", apiKey, low, "sk_test_<w:20-247> | rk_test_<w:20-247>", stripe),
		tok("stripe-webhook-secret", "Webhook signing secret of Stripe, Svix or another standard webhook", "stripe", webhook, high, "whsec_<p:32-64>", doc("https://docs.stripe.com/webhooks/signature")),
		tok("stripe-organization-key", "Stripe organization key", "stripe", apiKey, critical, "sk_org_live_<w:20-247> | sk_org_test_<w:20-247>", stripe),
		tok("stripe-ephemeral-key", "Stripe ephemeral key", "stripe", apiKey, medium, "ek_live_<w:20-247>", stripe),
		tok("paypal-braintree-token", "Braintree access token", "braintree", accessKey, critical, "access_token$production$<a:16>$<h:32>"),
		tok("paypal-braintree-sandbox-token", "Braintree sandbox access token", "braintree", accessKey, low, "access_token$sandbox$<a:16>$<h:32>"),
		named("braintree-private-key", "Braintree private key", "braintree", apiKey, high, "braintree", "<h:32>", roles("private", "secret")),
		named("paypal-client-secret", "PayPal client secret", "paypal", client, critical, "paypal", "E<u:79>", roles("secret", "key", "pass")),
		named("paypal-client-secret-short", "PayPal client secret", "paypal", client, high, "paypal", "<u:80>", roles("secret")),
		tok("square-access-token", "Square access token", "square", apiKey, critical, "EAAA<u:60> | sq0atp-<u:22>"),
		tok("square-application-secret", "Square application secret", "square", client, critical, "sq0csp-<u:43> | sandbox-sq0csb-<u:43>"),
		named("razorpay-secret", "Razorpay key secret", "razorpay", apiKey, critical, "razorpay rzp_", "<w:24>", roles("secret")),
		tok("razorpay-key-id", "Razorpay key id", "razorpay", apiKey, low, "rzp_live_<w:14> | rzp_test_<w:14>"),
		tok("plaid-access-token", "Plaid access token", "plaid", grant, critical, "access-production-<uuid> | access-development-<uuid>"),
		tok("plaid-sandbox-token", "Plaid sandbox access token", "plaid", grant, low, "access-sandbox-<uuid>"),
		named("plaid-secret", "Plaid secret", "plaid", apiKey, high, "plaid", "<h:30>", roles("secret")),
		marked("adyen-key", "Adyen API key", "adyen", apiKey, critical, "<w:4>", "hmfx", "<%:60-400>",
			with(func(t []byte, _ *scanner.Match) bool { return string(t[:3]) == "AQE" }), making(func(_ *rand.Rand, t string) string { return "AQE" + t[3:] })),
		named("adyen-api-key", "Adyen API key", "adyen", apiKey, critical, "adyen", "AQE<%:100-400>"),
		tok("mollie-api-key", "Mollie live API key", "mollie", apiKey, critical, "live_<w:30>"),
		tok("mollie-test-key", "Mollie test API key", "mollie", apiKey, low, "test_<w:30>"),
		named("mollie-access-token", "Mollie organization access token", "mollie", pat, high, "mollie", "access_<w:30-50>"),
		tok("klarna-api-key", "Klarna API key", "klarna", apiKey, high, "klarna_live_api_<!:40-200> | klarna_test_api_<!:40-200>"),
		tok("flutterwave-secret-key", "Flutterwave secret key", "flutterwave", apiKey, critical, "FLWSECK-<a:32>-X"),
		tok("flutterwave-test-key", "Flutterwave test key", "flutterwave", apiKey, low, "FLWSECK_TEST-<a:32>-X | FLWSECK_TEST<a:12> | FLWPUBK_TEST-<a:32>-X"),
		tok("paystack-secret-key", "Paystack secret key", "paystack", apiKey, critical, "sk_live_<h:40>", with(func(t []byte, _ *scanner.Match) bool { return len(t) == 48 })),
		tok("xendit-secret-key", "Xendit secret key", "xendit", apiKey, critical, "xnd_production_<w:40-120> | xnd_development_<w:40-120>"),
		tok("gocardless-token", "GoCardless access token", "gocardless", apiKey, critical, "live_<u:40>", with(notMollie)),
		tok("duffel-token", "Duffel access token", "duffel", apiKey, high, "duffel_live_<u:43> | duffel_test_<u:43>"),
		tok("easypost-key", "EasyPost production API key", "easypost", apiKey, high, "EZAK<w:54>"),
		tok("easypost-test-key", "EasyPost test API key", "easypost", apiKey, low, "EZTK<w:54>"),
		tok("lob-api-key", "Lob live API key", "lob", apiKey, high, "live_<h:35>", with(func(t []byte, _ *scanner.Match) bool { return len(t) == 40 })),
		tok("lob-test-key", "Lob test API key", "lob", apiKey, low, "test_<h:35>"),
		tok("lob-publishable-key", "Lob publishable key", "lob", apiKey, low, "live_pub_<h:31> | test_pub_<h:31>"),
		tok("paddle-api-key", "Paddle API key", "paddle", apiKey, critical, "pdl_live_apikey_<a:26>_<w:22>_<w:3> | pdl_sdbx_apikey_<a:26>_<w:22>_<w:3>"),
		named("paddle-legacy-key", "Paddle vendor auth code", "paddle", apiKey, high, "paddle", "<h:50>"),
		tok("polar-token", "Polar access token", "polar", pat, high, "polar_oat_<w:40-48> | polar_pat_<w:40-48>"),
		tok("coingecko-api-key", "CoinGecko API key", "coingecko", apiKey, medium, "CG-<w:24>"),
		named("coinmarketcap-api-key", "CoinMarketCap API key", "coinmarketcap", apiKey, medium, "coinmarketcap cmc_", "<uuid>"),
		named("coinbase-api-key", "Coinbase API secret", "coinbase", apiKey, critical, "coinbase", "<w:32> | <s:86>== | <u:64>"),
		named("binance-api-key", "Binance API key or secret", "binance", apiKey, critical, "binance", "<w:64>"),
		named("kraken-api-key", "Kraken private key", "kraken", apiKey, critical, "kraken", "<s:86>== | <p:80-90>"),
		named("kucoin-api-secret", "KuCoin API secret", "kucoin", apiKey, critical, "kucoin", "<uuid>"),
		named("kucoin-api-key", "KuCoin API key", "kucoin", apiKey, medium, "kucoin", "<h:24>"),
		named("bittrex-api-key", "Bittrex API key or secret", "bittrex", apiKey, high, "bittrex", "<a:32>"),
		named("bitfinex-api-key", "Bitfinex API key or secret", "bitfinex", apiKey, high, "bitfinex", "<w:43>"),
		named("bitmex-api-secret", "BitMEX API secret", "bitmex", apiKey, high, "bitmex", "<u:48>"),
		named("alpaca-secret", "Alpaca API secret", "alpaca", accessKey, high, "alpaca apca", "<w:40> | <w:44>", roles("secret")),
		named("etherscan-api-key", "Etherscan API key", "etherscan", apiKey, medium, "etherscan polygonscan bscscan arbiscan snowtrace basescan", "<A:34>"),
		tok("infura-url-key", "Infura project key in a URL", "infura", apiKey, medium, "infura.io/v3/<h:32> | infura.io/ws/v3/<h:32>", inWord, inLine(`rpc = "https://mainnet.%s"`)),
		named("infura-secret", "Infura project secret", "infura", apiKey, high, "infura", "<h:32>"),
		tok("alchemy-url-key", "Alchemy key in a URL", "alchemy", apiKey, medium, "alchemy.com/v2/<u:32> | alchemyapi.io/v2/<u:32>", inWord, inLine(`rpc = "https://eth-mainnet.g.%s"`)),
		named("alchemy-key", "Alchemy API key", "alchemy", apiKey, medium, "alchemy", "<u:32> | alcht_<w:30>"),
		named("finicity-api-key", "Finicity application key or secret", "finicity", apiKey, high, "finicity", "<h:32> | <w:20>"),
		named("finnhub-token", "Finnhub API token", "finnhub", apiKey, medium, "finnhub", "<a:20> | <a:40>"),
		named("freshbooks-secret", "FreshBooks client secret", "freshbooks", client, high, "freshbooks", "<h:64>"),
		named("chargebee-key", "Chargebee API key", "chargebee", apiKey, critical, "chargebee", "live_<w:32-60> | test_<w:32-60>"),
		named("recurly-key", "Recurly private API key", "recurly", apiKey, high, "recurly", "<h:32>"),
		named("checkout-secret-key", "Checkout.com secret key", "checkout", apiKey, critical, "checkout cko_", "sk_<uuid> | sk_test_<uuid> | sk_<a:26-40>"),
		named("worldpay-key", "Worldpay service key", "worldpay", apiKey, high, "worldpay", "L_S_<uuid> | T_S_<uuid>"),
		named("midtrans-key", "Midtrans server key", "midtrans", apiKey, high, "midtrans", "Mid-server-<u:24> | SB-Mid-server-<u:24>"),
		named("taxjar-token", "TaxJar API token", "taxjar", apiKey, medium, "taxjar", "<h:32>"),
		named("wise-token", "Wise API token", "wise", apiKey, critical, "transferwise wise_api wise.com", "<uuid>"),
		tok("revenuecat-key", "RevenueCat secret API key", "revenuecat", apiKey, high, "sk_<L:32>", with(mixedCase)),
		named("lemonsqueezy-key", "Lemon Squeezy API key", "lemonsqueezy", apiKey, high, "lemonsqueezy lemon_squeezy", "eyJ<.:200-1100>"),
		named("xero-secret", "Xero client secret", "xero", client, high, "xero", "<u:48>", roles("secret")),
		named("quickbooks-secret", "QuickBooks client secret", "quickbooks", client, high, "quickbooks intuit", "<w:40>", roles("secret")),
		named("mercury-token", "Mercury API token", "mercury", apiKey, critical, "mercury", "secret-token:mercury_production_<.:40-100>"),
		tok("mercury-token-prefixed", "Mercury API token", "mercury", apiKey, critical, "mercury_production_wma_<w:30-60> | mercury_production_rma_<w:30-60>"),
	}
}

// notMollie: thirty letters and digits are Mollie's, thirty-five hexadecimal
// digits Lob's.
func notMollie(token []byte, _ *scanner.Match) bool {
	return len(token) == 45 && strings.ContainsAny(string(token[5:]), "_-ABCDEFGHIJKLMNOPQRSTUVWXYZ")
}

// notStripe leaves out Stripe's keys, which begin alike.
func notStripe(token []byte, _ *scanner.Match) bool {
	return !bytes.HasPrefix(token, []byte("sk_live_")) && !bytes.HasPrefix(token, []byte("sk_test_"))
}

func mixedCase(token []byte, _ *scanner.Match) bool {
	up, low := 0, 0
	for _, c := range token[3:] {
		if isUpper(c) {
			up++
		} else {
			low++
		}
	}
	return up > 4 && low > 4
}

// notPaystack leaves out keys of Paystack, which begin alike: Stripe's are of
// capitals as well.
func notPaystack(t []byte, _ *scanner.Match) bool {
	body := t[len("sk_live_"):]
	return len(body) != 40 || !isDigest(body)
}
