//go:build unix

package gitrepo

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A mapping is a file of which any part can be had without a copy.
type mapping struct {
	data []byte
	size int64
}

// mapFile maps a regular file. A file that is cut short while mapped ends the
// process; git itself only ever replaces packs and indexes whole.
func mapFile(name string) (mapping, error) {
	fi, err := os.Stat(name)
	if err != nil {
		return mapping{}, err
	}
	if !fi.Mode().IsRegular() {
		return mapping{}, fmt.Errorf("%q is not a regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return mapping{}, err
	}
	defer f.Close()
	m := mapping{size: fi.Size()}
	if m.size == 0 {
		return m, nil
	}
	if int64(int(m.size)) != m.size {
		return mapping{}, fmt.Errorf("%q: %w of the address space", name, ErrTooLarge)
	}
	m.data, err = unix.Mmap(int(f.Fd()), 0, int(m.size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return mapping{}, fmt.Errorf("mapping %q: %w", name, err)
	}
	return m, nil
}

// bytes is the whole file.
func (m *mapping) bytes() ([]byte, error) { return m.data, nil }

// slice is the bytes from from up to to; buf is what the portable version reads into.
func (m *mapping) slice(from, to int64, _ *[]byte) ([]byte, error) {
	if from < 0 || from > to || to > m.size {
		return nil, ErrCorrupt
	}
	return m.data[from:to:to], nil
}

func (m *mapping) close() error {
	data := m.data
	m.data = nil
	if data == nil {
		return nil
	}
	return unix.Munmap(data)
}
