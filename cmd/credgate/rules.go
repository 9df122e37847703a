package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/detect/custom"
	"github.com/credgate/credgate/scanner/detect/detectors"
)

// detectors are those of a run: the policy's own, those of --rules, and the
// built-in ones. Gaps tell which of the latter are switched off.
func (p *program) detectors(l law) (*detect.Set, []scanner.Gap, error) {
	files, err := p.ruleFiles()
	if err != nil {
		return nil, nil, err
	}
	list, gaps, err := custom.Join(builtin(), l.Policy.Detectors, files)
	if err != nil {
		return nil, nil, err
	}
	p.known = list
	ignored, err := p.ignored(l)
	if err != nil {
		return nil, nil, err
	}
	opt := detect.Options{Trusted: true, Foreign: p.flags.foreign, Timings: p.flags.timings, NoPragmas: l.Policy.NoPragmas}
	if len(files) > 0 {
		opt.Allow = func(secret, lines []byte) string {
			return firstOf(files, func(f custom.File) string { return f.Allow(secret, lines) })
		}
	}
	opt.AllowAt = func(d *scanner.Detector, at scanner.Location) string {
		return cmp.Or(l.Policy.Ignored(d.ID, at.Path),
			firstOf(files, func(f custom.File) string { return f.AllowPath(at.Path) }), ignored(at))
	}
	set, err := detect.New(list, opt)
	return set, gaps, err
}

func firstOf(files []custom.File, reason func(custom.File) string) string {
	for _, f := range files {
		if r := reason(f); r != "" {
			return r
		}
	}
	return ""
}

// ruleFiles reads what --rules names, and nothing that those name.
func (p *program) ruleFiles() ([]custom.File, error) {
	var files []custom.File
	var errs []error
	for _, name := range p.flags.rules {
		f, err := ruleFile(name)
		files, errs = append(files, f), append(errs, err)
		if !p.flags.quiet && err == nil {
			for _, w := range f.Warnings {
				fmt.Fprintf(p.stderr, "credgate: warning: %s\n", printable(w))
			}
		}
	}
	return files, errors.Join(errs...)
}

func ruleFile(name string) (custom.File, error) {
	data, err := flagFile(name)
	if err != nil {
		return custom.File{}, fmt.Errorf("--rules: %w", err)
	}
	return custom.TOML(filepath.ToSlash(name), data)
}

// checkRules holds every custom detector to its examples.
func (p *program) checkRules(l law) error {
	files, err := p.ruleFiles()
	if err != nil {
		return err
	}
	if _, _, err := custom.Join(builtin(), l.Policy.Detectors, files); err != nil {
		return err
	}
	rules := slices.Clone(l.Policy.Detectors)
	for _, f := range files {
		rules = append(rules, f.Rules...)
	}
	var b strings.Builder
	failed, held := 0, 0
	for _, r := range rules {
		held += len(r.Match) + len(r.NoMatch)
		for _, problem := range r.Test() {
			failed++
			fmt.Fprintf(&b, "%s: %s: %s\n", printable(r.Source), r.ID, problem)
		}
	}
	fmt.Fprintf(&b, "%s, %s, %d wrong\n", count(len(rules), "custom detector", "custom detectors"), count(held, "example", "examples"), failed)
	if _, err := io.WriteString(p.stdout, b.String()); err != nil {
		return delivered(err)
	}
	if failed > 0 {
		return status(exitUsage)
	}
	return nil
}

// costs tells what each detector cost, the dearest first.
func (p *program) costs(list []detect.Timing) {
	slices.SortStableFunc(list, func(a, b detect.Timing) int {
		return cmp.Or(cmp.Compare(b.Spent, a.Spent), cmp.Compare(b.Windows, a.Windows), cmp.Compare(a.Detector, b.Detector))
	})
	var all time.Duration
	w := tabwriter.NewWriter(p.stderr, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "time\twindows\tmatches\t detector\t")
	for _, t := range list {
		all += t.Spent
		if t.Windows > 0 {
			fmt.Fprintf(w, "%v\t%d\t%d\t %s\t\n", t.Spent.Round(time.Microsecond), t.Windows, t.Matches, t.Detector)
		}
	}
	fmt.Fprintf(w, "%v\t\t\t %d detectors\t\n", all.Round(time.Microsecond), len(list))
	w.Flush()
}

const gitleaksIgnore = ".gitleaksignore"

// A spared place is a line of .gitleaksignore: [commit:]path:rule:line.
type spared struct {
	commit, path string
	line         int
}

// ignored tells which line of .gitleaksignore, of the trusted tree, names a
// place. The rule it names need not be ours by name. Asked only with
// --foreign-pragmas.
func (p *program) ignored(l law) (func(scanner.Location) string, error) {
	none := func(scanner.Location) string { return "" }
	if !p.flags.foreign {
		return none, nil
	}
	data, err := declaration(l.tree, gitleaksIgnore)
	if errors.Is(err, fs.ErrNotExist) {
		return none, nil
	}
	if err != nil {
		return nil, err
	}
	at := make(map[spared]int)
	var errs []error
	for i, line := range strings.Split(string(data), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s, ok := readSpared(line)
		if !ok {
			errs = append(errs, fmt.Errorf("%s:%d: is no [commit:]path:rule:line", gitleaksIgnore, i+1))
			continue
		}
		at[s] = i + 1
	}
	return func(l scanner.Location) string {
		for _, s := range []spared{{"", l.Path, l.Line}, {string(l.Commit), l.Path, l.Line}} {
			if n := at[s]; n > 0 {
				return fmt.Sprintf("%s:%d", gitleaksIgnore, n)
			}
		}
		return ""
	}, errors.Join(errs...)
}

func readSpared(line string) (s spared, ok bool) {
	parts := strings.Split(line, ":")
	n := len(parts)
	if n < 3 {
		return s, false
	}
	s.line, _ = strconv.Atoi(parts[n-1])
	parts = parts[:n-2]
	if c := parts[0]; len(parts) > 1 && (len(c) == 40 || len(c) == 64) && strings.Trim(c, "0123456789abcdef") == "" {
		s.commit, parts = c, parts[1:]
	}
	s.path = strings.Join(parts, ":")
	return s, s.line > 0 && s.path != ""
}

// builtin is the list of our own detectors, made once. It is not to be changed.
var builtin = sync.OnceValue(detectors.All)
