// Package owner tells which active humans answer for a connection: it reads
// CODEOWNERS and a directory of people, and resolves teams and aliases.
//
// Bots and people who left answer for nothing. Where there is no directory,
// CODEOWNERS can at least tell a team that nobody has heard of.
package owner

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/credgate/credgate/gate/field"
	"github.com/credgate/credgate/gate/inventory"
)

// A Person is one row of the directory.
type Person struct {
	ID      string         `json:"id"`
	Name    string         `json:"name,omitempty"`
	Emails  []string       `json:"emails,omitempty"`
	GitHub  []string       `json:"github,omitempty"` // logins
	Active  bool           `json:"active"`
	Teams   []string       `json:"teams,omitempty"`
	RoleKey string         `json:"-"` // keyed hash of title, department, manager: only equality matters
	Manager string         `json:"-"`
	Until   inventory.Date `json:"until,omitzero"` // last day
	Bot     bool           `json:"bot,omitempty"`
}

// Answers tells whether the person is an active human at now.
func (p Person) Answers(now time.Time) bool {
	return p.Active && !p.Bot && !p.Until.Past(now)
}

// An Answer is whom an owner string comes down to.
type Answer struct {
	Owner  string   `json:"owner"`
	People []Person `json:"people,omitempty"` // active humans, in order of id
	// Known is false when there is nothing to resolve with, or what there is
	// does not say.
	Known bool `json:"known"`
	// Problem says why nobody answers, as in "has no active member"; "" when
	// somebody does or it is not known.
	Problem string `json:"problem,omitempty"`
}

// A Directory is the people and teams that are known. Its zero value knows
// nobody and finds fault only with bots.
type Directory struct {
	People []Person   // in order of id
	Owners Codeowners // of the repository

	File  string // that People were read from; "" without a directory
	alias map[string]int
}

// NewDirectory indexes people by id, login and address. File names the
// directory in messages; without it there is none.
func NewDirectory(file string, people []Person, owners Codeowners) Directory {
	d := Directory{People: slices.Clone(people), Owners: owners, File: file, alias: map[string]int{}}
	slices.SortFunc(d.People, func(a, b Person) int { return cmp.Compare(a.ID, b.ID) })
	for i, p := range d.People {
		for _, a := range p.aliases() {
			d.alias[fold(a)] = i
		}
	}
	return d
}

func (p Person) aliases() []string {
	return slices.Concat([]string{p.ID}, p.Emails, p.GitHub)
}

func fold(s string) string { return strings.ToLower(strings.TrimPrefix(s, "@")) }

// Find gives the person behind a name, which may be an id, a login, an address
// or any of them after "user:". The same person may have several names.
func (d Directory) Find(name string) (Person, bool) {
	i, ok := d.alias[fold(strings.TrimPrefix(name, "user:"))]
	if !ok {
		return Person{}, false
	}
	return d.People[i], true
}

// Resolve tells who answers at now for "team:NAME" or "user:NAME". If the
// directory is complete, who is not listed has left; otherwise nothing is known.
func (d Directory) Resolve(owner string, now time.Time, complete bool) Answer {
	a := Answer{Owner: owner}
	kind, name, _ := strings.Cut(owner, ":")
	switch {
	case owner == "":
		a.Problem = "is not named"
	case kind == "user" && Bot(name):
		a.Problem = "is a bot"
	case d.File == "":
		a.Problem = d.Owners.missing(kind, name)
	case kind == "team":
		d.team(&a, name, now, complete)
	default:
		d.user(&a, name, now, complete)
	}
	a.Known = a.Problem != "" || len(a.People) > 0
	return a
}

func (d Directory) user(a *Answer, name string, now time.Time, complete bool) {
	p, ok := d.Find(name)
	switch {
	case !ok && complete:
		a.Problem = "is not in " + field.Plain(d.File)
	case !ok:
	case p.Bot:
		a.Problem = "is a bot"
	case p.Until.Past(now):
		a.Problem = "left on " + p.Until.String()
	case !p.Active:
		a.Problem = "is not active"
	default:
		a.People = []Person{p}
	}
}

func (d Directory) team(a *Answer, name string, now time.Time, complete bool) {
	members, bots := 0, 0
	for _, p := range d.People {
		if !slices.ContainsFunc(p.Teams, func(t string) bool { return sameTeam(t, name) }) {
			continue
		}
		members++
		if p.Bot {
			bots++
		}
		if p.Answers(now) {
			a.People = append(a.People, p)
		}
	}
	switch {
	case len(a.People) > 0:
	case members == 0 && complete:
		a.Problem = "has no member in " + field.Plain(d.File)
	case members == 0:
	case bots == members:
		a.Problem = "has only bot members"
	default:
		a.Problem = "has no active human member"
	}
}

// sameTeam compares team names with or without their organisation.
func sameTeam(a, b string) bool {
	a, b = fold(a), fold(b)
	return a == b || strings.HasSuffix(a, "/"+b) || strings.HasSuffix(b, "/"+a)
}

// Bot tells by its name whether an account is a machine's. The names are those
// of GitHub Apps and the habits of service accounts.
func Bot(name string) bool {
	n := fold(name)
	n, _, _ = strings.Cut(n, "@")
	switch n {
	case "bot", "ci", "dependabot", "renovate", "github-actions", "root", "nobody", "noreply", "no-reply":
		return true
	}
	for _, s := range []string{"[bot]", "-bot", "_bot", ".bot"} {
		if strings.HasSuffix(n, s) {
			return true
		}
	}
	for _, p := range []string{"bot-", "bot_", "svc-", "svc_", "service-account"} {
		if strings.HasPrefix(n, p) {
			return true
		}
	}
	return false
}

// String is the answer for a reader: "team:payments (alice, maria)".
func (a Answer) String() string {
	var ids []string
	for _, p := range a.People {
		ids = append(ids, p.ID)
	}
	if len(ids) == 0 || len(ids) == 1 && a.Owner == "user:"+ids[0] {
		return a.Owner
	}
	return fmt.Sprintf("%s (%s)", a.Owner, strings.Join(ids, ", "))
}
