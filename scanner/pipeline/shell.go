package pipeline

import "github.com/credgate/credgate/scanner/connection"

// A Script is a body of commands in a document.
type Script struct {
	Text Text
	// Lang is bash (also for ""), sh, pwsh, powershell, cmd, python or
	// javascript. Another one is not read but for the names it looks up.
	Lang string
	// Holes are the dialect's own expressions in Text (${{ … }}, $(X)), in
	// order. They stand for one word or a part of one.
	Holes []Hole
	// Env is what the environment holds.
	Env *Scope
	// Unknown says what a variable stands for that is bound nowhere; nil, or
	// false, is nothing.
	Unknown func(name string) (Value, bool)

	Consumer connection.Consumer
	// OIDC tells that the job may ask the platform for an identity token.
	OIDC  bool
	Group string // prefix of the groups of what it emits; unique in the document
}

// A Hole is an expression of the dialect within a script: Text.S[Start:End].
type Hole struct {
	Start, End int
	Value      Value
}

// Shell reads a script and emits the connections that its commands make: hosts
// that a reference is sent to, logins, stores, bare endpoints. References that
// stand in it and go nowhere known are not emitted: the dialect does that where
// they are written. It gives the scope at the script's end.
func (d *Document) Shell(s Script) *Scope { return s.Env }
