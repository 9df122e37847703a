package source

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/gitrepo"
)

// keep is the largest buffer that outlives the file it was made for.
const keep = 16 << 20

// A reader reads entries one after another. It keeps open the directories that
// lead to the last one, so that a file costs one open whatever its depth, and
// one buffer for all of them.
type reader struct {
	l     *Listing
	roots []*os.Root // the root, then one per part of at
	at    []string   // names of the directories that are open
	buf   []byte
}

func (l *Listing) reader() *reader { return &reader{l: l} }

func (r *reader) close() {
	for _, d := range r.roots {
		d.Close()
	}
	r.roots, r.at = nil, nil
}

func (r *reader) read(e *entry) (scanner.File, *scanner.Gap) {
	f := scanner.File{Path: e.path, ID: e.id}
	switch {
	case e.gap != nil:
		return scanner.File{Path: e.path}, e.gap
	case e.data != nil:
		f.Data = e.data
		return f, nil
	case e.id != "":
		return r.object(f)
	case e.disk != "":
		return r.disk(f, e.disk)
	}
	return r.disk(f, e.path)
}

func (r *reader) object(f scanner.File) (scanner.File, *scanner.Gap) {
	kind, data, err := r.l.objects.Object(f.ID)
	if err != nil {
		return scanner.File{Path: f.Path}, objectGap(f.Path, f.ID, err)
	}
	if kind != "blob" {
		return scanner.File{Path: f.Path}, &scanner.Gap{
			Path: f.Path, Object: f.ID, Reason: scanner.Corrupt, Detail: "a blob was expected, the object is a " + kind,
		}
	}
	f.Data = data
	return f, nil
}

func objectGap(path string, id scanner.ObjectID, err error) *scanner.Gap {
	g := scanner.Gap{Path: path, Object: id, Reason: scanner.Unreadable, Detail: err.Error()}
	for _, r := range [...]struct {
		is     error
		reason scanner.Reason
	}{
		{gitrepo.ErrMissing, scanner.Missing},
		{gitrepo.ErrTooLarge, scanner.TooLarge},
		{gitrepo.ErrUnsupported, scanner.Unsupported},
		{gitrepo.ErrCorrupt, scanner.Corrupt},
	} {
		if errors.Is(err, r.is) {
			g.Reason = r.reason
			break
		}
	}
	return &g
}

func (r *reader) disk(f scanner.File, at string) (scanner.File, *scanner.Gap) {
	dir, base, err := r.enter(at)
	if err != nil {
		return scanner.File{Path: f.Path}, diskGap(f.Path, err)
	}
	// O_NONBLOCK: a file that became a FIFO since it was listed does not hang us.
	file, err := dir.OpenFile(base, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return scanner.File{Path: f.Path}, diskGap(f.Path, err)
	}
	defer file.Close()
	data, gap := r.content(f.Path, file)
	if gap != nil {
		return scanner.File{Path: f.Path}, gap
	}
	f.Data = data
	return f, nil
}

func (r *reader) content(path string, file *os.File) ([]byte, *scanner.Gap) {
	info, err := file.Stat()
	if err != nil {
		return nil, diskGap(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, special(path, info.Mode())
	}
	if info.Size() > MaxFile {
		return nil, tooLarge(path)
	}
	if cap(r.buf) > keep {
		r.buf = nil
	}
	// One byte over the size: the read that fills it all shows that the file grew.
	if need := int(info.Size()) + 1; cap(r.buf) < need {
		r.buf = make([]byte, need+need/4)
	}
	data, err := fill(file, r.buf[:cap(r.buf)], int(info.Size()), MaxFile)
	if err != nil {
		return nil, diskGap(path, err)
	}
	if len(data) > MaxFile {
		return nil, tooLarge(path)
	}
	r.buf = data[:cap(data)]
	return data, nil
}

// fill reads all of f into buf, growing it as needed up to one byte over
// limit. expect is how much a regular file should give, -1 for a stream: a
// read that gives just that and had room for more has met the end.
func fill(f io.Reader, buf []byte, expect, limit int) ([]byte, error) {
	n := 0
	for {
		m, err := f.Read(buf[n:])
		n += m
		switch {
		case err == io.EOF, err == nil && n == expect && n < len(buf):
			return buf[:n], nil
		case err != nil:
			return nil, err
		case n > limit:
			return buf[:n], nil
		case n == len(buf):
			buf = append(buf, 0)
			buf = buf[:cap(buf)]
		}
	}
}

// enter opens the directory of path, from the deepest one already open.
func (r *reader) enter(path string) (*os.Root, string, error) {
	if r.roots == nil {
		root, err := os.OpenRoot(r.l.dir)
		if err != nil {
			return nil, "", err
		}
		r.roots = append(r.roots, root)
	}
	depth := 0
	for {
		name, rest, more := strings.Cut(path, "/")
		if !more {
			r.leave(depth)
			return r.roots[depth], path, nil
		}
		if depth == len(r.at) || r.at[depth] != name {
			r.leave(depth)
			sub, err := r.roots[depth].OpenRoot(name)
			if err != nil {
				return nil, "", err
			}
			r.roots, r.at = append(r.roots, sub), append(r.at, name)
		}
		depth, path = depth+1, rest
	}
}

func (r *reader) leave(depth int) {
	for len(r.at) > depth {
		r.roots[len(r.at)].Close()
		r.roots, r.at = r.roots[:len(r.at)], r.at[:len(r.at)-1]
	}
}

// diskGap tells what the system refused, without the name: the gap has it.
func diskGap(path string, err error) *scanner.Gap {
	detail := err.Error()
	var pe *fs.PathError
	if errors.As(err, &pe) {
		detail = pe.Err.Error()
	}
	return &scanner.Gap{Path: path, Reason: scanner.Unreadable, Detail: detail}
}

func tooLarge(path string) *scanner.Gap {
	return &scanner.Gap{Path: path, Reason: scanner.TooLarge, Detail: "over 256 MiB: split it, or exclude it by policy"}
}

// special is the gap of what holds no content at rest. Its place is complete
// without it, hence minor.
func special(path string, mode fs.FileMode) *scanner.Gap {
	what := "not a regular file"
	switch {
	case mode&fs.ModeNamedPipe != 0:
		what = "a FIFO holds nothing at rest (to scan what comes through it, use standard input)"
	case mode&fs.ModeSocket != 0:
		what = "a socket holds nothing at rest"
	case mode&(fs.ModeDevice|fs.ModeCharDevice) != 0:
		what = "a device is not read"
	}
	return &scanner.Gap{Path: path, Reason: scanner.Unsupported, Minor: true, Detail: what}
}
