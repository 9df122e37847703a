package pipeline

import (
	"slices"
	"strings"
)

// Most blocks of a configuration make a subnet or a record and reach nobody by a
// credential, and parsing them costs more than anything else does with
// documents. What follows tells by the text of a block that nothing in it can
// become a connection; TestTerraformSelect holds the readings of whole files to
// those of what it leaves.

// tfWords stand in a block from which an argument may become a connection:
// names of credentials, of stores, of what trusts whom.
var tfWords = func() *wordSet {
	stores := []trigger{}
	for typ, s := range tfStores {
		if s.prefix != "" {
			stores = append(stores, trigger{word: typ})
		}
	}
	own := []trigger{{word: "get_env"}, {word: "assumerolewith"}, {word: "keyvault("}, {word: "connection", whole: alone}, {word: "google_service_account_iam_"},
		{word: "azuredevops_serviceendpoint_"}, {word: "tfe_"}, {word: "terraform_remote_state"}}
	return newWordSet(nameTriggers, stores, own)
}()

// tfWord tells whether a text holds one of tfWords.
func tfWord(s string) bool {
	return tfWords.in(s, func(w trigger, start, end int) bool {
		switch {
		case w.word == "connection":
			return strings.HasPrefix(strings.TrimLeft(s[end:], " \t"), "{")
		case w.name:
			return tfNamed(s, start, end)
		}
		return true
	})
}

// tfNamed tells whether the name that s[start:end] is part of may be that of a
// credential: an argument, a key, a step of a reference, all steps of one to a
// variable. A name with other characters than a reference has is taken for one.
func tfNamed(s string, start, end int) bool {
	start, end = nameRun(s, start, end)
	run := s[start:end]
	if start > 0 && !tfNameEnd(s[start-1]) || end < len(s) && !tfNameEnd(s[end]) || run[0] == '.' || run[len(run)-1] == '.' {
		return true
	}
	parts := strings.Split(run, ".")
	if parts[0] == "var" && (end < len(s) && s[end] == '[' || len(parts) > 2 && tfSecretName(strings.Join(parts[1:], "_"))) {
		return true
	}
	return slices.ContainsFunc(parts, tfSecretName)
}

func tfNameEnd(c byte) bool { return strings.IndexByte(" \t\r\n\"'=,()[]{}:/!?", c) >= 0 }

// configuration reads the blocks of a file that may hold a connection. What does
// not split or parse is read whole, so that a gap tells where.
func (f *tfFile) configuration() *hclBlock {
	d := f.d
	if d.whole() || !strings.HasSuffix(d.Path, ".tf") && !strings.HasSuffix(d.Path, ".tofu") {
		return d.HCL()
	}
	parts, ok := splitHCL(d.string())
	if !ok {
		return d.HCL()
	}
	if root, ok := d.hclOf(f.selected(parts)); ok {
		return root
	}
	return d.HCL()
}

// selected gives the parts that may hold a connection, or what one needs.
func (f *tfFile) selected(parts []hclPart) []hclPart {
	keep := make([]bool, len(parts))
	names := map[string]bool{} // of sensitive variables, which no other trigger tells
	note := func(name string) {
		if !tfWord(name) {
			names[name] = true
		}
	}
	for name := range f.sensitive {
		note(name)
	}
	for i, p := range parts {
		s := f.d.str[p.start:p.end]
		keep[i] = tfMatters(p.typ, s)
		if p.typ == "variable" && strings.Contains(s, "sensitive") {
			keep[i] = true
			note(hclLabel(s))
		}
	}
	locals := false // one may refer to a credential
	for again := true; again; {
		again = false
		for i, p := range parts {
			s := f.d.str[p.start:p.end]
			if keep[i] = keep[i] || locals && strings.Contains(s, "local") || mentions(s, names); keep[i] && p.typ == "locals" && !locals {
				locals, again = true, true
			}
		}
	}
	i := -1
	return slices.DeleteFunc(slices.Clone(parts), func(hclPart) bool { i++; return !keep[i] })
}

func mentions(s string, names map[string]bool) bool {
	for n := range names {
		if strings.Contains(s, n) {
			return true
		}
	}
	return false
}

// tfMatters tells whether a block may hold a connection by its own text.
func tfMatters(typ, s string) bool {
	switch typ {
	case "terraform":
		return strings.Contains(s, "backend") || strings.Contains(s, "cloud")
	case "resource", "data", "ephemeral":
		label := hclLabel(s)
		if _, ok := tfCreates[label]; ok || label == "" {
			return true
		}
	case "variable", "locals", "output", "check", "import", "moved", "removed":
	case "module":
		if tfFar(s) {
			return true
		}
	default:
		return true
	}
	return tfWord(s) || hasLink(s)
}

// tfFar tells whether a module may come from elsewhere than this tree or the
// public registry.
func tfFar(s string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], "source")
		if i < 0 {
			return false
		}
		from += i + len("source")
		v, ok := strings.CutPrefix(strings.TrimLeft(s[from:], " \t"), "=")
		if !ok {
			continue
		}
		if v, ok = strings.CutPrefix(strings.TrimLeft(v, " \t"), `"`); !ok {
			return true
		}
		v, _, _ = strings.Cut(v, `"`)
		if strings.ContainsAny(v, `@:\$%`) || strings.Count(v, "/") > 2 && !strings.HasPrefix(v, ".") || strings.Contains(v, ".com/") || strings.Contains(v, ".org/") {
			return true
		}
	}
}

// hclLabel is the first label of a block, "" where it is not quoted plainly.
func hclLabel(s string) string {
	head, _, _ := strings.Cut(s, "{")
	_, label, _ := strings.Cut(head, `"`)
	label, _, ok := strings.Cut(label, `"`)
	if !ok || strings.ContainsAny(label, `\$%`) {
		return ""
	}
	return label
}
