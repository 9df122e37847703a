package detect

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// A plan is what a dfa is built from: the program of an expression and the
// classes of bytes that it tells apart. It is shared between inspectors.
type plan struct {
	prog  *syntax.Prog
	class [256]uint8
	reps  []byte // a byte of each class; the classes after them are the ends
}

const maxClasses = 250

// newPlan makes the plan of a tree. What it accepts is a superset of what the
// expression does: a byte outside ASCII passes as a part of any rune that the
// expression takes there. It gives nil for an expression that is too large.
func newPlan(tree *syntax.Regexp) *plan {
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil || len(prog.Inst) > 20_000 {
		return nil
	}
	p := &plan{prog: prog}
	// Two bytes are of one class if no instruction tells them apart.
	var sign [256][]byte
	for i := range prog.Inst {
		inst := &prog.Inst[i]
		switch inst.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		default:
			continue
		}
		var takes [256]bool
		uniform := true
		for c := range 256 {
			takes[c] = takesByte(inst, byte(c))
			uniform = uniform && takes[c] == takes[0]
		}
		if uniform {
			continue
		}
		for c := range 256 {
			if takes[c] {
				sign[c] = binary.AppendUvarint(sign[c], uint64(i))
			}
		}
	}
	seen := map[string]uint8{}
	for c := range 256 {
		key := string(sign[c]) + string([]byte{b2i(wordByte(byte(c))), b2i(c == '\n'), b2i(c >= utf8.RuneSelf)})
		n, ok := seen[key]
		if !ok {
			n = uint8(len(p.reps))
			seen[key] = n
			p.reps = append(p.reps, byte(c))
			if len(p.reps) > maxClasses {
				return nil
			}
		}
		p.class[c] = n
	}
	return p
}

func b2i(b bool) byte {
	if b {
		return 1
	}
	return 0
}

func takesByte(inst *syntax.Inst, c byte) bool {
	if c < utf8.RuneSelf {
		return inst.MatchRune(rune(c))
	}
	switch inst.Op {
	case syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	}
	return slices.ContainsFunc(inst.Rune, func(r rune) bool { return r >= utf8.RuneSelf })
}

func wordByte(c byte) bool { return syntax.IsWordChar(rune(c)) }

// A dfa runs a plan, building its states as it meets them. It is anchored: it
// tells what can begin at the first byte. It belongs to one inspector.
type dfa struct {
	*plan
	states []dfaState
	next   []int32 // by state and class; 0: not known yet
	byKey  map[string]int32
	start  [4]int32
	resets int

	stack []uint32
	mark  []uint32 // by instruction: the round in which it was met
	round uint32
	key   []byte
}

// dfaState is a set of instructions before which the automaton may stand, not
// yet followed through assertions, whose truth hangs on the byte that comes.
type dfaState struct {
	set    []uint32
	before before // what stands before
}

// before is what assertions need to know of the byte that came last.
type before uint8

const (
	otherByte before = iota
	wordyByte
	lineBreak
	textStart
)

const (
	dead      = 1 // states from 2 on are in dfa.states, less 2
	accepting = 1 << 30
	maxStates = 4000 // about a megabyte; when there are more, all are forgotten
	maxResets = 20   // more than that, and the expression is not worth an automaton
)

func newDFA(p *plan) *dfa {
	d := &dfa{plan: p, mark: make([]uint32, len(p.prog.Inst))}
	d.reset()
	return d
}

func (d *dfa) reset() {
	d.states, d.next, d.byKey = d.states[:0], d.next[:0], make(map[string]int32)
	d.start = [4]int32{}
}

func kindOf(c byte) before {
	switch {
	case c == '\n':
		return lineBreak
	case wordByte(c):
		return wordyByte
	}
	return otherByte
}

