package main

import (
	"context"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/txtar"

	"github.com/credgate/credgate/gate/rule"
)

var update = flag.Bool("update", false, "write golden files anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"credgate": func() { os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScript runs the stories in testdata/script on real git, with author, dates
// and configuration pinned.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
			e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			for _, who := range []string{"AUTHOR", "COMMITTER"} {
				e.Setenv("GIT_"+who+"_NAME", "a")
				e.Setenv("GIT_"+who+"_EMAIL", "a@example.com")
				e.Setenv("GIT_"+who+"_DATE", "2026-01-02T03:04:05Z")
			}
			e.Setenv("CREDGATE_NOW", "2026-06-01")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"fake":  fake,
			"put":   put,
			"edit":  edit,
			"repo":  repo,
		},
	})
}

// exits N program args... runs a program and wants its exit status to be N.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS program [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var e *exec.ExitError
	switch {
	case errors.As(err, &e):
		got = e.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d\n[stdout]\n%s\n[stderr]\n%s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// fake DETECTOR FILE [SEED] writes a well-formed, invalid credential, made now.
func fake(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: fake DETECTOR FILE [SEED]")
	}
	seed := uint64(1)
	if len(args) == 3 {
		n, err := strconv.ParseUint(args[2], 10, 64)
		ts.Check(err)
		seed = n
	}
	for _, d := range builtin() {
		if d.ID == args[0] {
			text := unmarked(d.Example(rand.New(rand.NewPCG(seed, 0))))
			ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.TrimRight(text, "\n")+"\n"), 0o644))
			return
		}
	}
	ts.Fatalf("no detector %q", args[0])
}

// put FILE TEXT writes text in which Go escapes stand for bytes, so that a
// script can name files and hold content that a text archive cannot.
func put(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: put FILE TEXT")
	}
	name, err := strconv.Unquote(`"` + args[0] + `"`)
	ts.Check(err)
	text, err := strconv.Unquote(`"` + args[1] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o644))
}

// edit FILE OLD NEW puts NEW in place of the one OLD in a file; both in Go escapes.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	var text [2]string
	for i, a := range args[1:] {
		s, err := strconv.Unquote(`"` + strings.ReplaceAll(a, `"`, `\"`) + `"`)
		ts.Check(err)
		text[i] = s
	}
	data := ts.ReadFile(args[0])
	if n := strings.Count(data, text[0]); n == 0 {
		ts.Fatalf("%s holds no %q", args[0], text[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(data, text[0], text[1], 1)), 0o644))
}

const reposDir = "testdata/repos"

// repo NAME unpacks testdata/repos/NAME.txtar into the directory repo and goes
// there: a small repository in which every rule is content.
func repo(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: repo NAME")
	}
	a, err := txtar.ParseFile(filepath.Join(reposDir, args[0]+".txtar"))
	ts.Check(err)
	ts.Check(os.Mkdir(ts.MkAbs("repo"), 0o755))
	ts.Check(ts.Chdir("repo"))
	for _, f := range a.Files {
		name := ts.MkAbs(filepath.FromSlash(f.Name))
		ts.Check(os.MkdirAll(filepath.Dir(name), 0o755))
		ts.Check(os.WriteFile(name, f.Data, 0o644))
	}
}

// Each rule has its story.
func TestRulesHaveScripts(t *testing.T) {
	for _, r := range rule.All() {
		if _, err := os.Stat(filepath.Join("testdata", "script", "rule-"+r.ID+".txtar")); err != nil {
			t.Error(err)
		}
	}
}
