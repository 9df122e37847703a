package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/owner"
	"github.com/credgate/credgate/scanner/connection"
	"github.com/credgate/credgate/scanner/discovery"
)

func (p *program) initCommand() *cobra.Command {
	var from string
	c := &cobra.Command{
		Use:   "init [PATH]",
		Short: "Write .credgate/: the inventory of what was found, and a baseline with due dates",
		Long: `Init writes, into a repository that has none of them,

  .credgate/inventory.yaml  an entry for each connection found, with what the tree tells;
                            what only people know is left for you, and marked
  .credgate/baseline.yaml   what stands today, each with a date until which it is tolerated,
                            so that from today only new trouble fails
  .credgate/salt            the salt of fingerprints; public, and to be kept

--from FILE:LINE adds entries for what stands there to an inventory that is there;
--from ID does so for the connection of that id, as scan and gate list it.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if from != "" {
				return p.declare(cmd.Context(), pathOf(args), from)
			}
			return p.start(cmd.Context(), pathOf(args))
		},
	}
	p.share(c, "now", "workers", "cache")
	c.Flags().StringVar(&from, "from", "", "declare what stands at `FILE:LINE`, or the connection of this id")
	return c
}

// start writes the first .credgate of a repository.
func (p *program) start(ctx context.Context, name string) error {
	place, own, err := p.open(ctx, name)
	if err != nil {
		return err
	}
	defer place.Close()
	if place.Dir == "" {
		return fmt.Errorf("%q has no work tree to write .credgate into", place.Name)
	}
	for _, file := range []string{inventory.Path, approval.BaselinePath} {
		if _, err := fs.Stat(own, file); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already (hint: credgate init --from FILE:LINE adds an entry)", file)
		}
	}
	root, err := os.OpenRoot(place.Dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := directory(root, ".credgate"); err != nil {
		return err
	}
	if err := seedSalt(root, own); err != nil {
		return err
	}
	l, err := p.rulebook(place, own)
	if err != nil {
		return err
	}
	found, err := p.scan(ctx, place, own, l)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return p.record(root, place, own, found)
}

// seedSalt makes the salt that fingerprints depend on, unless there is one.
func seedSalt(root *os.Root, own fs.FS) error {
	if grain, err := salt(own); err != nil || grain != nil {
		return err
	}
	b := make([]byte, 32)
	rand.Read(b)
	return replace(root, saltPath, []byte(hex.EncodeToString(b)+"\n"))
}

// record writes inventory and baseline from what was found, and tells what is
// left to do.
func (p *program) record(root *os.Root, place discovery.Place, own fs.FS, found discovery.Result) error {
	now, err := p.clock()
	if err != nil {
		return err
	}
	owners, _ := owner.LoadCodeowners(own)
	draft := inventory.Propose(inventory.Proposal{
		Connections: found.Connections, Owners: owners.Of, Today: inventory.DateOf(now),
	})
	if err := replace(root, inventory.Path, draft.Marshal()); err != nil {
		return err
	}
	l, err := p.law(place, own)
	if err != nil {
		return fmt.Errorf("reading back what was written: %w", err)
	}
	verdict, _ := p.verdict(l, found, now)
	base := gate.NewBaseline(verdict)
	if err := replace(root, approval.BaselinePath, base.Marshal()); err != nil {
		return err
	}
	unowned := 0
	for _, e := range l.Inventory.Entries {
		if e.Owner == "" {
			unowned++
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "wrote %s: %s, %d without an owner\n", inventory.Path, count(len(l.Inventory.Entries), "entry", "entries"), unowned)
	fmt.Fprintf(&b, "wrote %s: %s today", approval.BaselinePath, count(len(base.Items), "violation that stands", "violations that stand"))
	if len(base.Items) > 0 {
		fmt.Fprintf(&b, ", the first due %s", first(base))
	}
	read := "read " + inventory.Path + " through"
	if unowned > 0 {
		read = "name the owners in " + inventory.Path + ", read it through"
	}
	fmt.Fprintf(&b, "\nnext: %s, commit .credgate, then credgate gate\n", read)
	_, err = p.stdout.Write(b.Bytes())
	return delivered(err)
}

func first(b approval.Baseline) string {
	d := b.Items[0].Due
	for _, i := range b.Items {
		if i.Due.Compare(d) < 0 {
			d = i.Due
		}
	}
	return d.String()
}

// declare adds entries for the connections at a place of the tree.
func (p *program) declare(ctx context.Context, name, from string) error {
	where, err := spotted(from)
	if err != nil {
		return err
	}
	place, own, err := p.open(ctx, name)
	if err != nil {
		return err
	}
	defer place.Close()
	if place.Dir == "" {
		return fmt.Errorf("%q has no work tree to write .credgate into", place.Name)
	}
	l, err := p.law(place, own)
	if err != nil {
		return err
	}
	found, err := discovery.Connections(ctx, place, discovery.Options{Workers: 1})
	if err != nil {
		return err
	}
	at := slices.DeleteFunc(found, func(c connection.Connection) bool { return !where(c) })
	if len(at) == 0 {
		return fmt.Errorf("no connection is or stands at %s (hint: credgate scan lists them with their places)", from)
	}
	var taken []string
	for _, e := range l.Inventory.Entries {
		taken = append(taken, e.ID)
	}
	now, err := p.clock()
	if err != nil {
		return err
	}
	owners, _ := owner.LoadCodeowners(own)
	add := inventory.Propose(inventory.Proposal{Connections: at, Owners: owners.Of, Today: inventory.DateOf(now), Taken: taken, Vendored: true})
	if len(add.Entries) == 0 {
		return fmt.Errorf("what is or stands at %s needs no entry: it has no credential of its own", from)
	}
	text, err := inserted(own, add)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(place.Dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := directory(root, ".credgate"); err != nil {
		return err
	}
	if err := replace(root, inventory.Path, text); err != nil {
		return err
	}
	for _, e := range add.Entries {
		if _, err := fmt.Fprintf(p.stdout, "added %s to %s: complete it, then credgate approve %s\n", e.ID, inventory.Path, e.ID); err != nil {
			return delivered(err)
		}
	}
	return nil
}

// inserted is the inventory file with entries added to it, or of them alone.
func inserted(own fs.FS, add inventory.Inventory) ([]byte, error) {
	data, err := declaration(own, inventory.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return add.Marshal(), nil
	}
	if err != nil {
		return nil, err
	}
	return inventory.Insert(inventory.File{Path: inventory.Path, Data: data}, add)
}

// spotted tells by FILE:LINE, or by an id, which connections are meant.
func spotted(from string) (func(connection.Connection) bool, error) {
	i := strings.LastIndexByte(from, ':')
	if i < 0 && from != "" && !strings.ContainsAny(from, "/ ") {
		return func(c connection.Connection) bool { return c.ID == from }, nil
	}
	line := 0
	if i > 0 {
		line, _ = strconv.Atoi(from[i+1:])
	}
	if line < 1 {
		return nil, fmt.Errorf("--from %q is no place and no id (hint: .github/workflows/deploy.yml:31)", from)
	}
	file := path.Clean(from[:i])
	return func(c connection.Connection) bool {
		return slices.ContainsFunc(c.Locations, func(o connection.Place) bool { return o.Path == file && o.Line == line }) || c.ID == from
	}, nil
}

// directory makes a directory below root, no part of whose name is a symlink:
// one to .git would have us write there.
func directory(root *os.Root, name string) error {
	if err := root.MkdirAll(name, 0o755); err != nil {
		return fmt.Errorf("making %s: %w", name, err)
	}
	for ; name != "."; name = path.Dir(name) {
		info, err := root.Lstat(name)
		if err != nil {
			return fmt.Errorf("making %s: %w", name, err)
		}
		if !info.IsDir() {
			return fmt.Errorf("%s is no directory of its own", name)
		}
	}
	return nil
}

// replace writes a file of a directory whole or not at all, through a new one: a
// symlink in its place is replaced and not followed.
func replace(root *os.Root, name string, data []byte) error {
	tmp := name + "." + rand.Text()[:8] + ".tmp"
	f, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = root.Rename(tmp, name)
	}
	if err != nil {
		_ = root.Remove(tmp)
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
