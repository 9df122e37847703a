package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/inventory"
)

// answers are what an approver says on the command line.
type answers struct {
	by, role, because, expires, action, lastUsed, source string
	drop                                                 []string
	revoke                                               bool
}

func (p *program) approveCommand() *cobra.Command {
	var a answers
	c := &cobra.Command{
		Use:   "approve ID [PATH]",
		Short: "Reauthorise a connection: the five checks, then the record and how to sign it",
		Long: `Approve shows what a reauthorisation confirms, in five checks: the use case still
exists; each scope and endpoint is still needed; it has been used; the credential
is issued anew; the record has an approver and an end. With the answers (--by,
--because, --expires) it writes the record into .credgate/approvals and prints
the one line that signs it. Without them it shows what is asked and writes nothing.`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := p.judge(cmd.Context(), pathOf(args[1:]))
			if err != nil {
				return err
			}
			for _, e := range j.verdict.Entries {
				if e.ID == args[0] {
					return p.approve(j, e, a)
				}
			}
			return fmt.Errorf("no entry %q in %s%s", args[0], inventory.Path, entriesLike(j, args[0]))
		},
	}
	p.share(c, "inventory", "policy", "trust", "now", "workers", "cache")
	s := c.Flags()
	s.StringVar(&a.by, "by", "", "who approves, `user:NAME`")
	s.StringVar(&a.role, "role", "", "in which `ROLE`: business-owner, security, ...")
	s.StringVar(&a.because, "because", "", "why it is still needed, in a `SENTENCE`")
	s.StringVar(&a.expires, "expires", "", "until `DATE` (default: as long as its tier allows)")
	s.StringVar(&a.action, "action", "", "`WHAT` happened to the credential: "+strings.Join(approval.Actions, ", "))
	s.StringVar(&a.lastUsed, "last-used", "", "`DATE` of its last use that you know of")
	s.StringVar(&a.source, "source", "", "`WHERE` that is known from")
	s.StringArrayVar(&a.drop, "drop", nil, "a `SCOPE` or endpoint that is not needed any more, repeatable")
	s.BoolVar(&a.revoke, "revoke", false, "record that the connection ends, in place of an approval")
	return c
}

// entriesLike names entries that the id may have meant.
func entriesLike(j judgement, id string) string {
	var like []string
	for _, e := range j.verdict.Entries {
		if strings.Contains(e.ID, id) && len(like) < 5 {
			like = append(like, e.ID)
		}
	}
	switch {
	case len(j.verdict.Entries) == 0:
		return ", which declares none (hint: credgate init)"
	case like == nil:
		return ""
	}
	return " (did you mean " + strings.Join(like, ", ") + "?)"
}

func (p *program) approve(j judgement, e gate.Entry, a answers) error {
	if j.place.Dir == "" {
		return fmt.Errorf("%q has no work tree to write a record into", j.place.Name)
	}
	rec, previous, err := draft(j, e, a)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	checks(&b, e, rec, previous)
	if a.by == "" || a.because == "" && !a.revoke {
		fmt.Fprintf(&b, "\nnothing was written; to approve:\n  credgate approve %s --by user:NAME --because \"why it is still needed\"\n", e.ID)
		_, err := p.stdout.Write(b.Bytes())
		return delivered(err)
	}
	file, err := keep(j, rec)
	if err != nil {
		return err
	}
	fmt.Fprintf(&b, "\nwrote %s\nsign it, then commit both:\n  %s\n", file, sign(file, a.by))
	if n := j.law.Policy.Tier(e.Assessment.Tier).Approvals; n > len(rec.Approvers) {
		fmt.Fprintf(&b, "the %s tier wants %d approvers: add the others to the file before anybody signs\n", e.Assessment.Tier, n)
	}
	_, err = p.stdout.Write(b.Bytes())
	return delivered(err)
}

// draft makes the record of today's facts and the answers.
func draft(j judgement, e gate.Entry, a answers) (rec approval.Record, previous *approval.Record, err error) {
	if previous = e.Governing; previous != nil && previous.Inline {
		previous = nil
	}
	var bytes []byte
	if previous != nil {
		if bytes, err = declaration(j.own, previous.Location.Path); err != nil {
			return rec, nil, fmt.Errorf("reading the previous record: %w", err)
		}
	}
	rec = approval.New(e.Entry, approval.Snapshot(e.Entry, e.Assessment.Tier, e.Assessment.Risk), previous, bytes)
	rec.Approvers = []approval.Approver{{By: a.by, Role: a.role, On: j.facts.Now}}
	rec.Checks.StillNeeded, rec.Checks.Because = a.because != "", a.because
	if a.action != "" {
		rec.Action = a.action
	}
	if a.revoke {
		rec.Decision = approval.Revoke
	}
	if rec.Expires, err = until(a.expires, e, j.facts.Now); err != nil {
		return rec, nil, err
	}
	if a.lastUsed != "" {
		on, err := inventory.ParseDate(a.lastUsed)
		if err != nil {
			return rec, nil, fmt.Errorf("--last-used %w", err)
		}
		rec.Checks.Idle = approval.Usage{LastUsed: on, Source: a.source, Observed: inventory.DateOf(j.facts.Now)}
	}
	return rec, previous, drop(&rec, a.drop)
}

