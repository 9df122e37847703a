package token

import "github.com/credgate/credgate/scanner"

// ci finds tokens of build systems, deployment and infrastructure as code.
func ci() []scanner.Detector {
	return []scanner.Detector{
		tok("buildkite-token", "Buildkite API or agent token", "buildkite", pat, high, "bkua_<h:40> | bkcq_<u:40-60> | bkct_<u:40-90> | bkpt_<h:40> | bkpat_<u:20-80> | bkaj_<.:40-900> | bkps_<u:20-80> | bkar_<h:40>"),
		named("buildkite-agent-token", "Buildkite agent token", "buildkite", apiKey, high, "buildkite", "<h:50> | <h:40> | <w:50>"),
		tok("circleci-token", "CircleCI personal or project API token", "circleci", pat, high, "CCIPAT_<w:22>_<h:40> | CCIPRJ_<w:22>_<h:40>"),
		named("circleci-legacy-token", "CircleCI API token", "circleci", pat, high, "circleci circle_token circle-token circle_ci circle_api", "<h:40>"),
		named("travis-token", "Travis CI access token", "travis", apiKey, high, "travis", "<u:22> | <w:20>"),
		named("drone-token", "Drone access token", "drone", apiKey, high, "drone", "<w:32>"),
		named("appveyor-token", "AppVeyor API token", "appveyor", apiKey, high, "appveyor", "<a:20> | v2.<a:20>"),
		named("bitrise-token", "Bitrise access token", "bitrise", pat, high, "bitrise", "<u:86>"),
		named("codefresh-token", "Codefresh API key", "codefresh", apiKey, high, "codefresh cf_token", "<h:24>.<h:32>"),
		named("codemagic-token", "Codemagic API token", "codemagic", apiKey, high, "codemagic", "<u:43>"),
		named("cirrus-token", "Cirrus CI API token", "cirrus", apiKey, high, "cirrus", "<a:52>"),
		named("appcenter-token", "App Center API token", "appcenter", pat, high, "appcenter app_center", "<h:40>"),
		tok("depot-token", "Depot token", "depot", apiKey, high, "depot_org_<h:64> | depot_project_<h:64> | depot_user_<h:64>"),
		tok("harness-token", "Harness personal or service account token", "harness", pat, critical, "pat.<u:22>.<h:24>.<w:20> | sat.<u:22>.<h:24>.<w:20>", with(func(t []byte, m *scanner.Match) bool { fact(m, "account", string(t[4:26])); return true })),
		tok("infracost-token", "Infracost API key", "infracost", apiKey, medium, "ico-<w:32>"),
		named("jenkins-token", "Jenkins API token", "jenkins", apiKey, high, "jenkins", "11<h:32> | <h:34> | <h:32>"),
		tok("octopus-api-key", "Octopus Deploy API key", "octopus", apiKey, high, "API-<A:25-40>"),
		tok("openshift-token", "OpenShift OAuth access token", "openshift", grant, high, "sha256~<u:43>"),
		tok("prefect-api-key", "Prefect API key", "prefect", apiKey, high, "pnu_<w:36> | pnb_<w:36>"),
		tok("pulumi-token", "Pulumi access token", "pulumi", pat, critical, "pul-<h:40>"),
		tok("rancher-token", "Rancher API token", "rancher", apiKey, high, "token-<a:5>:<a:54> | kubeconfig-u-<a:5-12>:<a:54> | kubeconfig-user-<a:5-16>:<a:54>"),
		named("puppet-token", "Puppet Forge or RBAC token", "puppet", apiKey, medium, "puppet blacksmith forge_token", "<h:64> | <u:43-44>"),
		marked("terraform-cloud-token", "HCP Terraform API token", "terraform-cloud", pat, critical, "<w:14>", ".atlasv1.", "<u:60-72>"),
		named("vagrant-token", "HCP Vagrant token", "vagrant", pat, high, "vagrant", "<w:14>.atlasv1.<u:60-72> | <h:64>"),
		tok("teamcity-token", "TeamCity access token", "teamcity", pat, critical, "eyJ0eXAiOiAiVENWMiJ9.<u:36>.<u:40-60>"),
		named("semaphore-token", "Semaphore API token", "semaphore", apiKey, high, "semaphoreci semaphore_", "<w:20> | <u:22>"),
		named("serverless-access-key", "Serverless access key", "serverless", accessKey, high, "serverless_access serverless", "AK<w:40-60>"),
		named("spacelift-secret", "Spacelift API key secret", "spacelift", apiKey, high, "spacelift", "<h:64>"),
		named("scalr-token", "Scalr API token", "scalr", apiKey, high, "scalr", "<u:136-144> | eyJ<.:60-600>"),
		named("nx-cloud-token", "Nx Cloud access token", "nx", accessKey, medium, "nx_cloud nxcloud nx-cloud nxcloudaccesstoken", "<p:60-120> | <w:48>"),
		named("argocd-token", "Argo CD password or token", "argocd", apiKey, high, "argocd argo-cd argo_cd", "<w:16>", roles("pass", "token", "secret")),
		named("env0-secret", "env zero API key secret", "env0", apiKey, high, "env0", "<u:32>", roles("secret", "key")),
		named("buildpulse-secret", "BuildPulse secret access key", "buildpulse", accessKey, medium, "buildpulse", "<h:64>"),
		named("gradle-access-key", "Develocity access key", "gradle", accessKey, high, "gradle_enterprise develocity gradle.publish gradle_publish", "<a:52> | <w:32> | <w:48>"),
		named("flakehub-token", "FlakeHub token", "flakehub", pat, medium, "flakehub", "flakehub1_<u:20-300>"),
		named("kubernetes-bootstrap-token", "Kubernetes bootstrap token", "kubernetes", apiKey, high, "kubeadm bootstrap kubelet", "<a:6>.<a:16>", roles("token"), inLine("kubeadm join 10.0.0.1:6443 --token %s"), weak, near(80)),
		tok("docker-swarm-token", "Docker Swarm join token", "docker-swarm", apiKey, high, "SWMTKN-1-<a:50>-<a:25>"),
		tok("docker-swarm-unlock-key", "Docker Swarm unlock key", "docker-swarm", apiKey, high, "SWMKEY-1-<s:43>"),
		named("chef-token", "Chef Automate token", "chef", apiKey, medium, "automate chef hab_auth", "<u:43>=", roles("token")),
		named("ansible-token", "Ansible Automation Platform or Galaxy token", "ansible", grant, high, "awx ansible tower galaxy", "<w:30> | <h:40>", roles("token")),
	}
}
