package rule

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/field"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
)

// shown is how many items of a list a message names.
const shown = 4

// say is a name from outside as a message may hold it: plain, or quoted.
func say(s string) string { return field.Plain(s) }

// text is a phrase from outside, with what is not printable left out.
func text(s string) string {
	s = strings.ToValidUTF8(s, "?")
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
}

// list names the first few of some names: "a, b and 3 more".
func list(names []string) string {
	var out []string
	for _, n := range names[:min(len(names), shown)] {
		out = append(out, say(n))
	}
	if more := len(names) - len(out); more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(out, ", "), more)
	}
	return strings.Join(out, ", ")
}

// named is what a connection is called in a message: by its references, which
// is how people know it, else by what it reaches.
func named(c connection.Connection) string {
	if refs := inventory.Refs(c); len(refs) > 0 {
		var out []string
		for _, r := range refs {
			out = append(out, say(short(r)))
		}
		if len(out) > shown {
			return fmt.Sprintf("%s and %d more", strings.Join(out[:shown], ", "), len(out)-shown)
		}
		return and(out)
	}
	what := map[connection.Kind]string{
		connection.FederatedTrust: "a federated trust", connection.ServiceConnection: "a service connection",
		connection.RegistryLogin: "a registry login", connection.AppToken: "an app token", connection.SSH: "an SSH login",
		connection.Webhook: "a webhook", connection.URLCredential: "a credential in a URL", connection.MCPServer: "an MCP server",
		connection.DelegatedCall: "a delegated call", connection.Encrypted: "an encrypted value", connection.Backend: "a backend",
		connection.ProviderBlock: "a provider login", connection.StoreRef: "a stored secret", connection.Literal: "a literal credential",
	}[c.Kind]
	if what == "" {
		what = "a connection"
	}
	if to := reached(c); to != "" {
		what += " to " + to
	}
	if c.Principal != "" {
		what += " as " + say(c.Principal)
	}
	return what
}

// and joins names as a sentence does: "a", "a and b", "a, b and c".
func and(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// is agrees with what named says, and so does it.
func is(c connection.Connection) string {
	if len(inventory.Refs(c)) > 1 {
		return "are"
	}
	return "is"
}

func it(c connection.Connection) string {
	if len(inventory.Refs(c)) > 1 {
		return "them"
	}
	return "it"
}

// reached is what a connection reaches, as far as it is known.
func reached(c connection.Connection) string {
	switch {
	case c.Endpoint != "":
		return say(c.Endpoint)
	case c.Provider != "" && c.Account != "":
		return say(c.Provider) + " account " + say(c.Account)
	case c.Provider != "":
		return say(c.Provider)
	}
	return ""
}

// short is the name within a reference: STRIPE_KEY of github:secret:STRIPE_KEY.
// References to stores off the platform stay whole: their names say too little.
func short(ref string) string {
	parts := strings.SplitN(ref, ":", 3)
	switch {
	case len(parts) == 3 && parts[2] == "*":
		return "secrets.*"
	case len(parts) == 3 && slices.Contains([]string{"secret", "var", "env", "credential"}, parts[1]):
		return parts[2]
	}
	return ref
}

// places are a connection's locations, those at head first.
func places(c connection.Connection) []scanner.Location {
	var out []scanner.Location
	for _, p := range c.Locations {
		out = append(out, p.Location)
	}
	return ordered(out)
}

// ordered sorts locations, those at head first: there a reader can act. Those at
// the tips of other refs follow, then those of the history.
func ordered(ls []scanner.Location) []scanner.Location {
	ls = slices.Clone(ls)
	slices.SortFunc(ls, func(a, b scanner.Location) int { return cmp.Or(cmp.Compare(a.Distance(), b.Distance()), a.Compare(b)) })
	return slices.Compact(ls)
}

// arg is s as one word of a shell command, "" where it cannot safely be one.
func arg(s string) string {
	if s == "" || strings.HasPrefix(s, "-") || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/@:+-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// about starts a violation of an entry at one of its fields, with further places.
func about(e gate.Entry, f string, more ...scanner.Location) gate.Violation {
	return gate.Violation{Entry: e.ID, Locations: append([]scanner.Location{e.At(f)}, more...)}
}

// answers is who to turn to: "; owner team:payments".
func answers(e gate.Entry) string {
	if e.Owner == "" {
		return "; nobody owns it"
	}
	return "; owner " + say(e.Owner)
}

// live are the entries that still have duties.
func live(f gate.Facts) []gate.Entry {
	return slices.DeleteFunc(slices.Clone(f.Entries), gate.Entry.Ended)
}
