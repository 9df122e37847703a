package token

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// chat finds tokens of messengers, mail and telephony.
func chat() []scanner.Detector {
	slack := func(s *spec) { s.check, s.last = slackFacts, true }
	return []scanner.Detector{
		tok("slack-bot-token", "Slack bot token", "slack", apiKey, critical, "xoxb-<d:9-14>-<d:9-14>-<w:17-34> | xoxb-<d:8-14>-<w:18-34>", slack),
		tok("slack-user-token", "Slack user token", "slack", grant, critical, "xoxp-<d:9-14>-<d:9-14>-<d:9-14>-<h:28-34> | xoxp-<d:9-14>-<d:9-14>-<w:20-40>", slack),
		tok("slack-app-token", "Slack app-level token", "slack", apiKey, critical, "xapp-<d>-<A:9-14>-<d:8-14>-<h:40-80>", with(func(t []byte, m *scanner.Match) bool {
			fact(m, "principal", "app "+strings.Split(string(t), "-")[2])
			return true
		})),
		tok("slack-rotating-token", "Slack rotating or refresh token", "slack", grant, critical, "xoxe.xoxb-<d>-<w:100-220> | xoxe.xoxp-<d>-<w:100-220> | xoxe-<d>-<w:100-220>", doc("https://docs.slack.dev/authentication/using-token-rotation")),
		tok("slack-legacy-token", "Slack legacy workspace, session or configuration token", "slack", grant, high, "xoxa-<d:1>-<-:20-120> | xoxa-<-:30-120> | xoxr-<-:30-120> | xoxs-<-:30-120> | xoxo-<-:30-120> | xoxc-<-:40-130>", slack),
		tok("slack-cookie", "Slack session cookie", "slack", apiKey, critical, "xoxd-<%:60-260>"),
		tok("slack-webhook", "Slack webhook URL", "slack", webhook, high, "hooks.slack.com/services/T<A:7-12>/B<A:7-12>/<w:20-26> | hooks.slack.com/workflows/T<A:7-12>/A<A:7-14>/<d:15-20>/<w:20-28> | hooks.slack.com/triggers/<A:8-14>/<d:10-16>/<w:28-36> | hooks.slack-gov.com/services/T<A:7-12>/B<A:7-12>/<w:20-26>",
			with(func(t []byte, m *scanner.Match) bool {
				fact(m, "account", strings.Split(string(t), "/")[2])
				return !strings.Contains(string(t), "T00000000")
			}), inLine(`url: "https://%s"`), doc("https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks")),
		named("slack-signing-secret", "Slack signing secret", "slack", signing, high, "slack", "<h:32>", roles("signing", "secret"), doc("https://docs.slack.dev/authentication/verifying-requests-from-slack")),
		named("slack-legacy-verification", "Slack verification token", "slack", apiKey, medium, "slack", "<w:24>", roles("verification"), inLine(`slack_verification_token = "%s"`)),

		discordBot(),
		tok("discord-webhook", "Discord webhook URL", "discord", webhook, high, "discord.com/api/webhooks/<d:17-20>/<u:60-80> | discordapp.com/api/webhooks/<d:17-20>/<u:60-80>", inLine(`url: "https://%s"`), doc("https://discord.com/developers/docs/resources/webhook"),
			with(func(t []byte, m *scanner.Match) bool {
				fact(m, "principal", "webhook "+strings.Split(string(t), "/")[3])
				return true
			})),
		tok("discord-mfa-token", "Discord user token", "discord", apiKey, critical, "mfa.<u:84>"),
		named("discord-client-secret", "Discord OAuth client secret", "discord", client, high, "discord", "<u:32>", roles("secret")),

		tok("teams-webhook", "Microsoft Teams webhook URL", "teams", webhook, high, "webhook.office.com/webhookb2/<uuid>@<uuid>/IncomingWebhook/<a:32>/<uuid> | webhook.office.com/webhookb2/<uuid>@<uuid>/IncomingWebhook/<a:32>/<uuid>/<u:40-60> | outlook.office.com/webhook/<uuid>@<uuid>/IncomingWebhook/<a:32>/<uuid>", inWord, inLine(`url: "https://acme.%s"`)),
		tok("azure-logic-webhook", "Azure Logic Apps or Power Automate URL", "azure", webhook, high, "logic.azure.com/workflows/<h:32>/triggers/manual/paths/invoke?api-version=<.:8-20>&sp=<%:10-40>&sv=<.:2-6>&sig=<u:43> | logic.azure.com:443/workflows/<h:32>/triggers/manual/paths/invoke?api-version=<.:8-20>&sp=<%:10-40>&sv=<.:2-6>&sig=<u:43>", inWord, inLine(`url: "https://prod-1.westeurope.%s"`), doc("https://learn.microsoft.com/en-us/azure/logic-apps/logic-apps-securing-a-logic-app")),
		marked("telegram-bot-token", "Telegram bot token", "telegram", apiKey, critical, "<d:8-10>", ":AA", "<u:33>", inWord, with(func(t []byte, m *scanner.Match) bool {
			id, _, _ := strings.Cut(string(t), ":")
			fact(m, "principal", "bot "+id)
			return true
		})),
		named("mattermost-token", "Mattermost access token", "mattermost", pat, high, "mattermost", "<a:26>"),
		named("zulip-api-key", "Zulip API key", "zulip", apiKey, high, "zulip", "<w:32>"),
		tok("zulip-webhook", "Zulip webhook URL", "zulip", webhook, medium, "zulipchat.com/api/v1/external/<v:3-20>?api_key=<w:32>", inWord, inLine(`url: "https://acme.%s"`)),
		tok("zapier-webhook", "Zapier webhook URL", "zapier", webhook, medium, "hooks.zapier.com/hooks/catch/<d:5-10>/<w:6-10>", inLine(`url: "https://%s/"`)),
		tok("ifttt-webhook", "IFTTT webhook URL", "ifttt", webhook, medium, "maker.ifttt.com/trigger/<u:2-40>/with/key/<u:20-50> | maker.ifttt.com/trigger/<u:2-40>/json/with/key/<u:20-50>", inLine(`url: "https://%s"`)),
		named("gitter-token", "Gitter access token", "gitter", pat, high, "gitter", "<h:40>"),
		tok("matrix-token", "Matrix access token", "matrix", grant, high, "syt_<w:2-60>_<w:20>_<w:6>"),
		tok("matrix-refresh-token", "Matrix refresh token", "matrix", grant, high, "syr_<w:2-60>_<w:20>_<w:6>"),
		named("rocketchat-token", "Rocket.Chat access token", "rocketchat", pat, high, "rocketchat rocket.chat rocket_chat x-auth-token", "<u:43>"),

		tok("sendgrid-api-key", "SendGrid API key", "sendgrid", apiKey, critical, "SG.<u:22>.<u:43>"),
		tok("mailgun-api-key", "Mailgun private API key", "mailgun", apiKey, critical, "key-<h:32>"),
		tok("mailgun-public-key", "Mailgun public validation key", "mailgun", apiKey, low, "pubkey-<h:32>"),
		named("mailgun-v2-key", "Mailgun API or webhook signing key", "mailgun", apiKey, critical, "mailgun", "<h:32>-<h:8>-<h:8>"),
		named("mailgun-signing-key", "Mailgun webhook signing key", "mailgun", signing, high, "mailgun", "<h:32>"),
		named("line-channel-token", "LINE channel access token", "line", apiKey, high, "line_channel line-channel linebot channel_access_token channelaccesstoken", "<s:171-172>="),
		marked("mailchimp-api-key", "Mailchimp API key", "mailchimp", apiKey, critical, "<h:32>", "-us", "<d:1-2>", with(func(t []byte, m *scanner.Match) bool {
			_, dc, _ := strings.Cut(string(t), "-")
			fact(m, "host", dc+".api.mailchimp.com")
			return true
		})),
		tok("mandrill-api-key", "Mailchimp Transactional (Mandrill) API key", "mailchimp", apiKey, high, "md-<u:22>"),
		named("mandrill-legacy-key", "Mandrill API key", "mailchimp", apiKey, high, "mandrill", "<u:22>"),
		tok("brevo-api-key", "Brevo API key", "brevo", apiKey, critical, "xkeysib-<h:64>-<w:16>"),
		tok("brevo-smtp-key", "Brevo SMTP key", "brevo", password, high, "xsmtpsib-<h:64>-<w:16>"),
		named("postmark-token", "Postmark server or account token", "postmark", apiKey, high, "postmark", "<uuid>"),
		tok("resend-api-key", "Resend API key", "resend", apiKey, high, "re_<w:8>_<w:24>"),
		tok("mailersend-token", "MailerSend API token", "mailersend", apiKey, high, "mlsn.<h:64>"),
		named("mailjet-key", "Mailjet API or secret key", "mailjet", apiKey, high, "mailjet mj_apikey", "<h:32>"),
		named("mailtrap-token", "Mailtrap API token", "mailtrap", apiKey, high, "mailtrap", "<h:32>"),
		named("sparkpost-key", "SparkPost API key", "sparkpost", apiKey, high, "sparkpost", "<h:40>"),
		named("customerio-key", "Customer.io API key", "customerio", apiKey, high, "customerio customer.io customer_io", "<h:32> | <h:20>"),
		tok("klaviyo-private-key", "Klaviyo private API key", "klaviyo", apiKey, high, "pk_<h:34>"),
		tok("onesignal-api-key", "OneSignal API key", "onesignal", apiKey, high, "os_v2_app_<a:103> | os_v2_org_<a:103>"),
		named("onesignal-legacy-key", "OneSignal REST API key", "onesignal", apiKey, high, "onesignal one_signal", "<w:48>"),
		tok("pushbullet-token", "Pushbullet access token", "pushbullet", apiKey, high, "o.<w:32>", keyed("o.")),
		named("pusher-secret", "Pusher application secret", "pusher", apiKey, high, "pusher", "<h:20>", roles("secret")),
		named("pushover-token", "Pushover application token or user key", "pushover", apiKey, medium, "pushover", "<a:30>", roles("token", "key", "user")),
		tok("courier-key", "Courier authorization token", "customerio", apiKey, high, "pk_prod_<A:28> | pk_test_<A:28>"),
		named("sendbird-token", "Sendbird API token", "sendbird", apiKey, high, "sendbird", "<h:40>"),
		named("stream-secret", "Stream API secret", "stream", apiKey, high, "getstream stream_api streamchat", "<a:64>", roles("secret")),

		tok("twilio-api-key", "Twilio API key SID", "twilio", apiKey, low, "SK<h:32>"),
		named("twilio-auth-token", "Twilio auth token", "twilio", password, critical, "twilio", "<h:32>", roles("token", "auth", "pass", "secret")),
		twilioPair(),
		named("twilio-api-secret", "Twilio API key secret", "twilio", apiKey, high, "twilio", "<w:32>", roles("secret")),
		named("plivo-token", "Plivo auth token", "plivo", apiKey, high, "plivo", "<w:40>"),
		named("vonage-secret", "Vonage API secret", "vonage", apiKey, high, "vonage nexmo", "<w:16>", roles("secret")),
		named("messagebird-key", "Bird (MessageBird) access key", "messagebird", accessKey, high, "messagebird", "<w:25>"),
		tok("telnyx-api-key", "Telnyx API key", "telnyx", apiKey, high, "KEY0<A:31>_<w:22>"),
		named("telnyx-api-key-named", "Telnyx API key", "telnyx", apiKey, high, "telnyx", "KEY<u:55>"),
		named("infobip-key", "Infobip API key", "infobip", apiKey, high, "infobip", "<h:32>-<uuid>"),
		named("clicksend-key", "ClickSend API key", "clicksend", apiKey, high, "clicksend", "<uuid>"),
		named("whatsapp-token", "WhatsApp Business access token", "whatsapp", grant, high, "whatsapp", "EAA<w:100-300>"),
		named("webex-token", "Webex access token", "cisco-webex", grant, high, "webex", "<w:64>_<w:4>_<uuid> | <w:64>"),
		named("braze-key", "Braze REST API key", "braze", apiKey, high, "braze", "<uuid>"),
		named("sinch-token", "Sinch API token", "sinch", apiKey, high, "sinch", "<h:32> | <s:22>== | <u:24-40>", roles("token", "secret", "key")),
		named("loops-key", "Loops API key", "loops", apiKey, high, "loops_api loops.so", "<h:32>"),
		tok("dingtalk-webhook", "DingTalk robot webhook", "dingtalk", webhook, medium, "oapi.dingtalk.com/robot/send?access_token=<h:64>", inLine(`url: "https://%s"`)),
		named("dingtalk-secret", "DingTalk secret", "dingtalk", client, high, "dingtalk", "SEC<h:64> | <h:64> | <u:64>"),
		named("feishu-secret", "Feishu or Lark application secret", "feishu", client, high, "feishu larksuite lark_", "<w:32>"),
		tok("feishu-webhook", "Feishu or Lark bot webhook", "feishu", webhook, medium, "open.feishu.cn/open-apis/bot/v2/hook/<uuid> | open.larksuite.com/open-apis/bot/v2/hook/<uuid>", inLine(`url: "https://%s"`)),
		named("kakao-key", "Kakao application key", "kakao", apiKey, medium, "kakao", "<h:32> | <w:32>"),
		named("wechat-secret", "WeChat application secret", "wechat", client, high, "wechat weixin", "<h:32> | <u:43>"),
		tok("wechat-work-webhook", "WeCom robot webhook", "wecom", webhook, medium, "qyapi.weixin.qq.com/cgi-bin/webhook/send?key=<uuid>", inLine(`url: "https://%s"`)),
	}
}

