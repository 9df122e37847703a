package main

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/reconcile"
	"github.com/credgate/credgate/gate/report"
	"github.com/credgate/credgate/gate/rule"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/discovery"
)

func (p *program) gateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "gate [PATH]",
		Short: "Scan, reconcile with the inventory, and judge",
		Long: `Gate scans the whole history and the files of a repository, holds what it finds
against .credgate/inventory.yaml, and judges. With no .credgate every connection
found is undeclared; "credgate init" writes one.

Policy, people, exceptions and baseline are taken from the trusted ref: --trust;
with --staged, HEAD; in the job of a pull request, its base; else the place itself.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			outs, err := p.outputs("gate")
			if err != nil {
				return err
			}
			j, err := p.judge(cmd.Context(), pathOf(args))
			if err != nil {
				return err
			}
			if err := p.emit(outs, j.document); err != nil {
				if j.verdict.Decision == gate.Fail && errors.Is(err, errUndelivered) {
					p.complain(err)
					return status(exitViolation)
				}
				return err
			}
			return exit(j.verdict.Decision)
		},
	}
	return p.share(c, "format", "since", "staged", "unreachable", "inventory", "policy", "trust", "now", "rules", "foreign", "workers", "cache", "no-color", "quiet")
}

func exit(d gate.Decision) error {
	switch d {
	case gate.Pass:
		return nil
	case gate.Fail:
		return status(exitViolation)
	}
	return status(exitIncomplete)
}

// A judgement is all that a gate run established.
type judgement struct {
	place    discovery.Place // closed
	own      fs.FS           // readable while place is open, or from disk
	law      law
	facts    gate.Facts
	verdict  gate.Verdict
	document report.Document
}

// judge runs the gate on a place.
func (p *program) judge(ctx context.Context, name string) (judgement, error) {
	var j judgement
	now, err := p.clock()
	if err != nil {
		return j, err
	}
	place, own, err := p.open(ctx, name)
	if err != nil {
		return j, err
	}
	defer place.Close()
	l, err := p.law(place, own)
	if err != nil {
		return j, err
	}
	found, err := p.scan(ctx, place, own, l)
	if err != nil {
		return j, err
	}
	j = judgement{place: place, law: l, own: own}
	j.verdict, j.facts = p.verdict(l, found, now)
	j.document = report.Judged(p.about(place, found, l.trusted), j.facts, j.verdict)
	return j, nil
}

// verdict holds what was found against what is declared.
func (p *program) verdict(l law, found discovery.Result, now time.Time) (gate.Verdict, gate.Facts) {
	f := l.Facts(reconcile.Input{
		Findings: found.Findings, Connections: found.Connections,
		Repository: p.getenv("GITHUB_REPOSITORY"), Paths: found.Paths,
	}, found.Coverage, found.Gaps)
	f.Now = now
	if l.adopted {
		f.Gaps = append(f.Gaps, scanner.Gap{
			Path: ".credgate", Reason: scanner.Outside, Minor: true,
			Detail: l.trusted + " has no .credgate: the rules are taken from the change itself, this once",
		})
	}
	return gate.Evaluate(f, l.Policy, rules(found.Mode)), f
}

// rules are those that apply to a scan: what looks only at a change does not see
// what is absent from the rest.
func rules(mode string) []gate.Rule {
	if mode != discovery.Staged {
		return rule.All()
	}
	var list []gate.Rule
	for _, r := range rule.All() {
		switch r.ID {
		case "undeclared-connection", "embedded-credential", "retired-in-use", "misplaced-credential",
			"purpose-drift", "endpoint-drift", "scope-drift", "static-where-federated",
			"incomplete-entry", "incomplete-scan", "understated-tier":
			list = append(list, r)
		}
	}
	return list
}
