package pipeline

func init() {
	fuzzPaths = append(fuzzPaths, "main.tf", "main.tf.json", "a.tfvars", "terraform.tfstate", "terragrunt.hcl", ".terraformrc",
		"Jenkinsfile", "jenkins.yaml", "jenkins/config.xml")
}
