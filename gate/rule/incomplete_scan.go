package rule

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/scanner"
)

// IncompleteScan reports what should have been examined and was not, one
// violation for each reason, and a run that examined nothing. It makes the
// verdict incomplete, and nothing can except it. Minor gaps are only listed.
var IncompleteScan = gate.Rule{
	ID:       "incomplete-scan",
	Severity: scanner.High,
	Title:    "Something that should have been examined was not",
	Controls: []string{"CSF ID.AM-04", "CSF DE.CM-06", "SP 800-53 CM-8", "A.5.9"},
	Actions:  [3]gate.Action{unsure, unsure, unsure},
	Check: func(f gate.Facts) []gate.Violation {
		byReason := map[scanner.Reason][]scanner.Gap{}
		var reasons []scanner.Reason
		for _, g := range f.Gaps {
			if g.Minor {
				continue
			}
			if byReason[g.Reason] == nil {
				reasons = append(reasons, g.Reason)
			}
			byReason[g.Reason] = append(byReason[g.Reason], g)
		}
		slices.Sort(reasons)
		var out []gate.Violation
		for _, r := range reasons {
			out = append(out, gaps(r, byReason[r]))
		}
		if len(out) == 0 && f.Nothing() {
			out = append(out, gate.Violation{
				Fingerprint: "nothing",
				Message:     "nothing was examined: no file, no commit",
				Remedy:      "name the repository or directory to scan: credgate gate PATH",
			})
		}
		return out
	},
}

// gaps is one violation for all gaps of a reason, with their places.
func gaps(r scanner.Reason, gs []scanner.Gap) gate.Violation {
	slices.SortFunc(gs, scanner.Gap.Compare)
	v := gate.Violation{Fingerprint: string(r), Message: gapWords[r], Remedy: gapRemedy[r]}
	if v.Message == "" {
		v.Message = say(string(r))
	}
	if first := gs[0]; len(gs) == 1 {
		v.Message += ": " + gapText(first)
	} else {
		v.Message += fmt.Sprintf(": %s and %d more", gapName(first), len(gs)-1)
	}
	for _, g := range gs {
		if g.Path != "" {
			v.Locations = append(v.Locations, scanner.Location{Path: g.Path, Line: g.Line, Column: g.Column, EndLine: g.Line, EndColumn: g.Column})
		}
	}
	return v
}

// gapText tells one gap, at whose place the violation stands if it has one.
func gapText(g scanner.Gap) string {
	detail := text(g.Detail)
	if g.Path == "" && g.Object != "" && detail != "" {
		return gapName(g) + ": " + detail
	}
	return cmp.Or(detail, gapName(g))
}

func gapName(g scanner.Gap) string {
	switch {
	case g.Path != "":
		return say(g.Path)
	case g.Object != "":
		return "object " + string(g.Object)
	}
	return cmp.Or(text(g.Detail), "the place itself")
}

var gapWords = map[scanner.Reason]string{
	scanner.Shallow:     "the history is cut off",
	scanner.Missing:     "objects are missing",
	scanner.Corrupt:     "content is corrupt",
	scanner.TooLarge:    "content is over a limit of size",
	scanner.TooDeep:     "content is over a limit of depth or number",
	scanner.Unreadable:  "content could not be read",
	scanner.Malformed:   "a document does not parse",
	scanner.Unsupported: "a format is not supported",
	scanner.Outside:     "content lies outside what was scanned",
	scanner.Cancelled:   "the run was cancelled",
	scanner.Empty:       "the place is empty",
}

var gapRemedy = map[scanner.Reason]string{
	scanner.Shallow:     "fetch the whole history: git fetch --unshallow, or fetch-depth: 0 for actions/checkout",
	scanner.Missing:     "fetch what is missing: git fetch --refetch, or clone without --filter",
	scanner.Corrupt:     "run git fsck, and clone anew what it names",
	scanner.TooLarge:    "look at it by itself: credgate scan FILE",
	scanner.TooDeep:     "look at it by itself: credgate scan FILE",
	scanner.Unreadable:  "give the user who runs credgate the right to read it",
	scanner.Malformed:   "mend the document where it is named",
	scanner.Unsupported: "convert it, or look at it by hand",
	scanner.Outside:     "scan where it lies as well: credgate gate PATH",
	scanner.Cancelled:   "run it again and let it finish",
	scanner.Empty:       "name a repository or directory that holds something",
}
