// Package token finds credentials by the formats that their providers publish:
// prefixes, lengths, alphabets, checksums, and for formats without a prefix the
// provider's name beside the value.
//
// Most detectors are one line of a table: tok for tokens that show what they are,
// named for those that need their provider's name. Neither compiles an
// expression. A right checksum raises confidence and gives facts; a wrong one
// lowers the severity and says so, it does not hide the find.
package token

import (
	"math/rand/v2"

	"github.com/credgate/credgate/scanner"
	"github.com/credgate/credgate/scanner/provider"
)

// All gives the detectors in order of their field. The slice is the caller's.
// Forms are parsed when a keyword first hits.
func All() []scanner.Detector {
	list := make([]scanner.Detector, 0, 1000)
	for _, field := range [][]scanner.Detector{
		ai(), apis(), aws(), azure(), chat(), ci(), cloud(), commerce(), data(), forge(), google(), identity(),
		keys(), observability(), payment(), quality(), registry(), saas(), security(), software(),
	} {
		list = append(list, field...)
	}
	return append(list, jsonWebToken()) // last: whoever knows the issuer names it
}

// Credential kinds, as short as a table needs them.
const (
	apiKey     = "api-key"
	accessKey  = "access-key"
	pat        = "pat"
	deployKey  = "deploy-key"
	sshKey     = "ssh-key"
	saKey      = "service-account-key"
	client     = "oauth-client"
	grant      = "oauth-grant"
	app        = "app-installation"
	password   = "password"
	connection = "connection-string"
	webhook    = "webhook-secret"
	signing    = "signing-key"
)

const (
	info     = scanner.Info
	low      = scanner.Low
	medium   = scanner.Medium
	high     = scanner.High
	critical = scanner.Critical
)

// A spec is a detector while it is built.
type spec struct {
	scanner.Detector
	check    check
	roles    []string // words of which a name must hold one; nil: the usual
	near     int      // bytes between the provider's name and the value
	context  string   // format of an example's line: %s is the token
	weak     bool     // a value that looks chosen by a person counts too
	make     func(r *rand.Rand, token string) string
	inWord   bool // may follow a letter or digit
	last     bool // only what follows the last hyphen is random
	keywords []string
}

// A check looks at a token that has the form. It may add facts and set the
// match's severity; false means that it is none.
type check func(token []byte, m *scanner.Match) bool

// An option sets what a table's columns do not.
type option func(*spec)

func with(c check) option                                     { return func(s *spec) { s.check = c } }
func doc(url string) option                                   { return func(s *spec) { s.Format = url } }
func rotate(url string) option                                { return func(s *spec) { s.Rotate = url } }
func roles(words ...string) option                            { return func(s *spec) { s.roles = words } }
func near(bytes int) option                                   { return func(s *spec) { s.near = bytes } }
func inLine(format string) option                             { return func(s *spec) { s.context = format } }
func making(f func(r *rand.Rand, token string) string) option { return func(s *spec) { s.make = f } }
func keyed(words ...string) option                            { return func(s *spec) { s.keywords = words } }
func weak(s *spec)                                            { s.weak = true }
func inWord(s *spec)                                          { s.inWord = true }

func newSpec(id, title, providerID, kind string, severity scanner.Severity, opts []option) *spec {
	s := &spec{Detector: scanner.Detector{
		ID: id, Title: title, Provider: providerID, Kind: kind, Severity: severity, Class: scanner.Specific,
	}}
	for _, o := range opts {
		o(s)
	}
	if p, ok := provider.ByID(providerID); ok {
		if s.Format == "" {
			s.Format = p.Docs
		}
		if s.Rotate == "" {
			s.Rotate = p.Rotate
		}
	}
	return s
}

// lowered severities: what a check tells.
func wrongChecksum(m *scanner.Match) {
	m.Severity = scanner.Low
	fact(m, "checksum", "wrong")
}

func rightChecksum(m *scanner.Match) { fact(m, "checksum", "right") }

func fact(m *scanner.Match, name, value string) {
	if value != "" {
		m.Facts = append(m.Facts, scanner.Fact{Name: name, Value: value})
	}
}
