package approval

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/credgate/credgate/gate/field"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/policy"
)

// maxRecords bounds the files of one kind.
const maxRecords = 20000

// LoadLedger reads all approval records of a tree. The error joins every
// field.Error of every file; the ledger is then not to be used.
func LoadLedger(tree fs.FS) (Ledger, error) {
	var l Ledger
	if err := field.Misnamed(tree, "records are CONNECTION/DATE-NUMBER.yaml", LedgerDir+"/*.yaml", LedgerDir+"/*.yml", LedgerDir+"/*/*.yml"); err != nil {
		return l, err
	}
	err := each(tree, LedgerDir+"/*/*.yaml", func(p string, data []byte) error {
		r, err := ParseRecord(p, data)
		l.Records = append(l.Records, r)
		return err
	})
	l.sort()
	return l, err
}

// LoadExceptions reads all exceptions of a tree, in order of id.
func LoadExceptions(tree fs.FS) ([]Exception, error) {
	var out []Exception
	if err := field.Misnamed(tree, "exceptions are NUMBER.yaml", ExceptionsDir+"/*.yml", ExceptionsDir+"/*/*.yaml"); err != nil {
		return nil, err
	}
	err := each(tree, ExceptionsDir+"/*.yaml", func(p string, data []byte) error {
		x, err := ParseException(p, data)
		out = append(out, x)
		return err
	})
	return out, err
}

// LoadBaseline reads the baseline of a tree, an empty one when it has none.
func LoadBaseline(tree fs.FS) (Baseline, error) {
	if err := field.Misnamed(tree, "name it .yaml", strings.TrimSuffix(BaselinePath, ".yaml")+".yml"); err != nil {
		return Baseline{}, err
	}
	data, err := read(tree, BaselinePath)
	if errors.Is(err, fs.ErrNotExist) {
		return Baseline{}, nil
	}
	if err != nil {
		return Baseline{}, fmt.Errorf("reading %s: %w", BaselinePath, err)
	}
	return ParseBaseline(BaselinePath, data)
}

func each(tree fs.FS, pattern string, parse func(string, []byte) error) error {
	paths, err := fs.Glob(tree, pattern)
	if err != nil {
		return err
	}
	if len(paths) > maxRecords {
		return fmt.Errorf("%s: %d files, more than %d", pattern, len(paths), maxRecords)
	}
	var errs []error
	for _, p := range paths {
		data, err := read(tree, p)
		if err != nil {
			errs = append(errs, fmt.Errorf("reading %s: %w", field.Plain(p), err))
			continue
		}
		errs = append(errs, parse(p, data))
	}
	return errors.Join(errs...)
}

func read(tree fs.FS, p string) ([]byte, error) {
	f, err := tree.Open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, field.MaxBytes+1))
}

var recordName = field.Shape(`^\d{4}-\d{2}-\d{2}-\d{1,4}\.yaml$`)

// ParseRecord reads one approval record. Its directory has to name its connection.
func ParseRecord(p string, data []byte) (Record, error) {
	d := field.Parse(p, data)
	r := Record{Location: d.Root.Location()}
	d.Root.Fields(field.Set{
		"version":      version,
		"connection":   func(v field.Value) { r.Connection = v.Line() },
		"decision":     func(v field.Value) { r.Decision = v.OneOf(Approve, Reduce, Revoke) },
		"trigger":      func(v field.Value) { r.Trigger = v.Set(word("trigger", Triggers)) },
		"requested_by": func(v field.Value) { r.RequestedBy = person(v) },
		"approvers":    func(v field.Value) { r.Approvers = approvers(v) },
		"expires":      func(v field.Value) { r.Expires = field.Decode(v, inventory.ParseDate) },
		"action":       func(v field.Value) { r.Action = v.OneOf(Actions...) },
		"credential":   func(v field.Value) { r.Credential = credential(v) },
		"checks":       func(v field.Value) { r.Checks = checks(v) },
		"facts":        func(v field.Value) { r.Facts = readFacts(v) },
		"digest":       func(v field.Value) { r.Digest = digest(v) },
		"previous":     func(v field.Value) { r.Previous = digest(v) },
	})
	d.Root.Requires("version", "connection", "decision", "approvers")
	if r.Decision == Approve || r.Decision == Reduce {
		d.Root.Requires("expires")
	}
	if dir := path.Base(path.Dir(p)); r.Connection != "" && r.Connection != dir {
		d.Root.Get("connection").Errorf("%s lies in the directory of %s", field.Quote(r.Connection), field.Plain(dir))
	}
	if !recordName().MatchString(path.Base(p)) {
		d.Root.Errorf("file is not named DATE-NUMBER.yaml (hint: 2026-06-01-1.yaml)")
	}
	if r.Facts != nil && r.Digest != "" && r.Facts.Digest() != r.Digest {
		d.Root.Get("digest").Errorf("is not that of facts (hint: credgate approve %s writes both)", field.Plain(r.Connection))
	}
	return r, d.Err()
}

func version(v field.Value) {
	if v.Text() != "1" {
		v.Errorf("version %s is not known (allowed: 1)", field.Quote(v.Text()))
	}
}

func word(what string, allowed []string) func(string) error {
	return func(s string) error {
		if !slices.Contains(allowed, s) {
			return field.Unknown(what, s, allowed)
		}
		return nil
	}
}

func person(v field.Value) string {
	return field.Decode(v, func(s string) (string, error) {
		if err := inventory.CheckOwner(s); err != nil || !strings.HasPrefix(s, "user:") {
			return "", fmt.Errorf("%s is no person (hint: user:NAME)", field.Quote(s))
		}
		return s, nil
	})
}

