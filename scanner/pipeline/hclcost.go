package pipeline

import (
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

var errDearHCL = errors.New("strings and heredocs are too long to be read")

// Bounds of what the parser of HCL is given. It descends for each bracket and each
// operator of an expression, on a stack that no one can recover from; and it cuts a
// string at each "$" and "%", a heredoc at each line as well, and joins these pieces
// one after the other, so that a template costs its pieces times its bytes.
const (
	shortHCL        = 64 << 10     // bytes that can't nest deeper than the stack holds
	maxHCLTokens    = 20_000       // of an expression, with those around it
	maxHCLTernary   = 200          // conditions of an expression, with those around it
	maxHCLAllTokens = 2 * maxNodes // of a part of a document
	maxHCLBrackets  = maxNodes / 2 // of a part of a document
	maxHCLTemplates = maxNodes / 8 // of a part of a document
	maxHCLMelds     = 1 << 30      // pieces times bytes of the templates of a document
)

// checkHCL gives the error for a configuration that nests deeper, or costs more,
// than the parser may follow.
func (d *Document) checkHCL(s string) error {
	return d.checkHCLText(s, meldsHCL(s), hclsyntax.LexConfig)
}

// checkHCLTemplate does so for a string of JSON.
func (d *Document) checkHCLTemplate(s string) error {
	pieces := strings.Count(s, "$") + strings.Count(s, "%") + strings.Count(s, "\n")
	return d.checkHCLText(s, pieces*len(s), hclsyntax.LexTemplate)
}

func (d *Document) checkHCLText(s string, melds int, lex func([]byte, string, hcl.Pos) (hclsyntax.Tokens, hcl.Diagnostics)) error {
	brackets := strings.Count(s, "(") + strings.Count(s, "[") + strings.Count(s, "{")
	if deep([]byte(s)) || deepOperators(s) || brackets > maxHCLBrackets || strings.Count(s, "${") > maxHCLTemplates {
		return errTooDeep
	}
	if d.hclMelds += melds; d.hclMelds > maxHCLMelds {
		return errDearHCL
	}
	if len(s) > shortHCL || strings.Count(s, "?") > maxHCLTernary {
		if tokens, _ := lex([]byte(s), "", hcl.InitialPos); len(tokens) > maxHCLAllTokens || deepHCL(tokens) {
			return errTooDeep
		}
	}
	return nil
}

// deepOperators tells text whose prefix operators nest deeper than a recursive
// parser may follow.
func deepOperators(s string) bool {
	run := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '!', '-', '?':
			if run++; run > 500 {
				return true
			}
		case ' ', '\t', '\n':
		default:
			run = 0
		}
	}
	return false
}

// deepHCL tells whether an expression has so many tokens, with the unfinished ones
// around it, that it may nest deeper than the parser may follow. A bracket that
// nothing closes counts to the end.
func deepHCL(tokens hclsyntax.Tokens) bool {
	type level struct {
		closer             hclsyntax.TokenType
		tokens, conditions int // of the expression at this level
	}
	levels := []level{{}}
	all := level{}
	for _, t := range tokens {
		at := &levels[len(levels)-1]
		closer, opens := hclClosers[t.Type]
		switch {
		case opens:
			at.tokens++
			all.tokens++
			levels = append(levels, level{closer: closer})
		case t.Type == at.closer && len(levels) > 1:
			all.tokens, all.conditions = all.tokens-at.tokens, all.conditions-at.conditions
			levels = levels[:len(levels)-1]
		case t.Type == hclsyntax.TokenComma, (t.Type == hclsyntax.TokenNewline || t.Type == hclsyntax.TokenComment) && (len(levels) == 1 || at.closer == hclsyntax.TokenCBrace):
			all.tokens, all.conditions = all.tokens-at.tokens, all.conditions-at.conditions
			at.tokens, at.conditions = 0, 0
		case t.Type == hclsyntax.TokenQuestion:
			at.conditions++
			all.conditions++
			fallthrough
		case t.Type != hclsyntax.TokenStringLit && t.Type != hclsyntax.TokenQuotedLit:
			at.tokens++
			all.tokens++
		}
		if all.tokens > maxHCLTokens || all.conditions > maxHCLTernary {
			return true
		}
	}
	return false
}

var hclClosers = map[hclsyntax.TokenType]hclsyntax.TokenType{
	hclsyntax.TokenOBrace:          hclsyntax.TokenCBrace,
	hclsyntax.TokenOBrack:          hclsyntax.TokenCBrack,
	hclsyntax.TokenOParen:          hclsyntax.TokenCParen,
	hclsyntax.TokenOQuote:          hclsyntax.TokenCQuote,
	hclsyntax.TokenOHeredoc:        hclsyntax.TokenCHeredoc,
	hclsyntax.TokenTemplateInterp:  hclsyntax.TokenTemplateSeqEnd,
	hclsyntax.TokenTemplateControl: hclsyntax.TokenTemplateSeqEnd,
}

var hclHeredoc = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<<-?([\w-]+)[ \t\r]*$`) })

// meldsHCL adds up, over the lines and heredocs of a text, pieces times bytes.
func meldsHCL(s string) (sum int) {
	pieces, size, end := 0, 0, "" // of the heredoc that is open
	for line := range strings.Lines(s) {
		n := strings.Count(line, "$") + strings.Count(line, "%")
		text := strings.TrimSpace(line)
		switch {
		case end == "":
			sum += n * len(line)
			if m := hclHeredoc().FindStringSubmatch(text); m != nil && text[0] != '#' && !strings.HasPrefix(text, "//") {
				end = m[1]
			}
		case text == end:
			sum += pieces * size
			pieces, size, end = 0, 0, ""
		default:
			pieces, size = pieces+n+1, size+len(line)
		}
	}
	return sum + pieces*size
}
