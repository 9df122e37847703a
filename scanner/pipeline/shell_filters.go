package pipeline

import "strings"

// shellFilters are commands that connect to nothing: what they print is what
// they are given.
var shellFilters map[string]func(*shCommand) Value

func init() {
	shellFilters = map[string]func(*shCommand) Value{}
	for _, n := range []string{"echo", "printf", "print", "Write-Output", "Write-Host"} {
		shellFilters[n] = (*shCommand).prints
	}
	for _, n := range []string{"cat", "base64", "tr", "sed", "jq", "yq", "xxd", "head", "tail", "cut", "awk", "gunzip", "gzip", "envsubst", "grep",
		"openssl", "tee", "sort", "uniq", "xargs", "rev", "fold", "dos2unix", "ConvertTo-SecureString", "Out-File", "Set-Content"} {
		shellFilters[n] = (*shCommand).passes
	}
	for _, n := range []string{"cd", "mkdir", "rm", "chmod", "chown", "ls", "test", "[", "set", "true", "false", ":", "exit", "return", "sleep", "unset",
		"shift", "wait", "touch", "which", "basename", "dirname", "date", "sha256sum", "find", "diff", "shopt", "trap"} {
		shellFilters[n] = func(*shCommand) Value { return Value{} }
	}
	shellFilters["cp"], shellFilters["mv"], shellFilters["install"] = (*shCommand).copies, (*shCommand).copies, (*shCommand).copies
	for _, n := range []string{"source", ".", "eval", "ssh-agent"} {
		shellFilters[n] = func(c *shCommand) Value {
			for _, a := range c.Args[1:] { // source assume.sh arn:aws:…
				c.assumes(a)
			}
			return Value{}
		}
	}
	shellFilters["export"] = (*shCommand).exports
}

// prints gives the words.
func (c *shCommand) prints() Value {
	var out Value
	for i, a := range c.Args[1:] {
		v := a.Value()
		if len(out.Lit)+len(v.Lit) < maxPrinted {
			if i > 0 {
				out.Lit += " "
			}
			out.Lit += v.Lit
		}
		out.Refs = append(out.Refs, v.Refs...)
		out.Open = out.Open || v.Open
	}
	if strings.Contains(out.Lit, "://") {
		for _, a := range c.Args[1:] {
			c.links(a)
		}
	}
	return out
}

// passes gives what comes in, and the files that are named.
func (c *shCommand) passes() Value {
	out := c.In
	name := c.Args[0].Lit()
	for _, a := range c.Args[1:] {
		if f, ok := c.x.files[a.Pat]; ok && name != "tee" {
			out.Refs = append(out.Refs, f.Refs...)
			if len(out.Lit)+len(f.Lit) < maxPrinted {
				out.Lit += f.Lit
			}
		}
		out.Refs = append(out.Refs, a.Value().Refs...)
		if name == "sed" && strings.Contains(a.Pat, "@") { // puts a login into a URL
			c.links(a)
		}
	}
	switch name {
	case "cat":
	case "tee":
		for _, a := range c.positional(1, "") {
			c.x.write(a.Pat, out)
		}
	case "openssl", "base64", "xxd": // -out FILE, -o FILE
		out.Lit = ""
		if f, ok := c.option("-out", "-o"); ok {
			c.x.write(f.Pat, out)
		}
	case "Out-File", "Set-Content":
		if f, ok := c.option("-FilePath", "-Path"); ok {
			c.x.write(f.Pat, out)
		} else if len(c.Args) > 1 {
			c.x.write(c.Args[1].Pat, out)
		}
	default:
		out.Lit, out.Open = "", true
	}
	return out
}

// copies carries a file's content to another name.
func (c *shCommand) copies() Value {
	if p := c.positional(1, ""); len(p) == 2 {
		if f, ok := c.x.files[p[0].Pat]; ok {
			c.x.write(p[1].Pat, f)
		}
	}
	return Value{}
}

// exports is export where the parser took it for a command.
func (c *shCommand) exports() Value {
	for _, a := range c.Args[1:] {
		if k, _, ok := strings.Cut(a.Pat, "="); ok && isName(k) {
			w := a.from(len(k) + 1)
			c.x.assigned(w)
			c.x.scope.Bind(k, w.Value().Through(k))
		}
	}
	return Value{}
}
