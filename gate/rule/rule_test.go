package rule_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/approval"
	"github.com/credgate/credgate/gate/field"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/gate/owner"
	"github.com/credgate/credgate/gate/policy"
	"github.com/credgate/credgate/gate/reconcile"
	"github.com/credgate/credgate/gate/rule"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

var update = flag.Bool("update", false, "write what the rules report into the cases and pages")

// Each rule has a page, a firing and a silent case, and its page shows what it
// really prints.
func TestRules(t *testing.T) {
	var ids []string
	for _, r := range rule.All() {
		t.Run(r.ID, func(t *testing.T) {
			if slices.Contains(ids, r.ID) {
				t.Errorf("id is there twice")
			}
			ids = append(ids, r.ID)
			if !slices.Contains(policy.RuleIDs, r.ID) {
				t.Error("policy.RuleIDs does not know it")
			}
			if r.Severity == 0 || r.Title == "" || len(r.Controls) == 0 {
				t.Error("lacks severity, title or controls")
			}
			cases(t, r)
			page(t, r)
		})
	}
	dirs, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dirs {
		if !slices.Contains(ids, d.Name()) {
			t.Errorf("testdata/%s belongs to no rule", d.Name())
		}
	}
	if pages, _ := filepath.Glob("*.md"); len(pages) != len(ids) {
		t.Errorf("%d pages for %d rules", len(pages), len(ids))
	}
}

