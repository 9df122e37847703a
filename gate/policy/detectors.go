package policy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/credgate/credgate/gate/field"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner/detect/custom"
)

// An Ignore tolerates findings at some paths. They are found and told all the same.
type Ignore struct {
	Paths     []string `json:"paths"`               // globs of whole paths: testdata/**
	Detectors []string `json:"detectors,omitempty"` // IDs; all where it is left out
	Reason    string   `json:"reason"`
}

// Ignored gives why a detector's find at a path is tolerated, "" if it is not.
// The path of what lies in an archive is that of the archive, "!" and its own.
func (p Policy) Ignored(detector, path string) string {
	path, _, _ = strings.Cut(path, "!")
	for _, i := range p.Ignore {
		if len(i.Detectors) > 0 && !slices.Contains(i.Detectors, detector) {
			continue
		}
		for _, g := range i.Paths {
			if ok, err := doublestar.Match(g, path); ok && err == nil {
				return fmt.Sprintf("%s in policy: %s", g, i.Reason)
			}
		}
	}
	return ""
}

func (p *Policy) ignore(v field.Value) {
	for _, item := range v.List() {
		var i Ignore
		item.Fields(field.Set{
			"paths":     func(v field.Value) { i.Paths = v.Set(glob) },
			"detectors": func(v field.Value) { i.Detectors = v.Set(nil) },
			"reason":    func(v field.Value) { i.Reason = v.Line() },
		})
		item.Requires("paths", "reason")
		p.Ignore = append(p.Ignore, i)
	}
}

func glob(s string) error {
	switch {
	case !doublestar.ValidatePattern(s):
		return errors.New("is no path glob (hint: testdata/**)")
	case strings.HasPrefix(s, "/"), strings.HasPrefix(s, "./"):
		return errors.New("does not begin at the root of the repository (hint: testdata/**)")
	case strings.Trim(s, "*/") == "":
		return errors.New("would tolerate everything (hint: name a directory or a kind of file)")
	}
	return nil
}

var severities = []string{"info", "low", "medium", "high", "critical"}

// detectors reads the project's own detectors: id → what it finds.
func (p *Policy) detectors(v field.Value) {
	v.Each(func(key, val field.Value) {
		if len(p.Detectors) >= custom.MaxRules {
			key.Errorf("is one of more than %d detectors", custom.MaxRules)
			return
		}
		r := custom.Rule{ID: key.Name(), Source: p.Path}
		at := map[string]field.Value{"id": key}
		note := func(name string, read func(field.Value)) func(field.Value) {
			return func(v field.Value) { at[name] = v; read(v) }
		}
		texts := func(name string, to *[]string) func(field.Value) {
			return note(name, func(v field.Value) { *to = v.Set(nil) })
		}
		val.Fields(field.Set{
			"title":    func(v field.Value) { r.Title = v.Line() },
			"provider": func(v field.Value) { r.Provider = field.Decode(v, slug) },
			"kind":     func(v field.Value) { r.Kind = v.OneOf(inventory.Kinds...) },
			"severity": func(v field.Value) { _ = r.Severity.UnmarshalText([]byte(v.OneOf(severities...))) },
			"keywords": texts("keywords", &r.Keywords), "paths": texts("paths", &r.Paths),
			"expression": note("expression", func(v field.Value) { r.Expression = v.Text() }),
			"group":      note("group", func(v field.Value) { r.Group = v.Int(0, 100) }),
			"entropy":    func(v field.Value) { r.Entropy = field.Decode(v, bits) },
			"examples": func(v field.Value) {
				v.Fields(field.Set{
					"match":    func(v field.Value) { r.Match = v.Set(nil) },
					"no_match": func(v field.Value) { r.NoMatch = v.Set(nil) },
				})
				v.Requires("match", "no_match")
			},
		})
		val.Requires("expression", "examples")
		for _, problem := range r.Check() {
			problemAt(key, at, problem)
		}
		p.Detectors = append(p.Detectors, r)
	})
}

// problemAt reports what is wrong with a detector at its field. What is missing
// was reported by its name.
func problemAt(key field.Value, at map[string]field.Value, p custom.Problem) {
	name, index, _ := strings.Cut(p.Field, "[")
	v, ok := at[name]
	if !ok {
		if name == "keywords" {
			key.Errorf("keywords %w", p.Err)
		}
		return
	}
	if n, err := strconv.Atoi(strings.TrimSuffix(index, "]")); err == nil {
		if items := v.List(); n < len(items) {
			v = items[n]
		}
	}
	v.Errorf("%w", p.Err)
}

func slug(s string) (string, error) {
	if s == "" || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" {
		return "", fmt.Errorf("%s is no id of a provider (hint: lower-case letters, digits and hyphens)", field.Quote(s))
	}
	return s, nil
}

func bits(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= 0 && f <= 8) {
		return 0, fmt.Errorf("%s is no number of bits from 0 to 8", field.Quote(s))
	}
	return f, nil
}
