// Package owner tells which active humans answer for a connection: it reads
// CODEOWNERS and a directory of people, and resolves teams and aliases.
package owner

import "github.com/credgate/credgate/gate/inventory"

// A Person is one row of the directory.
type Person struct {
	ID      string         `json:"id"`
	Name    string         `json:"name,omitempty"`
	Emails  []string       `json:"emails,omitempty"`
	GitHub  []string       `json:"github,omitempty"`
	Active  bool           `json:"active"`
	Teams   []string       `json:"teams,omitempty"`
	RoleKey string         `json:"-"`
	Manager string         `json:"-"`
	Until   inventory.Date `json:"until,omitzero"`
	Bot     bool           `json:"bot,omitempty"`
}

// An Answer is whom an owner string comes down to.
type Answer struct {
	Owner  string   `json:"owner"`
	People []Person `json:"people,omitempty"` // active humans, in order of id
	// Known is false when there is nothing to resolve with: no directory and no CODEOWNERS.
	Known bool `json:"known"`
	// Problem says why nobody answers, "" when somebody does or it is not known.
	Problem string `json:"problem,omitempty"`
}

// A Directory is the people that are known. Its zero value knows nobody.
type Directory struct {
	People []Person
}
