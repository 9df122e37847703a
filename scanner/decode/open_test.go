package decode

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	stdzlib "compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/credgate/credgate/scanner"
)

// opened lists parts as "path encoding content", gaps as "path !reason", minor
// ones as "path ?reason".
func opened(data []byte, lim Limits) []string {
	out := []string{}
	for p, g := range Open("p", data, lim) {
		switch {
		case g == nil:
			out = append(out, p.Path+" "+p.Encoding+" "+string(p.Data))
		case g.Minor:
			out = append(out, g.Path+" ?"+string(g.Reason))
		default:
			out = append(out, g.Path+" !"+string(g.Reason))
		}
	}
	return out
}

func written[W io.WriteCloser](open func(io.Writer) W, content []byte) []byte {
	var b bytes.Buffer
	w := open(&b)
	w.Write(content)
	w.Close()
	return b.Bytes()
}

func gz(b []byte) []byte { return written(gzip.NewWriter, b) }

func zipped(files ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, _ := w.Create(files[i])
		io.WriteString(f, files[i+1])
	}
	w.Close()
	return b.Bytes()
}

func tarred(files ...string) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w.WriteHeader(&tar.Header{Name: files[i], Mode: 0o600, Size: int64(len(files[i+1])), Typeflag: tar.TypeReg})
		io.WriteString(w, files[i+1])
	}
	w.WriteHeader(&tar.Header{Name: "link", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"})
	w.WriteHeader(&tar.Header{Name: "dir/", Typeflag: tar.TypeDir})
	w.Close()
	return b.Bytes()
}

func wide(s string, o binary.AppendByteOrder, bom bool) []byte {
	var b []byte
	if bom {
		b = o.AppendUint16(b, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(s)) {
		b = o.AppendUint16(b, u)
	}
	return b
}

// bzip2 has no writer in Go; this is "plain text" by bzip2(1).
const bzipped = "425a6839314159265359a8b50a20000003118040002225444020002201a7a420c98848d0ce6fc5dc914e14242a2d428800"

func TestOpen(t *testing.T) {
	text := "plain text"
	zs := func(w io.Writer) *zstd.Encoder { e, _ := zstd.NewWriter(w); return e }
	xs := func(w io.Writer) *xz.Writer { e, _ := xz.NewWriter(w); return e }
	bz, err := hex.DecodeString(bzipped)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		data []byte
		want []string
	}{
		{"text", []byte("PK is not a zip, BZh9 no bzip2, x^ no zlib " + strings.Repeat("text ", 200)), nil},
		{"short", []byte("ab"), nil},
		{"gzip", gz([]byte(text)), []string{"p gzip plain text"}},
		{"gzip, two members", append(gz([]byte(text)), gz([]byte(text))...), []string{"p gzip plain textplain text"}},
		{"gzip, padded", append(gz([]byte(text)), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), []string{"p gzip plain text"}},
		{"zlib", written(stdzlib.NewWriter, []byte(text)), []string{"p zlib plain text"}},
		{"bzip2", bz, []string{"p bzip2 plain text"}},
		{"zstd", written(zs, []byte(text)), []string{"p zstd plain text"}},
		{"xz", written(xs, []byte(text)), []string{"p xz plain text"}},
		{"xz, two streams", slices.Concat(written(xs, []byte(text)), make([]byte, 8), written(xs, []byte("more"))), []string{"p xz plain textmore"}},
		{"zip", zipped("a/b.txt", text, "empty", "", "c", "more"), []string{"p!a/b.txt zip plain text", "p!c zip more"}},
		{"tar", tarred("a/b.txt", text), []string{"p!a/b.txt tar plain text", "p!link tar /etc/passwd"}},
		{"tar.gz", gz(tarred("f", text)), []string{"p!f gzip+tar plain text", "p!link gzip+tar /etc/passwd"}},
		{"nested", zipped("lib/in.jar", string(zipped("x", string(gz([]byte(text)))))), []string{"p!lib/in.jar!x zip+zip+gzip plain text"}},
		{"too deep", gz(gz(gz(gz(gz(gz(gz(gz(gz([]byte(text)))))))))), []string{"p !too-deep"}},
		{"UTF-16", wide(text+" ünd 😀", binary.LittleEndian, true), []string{"p utf-16 plain text ünd 😀"}},
		{"UTF-16 big", wide(text, binary.BigEndian, true), []string{"p utf-16 plain text"}},
		{"UTF-16 without mark", wide(text, binary.LittleEndian, false), []string{"p utf-16 plain text"}},
		{"UTF-16 big without mark", wide(text, binary.BigEndian, false), []string{"p utf-16 plain text"}},
		{"UTF-32", []byte("\xff\xfe\x00\x00p\x00\x00\x00q\x00\x00\x00"), []string{"p utf-32 pq"}},
		{"UTF-16 in zip", zipped("w", string(wide(text, binary.LittleEndian, true))), []string{"p!w zip+utf-16 plain text"}},
		{"half a surrogate", append(wide(text, binary.LittleEndian, true), 0x00, 0xd8, 0x41), []string{"p utf-16 plain text\ufffd"}},
	} {
		if d := cmp.Diff(append([]string{}, c.want...), opened(c.data, Limits{})); d != "" {
			t.Errorf("%s: -want +got\n%s", c.name, d)
		}
		if got := Enclosed(c.data); got != (c.want != nil) {
			t.Errorf("%s: Enclosed = %v", c.name, got)
		}
	}
}

// What stands before the damage is content all the same.
func TestCutOff(t *testing.T) {
	text := make([]byte, 300_000)
	for i := range text {
		text[i] = byte('a' + i*i%23)
	}
	whole := gz(text)
	got := opened(whole[:len(whole)-20], Limits{})
	if len(got) != 2 || !strings.HasPrefix(got[0], "p gzip "+string(text[:1000])) || got[1] != "p ?corrupt" {
		t.Errorf("%d parts, last %.80q", len(got), got[len(got)-1])
	}
}

// TestUTF16Source looks up the bytes of single words.
func TestUTF16Source(t *testing.T) {
	for _, o := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		data := wide("é😀 key=secret é secret", o, true)
		for p, g := range Open("p", data, Limits{}) {
			if g != nil {
				t.Fatal(*g)
			}
			for _, word := range []string{"secret", "😀 key", "é secret"} {
				i := bytes.LastIndex(p.Data, []byte(word))
				from, to, ok := p.Source(i, i+len(word))
				if want := string(wide(word, o, false)); !ok || string(data[from:to]) != want {
					t.Errorf("%q stands at %q", word, data[from:to])
				}
			}
		}
	}
}

