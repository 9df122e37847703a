package gitrepo

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"github.com/credgate/credgate/scanner"
)

// maxHash is the length of a SHA-256 in bytes; a SHA-1 takes the first 20.
const maxHash = 32

// A hash is an object's id in binary: SHA-1 padded with zeros, or SHA-256.
type hash [maxHash]byte

func (r *Repo) toID(h *hash) scanner.ObjectID { return hexID(h[:r.hashLen]) }

func hexID(b []byte) scanner.ObjectID {
	var buf [2 * maxHash]byte
	for i, c := range b {
		binary.LittleEndian.PutUint16(buf[2*i:], hexPairs[c])
	}
	return scanner.ObjectID(buf[:2*len(b)])
}

// hexPairs are the two digits of each byte. Every blob of a walk is given its id as
// text, which digit by digit took a twentieth of its time.
var hexPairs = func() (pairs [256]uint16) {
	for i := range pairs {
		pairs[i] = binary.LittleEndian.Uint16([]byte(hex.EncodeToString([]byte{byte(i)})))
	}
	return pairs
}()

// fromID parses a full id of the repository's object format.
func (r *Repo) fromID(id scanner.ObjectID) (hash, error) {
	var h hash
	if len(id) != 2*r.hashLen {
		return h, fmt.Errorf("object id %q: want %d hexadecimal digits", string(id), 2*r.hashLen)
	}
	if _, err := hex.Decode(h[:], []byte(id)); err != nil {
		return h, fmt.Errorf("object id %q: %w", string(id), err)
	}
	return h, nil
}

func toHash(b []byte) hash {
	var h hash
	copy(h[:], b)
	return h
}
