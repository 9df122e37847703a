package token

import "github.com/credgate/credgate/scanner"

func security() []scanner.Detector { return nil }
