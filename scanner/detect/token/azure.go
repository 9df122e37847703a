package token

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// azure finds credentials of Microsoft's cloud. Keys since 2021 hold a marker:
// https://github.com/microsoft/security-utilities
func azure() []scanner.Detector {
	sas := doc("https://learn.microsoft.com/en-us/azure/storage/common/storage-sas-overview")
	marks := doc("https://learn.microsoft.com/en-us/purview/sit-defn-azure-storage-account-key")
	return []scanner.Detector{
		marked("azure-storage-key", "Azure Storage account key", "azure", accessKey, critical, "<s:76>", "+ASt", "<s:6>==", marks),
		marked("azure-batch-key", "Azure Batch account key", "azure", accessKey, critical, "<s:76>", "+ABa", "<s:6>==", marks),
		marked("azure-ml-key", "Azure Machine Learning key", "azure", apiKey, high, "<s:76>", "+AMC", "<s:6>==", marks),
		marked("azure-cosmos-key", "Azure Cosmos DB key", "azure", accessKey, critical, "<s:76>", "ACDb", "<s:6>==", marks),
		marked("azure-apim-gateway-key", "Azure API Management gateway key", "azure", apiKey, high, "<s:76>", "APIM", "<s:6>==", marks),
		marked("azure-iot-key", "Azure IoT key", "azure", accessKey, high, "<s:33>", "AIoT", "<s:6>=", marks),
		marked("azure-servicebus-key", "Azure Service Bus key", "azure", accessKey, high, "<s:33>", "+ASb", "<s:6>=", marks),
		marked("azure-eventhub-key", "Azure Event Hubs key", "azure", accessKey, high, "<s:33>", "+AEh", "<s:6>=", marks),
		marked("azure-relay-key", "Azure Relay key", "azure", accessKey, high, "<s:33>", "+ARm", "<s:6>=", marks),
		marked("azure-search-key", "Azure AI Search key", "azure", apiKey, high, "<w:42>", "AzSe", "<w:6>", marks),
		marked("azure-redis-key", "Azure Cache for Redis key", "azure", accessKey, high, "<w:33>", "AzCa", "<w:6>=", marks),
		marked("azure-function-key", "Azure Functions key", "azure", apiKey, high, "<u:44>", "AzFu", "<u:6>==", marks),
		marked("azure-registry-key", "Azure Container Registry password", "azure", password, critical, "<s:42>", "+ACR", "<s:6>", marks),
		marked("azure-annotated-key", "Azure key of the common annotated format", "azure", apiKey, high, "<w:52>", "JQQJ9", "<w:27> | <w:27>== | <w:29>== | <w:31>", marks),
		marked("azure-client-secret", "Microsoft Entra client secret", "azure", client, critical, "<~:4>", "Q~", "<~:31-34>",
			doc("https://learn.microsoft.com/en-us/purview/sit-defn-client-secret-api-key"), rotate("https://learn.microsoft.com/en-us/entra/identity-platform/how-to-add-credentials"),
			with(func(t []byte, _ *scanner.Match) bool { return isDigit(t[3]) }), making(func(_ *rand.Rand, t string) string { return t[:3] + "8" + t[4:] })),
		named("azure-legacy-client-secret", "Microsoft Entra client secret", "azure", client, high, "azure arm_client aad_ entra msal microsoftonline", "<p:44> | <~:34> | <uuid>", roles("client_secret", "clientsecret", "client-secret", "app_secret", "appsecret", "sp_password", "principal_secret", "arm_client_secret"), inLine(`azure_client_secret = "%s"`),
			rotate("https://learn.microsoft.com/en-us/entra/identity-platform/how-to-add-credentials")),
		azureConnection("azure-storage-connection", "Azure Storage connection string", critical, "accountkey=", "AccountKey=", "<s:86>==", "AccountName="),
		named("azure-storage-key-named", "Azure Storage account key", "azure", accessKey, critical, "storage_account storageaccount account_key accountkey azure_storage storage_key storagekey storage-key azure", "<s:86>==", roles("key", "secret", "pass", "access"), doc("https://learn.microsoft.com/en-us/azure/storage/common/storage-account-keys-manage")),
		azureConnection("azure-sas-connection", "Azure shared access key in a connection string", high, "sharedaccesskey=", "SharedAccessKey=", "<s:43>=", "HostName=", "Endpoint=sb://"),
		azureConnection("azure-appconfig-connection", "Azure App Configuration connection string", high, ";secret=", ";Secret=", "<s:43>= | <w:84>", "Endpoint=https://"),
		azureConnection("azure-access-key-connection", "Azure SignalR, Web PubSub or Communication access key", high, "accesskey=", "AccessKey=", "<s:43>= | <s:86>== | <w:84>", "Endpoint=https://", "endpoint=https://"),
		azureSAS(sas),
		named("azure-cosmos-key-named", "Azure Cosmos DB key", "azure", accessKey, high, "cosmos documents.azure.com documentdb", "<s:86>==", roles("key", "secret", "pass", "auth"), doc("https://learn.microsoft.com/en-us/azure/cosmos-db/secure-access-to-data")),
		named("azure-openai-key", "Azure OpenAI or AI services key", "azure", apiKey, high, "azure_openai azure openai.azure cognitive speech_key ocp-apim-subscription-key", "<h:32> | <w:84>", doc("https://learn.microsoft.com/en-us/azure/ai-services/authentication")),
		named("azure-search-key-named", "Azure AI Search key", "azure", apiKey, high, "azure_search azuresearch search.windows.net cognitive_search search_admin search_api", "<H:32>", doc("https://learn.microsoft.com/en-us/azure/search/search-security-api-keys")),
		named("azure-subscription-key", "Azure API Management subscription key", "azure", apiKey, medium, "apim azure subscription-key subscription_key subscriptionkey", "<h:32>", roles("subscription", "ocp-apim"), inLine(`azure_subscription_key = "%s"`), doc("https://learn.microsoft.com/en-us/azure/api-management/api-management-subscriptions")),
		named("azure-devops-pat", "Azure DevOps personal access token", "azure-devops", pat, critical, "azure_devops azure-devops azuredevops azdo dev.azure visualstudio vsts vss_ system_accesstoken ado_ azure", "<v:52>", roles("pat", "token", "pass", "secret", "auth", "key"), with(base32Lower), making(func(r *rand.Rand, _ string) string { return classString(r, lowers+"234567", 52) })),
		marked("azure-devops-token", "Azure DevOps personal access token", "azure-devops", pat, critical, "<w:76>", "AZDO", "<w:4>"),
		named("azure-functions-code", "Azure Functions key in a URL", "azure", apiKey, medium, "azurewebsites.net", "<%:54-64>", roles("code"), inLine(`https://acme.azurewebsites.net/api/run?code=%s`), making(func(r *rand.Rand, _ string) string { return classString(r, base62, 54) + "==" }), with(func(t []byte, _ *scanner.Match) bool { return strings.HasSuffix(string(t), "==") || len(t) == 56 }), weak),
		tok("azure-publish-password", "Azure App Service publish profile password", "azure", password, high, `userPWD="<w:60>"`, inWord, inLine(`<publishProfile %s />`), doc("https://learn.microsoft.com/en-us/azure/app-service/deploy-configure-credentials")),
		named("azure-registry-password", "Azure Container Registry password", "azure", password, high, "azurecr.io acr_", "<s:32> | <w:52> | <w:84>", roles("pass", "pwd", "secret", "token"), doc("https://learn.microsoft.com/en-us/azure/container-registry/container-registry-authentication")),
		named("azure-batch-key-named", "Azure Batch account key", "azure", accessKey, high, "batch.azure.com batch_account batchaccount azure_batch", "<s:86>==", roles("key", "secret")),
		named("azure-eventgrid-key", "Azure Event Grid access key", "azure", accessKey, high, "eventgrid aeg-sas-key", "<s:43>=", roles("key", "secret")),
		named("azure-instrumentation-key", "Application Insights instrumentation key", "azure", apiKey, low, "instrumentationkey instrumentation_key appinsights_", "<uuid>", roles("instrumentation"), inLine(`InstrumentationKey=%s`), doc("https://learn.microsoft.com/en-us/azure/azure-monitor/app/connection-strings")),
	}
}

