package pipeline

import "testing"

// What SecretName looks for holds one of the stems that are looked for first.
func TestSecretStems(t *testing.T) {
	for _, list := range [][]string{secretWords, secretEndings, {"key", "keys", "API_KEY", "x.keys"}} {
		for _, w := range list {
			if !hasSecretStem("a_" + w) {
				t.Errorf("%q has no stem", w)
			}
		}
	}
	if hasSecretStem("hosts: all, become: yes, state: present") {
		t.Error("a text without any has one")
	}
}

// Schemas are not parsed, the resources beside them are.
func TestUnreadKinds(t *testing.T) {
	const crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: [\n---\n"
	const secret = "apiVersion: v1\nkind: Pod\nspec:\n  imagePullSecrets: [{name: pull}]\n"
	for _, text := range []string{crd + secret, secret + "---\n" + crd} {
		res := readTree(t, MapTree{"install.yaml": []byte(text)})
		if len(res.Occurrences) != 1 || len(res.Gaps) != 0 {
			t.Errorf("%q: %v, gaps %v", text, res.Occurrences, res.Gaps)
		}
	}
	if k := partKind([]byte("kind: Role\nx:\nkind: Pod\n")); k != "" {
		t.Errorf("two kinds: %q", k)
	}
}
