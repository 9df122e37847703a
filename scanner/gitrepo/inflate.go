package gitrepo

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/zlib"
)

var errZlib = fmt.Errorf("%w: compressed data", ErrCorrupt)

// An inflater takes zlib streams apart, one after another, in memory that it keeps.
type inflater struct {
	src bytes.Reader
	z   io.ReadCloser
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// inflate fills dst from the stream that src starts with. A stream that holds
// more or less than that, or whose checksum differs, is corrupt.
func (f *inflater) inflate(dst, src []byte) error {
	f.src.Reset(src)
	if f.z == nil {
		z, err := zlib.NewReader(&f.src)
		if err != nil {
			return errZlib
		}
		f.z = z
	} else if err := f.z.(zlib.Resetter).Reset(&f.src, nil); err != nil {
		return errZlib
	}
	if _, err := io.ReadFull(f.z, dst); err != nil {
		return errZlib
	}
	var one [1]byte
	if n, err := f.z.Read(one[:]); n != 0 || err != io.EOF {
		return errZlib
	}
	return nil
}

// grow gives a slice of length n, of buf's memory if that is enough. Its content is not defined.
func grow(buf []byte, n int) []byte {
	if n <= cap(buf) {
		return buf[:n]
	}
	return make([]byte, n, n+n/4)
}