// slackFacts gives the workspace, which follows the prefix in today's tokens.
func slackFacts(token []byte, m *scanner.Match) bool {
	if p := strings.Split(string(token), "-"); len(p) > 2 && len(p[1]) >= 9 {
		fact(m, "account", "workspace "+p[1])
	}
	return true
}

// discordBot finds bot tokens: the bot's id in base64, a time, a signature.
func discordBot() scanner.Detector {
	d := named("discord-bot-token", "Discord bot token", "discord", apiKey, critical, "discord token login( run( bot_", "<u:24-28>.<u:6>.<u:27-40>", near(64), roles("token", "key", "secret", "bot", "auth", "login", "run", "discord", "pass"),
		with(func(t []byte, m *scanner.Match) bool {
			id := discordID(string(t))
			if id == "" {
				wrongChecksum(m)
				return strings.IndexByte("MNO", t[0]) >= 0
			}
			fact(m, "principal", "bot "+id)
			return true
		}), making(func(r *rand.Rand, t string) string {
			_, rest, _ := strings.Cut(t, ".")
			return base64.RawStdEncoding.EncodeToString([]byte("8"+classString(r, digits, 17))) + "." + rest
		}))
	return d
}

// discordID decodes the first part, "" if it is no number of Discord's.
func discordID(token string) string {
	first, _, _ := strings.Cut(token, ".")
	id, err := base64.RawStdEncoding.DecodeString(first)
	if err != nil || len(id) < 17 || len(id) > 20 {
		return ""
	}
	for _, c := range id {
		if !isDigit(c) {
			return ""
		}
	}
	return string(id)
}

