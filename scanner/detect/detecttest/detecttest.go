// Package detecttest holds the contract that every detector keeps.
package detecttest

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
)

// rounds is how many examples of a detector are made.
const rounds = 20

// Run checks a detector against the contract of scanner.Detector: its examples
// fire and its silent cases do not, at the start and end of input, twice in a
// row, between neighbours, and across the edges of what a scan of changes looks
// at; every match holds a keyword and lies within Reach; no match hangs on more
// of the text than that.
//
// Example may mark its secret between two U+0001 (see Secret); the secret must
// then come out exactly.
func Run(t *testing.T, d scanner.Detector) {
	t.Helper()
	RunRounds(t, d, rounds)
}

// RunRounds is Run with n examples in place of the usual number, for lists of
// detectors that share their code.
func RunRounds(t *testing.T, d scanner.Detector, n int) {
	t.Helper()
	set, err := detect.New([]scanner.Detector{d}, detect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d.Example == nil || d.Silent == nil {
		t.Fatalf("%s: Example and Silent are to be set", d.ID)
	}
	c := contract{t: t, d: d, set: set}
	for seed := range uint64(n) {
		c.fires(seed)
		c.silent(seed)
	}
}

// Secret marks the secret of an example, so that Run can check that just these
// bytes are found. The marks are taken out before anything is scanned.
func Secret(s string) string { return "\x01" + s + "\x01" }

// Unmark takes the marks of Secret out of an example and gives the secret, "" if
// none is marked.
func Unmark(example string) (text, secret string) {
	if p := strings.Split(example, "\x01"); len(p) == 3 {
		return p[0] + p[1] + p[2], p[1]
	}
	return example, ""
}

type contract struct {
	t   *testing.T
	d   scanner.Detector
	set *detect.Set
}

func (c contract) errorf(seed uint64, format string, args ...any) {
	c.t.Helper()
	c.t.Errorf("%s, seed %d: %s", c.d.ID, seed, fmt.Sprintf(format, args...))
}

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

// scan gives the secrets of text.
func (c contract) scan(text string) []string {
	in := c.set.Inspector()
	return secrets(in, []byte(text), in.Inspect(scanner.Blob{Data: []byte(text)}, detect.State{}))
}

func secrets(in *detect.Inspector, data []byte, st detect.State) []string {
	var list []string
	for _, h := range in.Hits(data, st) {
		list = append(list, string(h.Secret.Reveal()))
	}
	return list
}

func (c contract) fires(seed uint64) {
	c.t.Helper()
	text, want := Unmark(c.d.Example(random(seed)))
	alone := c.scan(text)
	if len(alone) == 0 {
		c.errorf(seed, "the example does not fire:\n%s", text)
		return
	}
	if want != "" && (len(alone) != 1 || alone[0] != want) {
		c.errorf(seed, "found %q, want the secret %q in:\n%s", alone, want, text)
		return
	}
	const other = "\nlorem: ipsum\n\nfunc dolor() { return sit.amet }\n"
	for name, in := range map[string]string{
		"at the end":         other + text,
		"at the start":       text + "\n" + other,
		"between neighbours": other + text + "\n" + other,
		"far inside":         strings.Repeat(other, 40+c.d.Reach/16) + text + "\n" + strings.Repeat(other, 40+c.d.Reach/16),
		"with CR LF":         strings.ReplaceAll(other+text+"\n"+other, "\n", "\r\n"),
	} {
		got := c.scan(in)
		if name == "with CR LF" && strings.Contains(strings.TrimSpace(text), "\n") {
			if len(got) == 0 {
				c.errorf(seed, "%s: nothing found", name)
			}
			continue
		}
		if !within(alone, got) {
			c.errorf(seed, "%s: found %q, alone %q", name, got, alone)
		}
	}
	second, _ := Unmark(c.d.Example(random(seed + 1000)))
	both := c.scan(text + "\n\n" + second)
	if !within(append(alone, c.scan(second)...), both) {
		c.errorf(seed, "twice in a row: found %q", both)
	}
	c.split(seed, text, alone)
}

// split builds the example by an edit at each of its bytes: what a scan of the
// change and the inherited rest gives must equal the scan of the whole.
func (c contract) split(seed uint64, text string, alone []string) {
	c.t.Helper()
	pad := strings.Repeat("x = 1\n", 40+c.d.Reach/6)
	whole := []byte(pad + text + "\n" + pad)
	in := c.set.Inspector()
	want := secrets(in, whole, in.Inspect(scanner.Blob{Data: whole}, detect.State{}))
	if !within(alone, want) {
		c.errorf(seed, "in a larger text: found %q, alone %q", want, alone)
		return
	}
	step := 1 + len(text)/64
	for at := len(pad); at <= len(pad)+len(text); at += step {
		for _, n := range []int{1, 7} {
			if at+n > len(whole) {
				continue
			}
			// The parent lacks n bytes of the text.
			before := bytes.Join([][]byte{whole[:at], whole[at+n:]}, nil)
			st := in.Inspect(scanner.Blob{Data: before}, detect.State{})
			b := scanner.Blob{Data: whole, Copies: []scanner.Copy{{Dst: 0, Src: 0, Len: at}, {Dst: at + n, Src: at, Len: len(whole) - at - n}}}
			if got := secrets(in, whole, in.Inspect(b, st)); !equal(got, want) {
				c.errorf(seed, "%d bytes put in at %d: found %q, want %q", n, at-len(pad), got, want)
				return
			}
		}
	}
}

func (c contract) silent(seed uint64) {
	c.t.Helper()
	text, _ := Unmark(c.d.Silent(random(seed)))
	for _, in := range []string{text, "\n" + text + "\n"} {
		if got := c.scan(in); len(got) > 0 {
			c.errorf(seed, "the silent case fires with %q:\n%s", got, text)
			return
		}
	}
}

// within tells whether got holds each of want.
func within(want, got []string) bool {
	seen := make(map[string]bool)
	for _, g := range got {
		seen[g] = true
	}
	for _, w := range want {
		if !seen[w] {
			return false
		}
	}
	return true
}

func equal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
