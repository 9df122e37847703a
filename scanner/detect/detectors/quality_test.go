package detectors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/detect/detecttest"
)

// A sample is one text of the open corpus, made at run time: a detector's
// Example, which holds a secret, or its Silent, which holds none of its kind.
type sample struct {
	of     scanner.Detector
	secret bool
	text   string
	want   string // the secret, "" where the example does not mark it
}

func corpus(rounds int) []sample {
	var list []sample
	for _, d := range All() {
		if d.Example == nil || d.Silent == nil {
			continue
		}
		for seed := range uint64(rounds) {
			r := rand.New(rand.NewPCG(seed, 11))
			text, want := detecttest.Unmark(d.Example(r))
			list = append(list, sample{d, true, text, want})
			text, _ = detecttest.Unmark(d.Silent(r))
			list = append(list, sample{d, false, text, ""})
		}
	}
	return list
}

// A score counts the samples of one class.
type score struct{ secrets, found, named, quiet, own, others int }

// classOf is what the table has a row for.
func classOf(d scanner.Detector) string {
	switch d.Class {
	case scanner.Specific:
		return "token: " + cmp.Or(d.Kind, "other")
	case scanner.Structural:
		return "syntax: " + cmp.Or(d.Kind, "other")
	}
	return "generic"
}

// TestQuality prints precision and recall of the whole list over the open corpus,
// and with CREDGATE_TREES="dir dir" what it finds in clean trees, by path, line
// and detector, with the false positives for each MB and the dearest detectors.
// A gitleaks on PATH is run beside it. CREDGATE_ROUNDS makes more samples.
func TestQuality(t *testing.T) {
	rounds := 1
	if n := os.Getenv("CREDGATE_ROUNDS"); n != "" {
		if _, err := fmt.Sscan(n, &rounds); err != nil {
			t.Fatal(err)
		}
	}
	set, err := detect.New(All(), detect.Options{Trusted: true, Timings: true})
	if err != nil {
		t.Fatal(err)
	}
	samples := corpus(rounds)
	scores := measure(t, set, samples)
	table(t, scores)
	all := scores["all"]
	if all.secrets < 100 || all.found*1000 < all.secrets*995 || all.named*100 < all.secrets*90 {
		t.Errorf("of %d secrets %d are found, %d by their name", all.secrets, all.found, all.named)
	}
	if all.own > 0 {
		t.Errorf("%d detectors find something in their own silent sample", all.own)
	}
	trees := strings.Fields(os.Getenv("CREDGATE_TREES"))
	for _, dir := range trees {
		tree(t, set, dir)
	}
	costs(t, set)
	if testing.Verbose() {
		peer(t, samples, trees)
	}
}

func scan(in *detect.Inspector, path string, data []byte) []detect.Hit {
	return detect.Best(in.Hits(data, in.Inspect(scanner.Blob{Data: data}, detect.State{})), path)
}

func measure(t *testing.T, set *detect.Set, samples []sample) map[string]*score {
	scores := make(map[string]*score)
	in := set.Inspector()
	for _, s := range samples {
		hits := scan(in, "src/main", []byte(s.text))
		for _, row := range []string{classOf(s.of), "all"} {
			if scores[row] == nil {
				scores[row] = new(score)
			}
			scores[row].add(s, hits)
		}
		if s.secret && len(hits) == 0 {
			t.Logf("missed in the whole list: an example of %s", s.of.ID)
		}
	}
	return scores
}

func (c *score) add(s sample, hits []detect.Hit) {
	holds := func(h detect.Hit) bool {
		v := string(h.Secret.Reveal())
		return s.want == "" || strings.Contains(v, s.want) || strings.Contains(s.want, v)
	}
	own := func(h detect.Hit) bool { return h.Detector.ID == s.of.ID }
	switch {
	case s.secret:
		c.secrets++
		if slices.ContainsFunc(hits, holds) {
			c.found++
		}
		if slices.ContainsFunc(hits, own) {
			c.named++
		}
	default:
		c.quiet++
		if slices.ContainsFunc(hits, own) {
			c.own++
		} else if len(hits) > 0 {
			c.others++
		}
	}
}

func table(t *testing.T, scores map[string]*score) {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "class\tsecrets\trecall %\tnamed %\tlookalikes\tfired on\tby others\tprecision %\t")
	rows := slices.SortedFunc(func(yield func(string) bool) {
		for name := range scores {
			if !yield(name) {
				return
			}
		}
	}, func(a, b string) int {
		return cmp.Or(cmp.Compare(scores[a].secrets, scores[b].secrets), strings.Compare(a, b))
	})
	for _, name := range rows {
		c := scores[name]
		wrong := c.own + c.others
		fmt.Fprintf(w, "%s\t%d\t%.1f\t%.1f\t%d\t%d\t%d\t%.1f\t\n", name, c.secrets, percent(c.found, c.secrets), percent(c.named, c.secrets),
			c.quiet, c.own, c.others, percent(c.found, c.found+wrong))
	}
	w.Flush()
	t.Logf("the open corpus; precision counts as false each lookalike on which anything fires,\n"+
		"though many are near misses that stand where a secret would\n%s", b.String())
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

