package policy

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate/field"
	"github.com/credgate/credgate/gate/inventory"
	"github.com/credgate/credgate/scanner/connection"
)

// RuleIDs are the ids of all rules, those of later versions included, so that
// a policy may speak of them and no id is taken twice.
var RuleIDs = []string{
	"broken-ledger", "due-soon", "embedded-credential", "endpoint-drift", "expired-exception", "extended-not-reissued",
	"idle-connection", "incomplete-entry", "incomplete-scan", "insufficient-approval", "misplaced-credential", "no-expiry",
	"overdue-approval", "overdue-rotation", "owner-changed", "owner-departed", "policy-weakened", "provider-changed",
	"purpose-drift", "retired-auth", "retired-in-use", "reused-credential", "scope-drift", "self-approval",
	"shadow-credential", "shared-across-environments", "stale-evidence", "static-where-federated", "unapproved-connection",
	"undeclared-connection", "understated-tier", "unowned-connection", "unseen-connection", "usage-unknown", "voided-approval",
}

var gateable = []string{string(connection.Endpoint), string(connection.MCPServer), string(connection.RegistryLogin),
	string(connection.Backend), string(connection.ProviderBlock), string(connection.JobToken)}

// Load reads the policy of a tree, the built-in one when it has none.
func Load(tree fs.FS) (Policy, error) {
	if err := field.Misnamed(tree, "name it .yaml", strings.TrimSuffix(Path, ".yaml")+".yml"); err != nil {
		return Policy{}, err
	}
	f, err := tree.Open(Path)
	if errors.Is(err, fs.ErrNotExist) {
		return Default(), nil
	}
	if err != nil {
		return Policy{}, fmt.Errorf("reading %s: %w", Path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, field.MaxBytes+1))
	if err != nil {
		return Policy{}, fmt.Errorf("reading %s: %w", Path, err)
	}
	return Parse(Path, data)
}

// Parse reads a policy file over its profile. The error joins every
// field.Error; the policy is then not to be used.
func Parse(path string, data []byte) (Policy, error) {
	d := field.Parse(path, data)
	p := Default()
	if s := d.Root.Get("profile").OneOf("default", "cis", "pci"); s != "" {
		p, _ = Named(s)
	}
	p.Path, p.Digest = path, fmt.Sprintf("sha256:%x", sha256.Sum256(data))
	p.read(d.Root)
	return p, d.Err()
}

func (p *Policy) read(root field.Value) {
	ignore := func(field.Value) {}
	root.Fields(field.Set{
		"version": func(v field.Value) {
			if v.Text() != "1" {
				v.Errorf("version %s is not known (allowed: 1)", field.Quote(v.Text()))
			}
		},
		"profile":       ignore, // read before
		"horizon":       func(v field.Value) { p.Horizon = field.Decode(v, inventory.ParseDuration) },
		"uses":          func(v field.Value) { p.Uses = v.Set(nil) },
		"tiers":         p.tiers,
		"approvers":     p.approvers,
		"directory":     p.directory,
		"actions":       p.actions,
		"solo":          func(v field.Value) { p.Solo = v.Bool() },
		"risk_analysis": func(v field.Value) { p.RiskAnalysis = v.Line() },
		"gate": func(v field.Value) {
			for _, k := range v.Set(word(gateable)) {
				p.Gate = append(p.Gate, connection.Kind(k))
			}
		},
		"detectors": p.detectors,
		"ignore":    p.ignore,
		"vendored":  func(v field.Value) { p.Vendored = v.OneOf("list", "gate") == "gate" },
		"pragmas":   func(v field.Value) { p.NoPragmas = v.OneOf("allow", "forbid") == "forbid" },
		"job_token": func(v field.Value) {
			v.Fields(field.Set{"ceiling": func(v field.Value) { p.JobToken.Ceiling = v.Set(nil) }})
		},
	})
	root.Requires("version")
	if p.Profile == "pci" {
		root.Requires("horizon", "risk_analysis")
	}
}

