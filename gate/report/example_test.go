package report_test

import (
	"fmt"
	"os"
	"time"

	"github.com/credgate/credgate/gate"
	"github.com/credgate/credgate/gate/report"
	"github.com/credgate/credgate/scanner"
)

// A gate run is written once for each format that was asked for, from one
// document.
func ExampleWrite() {
	facts := gate.Facts{Now: time.Date(2026, 9, 24, 0, 0, 0, 0, time.UTC), Coverage: scanner.Coverage{Files: 3, Bytes: 812}}
	verdict := gate.Verdict{Decision: gate.Fail, Now: facts.Now, Counts: gate.Counts{Failing: 1, Connections: 1, Undeclared: 1}}
	verdict.Violations = []gate.Violation{{
		Rule: "undeclared-connection", Severity: scanner.High, Connection: "datadog-key",
		Message: "DATADOG_KEY is used but no connection declares it", Remedy: "credgate init --from deploy.yml:31",
		Locations: []scanner.Location{{Path: "deploy.yml", Line: 31, Column: 18, EndLine: 31, EndColumn: 29, AtHead: true}},
	}}
	doc := report.Judged(report.Run{Version: "1.0.0", Target: report.Target{Name: "shop", Mode: "directory"}}, facts, verdict)
	for _, format := range []string{"text", "github"} {
		if err := report.Write(os.Stdout, format, doc, report.Options{}); err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// deploy.yml:31:18: DATADOG_KEY is used but no connection declares it [undeclared-connection]
	//     fix: credgate init --from deploy.yml:31
	// next: credgate init writes an inventory of what was found, and a baseline with due dates
	// scanned: directory, 3 files, 812 bytes
	// fail: 1 violation in 1 connection; 0 governed, 1 undeclared
	// ::error file=deploy.yml,line=31,endLine=31,col=18,endColumn=29,title=undeclared-connection::DATADOG_KEY is used but no connection declares it. Fix: credgate init --from deploy.yml:31
	// ::notice title=credgate%3A fail::1 violation in 1 connection; 0 governed, 1 undeclared
}
