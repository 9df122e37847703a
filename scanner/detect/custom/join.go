package custom

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
)

// Join puts a project's own rules and files of gitleaks before the built-in
// detectors, so that where two find one secret the own one names it. A rule of a
// file takes the place of a built-in detector of its ID; a project's own may not.
// Gaps tell what is switched off or replaced. The error joins all that is wrong.
func Join(builtin []scanner.Detector, own []Rule, files []File) ([]scanner.Detector, []scanner.Gap, error) {
	if len(own) == 0 && len(files) == 0 {
		return builtin, nil, nil // the usual case, on which a commit hook waits
	}
	j := joiner{builtin: make(map[string]int), taken: make(map[string]string), off: make(map[string]bool), amended: make(map[string][]detect.GitleaksAllowlist)}
	for i, d := range builtin {
		j.builtin[d.ID] = i
	}
	for _, r := range own {
		if _, ok := j.builtin[r.ID]; ok {
			j.fail(r.Source, "detector %s: the ID is that of a built-in one", r.ID)
			continue
		}
		j.add(r)
	}
	for _, f := range files {
		j.file(f)
	}
	for i := range builtin {
		d := builtin[i]
		if j.off[d.ID] {
			continue
		}
		if lists := j.amended[d.ID]; len(lists) > 0 {
			detect.Restrict(&d, 0, lists)
		}
		j.list = append(j.list, d)
	}
	return j.list, j.gaps, errors.Join(j.errs...)
}

type joiner struct {
	builtin map[string]int
	taken   map[string]string // ID → source
	off     map[string]bool
	amended map[string][]detect.GitleaksAllowlist
	list    []scanner.Detector
	gaps    []scanner.Gap
	errs    []error
}

func (j *joiner) fail(source, format string, args ...any) {
	j.errs = append(j.errs, fmt.Errorf("%s: %w", source, fmt.Errorf(format, args...)))
}

func (j *joiner) tell(source, format string, args ...any) {
	j.gaps = append(j.gaps, scanner.Gap{Path: source, Reason: scanner.Outside, Detail: fmt.Sprintf(format, args...), Minor: true})
}

func (j *joiner) add(r Rule) {
	if first, ok := j.taken[r.ID]; ok {
		j.fail(r.Source, "rule %s is there already, in %s", r.ID, first)
		return
	}
	j.taken[r.ID] = r.Source
	j.list = append(j.list, r.Detector())
}

func (j *joiner) file(f File) {
	for _, r := range f.Rules {
		if _, ok := j.builtin[r.ID]; ok {
			j.off[r.ID] = true
			j.tell(f.Path, "a rule takes the place of the built-in detector %s", r.ID)
		}
		j.add(r)
	}
	for _, id := range f.Disabled {
		if _, ok := j.builtin[id]; !ok {
			j.fail(f.Path, "extend.disabledRules: there is no detector %q (hint: credgate explain lists them)", id)
			continue
		}
		j.off[id] = true
		j.tell(f.Path, "the detector %s is switched off", id)
	}
	for _, id := range slices.Sorted(maps.Keys(f.Amended)) {
		if _, ok := j.builtin[id]; !ok {
			j.fail(f.Path, "an allowlist is for rule %q, which is neither here nor built in (hint: credgate explain lists them)", id)
			continue
		}
		j.amended[id] = append(j.amended[id], f.Amended[id]...)
		j.tell(f.Path, "an allowlist leaves out some of what the detector %s finds", id)
	}
}
