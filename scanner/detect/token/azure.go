package token

import "github.com/credgate/credgate/scanner"

func azure() []scanner.Detector { return nil }
