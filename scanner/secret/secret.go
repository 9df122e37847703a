// Package secret holds credentials in memory so that they cannot be printed,
// and gives them an identity that does not reveal them.
package secret

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Value is a credential in memory. Printed, logged or marshalled, it reads
// "[redacted]". The bytes sit behind a func because fmt skips the methods of
// unexported fields and would show a []byte or string it found there.
type Value struct{ reveal func() []byte }

// New takes a copy of b.
func New(b []byte) Value {
	c := append([]byte(nil), b...)
	return Value{func() []byte { return c }}
}

// Reveal gives the bytes, nil for the zero value. They are not to be changed.
func (v Value) Reveal() []byte {
	if v.reveal == nil {
		return nil
	}
	return v.reveal()
}

func (Value) Format(s fmt.State, _ rune)   { io.WriteString(s, redacted) }
func (Value) MarshalText() ([]byte, error) { return []byte(redacted), nil }
func (Value) LogValue() slog.Value         { return slog.StringValue(redacted) }
