// Package detectors holds the list of all detectors.
package detectors

import (
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/detect/structure"
	"github.com/credgate/credgate/scanner/detect/token"
)

// All gives every detector there is: those of providers' formats and of syntax,
// and gitleaks' rules but where an ID of ours stands in. Where two of one class
// find the same secret, the earlier one names it.
func All() []scanner.Detector {
	list := append(token.All(), structure.All()...)
	taken := make(map[string]bool)
	for _, d := range list {
		taken[d.ID] = true
	}
	for _, d := range detect.Gitleaks() {
		if !taken[d.ID] {
			list = append(list, d)
		}
	}
	return list
}
