package provider

import (
	"slices"
	"strings"
	"sync"
)

// An index is what look-ups need. It is built at the first of them: a run that
// asks for no provider pays nothing.
type index struct {
	all   []Provider
	id    map[string]int
	hosts map[string][]hostPattern // by literal suffix
	names map[string]nameClaim     // by name without underscores
}

type nameClaim struct {
	provider int
	sure     bool
}

var indexed = sync.OnceValue(func() *index {
	ix := &index{
		id:    map[string]int{},
		hosts: map[string][]hostPattern{},
		names: map[string]nameClaim{},
	}
	ix.all = slices.Concat(fields()...)
	slices.SortFunc(ix.all, func(a, b Provider) int { return strings.Compare(a.ID, b.ID) })
	for i, p := range ix.all {
		ix.id[p.ID] = i
		for _, h := range p.Hosts {
			hp := parseHost(h)
			hp.provider = i
			ix.hosts[hp.suffix] = append(ix.hosts[hp.suffix], hp)
		}
		for _, n := range p.Names {
			name, guess := strings.CutSuffix(n, "?")
			ix.names[strings.ReplaceAll(name, "_", "")] = nameClaim{i, !guess}
		}
	}
	for _, hs := range ix.hosts {
		slices.SortStableFunc(hs, func(a, b hostPattern) int { return b.weight - a.weight })
	}
	return ix
})
