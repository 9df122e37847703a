package token

import "github.com/credgate/credgate/scanner"

func aws() []scanner.Detector { return nil }
