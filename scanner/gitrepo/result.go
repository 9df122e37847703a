package gitrepo

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/credgate/credgate/scanner"
)

// places lists what propagate found of blobs that are there.
func (h *historian) places(opt PlaceOptions) []Place {
	var list []Place
	authors := make(map[scanner.ObjectID]Commit)
	for i := range h.stays {
		if s := &h.stays[i]; s.key.node < h.g.s.nodes && !h.isDir(s.key.node) {
			list = append(list, h.place(s, authors))
		}
	}
	for _, t := range h.tips {
		if id := h.g.id(t.node); t.kind == kindBlob && (opt.Blobs[id] || opt.Name != nil && opt.Name([]byte(t.name))) {
			list = append(list, Place{Blob: id, Path: t.name, AtTip: true, Ref: t.name})
		}
	}
	if h.sel.Unreachable {
		list = append(list, h.unreachable(opt, list)...)
	}
	slices.SortFunc(list, Place.compare)
	return list
}

func (p Place) compare(o Place) int {
	return cmp.Or(cmp.Compare(p.Blob, o.Blob), cmp.Compare(p.Path, o.Path))
}

// isDir tells whether a node that stands somewhere was named as a directory.
func (h *historian) isDir(node int32) bool { return h.links.first[node] != none }

func (h *historian) place(s *stay, authors map[scanner.ObjectID]Commit) Place {
	p := Place{Blob: h.g.id(s.key.node), Path: h.text(s.key.path)}
	if s.tip != notAtTip {
		p.AtTip, p.Ref = true, h.tips[s.tip].name
	}
	if s.last < 0 {
		return p
	}
	p.First = h.commit(s.first)
	p.Last = h.commit(s.last)
	c, ok := authors[p.First]
	if !ok {
		c, _ = h.r.Commit(p.First)
		authors[p.First] = c
	}
	p.Author, p.Date = c.Author, c.Date
	return p
}

// commit is the id of a commit by its place in order.
func (h *historian) commit(i int32) scanner.ObjectID {
	return h.g.id(h.g.commits[h.order[i]].node)
}

func (h *historian) unreachable(opt PlaceOptions, placed []Place) []Place {
	have := make(map[scanner.ObjectID]bool)
	for _, p := range placed {
		have[p.Blob] = true
	}
	var list []Place
	for id, wanted := range opt.Blobs {
		if wanted && !have[id] && h.r.Has(id) {
			list = append(list, Place{Blob: id})
		}
	}
	return list
}

// gaps are what could not be read on the way, in order.
func (h *historian) gaps() []scanner.Gap {
	gaps := slices.Concat(h.g.gaps, h.index.gaps, h.cutOff(), h.missing(), h.submodules())
	if h.deep || h.links.full {
		gaps = append(gaps, scanner.Gap{Reason: scanner.TooDeep, Detail: fmt.Sprintf("paths of blobs are cut off: over %d directories deep, or over %d of them", maxPathDepth, maxPaths)})
	}
	slices.SortFunc(gaps, scanner.Gap.Compare)
	return slices.Compact(gaps)
}

// cutOff tells of commits whose parents a shallow clone left out.
func (h *historian) cutOff() []scanner.Gap {
	n := 0
	for _, i := range h.order {
		if h.r.shallow[toHash(h.g.s.id(h.g.commits[i].node))] {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return []scanner.Gap{{Reason: scanner.Shallow, Detail: fmt.Sprintf("history is cut off at %d commits (hint: fetch-depth: 0, or git fetch --unshallow)", n)}}
}

// missing tells of objects that commits and trees name and the store lacks.
func (h *historian) missing() []scanner.Gap {
	var gaps []scanner.Gap
	n := 0
	for _, i := range h.order {
		node := h.g.commits[i].node
		for _, id := range h.g.missing[node] {
			n++
			gaps = append(gaps, scanner.Gap{Object: id, Reason: scanner.Missing, Detail: "named by commit " + string(h.g.id(node))})
		}
	}
	for j := range h.stays {
		key := h.stays[j].key
		if i := key.node - h.g.s.nodes; i >= 0 {
			n++
			gaps = append(gaps, scanner.Gap{Path: h.text(key.path), Object: h.r.toID(&h.index.missing[i]), Reason: scanner.Missing, Detail: "named by a tree"})
		}
	}
	if len(h.index.missing) > maxMissing {
		n += len(h.index.missing)
	}
	if n > maxMissing || n > 0 && h.r.promise {
		detail := fmt.Sprintf("%d objects are not in the repository", n)
		if h.r.promise {
			detail = fmt.Sprintf("%d objects were left out of this partial clone (hint: git fetch --refetch --no-filter)", n)
		}
		return []scanner.Gap{{Reason: scanner.Missing, Detail: detail}}
	}
	return gaps
}

// submodules tells of those at HEAD, by the paths in .gitmodules.
func (h *historian) submodules() []scanner.Gap {
	head, err := h.r.Head()
	if err != nil || head.ID == "" {
		return nil
	}
	file, err := h.r.Lookup(head.ID, ".gitmodules")
	if err != nil || !file.IsBlob() {
		return nil
	}
	_, data, err := h.r.Object(file.ID)
	if err != nil {
		return nil
	}
	var gaps []scanner.Gap
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() && len(gaps) < maxMissing {
		key, value, _ := strings.Cut(lines.Text(), "=")
		if strings.TrimSpace(key) != "path" {
			continue
		}
		path := unquoteValue(value)
		if e, err := h.r.Lookup(head.ID, path); err == nil && isSubmodule(e.Mode) {
			gaps = append(gaps, scanner.Gap{Path: path, Object: e.ID, Reason: scanner.Outside, Minor: true, Detail: "submodule: its own repository is to be scanned on its own"})
		}
	}
	return gaps
}
