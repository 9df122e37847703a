package token

import "github.com/credgate/credgate/scanner"

func data() []scanner.Detector { return nil }
