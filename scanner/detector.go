package scanner

import "math/rand/v2"

// A Class ranks detectors by what they know. Where several match one secret the
// highest class names the finding.
type Class int

const (
	Generic    Class = iota // a name and a value that looks random
	Structural              // syntax that carries a credential: a URL's userinfo, a header, a config line
	Specific                // the published format of one provider
)

// A Detector finds one kind of credential. Its functions are pure: the same
// bytes give the same matches, whatever was scanned before.
//
// Every match of a detector holds one of its Keywords and is at most Reach
// bytes long, context included. So a scan looks only at windows of Reach bytes
// round keywords, and the matches of a blob are those of its windows that hold
// the keyword. A window also holds one byte more on each side, where there is
// one, so that \b and $ mean what they mean in the blob.
type Detector struct {
	ID       string // readable, lower-case with hyphens, never reused
	Title    string // "Stripe live secret key"
	Provider string // id in the provider catalogue; "" for a generic one
	Kind     string // api-key, access-key, pat, deploy-key, ssh-key, service-account-key, oauth-client, oauth-grant, app-installation, password, connection-string, certificate, webhook-secret, signing-key, workload-identity
	Severity Severity
	Class    Class

	Keywords []string // lower case ASCII, matched without regard to case
	Reach    int      // longest match in bytes, from its first to its last byte that Find looks at

	// Near, if set, must hold of every keyword at b[start:end] that a match holds.
	// It is handed NearBefore bytes before the keyword and NearAfter bytes after it,
	// fewer at the ends of the blob, and is asked once for each keyword, so that most
	// need no look any more.
	Near func(b []byte, start, end int) bool
	// OwnLine, if set, tells of a keyword of which Near was just asked whether the
	// bytes beyond its line had no say: the answer is then the same wherever that
	// line stands.
	OwnLine func(b []byte, start, end int) bool

	// Exactly one of Expression, Find and FindAt is set; none of them makes a
	// detector of paths alone. Expression is RE2 syntax and is
	// compiled when a keyword first hits. Group is the group of the secret;
	// 0 takes the first group that took part, or the whole match without one.
	Expression string
	Group      int
	// Find returns the matches in window in order of Start. It must find the
	// same match in any window that holds Reach bytes on both sides of the
	// keyword. What does not hold the keyword the window was made for is dropped.
	Find func(window []byte) []Match
	// FindAt is Find told where in the window the keyword stands. It is the
	// cheaper of the two: it need not look for the keyword again.
	FindAt func(window []byte, start, end int) []Match
	// Accept, if set, judges an Expression's match: what it refuses is no match.
	// It may set facts and adjust severity.
	Accept func(window []byte, m *Match) bool

	// AtLine, if set, judges the text of the lines on which a match stands,
	// without their end, cut at 1 KiB on either side of the match.
	AtLine func(lines []byte) bool
	// Gate, if not empty, are keywords (as Keywords) of which one must stand
	// anywhere in the blob.
	Gate []string

	// Paths, if not empty, are globs (doublestar) of the only paths where it
	// counts, SkipPaths of those where it does not. Applied when a match's place is known.
	Paths, SkipPaths []string
	// AtPath, if set, is the same as a function.
	AtPath func(path string) bool
	// SeverityAt, if set, gives the severity of a match at a path, of that which it
	// has by itself: a key in a test's fixtures weighs less.
	SeverityAt func(path string, s Severity) Severity

	Format string // URL that documents the token's format
	Rotate string // URL that tells how to rotate or revoke it

	// Example makes a well-formed, invalid credential in a context that fires.
	// A \x01 before and one after the secret may tell tests where it stands.
	// Silent makes one that looks alike and must not.
	Example func(r *rand.Rand) string
	Silent  func(r *rand.Rand) string
}

// What Detector.Near sees of the text before and after a keyword, in bytes.
const (
	NearBefore = 64
	NearAfter  = 128
)

// A Match is a credential in a window or blob: byte offsets, end exclusive.
type Match struct {
	Start, End             int      // what the detector looked at
	SecretStart, SecretEnd int      // the secret itself, within Start and End
	Severity               Severity // zero: the detector's
	Facts                  []Fact
	AtPath                 func(path string) bool // if set, it counts only at these paths
}
