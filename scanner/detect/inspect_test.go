package detect_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/detect/detectors"
	"github.com/credgate/credgate/scanner/detect/detecttest"
	"github.com/credgate/credgate/scanner/secret"
)

// texts makes content for all rules.
type texts struct {
	r     *rand.Rand
	rules []func(*rand.Rand) string
}

func newTexts(t testing.TB, seed uint64) *texts {
	x := &texts{r: rand.New(rand.NewPCG(seed, 1))}
	for _, d := range detectors.All() {
		switch {
		case d.Example != nil:
			x.rules = append(x.rules, func(r *rand.Rand) string { return unmarked(d.Example(r)) })
		case d.Expression != "":
			x.rules = append(x.rules, func(r *rand.Rand) string { return detecttest.Generate(r, d.Expression) })
		}
	}
	return x
}

func (x *texts) piece() string {
	switch x.r.IntN(5) {
	case 0, 1:
		return x.rules[x.r.IntN(len(x.rules))](x.r)
	case 2:
		if len(x.rules) > 1 && x.r.IntN(2) == 0 {
			rule := x.rules[x.r.IntN(len(x.rules))](x.r)
			return base64.StdEncoding.EncodeToString([]byte("\n"+rule+"\n")) + "\n"
		}
		return "\n"
	default:
		if len(x.rules) == 1 {
			return x.rules[0](x.r)
		}
		return filler(x.r, x.r.IntN(300))
	}
}

func (x *texts) blob(pieces int) []byte {
	var b []byte
	for range pieces {
		b = append(b, x.piece()...)
	}
	return b
}

// tell gives hits in a form that can be compared.
func tell(hits []detect.Hit) []string {
	var list []string
	for _, h := range hits {
		list = append(list, fmt.Sprintf("%s %d-%d %v %v %s", h.Detector.ID, h.Start, h.End, h.Span, h.Severity, h.Encoding))
	}
	return list
}

// TestChangesEqualWhole holds the invariant of the engine: along any history of
// edits, the scan of changes and what copies inherit give what a scan of the
// whole gives, with every test that saves work and without each in turn.
func TestChangesEqualWhole(t *testing.T) {
	list := detectors.All()
	pieces := newTexts(t, 0).rules
	found := 0
	for _, without := range []detect.Test{0, detect.Near, detect.Shape, detect.Seen, detect.Near | detect.Shape | detect.Seen} {
		set, err := detect.New(list, detect.Options{Trusted: true, Without: without})
		if err != nil {
			t.Fatal(err)
		}
		wholeSet, err := detect.New(list, detect.Options{Trusted: true})
		if err != nil {
			t.Fatal(err)
		}
		rounds := uint64(8)
		if without&detect.Shape != 0 {
			rounds = 3
		}
		for seed := range rounds {
			x := &texts{rand.New(rand.NewPCG(seed, 1)), pieces}
			in, whole := set.Inspector(), wholeSet.Inspector()
			b := scanner.Blob{Data: x.blob(40)}
			var st detect.State
			for version := range 12 {
				st = in.Inspect(b, st)
				got := tell(in.Hits(b.Data, st))
				want := tell(whole.Hits(b.Data, whole.Inspect(scanner.Blob{Data: b.Data}, detect.State{})))
				found += len(want)
				if !slices.Equal(got, want) {
					t.Fatalf("without %b, seed %d, version %d: changes give\n%q\nthe whole\n%q", without, seed, version, minus(got, want), minus(want, got))
				}
				b = detecttest.Edit(x.r, b.Data, x.piece)
				if len(b.Data) == 0 || len(b.Data) > 40_000 {
					b = scanner.Blob{Data: x.blob(40)}
				}
			}
		}
	}
	if found < 2000 {
		t.Errorf("only %d matches: the property was hardly tried", found)
	}
}

func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
}

