package pipeline

import (
	"slices"

	"github.com/credgate/credgate/scanner/connection"
)

// A jenkinsHelper is a function of the file that puts one of its parameters
// where the id of a credential, or the name of a secret, stands:
//
//	def secret(String name, String variable) {
//		[$class: 'AzureKeyVaultSecret', secretType: 'Secret', name: name, envVariable: variable]
//	}
type jenkinsHelper struct {
	index int    // of the parameter
	param string // its name
	vault bool   // it is the name of a secret in Azure Key Vault
}

// helper notes a function by its declaration, a call with a body, whose
// arguments are bare names; and calls without one.
func (f *jenkinsFile) helper(e *gExpr) {
	if e.Call && !e.Block && len(e.Args) > 0 {
		f.called[e.Name] = true
	}
	if !e.Call || !e.Block || len(e.Args) == 0 || len(e.Args) > maxFanOut || len(f.helpers) >= maxFanOut {
		return
	}
	var params []string
	for _, a := range e.Args {
		p := a.Val
		if p != nil && p.Call && len(p.Args) == 1 { // with a type before it
			p = p.Args[0].Val
		}
		if p == nil || a.Name != "" || p.Call || !isName(p.Name) {
			return
		}
		params = append(params, p.Name)
	}
	if h, ok := jenkinsTakes(e.Body, params, 0); ok {
		f.helpers[e.Name] = h
	}
}

// given tells whether a name is the parameter of a helper that this file calls:
// what it stands for is told where it is called.
func (f *jenkinsFile) given(name string) bool {
	for fn, h := range f.helpers {
		if h.param == name && f.called[fn] {
			return true
		}
	}
	return false
}

// jenkinsTakes finds the parameter that statements put where a credential is named.
func jenkinsTakes(es []*gExpr, params []string, depth int) (jenkinsHelper, bool) {
	if depth > maxBinding {
		return jenkinsHelper{}, false
	}
	for _, e := range es {
		if e == nil {
			continue
		}
		vault := e.arg("secretType") != nil
		inner := append(slices.Clone(e.Body), e.Set)
		for _, a := range e.Args {
			if vault && a.Name == "name" || jenkinsID().MatchString(a.Name) {
				if i := slices.Index(params, a.Val.Name); i >= 0 && !a.Val.Call {
					return jenkinsHelper{i, params[i], vault}, true
				}
			}
			inner = append(inner, a.Val)
		}
		if h, ok := jenkinsTakes(append(inner, e.Parts...), params, depth+1); ok {
			return h, true
		}
	}
	return jenkinsHelper{}, false
}

// helped reads a call of a helper. It tells whether it was one.
func (f *jenkinsFile) helped(e *gExpr, scope *Scope, c connection.Consumer) bool {
	h, ok := f.helpers[e.Name]
	if !ok || e.Block {
		return false
	}
	v := e.pos(h.index)
	if !h.vault {
		if r, ok := f.id(v); ok {
			f.bind(r, e.Name, scope, c, "")
		}
		return true
	}
	if t := f.text(v); t.S != "" {
		f.keyVault(t, c)
	}
	return true
}
