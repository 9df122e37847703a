package report

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// How much of a graph a person can read, and a viewer of Mermaid draws (500
// edges and 50,000 characters unless configured).
const (
	graphEdges = 250
	labelWidth = 48 // columns
	mermaidMax = 45_000
)

// A graph tells who reaches what: consumers on the left, what they reach on the
// right, in a group for each provider.
type graph struct {
	from   []string // labels, in order of their first path
	groups []graphGroup
	edges  []graphEdge
	note   string // how it was folded or cut
}

type graphGroup struct {
	name    string
	targets []graphTarget
}

type graphTarget struct {
	id      int // over all groups
	label   string
	failing bool
	guessed bool
}

type graphEdge struct{ from, to, jobs int }

// A fold says how much of the detail is drawn together.
type fold int

const (
	byConnection fold = iota // file to connection
	byProvider               // file to provider
	byDirectory              // directory to provider
	folds
)

// graphOf folds consumers into their files; while that has more than limit
// edges, connections into their providers, then files into their directories.
// What is still too much is cut, and the note says so.
func graphOf(d Document, limit int) graph {
	var g graph
	for f := byConnection; f < folds; f++ {
		if g = folded(d, f); len(g.edges) <= limit {
			break
		}
	}
	if n := len(g.edges) - limit; n > 0 {
		g.edges = g.edges[:limit]
		g.note = strings.TrimPrefix(g.note+fmt.Sprintf("; %d of %d edges left out", n, n+limit), "; ")
	}
	return g
}

func folded(d Document, f fold) graph {
	failing := make(map[string]bool)
	for _, v := range d.Violations {
		failing[v.Connection] = failing[v.Connection] || v.Fails() && v.Connection != ""
	}
	g := graph{note: [...]string{"", "connections are drawn as one for each provider", "connections are drawn as one for each provider, files as one for each directory"}[f]}
	by := make(map[string][]Connection)
	for _, c := range d.Connections {
		by[c.Provider] = append(by[c.Provider], c)
	}
	reached := make(map[string]map[int]map[string]bool) // consumer, target, jobs
	next := 0
	for _, provider := range sorted(by) {
		group := graphGroup{name: cmp.Or(provider, "unknown provider")}
		for i, c := range by[provider] {
			if f == byConnection || i == 0 {
				group.targets = append(group.targets, graphTarget{id: next, label: target(c), guessed: c.ProviderFrom == connection.FromName})
				next++
			}
			t := &group.targets[len(group.targets)-1]
			t.failing = t.failing || failing[c.ID]
			for _, u := range users(c) {
				from := consumerLabel(u.Path, f)
				if reached[from] == nil {
					reached[from] = make(map[int]map[string]bool)
				}
				if reached[from][t.id] == nil {
					reached[from][t.id] = make(map[string]bool)
				}
				reached[from][t.id][u.Path+"\x00"+u.Job] = true
			}
		}
		if n := len(by[provider]); f != byConnection {
			group.targets[0].label, group.targets[0].guessed = count(n, "connection"), false
		}
		g.groups = append(g.groups, group)
	}
	g.consumers(reached)
	return g
}

