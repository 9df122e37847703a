package detect

import "slices"

// An automaton finds all of a list of keywords in one pass over the bytes, with
// ASCII letters folded (Aho and Corasick 1975). Its transitions are one dense
// table over classes of bytes, and states are numbered so that those at which a
// keyword ends come last: a step is two loads and one comparison.
type automaton struct {
	class   [256]uint8 // class of a byte; 0 is every byte in no keyword
	width   uint32     // number of classes
	next    []uint32   // next[state+class] is a state, premultiplied by width
	ends    uint32     // states from here on end at least one keyword
	out     [][]uint32 // keywords that end at state, in order: out[(state-ends)/width]
	longest int        // length of the longest keyword
}

func fold(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

type trieNode struct {
	kids    map[byte]int
	fail    int
	depth   int
	keyword int // -1: none ends here
	exit    int // nearest node on the chain of failures at which a keyword ends; -1: none
}

// newAutomaton builds the automaton of keywords, which are distinct, not empty
// and in lower case.
func newAutomaton(keywords []string) *automaton {
	a := &automaton{width: 1}
	nodes := []trieNode{{kids: map[byte]int{}, keyword: -1, exit: -1}}
	for i, k := range keywords {
		at := 0
		for j := range len(k) {
			c := fold(k[j])
			if a.class[c] == 0 {
				a.class[c] = uint8(a.width)
				a.width++
			}
			to, ok := nodes[at].kids[c]
			if !ok {
				to = len(nodes)
				nodes = append(nodes, trieNode{kids: map[byte]int{}, depth: j + 1, keyword: -1, exit: -1})
				nodes[at].kids[c] = to
			}
			at = to
		}
		nodes[at].keyword = i
		a.longest = max(a.longest, len(k))
	}
	for c := byte('A'); c <= 'Z'; c++ {
		a.class[c] = a.class[fold(c)]
	}
	a.fill(nodes)
	return a
}

// fill walks the trie by depth, so that a node's failure is complete before the node.
func (a *automaton) fill(nodes []trieNode) {
	order := []int{0}
	full := make([]int, len(nodes)*int(a.width)) // transitions by node
	for i := 0; i < len(order); i++ {
		n := order[i]
		node := &nodes[n]
		if f := node.fail; n != 0 {
			node.exit = nodes[f].exit
			if nodes[f].keyword >= 0 {
				node.exit = f
			}
			copy(full[n*int(a.width):][:a.width], full[f*int(a.width):][:a.width])
		}
		for _, c := range sortedKeys(node.kids) {
			kid := node.kids[c]
			if n != 0 {
				nodes[kid].fail = full[node.fail*int(a.width)+int(a.class[c])]
			}
			full[n*int(a.width)+int(a.class[c])] = kid
			order = append(order, kid)
		}
	}
	// Number the nodes by depth, those that end a keyword after the others:
	// the shallow states, which are met most, share cache lines.
	state := make([]uint32, len(nodes))
	var silent, ending []int
	for _, n := range order {
		if nodes[n].keyword >= 0 || nodes[n].exit >= 0 {
			ending = append(ending, n)
		} else {
			silent = append(silent, n)
		}
	}
	a.ends = uint32(len(silent)) * a.width
	for i, n := range slices.Concat(silent, ending) {
		state[n] = uint32(i) * a.width
	}
	a.next = make([]uint32, len(full))
	for n := range nodes {
		for c := range int(a.width) {
			a.next[int(state[n])+c] = state[full[n*int(a.width)+c]]
		}
	}
	for _, n := range ending {
		var list []uint32
		for at := n; at >= 0; at = nodes[at].exit {
			if nodes[at].keyword >= 0 {
				list = append(list, uint32(nodes[at].keyword))
			}
		}
		slices.Sort(list)
		a.out = append(a.out, list)
	}
}

func sortedKeys(m map[byte]int) []byte {
	keys := make([]byte, 0, len(m))
	for c := range m {
		keys = append(keys, c)
	}
	slices.Sort(keys)
	return keys
}

// find appends the keywords that lie whole in data[from:to], in order of end,
// then of number.
func (a *automaton) find(data []byte, from, to int, found []word) []word {
	if from >= to {
		return found
	}
	var s uint32
	next, ends := a.next, a.ends
	for i, c := range data[from:to] {
		s = next[s+uint32(a.class[c])]
		if s >= ends {
			for _, k := range a.out[(s-ends)/a.width] {
				found = append(found, word{uint32(from + i + 1), k * 2})
			}
		}
	}
	return found
}

// has tells whether any keyword stands in b.
func (a *automaton) has(b []byte) bool {
	var s uint32
	for _, c := range b {
		if s = a.next[s+uint32(a.class[c])]; s >= a.ends {
			return true
		}
	}
	return false
}
