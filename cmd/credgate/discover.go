package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/report"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/discovery"
	"github.com/credgate/credgate/scanner/secret"
	"github.com/credgate/credgate/scanner/source"
)

// hookHeap is how many bytes a scan of the index may take before it collects.
const hookHeap = 256 << 20

// What a scan of a history is to take at most beside the packs, which are mapped:
// so many bytes, and the packs' indexes so many times. Where it does not need so
// much, it collects as seldom as elsewhere.
const (
	historyHeap    = 196 << 20 // 200 MiB less what the runtime does not count
	historyIndexes = 2
)

// open finds the place that a command names.
func (p *program) open(ctx context.Context, name string) (discovery.Place, fs.FS, error) {
	if p.flags.staged && p.flags.since != "" {
		return discovery.Place{}, nil, errors.New("--staged and --since are two different scans (hint: give one)")
	}
	if p.flags.staged && p.getenv("GOGC") == "" {
		// A hook is over before its heap is worth collecting even once.
		debug.SetGCPercent(-1)
		debug.SetMemoryLimit(hookHeap)
	}
	go builtin() // while the place is opened and its declarations are read
	place, err := discovery.Find(name, p.stdin)
	if err != nil {
		return place, nil, err
	}
	if place.Repo != nil && !p.flags.staged && p.getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(historyHeap + historyIndexes*place.Repo.IndexBytes())
	}
	own, err := p.ownTree(ctx, place)
	if err != nil {
		return place, nil, errors.Join(err, place.Close())
	}
	return place, own, nil
}

// scan scans a place as the flags and the policy say.
func (p *program) scan(ctx context.Context, place discovery.Place, own fs.FS, l law) (discovery.Result, error) {
	workers, err := p.width()
	if err != nil {
		return discovery.Result{}, err
	}
	grain, err := salt(own)
	if err != nil {
		return discovery.Result{}, err
	}
	keys, err := secret.NewFingerprinter(p.getenv("CREDGATE_KEY"), grain)
	if err != nil {
		return discovery.Result{}, fmt.Errorf("CREDGATE_KEY: %w", err)
	}
	set, gaps, err := p.detectors(l)
	if err != nil {
		return discovery.Result{}, err
	}
	cache, err := p.cache(place, set)
	if err != nil {
		return discovery.Result{}, err
	}
	progress, stop := p.progress()
	defer stop()
	found, err := discovery.Scan(ctx, place, discovery.Options{
		Set: set, Keys: keys, Workers: workers,
		Staged: p.flags.staged, Since: p.flags.since, Unreachable: p.flags.unreachable,
		UserRules: source.UserExcludes(p.getenv), Progress: progress, Cache: cache,
	})
	found.Gaps = append(found.Gaps, gaps...)
	slices.SortStableFunc(found.Gaps, scanner.Gap.Compare)
	if p.flags.timings {
		p.costs(set.Timings())
	}
	return found, err
}

// facts are those of a scan alone.
func facts(found discovery.Result) gate.Facts {
	return gate.Facts{Coverage: found.Coverage, Gaps: found.Gaps, Findings: found.Findings, Connections: found.Connections}
}

func (p *program) scanCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "scan [PATH|-]",
		Short: "List findings and connections, without judgement",
		Long: `Scan lists every credential and connection of a place and judges nothing: the
exit status is 0, or 3 when something could not be examined.

Detectors of .credgate/policy.yaml are taken from the trusted ref, as for gate.
--rules names a configuration of gitleaks: its rules stand beside the built-in
detectors, and nothing that it names is read. --check-rules scans nothing: it holds
each detector of the policy and of --rules to its examples.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			outs, err := p.outputs("scan")
			if err != nil {
				return err
			}
			place, own, err := p.open(cmd.Context(), pathOf(args))
			if err != nil {
				return err
			}
			defer place.Close()
			l, err := p.rulebook(place, own)
			if err != nil {
				return err
			}
			if p.flags.checkRules {
				return p.checkRules(l)
			}
			found, err := p.scan(cmd.Context(), place, own, l)
			if err != nil {
				return err
			}
			if err := p.emit(outs, report.Discovered(p.about(place, found, l.trusted), facts(found))); err != nil {
				return err
			}
			for _, g := range found.Gaps {
				if !g.Minor {
					return status(exitIncomplete)
				}
			}
			return nil
		},
	}
	p.share(c, "format", "since", "staged", "unreachable", "policy", "trust", "rules", "foreign", "timings", "workers", "cache", "no-color", "quiet")
	c.Flags().BoolVar(&p.flags.checkRules, "check-rules", false, "hold custom detectors to their examples, and scan nothing")
	return c
}

// about is what a report says of the run itself.
func (p *program) about(place discovery.Place, found discovery.Result, trusted string) report.Run {
	version, _ := built()
	return report.Run{
		Version: version,
		Target: report.Target{
			Name: place.Name, Mode: found.Mode, Since: p.flags.since, Head: found.Head, TrustedRef: trusted,
			Repository: p.repository(place),
		},
	}
}

// repository is the address of what a CI job checked out, "" elsewhere and for
// another place.
func (p *program) repository(place discovery.Place) string {
	for _, ci := range []struct{ dir, address string }{
		{"GITHUB_WORKSPACE", p.getenv("GITHUB_SERVER_URL") + "/" + p.getenv("GITHUB_REPOSITORY")},
		{"CI_PROJECT_DIR", p.getenv("CI_PROJECT_URL")},
	} {
		if dir := p.getenv(ci.dir); dir != "" && filepath.Clean(dir) == place.Dir {
			return ci.address
		}
	}
	return ""
}
