package source

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/credgate/credgate/scanner"
)

// Directory is a directory without git: every file below it, ignored by nothing.
// A .git in it is a minor gap.
func Directory(dir string) *Place {
	return &Place{func(ctx context.Context) *Listing {
		w := walker{ctx: ctx}
		root, err := os.OpenRoot(dir)
		if err != nil {
			g := diskGap(".", err)
			return &Listing{entries: []entry{{path: ".", gap: g}}}
		}
		defer root.Close()
		w.walk(root, "", 0, nil, nil, true)
		return &Listing{entries: w.out, dir: dir}
	}}
}

// File is one file. It is opened as the user named it, through symlinks; its
// path in findings is name.
func File(file, name string) *Place {
	return &Place{func(context.Context) *Listing {
		real, err := filepath.EvalSymlinks(file)
		if err != nil {
			return &Listing{entries: []entry{{path: name, gap: diskGap(name, err)}}}
		}
		if info, err := os.Lstat(real); err == nil && !info.Mode().IsRegular() {
			g := special(name, info.Mode())
			g.Minor = false // it was asked for by name
			return &Listing{entries: []entry{{path: name, gap: g}}}
		}
		return &Listing{entries: []entry{{path: name, disk: filepath.Base(real)}}, dir: filepath.Dir(real)}
	}}
}

// Reader is what a stream holds, standard input say, under the path name. It is
// read once, when the place is listed; a second listing is an error told as a gap.
func Reader(r io.Reader, name string) *Place { return stream(r, name, MaxFile) }

func stream(r io.Reader, name string, limit int) *Place {
	done := false
	return &Place{func(ctx context.Context) *Listing {
		if done {
			return &Listing{entries: []entry{{path: name, gap: diskGap(name, fs.ErrClosed)}}}
		}
		done = true
		data, err := readUntil(ctx, r, limit)
		var g *scanner.Gap
		switch {
		case ctx.Err() != nil:
			g = cancelled()
		case err != nil:
			g = diskGap(name, err)
		case len(data) > limit:
			g = tooLarge(name)
		}
		return &Listing{entries: []entry{{path: name, data: data, gap: g}}}
	}}
}

// readUntil reads a stream to its end or until ctx is done. A read that blocks
// then is left behind: nothing can end it, and the run is over.
func readUntil(ctx context.Context, r io.Reader, limit int) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := fill(r, make([]byte, 64<<10), -1, limit) // never nil
		done <- result{data, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case got := <-done:
		return got.data, got.err
	}
}
