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
	for i := range list {
		if d := &list[i]; d.SeverityAt == nil && (d.Provider == "" || d.Class != scanner.Specific) {
			d.SeverityAt = inExamples
		}
	}
	return list
}

// inExamples gives the severity of a credential that names no provider, so that
// nobody can say whether it opens anything: low where tests, examples and manuals
// stand. What has a provider's own format weighs the same everywhere.
func inExamples(path string, s scanner.Severity) scanner.Severity {
	if judge.IsExample(path) {
		return min(s, scanner.Low)
	}
	return s
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
