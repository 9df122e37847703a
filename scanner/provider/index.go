package provider

import (
	"slices"
	"strings"
	"sync"
)

// The indices are built each at its first use: a run that asks for no provider
// pays nothing, and one that only asks by id pays for no hosts and names.

// everything is the catalogue in order of ID, all of its files together.
var everything = sync.OnceValue(func() []Provider {
	all := slices.Concat(fields()...)
	slices.SortFunc(all, func(a, b Provider) int { return strings.Compare(a.ID, b.ID) })
	return all
})

// hostIndex holds the patterns by their literal suffix, the exacter ones first.
var hostIndex = sync.OnceValue(func() map[string][]hostPattern {
	index := make(map[string][]hostPattern)
	for i, p := range everything() {
		for _, h := range p.Hosts {
			hp := parseHost(h)
			hp.provider = i
			index[hp.suffix] = append(index[hp.suffix], hp)
		}
	}
	for _, hs := range index {
		slices.SortStableFunc(hs, func(a, b hostPattern) int { return b.weight - a.weight })
	}
	return index
})

// nameIndex holds the names without their underscores.
var nameIndex = sync.OnceValue(func() map[string]nameClaim {
	index := make(map[string]nameClaim)
	for i, p := range everything() {
		for _, n := range p.Names {
			name, guess := strings.CutSuffix(n, "?")
			index[strings.ReplaceAll(name, "_", "")] = nameClaim{i, !guess}
		}
	}
	return index
})

type nameClaim struct {
	provider int
	sure     bool
}
