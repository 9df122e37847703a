package structure

import (
	"testing"

	"github.com/credgate/credgate/scanner/detect/detecttest"
)

func TestContract(t *testing.T) {
	for _, d := range All() {
		t.Run(d.ID, func(t *testing.T) { detecttest.Run(t, d) })
	}
}