func cases(t *testing.T, r gate.Rule) {
	paths, err := filepath.Glob("testdata/" + r.ID + "/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	firing, silent := 0, 0
	for _, p := range paths {
		a, err := txtar.ParseFile(p)
		if err != nil {
			t.Fatal(err)
		}
		got, want := lines(run(t, p, a), r.ID), section(a, "want")
		if *update && got != want {
			setSection(a, "want", got)
			if err := os.WriteFile(p, txtar.Format(a), 0o644); err != nil {
				t.Fatal(err)
			}
			want = got
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s\n%s", p, strings.TrimSpace(string(a.Comment)), d)
		}
		if want == "" {
			silent++
		} else {
			firing++
		}
	}
	if firing == 0 || silent == 0 {
		t.Errorf("%d firing and %d silent cases", firing, silent)
	}
}

var (
	outputBlock = regexp.MustCompile("(?s)```text\n(.*?)```")
	yamlBlock   = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	headings    = []string{"## Why it matters", "## Example", "## Fix", "## Settings", "## Controls"}
)

func page(t *testing.T, r gate.Rule) {
	if !strings.HasPrefix(r.Page, "# "+r.ID+"\n") {
		t.Fatalf("page does not begin with its id")
	}
	for _, h := range headings {
		if !strings.Contains(r.Page, "\n"+h+"\n") {
			t.Errorf("page lacks %q", h)
		}
	}
	for _, c := range r.Controls {
		if !strings.Contains(r.Page, c) {
			t.Errorf("page does not name control %s", c)
		}
	}
	a, err := txtar.ParseFile("testdata/" + r.ID + "/example.txtar")
	if err != nil {
		t.Fatal(err)
	}
	m := outputBlock.FindStringSubmatchIndex(r.Page)
	if m == nil {
		t.Fatal("page shows no output")
	}
	want := section(a, "want")
	if got := r.Page[m[2]:m[3]]; got != want {
		if *update {
			s := r.Page[:m[2]] + want + r.Page[m[3]:]
			if err := os.WriteFile(r.ID+".md", []byte(s), 0o644); err != nil {
				t.Fatal(err)
			}
		} else {
			t.Errorf("the page's output is not that of example.txtar\n%s", cmp.Diff(want, got))
		}
	}
	for _, b := range yamlBlock.FindAllStringSubmatch(r.Page, -1) {
		if !strings.Contains(string(txtar.Format(a)), b[1]) {
			t.Errorf("the page's input is no part of example.txtar:\n%s", b[1])
		}
	}
}

func section(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

func setSection(a *txtar.Archive, name, data string) {
	for i := range a.Files {
		if a.Files[i].Name == name {
			a.Files[i].Data = []byte(data)
			return
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(data)})
}

// lines are what a terminal shows of one rule.
func lines(v gate.Verdict, id string) string {
	var b strings.Builder
	for _, x := range v.Violations {
		if x.Rule != id {
			continue
		}
		at := "credgate: "
		if len(x.Locations) > 0 {
			l := x.Locations[0]
			at = fmt.Sprintf("%s:%d:%d: ", field.Plain(l.Path), l.Line, l.Column)
		} else if x.Subject() != "" {
			at = x.Subject() + ": "
		}
		word := map[gate.Action]string{gate.Warning: "warning: ", gate.Uncertain: "incomplete: "}[x.Action]
		if !x.Stands() {
			word = "tolerated by " + x.Exception + ": "
		}
		fmt.Fprintf(&b, "%s%s%s [%s]\n    fix: %s\n", at, word, x.Message, x.Rule, x.Remedy)
	}
	return b.String()
}

// run judges the facts of an archive by all rules.
func run(t *testing.T, name string, a *txtar.Archive) gate.Verdict {
	t.Helper()
	tree := fstest.MapFS{}
	for _, f := range a.Files {
		if f.Name != "facts" && f.Name != "want" {
			tree[".credgate/"+f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	if c, ok := tree[".credgate/CODEOWNERS"]; ok {
		tree["CODEOWNERS"] = c
	}
	pol, err := policy.Load(tree)
	check(t, name, err)
	inv, err := inventory.Load(tree)
	check(t, name, err)
	f, in := compact(t, name, section(a, "facts"))
	f.People, err = owner.Load(tree, pol.Directory.File)
	check(t, name, err)
	f.Approvals, err = approval.LoadLedger(tree)
	check(t, name, err)
	f.Exceptions, err = approval.LoadExceptions(tree)
	check(t, name, err)
	f.Baseline, err = approval.LoadBaseline(tree)
	check(t, name, err)
	in.Entries = inv.Entries
	r := reconcile.Match(in)
	f.Findings, f.Connections, f.Declared, f.Ambiguous = r.Findings, r.Connections, r.Entries, r.Ambiguous
	return gate.Evaluate(f, pol, rule.All())
}

func check(t *testing.T, name string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

// compact reads facts, one a line: a word, then key=value, where a key may be
// given several times and a value may be quoted.
//
//	now 2026-09-24
//	repository acme/shop
//	connection secret-ref provider=stripe ref=github:secret:STRIPE_KEY at=.github/workflows/refund.yml:18:24
//	finding stripe-live-key title="Stripe live key" provider=stripe fp=k1:… at=app.env:3:5
//	gap shallow detail="1 of many commits"
//	nothing
func compact(t *testing.T, name, s string) (gate.Facts, reconcile.Input) {
	t.Helper()
	f := gate.Facts{Now: time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC), Coverage: scanner.Coverage{Files: 1}}
	in := reconcile.Input{}
	for line := range strings.Lines(s) {
		w, kv := words(t, name, strings.TrimSpace(line))
		if len(w) == 0 {
			continue
		}
		switch w[0] {
		case "now":
			d, err := inventory.ParseDate(w[1])
			check(t, name, err)
			f.Now = d.Time().Add(12 * time.Hour)
		case "repository":
			f.Repository, in.Repository = w[1], w[1]
		case "path":
			in.Paths = append(in.Paths, w[1])
		case "nothing":
			f.Coverage = scanner.Coverage{}
		case "gap":
			g := scanner.Gap{Reason: scanner.Reason(w[1]), Detail: first(kv["detail"]), Minor: len(kv["minor"]) > 0}
			if at := kv["at"]; len(at) > 0 {
				l := place(t, name, at[0], kv)
				g.Path, g.Line, g.Column = l.Path, l.Line, l.Column
			}
			f.Gaps = append(f.Gaps, g)
		case "finding":
			in.Findings = append(in.Findings, found(t, name, w[1], kv))
		case "connection":
			in.Connections = append(in.Connections, connected(t, name, w[1], kv))
		default:
			t.Fatalf("%s: %q is no fact", name, w[0])
		}
	}
	return f, in
}

func found(t *testing.T, name, detector string, kv map[string][]string) scanner.Finding {
	s := scanner.Finding{Detector: detector, Title: first(kv["title"]), Provider: first(kv["provider"]), Fingerprint: first(kv["fp"]),
		Severity: scanner.Critical, Allowed: first(kv["allowed"])}
	for _, at := range kv["at"] {
		s.Locations = append(s.Locations, place(t, name, at, kv))
	}
	return s
}

func connected(t *testing.T, name, kind string, kv map[string][]string) connection.Connection {
	c := connection.Connection{Kind: connection.Kind(kind), Provider: first(kv["provider"]), ProviderFrom: connection.From(first(kv["from"])),
		Account: first(kv["account"]), Endpoint: first(kv["endpoint"]), Principal: first(kv["principal"]), Auth: connection.Auth(first(kv["auth"])),
		Refs: kv["ref"], Scopes: kv["scope"], Environments: kv["env"], Triggers: kv["trigger"], Complete: true}
	if len(kv["endpoint"]) > 1 {
		c.Endpoints = kv["endpoint"]
	}
	c.ID = strings.Join(append([]string{kind, c.Provider, c.Endpoint}, c.Refs...), "/")
	for i, at := range kv["at"] {
		l := place(t, name, at, kv)
		c.Locations = append(c.Locations, connection.Place{Location: l, Document: "github-actions"})
		u := connection.Consumer{Path: l.Path, Triggers: kv["trigger"]}
		if i < len(kv["job"]) {
			u.Job = kv["job"][i]
		}
		if i < len(kv["env"]) {
			u.Environment = kv["env"][i]
		}
		c.Consumers = append(c.Consumers, u)
	}
	return c
}

func place(t *testing.T, name, s string, kv map[string][]string) scanner.Location {
	t.Helper()
	parts := strings.Split(s, ":")
	line, err := strconv.Atoi(parts[len(parts)-2])
	check(t, name, err)
	col, err := strconv.Atoi(parts[len(parts)-1])
	check(t, name, err)
	l := scanner.Location{Path: strings.Join(parts[:len(parts)-2], ":"), Line: line, Column: col, EndLine: line, EndColumn: col + 8, AtHead: true}
	if c := first(kv["commit"]); c != "" {
		l.Commit, l.AtHead = scanner.ObjectID(c), false
	}
	return l
}

func first(v []string) string {
	if len(v) == 0 {
		return ""
	}
	return v[0]
}

func words(t *testing.T, name, line string) (plain []string, kv map[string][]string) {
	t.Helper()
	kv = map[string][]string{}
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		end := strings.IndexByte(line, ' ')
		if end < 0 {
			end = len(line)
		}
		key, value, isPair := strings.Cut(line[:end], "=")
		if isPair && strings.HasPrefix(value, `"`) {
			q, err := strconv.QuotedPrefix(line[len(key)+1:])
			check(t, name, err)
			end = len(key) + 1 + len(q)
			value, _ = strconv.Unquote(q)
		}
		if isPair {
			kv[key] = append(kv[key], value)
		} else {
			plain = append(plain, key)
		}
		line = line[end:]
	}
	return plain, kv
}

// What names from a hostile repository may do to a message.
func TestMessagesHoldNoControlCharacters(t *testing.T) {
	evil := "a\n::error::b\x1b[31m\u202e%0A`'(x)"
	a := &txtar.Archive{Files: []txtar.File{{Name: "inventory.yaml", Data: []byte("version: 1\n")}}}
	v := run(t, "base", a)
	if v.Decision != gate.Pass {
		t.Fatalf("an empty inventory over nothing found: %v", v.Violations)
	}
	c := connection.Connection{ID: evil, Kind: connection.SecretRef, Provider: evil, Account: evil, Endpoint: evil, Principal: evil,
		Auth: connection.Static, Refs: []string{"github:secret:" + evil}, Scopes: []string{evil}, Environments: []string{evil, "production", "staging"},
		Consumers: []connection.Consumer{{Path: evil, Job: evil, Environment: evil, Triggers: []string{"issue_comment", evil}}},
		Locations: []connection.Place{{Location: scanner.Location{Path: evil, Line: 1, Column: 1, AtHead: true}, Document: "github-actions"}}}
	lit := c
	lit.Kind, lit.Refs = connection.Literal, nil
	job := c
	job.Kind, job.Refs, job.Scopes = connection.JobToken, nil, []string{"*", evil}
	e := inventory.Entry{ID: "ok", Provider: "stripe", Owner: "user:x", Scopes: []string{"read"}, Endpoints: []string{"api.stripe.com"}, UsedBy: []string{"x"},
		Environments: []string{"production"}, Status: inventory.Active,
		Credential: inventory.Credential{Kind: "api-key", StoredIn: []string{"github:repository/" + evil}}}
	r := reconcile.Match(reconcile.Input{Entries: []inventory.Entry{e}, Connections: []connection.Connection{c, lit, job},
		Findings: []scanner.Finding{{Detector: evil, Title: evil, Provider: evil, Fingerprint: "k1:00", Locations: []scanner.Location{{Path: evil}}}}})
	f := gate.Facts{Now: time.Now(), Findings: r.Findings, Connections: r.Connections, Declared: r.Entries,
		Gaps: []scanner.Gap{{Path: evil, Reason: scanner.Reason(evil), Detail: evil}},
		Exceptions: []approval.Exception{{ID: evil, Connection: "ok", Rule: "purpose-drift", Expires: inventory.DateOf(time.Now().AddDate(0, 0, 5)),
			On: inventory.DateOf(time.Now())}}}
	p := policy.Default()
	p.JobToken.Ceiling = []string{"contents:read"}
	got := gate.Evaluate(f, p, rule.All())
	rules := map[string]bool{}
	for _, x := range got.Violations {
		rules[x.Rule] = true
		for _, s := range []string{x.Message, x.Remedy} {
			if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0x202e }) {
				t.Errorf("%s: %q", x.Rule, s)
			}
		}
	}
	for _, id := range []string{"purpose-drift", "endpoint-drift", "scope-drift", "shared-across-environments", "embedded-credential", "incomplete-scan"} {
		if !rules[id] {
			t.Errorf("%s did not fire: the test shows nothing of it", id)
		}
	}
}