// until is the end of an approval: the date given, at most as far as the tier
// allows.
func until(date string, e gate.Entry, now time.Time) (inventory.Date, error) {
	most := e.Assessment.Validity
	end := inventory.DateOf(now)
	if most.Days > 0 {
		end = end.Add(most.Duration())
	} else {
		end = end.Add(365 * inventory.Day)
	}
	if date == "" {
		return end, nil
	}
	d, err := inventory.ParseDate(date)
	switch {
	case err != nil:
		return d, fmt.Errorf("--expires %w", err)
	case d.Past(now):
		return d, fmt.Errorf("--expires %s has passed", d)
	case d.Compare(end) > 0:
		return d, fmt.Errorf("--expires %s is later than the %s tier allows: %s (%s)", d, e.Assessment.Tier, end, most.Why)
	}
	return d, nil
}

// drop marks scopes and endpoints as not needed.
func drop(rec *approval.Record, names []string) error {
	for _, name := range names {
		found := false
		for _, list := range [][]approval.Decision{rec.Checks.Scopes, rec.Checks.Endpoints} {
			for i := range list {
				if list[i].Name == name {
					list[i].Keep, found = false, true
				}
			}
		}
		if !found {
			return fmt.Errorf("--drop %q: the entry declares no such scope or endpoint", name)
		}
	}
	return nil
}

// checks shows the five checks and what changed since the last approval.
func checks(b *bytes.Buffer, e gate.Entry, rec approval.Record, previous *approval.Record) {
	fmt.Fprintf(b, "%s: tier %s (%s)\n", e.ID, e.Assessment.Tier, e.Assessment.Why)
	fmt.Fprintf(b, "1. still needed?  %s: %s\n", e.Use, e.Purpose)
	fmt.Fprintf(b, "2. scopes, endpoints  %s; %s\n", decisions(rec.Checks.Scopes), decisions(rec.Checks.Endpoints))
	fmt.Fprintf(b, "3. in use?  %s; limit %d idle days (%s)\n", used(rec), e.Assessment.Idle.Days, e.Assessment.Idle.Why)
	fmt.Fprintf(b, "4. issued anew?  %s, generation %d; last rotated %s\n", rec.Action, rec.Credential.Generation, dateOr(e.Credential.LastRotated, "never"))
	fmt.Fprintf(b, "5. approver, end  %s, until %s (%s)\n", orWord(rec.Approvers[0].By, "nobody yet"), rec.Expires, e.Assessment.Validity.Why)
	if previous == nil {
		b.WriteString("since the last approval: there is none\n")
		return
	}
	diff := rec.Facts.Difference(previous.Facts)
	if len(diff) == 0 {
		fmt.Fprintf(b, "since the approval of %s: nothing material changed\n", previous.On().Format(time.DateOnly))
		return
	}
	fmt.Fprintf(b, "since the approval of %s:\n", previous.On().Format(time.DateOnly))
	for _, d := range diff {
		fmt.Fprintf(b, "   %s\n", printable(d))
	}
}

func decisions(list []approval.Decision) string {
	if len(list) == 0 {
		return "none declared"
	}
	var words []string
	for _, d := range list {
		word := "keep "
		if !d.Keep {
			word = "drop "
		}
		words = append(words, word+d.Name)
	}
	return strings.Join(words, ", ")
}

func used(rec approval.Record) string {
	if rec.Checks.Idle.LastUsed.IsZero() {
		return "no last use is given (--last-used)"
	}
	return "last used " + rec.Checks.Idle.LastUsed.String()
}

func dateOr(d inventory.Date, word string) string {
	if d.IsZero() {
		return word
	}
	return d.String()
}

func orWord(s, word string) string {
	if s == "" {
		return word
	}
	return s
}

// keep adds the record to the ledger, where nothing is ever overwritten, and
// reads it back.
func keep(j judgement, rec approval.Record) (string, error) {
	root, err := os.OpenRoot(j.place.Dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	var taken []string
	for {
		file := approval.PathFor(rec.Connection, inventory.DateOf(j.facts.Now), taken)
		data := rec.Marshal()
		if _, err := approval.ParseRecord(file, data); err != nil {
			return "", err
		}
		if err := directory(root, path.Dir(file)); err != nil {
			return "", err
		}
		f, err := root.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			taken = append(taken, file)
			continue
		}
		if err != nil {
			return "", err
		}
		_, err = f.Write(data)
		return file, errors.Join(err, f.Close())
	}
}

// sign is the line that signs a record: from standard input, so that each
// approver's signature has a name of its own.
func sign(file, by string) string {
	who := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.@", r) {
			return r
		}
		return '-'
	}, strings.TrimPrefix(by, "user:"))
	return fmt.Sprintf("ssh-keygen -Y sign -n credgate-approval -f ~/.ssh/id_ed25519 <%s >%s.%s.sig", file, file, who)
}
