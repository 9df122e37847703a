package token

import "github.com/credgate/credgate/scanner"

func commerce() []scanner.Detector { return nil }
