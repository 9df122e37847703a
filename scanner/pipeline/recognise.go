package pipeline

import (
	"bytes"
	"path"
	"strings"
)

// Candidate tells whether a file may be a document of some dialect, by its path
// and its first HeadSize bytes (fewer when it is shorter).
func Candidate(path string, head []byte) bool { return recognise(path, head) != nil }

// recognise gives the dialect of a file: the first that claims its path, else
// the first that knows its content. Each tree has thousands of files that are
// none, so a dialect is asked only about a path that one of its words stands in,
// and about the content of such endings as it may know; FuzzRecognise holds that
// to asking all.
func recognise(p string, data []byte) *Dialect {
	if noDocument(p) && !bytes.HasPrefix(data, vaultHeader) {
		return nil
	}
	for may, i := mayClaim(p), 0; may != 0; may, i = may>>1, i+1 {
		if may&1 != 0 && list[i].Path(p) {
			return list[i]
		}
	}
	data = plainText(data[:min(len(data), HeadSize)])
	if !contentTells(p) {
		if bytes.HasPrefix(data, vaultHeader) {
			return &ansible
		}
		return nil
	}
	return byContent(p, headOf(data))
}

func byContent(p string, head *Head) *Dialect {
	for _, dl := range dialects() {
		if dl.Content != nil && dl.Content(p, head) {
			return dl
		}
	}
	return nil
}

// vaultHeader starts a file that Ansible encrypted, whatever its name.
var vaultHeader = []byte("$ANSIBLE_VAULT;")

// contentTells tells whether the content of a file of this name, rather than its
// path, may say what it is.
func contentTells(p string) bool {
	switch path.Ext(p) {
	case "", ".yml", ".yaml", ".json", ".j2", ".tpl", ".template", ".kubeconfig", ".xml", ".groovy", ".kt", ".kts":
		return true
	}
	return false
}

// mayClaim gives the dialects that may claim a path, as bits by their place in the list.
func mayClaim(p string) (may uint64) {
	may = anyPath
	for i := 0; i < len(p); i++ {
		if p[i] >= 0x80 { // some become letters of ASCII in lower case
			return allPaths
		}
	}
	pathWords.in(p, func(w trigger, _, _ int) bool {
		may |= w.of
		return false
	})
	return may
}

var (
	pathWords *wordSet
	allPaths  uint64 // dialects with a Path
	anyPath   uint64 // those of them without words
)

func init() {
	var words []trigger
	for i, dl := range list {
		if dl.Path == nil {
			continue
		}
		allPaths |= 1 << i
		if claims[dl] == "" {
			anyPath |= 1 << i
		}
		for w := range strings.FieldsSeq(claims[dl]) {
			words = append(words, trigger{word: w, of: 1 << i})
		}
	}
	pathWords = newWordSet(words)
}

// claims are words in lower case, of at least two bytes, one of which stands in
// any path that a dialect claims. One without words is asked about all.
var claims = map[*Dialect]string{
	&githubActions:      "action.y workflow dependabot.y",
	&dockerBake:         "docker-bake.",
	&terraform:          ".tf .tofu terraform terragrunt .hcl",
	&jenkins:            "jenkins casc.yaml .groovy",
	&codeBuild:          "buildspec",
	&cloudBuild:         "cloudbuild cloud-build",
	&serverless:         "serverless",
	&pulumi:             "pulumi",
	&teamCity:           ".teamcity/",
	&renovate:           "renovate",
	&harnessCI:          ".harness/",
	&buildCache:         "nx.json turbo.json bazelrc",
	&ideConfig:          ".idea/ .run sitemanager.xml filezilla.xml recentservers.xml .http .rest http-client. sftp ftpconfig remote-sync ftp-s postman_ .bru",
	&credentialFiles:    credentialNames,
	&deployDescriptor:   "netlify vercel now.json wrangler procfile heroku fly.",
	&agentConfig:        "mcp claude opencode.json gemini settings config.toml launch.json tasks.json plugin.json hooks.json environment.json .code-workspace",
	&cloudFormation:     ".cfn. samconfig pipelineconfig",
	&azureResources:     ".bicep",
	&ansible:            "ansible group_vars host_vars inventor playbook roles site.y",
	&gitlabCI:           "gitlab-ci .gitlab/ci",
	&circleCI:           ".circleci/ @orb.yml",
	&azurePipelines:     "pipeline vsts azuredevops",
	&bitbucketPipelines: "bitbucket-pipeline",
	&travisCI:           "travis",
	&drone:              "drone",
	&woodpecker:         "woodpecker",
	&buildkite:          "buildkite",
	&appVeyor:           "appveyor",
	&cirrus:             ".cirrus",
	&semaphore:          ".semaphore/",
	&dockerfile:         "dockerfile containerfile",
	&dockerConfig:       ".docker dockerconfig",
	&devcontainer:       "devcontainer.json",
	&compose:            "compose docker-stack",
	&helmValues:         "values",
	&helmTemplates:      "helmfile.",
	&prometheus:         "prometheus alertmanager",
	&kustomize:          "kustomization",
}

