package connection

import "strings"

// Vendored tells whether a path lies below code of others, or below data of
// tests: no pipeline of this repository runs what stands there. What does run,
// such as a generated workflow in .github/workflows, is never vendored, whatever
// it is called: a name must not take a connection out of the gate.
func Vendored(path string) bool {
	for dir := range strings.SplitSeq(path[:strings.LastIndexByte(path, '/')+1], "/") {
		switch dir {
		case "node_modules", "bower_components", "vendor", "third_party", "third-party", "thirdparty", "testdata", "Pods", "site-packages":
			return true
		}
	}
	return false
}

// vendored tells whether all places of a connection are.
func vendored(places []Place) bool {
	for _, p := range places {
		if !Vendored(p.Path) {
			return false
		}
	}
	return len(places) > 0
}
