package detect

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

func TestGapsBeyondTheLimitAreCounted(t *testing.T) {
	set, err := New(nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := set.Inspector()
	for i := range maxGaps + 7 {
		g := scanner.Gap{Reason: scanner.Corrupt, Object: scanner.ObjectID(fmt.Sprint(i))}
		in.gap(g)
		in.gap(g) // the same blob's again
	}
	in.gap(scanner.Gap{Reason: scanner.Unsupported, Minor: true})
	list := in.Gaps()
	if len(list) != maxGaps+2 {
		t.Fatalf("%d gaps", len(list))
	}
	if g := list[maxGaps]; g.Minor || !strings.HasPrefix(g.Detail, "14 further") {
		t.Errorf("got %+v", g)
	}
	if g := list[maxGaps+1]; !g.Minor || !strings.HasPrefix(g.Detail, "1 further") {
		t.Errorf("got %+v", g)
	}
	if list := in.Gaps(); len(list) != 0 {
		t.Errorf("%d gaps are told twice", len(list))
	}
}

func TestGapsNameTheMember(t *testing.T) {
	set, err := New(nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("dir/inner.zip")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("PK\x03\x04 and no more of an archive")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	in := set.Inspector()
	in.Inspect(scanner.Blob{ID: "1", Data: b.Bytes()}, State{})
	list := in.Gaps()
	if len(list) != 1 || list[0].Path != "" || list[0].Object != "1" || !strings.Contains(list[0].Detail, `member "dir/inner.zip"`) {
		t.Errorf("got %+v", list)
	}
}
