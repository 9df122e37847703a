//go:build !unix

package gitrepo

import (
	"fmt"
	"io"
	"os"
)

// A mapping is a file of which any part can be had. Here it is read as it is
// asked for, since not every system maps files alike.
type mapping struct {
	file *os.File
	size int64
}

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
	return mapping{file: f, size: fi.Size()}, nil
}

// bytes reads the whole file.
func (m *mapping) bytes() ([]byte, error) {
	b := make([]byte, m.size)
	_, err := io.ReadFull(io.NewSectionReader(m.file, 0, m.size), b)
	return b, err
}

// slice reads the bytes from from up to to into buf, grown as needed.
func (m *mapping) slice(from, to int64, buf *[]byte) ([]byte, error) {
	if from < 0 || from > to || to > m.size {
		return nil, ErrCorrupt
	}
	*buf = grow(*buf, int(to-from))
	if _, err := m.file.ReadAt(*buf, from); err != nil {
		return nil, err
	}
	return *buf, nil
}

func (m *mapping) close() error {
	if m.file == nil {
		return nil
	}
	return m.file.Close()
}
