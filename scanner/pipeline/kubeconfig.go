package pipeline

import (
	"strings"

	"github.com/credgate/credgate/scanner/connection"
)

// templateVariable is a variable that a template fills in as the whole of a value.
var templateVariable = lazily(`^\{\{-?\s*(\.?[A-Za-z_][\w.]*)\s*-?\}\}$`)

// kubeconfig reads clusters and users of a kubeconfig. Source:
// kubernetes.io/docs/reference/config-api/kubeconfig.v1.
func (m *manifest) kubeconfig(root *Node) {
	for _, c := range root.Get("clusters").Items() {
		m.endpointAt(c.Get("cluster", "server"), "kubernetes", "server")
	}
	for _, u := range root.Get("users").Items() {
		user := u.Get("user")
		for _, k := range []string{"token", "password", "client-key-data"} {
			v := user.Get(k)
			if w := templateVariable().FindStringSubmatchIndex(v.String()); w != nil {
				name := v.Text().Sub(w[2], w[3])
				o := Occurrence{Kind: connection.SecretRef, Construct: k, Provider: "kubernetes", Role: connection.RoleSecret, Consumer: m.c}
				m.d.EmitRefs(o, Value{Refs: []Ref{{Name: "template:" + strings.TrimPrefix(name.S, "."), At: name, In: m.d}}}, nil)
			}
			if v.String() != "" && !blankValue(v.String()) {
				o := m.d.Occurrence(connection.Literal, k, v.Text())
				o.Provider, o.Principal, o.Auth, o.Role, o.Consumer = "kubernetes", u.Get("name").String(), connection.Static, connection.RoleSecret, m.c
				m.d.Emit(o)
			}
		}
		if e := user.Get("exec"); e != nil {
			o := m.d.Occurrence(connection.FederatedTrust, "exec", e.Get("command").Text())
			o.Auth, o.Provider, o.Consumer, o.Principal = connection.OIDC, "kubernetes", m.c, u.Get("name").String()
			switch s := e.Get("command").String(); {
			case strings.Contains(s, "aws"):
				o.Provider = "aws"
			case strings.Contains(s, "gke"), strings.Contains(s, "gcloud"):
				o.Provider = "gcp"
			case strings.Contains(s, "kubelogin"), strings.HasSuffix(s, "az"):
				o.Provider = "azure"
			}
			m.d.Emit(o)
		}
		m.done[user] = true
	}
}
