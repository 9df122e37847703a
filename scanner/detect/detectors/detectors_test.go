package detectors

import (
	"testing"

	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/provider"
)

func TestAllDetectorsAreSound(t *testing.T) {
	list := All()
	if _, err := detect.New(list, detect.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if d.Title == "" || d.Kind == "" || d.Severity == 0 {
			t.Errorf("%s: title %q, kind %q, severity %q", d.ID, d.Title, d.Kind, d.Severity)
		}
		if _, ok := provider.ByID(d.Provider); d.Provider != "" && !ok {
			t.Errorf("%s: provider %q is not in the catalogue", d.ID, d.Provider)
		}
	}
}
