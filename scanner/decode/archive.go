package decode

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/bzip2"
	"errors"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/credgate/credgate/scanner"
)

// maxWindow is the most memory that a format may ask for to look back into.
const maxWindow = 64 << 20

var (
	errBudget      = errors.New("over the budget")
	errUnsupported = errors.New("not supported")
)

// fail tells what could not be decoded. No text of err is shown that content
// could have chosen.
func (o *opener) fail(path, format string, err error) bool {
	switch {
	case errors.Is(err, errBudget):
		g := *o.budget.gap()
		g.Path = path
		o.yield(Part{Path: path}, &g)
		return false
	case errors.Is(err, errUnsupported), errors.Is(err, zip.ErrAlgorithm):
		return o.gap(path, scanner.Unsupported, format+": encrypted, or packed in a way that is not read", true)
	}
	return o.gap(path, scanner.Corrupt, format+": what follows the damage was not decoded", true)
}

// readAll reads what the budget allows.
func (o *opener) readAll(r io.Reader) ([]byte, error) {
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(r, o.budget.bytes+1))
	if !o.budget.take(int(n)) {
		return out.Bytes()[:n-1], errBudget
	}
	return out.Bytes(), err
}

func openGzip(o *opener, data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	out, err := o.readAll(r)
	if errors.Is(err, gzip.ErrHeader) && len(out) > 0 {
		err = nil // bytes behind the last member, as padding has them
	}
	return out, err
}

func openZlib(o *opener, data []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return o.readAll(r)
}

func openBzip2(o *opener, data []byte) ([]byte, error) {
	return o.readAll(bzip2.NewReader(bytes.NewReader(data)))
}

func openZstd(o *opener, data []byte) ([]byte, error) {
	r, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1),
		zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return o.readAll(r)
}

func openZip(o *opener, path string, data []byte, member func(string, []byte, error) bool) error {
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return err
	}
	r.RegisterDecompressor(zip.Deflate, flate.NewReader)
	for _, f := range r.File {
		if f.FileInfo().IsDir() && f.UncompressedSize64 == 0 {
			continue
		}
		if !o.budget.member() {
			return errBudget
		}
		content, err := o.zipMember(f)
		if len(content) > 0 && !member(f.Name, content, nil) || err != nil && !member(f.Name, nil, err) {
			return nil
		}
	}
	return nil
}

func (o *opener) zipMember(f *zip.File) ([]byte, error) {
	if f.Flags&1 != 0 {
		return nil, errUnsupported
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return o.readAll(r)
}

func openTar(o *opener, path string, data []byte, member func(string, []byte, error) bool) error {
	r := tar.NewReader(bytes.NewReader(data))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return err
		}
		if !o.budget.member() {
			return errBudget
		}
		var content []byte
		switch h.Typeflag {
		case tar.TypeReg, tar.TypeGNUSparse:
			content, err = o.readAll(r)
		case tar.TypeSymlink:
			content, err = []byte(h.Linkname), nil
		default:
			continue
		}
		if len(content) > 0 && !member(h.Name, content, nil) || err != nil && !member(h.Name, nil, err) {
			return nil
		}
	}
}
