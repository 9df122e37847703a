package approval

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/credgate/credgate/gate/field"
	"github.com/credgate/credgate/gate/inventory"
)

// Facts are what an approval is bound to: name → values, normalised. A fact
// with one value and a set of one are written the same.
type Facts map[string][]string

// sets are the facts in which order means nothing.
var sets = []string{"data", "endpoints", "environments", "scopes", "stored_in", "used_by"}

// factNames are all facts, in order of the record.
var factNames = []string{
	"provider", "provider_revision", "terms", "account", "direction", "endpoints", "owner", "business_owner", "use", "purpose",
	"data", "scopes", "environments", "used_by", "kind", "auth", "stored_in", "rotate_every", "ttl", "revocation",
	"tier", "sensitivity", "blast_radius", "abuse_speed",
}

// Snapshot is the material facts of an entry today. What is not in it (notes,
// credential id and fingerprint, last_rotated) may change without costing an
// approval: a rotation must not.
func Snapshot(e inventory.Entry, tier inventory.Tier, risk inventory.Risk) Facts {
	f := Facts{}
	f.put("provider", e.Provider)
	f.put("provider_revision", e.ProviderFacts.Revision.String())
	f.put("terms", e.ProviderFacts.Terms.Ref)
	f.put("account", e.Account)
	f.put("direction", e.Direction)
	f.put("endpoints", lower(e.Endpoints)...)
	f.put("owner", e.Owner)
	f.put("business_owner", e.BusinessOwner)
	f.put("use", e.Use)
	f.put("purpose", e.Purpose)
	f.put("data", e.Data...)
	f.put("scopes", e.Scopes...)
	f.put("environments", e.Environments...)
	f.put("used_by", e.UsedBy...)
	f.put("kind", e.Credential.Kind)
	f.put("auth", e.Credential.Auth)
	f.put("stored_in", e.Credential.StoredIn...)
	f.put("rotate_every", e.Credential.RotateEvery.String())
	f.put("ttl", e.Credential.TTL.String())
	f.put("revocation", e.Credential.Revocation.Mode)
	f.put("tier", tier.String())
	f.put("sensitivity", risk.Sensitivity.String())
	f.put("blast_radius", risk.BlastRadius.String())
	f.put("abuse_speed", risk.AbuseSpeed.String())
	return f
}

func lower(hosts []string) []string {
	var out []string
	for _, h := range hosts {
		host, path, slash := strings.Cut(h, "/")
		if slash {
			path = "/" + path
		}
		out = append(out, strings.ToLower(host)+path)
	}
	return out
}

// put normalises: Unicode NFC, runs of white space one space, sets sorted and
// each value once, nothing for what is empty.
func (f Facts) put(name string, values ...string) {
	var out []string
	for _, v := range values {
		if v = norm.NFC.String(strings.Join(strings.Fields(v), " ")); v != "" {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return
	}
	if slices.Contains(sets, name) {
		slices.Sort(out)
		out = slices.Compact(out)
	}
	f[name] = out
}

func readFacts(v field.Value) Facts {
	f := Facts{}
	v.Each(func(key, val field.Value) {
		if !slices.Contains(factNames, key.Name()) {
			key.Errorf("%w", field.Unknown("fact", key.Name(), factNames))
			return
		}
		if val.IsList() {
			f.put(key.Name(), val.Set(nil)...)
		} else {
			f.put(key.Name(), val.Line())
		}
	})
	return f
}

// domain keeps the digest of facts from standing for any other digest.
const domain = "credgate/approval-facts/v1\x00"

// Digest is the SHA-256 over a domain tag and the canonical JSON (RFC 8785) of
// the facts, "sha256:…". With strings and arrays only, sorted keys and no
// escapes but the needed ones are all that RFC 8785 asks for.
func (f Facts) Digest() string {
	var b bytes.Buffer
	b.WriteString(domain)
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.Encode(map[string][]string(f)) // cannot fail: strings only
	canon := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	canon = bytes.ReplaceAll(canon, []byte(`\u2028`), []byte("\u2028"))
	canon = bytes.ReplaceAll(canon, []byte(`\u2029`), []byte("\u2029"))
	return fmt.Sprintf("sha256:%x", sha256.Sum256(canon))
}

// Difference names the facts that changed since an approval: "scopes +write",
// "owner team:a → team:b", in order of the record.
func (f Facts) Difference(since Facts) []string {
	var out []string
	for _, n := range factNames {
		now, was := f[n], since[n]
		if slices.Equal(now, was) {
			continue
		}
		if !slices.Contains(sets, n) {
			out = append(out, fmt.Sprintf("%s %s → %s", n, show(was), show(now)))
			continue
		}
		var parts []string
		for _, v := range now {
			if !slices.Contains(was, v) {
				parts = append(parts, "+"+field.Plain(v))
			}
		}
		for _, v := range was {
			if !slices.Contains(now, v) {
				parts = append(parts, "-"+field.Plain(v))
			}
		}
		out = append(out, n+" "+strings.Join(parts, " "))
	}
	return out
}

func show(v []string) string {
	if len(v) == 0 {
		return "nothing"
	}
	return field.Plain(strings.Join(v, " "))
}
