// Package report writes the outcome of a run. A Document is made of the facts
// and the verdict once; every writer renders that document and nothing else,
// for a terminal, a pipeline or a tool. Writers are pure: no clock, disk,
// environment or terminal, and the same document gives the same bytes.
//
// What comes from outside (file names, job names, authors, reasons) is escaped
// for its medium, in escape.go: it cannot forge an annotation, a link, a table
// row, a terminal code or another report's line.
package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/scanner"
)

// Options say how a document is written. The zero value is right for a file.
type Options struct {
	Color bool // text: ANSI colours; only for a terminal
	Width int  // text: columns of the terminal; 0 does not wrap
	Quiet bool // text: the verdict and nothing else

	// Rules and Detectors give titles, help and pages where a format has a
	// place for them. Without them IDs stand alone.
	Rules     []gate.Rule
	Detectors []scanner.Detector

	// File adds the attributes file and line to the test cases of junit, which
	// GitLab shows and the schema of Jenkins refuses.
	File bool
}

type writer func(w *bytes.Buffer, d Document, o Options) error

var writers = map[string]writer{
	"json":     writeJSON,
	"sarif":    writeSARIF,
	"github":   writeGitHub,
	"junit":    writeJUnit,
	"dot":      writeDOT,
	"mermaid":  writeMermaid,
	"markdown": writeMarkdown,
	"text":     writeText,
}

// Formats are the names that Write knows, sorted.
func Formats() []string {
	var names []string
	for name := range writers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Write writes d to w in one of Formats. What it writes is complete: an error
// means that w refused it, or that the format is not known.
func Write(w io.Writer, format string, d Document, o Options) error {
	write, ok := writers[format]
	if !ok {
		return fmt.Errorf("format %q (allowed: %s)", format, strings.Join(Formats(), ", "))
	}
	var b bytes.Buffer
	if err := write(&b, d, o); err != nil {
		return fmt.Errorf("writing %s: %w", format, err)
	}
	_, err := w.Write(b.Bytes())
	return err
}