// run reads text[at:], where text[:at] is known context. It gives whether
// anything that begins at at can match, whether more text could change that, and
// where the reading ended: the offset after the byte at which the last
// possibility died, or len(text).
func (d *dfa) run(text []byte, at int) (ok, alive bool, end int) {
	if d.resets > maxResets {
		return true, true, len(text)
	}
	kind := textStart
	if at > 0 {
		kind = kindOf(text[at-1])
	}
	s := d.start[kind]
	if s == 0 {
		s = d.state([]uint32{uint32(d.prog.Start)}, kind)
		d.start[kind] = s
	}
	width := int32(len(d.reps) + 1)
	for i := at; i < len(text); i++ {
		c := text[i]
		n := d.next[(s-2)*width+int32(d.class[c])]
		if n == 0 {
			n = d.step(s, int(c))
		}
		if n&accepting != 0 {
			ok = true
			n &^= accepting
		}
		if n == dead {
			return ok, false, i + 1
		}
		s = n
	}
	n := d.next[(s-2)*width+width-1]
	if n == 0 {
		n = d.step(s, -1)
	}
	return ok || n&accepting != 0, true, len(text)
}

// step computes the transition of a state on a byte, or on the end for -1.
func (d *dfa) step(s int32, c int) int32 {
	st := d.states[s-2]
	flags := assertions(st.before, c)
	d.round++
	d.stack = append(d.stack[:0], st.set...)
	var next []uint32
	matched := false
	for len(d.stack) > 0 {
		pc := d.stack[len(d.stack)-1]
		d.stack = d.stack[:len(d.stack)-1]
		if d.mark[pc] == d.round {
			continue
		}
		d.mark[pc] = d.round
		inst := &d.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			d.stack = append(d.stack, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			d.stack = append(d.stack, inst.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(inst.Arg)&^flags == 0 {
				d.stack = append(d.stack, inst.Out)
			}
		case syntax.InstMatch:
			matched = true
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if c >= 0 && takesByte(inst, byte(c)) {
				next = append(next, inst.Out)
				if c >= utf8.RuneSelf {
					next = append(next, pc) // more bytes of the same rune
				}
			}
		}
	}
	to := int32(dead)
	class := len(d.reps)
	if c >= 0 {
		class = int(d.class[c])
		if len(next) > 0 {
			slices.Sort(next)
			before := len(d.byKey)
			to = d.state(slices.Compact(next), kindOf(byte(c)))
			if len(d.byKey) < before { // all was forgotten, s too
				if matched {
					to |= accepting
				}
				return to
			}
		}
	}
	if matched {
		to |= accepting
	}
	d.next[int(s-2)*(len(d.reps)+1)+class] = to
	return to
}

// assertions gives which hold between what came before and byte c.
func assertions(b before, c int) syntax.EmptyOp {
	var flags syntax.EmptyOp
	switch b {
	case textStart:
		flags |= syntax.EmptyBeginText | syntax.EmptyBeginLine
	case lineBreak:
		flags |= syntax.EmptyBeginLine
	}
	switch c {
	case -1:
		flags |= syntax.EmptyEndText | syntax.EmptyEndLine
	case '\n':
		flags |= syntax.EmptyEndLine
	}
	if (b == wordyByte) != (c >= 0 && wordByte(byte(c))) {
		return flags | syntax.EmptyWordBoundary
	}
	return flags | syntax.EmptyNoWordBoundary
}

// state gives the number of the state with this set, which is sorted.
func (d *dfa) state(set []uint32, b before) int32 {
	d.key = append(d.key[:0], byte(b))
	for _, pc := range set {
		d.key = binary.LittleEndian.AppendUint32(d.key, pc)
	}
	if s, ok := d.byKey[string(d.key)]; ok {
		return s
	}
	if len(d.states) >= maxStates {
		d.resets++
		d.reset()
	}
	s := int32(len(d.states) + 2)
	d.states = append(d.states, dfaState{set, b})
	d.next = append(d.next, make([]int32, len(d.reps)+1)...)
	d.byKey[string(d.key)] = s
	return s
}
