package decode

import (
	"fmt"

	"github.com/credgate/credgate/scanner"
)

// A budget is what one source may be blown up to, over all that is inside it.
type budget struct {
	bytes   int64 // left
	members int   // left
	why     string
}

func newBudget(lim Limits, size int) *budget {
	b := &budget{bytes: lim.Bytes, members: lim.Members, why: fmt.Sprintf("over %d bytes decoded", lim.Bytes)}
	if most := int64(1<<20) + int64(size)*int64(lim.Ratio); most < b.bytes {
		b.bytes, b.why = most, fmt.Sprintf("over %d times its size decoded", lim.Ratio)
	}
	return b
}

func (b *budget) take(n int) bool {
	b.bytes -= int64(n)
	return b.bytes >= 0
}

func (b *budget) member() bool {
	if b.members--; b.members < 0 {
		b.why = "too many members of archives"
	}
	return b.members >= 0
}

func (b *budget) gap() *scanner.Gap {
	return &scanner.Gap{Reason: scanner.TooLarge, Detail: b.why + ": the rest was not decoded"}
}
