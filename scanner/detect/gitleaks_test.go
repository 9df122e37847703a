package detect

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
	"github.com/spf13/viper"
	"github.com/zricethezav/gitleaks/v8/config"
	gitleaks "github.com/zricethezav/gitleaks/v8/detect"
)

// peer is gitleaks' own detector with its default rules, less its global
// allowlist's missing group, which is the first of our differences.
func peer(t testing.TB) *gitleaks.Detector {
	t.Helper()
	v := viper.New()
	v.SetConfigType("toml")
	text := strings.Replace(config.DefaultConfig, brokenLiterals, mendedLiterals, 1)
	if err := v.ReadConfig(strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	var vc config.ViperConfig
	if err := v.Unmarshal(&vc); err != nil {
		t.Fatal(err)
	}
	cfg, err := vc.Translate()
	if err != nil {
		t.Fatal(err)
	}
	d := gitleaks.NewDetector(cfg)
	d.IgnoreGitleaksAllow = true
	return d
}

// A find is what both sides are compared by.
type find struct{ rule, secret string }

func theirs(d *gitleaks.Detector, text string) map[find]bool {
	set := make(map[find]bool)
	for _, f := range d.DetectString(text) {
		set[find{f.RuleID, f.Secret}] = true
	}
	return set
}

func ours(in *Inspector, data []byte) map[find]bool {
	hits := in.Hits(data, in.Inspect(scanner.Blob{Data: data}, State{}))
	set := make(map[find]bool)
	for _, h := range hits {
		id := h.Detector.ID
		if id == "sourcegraph-bare-token" {
			id = "sourcegraph-access-token"
		}
		if h.At("") && !(id == "generic-api-key" && better(hits, h)) {
			set[find{id, string(h.Secret.Reveal())}] = true
		}
	}
	return set
}

// better tells whether gitleaks drops a generic find for another on its line.
func better(hits []Hit, g Hit) bool {
	return slices.ContainsFunc(hits, func(h Hit) bool {
		return h.Detector != g.Detector && h.Detector.Class != scanner.Generic && h.Span.Line == g.Span.Line &&
			strings.Contains(string(h.Secret.Reveal()), string(g.Secret.Reveal()))
	})
}

func rules(t testing.TB, opt Options) *Set {
	t.Helper()
	set, err := New(Gitleaks(), opt)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// TestEqualsGitleaks compares with gitleaks' own detector over each whole blob of
// this repository, or of the one that CREDGATE_TEST_REPO names.
func TestEqualsGitleaks(t *testing.T) {
	dir := os.Getenv("CREDGATE_TEST_REPO")
	if dir == "" {
		dir = "."
	}
	d, in := peer(t), rules(t, Options{Raw: true}).Inspector()
	blobs := 0
	eachBlob(t, dir, func(id string, data []byte) {
		blobs++
		compare(t, id, theirs(d, string(data)), ours(in, data))
	})
	t.Logf("%d blobs", blobs)
	if blobs < 10 {
		t.Errorf("only %d blobs: nothing was compared", blobs)
	}
}

func compare(t *testing.T, id string, want, got map[find]bool) {
	t.Helper()
	for f := range want {
		if !got[f] {
			t.Errorf("%s: gitleaks alone finds %s %s", id, f.rule, shown(f.secret))
		}
	}
	for f := range got {
		if !want[f] {
			t.Errorf("%s: we alone find %s %s", id, f.rule, shown(f.secret))
		}
	}
}

// shown is enough of a secret to look into a difference.
func shown(s string) string { return fmt.Sprintf("%q", s) }

// eachBlob hands over the blobs that HEAD reaches. Others of the object store,
// of worktrees beside this one, come and go while the test runs.
func eachBlob(t testing.TB, dir string, do func(id string, data []byte)) {
	t.Helper()
	reached, err := exec.Command("git", "-C", dir, "rev-list", "--objects", "--no-object-names", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "-C", dir, "cat-file", "--batch")
	cmd.Stdin = bytes.NewReader(reached)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReaderSize(out, 1<<20)
	for {
		var id, kind string
		var size int
		if _, err := fmt.Fscanf(r, "%s %s %d\n", &id, &kind, &size); err != nil {
			break
		}
		data := make([]byte, size)
		if _, err := io.ReadFull(r, data); err != nil {
			t.Fatal(err)
		}
		r.Discard(1)
		if kind == "blob" {
			do(id, data)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
}

// A rule whose keywords stood at no certain place would be run over whole
// windows, and cost more than all others together.
func TestRulesAreCut(t *testing.T) {
	for _, d := range Gitleaks() {
		if err := Check(d); err != nil {
			t.Error(err)
		}
		if d.Expression == "" || len(d.Keywords) == 0 {
			continue
		}
		if _, _, err := newArms(&d); err != nil {
			t.Errorf("%s: %v", d.ID, err)
		}
	}
}
