package pipeline

import "strings"

// tfProviders gives for a Terraform provider whom it reaches, where its own name
// does not tell; "" reaches nobody. Source: registry.terraform.io.
var tfProviders = map[string]string{
	"aws": "aws", "awscc": "aws", "google": "gcp", "google-beta": "gcp", "azurerm": "azure", "azuread": "azure", "azapi": "azure", "azuredevops": "azure-devops",
	"helm": "kubernetes", "kubectl": "kubernetes", "kustomization": "kubernetes", "docker": "dockerhub", "tfe": "terraform-cloud", "hcloud": "hetzner", "oci": "oracle",
	"alicloud": "alibaba", "postgresql": "postgres", "mongodbatlas": "mongodb", "newrelic": "newrelic", "onepassword": "1password", "mysql": "mysql", "rabbitmq": "amqp",
	"google-private": "gcp", "tencentcloud": "tencent", "ibm": "ibm", "openstack": "openstack", "do": "digitalocean", "github": "github", "gitlab": "gitlab", "flux": "kubernetes",
	"influxdb-v2": "influxdb", "minio": "minio", "auth0": "auth0", "okta": "okta", "ec": "elastic", "elasticstack": "elastic", "artifactory": "jfrog", "sdm": "", "hcp": "hcp",
	"random": "", "null": "", "local": "", "template": "", "tls": "", "archive": "", "time": "", "http": "", "external": "", "terraform": "", "cloudinit": "", "ignition": "", "assert": "", "dns": "", "utils": "", "ct": "", "shell": "", "deepmerge": "", "validation": "", "corefunc": "", "environment": "", "context": "", "test": "", "toml": "", "jsonnet": "", "dotenv": "", "netparse": "", "cidr": "",
}

// tfProvider is whom a Terraform provider reaches; known is false for one that reaches nobody.
func tfProvider(name string) (id string, known bool) {
	if id, ok := tfProviders[name]; ok {
		return id, id != "" || name == "sdm"
	}
	id, _, ok := byName(strings.ReplaceAll(name, "-", "_"))
	if !ok {
		id = strings.ToLower(name) // its own name is all that is known
	}
	return id, true
}

// tfBackends gives for a backend whose storage it is; local is none.
var tfBackends = map[string]string{"s3": "aws", "gcs": "gcp", "azurerm": "azure", "remote": "terraform-cloud", "cloud": "terraform-cloud", "kubernetes": "kubernetes", "pg": "postgres",
	"oss": "alibaba", "cos": "tencent", "artifactory": "jfrog", "http": "", "consul": "", "etcdv3": "", "etcd": "", "swift": "openstack", "manta": "", "oci": "oracle"}

// A tfStore is a data source or resource that stands for a stored secret: the
// store's prefix and the arguments that name it, those with / joined.
type tfStore struct{ prefix, names, provider string }

var tfStores = map[string]tfStore{
	"aws_secretsmanager_secret": {"aws-sm:", "name arn name_prefix", "aws"}, "aws_secretsmanager_secret_version": {"aws-sm:", "secret_id arn", "aws"},
	"aws_secretsmanager_secret_rotation": {"aws-sm:", "secret_id", "aws"}, "aws_secretsmanager_random_password": {},
	"aws_ssm_parameter": {"aws-ssm:", "name", "aws"}, "aws_ssm_parameters_by_path": {"aws-ssm:", "path", "aws"},
	"google_secret_manager_secret": {"gcp-sm:", "project/secret_id", "gcp"}, "google_secret_manager_secret_version": {"gcp-sm:", "project/secret", "gcp"},
	"google_secret_manager_secret_version_access": {"gcp-sm:", "project/secret", "gcp"},
	"azurerm_key_vault_secret":                    {"azure-kv:", "key_vault_id/name", "azure"}, "azurerm_key_vault_secrets": {"azure-kv:", "key_vault_id", "azure"},
	"azurerm_key_vault_certificate": {"azure-kv:", "key_vault_id/name", "azure"}, "azurerm_key_vault_key": {"azure-kv:", "key_vault_id/name", "azure"},
	"vault_generic_secret": {"vault:?:", "path", "vault"}, "vault_kv_secret": {"vault:?:", "path", "vault"}, "vault_kv_secret_v2": {"vault:?:", "mount/name", "vault"},
	"vault_aws_access_credentials": {"vault:?:", "backend/role", "vault"}, "vault_azure_access_credentials": {"vault:?:", "backend/role", "vault"}, "vault_generic_endpoint": {"vault:?:", "path", "vault"},
	"vault_database_secret_backend_connection": {"vault:?:", "backend/name", "vault"}, "vault_aws_secret_backend": {"vault:?:", "path", "vault"},
	"onepassword_item": {"1password:", "vault/title", "1password"}, "doppler_secrets": {"doppler:", "project/config", "doppler"}, "doppler_secret": {"doppler:", "project/config/name", "doppler"},
	"infisical_secrets": {"infisical:", "env_slug/folder_path", "infisical"}, "akeyless_secret": {"akeyless:", "path", "akeyless"}, "akeyless_static_secret": {"akeyless:", "path", "akeyless"},
	"bitwarden_secret": {"bitwarden:", "id key", "bitwarden"}, "bitwarden_item_login": {"bitwarden:", "id search name", "bitwarden"}, "conjur_secret": {"conjur:", "name", "conjur"},
	"kubernetes_secret": {"k8s:", "name", "kubernetes"}, "kubernetes_secret_v1": {"k8s:", "name", "kubernetes"},
	"digitalocean_ssh_key": {}, "sops_file": {"sops:", "source_file", ""},
}