func word(allowed []string) func(string) error {
	return func(s string) error {
		if !slices.Contains(allowed, s) {
			return field.Unknown("value", s, allowed)
		}
		return nil
	}
}

func (p *Policy) tiers(v field.Value) {
	one := func(t inventory.Tier) func(field.Value) {
		return func(v field.Value) {
			tier := p.Tiers[t]
			tier.read(v)
			p.Tiers[t] = tier
		}
	}
	v.Fields(field.Set{"light": one(inventory.Light), "standard": one(inventory.Standard), "formal": one(inventory.Formal)})
	if l, s := p.Tiers[inventory.Light].MaxProduct, p.Tiers[inventory.Standard].MaxProduct; l > s {
		v.Errorf("light reaches to %d, standard only to %d", l, s)
	}
}

func (t *Tier) read(v field.Value) {
	period := func(to *inventory.Duration) func(field.Value) {
		return func(v field.Value) { *to = field.Decode(v, inventory.ParseDuration) }
	}
	v.Fields(field.Set{
		"max_product":    func(v field.Value) { t.MaxProduct = v.Int(1, 64) },
		"max_ttl":        period(&t.MaxTTL),
		"approvals":      func(v field.Value) { t.Approvals = v.Int(0, 10) },
		"evidence":       func(v field.Value) { t.Evidence = v.OneOf("A0", "A1", "A2", "A3") },
		"roles":          func(v field.Value) { t.Roles = v.Set(nil) },
		"usage_max_age":  period(&t.UsageMaxAge),
		"warn":           period(&t.Warn),
		"standing_until": func(v field.Value) { t.StandingUntil = field.Decode(v, inventory.ParseDate) },
		"reissue":        func(v field.Value) { t.Reissue = v.OneOf("always", "warn", "never") },
	})
}

func (p *Policy) approvers(v field.Value) {
	p.Approvers = map[string][]string{}
	v.Each(func(key, val field.Value) {
		p.Approvers[key.Name()] = val.Set(func(s string) error {
			if s == "entry" {
				return nil
			}
			return inventory.CheckOwner(s)
		})
	})
}

func (p *Policy) directory(v field.Value) {
	v.Fields(field.Set{
		"file":     func(v field.Value) { p.Directory.File = v.Line() },
		"max_age":  func(v field.Value) { p.Directory.MaxAge = field.Decode(v, inventory.ParseDuration) },
		"complete": func(v field.Value) { p.Directory.Complete = v.Bool() },
	})
	if f := p.Directory.File; !fs.ValidPath(f) {
		v.Errorf("file %s does not lie in the repository", field.Quote(f))
	}
}

// actions reads rule → action, or rule → tier → action.
func (p *Policy) actions(v field.Value) {
	p.Actions = map[string]map[inventory.Tier]Act{}
	v.Each(func(key, val field.Value) {
		id := key.Name()
		if !slices.Contains(RuleIDs, id) {
			key.Errorf("%w", field.Unknown("rule", id, RuleIDs))
			return
		}
		acts := map[inventory.Tier]Act{}
		set := func(tiers ...inventory.Tier) func(field.Value) {
			return func(v field.Value) {
				for _, t := range tiers {
					acts[t] = act(id, v)
				}
			}
		}
		all := []inventory.Tier{inventory.Light, inventory.Standard, inventory.Formal}
		if val.IsMap() {
			val.Fields(field.Set{"light": set(all[0]), "standard": set(all[1]), "formal": set(all[2])})
		} else {
			set(all...)(val)
		}
		p.Actions[id] = acts
	})
}

// act reads an action. What was not examined can never be a pass.
func act(rule string, v field.Value) Act {
	a := Act(v.OneOf(Acts...))
	if rule == "incomplete-scan" && (a == "warn" || a == "off") {
		v.Errorf("a gap is never a pass (allowed: fail, incomplete)")
	}
	return a
}