// credentialNames are the claims of credentialFiles.
const credentialNames = "npmrc yarnrc .sops.y .release-it. pypirc pip.conf pip.ini .toml pipfile netrc pom.xml .properties nuget.config auth.json .gitmodules .gitconfig git-credentials .pgpass my.cnf .s3cfg .boto .databrickscfg rclone.conf " +
	".gradle settings .cargo/ aws/ git/config ssh_config .ssh/ .bundle/ gcloud/ .snowsql/ .env go.env " +
	"gemfile gems.rb podfile fastfile appfile matchfile deliverfile pluginfile gymfile snapfile scanfile dangerfile gemrc credentials composer.json condarc repositories.y profiles.yml remotes.json pre-commit lfsconfig hgrc hosts.yml hub releaserc release.config fastlane .sbt publish pubxml go/env"

// A Head is the start of a file, at most HeadSize bytes of it.
type Head struct {
	Text string

	lines []string // those that a key may stand on, from there on, once asked for
	split bool
}

func headOf(data []byte) *Head { return &Head{Text: string(data[:min(len(data), HeadSize)])} }

// Top tells whether a key stands at the start of a line, quoted or not.
func (h *Head) Top(key string) bool {
	if !h.split {
		h.split = true
		for rest := h.Text; rest != ""; {
			switch rest[0] {
			case ' ', '\t', '-', '#', '\n', '\r':
			default:
				h.lines = append(h.lines, rest)
			}
			i := strings.IndexByte(rest, '\n')
			if i < 0 {
				break
			}
			rest = rest[i+1:]
		}
	}
	for _, l := range h.lines {
		if l[0] == '"' || l[0] == '\'' {
			l = l[1:]
		}
		l, ok := strings.CutPrefix(l, key)
		if ok && l != "" && (l[0] == '"' || l[0] == '\'') {
			l = l[1:]
		}
		if ok && l != "" && l[0] == ':' {
			return true
		}
	}
	return false
}

// noDocument tells by its extension a file that no dialect reads: programs,
// pages, pictures. They are most of a tree, and asking each dialect costs.
func noDocument(p string) bool {
	i := strings.LastIndexByte(p, '.')
	if i < 0 || i+1 == len(p) {
		return false
	}
	switch p[i+1:] {
	case "java", "go", "md", "adoc", "rst", "html", "htm", "css", "scss", "less", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "scala", "c", "h", "cc", "cpp", "hpp", "cs", "rs", "swift", "m",
		"php", "vue", "tsx", "jsx", "woff", "woff2", "ttf", "eot", "class", "jar", "pdf", "lock", "sum", "snap", "po", "csv", "svelte", "erl", "ex", "exs", "hs", "lua", "pl", "dart", "ipynb", "map", "mdx":
		base := p[strings.LastIndexByte(p, '/')+1:]
		return base[0] != '.' && !strings.Contains(p, ".buildkite/") && !strings.HasPrefix(base, "Dockerfile") && !strings.HasPrefix(base, "Jenkinsfile")
	}
	return false
}
