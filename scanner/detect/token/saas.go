package token

import "github.com/credgate/credgate/scanner"

func saas() []scanner.Detector { return nil }
