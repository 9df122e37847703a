package pipeline

import (
	"slices"

	"github.com/credgate/credgate/scanner/connection"
)

// A Ref is a reference to something kept elsewhere, where it is used.
type Ref struct {
	Name string    // normal form of pipelines.md 1.4: github:secret:NAME
	At   Text      // where it stands
	In   *Document // the document that At is of
	Via  []string  // names it was bound to since, in order
	// Auth is how it proves itself where that is not by being a stored secret:
	// the job token, a token that an earlier step derived.
	Auth connection.Auth
	// Incomplete marks a name that is computed, or all names at once.
	Incomplete bool
	// Param marks a name that a caller of this document may bind.
	Param bool
	// Alt marks one of several of which only one is taken: a || b.
	Alt bool
	// Derived marks what an earlier step computed: it is no reference to a store.
	Derived bool
	// Weak marks a variable whose name does not say credential. It counts where
	// a use says that it is one: the user of a login, the role of a trust.
	Weak bool
}

// A Value is what a name or an expression stands for, as far as the file tells.
type Value struct {
	At   Text   // where it is written
	Lit  string // its literal text, references and unknown parts left out
	Refs []Ref  // what flowed into it
	// Alts are all the texts that Lit may be, where a matrix or a condition
	// gives several.
	Alts []string
	// Open tells that a part of it is not known from the file.
	Open bool
}

// Texts gives the literal texts it may be, none when nothing literal is known.
func (v Value) Texts() []string {
	if len(v.Alts) > 0 {
		return v.Alts
	}
	if v.Lit == "" {
		return nil
	}
	return []string{v.Lit}
}

// Literal is a value that the file spells out.
func Literal(t Text) Value { return Value{At: t, Lit: t.S} }

// Empty tells whether nothing is known of it.
func (v Value) Empty() bool { return v.Lit == "" && len(v.Refs) == 0 }

// Names gives the references by name, in order, each once.
func (v Value) Names() []string {
	var out []string
	for _, r := range v.Refs {
		if !slices.Contains(out, r.Name) {
			out = append(out, r.Name)
		}
	}
	return out
}

// Through is the value as it passes the binding name: its references remember it.
func (v Value) Through(name string) Value {
	refs := make([]Ref, 0, len(v.Refs))
	for _, r := range v.Refs {
		if len(r.Via) < maxBinding {
			r.Via = append(slices.Clone(r.Via), name)
		}
		refs = append(refs, r)
	}
	v.Refs = refs
	return v
}

// A Scope binds names, over those of an outer scope. Nil is empty.
type Scope struct {
	outer *Scope
	names map[string]Value
}

// Inner is a new scope within s.
func (s *Scope) Inner() *Scope { return &Scope{outer: s, names: map[string]Value{}} }

// Bind gives name a value in this scope.
func (s *Scope) Bind(name string, v Value) {
	if len(v.Refs) > maxFanOut {
		v.Refs = v.Refs[:maxFanOut]
	}
	s.names[name] = v
}

// Lookup finds what name is bound to here or further out.
func (s *Scope) Lookup(name string) (Value, bool) {
	for ; s != nil; s = s.outer {
		if v, ok := s.names[name]; ok {
			return v, true
		}
	}
	return Value{}, false
}
