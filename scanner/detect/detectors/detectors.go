// Package detectors holds the list of all detectors.
package detectors

import (
	"bytes"
	"strings"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/detect/judge"
	"github.com/credgate/credgate/scanner/detect/structure"
	"github.com/credgate/credgate/scanner/detect/token"
)

// All gives every detector there is: those of providers' formats and of syntax,
// and gitleaks' rules but where an ID of ours stands in. Where two of one class
// find the same secret, the earlier one names it.
func All() []scanner.Detector {
	theirs := make(chan []scanner.Detector)
	go func() { theirs <- detect.Gitleaks() }() // reads a file of its own meanwhile
	list := append(token.All(), structure.All()...)
	taken := make(map[string]bool)
	for _, d := range list {
		taken[d.ID] = true
	}
	for _, d := range <-theirs {
		if !taken[d.ID] {
			list = append(list, judged(d))
		}
	}
	return list
}

// judged holds what gitleaks' rule takes for a secret before our judge of
// values: a reference or a placeholder is never one, and a rule that knows only
// names must show a value that could be one.
func judged(d scanner.Detector) scanner.Detector {
	accept, generic := d.Accept, d.Class == scanner.Generic || strings.HasPrefix(d.ID, "curl-")
	if d.Expression == "" {
		return d
	}
	d.Accept = func(window []byte, m *scanner.Match) bool {
		if accept != nil && !accept(window, m) {
			return false
		}
		value := bytes.Trim(window[m.SecretStart:m.SecretEnd], "\"'` \t\r\n")
		switch judge.Judge(value, judge.Context{Kind: judge.Token}) {
		case judge.Secret:
			return true
		case judge.Reference, judge.Placeholder:
			return false
		}
		return !generic
	}
	return d
}
