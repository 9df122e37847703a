package pipeline

// dialects is the list of all, in the order in which they are asked.
func dialects() []*Dialect { return list[:] }

var list = [...]*Dialect{
	&dockerBake,
	&terraform,
	&jenkins,
	&githubActions,
	&gitlabCI,
	&circleCI,
	&azurePipelines,
	&bitbucketPipelines,
	&travisCI,
	&drone,
	&woodpecker,
	&buildkite,
	&appVeyor,
	&cirrus,
	&concourse,
	&semaphore,
	&dockerfile,
	&dockerConfig,
	&devcontainer,
	&compose,
	&helmValues,
	&helmTemplates,
	&prometheus,
	&kustomize,
	&tekton,
	&argoCD,
	&argo,
	&kubernetes,
}