// consumers adds the left side and the edges. Three and more that reach the
// same, which most workflows with nothing but their job token do, are one.
func (g *graph) consumers(reached map[string]map[int]map[string]bool) {
	alike := make(map[string][]string) // by what they reach
	for _, from := range sorted(reached) {
		to := fmt.Sprint(slices.Sorted(maps.Keys(reached[from])))
		alike[to] = append(alike[to], from)
	}
	var nodes [][]string
	for _, names := range alike {
		if len(names) < 3 {
			for _, n := range names {
				nodes = append(nodes, []string{n})
			}
			continue
		}
		nodes = append(nodes, names)
	}
	slices.SortFunc(nodes, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	dir := commonDir(sorted(reached))
	if dir != "" {
		g.note = join("; ", "files are in "+pathText(dir), g.note)
	}
	for i, names := range nodes {
		label := tail(cmp.Or(strings.TrimPrefix(names[0], dir), "./"))
		if more := len(names) - 1; more > 0 {
			label += fmt.Sprintf(" and %d more", more)
		}
		g.from = append(g.from, label)
		jobs := make(map[int]int)
		for _, n := range names {
			for to, by := range reached[n] {
				jobs[to] += len(by)
			}
		}
		for _, to := range slices.Sorted(maps.Keys(jobs)) {
			g.edges = append(g.edges, graphEdge{i, to, jobs[to]})
		}
	}
}

// commonDir is the directory that all paths lie in, with its slash; "" for the
// root, and where there is but one path.
func commonDir(paths []string) string {
	if len(paths) < 2 {
		return ""
	}
	first, last := paths[0], paths[len(paths)-1] // sorted: what they share, all share
	n := 0
	for n < min(len(first), len(last)) && first[n] == last[n] {
		n++
	}
	return first[:strings.LastIndexByte(first[:n], '/')+1]
}

// users are the consumers of c, or the files it stands in when none is known.
func users(c Connection) []connection.Consumer {
	if len(c.Consumers) > 0 {
		return c.Consumers
	}
	return each(c.Locations, func(l Location) connection.Consumer { return connection.Consumer{Path: l.Path} })
}

func consumerLabel(file string, f fold) string {
	if f == byDirectory {
		return path.Dir(file) + "/"
	}
	return file
}

// target names what a connection reaches, in a few words.
func target(c Connection) string {
	names := c.Refs
	if c.Kind == connection.DelegatedCall && c.Principal != "" {
		names = []string{c.Principal}
	}
	if len(names) == 0 {
		names = c.Endpoints
	}
	if len(names) == 0 {
		names = []string{cmp.Or(c.Endpoint, c.Principal, c.Account, c.ID)}
	}
	short := make([]string, 0, len(names))
	for _, n := range firstFew(names, 2) {
		short = append(short, n[strings.LastIndexByte(n, ':')+1:])
	}
	return string(c.Kind) + " " + strings.Join(short, ", ")
}

func label(s string) string { return clip(plain(s), labelWidth) }

// tail is a path cut at its front, where it says least.
func tail(p string) string {
	s := pathText(p)
	if columns(s) <= labelWidth {
		return s
	}
	last := 0
	for i, r := range s {
		if r == '/' && i > 0 {
			if columns(s[i:]) < labelWidth {
				return "…" + s[i:]
			}
			last = i
		}
	}
	return clip("…"+s[last:], labelWidth)
}

func (e graphEdge) label() string {
	if e.jobs < 2 {
		return ""
	}
	return count(e.jobs, "job")
}

func writeDOT(w *bytes.Buffer, d Document, _ Options) error {
	g := graphOf(d, graphEdges)
	fmt.Fprintf(w, "digraph credgate {\n  rankdir=LR;\n  ranksep=2;\n  node [shape=box, fontname=\"Helvetica\", fontsize=10];\n")
	fmt.Fprintf(w, "  label=\"%s\";\n", dotText(title(d, g)))
	for i, f := range g.from {
		fmt.Fprintf(w, "  f%d [label=\"%s\", shape=note];\n", i, dotText(f))
	}
	for i, group := range g.groups {
		fmt.Fprintf(w, "  subgraph cluster_%d {\n    label=\"%s\";\n", i, dotText(label(group.name)))
		for _, t := range group.targets {
			attrs := ""
			if t.failing {
				attrs += ", color=red"
			}
			if t.guessed {
				attrs += ", style=dashed"
			}
			fmt.Fprintf(w, "    c%d [label=\"%s\"%s];\n", t.id, dotText(label(t.label)), attrs)
		}
		fmt.Fprintln(w, "  }")
	}
	for _, e := range g.edges {
		attrs := ""
		if l := e.label(); l != "" {
			attrs = fmt.Sprintf(" [label=\"%s\"]", dotText(l))
		}
		fmt.Fprintf(w, "  f%d -> c%d%s;\n", e.from, e.to, attrs)
	}
	fmt.Fprintln(w, "}")
	return nil
}

func title(d Document, g graph) string {
	text := "what " + cmp.Or(d.Target.Name, "this repository") + " reaches"
	if g.note != "" {
		text += " (" + g.note + ")"
	}
	return text
}

// writeMermaid halves the edges until the drawing is short enough for a viewer.
func writeMermaid(w *bytes.Buffer, d Document, _ Options) error {
	for limit := graphEdges; ; limit /= 2 {
		var b bytes.Buffer
		mermaid(&b, d, graphOf(d, limit))
		if b.Len() <= mermaidMax || limit == 0 {
			_, err := w.Write(b.Bytes())
			return err
		}
	}
}

func mermaid(w *bytes.Buffer, d Document, g graph) {
	linkedFrom, linkedTo := make(map[int]bool), make(map[int]bool)
	for _, e := range g.edges {
		linkedFrom[e.from], linkedTo[e.to] = true, true
	}
	fmt.Fprintf(w, "flowchart LR\n  t[\"%s\"]\n", mermaidText(title(d, g)))
	for i, f := range g.from {
		if linkedFrom[i] {
			fmt.Fprintf(w, "  f%d[\"%s\"]\n", i, mermaidText(f))
		}
	}
	var failing, guessed []string
	for i, group := range g.groups {
		targets := slices.DeleteFunc(slices.Clone(group.targets), func(t graphTarget) bool { return !linkedTo[t.id] })
		if len(targets) == 0 {
			continue
		}
		fmt.Fprintf(w, "  subgraph p%d[\"%s\"]\n", i, mermaidText(label(group.name)))
		for _, t := range targets {
			fmt.Fprintf(w, "    c%d[\"%s\"]\n", t.id, mermaidText(label(t.label)))
			if t.failing {
				failing = append(failing, fmt.Sprintf("c%d", t.id))
			}
			if t.guessed {
				guessed = append(guessed, fmt.Sprintf("c%d", t.id))
			}
		}
		fmt.Fprintln(w, "  end")
	}
	for _, e := range g.edges {
		if l := e.label(); l != "" {
			fmt.Fprintf(w, "  f%d -->|\"%s\"| c%d\n", e.from, mermaidText(l), e.to)
		} else {
			fmt.Fprintf(w, "  f%d --> c%d\n", e.from, e.to)
		}
	}
	for _, c := range []struct {
		name, style string
		ids         []string
	}{{"failing", "stroke:#c00,stroke-width:2px", failing}, {"guessed", "stroke-dasharray:4", guessed}} {
		if len(c.ids) > 0 {
			fmt.Fprintf(w, "  classDef %s %s\n  class %s %s\n", c.name, c.style, strings.Join(c.ids, ","), c.name)
		}
	}
}
