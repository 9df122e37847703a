package policy

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/credgate/credgate/gate/inventory"
)

// An Assessment is the risk and the limits of an entry, with their derivation.
type Assessment struct {
	Tier     inventory.Tier `json:"tier"`             // that counts: the stricter of computed and declared
	Computed inventory.Tier `json:"computed"`         // by product, provider and floors
	Why      string         `json:"why"`              // of Computed: "P 48 = 4·3·4"
	Product  int            `json:"product"`          // S·B·V
	Risk     inventory.Risk `json:"risk"`             // factors with floors applied
	Floors   []string       `json:"floors,omitempty"` // Lowered, in words
	Lowered  []Floor        `json:"-"`                // factors that were declared below what the facts make them
	// NotLight says what keeps an entry with a light product out of the light
	// tier, "" when nothing does.
	NotLight string `json:"not_light,omitempty"`

	Idle     Limit `json:"idle"`     // days without use
	Age      Limit `json:"age"`      // days that a credential may be kept
	Validity Limit `json:"validity"` // days that an approval lasts
}

// A Floor is a factor that the facts put above what was declared.
type Floor struct {
	Factor   string          `json:"factor"` // sensitivity, blast_radius, abuse_speed
	Declared inventory.Level `json:"declared"`
	Least    inventory.Level `json:"least"`
	Why      string          `json:"why"`
}

// String is "sensitivity is declared low, at least critical: data pci".
func (f Floor) String() string {
	return fmt.Sprintf("%s is declared %s, at least %s: %s", f.Factor, f.Declared, f.Least, f.Why)
}

// A Limit is a derived number of days; zero is none (a standing approval).
type Limit struct {
	Days int    `json:"days"`
	Why  string `json:"why"` // "25 days = 180/√48"
}

// Duration is the limit as a duration, zero for none.
func (l Limit) Duration() inventory.Duration { return days(l.Days) }

// Assess computes the tier and the limits of an entry from what was declared
// and seen of it. A factor is never less than the facts make it, and the tier
// never laxer than computed. Formula: S·B·V, H = horizon/√P; idle H, age 2·H,
// approval 4·H, each rounded down.
func (p Policy) Assess(e inventory.Entry) Assessment {
	var a Assessment
	a.Risk.Sensitivity = a.floor("sensitivity", e.Risk.Sensitivity, sensitivity(e))
	a.Risk.BlastRadius = a.floor("blast_radius", e.Risk.BlastRadius, blast(e))
	a.Risk.AbuseSpeed = a.floor("abuse_speed", e.Risk.AbuseSpeed, speed(e))
	s, b, v := int(a.Risk.Sensitivity), int(a.Risk.BlastRadius), int(a.Risk.AbuseSpeed)
	a.Product = s * b * v
	a.Computed, a.Why, a.NotLight = p.tier(e, a.Risk, a.Product)
	a.Tier = max(a.Computed, e.Tier)
	p.limits(&a)
	return a
}

// tier puts a product into a tier.
func (p Policy) tier(e inventory.Entry, r inventory.Risk, product int) (inventory.Tier, string, string) {
	why := fmt.Sprintf("P %d = %d·%d·%d", product, r.Sensitivity, r.BlastRadius, r.AbuseSpeed)
	if e.ProviderFacts.Kind == inventory.ExternalProcessor && (r.Sensitivity >= inventory.High || r.BlastRadius >= inventory.High) {
		return inventory.Formal, why + ", external processor", ""
	}
	if product > p.Tiers[inventory.Standard].MaxProduct {
		return inventory.Formal, why, ""
	}
	if product > p.Tiers[inventory.Light].MaxProduct {
		return inventory.Standard, why, ""
	}
	if lacks := p.notLight(e); lacks != "" {
		return inventory.Standard, why + ", " + lacks, lacks
	}
	return inventory.Light, why, ""
}

// notLight says what an entry lacks for the light tier: the provider's own
// house, a short life and an automatic end, one of which must be seen, not said.
func (p Policy) notLight(e inventory.Entry) string {
	c, limit := e.Credential, p.Tiers[inventory.Light].MaxTTL
	switch {
	case e.ProviderFacts.Kind != inventory.Internal:
		return "the provider is not internal"
	case c.TTL == 0:
		return "ttl is not declared"
	case c.TTL > limit:
		return fmt.Sprintf("ttl %s is over %s", c.TTL, limit)
	case c.Revocation.Mode != "automatic":
		return "revocation is not automatic"
	case !e.Seen.Federated:
		return "ttl and revocation are not evidenced"
	}
	return ""
}

func (a *Assessment) floor(factor string, declared inventory.Level, f floor) inventory.Level {
	if declared != 0 && declared < f.level {
		l := Floor{factor, declared, f.level, f.why}
		a.Lowered = append(a.Lowered, l)
		a.Floors = append(a.Floors, l.String())
	}
	return max(declared, f.level, inventory.Low)
}

type floor struct {
	level inventory.Level
	why   string
}

func (f *floor) raise(l inventory.Level, format string, args ...any) {
	if l > f.level {
		*f = floor{l, fmt.Sprintf(format, args...)}
	}
}

