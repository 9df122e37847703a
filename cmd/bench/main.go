// Command bench measures, in one run and on repositories given by path, what a
// history scan costs beside its floor and its peers: our walk without a scan,
// our scan, git log -p, and any of gitleaks, betterleaks and trufflehog on PATH.
// It prints seconds, ratios to the walk, peak memory, and which secrets only one
// of two scanners finds (their number: no secret is printed).
//
//	go run ./cmd/bench [-n RUNS] repository.git ...
//	go run ./cmd/bench -scale OBJECTS
//
// The second form measures made-up histories of a thousand objects up to so many.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/gitrepo"
	"github.com/credgate/credgate/scanner/secret"
)

func main() {
	runs := flag.Int("n", 3, "runs of each; the fastest counts")
	walk := flag.String("walk", "", "internal: walk this repository without a scan, and exit")
	most := flag.Int("scale", 0, "measure made-up histories of up to so many `objects`")
	flag.Parse()
	err := error(nil)
	switch {
	case *walk != "":
		err = noScan(*walk)
	case flag.NArg() == 0 && *most == 0:
		err = errors.New("no repository given (hint: make bench REPOS=\"a.git b.git\")")
	default:
		err = bench(*runs, *most, flag.Args())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// noScan is the floor: every blob is unpacked and nothing is done with it.
func noScan(dir string) error {
	repo, err := gitrepo.Open(dir)
	if err != nil {
		return err
	}
	defer repo.Close()
	_, _, err = gitrepo.Walk(context.Background(), repo, gitrepo.WalkOptions{},
		func(int) func(scanner.Blob, struct{}) struct{} {
			return func(scanner.Blob, struct{}) struct{} { return struct{}{} }
		})
	return err
}

// A contestant is a command to be timed. Secrets reads what its last run found,
// nil where it finds nothing.
type contestant struct {
	name    string
	args    []string
	out     string // file that it writes its findings to
	secrets func(file string) (map[string]bool, error)
}

func bench(runs, most int, repos []string) error {
	dir, err := os.MkdirTemp("", "credgate-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bin := filepath.Join(dir, "credgate")
	build := exec.Command("go", "build", "-o", bin, "github.com/credgate/credgate/cmd/credgate")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building credgate: %w\n%s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if most > 0 {
		if err := scale(dir, bin, self, most); err != nil {
			return err
		}
	}
	for _, repo := range repos {
		if err := race(runs, repo, contestants(dir, bin, self, repo)); err != nil {
			return err
		}
	}
	return nil
}

func contestants(dir, bin, self, repo string) []contestant {
	file := func(name string) string { return filepath.Join(dir, name) }
	list := []contestant{
		{name: "walk, no scan", args: []string{self, "-walk", repo}},
		{name: "credgate scan", args: []string{bin, "scan", "--cache", "off", "--format", "json=" + file("credgate.json"), repo},
			out: file("credgate.json"), secrets: ours},
		{name: "git log -p -U0", args: []string{"git", "-C", repo, "log", "-p", "-U0", "--full-history", "HEAD"}},
	}
	peers := []contestant{
		{name: "gitleaks", args: []string{"git", "--no-banner", "--exit-code", "0", "--report-format", "json", "--report-path", file("gitleaks.json"), repo},
			out: file("gitleaks.json"), secrets: peer("Secret")},
		{name: "betterleaks", args: []string{"git", "--no-banner", "--exit-code", "0", "--report-format", "json", "--report-path", file("betterleaks.json"), repo},
			out: file("betterleaks.json"), secrets: peer("Secret")},
		{name: "trufflehog", args: []string{"git", "--no-update", "--no-verification", "--json", "--bare", "file://" + repo}},
	}
	for _, p := range peers {
		if path, err := exec.LookPath(p.name); err == nil {
			p.args = append([]string{path}, p.args...)
			list = append(list, p)
		}
	}
	return list
}

func race(runs int, repo string, list []contestant) error {
	fmt.Printf("\n%s\n", repo)
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\tseconds\tto walk\tCPU s\tto walk\tpeak MB\tsecrets\tonly it\tonly credgate\t")
	var floor, floorCPU time.Duration
	var mine map[string]bool
	for _, c := range list {
		best, cpu, peak, err := fastest(runs, c.args)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if floor == 0 {
			floor, floorCPU = best, cpu
		}
		fmt.Fprintf(t, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%d\t", c.name, best.Seconds(), float64(best)/float64(floor), cpu.Seconds(), float64(cpu)/float64(floorCPU), peak>>10)
		if c.secrets == nil {
			fmt.Fprintln(t, "\t\t\t")
			continue
		}
		found, err := c.secrets(c.out)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if mine == nil {
			mine = found
		}
		fmt.Fprintf(t, "%d\t%d\t%d\t\n", len(found), without(found, mine), without(mine, found))
	}
	return t.Flush()
}

// fastest runs a command several times: the least wall and CPU time, and the most
// memory in kB, of which mapped packs are a part. On a busy machine CPU time is
// the one to compare.
func fastest(runs int, args []string) (best, cpu time.Duration, peak int64, err error) {
	for range runs {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stdout = io.Discard
		var stderr strings.Builder
		cmd.Stderr = &stderr
		start := time.Now()
		err := cmd.Run()
		took := time.Since(start)
		var exit *exec.ExitError
		if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 3) {
			return 0, 0, 0, fmt.Errorf("%w\n%s", err, stderr.String())
		}
		if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			peak = max(peak, u.Maxrss)
		}
		if used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(); cpu == 0 || used < cpu {
			cpu = used
		}
		if best == 0 || took < best {
			best = took
		}
	}
	return best, cpu, peak, nil
}

// ours reads the fingerprints of our own report.
func ours(file string) (map[string]bool, error) {
	var doc struct {
		Findings []struct {
			Fingerprint string `json:"fingerprint"`
		} `json:"findings"`
	}
	if err := readJSON(file, &doc); err != nil {
		return nil, err
	}
	set := make(map[string]bool)
	for _, f := range doc.Findings {
		set[f.Fingerprint] = true
	}
	return set, nil
}

// peer reads a report that holds the secrets themselves, and makes fingerprints
// of them at once, so that they compare with ours.
func peer(field string) func(string) (map[string]bool, error) {
	return func(file string) (map[string]bool, error) {
		defer os.Remove(file)
		var list []map[string]any
		if err := readJSON(file, &list); err != nil {
			return nil, err
		}
		keys, err := secret.NewFingerprinter("", nil)
		if err != nil {
			return nil, err
		}
		set, seen := make(map[string]bool), make(map[string]bool)
		for _, f := range list {
			if s, ok := f[field].(string); ok && s != "" && !seen[s] {
				seen[s] = true
				set[keys.Fingerprint(secret.New([]byte(s)))] = true
			}
		}
		return set, nil
	}
}

func readJSON(file string, to any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if len(data) == 0 {
		return nil
	}
	return json.Unmarshal(data, to)
}

// without counts what a has and b has not.
func without(a, b map[string]bool) int {
	n := 0
	for k := range a {
		if !b[k] {
			n++
		}
	}
	return n
}
