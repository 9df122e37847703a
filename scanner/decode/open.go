package decode

import (
	"encoding/binary"
	"iter"

	"github.com/credgate/credgate/scanner"
)

// A Part is content that a source encloses whole.
type Part struct {
	// Path is that of the source, then for each archive "!" and the member's own
	// path: "dist/app.jar!META-INF/x.properties". What is merely compressed, or
	// UTF-16, keeps its path; lines and columns are then those of Data.
	Path     string
	Data     []byte // valid until the next part is asked for
	Encoding string // utf-16, gzip, zip …, the outermost first: "gzip+tar"

	m Map
}

// Source gives the region of the source that Data[start:end] was decoded from,
// and false when there is none because it was compressed or in an archive.
func (p *Part) Source(start, end int) (from, to int, ok bool) {
	if len(p.m.runs) == 0 {
		return 0, 0, false
	}
	from, to = p.m.Source(start, end)
	return from, to, true
}

// Enclosed tells by the first bytes whether Open would yield parts of data. It
// costs next to nothing.
func Enclosed(data []byte) bool { return recognise(data) != nil }

// Open yields what stands in data, the content of path: the text of UTF-16 and
// UTF-32, what gzip, zlib, bzip2, xz and zstd compressed, the members of tar
// and zip archives (jar, apk, whl, nupkg and docx among them), and what these
// enclose. Of other content it yields nothing.
//
// A gap carries the path of what was not decoded. Damaged and encrypted content
// is a minor gap, for its bytes as they stand are scanned; passing a limit is not.
func Open(path string, data []byte, limits Limits) iter.Seq2[Part, *scanner.Gap] {
	return func(yield func(Part, *scanner.Gap) bool) {
		lim := limits.withDefaults()
		o := opener{lim: lim, budget: newBudget(lim, len(data)), yield: yield}
		o.open(path, data, 0)
	}
}

// An opener is one call of Open.
type opener struct {
	lim    Limits
	budget *budget
	yield  func(Part, *scanner.Gap) bool
}

// A format is a way to enclose content whole. Exactly one of text, stream and
// archive is set.
type format struct {
	name    string
	is      func(data []byte) bool
	text    func(data []byte, m *Map) []byte
	stream  func(o *opener, data []byte) ([]byte, error)
	archive func(o *opener, path string, data []byte, member func(path string, data []byte, err error) bool) error
}

var formats = [...]format{
	{name: "gzip", is: prefix("\x1f\x8b\x08"), stream: openGzip},
	{name: "zip", is: isZip, archive: openZip},
	{name: "zstd", is: prefix("\x28\xb5\x2f\xfd"), stream: openZstd},
	{name: "xz", is: prefix("\xfd7zXZ\x00"), stream: openXZ},
	{name: "bzip2", is: isBzip2, stream: openBzip2},
	{name: "zlib", is: isZlib, stream: openZlib},
	{name: "utf-32", is: isUTF32, text: decodeUTF32},
	{name: "utf-16", is: isUTF16, text: decodeUTF16},
	{name: "tar", is: isTar, archive: openTar},
}

func prefix(p string) func([]byte) bool {
	return func(b []byte) bool { return len(b) >= len(p) && string(b[:len(p)]) == p }
}

// recognise gives the format of data, nil when it is none that we open. Text is
// told by its first two bytes.
func recognise(data []byte) *format {
	if len(data) < 4 {
		return nil
	}
	if textual[data[0]] == 1 && textual[data[1]] == 1 && data[0] != 'P' && data[0] != 'B' && len(data) < tarBlock {
		return nil
	}
	for i := range formats {
		if formats[i].is(data) {
			return &formats[i]
		}
	}
	return nil
}

func isZip(b []byte) bool { return prefix("PK\x03\x04")(b) || prefix("PK\x05\x06")(b) }

func isBzip2(b []byte) bool {
	return len(b) >= 10 && string(b[:3]) == "BZh" && string(b[4:10]) == "1AY&SY"
}

// isZlib leaves out the header that is text ("x^").
func isZlib(b []byte) bool {
	return b[0] == 0x78 && (b[1] == 0x01 || b[1] == 0x9c || b[1] == 0xda) && binary.BigEndian.Uint16(b)%31 == 0
}

const tarBlock = 512

func isTar(b []byte) bool { return len(b) >= tarBlock && string(b[257:262]) == "ustar" }

func (o *opener) open(path string, data []byte, depth int) bool {
	return o.inside(path, data, depth, "", true)
}

// inside yields what data encloses. whole tells that path is data's own, so
// that a map of it leads to the source.
func (o *opener) inside(path string, data []byte, depth int, outer string, whole bool) bool {
	f := recognise(data)
	if f == nil {
		return true
	}
	name := f.name
	if outer != "" {
		name = outer + "+" + f.name
	}
	if depth >= o.lim.Depth {
		return o.gap(path, scanner.TooDeep, f.name+" inside other encodings: deeper than the limit", false)
	}
	switch {
	case f.text != nil:
		return o.text(f, path, data, name, whole)
	case f.stream != nil:
		return o.stream(f, path, data, depth, name)
	}
	goOn := true
	err := f.archive(o, path, data, func(member string, content []byte, err error) bool {
		full := path + "!" + member
		switch {
		case err != nil:
			goOn = o.fail(full, f.name, err)
		default:
			goOn = o.part(full, content, depth, name)
		}
		return goOn
	})
	if err != nil && goOn {
		return o.fail(path, f.name, err)
	}
	return goOn
}

func (o *opener) text(f *format, path string, data []byte, name string, whole bool) bool {
	p := Part{Path: path, Encoding: name}
	p.Data = f.text(data, &p.m)
	if !o.budget.take(len(p.Data)) {
		return o.fail(path, f.name, errBudget)
	}
	if !whole {
		p.m = Map{}
	}
	return o.yield(p, nil)
}

func (o *opener) stream(f *format, path string, data []byte, depth int, name string) bool {
	content, err := f.stream(o, data)
	// What came before the damage is content all the same.
	if len(content) > 0 && !o.part(path, content, depth, name) {
		return false
	}
	if err != nil && !(f.name == "zlib" && len(content) == 0) {
		return o.fail(path, f.name, err)
	}
	return true
}

// part yields what was taken out: as it is, or what it encloses in its turn.
func (o *opener) part(path string, content []byte, depth int, name string) bool {
	if recognise(content) != nil {
		return o.inside(path, content, depth+1, name, false)
	}
	return o.yield(Part{Path: path, Data: content, Encoding: name}, nil)
}

func (o *opener) gap(path string, reason scanner.Reason, detail string, minor bool) bool {
	return o.yield(Part{Path: path}, &scanner.Gap{Path: path, Reason: reason, Detail: detail, Minor: minor})
}
