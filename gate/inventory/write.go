package inventory

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate/field"
)

// Header is what a new inventory begins with.
const Header = `# The outside connections of this repository, each with somebody who answers
# for it. What is empty is for a person to fill in: credgate show ID tells what
# is known of a connection, credgate explain incomplete-entry what its tier asks for.
`

// Markers beside what is left for a person.
const (
	askOwner   = "who answers for this? team:NAME or user:NAME"
	askGuess   = "by CODEOWNERS; does it answer for this?"
	askUse     = "one word: deploy, publish, backup, notify"
	askPurpose = "one sentence: what would stop without it?"
)

// width at which a list is written one item a line.
const width = 100

// Marshal writes an inventory as Parse reads it, stable, and with a comment
// beside what is left for a person. Places and what was seen are not written.
func (inv Inventory) Marshal() []byte {
	var b bytes.Buffer
	b.WriteString(Header + "version: 1\n")
	if len(inv.Providers) > 0 {
		b.WriteString("\nproviders:\n")
		for _, n := range names(inv.Providers) {
			b.WriteString(inv.Providers[n].text(n))
		}
	}
	if len(inv.Entries) == 0 {
		b.WriteString("\nconnections: {}\n")
		return b.Bytes()
	}
	b.WriteString("\nconnections:\n")
	entries := slices.Clone(inv.Entries)
	slices.SortStableFunc(entries, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
	for i, e := range entries {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(e.text())
	}
	return b.Bytes()
}

// text is a provider on one line.
func (p Provider) text(name string) string {
	parts := []string{"kind: " + string(p.Kind)}
	if !p.Revision.IsZero() {
		parts = append(parts, "revision: "+p.Revision.String())
	}
	if len(p.Auth) > 0 {
		var ms []string
		for _, m := range names(p.Auth) {
			state := p.Auth[m].State
			if on := p.Auth[m].RemovedOn; !on.IsZero() {
				state = "{removed_on: " + on.String() + "}"
			}
			ms = append(ms, field.Scalar(m)+": "+state)
		}
		parts = append(parts, "auth: {"+strings.Join(ms, ", ")+"}")
	}
	if t := p.Terms; t != (Terms{}) {
		parts = append(parts, "terms: "+flow("ref", t.Ref, "until", t.Until.String()))
	}
	if len(p.Hosts) > 0 {
		parts = append(parts, "hosts: "+field.Flow(p.Hosts))
	}
	return fmt.Sprintf("  %s: {%s}\n", name, strings.Join(parts, ", "))
}

// A writer writes the fields of one map, indented.
type writer struct {
	bytes.Buffer
	indent string
}

func (w *writer) put(key, value string) {
	if value != "" {
		fmt.Fprintf(w, "%s%s: %s\n", w.indent, key, field.Scalar(value))
	}
}

// ask writes a field that a person has to fill in or confirm.
func (w *writer) ask(key, value, question string) {
	line := fmt.Sprintf("%s%s: %s", w.indent, key, field.Scalar(value))
	if question != "" {
		line = fmt.Sprintf("%-34s # %s", line, question)
	}
	w.WriteString(line + "\n")
}

func (w *writer) list(key string, items []string) {
	switch line := w.indent + key + ": " + field.Flow(items); {
	case len(items) == 0:
	case len(line) <= width:
		w.WriteString(line + "\n")
	default:
		fmt.Fprintf(w, "%s%s:\n", w.indent, key)
		for _, i := range items {
			fmt.Fprintf(w, "%s  - %s\n", w.indent, field.Scalar(i))
		}
	}
}

func (w *writer) line(key, value string) {
	if value != "" && value != "{}" {
		fmt.Fprintf(w, "%s%s: %s\n", w.indent, key, value)
	}
}

// text is an entry with its id, indented below connections.
func (e Entry) text() string {
	w := &writer{indent: "    "}
	fmt.Fprintf(w, "  %s:\n", e.ID)
	w.put("provider", e.Provider)
	w.put("account", e.Account)
	if e.Direction != "outbound" {
		w.put("direction", e.Direction)
	}
	w.list("endpoints", e.Endpoints)
	w.ask("owner", e.Owner, question(e.Owner == "", askOwner, e.Use == "", askGuess))
	w.put("business_owner", e.BusinessOwner)
	w.ask("use", e.Use, question(e.Use == "", askUse, false, ""))
	w.ask("purpose", e.Purpose, question(e.Purpose == "", askPurpose, false, ""))
	w.list("data", e.Data)
	if len(e.Scopes) == 1 && e.Scopes[0] == Unscoped {
		w.put("scopes", Unscoped)
	} else {
		w.list("scopes", e.Scopes)
	}
	w.list("environments", e.Environments)
	w.list("used_by", e.UsedBy)
	e.Credential.write(w)
	w.line("risk", flow("sensitivity", e.Risk.Sensitivity.String(), "blast_radius", e.Risk.BlastRadius.String(), "abuse_speed", e.Risk.AbuseSpeed.String()))
	w.put("tier", e.Tier.String())
	if e.Critical {
		w.line("critical", "true")
	}
	if e.Status != Active {
		w.put("status", string(e.Status))
	}
	w.put("replaced_by", e.ReplacedBy)
	if a := e.Approval; a != nil {
		w.line("approval", fmt.Sprintf("{by: %s, on: %s, expires: %s%s}", field.Flow(a.By), a.On, a.Expires, tail("digest", a.Digest)))
	}
	w.put("notes", e.Notes)
	return w.String()
}

func (c Credential) write(w *writer) {
	in := &writer{indent: w.indent + "  "}
	in.put("kind", c.Kind)
	in.put("auth", c.Auth)
	in.put("id", c.ID)
	in.put("fingerprint", c.Fingerprint)
	in.list("stored_in", c.StoredIn)
	in.put("issued_by", c.IssuedBy)
	in.put("last_rotated", c.LastRotated.String())
	in.put("rotate_every", c.RotateEvery.String())
	in.put("expires", c.Expires.String())
	in.put("ttl", c.TTL.String())
	in.line("revocation", flow("mode", c.Revocation.Mode, "how", c.Revocation.How))
	if in.Len() > 0 {
		fmt.Fprintf(w, "%scredential:\n%s", w.indent, in.String())
	}
}

// question is the first one that applies.
func question(a bool, ask string, b bool, or string) string {
	switch {
	case a:
		return ask
	case b:
		return or
	}
	return ""
}

// flow writes "{a: x, b: y}", without what is empty.
func flow(kv ...string) string {
	var out []string
	for i := 0; i < len(kv); i += 2 {
		if kv[i+1] != "" {
			out = append(out, kv[i]+": "+field.Scalar(kv[i+1]))
		}
	}
	return "{" + strings.Join(out, ", ") + "}"
}

func tail(key, value string) string {
	if value == "" {
		return ""
	}
	return ", " + key + ": " + field.Scalar(value)
}

// Insert adds entries, and those of their providers that are not there, to an
// inventory file and leaves every other byte as it is. The result is parsed
// together with others, the rest of the inventory; the error is that of
// Parse, or says why the file cannot be added to.
func Insert(f File, add Inventory, others ...File) ([]byte, error) {
	d := field.Parse(f.Path, f.Data)
	if err := d.Err(); err != nil {
		return nil, err
	}
	have, err := Parse(append([]File{f}, others...)...)
	if err != nil {
		return nil, err
	}
	var providers, entries strings.Builder
	for _, n := range names(add.Providers) {
		if _, ok := have.Providers[n]; !ok {
			providers.WriteString(add.Providers[n].text(n))
		}
	}
	for _, e := range add.Entries {
		entries.WriteString("\n" + e.text())
	}
	data := f.Data
	for _, part := range []struct{ key, text string }{{"connections", entries.String()}, {"providers", providers.String()}} {
		if data, err = into(f.Path, data, part.key, part.text); err != nil {
			return nil, err
		}
	}
	_, err = Parse(append([]File{{f.Path, data}}, others...)...)
	return data, err
}

// into puts lines at the end of a top-level map in block style, or begins it.
func into(path string, data []byte, key, text string) ([]byte, error) {
	if text == "" {
		return data, nil
	}
	lines := strings.SplitAfter(strings.TrimRight(string(data), "\n")+"\n", "\n")
	lines = lines[:len(lines)-1]
	start := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, key+":") })
	if start < 0 {
		return []byte(strings.Join(lines, "") + "\n" + key + ":\n" + strings.TrimPrefix(text, "\n")), nil
	}
	rest, _, _ := strings.Cut(strings.TrimPrefix(lines[start], key+":"), "#")
	switch strings.TrimSpace(rest) {
	case "":
	case "{}":
		lines[start] = key + ":\n"
	default:
		return nil, &FieldError{File: path, Line: start + 1, Column: 1, Field: key,
			Err: fmt.Errorf("is written on one line (hint: one entry a line, indented by two spaces)")}
	}
	end := start + 1
	for i := end; i < len(lines) && (strings.HasPrefix(lines[i], " ") || strings.TrimSpace(lines[i]) == "" || strings.HasPrefix(lines[i], "#")); i++ {
		if strings.HasPrefix(lines[i], " ") {
			end = i + 1
		}
	}
	if i := slices.IndexFunc(lines[start+1:end], func(l string) bool { return strings.TrimSpace(l) != "" && strings.TrimSpace(l)[0] != '#' }); i >= 0 {
		if l := lines[start+1+i]; !strings.HasPrefix(l, "  ") || strings.HasPrefix(l, "   ") {
			return nil, &FieldError{File: path, Line: start + 2 + i, Column: 1, Field: key, Err: fmt.Errorf("is not indented by two spaces")}
		}
	}
	if end == start+1 {
		text = strings.TrimPrefix(text, "\n")
	}
	return []byte(strings.Join(lines[:end], "") + text + strings.Join(lines[end:], "")), nil
}
