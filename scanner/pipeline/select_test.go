package pipeline

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
	"golang.org/x/tools/txtar"
)

// Laws of what is left out: whatever a reader would make of a part that is not
// read is nothing.

// sameAsWhole holds the reading of a tree to one that leaves nothing out.
func sameAsWhole(t *testing.T, name string, tree MapTree) {
	t.Helper()
	files := func(yield func(scanner.File) bool) {
		for _, p := range tree.Glob("**") {
			if !yield(scanner.File{Path: p, Data: tree[p]}) {
				return
			}
		}
	}
	got := read(t.Context(), files, &reading{tree: tree}, 2)
	want := read(t.Context(), files, &reading{tree: tree, whole: true}, 2)
	for i := range max(len(got.Occurrences), len(want.Occurrences)) {
		if i >= len(got.Occurrences) || i >= len(want.Occurrences) || !reflect.DeepEqual(got.Occurrences[i], want.Occurrences[i]) {
			t.Errorf("%s: %d occurrences, want %d, the first that differs at %d:\n%s\n%s", name, len(got.Occurrences), len(want.Occurrences), i, line(got, i), line(want, i))
			break
		}
	}
	// What does not parse is no gap where it could not have been anything.
	want.Gaps = slices.DeleteFunc(want.Gaps, func(g scanner.Gap) bool {
		data := tree[g.Path]
		dl := recognise(g.Path, data[:min(len(data), HeadSize)])
		return dl == &ansible && !ansibleMatters(string(plainText(data)))
	})
	if len(got.Gaps)+len(want.Gaps) > 0 && !reflect.DeepEqual(got.Gaps, want.Gaps) {
		t.Errorf("%s: gaps %v, want %v", name, got.Gaps, want.Gaps)
	}
}

func line(r Result, i int) string {
	if i >= len(r.Occurrences) {
		return "none"
	}
	return fmt.Sprintf("%+v", r.Occurrences[i])
}

// TestWhole holds what is read of the cases, and of the tree CREDGATE_TREE where
// that is set, to what is read when nothing is left out.
func TestWhole(t *testing.T) {
	archives, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range archives {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tree := MapTree{}
		for _, f := range a.Files {
			tree[f.Name] = unescape(f.Data)
		}
		sameAsWhole(t, name, tree)
	}
	if root := os.Getenv("CREDGATE_TREE"); root != "" {
		tree := MapTree{}
		err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return nil
			}
			rel, _ := filepath.Rel(root, p)
			if data, err := os.ReadFile(p); err == nil && Candidate(filepath.ToSlash(rel), data[:min(len(data), HeadSize)]) {
				tree[filepath.ToSlash(rel)] = data
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		sameAsWhole(t, root, tree)
	}
}

// FuzzTerraformSelect holds the blocks that are read of a configuration to all
// of it, where all of it parses.
func FuzzTerraformSelect(f *testing.F) {
	for _, a := range seedFiles(f) {
		if strings.HasSuffix(a.Name, ".tf") {
			f.Add(string(a.Data))
		}
	}
	f.Add("locals {\n  a = <<-EOT\n    x ${var.y == \"}\" ? \"{\" : \"\"}\n  EOT\n}\nresource aws_x y {\n  z = local.a # {\n}\n")
	f.Add("variable \"x\" {\n  sensitive = true\n}\nresource \"a\" \"b\" {\n  c = var.x\n  /* } */ d = \"$${\"\n}\n")
	f.Fuzz(func(t *testing.T, s string) {
		tree := MapTree{"main.tf": []byte(s)}
		if want := read(t.Context(), one("main.tf", s), &reading{tree: tree, whole: true}, 1); len(want.Gaps) == 0 {
			sameAsWhole(t, "fuzz", tree)
		}
	})
}

