package token

import (
	"bytes"
	"math/rand/v2"

	"github.com/credgate/credgate/scanner"
)

// ai finds keys of models, their hosts and their tools.
func ai() []scanner.Detector {
	return []scanner.Detector{
		tok("anthropic-api-key", "Anthropic API key", "anthropic", apiKey, critical, "sk-ant-api<d:2>-<u:80-120>", with(anthropicTail), making(makeAnthropic)),
		tok("anthropic-admin-key", "Anthropic admin API key", "anthropic", apiKey, critical, "sk-ant-admin<d:2>-<u:80-120>", with(anthropicTail), making(makeAnthropic)),
		tok("anthropic-oauth-token", "Anthropic OAuth token", "anthropic", grant, critical, "sk-ant-oat<d:2>-<u:80-120> | sk-ant-ort<d:2>-<u:80-120>", with(anthropicTail), making(makeAnthropic)),
		tok("anthropic-session-key", "Anthropic session key", "anthropic", apiKey, high, "sk-ant-sid<d:2>-<u:80-130>"),
		openAI(),
		tok("openai-project-key", "OpenAI key of a project, service account or administrator", "openai", apiKey, high, "sk-proj-<u:40-200> | sk-svcacct-<u:40-200> | sk-admin-<u:40-200>", with(withoutMarker)),
		tok("openai-session-key", "OpenAI session key", "openai", apiKey, high, "sess-<w:40>"),
		named("openai-key", "OpenAI API key", "openai", apiKey, high, "openai", "sk-<w:48> | sk-None-<u:20-80>"),
		tok("groq-api-key", "Groq API key", "groq", apiKey, high, "gsk_<w:52>"),
		tok("xai-api-key", "xAI API key", "xai", apiKey, high, "xai-<u:70-90>"),
		tok("cerebras-api-key", "Cerebras API key", "cerebras", apiKey, high, "csk-<a:48>"),
		tok("replicate-api-token", "Replicate API token", "replicate", apiKey, high, "r8_<w:37>"),
		tok("together-api-key", "Together AI API key", "together", apiKey, high, "tgp_v1_<u:43>"),
		named("together-legacy-key", "Together AI API key", "together", apiKey, high, "together", "<h:64>"),
		tok("openrouter-api-key", "OpenRouter API key", "openrouter", apiKey, high, "sk-or-v1-<h:64>"),
		tok("openrouter-key", "OpenRouter provisioning key", "openrouter", apiKey, high, "sk-or-<u:40-80>", with(func(t []byte, _ *scanner.Match) bool { return !bytes.HasPrefix(t, []byte("sk-or-v1-")) })),
		named("deepgram-api-key", "Deepgram API key", "deepgram", apiKey, high, "deepgram", "<h:40>"),
		tok("nvidia-api-key", "NVIDIA API key", "nvidia", apiKey, high, "nvapi-<u:60-70>"),
		named("nvidia-ngc-key", "NVIDIA NGC API key", "nvidia", apiKey, high, "ngc_ ngc- nvcr ngc.nvidia", "<w:84>"),
		tok("fireworks-api-key", "Fireworks AI API key", "fireworks", apiKey, high, "fw_<w:22-24>"),
		named("elevenlabs-api-key", "ElevenLabs API key", "elevenlabs", apiKey, high, "elevenlabs eleven_labs xi-api-key xi_api_key eleven_api eleven.api", "<h:32>"),
		tok("elevenlabs-key", "ElevenLabs API key", "elevenlabs", apiKey, high, "sk_<h:48>"),
		named("assemblyai-api-key", "AssemblyAI API key", "assemblyai", apiKey, high, "assemblyai assembly_ai", "<h:32>"),
		tok("langsmith-api-key", "LangSmith personal or service key", "langsmith", pat, high, "lsv2_pt_<h:32>_<h:10> | lsv2_sk_<h:32>_<h:10>"),
		tok("langsmith-legacy-key", "LangSmith key of the first version", "langsmith", apiKey, high, "ls__<h:32>"),
		tok("pinecone-api-key", "Pinecone API key", "pinecone", apiKey, high, "pcsk_<w:5-6>_<w:60-70>"),
		named("pinecone-legacy-key", "Pinecone API key", "pinecone", apiKey, high, "pinecone", "<uuid>"),
		tok("tavily-api-key", "Tavily API key", "tavily", apiKey, high, "tvly-<w:32> | tvly-dev-<w:32> | tvly-prod-<w:32>"),
		named("mistral-api-key", "Mistral AI API key", "mistral", apiKey, high, "mistral codestral", "<w:32>"),
		tok("huggingface-token", "Hugging Face access token", "huggingface", pat, high, "hf_<L:34>", keyed("hf_")),
		tok("huggingface-organization-token", "Hugging Face organization token", "huggingface", pat, high, "api_org_<L:34>"),
		named("cohere-api-key", "Cohere API key", "cohere", apiKey, high, "cohere co_api_key", "<w:40>"),
		tok("perplexity-api-key", "Perplexity API key", "perplexity", apiKey, high, "pplx-<w:48-60>"),
		named("stability-api-key", "Stability AI API key", "stability", apiKey, high, "stability", "sk-<w:48>"),
		named("moonshot-api-key", "Moonshot AI API key", "moonshot", apiKey, high, "moonshot kimi", "sk-<w:48>"),
		named("alibaba-model-studio-key", "Alibaba Model Studio API key", "alibaba", apiKey, high, "dashscope qwen", "sk-<h:32>"),
		named("minimax-api-key", "MiniMax API key", "minimax", apiKey, high, "minimax", "sk-api-<u:60-120> | eyJ<.:100-900>"),
		named("voyage-api-key", "Voyage AI API key", "voyage", apiKey, high, "voyage", "pa-<u:43>"),
		named("zhipu-api-key", "Zhipu AI API key", "zhipu", apiKey, high, "zhipu bigmodel glm zai_api", "<h:32>.<w:16>"),
		tok("jina-api-key", "Jina AI API key", "jina", apiKey, high, "jina_<u:50-70>"),
		tok("firecrawl-api-key", "Firecrawl API key", "firecrawl", apiKey, high, "fc-<h:32>"),
		tok("helicone-api-key", "Helicone API key", "helicone", apiKey, high, "sk-helicone-<u:20-60> | sk-helicone-eu-<u:20-60>"),
		tok("langfuse-secret-key", "Langfuse secret key", "langfuse", apiKey, high, "sk-lf-<uuid>"),
		tok("llamacloud-api-key", "LlamaCloud API key", "llamacloud", apiKey, high, "llx-<w:40-60>"),
		tok("e2b-api-key", "E2B API key", "e2b", apiKey, high, "e2b_<h:40> | sk_e2b_<h:40>"),
		tok("runpod-api-key", "Runpod API key", "runpod", apiKey, high, "rpa_<w:40-50>"),
		named("wandb-api-key", "Weights & Biases API key", "wandb", apiKey, high, "wandb", "<h:40>"),
		tok("wandb-v1-key", "Weights & Biases API key", "wandb", apiKey, high, "wandb_v1_<u:60-90>"),
		named("exa-api-key", "Exa API key", "exa", apiKey, high, "exa_api exa-api exaapi exa.ai exa.api", "<uuid>"),
		named("serpapi-key", "SerpApi key", "serpapi", apiKey, high, "serpapi serp_api", "<h:64>"),
		named("serper-api-key", "Serper API key", "serper", apiKey, high, "serper", "<h:40>"),
		named("fal-key", "fal API key", "fal", apiKey, high, "fal_key fal_ai fal-key fal.run fal_api", "<uuid>:<h:32>"),
		named("modal-token", "Modal token secret", "modal", apiKey, high, "modal_token modal.com modal-token modal token", "as-<w:22>"),
		named("deepl-api-key", "DeepL API key", "deepl", apiKey, high, "deepl", "<uuid>:fx | <uuid>"),
		tok("databento-api-key", "Databento API key", "databento", apiKey, high, "db-<w:29>"),
		named("comet-api-key", "Comet API key", "comet", apiKey, high, "comet", "<w:25>"),
		named("roboflow-api-key", "Roboflow API key", "roboflow", apiKey, high, "roboflow", "<w:20>"),
		named("baseten-api-key", "Baseten API key", "baseten", apiKey, high, "baseten", "<w:8>.<w:32>"),
		named("privateai-token", "Private AI token", "privateai", apiKey, high, "private_ai private-ai privateai", "<a:32>"),
		named("lambda-labs-key", "Lambda Cloud API key", "lambdalabs", apiKey, high, "lambda_labs lambdalabs lambda-labs lambda_api cloud.lambda", "secret_<w:20-60>_<h:32>.<w:32> | secret_<.:30-120>"),
		named("portkey-api-key", "Portkey API key", "portkey", apiKey, high, "portkey", "<p:28>"),
		named("unstructured-api-key", "Unstructured API key", "unstructured", apiKey, high, "unstructured", "<w:30>"),
		named("rev-ai-token", "Rev AI access token", "rev", apiKey, high, "revai rev_ai rev.ai", "02<u:52>"),
		named("ollama-api-key", "Ollama API key", "ollama", apiKey, high, "ollama", "<h:32>.<u:24>"),
		named("ai21-api-key", "AI21 API key", "ai21", apiKey, high, "ai21", "<w:32> | <uuid>"),
		tok("anyscale-api-key", "Anyscale API key", "anyscale", apiKey, high, "esecret_<w:20-40>"),
		tok("cursor-api-key", "Cursor API key", "cursor", apiKey, high, "crsr_<h:64>"),
		tok("mem0-api-key", "Mem0 API key", "mem0", apiKey, high, "m0-<w:40>"),
		named("scale-api-key", "Scale AI API key", "scale", apiKey, high, "scale_api scaleapi scale.com", "live_<h:32> | <h:32>"),
		named("gemini-api-key", "Google Gemini API key", "gemini", apiKey, high, "gemini google_ai google_genai generativelanguage", "AIza<u:35> | AQ.<u:40-60>"),
		tok("deepseek-api-key", "DeepSeek API key, or one of a service that copies its form", "deepseek", apiKey, high, "sk-<h:32>", keyed("sk-")),
		tok("openai-legacy-key", "OpenAI key of the first format, or one of a service that copies it", "openai", apiKey, high, "sk-<w:48>", keyed("sk-")),
	}
}

