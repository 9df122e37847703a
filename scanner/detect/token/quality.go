package token

import "github.com/credgate/credgate/scanner"

func quality() []scanner.Detector { return nil }
