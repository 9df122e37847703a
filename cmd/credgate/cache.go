package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/detect"
	"github.com/credgate/credgate/scanner/discovery"
)

// leastCached is from how many bytes of packs on a cache is used without being
// asked for: what is smaller is scanned in the time that it takes to ask.
const leastCached = 8 << 20

// cache opens the user's cache of scanned packs, nil where none is to be used:
// by default in CI, where who may write the cache and who may change what is
// scanned is often the same.
func (p *program) cache(place discovery.Place, set *detect.Set) (*discovery.Cache, error) {
	opt := discovery.CacheOptions{Tool: sync.OnceValues(func() ([]byte, error) { return programDigest(set, p.flags.foreign) })}
	switch p.flags.cache {
	case "off":
		return nil, nil
	case "", "auto":
		if ci := p.getenv("CI"); ci != "" && ci != "false" && ci != "0" {
			return nil, nil
		}
		opt.Least = leastCached
	case "on":
	default:
		return nil, fmt.Errorf("--cache %q (allowed: auto, on, off)", p.flags.cache)
	}
	if place.Repo == nil || p.flags.staged || p.flags.since != "" || p.flags.timings || len(p.flags.rules) > 0 || !ownDetectors(set) {
		return nil, nil
	}
	c, err := openCache(p.getenv, place, opt)
	if err != nil && p.flags.cache == "on" {
		return nil, fmt.Errorf("%w (hint: --cache off)", err)
	}
	return c, nil
}

func openCache(getenv func(string) string, place discovery.Place, opt discovery.CacheOptions) (*discovery.Cache, error) {
	base := getenv("XDG_CACHE_HOME") // on every system, for who sets it
	if !filepath.IsAbs(base) {
		var err error
		if base, err = os.UserCacheDir(); err != nil {
			return nil, fmt.Errorf("opening the cache: %w", err)
		}
	}
	dir := filepath.Join(base, "credgate")
	for _, scanned := range []string{place.Repo.WorkTree(), place.Repo.CommonDir()} {
		if scanned != "" && within(scanned, dir) {
			return nil, fmt.Errorf("cache directory %q lies in what is scanned, which could bring its own", dir)
		}
	}
	return discovery.OpenCache(dir, opt)
}

// within tells whether a name, which need not exist, is dir or below it.
func within(dir, name string) bool {
	real := func(s string) string {
		for rest := ""; ; {
			if r, err := filepath.EvalSymlinks(s); err == nil {
				return filepath.Join(r, rest)
			}
			if s == filepath.Dir(s) {
				return filepath.Join(s, rest)
			}
			s, rest = filepath.Dir(s), filepath.Join(filepath.Base(s), rest)
		}
	}
	rel, err := filepath.Rel(real(dir), real(name))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// ownDetectors tells whether a set is of our own detectors alone, of which the
// program's digest tells all.
func ownDetectors(set *detect.Set) bool {
	own := make(map[string]bool)
	for _, d := range builtin() {
		own[d.ID] = true
	}
	return !slices.ContainsFunc(set.Detectors(), func(d *scanner.Detector) bool { return !own[d.ID] })
}

// programDigest is of this program and of what changes what it finds.
func programDigest(set *detect.Set, foreign bool) ([]byte, error) {
	name, err := os.Executable()
	if err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, err
	}
	fmt.Fprintf(h, "foreign %t\n", foreign)
	for _, d := range set.Detectors() {
		fmt.Fprintf(h, "%q\n", d.ID)
	}
	return h.Sum(nil), nil
}