// FuzzAnsibleSelect holds what is read of tasks to reading all of them.
func FuzzAnsibleSelect(f *testing.F) {
	for _, a := range seedFiles(f) {
		if strings.HasSuffix(a.Name, ".yml") && len(a.Data) < 4096 {
			f.Add(string(a.Data))
		}
	}
	for _, s := range []string{"- shell: cur''l -u a:b https://x.example.net\n", "- command: \"git\\n clone https://a:b1234567@git.corp.net/x\"\n", "- shell: |\n    A=curl\n    $A -u u:p https://h.net/\n",
		"- x:\n    ? password\n    : b1234567\n", "- x: {pass\\\nword: y}\n", "- \"\\x70assword\": hunter22\n", "- slack: token=xoxb-1234 msg=y\n", "- a: \"{{ b.token }}\"\n", "- a: \"{{ x-token }}\"\n", "- a: !vault |\n    $ANSIBLE_VAULT\n", "- git:\n    repo: git@h.net:a/b\n",
		"- vars_prompt:\n  - name: db_password\n", "- a: \"{{ lookup('env', 'X_TOKEN') }}\"\n", "ansible_ssh_pass: hunter22\nansible_bypass_x: hunter22\n", "- docker_login: {username: a}\n", "- shell: aws --role arn:aws:iam::123456789012:role/x\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { sameAsWhole(t, "fuzz", MapTree{"roles/x/tasks/main.yml": []byte(s)}) })
}

func one(path, data string) func(func(scanner.File) bool) {
	return func(yield func(scanner.File) bool) { yield(scanner.File{Path: path, Data: []byte(data)}) }
}

// FuzzTriggers holds the searches of bytes to what they stand for: names of
// credentials in any text, links with a credential, template actions.
func FuzzTriggers(f *testing.F) {
	for _, s := range []string{"dbPassword", "MY_PAT", "x.pw", "pw", "api keys", "a\u212aey", "cred\u0130als", "TOKENUrl", "https://a:b@c", "http://x/?token=${Y}", "https://hooks.slack.com/x", "{{ x }} {{{ y }} {{ {z} }}", "var.a.tokens[0]", "each.key", "<Server>", "</server>", "${env.A}", "  when:\n  ansible.builtin.copy: x\n ansible.builtin.a.b:\n   notify : x", "\n  register: a\n\tregister:'b'\n register: register: c\nregister: d\n  register: register:"} {
		f.Add(s, " ")
	}
	for _, s := range slices.Concat(secretWords, notSecretSuffix) {
		f.Add(s, "_")
	}
	all := newWordSet(nameTriggers)
	action := regexp.MustCompile(`\{\{[^{}]*\}\}`)
	maven := regexp.MustCompile(`(?:epository|erver|irror|roxy|onnection|master|site)>|\$\{env\.`)
	tasks := regexp.MustCompile(`(?m)^ +(?:set_fact|include_vars|include_tasks|import_tasks|become|when|register|notify|ansible\.builtin\.\w+|with_items|changed_when): ?`)
	register := regexp.MustCompile(`(?m)^[ \t]+register:[ \t]*["']?(\w+)`)
	f.Fuzz(func(t *testing.T, s, with string) {
		if SecretName(s) && !all.in(s, nil) {
			t.Errorf("%q is a name of a credential, and no trigger stands in it", s)
		}
		if !strings.ContainsAny(with, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") && SecretName(s) && !all.in(with+s+with, nil) {
			t.Errorf("%q: no trigger within %q", s, with)
		}
		if ref := "x " + s + " = y"; tfSecretName(s) && !tfWord(ref) {
			t.Errorf("an argument %q is not seen", s)
		}
		for _, l := range findLinks(blot(s)) {
			if l.sort() != linkNone && !hasLink(s) {
				t.Errorf("%q holds a link", s)
			}
		}
		var names []string
		for _, m := range register.FindAllStringSubmatch(s, -1) {
			names = append(names, m[1])
		}
		if got := registers(s); !slices.Equal(got, names) {
			t.Errorf("%q registers %q, want %q", s, got, names)
		}
		if got, want := taskWords(s), tasks.MatchString(s); got != want {
			t.Errorf("words of tasks in %q: %v, want %v", s, got, want)
		}
		if got, want := mavenMatters(s), maven.MatchString(s); got != want {
			t.Errorf("%q matters to Maven: %v, want %v", s, got, want)
		}
		var want [][2]int
		for _, m := range action.FindAllStringIndex(s, maxFanOut) {
			want = append(want, [2]int{m[0], m[1]})
		}
		if got := jinja(s); !slices.Equal(got, want) {
			t.Errorf("actions of %q: %v, want %v", s, got, want)
		}
	})
}

// TestTerraformWords holds the types that stand for a stored secret or make one
// to what is looked for.
func TestTerraformWords(t *testing.T) {
	for typ, s := range tfStores {
		if ref := "x = data." + typ + ".y.z"; s.prefix != "" && !tfWord(ref) {
			t.Errorf("a reference to %s is not seen", typ)
		}
	}
	for typ := range tfCreates {
		if !tfMatters("resource", `resource "`+typ+`" "x" {}`) {
			t.Errorf("%s is left out", typ)
		}
	}
	if tfMatters("resource", `resource "aws_subnet" "a" { cidr_block = var.cidr }`) {
		t.Error("a subnet is read")
	}
}

// FuzzGradleSelect holds what is read of a build to reading all of it.
func FuzzGradleSelect(f *testing.F) {
	for _, a := range seedFiles(f) {
		if strings.Contains(a.Name, ".gradle") {
			f.Add(string(a.Data))
		}
	}
	for _, s := range []string{"/* https://a.example.net */ x = System.getenv('A_TOKEN')\n", "/*/ url 'https://a.example.net/x' */ y\n", "p = project.apiKey\np = findProperty(\n'a.token')\n", "a { tokenEnvVar = \"A_TOKEN\" }\n", "x = props['db.password']\n", "x = ext.sonar.login\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		sameAsWhole(t, "fuzz", MapTree{"build.gradle": []byte(s), "a/build.gradle.kts": []byte(s)})
	})
}

