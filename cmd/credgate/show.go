package main

import (
	"bytes"

	"github.com/spf13/cobra"

	"github.com/credgate/credgate/gate/report"
)

func (p *program) showCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "show ID [PATH]",
		Short: "One connection on one screen: where, who, why, and what comes due",
		Args:  cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			outs, err := p.outputs("show")
			if err != nil {
				return err
			}
			j, err := p.judge(cmd.Context(), pathOf(args[1:]))
			if err != nil {
				return err
			}
			only, err := report.Only(j.document, args[0])
			if err != nil {
				return err
			}
			return p.write(outs, func(b *bytes.Buffer, format string, o report.Options) error {
				return report.WriteShow(b, format, args[0], only, o)
			})
		},
	}
	return p.share(c, "format", "inventory", "policy", "trust", "now", "workers", "cache", "no-color")
}

func (p *program) dueCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "due [PATH]",
		Short: "What is due, whose it is, and when",
		Long: `Due lists the dates of the declared connections: approvals that end, rotations
and expiries, oldest first, each with who answers for it.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			outs, err := p.outputs("due")
			if err != nil {
				return err
			}
			j, err := p.judge(cmd.Context(), pathOf(args))
			if err != nil {
				return err
			}
			return p.write(outs, func(b *bytes.Buffer, format string, o report.Options) error {
				return report.WriteDue(b, format, j.document, o)
			})
		},
	}
	return p.share(c, "format", "inventory", "policy", "trust", "now", "workers", "cache", "no-color")
}
