package secret

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func counting(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// The vectors were computed with Python's hmac and argon2-cffi.
func TestFingerprintVectors(t *testing.T) {
	h := hex.EncodeToString(counting(32))
	for _, tt := range []struct {
		keys string
		salt []byte
		want string
	}{
		{"k2:" + h, nil, "k2:459e43229d86b99547f6494ded9f34c6"},
		{"k2:" + base64.StdEncoding.EncodeToString(counting(32)), counting(16), "k2:459e43229d86b99547f6494ded9f34c6"},
		{"k2:" + base64.RawURLEncoding.EncodeToString(counting(32)) + ", k1:" + strings.Repeat("00", 32), nil, "k2:459e43229d86b99547f6494ded9f34c6"},
		{"", counting(16), "s1:e2e3187356cf073c1b5311d81742c1ed"},
		{"", nil, "s0:da4cf05e757a950ca0b16e8104654490"},
	} {
		f, err := NewFingerprinter(tt.keys, tt.salt)
		if err != nil {
			t.Fatal(err)
		}
		v := New([]byte("correct horse"))
		if got := f.Fingerprint(v); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.keys, got, tt.want)
		}
		if !f.Is(v, tt.want) || f.Is(New([]byte("correct horsf")), tt.want) {
			t.Errorf("%s: Is does not tell %s", tt.keys, tt.want)
		}
		if f.Keyed() != (tt.keys != "") {
			t.Errorf("%s: keyed is %v", tt.keys, f.Keyed())
		}
	}
}

func TestEarlierKeysAreKnown(t *testing.T) {
	k1, k2 := "k1:"+strings.Repeat("01", 32), "k2:"+strings.Repeat("02", 32)
	old, err := NewFingerprinter(k1, nil)
	if err != nil {
		t.Fatal(err)
	}
	now, err := NewFingerprinter(k2+","+k1, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := New([]byte("correct horse"))
	if got := now.Fingerprint(v); !strings.HasPrefix(got, "k2:") {
		t.Errorf("the first key is not the current one: %s", got)
	}
	if !now.Is(v, old.Fingerprint(v)) {
		t.Error("a fingerprint under the earlier key is not recognised")
	}
	if old.Is(v, now.Fingerprint(v)) {
		t.Error("a fingerprint under an unknown key is recognised")
	}
}

func TestKeyErrors(t *testing.T) {
	good := strings.Repeat("0a", 32)
	for name, keys := range map[string]string{
		"no label":    good,
		"no number":   "k:" + good,
		"wrong label": "x1:" + good,
		"zero":        "k0:" + good,
		"padded":      "k01:" + good,
		"short":       "k1:" + good[:62],
		"not hex":     "k1:" + strings.Repeat("zz", 32) + "!",
		"twice":       "k1:" + good + ",k1:" + good,
		"second bad":  "k2:" + good + ",k1:" + good[:10],
	} {
		_, err := NewFingerprinter(keys, nil)
		var ke *KeyError
		if !errors.As(err, &ke) {
			t.Errorf("%s: got %v, want a KeyError", name, err)
			continue
		}
		if strings.Contains(err.Error(), good[:8]) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
	if _, err := NewFingerprinter("", []byte("short")); err == nil {
		t.Error("a salt of five bytes is taken")
	}
}

func TestFingerprintsInOrder(t *testing.T) {
	f, err := NewFingerprinter("k1:"+strings.Repeat("01", 32), nil)
	if err != nil {
		t.Fatal(err)
	}
	var values []Value
	for i := range 200 {
		values = append(values, New(fmt.Append(nil, "value ", i%50)))
	}
	got, err := f.Fingerprints(context.Background(), values)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if got[i] != f.Fingerprint(v) {
			t.Fatalf("fingerprint %d is not that of its value", i)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := f.Fingerprints(ctx, values); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestNothingPrints(t *testing.T) {
	const word = "xyzzyplugh42"
	v := New([]byte(word))
	f, err := NewFingerprinter("k1:"+hex.EncodeToString([]byte(word+word+"12345678")), []byte(word+word))
	if err != nil {
		t.Fatal(err)
	}
	f.Fingerprint(v)
	type holder struct {
		Public  Value
		private Value
		ptr     *Value
		list    []Value
		byName  map[string]Value
		printer *Fingerprinter
		copied  Fingerprinter
	}
	h := holder{v, v, &v, []Value{v}, map[string]Value{"a": v}, f, *f}
	var out bytes.Buffer
	for _, x := range []any{v, &v, h, &h, f, *f, []any{h}, h.list, h.byName} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%p"} {
			fmt.Fprintf(&out, verb+"\n", x)
		}
		if b, err := json.Marshal(x); err == nil {
			out.Write(b)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "value", x)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "value", x)
	}
	text := strings.ToLower(out.String())
	for _, part := range []string{word[:8], hex.EncodeToString([]byte(word[:8])), fmt.Sprint([]byte(word[:4]))[1:14]} {
		if strings.Contains(text, part) {
			t.Errorf("the output holds %q", part)
		}
	}
	if !strings.Contains(text, redacted) {
		t.Error("nothing was printed at all")
	}
}

func BenchmarkSalted(b *testing.B) {
	f, err := NewFingerprinter("", nil)
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		f.Fingerprint(New(fmt.Append(nil, i)))
	}
}
