package owner

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate/field"
	"github.com/credgate/credgate/gate/inventory"
)

// maxPeople bounds a directory.
const maxPeople = 200_000

// columns of people.csv. Only id is required; active is true where it is left out.
var columns = []string{"active", "emails", "github", "id", "manager", "name", "role_key", "teams", "until"}

// LoadPeople reads the directory at path of a tree. A tree without it has none:
// no people and no error.
func LoadPeople(tree fs.FS, path string) ([]Person, error) {
	f, err := tree.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", field.Plain(path), err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, 16*field.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", field.Plain(path), err)
	}
	if len(data) > 16*field.MaxBytes {
		return nil, fmt.Errorf("reading %s: larger than %d MiB", field.Plain(path), 16*field.MaxBytes>>20)
	}
	return ParsePeople(path, data)
}

// Load reads who answers in a tree: the directory at path and CODEOWNERS.
// Errors are those of the directory.
func Load(tree fs.FS, path string) (Directory, error) {
	people, err := LoadPeople(tree, path)
	owners, _ := LoadCodeowners(tree)
	if people == nil {
		path = ""
	}
	return NewDirectory(path, people, owners), err
}

// ParsePeople reads people.csv: a header with the names of columns in any
// order, then one person a line. Lists in a cell are separated by spaces,
// semicolons or bars. The error joins every field.Error.
func ParsePeople(path string, data []byte) ([]Person, error) {
	t := table{file: path, people: []Person{}, alias: map[string]string{}}
	t.r = csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	t.r.FieldsPerRecord = -1
	head, err := t.r.Read()
	if err != nil {
		return nil, &field.Error{File: path, Line: 1, Column: 1, Err: errors.New("no header (hint: id,name,emails,github,active,teams,role_key,manager,until)")}
	}
	t.header(head)
	for len(t.people) < maxPeople {
		row, err := t.r.Read()
		if err == io.EOF {
			break
		}
		var pe *csv.ParseError
		if errors.As(err, &pe) {
			t.errs = append(t.errs, &field.Error{File: path, Line: pe.Line, Column: pe.Column, Err: pe.Err})
			break
		}
		t.row(row)
	}
	return t.people, errors.Join(t.errs...)
}

type table struct {
	file   string
	r      *csv.Reader
	head   []string
	people []Person
	alias  map[string]string // folded alias → id
	errs   []error
}

func (t *table) fail(col int, format string, args ...any) {
	line, column := t.r.FieldPos(col)
	name := ""
	if col < len(t.head) {
		name = field.Plain(t.head[col])
	}
	t.errs = append(t.errs, &field.Error{File: t.file, Line: line, Column: column, Field: name, Err: fmt.Errorf(format, args...)})
}

func (t *table) header(head []string) {
	for i, h := range head {
		h = strings.ToLower(strings.TrimSpace(h))
		switch {
		case !slices.Contains(columns, h):
			t.fail(i, "%w", field.Unknown("column", h, columns))
		case slices.Contains(t.head, h):
			t.fail(i, "column is there twice")
		}
		t.head = append(t.head, h)
	}
	if !slices.Contains(t.head, "id") {
		t.fail(0, "column id is missing")
	}
}

func (t *table) row(cells []string) {
	p := Person{Active: true}
	for i, c := range cells {
		if i >= len(t.head) {
			t.fail(i, "more cells than the header has columns")
			break
		}
		t.cell(&p, i, strings.TrimSpace(c))
	}
	if p.ID == "" {
		t.fail(0, "id is missing")
		return
	}
	p.Bot = Bot(p.ID) || slices.ContainsFunc(p.GitHub, Bot)
	if t.alias[fold(p.ID)] == p.ID {
		t.fail(0, "%s is there twice", field.Plain(p.ID))
		return
	}
	for _, a := range p.aliases() {
		if other, dup := t.alias[fold(a)]; dup && other != p.ID {
			t.fail(0, "%s and %s share a name or address", field.Plain(other), field.Plain(p.ID))
		}
		t.alias[fold(a)] = p.ID
	}
	t.people = append(t.people, p)
}

func (t *table) cell(p *Person, i int, c string) {
	switch t.head[i] {
	case "id":
		p.ID = strings.TrimPrefix(c, "user:")
	case "name":
		p.Name = c
	case "emails":
		p.Emails = split(c)
	case "github":
		p.GitHub = split(c)
	case "teams":
		p.Teams = split(c)
	case "role_key":
		p.RoleKey = c
	case "manager":
		p.Manager = c
	case "active":
		switch strings.ToLower(c) {
		case "", "true", "yes", "1", "active":
		case "false", "no", "0", "inactive":
			p.Active = false
		default:
			t.fail(i, "%s is neither true nor false", field.Quote(c))
		}
	case "until":
		if c == "" {
			return
		}
		d, err := inventory.ParseDate(c)
		if err != nil {
			t.fail(i, "%w", err)
		}
		p.Until = d
	}
}

func split(c string) []string {
	return strings.FieldsFunc(c, func(r rune) bool { return r == ' ' || r == ';' || r == '|' })
}
