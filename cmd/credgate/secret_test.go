package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// example is the made-up credential of a detector, in a context that fires.
func example(t *testing.T, id string) string {
	t.Helper()
	for _, d := range builtin() {
		if d.ID == id {
			return unmarked(d.Example(rand.New(rand.NewPCG(7, 7))))
		}
	}
	t.Fatalf("no detector %q", id)
	return ""
}

// TestNoSecretLeaves plants a password in content, a file name's neighbour, a
// workflow, an inventory's comment and a deleted commit, runs every command with
// every format, and looks for any eight bytes of it in all that comes out.
func TestNoSecretLeaves(t *testing.T) {
	const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
	r := rand.New(rand.NewPCG(3, 14))
	b := make([]byte, 32)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	password := string(b)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "old.env"), "DATABASE_URL=postgres://app:"+password+"@db.corp.net/app\n")
	shell(t, dir, "git init -q -b main . && git add -A && git commit -qm one && git rm -q old.env && git commit -qm two")
	write(t, filepath.Join(dir, "app.py"), "import db\ndb.connect(user='app', password='"+password+"')\n")
	write(t, filepath.Join(dir, "k8s.yaml"), "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  password: "+password+"\n")
	write(t, filepath.Join(dir, ".github/workflows/w.yml"), "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n      DB_PASSWORD: "+password+
		"\n    steps:\n      - run: curl -u app:"+password+" https://api.stripe.com\n        env: {K: \"${{ secrets.K }}\"}\n\t- broken: "+password+"\n")
	for name, text := range map[string]string{
		".npmrc":            "//registry.npmjs.org/:_authToken=%\n",
		".netrc":            "machine a.corp.net login % password %\n",
		".mcp.json":         `{"mcpServers": {"a": {"url": "https://x.corp.net/%?key=%", "headers": {"Authorization": "Bearer %"}}}}`,
		"terraform.tfstate": `{"version": 4, "outputs": {"t": {"value": "%", "sensitive": true}}}`,
		"main.tf":           "provider \"aws\" {\n  access_key = \"%\"\n  secret_key = \"%\"\n}\n",
		"buildspec.yml":     "version: 0.2\nenv: {variables: {TOKEN: %}}\nphases: {build: {commands: [\"curl https://%@api.corp.net\"]}}\n",
		"Dockerfile":        "FROM a\nARG TOKEN=%\nRUN docker login -u % -p % ghcr.io\n",
		".gitlab-ci.yml":    "variables: {TOKEN: %}\njob: {script: [\"git clone https://oauth2:%@gitlab.com/a/b\"]}\n",
		"Jenkinsfile":       "pipeline { environment { T = '%' } }\n",
	} {
		write(t, filepath.Join(dir, name), strings.ReplaceAll(text, "%", password))
	}
	shell(t, dir, "git add -A && git commit -qm three")
	write(t, filepath.Join(dir, "broken.yaml"), "apiVersion: v1\nkind: Secret\n\tpassword: "+password+"\n")

	files := []string{}
	outputs := map[string][]byte{}
	at := func(args ...string) {
		var out, err bytes.Buffer
		t.Chdir(dir)
		code := run(context.Background(), args, strings.NewReader("password = \""+password+"\"\n"), &out, &err)
		name := strings.Join(args, " ")
		outputs[name+" (stdout)"], outputs[name+" (stderr)"] = out.Bytes(), err.Bytes()
		if code == exitUsage && args[0] != "approve" && args[0] != "show" {
			t.Errorf("credgate %s: usage error\n%s", name, err.Bytes())
		}
	}
	for _, command := range []string{"gate", "scan"} {
		for _, format := range formatNames(command) {
			at(command, "--format", format)
			file := filepath.Join(t.TempDir(), "out")
			files = append(files, file)
			at(command, "--format", format+"="+file, "--workers", "3")
		}
	}
	at("scan", "-")
	at("scan", "--unreachable")
	cache := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	shell(t, dir, "git gc -q")
	at("scan", "--cache", "on")
	at("scan", "--cache", "on", "--quiet")
	at("gate", "--since", "HEAD~1")
	at("init")
	at("gate")
	at("due")
	at("show", "nothing")
	at("approve", "nothing")
	for _, f := range files {
		outputs[f] = read(t, f)
	}
	for _, kept := range []string{filepath.Join(dir, ".credgate"), cache} {
		n := len(outputs)
		filepath.WalkDir(kept, func(p string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				outputs[p] = read(t, p)
			}
			return err
		})
		if len(outputs) == n {
			t.Errorf("nothing was written to %s", kept)
		}
	}
	seen := false
	for name, text := range outputs {
		seen = seen || bytes.Contains(text, []byte("embedded-credential"))
		for i := 0; i+8 <= len(password); i++ {
			if bytes.Contains(text, []byte(password[i:i+8])) {
				t.Errorf("%s holds eight bytes of the secret", name)
				break
			}
		}
	}
	if !seen {
		t.Error("the planted secret was not found at all: this test proves nothing")
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestInterrupt stops a scan that waits for input: exit status 3, and it says so.
func TestInterrupt(t *testing.T) {
	cmd := exec.Command(buildOnce(t), "scan", "-")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr, stdout bytes.Buffer
	cmd.Stderr, cmd.Stdout = &stderr, &stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// More than a pipe holds: when this returns, the program is reading, and the
	// handler of the signal stands since before that.
	if _, err := io.Copy(in, bytes.NewReader(make([]byte, 1<<20))); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != exitIncomplete {
		t.Errorf("exit status %d (%v), want %d", code, err, exitIncomplete)
	}
	if !strings.Contains(stderr.String()+stdout.String(), "interrupted") {
		t.Errorf("nothing says that the scan was interrupted:\n%s%s", stdout.String(), stderr.String())
	}
}

// A command that waits for something that never comes does not keep an
// interrupted program alive.
func TestObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		stuck := make(chan struct{})
		defer close(stuck)
		cancel()
		start := time.Now()
		err := obeyed(ctx, func() error { <-stuck; return nil })
		if err != context.Canceled || time.Since(start) != patience {
			t.Errorf("%v after %v, want %v after %v", err, time.Since(start), context.Canceled, patience)
		}
		told := errors.New("told what it has")
		if err := obeyed(ctx, func() error { time.Sleep(patience / 2); return told }); err != told {
			t.Errorf("%v, want the command's own error", err)
		}
	})
}

// TestClosedStdout gives the program a reader that went away.
func TestClosedStdout(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.txt"), "one\n")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	cmd := exec.Command(buildOnce(t), "scan", dir)
	var stderr bytes.Buffer
	cmd.Stderr, cmd.Stdout = &stderr, w
	_ = cmd.Run()
	w.Close()
	if code := cmd.ProcessState.ExitCode(); code != exitIncomplete || !strings.Contains(stderr.String(), "could not be written") {
		t.Errorf("exit status %d, stderr %q: want %d and a word about the report", code, stderr.String(), exitIncomplete)
	}
}
