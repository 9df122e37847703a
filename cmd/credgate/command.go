package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/credgate/credgate/scanner"
)

// program is what a command works with: streams, environment and shared flags.
type program struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	flags          flags
	known          []scanner.Detector // those of the run, custom ones first
}

// flags are those that several commands share. The zero value is the default.
type flags struct {
	formats     []string
	since       string
	staged      bool
	unreachable bool
	inventories []string
	policy      string
	trust       string
	now         string
	workers     int
	noColor     bool
	quiet       bool
	rules       []string
	checkRules  bool
	foreign     bool
	cache       string
	timings     bool
}

const about = `credgate finds every credential and external connection of a repository and its
pipelines, holds them against the inventory that people have declared and
reauthorised, and fails when one is unowned or overdue.

PATH is a repository, a directory or a file (default: the repository here).

Each flag has a twin in the environment: CREDGATE_FORMAT for --format, with spaces
between several. CREDGATE_KEY is the secret key of fingerprints; without it they
are salted with .credgate/salt.

Exit status: 0 pass, 1 a violation stands, 2 usage or configuration error,
3 incomplete (something that should have been examined was not).`

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "credgate",
		Short:         "Find every credential and connection, and who answers for it",
		Long:          about,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return fmt.Errorf("no command given (hint: credgate gate)")
		},
	}
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w (hint: %s --help)", err, c.CommandPath())
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.Version = stamp()
	root.SetVersionTemplate("{{.Version}}\n")
	root.AddCommand(p.gateCommand(), p.scanCommand(), p.initCommand(), p.approveCommand(),
		p.dueCommand(), p.showCommand(), p.explainCommand(), p.versionCommand())
	for _, c := range root.Commands() {
		args := c.Args
		c.Args = func(c *cobra.Command, given []string) error {
			if err := args(c, given); err != nil {
				return fmt.Errorf("%w (hint: %s --help)", err, c.CommandPath())
			}
			return nil
		}
	}
	return root
}

// share adds the named flags, each with its environment twin.
func (p *program) share(c *cobra.Command, names ...string) *cobra.Command {
	f, s := &p.flags, c.Flags()
	s.SortFlags = false
	for _, name := range names {
		switch name {
		case "format":
			s.StringArrayVar(&f.formats, name, nil, "`FORMAT` or FORMAT=FILE, repeatable: "+strings.Join(formatNames(c.Name()), ", ")+" (default text)")
		case "since":
			s.StringVar(&f.since, name, "", "scan only what came after this `REV`")
		case "staged":
			s.BoolVar(&f.staged, name, false, "scan what is about to be committed")
		case "unreachable":
			s.BoolVar(&f.unreachable, name, false, "scan objects that no ref reaches as well")
		case "inventory":
			s.StringArrayVar(&f.inventories, name, nil, "further inventory `FILE`, repeatable")
		case "policy":
			s.StringVar(&f.policy, name, "", "policy `FILE` in place of .credgate/policy.yaml")
		case "trust":
			s.StringVar(&f.trust, name, "", "take policy, people and exceptions from this `REF`")
		case "now":
			s.StringVar(&f.now, name, "", "judge as of this `TIME` (2006-01-02 or RFC 3339)")
		case "workers":
			s.IntVar(&f.workers, name, 0, "scan with `N` workers (default: one for each processor)")
		case "rules":
			s.StringArrayVar(&f.rules, name, nil, "further detectors from a gitleaks TOML `FILE`, repeatable")
		case "foreign":
			s.BoolVar(&f.foreign, "foreign-pragmas", false, "tolerate what gitleaks:allow on its line, or .gitleaksignore of the trusted ref, names; it is told as tolerated")
		case "timings":
			s.BoolVar(&f.timings, name, false, "tell on standard error what each detector cost")
		case "cache":
			s.StringVar(&f.cache, name, "auto", "remember scanned packs in the user's cache: `WHEN` is auto (not in CI), on, off")
		case "no-color":
			s.BoolVar(&f.noColor, name, false, "never colour")
		case "quiet":
			s.BoolVar(&f.quiet, name, false, "print the verdict only")
		default:
			panic("no shared flag " + name)
		}
	}
	c.PreRunE = func(c *cobra.Command, _ []string) error { return p.environment(c.Flags()) }
	return c
}

// environment sets each flag that was not given from CREDGATE_ and its name.
// Lists are separated by white space.
func (p *program) environment(set *pflag.FlagSet) error {
	var err error
	set.VisitAll(func(f *pflag.Flag) {
		name := "CREDGATE_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value := p.getenv(name)
		if err != nil || f.Changed || value == "" || f.Name == "help" {
			return
		}
		values := []string{value}
		if strings.HasSuffix(f.Value.Type(), "Array") {
			values = strings.Fields(value)
		}
		for _, v := range values {
			if e := set.Set(f.Name, v); e != nil {
				err = fmt.Errorf("environment %s: %w", name, e)
			}
		}
	})
	return err
}

// clock is the time of judgement: --now, or the wall clock.
func (p *program) clock() (time.Time, error) {
	if p.flags.now == "" {
		return time.Now().UTC().Truncate(time.Second), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, p.flags.now); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("--now %q is no time (hint: 2006-01-02 or 2006-01-02T15:04:05Z)", p.flags.now)
}

// width is the number of workers.
func (p *program) width() (int, error) {
	switch n := p.flags.workers; {
	case n < 0 || n > 1024:
		return 0, fmt.Errorf("--workers %d (allowed: 1 to 1024)", n)
	case n == 0:
		return runtime.GOMAXPROCS(0), nil
	default:
		return n, nil
	}
}

// pathOf is the argument of a command that takes at most one.
func pathOf(args []string) string {
	if len(args) == 0 {
		return "."
	}
	return args[0]
}

// complain prints an error of the program, one line for each of those joined.
func (p *program) complain(err error) {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(p.stderr, "credgate: %s\n", printable(strings.TrimRight(line, "\n")))
	}
}

// printable replaces what a terminal would obey: names come from repositories
// that nobody vouches for.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f || r >= 0x80 && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\uFFFD'
		}
		return r
	}, s)
}