// configuration is where a false positive would stop a pipeline at once:
// workflows, Dockerfiles and lock files.
var configuration = regexp.MustCompile(`(^|/)(\.github/workflows/|\.gitlab-ci|\.circleci/|Dockerfile|Containerfile)|\.(lock|sum)$|(^|/)(package-lock\.json|pnpm-lock\.yaml|npm-shrinkwrap\.json)$`)

const maxSample = 8 << 20 // bytes of a file of a tree

// tree scans the text of a clean tree and lists what is found there.
func tree(t *testing.T, set *detect.Set, dir string) {
	t.Helper()
	in := set.Inspector()
	var bytesOf, findsOf [2]int
	began := time.Now()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(name)
		if err != nil || len(data) > maxSample || bytes.IndexByte(data[:min(len(data), 8000)], 0) >= 0 {
			return err
		}
		path, err := filepath.Rel(dir, name)
		path = filepath.ToSlash(path)
		kind := 1
		if configuration.MatchString(path) {
			kind = 0
		}
		bytesOf[kind] += len(data)
		for _, h := range scan(in, path, data) {
			findsOf[kind]++
			t.Logf("%s/%s:%d:%d: %s [%s]", filepath.Base(dir), path, h.Span.Line, h.Span.Column, h.Severity, h.Detector.ID)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	for kind, name := range []string{"workflows, Dockerfiles, lock files", "other text"} {
		mb := float64(bytesOf[kind]) / 1e6
		t.Logf("%s: %s: %d found in %.1f MB, %.2f a MB", filepath.Base(dir), name, findsOf[kind], mb, float64(findsOf[kind])/max(mb, 0.001))
	}
	t.Logf("%s: %.0f MB/s", filepath.Base(dir), float64(bytesOf[0]+bytesOf[1])/1e6/time.Since(began).Seconds())
}

func costs(t *testing.T, set *detect.Set) {
	list := set.Timings()
	slices.SortStableFunc(list, func(a, b detect.Timing) int { return cmp.Compare(b.Spent, a.Spent) })
	var all time.Duration
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "time\twindows\tmatches\t detector\t")
	for i, c := range list {
		all += c.Spent
		if i < 20 {
			fmt.Fprintf(w, "%v\t%d\t%d\t %s\t\n", c.Spent.Round(time.Microsecond), c.Windows, c.Matches, c.Detector)
		}
	}
	w.Flush()
	t.Logf("the dearest of %d detectors, together %v\n%s", len(list), all.Round(time.Millisecond), b.String())
}

// peer runs gitleaks over the same samples and trees, one file for each sample.
func peer(t *testing.T, samples []sample, trees []string) {
	gitleaks, err := exec.LookPath("gitleaks")
	if err != nil {
		t.Log("no gitleaks on PATH: nothing to compare with")
		return
	}
	dir := t.TempDir()
	for i, s := range samples {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.txt", i)), []byte(s.text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found := leaks(t, gitleaks, dir)
	var c score
	for i, s := range samples {
		hit := found[fmt.Sprintf("%d.txt", i)] > 0
		switch {
		case s.secret:
			c.secrets++
			if hit {
				c.found++
			}
		default:
			c.quiet++
			if hit {
				c.others++
			}
		}
	}
	t.Logf("gitleaks on the same: recall %.1f %%, fired on %d of %d lookalikes", percent(c.found, c.secrets), c.others, c.quiet)
	for _, dir := range trees {
		n := 0
		for _, f := range leaks(t, gitleaks, dir) {
			n += f
		}
		t.Logf("%s: gitleaks finds %d", filepath.Base(dir), n)
	}
}

// leaks counts gitleaks' findings by file, relative to dir.
func leaks(t *testing.T, gitleaks, dir string) map[string]int {
	report := filepath.Join(t.TempDir(), "report.json")
	out, err := exec.Command(gitleaks, "dir", dir, "--no-banner", "--exit-code", "0", "--report-format", "json", "--report-path", report).CombinedOutput()
	if err != nil {
		t.Fatalf("gitleaks: %v\n%s", err, out)
	}
	data, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var list []struct{ File string }
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	found := make(map[string]int)
	for _, f := range list {
		name, err := filepath.Rel(dir, f.File)
		if err != nil {
			name = f.File
		}
		found[name]++
	}
	return found
}