// anthropicTail: every key ends in AA, the padding of its base64.
func anthropicTail(token []byte, m *scanner.Match) bool {
	if !bytes.HasSuffix(token, []byte("AA")) {
		m.Severity = scanner.Medium
		fact(m, "checksum", "wrong")
	}
	return true
}

func makeAnthropic(_ *rand.Rand, token string) string { return token[:len(token)-2] + "AA" }

// withoutMarker leaves keys that have OpenAI's marker to the detector of it.
func withoutMarker(token []byte, m *scanner.Match) bool {
	return !bytes.Contains(token, []byte(openAIMarker))
}

const openAIMarker = "T3BlbkFJ" // "OpenAI" in base64

// openAI finds keys by the marker in their middle, whatever their length.
func openAI() scanner.Detector {
	d := tok("openai-api-key", "OpenAI API key", "openai", apiKey, critical, "sk-<w:20>"+openAIMarker+"<w:20> | sk-proj-<u:58-74>"+openAIMarker+"<u:58-74> | sk-svcacct-<u:58-74>"+openAIMarker+"<u:58-74> | sk-admin-<u:58-74>"+openAIMarker+"<u:58-74>")
	d.Keywords = []string{"t3blbkfj"}
	d.Reach = 220
	d.Near = func(b []byte, start, end int) bool { return string(b[start:end]) == openAIMarker }
	key := classOf(named1('u'))
	d.FindAt = func(b []byte, start, end int) []scanner.Match {
		if string(b[start:end]) != openAIMarker {
			return nil
		}
		from, to := start, end
		for from > 0 && start-from < 100 && key.has(b[from-1]) {
			from--
		}
		for to < len(b) && to-end < 100 && key.has(b[to]) {
			to++
		}
		i := bytes.Index(b[from:start], []byte("sk-"))
		if i < 0 || start-from-i < 20 || to-end < 20 || madeUp(b[end:to]) {
			return nil
		}
		from += i
		return []scanner.Match{{Start: from, End: to, SecretStart: from, SecretEnd: to}}
	}
	d.Silent = func(r *rand.Rand) string {
		return "image/png;base64," + parseForm("<w:16>").example(r, false) + openAIMarker + parseForm("<w:60>").example(r, false)
	}
	return d
}
