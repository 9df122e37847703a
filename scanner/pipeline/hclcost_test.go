package pipeline

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/credgate/credgate/scanner"
)

// Expressions that would exhaust the parser's stack are a gap, in HCL and in the
// strings of JSON; long lists of short ones are read.
func TestDeepHCL(t *testing.T) {
	for name, expr := range map[string]string{
		"parentheses": strings.Repeat("(", 150_000),
		"some":        strings.Repeat("(", 70_000),
		"in strings":  strings.Repeat("\"${[", 30_000),
		"in a string": `"${` + strings.Repeat("(", 70_000),
		"hidden":      strings.Repeat(`(")))))" == `, 30_000),
		"splats":      "b" + strings.Repeat("[*]", 25_000),
		"indexes":     "b" + strings.Repeat("[c]", 25_000),
		"operators":   "b" + strings.Repeat(" + c", 25_000),
		"conditions":  "b" + strings.Repeat(" ? c", 300),
		"list":        "[" + strings.Repeat("a, ", 210_000) + "]",
	} {
		asJSON, err := json.Marshal("${" + expr)
		if err != nil {
			t.Fatal(err)
		}
		for path, text := range map[string]string{
			"main.tf":      "locals {\n  password = " + expr + "\n}\n",
			"main.tf.json": `{"locals": {"password": ` + string(asJSON) + `}}`,
		} {
			gaps := readTree(t, MapTree{path: []byte(text)}).Gaps
			if len(gaps) == 0 || gaps[0].Reason != scanner.TooDeep || gaps[0].Path != path {
				t.Errorf("%s in %s: gaps %v", name, path, gaps)
			}
		}
	}
	long := "locals {\n  users = [\n" + strings.Repeat("    { name = \"${var.a}-b\", on = var.c ? 1 : 2 },\n", 5000) + "  ]\n  password = var.d\n}\n"
	if gaps := readTree(t, MapTree{"main.tf": []byte(long)}).Gaps; len(gaps) > 0 {
		t.Errorf("a long list: gaps %v", gaps)
	}
}

// Templates whose pieces the parser would join for minutes are a gap; those of
// large scripts are read.
func TestDearHCL(t *testing.T) {
	secret := "\nvariable \"token\" {\n  sensitive = true\n}\n"
	script := "resource \"aws_instance\" \"a\" {\n  user_data = <<-EOT\n" + strings.Repeat("    export A=$B && curl \"$URL/%d\"\n", 2000) + "  EOT\n  password = var.token\n}\n"
	for name, c := range map[string]struct {
		text string
		gap  bool
	}{
		"string":          {"locals {\n  a = \"" + strings.Repeat("%x", 50_000) + "\"\n  password = var.token\n}\n", true},
		"dollars":         {"locals {\n  a = \"" + strings.Repeat("$a", 50_000) + "\"\n  password = var.token\n}\n", true},
		"heredoc":         {"locals {\n  a = <<E\n" + strings.Repeat("x\n", 60_000) + "E\n  password = var.token\n}\n", true},
		"heredocs, open":  {strings.Repeat("a = <<E\n", 60_000), true},
		"script":          {script, false},
		"comment":         {"# cat <<EOT\n" + script, false},
		"many short ones": {strings.Repeat("resource \"aws_x\" \"a\" {\n  a = \"100%\"\n  password = var.token\n}\n", 1000), false},
	} {
		gaps := readTree(t, MapTree{"main.tf": []byte(c.text + secret)}).Gaps
		if dear := len(gaps) > 0 && gaps[0].Detail == errDearHCL.Error(); dear != c.gap || !c.gap && len(gaps) > 0 {
			t.Errorf("%s: gaps %v", name, gaps)
		}
	}
}
