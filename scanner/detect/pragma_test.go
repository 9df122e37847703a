package detect

import "testing"

func TestPragma(t *testing.T) {
	ours, both := &Set{}, &Set{opt: Options{Foreign: true}}
	for _, tt := range []struct {
		set        *Set
		line, want string
	}{
		{ours, `key = "x" # credgate:allow made-up -- a sample`, "a sample"},
		{ours, `/* credgate:allow made-up -- a sample */`, "a sample"},
		{ours, `<!-- credgate:allow made-up -- a sample -->`, "a sample"},
		{ours, `# credgate:allow made-up -- first credgate:allow other -- second`, "first credgate:allow other -- second"},
		{ours, `# credgate:allow other -- x` + "\n" + `# credgate:allow made-up -- y`, "y"},
		{ours, `# credgate:allow made-up -- `, ""},
		{ours, `# credgate:allow made-up --`, ""},
		{ours, `# credgate:allow made-up`, ""},
		{ours, `# credgate:allow made-up a sample`, ""},
		{ours, `# credgate:allow made-up-too -- a sample`, ""},
		{ours, `# credgate:allow made -- a sample`, ""},
		{ours, `# credgate:allow * -- a sample`, ""},
		{ours, `# credgate:allow -- a sample`, ""},
		{ours, `# credgate: allow made-up -- a sample`, ""},
		{ours, `# CREDGATE:ALLOW made-up -- a sample`, ""},
		{ours, `# gitleaks:allow`, ""},
		{both, `# gitleaks:allow`, "gitleaks:allow"},
		{both, `# credgate:allow made-up -- a sample`, "a sample"},
	} {
		if got := tt.set.pragma([]byte(tt.line), "made-up"); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.line, got, tt.want)
		}
	}
}
