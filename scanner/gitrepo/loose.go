package gitrepo

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"

	"github.com/credgate/credgate/scanner"
)

// A looseObject is a file that holds one object.
type looseObject struct {
	id   hash
	path string
	node int32
}

// looseObjects lists the loose objects that stand in no pack, each once.
func (r *Repo) looseObjects() ([]looseObject, []scanner.Gap) {
	var list []looseObject
	var gaps []scanner.Gap
	seen := make(map[hash]bool)
	for _, dir := range r.objectDirs {
		for b := range 256 {
			fan := hex.EncodeToString([]byte{byte(b)})
			entries, err := os.ReadDir(filepath.Join(dir, fan))
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				gaps = append(gaps, scanner.Gap{Reason: scanner.Unreadable, Detail: "reading loose objects: " + err.Error()})
			}
			for _, e := range entries {
				h, err := r.fromID(scanner.ObjectID(fan + e.Name()))
				if err != nil || seen[h] || r.packed(&h) {
					continue
				}
				seen[h] = true
				list = append(list, looseObject{id: h, path: filepath.Join(dir, fan, e.Name())})
			}
		}
	}
	return list, gaps
}

// packed tells whether some pack holds the object.
func (r *Repo) packed(h *hash) bool {
	for _, p := range r.packs {
		if _, ok := p.idx.find(h[:r.hashLen]); ok {
			return true
		}
	}
	return false
}