func TestEnclosedInText(t *testing.T) {
	secret := strings.Repeat("password: correct horse\n", 3)
	for encoding, inner := range map[string][]byte{
		"base64+gzip":   gz([]byte(secret)),
		"base64+utf-16": wide(secret, binary.LittleEndian, false),
		"base64+zip":    zipped("f", secret),
		"base64+zlib":   written(stdzlib.NewWriter, []byte(secret)),
	} {
		src := "release: " + base64.StdEncoding.EncodeToString(inner) + "\n"
		s := holding(t, src, secret)
		if s.Encoding != encoding {
			t.Errorf("encoding %q, want %q", s.Encoding, encoding)
		}
		i := bytes.Index(s.Data, []byte("correct"))
		from, to := s.Source(i, i+7)
		if from < s.Start || to > s.End || from >= to {
			t.Errorf("%s: at %d-%d of %d-%d", encoding, from, to, s.Start, s.End)
		}
		if encoding == "base64+utf-16" {
			got, _ := base64.RawStdEncoding.DecodeString(src[s.Start+from/4*4-s.Start/4*4 : to])
			if len(got) == 0 && to-from > 20 {
				t.Errorf("UTF-16 is mapped to %d characters", to-from)
			}
		}
	}
}

// TestBombs meets what is small and opens to much, or to itself.
func TestBombs(t *testing.T) {
	zeros := gz(make([]byte, 64<<20))
	many := make([]string, 0, 4000)
	for range 2000 {
		many = append(many, "f", "x")
	}
	huge := tarred("f", "x")
	copy(huge[124:], "77777777777\x00") // 8 GiB, says the header
	sum := 0
	for i, c := range huge[:512] {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int(c)
	}
	copy(huge[148:], []byte{byte('0' + sum>>15&7), byte('0' + sum>>12&7), byte('0' + sum>>9&7), byte('0' + sum>>6&7), byte('0' + sum>>3&7), byte('0' + sum&7), 0, ' '})
	for _, c := range []struct {
		name string
		data []byte
		lim  Limits
		want scanner.Reason
	}{
		{"ratio", zeros, Limits{}, scanner.TooLarge},
		{"ratio, in zip", zipped("z", string(zeros)), Limits{}, scanner.TooLarge},
		{"bytes", gz(bytes.Repeat([]byte("0123456789"), 1000)), Limits{Bytes: 5000}, scanner.TooLarge},
		{"members", zipped(many...), Limits{Members: 1000}, scanner.TooLarge},
		{"header that lies", huge, Limits{}, scanner.Corrupt},
	} {
		total, reason := 0, scanner.Reason("")
		for p, g := range Open("p", c.data, c.lim) {
			if total += len(p.Data); g != nil {
				reason = g.Reason
			}
		}
		if reason != c.want {
			t.Errorf("%s: gap %q, want %q", c.name, reason, c.want)
		}
		if most := 1<<20 + 200*len(c.data); total > most {
			t.Errorf("%s: %d bytes from %d", c.name, total, len(c.data))
		}
	}
}

