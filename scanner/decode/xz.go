package decode

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/ulikunitz/xz/lzma"
)

var errXZ = errors.New("xz: malformed")

// openXZ reads the container itself and leaves LZMA2 to the library, whose own
// reader takes as much memory as a header asks for. Format: the .xz File Format
// 1.2.1 (tukaani.org). Checksums are not checked: damage shows in the content.
func openXZ(o *opener, data []byte) ([]byte, error) {
	var out []byte
	for len(data) > 0 {
		if len(data) < 12 || string(data[:6]) != "\xfd7zXZ\x00" {
			return out, errXZ
		}
		checkSize := [16]int{0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64}[data[7]&15]
		at := 12
		for at < len(data) && data[at] != 0 {
			content, end, err := o.xzBlock(data, at)
			out = append(out, content...)
			if err != nil {
				return out, err
			}
			at = end + checkSize
		}
		end, ok := xzIndexEnd(data, at)
		if !ok {
			return out, errXZ
		}
		// Between streams there may be padding of zeros.
		data = bytes.TrimLeft(data[end:], "\x00")
	}
	return out, nil
}

func (o *opener) xzBlock(data []byte, at int) (content []byte, end int, err error) {
	size := (int(data[at]) + 1) * 4
	if at+size > len(data) || size < 12 {
		return nil, 0, errXZ
	}
	dict, ok := xzFilter(data[at+1 : at+size])
	if !ok || dict > maxWindow {
		return nil, 0, errUnsupported
	}
	body := bytes.NewReader(data[at+size:])
	r, err := lzma.Reader2Config{DictCap: max(dict, lzma.MinDictCap)}.NewReader2(body)
	if err != nil {
		return nil, 0, err
	}
	content, err = o.readAll(r)
	end = len(data) - body.Len()
	return content, min(len(data), at+(end-at+3)&^3), err
}

// xzFilter reads the flags and filters of a block header, of which only LZMA2
// alone is known, and gives the size of its dictionary.
func xzFilter(h []byte) (dict int, ok bool) {
	flags := h[0]
	h = h[1:]
	for _, sizes := range [...]byte{0x40, 0x80} {
		if flags&sizes != 0 {
			_, n := binary.Uvarint(h)
			if n <= 0 {
				return 0, false
			}
			h = h[n:]
		}
	}
	if flags&3 != 0 || len(h) < 3 || h[0] != 0x21 || h[1] != 1 || h[2] > 37 {
		return 0, false
	}
	return (2 | int(h[2]&1)) << (h[2]/2 + 11), true
}

// xzIndexEnd gives the end of the stream whose index starts at at.
func xzIndexEnd(data []byte, at int) (int, bool) {
	if at >= len(data) {
		return 0, false
	}
	i := at + 1
	records, n := binary.Uvarint(data[i:])
	if i += n; n <= 0 || records > uint64(len(data)) {
		return 0, false
	}
	for range 2 * records {
		_, n := binary.Uvarint(data[i:])
		if i += n; n <= 0 {
			return 0, false
		}
	}
	i = at + (i-at+3)&^3 + 4 + 12 // CRC32 and the footer
	return i, i <= len(data) && string(data[i-2:i]) == "YZ"
}
