package token

import "github.com/credgate/credgate/scanner"

func software() []scanner.Detector { return nil }