func base32Lower(v []byte, _ *scanner.Match) bool {
	for _, c := range v {
		if !isLower(c) && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// azureConnection finds the key of a connection string, and gives the account or
// host that stands in the same string as a fact.
func azureConnection(id, title string, severity scanner.Severity, keyword, field, forms string, accounts ...string) scanner.Detector {
	list := parseForms(forms)
	s := newSpec(id, title, "azure", connection, severity, []option{doc("https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string")})
	s.Keywords = []string{keyword}
	s.Reach = 300
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		if start > 0 && isAlnum(b[start]) && isAlnum(b[start-1]) { // RawSecretAccessKey=
			return nil
		}
		for _, f := range list {
			stop := f.match(b, end)
			if stop < 0 || !rightEdge(b, stop, f.last()) || madeUp(b[end:stop]) {
				continue
			}
			m := scanner.Match{Start: start, End: stop, SecretStart: end, SecretEnd: stop}
			azureAccount(b, &m, accounts)
			return []scanner.Match{m}
		}
		return nil
	}
	s.Example = func(r *rand.Rand) string {
		return fmt.Sprintf("%sacme;%s%s", accounts[0], strings.TrimPrefix(field, ";"), s.sample(r, list[r.IntN(len(list))]))
	}
	s.Silent = func(r *rand.Rand) string {
		return fmt.Sprintf("%sacme;%s%s", accounts[0], strings.TrimPrefix(field, ";"), tooShort(list, list[0].example(r, true)))
	}
	return s.Detector
}

// azureAccount takes account or host from the fields beside the key.
func azureAccount(b []byte, m *scanner.Match, fields []string) {
	from := max(0, m.Start-180)
	for _, f := range fields {
		i := strings.LastIndex(string(b[from:m.Start]), f)
		if i < 0 {
			continue
		}
		at := from + i + len(f)
		end := at
		for end < m.Start && end-at < 80 && (isWord(b[end]) || b[end] == '-' || b[end] == '.') {
			end++
		}
		m.Start = from + i
		name := "account"
		if strings.Contains(f, "://") || f == "HostName=" {
			name = "host"
		}
		fact(m, name, string(b[at:end]))
		return
	}
}

// azureSAS finds the signature of a shared access signature, with its expiry
// and rights.
func azureSAS(opts ...option) scanner.Detector {
	s := newSpec("azure-sas-token", "Azure shared access signature", "azure", accessKey, high, opts)
	s.Keywords = []string{"sig="}
	s.Reach = 300
	sig := parseForms("<s:43>= | <s:43>%3D | <%:43-60>")
	s.FindAt = func(b []byte, start, end int) []scanner.Match {
		if start > 0 && isWord(b[start-1]) {
			return nil
		}
		for _, f := range sig {
			stop := f.match(b, end)
			if stop < 0 || !strings.HasSuffix(string(b[end:stop]), "=") && !strings.HasSuffix(strings.ToLower(string(b[end:stop])), "%3d") || madeUp(b[end:stop]) {
				continue
			}
			m := scanner.Match{Start: start, End: stop, SecretStart: end, SecretEnd: stop}
			if sasFields(b, &m) {
				return []scanner.Match{m}
			}
		}
		return nil
	}
	s.Example = func(r *rand.Rand) string {
		return "https://acme.blob.core.windows.net/c?sv=2022-11-02&ss=b&srt=co&sp=rl&se=2030-01-01T00:00:00Z&sig=" + s.sample(r, form{{set: classOf(base62), min: 43, max: 43}}) + "%3D"
	}
	s.Silent = func(r *rand.Rand) string { return "https://acme.test/?sig=" + classString(r, base62, 43) + "%3D&x=1" }
	return s.Detector
}

// sasFields asks for the fields beside a signature and takes facts from them. It
// looks at the same query only.
func sasFields(b []byte, m *scanner.Match) bool {
	from, to := m.Start, m.End
	for from > 0 && m.Start-from < 200 && !strings.ContainsRune(" \t\r\n\"'`<>", rune(b[from-1])) {
		from--
	}
	for to < len(b) && to-m.End < 100 && !strings.ContainsRune(" \t\r\n\"'`<>", rune(b[to])) {
		to++
	}
	query := strings.ReplaceAll(string(b[from:to]), "&amp;", "&")
	known := 0
	for _, f := range strings.FieldsFunc(query, func(c rune) bool { return c == '&' || c == '?' }) {
		k, v, _ := strings.Cut(f, "=")
		switch k {
		case "se":
			known++
			fact(m, "expires", strings.ReplaceAll(v, "%3A", ":"))
		case "sp":
			known++
			fact(m, "scopes", v)
		case "sv", "sr", "ss", "skn", "si":
			known++
		}
	}
	m.Start, m.End = from, to
	return known >= 2
}
