package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// sopsRules reads the keys that SOPS is told to encrypt with, where a service
// holds them, and where it is told to publish. Keys of age and PGP are public
// halves and reach nobody. Source: getsops.io/docs, "Using .sops.yaml conf".
func (f *credFile) sopsRules() {
	for _, root := range f.d.YAML() {
		for _, rule := range root.Get("creation_rules").Items() {
			f.sopsKeys(rule)
			for _, g := range rule.Get("key_groups").Items() {
				f.sopsKeys(g)
			}
		}
		for _, rule := range root.Get("destination_rules").Items() {
			f.sopsTarget(rule)
		}
	}
}

// sopsServices are the key services, by the key of a rule and the one of an
// entry in a group of keys.
var sopsServices = [...]struct{ key, field, ref, provider string }{{"kms", "arn", "aws-kms:", "aws"}, {"gcp_kms", "resource_id", "gcp-kms:", "gcp"},
	{"azure_keyvault", "vaultUrl", "azure-kv:", "azure"}, {"hc_vault_transit_uri", "", "vault:", "vault"}, {"hc_vault", "", "vault:", "vault"}}

func (f *credFile) sopsKeys(n *Node) {
	for _, s := range sopsServices {
		for _, i := range n.Get(s.key).List() {
			if i.Is(MapNode) {
				i = i.Get(s.field)
			}
			for _, t := range splitText(i.Text(), ",\n ") {
				if t = t.Trim(); t.S != "" && t.Placed() {
					f.sopsKey(t, s.key, s.ref, s.provider)
				}
			}
		}
	}
}

func (f *credFile) sopsKey(t Text, construct, store, provider string) {
	o := f.d.Occurrence(connection.StoreRef, construct, t)
	o.Provider, o.Auth, o.Role, o.Consumer = provider, connection.Ambient, connection.RoleIdentity, f.c
	name := t.S
	if host := NormalHost(t.S); strings.Contains(t.S, "://") && strings.Contains(host, ".") {
		o.Endpoint, o.Account = host, hostAccount(host, "")
		_, name, _ = strings.Cut(t.S, "://")
	}
	if provider == "aws" {
		_, o.Account, _ = byHost(t.S)
	} else if _, rest, ok := strings.Cut(t.S, "projects/"); ok && provider == "gcp" {
		o.Account, _, _ = strings.Cut(rest, "/")
	}
	o.Refs = []string{store + name}
	f.d.Emit(o)
}

// sopsTarget reads where encrypted files are published.
func (f *credFile) sopsTarget(n *Node) {
	for _, b := range [...]struct{ key, provider string }{{"s3_bucket", "aws"}, {"gcs_bucket", "gcp"}} {
		if t := n.Get(b.key).Text(); t.S != "" {
			o := f.d.Occurrence(connection.Backend, b.key, t)
			o.Provider, o.Principal, o.Auth, o.Consumer = b.provider, t.S, connection.Ambient, f.c
			f.d.Emit(o)
		}
	}
	if t := n.Get("vault_path").Text(); t.S != "" {
		o := storeRef("vault", "vault:?:"+path.Join(n.Get("vault_kv_mount_name").String(), t.S), "")
		o.Location, o.Consumer = f.d.Location(t), f.c
		f.d.Emit(o)
	}
}

// sopsLine reads a key of SOPS in a file of variables, where names are flat.
func (f *credFile) sopsLine(name string, t Text) {
	m := sopsFlat().FindStringSubmatch(name)
	if m == nil || t.S == "" {
		return
	}
	for _, s := range sopsRecipients {
		if s.key == m[1] && s.field == m[2] {
			f.d.Emit(f.d.sopsRecipient(s.key, s.provider, t, f.c))
		}
	}
}

// sopsFlat is a field of a list of keys: sops_kms__list_0__map_arn.
var sopsFlat = lazily(`^sops_(\w+?)__list_\d+__map_(\w+)$`)

var (
	releaseToken = lazily(`["']?\btokenRef["']?\s*[:=]\s*["']?(\w+)`)
	releasePush  = lazily(`["']?\bpushRepo["']?\s*[:=]\s*["']?([^\s"',}]+)`)
)

// releaseIt reads the names of release-it's tokens and where it pushes, in any
// of its languages. Source: github.com/release-it/release-it/tree/main/docs.
func (f *credFile) releaseIt() {
	src := f.d.Text(0, len(f.d.Data))
	for _, m := range releaseToken().FindAllStringSubmatchIndex(src.S, maxFanOut) {
		name := src.S[m[2]:m[3]]
		if commented(src.S, m[0]) {
			continue
		}
		o := Occurrence{Kind: connection.SecretRef, Construct: "tokenRef", Role: connection.RoleSecret, Consumer: f.c}
		o.Provider = "github"
		if before := src.S[:m[0]]; strings.LastIndex(before, "gitlab") > strings.LastIndex(before, "github") {
			o.Provider = "gitlab"
		}
		f.d.EmitRefs(o, Value{Refs: []Ref{{Name: "env:" + name, At: src.Sub(m[2], m[3]), In: f.d}}}, nil)
	}
	for _, m := range releasePush().FindAllStringSubmatchIndex(src.S, maxFanOut) {
		if t := src.Sub(m[2], m[3]); !commented(src.S, m[0]) && !f.url(t, "pushRepo") {
			f.scp(t, "pushRepo")
		}
	}
	f.nodeEnvironment()
}
