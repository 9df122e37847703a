package main

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/rule"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/provider"
)

func (p *program) explainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [RULE|DETECTOR|PROVIDER]",
		Short: "The page of a rule, a detector or a provider; without one, the list of them",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			text := contents()
			if len(args) == 1 {
				var ok bool
				if text, ok = explain(args[0]); !ok {
					return fmt.Errorf("no rule, detector or provider %q%s", args[0], near(args[0]))
				}
			}
			_, width := p.terminal()
			_, err := fmt.Fprint(p.stdout, filled(text, width))
			if errors.Is(err, syscall.EPIPE) {
				return nil // who reads a list for a few lines has read enough
			}
			return delivered(err)
		},
	}
}

func explain(id string) (string, bool) {
	rules := rule.All()
	if i := slices.IndexFunc(rules, func(r gate.Rule) bool { return r.ID == id }); i >= 0 {
		return strings.TrimRight(rules[i].Page, "\n") + "\n", true
	}
	detectors := slices.Clone(builtin())
	if i := slices.IndexFunc(detectors, func(d scanner.Detector) bool { return d.ID == id }); i >= 0 {
		return detectorPage(detectors[i]), true
	}
	if v, ok := provider.ByID(id); ok {
		return providerPage(v), true
	}
	return "", false
}

// filled breaks the paragraphs of a page between words, where a line is longer
// than a terminal is wide. What is laid out (code, tables, lists of names) stays;
// a width of 0 breaks nothing.
func filled(page string, width int) string {
	var b strings.Builder
	code := false
	for line := range strings.Lines(page) {
		code = code != strings.HasPrefix(line, "```")
		if width == 0 || code || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "|") {
			b.WriteString(line)
			continue
		}
		used := 0
		for i, word := range strings.Split(line, " ") {
			n := utf8.RuneCountInString(strings.TrimSuffix(word, "\n"))
			switch {
			case i == 0:
			case used+1+n > width:
				b.WriteByte('\n')
				used = 0
			default:
				b.WriteByte(' ')
				used++
			}
			b.WriteString(word)
			used += n
		}
	}
	return b.String()
}

// contents lists what can be explained.
func contents() string {
	var b strings.Builder
	b.WriteString("Rules\n")
	for _, r := range rule.All() {
		fmt.Fprintf(&b, "  %-28s %s\n", r.ID, r.Title)
	}
	b.WriteString("\nDetectors\n")
	detectors := slices.Clone(builtin())
	slices.SortFunc(detectors, func(a, b scanner.Detector) int { return cmp.Compare(a.ID, b.ID) })
	for _, d := range detectors {
		fmt.Fprintf(&b, "  %-40s %s\n", d.ID, d.Title)
	}
	b.WriteString("\nProviders\n")
	for _, v := range provider.All() {
		fmt.Fprintf(&b, "  %-40s %s\n", v.ID, v.Name)
	}
	return b.String()
}

// near suggests what was meant: the shortest names first, which say least else.
func near(id string) string {
	var like []string
	for line := range strings.Lines(contents()) {
		if word, _, _ := strings.Cut(strings.TrimSpace(line), " "); len(id) > 2 && strings.Contains(word, id) {
			like = append(like, word)
		}
	}
	if like == nil {
		return " (hint: credgate explain lists them)"
	}
	slices.SortStableFunc(like, func(a, b string) int { return cmp.Compare(len(a), len(b)) })
	return " (did you mean " + strings.Join(like[:min(len(like), 5)], ", ") + "?)"
}

// detectorPage tells what a detector finds, shows an example made up on the
// spot, and says how to rotate and revoke.
func detectorPage(d scanner.Detector) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s.", d.ID, strings.TrimSuffix(d.Title, "."))
	v, known := provider.ByID(d.Provider)
	if known {
		fmt.Fprintf(&b, " A credential of %s.", v.Name)
	}
	fmt.Fprintf(&b, " Severity %s", d.Severity)
	if d.Kind != "" {
		fmt.Fprintf(&b, ", kind %s", d.Kind)
	}
	b.WriteString(".\n\n" + class(d.Class))
	if len(d.Keywords) > 0 {
		fmt.Fprintf(&b, " It looks near: %s.", strings.Join(quoted(d.Keywords, 8), ", "))
	}
	b.WriteString("\n")
	if d.Example != nil {
		// A fixed seed: the page is the same from run to run.
		example := unmarked(d.Example(rand.New(rand.NewPCG(1, 1))))
		b.WriteString("\n## Example\n\nMade up just now, and valid nowhere:\n\n")
		for line := range strings.Lines(example) {
			b.WriteString("    " + strings.TrimRight(line, "\r\n") + "\n")
		}
	}
	b.WriteString("\n## What to do\n\n")
	b.WriteString("1. Rotate it first: whoever could read this repository may hold it.")
	if link := cmp.Or(d.Rotate, v.Rotate); link != "" {
		fmt.Fprintf(&b, "\n   How: %s", link)
	}
	b.WriteString("\n2. Revoke the old one at the provider, and look at its log for use that is not yours.")
	if v.Revoke != "" {
		fmt.Fprintf(&b, "\n   How: %s", v.Revoke)
	}
	b.WriteString("\n3. Take the new one from a store (a CI secret, a vault), and declare it: credgate init.\n")
	if known && v.Federation != "" {
		fmt.Fprintf(&b, "\n%s can do without a stored secret: %s\n", v.Name, v.Federation)
	}
	fmt.Fprintf(&b, "\nTo allow one place, with a reason: credgate:allow %s -- why\n", d.ID)
	if link := cmp.Or(d.Format, v.Docs); link != "" {
		fmt.Fprintf(&b, "\nFormat: %s\n", link)
	}
	return b.String()
}

// unmarked is an example without the marks that tell tests where its secret is.
func unmarked(example string) string { return strings.ReplaceAll(example, "\x01", "") }

func class(c scanner.Class) string {
	switch c {
	case scanner.Specific:
		return "It knows the published format of this credential."
	case scanner.Structural:
		return "It reads a syntax that carries a credential, and judges the value."
	}
	return "It judges a name and the value given to it; a more specific detector takes its place where one matches."
}

func quoted(words []string, most int) []string {
	var out []string
	for i, w := range words {
		if i == most {
			return append(out, fmt.Sprintf("and %d more", len(words)-most))
		}
		out = append(out, fmt.Sprintf("%q", w))
	}
	return out
}

func providerPage(v provider.Provider) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s.\n", v.ID, v.Name)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "\n%-12s %s", name, value)
		}
	}
	row("hosts", strings.Join(v.Hosts, ", "))
	row("kinds", strings.Join(v.Kinds, ", "))
	row("rotate", v.Rotate)
	row("revoke", v.Revoke)
	row("federation", v.Federation)
	row("docs", v.Docs)
	b.WriteString("\n\nDetectors\n")
	for _, d := range builtin() {
		if d.Provider == v.ID {
			fmt.Fprintf(&b, "  %-40s %s\n", d.ID, d.Title)
		}
	}
	return b.String()
}