// TestSmallChanges is the same with few detectors of which the engine's margins
// are just the reach, over text that is dense with them.
func TestSmallChanges(t *testing.T) {
	expressions := map[string][]string{
		`[a-z]{0,5}key=([0-9]{4})\b`:          {"key="},
		`\bkey\b[ =]{1,3}([0-9]{2,6})(?:;|$)`: {"key"},
		`^start:([0-9]+)`:                     {"start"},
		`end([0-9]{3})\z`:                     {"end"},
		`open((?s:.){0,400}?)close`:           {"open"},
		`(?:b[0-9]){1,60}mid([0-9b]{1,200})x`: {"mid"},
		`((?s:[^k]{300})tail[0-9])`:           {"tail"},
	}
	var list []scanner.Detector
	for e, k := range expressions {
		list = append(list, scanner.Detector{ID: fmt.Sprintf("d%d", len(list)), Keywords: k, Expression: e, Reach: 500})
	}
	list = append(list, scanner.Detector{ID: "gated", Gate: []string{"gate"}, Keywords: []string{"end"}, Expression: `end[0-9]`, Reach: 10})
	list = append(list, scanner.Detector{ID: "found", Keywords: []string{"mid"}, Reach: 9, FindAt: func(w []byte, start, end int) []scanner.Match {
		if end+6 > len(w) || start < 3 {
			return nil
		}
		return []scanner.Match{{Start: start - 3, End: end + 6, SecretStart: start - 3, SecretEnd: end + 6, Severity: scanner.Severity(w[end+5] % 5)}}
	}})
	words := []string{"key", "key=", "=", "start:", "end", "open", "close", "mid", "b1", "b2b3", "x", ";", " ", "\n", "tail", "1", "22", "333", "4444", "zzzzz", "gate"}
	for _, without := range []detect.Test{0, detect.Near, detect.Shape, detect.Seen} {
		set, err := detect.New(list, detect.Options{Without: without})
		if err != nil {
			t.Fatal(err)
		}
		in, whole := set.Inspector(), set.Inspector()
		found := 0
		for seed := range uint64(14) {
			x := &texts{r: rand.New(rand.NewPCG(seed, 2))}
			word := func(r *rand.Rand) string {
				if r.IntN(60) == 0 {
					return strings.Repeat("z1 ", 150)
				}
				switch r.IntN(40) {
				case 0, 3:
					return "gate"
				case 1, 2: // as long as the margins
					return strings.Repeat("b1", 50+r.IntN(11)) + "mid" + strings.Repeat("0b", 80+r.IntN(21)) + "x"
				}
				return words[r.IntN(len(words)-1)]
			}
			x.rules = []func(*rand.Rand) string{word}
			text := ""
			for range 500 {
				text += word(x.r)
			}
			b := scanner.Blob{Data: []byte(text)}
			var st detect.State
			for version := range 12 {
				st = in.Inspect(b, st)
				got := tell(in.Hits(b.Data, st))
				want := tell(whole.Hits(b.Data, whole.Inspect(scanner.Blob{Data: b.Data}, detect.State{})))
				found += len(want)
				if !slices.Equal(got, want) {
					t.Fatalf("without %b, seed %d, version %d: changes give\n%q\nthe whole\n%q", without, seed, version, minus(got, want), minus(want, got))
				}
				b = detecttest.Edit(x.r, b.Data, x.piece)
			}
		}
		if found < 5_000 {
			t.Errorf("only %d matches: the property was hardly tried", found)
		}
	}
}

// filler is text without credentials, with keywords now and then.
func filler(r *rand.Rand, n int) string {
	words := []string{
		"func", "return", "key", "api_key", "=", ":", "{", "}", "\n", "\n", "\t", "token", "x", "\r\n", "\"secret\"",
		"password", "if err != nil", "curl -H", "// a comment", "ey", "sk", "-----BEGIN", "twitter", "é", "世界", "0123456789",
		"kind: Secret", "data:", "'", "\"", "facebook", "\xff", "monkey", "sourcegraph", "1234567890123456|", "abcdef0123456789",
	}
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(words[r.IntN(len(words))])
		if r.IntN(3) > 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func unmarked(example string) string {
	text, _ := detecttest.Unmark(example)
	return text
}

// What a blob encloses whole is told at its lines in the content, and of an
// archive by the member's path.
func TestEnclosed(t *testing.T) {
	set, err := detect.New([]scanner.Detector{{ID: "d", Class: scanner.Specific, Keywords: []string{"word-"}, Expression: `word-[0-9]{8}`, Reach: 20}}, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	text := "first\nkey = word-12345678 # credgate:allow d -- made up\n"
	var zipped bytes.Buffer
	z := zip.NewWriter(&zipped)
	for _, name := range []string{"a.txt", "dir/b.txt"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, text)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	for name, tt := range map[string]struct {
		data  []byte
		paths []string
		line  int
	}{
		"plain":  {[]byte(text), []string{"f"}, 2},
		"utf-16": {wide, []string{"f"}, 2},
		"zip":    {zipped.Bytes(), []string{"f!a.txt", "f!dir/b.txt"}, 2},
		"base64": {[]byte("x\n\ny: " + base64.StdEncoding.EncodeToString([]byte(text)) + "\n"), []string{"f"}, 3},
	} {
		in := set.Inspector()
		st := in.Inspect(scanner.Blob{ID: "1", Data: tt.data}, detect.State{})
		c := detect.NewCollector()
		c.Add(in.Hits(tt.data, st), []scanner.Location{{Path: "f", AtHead: true}})
		f, err := secret.NewFingerprinter("", nil)
		if err != nil {
			t.Fatal(err)
		}
		list, err := c.Findings(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 1 || len(list[0].Locations) != len(tt.paths) {
			t.Errorf("%s: got %+v", name, list)
			continue
		}
		for i, l := range list[0].Locations {
			if l.Path != tt.paths[i] || l.Line != tt.line {
				t.Errorf("%s: at %v", name, l)
			}
		}
		if got, want := list[0].Allowed, "made up"; got != want && name != "base64" {
			t.Errorf("%s: allowed %q", name, got)
		}
		if gaps := in.Gaps(); len(gaps) > 0 {
			t.Errorf("%s: gaps %v", name, gaps)
		}
	}
}
