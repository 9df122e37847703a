package pipeline

// Anchors, aliases and tags of plainYAML.

// propertied reads a node with an anchor or a tag of the file's own. A value
// stands behind a colon, where no map may start on the line.
func (p *plainYAML) propertied(indent, depth int, value bool) *Node {
	start := p.i
	anchor, tag := p.properties()
	if p.failed {
		return nil
	}
	if anchor != "" {
		if p.anchors == nil {
			p.anchors = map[string]*Node{}
		}
		p.anchors[anchor] = nil
	}
	n := p.behind(indent, depth, value)
	if p.failed {
		return nil
	}
	if n.Tag = tag; n.Kind != ScalarNode {
		n.start = p.base + start
	}
	if anchor != "" {
		p.anchors[anchor] = n
	}
	return n
}

// properties reads an anchor and a tag, in any order, and the spaces behind them.
func (p *plainYAML) properties() (anchor, tag string) {
	for p.at('&') || p.at('!') {
		mark := p.s[p.i]
		name := p.name()
		if name == "" || !p.blankAt(p.i) || p.at('\t') || mark == '&' && anchor != "" || mark == '!' && tag != "" {
			p.failed = true
			return
		}
		if mark == '&' {
			anchor = name
		} else {
			tag = "!" + name
		}
		p.spaces()
	}
	return anchor, tag
}

// name reads letters, digits, - and _ behind a mark.
func (p *plainYAML) name() string {
	p.i++
	start := p.i
	for p.i < len(p.s) && (word(p.s[p.i]) || p.s[p.i] == '-') {
		p.i++
	}
	return p.s[start:p.i]
}

// behind reads the node behind its properties, on their line or below it.
func (p *plainYAML) behind(indent, depth int, value bool) *Node {
	if p.i == len(p.s) || p.s[p.i] == '#' {
		return p.fail()
	}
	if p.s[p.i] == '\n' {
		line := p.i
		if !p.next() || p.marker() || p.col() < indent || p.col() == indent && !(value && p.dash()) {
			return p.fail()
		}
		for _, c := range []byte(p.s[line:p.i]) {
			if c == '#' {
				return p.fail()
			}
		}
		if p.at('&') || p.at('!') || p.at('*') {
			return p.fail()
		}
		if p.col() == indent {
			return p.sequence(true, depth)
		}
		return p.block(indent, depth)
	}
	switch c := p.s[p.i]; c {
	case '|', '>':
		return p.literal(indent, depth)
	case '[', '{':
		return p.ended(p.flow(depth))
	case '"', '\'':
		return p.ended(p.quoted(depth, c))
	}
	if p.dash() {
		return p.fail()
	}
	return p.ended(p.word(indent, depth))
}

// alias reads what stands for the node of an anchor before it.
func (p *plainYAML) alias(depth int) *Node {
	start := p.i
	name := p.name()
	to := p.anchors[name]
	if to == nil || !p.blankAt(p.i) && !p.at(',') && !p.at(']') && !p.at('}') {
		return p.fail()
	}
	n := p.node(AliasNode, start, depth)
	n.Value, n.alias = name, to
	return n
}