// A window of a gigabyte is refused before memory is taken for it.
func TestHugeWindow(t *testing.T) {
	data := written(func(w io.Writer) *xz.Writer { e, _ := xz.NewWriter(w); return e }, []byte("x"))
	i := bytes.IndexByte(data[12:], 0x21) + 12
	data[i+2] = 37
	if d := cmp.Diff([]string{"p ?unsupported"}, opened(data, Limits{})); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func TestEncryptedZip(t *testing.T) {
	data := zipped("f", "x")
	data[6] |= 1
	data[bytes.Index(data, []byte("PK\x01\x02"))+8] |= 1
	if d := cmp.Diff([]string{"p!f ?unsupported"}, opened(data, Limits{})); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

func FuzzOpen(f *testing.F) {
	bz, _ := hex.DecodeString(bzipped)
	for _, seed := range [][]byte{
		gz([]byte(plain)), zipped("a", plain, "b", string(gz([]byte(plain)))), tarred("a", plain), bz,
		wide(plain, binary.LittleEndian, true), wide(plain, binary.BigEndian, false),
		written(stdzlib.NewWriter, []byte(plain)),
		written(func(w io.Writer) *xz.Writer { e, _ := xz.NewWriter(w); return e }, []byte(plain)),
		written(func(w io.Writer) *zstd.Encoder { e, _ := zstd.NewWriter(w); return e }, []byte(plain)),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lim := Limits{Bytes: 1 << 20, Members: 100}
		total, gaps := 0, 0
		for p, g := range Open("p", data, lim) {
			if g != nil {
				gaps++
				if g.Path[:1] != "p" {
					t.Fatalf("gap of %q", g.Path)
				}
				continue
			}
			if total += len(p.Data); total > 1<<20 {
				t.Fatal("over the limit")
			}
			for i := 0; i < len(p.Data); i += 1 + len(p.Data)/50 {
				if from, to, ok := p.Source(i, i+1); ok && (from < 0 || from >= to || to > len(data)) {
					t.Fatalf("byte %d at %d-%d of %d", i, from, to, len(data))
				}
			}
		}
		if gaps > 300 {
			t.Fatalf("%d gaps", gaps)
		}
	})
}
