package inventory

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate/field"
)

// Where an inventory lies in a repository: one file, or several in a directory.
const (
	Path = ".credgate/inventory.yaml"
	Dir  = ".credgate/inventory"
)

// Limits of an inventory.
const (
	maxEntries = 20000 // over all files
	minPurpose = 15    // characters
	maxPurpose = 200
	maxID      = 63
)

// A FieldError is one wrong field in an inventory file, with the path of the
// field as in the file: "connections.stripe-refunds.owner".
type FieldError = field.Error

// A File is an inventory file by the name under which errors tell of it.
type File struct {
	Path string
	Data []byte
}

// Load reads the inventory of a tree: Path and the *.yaml of Dir. A tree with
// neither has an empty one, and no error.
func Load(tree fs.FS) (Inventory, error) {
	if err := field.Misnamed(tree, "name it .yaml", strings.TrimSuffix(Path, ".yaml")+".yml", Dir+"/*.yml"); err != nil {
		return Inventory{}, err
	}
	more, err := fs.Glob(tree, Dir+"/*.yaml")
	if err != nil {
		return Inventory{}, err
	}
	var files []File
	for _, p := range append([]string{Path}, more...) {
		data, err := read(tree, p)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Inventory{}, fmt.Errorf("reading %s: %w", field.Plain(p), err)
		}
		files = append(files, File{p, data})
	}
	return Parse(files...)
}

// read takes at most one byte over the limit, which Parse then refuses.
func read(tree fs.FS, p string) ([]byte, error) {
	f, err := tree.Open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, field.MaxBytes+1))
}

// Parse reads inventory files together: providers declared in one serve all,
// ids are unique over all, defaults hold within their own file. The error joins
// every FieldError of every file; the inventory is then not to be used.
func Parse(files ...File) (Inventory, error) {
	p := parser{inv: Inventory{Providers: map[string]Provider{}}, ids: map[string]field.Value{}}
	var docs []*field.Doc
	for _, f := range files {
		d := field.Parse(f.Path, f.Data)
		docs = append(docs, d)
		p.inv.Files = append(p.inv.Files, f.Path)
		p.document(d.Root)
	}
	p.link()
	var errs []error
	for _, d := range docs {
		errs = append(errs, d.Err())
	}
	slices.SortFunc(p.inv.Entries, func(a, b Entry) int { return strings.Compare(a.ID, b.ID) })
	return p.inv, errors.Join(errs...)
}

type parser struct {
	inv   Inventory
	ids   map[string]field.Value
	later []func() // checks that need all files
}

func (p *parser) document(root field.Value) {
	if !root.Present() {
		return
	}
	var connections, defaults field.Value
	version := false
	root.Fields(field.Set{
		"version": func(v field.Value) {
			version = true
			field.Decode(v, checkVersion)
		},
		"providers":   p.providers,
		"defaults":    func(v field.Value) { defaults = v },
		"connections": func(v field.Value) { connections = v },
	})
	if !version {
		root.Errorf("version is missing (hint: version: 1)")
	}
	if defaults.Present() {
		// Read once by itself, so that its errors are told once and as its own.
		e := Entry{}
		p.entry(&e, defaults, field.Value{})
		if e.Approval != nil {
			defaults.Errorf("an approval is of one connection and has no default")
		}
	}
	connections.Each(func(key, val field.Value) { p.connection(key, val, defaults) })
}

func checkVersion(s string) (string, error) {
	if s != "1" {
		return "", fmt.Errorf("version %s is not known (allowed: 1)", field.Quote(s))
	}
	return s, nil
}

func (p *parser) connection(key, val, defaults field.Value) {
	id := key.Name()
	if err := checkID(id); err != nil {
		key.Errorf("%w", err)
		return
	}
	if other, dup := p.ids[id]; dup {
		key.Errorf("is declared twice, first at %s:%d", field.Plain(other.Location().Path), other.Location().Line)
		return
	}
	p.ids[id] = key
	if len(p.ids) > maxEntries {
		key.Errorf("more than %d connections", maxEntries)
		return
	}
	e := Entry{ID: id, Location: key.Location()}
	p.entry(&e, val, defaults)
	if e.Direction == "" {
		e.Direction = "outbound"
	}
	if e.Status == "" {
		e.Status = Active
	}
	p.inv.Entries = append(p.inv.Entries, e)
}

// link checks what points from one place to another.
func (p *parser) link() {
	for _, check := range p.later {
		check()
	}
	for i := range p.inv.Entries {
		e := &p.inv.Entries[i]
		e.ProviderFacts = p.inv.Providers[e.Provider]
	}
}

func (p *parser) providers(v field.Value) {
	v.Each(func(key, val field.Value) {
		slug := key.Name()
		if err := checkProvider(slug); err != nil {
			key.Errorf("%w", err)
			return
		}
		if other, dup := p.inv.Providers[slug]; dup {
			key.Errorf("is declared twice, first at %s:%d", field.Plain(other.Location.Path), other.Location.Line)
			return
		}
		pr := Provider{Location: key.Location()}
		val.Fields(field.Set{
			"kind": func(v field.Value) {
				pr.Kind = ProviderKind(v.OneOf(string(Internal), string(External), string(ExternalProcessor)))
			},
			"revision": func(v field.Value) { pr.Revision = field.Decode(v, ParseDate) },
			"auth":     func(v field.Value) { pr.Auth = methods(v) },
			"hosts":    func(v field.Value) { pr.Hosts = v.Set(checkEndpoint) },
			"terms": func(v field.Value) {
				v.Fields(field.Set{
					"ref":   func(v field.Value) { pr.Terms.Ref = v.Line() },
					"until": func(v field.Value) { pr.Terms.Until = field.Decode(v, ParseDate) },
				})
			},
		})
		val.Requires("kind")
		p.inv.Providers[slug] = pr
	})
}

func methods(v field.Value) map[string]AuthMethod {
	out := map[string]AuthMethod{}
	v.Each(func(key, val field.Value) {
		m := AuthMethod{State: "removed"}
		if val.IsMap() {
			val.Fields(field.Set{
				"removed_on": func(v field.Value) { m.RemovedOn = field.Decode(v, ParseDate) },
			})
		} else {
			m.State = val.OneOf("current", "discouraged", "removed")
		}
		out[key.Name()] = m
	})
	return out
}