// tfCreates are resources that make a credential or hold one of another system:
// the kind, and the argument that names it.
var tfCreates = map[string][2]string{
	"aws_iam_access_key": {"secret-ref", "user"}, "aws_iam_service_specific_credential": {"secret-ref", "user_name"}, "aws_iam_user_login_profile": {"secret-ref", "user"}, "google_service_account_key": {"secret-ref", "service_account_id"},
	"azuread_application_password": {"secret-ref", "display_name"}, "azuread_service_principal_password": {"secret-ref", "display_name"}, "azuread_application_certificate": {"secret-ref", "application_id"},
	"datadog_api_key": {"secret-ref", "name"}, "datadog_application_key": {"secret-ref", "name"}, "cloudflare_api_token": {"secret-ref", "name"}, "newrelic_api_access_key": {"secret-ref", "name"},
	"github_actions_secret": {"secret-ref", "secret_name"}, "github_actions_environment_secret": {"secret-ref", "secret_name"}, "github_actions_organization_secret": {"secret-ref", "secret_name"},
	"github_dependabot_secret": {"secret-ref", "secret_name"}, "github_codespaces_secret": {"secret-ref", "secret_name"}, "github_repository_deploy_key": {"ssh", "title"}, "github_repository_webhook": {"webhook", ""}, "github_organization_webhook": {"webhook", ""},
	"gitlab_project_variable": {"secret-ref", "key"}, "gitlab_group_variable": {"secret-ref", "key"}, "gitlab_instance_variable": {"secret-ref", "key"}, "gitlab_deploy_token": {"secret-ref", "name"}, "gitlab_deploy_key": {"ssh", "title"}, "gitlab_project_hook": {"webhook", ""},
	"gitlab_project_access_token": {"secret-ref", "name"}, "gitlab_group_access_token": {"secret-ref", "name"}, "gitlab_personal_access_token": {"secret-ref", "name"}, "tfe_team_token": {"secret-ref", "team_id"}, "tfe_organization_token": {"secret-ref", "organization"}, "tfe_oauth_client": {"service-connection", "name"},
	"circleci_environment_variable": {"secret-ref", "name"}, "circleci_context_environment_variable": {"secret-ref", "variable"}, "circleci_context": {"service-connection", "name"},
	"buildkite_agent_token": {"secret-ref", "description"}, "pagerduty_service_integration": {"secret-ref", "name"}, "opsgenie_api_integration": {"secret-ref", "name"}, "grafana_api_key": {"secret-ref", "name"}, "grafana_service_account_token": {"secret-ref", "name"},
	"confluent_api_key": {"secret-ref", "display_name"}, "mongodbatlas_project_api_key": {"secret-ref", "description"}, "mongodbatlas_database_user": {"secret-ref", "username"}, "sentry_key": {"secret-ref", "name"}, "vercel_project_environment_variable": {"secret-ref", "key"},
	"heroku_config": {}, "netlify_environment_variable": {"secret-ref", "key"}, "tailscale_tailnet_key": {"secret-ref", "description"}, "fastly_tls_private_key": {"secret-ref", "name"}, "digitalocean_spaces_key": {"secret-ref", "name"}, "vault_token": {"secret-ref", ""}, "vault_approle_auth_backend_role_secret_id": {"secret-ref", "role_name"},
	"slack_webhook": {"webhook", ""}, "aws_codestarconnections_connection": {"service-connection", "name"}, "aws_codeconnections_connection": {"service-connection", "name"}, "aws_codebuild_source_credential": {"secret-ref", "auth_type"}, "google_cloudbuildv2_connection": {"service-connection", "name"}, "aws_codepipeline_webhook": {"webhook", ""},
	"aws_iam_openid_connect_provider": {"federated-trust", "url"}, "aws_iam_saml_provider": {"federated-trust", "name"}, "google_iam_workload_identity_pool_provider": {"federated-trust", "workload_identity_pool_provider_id"}, "azuread_application_federated_identity_credential": {"federated-trust", "subject"}, "azuread_application_flexible_federated_identity_credential": {"federated-trust", "claims_matching_expression"},
	"azurerm_federated_identity_credential": {"federated-trust", "subject"}, "vault_jwt_auth_backend": {"federated-trust", "oidc_discovery_url"}, "vault_jwt_auth_backend_role": {"federated-trust", "role_name"}, "aws_ecr_authorization_token": {"registry-login", ""}, "aws_ecrpublic_authorization_token": {"registry-login", ""},
}
