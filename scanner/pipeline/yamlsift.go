package pipeline

// A sifter looks at the nodes of a text as they are read, to tell whether the
// text is worth the making of nodes and the walk over them.
type sifter interface {
	// skips tells a key of a map below which nothing is looked at.
	skips(key string) bool
	// begin tells of a map, by its depth.
	begin(depth int)
	// see looks at the value of a key at the depth of its map, or at an element of
	// a list under a key. What is below it has been seen. True is enough: the
	// text matters.
	see(key string, v *Node, depth int) bool
	// document tells of the end of a document.
	document()
}

// siftYAML shows a document to a sifter as YAML reads it. It is false where it
// was seen to matter, or could not be read to its end.
func (d *Document) siftYAML(s sifter) (idle bool) {
	defer func() {
		if recover() != nil { // what reads it tells
			idle = false
		}
	}()
	bare := d.dialect.ID != "concourse" && bareAction(d.string())
	ok, action := d.siftPart(s, 0, len(d.Data))
	if ok && !bare || !ok && !action {
		return ok
	}
	d.refused = action
	masked, templated := d.mask()
	if !templated {
		return false
	}
	ok, _ = (&Document{Path: d.Path, Data: masked, unmasked: d.Data, dialect: d.dialect, read: d.read}).siftPart(s, 0, len(masked))
	return ok
}

// siftPart shows Data[start:end] as it stands; action is that of plainYAML.
func (d *Document) siftPart(s sifter, start, end int) (idle, action bool) {
	p := &plainYAML{d: d, base: start, sift: s}
	_, ok, action := p.stream(start, end)
	return ok && p.count < maxDescents, action
}

// cellsAtOnce is how many nodes of a text that is sifted are made at once.
const cellsAtOnce = 16

// cell is a new node while a text is sifted: one that none uses any more.
func (p *plainYAML) cell(kind NodeKind, start int) *Node {
	at := p.used / cellsAtOnce
	if at == len(p.cells) {
		p.cells = append(p.cells, make([]Node, cellsAtOnce))
	}
	n := &p.cells[at][p.used%cellsAtOnce]
	*n = Node{doc: p.d, Kind: kind, start: p.base + start}
	p.used++
	return n
}

// place gives a scalar its style and place.
func (p *plainYAML) place(n *Node, style scalarStyle) {
	if p.sift != nil && p.d.unmasked == nil { // it is not asked for
		n.style, n.Quote = style, style != plainStyle
		return
	}
	p.d.placeScalar(n, style)
}

// begin tells the sifter of a map and gives the nodes that are open.
func (p *plainYAML) begin(depth int) int {
	if p.sift != nil {
		p.sift.begin(depth)
	}
	return p.used
}

// under goes below a key, and gives that above.
func (p *plainYAML) under(key *Node) (above string) {
	if p.sift == nil || p.failed {
		return ""
	}
	if p.sift.skips(key.Value) {
		p.quiet++
	}
	above, p.below = p.below, key.Value
	return above
}

// over comes back from below a key.
func (p *plainYAML) over(key, v *Node, above string, depth int) {
	p.below = above
	if p.sift.skips(key.Value) {
		p.quiet--
		return
	}
	p.seen(key.Value, v, depth)
}

// seen shows a node to the sifter. What an alias may bring anywhere is not
// looked at: such texts are read.
func (p *plainYAML) seen(key string, v *Node, depth int) {
	if p.anchors != nil || p.quiet == 0 && p.sift.see(key, v, depth) {
		p.failed, p.action = true, false
	}
}