// twilioPair finds the auth token behind the account that it is for, the arguments
// of every client of Twilio's: Client("AC...", "...").
func twilioPair() scanner.Detector {
	s := newSpec("twilio-account-login", "Twilio auth token behind its account SID", "twilio", password, critical,
		[]option{doc("https://www.twilio.com/docs/iam/api-keys"), keyed(`("ac`, `('ac`)})
	sid := parseForm("AC<h:32>")
	auth := parseForm("<h:32>")
	s.Keywords = s.keywords
	s.Reach = 2 + 34 + maxGap + 34
	s.Near = func(b []byte, start, end int) bool { return sid.begins(b, end-2) }
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		at := sid.match(b, end-2)
		if at < 0 || at >= len(b) || b[at] != b[end-3] {
			return nil
		}
		account := string(b[end-2 : at])
		for at++; at < len(b) && at-end < 34+maxGap && gapBytes.has(b[at]); at++ {
		}
		stop := auth.match(b, at)
		if stop < 0 || !rightEdge(b, stop, auth.last()) || madeUp(b[at:stop]) {
			return nil
		}
		m := scanner.Match{Start: start, End: stop, SecretStart: at, SecretEnd: stop}
		fact(&m, "account", account)
		return []scanner.Match{m}
	}
	s.Example = func(r *rand.Rand) string {
		return fmt.Sprintf("client = Client(\"%s\", \"%s\")", sid.example(r, false), auth.example(r, false))
	}
	s.Silent = func(r *rand.Rand) string {
		return fmt.Sprintf("client = Client(\"%s\", token)", sid.example(r, false))
	}
	return s.Detector
}
