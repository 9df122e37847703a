package field

import (
	"regexp"
	"sync"
)

// Shape is an expression that is compiled when it is first asked for: a run that
// reads no such field, a commit hook say, does not wait for it.
func Shape(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
