package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// binary builds the static binary once and gives its path.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "credgate-test-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "credgate")
	cmd := exec.Command("go", "build", "-trimpath", "-o", bin, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return bin, cmd.Run()
})

func buildOnce(t *testing.T) string {
	t.Helper()
	bin, err := binary()
	if err != nil {
		t.Fatalf("building credgate: %v", err)
	}
	return bin
}

// tool gives the path of a program that a test drives. Where it is not there the
// test is skipped, but for CI, which installs it and fails without.
func tool(t *testing.T, name string) string {
	t.Helper()
	p, err := exec.LookPath(name)
	if err != nil && os.Getenv("CREDGATE_CI") != "" {
		t.Fatalf("%s is not on PATH: .ci/run installs it", name)
	}
	if err != nil {
		t.Skipf("%s is not on PATH (.ci/run installs it)", name)
	}
	return p
}

// shell runs a script in dir with git pinned and gives its output, both streams.
func shell(t *testing.T, dir, script string, env ...string) string {
	t.Helper()
	cmd := exec.Command("sh", "-euc", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append([]string{
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z",
	}, env...)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// root is the top of this module.
func root(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// TestActionlint holds our workflows and action.yml against GitHub's syntax.
func TestActionlint(t *testing.T) {
	lint := tool(t, "actionlint")
	out, err := exec.Command(lint, "-shellcheck=", "-pyflakes=", filepath.Join(root(t), ".github/workflows/gate.yml")).CombinedOutput()
	if err != nil {
		t.Errorf("actionlint: %v\n%s", err, out)
	}
}

const workflow = `name: ci
on: push
permissions:
  contents: read
jobs:
  gate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2
      - id: fails
        uses: ./
        continue-on-error: true
        with:
          bin-path: ${{ env.BIN }}
          sarif: out.sarif
      - env:
          OUTCOME: ${{ steps.fails.outcome }}
        run: |
          # act, unlike GitHub, drops the outputs of a composite action that failed
          test "$OUTCOME" = failure
          grep -q '"version": "2.1.0"' out.sarif
          git init -q clean && cd clean && echo text >a && git add a
          git -c user.name=a -c user.email=a@example.com commit -qm a
      - id: passes
        uses: ./
        with:
          path: clean
          bin-path: ${{ env.BIN }}
      - env:
          VERDICT: ${{ steps.passes.outputs.verdict }}
          JSON: ${{ steps.passes.outputs.json }}
        run: |
          test "$VERDICT" = pass
          grep -q '"decision": "pass"' "$JSON"
`

// TestAction runs action.yml as GitHub would, under act on this host: verdict,
// outputs, reports and annotations of a failing and a passing gate.
func TestAction(t *testing.T) {
	act := tool(t, "act")
	bin := buildOnce(t)
	dir := t.TempDir()
	action, err := os.ReadFile(filepath.Join(root(t), "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"action.yml":               string(action),
		".github/workflows/ci.yml": workflow,
		".github/workflows/use.yml": "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n" +
			"      - run: curl -d ${{ secrets.STRIPE_KEY }} https://api.stripe.com\n",
	} {
		write(t, filepath.Join(dir, name), content)
	}
	shell(t, dir, "git init -q -b main . && git remote add origin https://github.com/credgate/example.git && git add -A && git commit -qm one")
	cmd := exec.Command(act, "push", "-P", "ubuntu-latest=-self-hosted", "-W", ".github/workflows/ci.yml",
		"--no-cache-server", "--env", "BIN="+bin)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "XDG_CACHE_HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("act: %v\n%s", err, out)
	}
	if want := "undeclared-connection"; !bytes.Contains(out, []byte(want)) {
		t.Errorf("no annotation names %s:\n%s", want, out)
	}
}

// TestPreCommit commits under the real pre-commit with our hook: a clean commit
// goes through, one with a credential does not.
func TestPreCommit(t *testing.T) {
	pc := tool(t, "pre-commit")
	if out, err := exec.Command(pc, "validate-manifest", filepath.Join(root(t), ".pre-commit-hooks.yaml")).CombinedOutput(); err != nil {
		t.Fatalf("pre-commit validate-manifest: %v\n%s", err, out)
	}
	bin := buildOnce(t)
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".pre-commit-config.yaml"), "repos:\n- repo: local\n  hooks:\n"+
		"  - {id: credgate, name: credgate, entry: credgate gate --staged, language: system, pass_filenames: false, always_run: true}\n")
	path := "PATH=" + filepath.Dir(bin) + string(os.PathListSeparator) + os.Getenv("PATH")
	shell(t, dir, "git init -q -b main . && pre-commit install >/dev/null && git add -A && git commit -qm one", path, "PRE_COMMIT_HOME="+t.TempDir())
	write(t, filepath.Join(dir, "service.env"), example(t, "url-userinfo"))
	shell(t, dir, "git add -A && ! git commit -qm two >out 2>&1 && grep -q embedded-credential out && test $(git rev-list --count HEAD) = 1", path, "PRE_COMMIT_HOME="+t.TempDir())
}

// TestImage builds the image of the Dockerfile's last stage and runs it: static,
// on nothing, and not root.
func TestImage(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("buildah is for Linux")
	}
	buildah := tool(t, "buildah")
	bin := buildOnce(t)
	dockerfile, err := os.ReadFile(filepath.Join(root(t), "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	_, last, ok := strings.Cut(string(dockerfile), "FROM scratch")
	if !ok {
		t.Fatal("Dockerfile has no stage FROM scratch")
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "Dockerfile"), "FROM scratch"+strings.ReplaceAll(last, "--from=build ", ""))
	data, err := os.ReadFile(bin)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "credgate"), data, 0o755); err != nil {
		t.Fatal(err)
	}
	store := []string{"--root", t.TempDir(), "--runroot", t.TempDir(), "--storage-driver", "vfs"}
	run := func(args ...string) string {
		cmd := exec.Command(buildah, append(store, args...)...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("buildah %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run("bud", "-q", "--isolation", "chroot", "-t", "credgate", ".")
	ctr := run("from", "credgate")
	if out := run("run", "--isolation", "chroot", ctr, "--", "/credgate", "version"); !strings.HasPrefix(out, "credgate ") {
		t.Errorf("image says %q", out)
	}
	if out := run("inspect", "--format", "{{.OCIv1.Config.User}}", "credgate"); out != "65532:65532" {
		t.Errorf("image runs as %q, not as a user without rights", out)
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
