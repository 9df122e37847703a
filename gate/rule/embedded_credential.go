package rule

import (
	"fmt"
	"time"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/connection"
	"github.com/credgate/credgate/scanner/provider"
)

// EmbeddedCredential reports values that are committed, at head or in the
// history: declaring a connection does not make its value legal. A literal that
// a document holds as a credential counts even where no detector knows its
// form. Source: OWASP NHI2:2025, SP 800-53 IA-5(7).
var EmbeddedCredential = gate.Rule{
	ID:       "embedded-credential",
	Severity: scanner.Critical,
	Title:    "The value of a credential is committed",
	Controls: []string{"NHI2:2025", "CWE-798", "SP 800-53 IA-5(7)", "PCI DSS 8.6.2", "BR-07.01", "ASVS 13.3.1", "A.8.28", "CICD-SEC-6"},
	Actions:  [3]gate.Action{fail, fail, fail},
	Check: func(f gate.Facts) []gate.Violation {
		var out []gate.Violation
		for _, s := range f.Findings {
			ls := ordered(s.Locations)
			out = append(out, gate.Violation{
				Finding:   s.Fingerprint,
				Entry:     s.Entry,
				Severity:  s.Severity,
				Message:   embedded(s, ls),
				Remedy:    rotateFirst(s.Provider, ls),
				Locations: ls,
				FirstSeen: firstSeen(ls),
			})
		}
		found := lines(f.Findings)
		for _, c := range f.Connections {
			if c.Kind == connection.Literal && c.Entry == "" && f.Policy.Judges(c) && !covered(found, c) {
				out = append(out, gate.Violation{
					Connection: c.ID,
					Severity:   scanner.High,
					Message:    "a credential stands here in plain text" + guess(c),
					Remedy:     rotateFirst(c.Provider, places(c)),
					Locations:  places(c),
				})
			}
		}
		return out
	},
}

func embedded(s scanner.Finding, ls []scanner.Location) string {
	what := text(s.Title)
	if what == "" {
		what = say(s.Detector)
	}
	if s.Entry != "" {
		what = fmt.Sprintf("a value of %s (%s)", say(s.Entry), what)
	}
	switch {
	case len(ls) == 0 || ls[0].Distance() == 0:
		return what + " is committed here"
	case ls[0].AtHead:
		return what + " is committed here, on another ref than HEAD"
	}
	return what + " was committed here and is still in the history"
}

// firstSeen is the date of the oldest commit that holds it, zero without one.
func firstSeen(ls []scanner.Location) time.Time {
	var first time.Time
	for _, l := range ls {
		if !l.Date.IsZero() && (first.IsZero() || l.Date.Before(first)) {
			first = l.Date
		}
	}
	return first
}

// rotateFirst: a value that was pushed is known to others, whatever is removed.
func rotateFirst(id string, ls []scanner.Location) string {
	rotate := "rotate it first"
	if p, ok := provider.ByID(id); ok && p.Rotate != "" {
		rotate += " (" + p.Rotate + ")"
	}
	if len(ls) > 0 && ls[0].Distance() > 0 {
		return rotate + "; what is in the history stays readable to all who have it"
	}
	return rotate + ", then remove it from the file and read the new one from a secret store"
}

// lines are the lines of each file on which findings stand.
func lines(fs []scanner.Finding) map[string]map[int]bool {
	out := map[string]map[int]bool{}
	for _, s := range fs {
		for _, l := range s.Locations {
			if out[l.Path] == nil {
				out[l.Path] = map[int]bool{}
			}
			// A finding of many lines is a key block; a literal stands at its head.
			for n := l.Line; n <= min(max(l.EndLine, l.Line), l.Line+maxSpan); n++ {
				out[l.Path][n] = true
			}
		}
	}
	return out
}

// maxSpan is how many lines of one finding are looked at.
const maxSpan = 200

// covered tells whether a finding stands on every place of a literal.
func covered(found map[string]map[int]bool, c connection.Connection) bool {
	for _, l := range c.Locations {
		at := false
		for n := l.Line; n <= min(max(l.EndLine, l.Line), l.Line+maxSpan); n++ {
			at = at || found[l.Path][n]
		}
		if !at {
			return false
		}
	}
	return true
}
