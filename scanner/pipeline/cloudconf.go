package pipeline

import (
	"path"
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// iniTools tell whose login a tool's configuration holds, by the file's name.
var iniTools = map[string]string{".my.cnf": "mysql", "my.cnf": "mysql", ".databrickscfg": "databricks", ".s3cfg": "aws", ".boto": "gcp", ".terraform-credentials": "terraform-cloud"}

// rcloneTypes tell it of a remote of rclone by its type. Source: rclone.org/docs.
var rcloneTypes = map[string]string{"s3": "aws", "b2": "backblaze", "azureblob": "azure", "azurefiles": "azure", "google cloud storage": "gcp", "gcs": "gcp", "drive": "google", "dropbox": "dropbox",
	"box": "box", "onedrive": "microsoft", "sftp": "ssh", "ftp": "ftp", "swift": "openstack", "google photos": "google"}

// ini reads what tools keep in sections of names and values: the host that a
// section logs in to stands beside its credential.
func (f *credFile) ini() {
	for _, s := range sections(f.d.iniLines(false)) {
		o := f.iniLogin(s)
		for _, e := range s {
			if f.url(e.Value, e.Key.S) {
				continue
			}
			f.iniValue(e, o)
		}
	}
}

// iniTool is whose file it is by its name, or by that of the file made from it.
func iniTool(base string) string {
	for name, id := range iniTools {
		if strings.Contains(base, name) {
			return id
		}
	}
	return ""
}

// iniLogin is what the values of a section have in common.
func (f *credFile) iniLogin(s []iniEntry) Occurrence {
	o := f.d.Occurrence(connection.Literal, s[0].Section.S, s[0].Section)
	o.Provider, o.Group = iniTool(strings.ToLower(path.Base(f.d.Path))), "section/"+s[0].Section.S
	if typ := entry(s, "type").S; o.Provider == "" {
		if o.Provider = rcloneTypes[typ]; typ == "s3" {
			if by, sure, ok := byName(entry(s, "provider").S); ok && sure {
				o.Provider = by
			}
		}
	}
	host := NormalHost(entry(s, "host", "host_base", "endpoint", "url", "s3_host").S)
	if strings.Contains(host, ".") && !Internal(host) && !strings.ContainsAny(host, "${%") {
		o.Endpoint = host
		if p := hostProvider(host); p != "" {
			o.Provider, o.ProviderFrom = p, connection.FromHost
		}
	}
	if u := entry(s, "user", "username", "accountname", "email").S; !strings.ContainsAny(u, "${%<") && !tokenShaped(u) {
		o.Principal = u
	}
	return o
}

func (f *credFile) iniValue(e iniEntry, o Occurrence) {
	name := strings.NewReplacer(".", "_", "-", "_").Replace(e.Key.S)
	secret := tfSecretName(name) || credentialName(name) || name == "key" && strings.Contains(o.Group, "/") && o.Provider == "backblaze"
	refs := f.refs(e.Value, false)
	if !secret && (len(refs) == 0 || !credentialName(refName(refs[0].Name))) || strings.HasSuffix(strings.ToLower(name), "access_key_id") {
		return
	}
	o.Construct, o.Location = e.Key.S, f.d.Location(e.Value)
	if len(refs) > 0 {
		o.Kind = connection.SecretRef
		o.Role, o.Consumer = connection.RoleSecret, f.c
		f.d.EmitRefs(o, Value{Refs: refs}, nil)
		return
	}
	if !noValue(e.Value.S) && len(e.Value.S) > 2 {
		o.Auth, o.Role, o.Consumer = connection.Static, connection.RoleSecret, f.c
		f.d.Emit(o)
	}
}

// gcloud reads a configuration of the Google Cloud CLI: who works in which
// project. Source: cloud.google.com/sdk/docs/configurations.
func (f *credFile) gcloud() {
	for _, s := range sections(f.d.iniLines(false)) {
		switch s[0].Section.S {
		case "core":
			at := entry(s, "account")
			if at.S == "" {
				at = entry(s, "project")
			}
			if at.S == "" {
				continue
			}
			o := f.d.Occurrence(connection.ProviderBlock, "core", at)
			o.Provider, o.Principal, o.Account, o.Auth, o.Consumer = "gcp", entry(s, "account").S, entry(s, "project").S, connection.Ambient, f.c
			f.d.Emit(o)
		case "auth":
			if t := entry(s, "impersonate_service_account"); t.S != "" {
				o := f.d.Occurrence(connection.FederatedTrust, "auth", t)
				o.Provider, o.Principal, o.Auth, o.Role, o.Consumer = "gcp", t.S, connection.Ambient, connection.RoleIdentity, f.c
				_, o.Account, _ = byHost(t.S)
				f.d.Emit(o)
			}
		}
	}
}
