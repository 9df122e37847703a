package detect

import (
	"testing"

	"github.com/credgate/credgate/scanner/provider"
)

func TestAllDetectorsAreSound(t *testing.T) {
	list := All()
	set, err := New(list, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if err := Check(d); err != nil {
			t.Error(err)
		}
		if d.Title == "" || d.Kind == "" || d.Severity == 0 {
			t.Errorf("%s: title %q, kind %q, severity %q", d.ID, d.Title, d.Kind, d.Severity)
		}
		if _, ok := provider.ByID(d.Provider); d.Provider != "" && !ok {
			t.Errorf("%s: provider %q is not in the catalogue", d.ID, d.Provider)
		}
	}
	// An expression whose keywords stand at no certain place is run over whole
	// windows: it costs.
	for _, m := range set.matchers {
		if _, _, err := newArms(m.Detector); m.Expression != "" && len(m.Keywords) > 0 && err != nil {
			t.Errorf("%s: %v", m.ID, err)
		}
	}
}
