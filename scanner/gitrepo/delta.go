package gitrepo

import (
	"fmt"

	"github.com/credgate/credgate/scanner"
)

var errDelta = fmt.Errorf("%w: delta", ErrCorrupt)

// deltaSizes reads the sizes of base and result that a delta starts with, and
// tells how many bytes they take.
func deltaSizes(delta []byte) (base, result int64, n int, err error) {
	base, n = deltaSize(delta)
	result, m := deltaSize(delta[n:])
	if n == 0 || m == 0 {
		return 0, 0, 0, errDelta
	}
	return base, result, n + m, nil
}

// deltaSize reads a number of seven bits a byte, lowest first; 0 bytes read
// means that it is no such number.
func deltaSize(b []byte) (v int64, n int) {
	for shift := 0; n < len(b) && shift < 63; shift += 7 {
		c := b[n]
		n++
		v |= int64(c&0x7f) << shift
		if c&0x80 == 0 {
			return v, n
		}
	}
	return 0, 0
}

// applyDelta writes the object that ops (a delta behind its sizes) makes of base
// into dst, whose length is the size that the delta claims. copies, if not nil,
// takes the runs that stand in base, adjacent ones joined.
func applyDelta(dst, base, ops []byte, copies *[]scanner.Copy) error {
	at := 0
	for i := 0; i < len(ops); {
		op := ops[i]
		i++
		if op&0x80 == 0 {
			n := int(op)
			if n == 0 || n > len(ops)-i || n > len(dst)-at {
				return errDelta
			}
			copy(dst[at:at+n], ops[i:i+n])
			at += n
			i += n
			continue
		}
		src, n, used := copyArgs(op, ops[i:])
		i += used
		if used < 0 || src > len(base) || n > len(base)-src || n > len(dst)-at {
			return errDelta
		}
		copy(dst[at:at+n], base[src:src+n])
		if copies != nil {
			*copies = joinCopy(*copies, at, src, n)
		}
		at += n
	}
	if at != len(dst) {
		return errDelta
	}
	return nil
}

// copyArgs reads the offset and size of a copy whose first byte was op; used is
// negative when they are cut short.
func copyArgs(op byte, b []byte) (src, n, used int) {
	if len(b) < 7 {
		var pad [7]byte
		avail := copy(pad[:], b)
		src, n, used = copyArgs(op, pad[:])
		if used > avail {
			used = -1 << 30
		}
		return src, n, used
	}
	if op&1 != 0 {
		src = int(b[used])
		used++
	}
	if op&2 != 0 {
		src |= int(b[used]) << 8
		used++
	}
	if op&4 != 0 {
		src |= int(b[used]) << 16
		used++
	}
	if op&8 != 0 {
		src |= int(b[used]) << 24
		used++
	}
	if op&16 != 0 {
		n = int(b[used])
		used++
	}
	if op&32 != 0 {
		n |= int(b[used]) << 8
		used++
	}
	if op&64 != 0 {
		n |= int(b[used]) << 16
		used++
	}
	if n == 0 {
		n = 0x10000
	}
	return src, n, used
}

// joinCopy adds a run to copies, or lengthens the last one by it.
func joinCopy(copies []scanner.Copy, dst, src, n int) []scanner.Copy {
	if k := len(copies) - 1; k >= 0 {
		last := &copies[k]
		if last.Dst+last.Len == dst && last.Src+last.Len == src {
			last.Len += n
			return copies
		}
	}
	return append(copies, scanner.Copy{Dst: dst, Src: src, Len: n})
}
