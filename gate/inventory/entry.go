// Package inventory reads the declared connections of .credgate/inventory.yaml
// and says all that is wrong with them at once.
package inventory

// An Entry is a declared connection.
type Entry struct {
	ID string
}
