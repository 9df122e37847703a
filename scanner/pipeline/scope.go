package pipeline

import "slices"

// A Ref is a reference to something kept elsewhere, where it is used.
type Ref struct {
	Name string // normal form of pipelines.md 1.4: github:secret:NAME
	At   Text   // where it stands; the zero Text when it came from another document
	Via  []string
}

// A Value is what a name or an expression stands for, as far as the file tells.
type Value struct {
	At   Text   // where it is written
	Lit  string // its literal text, references left out
	Refs []Ref  // what flowed into it
	// Open tells that a part of it is not known from the file.
	Open bool
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
