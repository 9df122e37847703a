package pipeline

import "strings"

// Most resources name no Secret and reach nobody. What follows tells by the keys
// and values of a document, as they are read, that nothing in it can become a
// connection; FuzzManifestSelect and TestWhole hold it to reading all.

// idlePart tells whether the resources in Data[start:end] parse and reach nobody;
// action is that of plainYAML.
func (d *Document) idlePart(s *manifestSift, start, end int) (idle, action bool) {
	if d.whole() {
		return false, false
	}
	s.matters, s.here, s.kind = false, false, ""
	idle, action = d.siftPart(s, start, end)
	return idle && !s.matters, action
}

// manifestSift looks for what resources may become.
type manifestSift struct {
	matters bool // in a document that is read
	here    bool // in this document
	kind    string
	maps    [maxDepth + 2]settingMap // those that are open
}

// A settingMap is what a map has of a setting: its name, whether a value.
type settingMap struct {
	name  string
	value bool
}

func (*manifestSift) skips(string) bool { return false }

func (s *manifestSift) begin(depth int) { s.maps[depth] = settingMap{} }

func (s *manifestSift) document() {
	s.matters = s.matters || s.here && !unread[s.kind]
	s.here, s.kind = false, ""
}

func (s *manifestSift) see(key string, v *Node, depth int) bool {
	if depth == 0 && key == "kind" {
		s.kind = v.Value
	}
	if !s.here && (v.Tag != "" || v.Kind == AliasNode || key == "<<" || resourceKey(key, v)) {
		s.here = true
	}
	if v.Kind == ScalarNode {
		s.here = s.here || s.setting(key, v.Value, depth) || resourceValue(key, v.Value)
	}
	return s.here && s.kind != "" && !unread[s.kind]
}

// setting tells whether a value completes a map of a name and a value.
func (s *manifestSift) setting(key, v string, depth int) bool {
	m := &s.maps[depth]
	switch key {
	case "name":
		if m.name != "" { // the last counts, but not in a map that is merged
			return true
		}
		m.name = v
	case "value":
		m.value = true
	default:
		return false
	}
	return m.value && m.name != "" && settingMatters(m.name)
}

// resourceKey tells a key below which a resource may refer to a Secret.
func resourceKey(key string, v *Node) bool {
	switch {
	case v.Kind == MapNode && (SecretName(key) || selectorKeys[key]), v.Kind != ScalarNode && (key == "certificateRefs" || key == "caCertificateRefs"):
		return true
	case key == "sops" || key == "aadpodidbinding" || key == "itemPath":
		return true
	case strings.Contains(key, "/"): // an annotation
		return strings.Contains(key, "role") || strings.Contains(key, "account") || strings.Contains(key, "client-id") || strings.Contains(key, "path") || strings.HasPrefix(key, "tekton.dev/") || strings.HasPrefix(key, "notifications.") || strings.Contains(key, "secret")
	}
	return containsFold(key, "secret")
}

// resourceValue tells a value from which a connection may be read.
func resourceValue(key, s string) bool {
	switch key {
	case "kind":
		if resources[s] != nil {
			return true
		}
	case "apiVersion":
		if strings.Contains(s, "tekton.dev") {
			return true
		}
	case "type":
		if s == "secret" {
			return true
		}
	case "image", "repository":
		if foreignImage(s) {
			return true
		}
	case "registry":
		return foreignImage(s + "/x")
	case "value":
		if strings.HasPrefix(strings.TrimSpace(s), "{") { // settings in JSON
			return true
		}
	case "script", "source", "command", "args":
		name, _, _ := strings.Cut(s, "=")
		if scriptMatters(s) || strings.Contains(s, "={") || strings.HasPrefix(s, "-") && settingMatters(strings.TrimLeft(name, "-")) {
			return true
		}
	}
	return hasLink(s) || storedValue(s) || strings.Contains(s, "arn:aws") || strings.Count(s, "=") > 1 && hasPassword(s)
}

// settingMatters tells the name of a setting that is a credential.
func settingMatters(name string) bool {
	return SecretName(name) || credentialName(name) || strings.HasSuffix(name, "requirepass")
}

// foreignImage tells an image of a registry that does not serve everybody.
func foreignImage(image string) bool {
	host, _ := ImageHost(image)
	return host != "" && !publicRegistry(host) && !Internal(host)
}

// storedValue tells a value that names a place in a store, as storePath does.
func storedValue(s string) bool {
	if strings.Contains(s, "<path:") {
		return true
	}
	s = strings.TrimSpace(s)
	for _, p := range [...]string{"vault:", "op://", "ref+", "secretref+", "urn:k8s:secret:", "pullsecret:", "secret:", "env:"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// hasPassword tells a string of settings that may hold a password, as
// keyValueString does.
func hasPassword(s string) bool {
	return containsFold(s, "password") || containsFold(s, "pwd") || containsFold(s, "accountkey") || containsFold(s, "sharedaccesskey")
}
