package token

import "github.com/credgate/credgate/scanner"

func google() []scanner.Detector { return nil }