// FuzzManifestSelect holds what is read of resources to reading all of them.
func FuzzManifestSelect(f *testing.F) {
	for _, a := range seedFiles(f) {
		if yamlExt(a.Name) && len(a.Data) < 4096 && strings.Contains(string(a.Data), "apiVersion") {
			f.Add(string(a.Data))
		}
	}
	for _, s := range []string{"kind: Role\n\"kind\": Secret\nstringData: {password: hunter22}\n", "env:\n- name: A_TOKEN\n  value: hunter22\n- {value: b, name: x-requirepass}\n", "image: registry.example.com/a/b\n", "args: [--db-password=hunter22]\n", "spec: {a: {<<: {name: A_TOKEN}, value: hunter22}}\n",
		"a: &x {name: A_TOKEN}\nb: {<<: *x, value: hunter22}\n", "command: [sh, -c, 'curl https://u:p4ssw0rd@a.example.com']\nimage: a\n", "a: {{ b }}/c\nenv:\n- name: A_TOKEN\n  value: {{ c }}\n", "kind: CustomResourceDefinition\nx: {secretName: a}\n---\nkind: Pod\nspec: {{ x }}\n---\nsecretName: b\n", "certificateRefs: [{name: a}]\n", "apiVersion: arn:aws:iam::123456789012:role/a\n", "type: arn:aws:iam::123456789012:role/a\n", "volumes:\n- {type: secret, name: a}\n", "username: {name: a, key: b}\n", "x: vault:a/b#c\n", "x: ref+vault://a\n", "metadata: {annotations: {eks.amazonaws.com/role-arn: 'arn:aws:iam::123456789012:role/a'}}\n",
		"dsn: 'Server=db;User Id=sa;Password=hunter22'\n", "a: |\n      \n  b: c\nsecretName: d\n", "kind: List\nitems: [{kind: Secret, stringData: {password: hunter22}}]\n", "kind: RoleList\nitems: [{kind: Secret, stringData: {password: hunter22}}]\n"} {
		f.Add("apiVersion: v1\n" + s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		sameAsWhole(t, "fuzz", MapTree{"a.yaml": []byte(s), "templates/b.yaml": []byte(s), "kustomization.yaml": []byte(s)})
	})
}
