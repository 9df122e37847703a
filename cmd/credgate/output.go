package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	"golang.org/x/term"

	"github.com/credgate/credgate/gate/report"
	"github.com/credgate/credgate/gate/rule"
)

// errUndelivered is a report that did not reach its reader.
var errUndelivered = errors.New("the report could not be written")

func delivered(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errUndelivered, err)
}

// An output is one --format: what to write, and where; no file is stdout.
type output struct{ format, file string }

// outputs reads the --format flags of a command.
func (p *program) outputs(command string) ([]output, error) {
	if len(p.flags.formats) == 0 {
		return []output{{format: "text"}}, nil
	}
	var out []output
	structured := 0
	for _, f := range p.flags.formats {
		o := output{}
		o.format, o.file, _ = strings.Cut(f, "=")
		if !slices.Contains(formatNames(command), o.format) {
			return nil, fmt.Errorf("--format %q is unknown (allowed: %s)", o.format, strings.Join(formatNames(command), ", "))
		}
		if strings.Contains(f, "=") && o.file == "" {
			return nil, fmt.Errorf("--format %q names no file (hint: %s=report.%s)", f, o.format, o.format)
		}
		if o.file == "" && o.format != "text" && o.format != "github" {
			structured++
		}
		out = append(out, o)
	}
	for i, o := range out {
		if o.file != "" && slices.ContainsFunc(out[:i], func(x output) bool { return filepath.Clean(x.file) == filepath.Clean(o.file) }) {
			return nil, fmt.Errorf("two reports in one file, %q", o.file)
		}
	}
	if stdout := slices.DeleteFunc(slices.Clone(out), func(o output) bool { return o.file != "" }); structured > 0 && len(stdout) > 1 {
		return nil, errors.New("two reports on standard output (hint: --format json=FILE writes to a file)")
	}
	return out, nil
}

// emit writes the report of a scan or a gate.
func (p *program) emit(outs []output, doc report.Document) error {
	return p.write(outs, func(b *bytes.Buffer, format string, o report.Options) error {
		if format == "sarif" { // which alone tells of what it looked for
			o.Rules, o.Detectors = rule.All(), p.known
		}
		return report.Write(b, format, doc, o)
	})
}

// write writes a view in each of the formats.
func (p *program) write(outs []output, view func(*bytes.Buffer, string, report.Options) error) error {
	for _, o := range outs {
		var b bytes.Buffer
		opt := report.Options{Quiet: p.flags.quiet, File: p.getenv("GITLAB_CI") != ""}
		if o.file == "" {
			opt.Color, opt.Width = p.terminal()
		}
		if err := view(&b, o.format, opt); err != nil {
			return fmt.Errorf("writing %s: %w", o.format, err)
		}
		if o.file == "" {
			if _, err := p.stdout.Write(b.Bytes()); err != nil {
				return delivered(err)
			}
			continue
		}
		if err := p.toFile(o.file, b.Bytes()); err != nil {
			return delivered(err)
		}
	}
	return nil
}

// toFile writes a file whole or not at all: where it is a symlink, the file that
// it leads to. What is no file but a way to somewhere else (a device, a pipe,
// /dev/stdout) is written to and stays what it is.
func (p *program) toFile(name string, data []byte) error {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	info, err := os.Stat(name)
	if err != nil {
		return renameio.WriteFile(name, data, 0o644)
	}
	if w := p.stream(info); w != nil {
		_, err := w.Write(data)
		return err
	}
	if info.Mode().IsRegular() {
		return renameio.WriteFile(name, data, 0o644)
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

// stream is the output of ours that leads to a file, nil if none does.
func (p *program) stream(info os.FileInfo) io.Writer {
	for _, w := range []io.Writer{p.stdout, p.stderr} {
		if f, ok := w.(*os.File); ok {
			if to, err := f.Stat(); err == nil && os.SameFile(to, info) {
				return w
			}
		}
	}
	return nil
}

// formatNames are those that a command writes, text first.
func formatNames(command string) []string {
	switch command {
	case "gate":
		return []string{"text", "json", "sarif", "junit", "markdown", "github"}
	case "scan":
		return []string{"text", "json", "sarif", "junit", "markdown", "github", "dot", "mermaid"}
	case "due":
		return []string{"text", "json", "ics"}
	}
	return []string{"text", "json"}
}

// count is "1 entry", "2 entries".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// terminal tells whether stdout takes colour, and its width in cells (0: not a terminal).
func (p *program) terminal() (color bool, width int) {
	f, ok := p.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return false, 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	color = !p.flags.noColor && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb"
	return color, width
}

// attended tells whether somebody watches stderr.
func attended(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