func sensitivity(e inventory.Entry) floor {
	f := floor{level: inventory.Low}
	if len(e.Data) == 0 {
		f.raise(inventory.Medium, "data is not declared")
	}
	for _, d := range e.Data {
		switch strings.ToLower(d) {
		case "pci", "phi", "credentials":
			f.raise(inventory.Critical, "data %s", d)
		case "pii", "source-write":
			f.raise(inventory.High, "data %s", d)
		}
	}
	return f
}

// Reach of a scope, by the words in the provider's name for it.
var (
	adminWords = []string{"admin", "administrator", "owner", "root", "superuser", "sudo", "full_access", "fullaccess", "all"}
	writeWords = []string{"write", "rw", "readwrite", "push", "publish", "deploy", "create", "delete", "remove", "update", "edit",
		"modify", "put", "post", "manage", "upload", "send", "execute", "editor", "contributor", "maintain", "packages_write"}
)

func blast(e inventory.Entry) floor {
	f := floor{level: inventory.Low}
	production := slices.ContainsFunc(e.Environments, Production)
	for _, s := range e.Scopes {
		words := scopeWords(s)
		write := has(words, writeWords)
		switch {
		case s == inventory.Unscoped, s == "*", strings.HasSuffix(s, ":*"), strings.HasPrefix(s, "*:"), has(words, adminWords),
			write && has(words, []string{"org", "organization", "organisation", "enterprise", "tenant"}):
			f.raise(inventory.Critical, "scope %s", s)
		case write && production:
			f.raise(inventory.High, "scope %s in production", s)
		case write:
			f.raise(inventory.Medium, "scope %s", s)
		case production:
			f.raise(inventory.Medium, "scope %s in production", s)
		}
	}
	repos := map[string]bool{}
	for _, u := range e.UsedBy {
		repos[inventory.ParseUse(u).Repo] = true
	}
	if len(repos) > 1 && f.level < inventory.Critical {
		f.raise(f.level+1, "%d repositories use it", len(repos))
	}
	return f
}

func scopeWords(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !('a' <= r && r <= 'z') })
}

func has(words, of []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(of, w) })
}

// Production tells whether an environment's name says that it is the real one.
func Production(env string) bool {
	return has(scopeWords(env), []string{"prod", "production", "prd", "live", "release"}) && !Trial(env)
}

// Trial tells whether an environment's name says that it is for trying out.
func Trial(env string) bool {
	return has(scopeWords(env), []string{"dev", "develop", "development", "test", "testing", "stage", "staging", "stg", "qa", "uat", "preview",
		"sandbox", "demo", "ci", "nonprod", "preprod", "pre", "poc", "int", "integration", "canary", "review"})
}

// Immediate and irreversible: money, packages, deployments.
var irreversible = []string{"refund", "refunds", "payment", "payments", "payout", "payouts", "publish", "publishing", "release", "deploy", "deployment"}

func speed(e inventory.Entry) floor {
	c := e.Credential
	f := floor{level: inventory.Low}
	lifetime := 0
	if !c.Expires.On.IsZero() && !c.LastRotated.IsZero() {
		lifetime = c.Expires.On.Days(c.LastRotated.Time())
	}
	switch {
	case c.Kind == "workload-identity", c.TTL != 0 && c.TTL <= inventory.Day, e.Seen.Federated && c.Kind == "":
	case c.Kind == "certificate":
		f.raise(inventory.Medium, "client certificate")
	case lifetime > 0 && lifetime <= 90:
		f.raise(inventory.High, "static credential that lives %d days", lifetime)
	case c.Kind != "":
		f.raise(inventory.Critical, "static %s that lives longer than 90 days", c.Kind)
	}
	if has(scopeWords(e.Use), irreversible) {
		f.raise(inventory.High, "use %s acts at once", e.Use)
	}
	return f
}

// limits derives the periods. A light entry has a standing approval.
func (p Policy) limits(a *Assessment) {
	horizon := p.Horizon.Days()
	h := float64(horizon) / math.Sqrt(float64(a.Product))
	base := fmt.Sprintf("%d/√%d", horizon, a.Product)
	a.Idle = limit(h, base, p.MaxIdle, p.Profile)
	a.Age = limit(2*h, "2·"+base, 0, p.Profile)
	if a.Tier != inventory.Light {
		a.Validity = limit(4*h, "4·"+base, p.MaxValidity, p.Profile)
	} else {
		a.Validity = Limit{Why: "standing approval of the light tier"}
	}
}

func limit(v float64, formula string, most int, profile string) Limit {
	// The small addend keeps 180/√4 at 90, whatever the last bit of the root.
	n := max(int(v+1e-9), 1)
	if most > 0 && n > most {
		return Limit{most, fmt.Sprintf("%d days, the most that profile %s allows", most, profile)}
	}
	return Limit{n, fmt.Sprintf("%d days = %s", n, formula)}
}

func cut(scope string) (name, level string) {
	name, level, _ = strings.Cut(scope, ":")
	return name, level
}
