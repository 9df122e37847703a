package owner

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const listed = `id,name,emails,github,active,teams,role_key,manager,until
alice,Alice A,alice@example.com a.smith@example.com,alice-x;asmith,true,payments platform,,maria,
maria,Maria M,maria@example.com,,yes,payments,,,
dan,Dan D,dan@example.com,dan,false,payments,,,2026-05-02
tim,Tim T,,tim,true,guests,,,2026-09-23
soon,Soon S,,soon,true,guests2,,,2026-09-24
acme-ci,,,acme-ci[bot],true,ci,,,
`

var now = time.Date(2026, 9, 24, 12, 0, 0, 0, time.UTC)

func TestResolve(t *testing.T) {
	all, err := ParsePeople("people.csv", []byte(listed))
	if err != nil {
		t.Fatal(err)
	}
	d := NewDirectory("people.csv", all, Codeowners{})
	for in, want := range map[string]string{
		"":                         "is not named",
		"user:alice":               "alice",
		"user:ASmith":              "alice",
		"user:a.smith@example.com": "alice",
		"user:dan":                 "left on 2026-05-02",
		"user:tim":                 "left on 2026-09-23",
		"user:soon":                "soon",
		"user:zoe":                 "is not in people.csv",
		"user:dependabot[bot]":     "is a bot",
		"user:acme-ci":             "is a bot",
		"team:payments":            "alice maria",
		"team:acme/Payments":       "alice maria",
		"team:ci":                  "has only bot members",
		"team:guests":              "has no active human member",
		"team:nobody":              "has no member in people.csv",
	} {
		a := d.Resolve(in, now, true)
		got := a.Problem
		if got == "" {
			var ids []string
			for _, p := range a.People {
				ids = append(ids, p.ID)
			}
			got = strings.Join(ids, " ")
		}
		if got != want || !a.Known {
			t.Errorf("%s: %q, want %q (known %t)", in, got, want, a.Known)
		}
	}
	for _, in := range []string{"user:zoe", "team:nobody"} {
		if a := d.Resolve(in, now, false); a.Known || a.Problem != "" {
			t.Errorf("%s in a directory that is not complete: %+v", in, a)
		}
	}
	if a := (Directory{}).Resolve("team:x", now, true); a.Known || a.Problem != "" {
		t.Errorf("without a directory: %+v", a)
	}
	if got := d.Resolve("team:payments", now, true).String(); got != "team:payments (alice, maria)" {
		t.Error(got)
	}
}

func TestParsePeopleErrors(t *testing.T) {
	_, err := ParsePeople("people.csv", []byte("id,nmae,active,until,teams,teams\nann,Ann,maybe,2026-02-30,\n,x,,,\nann,,,,\nbob,,,,,,extra\n"))
	const want = `people.csv:1:4: unknown column "nmae" (did you mean name?)
people.csv:1:28: column is there twice
people.csv:2:9: active: "maybe" is neither true nor false
people.csv:2:15: until: "2026-02-30" is no date (hint: 2026-06-01)
people.csv:3:1: id: id is missing
people.csv:4:1: id: ann is there twice
people.csv:5:10: more cells than the header has columns`
	if err == nil {
		t.Fatal("no error")
	}
	if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(err.Error(), "\n")); d != "" {
		t.Error(d)
	}
	_, err = ParsePeople("people.csv", []byte("id,github\nann,x\nbob,X\n"))
	if err == nil || !strings.Contains(err.Error(), "ann and bob share a name or address") {
		t.Errorf("two people with one login: %v", err)
	}
	for _, in := range []string{"", "\x00", "id\n\"", "name\nx\n"} {
		if _, err := ParsePeople("people.csv", []byte(in)); err == nil {
			t.Errorf("%q is a directory", in)
		}
	}
}

func TestCodeowners(t *testing.T) {
	tree := fstest.MapFS{".github/CODEOWNERS": {Data: []byte("# all\n* @acme/platform\n/pay/ @acme/payments @ann bob@example.com @dependabot[bot]\n[Section][2] @acme/x\n/docs/\n!bad\n")}}
	d, err := Load(tree, ".credgate/people.csv")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"x.go":           "team:platform",
		"pay/api/x.go":   "team:payments user:ann user:bob@example.com",
		"docs/readme.md": "",
	} {
		if got := strings.Join(d.Owners.Of(path), " "); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	for in, problem := range map[string]string{"team:payments": "", "team:paymnets": "is not in .github/CODEOWNERS", "user:zoe": "", "user:renovate[bot]": "is a bot"} {
		if a := d.Resolve(in, now, true); a.Problem != problem {
			t.Errorf("%s: %q, want %q", in, a.Problem, problem)
		}
	}
	c, gaps := ParseCodeowners("CODEOWNERS", []byte("a.go @ann\n/x/**y[ @bad owner name\n* notanowner\n"))
	if len(gaps) == 0 || !gaps[0].Minor || len(c.Of("a.go")) != 1 {
		t.Errorf("a bad line is told and skipped: %v %v", gaps, c.Of("a.go"))
	}
}