func approvers(v field.Value) []Approver {
	var out []Approver
	for _, item := range v.List() {
		var a Approver
		item.Fields(field.Set{
			"by":   func(v field.Value) { a.By = person(v) },
			"role": func(v field.Value) { a.Role = v.Line() },
			"on":   func(v field.Value) { a.On = field.Decode(v, parseTime) },
		})
		item.Requires("by", "on")
		out = append(out, a)
	}
	if len(out) == 0 {
		v.Errorf("nobody approved")
	}
	return out
}

func parseTime(s string) (time.Time, error) {
	if d, err := inventory.ParseDate(s); err == nil {
		return d.Time(), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("%s is no time (hint: 2026-06-01T10:02:00Z)", field.Quote(s))
	}
	return t.UTC(), nil
}

func credential(v field.Value) Credential {
	var c Credential
	v.Fields(field.Set{
		"generation":  func(v field.Value) { c.Generation = v.Int(1, 1_000_000) },
		"id":          func(v field.Value) { c.ID = v.Line() },
		"replaces":    func(v field.Value) { c.Replaces = v.Line() },
		"fingerprint": func(v field.Value) { c.Fingerprint = v.Line() },
	})
	return c
}

func checks(v field.Value) Checks {
	var c Checks
	v.Fields(field.Set{
		"use_case": func(v field.Value) {
			v.Fields(field.Set{
				"still_needed": func(v field.Value) { c.StillNeeded = v.Bool() },
				"because":      func(v field.Value) { c.Because = v.Line() },
			})
		},
		"scopes":    func(v field.Value) { c.Scopes = decisions(v, "scope") },
		"endpoints": func(v field.Value) { c.Endpoints = decisions(v, "endpoint") },
		"idle": func(v field.Value) {
			v.Fields(field.Set{
				"last_used": func(v field.Value) { c.Idle.LastUsed = field.Decode(v, inventory.ParseDate) },
				"source":    func(v field.Value) { c.Idle.Source = v.Line() },
				"observed":  func(v field.Value) { c.Idle.Observed = field.Decode(v, inventory.ParseDate) },
			})
		},
	})
	return c
}

func decisions(v field.Value, what string) []Decision {
	var out []Decision
	for _, item := range v.List() {
		var d Decision
		item.Fields(field.Set{
			what:     func(v field.Value) { d.Name = v.Line() },
			"keep":   func(v field.Value) { d.Keep = v.Bool() },
			"narrow": func(v field.Value) { d.Narrow = v.Line() },
		})
		item.Requires(what, "keep")
		out = append(out, d)
	}
	return out
}

var digestShape = field.Shape(`^sha256:[0-9a-f]{64}$`)

func digest(v field.Value) string {
	return field.Decode(v, func(s string) (string, error) {
		if s != "none" && !digestShape().MatchString(s) {
			return "", errors.New("is no digest (hint: credgate approve writes it)")
		}
		return s, nil
	})
}

// ParseException reads one exception: one connection, one rule, one reason, and
// an end at most MaxException away.
func ParseException(p string, data []byte) (Exception, error) {
	d := field.Parse(p, data)
	x := Exception{ID: strings.TrimSuffix(path.Base(p), ".yaml"), Location: d.Root.Location()}
	d.Root.Fields(field.Set{
		"version":    version,
		"connection": func(v field.Value) { x.Connection = v.Line() },
		"rule":       func(v field.Value) { x.Rule = v.OneOf(policy.RuleIDs...) },
		"reason":     func(v field.Value) { x.Reason = v.Line() },
		"approver":   func(v field.Value) { x.Approver = person(v) },
		"on":         func(v field.Value) { x.On = field.Decode(v, inventory.ParseDate) },
		"expires":    func(v field.Value) { x.Expires = field.Decode(v, inventory.ParseDate) },
	})
	d.Root.Requires("version", "connection", "rule", "reason", "approver", "on", "expires")
	if x.Connection == "*" || x.Connection == "**" {
		d.Root.Get("connection").Errorf("names every connection (hint: one exception for each)")
	}
	if x.Rule == "incomplete-scan" {
		d.Root.Get("rule").Errorf("a gap is never a pass, and cannot be excepted")
	}
	if !x.On.IsZero() && !x.Expires.IsZero() && (x.Expires.Compare(x.On) < 0 || x.On.Add(MaxException).Compare(x.Expires) < 0) {
		d.Root.Get("expires").Errorf("%s is not within %d days of %s (hint: %s)", x.Expires, MaxException.Days(), x.On, x.On.Add(MaxException))
	}
	return x, d.Err()
}

// ParseBaseline reads what Baseline.Marshal wrote.
func ParseBaseline(p string, data []byte) (Baseline, error) {
	d := field.Parse(p, data)
	b := Baseline{Path: p}
	d.Root.Fields(field.Set{
		"version": version,
		"created": func(v field.Value) { b.Created = field.Decode(v, inventory.ParseDate) },
		"violations": func(v field.Value) {
			for _, item := range v.List() {
				b.Items = append(b.Items, baselined(item))
			}
		},
	})
	d.Root.Requires("version", "created")
	return b, d.Err()
}

func baselined(v field.Value) Item {
	i := Item{Location: v.Location()}
	v.Fields(field.Set{
		"rule":        func(v field.Value) { i.Rule = v.OneOf(policy.RuleIDs...) },
		"subject":     func(v field.Value) { i.Subject = v.Line() },
		"fingerprint": func(v field.Value) { i.Fingerprint = v.Line() },
		"due":         func(v field.Value) { i.Due = field.Decode(v, inventory.ParseDate) },
	})
	v.Requires("rule", "fingerprint", "due")
	return i
}
